#include "connector/core/ids.h"

#include <type_traits>

#include "gtest/gtest.h"

namespace pravega {
namespace {

static_assert(!std::is_convertible_v<int64_t, Offset>);
static_assert(!std::is_convertible_v<Offset, int64_t>);
static_assert(!std::is_constructible_v<Epoch, ContainerId>);
static_assert(!std::is_constructible_v<WriterId, TxnId>);

TEST(IdsTest, SegmentIdIsEpochAndNumber) {
  SegmentId id(Epoch(1), 2);
  EXPECT_EQ(id.value(), (int64_t{1} << 32) | 2);
  EXPECT_EQ(id.number(), 2);
  EXPECT_EQ(id.epoch(), Epoch(1));
  EXPECT_EQ(id.ToString(), "2@1");
  EXPECT_EQ(SegmentId(id.value()), id);
  EXPECT_EQ(SegmentId(Epoch(0x7fffffff), 0x7fffffff).value(), 0x7fffffff7fffffff);
}

// A rolling transaction makes segments of the same number in several epochs.
TEST(IdsTest, EqualNumbersOfDifferentEpochsAreDifferentSegments) {
  EXPECT_NE(SegmentId(Epoch(0), 0), SegmentId(Epoch(2), 0));
  EXPECT_LT(SegmentId(Epoch(0), 7), SegmentId(Epoch(2), 0));
}

TEST(IdsTest, OffsetsMeetBytesAndEachOther) {
  Offset offset = Offset(10) + 5;
  EXPECT_EQ(offset, Offset(15));
  EXPECT_EQ(offset - Offset(10), 5);
  EXPECT_LT(Offset(10), offset);
}

TEST(IdsTest, NoEventNumberIsBelowEveryNumber) {
  EXPECT_LT(EventNumber::None(), EventNumber(0));
  EXPECT_LT(EventNumber::None(), EventNumber(-1));
  EXPECT_EQ(EventNumber::None().value(), std::numeric_limits<int64_t>::min());
}

TEST(IdsTest, TransactionKnowsItsEpoch) {
  TxnId txn{Uuid{0x0000000300000001, 42}};
  EXPECT_EQ(txn.epoch(), Epoch(3));
}

}  // namespace
}  // namespace pravega
