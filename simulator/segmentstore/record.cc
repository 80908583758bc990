#include "simulator/segmentstore/record.h"

#include <concepts>
#include <cstddef>

#include "connector/core/big_endian.h"
#include "connector/core/strings.h"

namespace pravega::sim {
namespace {

class Writer {
 public:
  explicit Writer(size_t size) { bytes_.reserve(size); }
  template <std::integral T>
  void Put(T value) {
    char bytes[sizeof(T)];
    StoreBigEndian(value, bytes);
    bytes_.append(bytes, sizeof(T));
  }
  void Put(const Uuid& id) {
    Put(id.high);
    Put(id.low);
  }
  void Put(const std::string& text) {
    Put(static_cast<int32_t>(text.size()));
    bytes_.append(text);
  }
  void Put(const std::vector<AttributeSetting>& settings) {
    Put(static_cast<int32_t>(settings.size()));
    for (const AttributeSetting& setting : settings) {
      Put(setting.id);
      Put(setting.value);
    }
  }
  void Put(const std::vector<std::pair<std::string, int64_t>>& merged) {
    Put(static_cast<int32_t>(merged.size()));
    for (const auto& [source, target] : merged) {
      Put(source);
      Put(target);
    }
  }
  void PutRaw(const Buffer& piece) { bytes_.append(piece.view()); }
  size_t size() const { return bytes_.size(); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After a failure every value is zero and nothing more is read.
class Reader {
 public:
  explicit Reader(const Buffer& bytes) : bytes_(bytes) {}
  template <std::integral T>
  T Get() {
    if (!Has(sizeof(T))) return 0;
    T value = LoadBigEndian<T>(bytes_.data() + at_);
    at_ += sizeof(T);
    return value;
  }
  Uuid GetUuid() {
    Uuid id;
    id.high = Get<uint64_t>();
    id.low = Get<uint64_t>();
    return id;
  }
  std::string GetText() {
    size_t size = GetCount(1);
    std::string text(bytes_.view().substr(at_, size));
    at_ += size;
    return text;
  }
  std::vector<AttributeSetting> GetSettings() {
    std::vector<AttributeSetting> settings(GetCount(24));
    for (AttributeSetting& setting : settings) {
      setting.id = GetUuid();
      setting.value = Get<int64_t>();
    }
    return settings;
  }
  std::vector<std::pair<std::string, int64_t>> GetMerged() {
    std::vector<std::pair<std::string, int64_t>> merged(GetCount(12));
    for (auto& [source, target] : merged) {
      source = GetText();
      target = Get<int64_t>();
    }
    return merged;
  }
  Buffer GetRest() {
    size_t from = at_;
    at_ = bytes_.size();
    return bytes_.From(from);
  }
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }
  size_t at() const { return at_; }

 private:
  bool Has(size_t size) {
    ok_ = ok_ && size <= bytes_.size() - at_;
    return ok_;
  }
  // A count of elements of at least `element_bytes` each: never more than could be there.
  size_t GetCount(size_t element_bytes) {
    int32_t count = Get<int32_t>();
    ok_ = ok_ && count >= 0 && static_cast<size_t>(count) <= (bytes_.size() - at_) / element_bytes;
    return ok_ ? static_cast<size_t>(count) : 0;
  }

  const Buffer& bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

// Beside data, names and lists no record is longer.
constexpr size_t kFixedBytes = 64;

}  // namespace

Buffer EncodeRecord(Record* record, const std::vector<Buffer>& pieces) {
  size_t data_bytes = 0;
  for (const Buffer& piece : pieces) data_bytes += piece.size();
  Writer out(kFixedBytes + record->name.size() + 24 * record->attributes.size() + data_bytes);
  out.Put(static_cast<int8_t>(record->type));
  out.Put(record->wall_ms);
  out.Put(record->segment);
  switch (record->type) {
    case RecordType::kCreate:
      out.Put(record->name);
      out.Put(record->attributes);
      break;
    case RecordType::kAppend:
      out.Put(record->writer);
      out.Put(record->event_number);
      out.Put(record->event_count);
      break;
    case RecordType::kTruncate:
    case RecordType::kSnapshotData:
      out.Put(record->offset);
      break;
    case RecordType::kMerge:
      out.Put(record->source);
      out.Put(record->attributes);
      break;
    case RecordType::kAttributes:
      out.Put(record->attributes);
      break;
    case RecordType::kSnapshotBegin:
      out.Put(record->source);
      out.Put(record->merged);
      break;
    case RecordType::kSnapshotSegment:
      out.Put(record->name);
      out.Put(static_cast<int8_t>(record->sealed));
      out.Put(record->offset);
      out.Put(record->length);
      out.Put(record->attributes);
      break;
    case RecordType::kSeal:
    case RecordType::kDelete:
    case RecordType::kSnapshotEnd:
      break;
  }
  size_t data_at = out.size();
  for (const Buffer& piece : pieces) out.PutRaw(piece);
  Buffer bytes(out.Take());
  record->data = bytes.From(data_at);
  return bytes;
}

absl::StatusOr<Record> DecodeRecord(const Buffer& bytes) {
  Reader in(bytes);
  Record record;
  int8_t type = in.Get<int8_t>();
  record.type = static_cast<RecordType>(type);
  record.wall_ms = in.Get<int64_t>();
  record.segment = in.Get<int64_t>();
  switch (record.type) {
    case RecordType::kCreate:
      record.name = in.GetText();
      record.attributes = in.GetSettings();
      break;
    case RecordType::kAppend:
      record.writer = in.GetUuid();
      record.event_number = in.Get<int64_t>();
      record.event_count = in.Get<int32_t>();
      record.data = in.GetRest();
      break;
    case RecordType::kTruncate:
      record.offset = in.Get<int64_t>();
      break;
    case RecordType::kSnapshotData:
      record.offset = in.Get<int64_t>();
      record.data = in.GetRest();
      break;
    case RecordType::kMerge:
      record.source = in.Get<int64_t>();
      record.attributes = in.GetSettings();
      break;
    case RecordType::kAttributes:
      record.attributes = in.GetSettings();
      break;
    case RecordType::kSnapshotBegin:
      record.source = in.Get<int64_t>();
      record.merged = in.GetMerged();
      break;
    case RecordType::kSnapshotSegment:
      record.name = in.GetText();
      record.sealed = in.Get<int8_t>() != 0;
      record.offset = in.Get<int64_t>();
      record.length = in.Get<int64_t>();
      record.attributes = in.GetSettings();
      break;
    case RecordType::kSeal:
    case RecordType::kDelete:
    case RecordType::kSnapshotEnd:
      break;
    default:
      return MakeStatus(absl::StatusCode::kDataLoss, "log record: unknown type ", static_cast<int32_t>(type));
  }
  if (!in.ok() || !in.at_end()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "log record of type ", static_cast<int32_t>(type), ": ",
                      in.ok() ? "surplus bytes" : "cut short", " at byte ", in.at(), " of ", bytes.size());
  }
  return record;
}

}  // namespace pravega::sim
