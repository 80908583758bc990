#include "connector/client/reader_group/completion.h"

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

// A group that has to read `starting`, all of which reader "r" owns.
ReaderGroupState Started(const Position::Map& starting) {
  Init init;
  init.starting = starting;
  Updates updates = {init, AddReader{"r"}};
  for (const auto& [segment, entry] : starting) updates.push_back(AcquireSegment{"r", segment});
  return With(ReaderGroupState(), updates);
}

ReaderGroupState AtEnd(ReaderGroupState state, const SegmentRef& segment) {
  state.assigned.at("r").at(segment) = kEnd;
  return state;
}

ReaderGroupState Completed(const ReaderGroupState& state, const Completion& completion) {
  absl::StatusOr<Updates> updates = CompleteSegments(state, "r", {completion});
  CHECK_MSG(updates.ok(), updates.status().ToString());
  CHECK(!updates->empty());
  return With(state, *updates);
}

TEST(CompletionTest, EndsAndEndOffsets) {
  ReaderGroupState state = GroupOf(2);
  state.end_segments = {{Segment(0), Offset(100)}, {Segment(1), kToItsEnd}};
  EXPECT_EQ(EndOffsetOf(state, Segment(0)), Offset(100));
  EXPECT_EQ(EndOffsetOf(state, Segment(1)), std::nullopt);
  EXPECT_FALSE(IsEnd(state, Segment(0), At(99)));
  EXPECT_TRUE(IsEnd(state, Segment(0), At(100)));
  EXPECT_TRUE(IsEnd(state, Segment(0), At(101)));
  EXPECT_TRUE(IsEnd(state, Segment(0), kEnd));
  EXPECT_FALSE(IsEnd(state, Segment(1), At(1 << 30)));
  EXPECT_TRUE(IsEnd(state, Segment(1), kEnd));
}

TEST(CompletionTest, OnlyWhatTheRecordSaysIsCompletable) {
  ReaderGroupState state = Started({{Segment(0), {At(0), {}}}, {Segment(1), {At(0), {}}}});
  EXPECT_TRUE(CompletableSegments(state, "r").empty());
  EXPECT_TRUE(CompletableSegments(state, "nobody").empty());
  ReaderView view{"r", {{Segment(0), {kEnd, {}}}}, 0};
  EXPECT_EQ(UnreportedEnds(state, view), (std::set<SegmentRef>{Segment(0)}));
  Completion completion{Segment(0), {}, {}};
  EXPECT_TRUE(CompleteSegments(state, "r", {completion})->empty()) << "no checkpoint has recorded it";
  state = AtEnd(state, Segment(0));
  EXPECT_TRUE(UnreportedEnds(state, view).empty());
  EXPECT_EQ(CompletableSegments(state, "r"), (std::set<SegmentRef>{Segment(0)}));
  EXPECT_EQ(CompleteSegments(state, "r", {completion})->size(), 1u);
  EXPECT_TRUE(CompleteSegments(state, "nobody", {completion})->empty());
  // While a checkpoint waits, nothing is completed.
  state = With(state, {CreateCheckpoint{"c"}});
  EXPECT_TRUE(CompletableSegments(state, "r").empty());
  EXPECT_TRUE(CompleteSegments(state, "r", {completion})->empty());
}

// A reader whose predecessor left the segment at its end, or a group that starts there, need not wait.
TEST(CompletionTest, ASegmentThatIsAcquiredAtItsEndIsCompletable) {
  ReaderGroupState state = Started({{Segment(0), {kEnd, {}}}});
  EXPECT_EQ(CompletableSegments(state, "r"), (std::set<SegmentRef>{Segment(0)}));
}

TEST(CompletionTest, ABoundedGroupHasNoSuccessors) {
  ReaderGroupState state = Started({{Segment(0), {At(100), {}}}});
  state.end_segments[Segment(0)] = Offset(100);
  Completion completion{Segment(0), {{Id(1, 1), KeyRange{0, 1}, {Id(0)}}}, {}};
  state = Completed(state, completion);
  EXPECT_TRUE(AllDataRead(state));
}

