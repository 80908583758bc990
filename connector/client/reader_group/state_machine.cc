#include "connector/client/reader_group/state_machine.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega::client {
namespace {

template <typename... Pieces>
absl::Status Impossible(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, "reader group: ", pieces...);
}

void NoteRange(const SegmentRef& segment, const std::optional<KeyRange>& range, ReaderGroupState* state) {
  if (range) state->ranges.emplace(segment, *range);
}

// `reader` has reported `positions` for `name`; that it was waited for has been checked.
void ReaderCheckpointed(const std::string& name, const std::string& reader, const SegmentPositions& positions,
                        CheckpointState* checkpoints) {
  auto waiting = checkpoints->pending.find(name);
  if (waiting == checkpoints->pending.end()) return;
  waiting->second.erase(reader);
  SegmentPositions& reported = checkpoints->positions[name];
  for (const auto& [segment, position] : positions) reported.insert_or_assign(segment, position);
  if (!waiting->second.empty()) return;
  checkpoints->pending.erase(waiting);
  if (IsSilent(name)) return;
  checkpoints->last_completed = reported;
  checkpoints->last_completed_published = false;
}

struct Applier {
  ReaderGroupState* state;

  absl::Status operator()(const Init& u) const {
    if (u.starting.empty()) return Impossible("an initial state without segments");
    ReaderGroupState fresh;
    fresh.config = u.config;
    fresh.updating_config = u.updating_config;
    for (const auto& [segment, entry] : u.starting) {
      fresh.unassigned.Set(segment, entry.position);
      fresh.last_read.emplace(segment, entry.position);
      NoteRange(segment, entry.range, &fresh);
    }
    fresh.end_segments = u.end_segments;
    *state = std::move(fresh);
    return absl::OkStatus();
  }

  absl::Status operator()(const Compact& u) const {
    *state = u.state;
    return absl::OkStatus();
  }

  absl::Status operator()(const AddReader& u) const {
    if (!state->assigned.emplace(u.reader, SegmentPositions()).second) {
      return Impossible("reader ", u.reader, " is online already");
    }
    state->distance_to_tail.emplace(u.reader, std::numeric_limits<int64_t>::max());
    return absl::OkStatus();
  }

