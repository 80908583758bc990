// Goal: a scale replaces segments by others of the same range, and says no where there is nothing to scale.
#include "scenarios/workloads/scaling.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace pravega::scenarios {
namespace {

controller::SegmentRange At(int32_t number, double low, double high) {
  return {SegmentId(Epoch(1), number), {low, high}};
}
SegmentId Id(int32_t number) { return SegmentId(Epoch(1), number); }

TEST(ScalingTest, TheWidestIsSplitInHalves) {
  std::optional<ScalePlan> plan = PlanSplit({At(1, 0, 0.25), At(2, 0.25, 0.75), At(3, 0.75, 1)});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->sealed, std::vector<SegmentId>{Id(2)});
  EXPECT_EQ(plan->ranges, (std::vector<::pravega::KeyRange>{{0.25, 0.5}, {0.5, 0.75}}));
  EXPECT_EQ(PlanSplit({At(1, 0, 0.5), At(2, 0.5, 1)})->sealed, std::vector<SegmentId>{Id(1)}) << "the first of several";
  EXPECT_FALSE(PlanSplit({}).has_value());
}

TEST(ScalingTest, TheNarrowestNeighboursAreMerged) {
  std::optional<ScalePlan> plan = PlanMerge({At(1, 0, 0.5), At(2, 0.5, 0.7), At(3, 0.7, 0.8), At(4, 0.8, 1)});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->sealed, (std::vector<SegmentId>{Id(2), Id(3)}));
  EXPECT_EQ(plan->ranges, (std::vector<::pravega::KeyRange>{{0.5, 0.8}}));
  EXPECT_FALSE(PlanMerge({At(1, 0, 1)}).has_value());
  EXPECT_FALSE(PlanMerge({}).has_value());
}

}  // namespace
}  // namespace pravega::scenarios
