#include "connector/client/reader_group/state_machine.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "connector/client/reader_group/testing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::GroupOf;
using testing::Id;
using testing::kEnd;
using testing::Segment;
using testing::With;

using Entries = std::vector<std::pair<SegmentRef, SegmentPosition>>;

// The update cannot be applied, and has changed nothing.
void ExpectImpossible(const ReaderGroupState& state, const Update& update) {
  ReaderGroupState after = state;
  absl::Status status = Apply(update, &after);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << ToString(update);
  EXPECT_EQ(after, state) << ToString(update);
  EXPECT_FALSE(After(state, {update}).ok());
}

TEST(StateMachineTest, InitForgetsEverything) {
  ReaderGroupState state = With(GroupOf(2), {AddReader{"r"}, CreateCheckpoint{"c"}});
  Init init;
  init.config.generation = 5;
  init.starting[Segment(7, 1)] = {At(3), KeyRange{0, 1}};
  init.end_segments[Segment(7, 1)] = Offset(9);
  state = With(state, {init});
  EXPECT_TRUE(state.assigned.empty());
  EXPECT_TRUE(state.checkpoints.names.empty());
  EXPECT_TRUE(state.checkpoints.last_completed_published);
  EXPECT_EQ(state.config.generation, 5);
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(7, 1), At(3)}}));
  EXPECT_EQ(state.last_read, (SegmentPositions{{Segment(7, 1), At(3)}}));
  EXPECT_EQ(state.RangeOf(Segment(7, 1)), (KeyRange{0, 1}));
  EXPECT_EQ(state.RangeOf(Segment(0)), std::nullopt);
  EXPECT_EQ(state.end_segments.at(Segment(7, 1)), Offset(9));
  ExpectImpossible(state, Init());
}

TEST(StateMachineTest, AddReader) {
  ReaderGroupState state = With(GroupOf(1), {AddReader{"r"}});
  EXPECT_TRUE(state.IsOnline("r"));
  EXPECT_EQ(state.distance_to_tail.at("r"), std::numeric_limits<int64_t>::max());
  ExpectImpossible(state, AddReader{"r"});
}

TEST(StateMachineTest, AddReaderKeepsADistanceThatIsThere) {
  ReaderGroupState state = With(GroupOf(1), {UpdateDistanceToTail{"r", 40000, {}}, AddReader{"r"}});
  EXPECT_EQ(state.distance_to_tail.at("r"), 40000);
}

TEST(StateMachineTest, AcquireTakesTheStoredPosition) {
  ReaderGroupState state = With(GroupOf(2), {AddReader{"r"}});
  ExpectImpossible(state, AcquireSegment{"other", Segment(0)});
  ExpectImpossible(state, AcquireSegment{"r", Segment(9)});
  state = With(state, {AcquireSegment{"r", Segment(0)}});
  EXPECT_EQ(state.assigned.at("r"), (SegmentPositions{{Segment(0), At(0)}}));
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(1), At(0)}}));
  ExpectImpossible(state, AcquireSegment{"r", Segment(0)});
}

TEST(StateMachineTest, ReleaseGoesToTheEndOfTheLine) {
  ReaderGroupState state = With(GroupOf(2), {AddReader{"r"}, AcquireSegment{"r", Segment(0)}});
  ExpectImpossible(state, ReleaseSegment{"r", Segment(1), At(5)});
  ExpectImpossible(state, ReleaseSegment{"other", Segment(0), At(5)});
  state = With(state, {ReleaseSegment{"r", Segment(0), At(5)}});
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(1), At(0)}, {Segment(0), At(5)}}));
  EXPECT_EQ(state.last_read.at(Segment(0)), At(5));
  EXPECT_TRUE(state.assigned.at("r").empty());
}

