// Goal: each row has one writer, that of its key, in the order of the file; rows are due in bursts, evenly over the
// pace.
#include "scenarios/workloads/context.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace pravega::scenarios {
namespace {

TEST(ContextTest, RowsGoToTheWriterOfTheirKeyInOrder) {
  const Rows rows = Rows::MadeUp(1000, 30);
  const std::vector<WriterShare> shares = ShareRows(rows, 4);
  ASSERT_EQ(shares.size(), 4u);
  std::vector<bool> seen(1000, false);
  std::map<std::string_view, size_t> writer_of;
  for (size_t writer = 0; writer < shares.size(); ++writer) {
    EXPECT_GT(shares[writer].rows.size(), 30u) << "keys are spread";
    int64_t last = -1;
    for (int64_t row : shares[writer].rows) {
      EXPECT_GT(row, last);
      last = row;
      EXPECT_FALSE(seen[static_cast<size_t>(row)]);
      seen[static_cast<size_t>(row)] = true;
      EXPECT_EQ(writer_of.try_emplace(rows.rows()[static_cast<size_t>(row)].key, writer).first->second, writer);
    }
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 1000);
}

TEST(ContextTest, RowsAreDueInBursts) {
  const Rows rows = Rows::MadeUp(100, 1);
  Workload workload;
  workload.pace = std::chrono::seconds(10);
  workload.burst = std::chrono::seconds(1);
  WorkloadContext context;
  context.workload = &workload;
  context.rows = &rows;
  EXPECT_EQ(context.DueAt(0), 0);
  EXPECT_EQ(context.DueAt(9), 0);
  EXPECT_EQ(context.DueAt(10), 1'000'000'000);
  EXPECT_EQ(context.DueAt(99), 9'000'000'000);
  workload.pace = std::chrono::seconds(0);
  EXPECT_EQ(context.DueAt(99), 0);
}

TEST(ContextTest, LivesHaveNames) {
  EXPECT_EQ(ProcessName("reader-2", 1), "reader-2");
  EXPECT_EQ(ProcessName("reader-2", 3), "reader-2.3");
}

}  // namespace
}  // namespace pravega::scenarios
