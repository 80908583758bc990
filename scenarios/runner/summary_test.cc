// Goal: the summary tells a person what was done, what struck and at which operation, and what was checked; the line
// below it tells a program the same in one line. Method: real runs, and histories made up by hand.
#include "scenarios/runner/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/checkers/registry.h"
#include "scenarios/history/recorder.h"
#include "scenarios/runner/strike_target.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

Scenario OneFault() {
  Scenario scenario;
  scenario.name = "one";
  scenario.cluster.segment_stores = 1;
  scenario.workload.rows = 40;
  scenario.workload.writers = 1;
  scenario.workload.readers = 1;
  scenario.workload.pace = seconds(3);
  scenario.workload.checkpoint_every = seconds(1);
  scenario.workload.read_backs = 1;
  Fault fault;
  fault.name = "ack-lost";
  fault.command = "AppendBlockEnd";
  fault.trigger.at = {seconds(1), seconds(1)};
  fault.must_strike = true;
  scenario.faults.push_back(fault);
  return scenario;
}

RunResult RunOf(const Scenario& scenario) {
  const Rows rows = Rows::MadeUp(scenario.workload.rows, scenario.workload.keys);
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, sim::Tape::FromSeed(1), {});
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

TEST(SummaryTest, TellsWhatWasDoneWhatStruckAndWhatWasChecked) {
  const Scenario scenario = OneFault();
  const RunResult result = RunOf(scenario);
  const std::string summary = Summary(scenario, result, "replay");
  EXPECT_TRUE(summary.starts_with("one: PASS\n\nDone\n")) << summary;
  EXPECT_THAT(summary, HasSubstr("\n  writes         40 acknowledged, 0 failed, 0 unknown\n"));
  EXPECT_THAT(summary, HasSubstr("\n  resends        "));
  EXPECT_THAT(summary, HasSubstr(" 1 more found applied, "));
  EXPECT_THAT(summary, HasSubstr("\n  recorded       40 events by 1 reader in 1 life\n"));
  EXPECT_THAT(summary, HasSubstr("\n  checkpoints    "));
  EXPECT_THAT(summary, HasSubstr("\n  ack-lost  1x    "));
  EXPECT_THAT(summary,
              testing::ContainsRegex(
                  "s  AppendBlockEnd on scenario/events/[01].#epoch.0 at store-1, at operation [0-9]+: writer-1 writes "
                  "writer-1/[0-9]+ with key key-[0-9] to scenario/events\n"));
  EXPECT_THAT(summary, testing::ContainsRegex("\n  frames         [0-9]+ split, 0 cut off\n"));
  EXPECT_THAT(summary, HasSubstr("\nChecked\n  checkpoint_order    PASS     "));
  for (const Checker& checker : AllCheckers()) EXPECT_THAT(summary, HasSubstr("  " + std::string(checker.name) + " "));
  EXPECT_THAT(summary, Not(HasSubstr("\n  commits "))) << "nobody wrote in transactions";
  EXPECT_THAT(summary, Not(HasSubstr("replay")));
  EXPECT_THAT(summary, Not(HasSubstr("Contradiction")));
}

TEST(SummaryTest, AFaultThatNeverStruckSaysSo) {
  Scenario scenario = OneFault();
  scenario.faults[0].command = "TruncateSegment";
  scenario.faults.push_back(scenario.faults[0]);
  scenario.faults[1].name = "other";
  scenario.faults[1].must_strike = false;
  const std::string summary = Summary(scenario, RunOf(scenario), "pravega-sim run f.yaml --seed 1");
  EXPECT_TRUE(summary.starts_with("one: VACUOUS: the fault 'ack-lost' must strike and never did\n")) << summary;
  EXPECT_THAT(summary, HasSubstr("\n  ack-lost  0x    must strike, and never did\n  other     0x    did not strike\n"));
  EXPECT_TRUE(summary.ends_with("\nTo replay: pravega-sim run f.yaml --seed 1\n")) << summary;
}

