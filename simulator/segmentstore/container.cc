#include "simulator/segmentstore/container.h"

#include <algorithm>
#include <map>

#include "connector/core/check.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"
#include "connector/wire/attributes.h"

namespace pravega::sim {
namespace {

using wire::kNullAttributeValue;

constexpr size_t kSnapshotPieceBytes = 1 << 20;

int64_t PendingValue(const Segment& segment, const Uuid& id) {
  auto found = segment.attributes.find(id);
  return found == segment.attributes.end() ? kNullAttributeValue : found->second.pending;
}

int64_t Sum(int64_t value, int64_t by) {
  if (value == kNullAttributeValue) return by;
  // Wraps as Java does: a client may ask for any numbers.
  return static_cast<int64_t>(static_cast<uint64_t>(value) + static_cast<uint64_t>(by));
}

absl::Status Damaged(const Record& record, std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "log record of type ", static_cast<int32_t>(record.type),
                    " on segment ", record.segment, ": ", what);
}

}  // namespace

// ---- Requests

RequestResult Container::Queue(Record record, RequestResult result, std::unique_ptr<Completion> done,
                               const std::vector<Buffer>& data) {
  Entry& entry = queue_.emplace_back();
  entry.record = std::move(record);
  entry.bytes = EncodeRecord(&entry.record, data);
  entry.result = result;
  entry.done = std::move(done);
  ++unsent_records_;
  if (observer_ != nullptr) observer_->WorkQueued();
  return result;
}

RequestResult Container::Follow(RequestResult result, std::unique_ptr<Completion> done) {
  if (done != nullptr) {
    Entry& entry = queue_.emplace_back();
    entry.result = result;
    entry.done = std::move(done);
    if (observer_ != nullptr) observer_->WorkQueued();
  }
  return result;
}

RequestResult Container::Append(Segment& segment, const AppendRequest& request, std::unique_ptr<Completion> done) {
  Outcome outcome = Outcome::kOk;
  if (segment.pending_fate != Segment::Fate::kAlive) {
    outcome = segment.pending_fate == Segment::Fate::kMerged ? Outcome::kMerged : Outcome::kNoSuchSegment;
  } else if (segment.pending_sealed) {
    outcome = Outcome::kSealed;
  } else if (PendingValue(segment, request.writer) != request.expected_number) {
    // Before the offset: a writer that lost track is told so, whatever it appends.
    outcome = Outcome::kBadAttribute;
  } else if (request.expected_offset && *request.expected_offset != segment.pending_length) {
    outcome = Outcome::kConditionFailed;
  }
  if (outcome != Outcome::kOk) return Follow({outcome, segment.pending_length}, std::move(done));

  segment.attributes[request.writer].pending = request.event_number;
  Attribute& events = segment.attributes[wire::kEventCount];
  events.pending = Sum(events.pending, request.event_count);
  for (const Buffer& piece : request.data) segment.pending_length += static_cast<int64_t>(piece.size());
  Record record(RecordType::kAppend, request.wall_ms, segment.id);
  record.writer = request.writer;
  record.event_number = request.event_number;
  record.event_count = request.event_count;
  return Queue(std::move(record), {Outcome::kOk, segment.pending_length}, std::move(done), request.data);
}

RequestResult Container::Create(std::string_view name, const std::vector<AttributeSetting>& attributes, int64_t wall_ms,
                                std::unique_ptr<Completion> done) {
  if (FindPending(name) != nullptr) return Follow({Outcome::kSegmentExists}, std::move(done));
  auto segment = std::make_shared<Segment>(next_segment_++, std::string(name));
  pending_names_.emplace(segment->name, segment);
  created_.emplace(segment->id, segment);
  SetPending(*segment, attributes);
  Record record(RecordType::kCreate, wall_ms, segment->id);
  record.name = segment->name;
  record.attributes = attributes;
  return Queue(std::move(record), {}, std::move(done));
}

RequestResult Container::Seal(std::string_view name, int64_t wall_ms, std::unique_ptr<Completion> done) {
  SegmentPtr segment = FindPending(name);
  if (segment == nullptr) return Follow({Outcome::kNoSuchSegment}, std::move(done));
  if (segment->pending_sealed) return Follow({Outcome::kSealed}, std::move(done));
  segment->pending_sealed = true;
  return Queue(Record(RecordType::kSeal, wall_ms, segment->id), {Outcome::kOk, segment->pending_length},
               std::move(done));
}

