#include "connector/client/outcome_log.h"

#include <algorithm>
#include <iterator>

#include "connector/core/check.h"

namespace pravega::client {

OutcomeLog::~OutcomeLog() {
  // When a node dies the log may go before the frames that wait on it: they must not come back to it.
  while (first_ != nullptr) {
    Awaiter* awaiter = first_;
    CHECK_MSG(awaiter->node_is_dead(), label_ + ": destroyed while somebody waits for it");
    awaiter->DetachIfWaiting();
  }
}

Sequence OutcomeLog::Begin(int64_t events) {
  CHECK(events > 0);
  Sequence first = last() + 1;
  open_.insert(open_.end(), static_cast<size_t>(events), false);
  return first;
}

void OutcomeLog::Settle(Sequence first, int64_t events, Outcome outcome, const absl::Status& status) {
  CHECK(first.value() > settled_through_);
  size_t at = static_cast<size_t>(first.value() - settled_through_ - 1);
  CHECK(at + static_cast<size_t>(events) <= open_.size());
  for (size_t i = at; i < at + static_cast<size_t>(events); ++i) {
    CHECK_MSG(!open_[i], "an event is settled twice");
    open_[i] = true;
  }
  if (outcome != Outcome::kOk) {
    int64_t last = first.value() + events - 1;
    // Troubles come in runs, when a writer gives up: one entry for the run.
    auto after = troubles_.lower_bound(first.value());
    bool joined = false;
    if (after != troubles_.begin()) {
      Trouble& before = std::prev(after)->second;
      if (before.last + 1 == first.value() && before.result.outcome == outcome && before.result.status == status) {
        before.last = last;
        joined = true;
      }
    }
    if (!joined) troubles_.emplace(first.value(), Trouble{last, EventResult{outcome, status}});
  }
  while (!open_.empty() && open_.front()) {
    open_.pop_front();
    ++settled_through_;
  }
  while (first_ != nullptr && first_->sequence_ <= settled_through_) first_->Wake();
}

EventResult OutcomeLog::ResultOf(Sequence sequence) const { return FirstTrouble(sequence, sequence); }

EventResult OutcomeLog::FirstTrouble(Sequence first, Sequence last) const {
  CHECK(last.value() <= settled_through_);
  auto at = troubles_.upper_bound(first.value());
  if (at != troubles_.begin() && std::prev(at)->second.last >= first.value()) --at;
  if (at == troubles_.end() || at->first > last.value()) return EventResult{};
  return at->second.result;
}

void OutcomeLog::Insert(Awaiter* awaiter) {
  // From the end: numbers are mostly awaited in the order in which they were given out.
  Awaiter* before = last_;
  while (before != nullptr && before->sequence_ > awaiter->sequence_) before = before->previous_;
  awaiter->previous_ = before;
  awaiter->next_ = before != nullptr ? before->next_ : first_;
  (before != nullptr ? before->next_ : first_) = awaiter;
  (awaiter->next_ != nullptr ? awaiter->next_->previous_ : last_) = awaiter;
}

void OutcomeLog::Remove(Awaiter* awaiter) {
  (awaiter->previous_ != nullptr ? awaiter->previous_->next_ : first_) = awaiter->next_;
  (awaiter->next_ != nullptr ? awaiter->next_->previous_ : last_) = awaiter->previous_;
}

}  // namespace pravega::client
