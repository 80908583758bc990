#include "connector/client/reader_group/completion.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "connector/client/reader_group/checkpoints.h"
#include "connector/core/strings.h"

namespace pravega::client {
namespace {

std::optional<KeyRange> KnownRange(const ReaderGroupState& state, const SegmentHistory& history,
                                   const SegmentRef& segment) {
  std::optional<KeyRange> range = state.RangeOf(segment);
  return range ? range : history.RangeOf(segment.id);
}

// Segments of a stream that the state knows, but for those that are being completed.
std::vector<SegmentRef> OthersOfTheStream(const ReaderGroupState& state, const SegmentRef& completed) {
  std::vector<SegmentRef> others;
  for (const SegmentRef& segment : state.KnownSegments()) {
    if (segment.stream == completed.stream && segment != completed) others.push_back(segment);
  }
  return others;
}

// Where the group will come from to a segment that it does not know: the segments of older epochs that it knows.
struct Origins {
  std::vector<SegmentRef> segments;
  bool overlap = false;     // one of them overlaps it, as far as ranges are known: then it follows from that one
  std::set<Epoch> missing;  // epochs that have to be known to tell, if not
};

Origins OriginsOf(const ReaderGroupState& state, const Completion& completion, const SegmentRef& predecessor) {
  Origins origins;
  std::optional<KeyRange> range = KnownRange(state, completion.history, predecessor);
  int32_t oldest = predecessor.id.epoch().value();
  for (const SegmentRef& other : OthersOfTheStream(state, completion.segment)) {
    if (other.id.epoch() >= predecessor.id.epoch()) continue;
    origins.segments.push_back(other);
    oldest = std::min(oldest, other.id.epoch().value());
    std::optional<KeyRange> other_range = KnownRange(state, completion.history, other);
    if (range && other_range && range->Overlaps(*other_range)) origins.overlap = true;
  }
  if (origins.segments.empty() || origins.overlap) return origins;
  for (int32_t epoch = oldest; epoch <= predecessor.id.epoch().value(); ++epoch) {
    if (!completion.history.HasEpoch(Epoch(epoch))) origins.missing.insert(Epoch(epoch));
  }
  return origins;
}

// Whether the group will come to read `predecessor`, or is about to.
absl::StatusOr<bool> CanStillCome(const ReaderGroupState& state, const Completion& completion,
                                  const SegmentRef& predecessor) {
  if (state.Knows(predecessor)) return true;
  Origins origins = OriginsOf(state, completion, predecessor);
  if (origins.overlap) return true;
  if (!origins.missing.empty()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "completing ", completion.segment.ToString(), ": epoch ",
                      origins.missing.begin()->value(), " of ", completion.segment.stream.ToString(), " is not known");
  }
  std::set<SegmentId> follow;
  for (const SegmentRef& origin : origins.segments) follow.insert(origin.id);
  return completion.history.Follows(predecessor.id, follow);
}

bool EndsHere(const ReaderGroupState& state, const SegmentRef& segment) { return state.end_segments.contains(segment); }

bool CompletableBy(const ReaderGroupState& state, const std::string& reader, const SegmentRef& segment) {
  const SegmentPositions& owned = state.assigned.at(reader);
  auto recorded = owned.find(segment);
  return recorded != owned.end() && IsEnd(state, segment, recorded->second) && !PendingCheckpoint(state, reader);
}

}  // namespace

std::optional<Offset> EndOffsetOf(const ReaderGroupState& state, const SegmentRef& segment) {
  auto end = state.end_segments.find(segment);
  if (end == state.end_segments.end() || end->second == kToItsEnd) return std::nullopt;
  return end->second;
}

bool IsEnd(const ReaderGroupState& state, const SegmentRef& segment, SegmentPosition position) {
  if (position.finished()) return true;
  std::optional<Offset> end = EndOffsetOf(state, segment);
  return end && position.offset() >= *end;
}

