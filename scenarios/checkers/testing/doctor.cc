#include "scenarios/checkers/testing/doctor.h"

#include <algorithm>
#include <utility>

#include "connector/core/check.h"

namespace pravega::scenarios {

Operation& Doctor::At(OpId id) {
  Operation* operation = history_.Find(id);
  CHECK(operation != nullptr);
  return *operation;
}

std::optional<OpId> Doctor::Pick(const std::vector<OpId>& from) {
  if (from.empty()) return std::nullopt;
  return from[static_cast<size_t>(choose_(static_cast<int>(from.size())))];
}

void Doctor::Drop(OpId id) {
  std::erase_if(history_.mutable_operations(), [&](const Operation& operation) { return operation.id == id; });
}

int64_t Doctor::LastTime() const {
  int64_t last = 0;
  for (const Operation& operation : history_.operations()) {
    last = std::max(last, operation.invoked_ns);
    if (operation.outcome != Outcome::kPending) last = std::max(last, operation.completed_ns);
  }
  return last;
}

OpId Doctor::CopyToEnd(OpId id) {
  Operation copy = At(id);
  int64_t lasts = copy.outcome == Outcome::kPending ? 0 : copy.completed_ns - copy.invoked_ns;
  copy.invoked_ns = LastTime() + 1000;
  copy.completed_ns = copy.invoked_ns + lasts;
  copy.id = OpId(history_.operations().back().id.value() + 10);
  history_.mutable_operations().push_back(copy);
  return copy.id;
}

OpId Doctor::MoveToEnd(OpId id) {
  OpId moved = CopyToEnd(id);
  Drop(id);
  return moved;
}

OpId Doctor::InsertBehind(OpId id, NameId process, Details details) {
  std::vector<Operation>& operations = history_.mutable_operations();
  auto at = std::find_if(operations.begin(), operations.end(), [&](const Operation& o) { return o.id == id; });
  CHECK(at != operations.end());
  int64_t when = at->outcome == Outcome::kPending ? at->invoked_ns : at->completed_ns;
  auto next = at + 1;
  // Behind everything that began before it.
  while (next != operations.end() && next->invoked_ns <= when) ++next;
  OpId new_id((next - 1)->id.value() + 1);
  CHECK(next == operations.end() || new_id < next->id);
  operations.insert(next, Operation{new_id, process, when, when, Outcome::kOk, std::move(details)});
  return new_id;
}

OpId Doctor::Append(NameId process, Details details) {
  int64_t when = LastTime() + 1000;
  OpId id(history_.operations().back().id.value() + 10);
  history_.mutable_operations().push_back(Operation{id, process, when, when, Outcome::kOk, std::move(details)});
  return id;
}

void Doctor::ForSightings(const std::function<void(Sighting&)>& change) {
  for (Operation& operation : history_.mutable_operations()) {
    if (Read* read = std::get_if<Read>(&operation.details)) change(read->at);
    if (Record* record = std::get_if<Record>(&operation.details)) change(record->at);
    if (Recovered* recovered = std::get_if<Recovered>(&operation.details)) {
      std::for_each(recovered->events.begin(), recovered->events.end(), change);
    }
    if (ReadBack* read_back = std::get_if<ReadBack>(&operation.details)) {
      std::for_each(read_back->events.begin(), read_back->events.end(), change);
    }
  }
}

void Doctor::Exchange(Event a, Event b) {
  ForSightings([&](Sighting& at) {
    Event event = at.event();
    if (event == a) {
      event = b;
    } else if (event == b) {
      event = a;
    }
    at = MakeSighting(at.segment(), at.offset, at.size, event);
  });
}

std::optional<OpId> Doctor::WriteOf(Event event) const {
  return First<Write>([&](const Operation&, const Write& write) { return write.event == event; });
}

std::optional<OpId> Doctor::RecordOf(Event event) const {
  std::vector<OpId> records =
      All<Record>([&](const Operation&, const Record& record) { return record.at.event() == event; });
  if (records.size() != 1 || !history_.Find(records[0])->ok()) return std::nullopt;
  return records[0];
}

std::optional<OpId> Doctor::ReadOf(Event event) const {
  return First<Read>([&](const Operation&, const Read& read) { return read.at.event() == event; });
}

std::optional<OpId> Doctor::CommitOf(TxnRef txn) const {
  return First<TxnCommit>(
      [&](const Operation& operation, const TxnCommit& commit) { return operation.ok() && commit.txn == txn; });
}

bool Doctor::Committed(TxnRef txn) const { return txn != TxnRef() && CommitOf(txn).has_value(); }

bool Doctor::Died(NameId reader) const {
  return First<Recovered>([&](const Operation&, const Recovered& recovered) { return recovered.reader == reader; })
      .has_value();
}

bool Doctor::CameBackAfter(NameId reader, int64_t when_ns) const {
  return std::any_of(history_.operations().begin(), history_.operations().end(), [&](const Operation& operation) {
    bool call = operation.As<Read>() != nullptr || operation.As<ReadCheckpoint>() != nullptr ||
                operation.As<ReadEnd>() != nullptr;
    return call && operation.process == reader && operation.ok() && operation.invoked_ns > when_ns;
  });
}

bool Doctor::Plain(Event event) const {
  std::optional<OpId> write = WriteOf(event);
  std::optional<OpId> record = RecordOf(event);
  if (!write || !record) return false;
  const Operation& operation = *history_.Find(*write);
  return operation.ok() && operation.As<Write>()->txn == TxnRef() && !Died(history_.Find(*record)->process);
}

std::vector<Event> Doctor::PlainEvents() const {
  // Once over the history, as there are many.
  std::map<Event, int> records;
  std::map<Event, NameId> readers;
  for (const Operation& operation : history_.operations()) {
    const Record* record = operation.As<Record>();
    if (record == nullptr) continue;
    records[record->at.event()] += operation.ok() ? 1 : 2;
    readers[record->at.event()] = operation.process;
  }
  std::vector<Event> events;
  for (const Operation& operation : history_.operations()) {
    const Write* write = operation.As<Write>();
    if (write == nullptr || !operation.ok() || write->txn != TxnRef()) continue;
    auto count = records.find(write->event);
    if (count != records.end() && count->second == 1 && !Died(readers[write->event])) events.push_back(write->event);
  }
  return events;
}

std::optional<Event> Doctor::PickPlain(const std::function<bool(Event)>& accept) {
  std::vector<Event> events = PlainEvents();
  if (events.empty()) return std::nullopt;
  // From a random one on, so that few need to be looked at.
  size_t from = static_cast<size_t>(choose_(static_cast<int>(events.size())));
  for (size_t i = 0; i < events.size(); ++i) {
    Event event = events[(from + i) % events.size()];
    if (!accept || accept(event)) return event;
  }
  return std::nullopt;
}

std::optional<OpId> Doctor::TheDrain() const {
  return First<Drain>([](const Operation& operation, const Drain&) { return operation.ok(); });
}

Sighting Doctor::PlaceOf(Event event) const {
  std::optional<OpId> record = RecordOf(event);
  CHECK(record.has_value());
  return history_.Find(*record)->As<Record>()->at;
}

NameId Doctor::KeyOf(Event event) const {
  std::optional<OpId> write = WriteOf(event);
  CHECK(write.has_value());
  return history_.Find(*write)->As<Write>()->key;
}

}  // namespace pravega::scenarios
