// RowLedger: what became of each row of the input, as the observer outside of the machines sees it.
//
// The checkers know events, "number 17 of writer-2". Whether the events are the rows, each of them once, is a question
// of the workload's own: a row that a program forgot, or wrote again under a new number, is no event that anybody
// misses.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_ROW_LEDGER_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_ROW_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connector/core/event_pointer.h"
#include "scenarios/history/operation.h"

namespace pravega::scenarios {

class RowLedger {
 public:
  explicit RowLedger(size_t rows) : entries_(rows) {}

  // A write of the row begins; what became of an earlier one does not matter any more.
  void Tried(int64_t row) { At(row).state = State::kUnknown; }
  // What became of it.
  void Settled(int64_t row, Outcome outcome);
  // A reader has it durably from this place. The same place may come again. A row that is not in the input is ignored.
  void Recorded(int64_t row, const EventPointer& place);

  // "row 17 stands at … and at …"; none if every row stands at one place at most.
  const std::optional<std::string>& twice() const { return twice_; }
  // "3 of 2000 rows are not in the stream; the first, row 17, was never tried". A row whose write has an unknown
  // outcome may be missing.
  std::optional<std::string> Missing() const;

 private:
  enum class State : uint8_t { kUntried, kUnknown, kOk, kFailed };
  struct Entry {
    State state = State::kUntried;
    std::optional<EventPointer> place;
  };
  Entry& At(int64_t row) { return entries_[static_cast<size_t>(row)]; }

  std::vector<Entry> entries_;
  std::optional<std::string> twice_;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_ROW_LEDGER_H_
