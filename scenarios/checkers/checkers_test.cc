// Goal: each checker finds the harm that is done to a good history and names the operations; no checker objects to a
// history that a correct system could have left. Method: histories made up by a small model (testing/made_up_run.h),
// changed in one place (testing/mutations.h); a few histories by hand for what the model does not do.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "scenarios/checkers/registry.h"
#include "scenarios/checkers/testing/made_up_run.h"
#include "scenarios/checkers/testing/mutations.h"
#include "scenarios/history/describe.h"
#include "scenarios/history/recorder.h"

namespace pravega::scenarios {
namespace {

constexpr uint64_t kSeed = 4;

// Always the place in the middle.
const Chooser kMiddle = [](int n) { return n / 2; };

std::string Name(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

bool Contains(const std::vector<OpId>& all, const std::vector<OpId>& some) {
  return std::all_of(some.begin(), some.end(),
                     [&](OpId id) { return std::find(all.begin(), all.end(), id) != all.end(); });
}

std::string InWords(const History& history, const std::vector<OpId>& ids) {
  std::string words;
  for (OpId id : ids) {
    const Operation* operation = history.Find(id);
    words += operation == nullptr ? "(no such operation)\n" : Describe(history, *operation) + "\n";
  }
  return words;
}

TEST(CheckersTest, TheGoodHistoryHasEverythingAndPasses) {
  MadeUpFeatures features;
  History history = MakeUpRun(kSeed, {}, &features);
  EXPECT_GT(features.splits, 0);
  EXPECT_GT(features.merges, 0);
  EXPECT_GT(features.committed, 1);
  EXPECT_GT(features.aborted, 0);
  EXPECT_GT(features.unknown_commits_applied, 0);
  EXPECT_GT(features.unknown_writes_applied, 0);
  EXPECT_GT(features.unknown_writes_lost, 0);
  EXPECT_EQ(features.crashes_before_record, 1);
  EXPECT_EQ(features.crashes_durable, 1);
  EXPECT_EQ(features.crashes_not_durable, 1);
  EXPECT_EQ(features.crashes_in_silence, 1);
  EXPECT_GT(features.checkpoints, 2);
  EXPECT_GT(features.checkpoints_with_hole, 0);
  EXPECT_GT(features.releases, 0);
  EXPECT_EQ(features.read_backs, 3);
  Report report = CheckAll(history);
  EXPECT_EQ(report.judgement(), Judgement::kPass) << report.ToString();
  for (const CheckerReport& checker : report.checkers) EXPECT_GT(checker.verdict.checked, 0) << checker.name;
}

class HarmTest : public testing::TestWithParam<HarmfulMutation> {};

TEST_P(HarmTest, IsFoundAndNamed) {
  History history = MakeUpRun(kSeed);
  std::optional<std::vector<OpId>> expected = GetParam().apply(history, kMiddle);
  if (!expected) {
    // What concerns the end of a stream.
    history = MakeUpRun(kSeed, {.seal = true});
    expected = GetParam().apply(history, kMiddle);
  }
  ASSERT_TRUE(expected.has_value()) << "the history has no place for this";
  Report report = CheckAll(history);
  const Verdict& verdict = report.Find(GetParam().checker)->verdict;
  EXPECT_EQ(verdict.judgement, Judgement::kFail) << report.ToString();
  EXPECT_TRUE(Contains(verdict.witness.operations, *expected)) << report.ToString() << "expected:\n"
                                                               << InWords(history, *expected);
  EXPECT_GE(verdict.witness.operations.size(), 1u);
  EXPECT_LE(verdict.witness.operations.size(), 4u);
  // The words name the operations by their numbers.
  for (OpId id : *expected) {
    EXPECT_NE(verdict.witness.words.find("operation " + std::to_string(id.value()) + " "), std::string::npos)
        << verdict.witness.words;
  }
}

INSTANTIATE_TEST_SUITE_P(All, HarmTest, testing::ValuesIn(HarmfulMutations().begin(), HarmfulMutations().end()),
                         [](const auto& info) { return Name(info.param.name); });

class BenignTest : public testing::TestWithParam<BenignMutation> {};

TEST_P(BenignTest, Passes) {
  History history = MakeUpRun(kSeed);
  ASSERT_TRUE(GetParam().apply(history, kMiddle)) << "the history has no place for this";
  Report report = CheckAll(history);
  EXPECT_EQ(report.judgement(), Judgement::kPass) << report.ToString();
}

INSTANTIATE_TEST_SUITE_P(All, BenignTest, testing::ValuesIn(BenignMutations().begin(), BenignMutations().end()),
                         [](const auto& info) { return Name(info.param.name); });

class BlindingTest : public testing::TestWithParam<BlindingMutation> {};

TEST_P(BlindingTest, IsSaidAndNothingFails) {
  History history = MakeUpRun(kSeed);
  ASSERT_TRUE(GetParam().apply(history, kMiddle)) << "the history has no place for this";
  Report report = CheckAll(history);
  const Verdict& verdict = report.Find(GetParam().checker)->verdict;
  EXPECT_EQ(verdict.judgement, Judgement::kVacuous) << report.ToString();
  EXPECT_FALSE(verdict.note.empty());
}

INSTANTIATE_TEST_SUITE_P(All, BlindingTest, testing::ValuesIn(BlindingMutations().begin(), BlindingMutations().end()),
                         [](const auto& info) { return Name(info.param.name); });

TEST(CheckersTest, TheSameWithASealedStreamPasses) {
  Report report = CheckAll(MakeUpRun(kSeed, {.seal = true}));
  EXPECT_EQ(report.judgement(), Judgement::kPass) << report.ToString();
}

TEST(CheckersTest, EveryCheckerHasHarmInTheTable) {
  std::set<std::string_view> harmed;
  for (const HarmfulMutation& mutation : HarmfulMutations()) harmed.insert(mutation.checker);
  for (const Checker& checker : AllCheckers()) EXPECT_EQ(harmed.count(checker.name), 1u) << checker.name;
}

// --- Properties

MadeUpOptions ArbitraryOptions() {
  MadeUpOptions options;
  options.steps = *rc::gen::inRange(50, 600);
  options.crashes = *rc::gen::inRange(0, 5);
  options.scales = *rc::gen::inRange(0, 9);
  options.read_backs = *rc::gen::inRange(0, 4);
  options.seal = *rc::gen::arbitrary<bool>();
  return options;
}

Chooser ArbitraryChooser() {
  return [](int n) { return *rc::gen::inRange(0, n); };
}

RC_GTEST_PROP(CheckersProperty, GoodHistoriesPass, ()) {
  uint64_t seed = *rc::gen::arbitrary<uint64_t>();
  History history = MakeUpRun(seed, ArbitraryOptions());
  Report report = CheckAll(history);
  for (const CheckerReport& checker : report.checkers) {
    if (checker.verdict.judgement != Judgement::kPass) RC_FAIL(report.ToString());
  }
}

RC_GTEST_PROP(CheckersProperty, HarmIsFoundWherever, ()) {
  uint64_t seed = *rc::gen::arbitrary<uint64_t>();
  History history = MakeUpRun(seed, ArbitraryOptions());
  std::span<const HarmfulMutation> mutations = HarmfulMutations();
  const HarmfulMutation& mutation = mutations[*rc::gen::inRange<size_t>(0, mutations.size())];
  RC_TAG(std::string(mutation.name));
  std::optional<std::vector<OpId>> expected = mutation.apply(history, ArbitraryChooser());
  RC_PRE(expected.has_value());
  Report report = CheckAll(history);
  const Verdict& verdict = report.Find(mutation.checker)->verdict;
  if (verdict.judgement != Judgement::kFail || !Contains(verdict.witness.operations, *expected)) {
    RC_FAIL(std::string(mutation.name) + "\n" + report.ToString() + "expected:\n" + InWords(history, *expected));
  }
}

RC_GTEST_PROP(CheckersProperty, BenignChangesPassWherever, ()) {
  uint64_t seed = *rc::gen::arbitrary<uint64_t>();
  History history = MakeUpRun(seed, ArbitraryOptions());
  std::span<const BenignMutation> mutations = BenignMutations();
  const BenignMutation& mutation = mutations[*rc::gen::inRange<size_t>(0, mutations.size())];
  RC_PRE(mutation.apply(history, ArbitraryChooser()));
  Report report = CheckAll(history);
  if (report.judgement() != Judgement::kPass) RC_FAIL(std::string(mutation.name) + "\n" + report.ToString());
}

// Whoever loses part of the evidence may be unable to tell, but is not told that something is wrong.
RC_GTEST_PROP(CheckersProperty, LessEvidenceNeverFails, ()) {
  uint64_t seed = *rc::gen::arbitrary<uint64_t>();
  History history = MakeUpRun(seed, ArbitraryOptions());
  std::span<const BlindingMutation> mutations = BlindingMutations();
  const BlindingMutation& mutation = mutations[*rc::gen::inRange<size_t>(0, mutations.size())];
  RC_PRE(mutation.apply(history, ArbitraryChooser()));
  Report report = CheckAll(history);
  if (report.judgement() == Judgement::kFail) RC_FAIL(std::string(mutation.name) + "\n" + report.ToString());
}

// --- By hand

class ByHand : public testing::Test {
 protected:
  OpId Write1(int64_t from, int64_t to, int64_t sequence, TxnRef txn = {}) {
    OpId op = recorder_.Invoke(from, writer_, Write{{writer_, sequence}, stream_, key_, txn});
    recorder_.Complete(to, op, Outcome::kOk);
    return op;
  }
  OpId Commit(int64_t from, int64_t to, TxnRef txn, Outcome outcome = Outcome::kOk) {
    OpId op = recorder_.Invoke(from, writer_, TxnCommit{txn, {}});
    recorder_.Complete(to, op, outcome);
    return op;
  }
  OpId Record1(int64_t at, int64_t offset, int64_t sequence) {
    Sighting place = MakeSighting(segment_, Offset(offset), 10, {writer_, sequence});
    recorder_.Note(at, reader_, Read{place, group_});
    return recorder_.Note(at + 1, reader_, Record{place, group_});
  }
  Verdict Check(std::string_view name) { return CheckAll(history_).Find(name)->verdict; }

  History history_;
  Recorder recorder_{history_};
  NameId writer_ = recorder_.Name("w");
  NameId reader_ = recorder_.Name("r");
  NameId group_ = recorder_.Name("g");
  NameId stream_ = recorder_.Name("s/e");
  NameId key_ = recorder_.Name("k");
  Segment segment_{stream_, SegmentId(0)};
  TxnRef older_ = recorder_.Txn(TxnId{Uuid{0, 1}});
  TxnRef newer_ = recorder_.Txn(TxnId{Uuid{uint64_t{1} << 32, 2}});
};

TEST_F(ByHand, AHistoryWithoutWritesOrRecordsShowsNothing) {
  Report report = CheckAll(history_);
  EXPECT_EQ(report.judgement(), Judgement::kVacuous) << report.ToString();
  EXPECT_EQ(report.reason(), "nothing was written");
  EXPECT_EQ(report.first_failure(), nullptr);
  EXPECT_NE(report.ToString().find("order               PASS     nothing to check "), std::string::npos)
      << report.ToString();
  OpId failed = recorder_.Invoke(1, writer_, Write{{writer_, 1}, stream_, key_, {}});
  recorder_.Complete(2, failed, Outcome::kFailed);
  EXPECT_EQ(CheckAll(history_).reason(), "nothing was written");
  history_.Find(failed)->outcome = Outcome::kOk;
  recorder_.Note(3, reader_, Read{MakeSighting(segment_, Offset(), 10, {writer_, 1}), group_});
  EXPECT_EQ(CheckAll(history_).reason(), "nothing was recorded");
  EXPECT_EQ(CheckNamed(history_, {"order"})->judgement(), Judgement::kVacuous);
  Record1(10, 0, 1);
  report = *CheckNamed(history_, {"order", "nothing_twice", "lease"});
  EXPECT_EQ(report.judgement(), Judgement::kPass) << report.ToString();
  EXPECT_EQ(report.reason(), "nothing contradicts 2 properties of 3");
}

TEST_F(ByHand, CheckpointsOfWhichNoneWasCompletedShowNothing) {
  NameId admin = recorder_.Name("admin");
  Write1(1, 2, 1);
  OpId checkpoint = recorder_.Invoke(3, admin, Checkpoint{group_, recorder_.Name("c"), {}});
  Record1(10, 0, 1);
  EXPECT_EQ(Check("checkpoint_split").judgement, Judgement::kPass);  // it still may be completed
  OpId drain = recorder_.Invoke(30, admin, Drain{group_});
  recorder_.Complete(31, drain, Outcome::kOk);
  recorder_.Complete(32, checkpoint, Outcome::kUnknown);
  EXPECT_EQ(Check("checkpoint_split").judgement, Judgement::kVacuous);
  history_.Find(checkpoint)->outcome = Outcome::kFailed;  // it was refused
  EXPECT_EQ(Check("checkpoint_split").judgement, Judgement::kPass);
  history_.Find(checkpoint)->outcome = Outcome::kUnknown;
  OpId other = recorder_.Invoke(33, admin, Checkpoint{group_, recorder_.Name("c2"), {}});
  recorder_.Complete(34, other, Outcome::kOk, Checkpoint{group_, recorder_.Name("c2"), Cut{{segment_, Offset(10)}}});
  EXPECT_EQ(Check("checkpoint_split").judgement, Judgement::kPass) << Check("checkpoint_split").witness.words;
}

// From the first segment to the third, with an empty one between.
TEST_F(ByHand, PredecessorsOfAnEmptyPredecessorAreDrainedToo) {
  Segment middle{stream_, SegmentId(Epoch(1), 1)};
  Segment last{stream_, SegmentId(Epoch(2), 2)};
  NameId other = recorder_.Name("r2");
  Write1(1, 2, 1);
  Write1(3, 4, 2);
  recorder_.Note(5, reader_, Acquire{group_, segment_, Offset()});
  OpId record = Record1(10, 0, 1);
  OpId completed = recorder_.Note(12, reader_, SegmentCompleted{group_, segment_});
  recorder_.Note(13, other, SegmentCompleted{group_, middle});
  recorder_.Note(14, other, Acquire{group_, last, Offset()});
  Sighting place = MakeSighting(last, Offset(), 10, {writer_, 2});
  OpId first = recorder_.Note(20, other, Read{place, group_});
  recorder_.Note(21, other, Record{place, group_});
  recorder_.Note(30, other, Box<SegmentFacts>(SegmentFacts{segment_, {}, {}, {middle}, Offset(), Offset(10), true}));
  recorder_.Note(31, other, Box<SegmentFacts>(SegmentFacts{middle, {}, {segment_}, {last}, Offset(), Offset(), true}));
  recorder_.Note(32, other, Box<SegmentFacts>(SegmentFacts{last, {}, {middle}, {}, Offset(), Offset(10), false}));
  EXPECT_EQ(Check("predecessors_first").judgement, Judgement::kPass) << Check("predecessors_first").witness.words;
  auto move = [&](OpId op, int64_t by) {
    history_.Find(op)->invoked_ns += by;
    history_.Find(op)->completed_ns += by;
  };
  auto expect = [&](OpId op) {
    Verdict verdict = Check("predecessors_first");
    EXPECT_EQ(verdict.judgement, Judgement::kFail);
    EXPECT_TRUE(Contains(verdict.witness.operations, {first, op})) << verdict.witness.words;
  };
  move(completed, 50);
  expect(completed);
  move(completed, -50);
  move(record, 50);
  expect(record);
  move(record, -50);
  EXPECT_EQ(Check("predecessors_first").judgement, Judgement::kPass);
}

TEST_F(ByHand, AGroupNeedsNotCompleteWhatWasTruncatedBeforeIt) {
  Segment later{stream_, SegmentId(Epoch(1), 1)};
  Segment last{stream_, SegmentId(Epoch(2), 2)};
  Write1(1, 2, 1);
  recorder_.Note(3, writer_, StreamTruncate{stream_, Cut{{later, Offset()}}});
  recorder_.Note(4, reader_, Acquire{group_, later, Offset()});
  recorder_.Note(5, reader_, SegmentCompleted{group_, later});
  recorder_.Note(6, reader_, Acquire{group_, last, Offset()});
  Sighting place = MakeSighting(last, Offset(), 10, {writer_, 1});
  recorder_.Note(7, reader_, Read{place, group_});
  recorder_.Note(8, reader_, Record{place, group_});
  recorder_.Note(9, reader_, Box<SegmentFacts>(SegmentFacts{segment_, {}, {}, {later}, Offset(), Offset(20), true}));
  recorder_.Note(10, reader_, Box<SegmentFacts>(SegmentFacts{later, {}, {segment_}, {last}, Offset(), Offset(), true}));
  recorder_.Note(11, reader_, Box<SegmentFacts>(SegmentFacts{last, {}, {later}, {}, Offset(), Offset(10), false}));
  EXPECT_EQ(Check("predecessors_first").judgement, Judgement::kPass) << Check("predecessors_first").witness.words;
}

// Two readers hand a segment to each other a hundred thousand times. Looking at each pair of acquisitions would take
// minutes.
TEST_F(ByHand, ASegmentMayChangeHandsOften) {
  constexpr int64_t kTimes = 100'000;
  NameId readers[] = {reader_, recorder_.Name("r2")};
  OpId last;
  for (int64_t i = 0; i < kTimes; ++i) {
    recorder_.Note(2 * i, readers[i % 2], Acquire{group_, segment_, Offset()});
    last = recorder_.Note(2 * i + 1, readers[i % 2], Release{group_, segment_, Offset()});
  }
  Report report = *CheckNamed(history_, {"ownership"});
  EXPECT_EQ(report.Find("ownership")->verdict.judgement, Judgement::kPass) << report.ToString();
  EXPECT_EQ(report.Find("ownership")->verdict.checked, kTimes);
  OpId taken = recorder_.Note(2 * kTimes, readers[0], Acquire{group_, segment_, Offset(10)});
  report = *CheckNamed(history_, {"ownership"});
  EXPECT_EQ(report.Find("ownership")->verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(report.Find("ownership")->verdict.witness.operations, {last, taken})) << report.ToString();
}

// Two streams, each with a group of its own.
TEST_F(ByHand, AGroupLosesNothingOfStreamsThatItDoesNotRead) {
  NameId other = recorder_.Name("s/other");
  NameId other_group = recorder_.Name("g2");
  Write1(1, 2, 1);
  OpId write = recorder_.Invoke(3, writer_, Write{{writer_, 2}, other, key_, {}});
  recorder_.Complete(4, write, Outcome::kOk);
  Record1(10, 0, 1);
  OpId created = recorder_.Note(12, reader_, Box<GroupCreate>(GroupCreate{other_group, {}, {}, {}}));
  OpId drain = recorder_.Invoke(30, reader_, Drain{group_});
  recorder_.Complete(31, drain, Outcome::kOk);
  OpId other_drain = recorder_.Invoke(32, reader_, Drain{other_group});
  recorder_.Complete(33, other_drain, Outcome::kOk);
  // Nobody says that the other group reads the other stream, or that anybody does.
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kVacuous);
  (*std::get<Box<GroupCreate>>(history_.Find(created)->details)).streams = {other};
  Verdict verdict = Check("nothing_lost");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {write, other_drain})) << verdict.witness.words;
  Segment segment{other, SegmentId(0)};
  recorder_.Note(40, recorder_.Name("r2"), Record{MakeSighting(segment, Offset(), 10, {writer_, 2}), other_group});
  verdict = Check("nothing_lost");
  EXPECT_EQ(verdict.judgement, Judgement::kPass) << verdict.witness.words << verdict.note;
  EXPECT_EQ(verdict.checked, 2);
  // Who reads a stream need not be said where a reader shows it.
  (*std::get<Box<GroupCreate>>(history_.Find(created)->details)).streams.clear();
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kPass);
}

