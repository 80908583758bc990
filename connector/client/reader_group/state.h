// ReaderGroupState: what the participants of a reader group agree on (Pravega client, "reader groups", and wire
// protocol, "reader group state").
//
// Every participant holds a copy and replays the updates that all append to the group's segment (updates.h,
// state_machine.h). Nothing here knows of time, network or the participant itself. All types are plain values;
// thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STATE_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STATE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"
#include "connector/core/stream_cut.h"
#include "connector/core/uuid.h"

namespace pravega::client {

using SegmentPositions = std::map<SegmentRef, SegmentPosition>;

struct ReaderGroupConfig {
  enum class Retention { kNone = 0, kManual = 1, kAutomatic = 2 };

  int64_t automatic_checkpoint_interval_ms = 30000;  // 0 or less: none; Java writes -1 for that
  int64_t group_refresh_ms = 3000;                   // how old a reader's copy of the state may be
  std::map<ScopedStream, StreamCut> starting_cuts;   // one for each stream of the group
  std::map<ScopedStream, StreamCut> ending_cuts;
  int32_t max_outstanding_checkpoints = 3;
  Retention retention = Retention::kNone;
  int64_t generation = -1;  // grows with each reset
  Uuid id;

  bool automatic_checkpoints() const { return automatic_checkpoint_interval_ms > 0; }
  friend bool operator==(const ReaderGroupConfig&, const ReaderGroupConfig&) = default;
};

// The end of a segment that a bounded group reads whole: its ending cut says -1 there.
inline constexpr Offset kToItsEnd{std::numeric_limits<int64_t>::max()};

// Segments in the order in which they were added: it decides who gets what, and Java keeps it too.
class UnassignedSegments {
 public:
  // Adds it at the end. A segment that is there keeps its place.
  void Set(const SegmentRef& segment, SegmentPosition position);
  void Remove(const SegmentRef& segment);
  std::optional<SegmentPosition> Find(const SegmentRef& segment) const;
  bool Contains(const SegmentRef& segment) const { return order_.contains(segment); }
  size_t size() const { return order_.size(); }
  bool empty() const { return order_.empty(); }
  // In order.
  std::vector<std::pair<SegmentRef, SegmentPosition>> InOrder() const;

  friend bool operator==(const UnassignedSegments& a, const UnassignedSegments& b) {
    return a.InOrder() == b.InOrder();
  }

 private:
  std::map<SegmentRef, uint64_t> order_;
  std::map<uint64_t, std::pair<SegmentRef, SegmentPosition>> by_order_;
  uint64_t next_ = 0;
};

// Checkpoints whose names contain this never appear as events and never become the last checkpoint: they only find out
// where the readers are.
inline constexpr std::string_view kSilentMark = "_SILENT_";
inline bool IsSilent(std::string_view checkpoint) { return checkpoint.find(kSilentMark) != std::string_view::npos; }

struct CheckpointState {
  std::vector<std::string> names;                        // in order of creation
  std::map<std::string, std::set<std::string>> pending;  // checkpoint -> readers that have to report; never empty
  std::map<std::string, SegmentPositions> positions;     // checkpoint -> what has been reported
  SegmentPositions last_completed;                       // empty: none was completed yet
  bool last_completed_published = true;

  bool Known(const std::string& name) const { return positions.contains(name); }
  bool IsPending(const std::string& name) const { return pending.contains(name); }
  friend bool operator==(const CheckpointState&, const CheckpointState&) = default;
};

struct ReaderGroupState {
  ReaderGroupConfig config;
  bool updating_config = false;  // a reset has begun
  CheckpointState checkpoints;
  std::map<std::string, int64_t> distance_to_tail;  // reader -> see DistanceToTail of assignment.h
  // Reader -> its segments, at the positions where it acquired them or, since, reported them at its last ordinary
  // checkpoint. They do not follow its reading. A reader is online if it has an entry.
  std::map<std::string, SegmentPositions> assigned;
  UnassignedSegments unassigned;
  // Segments that must not be read yet -> predecessors that have not been completed. The ids are those of the
  // segment's own stream.
  std::map<SegmentRef, std::set<SegmentId>> future;
  SegmentPositions last_read;                 // for time windows alone
  std::map<SegmentRef, Offset> end_segments;  // where a bounded group stops; empty: unbounded
  std::map<SegmentRef, KeyRange> ranges;      // of the segments above, as far as they are known; decoration

  bool IsOnline(const std::string& reader) const { return assigned.contains(reader); }
  // Who has it, if somebody has.
  std::optional<std::string> OwnerOf(const SegmentRef& segment) const;
  // Whether it is assigned, unassigned or in the future: not completed, and not unheard of.
  bool Knows(const SegmentRef& segment) const;
  std::optional<KeyRange> RangeOf(const SegmentRef& segment) const;
  // All that Knows() knows.
  std::set<SegmentRef> KnownSegments() const;
  // Assigned and unassigned ones.
  size_t NumberOfSegments() const;

  std::string ToString() const;
  friend bool operator==(const ReaderGroupState&, const ReaderGroupState&) = default;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STATE_H_
