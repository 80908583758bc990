#include "scenarios/history/recorder.h"

#include <utility>

#include "connector/core/check.h"

namespace pravega::scenarios {

Recorder::Recorder(History& history) : history_(history), first_pending_(0) {}

OpId Recorder::Invoke(int64_t now_ns, NameId process, Details details) {
  std::vector<Operation>& operations = history_.mutable_operations();
  OpId id(1);
  if (!operations.empty()) {
    CHECK_MSG(now_ns >= operations.back().invoked_ns, "invocations come in order of time");
    id = OpId(operations.back().id.value() + 1);
  }
  operations.push_back(Operation{id, process, now_ns, 0, Outcome::kPending, std::move(details)});
  return id;
}

Operation& Recorder::UnderWay(OpId op) {
  Operation* operation = history_.Find(op);
  CHECK_MSG(operation != nullptr, "there is no such operation");
  CHECK_MSG(operation->outcome == Outcome::kPending, "an operation ends once");
  return *operation;
}

void Recorder::Complete(int64_t now_ns, OpId op, Outcome outcome) {
  Operation& operation = UnderWay(op);
  CHECK(outcome != Outcome::kPending);
  CHECK(now_ns >= operation.invoked_ns);
  operation.completed_ns = now_ns;
  operation.outcome = outcome;
}

void Recorder::Complete(int64_t now_ns, OpId op, Outcome outcome, Details details) {
  UnderWay(op).details = std::move(details);
  Complete(now_ns, op, outcome);
}

OpId Recorder::Note(int64_t now_ns, NameId process, Details details) {
  OpId op = Invoke(now_ns, process, std::move(details));
  Complete(now_ns, op, Outcome::kOk);
  return op;
}

void Recorder::SkipCompleted() const {
  const std::vector<Operation>& operations = history_.operations();
  while (first_pending_ < operations.size() && operations[first_pending_].outcome != Outcome::kPending)
    ++first_pending_;
}

std::vector<OpId> Recorder::Pending() const {
  SkipCompleted();
  std::vector<OpId> pending;
  const std::vector<Operation>& operations = history_.operations();
  for (size_t i = first_pending_; i < operations.size(); ++i) {
    if (operations[i].outcome == Outcome::kPending) pending.push_back(operations[i].id);
  }
  return pending;
}

std::vector<OpId> Recorder::Pending(NameId process) const {
  std::vector<OpId> pending = Pending();
  std::erase_if(pending, [&](OpId op) { return history_.Find(op)->process != process; });
  return pending;
}

void Recorder::Abandon(int64_t now_ns, NameId process) {
  for (OpId op : Pending(process)) Complete(now_ns, op, Outcome::kUnknown);
}

}  // namespace pravega::scenarios
