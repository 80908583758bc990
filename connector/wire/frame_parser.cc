#include "connector/wire/frame_parser.h"

#include <algorithm>
#include <utility>

#include "connector/core/big_endian.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/wire/commands.h"

namespace pravega::wire {

void FrameParser::Push(Buffer chunk) {
  if (chunk.empty() || !status_.ok()) return;
  CHECK_MSG(chunk_used_ == chunk_.size(), "Next() has not used up the chunk before");
  chunk_ = std::move(chunk);
  chunk_used_ = 0;
}

absl::StatusOr<std::optional<Command>> FrameParser::Next() {
  // One variable for all returns: the command is decoded where the caller gets it.
  absl::StatusOr<std::optional<Command>> result{std::optional<Command>()};
  if (!status_.ok()) {
    result = status_;
    return result;
  }
  constexpr size_t kHeader = kFrameHeaderBytes;
  bool ok = true;
  if (partial_.empty()) {
    size_t left = chunk_.size() - chunk_used_;
    ok = left < kHeader || CheckHeader(chunk_.data() + chunk_used_);
    if (ok && frame_bytes_ != 0 && frame_bytes_ <= left) {
      size_t frame_bytes = frame_bytes_;
      ok = DecodeFrame(chunk_, chunk_used_, &*result);
      chunk_used_ += frame_bytes;
      // An exhausted chunk is not kept alive by the parser.
      if (ok && chunk_used_ == chunk_.size()) {
        chunk_ = Buffer();
        chunk_used_ = 0;
      }
      if (!ok) result = status_;
      return result;
    }
  }
  if (ok && frame_bytes_ == 0 && Collect(kHeader)) ok = CheckHeader(partial_.data());
  if (ok && frame_bytes_ != 0 && Collect(frame_bytes_)) {
    Buffer frame(std::move(partial_));
    partial_ = std::string();
    ok = DecodeFrame(frame, 0, &*result);
  }
  if (!ok) result = status_;
  return result;
}

absl::Status FrameParser::AtEnd() const {
  if (!status_.ok() || partial_.empty()) return status_;
  std::string_view name = "the header of a command";
  if (frame_bytes_ != 0) name = FindCommand(code_)->name;
  std::string of = frame_bytes_ == 0 ? StrCat(kFrameHeaderBytes) : StrCat(frame_bytes_);
  return MakeStatus(absl::StatusCode::kDataLoss, "frame at byte ", stream_offset_, " of the stream: the peer ended in ",
                    name, ", after ", partial_.size(), " of ", of, " bytes");
}

bool FrameParser::CheckHeader(const char* header) {
  int32_t code = LoadBigEndian<int32_t>(header);
  int32_t length = LoadBigEndian<int32_t>(header + 4);
  const CommandInfo* info = FindCommand(code);
  if (info == nullptr) [[unlikely]] {
    Fail(MakeStatus(absl::StatusCode::kDataLoss, "unknown command ", code, " at byte 0 of the frame"));
    return false;
  }
  if (length < 0 || length > options_.max_payload_bytes) [[unlikely]] {
    Fail(MakeStatus(absl::StatusCode::kDataLoss, info->name, ": length ", length,
                    " at byte 4 of the frame is not in 0..", options_.max_payload_bytes));
    return false;
  }
  code_ = code;
  frame_bytes_ = static_cast<size_t>(length) + kFrameHeaderBytes;
  return true;
}

bool FrameParser::DecodeFrame(const Buffer& bytes, size_t offset, std::optional<Command>* command) {
  size_t payload_bytes = frame_bytes_ - kFrameHeaderBytes;
  absl::Status decoded =
      Decode(code_, bytes, offset + kFrameHeaderBytes, payload_bytes, options_.decode, &command->emplace());
  if (!decoded.ok()) [[unlikely]] {
    Fail(decoded);
    return false;
  }
  stream_offset_ += static_cast<int64_t>(frame_bytes_);
  frame_bytes_ = 0;
  return true;
}

void FrameParser::Fail(absl::Status status) {
  status_ = Annotate(status, StrCat("frame at byte ", stream_offset_, " of the stream"));
  chunk_ = Buffer();
  chunk_used_ = 0;
  partial_ = std::string();
}

bool FrameParser::Collect(size_t wanted) {
  size_t taken = std::min(wanted - partial_.size(), chunk_.size() - chunk_used_);
  size_t size = partial_.size() + taken;
  // Grows by what has been received, not by what was declared, yet not beyond the frame.
  if (size > partial_.capacity()) partial_.reserve(std::max(size, std::min(2 * partial_.size(), wanted)));
  partial_.append(chunk_.data() + chunk_used_, taken);
  chunk_used_ += taken;
  if (chunk_used_ == chunk_.size()) {
    chunk_ = Buffer();
    chunk_used_ = 0;
  }
  return partial_.size() == wanted;
}

}  // namespace pravega::wire
