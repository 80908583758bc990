// Replies that report failures. A server stack trace is ordinary text and may be thousands of bytes long.
#ifndef PRAVEGA_CONNECTOR_WIRE_ERROR_REPLIES_H_
#define PRAVEGA_CONNECTOR_WIRE_ERROR_REPLIES_H_

#include <cstdint>
#include <string>

#include "connector/core/ids.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// Other values are carried as they are; a client takes unknown ones for kCheckFailed.
enum class AuthTokenError : int32_t { kUnspecified = -1, kCheckFailed = 0, kExpired = 1 };

// Other values are carried as they are.
enum class RequestError : int32_t { kUnspecified = -1, kIllegalArgument = 0 };

// The store does not own the segment's container.
struct WrongHost {
  static constexpr CommandInfo kInfo{50, "WrongHost", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string correct_host{};  // always empty from the real server
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &WrongHost::request_id), Required("segment", &WrongHost::segment),
                 Required("correctHost", &WrongHost::correct_host),
                 Trailing("serverStackTrace", &WrongHost::server_stack_trace));
  }
};

// The segment takes no more data.
struct SegmentIsSealed {
  static constexpr CommandInfo kInfo{51, "SegmentIsSealed", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string server_stack_trace{};
  int64_t offset = -1;  // of a read; the event number of an append; else -1
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentIsSealed::request_id), Required("segment", &SegmentIsSealed::segment),
                 Trailing("serverStackTrace", &SegmentIsSealed::server_stack_trace),
                 Trailing("offset", &SegmentIsSealed::offset));
  }
};

// Answers the creation of a segment.
struct SegmentAlreadyExists {
  static constexpr CommandInfo kInfo{52, "SegmentAlreadyExists", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentAlreadyExists::request_id),
                 Required("segment", &SegmentAlreadyExists::segment),
                 Trailing("serverStackTrace", &SegmentAlreadyExists::server_stack_trace));
  }
};

// The segment was never created, or it was deleted or merged.
struct NoSuchSegment {
  static constexpr CommandInfo kInfo{53, "NoSuchSegment", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string server_stack_trace{};
  int64_t offset = -1;  // of a read; else -1
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &NoSuchSegment::request_id), Required("segment", &NoSuchSegment::segment),
                 Trailing("serverStackTrace", &NoSuchSegment::server_stack_trace),
                 Trailing("offset", &NoSuchSegment::offset));
  }
};

// The writer's number in the store is not the one expected; the server closes after it. Layout of wire version 16 and
// later; see InvalidEventNumberBeforeV16.
struct InvalidEventNumber {
  static constexpr CommandInfo kInfo{55, "InvalidEventNumber", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  RequestId request_id{};
  std::string server_stack_trace{};
  EventNumber event_number{-1};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &InvalidEventNumber::writer_id),
                 Required("requestId", &InvalidEventNumber::request_id),
                 Trailing("serverStackTrace", &InvalidEventNumber::server_stack_trace),
                 Trailing("eventNumber", &InvalidEventNumber::event_number));
  }
};

// How peers below wire version 16 write InvalidEventNumber. It parses in either layout, with swapped meaning, so that a
// receiver must know its peer; not a Command of its own (DecodeOptions in decode.h).
struct InvalidEventNumberBeforeV16 {
  WriterId writer_id{};
  EventNumber event_number{};
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &InvalidEventNumberBeforeV16::writer_id),
                 Required("eventNumber", &InvalidEventNumberBeforeV16::event_number),
                 Trailing("serverStackTrace", &InvalidEventNumberBeforeV16::server_stack_trace));
  }
};

// The offset lies before the start, or is otherwise not acceptable.
struct SegmentIsTruncated {
  static constexpr CommandInfo kInfo{56, "SegmentIsTruncated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int64_t start_offset = 0;  // first readable offset; for a bad offset, the expected one
  std::string server_stack_trace{};
  int64_t offset = -1;  // the one asked for
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentIsTruncated::request_id),
                 Required("segment", &SegmentIsTruncated::segment),
                 Required("startOffset", &SegmentIsTruncated::start_offset),
                 Trailing("serverStackTrace", &SegmentIsTruncated::server_stack_trace),
                 Trailing("offset", &SegmentIsTruncated::offset));
  }
};

// The segment is of a kind that does not have this operation.
struct OperationUnsupported {
  static constexpr CommandInfo kInfo{57, "OperationUnsupported", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string operation_name{};
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &OperationUnsupported::request_id),
                 Required("operationName", &OperationUnsupported::operation_name),
                 Trailing("serverStackTrace", &OperationUnsupported::server_stack_trace));
  }
};

// In answer to ReadSegment the real server puts the offset where the request id belongs.
struct AuthTokenCheckFailed {
  static constexpr CommandInfo kInfo{60, "AuthTokenCheckFailed", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string server_stack_trace{};
  AuthTokenError error_code = AuthTokenError::kUnspecified;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &AuthTokenCheckFailed::request_id),
                 Trailing("serverStackTrace", &AuthTokenCheckFailed::server_stack_trace),
                 Trailing("errorCode", &AuthTokenCheckFailed::error_code));
  }
};

// None of its fields is optional.
struct ErrorMessage {
  static constexpr CommandInfo kInfo{61, "ErrorMessage", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string message{};
  RequestError error_code = RequestError::kUnspecified;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &ErrorMessage::request_id), Required("segment", &ErrorMessage::segment),
                 Required("message", &ErrorMessage::message), Required("errorCode", &ErrorMessage::error_code));
  }
};

// The stack trace of this and the next two is not optional.
struct TableSegmentNotEmpty {
  static constexpr CommandInfo kInfo{80, "TableSegmentNotEmpty", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableSegmentNotEmpty::request_id),
                 Required("segment", &TableSegmentNotEmpty::segment),
                 Required("serverStackTrace", &TableSegmentNotEmpty::server_stack_trace));
  }
};

// Hash tables only; other tables send TableKeyBadVersion.
struct TableKeyDoesNotExist {
  static constexpr CommandInfo kInfo{81, "TableKeyDoesNotExist", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableKeyDoesNotExist::request_id),
                 Required("segment", &TableKeyDoesNotExist::segment),
                 Required("serverStackTrace", &TableKeyDoesNotExist::server_stack_trace));
  }
};

// The version of a key is not the expected one.
struct TableKeyBadVersion {
  static constexpr CommandInfo kInfo{82, "TableKeyBadVersion", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string server_stack_trace{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableKeyBadVersion::request_id),
                 Required("segment", &TableKeyBadVersion::segment),
                 Required("serverStackTrace", &TableKeyBadVersion::server_stack_trace));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_ERROR_REPLIES_H_