TEST_F(ByHand, EventsOfOneKeyInTwoStreamsHaveNoOrder) {
  NameId other = recorder_.Name("s/other");
  Write1(1, 2, 1);
  OpId write = recorder_.Invoke(3, writer_, Write{{writer_, 2}, other, key_, {}});
  recorder_.Complete(4, write, Outcome::kOk);
  Sighting place = MakeSighting({other, SegmentId(0)}, Offset(), 10, {writer_, 2});
  recorder_.Note(9, reader_, Record{place, group_});
  // The first may be unread.
  recorder_.Note(10, reader_, Acquire{group_, segment_, Offset()});
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kVacuous);
  Record1(20, 0, 1);
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kPass);
  EXPECT_EQ(Check("order").judgement, Judgement::kPass) << Check("order").witness.words;
}

TEST_F(ByHand, ARecordThatMayBeDurableShowsNothing) {
  Write1(1, 2, 1);
  OpId read = Record1(10, 0, 1);
  history_.Find(read)->outcome = Outcome::kUnknown;
  OpId drain = recorder_.Invoke(30, reader_, Drain{group_});
  recorder_.Complete(31, drain, Outcome::kOk);
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kVacuous);
  // Of two events, the other is lost all the same.
  OpId write = Write1(32, 33, 2);
  history_.Find(write)->invoked_ns = 3;
  history_.Find(write)->completed_ns = 4;
  Verdict verdict = Check("nothing_lost");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {write, drain})) << verdict.witness.words;
  // Somebody looked.
  Sighting place = MakeSighting(segment_, Offset(), 10, {writer_, 1});
  history_.Find(write)->outcome = Outcome::kUnknown;
  recorder_.Note(40, recorder_.Name("admin"), Recovered{group_, reader_, {place}});
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kPass);
}

