// Decisions: checkpoints (Pravega client, "checkpoints").
//
// A checkpoint waits for every reader that is online when it is created. The reader hands it to its application as an
// event, and reports its positions when the application asks for the next event: only then may it be taken for granted
// that the application has kept what it got before. While a checkpoint waits for a reader, the reader must not acquire,
// release or complete segments.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CHECKPOINTS_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CHECKPOINTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/reader_view.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/uuid.h"

namespace pravega::client {

// The oldest checkpoint that waits for the reader.
std::optional<std::string> PendingCheckpoint(const ReaderGroupState& state, const std::string& reader);

// The reader's report for it: where it is in each of its segments. Nothing to do if it is not the one that waits (it
// may have been cleared meanwhile, or the reader was declared offline).
Updates ReportCheckpoint(const ReaderGroupState& state, const ReaderView& view, const std::string& checkpoint);

// Checkpoints that somebody asked for, or a timer, and that are not complete. Neither silent ones count, nor those that
// readers make to hand over a segment: while one reader of a group stalls, each segment that another one comes to the
// end of adds such a checkpoint that waits for the one who stalls, and that must not keep anybody from asking for one.
// How many there are is bounded by the ends of segments that the readers come to meanwhile, so by the stream's scales;
// they complete when the reader goes on or is declared offline, and are cleared as said below.
size_t OutstandingCheckpoints(const ReaderGroupState& state);

// Begins a checkpoint that somebody asked for. Fails with kResourceExhausted if the group has as many outstanding ones
// as its configuration allows. Nothing to do if the name is known: the caller then waits for the earlier one.
absl::StatusOr<Updates> StartCheckpoint(const ReaderGroupState& state, const std::string& name);

// A name for a checkpoint that only asks where the readers are, from 32 random bytes.
std::string SilentCheckpointName(std::string_view random_bytes);
// Begins it; it is not counted.
Updates StartSilentCheckpoint(const ReaderGroupState& state, const std::string& name);

// What the one who began a checkpoint sees.
enum class CheckpointProgress {
  kPending,
  kComplete,
  kGone,  // cleared by a later one, or by a reset: it failed
};
CheckpointProgress ProgressOf(const ReaderGroupState& state, const std::string& name);
// The positions of a complete one. A checkpoint that fell between the completions of a merge's predecessors has a hole;
// make cuts of them with cuts.h.
std::optional<SegmentPositions> PositionsOf(const ReaderGroupState& state, const std::string& name);
// Drops the older ones, after a checkpoint that somebody asked for was complete. Applicable to any state.
Updates ClearBefore(const std::string& name);
// The same after a silent one, unless somebody still waits for one of the older ones to be complete: who only asks
// where the readers are must not make a checkpoint fail.
Updates ClearBeforeSilent(const ReaderGroupState& state, const std::string& name);

// The checkpoint that a reader creates when its timer has run out, clearing all others. Nothing to do if the group has
// none, or one is in progress already.
Updates AutomaticCheckpoint(const ReaderGroupState& state, const std::string& name);

// A segment that was read to its end is handed over to its successors only behind a checkpoint: otherwise its last
// position might be in nobody's hands when its reader dies. Where nobody takes checkpoints, as automatic ones are off,
// the group would stand still at the first scale. So a reader that holds such a segment, unreported, while no
// checkpoint waits for it, creates an ordinary checkpoint itself. Applications see one event more, with a name that
// contains kHandOverMark; they must expect checkpoints that they did not ask for anyway, as automatic ones are.
//
// It clears only complete ones of its own kind, and only up to the first other one, silent or not: somebody may wait
// for that. What stays behind such a one goes with the next checkpoint that somebody asks for.
inline constexpr std::string_view kHandOverMark = "_HANDOVER_";
std::string HandOverCheckpointName(const Uuid& random);
Updates HandOverCheckpoint(const ReaderGroupState& state, const ReaderView& view, const std::string& name);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CHECKPOINTS_H_
