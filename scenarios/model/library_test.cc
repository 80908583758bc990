// Goal: every scenario that we ship can be read. Method: read them all.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/model/yaml.h"

namespace pravega::scenarios {
namespace {

TEST(LibraryTest, EveryFileIsAValidScenarioAndPrintsAsItself) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios/library")) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    absl::StatusOr<Scenario> scenario = ParseScenario(text.str(), entry.path().string());
    ASSERT_TRUE(scenario.ok()) << scenario.status();
    EXPECT_EQ(scenario->name, entry.path().stem().string());
    absl::StatusOr<Scenario> again = ParseScenario(PrintScenario(*scenario), "printed.yaml");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(*again == *scenario);
  }
  EXPECT_GE(files, 4);
}

}  // namespace
}  // namespace pravega::scenarios