TEST_F(ByHand, AWriteAcknowledgedBeforeACommitComesFirst) {
  Write1(1, 2, 1, older_);
  Write1(3, 4, 2);
  Commit(5, 6, older_);
  OpId in_txn = Record1(10, 0, 1);
  OpId plain = Record1(20, 10, 2);
  Verdict verdict = Check("order");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {in_txn, plain})) << verdict.witness.words;
}

TEST_F(ByHand, AWriteUnderWayDuringACommitMayComeLater) {
  Write1(1, 2, 1, older_);
  Write1(3, 6, 2);
  Commit(6, 7, older_);
  Record1(10, 0, 1);
  Record1(20, 10, 2);
  EXPECT_EQ(Check("order").judgement, Judgement::kPass);
}

TEST_F(ByHand, AWriteBegunAfterTheStateWasCommittedComesLater) {
  Write1(1, 2, 1, older_);
  Commit(3, 4, older_, Outcome::kUnknown);
  recorder_.Note(5, writer_, TxnStatus{older_, recorder_.Name("COMMITTED")});
  Write1(6, 7, 2);
  OpId plain = Record1(10, 0, 2);
  OpId in_txn = Record1(20, 10, 1);
  Verdict verdict = Check("order");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {plain, in_txn})) << verdict.witness.words;
}

