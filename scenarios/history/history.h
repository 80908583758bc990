// History: all operations of a run in order of invocation, with the names that they use and the parameters that
// checkers need. Grows only through a Recorder (recorder.h) or the file reader (history_file.h). Thread-compatible.
#ifndef PRAVEGA_SCENARIOS_HISTORY_HISTORY_H_
#define PRAVEGA_SCENARIOS_HISTORY_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/core/ids.h"
#include "scenarios/history/operation.h"

namespace pravega::scenarios {

struct RunParameters {
  // How much longer than asked for a lease may last on the history's clock: differences of rate between the clocks of
  // the nodes over the longest lease, plus whatever an implementation is allowed. Nanoseconds.
  int64_t clock_skew_ns = 0;
  // For people: scenario, seed, version, ...
  std::map<std::string, std::string> facts;
  friend bool operator==(const RunParameters&, const RunParameters&) = default;
};

class History {
 public:
  RunParameters& parameters() { return parameters_; }
  const RunParameters& parameters() const { return parameters_; }

  // The id of a string, the same for the same string. Costs a lookup; those who record often keep the id.
  NameId Intern(std::string_view name);
  // The id of a string that somebody interned.
  std::optional<NameId> FindName(std::string_view name) const;
  // The string; empty for "none".
  std::string_view Name(NameId id) const;
  size_t names() const { return names_.size(); }

  TxnRef Intern(TxnId txn);
  // CHECKs that it is one of this history.
  TxnId Txn(TxnRef ref) const;
  size_t transactions() const { return transactions_.size(); }

  const std::vector<Operation>& operations() const { return operations_; }
  // For recorders and for those who doctor histories; ids must keep ascending.
  std::vector<Operation>& mutable_operations() { return operations_; }
  // nullptr if there is none.
  const Operation* Find(OpId id) const;
  Operation* Find(OpId id);

  friend bool operator==(const History&, const History&) = default;

 private:
  // Names have long common beginnings: comparing lengths first decides most comparisons without a look at them.
  struct ShorterFirst {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
  };

  RunParameters parameters_;
  std::vector<std::string> names_;  // NameId n is at n - 1
  std::map<std::string, NameId, ShorterFirst> name_ids_;
  std::vector<TxnId> transactions_;
  std::map<TxnId, TxnRef> transaction_refs_;
  std::vector<Operation> operations_;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_HISTORY_H_
