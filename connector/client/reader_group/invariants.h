// GroupLogChecker: replays a reader group's records and says what must never be seen in them (Pravega client,
// "invariants for a checker", R1 to R7).
//
//   R1  A segment is assigned to one reader, unassigned, in the future or completed: one of these at a time.
//   R2  The ranges of the segments that are not completed cover the key space, except where a sealed stream, an ending
//       cut or a hole of the starting cut left nothing to read; and whatever a future segment waits for can still come.
//   R3  A segment that was not among the starting ones can be read when all its predecessors were completed, from
//       offset 0.
//   R4  The recorded position of a segment never goes back, except when a reader is removed.
//   R5  While a checkpoint waits for a reader, it acquires, releases and completes nothing.
//   R6  A complete checkpoint has a position of each segment that was assigned or unassigned when it was created, and
//       of no other.
//   R7  A reader comes online by AddReader alone, and goes offline by RemoveReader alone or with all others in an Init.
// And every update can be applied, and a Compact changes nothing.
//
// Knows what the records say, and more of it with the histories of the streams: without ranges R2 is not looked at,
// without predecessors R3 goes by the lists in the records. Not looked at are R8 and R9, which are about what readers
// deliver. Thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_INVARIANTS_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_INVARIANTS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/serialization.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"

namespace pravega::client {

class GroupLogChecker {
 public:
  explicit GroupLogChecker(std::map<ScopedStream, SegmentHistory> histories = {}) : histories_(std::move(histories)) {}

  // Takes the next record of the group's segment; returns what it violates, each beginning with the name of the rule.
  // The updates of a record take effect together, so the state is judged after the last of them.
  std::vector<std::string> Observe(const Record& record);

  // After the records so far; default-constructed before the first one.
  const ReaderGroupState& state() const { return state_; }

 private:
  struct Found;

  void Begin();
  void CheckUpdate(const ReaderGroupState& before, const Update& update, Found* found);
  void CheckReaders(const ReaderGroupState& before, const Update& update, Found* found) const;
  void CheckPositions(const ReaderGroupState& before, const Update& update, Found* found) const;
  void CheckPending(const ReaderGroupState& before, const Update& update, Found* found) const;
  void CheckCheckpoints(Found* found);
  void NoteCompletion(const SegmentCompleted& update);
  void CheckPlaces(Found* found) const;
  void CheckCoverage(Found* found) const;
  void CheckOpened(const std::set<SegmentRef>& readable_before, Found* found) const;

  std::optional<KeyRange> RangeOf(const SegmentRef& segment) const;
  // What the segments of the state, and what was ended, cover; nothing if a range is not known.
  std::optional<KeyRangeSet> Covered(const ScopedStream& stream) const;
  std::set<ScopedStream> Streams() const;
  std::set<SegmentId> PredecessorsOf(const SegmentRef& segment) const;
  // Whether the group knows it, or will come to it; nothing if that cannot be told.
  std::optional<bool> CanCome(const SegmentRef& segment) const;

  std::map<ScopedStream, SegmentHistory> histories_;
  ReaderGroupState state_;
  bool begun_ = false;
  // Since the last Init:
  std::map<SegmentRef, std::optional<KeyRange>> completed_;
  std::map<SegmentRef, std::set<SegmentId>> listed_predecessors_;
  std::map<ScopedStream, KeyRangeSet> ended_;                // completed without successors
  std::set<ScopedStream> unknown_ends_;                      // with such a completion of an unknown range
  std::map<ScopedStream, KeyRangeSet> not_begun_;            // holes of the starting cut
  std::map<std::string, std::set<SegmentRef>> at_creation_;  // checkpoint -> segments assigned or unassigned then
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_INVARIANTS_H_