TEST_F(ByHand, AWriteBegunWhileCommittingMayComeFirst) {
  Write1(1, 2, 1, older_);
  Commit(3, 4, older_);
  recorder_.Note(5, writer_, TxnStatus{older_, recorder_.Name("COMMITTING")});
  Write1(6, 7, 2);
  Record1(10, 0, 2);
  Record1(20, 10, 1);
  EXPECT_EQ(Check("order").judgement, Judgement::kPass);
}

TEST_F(ByHand, ATransactionOfAnOlderEpochMayOvertakeButNotBeOvertaken) {
  Write1(1, 2, 1, older_);
  Write1(3, 4, 2, newer_);
  Commit(5, 6, newer_);
  Commit(7, 8, older_);
  Record1(10, 0, 1);
  Record1(20, 10, 2);
  EXPECT_EQ(Check("order").judgement, Judgement::kPass);
}

TEST_F(ByHand, ATransactionCommittedFirstIsNotOvertakenByALaterEpoch) {
  Write1(1, 2, 1, older_);
  Write1(3, 4, 2, newer_);
  Commit(5, 6, older_);
  Commit(7, 8, newer_);
  OpId late = Record1(10, 0, 2);
  OpId early = Record1(20, 10, 1);
  Verdict verdict = Check("order");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {late, early})) << verdict.witness.words;
}