TEST(StateMachineTest, RemoveReaderReturnsItsSegments) {
  ReaderGroupState state = With(GroupOf(3), {AddReader{"r"}, AcquireSegment{"r", Segment(0)},
                                             AcquireSegment{"r", Segment(1)}, CreateCheckpoint{"c"}});
  state = With(state, {RemoveReader{"r", {{Segment(0), At(8)}, {Segment(2), At(99)}}}});
  EXPECT_FALSE(state.IsOnline("r"));
  EXPECT_FALSE(state.distance_to_tail.contains("r"));
  // What is not given stays where it was recorded; what it did not own is ignored.
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(2), At(0)}, {Segment(0), At(8)}, {Segment(1), At(0)}}));
  // It counts as a report.
  EXPECT_FALSE(state.checkpoints.IsPending("c"));
  EXPECT_EQ(state.checkpoints.last_completed,
            (SegmentPositions{{Segment(0), At(8)}, {Segment(1), At(0)}, {Segment(2), At(0)}}));
  EXPECT_EQ(With(state, {RemoveReader{"nobody", {}}}), state);
}

TEST(StateMachineTest, DistanceIsNeverBelowTheAssumedLag) {
  ReaderGroupState state = With(GroupOf(1), {AddReader{"r"}});
  state = With(state, {UpdateDistanceToTail{"r", 5, {{Segment(0), {At(3), {}}}, {Segment(9), {At(3), {}}}}}});
  EXPECT_EQ(state.distance_to_tail.at("r"), 30000);
  EXPECT_EQ(state.last_read, (SegmentPositions{{Segment(0), At(3)}}));
  EXPECT_EQ(With(state, {UpdateDistanceToTail{"r", 1791127106317, {}}}).distance_to_tail.at("r"), 1791127106317);
}

TEST(StateMachineTest, SplitOpensBothParts) {
  ReaderGroupState state = With(GroupOf(1), {AddReader{"r"}, AcquireSegment{"r", Segment(0)}});
  ExpectImpossible(state, SegmentCompleted{"r", Segment(1), {}, {}});
  ExpectImpossible(state, SegmentCompleted{"other", Segment(0), {}, {}});
  state = With(
      state,
      {SegmentCompleted{"r",
                        Segment(0),
                        KeyRange{0, 1},
                        {{Segment(1, 1), {{Id(0)}, KeyRange{0, 0.5}}}, {Segment(2, 1), {{Id(0)}, KeyRange{0.5, 1}}}}}});
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(1, 1), At(0)}, {Segment(2, 1), At(0)}}));
  EXPECT_TRUE(state.assigned.at("r").empty());
  EXPECT_EQ(state.last_read, (SegmentPositions{{Segment(1, 1), At(0)}, {Segment(2, 1), At(0)}}));
  EXPECT_EQ(state.RangeOf(Segment(1, 1)), (KeyRange{0, 0.5}));
  EXPECT_EQ(state.RangeOf(Segment(0)), std::nullopt);
}

// The same segment may be named with its range, with none (the segments that a group starts with) and, by a participant
// that computes, with another one: it is the same segment all the same, and the range that came first stays.
TEST(StateMachineTest, RangesAreNoPartOfWhatASegmentIs) {
  Init init;
  init.starting = {{Segment(0), {At(0), std::nullopt}}, {Segment(1), {At(0), KeyRange{0.5, 1}}}};
  ReaderGroupState state = With(
      ReaderGroupState(), {init, AddReader{"r"}, AcquireSegment{"r", Segment(0)}, AcquireSegment{"r", Segment(1)}});
  const Position::Map read = {{Segment(0), {At(7), KeyRange{0, 0.5}}}, {Segment(1), {At(8), {}}}};
  state = With(state, {UpdateDistanceToTail{"r", 1, read}});
  EXPECT_EQ(state.last_read, (SegmentPositions{{Segment(0), At(7)}, {Segment(1), At(8)}}));
  const SegmentCompleted first{"r", Segment(0), KeyRange{0, 0.4}, {{Segment(2, 1), {{Id(0), Id(1)}, KeyRange{0, 1}}}}};
  const SegmentCompleted second{"r", Segment(1), {}, {{Segment(2, 1), {{Id(0), Id(1)}, {}}}}};
  state = With(state, {first});
  EXPECT_EQ(state.assigned.at("r"), (SegmentPositions{{Segment(1), At(0)}}));
  state = With(state, {second});
  EXPECT_TRUE(state.future.empty());
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(2, 1), At(0)}}));
  EXPECT_EQ(state.RangeOf(Segment(2, 1)), (KeyRange{0, 1}));
}

