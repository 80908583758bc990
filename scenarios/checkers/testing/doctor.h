// Tools to doctor a history. Private to this package.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_TESTING_DOCTOR_H_
#define PRAVEGA_SCENARIOS_CHECKERS_TESTING_DOCTOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "scenarios/checkers/testing/mutations.h"
#include "scenarios/history/history.h"

namespace pravega::scenarios {

class Doctor {
 public:
  Doctor(History& history, const Chooser& choose) : history_(history), choose_(choose) {}

  History& history() { return history_; }
  Operation& At(OpId id);
  template <typename T>
  T& Get(OpId id) {
    return std::get<T>(At(id).details);
  }
  SegmentFacts& Facts(OpId id) { return *std::get<Box<SegmentFacts>>(At(id).details); }

  // Operations of a kind that a predicate accepts.
  template <typename T>
  std::vector<OpId> All(const std::function<bool(const Operation&, const T&)>& accept = nullptr) const {
    std::vector<OpId> found;
    for (const Operation& operation : history_.operations()) {
      const T* details = operation.As<T>();
      if (details != nullptr && (!accept || accept(operation, *details))) found.push_back(operation.id);
    }
    return found;
  }
  template <typename T>
  std::optional<OpId> First(const std::function<bool(const Operation&, const T&)>& accept) const {
    std::vector<OpId> found = All<T>(accept);
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
  // One of them.
  std::optional<OpId> Pick(const std::vector<OpId>& from);
  template <typename T>
  std::optional<OpId> PickOne(const std::function<bool(const Operation&, const T&)>& accept = nullptr) {
    return Pick(All<T>(accept));
  }

  void Drop(OpId id);
  // Drops every operation of the kind that the predicate accepts; whether there was one.
  template <typename T>
  bool DropAll(const std::function<bool(const Operation&, const T&)>& accept = nullptr) {
    std::vector<OpId> found = All<T>(accept);
    for (OpId id : found) Drop(id);
    return !found.empty();
  }
  // A copy as the last operation, after everything else; it lasts as long as it did.
  OpId CopyToEnd(OpId id);
  OpId MoveToEnd(OpId id);
  // Something that takes no time, right behind `id` (in the order of invocation, at its time of invocation).
  OpId InsertBehind(OpId id, NameId process, Details details);
  OpId Append(NameId process, Details details);
  int64_t LastTime() const;

  // Applies `change` to every sighting of the history: reads, records, recoveries and read-backs.
  void ForSightings(const std::function<void(Sighting&)>& change);
  // Exchanges two events wherever they were seen.
  void Exchange(Event a, Event b);

  // What is known of events.
  std::optional<OpId> WriteOf(Event event) const;
  // The only record of an event, if it has one that is ok.
  std::optional<OpId> RecordOf(Event event) const;
  std::optional<OpId> ReadOf(Event event) const;
  // The outcome by which the transaction is committed and never anything else.
  std::optional<OpId> CommitOf(TxnRef txn) const;
  bool Committed(TxnRef txn) const;
  // Outside transactions, acknowledged, recorded once and ok, by a reader that never died.
  bool Plain(Event event) const;
  std::vector<Event> PlainEvents() const;
  std::optional<Event> PickPlain(const std::function<bool(Event)>& accept = nullptr);
  std::optional<OpId> TheDrain() const;
  bool Died(NameId reader) const;
  // Whether the reader came back from a call that began after `when_ns`: then all that it did until then is written
  // down.
  bool CameBackAfter(NameId reader, int64_t when_ns) const;
  Sighting PlaceOf(Event event) const;  // of an event that is recorded
  NameId KeyOf(Event event) const;

 private:
  History& history_;
  const Chooser& choose_;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_TESTING_DOCTOR_H_
