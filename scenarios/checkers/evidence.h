// Evidence: a history arranged as checkers need it: operations by kind, events with all their attempts and sightings,
// the graph of segments, transactions with their fate, groups with their records. Built once, shared by all checkers;
// immutable afterwards. Refers to the history, which outlives it.
//
// What may be concluded from what: an operation took effect at one instant between its invocation and its completion,
// or, if its answer is unknown, at any time after its invocation or never. Processes do one thing after the other, so
// operations of one process are ordered by id, but for what happens inside another call of the same process (a reader
// acquires a segment while it waits for an event); across processes only times count, and equal times order nothing.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_EVIDENCE_H_
#define PRAVEGA_SCENARIOS_CHECKERS_EVIDENCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "scenarios/checkers/segment_graph.h"
#include "scenarios/history/history.h"

namespace pravega::scenarios {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// What a reader does in its group happens inside the call in which it waits for the next event, and may be written down
// only when it is known to have worked: then it took effect at some time since that call began, and what a dead reader
// did in its last call may not be written down at all.

// The latest instant at which it took effect, if it did.
inline int64_t LatestEffect(const Operation& operation) { return operation.ok() ? operation.completed_ns : kNever; }

enum class Certainty : uint8_t { kNo, kMaybe, kYes };

// What became of a transaction, as far as anybody was told.
struct TransactionFacts {
  TxnRef txn;
  const Operation* begin = nullptr;        // the first that is not failed
  std::vector<const Operation*> renewals;  // begins and pings, not failed
  std::vector<const Operation*> commits;   // all, also failed ones
  std::vector<const Operation*> writes;
  const Operation* committed = nullptr;  // the first answer that says that it is or will be committed
  const Operation* aborted = nullptr;    // the first answer that says that it never will be
  // The first commit that may have been accepted.
  const Operation* first_commit() const;
  // Whether its events are visible in the end.
  Certainty fate() const;
};

// One attempt to write an event.
struct Attempt {
  const Operation* operation = nullptr;
  const Write* write = nullptr;
  Certainty took_effect = Certainty::kMaybe;
};

// Events of one writer with one routing key in one stream: the events whose order is promised.
inline constexpr size_t kNoLine = std::numeric_limits<size_t>::max();

struct EventFacts {
  Event event;
  size_t line = kNoLine;     // which writer, key and stream; kNoLine without a key, or if attempts differ in it
  size_t first_attempt = 0;  // into Evidence::attempts
  size_t end_attempt = 0;
  int must = 0;  // attempts that certainly took effect
  int may = 0;   // attempts that took effect or may have
};

// A place in a segment at which some event was seen by a reader, a record or a read-back.
struct Seen {
  size_t segment = 0;  // in the graph
  Sighting at;
  size_t event = 0;  // into Evidence::events, or Evidence::kUnwritten
  const Operation* operation = nullptr;
};

// A place that one event or more were seen at, and where that was seen: a record if there is one, else a read, else a
// read-back.
using Place = Seen;

struct RecordFacts {
  const Operation* operation = nullptr;
  const Record* record = nullptr;
  size_t segment = 0;
  size_t event = 0;
  Certainty durable = Certainty::kMaybe;
  const Operation* recovery = nullptr;  // the look at the dead reader's record that decided it
  // The instants between which it became durable.
  int64_t earliest_ns = 0;
  int64_t latest_ns = kNever;
};

struct GroupFacts {
  NameId group;
  const Operation* created = nullptr;
  // For each segment: where the group begins and ends in it, and whether all of it lies outside its start and end.
  std::vector<Offset> begins;
  std::vector<Offset> ends;
  std::vector<bool> outside;
  std::vector<NameId> streams;          // that it reads, as far as the history shows
  std::vector<bool> reads_from;         // whether it reads the segment's stream, as far as the history shows
  bool whole = true;                    // no start, no end
  const Operation* drained = nullptr;   // the drain that ended ok, the last one
  const Operation* ended = nullptr;     // the first time that a reader was told that there is nothing more
  std::vector<RecordFacts> records;     // in order of invocation
  std::vector<size_t> by_segment;       // records that are durable or may be, by segment, offset, id
  std::vector<size_t> segment_begins;   // of each segment in by_segment, and the end
  std::vector<const Operation*> reads;  // Read, in order of invocation
  std::vector<const Operation*> read_checkpoints;
  std::vector<const Operation*> checkpoints;
  std::vector<const Operation*> reports;
  std::vector<const Operation*> acquires;
  std::vector<const Operation*> releases;
  std::vector<const Operation*> completions;
  std::vector<const Operation*> onlines;
  std::vector<const Operation*> offlines;
  std::vector<const Operation*> recoveries;
  std::vector<const Operation*> read_backs;

