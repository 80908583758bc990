// Unary remote calls of Protobuf bytes, in and out. The real world carries them by gRPC, the simulated one by frames on
// a simulated byte stream, so that a cut connection gives Unavailable with an unknown outcome.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_RPC_H_
#define PRAVEGA_CONNECTOR_RUNTIME_RPC_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

// ASCII headers with lower-case names. Those of one name keep their order; gRPC loses it between different names.
using Metadata = std::vector<std::pair<std::string, std::string>>;

struct RpcRequest {
  std::string method;  // "/package.Service/method"
  std::string body;    // serialised message
  Metadata metadata;
};

class RpcChannel {
 public:
  virtual ~RpcChannel() = default;
  // The reply's bytes, or the server's error, or Unavailable (the connection failed: the outcome is unknown), or
  // DeadlineExceeded (outcome unknown too), or Unimplemented (nobody handles the method). Calls may overlap.
  virtual Task<absl::StatusOr<std::string>> Call(RpcRequest request, Instant deadline) = 0;
};

using RpcHandler = std::function<Task<absl::StatusOr<std::string>>(RpcRequest)>;

class RpcServer {
 public:
  virtual ~RpcServer() = default;
  // Before Serve(). A method has one handler.
  virtual void Register(std::string method, RpcHandler handler) = 0;
  // Every call, known method or not, passes through `interceptor` if there is one; it is given the handler that it may
  // run once, twice or not at all. Faults of the server's session live here.
  using Interceptor = std::function<Task<absl::StatusOr<std::string>>(RpcRequest, const RpcHandler&)>;
  virtual void SetInterceptor(Interceptor interceptor) = 0;
  // Serves until cancelled; returns the reason.
  virtual Task<absl::Status> Serve() = 0;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_RPC_H_
