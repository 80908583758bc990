// The checkers: each a pure function that looks for operations of a history that contradict one property.
//
// Soundness: a checker says kFail only if no run that has the property could have left this history, whatever became of
// operations with an unknown outcome. Where a history lacks what is needed to tell, it says kVacuous.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_CHECKERS_H_
#define PRAVEGA_SCENARIOS_CHECKERS_CHECKERS_H_

#include "scenarios/checkers/evidence.h"
#include "scenarios/checkers/verdict.h"

namespace pravega::scenarios {

// Every reader is handed a checkpoint once, after it was initiated, and reports it then, before anything else happens
// to its segments; a checkpoint completes only when every reader that was online has reported it.
Verdict CheckCheckpointOrder(const Evidence& evidence);

// A checkpoint splits the events of each segment into those that readers had recorded before they reported it and the
// rest, without gap or overlap: by the positions of the reports, and by the cut of the completed checkpoint.
Verdict CheckCheckpointSplit(const Evidence& evidence);

// No commit succeeds when no ping or begin was acknowledged within its lease (and the clock skew) before it; nor is a
// lease renewed that has ended. A ping whose answer was lost may have been handled at the last moment of the lease: it
// prolongs it by one more from then on. A commit that is in time only if such a ping was handled is not counted as
// checked.
Verdict CheckLease(const Evidence& evidence);

// Whatever anybody saw had been written before, to that stream, by a write that did not fail.
Verdict CheckNothingInvented(const Evidence& evidence);

// Every event that certainly was written (acknowledged, and committed if in a transaction) to a stream that a group
// reads is certainly recorded there. Needs a drain: an event that is missing without one may be unread, unless a later
// event of the same writer and key is recorded.
Verdict CheckNothingLost(const Evidence& evidence);

// No event is durably recorded more often in a group, or stands at more places, than it was written.
Verdict CheckNothingTwice(const Evidence& evidence);

// Offsets: one event at a place, events side by side without gaps where records are, nothing behind a sealed end, no
// segment that shrinks; every reader goes on where it stopped or where it acquired the segment.
Verdict CheckOffsets(const Evidence& evidence);

// Events of one writer with one key stand in the order in which they were written, along the segments that follow each
// other and by offset, and are recorded in that order. Events of transactions count as written when they are committed.
Verdict CheckOrder(const Evidence& evidence);

// A segment is with one reader of a group at a time, is handed over at the offset where it was left, and is not taken
// again once completed.
Verdict CheckOwnership(const Evidence& evidence);

// No event of a segment is handed out before all its predecessors are drained: recorded to their end, and completed.
Verdict CheckPredecessorsFirst(const Evidence& evidence);

// Reading back from a checkpoint's cut gives exactly the events behind it.
Verdict CheckReadBack(const Evidence& evidence);

// What a reader records is what it was handed, and what it recorded outlives its death; nothing else does.
Verdict CheckRecords(const Evidence& evidence);

// Transactions are all or nothing, invisible before their commit was invoked and if aborted, and stand together in each
// segment.
Verdict CheckTransactions(const Evidence& evidence);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_CHECKERS_H_
