#include "connector/client/reader_group/checkpoints.h"

#include "connector/client/reader_group/completion.h"
#include "connector/client/reader_group/testing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::GroupOf;
using testing::kEnd;
using testing::Segment;
using testing::With;

ReaderGroupState TwoReaders() {
  return With(GroupOf(2),
              {AddReader{"a"}, AddReader{"b"}, AcquireSegment{"a", Segment(0)}, AcquireSegment{"b", Segment(1)}});
}

ReaderView View(const std::string& reader, int32_t segment, SegmentPosition position) {
  return ReaderView{reader, {{Segment(segment), {position, {}}}}, 0};
}

TEST(CheckpointsTest, TheOldestPendingOneComesFirst) {
  ReaderGroupState state = With(TwoReaders(), {CreateCheckpoint{"z"}, CreateCheckpoint{"y"}});
  EXPECT_EQ(PendingCheckpoint(state, "a"), "z");
  EXPECT_TRUE(ReportCheckpoint(state, View("a", 0, At(5)), "y").empty()) << "not its turn";
  state = With(state, ReportCheckpoint(state, View("a", 0, At(5)), "z"));
  EXPECT_EQ(PendingCheckpoint(state, "a"), "y");
  EXPECT_EQ(PendingCheckpoint(state, "b"), "z");
  EXPECT_EQ(PendingCheckpoint(state, "nobody"), std::nullopt);
}

TEST(CheckpointsTest, ReportsWhatTheReaderOwns) {
  ReaderGroupState state = With(TwoReaders(), {CreateCheckpoint{"c"}});
  ReaderView view = View("a", 0, kEnd);
  view.positions[Segment(7)] = {At(1), {}};
  Updates updates = ReportCheckpoint(state, view, "c");
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0], Update(CheckpointReader{"c", "a", {{Segment(0), kEnd}}}));
  // A segment that has not been looked at is where it was acquired.
  EXPECT_EQ(ReportCheckpoint(state, ReaderView{"a", {}, 0}, "c")[0],
            Update(CheckpointReader{"c", "a", {{Segment(0), At(0)}}}));
  EXPECT_TRUE(ReportCheckpoint(state, View("z", 0, At(1)), "c").empty());
  EXPECT_TRUE(ReportCheckpoint(With(state, updates), view, "c").empty()) << "reported already";
}

TEST(CheckpointsTest, SoManyMayBeOutstanding) {
  ReaderGroupState state = TwoReaders();
  for (const char* name : {"1", "2", "3"}) state = With(state, *StartCheckpoint(state, name));
  EXPECT_EQ(StartCheckpoint(state, "4").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(StartCheckpoint(state, "2")->empty()) << "a name that is known: the caller waits for that";
  // Silent ones do not count and are not refused.
  std::string silent = SilentCheckpointName(std::string(32, '\0'));
  EXPECT_EQ(silent, std::string(43, 'A') + "=_SILENT_");
  state = With(state, StartSilentCheckpoint(state, silent));
  EXPECT_EQ(OutstandingCheckpoints(state), 3u);
  state = With(state, {CheckpointReader{"1", "a", {}}, CheckpointReader{"1", "b", {}}});
  EXPECT_TRUE(StartCheckpoint(state, "4").ok());
}

TEST(CheckpointsTest, Progress) {
  ReaderGroupState state = With(TwoReaders(), {CreateCheckpoint{"1"}, CreateCheckpoint{"2"}});
  EXPECT_EQ(ProgressOf(state, "1"), CheckpointProgress::kPending);
  EXPECT_EQ(PositionsOf(state, "1"), std::nullopt);
  ReaderGroupState complete = With(
      state, {CheckpointReader{"1", "a", {{Segment(0), At(1)}}}, CheckpointReader{"1", "b", {{Segment(1), At(2)}}}});
  EXPECT_EQ(ProgressOf(complete, "1"), CheckpointProgress::kComplete);
  EXPECT_EQ(PositionsOf(complete, "1"), (SegmentPositions{{Segment(0), At(1)}, {Segment(1), At(2)}}));
  ReaderGroupState cleared = With(state, ClearBefore("2"));
  EXPECT_EQ(ProgressOf(cleared, "1"), CheckpointProgress::kGone);
  EXPECT_EQ(ProgressOf(cleared, "2"), CheckpointProgress::kPending);
}

TEST(CheckpointsTest, AutomaticOnes) {
  ReaderGroupState state = With(TwoReaders(), {CreateCheckpoint{"old"}, CheckpointReader{"old", "a", {}}});
  EXPECT_TRUE(AutomaticCheckpoint(state, "auto").empty()) << "the group has none";
  state.config.automatic_checkpoint_interval_ms = 1000;
  EXPECT_TRUE(AutomaticCheckpoint(state, "auto").empty()) << "one is in progress";
  state = With(state, {CheckpointReader{"old", "b", {}}});
  state = With(state, AutomaticCheckpoint(state, "auto"));
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{"auto"}));
}

const std::string kFirst = HandOverCheckpointName(Uuid{1, 1});
const std::string kSecond = HandOverCheckpointName(Uuid{2, 2});

