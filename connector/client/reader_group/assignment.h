// Decisions: who reads which segments, and when to look again (Pravega client, "assignment and balance").
//
// None of the delays is needed for correctness, which the conditional write gives; they spread the conflicts and let
// the least loaded reader be the first.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_ASSIGNMENT_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_ASSIGNMENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "connector/client/reader_group/reader_view.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/time.h"

namespace pravega::client {

// What a reader reports as its distance to the tail. It is no lag: Java sends the wall clock minus the id of the
// segment of the last event, by mistake, and 0 before its first event. All of Java's values are nearly equal and huge,
// so a reader that sent its true lag would look as if it had nothing to do, and would be given more and more.
int64_t DistanceToTail(int64_t wall_clock_ms, std::optional<SegmentId> last_event);

// Reader -> its number of segments, weighted by its share of the greatest distance to the tail.
std::map<std::string, double> RelativeSizes(const ReaderGroupState& state);

// The place of an online reader, 0 for the one with the most to do; readers with as much by name.
size_t Rank(const ReaderGroupState& state, const std::string& reader);

// How many segments the reader should acquire now; 0 if it is not online, a checkpoint waits for it, or all are
// assigned.
size_t AcquireCount(const ReaderGroupState& state, const std::string& reader);
// Acquires them, the longest unassigned first, and reports the distance to the tail.
Updates Acquire(const ReaderGroupState& state, const ReaderView& view);

// The segment that the reader should give up for others, if it has more than its share; never one that it has read to
// its end, which is to be completed and not handed over.
std::optional<SegmentRef> SegmentToRelease(const ReaderGroupState& state, const ReaderView& view);
// Releases it, if the reader still has more than its share, no checkpoint waits for it, and it has read nothing of the
// segment since it last reported its position at an ordinary checkpoint. So a reader releases right after a report:
// what it has delivered later may not have been kept by its application yet, and the next owner would not deliver it
// again.
Updates Release(const ReaderGroupState& state, const ReaderView& view, const SegmentRef& segment);

// The report alone; it is always applicable and may be written unconditionally.
Update ReportDistance(const ReaderView& view);

// When a reader may next acquire, release and report its distance.
// Thread-compatible.
class AssignmentPacing {
 public:
  using Instant = runtime::Instant;
  using Duration = runtime::Duration;

  // `initial_delay` as configured, `fraction` a random number of [0, 1): so that readers started together differ.
  AssignmentPacing(Instant now, Duration initial_delay, Duration group_refresh, double fraction);

  bool MayAcquire(Instant now) const { return now >= acquire_; }
  bool MayRelease(Instant now) const { return now >= release_; }
  bool MayReport(Instant now) const { return now >= report_; }

  // A write of an acquisition or a release begins: neither is begun again until it is known what became of it, or for
  // half a minute.
  void Begun(Instant now);
  // It ended, and `state` is the state after it.
  void Ended(Instant now, const ReaderGroupState& state, const std::string& reader);
  // Nothing was unassigned.
  void NothingToAcquire(Instant now, const ReaderGroupState& state, const std::string& reader);
  // A segment was completed: its successors may be acquired at once.
  void Completed(Instant now) { acquire_ = now; }
  // The distance was reported.
  void Reported(Instant now, const ReaderGroupState& state);

 private:
  Instant acquire_;
  Instant release_;
  Instant report_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_ASSIGNMENT_H_