RequestResult Container::Truncate(std::string_view name, int64_t offset, int64_t wall_ms,
                                  std::unique_ptr<Completion> done) {
  SegmentPtr segment = FindPending(name);
  if (segment == nullptr) return Follow({Outcome::kNoSuchSegment}, std::move(done));
  if (offset < segment->pending_start || offset > segment->pending_length) {
    return Follow({Outcome::kBadOffset, segment->pending_start}, std::move(done));
  }
  segment->pending_start = offset;
  Record record(RecordType::kTruncate, wall_ms, segment->id);
  record.offset = offset;
  return Queue(std::move(record), {Outcome::kOk, segment->pending_length}, std::move(done));
}

void Container::RemovePending(Segment& segment, Segment::Fate fate) {
  segment.pending_fate = fate;
  pending_names_.erase(segment.name);
}

RequestResult Container::Delete(std::string_view name, int64_t wall_ms, std::unique_ptr<Completion> done) {
  SegmentPtr segment = FindPending(name);
  if (segment == nullptr) return Follow({Outcome::kNoSuchSegment}, std::move(done));
  RemovePending(*segment, Segment::Fate::kDeleted);
  return Queue(Record(RecordType::kDelete, wall_ms, segment->id), {}, std::move(done));
}

Outcome Container::Resolve(const Segment& segment, const std::vector<wire::AttributeUpdate>& updates,
                           std::vector<AttributeSetting>* settings) {
  // An update sees those before it. A frame may bring half a million: they are not searched one by one.
  std::map<Uuid, int64_t> values;
  for (const wire::AttributeUpdate& update : updates) {
    auto [known, first] = values.try_emplace(update.attribute_id);
    int64_t& current = known->second;
    if (first) current = PendingValue(segment, update.attribute_id);
    int64_t value = update.new_value;
    bool holds = true;
    switch (update.type) {
      case wire::AttributeUpdateType::kNone:
        holds = current == kNullAttributeValue;
        break;
      case wire::AttributeUpdateType::kReplace:
        break;
      case wire::AttributeUpdateType::kReplaceIfGreater:
        holds = current == kNullAttributeValue || value > current;
        break;
      case wire::AttributeUpdateType::kAccumulate:
        value = Sum(current, value);
        break;
      case wire::AttributeUpdateType::kReplaceIfEquals:
        holds = current == update.old_value;
        break;
      default:
        return Outcome::kIllegal;
    }
    if (!holds) return Outcome::kBadAttribute;
    current = value;
    settings->push_back({update.attribute_id, value});
  }
  return Outcome::kOk;
}

RequestResult Container::Merge(std::string_view target_name, std::string_view source_name,
                               const std::vector<wire::AttributeUpdate>& updates, int64_t wall_ms,
                               std::unique_ptr<Completion> done) {
  SegmentPtr target = FindPending(target_name);
  if (target == nullptr) return Follow({Outcome::kNoSuchSegment}, std::move(done));
  SegmentPtr source = FindPending(source_name);
  if (source == nullptr) {
    auto merged = pending_merged_.find(source_name);
    if (merged != pending_merged_.end() && merged->second == target->id) {
      return Follow({Outcome::kOk, target->pending_length}, std::move(done));
    }
  }
  if (target->pending_sealed) return Follow({Outcome::kSealed}, std::move(done));
  if (source == nullptr) return Follow({Outcome::kNoSuchSegment, target->pending_length}, std::move(done));
  if (source == target) return Follow({Outcome::kIllegal}, std::move(done));
  if (source->pending_start != 0) return Follow({Outcome::kBadOffset, source->pending_start}, std::move(done));
  // Also if the merge then fails: that is where the real store leaves it.
  if (!source->pending_sealed) Seal(source_name, wall_ms, nullptr);
  std::vector<AttributeSetting> settings;
  Outcome resolved = Resolve(*target, updates, &settings);
  if (resolved != Outcome::kOk) return Follow({resolved}, std::move(done));
  int64_t events = PendingValue(*source, wire::kEventCount);
  if (events != kNullAttributeValue) {
    settings.push_back({wire::kEventCount, Sum(PendingValue(*target, wire::kEventCount), events)});
  }
  SetPending(*target, settings);
  target->pending_length += source->pending_length;
  RemovePending(*source, Segment::Fate::kMerged);
  pending_merged_.insert_or_assign(source->name, target->id);
  Record record(RecordType::kMerge, wall_ms, target->id);
  record.source = source->id;
  record.attributes = std::move(settings);
  return Queue(std::move(record), {Outcome::kOk, target->pending_length}, std::move(done));
}

