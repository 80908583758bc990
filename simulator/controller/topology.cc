#include "simulator/controller/topology.h"

#include <algorithm>
#include <utility>

#include "connector/core/check.h"

namespace pravega::sim {
namespace {

void SortByRange(std::vector<EpochSegment>* segments) {
  std::sort(segments->begin(), segments->end(), [](const EpochSegment& a, const EpochSegment& b) {
    return a.range.low != b.range.low ? a.range.low < b.range.low : a.id < b.id;
  });
}

// Sorted, neighbours that touch exactly merged.
std::vector<KeyRange> Merged(std::vector<KeyRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const KeyRange& a, const KeyRange& b) { return a.low != b.low ? a.low < b.low : a.high < b.high; });
  std::vector<KeyRange> merged;
  for (const KeyRange& range : ranges) {
    if (!merged.empty() && merged.back().high == range.low) {
      merged.back().high = range.high;
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

}  // namespace

const EpochSegment* EpochTable::Find(SegmentId id) const {
  for (const EpochSegment& segment : segments) {
    if (segment.id == id) return &segment;
  }
  return nullptr;
}

const EpochSegment* EpochTable::FindNumber(int32_t number) const {
  for (const EpochSegment& segment : segments) {
    if (segment.id.number() == number) return &segment;
  }
  return nullptr;
}

int32_t EpochTable::HighestNumber() const {
  int32_t highest = -1;
  for (const EpochSegment& segment : segments) highest = std::max(highest, segment.id.number());
  return highest;
}

std::vector<KeyRange> EqualRanges(int32_t count) {
  CHECK(count > 0);
  std::vector<KeyRange> ranges;
  ranges.reserve(static_cast<size_t>(count));
  double part = 1.0 / count;
  for (int32_t i = 0; i < count; ++i) ranges.push_back({i * part, (i + 1) * part});
  return ranges;
}

EpochTable InitialEpoch(int32_t first_number, int32_t count, int64_t created_ms) {
  EpochTable table;
  table.created_ms = created_ms;
  for (const KeyRange& range : EqualRanges(count)) {
    table.segments.push_back({SegmentId(Epoch(0), first_number++), range});
  }
  return table;
}

EpochTable NextEpoch(const EpochTable& from, const std::set<SegmentId>& sealed, const std::vector<KeyRange>& ranges,
                     int64_t created_ms) {
  EpochTable next;
  next.epoch = Epoch(from.epoch.value() + 1);
  next.reference_epoch = next.epoch;
  next.created_ms = created_ms;
  for (const EpochSegment& segment : from.segments) {
    if (!sealed.contains(segment.id)) next.segments.push_back(segment);
  }
  int32_t number = from.HighestNumber();
  for (const KeyRange& range : ranges) next.segments.push_back({SegmentId(next.epoch, ++number), range});
  SortByRange(&next.segments);
  return next;
}

EpochTable DuplicateEpoch(const EpochTable& original, Epoch epoch, int64_t created_ms) {
  EpochTable duplicate;
  duplicate.epoch = epoch;
  duplicate.reference_epoch = original.reference_epoch;
  duplicate.created_ms = created_ms;
  for (const EpochSegment& segment : original.segments) {
    duplicate.segments.push_back({SegmentId(epoch, segment.id.number()), segment.range});
  }
  return duplicate;
}

bool CoverTheSame(const std::vector<KeyRange>& sealed, const std::vector<KeyRange>& ranges) {
  if (sealed.empty() || ranges.empty()) return false;
  for (const KeyRange& range : ranges) {
    // The negation also refuses what is not a number.
    if (!(range.low < range.high) || !(range.low >= 0) || !(range.high <= 1)) return false;
  }
  return Merged(sealed) == Merged(ranges);
}

std::vector<SuccessorSegment> Successors(const EpochTable& before, const EpochTable& after,
                                         const EpochSegment& sealed) {
  std::vector<SuccessorSegment> successors;
  for (const EpochSegment& segment : after.segments) {
    if (!segment.range.Overlaps(sealed.range)) continue;
    SuccessorSegment successor{segment, {}};
    for (const EpochSegment& predecessor : before.segments) {
      if (predecessor.range.Overlaps(segment.range)) successor.predecessors.push_back(predecessor.id);
    }
    successors.push_back(std::move(successor));
  }
  return successors;
}

const EpochSegment* StreamHistory::Find(SegmentId id) const {
  auto epoch = epochs_.find(id.epoch());
  return epoch == epochs_.end() ? nullptr : epoch->second->Find(id);
}

bool StreamHistory::Precedes(const EpochSegment& earlier, const EpochSegment& later) const {
  if (!earlier.range.Overlaps(later.range) || earlier.id.epoch() >= later.id.epoch()) return false;
  auto epoch = epochs_.find(later.id.epoch());
  CHECK(epoch != epochs_.end());
  return epoch->second->Find(earlier.id) == nullptr;
}

std::map<SegmentId, EpochSegment> StreamHistory::AllSegments() const {
  std::map<SegmentId, EpochSegment> all;
  for (const auto& [number, epoch] : epochs_) {
    for (const EpochSegment& segment : epoch->segments) all.emplace(segment.id, segment);
  }
  return all;
}

namespace {

// The segments of a cut whose every id is known.
std::vector<std::pair<EpochSegment, int64_t>> Resolve(const StreamHistory& history, const Cut& cut) {
  std::vector<std::pair<EpochSegment, int64_t>> resolved;
  for (const auto& [id, offset] : cut) {
    const EpochSegment* segment = history.Find(id);
    CHECK(segment != nullptr);
    resolved.emplace_back(*segment, offset);
  }
  return resolved;
}

bool AnyPrecedes(const StreamHistory& history, const EpochSegment& segment,
                 const std::vector<std::pair<EpochSegment, int64_t>>& cut) {
  return std::any_of(cut.begin(), cut.end(), [&](const auto& entry) { return history.Precedes(segment, entry.first); });
}

bool PrecededByAny(const StreamHistory& history, const EpochSegment& segment,
                   const std::vector<std::pair<EpochSegment, int64_t>>& cut) {
  return std::any_of(cut.begin(), cut.end(), [&](const auto& entry) { return history.Precedes(entry.first, segment); });
}

}  // namespace

CutVerdict JudgeCut(const StreamHistory& history, const Cut& cut) {
  std::vector<EpochSegment> present;
  std::vector<EpochSegment> future;
  for (const auto& [id, offset] : cut) {
    const EpochSegment* segment = history.Find(id);
    if (segment == nullptr || offset < kFuture) return CutVerdict::kUnreadable;
    (offset == kFuture ? future : present).push_back(*segment);
  }
  if (present.empty()) return CutVerdict::kUnreadable;
  KeyRangeSet present_keys;
  KeyRangeSet gaps = KeyRangeSet::All();
  for (const EpochSegment& segment : present) {
    if (present_keys.Overlaps(segment.range)) return CutVerdict::kInvalid;
    present_keys.Add(segment.range);
    gaps.Remove(segment.range);
  }
  KeyRangeSet future_keys;
  for (const EpochSegment& segment : future) {
    for (const EpochSegment& other : present) {
      if (segment.range.Overlaps(other.range) && !history.Precedes(other, segment)) return CutVerdict::kInvalid;
    }
    future_keys.Add(segment.range);
  }
  for (const KeyRange& gap : gaps.ranges()) {
    if (!future_keys.Contains(gap)) return CutVerdict::kInvalid;
  }
  return CutVerdict::kValid;
}

bool IsBehind(const StreamHistory& history, const Cut& cut, const Cut& other) {
  std::vector<std::pair<EpochSegment, int64_t>> others = Resolve(history, other);
  for (const auto& [segment, offset] : Resolve(history, cut)) {
    auto same = other.find(segment.id);
    if (same != other.end() && offset < same->second) return true;
    if (AnyPrecedes(history, segment, others)) return true;
  }
  return false;
}

std::vector<SegmentId> SegmentsBetween(const StreamHistory& history, const Cut& from, const Cut& to) {
  std::vector<std::pair<EpochSegment, int64_t>> begins = Resolve(history, from);
  std::vector<std::pair<EpochSegment, int64_t>> ends = Resolve(history, to);
  std::vector<SegmentId> between;
  for (const auto& [id, segment] : history.AllSegments()) {
    bool touched = from.contains(id) || to.contains(id) ||
                   (!AnyPrecedes(history, segment, begins) && !PrecededByAny(history, segment, ends));
    if (touched) between.push_back(id);
  }
  return between;
}

std::vector<SegmentId> SegmentsToDelete(const StreamHistory& history, const Cut& previous, const Cut& cut) {
  std::vector<std::pair<EpochSegment, int64_t>> before = Resolve(history, previous);
  std::vector<std::pair<EpochSegment, int64_t>> now = Resolve(history, cut);
  std::vector<SegmentId> deleted;
  for (const auto& [id, segment] : history.AllSegments()) {
    if (cut.contains(id) || !AnyPrecedes(history, segment, now)) continue;
    if (previous.contains(id) || !AnyPrecedes(history, segment, before)) deleted.push_back(id);
  }
  return deleted;
}

}  // namespace pravega::sim
