#include "connector/client/reader_group/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "connector/client/reader_group/checkpoints.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/core/routing.h"

namespace pravega::client {
namespace {

constexpr std::chrono::seconds kUnit(1);
constexpr std::chrono::seconds kWindow(30);

// The live positions of what the state assigns to the reader.
Position::Map OwnedPositions(const ReaderGroupState& state, const ReaderView& view) {
  Position::Map positions;
  auto owned = state.assigned.find(view.reader);
  if (owned == state.assigned.end()) return positions;
  for (const auto& [segment, recorded] : owned->second) {
    auto live = view.positions.find(segment);
    if (live != view.positions.end()) positions.insert(*live);
  }
  return positions;
}

UpdateDistanceToTail Report(const ReaderView& view, Position::Map positions) {
  return UpdateDistanceToTail{view.reader, view.distance_to_tail_ms, std::move(positions)};
}

bool OwnsTooMany(const ReaderGroupState& state, const std::string& reader) {
  auto owned = state.assigned.find(reader);
  if (owned == state.assigned.end() || owned->second.size() < 2) return false;
  std::map<std::string, double> sizes = RelativeSizes(state);
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [name, size] : sizes) least = std::min(least, size);
  return sizes.at(reader) > least + static_cast<double>(std::max<size_t>(1, state.unassigned.size()));
}

bool ReadToItsEnd(const ReaderView& view, const SegmentRef& segment) {
  auto live = view.positions.find(segment);
  return live != view.positions.end() && live->second.position.finished();
}

runtime::Duration AfterAcquiring(const ReaderGroupState& state, const std::string& reader) {
  return kUnit * static_cast<int64_t>(state.assigned.size() - Rank(state, reader));
}

runtime::Duration AfterReleasing(const ReaderGroupState& state, const std::string& reader) {
  return kUnit * static_cast<int64_t>(1 + Rank(state, reader));
}

}  // namespace

int64_t DistanceToTail(int64_t wall_clock_ms, std::optional<SegmentId> last_event) {
  return last_event ? wall_clock_ms - last_event->value() : 0;
}

std::map<std::string, double> RelativeSizes(const ReaderGroupState& state) {
  auto distance = [&](const std::string& reader) {
    auto reported = state.distance_to_tail.find(reader);
    return std::max(kAssumedLagMs, reported == state.distance_to_tail.end() ? 0 : reported->second);
  };
  int64_t greatest = kAssumedLagMs;
  for (const auto& [reader, segments] : state.assigned) {
    if (!segments.empty()) greatest = std::max(greatest, distance(reader));
  }
  std::map<std::string, double> sizes;
  for (const auto& [reader, segments] : state.assigned) {
    sizes[reader] =
        static_cast<double>(segments.size()) * (static_cast<double>(distance(reader)) / static_cast<double>(greatest));
  }
  return sizes;
}

size_t Rank(const ReaderGroupState& state, const std::string& reader) {
  std::map<std::string, double> sizes = RelativeSizes(state);
  auto own = sizes.find(reader);
  if (own == sizes.end()) return 0;
  size_t before = 0;
  for (const auto& [name, size] : sizes) {
    if (size > own->second || (size == own->second && name < reader)) ++before;
  }
  return before;
}

size_t AcquireCount(const ReaderGroupState& state, const std::string& reader) {
  auto owned = state.assigned.find(reader);
  if (owned == state.assigned.end() || state.unassigned.empty() || PendingCheckpoint(state, reader)) return 0;
  int64_t unassigned = static_cast<int64_t>(state.unassigned.size());
  int64_t readers = static_cast<int64_t>(state.assigned.size());
  double share = static_cast<double>(state.NumberOfSegments()) / static_cast<double>(readers);
  int64_t missing =
      std::min(unassigned, static_cast<int64_t>(std::floor(share + 0.5)) - static_cast<int64_t>(owned->second.size()));
  return static_cast<size_t>(std::max({unassigned / readers, missing, int64_t{1}}));
}

Updates Acquire(const ReaderGroupState& state, const ReaderView& view) {
  size_t count = AcquireCount(state, view.reader);
  if (count == 0) return {};
  Updates updates;
  for (const auto& [segment, position] : state.unassigned.InOrder()) {
    if (updates.size() == count) break;
    updates.push_back(AcquireSegment{view.reader, segment});
  }
  updates.push_back(Report(view, OwnedPositions(state, view)));
  return updates;
}

std::optional<SegmentRef> SegmentToRelease(const ReaderGroupState& state, const ReaderView& view) {
  if (PendingCheckpoint(state, view.reader) || !OwnsTooMany(state, view.reader)) return std::nullopt;
  std::optional<SegmentRef> chosen;
  double greatest = -1;
  for (const auto& [segment, recorded] : state.assigned.at(view.reader)) {
    if (recorded.finished() || ReadToItsEnd(view, segment)) continue;
    // Differs from reader to reader, so that not all give up the same ones in turn.
    double place = SeededPosition(segment.ToString(), view.reader);
    if (place <= greatest) continue;
    greatest = place;
    chosen = segment;
  }
  return chosen;
}

Updates Release(const ReaderGroupState& state, const ReaderView& view, const SegmentRef& segment) {
  if (PendingCheckpoint(state, view.reader) || !OwnsTooMany(state, view.reader)) return {};
  const SegmentPositions& owned = state.assigned.at(view.reader);
  auto recorded = owned.find(segment);
  if (recorded == owned.end() || recorded->second.finished()) return {};
  auto live = view.positions.find(segment);
  if (live != view.positions.end() && live->second.position != recorded->second) return {};
  Position::Map kept = OwnedPositions(state, view);
  kept.erase(segment);
  return {ReleaseSegment{view.reader, segment, recorded->second}, Report(view, std::move(kept))};
}

Update ReportDistance(const ReaderView& view) { return Report(view, view.positions); }

AssignmentPacing::AssignmentPacing(Instant now, Duration initial_delay, Duration group_refresh, double fraction)
    : acquire_(now + initial_delay +
               Duration(static_cast<int64_t>(fraction *
                                             static_cast<double>(std::min(initial_delay, group_refresh).count())))),
      release_(now + kUnit),
      report_(now + kUnit) {}

void AssignmentPacing::Begun(Instant now) {
  acquire_ = now + kWindow;
  release_ = now + kWindow;
}

void AssignmentPacing::Ended(Instant now, const ReaderGroupState& state, const std::string& reader) {
  acquire_ = now + AfterAcquiring(state, reader);
  release_ = now + AfterReleasing(state, reader);
  Reported(now, state);
}

void AssignmentPacing::NothingToAcquire(Instant now, const ReaderGroupState& state, const std::string& reader) {
  acquire_ = now + AfterAcquiring(state, reader);
}

void AssignmentPacing::Reported(Instant now, const ReaderGroupState& state) {
  report_ = now + kUnit * static_cast<int64_t>(state.assigned.size() + 1);
}

}  // namespace pravega::client
