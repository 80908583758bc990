// Transactions and their leases.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

// The transaction from which alone a sighting of the event can come, whatever became of it; none if there are several.
TxnRef OnlyTransaction(const Evidence& evidence, size_t e) {
  const EventFacts& event = evidence.events()[e];
  TxnRef txn = evidence.attempts()[event.first_attempt].write->txn;
  for (size_t i = event.first_attempt; i < event.end_attempt; ++i) {
    if (evidence.attempts()[i].write->txn != txn) return TxnRef();
  }
  return txn;
}

class TransactionChecker {
 public:
  explicit TransactionChecker(const Evidence& evidence)
      : evidence_(evidence), history_(evidence.history()), findings_("transactions"), only_(evidence.events().size()) {
    for (size_t e = 0; e < only_.size(); ++e) only_[e] = OnlyTransaction(evidence, e);
  }

  Verdict Check() {
    for (const TransactionFacts& facts : evidence_.transactions()) {
      findings_.Checked();
      CheckAnswers(facts);
    }
    for (const Seen& seen : evidence_.seen()) {
      if (seen.event != Evidence::kUnwritten && only_[seen.event] != TxnRef()) CheckVisible(seen);
    }
    CheckTogether();
    for (const GroupFacts& group : evidence_.groups()) CheckAllOrNothing(group);
    return findings_.Done();
  }

 private:
  // What is said about a transaction agrees.
  void CheckAnswers(const TransactionFacts& facts) {
    if (facts.committed != nullptr && facts.aborted != nullptr) {
      findings_.Contradiction({facts.committed, facts.aborted}, [&] {
        return StrCat("one answer says that the transaction is committed, one that it is aborted: ",
                      Describe(history_, *facts.committed), " and ", Describe(history_, *facts.aborted));
      });
    }
    if (facts.committed == nullptr) return;
    const Operation* commit = facts.first_commit();
    if (commit == nullptr) {
      findings_.Contradiction({facts.committed}, [&] {
        return StrCat("nobody committed the transaction, yet ", Describe(history_, *facts.committed));
      });
    } else if (facts.committed->completed_ns < commit->invoked_ns) {
      findings_.Contradiction({facts.committed, commit}, [&] {
        return StrCat("the transaction was committed before anybody asked for it: ",
                      Describe(history_, *facts.committed), " and ", Describe(history_, *commit));
      });
    }
  }

  // Whoever sees an event of a transaction sees it after its commit began, and not if it never is committed.
  void CheckVisible(const Seen& seen) {
    const TransactionFacts& facts = evidence_.Transaction(only_[seen.event]);
    const Operation& write = *evidence_.attempts()[evidence_.events()[seen.event].first_attempt].operation;
    const Operation* commit = facts.first_commit();
    if (facts.aborted != nullptr && facts.committed == nullptr) {
      findings_.Contradiction({&write, facts.aborted, seen.operation}, [&] {
        return StrCat("the transaction is not committed, as ", Describe(history_, *facts.aborted),
                      " says, but its event of ", Describe(history_, write), " is visible to ",
                      Describe(history_, *seen.operation));
      });
    } else if (commit == nullptr) {
      findings_.Contradiction({&write, seen.operation}, [&] {
        return StrCat("nobody committed the transaction of ", Describe(history_, write),
                      ", but its event is visible to ", Describe(history_, *seen.operation));
      });
    } else if (seen.operation->outcome != Outcome::kPending && seen.operation->completed_ns < commit->invoked_ns) {
      findings_.Contradiction({&write, commit, seen.operation}, [&] {
        return StrCat("the event of ", Describe(history_, write), " is visible to ",
                      Describe(history_, *seen.operation), " before the commit began: ", Describe(history_, *commit));
      });
    }
  }

  // In each segment, nothing stands between two events of a transaction.
  void CheckTogether() {
    struct Last {
      size_t segment = std::numeric_limits<size_t>::max();
      size_t place = 0;
    };
    std::vector<Last> last(evidence_.transactions().size() + 1);
    for (size_t i = 0; i < evidence_.places().size(); ++i) {
      const Place& place = evidence_.places()[i];
      if (place.event == Evidence::kUnwritten || only_[place.event] == TxnRef()) continue;
      Last& before = last[static_cast<size_t>(only_[place.event].value())];
      if (before.segment == place.segment && before.place + 1 != i) {
        const Place& first = evidence_.places()[before.place];
        const Place& stranger = evidence_.places()[before.place + 1];
        findings_.Contradiction({first.operation, stranger.operation, place.operation}, [&] {
          return StrCat("between ", Show(history_, first.at), " and ", Show(history_, place.at),
                        " of one transaction stands ", Show(history_, stranger.at), ": ",
                        Describe(history_, *first.operation), ", ", Describe(history_, *stranger.operation), ", ",
                        Describe(history_, *place.operation));
        });
      }
      before = Last{place.segment, i};
    }
  }

