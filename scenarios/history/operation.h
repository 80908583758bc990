// The operations of a run's history, as in Jepsen: what a process asked for through a public API, when it asked, when
// it knew, and how it ended.
//
// All of them are plain values of fixed meaning; strings are interned in the History (NameId), so that recording one
// costs a copy of some tens of bytes. Times are nanoseconds of one clock for the whole history (virtual time in a
// simulated run). Thread-compatible.
#ifndef PRAVEGA_SCENARIOS_HISTORY_OPERATION_H_
#define PRAVEGA_SCENARIOS_HISTORY_OPERATION_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/ids.h"

namespace pravega::scenarios {

// A string of the history's table of names. The default means "none", which differs from the empty string.
using NameId = StrongInt<struct NameIdTag, int32_t>;
// An operation. From 1, ascending in order of invocation; not dense where somebody took operations out of a history.
using OpId = StrongInt<struct OpIdTag, int32_t>;
// A transaction of the history's table of transactions. The default means "none".
using TxnRef = StrongInt<struct TxnRefTag, int32_t>;

// How an operation ended, as far as its caller knows.
enum class Outcome : uint8_t {
  kPending,  // not yet, or the history ends before
  kOk,       // it took effect
  kFailed,   // it did not take effect and never will
  kUnknown,  // the answer was lost: it may have taken effect, or may still do so
};

// A segment of a stream; `stream` names "scope/stream".
struct Segment {
  NameId stream;
  SegmentId id;
  friend auto operator<=>(const Segment&, const Segment&) = default;
};

// What makes an event itself: the process that wrote it and its running number there, both carried in the payload.
// Numbers of a writer grow in the order in which it writes.
struct Event {
  NameId writer;
  int64_t sequence = 0;
  friend auto operator<=>(const Event&, const Event&) = default;
};

// An event seen at its place in a segment. `size` counts the bytes that it occupies there, header included, so that the
// next event begins at `end()`. The fields are flat to keep an Operation small.
struct Sighting {
  NameId stream;
  int32_t size = 0;
  SegmentId segment_id;
  Offset offset;
  int64_t sequence = 0;
  NameId writer;

