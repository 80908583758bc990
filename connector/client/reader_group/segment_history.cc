#include "connector/client/reader_group/segment_history.h"

#include <cstdint>
#include <utility>

namespace pravega::client {

void SegmentHistory::AddEpoch(Epoch epoch, std::map<SegmentId, KeyRange> segments) {
  for (const auto& [segment, range] : segments) ranges_.emplace(segment, range);
  epochs_.insert_or_assign(epoch, std::move(segments));
}

bool SegmentHistory::CompleteFrom(Epoch first) const {
  auto at = epochs_.find(first);
  if (at == epochs_.end()) return false;
  for (int32_t expected = first.value(); at != epochs_.end(); ++at, ++expected) {
    if (at->first.value() != expected) return false;
  }
  return true;
}

std::optional<Epoch> SegmentHistory::newest() const {
  if (epochs_.empty()) return std::nullopt;
  return epochs_.rbegin()->first;
}

std::optional<KeyRange> SegmentHistory::RangeOf(SegmentId segment) const {
  auto at = ranges_.find(segment);
  if (at == ranges_.end()) return std::nullopt;
  return at->second;
}

std::set<SegmentId> SegmentHistory::PredecessorsOf(SegmentId segment) const {
  std::set<SegmentId> predecessors;
  auto range = ranges_.find(segment);
  auto before = epochs_.find(Epoch(segment.epoch().value() - 1));
  if (range == ranges_.end() || before == epochs_.end()) return predecessors;
  for (const auto& [id, id_range] : before->second) {
    if (id_range.Overlaps(range->second)) predecessors.insert(id);
  }
  return predecessors;
}

std::set<SegmentId> SegmentHistory::SuccessorsOf(SegmentId segment) const {
  std::set<SegmentId> successors;
  auto range = ranges_.find(segment);
  if (range == ranges_.end()) return successors;
  for (const auto& [epoch, segments] : epochs_) {
    // The first epoch after those with the segment.
    if (epoch <= segment.epoch() || segments.contains(segment)) continue;
    auto before = epochs_.find(Epoch(epoch.value() - 1));
    if (before == epochs_.end() || !before->second.contains(segment)) return successors;
    for (const auto& [id, id_range] : segments) {
      if (id.epoch() == epoch && id_range.Overlaps(range->second)) successors.insert(id);
    }
    return successors;
  }
  return successors;
}

bool SegmentHistory::Follows(SegmentId segment, std::set<SegmentId> from) const {
  // Ids grow along the way, so each is looked at after all that come before it.
  for (auto at = from.begin(); at != from.end() && *at < segment; ++at) {
    std::set<SegmentId> successors = SuccessorsOf(*at);
    if (successors.contains(segment)) return true;
    from.merge(successors);
  }
  return false;
}

}  // namespace pravega::client
