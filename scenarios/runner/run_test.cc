// Goal: a run ends with the verdict that it deserves, the same every time, and tells what it rests on. Method: small
// scenarios, each made to end in one way.
#include "scenarios/runner/run.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/runner/summary.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Scenario Small() {
  Scenario scenario;
  scenario.name = "small";
  scenario.cluster.segment_stores = 1;
  scenario.cluster.containers = 2;
  scenario.workload.rows = 60;
  scenario.workload.writers = 2;
  scenario.workload.readers = 1;
  scenario.workload.pace = seconds(4);
  scenario.workload.checkpoint_every = seconds(1);
  scenario.workload.read_backs = 1;
  return scenario;
}

// One append whose answer is lost; `at` after the start.
Fault LostAnswer(Duration at) {
  Fault fault;
  fault.name = "ack-lost";
  fault.kind = FaultKind::kSession;
  fault.command = "AppendBlockEnd";
  fault.trigger.at = {at, at};
  fault.must_strike = true;
  return fault;
}

Fault Crash(std::string node, Duration at) {
  Fault fault;
  fault.name = "crash of " + node;
  fault.kind = FaultKind::kCrash;
  fault.node = std::move(node);
  fault.trigger.at = {at, at};
  return fault;
}

RunResult RunOf(const Scenario& scenario, const sim::Tape& tape, const RunOptions& options = {}) {
  const Rows rows = Rows::MadeUp(scenario.workload.rows, scenario.workload.keys);
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, tape, options);
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

TEST(RunTest, NothingGoesWrong) {
  const RunResult result = RunOf(Small(), sim::Tape::FromSeed(1));
  EXPECT_EQ(result.verdict, RunVerdict::kPass) << result.reason;
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(result.events, 60);
  EXPECT_EQ(result.strikes, 0);
  EXPECT_EQ(result.world.attempts_after_death, 0u);
  EXPECT_TRUE(result.waits.empty());
  EXPECT_EQ(result.resends.appends, 0);
  EXPECT_EQ(result.resends.events, 0);
  EXPECT_EQ(result.resends.found_there, 0);
}

TEST(RunTest, SameTapeSameHashOtherSeedOtherHash) {
  Scenario scenario = Small();
  scenario.faults.push_back(LostAnswer(seconds(1)));
  scenario.faults.push_back(Crash("store-1", seconds(2)));
  const RunResult first = RunOf(scenario, sim::Tape::FromSeed(5));
  const RunResult other = RunOf(scenario, sim::Tape::FromSeed(6));
  const RunResult again = RunOf(scenario, sim::Tape::FromSeed(5));
  EXPECT_EQ(first.trace_hash, again.trace_hash);
  EXPECT_EQ(first.virtual_ns, again.virtual_ns);
  EXPECT_TRUE(*first.history == *again.history);
  EXPECT_NE(first.trace_hash, other.trace_hash);
  // The plan that was drawn, as a tape of its own, is the same run.
  sim::Tape drawn = sim::Tape::FromSeed(5);
  drawn.plan = first.plan;
  drawn.plan_from_seed = false;
  EXPECT_EQ(RunOf(scenario, drawn).trace_hash, first.trace_hash);
  EXPECT_EQ(RunOf(scenario, sim::Tape::FromBytes(drawn.ToBytes())).trace_hash, first.trace_hash);
}

TEST(RunTest, ATransactionalWriterThatDiesLeavesNoRowOut) {
  Scenario scenario = Small();
  scenario.workload.transactional_writers = 1;
  scenario.workload.transaction_rows = 7;
  scenario.workload.transaction_lease = seconds(20);
  Fault crash = Crash("writer-2", seconds(1));
  crash.repeat = 2;
  crash.every = milliseconds(700);
  scenario.faults.push_back(crash);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult result = RunOf(scenario, sim::Tape::FromSeed(seed));
    EXPECT_EQ(result.verdict, RunVerdict::kPass) << result.reason;
    EXPECT_EQ(result.events, 60) << "seed " << seed;
  }
}

