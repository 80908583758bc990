// FrameParser: the receiving half of a connection, without the connection. Bytes in, commands out.
//
//   FrameParser parser(FrameParser::Options::ForServer());
//   parser.Push(chunk);                       // as it came from the network, any size
//   for (;;) {
//     absl::StatusOr<std::optional<Command>> next = parser.Next();
//     if (!next.ok()) ...                     // close the connection
//     if (!next->has_value()) break;          // push more
//     Handle(**next);
//   }
//
// Cost: linear in the bytes, whatever the chunks. A frame that lies wholly inside one chunk is decoded in place: its
// data are slices of that chunk and keep it alive. A frame that straddles chunks is collected first: one more copy.
// Memory: beside the chunk itself at most three times what was received of the current frame, whatever its header
// declares; see Decode for the command.
// Errors are final: the bytes behind a malformed frame mean nothing.
// Thread-compatible.
#ifndef PRAVEGA_CONNECTOR_WIRE_FRAME_PARSER_H_
#define PRAVEGA_CONNECTOR_WIRE_FRAME_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/wire/decode.h"
#include "connector/wire/limits.h"

namespace pravega::wire {

struct Command;

struct FrameParserOptions {
  // Frames that declare more are refused as soon as their header is there.
  int32_t max_payload_bytes = kMaxPayloadBytes;
  DecodeOptions decode;

  static FrameParserOptions ForServer() { return {}; }
  static FrameParserOptions ForClient() { return {.max_payload_bytes = kMaxPayloadBytesFromServer, .decode = {}}; }
};

class FrameParser {
 public:
  using Options = FrameParserOptions;

  explicit FrameParser(Options options = {}) : options_(options) {}

  // The next bytes. CHECKs that Next() has used up those before, that is, has returned nullopt or an error; what is
  // pushed after an error is dropped.
  void Push(Buffer chunk);

  // The next command, or nullopt if more bytes are needed.
  // Errors: DataLoss for an unknown command, a negative or too large length, and those of Decode. The message names the
  // command and the byte, counted within its frame, and the frame's place in the stream.
  absl::StatusOr<std::optional<Command>> Next();

  // To be asked when the peer has ended its direction: OK between frames; DataLoss inside one, with its command.
  absl::Status AtEnd() const;

  // For a peer that announced its version late. Holds from the next frame on.
  void set_decode_options(DecodeOptions options) { options_.decode = options; }

  // Bytes pushed of a frame that is not complete yet, once Next() has returned nullopt.
  size_t buffered_bytes() const { return partial_.size(); }
  // Where the next frame starts, in bytes since the first.
  int64_t stream_offset() const { return stream_offset_; }

 private:
  bool CheckHeader(const char* header);
  bool DecodeFrame(const Buffer& bytes, size_t offset, std::optional<Command>* command);
  void Fail(absl::Status status);
  // Moves bytes from the chunk to the partial frame until that has `wanted`; false if there are not enough.
  bool Collect(size_t wanted);

  Options options_;
  Buffer chunk_;
  size_t chunk_used_ = 0;
  std::string partial_;     // of a frame that did not lie within one chunk
  size_t frame_bytes_ = 0;  // header included, of the frame at stream_offset_; 0 while its header is incomplete
  int32_t code_ = 0;
  int64_t stream_offset_ = 0;
  absl::Status status_;
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_FRAME_PARSER_H_
