#include "connector/wire/encode.h"

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "connector/core/big_endian.h"
#include "connector/core/ids.h"
#include "connector/core/modified_utf8.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"
#include "connector/wire/commands.h"
#include "connector/wire/fields.h"
#include "connector/wire/limits.h"

namespace pravega::wire {
namespace internal {

// Writes one frame behind those that are there. A Write that returns false has noted what was wrong.
class FrameWriter {
 public:
  explicit FrameWriter(EncodedFrames* frames)
      : frames_(frames),
        slab_start_(frames->slab_.size()),
        gathered_start_(frames->gathered_.size()),
        bytes_start_(frames->bytes()) {}

  template <typename C>
  absl::Status WriteFrame(const C& command) {
    Put(C::kInfo.code());
    Put(int32_t{0});
    bool ok = AllFields<C>([&](const auto& field) {
      field_ = field.name;
      return WriteField(field, command);
    });
    if (!ok) {
      Undo();
      return MakeStatus(absl::StatusCode::kInvalidArgument, C::kInfo.name, ": ", field_, ": ", problem_);
    }
    size_t payload = frames_->bytes() - bytes_start_ - kFrameHeaderBytes;
    if (payload > static_cast<size_t>(kMaxPayloadBytes)) {
      Undo();
      return MakeStatus(absl::StatusCode::kInvalidArgument, C::kInfo.name, ": a payload of ", payload,
                        " bytes; the protocol allows ", kMaxPayloadBytes);
    }
    StoreBigEndian(static_cast<int32_t>(payload), frames_->slab_.data() + slab_start_ + 4);
    return absl::OkStatus();
  }

 private:
  template <typename T>
  void Put(T value) {
    char bytes[sizeof(T)];
    StoreBigEndian(value, bytes);
    frames_->slab_.append(bytes, sizeof(T));
  }

  template <typename Declared, typename C>
  bool WriteField(const Declared& field, const C& command) {
    const auto& value = command.*field.member;
    if constexpr (Declared::kEncoding == Encoding::kRest) {
      return WriteBytes(value);
    } else if constexpr (Declared::kEncoding == Encoding::kEventFrame) {
      Put(Event::kInfo.code());
      return Write(value);
    } else if constexpr (Declared::kEncoding == Encoding::kTableValue) {
      Put(static_cast<int32_t>(4 + value.size()));
      return Write(value);
    } else {
      return Write(value);
    }
  }

  bool Write(bool value) {
    frames_->slab_.push_back(value ? 1 : 0);
    return true;
  }
  template <typename T>
    requires std::is_integral_v<T>
  bool Write(T value) {
    Put(value);
    return true;
  }
  template <typename T>
    requires std::is_enum_v<T>
  bool Write(T value) {
    return Write(static_cast<std::underlying_type_t<T>>(value));
  }
  template <typename T>
    requires requires(T value) {
      typename T::ValueType;
      value.value();
    }
  bool Write(const T& value) {
    return Write(value.value());
  }
  bool Write(const Uuid& value) { return Write(value.high) && Write(value.low); }
  bool Write(const WriterId& value) { return Write(value.uuid); }

  bool Write(const std::string& value) {
    // The modified form is never shorter, so what is too long need not be converted to find out.
    if (value.size() > kMaxStringBytes) return Fail(StrCat("a string of ", value.size(), " bytes; at most 65535 fit"));
    size_t at = frames_->slab_.size();
    Put(uint16_t{0});
    if (!ToModifiedUtf8(value, &frames_->slab_)) return Fail("a string that is not UTF-8");
    size_t size = frames_->slab_.size() - at - 2;
    if (size > kMaxStringBytes) return Fail(StrCat("a string of ", size, " bytes; at most 65535 fit"));
    StoreBigEndian(static_cast<uint16_t>(size), frames_->slab_.data() + at);
    return true;
  }

  bool Write(const Buffer& value) {
    if (value.size() > static_cast<size_t>(kMaxPayloadBytes)) return Fail(StrCat(value.size(), " bytes of data"));
    Put(static_cast<int32_t>(value.size()));
    return WriteBytes(value);
  }

  bool WriteBytes(const Buffer& value) {
    if (value.size() < EncodedFrames::kGatherBytes) {
      frames_->slab_.append(value.view());
    } else {
      frames_->gathered_.push_back({frames_->slab_.size(), value});
      frames_->gathered_bytes_ += value.size();
    }
    return true;
  }

  template <typename T>
  bool Write(const std::vector<T>& values) {
    if (values.size() > static_cast<size_t>(kMaxPayloadBytes)) return Fail(StrCat(values.size(), " elements"));
    Put(static_cast<int32_t>(values.size()));
    for (const T& value : values) {
      if (!Write(value)) return false;
    }
    return true;
  }

  // The total counts a version even where, for an empty key, none is written.
  bool Write(const TableKey& value) {
    Put(static_cast<int32_t>(4 + value.key.size() + 8));
    return Write(value.key) && (value.key.empty() || Write(value.version));
  }

  bool Write(const IteratorArgs& value) {
    const Buffer obsolete_prefix_filter;
    return Write(value.continuation_token) && Write(obsolete_prefix_filter) && Write(value.from_key) &&
           Write(value.to_key);
  }

  template <WireStruct T>
  bool Write(const T& value) {
    return AllFields<T>([&](const auto& field) { return WriteField(field, value); });
  }

  bool Fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  void Undo() {
    frames_->slab_.resize(slab_start_);
    while (frames_->gathered_.size() > gathered_start_) {
      frames_->gathered_bytes_ -= frames_->gathered_.back().data.size();
      frames_->gathered_.pop_back();
    }
  }

  EncodedFrames* const frames_;
  const size_t slab_start_;
  const size_t gathered_start_;
  const size_t bytes_start_;
  const char* field_ = "";
  std::string problem_;
};

}  // namespace internal

std::vector<Buffer> EncodedFrames::Take() {
  std::vector<Buffer> pieces;
  pieces.reserve(2 * gathered_.size() + 1);
  Buffer slab(std::move(slab_));
  slab_ = std::string();
  size_t taken = 0;
  for (Gathered& gathered : gathered_) {
    if (gathered.slab_bytes > taken) pieces.push_back(slab.Slice(taken, gathered.slab_bytes - taken));
    taken = gathered.slab_bytes;
    pieces.push_back(std::move(gathered.data));
  }
  if (slab.size() > taken) pieces.push_back(taken == 0 ? std::move(slab) : slab.From(taken));
  gathered_.clear();
  gathered_bytes_ = 0;
  return pieces;
}

absl::Status Encode(const Command& command, EncodedFrames* frames) {
  return std::visit([frames](const auto& c) { return internal::FrameWriter(frames).WriteFrame(c); }, command);
}

absl::StatusOr<Buffer> EncodeContiguous(const Command& command) {
  EncodedFrames frames;
  absl::Status encoded = Encode(command, &frames);
  if (!encoded.ok()) return encoded;
  std::vector<Buffer> pieces = frames.Take();
  if (pieces.size() == 1) return std::move(pieces[0]);
  std::string bytes;
  size_t size = 0;
  for (const Buffer& piece : pieces) size += piece.size();
  bytes.reserve(size);
  for (const Buffer& piece : pieces) bytes.append(piece.view());
  return Buffer(std::move(bytes));
}

}  // namespace pravega::wire
