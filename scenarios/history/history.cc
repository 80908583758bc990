#include "scenarios/history/history.h"

#include <algorithm>

#include "connector/core/check.h"

namespace pravega::scenarios {

NameId History::Intern(std::string_view name) {
  auto found = name_ids_.find(name);
  if (found != name_ids_.end()) return found->second;
  names_.emplace_back(name);
  NameId id(static_cast<int32_t>(names_.size()));
  name_ids_.emplace(names_.back(), id);
  return id;
}

std::optional<NameId> History::FindName(std::string_view name) const {
  auto found = name_ids_.find(name);
  if (found == name_ids_.end()) return std::nullopt;
  return found->second;
}

std::string_view History::Name(NameId id) const {
  if (id == NameId()) return "";
  CHECK(id.value() > 0);
  CHECK(static_cast<size_t>(id.value()) <= names_.size());
  return names_[static_cast<size_t>(id.value()) - 1];
}

TxnRef History::Intern(TxnId txn) {
  TxnRef next(static_cast<int32_t>(transactions_.size()) + 1);
  auto [entry, inserted] = transaction_refs_.emplace(txn, next);
  if (inserted) transactions_.push_back(txn);
  return entry->second;
}

TxnId History::Txn(TxnRef ref) const {
  CHECK(ref.value() > 0);
  CHECK(static_cast<size_t>(ref.value()) <= transactions_.size());
  return transactions_[static_cast<size_t>(ref.value()) - 1];
}

const Operation* History::Find(OpId id) const {
  // Nearly every history is dense.
  size_t guess = static_cast<size_t>(id.value()) - 1;
  if (id.value() > 0 && guess < operations_.size() && operations_[guess].id == id) return &operations_[guess];
  auto found = std::lower_bound(operations_.begin(), operations_.end(), id,
                                [](const Operation& operation, OpId wanted) { return operation.id < wanted; });
  return found != operations_.end() && found->id == id ? &*found : nullptr;
}

Operation* History::Find(OpId id) { return const_cast<Operation*>(static_cast<const History*>(this)->Find(id)); }

}  // namespace pravega::scenarios
