#include "scenarios/history/describe.h"

#include <string_view>
#include <variant>

#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

class Words {
 public:
  explicit Words(const History& history) : history_(history) {}

  std::string operator()(const Write& d) {
    std::string words = StrCat("writes ", Show(history_, d.event));
    if (d.key != NameId()) words += StrCat(" with key ", Name(d.key));
    words += StrCat(" to ", Name(d.stream));
    if (d.txn != TxnRef()) words += StrCat(" in ", Txn(d.txn));
    return words;
  }
  std::string operator()(const TxnBegin& d) {
    return StrCat("begins ", Txn(d.txn), " on ", Name(d.stream), " with a lease of ", d.lease_ms, " ms");
  }
  std::string operator()(const TxnPing& d) {
    return StrCat("pings ", Txn(d.txn), " for ", d.lease_ms, " ms", Answer(d.result));
  }
  std::string operator()(const TxnCommit& d) { return StrCat("commits ", Txn(d.txn), Answer(d.result)); }
  std::string operator()(const TxnAbort& d) { return StrCat("aborts ", Txn(d.txn), Answer(d.result)); }
  std::string operator()(const TxnStatus& d) { return StrCat("asks for the state of ", Txn(d.txn), Answer(d.result)); }
  std::string operator()(const Reading&) { return "waits for the next event"; }
  std::string operator()(const Read& d) { return StrCat("is handed ", Show(history_, d.at)); }
  std::string operator()(const ReadCheckpoint& d) { return StrCat("is handed checkpoint ", Name(d.checkpoint)); }
  std::string operator()(const ReadEnd&) { return "is told that there is nothing more"; }
  std::string operator()(const Record& d) { return StrCat("records ", Show(history_, d.at)); }
  std::string operator()(const Recovered& d) {
    return StrCat("finds ", d.events.size(), " events in the record of ", Name(d.reader));
  }
  std::string operator()(const ReaderOnline& d) {
    return StrCat("adds reader ", Name(d.reader), " to ", Name(d.group));
  }
  std::string operator()(const ReaderOffline& d) {
    return StrCat("declares ", Name(d.reader), " offline at ", Show(history_, d.position));
  }
  std::string operator()(const Acquire& d) {
    return StrCat("acquires ", Show(history_, d.segment), " at ", d.offset.value());
  }
  std::string operator()(const Release& d) {
    return StrCat("releases ", Show(history_, d.segment), " at ", d.offset.value());
  }
  std::string operator()(const SegmentCompleted& d) { return StrCat("completes ", Show(history_, d.segment)); }
  std::string operator()(const GroupCreate& d) {
    std::string words = StrCat("creates group ", Name(d.group));
    for (size_t i = 0; i < d.streams.size(); ++i) words += StrCat(i == 0 ? " of " : ", ", Name(d.streams[i]));
    if (!d.start.empty()) words += " from " + Show(history_, d.start);
    if (!d.end.empty()) words += " to " + Show(history_, d.end);
    return words;
  }
  std::string operator()(const Checkpoint& d) {
    std::string words = StrCat("takes checkpoint ", Name(d.checkpoint), " of ", Name(d.group));
    if (!d.cut.empty()) words += " with cut " + Show(history_, d.cut);
    return words;
  }
  std::string operator()(const CheckpointReport& d) {
    return StrCat("reports checkpoint ", Name(d.checkpoint), " at ", Show(history_, d.position));
  }
  std::string operator()(const ReadBack& d) {
    return StrCat("reads back ", d.events.size(), " events behind checkpoint ", Name(d.checkpoint));
  }
  std::string operator()(const Drain& d) { return StrCat("waits until ", Name(d.group), " has recorded everything"); }
  std::string operator()(const SegmentFacts& d) {
    return StrCat("finds ", Show(history_, d.segment), d.sealed ? " sealed" : "", " with length ", d.length.value());
  }
  std::string operator()(const StreamCreate& d) {
    return StrCat("creates stream ", Name(d.stream), " with ", d.segments, " segments");
  }
  std::string operator()(const StreamScale& d) {
    return StrCat("scales ", Name(d.stream), " from ", d.sealed.size(), " to ", d.ranges.size(), " segments");
  }
  std::string operator()(const StreamSeal& d) { return StrCat("seals ", Name(d.stream)); }
  std::string operator()(const StreamTruncate& d) {
    return StrCat("truncates ", Name(d.stream), " at ", Show(history_, d.cut));
  }
  std::string operator()(const Call& d) {
    std::string words = StrCat("calls ", Name(d.method));
    if (d.subject != NameId()) words += StrCat(" on ", Name(d.subject));
    return words;
  }
  std::string operator()(const FaultStrike& d) {
    std::string words = StrCat("fault ", Name(d.fault), " strikes");
    if (d.target != NameId()) words += StrCat(" ", Name(d.target));
    if (d.phase != NameId()) words += StrCat(", ", Name(d.phase));
    return words;
  }
  std::string operator()(const NodeChange& d) { return StrCat(Name(d.change), " of ", Name(d.node)); }
  template <typename T>
  std::string operator()(const Box<T>& box) {
    return (*this)(*box);
  }

