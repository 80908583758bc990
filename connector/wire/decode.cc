#include "connector/wire/decode.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/big_endian.h"
#include "connector/core/check.h"
#include "connector/core/ids.h"
#include "connector/core/modified_utf8.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"
#include "connector/wire/commands.h"
#include "connector/wire/fields.h"
#include "connector/wire/limits.h"

namespace pravega::wire {
namespace {

template <typename T>
concept Strong = requires(T value) {
  typename T::ValueType;
  value.value();
};

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// Bytes of an encoding whose size does not depend on the value; 0 for the others.
template <typename T>
constexpr size_t FixedBytes() {
  if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return sizeof(T);
  } else if constexpr (Strong<T>) {
    return sizeof(typename T::ValueType);
  } else if constexpr (std::is_same_v<T, Uuid> || std::is_same_v<T, WriterId>) {
    return 16;
  } else {
    return 0;
  }
}

// The shortest encoding of a list's element: how many of them there can be in a given number of bytes.
template <typename T, Encoding kEncoding = Encoding::kByType>
constexpr size_t MinBytes() {
  if constexpr (FixedBytes<T>() > 0) {
    return FixedBytes<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    return 2;
  } else if constexpr (kEncoding == Encoding::kTableValue || std::is_same_v<T, TableKey>) {
    return 8;
  } else if constexpr (std::is_same_v<T, Buffer>) {
    static_assert(kEncoding == Encoding::kByType);
    return 4;
  } else {
    size_t sum = 0;
    ForEachField<T>([&sum](const auto& field) {
      using Declared = std::remove_cvref_t<decltype(field)>;
      sum += MinBytes<typename Declared::ValueType, Declared::kEncoding>();
    });
    return sum;
  }
}

// Reads a payload from front to back. A Read that returns false has noted what was wrong, and where.
class ByteReader {
 public:
  ByteReader(const Buffer& bytes, size_t offset, size_t size)
      : bytes_(bytes), begin_(bytes.data() + offset), at_(begin_), end_(begin_ + size) {}

  size_t left() const { return static_cast<size_t>(end_ - at_); }
  void SkipRest() { at_ = end_; }
  void set_field(const char* name) { field_ = name; }

  template <typename T>
    requires std::is_integral_v<T>
  bool Read(T* out) {
    if (left() < sizeof(T)) [[unlikely]]
      return Short(sizeof(T));
    if constexpr (std::is_same_v<T, bool>) {
      *out = *at_ != 0;
    } else {
      *out = LoadBigEndian<T>(at_);
    }
    at_ += sizeof(T);
    return true;
  }

  template <typename T>
    requires std::is_enum_v<T>
  bool Read(T* out) {
    std::underlying_type_t<T> value{};
    if (!Read(&value)) return false;
    *out = static_cast<T>(value);
    return true;
  }

  template <Strong T>
  bool Read(T* out) {
    typename T::ValueType value{};
    if (!Read(&value)) return false;
    *out = T(value);
    return true;
  }

  bool Read(Uuid* out) { return Read(&out->high) && Read(&out->low); }
  bool Read(WriterId* out) { return Read(&out->uuid); }

  bool Read(std::string* out) {
    uint16_t size = 0;
    if (!Read(&size)) return false;
    if (size > left()) [[unlikely]]
      return Fail(2, StrCat(size, " bytes declared, ", left(), " left"));
    out->clear();
    out->reserve(size);
    size_t error_offset = 0;
    if (!FromModifiedUtf8(std::string_view(at_, size), out, &error_offset)) [[unlikely]] {
      at_ += error_offset;
      return Fail(0, "not modified UTF-8");
    }
    at_ += size;
    return true;
  }

  // A count of bytes, and the bytes.
  bool Read(Buffer* out) {
    int32_t size = 0;
    if (!Read(&size)) return false;
    if (size < 0) [[unlikely]]
      return Fail(4, StrCat("negative length ", size));
    if (static_cast<size_t>(size) > left()) [[unlikely]] {
      return Fail(4, StrCat(size, " bytes declared, ", left(), " left"));
    }
    *out = bytes_.Slice(static_cast<size_t>(at_ - bytes_.data()), static_cast<size_t>(size));
    at_ += size;
    return true;
  }

  bool ReadRest(Buffer* out) {
    *out = bytes_.Slice(static_cast<size_t>(at_ - bytes_.data()), left());
    at_ = end_;
    return true;
  }

  bool ReadEventFrame(Buffer* out) {
    int32_t type = 0;
    if (!Read(&type)) return false;
    if (type != Event::kInfo.code()) [[unlikely]]
      return Fail(4, StrCat("an event was expected, not type ", type));
    return Read(out);
  }

  // The total is redundant and, for an empty key, wrong: Java ignores it, and so do we.
  bool ReadTableValue(Buffer* out) {
    int32_t total = 0;
    return Read(&total) && Read(out);
  }
  bool Read(TableKey* out) {
    int32_t total = 0;
    if (!Read(&total) || !Read(&out->key)) return false;
    out->version = TableKey::kNoVersion;
    return out->key.empty() || Read(&out->version);
  }

