#include "connector/client/reader_group/membership.h"

#include <algorithm>

#include "absl/status/status.h"
#include "connector/core/strings.h"

namespace pravega::client {

absl::StatusOr<Init> InitialState(const ReaderGroupConfig& config, const Position::Map& starting) {
  if (starting.empty()) return absl::InvalidArgumentError("a reader group needs a segment to start with");
  Init init;
  init.config = config;
  init.starting = starting;
  for (const auto& [stream, cut] : config.ending_cuts) {
    for (const auto& [segment, position] : cut.positions()) {
      init.end_segments[SegmentRef{stream, segment}] = position.finished() ? kToItsEnd : position.offset();
    }
  }
  return init;
}

absl::StatusOr<Updates> Join(const ReaderGroupState& state, const std::string& reader) {
  if (state.IsOnline(reader)) {
    return MakeStatus(absl::StatusCode::kAlreadyExists, "reader ", reader,
                      " is in the group already: choose another name, or declare it offline if it has died");
  }
  return Updates{AddReader{reader}};
}

Updates Leave(const ReaderGroupState& state, const std::string& reader,
              const std::optional<Position::Map>& last_position, StalePosition stale) {
  auto owned = state.assigned.find(reader);
  if (owned == state.assigned.end()) return {};
  RemoveReader remove{reader, {}};
  if (last_position) {
    for (const auto& [segment, recorded] : owned->second) {
      auto given = last_position->find(segment);
      if (given == last_position->end()) continue;
      SegmentPosition position = given->second.position;
      remove.positions[segment] = stale == StalePosition::kRewind ? position : std::max(position, recorded);
    }
  }
  return {remove};
}

}  // namespace pravega::client
