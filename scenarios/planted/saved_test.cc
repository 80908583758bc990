// Goal: what the planted bugs did is rejected by a build that has none of them, with the same witness. Method: the
// saved histories, which a build with planted bugs recorded (saved/save does it again), are judged here; the witness
// stands beside each. That a build with planted bugs still fails in that way, planted_test shows.
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/judge.h"
#include "scenarios/checkers/registry.h"
#include "scenarios/checkers/verdict.h"

namespace pravega::scenarios {
namespace {

constexpr const char* kFolder = "scenarios/planted/saved/";

std::string ReadWhole(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Bugs() {
  std::vector<std::string> bugs;
  std::istringstream lines(ReadWhole(StrCat(kFolder, "seeds")));
  std::string bug;
  for (uint64_t seed = 0; lines >> bug >> seed;) bugs.push_back(bug);
  return bugs;
}

TEST(SavedTest, EveryHistoryIsRejectedWithItsWitness) {
  const std::vector<std::string> bugs = Bugs();
  EXPECT_EQ(bugs.size(), 7u);
  for (const std::string& bug : bugs) {
    const std::string name = bug + ".jsonl";
    absl::StatusOr<Report> report = JudgeFile(ReadWhole(kFolder + name), name);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->judgement(), Judgement::kFail) << bug;
    ASSERT_NE(report->first_failure(), nullptr) << bug;
    EXPECT_GE(report->first_failure()->verdict.witness.operations.size(), 2u) << bug;
    EXPECT_EQ(StrCat("FAIL ", name, ": ", report->reason(), "\n"), ReadWhole(StrCat(kFolder, bug, ".witness")));
  }
}

}  // namespace
}  // namespace pravega::scenarios
