// Decisions: how a group begins, and how readers join and leave it (Pravega client, "leaving").
//
// All decisions are pure functions from a state to the updates that are to be written in one record, on the condition
// that the state has not changed; on a conflict the writer fetches and decides again. No updates: there is nothing to
// do. They never propose an update that cannot be applied.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_MEMBERSHIP_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_MEMBERSHIP_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/position.h"

namespace pravega::client {

// The first record of a group. `starting` are the positions of the starting cuts; for an unbounded one, of the segments
// at the head of the stream (the controller tells). Fails if it is empty.
absl::StatusOr<Init> InitialState(const ReaderGroupConfig& config, const Position::Map& starting);

// Fails with kAlreadyExists if a reader of this name is online: two would share its segments.
absl::StatusOr<Updates> Join(const ReaderGroupState& state, const std::string& reader);

// What becomes of a position that lies before the one which the state has recorded for a segment.
enum class StalePosition {
  // The segment continues at the recorded position. A correct last position is never before it: the reader recorded it
  // when it acquired the segment, or at a checkpoint that the application had confirmed by going on. It can only be
  // that of an earlier time at which the reader owned the segment, before it released the segment and got it back;
  // continuing there would deliver again what other readers have read since.
  kIgnore,
  // The segment goes back: what was read since is delivered again. For applications that keep positions older than what
  // they confirmed.
  kRewind,
};

// Removes a reader: it closes itself, or somebody declares it offline. Its segments continue at `last_position`, that
// of the last event that was processed; segments that are not in it, and all of them if there is none, continue at the
// recorded positions, so that events since then are delivered again. Also counts as its report for every checkpoint
// that waits for it. Nothing to do if the reader is not online; the state itself knows no time limit, so somebody must
// say that a reader has died.
Updates Leave(const ReaderGroupState& state, const std::string& reader,
              const std::optional<Position::Map>& last_position, StalePosition stale = StalePosition::kIgnore);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_MEMBERSHIP_H_
