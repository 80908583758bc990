// Decisions: stream cuts from a group's positions (Pravega client, "cuts, unread bytes, retention"), and compaction.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CUTS_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CUTS_H_

#include <cstdint>
#include <map>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/names.h"
#include "connector/core/stream_cut.h"

namespace pravega::client {

// Where the group is by its own record: at the last checkpoint or acquisition, not at the last event.
SegmentPositions RecordedPositions(const ReaderGroupState& state);

// The positions as a cut for each stream, as they are.
std::map<ScopedStream, StreamCut> CutsOf(const SegmentPositions& positions);

// `cut` with its holes filled, to be handed to an application.
//
// Positions that were taken between the completions of a merge's predecessors A and B lack B: A is being read, B is
// done, what follows them may not be read yet. In the cut B is put at its end, {A:x, B:end}. (Not the successor at -1,
// which a group that starts there would take for read.) In a bounded group a segment that was read up to the group's
// end is put there. A hole that no whole segment fits stays: a group of this library that starts from such a cut goes
// on all the same (completion.h), but the controller does not take it for valid.
//
// `history` must know every epoch from that of the cut's oldest segment on, up to the newest one at a time after the
// positions were taken; fails with kFailedPrecondition if one is missing.
absl::StatusOr<StreamCut> FillHoles(const StreamCut& cut, const SegmentHistory& history,
                                    const std::map<SegmentRef, Offset>& end_segments);
// Whether the cut's segments cover the whole key space, so that FillHoles would have nothing to do. Ranges that the
// state does not know make it false.
bool IsWithoutHoles(const StreamCut& cut, const std::map<SegmentRef, KeyRange>& ranges);

// A record that replaces all before it, written now and then to keep the group's segment short.
inline constexpr int64_t kBytesBetweenCompactions = 512 * 1024;
inline constexpr double kCompactionProbability = 0.05;
// Whether to compact, after a fetch: `bytes` were written since the last time, `fraction` is a random number of [0, 1),
// so that not all participants do it at once.
bool ShouldCompact(int64_t bytes, double fraction);
Compact Compacted(const ReaderGroupState& state);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CUTS_H_