  // If one event of a transaction is visible, all that were acknowledged are.
  void CheckAllOrNothing(const GroupFacts& group) {
    std::vector<bool> recorded(evidence_.events().size());  // or may be
    std::vector<const RecordFacts*> visible(evidence_.transactions().size() + 1);
    std::vector<const RecordFacts*> certain(evidence_.events().size());
    for (const RecordFacts& record : group.records) {
      if (record.event == Evidence::kUnwritten || record.durable == Certainty::kNo) continue;
      recorded[record.event] = true;
      TxnRef txn = only_[record.event];
      if (txn == TxnRef() || record.durable != Certainty::kYes) continue;
      certain[record.event] = &record;
      const RecordFacts*& one = visible[static_cast<size_t>(txn.value())];
      if (one == nullptr) one = &record;
    }
    for (const TransactionFacts& facts : evidence_.transactions()) {
      const RecordFacts* one = visible[static_cast<size_t>(facts.txn.value())];
      if (one == nullptr) continue;
      for (const Operation* operation : facts.writes) {
        const Operation& write = *operation;
        size_t e = evidence_.FindEvent(write.As<Write>()->event);
        if (!write.ok() || only_[e] != facts.txn || recorded[e]) continue;
        if (!group.whole || evidence_.Truncated(write.As<Write>()->stream)) {
          findings_.Lacks("an event of a transaction is missing, and the group does not read everything");
          continue;
        }
        const RecordFacts* later = LaterOfLine(facts, e, certain);
        // The drain waits for what was committed before: as an answer said, or as the event shows.
        int64_t committed_ns = facts.committed == nullptr ? kNever : facts.committed->completed_ns;
        bool due = group.drained != nullptr && std::min(committed_ns, one->latest_ns) <= group.drained->invoked_ns;
        if (!due && later == nullptr) {
          findings_.Lacks("a transaction is visible in part, and no drain says that all of it could be read");
          continue;
        }
        const RecordFacts& shown = later == nullptr ? *one : *later;
        findings_.Contradiction({&write, shown.operation, due ? group.drained : nullptr}, [&] {
          return StrCat("of one transaction, the event of ", Describe(history_, write),
                        " is missing, but another is visible: ", Describe(history_, *shown.operation),
                        due ? StrCat("; ", Describe(history_, *group.drained), " gave the group the time") : "");
        });
      }
    }
  }

  // A record of the same transaction, writer and key behind event `e`, if any.
  const RecordFacts* LaterOfLine(const TransactionFacts& facts, size_t e,
                                 const std::vector<const RecordFacts*>& records) {
    size_t line = evidence_.events()[e].line;
    if (line == kNoLine) return nullptr;
    for (const Operation* write : facts.writes) {
      size_t other = evidence_.FindEvent(write->As<Write>()->event);
      if (other > e && evidence_.events()[other].line == line && records[other] != nullptr) return records[other];
    }
    return nullptr;
  }

  const Evidence& evidence_;
  const History& history_;
  Findings findings_;
  std::vector<TxnRef> only_;  // by event
};

}  // namespace

Verdict CheckTransactions(const Evidence& evidence) { return TransactionChecker(evidence).Check(); }

Verdict CheckLease(const Evidence& evidence) {
  Findings findings("commits");
  const History& history = evidence.history();
  const int64_t skew = history.parameters().clock_skew_ns;
  for (const TransactionFacts& facts : evidence.transactions()) {
    const Operation* commit = facts.first_commit();
    if (facts.committed == nullptr || facts.aborted != nullptr || commit == nullptr) continue;
    const bool began =
        std::any_of(facts.renewals.begin(), facts.renewals.end(), [](const Operation* r) { return r->ok(); });
    if (!began) {
      findings.Lacks("a transaction is committed whose beginning is not in the history");
      continue;
    }
    const Operation* last = nullptr;  // the acknowledged renewal that holds longest
    int64_t known_until = -1;         // how long it holds at the latest
    // A renewal whose answer was lost may be handled as late as the lease lives, however late that is told, and
    // prolongs it from then on. Several of them may do so one after the other.
    int64_t unknown = 0;
    const Operation* revived = nullptr;  // the first renewal of what had ended ...
    const Operation* ended = nullptr;    // ... after this one
    int64_t ended_ns = -1;
    for (const Operation* renewal : facts.renewals) {
      if (renewal->invoked_ns > facts.committed->completed_ns) continue;
      const TxnBegin* begin = renewal->As<TxnBegin>();
      const int64_t lease_ms = begin != nullptr ? begin->lease_ms : renewal->As<TxnPing>()->lease_ms;
      const int64_t lasts = lease_ms * 1'000'000 + skew;
      const int64_t until = known_until + unknown;
      const bool too_late = last != nullptr && renewal->invoked_ns > until;
      if (!renewal->ok()) {
        if (!too_late) unknown = std::min(unknown, kNever / 4) + std::min(lasts, kNever / 4);
        continue;
      }
      // What has ended cannot be renewed. Renewals are in order of invocation; one behind the commit does not matter to
      // it.
      if (revived == nullptr && too_late && renewal->invoked_ns < commit->invoked_ns) {
        revived = renewal;
        ended = last;
        ended_ns = until;
      }
      const int64_t expires = std::min(renewal->completed_ns + lasts, kNever / 2);
      if (expires > known_until) {
        known_until = expires;
        last = renewal;
      }
    }
    if (last == nullptr) {
      findings.Lacks("a transaction is committed whose beginning is not in the history");
      continue;
    }
    const int64_t until = known_until + unknown;
    // Only a lost answer may excuse it: that shows nothing.
    if (revived == nullptr && known_until < commit->invoked_ns && until >= commit->invoked_ns) continue;
    findings.Checked();
    if (until >= commit->invoked_ns) {
      if (revived == nullptr) continue;
      findings.Contradiction({ended, revived, commit}, [&] {
        return StrCat("the lease ended at ", ShowTime(ended_ns), " at the latest, after ", Describe(history, *ended),
                      ", but it was renewed by ", Describe(history, *revived), " and the transaction was committed by ",
                      Describe(history, *commit));
      });
      continue;
    }
    findings.Contradiction({last, commit, facts.committed}, [&] {
      return StrCat("the lease ended at ", ShowTime(until), " at the latest, after ", Describe(history, *last),
                    ", but the transaction was committed by ", Describe(history, *commit),
                    facts.committed == commit ? "" : StrCat(", as ", Describe(history, *facts.committed), " says"));
    });
  }
  return findings.Done();
}

}  // namespace pravega::scenarios