  // Records of one segment that are durable or may be, by offset: indexes into `records`.
  std::vector<size_t>::const_iterator SegmentBegin(size_t segment) const {
    return by_segment.begin() + static_cast<std::ptrdiff_t>(segment_begins[segment]);
  }
  std::vector<size_t>::const_iterator SegmentEnd(size_t segment) const {
    return by_segment.begin() + static_cast<std::ptrdiff_t>(segment_begins[segment + 1]);
  }
  bool Reads(NameId stream) const { return std::find(streams.begin(), streams.end(), stream) != streams.end(); }
  // Whether the reader of this operation may have been declared offline before it took effect: what a reader does then,
  // before it finds out, is not the group's doing.
  bool MayHaveLeft(const Operation& operation) const;
};

class Evidence {
 public:
  static constexpr size_t kUnwritten = std::numeric_limits<size_t>::max();

  explicit Evidence(const History& history);
  Evidence(const Evidence&) = delete;
  Evidence& operator=(const Evidence&) = delete;

  const History& history() const { return history_; }
  const SegmentGraph& graph() const { return graph_; }
  // Every attempt to write, by event and order of invocation.
  const std::vector<Attempt>& attempts() const { return attempts_; }
  // Every event that somebody wrote, by writer and sequence.
  const std::vector<EventFacts>& events() const { return events_; }
  // The event's index, or kUnwritten.
  size_t FindEvent(Event event) const;
  // Every sighting, by segment, offset and order of invocation.
  const std::vector<Seen>& seen() const { return seen_; }
  // The same without repetitions, by segment and offset.
  const std::vector<Place>& places() const { return places_; }
  size_t lines() const { return lines_; }
  // The one attempt from which a sighting of the event can come, or nullptr if there are several or none.
  const Attempt* OnlyAttempt(size_t event) const;
  const std::vector<TransactionFacts>& transactions() const { return transactions_; }
  const TransactionFacts& Transaction(TxnRef txn) const { return transactions_[static_cast<size_t>(txn.value()) - 1]; }
  const std::vector<GroupFacts>& groups() const { return groups_; }
  // The earliest instant at which something that a reader did in its group (acquired, released, completed, reported)
  // took effect; for all else its invocation.
  int64_t EarliestEffect(const Operation& operation) const;
  // Since when a reader may have done things in its group of which the history says nothing: since it began the call
  // from which it did not come back. kNever if it came back.
  int64_t SilentSince(NameId reader) const;
  // Whether something of the stream may have been truncated.
  bool Truncated(NameId stream) const;

 private:
  void Sort(const Operation& operation);
  GroupFacts& Group(NameId group);
  void FinishTransactions();
  void FinishEvents();
  void FinishRecords(GroupFacts& group);
  void FinishGroup(GroupFacts& group);
  void FinishSeen();

  const History& history_;
  SegmentGraph graph_;
  std::vector<Attempt> attempts_;
  std::vector<EventFacts> events_;
  std::vector<std::pair<size_t, size_t>> writers_;  // by NameId: where its events begin and end
  size_t lines_ = 0;
  std::vector<Seen> seen_;
  std::vector<Place> places_;
  std::vector<TransactionFacts> transactions_;  // by TxnRef
  std::vector<GroupFacts> groups_;
  std::map<NameId, size_t> group_indexes_;
  std::vector<NameId> truncated_;
  std::map<NameId, const Operation*> last_calls_;  // by reader, in which it waits for the next event
  std::map<OpId, int64_t> earliest_;               // what was done inside a call: when the call began
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_EVIDENCE_H_
