#include "simulator/controller/rpc_faults.h"

#include <utility>

#include "connector/controller/methods.h"
#include "connector/runtime/rpc_no_answer.h"

namespace pravega::sim {

using runtime::RpcHandler;
using runtime::RpcRequest;
using runtime::Task;

Task<absl::StatusOr<std::string>> RpcFaults::Intercept(RpcRequest request, const RpcHandler& handler) {
  std::string rpc(controller::RpcName(request.method));
  std::string subject = service_.SubjectOf(rpc, request.body);
  SessionRequest asked{runtime_.node_name(), "rpc", rpc, subject};
  FaultPhase phase = faults_.Decide(asked);
  absl::StatusOr<std::string> answer;
  switch (phase) {
    case FaultPhase::kNone:
      answer = co_await handler(std::move(request));
      co_return std::move(answer);
    case FaultPhase::kBeforeApply:
      faults_.Struck(asked, phase);
      co_return runtime::NoAnswer();
    case FaultPhase::kAppliedNotAnswered:
      answer = co_await handler(std::move(request));
      faults_.Struck(asked, phase);
      co_return runtime::NoAnswer();
    case FaultPhase::kTwice: {
      RpcRequest again = request;
      answer = co_await handler(std::move(request));
      faults_.Struck(asked, phase);
      answer = co_await handler(std::move(again));
      co_return std::move(answer);
    }
  }
  co_return absl::InternalError("no such fault phase");
}

}  // namespace pravega::sim