TEST_F(ByHand, CommitsThatOverlapOrderNothing) {
  Write1(1, 2, 1, older_);
  Write1(3, 4, 2, newer_);
  OpId first = recorder_.Invoke(5, writer_, TxnCommit{older_, {}});
  OpId second = recorder_.Invoke(6, recorder_.Name("w2"), TxnCommit{newer_, {}});
  recorder_.Complete(7, first, Outcome::kOk);
  recorder_.Complete(8, second, Outcome::kOk);
  Record1(10, 0, 2);
  Record1(20, 10, 1);
  EXPECT_EQ(Check("order").judgement, Judgement::kPass);
}

TEST_F(ByHand, AnEventWrittenTwiceByTheApplicationMayBeRecordedTwice) {
  OpId first = recorder_.Invoke(1, writer_, Write{{writer_, 1}, stream_, key_, {}});
  recorder_.Complete(2, first, Outcome::kUnknown);
  Write1(3, 4, 1);
  Record1(10, 0, 1);
  EXPECT_EQ(Check("nothing_twice").judgement, Judgement::kPass);
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kPass);
  OpId second = Record1(20, 10, 1);
  EXPECT_EQ(Check("nothing_twice").judgement, Judgement::kPass);
  OpId third = Record1(30, 20, 1);
  Verdict verdict = Check("nothing_twice");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_LT(second, third);
  EXPECT_TRUE(Contains(verdict.witness.operations, {third})) << verdict.witness.words;
}

