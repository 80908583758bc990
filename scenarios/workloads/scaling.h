// Which segments a scale replaces by what: pure decisions.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_SCALING_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_SCALING_H_

#include <optional>
#include <vector>

#include "connector/controller/types.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"

namespace pravega::scenarios {

struct ScalePlan {
  std::vector<SegmentId> sealed;
  std::vector<::pravega::KeyRange> ranges;
};

// Splits the segment with the widest range (the first of several) into halves.
std::optional<ScalePlan> PlanSplit(const std::vector<controller::SegmentRange>& segments);
// Merges the two neighbours whose joint range is narrowest. None if there is only one segment.
std::optional<ScalePlan> PlanMerge(const std::vector<controller::SegmentRange>& segments);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_SCALING_H_
