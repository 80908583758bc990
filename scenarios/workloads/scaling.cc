#include "scenarios/workloads/scaling.h"

namespace pravega::scenarios {
namespace {

double Width(const ::pravega::KeyRange& range) { return range.high - range.low; }

}  // namespace

std::optional<ScalePlan> PlanSplit(const std::vector<controller::SegmentRange>& segments) {
  const controller::SegmentRange* widest = nullptr;
  for (const controller::SegmentRange& segment : segments) {
    if (widest == nullptr || Width(segment.range) > Width(widest->range)) widest = &segment;
  }
  if (widest == nullptr) return std::nullopt;
  const double middle = widest->range.low + Width(widest->range) / 2;
  return ScalePlan{{widest->id}, {{widest->range.low, middle}, {middle, widest->range.high}}};
}

std::optional<ScalePlan> PlanMerge(const std::vector<controller::SegmentRange>& segments) {
  std::optional<ScalePlan> best;
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    const ::pravega::KeyRange joint{segments[i].range.low, segments[i + 1].range.high};
    if (!best || Width(joint) < Width(best->ranges[0])) best = ScalePlan{{segments[i].id, segments[i + 1].id}, {joint}};
  }
  return best;
}

}  // namespace pravega::scenarios
