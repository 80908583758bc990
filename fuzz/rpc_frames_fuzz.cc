// Frames of remote calls against any bytes.
//
// Input: one byte that says in which pieces the rest arrives, then what is received on a connection. Holds for every
// input: the same frames and the same error come out however it is cut into pieces; a frame that was read can be
// written, and what was written reads as itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/manual_runtime.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc_frames.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {
namespace {

// A stream on which `text` arrives in pieces of a size.
class Received : public ByteStream {
 public:
  Received(std::string_view text, size_t piece) : text_(text), piece_(piece) {}

  Task<absl::StatusOr<Buffer>> Read(size_t max) override {
    Buffer piece = Buffer::Copy(text_.substr(0, std::min(max, piece_)));
    text_.remove_prefix(piece.size());
    co_return std::move(piece);
  }
  Task<absl::Status> Write(std::vector<Buffer>) override { co_return absl::OkStatus(); }
  Task<absl::Status> ShutdownWrite() override { co_return absl::OkStatus(); }
  void Reset() override {}
  std::string peer() const override { return "fuzz"; }

 private:
  std::string_view text_;
  const size_t piece_;
};

std::string Written(RpcFrame frame) {
  absl::StatusOr<std::vector<Buffer>> pieces = EncodeRpcFrame(std::move(frame));
  CHECK(pieces.ok());
  std::string bytes;
  for (const Buffer& piece : *pieces) bytes.append(piece.view());
  return bytes;
}

Task<void> ReadAll(ByteStream* stream, std::vector<std::string>* read) {
  RpcFrameReader reader(stream);
  while (true) {
    absl::StatusOr<std::optional<RpcFrame>> frame = co_await reader.Next();
    if (!frame.ok()) {
      read->push_back(StrCat("error: ", ToStd(frame.status().message())));
      co_return;
    }
    if (!frame->has_value()) co_return;
    std::string written = Written(**std::move(frame));
    absl::StatusOr<RpcFrame> again = ParseRpcFrame(std::string_view(written).substr(4));
    CHECK(again.ok());
    CHECK(Written(*std::move(again)) == written);
    read->push_back(std::move(written));
  }
}

std::vector<std::string> FramesOf(std::string_view text, size_t piece) {
  ManualRuntime node;
  Received stream(text, piece);
  std::vector<std::string> read;
  node.Spawn("read", ReadAll(&stream, &read));
  node.Run();
  return read;
}

void Run(uint8_t piece, std::string_view text) {
  CHECK(FramesOf(text, size_t{piece} + 1) == FramesOf(text, text.size() + 1));
}

}  // namespace
}  // namespace pravega::runtime

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) pravega::runtime::Run(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
