#include "connector/client/reader_group/checkpoints.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "connector/client/reader_group/completion.h"
#include "connector/core/strings.h"

namespace pravega::client {
namespace {

bool IsHandOver(const std::string& name) { return name.find(kHandOverMark) != std::string::npos; }

}  // namespace

std::optional<std::string> PendingCheckpoint(const ReaderGroupState& state, const std::string& reader) {
  for (const std::string& name : state.checkpoints.names) {
    auto waiting = state.checkpoints.pending.find(name);
    if (waiting != state.checkpoints.pending.end() && waiting->second.contains(reader)) return name;
  }
  return std::nullopt;
}

Updates ReportCheckpoint(const ReaderGroupState& state, const ReaderView& view, const std::string& checkpoint) {
  auto owned = state.assigned.find(view.reader);
  if (owned == state.assigned.end() || PendingCheckpoint(state, view.reader) != checkpoint) return {};
  CheckpointReader report{checkpoint, view.reader, {}};
  for (const auto& [segment, recorded] : owned->second) {
    auto live = view.positions.find(segment);
    // A segment without a live position has just been acquired and not been looked at yet.
    report.positions[segment] = live == view.positions.end() ? recorded : std::max(recorded, live->second.position);
  }
  return {report};
}

size_t OutstandingCheckpoints(const ReaderGroupState& state) {
  size_t outstanding = 0;
  for (const auto& [name, readers] : state.checkpoints.pending) {
    if (!IsSilent(name) && !IsHandOver(name)) ++outstanding;
  }
  return outstanding;
}

absl::StatusOr<Updates> StartCheckpoint(const ReaderGroupState& state, const std::string& name) {
  if (state.checkpoints.Known(name)) return Updates();
  size_t outstanding = OutstandingCheckpoints(state);
  int32_t allowed = state.config.max_outstanding_checkpoints;
  if (allowed >= 0 && outstanding >= static_cast<size_t>(allowed)) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "checkpoint ", name, ": ", outstanding,
                      " checkpoints are incomplete, at most ", allowed,
                      " may be; wait for them, or raise the maximum in the group's configuration");
  }
  return Updates{CreateCheckpoint{name}};
}

std::string SilentCheckpointName(std::string_view random_bytes) {
  return StrCat(absl::Base64Escape(ToAbsl(random_bytes)), kSilentMark);
}

Updates StartSilentCheckpoint(const ReaderGroupState& state, const std::string& name) {
  if (state.checkpoints.Known(name)) return {};
  return {CreateCheckpoint{name}};
}

CheckpointProgress ProgressOf(const ReaderGroupState& state, const std::string& name) {
  if (state.checkpoints.IsPending(name)) return CheckpointProgress::kPending;
  return state.checkpoints.Known(name) ? CheckpointProgress::kComplete : CheckpointProgress::kGone;
}

std::optional<SegmentPositions> PositionsOf(const ReaderGroupState& state, const std::string& name) {
  if (ProgressOf(state, name) != CheckpointProgress::kComplete) return std::nullopt;
  return state.checkpoints.positions.at(name);
}

Updates ClearBefore(const std::string& name) { return {ClearCheckpointsBefore{name}}; }

Updates ClearBeforeSilent(const ReaderGroupState& state, const std::string& name) {
  if (!state.checkpoints.Known(name)) return {};
  for (const std::string& older : state.checkpoints.names) {
    if (older == name) return older == state.checkpoints.names.front() ? Updates() : ClearBefore(name);
    if (state.checkpoints.IsPending(older)) break;
  }
  return {};
}

Updates AutomaticCheckpoint(const ReaderGroupState& state, const std::string& name) {
  if (!state.config.automatic_checkpoints() || !state.checkpoints.pending.empty()) return {};
  return {CreateCheckpoint{name}, ClearCheckpointsBefore{name}};
}

std::string HandOverCheckpointName(const Uuid& random) { return StrCat(random.ToString(), kHandOverMark); }

Updates HandOverCheckpoint(const ReaderGroupState& state, const ReaderView& view, const std::string& name) {
  if (PendingCheckpoint(state, view.reader) || state.checkpoints.Known(name)) return {};
  if (UnreportedEnds(state, view).empty()) return {};
  Updates updates = {CreateCheckpoint{name}};
  const CheckpointState& checkpoints = state.checkpoints;
  std::string first_kept = name;
  for (const std::string& earlier : checkpoints.names) {
    bool own_and_complete = IsHandOver(earlier) && !checkpoints.IsPending(earlier);
    if (own_and_complete) continue;
    first_kept = earlier;
    break;
  }
  // A name without positions clears nothing, and nothing before the first name is no clearing.
  bool clears = !checkpoints.names.empty() && first_kept != checkpoints.names.front() &&
                (first_kept == name || checkpoints.Known(first_kept));
  if (clears) updates.push_back(ClearCheckpointsBefore{first_kept});
  return updates;
}

}  // namespace pravega::client
