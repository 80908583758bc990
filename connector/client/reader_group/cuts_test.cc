#include "connector/client/reader_group/cuts.h"

#include "connector/client/reader_group/testing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::GroupOf;
using testing::Id;
using testing::kEnd;
using testing::kStream;
using testing::Segment;
using testing::With;

StreamCut Cut(std::map<SegmentId, SegmentPosition> positions) { return StreamCut(kStream, std::move(positions)); }

TEST(CutsTest, RecordedPositionsAreOfAllThatCanBeRead) {
  ReaderGroupState state = With(GroupOf(2), {AddReader{"r"}, AcquireSegment{"r", Segment(0)}});
  state.assigned.at("r").at(Segment(0)) = At(7);
  state.future[Segment(5, 1)] = {Id(0)};
  SegmentPositions positions = RecordedPositions(state);
  EXPECT_EQ(positions, (SegmentPositions{{Segment(0), At(7)}, {Segment(1), At(0)}}));
  positions[{{"sc", "other"}, Id(3)}] = kEnd;
  std::map<ScopedStream, StreamCut> cuts = CutsOf(positions);
  ASSERT_EQ(cuts.size(), 2u);
  EXPECT_EQ(cuts.at(kStream), Cut({{Id(0), At(7)}, {Id(1), At(0)}}));
}

// 0 and 1 merge into 2@1; 2@1 splits into 3@2 and 4@2.
SegmentHistory Merged() {
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{Id(0), {0, 0.5}}, {Id(1), {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{Id(2, 1), {0, 1}}});
  history.AddEpoch(Epoch(2), {{Id(3, 2), {0, 0.5}}, {Id(4, 2), {0.5, 1}}});
  return history;
}

TEST(FillHolesTest, TheCompletedPredecessorOfAMergeIsAtItsEnd) {
  StreamCut half = Cut({{Id(0), At(2522)}});
  EXPECT_EQ(*FillHoles(half, Merged(), {}), Cut({{Id(0), At(2522)}, {Id(1), kEnd}}));
  EXPECT_EQ(*FillHoles(Cut({{Id(0), kEnd}}), Merged(), {}), Cut({{Id(0), kEnd}, {Id(1), kEnd}}));
}

TEST(FillHolesTest, CutsWithoutHolesStayAsTheyAre) {
  for (const StreamCut& cut : {Cut({{Id(0), At(1)}, {Id(1), At(2)}}), Cut({{Id(2, 1), At(0)}}),
                               Cut({{Id(3, 2), At(0)}, {Id(4, 2), At(1)}}), StreamCut()}) {
    EXPECT_EQ(*FillHoles(cut, Merged(), {}), cut) << cut.ToString();
  }
}

// A completed while P, from which the other predecessor will come, is still being read.
TEST(FillHolesTest, TheOtherPredecessorMayBeGenerationsAhead) {
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{Id(0), {0, 0.5}}, {Id(1), {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{Id(0), {0, 0.5}}, {Id(2, 1), {0.5, 0.75}}, {Id(3, 1), {0.75, 1}}});
  history.AddEpoch(Epoch(2), {{Id(4, 2), {0, 0.75}}, {Id(3, 1), {0.75, 1}}});
  EXPECT_EQ(*FillHoles(Cut({{Id(1), At(9)}}), history, {}), Cut({{Id(0), kEnd}, {Id(1), At(9)}}));
  EXPECT_EQ(*FillHoles(Cut({{Id(2, 1), At(9)}, {Id(3, 1), At(1)}}), history, {}),
            Cut({{Id(0), kEnd}, {Id(2, 1), At(9)}, {Id(3, 1), At(1)}}));
}

// 1 went half into the merge with 0, half into 3@1, which is being read: no whole segment fits the hole.
TEST(FillHolesTest, AHoleThatNoSegmentFitsStays) {
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{Id(0), {0, 0.5}}, {Id(1), {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{Id(2, 1), {0, 0.75}}, {Id(3, 1), {0.75, 1}}});
  StreamCut cut = Cut({{Id(0), At(5)}, {Id(3, 1), At(50)}});
  EXPECT_EQ(*FillHoles(cut, history, {}), cut);
}

TEST(FillHolesTest, BoundedGroupsEndWhereTheyEnd) {
  std::map<SegmentRef, Offset> ends = {{Segment(0), Offset(100)}, {Segment(1), Offset(200)}};
  EXPECT_EQ(*FillHoles(Cut({{Id(0), At(5)}}), Merged(), ends), Cut({{Id(0), At(5)}, {Id(1), At(200)}}));
  ends = {{Segment(0), kToItsEnd}, {Segment(1), kToItsEnd}};
  EXPECT_EQ(*FillHoles(Cut({{Id(1), At(5)}}), Merged(), ends), Cut({{Id(0), kEnd}, {Id(1), At(5)}}));
  // The end lies beyond the merge: the hole is one of the merge.
  ends = {{Segment(2, 1), Offset(300)}};
  EXPECT_EQ(*FillHoles(Cut({{Id(0), At(5)}}), Merged(), ends), Cut({{Id(0), At(5)}, {Id(1), kEnd}}));
}

TEST(FillHolesTest, WithoutHistoryItFails) {
  SegmentHistory history;
  EXPECT_EQ(FillHoles(Cut({{Id(0), At(5)}}), history, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  history.AddEpoch(Epoch(0), {{Id(0), {0, 0.5}}, {Id(1), {0.5, 1}}});
  history.AddEpoch(Epoch(2), {{Id(3, 2), {0, 0.5}}, {Id(4, 2), {0.5, 1}}});
  EXPECT_FALSE(FillHoles(Cut({{Id(0), At(5)}}), history, {}).ok());
  EXPECT_FALSE(FillHoles(Cut({{Id(9, 2), At(5)}}), history, {}).ok());
}

TEST(CutsTest, HolesAreSeenInTheRanges) {
  std::map<SegmentRef, KeyRange> ranges = {{Segment(0), {0, 0.5}}, {Segment(1), {0.5, 1}}};
  EXPECT_TRUE(IsWithoutHoles(Cut({{Id(0), At(1)}, {Id(1), At(1)}}), ranges));
  EXPECT_FALSE(IsWithoutHoles(Cut({{Id(0), At(1)}}), ranges));
  EXPECT_FALSE(IsWithoutHoles(Cut({{Id(0), At(1)}, {Id(1), At(1)}}), {}));
}

TEST(CompactionTest, NowAndThen) {
  EXPECT_FALSE(ShouldCompact(512 * 1024, 0));
  EXPECT_TRUE(ShouldCompact(512 * 1024 + 1, 0.049));
  EXPECT_FALSE(ShouldCompact(512 * 1024 + 1, 0.05));
  ReaderGroupState state = With(GroupOf(2), {AddReader{"r"}, CreateCheckpoint{"c"}});
  EXPECT_EQ(With(GroupOf(1), {Compacted(state)}), state);
}

}  // namespace
}  // namespace pravega::client
