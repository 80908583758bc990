// Remote calls as length-framed messages on a Network's byte streams, for worlds without gRPC.
//
// Frame: int32 length (big-endian, of what follows, at most 16 MiB), int8 kind, int64 call id, then
//   request (kind 0): str method, int32 header count, header count x (str, str), body to the end of the frame
//   reply   (kind 1): int32 status code, str message, body to the end of the frame
//   cancel  (kind 2): nothing; the caller no longer waits for that call (its deadline has passed, or it was cancelled)
// where str is an int32 length and that many bytes. A call whose connection breaks before its reply is Unavailable.
//
// At most 100 calls are in progress on one connection: a channel holds further ones back, and a server reads no further
// request while it has as many unanswered ones. A cancelled call no longer counts, although its handler may go on.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_FRAMED_RPC_H_
#define PRAVEGA_CONNECTOR_RUNTIME_FRAMED_RPC_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/runtime.h"

namespace pravega::runtime {

// Connects at the first call and, after a failure, at the next one; each attempt goes once through all endpoints (at
// least one), beginning behind the one that failed last, and gives each 5 s. A deadline that has passed fails without
// sending. A request beyond the frame's limit is InvalidArgument. Destroying the channel fails what is in progress.
// `runtime` outlives the channel.
std::unique_ptr<RpcChannel> NewFramedRpcChannel(Runtime& runtime, std::vector<Endpoint> endpoints);

// Listens at once; AlreadyExists if the port is in use. Each request runs in a task of its own, which outlives its
// connection: a caller that goes away does not interrupt what it asked for. A request that is never answered (by an
// interceptor that waits for ever) holds up nothing. A malformed frame is logged and closes its connection.
// `runtime` outlives the server; the server outlives Serve().
absl::StatusOr<std::unique_ptr<RpcServer>> NewFramedRpcServer(Runtime& runtime, Endpoint endpoint);

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_FRAMED_RPC_H_
