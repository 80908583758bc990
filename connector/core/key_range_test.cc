#include "connector/core/key_range.h"

#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(KeyRangeTest, TouchingRangesDoNotOverlap) {
  KeyRange left{0, 0.5};
  EXPECT_TRUE(left.Overlaps({0.25, 0.75}));
  EXPECT_TRUE(left.Overlaps({0, 1}));
  EXPECT_FALSE(left.Overlaps({0.5, 1}));
  EXPECT_FALSE((KeyRange{0.5, 1}).Overlaps(left));
}

TEST(KeyRangeTest, PrintsWhatReadsBackAsTheSameDouble) {
  EXPECT_EQ((KeyRange{0, 1.0 / 3}).ToString(), "[0, 0.3333333333333333]");
}

TEST(KeyRangeSetTest, JoinsWhatTouches) {
  KeyRangeSet set;
  set.Add({0.5, 0.75});
  set.Add({0, 0.25});
  EXPECT_EQ(set.ToString(), "[0, 0.25] [0.5, 0.75]");
  EXPECT_FALSE(set.Contains({0, 0.75}));
  set.Add({0.25, 0.5});
  EXPECT_EQ(set.ToString(), "[0, 0.75]");
  EXPECT_TRUE(set.Contains({0, 0.75}));
  EXPECT_FALSE(set.Contains({0.5, 1}));
  set.Add({0.1, 1});
  EXPECT_EQ(set, KeyRangeSet::All());
}

TEST(KeyRangeSetTest, RemovesParts) {
  KeyRangeSet set = KeyRangeSet::All();
  set.Remove({0.25, 0.5});
  EXPECT_EQ(set.ToString(), "[0, 0.25] [0.5, 1]");
  EXPECT_FALSE(set.Overlaps({0.25, 0.5}));
  EXPECT_TRUE(set.Overlaps({0.25, 0.6}));
  set.Remove({0, 0.75});
  EXPECT_EQ(set.ToString(), "[0.75, 1]");
  set.Remove({0, 1});
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.ToString(), "nothing");
}

TEST(KeyRangeSetTest, EmptyRangesAreNothing) {
  KeyRangeSet set;
  set.Add({0.5, 0.5});
  set.Add({0.6, 0.5});
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set.Contains({0.5, 0.5}));
  set.Add({0, 1});
  set.Remove({0.5, 0.5});
  EXPECT_EQ(set, KeyRangeSet::All());
}

// The bounds of 49 equal ranges, as controllers compute them.
TEST(KeyRangeSetTest, ALastBoundBelowOneIsTheEnd) {
  constexpr double kBelowOne = 49 * (1.0 / 49);
  ASSERT_LT(kBelowOne, 1);
  EXPECT_TRUE(ReachesTheEnd(kBelowOne));
  EXPECT_TRUE(ReachesTheEnd(1 - 0x1p-52));  // where the highest key falls
  EXPECT_FALSE(ReachesTheEnd(1 - 0x1p-51));
  KeyRangeSet set;
  set.Add({0, kBelowOne});
  EXPECT_EQ(set, KeyRangeSet::All());
  set = KeyRangeSet::All();
  set.Remove({0.5, kBelowOne});
  EXPECT_EQ(set.ToString(), "[0, 0.5]");
  set.Add({0.5, kBelowOne});
  EXPECT_TRUE(set.Contains({0.5, 1}));
  set.Remove({0, 1});
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace pravega
