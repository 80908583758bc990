// RetryingCaller: a remote call with a deadline for each attempt, repeated with backoff while repeating may help.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_RETRYING_CALLER_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_RETRYING_CALLER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::controller {

// When and how often a call is repeated. The defaults are those of the Java client (Pravega controller, "channel,
// discovery, deadlines, retries").
struct RetryPolicy {
  int attempts = 10;  // in all; at least 1
  runtime::Duration first_delay = std::chrono::milliseconds(1);
  int factor = 10;
  runtime::Duration longest_delay = std::chrono::seconds(20);
};

// Whether another attempt may end otherwise than this one. Everything is retried, but ALREADY_EXISTS, INVALID_ARGUMENT,
// NOT_FOUND, OUT_OF_RANGE, PERMISSION_DENIED, UNAUTHENTICATED and UNIMPLEMENTED: servers answer UNKNOWN and INTERNAL
// for passing troubles too, and FAILED_PRECONDITION for lost races.
bool IsRetried(absl::StatusCode code);

struct Answer {
  std::string bytes;
  // An earlier attempt ended without an answer, so that it may have been carried out: this answer may be that of the
  // second of two executions.
  bool maybe_repeated = false;
};

class RetryingCaller {
 public:
  // `runtime` outlives it.
  RetryingCaller(runtime::Runtime& runtime, std::unique_ptr<runtime::RpcChannel> channel, RetryPolicy policy);

  // Each attempt may take `timeout`. `what` ("createStream of scope/stream") begins every message.
  // Errors: a code that is not retried is returned as it is. Unavailable: all attempts are used up and the outcome is
  // unknown; which code the last one ended with stands in the message alone, as a code that is retried is no verdict.
  // Cancelled: the caller itself was cancelled, which ends the attempts; the outcome is unknown too.
  runtime::Task<absl::StatusOr<Answer>> Call(std::string method, std::string body, runtime::Duration timeout,
                                             std::string what);

 private:
  runtime::Runtime& runtime_;
  std::unique_ptr<runtime::RpcChannel> channel_;
  const RetryPolicy policy_;
};

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_RETRYING_CALLER_H_