TEST(SummaryTest, ManyStrikesOfOneFaultAreCutShort) {
  Scenario scenario = OneFault();
  scenario.faults[0].times = 6;
  const RunResult result = RunOf(scenario);
  ASSERT_EQ(result.faults[0].strikes, 6);
  const std::string summary = Summary(scenario, result, "replay");
  EXPECT_THAT(summary, HasSubstr("\n  ack-lost  6x    "));
  EXPECT_THAT(summary, HasSubstr("\n                  and 3 more\n"));
}

TEST(SummaryTest, AContradictionShowsItsOperationsAndHowToSeeThemAgain) {
  const Scenario scenario = OneFault();
  RunResult result = RunOf(scenario);
  // An event that was read and recorded is taken out of the history, as if it had been lost.
  std::vector<Operation>& operations = result.history->mutable_operations();
  OpId write;
  for (const Operation& op : operations) {
    if (const auto* w = op.As<Write>(); w != nullptr && w->event.sequence == 7) write = op.id;
  }
  std::erase_if(operations, [](const Operation& op) {
    const Sighting* at = op.As<Read>() != nullptr     ? &op.As<Read>()->at
                         : op.As<Record>() != nullptr ? &op.As<Record>()->at
                                                      : nullptr;
    return at != nullptr && at->sequence == 7;
  });
  absl::StatusOr<Report> report = CheckNamed(*result.history, {"nothing_lost"});
  ASSERT_TRUE(report.ok());
  result.report = *std::move(report);
  result.verdict = RunVerdict::kFail;
  result.reason = "nothing_lost: " + result.report.first_failure()->verdict.witness.words;
  const std::string summary = Summary(scenario, result, "pravega-sim run f.yaml --seed 1");
  EXPECT_TRUE(summary.starts_with("one: FAIL: nothing_lost: ")) << summary;
  EXPECT_THAT(summary, HasSubstr("\n  operation " + std::to_string(write.value()) +
                                 " (writer-1 writes writer-1/7 with key key-7 "));
  EXPECT_TRUE(summary.ends_with("\nTo replay: pravega-sim run f.yaml --seed 1\n")) << summary;
}

TEST(SummaryTest, AStuckRunShowsWhoWaitsForWhat) {
  const Scenario scenario = OneFault();
  RunResult result = RunOf(scenario);
  result.verdict = RunVerdict::kStuck;
  result.reason = "waiting until every row is written: nothing gets on";
  result.waits = {"store-1: not running", "writer-1: main/program waits for room"};
  const std::string summary = Summary(scenario, result, "replay");
  EXPECT_THAT(summary,
              HasSubstr("\nWho waits for what\n  store-1: not running\n  writer-1: main/program waits for room\n"));
  EXPECT_TRUE(summary.starts_with("one: STUCK: waiting until every row is written: nothing gets on\n")) << summary;
}

TEST(SummaryTest, TheResultLine) {
  RunResult result;
  result.events = 20000;
  result.strikes = 23;
  result.virtual_ns = 173'400'000'000;
  result.trace_hash = 0x00d0b5f2ce1a97c4;
  EXPECT_EQ(ResultLine(result, "seed=7", 151'900'000),
            "PASS seed=7 events=20000 faults=23 virtual=2m53s wall=151ms trace=00d0b5f2ce1a97c4");
  for (const auto& [verdict, name] : {std::pair(RunVerdict::kFail, "FAIL "), std::pair(RunVerdict::kStuck, "STUCK "),
                                      std::pair(RunVerdict::kVacuous, "VACUOUS ")}) {
    result.verdict = verdict;
    EXPECT_TRUE(ResultLine(result, "tape=t", 1).starts_with(std::string(name) + "tape=t events=")) << name;
  }
}

