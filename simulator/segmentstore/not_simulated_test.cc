// Goal: the list that people read is the one that the store goes by.
// Method: compares the rows of the section of NOT_SIMULATED.md with the table.
#include "simulator/segmentstore/not_simulated.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "connector/wire/commands.h"

namespace pravega::sim {
namespace {

// The table rows of a section, without its heading.
std::vector<std::string> RowsOf(const std::string& section) {
  std::ifstream file("simulator/NOT_SIMULATED.md");
  EXPECT_TRUE(file.good());
  std::vector<std::string> rows;
  std::string line;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line.starts_with("## ")) inside = line == "## " + section;
    if (inside && line.starts_with("| ")) rows.push_back(line);
  }
  if (rows.size() >= 2) rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

TEST(NotSimulatedTest, TheFileSaysWhatTheTableSays) {
  std::vector<std::string> expected;
  for (const NotSimulated& entry : NotSimulatedByTheStore()) {
    std::string row = "| ";
    row.append(entry.what).append(" | ").append(entry.answer).append(" | ").append(entry.reason).append(" |");
    expected.push_back(row);
  }
  EXPECT_EQ(RowsOf("Segment store"), expected);
}

TEST(NotSimulatedTest, RefusedCommandsAreCommandsAndNameTheirOperation) {
  for (const NotSimulated& entry : NotSimulatedByTheStore()) {
    if (entry.operation.empty()) continue;
    bool known = false;
    for (const wire::CommandInfo& info : wire::AllCommands()) known = known || info.name == entry.what;
    EXPECT_TRUE(known) << entry.what;
    // The real store's names: the command's, in camel case.
    EXPECT_EQ(std::string(entry.operation).substr(1), std::string(entry.what).substr(1));
    EXPECT_EQ(entry.answer, "OperationUnsupported");
  }
}

}  // namespace
}  // namespace pravega::sim