TEST(CompletionTest, TheLastSegmentOfASealedStream) {
  ReaderGroupState state = AtEnd(Started({{Segment(0), {At(0), {}}}}), Segment(0));
  EXPECT_FALSE(AllDataRead(state));
  EXPECT_TRUE(AllDataRead(Completed(state, {Segment(0), {}, {}})));
  EXPECT_FALSE(AllDataRead(GroupOf(1)));
  EXPECT_FALSE(AllDataRead(With(GroupOf(1), {AddReader{"r"}, AcquireSegment{"r", Segment(0)}})));
}

// Segments A and B of epoch 0 merge into S.
const SegmentRef kA = Segment(0);
const SegmentRef kB = Segment(1);
const SegmentRef kS = Segment(2, 1);
const Completion::Successor kMerged{kS.id, KeyRange{0, 1}, {kA.id, kB.id}};

TEST(MergeTest, BothPredecessorsAreWaitedFor) {
  ReaderGroupState state = Started({{kA, {At(0), KeyRange{0, 0.5}}}, {kB, {At(0), KeyRange{0.5, 1}}}});
  Completion completion{kA, {kMerged}, {}};
  EXPECT_TRUE(EpochsToFetch(state, completion).empty()) << "the group knows B: nothing to ask";
  state = Completed(AtEnd(state, kA), completion);
  EXPECT_EQ(state.future.at(kS), (std::set<SegmentId>{kB.id}));
  state = Completed(AtEnd(state, kB), {kB, {kMerged}, {}});
  EXPECT_EQ(state.unassigned.Find(kS), At(0));
}

// The defect of the Java client: a checkpoint between the completions of B and A has A alone. A group that starts from
// it must not wait for B, which nobody will ever complete there.
TEST(MergeTest, AGroupStartedWithinAMergeDoesNotWaitForEver) {
  ReaderGroupState state = AtEnd(Started({{kA, {At(2522), KeyRange{0, 0.5}}}}), kA);
  Completion completion{kA, {kMerged}, {}};
  EXPECT_TRUE(EpochsToFetch(state, completion).empty()) << "no older segment is known, so no range matters";
  state = Completed(state, completion);
  EXPECT_TRUE(state.future.empty());
  EXPECT_EQ(state.unassigned.Find(kS), At(0));
}

// "Drop what the state does not know" would be wrong: P (epoch 0) splits into B and C (epoch 1), then A and B merge
// into S (epoch 2). A is completed while P is still being read; B is not known yet, but it will come out of P.
TEST(MergeTest, APredecessorThatIsStillToComeIsWaitedFor) {
  const SegmentRef a = Segment(0), p = Segment(1), b = Segment(2, 1), c = Segment(3, 1), s = Segment(4, 2);
  ReaderGroupState state = AtEnd(Started({{a, {At(0), {}}}, {p, {At(0), {}}}}), a);
  Completion of_a{a, {{s.id, KeyRange{0, 0.75}, {a.id, b.id}}}, {}};
  // The ranges of starting segments are not in the state.
  EXPECT_EQ(EpochsToFetch(state, of_a), (std::set<Epoch>{Epoch(0), Epoch(1)}));
  EXPECT_EQ(CompleteSegments(state, "r", {of_a}).status().code(), absl::StatusCode::kFailedPrecondition);
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{a.id, {0, 0.5}}, {p.id, {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{a.id, {0, 0.5}}, {b.id, {0.5, 0.75}}, {c.id, {0.75, 1}}});
  of_a.history = history;
  EXPECT_TRUE(EpochsToFetch(state, of_a).empty());
  state = Completed(state, of_a);
  EXPECT_EQ(state.future.at(s), (std::set<SegmentId>{b.id}));
  EXPECT_FALSE(state.unassigned.Contains(s));

  state = Completed(AtEnd(state, p), {p, {{b.id, KeyRange{0.5, 0.75}, {p.id}}, {c.id, KeyRange{0.75, 1}, {p.id}}}, {}});
  EXPECT_EQ(state.unassigned.size(), 2u);
  EXPECT_FALSE(state.unassigned.Contains(s)) << "B has not been read";
  state = With(state, {AcquireSegment{"r", b}});
  state = Completed(AtEnd(state, b), {b, {{s.id, KeyRange{0, 0.75}, {a.id, b.id}}}, {}});
  EXPECT_EQ(state.unassigned.Find(s), At(0));
}

