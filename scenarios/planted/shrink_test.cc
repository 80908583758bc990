// Goal: a failure that was found among many faults can be made small. Method: a plan is a list of choices, zero being
// the calmest, from which a scenario with up to 18 faults is read; RapidCheck finds a plan that fails with a planted
// bug and shrinks it. What is left has few choices that are not zero, fails for the same reason, does so again and
// again, and passes without the bug.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/model/scenario.h"
#include "scenarios/model/yaml.h"
#include "scenarios/runner/run.h"
#include "scenarios/workloads/rows.h"
#include "simulator/world/tape.h"

namespace pravega::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Plan = std::vector<uint32_t>;

constexpr size_t kFaults = 18;
constexpr size_t kChoices = 4 + kFaults * 4;
constexpr size_t kLeastBefore = 60;
constexpr size_t kMostAfter = 10;
constexpr uint64_t kSeed = 1;

Fault ReadFault(sim::PlanReader& plan, const Workload& workload, const ClusterShape& cluster, size_t number) {
  const uint32_t kind = plan.Below(7);
  const uint32_t at = plan.Below(1000);
  const uint32_t where = plan.Below(1000);
  const uint32_t lasts = plan.Below(1000);
  Fault fault;
  fault.name = StrCat("fault-", static_cast<int>(number));
  fault.trigger.at.low = fault.trigger.at.high = milliseconds(10 * at);
  fault.lasts.low = fault.lasts.high = milliseconds(100 + lasts);
  const std::string store = StrCat("store-", 1 + static_cast<int>(where) % cluster.segment_stores);
  const std::string writer = StrCat("writer-", 1 + static_cast<int>(where / 2) % workload.writers);
  switch (kind) {
    case 1:
      fault.kind = FaultKind::kSession;
      fault.command = "AppendBlockEnd";
      break;
    case 2:
      fault.kind = FaultKind::kCrash;
      fault.node = store;
      break;
    case 3:
      fault.kind = FaultKind::kPause;
      fault.node = store;
      break;
    case 4:
      fault.kind = FaultKind::kCutLink;
      break;
    case 5:
      fault.kind = FaultKind::kResetLinks;
      break;
    case 6:
      fault.kind = FaultKind::kRefuse;
      break;
    default:
      fault.enabled = false;
      break;
  }
  if (kind >= 4) {
    fault.from = writer;
    fault.to = store;
  }
  return fault;
}

Scenario ReadScenario(const Plan& choices, const std::string& bug) {
  sim::Tape tape;
  tape.plan = choices;
  sim::PlanReader plan(tape);
  Scenario scenario;
  scenario.name = "from-a-plan";
  if (!bug.empty()) scenario.planted = {bug};
  Workload& workload = scenario.workload;
  workload.writers = 1 + static_cast<int>(plan.Below(3));
  workload.readers = 1 + static_cast<int>(plan.Below(2));
  workload.segments = 1 + static_cast<int>(plan.Below(3));
  workload.rows = 200 + static_cast<int>(plan.Below(100));
  workload.pace = seconds(10);
  workload.checkpoint_every = seconds(3);
  workload.read_backs = 1;
  for (size_t i = 0; i < kFaults; ++i) {
    Fault fault = ReadFault(plan, workload, scenario.cluster, i);
    if (fault.enabled) scenario.faults.push_back(std::move(fault));
  }
  return scenario;
}

RunResult RunPlan(const Plan& plan, const std::string& bug) {
  const Scenario scenario = ReadScenario(plan, bug);
  // What the plan says of the scenario is said; of the rest of the run nothing but the schedule's seed.
  sim::Tape tape = sim::Tape::FromSeed(kSeed);
  tape.plan_from_seed = false;
  absl::StatusOr<RunResult> result =
      RunScenario(scenario, Rows::MadeUp(scenario.workload.rows, scenario.workload.keys), tape, {});
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

// The checker that the run fails by; empty if it does not fail.
std::string FailedChecker(const RunResult& result) {
  const CheckerReport* failure = result.report.first_failure();
  return result.verdict == RunVerdict::kFail && failure != nullptr ? std::string(failure->name) : std::string();
}

size_t NonZero(const Plan& plan) { return plan.size() - static_cast<size_t>(std::count(plan.begin(), plan.end(), 0u)); }

class Counter : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override { ++cases; }
  void onShrinkTried(const rc::detail::CaseDescription&, bool was_accepted) override {
    ++tries;
    if (was_accepted) ++accepted;
  }
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}

  int cases = 0;
  int tries = 0;
  int accepted = 0;
};

TEST(ShrinkTest, ManyChoicesBecomeFew) {
#ifndef PRAVEGA_PLANTED_BUGS
  GTEST_SKIP() << "needs --config=planted";
#endif
  const std::string bug = "append-setup-off-by-one";
  EXPECT_EQ(RunPlan(Plan(kChoices), bug).verdict, RunVerdict::kPass) << "the calmest plan";

  std::optional<Plan> found;  // the first that failed
  std::string checker;        // and by what
  Plan smallest;              // the last that failed in that way: what RapidCheck goes on from
  auto property = [&] {
    const Plan plan = *rc::gen::container<Plan>(kChoices, rc::gen::inRange<uint32_t>(0, 1000));
    const std::string failed = FailedChecker(RunPlan(plan, bug));
    if (failed.empty() || (found && failed != checker)) return;
    if (!found) {
      RC_PRE(NonZero(plan) >= kLeastBefore);
      found = plan;
      checker = failed;
    }
    smallest = plan;
    RC_FAIL(failed);
  };
  rc::detail::TestMetadata metadata;
  metadata.id = bug;
  rc::detail::TestParams parameters;
  parameters.seed = 7;
  Counter counter;
  rc::detail::checkTestable(property, metadata, parameters, counter);

  ASSERT_TRUE(found) << bug << " survived " << counter.cases << " plans";
  std::printf(
      "%s: %d plans until one failed (%s); from %zu choices that are not zero to %zu, by %d tries of which %d "
      "failed too\n",
      bug.c_str(), counter.cases, checker.c_str(), NonZero(*found), NonZero(smallest), counter.tries, counter.accepted);
  EXPECT_GE(NonZero(*found), kLeastBefore);
  EXPECT_LE(NonZero(smallest), kMostAfter);
  EXPECT_GT(NonZero(smallest), 0u);
  // A scenario that a person can read and run.
  const Scenario scenario = ReadScenario(smallest, bug);
  const std::string text = PrintScenario(scenario);
  std::printf("%s\n", text.c_str());
  absl::StatusOr<Scenario> parsed = ParseScenario(text, "shrunk.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, scenario);

  const RunResult once = RunPlan(smallest, bug);
  const RunResult again = RunPlan(smallest, bug);
  EXPECT_EQ(FailedChecker(once), checker);
  EXPECT_EQ(FailedChecker(again), checker);
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  EXPECT_EQ(once.reason, again.reason);
  const RunResult sound = RunPlan(smallest, "");
  EXPECT_EQ(sound.verdict, RunVerdict::kPass) << sound.reason;
}

}  // namespace
}  // namespace pravega::scenarios