TEST(RunTest, ARowThatCannotBeWrittenMakesARunVacuous) {
  Scenario scenario = Small();
  absl::StatusOr<Rows> rows = Rows::FromCsv("k,v\na,1\na," + std::string(9'000'000, 'x') + "\n", "f.csv", "k", 0);
  ASSERT_TRUE(rows.ok());
  absl::StatusOr<RunResult> result = RunScenario(scenario, *rows, sim::Tape::FromSeed(1), {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->verdict, RunVerdict::kVacuous);
  EXPECT_EQ(result->reason, "1 of 2 rows are not in the stream; the first, row 1, could not be written");
}

TEST(RunTest, OneRowMoreIsAnotherRun) {
  Scenario scenario = Small();
  const uint64_t hash = RunOf(scenario, sim::Tape::FromSeed(1)).trace_hash;
  scenario.workload.rows = 61;
  EXPECT_NE(RunOf(scenario, sim::Tape::FromSeed(1)).trace_hash, hash);
}

TEST(RunTest, ANarrowNetworkIsSlower) {
  Scenario scenario = Small();
  scenario.workload.pace = std::chrono::milliseconds(1);
  scenario.network.latency = {};
  scenario.network.slow_per_million = 0;
  const RunResult wide = RunOf(scenario, sim::Tape::FromSeed(1));
  scenario.network.bytes_per_second = 2'000;
  const RunResult narrow = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(wide.verdict, RunVerdict::kPass) << wide.reason;
  EXPECT_EQ(narrow.verdict, RunVerdict::kPass) << narrow.reason;
  EXPECT_GT(narrow.virtual_ns, wide.virtual_ns + 500'000'000);
}

TEST(RunTest, WatchingARunDoesNotChangeIt) {
  RunOptions watched;
  int64_t lines = 0;
  int64_t told = 0;
  watched.trace_sink = [&lines](std::string_view) { ++lines; };
  watched.log_sink = [](int64_t, std::string_view, std::string_view) {};
  watched.progress = [&told](int64_t, int64_t read, int64_t all) {
    EXPECT_LE(read, all);
    ++told;
  };
  EXPECT_EQ(RunOf(Small(), sim::Tape::FromSeed(1), watched).trace_hash,
            RunOf(Small(), sim::Tape::FromSeed(1)).trace_hash);
  EXPECT_GT(lines, 100);
  EXPECT_GT(told, 2);
}

TEST(RunTest, AFaultThatMustStrikeAndDoesNotMakesTheRunVacuous) {
  Scenario scenario = Small();
  scenario.faults.push_back(LostAnswer(seconds(1)));
  scenario.faults[0].command = "TruncateSegment";  // nobody truncates
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(result.verdict, RunVerdict::kVacuous);
  EXPECT_EQ(result.reason, "the fault 'ack-lost' must strike and never did");
  ASSERT_EQ(result.faults.size(), 1u);
  EXPECT_EQ(result.faults[0].strikes, 0);

  scenario.faults[0].must_strike = false;
  EXPECT_EQ(RunOf(scenario, sim::Tape::FromSeed(1)).verdict, RunVerdict::kPass);
  scenario.faults[0].must_strike = true;
  scenario.faults[0].enabled = false;
  EXPECT_EQ(RunOf(scenario, sim::Tape::FromSeed(1)).verdict, RunVerdict::kPass)
      << "what is switched off need not strike";
}

TEST(RunTest, ALostAnswerIsMadeUpForAndCounted) {
  Scenario scenario = Small();
  scenario.faults.push_back(LostAnswer(seconds(1)));
  const RunResult lost = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(lost.verdict, RunVerdict::kPass) << lost.reason;
  EXPECT_EQ(lost.strikes, 1);
  EXPECT_GE(lost.resends.found_there, 1) << "it was applied: the new connection tells";

  scenario.faults[0].phase = FaultPhase::kBeforeApply;
  const RunResult unsent = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(unsent.verdict, RunVerdict::kPass) << unsent.reason;
  EXPECT_GE(unsent.resends.appends, 1) << "it was not applied: it is sent again";
  EXPECT_GE(unsent.resends.events, unsent.resends.appends);
}

TEST(RunTest, ResendsOfWritersThatDieAndOfTransactionsAreCounted) {
  Scenario scenario = Small();
  scenario.workload.transactional_writers = 2;
  scenario.workload.transaction_rows = 5;
  scenario.faults.push_back(LostAnswer(milliseconds(500)));
  scenario.faults[0].phase = FaultPhase::kBeforeApply;
  scenario.faults[0].subject = "#transaction";
  const RunResult transactions = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(transactions.verdict, RunVerdict::kPass) << transactions.reason;
  EXPECT_GE(transactions.resends.appends, 1);

  scenario = Small();
  scenario.faults.push_back(LostAnswer(milliseconds(500)));
  scenario.faults[0].phase = FaultPhase::kBeforeApply;
  for (const char* writer : {"writer-1", "writer-2"}) scenario.faults.push_back(Crash(writer, seconds(2)));
  const RunResult died = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(died.verdict, RunVerdict::kPass) << died.reason;
  EXPECT_GE(died.resends.appends, 1) << "of a writer that died later";
}

TEST(RunTest, SplitAndCutFramesAreCounted) {
  Scenario scenario = Small();
  scenario.network.one_byte_chunks = true;
  Fault reset;
  reset.name = "reset";
  reset.kind = FaultKind::kResetLinks;
  reset.from = "writer-1";
  reset.to = "store-1";
  reset.trigger.at = {seconds(1), seconds(1)};
  reset.repeat = 20;
  reset.every = milliseconds(100) + std::chrono::microseconds(150);
  scenario.faults.push_back(reset);
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(result.verdict, RunVerdict::kPass) << result.reason;
  EXPECT_GT(result.world.split_writes, 100u);
  EXPECT_GT(result.world.deliveries, result.world.split_writes);
  EXPECT_GE(result.world.cut_writes, 1u);
}

// One row every 150 s is no progress for longer than the scenario allows, although connections are kept alive
// meanwhile.
Scenario Slow() {
  Scenario scenario = Small();
  scenario.workload.rows = 4;
  scenario.workload.pace = seconds(600);
  scenario.workload.checkpoint_every = seconds(0);
  scenario.limits.stuck_after = seconds(100);
  return scenario;
}

TEST(RunTest, ARunThatGetsNoFurtherIsStuckAndTellsWhoWaitsForWhat) {
  int64_t last_delivery = 0;
  RunOptions options;
  options.trace_sink = [&last_delivery](std::string_view line) {
    if (line.find(" delivery ") != std::string_view::npos) last_delivery = std::stoll(std::string(line));
  };
  const RunResult result = RunOf(Slow(), sim::Tape::FromSeed(1), options);
  EXPECT_EQ(result.verdict, RunVerdict::kStuck);
  EXPECT_EQ(result.reason, "waiting until every row is written: nothing gets on");
  EXPECT_GT(result.virtual_ns, 100'000'000'000);
  EXPECT_LT(result.virtual_ns, 160'000'000'000);
  EXPECT_GT(last_delivery, result.virtual_ns - 30'000'000'000) << "keep-alives and refreshes went on";
  const auto waits = [&result](std::string_view machine, std::string_view what) {
    return std::any_of(result.waits.begin(), result.waits.end(), [&](const std::string& wait) {
      return wait.starts_with(machine) && wait.find(what) != std::string::npos;
    });
  };
  EXPECT_TRUE(waits("writer-", "waits for the next row to be due")) << testing::PrintToString(result.waits);
  for (const char* machine : {"admin: ", "controller-1: ", "reader-1: ", "store-1: "}) {
    EXPECT_TRUE(waits(machine, "waits for")) << machine << testing::PrintToString(result.waits);
  }
}

TEST(RunTest, TheTimeLimitIsOneToo) {
  Scenario scenario = Slow();
  scenario.limits.stuck_after = seconds(1000);
  scenario.limits.run = seconds(200);
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(result.verdict, RunVerdict::kStuck);
  EXPECT_EQ(result.reason, "waiting until every row is written: the time limit has passed");
  EXPECT_FALSE(result.waits.empty());
}

TEST(RunTest, AFaultThatLastsIsNoReasonToCallARunStuck) {
  Scenario scenario = Small();
  scenario.limits.stuck_after = seconds(50);
  scenario.workload.checkpoint_every = seconds(0);
  Fault pause = Crash("store-1", seconds(1));
  pause.kind = FaultKind::kPause;
  pause.lasts = {seconds(200), seconds(200)};
  scenario.faults.push_back(pause);
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  EXPECT_EQ(result.verdict, RunVerdict::kPass) << result.reason;
  EXPECT_GT(result.virtual_ns, 200'000'000'000);
}

TEST(RunTest, EachStrikeStandsInTheHistoryWithWhatWasUnderWay) {
  Scenario scenario = Small();
  scenario.faults.push_back(LostAnswer(seconds(1)));
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  int strikes = 0;
  for (const Operation& op : result.history->operations()) {
    const auto* strike = op.As<FaultStrike>();
    if (strike == nullptr) continue;
    ++strikes;
    EXPECT_EQ(result.history->Name(strike->fault), "ack-lost");
    EXPECT_TRUE(std::any_of(strike->pending.begin(), strike->pending.end(), [&](OpId id) {
      const Operation* pending = result.history->Find(id);
      return pending->As<Write>() != nullptr && pending->invoked_ns <= op.invoked_ns &&
             pending->completed_ns > op.invoked_ns;
    }));
  }
  EXPECT_EQ(strikes, 1);
}

// What happened before `until`: deliveries, timers and durable writes, without the numbers of the records.
std::vector<std::string> HappenedBefore(const Scenario& scenario, int64_t until) {
  std::vector<std::string> happened;
  RunOptions options;
  options.trace_sink = [&](std::string_view line) {
    if (std::stoll(std::string(line)) >= until || line.find(" choice ") != std::string_view::npos) return;
    const size_t payload = line.rfind(' ');
    const size_t ordinal = line.rfind(' ', payload - 1);
    happened.push_back(std::string(line.substr(0, ordinal)) + std::string(line.substr(payload)));
  };
  RunOf(scenario, sim::Tape::FromSeed(4), options);
  return happened;
}

TEST(RunTest, WithoutAFaultEverythingIsAsItWasUpToItsFirstStrike) {
  Scenario scenario = Small();
  scenario.faults.push_back(Crash("reader-1", milliseconds(700)));
  scenario.faults.push_back(LostAnswer(seconds(1)));
  scenario.faults[1].per_million = 300'000;
  scenario.faults[1].times = 3;
  scenario.faults.push_back(Crash("store-1", seconds(3)));
  scenario.faults.push_back(Crash("controller-1", milliseconds(3500)));
  const RunResult whole = RunOf(scenario, sim::Tape::FromSeed(4));
  ASSERT_EQ(whole.faults.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    ASSERT_GE(whole.faults[i].strikes, 1) << whole.faults[i].name;
    const int64_t first = whole.faults[i].first_strike_ns;
    Scenario without = scenario;
    without.faults[i].enabled = false;
    const std::vector<std::string> before = HappenedBefore(scenario, first);
    EXPECT_GT(before.size(), 200u);
    EXPECT_TRUE(HappenedBefore(without, first) == before) << whole.faults[i].name;
    EXPECT_NE(RunOf(without, sim::Tape::FromSeed(4)).trace_hash, whole.trace_hash);
  }
}

TEST(RunTest, UnknownCheckersAreBadInput) {
  Scenario scenario = Small();
  scenario.checks = {"no-such-thing"};
  absl::StatusOr<RunResult> result = RunScenario(scenario, Rows::MadeUp(60, 10), sim::Tape::Calm(), {});
  EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
}

TEST(RunTest, OnlyTheChecksThatAreNamedAreMade) {
  Scenario scenario = Small();
  scenario.checks = {"order", "nothing_lost"};
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  ASSERT_EQ(result.report.checkers.size(), 2u);
  EXPECT_EQ(result.report.checkers[0].name, "nothing_lost");
  EXPECT_EQ(result.report.checkers[1].name, "order");
}

TEST(RunTest, AFailureShowsTheOperationsThatContradictEachOther) {
#ifndef PRAVEGA_PLANTED_BUGS
  GTEST_SKIP() << "needs --config=planted";
#endif
  Scenario scenario = Small();
  scenario.planted = {"append-setup-off-by-one"};
  scenario.faults.push_back(LostAnswer(seconds(1)));
  const RunResult result = RunOf(scenario, sim::Tape::FromSeed(1));
  ASSERT_EQ(result.verdict, RunVerdict::kFail) << result.reason;
  const CheckerReport* failed = result.report.first_failure();
  ASSERT_NE(failed, nullptr);
  const std::string summary = Summary(scenario, result, "pravega-sim run small.yaml --seed 1");
  EXPECT_NE(summary.find("\nContradiction\n  " + failed->verdict.witness.words), std::string::npos) << summary;
  EXPECT_GE(failed->verdict.witness.operations.size(), 2u);
  EXPECT_LE(failed->verdict.witness.operations.size(), 3u);
  for (OpId id : failed->verdict.witness.operations) {
    EXPECT_NE(summary.find("  operation " + std::to_string(id.value()) + " ("), std::string::npos) << summary;
  }
  EXPECT_TRUE(summary.ends_with("To replay: pravega-sim run small.yaml --seed 1\n")) << summary;
}

TEST(RunTest, TheWorstOfSeveral) {
  using enum RunVerdict;
  EXPECT_EQ(Worse(kPass, kPass), kPass);
  EXPECT_EQ(Worse(kPass, kVacuous), kVacuous);
  EXPECT_EQ(Worse(kVacuous, kStuck), kStuck);
  EXPECT_EQ(Worse(kStuck, kFail), kFail);
  for (RunVerdict a : {kPass, kFail, kStuck, kVacuous}) {
    EXPECT_EQ(Worse(a, a), a);
    for (RunVerdict b : {kPass, kFail, kStuck, kVacuous}) EXPECT_EQ(Worse(a, b), Worse(b, a));
  }
}

// Goal: whatever a tape says, the system keeps its promises. A run may well be vacuous: faults need not strike.
RC_GTEST_PROP(RunProperty, AnyBytesAreATapeOnWhichNothingFails, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  sim::Tape tape = sim::Tape::FromBytes(bytes);
  // Bytes that come to a schedule of its own are rare: half of the tapes get one.
  if (*rc::gen::arbitrary<bool>()) {
    tape.seeded = true;
    tape.seed = *rc::gen::arbitrary<uint64_t>();
  }
  Scenario scenario = Small();
  scenario.workload.rows = 20;
  scenario.workload.transactional_writers = 1;
  scenario.workload.transaction_rows = 4;
  scenario.faults.push_back(LostAnswer(seconds(1)));
  scenario.faults.push_back(Crash("store-1", seconds(0)));
  scenario.faults.push_back(Crash("reader-*", seconds(0)));
  for (Fault& fault : scenario.faults) fault.trigger.at = {seconds(0), seconds(4)};
  const RunResult result = RunOf(scenario, tape);
  if (result.verdict != RunVerdict::kPass && result.verdict != RunVerdict::kVacuous) {
    RC_FAIL(Summary(scenario, result, "the tape above"));
  }
  RC_ASSERT(RunOf(scenario, sim::Tape::FromBytes(tape.ToBytes())).trace_hash == result.trace_hash);
}

}  // namespace
}  // namespace pravega::scenarios
