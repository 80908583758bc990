// Remote calls over gRPC, unary and in Protobuf bytes, for nodes of an EventLoop. gRPC's own threads only hop to the
// loop's thread; nothing else of them is seen.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_GRPC_RPC_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_GRPC_RPC_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc.h"

namespace pravega::runtime {

class OsNode;

// Calls go to one endpoint until one of them finds it unavailable; the next call tries the next endpoint.
std::unique_ptr<RpcChannel> NewGrpcChannel(OsNode& node, const std::vector<Endpoint>& endpoints);
// Listens from now on; calls that come before Serve() wait for it. AlreadyExists if the port is in use, and the errors
// of OsNetwork::Listen.
absl::StatusOr<std::unique_ptr<RpcServer>> NewGrpcServer(OsNode& node, Endpoint endpoint);

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_GRPC_RPC_H_
