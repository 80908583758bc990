// Goal: a saved history is judged as the one that was recorded, and a damaged one is refused with its place.
#include "scenarios/checkers/judge.h"

#include <gtest/gtest.h>

#include <string>

#include "scenarios/checkers/testing/made_up_run.h"
#include "scenarios/checkers/testing/mutations.h"
#include "scenarios/history/history_file.h"

namespace pravega::scenarios {
namespace {

TEST(JudgeTest, ASavedHistoryGivesTheReportOfTheRun) {
  int failed = 0;
  for (const HarmfulMutation& mutation : HarmfulMutations()) {
    // Not every run has a place for every mutation.
    History history;
    bool applied = false;
    for (uint64_t seed = 4; seed < 24 && !applied; ++seed) {
      history = MakeUpRun(seed, {.seal = seed % 2 == 1});
      applied = mutation.apply(history, [](int n) { return n - 1; }).has_value();
    }
    ASSERT_TRUE(applied) << mutation.name;
    absl::StatusOr<Report> judged = JudgeFile(HistoryText(history), "run.jsonl");
    ASSERT_TRUE(judged.ok()) << mutation.name << ": " << judged.status();
    EXPECT_EQ(judged->ToString(), CheckAll(history).ToString());
    if (judged->judgement() == Judgement::kFail) ++failed;
  }
  EXPECT_EQ(failed, static_cast<int>(HarmfulMutations().size()));
}

TEST(JudgeTest, AGoodHistoryPassesAndTheReportSaysWhatWasChecked) {
  absl::StatusOr<Report> report = JudgeFile(HistoryText(MakeUpRun(4)), "run.jsonl");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->judgement(), Judgement::kPass);
  EXPECT_EQ(report->ToString().find("FAIL"), std::string::npos);
  EXPECT_NE(report->ToString().find("lease               PASS     "), std::string::npos) << report->ToString();
}

TEST(JudgeTest, ADamagedHistoryIsRefused) {
  std::string text = HistoryText(MakeUpRun(4));
  absl::StatusOr<Report> report = JudgeFile(text.substr(0, text.size() / 2), "run.jsonl");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(report.status().message().substr(0, 10), "run.jsonl:");
  EXPECT_EQ(JudgeFile("flights\n", "run.jsonl").status().message(), "run.jsonl:1:1: expected a value, found 'f'");
}

}  // namespace
}  // namespace pravega::scenarios
