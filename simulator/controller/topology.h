// The segments of a stream through its epochs, as pure functions: key ranges, epochs, stream cuts.
//
// Nothing here does input or output; whoever asks has loaded the epochs. Doubles are computed in the order of
// operations that the protocol fixes and compared exactly (Pravega controller, "ids, epochs, ranges").
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_TOPOLOGY_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_TOPOLOGY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/key_range.h"

namespace pravega::sim {

struct EpochSegment {
  SegmentId id;
  KeyRange range;
  friend bool operator==(const EpochSegment&, const EpochSegment&) = default;
};

struct EpochTable {
  Epoch epoch;
  Epoch reference_epoch;
  int64_t created_ms = 0;
  std::vector<EpochSegment> segments;  // ascending by range

  const EpochSegment* Find(SegmentId id) const;
  const EpochSegment* FindNumber(int32_t number) const;
  int32_t HighestNumber() const;
};

// `count` equal parts of [0, 1].
std::vector<KeyRange> EqualRanges(int32_t count);
EpochTable InitialEpoch(int32_t first_number, int32_t count, int64_t created_ms);
// `from` with `sealed` replaced by new segments of `ranges`, numbered in the order given.
EpochTable NextEpoch(const EpochTable& from, const std::set<SegmentId>& sealed, const std::vector<KeyRange>& ranges,
                     int64_t created_ms);
// The same numbers and ranges as `original`, as segments of `epoch`.
EpochTable DuplicateEpoch(const EpochTable& original, Epoch epoch, int64_t created_ms);

// Whether `ranges` cover exactly the keys of `sealed`: sorted and with neighbours merged they are equal; each has
// low < high within [0, 1].
bool CoverTheSame(const std::vector<KeyRange>& sealed, const std::vector<KeyRange>& ranges);

struct SuccessorSegment {
  EpochSegment segment;
  std::vector<SegmentId> predecessors;
};
// What replaced `sealed`, a segment of `before`, in the next epoch.
std::vector<SuccessorSegment> Successors(const EpochTable& before, const EpochTable& after, const EpochSegment& sealed);

// Offsets by segment; kFuture for a segment that is not begun.
inline constexpr int64_t kFuture = -1;
using Cut = std::map<SegmentId, int64_t>;

// The epochs of a stream from the first to the last that a question touches.
class StreamHistory {
 public:
  void Add(std::shared_ptr<const EpochTable> epoch) { epochs_[epoch->epoch] = std::move(epoch); }

  // A segment is found in the epoch that created it; null if that is not loaded or does not have it.
  const EpochSegment* Find(SegmentId id) const;
  // Whether `earlier` was sealed before or when `later` was created, and its keys went on in it, if over others
  // between.
  bool Precedes(const EpochSegment& earlier, const EpochSegment& later) const;
  // Every segment created in the loaded epochs or alive in the first of them, ascending by id.
  std::map<SegmentId, EpochSegment> AllSegments() const;

 private:
  std::map<Epoch, std::shared_ptr<const EpochTable>> epochs_;
};

enum class CutVerdict {
  kValid,
  kInvalid,    // overlaps, an uncovered gap, or a future segment that is older than a present one of the same keys
  kUnreadable  // empty, an unknown segment, nothing but future segments, or an offset below kFuture
};
CutVerdict JudgeCut(const StreamHistory& history, const Cut& cut);

// Whether some part of `cut` lies before `other`. Both readable.
bool IsBehind(const StreamHistory& history, const Cut& cut, const Cut& other);

// Segments touched between the cuts, their own included, ascending by id.
std::vector<SegmentId> SegmentsBetween(const StreamHistory& history, const Cut& from, const Cut& to);

// Segments that lie entirely before `cut` but not entirely before `previous`: what a truncation deletes.
std::vector<SegmentId> SegmentsToDelete(const StreamHistory& history, const Cut& previous, const Cut& cut);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_TOPOLOGY_H_