TEST(StateMachineTest, MergeWaitsForAllPredecessors) {
  ReaderGroupState state =
      With(GroupOf(2), {AddReader{"r"}, AcquireSegment{"r", Segment(0)}, AcquireSegment{"r", Segment(1)}});
  SegmentCompleted first{"r", Segment(0), {}, {{Segment(2, 1), {{Id(0), Id(1)}, KeyRange{0, 1}}}}};
  state = With(state, {first});
  EXPECT_EQ(state.future.at(Segment(2, 1)), (std::set<SegmentId>{Id(1)}));
  EXPECT_TRUE(state.unassigned.empty());
  // The list is taken as it was reported first.
  SegmentCompleted second{"r", Segment(1), {}, {{Segment(2, 1), {{Id(0), Id(1), Id(77)}, KeyRange{0, 1}}}}};
  state = With(state, {second});
  EXPECT_TRUE(state.future.empty());
  EXPECT_EQ(state.unassigned.InOrder(), (Entries{{Segment(2, 1), At(0)}}));
}

// What Java does and every participant therefore must do; completion.h keeps it from happening.
TEST(StateMachineTest, CompletionTakesTheIdOffTheListsOfAllStreams) {
  ReaderGroupState state = GroupOf(1);
  SegmentRef other{{"sc", "other"}, Id(3, 1)};
  state.future[other] = {Id(0), Id(1)};
  state = With(state, {AddReader{"r"}, AcquireSegment{"r", Segment(0)}, SegmentCompleted{"r", Segment(0), {}, {}}});
  EXPECT_EQ(state.future.at(other), (std::set<SegmentId>{Id(1)}));
}

TEST(CheckpointMachineTest, CompleteWhenAllHaveReported) {
  ReaderGroupState state = With(GroupOf(3), {AddReader{"a"}, AddReader{"b"}, AcquireSegment{"a", Segment(0)},
                                             AcquireSegment{"b", Segment(1)}, CreateCheckpoint{"c"}});
  EXPECT_EQ(state.checkpoints.pending.at("c"), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(state.checkpoints.positions.at("c"), (SegmentPositions{{Segment(2), At(0)}}));
  // A reader that joins later is not waited for.
  state = With(state, {AddReader{"late"}, CheckpointReader{"c", "a", {{Segment(0), At(4)}}}});
  EXPECT_TRUE(state.checkpoints.IsPending("c"));
  EXPECT_EQ(state.assigned.at("a").at(Segment(0)), At(4));
  EXPECT_TRUE(state.checkpoints.last_completed.empty());
  ExpectImpossible(state, CheckpointReader{"c", "a", {}});
  ExpectImpossible(state, CheckpointReader{"c", "late", {}});
  state = With(state, {CheckpointReader{"c", "b", {{Segment(1), kEnd}}}});
  EXPECT_FALSE(state.checkpoints.IsPending("c"));
  EXPECT_EQ(state.checkpoints.last_completed,
            (SegmentPositions{{Segment(0), At(4)}, {Segment(1), kEnd}, {Segment(2), At(0)}}));
  EXPECT_FALSE(state.checkpoints.last_completed_published);
  EXPECT_TRUE(With(state, {UpdateCheckpointPublished{true}}).checkpoints.last_completed_published);
  ExpectImpossible(state, CheckpointReader{"c", "nobody", {}});
}

TEST(CheckpointMachineTest, SilentOnesLeaveNoTrace) {
  std::string name = "AAAA_SILENT_";
  ReaderGroupState state = With(GroupOf(1), {AddReader{"a"}, AcquireSegment{"a", Segment(0)}, CreateCheckpoint{name}});
  state = With(state, {CheckpointReader{name, "a", {{Segment(0), At(4)}}}});
  EXPECT_EQ(state.checkpoints.positions.at(name), (SegmentPositions{{Segment(0), At(4)}}));
  EXPECT_EQ(state.assigned.at("a").at(Segment(0)), At(0));
  EXPECT_TRUE(state.checkpoints.last_completed.empty());
  EXPECT_TRUE(state.checkpoints.last_completed_published);
}

TEST(CheckpointMachineTest, WithoutReadersItIsCompleteButNotTheLast) {
  ReaderGroupState state = With(GroupOf(1), {CreateCheckpoint{"c"}});
  EXPECT_FALSE(state.checkpoints.IsPending("c"));
  EXPECT_EQ(state.checkpoints.positions.at("c"), (SegmentPositions{{Segment(0), At(0)}}));
  EXPECT_TRUE(state.checkpoints.last_completed.empty());
  EXPECT_EQ(With(state, {CreateCheckpoint{"c"}}), state) << "a name that is known";
}

TEST(CheckpointMachineTest, ClearBeforeKeepsTheOneAndTheLater) {
  ReaderGroupState state = With(GroupOf(1), {AddReader{"a"}, CreateCheckpoint{"1"}, CreateCheckpoint{"2"},
                                             CreateCheckpoint{"3"}, CreateCheckpoint{"4"}});
  EXPECT_EQ(With(state, {ClearCheckpointsBefore{"unknown"}}), state);
  state = With(state, {ClearCheckpointsBefore{"3"}});
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{"3", "4"}));
  EXPECT_EQ(state.checkpoints.pending.size(), 2u);
  EXPECT_EQ(state.checkpoints.positions.size(), 2u);
  // A report for one that was cleared is no error, and still refreshes the positions.
  state = With(state, {AcquireSegment{"a", Segment(0)}, CheckpointReader{"1", "a", {{Segment(0), At(6)}}}});
  EXPECT_EQ(state.assigned.at("a").at(Segment(0)), At(6));
}

