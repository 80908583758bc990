#include "scenarios/workloads/row_ledger.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace pravega::scenarios {
namespace {

EventPointer Place(int64_t offset) {
  return EventPointer{SegmentRef{{"s", "e"}, SegmentId(Epoch(0), 0)}, Offset(offset), 10};
}

TEST(RowLedgerTest, RowsThatWereRecordedOrMayBeThereAreNotMissing) {
  RowLedger ledger(3);
  ledger.Tried(0);
  ledger.Settled(0, Outcome::kOk);
  ledger.Recorded(0, Place(0));
  ledger.Tried(1);  // its writer died
  ledger.Tried(2);
  ledger.Settled(2, Outcome::kUnknown);
  EXPECT_EQ(ledger.Missing(), std::nullopt);
  EXPECT_EQ(ledger.twice(), std::nullopt);
}

TEST(RowLedgerTest, MissingRowsAreCountedAndTheFirstIsNamed) {
  RowLedger ledger(4);
  ledger.Recorded(0, Place(0));
  EXPECT_EQ(*ledger.Missing(), "3 of 4 rows are not in the stream; the first, row 1, was never tried");
  ledger.Tried(1);
  ledger.Settled(1, Outcome::kFailed);
  EXPECT_EQ(*ledger.Missing(), "3 of 4 rows are not in the stream; the first, row 1, could not be written");
  ledger.Settled(1, Outcome::kOk);
  EXPECT_EQ(*ledger.Missing(), "3 of 4 rows are not in the stream; the first, row 1, was written and acknowledged");
  ledger.Tried(1);
  EXPECT_EQ(*ledger.Missing(), "2 of 4 rows are not in the stream; the first, row 2, was never tried");
}

TEST(RowLedgerTest, ARowAtTwoPlacesIsNamedWithBoth) {
  RowLedger ledger(2);
  ledger.Recorded(1, Place(0));
  ledger.Recorded(1, Place(0));
  ledger.Recorded(-1, Place(0));
  ledger.Recorded(2, Place(0));
  EXPECT_EQ(ledger.twice(), std::nullopt);
  ledger.Recorded(1, Place(40));
  EXPECT_EQ(*ledger.twice(), "row 1 stands at s/e/0.#epoch.0:0-10 and at s/e/0.#epoch.0:40-10");
}

}  // namespace
}  // namespace pravega::scenarios