// In the starting cut {A, T} segment B is missing: it was completed, went into the merge M of A and B, which waits for
// A, and into T. M splits into L and R, and R and T merge into S. When T is completed, R does not overlap A, but comes
// by way of M.
TEST(MergeTest, APredecessorMayComeThroughAHoleOfTheStart) {
  const SegmentRef a = Segment(0), t = Segment(3, 1), r = Segment(5, 2), s = Segment(6, 3);
  ReaderGroupState state = AtEnd(Started({{a, {At(0), KeyRange{0, 0.5}}}, {t, {At(0), KeyRange{0.75, 1}}}}), t);
  Completion of_t{t, {{s.id, KeyRange{0.5, 1}, {t.id, r.id}}}, {}};
  EXPECT_EQ(EpochsToFetch(state, of_t), (std::set<Epoch>{Epoch(0), Epoch(1), Epoch(2)}));
  EXPECT_EQ(CompleteSegments(state, "r", {of_t}).status().code(), absl::StatusCode::kFailedPrecondition);
  of_t.history.AddEpoch(Epoch(0), {{a.id, {0, 0.5}}, {Id(1), {0.5, 1}}});
  of_t.history.AddEpoch(Epoch(1), {{Id(2, 1), {0, 0.75}}, {t.id, {0.75, 1}}});
  of_t.history.AddEpoch(Epoch(2), {{Id(4, 2), {0, 0.5}}, {r.id, {0.5, 0.75}}, {t.id, {0.75, 1}}});
  EXPECT_TRUE(EpochsToFetch(state, of_t).empty());
  state = Completed(state, of_t);
  EXPECT_EQ(state.future.at(s), (std::set<SegmentId>{r.id}));
}

// An older segment elsewhere in the key space has nothing to do with it.
TEST(MergeTest, OnlyWhatPredecessorsFollowFromBringsThem) {
  const SegmentRef a = Segment(0), p = Segment(1), b = Segment(2, 1), s = Segment(4, 2);
  ReaderGroupState state = AtEnd(Started({{a, {At(0), KeyRange{0, 0.25}}}, {p, {At(0), KeyRange{0.5, 1}}}}), a);
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{a.id, {0, 0.25}}, {Id(7), {0.25, 0.5}}, {p.id, {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{a.id, {0, 0.25}}, {b.id, {0.25, 0.5}}, {p.id, {0.5, 1}}});
  state = Completed(state, {a, {{s.id, KeyRange{0, 0.5}, {a.id, b.id}}}, history});
  EXPECT_EQ(state.unassigned.Find(s), At(0));
}

// B had other successors, which were in the cut: it is not read again, and they are not opened again.
TEST(MergeTest, SuccessorsThatTheGroupHasAreNotOpenedAgain) {
  const SegmentRef t = Segment(3, 1);
  ReaderGroupState state = AtEnd(Started({{kB, {kEnd, KeyRange{0.5, 1}}}, {t, {At(50), KeyRange{0.75, 1}}}}), kB);
  Completion completion{kB, {{t.id, KeyRange{0.75, 1}, {kB.id}}}, {}};
  state = Completed(state, completion);
  EXPECT_EQ(state.assigned.at("r"), (SegmentPositions{{t, At(50)}}));
  EXPECT_TRUE(state.unassigned.empty());
}