TEST_F(ByHand, AnEventWrittenAgainAfterItsTransactionAbortedIsTheSecondOne) {
  Write1(1, 2, 1, older_);
  Commit(3, 4, older_, Outcome::kFailed);
  Write1(5, 6, 1, newer_);
  Commit(7, 8, newer_);
  Record1(10, 0, 1);
  OpId drain = recorder_.Invoke(20, reader_, Drain{group_});
  recorder_.Complete(21, drain, Outcome::kOk);
  Report report = CheckAll(history_);
  EXPECT_EQ(report.Find("transactions")->verdict.judgement, Judgement::kPass) << report.ToString();
  EXPECT_EQ(report.Find("nothing_twice")->verdict.judgement, Judgement::kPass) << report.ToString();
  EXPECT_EQ(report.Find("nothing_lost")->verdict.judgement, Judgement::kPass) << report.ToString();
}

TEST_F(ByHand, TheLeaseCountsFromTheAnswerAndEndsWithTheSkew) {
  history_.parameters().clock_skew_ns = 5;
  OpId begin = recorder_.Invoke(0, writer_, TxnBegin{stream_, {}, 1});
  recorder_.Complete(10, begin, Outcome::kOk, TxnBegin{stream_, older_, 1});
  const int64_t end = 10 + 1'000'000 + 5;
  OpId commit = Commit(end, end + 1, older_);
  EXPECT_EQ(Check("lease").judgement, Judgement::kPass);
  history_.Find(commit)->invoked_ns = end + 1;
  Verdict verdict = Check("lease");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {begin, commit})) << verdict.witness.words;
  // A commit whose answer was lost succeeded only if somebody says so.
  history_.Find(commit)->outcome = Outcome::kUnknown;
  EXPECT_EQ(Check("lease").judgement, Judgement::kPass);
  OpId status = recorder_.Note(end + 2, writer_, TxnStatus{older_, recorder_.Name("COMMITTED")});
  verdict = Check("lease");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {begin, commit, status})) << verdict.witness.words;
}

