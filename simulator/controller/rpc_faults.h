// RpcFaults: lets SessionFaults lose, unanswer and repeat remote calls, between the transport and the handlers.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_RPC_FAULTS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_RPC_FAULTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "simulator/controller/service.h"
#include "simulator/faults/session_faults.h"

namespace pravega::sim {

// A lost request is never handled and never answered; a lost answer is that of a call that was handled; a call that is
// handled twice is answered by the second answer. Thread-compatible.
class RpcFaults {
 public:
  // All outlive it.
  RpcFaults(runtime::Runtime& runtime, const ControllerService& service, SessionFaults& faults)
      : runtime_(runtime), service_(service), faults_(faults), never_("an answer that was lost") {}

  // An RpcServer's interceptor.
  runtime::Task<absl::StatusOr<std::string>> Intercept(runtime::RpcRequest request, const runtime::RpcHandler& handler);

 private:
  // Until the server stops.
  runtime::Task<absl::StatusOr<std::string>> NeverAnswer();

  runtime::Runtime& runtime_;
  const ControllerService& service_;
  SessionFaults& faults_;
  runtime::Event never_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_RPC_FAULTS_H_
