// The frames of framed_rpc.h: to bytes, from bytes, and off a byte stream.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_RPC_FRAMES_H_
#define PRAVEGA_CONNECTOR_RUNTIME_RPC_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

// Of what follows the length.
inline constexpr size_t kMaxRpcFrame = 16 * 1024 * 1024;
inline constexpr size_t kMaxConcurrentRpcs = 100;

struct RpcRequestFrame {
  int64_t call = 0;
  RpcRequest request;
};
struct RpcReplyFrame {
  int64_t call = 0;
  absl::StatusOr<std::string> result;
};
struct RpcCancelFrame {
  int64_t call = 0;
};
using RpcFrame = std::variant<RpcRequestFrame, RpcReplyFrame, RpcCancelFrame>;

// A frame with its length, in pieces for one gathering write. InvalidArgument if it would be too long.
absl::StatusOr<std::vector<Buffer>> EncodeRpcFrame(RpcFrame frame);

// What follows the length. InvalidArgument with what is wrong and at which offset. Allocates at most
// ten times what it was given, whatever the counts and lengths in it claim.
absl::StatusOr<RpcFrame> ParseRpcFrame(std::string_view content);

// Reads frames off a stream, which it does not own. What it holds grows with what was received, not with what a length
// announces.
class RpcFrameReader {
 public:
  explicit RpcFrameReader(ByteStream* stream) : stream_(stream) {}
  // The next frame; none at an end between two frames. InvalidArgument: the peer broke the format, also by ending
  // within a frame. Anything else is the stream's error. After an error or a cancellation it is of no further use.
  Task<absl::StatusOr<std::optional<RpcFrame>>> Next();

 private:
  // The first frame of what is buffered, if it is complete.
  absl::StatusOr<std::optional<RpcFrame>> TakeBuffered();

  ByteStream* stream_;
  std::string buffered_;
  size_t consumed_ = 0;  // bytes at the front of `buffered_` that are done with
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_RPC_FRAMES_H_
