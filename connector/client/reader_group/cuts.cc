#include "connector/client/reader_group/cuts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "connector/core/strings.h"

namespace pravega::client {

SegmentPositions RecordedPositions(const ReaderGroupState& state) {
  SegmentPositions positions;
  for (const auto& [segment, position] : state.unassigned.InOrder()) positions.emplace(segment, position);
  for (const auto& [reader, segments] : state.assigned) positions.insert(segments.begin(), segments.end());
  return positions;
}

std::map<ScopedStream, StreamCut> CutsOf(const SegmentPositions& positions) {
  std::map<ScopedStream, std::map<SegmentId, SegmentPosition>> by_stream;
  for (const auto& [segment, position] : positions) by_stream[segment.stream].emplace(segment.id, position);
  std::map<ScopedStream, StreamCut> cuts;
  for (auto& [stream, of_stream] : by_stream) cuts.emplace(stream, StreamCut(stream, std::move(of_stream)));
  return cuts;
}

absl::StatusOr<StreamCut> FillHoles(const StreamCut& cut, const SegmentHistory& history,
                                    const std::map<SegmentRef, Offset>& end_segments) {
  if (cut.unbounded() || cut.positions().empty()) return cut;
  std::map<SegmentId, SegmentPosition> positions = cut.positions();
  // The ids sort by epoch.
  if (!history.CompleteFrom(positions.begin()->first.epoch())) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "cut ", cut.ToString(), ": epochs from ",
                      positions.begin()->first.epoch().value(), " on are not all known");
  }
  KeyRangeSet holes = KeyRangeSet::All();
  std::set<SegmentId> reached;  // the cut's segments and all that follow them
  for (const auto& [segment, position] : positions) {
    std::optional<KeyRange> range = history.RangeOf(segment);
    if (!range) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition, "cut ", cut.ToString(), ": segment ", segment.ToString(),
                        " is not known");
    }
    holes.Remove(*range);
    reached.insert(segment);
  }
  auto fill = [&](SegmentId segment, SegmentPosition position) {
    std::optional<KeyRange> range = history.RangeOf(segment);
    if (!range || !holes.Contains(*range)) return;
    positions.emplace(segment, position);
    holes.Remove(*range);
  };
  if (holes.empty()) return cut;
  // Ids grow along the way from segments to their successors, so each is looked at after all that come before it.
  for (auto at = reached.begin(); at != reached.end(); ++at) {
    for (SegmentId successor : history.SuccessorsOf(*at)) reached.insert(successor);
  }
  for (const auto& [segment, end] : end_segments) {
    if (segment.stream != cut.stream() || reached.contains(segment.id)) continue;
    fill(segment.id, end == kToItsEnd ? SegmentPosition::Finished() : SegmentPosition::At(end));
  }
  for (SegmentId segment : reached) {
    if (cut.positions().contains(segment)) continue;
    for (SegmentId predecessor : history.PredecessorsOf(segment)) {
      // If another of its successors has been read too, reading goes on behind that one, not behind this.
      std::set<SegmentId> successors = history.SuccessorsOf(predecessor);
      bool last_read = std::all_of(successors.begin(), successors.end(),
                                   [&](SegmentId successor) { return reached.contains(successor); });
      if (last_read && !reached.contains(predecessor)) fill(predecessor, SegmentPosition::Finished());
    }
  }
  return StreamCut(cut.stream(), std::move(positions));
}

bool IsWithoutHoles(const StreamCut& cut, const std::map<SegmentRef, KeyRange>& ranges) {
  KeyRangeSet holes = KeyRangeSet::All();
  for (const auto& [segment, position] : cut.positions()) {
    auto range = ranges.find(SegmentRef{cut.stream(), segment});
    if (range == ranges.end()) return false;
    holes.Remove(range->second);
  }
  return holes.empty();
}

bool ShouldCompact(int64_t bytes, double fraction) {
  return bytes > kBytesBetweenCompactions && fraction < kCompactionProbability;
}

Compact Compacted(const ReaderGroupState& state) { return Compact{state}; }

}  // namespace pravega::client
