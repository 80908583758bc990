// From commands to bytes.
#ifndef PRAVEGA_CONNECTOR_WIRE_ENCODE_H_
#define PRAVEGA_CONNECTOR_WIRE_ENCODE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"

namespace pravega::wire {

struct Command;

namespace internal {
class FrameWriter;
}  // namespace internal

// Frames ready for a gathering write. Data of at least kGatherBytes are kept as slices and never copied; everything
// else is collected in one slab, in order, so that many small frames make few pieces.
//
//   EncodedFrames frames;
//   RETURN_IF_ERROR(Encode(AppendBlock{writer, batch}, &frames));
//   RETURN_IF_ERROR(Encode(AppendBlockEnd{...}, &frames));
//   absl::Status written = co_await stream.Write(frames.Take());
class EncodedFrames {
 public:
  // A slice costs an entry of the gathering write and a count of references; below this size copying is cheaper.
  static constexpr size_t kGatherBytes = 256;

  EncodedFrames() = default;
  EncodedFrames(const EncodedFrames&) = delete;
  EncodedFrames& operator=(const EncodedFrames&) = delete;

  size_t bytes() const { return slab_.size() + gathered_bytes_; }
  bool empty() const { return bytes() == 0; }

  // The pieces in order; this object is then empty.
  std::vector<Buffer> Take();

 private:
  friend class internal::FrameWriter;
  // `data` is sent when the first `slab_bytes` of the slab have been.
  struct Gathered {
    size_t slab_bytes;
    Buffer data;
  };

  std::string slab_;
  std::vector<Gathered> gathered_;
  size_t gathered_bytes_ = 0;
};

// Appends the frame of `command` to `frames`.
// InvalidArgument, and `frames` as it was, if the command does not fit the protocol: a string above kMaxStringBytes or
// that is not UTF-8, a payload above kMaxPayloadBytes. The message names the command and the field.
absl::Status Encode(const Command& command, EncodedFrames* frames);

// The frame of `command` in one piece, with one copy of its data.
absl::StatusOr<Buffer> EncodeContiguous(const Command& command);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_ENCODE_H_
