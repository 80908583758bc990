#include "connector/controller/retrying_caller.h"

#include <algorithm>
#include <utility>

#include "connector/controller/methods.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::controller {
namespace {

using runtime::Duration;
using runtime::Task;

// The attempt may have been carried out although it has no answer.
bool OutcomeUnknown(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
         code == absl::StatusCode::kCancelled;
}

std::string_view Advice(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "; the outcome is unknown: check that a controller can be reached, look what happened, and repeat";
    case absl::StatusCode::kNotFound:
      return "; check the names of scope and stream";
    case absl::StatusCode::kUnimplemented:
      return "; this controller does not offer it";
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return "; check the credentials and their rights";
    default:
      return "";
  }
}

}  // namespace

bool IsRetried(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented:
      return false;
    default:
      return true;
  }
}

RetryingCaller::RetryingCaller(runtime::Runtime& runtime, std::unique_ptr<runtime::RpcChannel> channel,
                               RetryPolicy policy)
    : runtime_(runtime), channel_(std::move(channel)), policy_(policy) {
  CHECK(policy_.attempts > 0);
}

Task<absl::StatusOr<Answer>> RetryingCaller::Call(std::string method, std::string body, Duration timeout,
                                                  std::string what) {
  Duration delay = policy_.first_delay;
  bool maybe_repeated = false;
  for (int attempt = 1;; ++attempt) {
    runtime::RpcRequest request{method, body, {}};
    absl::StatusOr<std::string> reply = co_await channel_->Call(std::move(request), runtime_.Now() + timeout);
    if (reply.ok()) {
      Answer answer;
      answer.bytes = *std::move(reply);
      answer.maybe_repeated = maybe_repeated;
      co_return std::move(answer);
    }
    const absl::StatusCode code = reply.status().code();
    std::string trouble = StrCat(what, ": attempt ", attempt, " of ", policy_.attempts, ": ");
    if (code != absl::StatusCode::kUnavailable) trouble += absl::StatusCodeToString(code) + ": ";
    trouble += ToStd(reply.status().message());
    if (!IsRetried(code)) co_return MakeStatus(code, trouble, Advice(code));
    maybe_repeated = maybe_repeated || OutcomeUnknown(code);
    const bool last = attempt >= policy_.attempts;
    if (!last || code == absl::StatusCode::kCancelled) {
      // Only this task's own cancellation ends a sleep early. After the last attempt it tells whether CANCELLED came
      // from here or is what the server answered.
      absl::Status slept =
          co_await runtime::SleepFor(runtime_, last ? Duration(0) : delay, "before calling the controller again");
      if (!slept.ok()) co_return MakeStatus(absl::StatusCode::kCancelled, trouble, "; the caller was cancelled");
      delay = std::min(delay * policy_.factor, policy_.longest_delay);
    }
    // A code that is worth another attempt is no verdict on what was asked for, however often it comes.
    if (last) co_return MakeStatus(absl::StatusCode::kUnavailable, trouble, Advice(absl::StatusCode::kUnavailable));
  }
}

}  // namespace pravega::controller