TEST(HandOverTest, AFinishedSegmentNeedsACheckpoint) {
  ReaderGroupState state = TwoReaders();
  EXPECT_TRUE(HandOverCheckpoint(state, View("a", 0, At(10)), kFirst).empty()) << "not at its end";
  Updates updates = HandOverCheckpoint(state, View("a", 0, kEnd), kFirst);
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0], Update(CreateCheckpoint{kFirst}));
  state = With(state, updates);
  EXPECT_FALSE(IsSilent(kFirst)) << "an ordinary one";
  EXPECT_TRUE(HandOverCheckpoint(state, View("a", 0, kEnd), kSecond).empty()) << "one waits for it";
  EXPECT_TRUE(CompletableSegments(state, "a").empty()) << "it has to be reported";
  state = With(state, ReportCheckpoint(state, View("a", 0, kEnd), kFirst));
  EXPECT_EQ(CompletableSegments(state, "a"), (std::set<SegmentRef>{Segment(0)}));
  EXPECT_TRUE(HandOverCheckpoint(state, View("a", 0, kEnd), kSecond).empty()) << "it is reported";
  EXPECT_TRUE(HandOverCheckpoint(state, View("z", 0, kEnd), kSecond).empty());
}

TEST(HandOverTest, ClearsItsOwnCompleteOnes) {
  ReaderGroupState state = With(
      TwoReaders(), {CreateCheckpoint{kFirst}, CheckpointReader{kFirst, "a", {}}, CheckpointReader{kFirst, "b", {}}});
  state = With(state, HandOverCheckpoint(state, View("a", 0, kEnd), kSecond));
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{kSecond}));
}

TEST(HandOverTest, ClearsNothingThatSomebodyMayWaitFor) {
  std::string third = HandOverCheckpointName(Uuid{3, 3});
  std::string fourth = HandOverCheckpointName(Uuid{4, 4});
  ReaderGroupState state = TwoReaders();
  auto complete = [&](const std::string& name) {
    state = With(state, {CreateCheckpoint{name}, CheckpointReader{name, "a", {}}, CheckpointReader{name, "b", {}}});
  };
  complete(kFirst);
  complete("users");
  complete(kSecond);
  state = With(state, HandOverCheckpoint(state, View("a", 0, kEnd), third));
  // Up to the user's, which is complete and perhaps not looked at yet.
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{"users", kSecond, third}));
  EXPECT_EQ(ProgressOf(state, "users"), CheckpointProgress::kComplete);
  // An incomplete one of its own kind stays as well.
  state = With(state, {ClearCheckpointsBefore{third}, CheckpointReader{third, "b", {}}});
  state = With(state, HandOverCheckpoint(state, View("b", 1, kEnd), fourth));
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{third, fourth}));
}

// A complete silent one may not have been looked at yet. It goes with the next one.
TEST(HandOverTest, LeavesSilentOnesToThoseWhoMadeThem) {
  const std::string silent = SilentCheckpointName(std::string(32, '\0'));
  const std::string next = SilentCheckpointName(std::string(32, '\1'));
  ReaderGroupState state = TwoReaders();
  auto complete = [&](const std::string& name) {
    state = With(state, {CreateCheckpoint{name}, CheckpointReader{name, "a", {}}, CheckpointReader{name, "b", {}}});
  };
  complete(silent);
  complete(kFirst);
  ReaderGroupState after = With(state, HandOverCheckpoint(state, View("a", 0, kEnd), kSecond));
  EXPECT_EQ(after.checkpoints.names, (std::vector<std::string>{silent, kFirst, kSecond}));
  complete(next);
  state = With(state, ClearBeforeSilent(state, next));
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{next}));
}

// However many of them wait for a reader that stalls, somebody who asks for a checkpoint is not refused.
TEST(HandOverTest, DoesNotCountAsOutstanding) {
  ReaderGroupState state = TwoReaders();
  for (uint64_t i = 0; i < 10; ++i) state = With(state, {CreateCheckpoint{HandOverCheckpointName(Uuid{i, i})}});
  EXPECT_EQ(OutstandingCheckpoints(state), 0u);
  EXPECT_TRUE(StartCheckpoint(state, "users").ok());
}

TEST(SilentCheckpointTest, ClearsOlderOnesUnlessOneIsIncomplete) {
  const std::string silent = SilentCheckpointName(std::string(32, '\0'));
  const Updates done = {CheckpointReader{silent, "a", {}}, CheckpointReader{silent, "b", {}}};
  ReaderGroupState first = With(With(TwoReaders(), {CreateCheckpoint{silent}}), done);
  EXPECT_TRUE(ClearBeforeSilent(first, silent).empty()) << "nothing is older";
  EXPECT_TRUE(ClearBeforeSilent(TwoReaders(), silent).empty()) << "cleared by somebody else";
  ReaderGroupState state = With(TwoReaders(), {CreateCheckpoint{"old"}, CreateCheckpoint{silent}});
  EXPECT_TRUE(ClearBeforeSilent(state, silent).empty()) << "somebody waits for the old one";
  state = With(state, {CheckpointReader{"old", "a", {}}, CheckpointReader{"old", "b", {}}});
  state = With(state, done);
  state = With(state, ClearBeforeSilent(state, silent));
  EXPECT_EQ(state.checkpoints.names, (std::vector<std::string>{silent}));
}

TEST(HandOverTest, ABoundedReadEndsAtItsOffset) {
  ReaderGroupState state = TwoReaders();
  state.end_segments[Segment(0)] = Offset(100);
  EXPECT_TRUE(HandOverCheckpoint(state, View("a", 0, At(99)), kFirst).empty());
  EXPECT_EQ(HandOverCheckpoint(state, View("a", 0, At(100)), kFirst).size(), 1u);
}

}  // namespace
}  // namespace pravega::client
