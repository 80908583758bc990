// OutcomeLog: what became of each event of one writer.
//
// A writer numbers its events; they settle in any order, because they travel to several segments, and are told in the
// order of their numbers: an event counts as settled when it and all before it are. Costs one byte for each event that
// is not settled yet and nothing for the ones that went well before.
//
// Thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CLIENT_OUTCOME_LOG_H_
#define PRAVEGA_CONNECTOR_CLIENT_OUTCOME_LOG_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "connector/core/ids.h"
#include "connector/runtime/scheduler.h"

namespace pravega::client {

// Number of an event of one writer object: 1, 2, 3 … in order of writing, over all segments.
class Sequence : public StrongInt<struct SequenceTag, int64_t> {
 public:
  using StrongInt::StrongInt;
  constexpr Sequence operator+(int64_t events) const { return Sequence(value() + events); }
};

enum class Outcome : uint8_t {
  kOk,       // the event is durable in its stream, once
  kFailed,   // the event is not in the stream and never will be
  kUnknown,  // the writer gave up before it knew: the event may be in the stream, once, or not
};

struct EventResult {
  Outcome outcome = Outcome::kOk;
  absl::Status status;  // OK, or why not; the message says when the outcome is unknown
};

class OutcomeLog {
 public:
  // `label` names the wait in the wait graph.
  explicit OutcomeLog(std::string label) : label_(std::move(label)) {}
  ~OutcomeLog();
  OutcomeLog(const OutcomeLog&) = delete;
  OutcomeLog& operator=(const OutcomeLog&) = delete;

  // Numbers `events` new events; the first of their numbers.
  Sequence Begin(int64_t events);
  // Settles `events` of them from `first` on. Each is settled once.
  void Settle(Sequence first, int64_t events, Outcome outcome, const absl::Status& status = absl::OkStatus());

  // The highest number such that it and everything before is settled; 0 at first.
  Sequence settled_through() const { return Sequence(settled_through_); }
  // The number given out last; 0 at first.
  Sequence last() const { return Sequence(settled_through_ + static_cast<int64_t>(open_.size())); }
  // What became of a settled event.
  EventResult ResultOf(Sequence sequence) const;
  // The first event within [first, last] that did not go well, or OK if all of them did.
  EventResult FirstTrouble(Sequence first, Sequence last) const;

  // co_await WaitFor(s) -> OK when everything up to `s` is settled, or Cancelled.
  class Awaiter : public runtime::Waiter {
   public:
    Awaiter(OutcomeLog* log, Sequence sequence) : Waiter(log->label_), log_(log), sequence_(sequence.value()) {}
    ~Awaiter() override { DetachIfWaiting(); }
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      if (RefusedByCancellation(handle.promise()) || sequence_ <= log_->settled_through_) return false;
      log_->Insert(this);
      Suspend(handle, handle.promise());
      return true;
    }
    absl::Status await_resume() { return std::move(status()); }

   private:
    friend class OutcomeLog;
    void Detach() override { log_->Remove(this); }
    OutcomeLog* log_;
    int64_t sequence_;
    Awaiter* previous_ = nullptr;
    Awaiter* next_ = nullptr;
  };
  [[nodiscard]] Awaiter WaitFor(Sequence sequence) { return Awaiter(this, sequence); }

 private:
  struct Trouble {
    int64_t last;
    EventResult result;
  };

  void Insert(Awaiter* awaiter);
  void Remove(Awaiter* awaiter);

  std::string label_;
  int64_t settled_through_ = 0;
  std::deque<bool> open_;                // from settled_through_ + 1 on: whether it is settled
  std::map<int64_t, Trouble> troubles_;  // by first number; disjoint
  // Waiting, lowest number first, then in order of arrival.
  Awaiter* first_ = nullptr;
  Awaiter* last_ = nullptr;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_OUTCOME_LOG_H_
