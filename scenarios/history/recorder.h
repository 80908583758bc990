// Recorder: writes a run down in a History, around calls of public APIs.
//
// Example:
//   OpId op = recorder.Invoke(now_ns, writer, Write{.event = {writer, 7}, .stream = stream, .key = key});
//   ... the call ...
//   recorder.Complete(now_ns, op, Outcome::kOk);
//
// Ordering: invocations come in order of time. Outcomes: an answer that never came is kUnknown, also if the call
// returned an error that leaves open whether it took effect; kFailed says that it certainly did not and never will.
// Cost: some tens of nanoseconds an operation; names are interned once, by Name(), and passed as ids.
// Thread safety: thread-compatible; reads no clock.
#ifndef PRAVEGA_SCENARIOS_HISTORY_RECORDER_H_
#define PRAVEGA_SCENARIOS_HISTORY_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "scenarios/history/history.h"

namespace pravega::scenarios {

class Recorder {
 public:
  // Appends to `history`, which outlives the recorder.
  explicit Recorder(History& history);

  NameId Name(std::string_view name) { return history_.Intern(name); }
  TxnRef Txn(TxnId txn) { return history_.Intern(txn); }

  // An operation begins at `now_ns`, not before the last invocation.
  OpId Invoke(int64_t now_ns, NameId process, Details details);
  // It ends; an operation ends once.
  void Complete(int64_t now_ns, OpId op, Outcome outcome);
  // The same, with details that only the answer told.
  void Complete(int64_t now_ns, OpId op, Outcome outcome, Details details);
  // Something that takes no time.
  OpId Note(int64_t now_ns, NameId process, Details details);

  // The operations under way, ascending; those of `process` alone. For whoever makes a fault. Looks at every operation
  // since the oldest one that is under way.
  std::vector<OpId> Pending() const;
  std::vector<OpId> Pending(NameId process) const;
  // A process died: whatever it had under way is unknown from `now_ns` on.
  void Abandon(int64_t now_ns, NameId process);

  const History& history() const { return history_; }

 private:
  Operation& UnderWay(OpId op);
  void SkipCompleted() const;

  History& history_;
  mutable size_t first_pending_;  // no operation before this index is under way
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_RECORDER_H_
