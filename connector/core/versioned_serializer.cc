#include "connector/core/versioned_serializer.h"

#include <bit>
#include <limits>

#include "connector/core/big_endian.h"
#include "connector/core/modified_utf8.h"

namespace pravega {
namespace {

constexpr int64_t kCompactIntLimit = (int64_t{1} << 30) - 1;  // exclusive, as the next two
constexpr int64_t kCompactLongLimit = (int64_t{1} << 62) - 1;
constexpr int64_t kCompactSignedLongLimit = (int64_t{1} << 61) - 1;  // of the magnitude

}  // namespace

std::string_view SerializedReader::Take(size_t size, std::string_view what) {
  if (!ok()) return {};
  if (size > remaining()) {
    Fail(at_, what, " takes ", size, " bytes, ", remaining(), " are left");
    return {};
  }
  std::string_view taken = bytes_.substr(at_, size);
  at_ += size;
  return taken;
}

uint8_t SerializedReader::ReadByte() {
  std::string_view bytes = Take(1, "a byte");
  return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
}

int32_t SerializedReader::ReadInt32() {
  std::string_view bytes = Take(4, "an int32");
  return bytes.empty() ? 0 : LoadBigEndian<int32_t>(bytes.data());
}

int64_t SerializedReader::ReadInt64() {
  std::string_view bytes = Take(8, "an int64");
  return bytes.empty() ? 0 : LoadBigEndian<int64_t>(bytes.data());
}

double SerializedReader::ReadDouble() { return std::bit_cast<double>(ReadInt64()); }

std::string SerializedReader::ReadUtf() {
  std::string_view length = Take(2, "the length of a text");
  if (length.empty()) return {};
  size_t text_at = at_;
  std::string_view modified = Take(LoadBigEndian<uint16_t>(length.data()), "a text");
  std::string utf8;
  size_t error_at = 0;
  if (!FromModifiedUtf8(modified, &utf8, &error_at)) Fail(text_at + error_at, "malformed modified UTF-8");
  return utf8;
}

Uuid SerializedReader::ReadUuid() {
  Uuid uuid;
  uuid.high = static_cast<uint64_t>(ReadInt64());
  uuid.low = static_cast<uint64_t>(ReadInt64());
  return uuid;
}

int32_t SerializedReader::ReadCompactInt() {
  std::string_view first = Take(1, "a compact int");
  if (first.empty()) return 0;
  uint32_t lead = static_cast<unsigned char>(first[0]);
  if (lead < 0x80) return static_cast<int32_t>(lead);
  size_t more = lead < 0xc0 ? 1 : 3;
  std::string_view rest = Take(more, "the rest of a compact int");
  if (rest.empty()) return 0;
  uint32_t value = lead & 0x3f;
  for (char c : rest) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<int32_t>(value);
}

int64_t SerializedReader::ReadCompactLong() {
  std::string_view first = Take(1, "a compact long");
  if (first.empty()) return 0;
  uint64_t lead = static_cast<unsigned char>(first[0]);
  size_t size = size_t{1} << (lead >> 6);
  std::string_view rest = Take(size - 1, "the rest of a compact long");
  if (!ok()) return 0;
  uint64_t value = lead & 0x3f;
  for (char c : rest) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<int64_t>(value);
}

int64_t SerializedReader::ReadCompactSignedLong() {
  std::string_view first = Take(1, "a compact signed long");
  if (first.empty()) return 0;
  uint64_t lead = static_cast<unsigned char>(first[0]);
  size_t size = size_t{1} << (lead >> 5 & 3);
  std::string_view rest = Take(size - 1, "the rest of a compact signed long");
  if (!ok()) return 0;
  uint64_t value = lead & 0x1f;
  for (char c : rest) value = value << 8 | static_cast<unsigned char>(c);
  int64_t magnitude = static_cast<int64_t>(value);
  return lead & 0x80 ? -magnitude - 1 : magnitude;
}

std::optional<KeyRange> SerializedReader::ReadRange() {
  double low = ReadDouble();
  double high = ReadDouble();
  // Written so that a NaN is no range either.
  if (!ok() || !(low >= 0 && low <= high)) return std::nullopt;
  return KeyRange{low, high};
}

SegmentRef SerializedReader::ReadSegment() {
  size_t at = at_;
  std::string name = ReadUtf();
  if (!ok()) return {};
  absl::StatusOr<SegmentRef> segment = SegmentRef::Parse(name);
  if (segment.ok()) return *std::move(segment);
  Fail(at, ToStd(segment.status().message()));
  return {};
}

ScopedStream SerializedReader::ReadStream() {
  size_t at = at_;
  std::string name = ReadUtf();
  if (!ok()) return {};
  absl::StatusOr<ScopedStream> stream = ScopedStream::Parse(name);
  if (stream.ok()) return *std::move(stream);
  Fail(at, ToStd(stream.status().message()));
  return {};
}

void SerializedReader::ReadFormat() {
  size_t at = at_;
  int format = ReadByte();
  if (format != 0) Fail(at, "format ", format, " is unknown, only 0 is defined");
}

int SerializedReader::ReadVersion(int newest_version) {
  size_t at = at_;
  int version = ReadByte();
  if (version > newest_version) Fail(at, "version ", version, " is unknown, the newest known is ", newest_version);
  return version;
}

int32_t SerializedReader::ReadCount() {
  size_t at = at_;
  int32_t count = ReadCompactInt();
  // Every element takes a byte at least.
  if (static_cast<size_t>(count) > remaining()) {
    Fail(at, "a count of ", count, " with ", remaining(), " bytes left");
    return 0;
  }
  return count;
}

SerializedReader::Nested SerializedReader::Enter(size_t length) {
  Nested nested{limit_};
  if (length > remaining()) {
    Fail(at_, "a part of ", length, " bytes, ", remaining(), " are left");
  } else if (ok()) {
    limit_ = at_ + length;
  }
  return nested;
}

SerializedReader::Nested SerializedReader::BeginArray() {
  int32_t length = ReadCompactInt();
  return Enter(static_cast<size_t>(length));
}

SerializedReader::Nested SerializedReader::BeginRevision(int number, bool known) {
  size_t at = at_;
  int written = ReadByte();
  if (known && written != number) Fail(at, "revision ", written, " where ", number, " was due");
  at = at_;
  int32_t length = ReadInt32();
  if (length < 0) {
    Fail(at, "a revision of ", length, " bytes");
    length = 0;
  }
  return Enter(static_cast<size_t>(length));
}

void SerializedReader::End(const Nested& nested) {
  if (ok()) at_ = limit_;
  limit_ = nested.outer_limit;
}

void SerializedWriter::WriteInt32(int32_t value) {
  char bytes[4];
  StoreBigEndian(value, bytes);
  out_.append(bytes, sizeof(bytes));
}

void SerializedWriter::WriteInt64(int64_t value) {
  char bytes[8];
  StoreBigEndian(value, bytes);
  out_.append(bytes, sizeof(bytes));
}

void SerializedWriter::WriteDouble(double value) { WriteInt64(std::bit_cast<int64_t>(value)); }

void SerializedWriter::WriteUtf(std::string_view utf8) {
  size_t length_at = out_.size();
  out_.append(2, '\0');
  if (!ToModifiedUtf8(utf8, &out_)) {
    Fail("a text of ", utf8.size(), " bytes is not UTF-8");
    return;
  }
  size_t length = out_.size() - length_at - 2;
  if (length > kMaxStringBytes) {
    Fail("a text takes ", length, " bytes, at most ", kMaxStringBytes, " are possible");
    return;
  }
  StoreBigEndian(static_cast<uint16_t>(length), &out_[length_at]);
}

void SerializedWriter::WriteUuid(const Uuid& value) {
  WriteInt64(static_cast<int64_t>(value.high));
  WriteInt64(static_cast<int64_t>(value.low));
}

void SerializedWriter::WriteCompactInt(int64_t value) {
  if (value < 0 || value >= kCompactIntLimit) {
    Fail("the number ", value, " does not fit a compact int");
  } else if (value <= 0x7f) {
    WriteByte(static_cast<uint8_t>(value));
  } else if (value <= 0x3fff) {
    WriteByte(static_cast<uint8_t>(0x80 | value >> 8));
    WriteByte(static_cast<uint8_t>(value));
  } else {
    WriteInt32(static_cast<int32_t>(0xc0000000u | static_cast<uint32_t>(value)));
  }
}

void SerializedWriter::WriteCompactLong(int64_t value) {
  if (value < 0 || value >= kCompactLongLimit) {
    Fail("the number ", value, " does not fit a compact long");
  } else if (value <= 0x3f) {
    WriteByte(static_cast<uint8_t>(value));
  } else if (value <= 0x3fff) {
    WriteByte(static_cast<uint8_t>(0x40 | value >> 8));
    WriteByte(static_cast<uint8_t>(value));
  } else if (value <= 0x3fffffff) {
    WriteInt32(static_cast<int32_t>(0x80000000u | static_cast<uint32_t>(value)));
  } else {
    WriteInt64(static_cast<int64_t>(uint64_t{3} << 62 | static_cast<uint64_t>(value)));
  }
}

void SerializedWriter::WriteCompactSignedLong(int64_t value) {
  // -v - 1 is ~v: no overflow for any v.
  int64_t magnitude = value < 0 ? ~value : value;
  uint8_t sign = value < 0 ? 0x80 : 0;
  if (magnitude >= kCompactSignedLongLimit) {
    Fail("the number ", value, " does not fit a compact signed long");
  } else if (magnitude <= 0x1f) {
    WriteByte(static_cast<uint8_t>(sign | magnitude));
  } else if (magnitude <= 0x1fff) {
    WriteByte(static_cast<uint8_t>(sign | 0x20 | magnitude >> 8));
    WriteByte(static_cast<uint8_t>(magnitude));
  } else if (magnitude <= 0x1fffffff) {
    WriteInt32(static_cast<int32_t>(uint32_t{sign} << 24 | 0x40000000u | static_cast<uint32_t>(magnitude)));
  } else {
    WriteInt64(static_cast<int64_t>(uint64_t{sign} << 56 | uint64_t{3} << 61 | static_cast<uint64_t>(magnitude)));
  }
}

void SerializedWriter::WriteRange(const std::optional<KeyRange>& range) {
  WriteDouble(range ? range->low : -1);
  WriteDouble(range ? range->high : -1);
}

void SerializedWriter::PatchLength(size_t length_at) {
  size_t length = out_.size() - length_at - 4;
  if (length > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    Fail("a revision of ", length, " bytes is too long");
    return;
  }
  StoreBigEndian(static_cast<int32_t>(length), &out_[length_at]);
}

void SerializedWriter::Append(const SerializedWriter& array) {
  if (status_.ok()) status_ = array.status_;
  WriteCompactInt(static_cast<int64_t>(array.out_.size()));
  out_.append(array.out_);
}

absl::StatusOr<std::string> SerializedWriter::Finish() && {
  if (!status_.ok()) return status_;
  return std::move(out_);
}

}  // namespace pravega
