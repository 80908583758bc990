// Order per writer and routing key.
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

// An event at its place, with what is known about when it was written.
struct Stand {
  const Place* place;
  const Attempt* attempt;
};

// Something that began late, for those that follow and ended before.
struct Latest {
  int64_t start_ns = -1;
  const Stand* stand = nullptr;
  void Add(int64_t start, const Stand& s) {
    if (start <= start_ns) return;
    start_ns = start;
    stand = &s;
  }
};

class LineChecker {
 public:
  LineChecker(const Evidence& evidence, Findings& findings)
      : evidence_(evidence), history_(evidence.history()), findings_(findings) {}

  // `line`: the events of one writer and key in the order of their places.
  void Check(const std::vector<Stand>& line) {
    const Stand* before = nullptr;
    const Stand* highest = nullptr;  // of those outside transactions
    std::map<TxnRef, const Stand*> highest_of_txn;
    Latest plain;
    std::map<Epoch, Latest> committed;  // transactions by their epoch
    for (const Stand& stand : line) {
      findings_.Checked();
      if (before != nullptr && before->place->at.stream != stand.place->at.stream) {
        before = nullptr;
        highest = nullptr;
        highest_of_txn.clear();
        plain = Latest();
        committed.clear();
      }
      if (before != nullptr) CheckSegments(*before, stand);
      before = &stand;
      const Operation& write = *stand.attempt->operation;
      TxnRef txn = stand.attempt->write->txn;
      const Stand*& top = txn == TxnRef() ? highest : highest_of_txn[txn];
      if (top != nullptr && stand.place->at.sequence < top->place->at.sequence) {
        Contradiction(*top, stand, "was written later but comes first");
      }
      if (top == nullptr || stand.place->at.sequence > top->place->at.sequence) top = &stand;
      if (txn == TxnRef()) {
        for (const auto& [epoch, latest] : committed) {
          if (LatestEffect(write) < latest.start_ns) {
            Contradiction(*latest.stand, stand, "was committed after the other was acknowledged, but comes first");
          }
        }
        plain.Add(write.invoked_ns, stand);
        continue;
      }
      const TransactionFacts& facts = evidence_.Transaction(txn);
      const Operation* commit = facts.first_commit();
      if (commit == nullptr) continue;  // not to be seen at all: another checker's matter
      if (plain.stand != nullptr && CommittedBy(facts) < plain.start_ns) {
        Contradiction(*plain.stand, stand, "was written after the other was committed, but comes first");
      }
      // A transaction of an older epoch may overtake one of a newer epoch that waits; not the other way round.
      Epoch epoch = history_.Txn(txn).epoch();
      for (auto other = committed.lower_bound(epoch); other != committed.end(); ++other) {
        if (AcceptedBy(facts) < other->second.start_ns) {
          Contradiction(*other->second.stand, stand, "was committed later, but comes first");
        }
      }
      committed[epoch].Add(commit->invoked_ns, stand);
    }
  }

 private:
  // When the first commit was acknowledged.
  static int64_t AcceptedBy(const TransactionFacts& facts) {
    for (const Operation* commit : facts.commits) {
      if (commit->ok()) return commit->completed_ns;
    }
    return kNever;
  }

  // When somebody was told that the events are there, not only that they will be.
  int64_t CommittedBy(const TransactionFacts& facts) {
    if (facts.committed == nullptr) return kNever;
    const TxnStatus* status = facts.committed->As<TxnStatus>();
    if (status != nullptr && history_.Name(status->result) == "COMMITTED") return facts.committed->completed_ns;
    return kNever;
  }

  void CheckSegments(const Stand& a, const Stand& b) {
    if (a.place->segment == b.place->segment) return;
    const SegmentGraph& graph = evidence_.graph();
    if (graph.Precedes(a.place->segment, b.place->segment)) return;
    if (graph[a.place->segment].facts.empty() || graph[b.place->segment].facts.empty()) {
      findings_.Lacks("the history does not say which segments follow each other");
      return;
    }
    findings_.Contradiction({a.place->operation, b.place->operation}, [&] {
      return StrCat("events of one writer and key stand in two segments of which neither follows the other: ",
                    Describe(history_, *a.place->operation), " and ", Describe(history_, *b.place->operation));
    });
  }

  void Contradiction(const Stand& first, const Stand& second, std::string_view why) {
    findings_.Contradiction({first.place->operation, second.place->operation}, [&] {
      return StrCat("of one writer and key, ", Show(history_, first.place->at), " ", why, " before ",
                    Show(history_, second.place->at), ": ", Describe(history_, *first.place->operation), " and ",
                    Describe(history_, *second.place->operation));
    });
  }

  const Evidence& evidence_;
  const History& history_;
  Findings& findings_;
};

}  // namespace

Verdict CheckOrder(const Evidence& evidence) {
  Findings findings("events with a key");
  const History& history = evidence.history();
  // Places come by stream, then by segment in order of creation, then by offset: for one key that is the order of the
  // log.
  std::vector<std::vector<Stand>> lines(evidence.lines());
  for (const Place& place : evidence.places()) {
    if (place.event == Evidence::kUnwritten) continue;
    size_t line = evidence.events()[place.event].line;
    const Attempt* attempt = evidence.OnlyAttempt(place.event);
    if (line != kNoLine && attempt != nullptr) lines[line].push_back(Stand{&place, attempt});
  }
  LineChecker checker(evidence, findings);
  for (const std::vector<Stand>& line : lines) checker.Check(line);

  // Recorded in the order of the log.
  for (const GroupFacts& group : evidence.groups()) {
    std::vector<const RecordFacts*> latest(evidence.lines());  // by line: the record that began last
    for (size_t index : group.by_segment) {
      const RecordFacts& record = group.records[index];
      if (record.durable != Certainty::kYes || record.event == Evidence::kUnwritten) continue;
      size_t line = evidence.events()[record.event].line;
      if (line == kNoLine) continue;
      const RecordFacts*& before = latest[line];
      if (before != nullptr && before->record->at.stream != record.record->at.stream) before = nullptr;
      if (before != nullptr && record.latest_ns < before->earliest_ns && record.event != before->event) {
        findings.Contradiction({record.operation, before->operation}, [&] {
          return StrCat("of one writer and key, ", Show(history, before->record->at), " comes before ",
                        Show(history, record.record->at),
                        " but was recorded later: ", Describe(history, *before->operation), " and ",
                        Describe(history, *record.operation));
        });
      }
      if (before == nullptr || record.earliest_ns > before->earliest_ns) before = &record;
    }
  }
  return findings.Done();
}

}  // namespace pravega::scenarios