 private:
  std::string_view Name(NameId name) const { return history_.Name(name); }
  std::string Txn(TxnRef txn) const {
    return txn == TxnRef() ? std::string("a transaction") : "transaction " + history_.Txn(txn).uuid.ToString();
  }
  std::string Answer(NameId result) const { return result == NameId() ? "" : StrCat(": ", Name(result)); }

  const History& history_;
};

std::string Ending(const Operation& operation) {
  std::string from = ShowTime(operation.invoked_ns);
  switch (operation.outcome) {
    case Outcome::kPending:
      return StrCat("pending since ", from);
    case Outcome::kOk:
      if (operation.completed_ns == operation.invoked_ns) return StrCat("at ", from);
      return StrCat("ok, ", from, " to ", ShowTime(operation.completed_ns));
    case Outcome::kFailed:
      return StrCat("failed, ", from, " to ", ShowTime(operation.completed_ns));
    case Outcome::kUnknown:
      return StrCat("unknown, ", from, " to ", ShowTime(operation.completed_ns));
  }
  return from;
}

}  // namespace

std::string DescribeAction(const History& history, const Operation& operation) {
  Words words(history);
  return StrCat(history.Name(operation.process), " ", std::visit(words, operation.details));
}

std::string Describe(const History& history, const Operation& operation) {
  return StrCat("operation ", operation.id.value(), " (", DescribeAction(history, operation), "; ", Ending(operation),
                ")");
}

std::string Show(const History& history, Event event) {
  return StrCat(history.Name(event.writer), "/", event.sequence);
}

std::string Show(const History& history, Segment segment) {
  return StrCat(history.Name(segment.stream), "/", segment.id.number(), ".#epoch.", segment.id.epoch().value());
}

std::string Show(const History& history, const Sighting& at) {
  return StrCat(Show(history, at.event()), " at ", Show(history, at.segment()), " ", at.offset.value(), "..",
                at.end().value());
}

std::string Show(const History& history, const Cut& cut) {
  constexpr size_t kMost = 12;
  std::string words = "{";
  for (size_t i = 0; i < cut.size() && i < kMost; ++i) {
    if (i > 0) words += ", ";
    words += Show(history, cut[i].segment);
    words += cut[i].finished ? std::string(": finished") : StrCat(": ", cut[i].offset.value());
  }
  if (cut.size() > kMost) words += StrCat(", and ", cut.size() - kMost, " more");
  return words + "}";
}

std::string ShowTime(int64_t ns) {
  std::string micros = std::to_string(ns / 1000 % 1'000'000);
  return StrCat(ns / 1'000'000'000, ".", std::string(6 - micros.size(), '0'), micros, "s");
}

}  // namespace pravega::scenarios
