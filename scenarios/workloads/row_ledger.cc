#include "scenarios/workloads/row_ledger.h"

#include "connector/core/strings.h"

namespace pravega::scenarios {

void RowLedger::Settled(int64_t row, Outcome outcome) {
  At(row).state = outcome == Outcome::kOk ? State::kOk : outcome == Outcome::kFailed ? State::kFailed : State::kUnknown;
}

void RowLedger::Recorded(int64_t row, const EventPointer& place) {
  if (row < 0 || row >= static_cast<int64_t>(entries_.size())) return;
  std::optional<EventPointer>& known = At(row).place;
  if (known && *known != place && !twice_) {
    twice_ = StrCat("row ", row, " stands at ", known->ToString(), " and at ", place.ToString());
  }
  if (!known) known = place;
}

std::optional<std::string> RowLedger::Missing() const {
  size_t missing = 0;
  std::optional<size_t> first;
  for (size_t row = 0; row < entries_.size(); ++row) {
    const Entry& entry = entries_[row];
    if (entry.place || entry.state == State::kUnknown) continue;
    ++missing;
    if (!first) first = row;
  }
  if (!first) return std::nullopt;
  std::string_view why = "was written and acknowledged";
  if (entries_[*first].state == State::kUntried) why = "was never tried";
  if (entries_[*first].state == State::kFailed) why = "could not be written";
  return StrCat(missing, " of ", entries_.size(), " rows are not in the stream; the first, row ", *first, ", ", why);
}

}  // namespace pravega::scenarios
