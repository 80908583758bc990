#include "connector/client/reader_group/invariants.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "connector/client/reader_group/cuts.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/core/strings.h"

namespace pravega::client {

struct GroupLogChecker::Found {
  std::vector<std::string> violations;

  template <typename... Pieces>
  void Add(const Pieces&... pieces) {
    violations.push_back(StrCat(pieces...));
  }
};

namespace {

std::set<std::string> Readers(const ReaderGroupState& state) {
  std::set<std::string> readers;
  for (const auto& [reader, segments] : state.assigned) readers.insert(reader);
  return readers;
}

std::set<SegmentRef> Readable(const ReaderGroupState& state) {
  std::set<SegmentRef> segments;
  for (const auto& [segment, position] : RecordedPositions(state)) segments.insert(segment);
  return segments;
}

// Without what is decoration, and the order of unassigned segments, which every language has its own of.
ReaderGroupState Essence(ReaderGroupState state) {
  state.ranges.clear();
  UnassignedSegments sorted;
  std::map<SegmentRef, SegmentPosition> unassigned;
  for (const auto& [segment, position] : state.unassigned.InOrder()) unassigned.emplace(segment, position);
  for (const auto& [segment, position] : unassigned) sorted.Set(segment, position);
  state.unassigned = sorted;
  return state;
}

}  // namespace

std::vector<std::string> GroupLogChecker::Observe(const Record& record) {
  Found found;
  std::set<SegmentRef> readable_before = Readable(state_);
  bool fresh = false;
  for (const Update& update : record.updates) {
    ReaderGroupState before = state_;
    absl::Status status = Apply(update, &state_);
    if (!status.ok()) {
      found.Add("not applicable: ", ToString(update), ": ", ToStd(status.message()));
      return found.violations;
    }
    bool initial = std::holds_alternative<Init>(update) || (std::holds_alternative<Compact>(update) && !begun_);
    if (initial) {
      Begin();
      fresh = true;
      continue;
    }
    if (!begun_) found.Add("not applicable: the first record is ", ToString(update));
    CheckUpdate(before, update, &found);
  }
  CheckPlaces(&found);
  CheckCoverage(&found);
  if (!fresh) CheckOpened(readable_before, &found);
  return found.violations;
}

void GroupLogChecker::Begin() {
  begun_ = true;
  completed_.clear();
  listed_predecessors_.clear();
  ended_.clear();
  unknown_ends_.clear();
  not_begun_.clear();
  at_creation_.clear();
  for (const auto& [segment, predecessors] : state_.future) listed_predecessors_[segment] = predecessors;
  for (const ScopedStream& stream : Streams()) {
    std::optional<KeyRangeSet> covered = Covered(stream);
    KeyRangeSet holes = KeyRangeSet::All();
    if (covered) {
      for (const KeyRange& range : covered->ranges()) holes.Remove(range);
    }
    not_begun_[stream] = covered ? holes : KeyRangeSet();
  }
}

void GroupLogChecker::CheckUpdate(const ReaderGroupState& before, const Update& update, Found* found) {
  CheckReaders(before, update, found);
  CheckPositions(before, update, found);
  CheckPending(before, update, found);
  if (const auto* completed = std::get_if<SegmentCompleted>(&update)) NoteCompletion(*completed);
  if (const auto* created = std::get_if<CreateCheckpoint>(&update)) {
    if (!before.checkpoints.Known(created->checkpoint)) at_creation_[created->checkpoint] = Readable(before);
  }
  CheckCheckpoints(found);
  if (std::holds_alternative<Compact>(update) && !(Essence(before) == Essence(state_))) {
    found->Add("Compact changes the state, from ", before.ToString(), " to ", state_.ToString());
  }
}

void GroupLogChecker::CheckReaders(const ReaderGroupState& before, const Update& update, Found* found) const {
  std::set<std::string> expected = Readers(before);
  if (const auto* add = std::get_if<AddReader>(&update)) expected.insert(add->reader);
  if (const auto* remove = std::get_if<RemoveReader>(&update)) expected.erase(remove->reader);
  if (expected != Readers(state_)) found->Add("R7: ", ToString(update), " changes who is online");
}

void GroupLogChecker::CheckPositions(const ReaderGroupState& before, const Update& update, Found* found) const {
  if (std::holds_alternative<RemoveReader>(update)) return;
  SegmentPositions after = RecordedPositions(state_);
  for (const auto& [segment, position] : RecordedPositions(before)) {
    auto now = after.find(segment);
    if (now != after.end() && now->second < position) {
      found->Add("R4: ", ToString(update), " moves ", segment.ToString(), " from ", position.ToString(), " back to ",
                 now->second.ToString());
    }
  }
}

void GroupLogChecker::CheckPending(const ReaderGroupState& before, const Update& update, Found* found) const {
  const std::string* reader = nullptr;
  if (const auto* u = std::get_if<AcquireSegment>(&update)) reader = &u->reader;
  if (const auto* u = std::get_if<ReleaseSegment>(&update)) reader = &u->reader;
  if (const auto* u = std::get_if<SegmentCompleted>(&update)) reader = &u->reader;
  if (reader == nullptr) return;
  for (const auto& [name, waiting] : before.checkpoints.pending) {
    if (!waiting.contains(*reader)) continue;
    found->Add("R5: ", ToString(update), " while checkpoint ", name, " waits for ", *reader);
  }
}

void GroupLogChecker::CheckCheckpoints(Found* found) {
  for (auto at = at_creation_.begin(); at != at_creation_.end();) {
    const auto& [name, expected] = *at;
    if (state_.checkpoints.IsPending(name)) {
      ++at;
      continue;
    }
    auto positions = state_.checkpoints.positions.find(name);
    if (positions != state_.checkpoints.positions.end()) {
      std::set<SegmentRef> reported;
      for (const auto& [segment, position] : positions->second) reported.insert(segment);
      for (const SegmentRef& segment : expected) {
        if (!reported.contains(segment)) found->Add("R6: checkpoint ", name, " lacks ", segment.ToString());
      }
      for (const SegmentRef& segment : reported) {
        if (!expected.contains(segment)) {
          found->Add("R6: checkpoint ", name, " has ", segment.ToString(),
                     ", which was neither assigned nor unassigned");
        }
      }
    }
    at = at_creation_.erase(at);
  }
}

void GroupLogChecker::NoteCompletion(const SegmentCompleted& update) {
  completed_[update.segment] = update.range ? update.range : RangeOf(update.segment);
  if (update.successors.empty()) {
    const std::optional<KeyRange>& range = completed_[update.segment];
    if (range) ended_[update.segment.stream].Add(*range);
    if (!range) unknown_ends_.insert(update.segment.stream);
  }
  for (const auto& [segment, successor] : update.successors) {
    listed_predecessors_.emplace(segment,
                                 std::set<SegmentId>(successor.predecessors.begin(), successor.predecessors.end()));
  }
}

void GroupLogChecker::CheckPlaces(Found* found) const {
  std::map<SegmentRef, std::string> places;
  auto put = [&](const SegmentRef& segment, std::string place) {
    auto [at, added] = places.emplace(segment, place);
    if (!added) found->Add("R1: ", segment.ToString(), " is ", at->second, " and ", place);
  };
  for (const auto& [reader, segments] : state_.assigned) {
    for (const auto& [segment, position] : segments) put(segment, StrCat("assigned to ", reader));
  }
  for (const auto& [segment, position] : state_.unassigned.InOrder()) put(segment, "unassigned");
  for (const auto& [segment, predecessors] : state_.future) put(segment, "in the future");
  for (const auto& [segment, range] : completed_) put(segment, "completed");
}

void GroupLogChecker::CheckCoverage(Found* found) const {
  for (const ScopedStream& stream : Streams()) {
    std::optional<KeyRangeSet> covered = Covered(stream);
    if (!covered) continue;
    auto holes = not_begun_.find(stream);
    if (holes != not_begun_.end()) {
      for (const KeyRange& range : holes->second.ranges()) covered->Add(range);
    }
    if (!(*covered == KeyRangeSet::All())) {
      found->Add("R2: of ", stream.ToString(), " only ", covered->ToString(), " is covered: ", state_.ToString());
    }
  }
  for (const auto& [segment, predecessors] : state_.future) {
    for (SegmentId id : predecessors) {
      std::optional<bool> comes = CanCome(SegmentRef{segment.stream, id});
      if (comes != false) continue;
      found->Add("R2: ", segment.ToString(), " waits for ", id.ToString(), ", which can never come");
    }
  }
}

void GroupLogChecker::CheckOpened(const std::set<SegmentRef>& readable_before, Found* found) const {
  for (const auto& [segment, position] : RecordedPositions(state_)) {
    if (readable_before.contains(segment)) continue;
    if (position != SegmentPosition()) {
      found->Add("R3: ", segment.ToString(), " begins at ", position.ToString());
    }
    for (SegmentId id : PredecessorsOf(segment)) {
      SegmentRef predecessor{segment.stream, id};
      if (completed_.contains(predecessor)) continue;
      // One that had been completed before the group's start never comes.
      if (CanCome(predecessor) != true) continue;
      found->Add("R3: ", segment.ToString(), " can be read before ", predecessor.ToString(), " is completed");
    }
  }
}

std::optional<bool> GroupLogChecker::CanCome(const SegmentRef& segment) const {
  if (state_.Knows(segment)) return true;
  std::set<SegmentId> older;
  std::optional<KeyRange> range = RangeOf(segment);
  for (const SegmentRef& known : state_.KnownSegments()) {
    if (known.stream != segment.stream || known.id.epoch() >= segment.id.epoch()) continue;
    older.insert(known.id);
    std::optional<KeyRange> known_range = RangeOf(known);
    if (range && known_range && range->Overlaps(*known_range)) return true;
  }
  if (older.empty()) return false;
  auto history = histories_.find(segment.stream);
  if (history == histories_.end() || !history->second.CompleteFrom(older.begin()->epoch())) return std::nullopt;
  return history->second.Follows(segment.id, std::move(older));
}

std::optional<KeyRange> GroupLogChecker::RangeOf(const SegmentRef& segment) const {
  std::optional<KeyRange> range = state_.RangeOf(segment);
  if (range) return range;
  auto history = histories_.find(segment.stream);
  if (history != histories_.end()) return history->second.RangeOf(segment.id);
  auto completed = completed_.find(segment);
  return completed == completed_.end() ? std::nullopt : completed->second;
}

std::optional<KeyRangeSet> GroupLogChecker::Covered(const ScopedStream& stream) const {
  if (unknown_ends_.contains(stream)) return std::nullopt;
  KeyRangeSet covered;
  for (const SegmentRef& segment : state_.KnownSegments()) {
    if (segment.stream != stream) continue;
    std::optional<KeyRange> range = RangeOf(segment);
    if (!range) return std::nullopt;
    covered.Add(*range);
  }
  auto ended = ended_.find(stream);
  if (ended != ended_.end()) {
    for (const KeyRange& range : ended->second.ranges()) covered.Add(range);
  }
  return covered;
}

std::set<ScopedStream> GroupLogChecker::Streams() const {
  std::set<ScopedStream> streams;
  for (const auto& [stream, history] : histories_) streams.insert(stream);
  for (const SegmentRef& segment : state_.KnownSegments()) streams.insert(segment.stream);
  for (const auto& [segment, range] : completed_) streams.insert(segment.stream);
  return streams;
}

std::set<SegmentId> GroupLogChecker::PredecessorsOf(const SegmentRef& segment) const {
  auto history = histories_.find(segment.stream);
  if (history != histories_.end()) return history->second.PredecessorsOf(segment.id);
  auto listed = listed_predecessors_.find(segment);
  return listed == listed_predecessors_.end() ? std::set<SegmentId>() : listed->second;
}

}  // namespace pravega::client