RequestResult Container::UpdateAttribute(std::string_view name, const Uuid& id, int64_t expected, int64_t value,
                                         int64_t wall_ms, std::unique_ptr<Completion> done) {
  SegmentPtr segment = FindPending(name);
  if (segment == nullptr) return Follow({Outcome::kNoSuchSegment}, std::move(done));
  if (segment->pending_sealed) return Follow({Outcome::kSealed}, std::move(done));
  int64_t current = PendingValue(*segment, id);
  bool reserved = wire::IsCoreAttribute(id) && current == kNullAttributeValue;
  if (reserved || current != expected) return Follow({Outcome::kBadAttribute, current}, std::move(done));
  return QueueSettings(*segment, {{id, value}}, wall_ms, std::move(done));
}

RequestResult Container::SetAttributes(std::string_view name, const std::vector<AttributeSetting>& attributes,
                                       int64_t wall_ms, std::unique_ptr<Completion> done) {
  SegmentPtr segment = FindPending(name);
  if (segment == nullptr) return Follow({Outcome::kNoSuchSegment}, std::move(done));
  if (segment->pending_sealed) return Follow({Outcome::kSealed}, std::move(done));
  return QueueSettings(*segment, attributes, wall_ms, std::move(done));
}

RequestResult Container::QueueSettings(Segment& segment, std::vector<AttributeSetting> settings, int64_t wall_ms,
                                       std::unique_ptr<Completion> done) {
  SetPending(segment, settings);
  Record record(RecordType::kAttributes, wall_ms, segment.id);
  record.attributes = std::move(settings);
  return Queue(std::move(record), {Outcome::kOk, segment.pending_length}, std::move(done));
}

void Container::SetPending(Segment& segment, const std::vector<AttributeSetting>& settings) {
  for (const AttributeSetting& setting : settings) segment.attributes[setting.id].pending = setting.value;
}

// ---- The way to the log

void Container::CompleteReady() {
  while (!queue_.empty() && queue_.front().bytes.empty()) {
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    entry.done->Complete(entry.result);
  }
}

std::vector<Buffer> Container::TakeBatch(size_t max_bytes) {
  CHECK(in_flight_ == 0);
  std::vector<Buffer> batch;
  size_t bytes = 0;
  for (const Entry& entry : queue_) {
    if (entry.bytes.empty()) continue;
    if (!batch.empty() && bytes + entry.bytes.size() > max_bytes) break;
    bytes += entry.bytes.size();
    batch.push_back(entry.bytes);
  }
  in_flight_ = batch.size();
  unsent_records_ -= in_flight_;
  return batch;
}

bool Container::batch_is_mixed() const {
  size_t left = in_flight_;
  int64_t first = 0;
  for (const Entry& entry : queue_) {
    if (left == 0) break;
    if (entry.bytes.empty()) continue;
    --left;
    if (first == 0) first = entry.record.segment;
    if (entry.record.segment != first) return true;
  }
  return false;
}

void Container::ApplyNext() {
  CHECK(in_flight_ > 0);
  CompleteReady();
  Entry entry = std::move(queue_.front());
  queue_.pop_front();
  --in_flight_;
  absl::Status applied = Apply(entry.record, entry.bytes.size());
  CHECK_MSG(applied.ok(), applied.ToString());
  if (entry.done != nullptr) entry.done->Complete(entry.result);
  CompleteReady();
}

void Container::Abandon() {
  observer_ = nullptr;
  while (!queue_.empty()) {
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    if (entry.done != nullptr) entry.done->Complete({Outcome::kInDoubt});
  }
  in_flight_ = unsent_records_ = 0;
  for (auto& [id, segment] : segments_) segment->waiters.WakeAll(TailWaiter::Event::kGone);
}

// ---- Records

absl::Status Container::Apply(Record& record, size_t bytes) {
  bytes_behind_snapshot_ += bytes;
  if (record.type >= RecordType::kSnapshotBegin) return ApplySnapshot(record);
  // Whoever wrote a snapshot in part did not go on: what follows is a later owner's.
  reading_.reset();
  if (record.type == RecordType::kCreate) {
    if (segments_.contains(record.segment)) return Damaged(record, "it exists already");
    ApplyCreate(record);
    return absl::OkStatus();
  }
  auto found = segments_.find(record.segment);
  if (found == segments_.end()) return Damaged(record, "there is no such segment");
  found->second->last_modified_ms = record.wall_ms;
  return ApplyToSegment(found->second, record);
}