  Segment segment() const { return Segment{stream, segment_id}; }
  Event event() const { return Event{writer, sequence}; }
  Offset end() const { return offset + size; }
  friend bool operator==(const Sighting&, const Sighting&) = default;
};

inline Sighting MakeSighting(Segment segment, Offset offset, int32_t size, Event event) {
  return Sighting{segment.stream, size, segment.id, offset, event.sequence, event.writer};
}

// How far a segment was read: up to `offset`, or, if `finished`, to the end of a sealed segment (offset is then 0).
struct CutEntry {
  Segment segment;
  Offset offset;
  bool finished = false;
  friend bool operator==(const CutEntry&, const CutEntry&) = default;
};

// A reader's position, a checkpoint's or a stream's cut: each segment at most once, in any order.
using Cut = std::vector<CutEntry>;

// Part of the key space that a segment serves.
struct KeyRange {
  double low = 0;
  double high = 1;
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

// A T on the heap that copies and compares like a T: keeps rare, large details from making every operation large.
template <typename T>
class Box {
 public:
  Box() : value_(std::make_unique<T>()) {}
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT(google-explicit-constructor): it is a T
  Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
  // Only to be destroyed or assigned to afterwards.
  Box(Box&& other) noexcept = default;
  Box& operator=(Box other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  const T& operator*() const { return *value_; }
  T& operator*() { return *value_; }
  const T* operator->() const { return value_.get(); }
  T* operator->() { return value_.get(); }
  friend bool operator==(const Box& a, const Box& b) { return *a == *b; }

 private:
  std::unique_ptr<T> value_;
};

// ---------------------------------------------------------------------------------------------------------------------
// Writers. The process is the writer.

// One event is written. Ok: the write was acknowledged; within a transaction that says nothing of the commit. An event
// that is written once more under the same identity is one more Write.
struct Write {
  Event event;
  NameId stream;
  NameId key;  // routing key; none: the event was written without one, and nothing is promised about its order
  TxnRef txn;  // none: outside transactions
  friend bool operator==(const Write&, const Write&) = default;
};

// A transaction is created. The id becomes known with the answer; none if it never came.
struct TxnBegin {
  NameId stream;
  TxnRef txn;
  int64_t lease_ms = 0;
  friend bool operator==(const TxnBegin&, const TxnBegin&) = default;
};

// Ok: the lease was renewed for `lease_ms`. `result` is the answer's name ("COMMITTED", "ABORTED", ...), if there is
// one.
struct TxnPing {
  TxnRef txn;
  NameId result;
  int64_t lease_ms = 0;
  friend bool operator==(const TxnPing&, const TxnPing&) = default;
};

// Ok: the transaction is committed or will be. Failed: it is not and never will be.
struct TxnCommit {
  TxnRef txn;
  NameId result;
  friend bool operator==(const TxnCommit&, const TxnCommit&) = default;
};

// Ok: the transaction is aborted or will be.
struct TxnAbort {
  TxnRef txn;
  NameId result;
  friend bool operator==(const TxnAbort&, const TxnAbort&) = default;
};

// Its state is asked for; ok: `result` is the state's name: "OPEN", "COMMITTING", "COMMITTED", "ABORTING", "ABORTED".
struct TxnStatus {
  TxnRef txn;
  NameId result;
  friend bool operator==(const TxnStatus&, const TxnStatus&) = default;
};

// ---------------------------------------------------------------------------------------------------------------------
// Readers of a group. The process is the reader, named as in the group.

// A reader waits for what comes next. Completes as Read, ReadCheckpoint or ReadEnd; left over when the reader dies.
struct Reading {
  NameId group;
  friend bool operator==(const Reading&, const Reading&) = default;
};

// It was handed an event.
struct Read {
  Sighting at;
  NameId group;
  friend bool operator==(const Read&, const Read&) = default;
};

// It was handed the event of a checkpoint.
struct ReadCheckpoint {
  NameId group;
  NameId checkpoint;
  friend bool operator==(const ReadCheckpoint&, const ReadCheckpoint&) = default;
};

// It was told that there will be nothing more.
struct ReadEnd {
  NameId group;
  friend bool operator==(const ReadEnd&, const ReadEnd&) = default;
};

// It persists an event together with its position, in one durable step. Unknown or pending if it died in the middle.
struct Record {
  Sighting at;
  NameId group;
  friend bool operator==(const Record&, const Record&) = default;
};

// What the durable record of a dead reader turned out to hold, all of it. The process is whoever looked.
struct Recovered {
  NameId group;
  NameId reader;
  std::vector<Sighting> events;
  friend bool operator==(const Recovered&, const Recovered&) = default;
};

struct ReaderOnline {
  NameId group;
  NameId reader;
  friend bool operator==(const ReaderOnline&, const ReaderOnline&) = default;
};

// A reader leaves, or is declared dead, at a position. The group keeps its own offset for segments that it lacks.
struct ReaderOffline {
  NameId group;
  NameId reader;
  Cut position;
  friend bool operator==(const ReaderOffline&, const ReaderOffline&) = default;
};

// A reader takes a segment at the group's offset.
struct Acquire {
  NameId group;
  Segment segment;
  Offset offset;
  friend bool operator==(const Acquire&, const Acquire&) = default;
};

struct Release {
  NameId group;
  Segment segment;
  Offset offset;
  friend bool operator==(const Release&, const Release&) = default;
};

// A reader tells its group that a segment is read to its end; from then on its successors may be read.
struct SegmentCompleted {
  NameId group;
  Segment segment;
  friend bool operator==(const SegmentCompleted&, const SegmentCompleted&) = default;
};

// ---------------------------------------------------------------------------------------------------------------------
// Groups and checkpoints

// A group is created. An empty start means all that its streams hold, an empty end that it reads on for ever.
struct GroupCreate {
  NameId group;
  std::vector<NameId> streams;  // that it reads; none: the history does not say
  Cut start;
  Cut end;
  friend bool operator==(const GroupCreate&, const GroupCreate&) = default;
};

// From its initiation to its completion; ok: `cut` is the checkpoint's.
struct Checkpoint {
  NameId group;
  NameId checkpoint;
  Cut cut;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A reader reports a checkpoint to its group with its position.
struct CheckpointReport {
  NameId group;
  NameId checkpoint;
  Cut position;
  friend bool operator==(const CheckpointReport&, const CheckpointReport&) = default;
};

// Somebody outside the group reads what lies behind a checkpoint's cut, up to the end that he finds. Ok: these are the
// events, all of them.
struct ReadBack {
  NameId group;  // whose checkpoint
  NameId checkpoint;
  std::vector<Sighting> events;
  friend bool operator==(const ReadBack&, const ReadBack&) = default;
};

// Whoever runs the workload waits until the group has recorded everything. Invoked when all that was acknowledged so
// far can be read (commits included); ok: the group was given the time to record it.
struct Drain {
  NameId group;
  friend bool operator==(const Drain&, const Drain&) = default;
};

// ---------------------------------------------------------------------------------------------------------------------
// The cluster

// What the public APIs say about a segment at that time.
struct SegmentFacts {
  Segment segment;
  KeyRange range;
  std::vector<Segment> predecessors;
  std::vector<Segment> successors;
  Offset start;   // where it begins since it was last truncated
  Offset length;  // where it ends
  bool sealed = false;
  friend bool operator==(const SegmentFacts&, const SegmentFacts&) = default;
};

struct StreamCreate {
  NameId stream;
  int64_t segments = 0;
  friend bool operator==(const StreamCreate&, const StreamCreate&) = default;
};

struct StreamScale {
  NameId stream;
  std::vector<Segment> sealed;
  std::vector<KeyRange> ranges;  // of the new segments
  friend bool operator==(const StreamScale&, const StreamScale&) = default;
};

struct StreamSeal {
  NameId stream;
  friend bool operator==(const StreamSeal&, const StreamSeal&) = default;
};

// What lies before the cut may be gone from the invocation on.
struct StreamTruncate {
  NameId stream;
  Cut cut;
  friend bool operator==(const StreamTruncate&, const StreamTruncate&) = default;
};

// Any other call through a public API that somebody may want to see pending.
struct Call {
  NameId method;
  NameId subject;
  friend bool operator==(const Call&, const Call&) = default;
};

// A fault strikes. The process is whoever makes it.
struct FaultStrike {
  NameId fault;
  NameId phase;
  NameId target;
  std::vector<OpId> pending;  // the operations that were under way, or those of them that it hit
  friend bool operator==(const FaultStrike&, const FaultStrike&) = default;
};

// A node changes its state: "crash", "restart", "pause", "resume".
struct NodeChange {
  NameId node;
  NameId change;
  friend bool operator==(const NodeChange&, const NodeChange&) = default;
};

using Details =
    std::variant<Write, TxnBegin, TxnPing, TxnCommit, TxnAbort, TxnStatus, Reading, Read, ReadCheckpoint, ReadEnd,
                 Record, Recovered, ReaderOnline, ReaderOffline, Acquire, Release, SegmentCompleted, Box<GroupCreate>,
                 Checkpoint, CheckpointReport, ReadBack, Drain, Box<SegmentFacts>, StreamCreate, Box<StreamScale>,
                 StreamSeal, StreamTruncate, Call, FaultStrike, NodeChange>;

struct Operation {
  OpId id;
  NameId process;
  int64_t invoked_ns = 0;
  int64_t completed_ns = 0;  // meaningless while pending
  Outcome outcome = Outcome::kPending;
  Details details;

  // The details if they are of this kind, else nullptr.
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&details);
  }
  template <typename T>
  const T* AsBoxed() const {
    const Box<T>* box = std::get_if<Box<T>>(&details);
    return box == nullptr ? nullptr : &**box;
  }
  bool ok() const { return outcome == Outcome::kOk; }
  // Whether it took effect or may have.
  bool possible() const { return outcome != Outcome::kFailed; }
  friend bool operator==(const Operation&, const Operation&) = default;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_OPERATION_H_
