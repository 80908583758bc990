// Decisions: segments that were read to their ends, and what follows them (Pravega client, "segment completion" and
// "updates").
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_COMPLETION_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_COMPLETION_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/reader_view.h"
#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"

namespace pravega::client {

// Where the group stops reading this segment, if before its end.
std::optional<Offset> EndOffsetOf(const ReaderGroupState& state, const SegmentRef& segment);

// Whether nothing is left to be read at this position: the end of the segment, or the group's end offset in it. A
// bounded reader must look itself: nothing tells it that it has come to the end of a segment that goes on.
bool IsEnd(const ReaderGroupState& state, const SegmentRef& segment, SegmentPosition position);

// The segments of the reader that it has read to their ends without having told the group so.
std::set<SegmentRef> UnreportedEnds(const ReaderGroupState& state, const ReaderView& view);

// The segments of the reader that it may complete now: the group's record says that they were read to their ends, which
// an ordinary checkpoint or the position of an earlier owner has put there, and no checkpoint waits for the reader.
std::set<SegmentRef> CompletableSegments(const ReaderGroupState& state, const std::string& reader);

// The segments that must be completed in one record with this one, itself included.
//
// The effect of a completion takes the segment's id off every list of predecessors in the group, although ids are only
// unique within a stream. If a segment of another stream has the same id and a successor waits for it, the completion
// of this one would open that successor before its time; and the other's own completion would then put it back on a
// list for ever. Both in one record come out right. If one of them is not to be completed yet, this one has to wait:
// the lists hold ids of sealed segments alone, so their turn comes.
std::set<SegmentRef> CompletedTogether(const ReaderGroupState& state, const SegmentRef& segment);

// What the controller says follows a segment, and how it came about.
struct Completion {
  struct Successor {
    SegmentId id;
    std::optional<KeyRange> range;
    std::vector<SegmentId> predecessors;  // all, also those of other readers
  };
  SegmentRef segment;
  // Empty for the last segment of a sealed stream. Not looked at where the group ends in this segment.
  std::vector<Successor> successors;
  // Of the segment's stream; the epochs that EpochsToFetch asks for are enough, others do no harm.
  SegmentHistory history;
};

// The epochs whose segments must be in `completion.history` before CompleteSegments can decide. Only after a restart
// from a cut within a merge, or where one predecessor is far ahead of another, is it not empty.
std::set<Epoch> EpochsToFetch(const ReaderGroupState& state, const Completion& completion);

// Completes segments: those of CompletedTogether for one of the reader's own, which all must be completable by whoever
// owns them. Nothing to do if that is not so (any more): look again when the state has changed. Fails with
// kFailedPrecondition if history is missing.
//
// Predecessors of a successor which can never come are left out of its list: a group that was started from a cut within
// a merge, after one predecessor had been completed, would wait for that one for ever and deliver nothing of the
// successor. A predecessor can come if the group knows it or knows a segment that it follows from, by however many
// scales: then it will be reported as a successor in its turn. One that overlaps the range of an older segment which
// the group knows follows from that; where none does, it may still follow from one on the way through a hole of the
// group's starting cut.
absl::StatusOr<Updates> CompleteSegments(const ReaderGroupState& state, const std::string& reader,
                                         const std::vector<Completion>& completions);

// All that the group was to read has been read and completed.
bool AllDataRead(const ReaderGroupState& state);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_COMPLETION_H_
