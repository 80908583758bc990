// On which side of a checkpoint's cut each segment lies.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_CHECKPOINT_SIDES_H_
#define PRAVEGA_SCENARIOS_CHECKERS_CHECKPOINT_SIDES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/checkers/evidence.h"

namespace pravega::scenarios {

enum class Side : uint8_t {
  kBefore,   // all of it
  kSplit,    // what ends at or before `at` lies before, the rest behind
  kAfter,    // all of it
  kNeither,  // the cut has a hole here
  kBoth,     // the cut says both
};

struct SegmentSide {
  Side side = Side::kNeither;
  Offset at;
};

// One for each segment of the graph. Segments that are not in the cut lie before it if a segment of the cut follows
// them, behind it if they follow one; the last segments of a sealed stream, and of a group's end, lie before it if they
// follow none.
std::vector<SegmentSide> SidesOf(const Evidence& evidence, const GroupFacts& group, const Cut& cut);

// Of the checkpoints of one name: the first initiation, whatever came of it, and the one whose cut counts (nullptr if
// none completed). Initiating a name once more gives the old cut.
struct CheckpointFacts {
  NameId checkpoint;
  const Operation* initiated = nullptr;
  const Operation* completed = nullptr;
};

// By name, in order of first initiation.
std::vector<CheckpointFacts> CheckpointsOf(const GroupFacts& group);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_CHECKPOINT_SIDES_H_