absl::Status Container::ApplyToSegment(const SegmentPtr& found, Record& record) {
  Segment& segment = *found;
  switch (record.type) {
    case RecordType::kAppend:
      ApplyAppend(segment, record);
      return absl::OkStatus();
    case RecordType::kSeal:
      segment.sealed = true;
      segment.waiters.WakeAll(TailWaiter::Event::kSealed);
      return absl::OkStatus();
    case RecordType::kTruncate: {
      if (record.offset < segment.start() || record.offset > segment.length()) return Damaged(record, "bad offset");
      live_bytes_ -= static_cast<size_t>(record.offset - segment.start());
      segment.data.TruncateBefore(record.offset);
      return absl::OkStatus();
    }
    case RecordType::kMerge:
      return ApplyMerge(segment, record);
    case RecordType::kDelete: {
      SegmentPtr removed = found;
      live_bytes_ -= static_cast<size_t>(removed->length() - removed->start());
      Remove(removed);
      removed->waiters.WakeAll(TailWaiter::Event::kGone);
      return absl::OkStatus();
    }
    case RecordType::kAttributes:
      SetDurable(segment, record.attributes);
      return absl::OkStatus();
    default:
      return Damaged(record, "not a change of a segment");
  }
}

void Container::ApplyCreate(Record& record) {
  SegmentPtr segment;
  auto pending = created_.find(record.segment);
  if (pending != created_.end()) {
    segment = std::move(pending->second);
    created_.erase(pending);
  } else {
    segment = std::make_shared<Segment>(record.segment, std::move(record.name));
  }
  SetDurable(*segment, record.attributes);
  segment->last_modified_ms = record.wall_ms;
  Insert(std::move(segment));
}

void Container::ApplyAppend(Segment& segment, Record& record) {
  segment.attributes[record.writer].durable = record.event_number;
  Attribute& events = segment.attributes[wire::kEventCount];
  events.durable = Sum(events.durable, record.event_count);
  live_bytes_ += record.data.size();
  segment.data.Append(std::move(record.data));
  segment.waiters.WakeBelow(segment.length(), TailWaiter::Event::kData);
}

absl::Status Container::ApplyMerge(Segment& target, const Record& record) {
  auto found = segments_.find(record.source);
  if (found == segments_.end()) return Damaged(record, "the source of the merge is not there");
  SegmentPtr source = found->second;
  if (source.get() == &target) return Damaged(record, "a merge into itself");
  SetDurable(target, record.attributes);
  target.data.Append(std::move(source->data));
  source->data = ChunkList();
  Remove(source);
  RememberMerge(source->name, target.id);
  source->waiters.WakeAll(TailWaiter::Event::kGone);
  target.waiters.WakeBelow(target.length(), TailWaiter::Event::kData);
  return absl::OkStatus();
}

void Container::SetDurable(Segment& segment, const std::vector<AttributeSetting>& settings) {
  for (const AttributeSetting& setting : settings) segment.attributes[setting.id].durable = setting.value;
}

void Container::Insert(SegmentPtr segment) {
  next_durable_segment_ = std::max(next_durable_segment_, segment->id + 1);
  durable_names_.insert_or_assign(segment->name, segment);
  segments_.emplace(segment->id, std::move(segment));
}

void Container::Remove(const SegmentPtr& segment) {
  segments_.erase(segment->id);
  durable_names_.erase(segment->name);
}

void Container::RememberMerge(const std::string& source, int64_t target) {
  // A name that is used and merged again is remembered once.
  if (!merged_.insert_or_assign(source, target).second) {
    merged_order_.erase(std::find(merged_order_.begin(), merged_order_.end(), source));
  }
  merged_order_.push_back(source);
  if (merged_order_.size() <= kRememberedMerges) return;
  auto oldest = merged_.find(merged_order_.front());
  auto pending = pending_merged_.find(oldest->first);
  if (pending != pending_merged_.end() && pending->second == oldest->second) pending_merged_.erase(pending);
  merged_.erase(oldest);
  merged_order_.pop_front();
}

// ---- Snapshots

