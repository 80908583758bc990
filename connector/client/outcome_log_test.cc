#include "connector/client/outcome_log.h"

#include <vector>

#include "connector/client/testing/test_runtime.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

runtime::Task<void> Note(OutcomeLog* log, Sequence sequence, std::vector<int64_t>* order) {
  absl::Status waited = co_await log->WaitFor(sequence);
  EXPECT_TRUE(waited.ok());
  order->push_back(sequence.value());
}

runtime::Task<void> SettleInAnyOrder(OutcomeLog* log) {
  Sequence first = log->Begin(2);
  EXPECT_EQ(first, Sequence(1));
  Sequence second = log->Begin(3);
  EXPECT_EQ(second, Sequence(3));
  log->Settle(Sequence(3), 3, Outcome::kOk);
  EXPECT_EQ(log->settled_through(), Sequence(0));
  log->Settle(Sequence(1), 1, Outcome::kOk);
  EXPECT_EQ(log->settled_through(), Sequence(1));
  log->Settle(Sequence(2), 1, Outcome::kOk);
  EXPECT_EQ(log->settled_through(), Sequence(5));
  EXPECT_EQ(log->last(), Sequence(5));
  co_return;
}

TEST(OutcomeLog, TellsInOrderOfNumbers) {
  TestRuntime runtime;
  OutcomeLog log("events");
  runtime.Run(SettleInAnyOrder(&log));
}

TEST(OutcomeLog, WakesLowestNumbersFirst) {
  TestRuntime runtime;
  OutcomeLog log("events");
  log.Begin(4);
  std::vector<int64_t> order;
  runtime::TaskGroup group(runtime.scheduler(), "waiters");
  for (int64_t number : {3, 1, 4, 2}) group.Spawn("waiter", Note(&log, Sequence(number), &order));
  runtime.scheduler().Drain();
  log.Settle(Sequence(2), 2, Outcome::kOk);
  runtime.scheduler().Drain();
  EXPECT_TRUE(order.empty());
  log.Settle(Sequence(1), 1, Outcome::kOk);
  runtime.scheduler().Drain();
  EXPECT_EQ(order, (std::vector<int64_t>{1, 2, 3}));
  log.Settle(Sequence(4), 1, Outcome::kOk);
  runtime.scheduler().Drain();
  EXPECT_EQ(order, (std::vector<int64_t>{1, 2, 3, 4}));
}

// Goal: a caller learns of each event alone. Method: settle neighbours differently and ask for each.
TEST(OutcomeLog, KeepsTroublesApart) {
  OutcomeLog log("events");
  log.Begin(7);
  log.Settle(Sequence(1), 2, Outcome::kOk);
  log.Settle(Sequence(5), 1, Outcome::kUnknown, absl::UnavailableError("gave up"));
  log.Settle(Sequence(3), 1, Outcome::kFailed, absl::FailedPreconditionError("sealed"));
  log.Settle(Sequence(4), 1, Outcome::kFailed, absl::FailedPreconditionError("sealed"));
  log.Settle(Sequence(6), 2, Outcome::kOk);
  EXPECT_EQ(log.ResultOf(Sequence(2)).outcome, Outcome::kOk);
  EXPECT_EQ(log.ResultOf(Sequence(3)).outcome, Outcome::kFailed);
  EXPECT_EQ(log.ResultOf(Sequence(4)).outcome, Outcome::kFailed);
  EXPECT_EQ(log.ResultOf(Sequence(5)).outcome, Outcome::kUnknown);
  EXPECT_EQ(log.ResultOf(Sequence(6)).outcome, Outcome::kOk);
  EXPECT_EQ(log.FirstTrouble(Sequence(1), Sequence(7)).status.message(), "sealed");
  EXPECT_EQ(log.FirstTrouble(Sequence(5), Sequence(7)).status.message(), "gave up");
  EXPECT_EQ(log.FirstTrouble(Sequence(6), Sequence(7)).outcome, Outcome::kOk);
}

}  // namespace
}  // namespace pravega::client