TEST_F(ByHand, APingWithoutAnAnswerProlongsALeaseOnce) {
  constexpr int64_t kMs = 1'000'000;
  OpId begin = recorder_.Invoke(0, writer_, TxnBegin{stream_, {}, 10});
  recorder_.Complete(0, begin, Outcome::kOk, TxnBegin{stream_, older_, 10});
  OpId ping = recorder_.Invoke(1 * kMs, writer_, TxnPing{older_, {}, 10});
  recorder_.Complete(2 * kMs, ping, Outcome::kUnknown);
  OpId commit = Commit(9 * kMs, 9 * kMs + 1, older_);
  auto commit_at = [&](int64_t when) {
    history_.Find(commit)->invoked_ns = when;
    history_.Find(commit)->completed_ns = when + 1;
    return Check("lease");
  };
  EXPECT_EQ(Check("lease").judgement, Judgement::kPass);
  EXPECT_EQ(Check("lease").checked, 1);
  // It may have been handled as late as the lease was alive; nobody knows, so that nothing was checked.
  Verdict verdict = commit_at(20 * kMs);
  EXPECT_EQ(verdict.judgement, Judgement::kPass) << verdict.witness.words;
  EXPECT_EQ(verdict.checked, 0);
  verdict = commit_at(20 * kMs + 1);
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {begin, commit})) << verdict.witness.words;
  // So may one that still is under way, but not one that was sent when the lease had ended.
  history_.Find(ping)->outcome = Outcome::kPending;
  EXPECT_EQ(commit_at(20 * kMs).judgement, Judgement::kPass);
  EXPECT_EQ(commit_at(20 * kMs + 1).judgement, Judgement::kFail);
  history_.Find(ping)->invoked_ns = 11 * kMs;
  EXPECT_EQ(commit_at(12 * kMs).judgement, Judgement::kFail);
}

