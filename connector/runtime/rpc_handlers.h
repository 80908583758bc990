// RpcHandlers: what is the same in every RpcServer: who handles which method, behind the interceptor.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_RPC_HANDLERS_H_
#define PRAVEGA_CONNECTOR_RUNTIME_RPC_HANDLERS_H_

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

// Filled before Serve(), and unchanged from then on. Thread-compatible.
class RpcHandlers {
 public:
  void Register(std::string method, RpcHandler handler) {
    CHECK_MSG(!sealed_, "a handler is registered before Serve");
    bool added = handlers_.emplace(std::move(method), std::move(handler)).second;
    CHECK_MSG(added, "a method has one handler");
  }
  void SetInterceptor(RpcServer::Interceptor interceptor) {
    CHECK_MSG(!sealed_, "an interceptor is set before Serve");
    interceptor_ = std::move(interceptor);
  }
  // At the beginning of Serve().
  void Seal() {
    CHECK_MSG(!sealed_, "Serve is called once");
    sealed_ = true;
  }

  // Unimplemented if nobody handles the method.
  Task<absl::StatusOr<std::string>> Dispatch(RpcRequest request) {
    auto found = handlers_.find(request.method);
    const RpcHandler& handler = found == handlers_.end() ? no_such_method_ : found->second;
    if (interceptor_) {
      absl::StatusOr<std::string> result = co_await interceptor_(std::move(request), handler);
      co_return std::move(result);
    }
    absl::StatusOr<std::string> result = co_await handler(std::move(request));
    co_return std::move(result);
  }

 private:
  static Task<absl::StatusOr<std::string>> NoSuchMethod(RpcRequest request) {
    co_return MakeStatus(absl::StatusCode::kUnimplemented, "no method '", request.method, "'");
  }

  std::map<std::string, RpcHandler, std::less<>> handlers_;
  const RpcHandler no_such_method_ = NoSuchMethod;
  RpcServer::Interceptor interceptor_;
  bool sealed_ = false;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_RPC_HANDLERS_H_
