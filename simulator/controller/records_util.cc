#include "simulator/controller/records_util.h"

#include "connector/core/check.h"

namespace pravega::sim {
namespace {

constexpr int kRememberedOperations = 16;

}  // namespace

EpochTable FromRecord(const records::EpochSegments& record) {
  EpochTable table;
  table.epoch = Epoch(record.epoch());
  table.reference_epoch = Epoch(record.reference_epoch());
  table.created_ms = record.created_ms();
  table.segments.reserve(static_cast<size_t>(record.segments_size()));
  for (const records::Segment& segment : record.segments()) {
    table.segments.push_back({SegmentId(segment.id()), {segment.low(), segment.high()}});
  }
  return table;
}

records::EpochSegments ToRecord(const EpochTable& table) {
  records::EpochSegments record;
  record.set_epoch(table.epoch.value());
  record.set_reference_epoch(table.reference_epoch.value());
  record.set_created_ms(table.created_ms);
  for (const EpochSegment& segment : table.segments) {
    records::Segment* stored = record.add_segments();
    stored->set_id(segment.id.value());
    stored->set_low(segment.range.low);
    stored->set_high(segment.range.high);
  }
  return record;
}

Cut FromRecord(const CutEntries& entries) {
  Cut cut;
  for (const records::CutEntry& entry : entries) cut[SegmentId(entry.segment())] = entry.offset();
  return cut;
}

CutEntries ToRecord(const Cut& cut) {
  CutEntries entries;
  for (const auto& [segment, offset] : cut) {
    records::CutEntry* entry = entries.Add();
    entry->set_segment(segment.value());
    entry->set_offset(offset);
  }
  return entries;
}

std::vector<KeyRange> FromRecord(const google::protobuf::RepeatedPtrField<records::KeyRange>& ranges) {
  std::vector<KeyRange> list;
  for (const records::KeyRange& range : ranges) list.push_back({range.low(), range.high()});
  return list;
}

void ToRecord(const std::vector<KeyRange>& ranges, google::protobuf::RepeatedPtrField<records::KeyRange>* record) {
  record->Clear();
  for (const KeyRange& range : ranges) {
    records::KeyRange* stored = record->Add();
    stored->set_low(range.low);
    stored->set_high(range.high);
  }
}

TxnId FromRecord(const records::TxnRef& record) {
  return TxnId{Uuid{static_cast<uint64_t>(record.high()), static_cast<uint64_t>(record.low())}};
}

std::string ToBytes(const Uuid& uuid) {
  std::string bytes;
  for (uint64_t half : {uuid.high, uuid.low}) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(half >> shift & 0xff));
  }
  return bytes;
}

const records::Operation* FindOperation(const records::Stream& stream, const std::string& id) {
  for (const records::Operation& operation : stream.queue()) {
    if (operation.id() == id) return &operation;
  }
  return nullptr;
}

bool EndedRecently(const records::Stream& stream, const std::string& id) {
  for (const std::string& ended : stream.recent()) {
    if (ended == id) return true;
  }
  return false;
}

void EndFirstOperation(records::Stream* stream) {
  CHECK(stream->queue_size() > 0);
  stream->add_recent(stream->queue(0).id());
  if (stream->recent_size() > kRememberedOperations) stream->mutable_recent()->DeleteSubrange(0, 1);
  stream->mutable_queue()->DeleteSubrange(0, 1);
}

}  // namespace pravega::sim