TEST_F(ByHand, AReaderThatWasDeclaredOfflineMayGoOnForAWhile) {
  // It still is handed events of a predecessor that others have completed since.
  Segment later{stream_, SegmentId(Epoch(1), 1)};
  NameId other = recorder_.Name("r2");
  Write1(1, 2, 1);
  Write1(1, 3, 2);
  Write1(2, 4, 3);
  auto handed = [&](int64_t at, NameId reader, Segment segment, int64_t offset, int64_t sequence) {
    Sighting place = MakeSighting(segment, Offset(offset), 10, {writer_, sequence});
    recorder_.Note(at, reader, Read{place, group_});
    return place;
  };
  auto record = [&](int64_t at, NameId reader, const Sighting& place) {
    recorder_.Note(at, reader, Record{place, group_});
  };
  record(11, reader_, handed(10, reader_, segment_, 0, 1));
  recorder_.Note(12, other, ReaderOffline{group_, reader_, Cut{{segment_, Offset(10)}}});
  record(14, other, handed(13, other, segment_, 10, 2));
  recorder_.Note(15, other, SegmentCompleted{group_, segment_});
  record(17, other, handed(16, other, later, 0, 3));
  OpId zombie = recorder_.Note(18, reader_, Read{MakeSighting(segment_, Offset(10), 10, {writer_, 2}), group_});
  SegmentFacts facts{segment_, {}, {}, {later}, Offset(), Offset(20), true};
  recorder_.Note(20, reader_, Box<SegmentFacts>(facts));
  recorder_.Note(21, reader_, Box<SegmentFacts>(SegmentFacts{later, {}, {segment_}, {}, Offset(), Offset(10), false}));
  EXPECT_EQ(Check("predecessors_first").judgement, Judgement::kPass) << Check("predecessors_first").witness.words;
  // Had nobody declared it offline, that would be wrong.
  std::erase_if(history_.mutable_operations(), [](const Operation& o) { return o.As<ReaderOffline>() != nullptr; });
  Verdict verdict = Check("predecessors_first");
  EXPECT_EQ(verdict.judgement, Judgement::kFail);
  EXPECT_TRUE(Contains(verdict.witness.operations, {zombie})) << verdict.witness.words;
}

TEST_F(ByHand, AGroupThatStartsFromACutNeedsNotReadWhatLiesBefore) {
  Segment later{stream_, SegmentId(Epoch(1), 1)};
  Write1(1, 2, 1);
  Write1(3, 4, 2);
  GroupCreate created{group_, {}, Cut{{later, Offset(10)}}, {}};
  recorder_.Note(5, reader_, Box<GroupCreate>(created));
  Sighting place = MakeSighting(later, Offset(10), 10, {writer_, 2});
  recorder_.Note(6, reader_, Read{place, group_});
  recorder_.Note(7, reader_, Record{place, group_});
  recorder_.Note(8, reader_, Box<SegmentFacts>(SegmentFacts{segment_, {}, {}, {later}, Offset(), Offset(10), true}));
  recorder_.Note(9, reader_, Box<SegmentFacts>(SegmentFacts{later, {}, {segment_}, {}, Offset(), Offset(20), false}));
  OpId drain = recorder_.Invoke(20, reader_, Drain{group_});
  recorder_.Complete(21, drain, Outcome::kOk);
  EXPECT_EQ(Check("predecessors_first").judgement, Judgement::kPass);
  EXPECT_EQ(Check("offsets").judgement, Judgement::kPass) << Check("offsets").witness.words;
  EXPECT_EQ(Check("nothing_lost").judgement, Judgement::kVacuous);
}

TEST_F(ByHand, TheFirstContradictionIsTheOneToShow) {
  Write1(1, 2, 1);
  Write1(3, 4, 2);
  Record1(10, 0, 2);
  Record1(20, 10, 1);
  OpId again = Record1(30, 20, 1);
  Report report = CheckAll(history_);
  EXPECT_EQ(report.judgement(), Judgement::kFail);
  ASSERT_NE(report.first_failure(), nullptr);
  EXPECT_EQ(report.first_failure()->name, "order");
  EXPECT_TRUE(Contains(report.Find("nothing_twice")->verdict.witness.operations, {again}));
}

TEST_F(ByHand, ChecksCanBeChosenByName) {
  absl::StatusOr<Report> report = CheckNamed(history_, {"order", "lease"});
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->checkers.size(), 2u);
  EXPECT_EQ(report->checkers[0].name, "lease");
  EXPECT_EQ(CheckNamed(history_, {})->checkers.size(), AllCheckers().size());
  EXPECT_EQ(
      CheckNamed(history_, {"orders"}).status().message(),
      "no checker is called 'orders'; there are: checkpoint_order, checkpoint_split, lease, nothing_invented, "
      "nothing_lost, nothing_twice, offsets, order, ownership, predecessors_first, read_back, records, transactions");
}

TEST(RegistryTest, IsSortedByName) {
  std::span<const Checker> all = AllCheckers();
  EXPECT_TRUE(
      std::is_sorted(all.begin(), all.end(), [](const Checker& a, const Checker& b) { return a.name < b.name; }));
}

}  // namespace
}  // namespace pravega::scenarios
