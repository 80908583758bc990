// The result of a call that its server leaves without an answer, as a network that lost it would: the caller learns
// nothing until it gives up.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_RPC_NO_ANSWER_H_
#define PRAVEGA_CONNECTOR_RUNTIME_RPC_NO_ANSWER_H_

#include "absl/status/status.h"
#include "absl/strings/cord.h"

namespace pravega::runtime {

// For an RpcServer's interceptor. The request's task ends, and nothing of it is left on the server; the call stays open
// until its caller cancels it or its connection ends. No handler of a method returns this.
inline absl::Status NoAnswer() {
  absl::Status status = absl::UnknownError("an answer that was lost");
  status.SetPayload("pravega.runtime/no-answer", absl::Cord());
  return status;
}
inline bool IsNoAnswer(const absl::Status& status) {
  return absl::IsUnknown(status) && status.GetPayload("pravega.runtime/no-answer").has_value();
}

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_RPC_NO_ANSWER_H_
