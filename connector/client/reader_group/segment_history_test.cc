#include "connector/client/reader_group/segment_history.h"

#include "gtest/gtest.h"

namespace pravega::client {
namespace {

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }

using Ids = std::set<SegmentId>;

// 0@0 and 1@0; 0@0 splits into 2@1 and 3@1; 3@1 and 1@0 merge into 4@2; then a rolling transaction makes copies of
// epoch 1 and of epoch 2.
SegmentHistory History() {
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{Id(0, 0), {0, 0.5}}, {Id(1, 0), {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{Id(1, 0), {0.5, 1}}, {Id(2, 1), {0, 0.25}}, {Id(3, 1), {0.25, 0.5}}});
  history.AddEpoch(Epoch(2), {{Id(2, 1), {0, 0.25}}, {Id(4, 2), {0.25, 1}}});
  history.AddEpoch(Epoch(3), {{Id(1, 3), {0.5, 1}}, {Id(2, 3), {0, 0.25}}, {Id(3, 3), {0.25, 0.5}}});
  history.AddEpoch(Epoch(4), {{Id(2, 4), {0, 0.25}}, {Id(4, 4), {0.25, 1}}});
  return history;
}

TEST(SegmentHistoryTest, Relations) {
  SegmentHistory history = History();
  EXPECT_EQ(history.RangeOf(Id(4, 2)), (KeyRange{0.25, 1}));
  EXPECT_EQ(history.RangeOf(Id(9, 9)), std::nullopt);
  EXPECT_EQ(history.SuccessorsOf(Id(0, 0)), (Ids{Id(2, 1), Id(3, 1)}));
  EXPECT_EQ(history.SuccessorsOf(Id(1, 0)), (Ids{Id(4, 2)}));
  EXPECT_EQ(history.PredecessorsOf(Id(4, 2)), (Ids{Id(1, 0), Id(3, 1)}));
  EXPECT_EQ(history.PredecessorsOf(Id(0, 0)), Ids());
  EXPECT_EQ(history.SuccessorsOf(Id(2, 1)), (Ids{Id(2, 3)}));
  EXPECT_EQ(history.SuccessorsOf(Id(4, 2)), (Ids{Id(1, 3), Id(3, 3)}));
  EXPECT_EQ(history.PredecessorsOf(Id(4, 4)), (Ids{Id(1, 3), Id(3, 3)}));
  EXPECT_EQ(history.SuccessorsOf(Id(4, 4)), Ids());
}

TEST(SegmentHistoryTest, FollowsOverSeveralEpochs) {
  SegmentHistory history = History();
  EXPECT_TRUE(history.Follows(Id(2, 1), {Id(0, 0)}));
  EXPECT_TRUE(history.Follows(Id(4, 4), {Id(0, 0)}));
  EXPECT_TRUE(history.Follows(Id(4, 4), {Id(2, 1), Id(1, 0)}));
  EXPECT_FALSE(history.Follows(Id(4, 4), {Id(2, 1)}));
  EXPECT_FALSE(history.Follows(Id(1, 0), {Id(4, 2), Id(0, 0)}));
  EXPECT_FALSE(history.Follows(Id(0, 0), {Id(0, 0)}));
  EXPECT_FALSE(history.Follows(Id(0, 0), {}));
}

TEST(SegmentHistoryTest, KnowsWhatItDoesNotKnow) {
  SegmentHistory history;
  EXPECT_FALSE(history.CompleteFrom(Epoch(0)));
  EXPECT_EQ(history.newest(), std::nullopt);
  history.AddEpoch(Epoch(0), {{Id(0, 0), {0, 1}}});
  history.AddEpoch(Epoch(2), {{Id(1, 2), {0, 1}}});
  EXPECT_FALSE(history.CompleteFrom(Epoch(0)));
  EXPECT_TRUE(history.CompleteFrom(Epoch(2)));
  EXPECT_EQ(history.newest(), Epoch(2));
  EXPECT_EQ(history.SuccessorsOf(Id(0, 0)), Ids()) << "what epoch 1 was is not known";
  EXPECT_EQ(history.PredecessorsOf(Id(1, 2)), Ids());
  EXPECT_TRUE(History().CompleteFrom(Epoch(0)));
}

}  // namespace
}  // namespace pravega::client