std::set<SegmentRef> UnreportedEnds(const ReaderGroupState& state, const ReaderView& view) {
  std::set<SegmentRef> ends;
  auto owned = state.assigned.find(view.reader);
  if (owned == state.assigned.end()) return ends;
  for (const auto& [segment, recorded] : owned->second) {
    auto live = view.positions.find(segment);
    if (live == view.positions.end() || IsEnd(state, segment, recorded)) continue;
    if (IsEnd(state, segment, live->second.position)) ends.insert(segment);
  }
  return ends;
}

std::set<SegmentRef> CompletableSegments(const ReaderGroupState& state, const std::string& reader) {
  std::set<SegmentRef> segments;
  auto owned = state.assigned.find(reader);
  if (owned == state.assigned.end() || PendingCheckpoint(state, reader)) return segments;
  for (const auto& [segment, recorded] : owned->second) {
    if (IsEnd(state, segment, recorded)) segments.insert(segment);
  }
  return segments;
}

std::set<SegmentRef> CompletedTogether(const ReaderGroupState& state, const SegmentRef& segment) {
  std::set<SegmentRef> together = {segment};
  for (const auto& [successor, predecessors] : state.future) {
    if (predecessors.contains(segment.id)) together.insert(SegmentRef{successor.stream, segment.id});
  }
  return together;
}

std::set<Epoch> EpochsToFetch(const ReaderGroupState& state, const Completion& completion) {
  std::set<Epoch> epochs;
  if (EndsHere(state, completion.segment)) return epochs;
  for (const Completion::Successor& successor : completion.successors) {
    if (state.Knows(SegmentRef{completion.segment.stream, successor.id})) continue;
    for (SegmentId id : successor.predecessors) {
      SegmentRef predecessor{completion.segment.stream, id};
      if (id == completion.segment.id || state.Knows(predecessor)) continue;
      epochs.merge(OriginsOf(state, completion, predecessor).missing);
    }
  }
  return epochs;
}

absl::StatusOr<Updates> CompleteSegments(const ReaderGroupState& state, const std::string& reader,
                                         const std::vector<Completion>& completions) {
  if (!state.IsOnline(reader) || completions.empty()) return Updates();
  std::set<SegmentRef> offered;
  std::map<SegmentRef, std::string> owners;
  for (const Completion& completion : completions) {
    offered.insert(completion.segment);
    std::optional<std::string> owner = state.OwnerOf(completion.segment);
    if (!owner || !CompletableBy(state, *owner, completion.segment)) return Updates();
    owners[completion.segment] = *owner;
  }
  bool own = std::any_of(owners.begin(), owners.end(), [&](const auto& entry) {
    return entry.second == reader && CompletedTogether(state, entry.first) == offered;
  });
  if (!own) return Updates();

  Updates updates;
  for (const Completion& completion : completions) {
    const SegmentRef& segment = completion.segment;
    SegmentCompleted update{owners.at(segment), segment, KnownRange(state, completion.history, segment), {}};
    for (const Completion::Successor& successor : completion.successors) {
      if (EndsHere(state, segment)) break;
      SegmentRef next{segment.stream, successor.id};
      // One that the group has reached on another way, as after a start from a cut that is not valid, must not be put
      // on the list of future ones: it would be read twice.
      if (state.unassigned.Contains(next) || state.OwnerOf(next)) continue;
      SegmentCompleted::Successor reported{{}, successor.range};
      auto waiting = state.future.find(next);
      if (waiting != state.future.end()) {
        // Listed already. What is left of the list matters when an earlier update of this record empties it.
        reported.predecessors.assign(waiting->second.begin(), waiting->second.end());
      } else {
        for (SegmentId id : successor.predecessors) {
          bool comes = id == segment.id;
          if (!comes) {
            absl::StatusOr<bool> can = CanStillCome(state, completion, SegmentRef{segment.stream, id});
            if (!can.ok()) return can.status();
            comes = *can;
          }
          if (comes) reported.predecessors.push_back(id);
        }
      }
      update.successors.emplace(std::move(next), std::move(reported));
    }
    updates.push_back(std::move(update));
  }
  return updates;
}

bool AllDataRead(const ReaderGroupState& state) {
  return state.future.empty() && state.unassigned.empty() &&
         std::all_of(state.assigned.begin(), state.assigned.end(),
                     [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace pravega::client
