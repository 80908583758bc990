// RpcFaults: lets SessionFaults lose, unanswer and repeat remote calls, between the transport and the handlers.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_RPC_FAULTS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_RPC_FAULTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/controller/service.h"
#include "simulator/faults/session_faults.h"

namespace pravega::sim {

// A lost request is never handled and never answered; a lost answer is that of a call that was handled; a call that is
// handled twice is answered by the second answer. Nothing is left on the server of what is not answered.
// Thread-compatible.
class RpcFaults {
 public:
  // All outlive it.
  RpcFaults(runtime::Runtime& runtime, const ControllerService& service, SessionFaults& faults)
      : runtime_(runtime), service_(service), faults_(faults) {}

  // An RpcServer's interceptor.
  runtime::Task<absl::StatusOr<std::string>> Intercept(runtime::RpcRequest request, const runtime::RpcHandler& handler);

 private:
  runtime::Runtime& runtime_;
  const ControllerService& service_;
  SessionFaults& faults_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_RPC_FAULTS_H_