TEST(SummaryTest, ShortDurations) {
  EXPECT_EQ(ShortDuration(0), "0");
  EXPECT_EQ(ShortDuration(999), "999ns");
  EXPECT_EQ(ShortDuration(1'500'000), "1ms");
  EXPECT_EQ(ShortDuration(2'999'000'000), "2s");
  EXPECT_EQ(ShortDuration(60'000'000'000), "1m");
  EXPECT_EQ(ShortDuration(173'000'000'000), "2m53s");
  EXPECT_EQ(ShortDuration(3'600'000'000'000 + 59'000'000'000), "1h");
  EXPECT_EQ(ShortDuration(3'660'000'000'000), "1h1m");
}

// ---- the operation that a strike hit

class StrikeTargetTest : public ::testing::Test {
 protected:
  OpId Begin(std::string_view process, Details details) {
    return recorder_.Invoke(now_++, recorder_.Name(process), std::move(details));
  }
  void End(OpId op) { recorder_.Complete(now_++, op, Outcome::kOk); }
  OpId Write1(std::string_view writer) {
    Write write;
    write.event = {recorder_.Name(writer), 1};
    return Begin(writer, write);
  }
  // The operation that a strike at this instant is said to have hit; none is 0.
  int32_t StruckBy(std::string_view target) {
    FaultStrike strike;
    strike.fault = recorder_.Name("f");
    strike.target = recorder_.Name(target);
    strike.pending = recorder_.Pending();
    const OpId id = recorder_.Note(now_++, recorder_.Name("world"), std::move(strike));
    const Operation* hit = OperationStruck(history_, *history_.Find(id));
    return hit == nullptr ? 0 : hit->id.value();
  }

  History history_;
  Recorder recorder_{history_};
  int64_t now_ = 1;
};

TEST_F(StrikeTargetTest, OfTheClientThatIsNamed) {
  const OpId other = Write1("writer-1");
  const OpId one = Write1("writer-2");
  EXPECT_EQ(StruckBy("cut of writer-2 -> store-1"), one.value());
  EXPECT_EQ(StruckBy("crash of writer-1"), other.value());
  EXPECT_EQ(StruckBy("reset of 1 connection between writer-3 and store-2"), 0);
  // Later lives are the same machine; a machine whose name begins the same is not.
  const OpId life = Write1("writer-3.2");
  EXPECT_EQ(StruckBy("pause of writer-3"), life.value());
  Write1("writer-44");
  EXPECT_EQ(StruckBy("pause of writer-4"), 0);
}

TEST_F(StrikeTargetTest, OfTheKindThatTheRequestServes) {
  Begin("reader-1", Reading{});
  const OpId commit = Begin("writer-2", TxnCommit{});
  const OpId write = Write1("writer-1");
  EXPECT_EQ(StruckBy("AppendBlockEnd on s/e/0.#epoch.0 at store-1"), write.value());
  EXPECT_EQ(StruckBy("SetupAppend on s/e/0.#epoch.0 at store-1"), write.value());
  EXPECT_EQ(StruckBy("commitTransaction on s/e at controller-1"), commit.value());
  // A store works for writes before all.
  EXPECT_EQ(StruckBy("crash of store-1"), write.value());
  EXPECT_EQ(StruckBy("crash of controller-1"), commit.value());
  End(write);
  EXPECT_EQ(StruckBy("crash of store-1"), commit.value());
  End(commit);
  EXPECT_EQ(StruckBy("crash of store-1"), 1) << "the reader that waits, as there is nothing else";
  EXPECT_EQ(StruckBy("MergeSegmentsBatch on s/e/0.#epoch.0 at store-1"), commit.value()) << "goes on behind its commit";
}

TEST_F(StrikeTargetTest, AScaleIsItsOwnOperation) {
  Write1("writer-1");
  const OpId scale = Begin("admin", Box<StreamScale>());
  EXPECT_EQ(StruckBy("crash of controller-1"), scale.value());
  End(scale);
  EXPECT_EQ(StruckBy("split of 0@0"), scale.value());
}

TEST_F(StrikeTargetTest, NothingWasUnderWay) {
  EXPECT_EQ(StruckBy("crash of store-1"), 0);
  EXPECT_EQ(StruckBy(""), 0);
}

}  // namespace
}  // namespace pravega::scenarios
