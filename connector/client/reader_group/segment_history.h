// SegmentHistory: the segments of one stream, epoch by epoch, as the controller tells them (getEpochSegments).
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SEGMENT_HISTORY_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SEGMENT_HISTORY_H_

#include <map>
#include <optional>
#include <set>

#include "connector/core/ids.h"
#include "connector/core/key_range.h"

namespace pravega::client {

// Knows what it has been told; a part of the epochs is enough for some questions. What the controller says of an epoch
// never changes, so a history may be kept and only added to. Thread-compatible.
class SegmentHistory {
 public:
  void AddEpoch(Epoch epoch, std::map<SegmentId, KeyRange> segments);
  bool HasEpoch(Epoch epoch) const { return epochs_.contains(epoch); }
  // Whether every epoch from `first` to the newest one that is known is known.
  bool CompleteFrom(Epoch first) const;
  std::optional<Epoch> newest() const;

  // Nothing if no epoch with the segment is known.
  std::optional<KeyRange> RangeOf(SegmentId segment) const;
  // The segments that it replaced: those of the epoch before its own that overlap it. Empty if that epoch is not known.
  std::set<SegmentId> PredecessorsOf(SegmentId segment) const;
  // The segments that replaced it; empty if it is not known that it was replaced.
  std::set<SegmentId> SuccessorsOf(SegmentId segment) const;
  // Whether it follows, by one or more replacements, from one of these. Their epochs, its own and all in between must
  // be known.
  bool Follows(SegmentId segment, std::set<SegmentId> from) const;

 private:
  std::map<Epoch, std::map<SegmentId, KeyRange>> epochs_;
  std::map<SegmentId, KeyRange> ranges_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SEGMENT_HISTORY_H_