  bool Read(IteratorArgs* out) {
    Buffer obsolete_prefix_filter;
    return ReadIfPresent(&out->continuation_token) && ReadIfPresent(&obsolete_prefix_filter) &&
           ReadIfPresent(&out->from_key) && ReadIfPresent(&out->to_key);
  }

  template <typename T>
  bool Read(std::vector<T>* out) {
    int32_t count = 0;
    if (!Read(&count)) return false;
    if (count < 0) [[unlikely]]
      return Fail(4, StrCat("negative count ", count));
    // Nothing is reserved on the word of a count: the bytes of so many elements must be here.
    if (static_cast<size_t>(count) > left() / MinBytes<T>()) [[unlikely]] {
      return Fail(4, StrCat(count, " elements declared, which cannot be in ", left(), " bytes"));
    }
    out->clear();
    out->reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) {
      if (!Read(&out->emplace_back())) return false;
    }
    return true;
  }

  template <WireStruct T>
  bool Read(T* out) {
    return AllFields<T>([&](const auto& field) { return ReadField(field, out); });
  }

  template <typename Declared, typename T>
  bool ReadField(const Declared& field, T* out) {
    auto* value = &(out->*field.member);
    if constexpr (Declared::kTrailing) {
      // Older peers end here. Too few bytes for the field are surplus bytes, as they are for the Java decoder.
      if (left() < std::max<size_t>(1, FixedBytes<typename Declared::ValueType>())) {
        SkipRest();
        return true;
      }
    }
    if constexpr (Declared::kEncoding == Encoding::kRest) {
      return ReadRest(value);
    } else if constexpr (Declared::kEncoding == Encoding::kEventFrame) {
      return ReadEventFrame(value);
    } else if constexpr (Declared::kEncoding == Encoding::kTableValue) {
      return ReadTableValue(value);
    } else {
      return Read(value);
    }
  }

  // A command: a structure whose fields are named in errors.
  template <WireStruct T>
  bool ReadCommand(T* out) {
    return AllFields<T>([&](const auto& field) {
      field_ = field.name;
      return ReadField(field, out);
    });
  }

  absl::Status Error(std::string_view command) const {
    return MakeStatus(absl::StatusCode::kDataLoss, command, ": ", field_, " at byte ", error_at_ + kFrameHeaderBytes,
                      " of the frame: ", problem_);
  }

 private:
  // The four blobs of IteratorArgs: older peers send fewer.
  bool ReadIfPresent(Buffer* out) {
    if (left() >= sizeof(int32_t)) return Read(out);
    SkipRest();
    return true;
  }

  bool Short(size_t needed) { return Fail(0, StrCat("needs ", needed, " bytes, ", left(), " left")); }
  // `consumed`: how far what was wrong began before the current place.
  bool Fail(size_t consumed, std::string problem) {
    error_at_ = static_cast<size_t>(at_ - begin_) - consumed;
    problem_ = std::move(problem);
    return false;
  }

  const Buffer& bytes_;
  const char* const begin_;
  const char* at_;
  const char* const end_;
  const char* field_ = "";
  size_t error_at_ = 0;
  std::string problem_;
};

template <typename C>
absl::Status DecodeAs(ByteReader& reader, const DecodeOptions& options, Command* command) {
  C& decoded = command->emplace<C>();
  if constexpr (std::is_same_v<C, InvalidEventNumber>) {
    if (options.invalid_event_number_before_v16) {
      InvalidEventNumberBeforeV16 old;
      if (!reader.ReadCommand(&old)) return reader.Error(C::kInfo.name);
      decoded = {old.writer_id, RequestId(-1), std::move(old.server_stack_trace), old.event_number};
      return absl::OkStatus();
    }
  }
  if (!reader.ReadCommand(&decoded)) [[unlikely]]
    return reader.Error(C::kInfo.name);
  return absl::OkStatus();
}

using Decoder = absl::Status (*)(ByteReader&, const DecodeOptions&, Command*);

template <typename Variant>
struct DecoderTable;
template <typename... Commands>
struct DecoderTable<std::variant<Commands...>> {
  static constexpr std::array<Decoder, sizeof...(Commands)> kDecoders = {&DecodeAs<Commands>...};
};

}  // namespace

absl::Status Decode(int32_t code, const Buffer& bytes, size_t payload_offset, size_t payload_bytes,
                    const DecodeOptions& options, Command* command) {
  CHECK(payload_offset <= bytes.size());
  CHECK(payload_bytes <= bytes.size() - payload_offset);
  int index = IndexOfCode(code);
  if (index < 0) return MakeStatus(absl::StatusCode::kDataLoss, "unknown command ", code, " at byte 0 of the frame");
  ByteReader reader(bytes, payload_offset, payload_bytes);
  return DecoderTable<AnyCommand>::kDecoders[static_cast<size_t>(index)](reader, options, command);
}

}  // namespace pravega::wire
