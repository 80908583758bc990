// Remote calls as length-framed messages on a Network's byte streams, for worlds without gRPC.
//
// Frame: int32 length (big-endian, of what follows), int8 kind, int64 call id, then
//   request (kind 0): str method, int32 header count, header count x (str, str), body to the end of the frame
//   reply   (kind 1): int32 status code, str message, body to the end of the frame
// where str is an int32 length and that many bytes. A call whose connection breaks before its reply is Unavailable.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_FRAMED_RPC_H_
#define PRAVEGA_CONNECTOR_RUNTIME_FRAMED_RPC_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/runtime.h"

namespace pravega::runtime {

// `runtime` outlives the channel.
std::unique_ptr<RpcChannel> NewFramedRpcChannel(Runtime& runtime, std::vector<Endpoint> endpoints);
// Listens at once; AlreadyExists if the port is in use.
absl::StatusOr<std::unique_ptr<RpcServer>> NewFramedRpcServer(Runtime& runtime, Endpoint endpoint);

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_FRAMED_RPC_H_
