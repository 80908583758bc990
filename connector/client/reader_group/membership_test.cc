#include "connector/client/reader_group/membership.h"

#include "connector/client/reader_group/testing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::GroupOf;
using testing::kEnd;
using testing::kStream;
using testing::Segment;
using testing::With;

TEST(MembershipTest, InitialStateTakesEndsFromTheConfiguration) {
  ReaderGroupConfig config;
  config.ending_cuts[kStream] = StreamCut(kStream, {{Segment(0).id, At(10)}, {Segment(1).id, kEnd}});
  config.ending_cuts[{"sc", "other"}] = StreamCut();
  absl::StatusOr<Init> init = InitialState(config, {{Segment(0), {At(0), {}}}});
  ASSERT_TRUE(init.ok());
  EXPECT_EQ(init->end_segments, (std::map<SegmentRef, Offset>{{Segment(0), Offset(10)}, {Segment(1), kToItsEnd}}));
  EXPECT_FALSE(init->updating_config);
  EXPECT_FALSE(InitialState(config, {}).ok());
}

TEST(MembershipTest, AReaderJoinsOnce) {
  ReaderGroupState state = With(GroupOf(1), *Join(GroupOf(1), "r"));
  EXPECT_TRUE(state.IsOnline("r"));
  absl::StatusOr<Updates> again = Join(state, "r");
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
}

ReaderGroupState Reading() {
  return With(GroupOf(3),
              {AddReader{"r"}, AcquireSegment{"r", Segment(0)}, AcquireSegment{"r", Segment(1)}, CreateCheckpoint{"c"},
               CheckpointReader{"c", "r", {{Segment(0), At(50)}, {Segment(1), At(20)}}}});
}

TEST(MembershipTest, WithoutAPositionSegmentsGoBackToTheRecord) {
  ReaderGroupState state = With(Reading(), Leave(Reading(), "r", std::nullopt));
  EXPECT_FALSE(state.IsOnline("r"));
  EXPECT_EQ(state.unassigned.Find(Segment(0)), At(50));
  EXPECT_EQ(state.unassigned.Find(Segment(1)), At(20));
}

TEST(MembershipTest, SegmentsContinueAtTheLastPosition) {
  Position::Map last = {{Segment(0), {At(70), {}}}, {Segment(2), {At(99), {}}}};
  ReaderGroupState state = With(Reading(), Leave(Reading(), "r", last));
  EXPECT_EQ(state.unassigned.Find(Segment(0)), At(70));
  EXPECT_EQ(state.unassigned.Find(Segment(1)), At(20)) << "the position lacks it: where it was recorded";
  EXPECT_EQ(state.unassigned.Find(Segment(2)), At(0)) << "it was not the reader's";
  last[Segment(0)].position = kEnd;
  EXPECT_EQ(With(Reading(), Leave(Reading(), "r", last)).unassigned.Find(Segment(0)), kEnd);
}

// r releases a segment at 50, another reader takes it to 80 and releases it, r gets it back, and dies before its next
// event: its last position still says 50.
TEST(MembershipTest, APositionOfAnEarlierTimeDoesNotRewind) {
  ReaderGroupState state =
      With(Reading(), {ReleaseSegment{"r", Segment(0), At(50)}, AddReader{"s"}, AcquireSegment{"s", Segment(0)},
                       ReleaseSegment{"s", Segment(0), At(80)}, AcquireSegment{"r", Segment(0)}});
  Position::Map last = {{Segment(0), {At(50), {}}}, {Segment(1), {At(30), {}}}};
  ReaderGroupState after = With(state, Leave(state, "r", last));
  EXPECT_EQ(after.unassigned.Find(Segment(0)), At(80));
  EXPECT_EQ(after.unassigned.Find(Segment(1)), At(30));
  after = With(state, Leave(state, "r", last, StalePosition::kRewind));
  EXPECT_EQ(after.unassigned.Find(Segment(0)), At(50));
}

TEST(MembershipTest, WhoIsNotOnlineNeedNotLeave) { EXPECT_TRUE(Leave(GroupOf(1), "r", std::nullopt).empty()); }

}  // namespace
}  // namespace pravega::client