TEST(CheckpointMachineTest, RemoveOutstandingKeepsNamesAndSilentOnes) {
  ReaderGroupState state = With(GroupOf(1), {CreateCheckpoint{"complete"}, AddReader{"a"}, CreateCheckpoint{"pending"},
                                             CreateCheckpoint{"x_SILENT_"}, RemoveOutstandingCheckpoints{}});
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{"complete", "pending", "x_SILENT_"}));
  EXPECT_FALSE(state.checkpoints.Known("pending"));
  EXPECT_TRUE(state.checkpoints.Known("complete"));
  EXPECT_TRUE(state.checkpoints.IsPending("x_SILENT_"));
  // The name may be used again.
  state = With(state, {CreateCheckpoint{"pending"}});
  EXPECT_TRUE(state.checkpoints.IsPending("pending"));
}

TEST(CheckpointMachineTest, OneReaderMayCompleteSeveralByLeaving) {
  ReaderGroupState state = With(GroupOf(1), {AddReader{"a"}, AcquireSegment{"a", Segment(0)}, CreateCheckpoint{"z"},
                                             CreateCheckpoint{"y"}, RemoveReader{"a", {{Segment(0), At(2)}}}});
  EXPECT_TRUE(state.checkpoints.pending.empty());
  EXPECT_EQ(state.checkpoints.positions.at("z"), state.checkpoints.positions.at("y"));
}

TEST(StateMachineTest, CompactReplacesTheState) {
  ReaderGroupState state = With(GroupOf(2), {AddReader{"r"}, AcquireSegment{"r", Segment(0)}});
  EXPECT_EQ(With(GroupOf(5), {Compact{state}}), state);
}

TEST(StateMachineTest, UpdatingConfig) {
  EXPECT_TRUE(With(GroupOf(1), {UpdatingConfig{true}}).updating_config);
  EXPECT_FALSE(With(GroupOf(1), {UpdatingConfig{true}, UpdatingConfig{false}}).updating_config);
}

}  // namespace
}  // namespace pravega::client
