// Goal: the checks can fail. Every planted bug lies on a path that only a fault or a scale reaches: a run without
// faults passes with it, and among 200 seeds with faults one does not. Method: explore seeds from five starts for each
// bug and report how many it took (the median); judge the failed run's history again, from its text, and compare the
// witness. Small histories of the same bugs are saved for saved_test, which has no planted bugs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/checkers/judge.h"
#include "scenarios/history/history_file.h"
#include "scenarios/model/yaml.h"
#include "scenarios/runner/names.h"
#include "scenarios/runner/run.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {
namespace {

struct PlantedBug {
  const char* name;
  const char* scenario;
  RunVerdict verdict;  // how it must show
};

constexpr PlantedBug kBugs[] = {
    {"ack-before-durable", "flights", RunVerdict::kFail},
    {"append-setup-off-by-one", "flights", RunVerdict::kFail},
    {"resend-before-setup", "flights", RunVerdict::kFail},
    {"successor-opened-early", "flights", RunVerdict::kFail},
    {"commit-done-after-partial-merge", "flights", RunVerdict::kFail},
    {"position-at-checkpoint-handout", "flights", RunVerdict::kFail},
    {"lease-ignored", "lease", RunVerdict::kFail},
    {"lost-tail-wakeup", "flights", RunVerdict::kStuck},
};

constexpr int kStarts = 5;
constexpr uint64_t kMostSeeds = 200;

constexpr const char* kSaved = "scenarios/planted/saved/";

std::string ReadWhole(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Scenario Load(const std::string& name) {
  const std::string path = "scenarios/library/" + name + ".yaml";
  absl::StatusOr<Scenario> scenario = ParseScenario(ReadWhole(path), path);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  // A part of the rows over the same time: the faults strike as they do, and a run takes a fraction of the time.
  if (!scenario->workload.file.empty()) scenario->workload.rows = 4000;
  return *std::move(scenario);
}

Scenario LoadSaved(const std::string& bug) {
  const std::string path = kSaved + bug + ".yaml";
  absl::StatusOr<Scenario> scenario = ParseScenario(ReadWhole(path), path);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return *std::move(scenario);
}

Rows LoadRows(const Workload& workload) {
  if (workload.file.empty()) return Rows::MadeUp(workload.rows, workload.keys);
  absl::StatusOr<Rows> rows =
      Rows::FromCsv(ReadWhole("scenarios/library/" + workload.file), workload.file, workload.key_column, workload.rows);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return *std::move(rows);
}

RunResult RunSeed(const Scenario& scenario, const Rows& rows, uint64_t seed) {
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, sim::Tape::FromSeed(seed), {});
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

class PlantedTest : public ::testing::TestWithParam<PlantedBug> {
 protected:
  void SetUp() override {
#ifndef PRAVEGA_PLANTED_BUGS
    GTEST_SKIP() << "needs --config=planted";
#endif
  }
};

class SavedHistories : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef PRAVEGA_PLANTED_BUGS
    GTEST_SKIP() << "needs --config=planted";
#endif
  }
};

TEST_P(PlantedTest, PassesWithoutFaults) {
  Scenario scenario = Load(GetParam().scenario);
  scenario.planted = {GetParam().name};
  for (Fault& fault : scenario.faults) fault.enabled = false;
  RunResult result = RunSeed(scenario, LoadRows(scenario.workload), 1);
  EXPECT_EQ(result.verdict, RunVerdict::kPass) << result.reason;
}

TEST_P(PlantedTest, IsFoundAndJudgedTheSame) {
  Scenario scenario = Load(GetParam().scenario);
  scenario.planted = {GetParam().name};
  const Rows rows = LoadRows(scenario.workload);
  std::vector<uint64_t> took;
  for (int start = 0; start < kStarts; ++start) {
    uint64_t seeds = 0;
    RunResult result;
    do {
      ASSERT_LT(seeds, kMostSeeds) << GetParam().name << " survived " << kMostSeeds << " seeds";
      result = RunSeed(scenario, rows, static_cast<uint64_t>(start) * 1000 + 1 + seeds++);
    } while (result.verdict != GetParam().verdict);
    took.push_back(seeds);
    if (start > 0 || result.verdict != RunVerdict::kFail) continue;
    absl::StatusOr<Report> judged = JudgeFile(HistoryText(*result.history), "saved.jsonl");
    ASSERT_TRUE(judged.ok()) << judged.status();
    const CheckerReport* live = result.report.first_failure();
    const CheckerReport* saved = judged->first_failure();
    ASSERT_NE(live, nullptr);
    ASSERT_NE(saved, nullptr);
    EXPECT_EQ(saved->name, live->name);
    EXPECT_EQ(saved->verdict.witness.operations, live->verdict.witness.operations);
    EXPECT_EQ(saved->verdict.witness.words, live->verdict.witness.words);
  }
  std::sort(took.begin(), took.end());
  std::printf("planted %s: found after %llu seeds (median of %d starts; from %llu to %llu)\n", GetParam().name,
              static_cast<unsigned long long>(took[kStarts / 2]), kStarts,
              static_cast<unsigned long long>(took.front()), static_cast<unsigned long long>(took.back()));
}

// The histories that saved_test judges do not rot: whoever runs their scenarios today meets the same kind of witness.
TEST_F(SavedHistories, AreStillWhatTheBugsDo) {
  std::istringstream lines(ReadWhole(std::string(kSaved) + "seeds"));
  std::set<std::string> saved;
  std::string bug;
  for (uint64_t seed = 0; lines >> bug >> seed;) {
    saved.insert(bug);
    const Scenario scenario = LoadSaved(bug);
    EXPECT_EQ(scenario.planted, std::vector<std::string>{bug});
    const Rows rows = LoadRows(scenario.workload);
    const std::string witness = ReadWhole(kSaved + bug + ".witness");
    auto meets_it = [&](const RunResult& result) {
      return std::any_of(result.report.checkers.begin(), result.report.checkers.end(),
                         [&](const CheckerReport& checker) {
                           const std::string kind = "FAIL " + bug + ".jsonl: " + std::string(checker.name) + ": ";
                           return checker.verdict.judgement == Judgement::kFail && witness.starts_with(kind);
                         });
    };
    // What a seed does changes with the program, what a bug does does not.
    constexpr uint64_t kTries = 50;
    uint64_t tried = seed;
    while (tried < seed + kTries && !meets_it(RunSeed(scenario, rows, tried))) ++tried;
    ASSERT_LT(tried, seed + kTries) << bug << "; scenarios/planted/saved/save records it anew";
    // It is the bug's doing.
    Scenario sound = scenario;
    sound.planted.clear();
    const RunResult passed = RunSeed(sound, rows, tried);
    EXPECT_EQ(passed.verdict, RunVerdict::kPass) << bug << ": " << passed.reason;
  }
  for (const PlantedBug& one : kBugs)
    EXPECT_EQ(saved.count(one.name), one.verdict == RunVerdict::kFail ? 1u : 0u) << one.name;
}

// Whoever adds a bug adds it here.
TEST(PlantedBugs, AllAreExplored) {
  std::set<std::string_view> explored;
  for (const PlantedBug& bug : kBugs) explored.insert(bug.name);
  const std::vector<std::string_view>& known = KnownNames().planted;
  EXPECT_EQ(explored, std::set<std::string_view>(known.begin(), known.end()));
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedTest, ::testing::ValuesIn(kBugs), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace pravega::scenarios
