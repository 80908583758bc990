#include "connector/core/segment_position.h"

#include <limits>

#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(SegmentPositionTest, IsAnOffsetOrTheMark) {
  SegmentPosition at = SegmentPosition::At(Offset(10));
  EXPECT_FALSE(at.finished());
  EXPECT_EQ(at.offset(), Offset(10));
  EXPECT_EQ(at.number(), 10);
  EXPECT_TRUE(SegmentPosition::Finished().finished());
  EXPECT_EQ(SegmentPosition::Finished().number(), -1);
  EXPECT_EQ(SegmentPosition::FromNumber(-1), SegmentPosition::Finished());
  EXPECT_EQ(SegmentPosition::FromNumber(10), at);
  EXPECT_EQ(SegmentPosition::FromNumber(-2), std::nullopt);
}

// The mark must never become an offset that is sent to a store.
TEST(SegmentPositionDeathTest, TheMarkHasNoOffset) {
  EXPECT_DEATH(SegmentPosition::Finished().offset(), "CHECK failed");
  EXPECT_DEATH(SegmentPosition::At(Offset(-2)), "CHECK failed");
}

TEST(SegmentPositionTest, OrderIsProgress) {
  EXPECT_LT(SegmentPosition(), SegmentPosition::At(Offset(1)));
  EXPECT_LT(SegmentPosition::At(Offset(std::numeric_limits<int64_t>::max())), SegmentPosition::Finished());
}

}  // namespace
}  // namespace pravega
