// The format of structured payloads that Java clients write: objects with a version and numbered revisions, each
// revision a length and the data of its fields (Pravega wire protocol, "VersionedSerializer format" and "RevisionData
// primitives").
//
//   object   := 0 [type, only of multi-type objects] version revision_count revision*
//   revision := number, int32 length, data
//
// Integers are big-endian. All known revisions are written. A reader skips revisions and fields that it does not know
// and keeps its defaults for those that are missing, so old and new programs read each other.
//
// Both classes remember their first error and do nothing after it, so that code reads as the list of fields that it is;
// whoever uses them asks for the status at the end. Both are thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CORE_VERSIONED_SERIALIZER_H_
#define PRAVEGA_CONNECTOR_CORE_VERSIONED_SERIALIZER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"

namespace pravega {

// Reads values one after the other from bytes that it does not own. After an error, and for values that are missing,
// readers give zeros and empty strings.
//
// Input may be hostile: a declared length or count is compared with the bytes that are there before anything is done
// with it, and nothing is allocated for elements that have not been read.
class SerializedReader {
 public:
  explicit SerializedReader(std::string_view bytes) : bytes_(bytes), limit_(bytes.size()) {}

  bool ok() const { return status_.ok(); }
  // OK or the first error, kInvalidArgument with the offset in the bytes.
  const absl::Status& status() const { return status_; }
  // Of the next byte to be read.
  size_t offset() const { return at_; }
  // Bytes up to the end of the innermost revision or array that is being read.
  size_t remaining() const { return limit_ - at_; }

  uint8_t ReadByte();
  bool ReadBool() { return ReadByte() != 0; }
  int32_t ReadInt32();
  int64_t ReadInt64();
  double ReadDouble();
  // UTF-8 of a text that is stored in modified UTF-8.
  std::string ReadUtf();
  Uuid ReadUuid();
  int32_t ReadCompactInt();         // 0 .. 2^30 - 1
  int64_t ReadCompactLong();        // 0 .. 2^62 - 1
  int64_t ReadCompactSignedLong();  // -2^61 .. 2^61 - 1
  // Two doubles. Nothing if they are no range: -1, -1 is how writers say that they do not know it.
  std::optional<KeyRange> ReadRange();
  // A UTF that is a full segment name, or "scope/stream".
  SegmentRef ReadSegment();
  ScopedStream ReadStream();

  // A count, then read_element() so many times, as long as all is well. A map is the same: read_element reads a key and
  // a value. Each element must take at least one byte.
  template <typename F>
  void ReadCollection(F read_element) {
    for (int32_t left = ReadCount(); left > 0 && ok(); --left) read_element();
  }

  // A length, then read_content() with just so many bytes remaining; what it leaves is skipped.
  template <typename F>
  void ReadArray(F read_content) {
    Nested nested = BeginArray();
    if (ok()) read_content();
    End(nested);
  }

  // The same with a length that the caller knows.
  template <typename F>
  void ReadPart(size_t length, F read_content) {
    Nested nested = Enter(length);
    if (ok()) read_content();
    End(nested);
  }

  // A plain object: read_revision(version, number) for each revision, 0 .. known_revisions - 1, that is there. Versions
  // above newest_version are an error: nothing is known about their fields.
  template <typename F>
  void ReadObject(int newest_version, int known_revisions, F read_revision) {
    ReadFormat();
    ReadBody(newest_version, known_revisions, read_revision);
  }

  // The type of a multi-type object; ReadBody must follow.
  uint8_t ReadType() {
    ReadFormat();
    return ReadByte();
  }
  template <typename F>
  void ReadBody(int newest_version, int known_revisions, F read_revision) {
    int version = ReadVersion(newest_version);
    int count = ReadByte();
    for (int number = 0; number < count && ok(); ++number) {
      Nested nested = BeginRevision(number, number < known_revisions);
      if (ok() && number < known_revisions) read_revision(version, number);
      End(nested);
    }
  }

  // Records an error of the value that began at offset `at`, unless there is one already.
  template <typename... Pieces>
  void Fail(size_t at, const Pieces&... pieces) {
    if (ok()) status_ = MakeStatus(absl::StatusCode::kInvalidArgument, "offset ", at, ": ", pieces...);
  }

 private:
  struct Nested {
    size_t outer_limit;
  };

  // The next `size` bytes, empty with an error if they are not there.
  std::string_view Take(size_t size, std::string_view what);
  void ReadFormat();
  int ReadVersion(int newest_version);
  int32_t ReadCount();
  Nested BeginArray();
  Nested BeginRevision(int number, bool known);
  Nested Enter(size_t length);
  void End(const Nested& nested);

  std::string_view bytes_;
  size_t at_ = 0;
  size_t limit_;
  absl::Status status_;
};

// Builds the bytes. Errors are values that the format cannot hold: text that is not UTF-8 or above 65535 bytes, numbers
// out of range.
class SerializedWriter {
 public:
  void WriteByte(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void WriteBool(bool value) { WriteByte(value ? 1 : 0); }
  void WriteInt32(int32_t value);
  void WriteInt64(int64_t value);
  void WriteDouble(double value);
  void WriteUtf(std::string_view utf8);
  void WriteUuid(const Uuid& value);
  // The shortest form, as Java writes it. It refuses the greatest value of each, hence so does this.
  void WriteCompactInt(int64_t value);
  void WriteCompactLong(int64_t value);
  void WriteCompactSignedLong(int64_t value);
  void WriteRange(const std::optional<KeyRange>& range);
  void WriteSegment(const SegmentRef& segment) { WriteUtf(segment.ToString()); }
  void WriteStream(const ScopedStream& stream) { WriteUtf(stream.ToString()); }

  // The number of elements, then write_element(element) of each.
  template <typename Elements, typename F>
  void WriteCollection(const Elements& elements, F write_element) {
    WriteCompactInt(static_cast<int64_t>(elements.size()));
    for (const auto& element : elements) write_element(element);
  }

  // A length, then what write_content(writer) writes.
  template <typename F>
  void WriteArray(F write_content) {
    SerializedWriter content;
    write_content(content);
    Append(content);
  }

  // A plain object with one revision for each function.
  template <typename... F>
  void WriteObject(int version, F... write_revisions) {
    WriteByte(0);
    WriteBody(version, write_revisions...);
  }
  template <typename... F>
  void WriteMultiTypeObject(uint8_t type, int version, F... write_revisions) {
    WriteByte(0);
    WriteByte(type);
    WriteBody(version, write_revisions...);
  }

  // Records an error unless there is one already.
  template <typename... Pieces>
  void Fail(const Pieces&... pieces) {
    if (status_.ok()) status_ = MakeStatus(absl::StatusCode::kInvalidArgument, pieces...);
  }

  absl::StatusOr<std::string> Finish() &&;

 private:
  template <typename... F>
  void WriteBody(int version, F... write_revisions) {
    WriteByte(static_cast<uint8_t>(version));
    WriteByte(static_cast<uint8_t>(sizeof...(write_revisions)));
    uint8_t number = 0;
    (WriteRevision(number++, write_revisions), ...);
  }
  template <typename F>
  void WriteRevision(uint8_t number, F write_revision) {
    WriteByte(number);
    size_t length_at = out_.size();
    WriteInt32(0);
    write_revision();
    PatchLength(length_at);
  }
  void PatchLength(size_t length_at);
  void Append(const SerializedWriter& array);

  std::string out_;
  absl::Status status_;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_VERSIONED_SERIALIZER_H_