// Ids are unique within a stream only, but a completion takes its id off the lists of all streams.
class TwoStreamsTest : public ::testing::Test {
 protected:
  // In both streams segments 0 and 1 merge into 2@1. In `other` 1 is completed and 2@1 waits for 0.
  TwoStreamsTest() {
    Init init;
    for (const ScopedStream& stream : {kStream, other_}) {
      for (int32_t i : {0, 1}) init.starting[{stream, Id(i)}] = {At(0), KeyRange{0.5 * i, 0.5 * (i + 1)}};
    }
    Updates updates = {init, AddReader{"r"}, AddReader{"s"}};
    for (const auto& [segment, entry] : init.starting) {
      updates.push_back(AcquireSegment{segment.stream == kStream ? "r" : "s", segment});
    }
    state_ = With(state_, updates);
    Record("s", Ref(other_, 1), kEnd);
    absl::StatusOr<Updates> done = CompleteSegments(state_, "s", {Of(Ref(other_, 1))});
    CHECK(done.ok());
    CHECK(done->size() == 1);
    state_ = With(state_, *done);
  }

  static SegmentRef Ref(const ScopedStream& stream, int32_t number, int32_t epoch = 0) {
    return {stream, Id(number, epoch)};
  }
  static Completion Of(const SegmentRef& segment) {
    return {segment, {{Id(2, 1), KeyRange{0, 1}, {Id(0), Id(1)}}}, {}};
  }
  void Record(const std::string& reader, const SegmentRef& segment, SegmentPosition position) {
    state_.assigned.at(reader).at(segment) = position;
  }

  const ScopedStream other_{"sc", "other"};
  ReaderGroupState state_;
};

TEST_F(TwoStreamsTest, ACompletionWaitsForTheSegmentOfTheSameId) {
  Record("r", Segment(0), kEnd);
  EXPECT_EQ(CompletedTogether(state_, Segment(0)), (std::set<SegmentRef>{Ref(other_, 0), Segment(0)}));
  EXPECT_TRUE(CompleteSegments(state_, "r", {Of(Segment(0))})->empty()) << "alone it would open the other stream's 2@1";
  EXPECT_TRUE(CompleteSegments(state_, "r", {Of(Segment(0)), Of(Ref(other_, 0))})->empty()) << "that is being read";
  Record("s", Ref(other_, 0), kEnd);
  absl::StatusOr<Updates> updates = CompleteSegments(state_, "r", {Of(Segment(0)), Of(Ref(other_, 0))});
  ASSERT_TRUE(updates.ok());
  ASSERT_EQ(updates->size(), 2u) << "the other's as well, on behalf of its reader";
  ReaderGroupState both = With(state_, *updates);
  // Or the other reader is first.
  EXPECT_EQ(CompletedTogether(state_, Ref(other_, 0)), (std::set<SegmentRef>{Ref(other_, 0)}));
  ReaderGroupState one_by_one = With(state_, *CompleteSegments(state_, "s", {Of(Ref(other_, 0))}));
  EXPECT_EQ(CompletedTogether(one_by_one, Segment(0)), (std::set<SegmentRef>{Segment(0)}));
  one_by_one = With(one_by_one, *CompleteSegments(one_by_one, "r", {Of(Segment(0))}));
  EXPECT_EQ(both, one_by_one);
  EXPECT_EQ(both.unassigned.size(), 1u);
  EXPECT_EQ(both.unassigned.Find(Ref(other_, 2, 1)), At(0));
  EXPECT_EQ(both.future, (std::map<SegmentRef, std::set<SegmentId>>{{Segment(2, 1), {Id(1)}}}));
}

TEST_F(TwoStreamsTest, OtherIdsDoNotWait) {
  Record("r", Segment(1), kEnd);
  EXPECT_EQ(CompletedTogether(state_, Segment(1)), (std::set<SegmentRef>{Segment(1)}));
  EXPECT_EQ(CompleteSegments(state_, "r", {Of(Segment(1))})->size(), 1u);
}

TEST_F(TwoStreamsTest, NobodyCompletesForAReaderWithACheckpoint) {
  Record("r", Segment(0), kEnd);
  Record("s", Ref(other_, 0), kEnd);
  state_ = With(state_, {CreateCheckpoint{"c"}, CheckpointReader{"c", "r", {}}});
  EXPECT_TRUE(CompleteSegments(state_, "r", {Of(Segment(0)), Of(Ref(other_, 0))})->empty());
}

}  // namespace
}  // namespace pravega::client
