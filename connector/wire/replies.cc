#include "connector/wire/replies.h"

#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "connector/core/strings.h"
#include "connector/wire/commands.h"

namespace pravega::wire {
namespace {

using absl::StatusCode;

// First line of a server's stack trace: the rest is of use to nobody but the server's authors.
std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string Because(std::string_view stack_trace) {
  std::string_view line = FirstLine(stack_trace);
  return line.empty() ? std::string() : StrCat(" (the store says: ", line.substr(0, 200), ")");
}

absl::Status StatusFor(const WrongHost& r) {
  return MakeStatus(StatusCode::kUnavailable, "segment ", r.segment, " is not served by this store",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const SegmentIsSealed& r) {
  return MakeStatus(StatusCode::kFailedPrecondition, "segment ", r.segment, " is sealed",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const SegmentAlreadyExists& r) {
  return MakeStatus(StatusCode::kAlreadyExists, "segment ", r.segment, " exists already",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const NoSuchSegment& r) {
  return MakeStatus(StatusCode::kNotFound, "segment ", r.segment, " does not exist", Because(r.server_stack_trace));
}
absl::Status StatusFor(const InvalidEventNumber& r) {
  return MakeStatus(StatusCode::kAborted, "writer ", r.writer_id.uuid.ToString(),
                    " does not hold the event number that the store expects before ", r.event_number.value(),
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const SegmentIsTruncated& r) {
  return MakeStatus(StatusCode::kOutOfRange, "offset ", r.offset, " is not in segment ", r.segment,
                    ": expected at least ", r.start_offset, Because(r.server_stack_trace));
}
absl::Status StatusFor(const OperationUnsupported& r) {
  return MakeStatus(StatusCode::kUnimplemented, "the store does not support ", r.operation_name, " here",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const AuthTokenCheckFailed& r) {
  if (r.error_code == AuthTokenError::kExpired) return absl::UnauthenticatedError("the delegation token expired");
  return MakeStatus(StatusCode::kPermissionDenied, "the store refuses the delegation token",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const ErrorMessage& r) {
  StatusCode code =
      r.error_code == RequestError::kIllegalArgument ? StatusCode::kInvalidArgument : StatusCode::kInternal;
  return MakeStatus(code, "segment ", r.segment, ": ", FirstLine(r.message));
}
absl::Status StatusFor(const TableSegmentNotEmpty& r) {
  return MakeStatus(StatusCode::kFailedPrecondition, "table segment ", r.segment, " is not empty",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const TableKeyDoesNotExist& r) {
  return MakeStatus(StatusCode::kNotFound, "table segment ", r.segment, " does not have the key",
                    Because(r.server_stack_trace));
}
absl::Status StatusFor(const TableKeyBadVersion& r) {
  return MakeStatus(StatusCode::kFailedPrecondition, "table segment ", r.segment, " holds another version of the key",
                    Because(r.server_stack_trace));
}

template <typename T>
concept Failure = requires(const T& reply) { StatusFor(reply); };

}  // namespace

bool IsFailure(const Command& reply) {
  return std::visit([]<typename T>(const T&) { return Failure<T>; }, reply);
}

absl::Status FailureStatus(const Command& reply) {
  return std::visit(
      []<typename T>(const T& r) {
        if constexpr (Failure<T>) {
          return StatusFor(r);
        } else {
          return absl::OkStatus();
        }
      },
      reply);
}

absl::Status UnexpectedReply(const Command& reply) {
  absl::Status failure = FailureStatus(reply);
  if (!failure.ok()) return failure;
  return MakeStatus(StatusCode::kInternal, "the store answered with an unexpected ", InfoOf(reply).name);
}

bool SetRequestId(Command* command, RequestId id) {
  return std::visit(
      [id](auto& c) {
        if constexpr (requires { c.request_id; }) {
          c.request_id = id;
          return true;
        } else {
          return false;
        }
      },
      *command);
}

}  // namespace pravega::wire