  absl::Status operator()(const RemoveReader& u) const {
    SegmentPositions final_positions;
    auto owned = state->assigned.find(u.reader);
    if (owned != state->assigned.end()) {
      for (const auto& [segment, recorded] : owned->second) {
        auto given = u.positions.find(segment);
        SegmentPosition position = given == u.positions.end() ? recorded : given->second;
        state->unassigned.Set(segment, position);
        final_positions.emplace(segment, position);
      }
      state->assigned.erase(owned);
    }
    state->distance_to_tail.erase(u.reader);
    std::set<std::string> waiting;
    for (const auto& [name, readers] : state->checkpoints.pending) {
      if (readers.contains(u.reader)) waiting.insert(name);
    }
    // In order of creation, so that the last one completed is the newest. (Java's order is that of a hash map.)
    for (const std::string& name : std::vector<std::string>(state->checkpoints.names)) {
      if (waiting.erase(name) > 0) ReaderCheckpointed(name, u.reader, final_positions, &state->checkpoints);
    }
    for (const std::string& name : waiting) {
      ReaderCheckpointed(name, u.reader, final_positions, &state->checkpoints);
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const ReleaseSegment& u) const {
    RETURN_IF_ERROR(MustOwn(u.reader, u.segment));
    state->assigned.at(u.reader).erase(u.segment);
    state->unassigned.Set(u.segment, u.position);
    auto last_read = state->last_read.find(u.segment);
    if (last_read != state->last_read.end()) last_read->second = u.position;
    return absl::OkStatus();
  }

  absl::Status operator()(const AcquireSegment& u) const {
    auto owned = state->assigned.find(u.reader);
    if (owned == state->assigned.end()) return Impossible("reader ", u.reader, " is not online");
    std::optional<SegmentPosition> position = state->unassigned.Find(u.segment);
    if (!position) return Impossible("segment ", u.segment.ToString(), " is not unassigned");
    state->unassigned.Remove(u.segment);
    owned->second.insert_or_assign(u.segment, *position);
    return absl::OkStatus();
  }

  absl::Status operator()(const UpdateDistanceToTail& u) const {
    state->distance_to_tail[u.reader] = std::max(kAssumedLagMs, u.distance_ms);
    for (const auto& [segment, entry] : u.positions) {
      auto last_read = state->last_read.find(segment);
      if (last_read != state->last_read.end()) last_read->second = entry.position;
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const SegmentCompleted& u) const {
    RETURN_IF_ERROR(MustOwn(u.reader, u.segment));
    state->assigned.at(u.reader).erase(u.segment);
    state->last_read.erase(u.segment);
    state->ranges.erase(u.segment);
    for (const auto& [segment, successor] : u.successors) {
      auto [at, added] = state->future.emplace(
          segment, std::set<SegmentId>(successor.predecessors.begin(), successor.predecessors.end()));
      if (added) NoteRange(segment, successor.range, state);
    }
    // The ids are those of one stream, but every stream's entries lose them: all participants do it so, and
    // completion.h sees to it that no other stream waits for a segment of the same id.
    for (auto at = state->future.begin(); at != state->future.end();) {
      at->second.erase(u.segment.id);
      if (!at->second.empty()) {
        ++at;
        continue;
      }
      state->unassigned.Set(at->first, SegmentPosition());
      state->last_read.emplace(at->first, SegmentPosition());
      at = state->future.erase(at);
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const CheckpointReader& u) const {
    auto waiting = state->checkpoints.pending.find(u.checkpoint);
    if (waiting != state->checkpoints.pending.end() && !waiting->second.contains(u.reader)) {
      return Impossible("checkpoint ", u.checkpoint, " does not wait for reader ", u.reader);
    }
    auto owned = state->assigned.find(u.reader);
    if (!IsSilent(u.checkpoint) && owned == state->assigned.end()) {
      return Impossible("reader ", u.reader, " is not online");
    }
    ReaderCheckpointed(u.checkpoint, u.reader, u.positions, &state->checkpoints);
    if (IsSilent(u.checkpoint)) return absl::OkStatus();
    for (auto& [segment, recorded] : owned->second) {
      auto reported = u.positions.find(segment);
      if (reported != u.positions.end()) recorded = reported->second;
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const CreateCheckpoint& u) const {
    CheckpointState& checkpoints = state->checkpoints;
    if (checkpoints.Known(u.checkpoint)) return absl::OkStatus();
    std::set<std::string> readers;
    for (const auto& [reader, segments] : state->assigned) readers.insert(reader);
    if (!readers.empty()) checkpoints.pending.insert_or_assign(u.checkpoint, std::move(readers));
    SegmentPositions& positions = checkpoints.positions[u.checkpoint];
    for (const auto& [segment, position] : state->unassigned.InOrder()) positions.emplace(segment, position);
    checkpoints.names.push_back(u.checkpoint);
    return absl::OkStatus();
  }

  absl::Status operator()(const ClearCheckpointsBefore& u) const {
    CheckpointState& checkpoints = state->checkpoints;
    if (!checkpoints.Known(u.checkpoint)) return absl::OkStatus();
    auto kept = std::find(checkpoints.names.begin(), checkpoints.names.end(), u.checkpoint);
    for (auto at = checkpoints.names.begin(); at != kept; ++at) {
      checkpoints.pending.erase(*at);
      checkpoints.positions.erase(*at);
    }
    checkpoints.names.erase(checkpoints.names.begin(), kept);
    return absl::OkStatus();
  }

  absl::Status operator()(const UpdateCheckpointPublished& u) const {
    state->checkpoints.last_completed_published = u.published;
    return absl::OkStatus();
  }

  absl::Status operator()(const UpdatingConfig& u) const {
    state->updating_config = u.updating;
    return absl::OkStatus();
  }

  absl::Status operator()(const RemoveOutstandingCheckpoints&) const {
    CheckpointState& checkpoints = state->checkpoints;
    // Their names stay in the list; nothing looks at names that have no positions.
    for (const std::string& name : checkpoints.names) {
      if (IsSilent(name) || !checkpoints.IsPending(name)) continue;
      checkpoints.pending.erase(name);
      checkpoints.positions.erase(name);
    }
    return absl::OkStatus();
  }

  absl::Status MustOwn(const std::string& reader, const SegmentRef& segment) const {
    auto owned = state->assigned.find(reader);
    if (owned == state->assigned.end()) return Impossible("reader ", reader, " is not online");
    if (!owned->second.contains(segment)) {
      return Impossible("segment ", segment.ToString(), " is not assigned to reader ", reader);
    }
    return absl::OkStatus();
  }
};

}  // namespace

absl::Status Apply(const Update& update, ReaderGroupState* state) { return std::visit(Applier{state}, update); }

absl::StatusOr<ReaderGroupState> After(ReaderGroupState state, const Updates& updates) {
  for (const Update& update : updates) {
    absl::Status status = Apply(update, &state);
    if (!status.ok()) return Annotate(status, ToString(update));
  }
  return state;
}

}  // namespace pravega::client