std::vector<Container::Entry> Container::MakeSnapshot() const {
  std::vector<Entry> entries;
  auto add = [&entries](Record record, const std::vector<Buffer>& data) {
    Entry& entry = entries.emplace_back();
    entry.record = std::move(record);
    entry.bytes = EncodeRecord(&entry.record, data);
  };
  Record begin(RecordType::kSnapshotBegin);
  begin.source = next_durable_segment_;
  for (const std::string& source : merged_order_) begin.merged.push_back({source, merged_.find(source)->second});
  add(std::move(begin), {});
  for (const auto& [id, segment] : segments_) {
    Record head(RecordType::kSnapshotSegment, segment->last_modified_ms, id);
    head.name = segment->name;
    head.sealed = segment->sealed;
    head.offset = segment->start();
    head.length = segment->length();
    for (const auto& [attribute, value] : segment->attributes) {
      if (value.durable != kNullAttributeValue) head.attributes.push_back({attribute, value.durable});
    }
    add(std::move(head), {});
    for (int64_t at = segment->start(); at < segment->length();) {
      Record data(RecordType::kSnapshotData, 0, id);
      data.offset = at;
      std::vector<Buffer> pieces;
      const int64_t end = std::min(segment->length(), at + static_cast<int64_t>(kSnapshotPieceBytes));
      while (at < end) {
        pieces.push_back(segment->data.Read(at, static_cast<size_t>(end - at)));
        at += static_cast<int64_t>(pieces.back().size());
      }
      add(std::move(data), pieces);
    }
  }
  add(Record(RecordType::kSnapshotEnd), {});
  return entries;
}

size_t Container::QueueSnapshot() {
  CHECK(in_flight_ == 0);
  std::vector<Entry> entries = MakeSnapshot();
  unsent_records_ += entries.size();
  size_t bytes = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    bytes += entry->bytes.size();
    queue_.push_front(std::move(*entry));
  }
  return bytes;
}

std::string Container::Fingerprint() const {
  std::string text;
  for (const Entry& entry : MakeSnapshot()) text.append(entry.bytes.view());
  return text;
}

absl::Status Container::ApplySnapshot(Record& record) {
  if (record.type == RecordType::kSnapshotBegin) {
    reading_ = Snapshot();
    reading_->next_segment = record.source;
    reading_->merged = std::move(record.merged);
    return absl::OkStatus();
  }
  if (!reading_) return Damaged(record, "a part of a snapshot without its beginning");
  if (record.type == RecordType::kSnapshotEnd) return InstallSnapshot();
  if (record.type == RecordType::kSnapshotSegment) {
    auto segment = std::make_shared<Segment>(record.segment, std::move(record.name));
    segment->sealed = record.sealed;
    segment->last_modified_ms = record.wall_ms;
    segment->data = ChunkList(record.offset);
    SetDurable(*segment, record.attributes);
    reading_->lengths[record.segment] = record.length;
    if (!reading_->segments.emplace(record.segment, std::move(segment)).second)
      return Damaged(record, "it is there twice");
    return absl::OkStatus();
  }
  auto found = reading_->segments.find(record.segment);
  if (found == reading_->segments.end()) return Damaged(record, "data without their segment");
  if (found->second->length() != record.offset) return Damaged(record, "data at another offset than expected");
  found->second->data.Append(std::move(record.data));
  return absl::OkStatus();
}

absl::Status Container::InstallSnapshot() {
  Snapshot snapshot = *std::move(reading_);
  reading_.reset();
  for (auto& [id, segment] : snapshot.segments) {
    if (segment->length() != snapshot.lengths[id])
      return absl::DataLossError("a snapshot lacks data of " + segment->name);
    auto known = segments_.find(id);
    if (known == segments_.end()) {
      live_bytes_ += static_cast<size_t>(segment->length() - segment->start());
      Insert(segment);
    } else if (known->second->start() != segment->start() || known->second->length() != segment->length()) {
      return absl::DataLossError("a snapshot contradicts the log before it about " + segment->name);
    } else {
      // The same bytes, in few large pieces, and without the records that they first came in.
      known->second->data = std::move(segment->data);
    }
  }
  next_durable_segment_ = std::max(next_durable_segment_, snapshot.next_segment);
  if (merged_order_.empty()) {
    for (const auto& [source, target] : snapshot.merged) RememberMerge(source, target);
  }
  bytes_behind_snapshot_ = 0;
  return absl::OkStatus();
}

// ---- Recovery

absl::Status Container::Replay(const Buffer& bytes) {
  absl::StatusOr<Record> record = DecodeRecord(bytes);
  if (!record.ok()) return record.status();
  return Apply(*record, bytes.size());
}

void Container::FinishReplay() {
  reading_.reset();
  pending_names_ = durable_names_;
  pending_merged_ = merged_;
  next_segment_ = next_durable_segment_;
  for (auto& [id, segment] : segments_) {
    segment->pending_sealed = segment->sealed;
    segment->pending_start = segment->start();
    segment->pending_length = segment->length();
    for (auto& [attribute, value] : segment->attributes) value.pending = value.durable;
  }
}

}  // namespace pravega::sim
