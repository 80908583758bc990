// The fields of each kind of operation as they stand in a history's file: the one source of truth for reading, writing
// and making up operations. `Fields(visitor, details)` visits them in the file's order.
//
// Private to this package and its tests.
#ifndef PRAVEGA_SCENARIOS_HISTORY_FIELDS_H_
#define PRAVEGA_SCENARIOS_HISTORY_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "scenarios/history/operation.h"

namespace pravega::scenarios {

// Times and offsets stay below this, so that checkers may add a few of them.
inline constexpr int64_t kMaxTimeNs = int64_t{1} << 60;
inline constexpr int64_t kMaxOffset = int64_t{1} << 60;
inline constexpr int64_t kMaxLeaseMs = int64_t{1} << 40;
inline constexpr int64_t kMaxEventSize = int64_t{1} << 30;
inline constexpr int64_t kMaxSegments = int64_t{1} << 31;

inline constexpr std::string_view kTxnStates[] = {"OPEN", "COMMITTING", "COMMITTED", "ABORTING", "ABORTED"};
inline constexpr std::string_view kNodeChanges[] = {"crash", "restart", "pause", "resume"};

// `kind` of each alternative of Details, in its order.
inline constexpr std::string_view kKinds[] = {
    "write",
    "txn_begin",
    "txn_ping",
    "txn_commit",
    "txn_abort",
    "txn_status",
    "reading",
    "read",
    "read_checkpoint",
    "read_end",
    "record",
    "recovered",
    "reader_online",
    "reader_offline",
    "acquire",
    "release",
    "segment_completed",
    "group",
    "checkpoint",
    "checkpoint_report",
    "read_back",
    "drain",
    "segment",
    "stream_create",
    "stream_scale",
    "stream_seal",
    "stream_truncate",
    "call",
    "fault",
    "node",
};
static_assert(std::size(kKinds) == std::variant_size_v<Details>);

inline std::string_view KindOf(const Details& details) { return kKinds[details.index()]; }

// V offers, with the name of the field and a reference to it:
//   Name, OptionalName (none: absent), Word (one of a few names), OptionalWord, Stream ("scope/stream"), StreamList,
//   Txn, OptionalTxn, Int (with bounds), Flag (false: absent), Position (an Offset), EventOf, SegmentOf, SegmentList,
//   NeighbourList (other segments than the one given), Range, RangeList, CutOf, OpList, At (the five fields of a
//   Sighting), Sightings (long: may continue in further lines). Empty lists and cuts are absent.

template <typename V>
void Fields(V& v, Write& d) {
  v.EventOf(d.event);
  v.Stream("stream", d.stream);
  v.OptionalName("key", d.key);
  v.OptionalTxn("txn", d.txn);
}

template <typename V>
void Fields(V& v, TxnBegin& d) {
  v.Stream("stream", d.stream);
  v.OptionalTxn("txn", d.txn);
  v.Int("lease_ms", d.lease_ms, 0, kMaxLeaseMs);
}

template <typename V>
void Fields(V& v, TxnPing& d) {
  v.Txn("txn", d.txn);
  v.Int("lease_ms", d.lease_ms, 0, kMaxLeaseMs);
  v.OptionalName("result", d.result);
}

template <typename V>
void TxnFields(V& v, TxnRef& txn, NameId& result) {
  v.Txn("txn", txn);
  v.OptionalName("result", result);
}
template <typename V>
void Fields(V& v, TxnCommit& d) {
  TxnFields(v, d.txn, d.result);
}
template <typename V>
void Fields(V& v, TxnAbort& d) {
  TxnFields(v, d.txn, d.result);
}
template <typename V>
void Fields(V& v, TxnStatus& d) {
  v.Txn("txn", d.txn);
  v.OptionalWord("result", d.result, kTxnStates);
}

template <typename V>
void Fields(V& v, Reading& d) {
  v.Name("group", d.group);
}

template <typename V>
void Fields(V& v, Read& d) {
  v.Name("group", d.group);
  v.At(d.at);
}

template <typename V>
void Fields(V& v, ReadCheckpoint& d) {
  v.Name("group", d.group);
  v.Name("checkpoint", d.checkpoint);
}

template <typename V>
void Fields(V& v, ReadEnd& d) {
  v.Name("group", d.group);
}

template <typename V>
void Fields(V& v, Record& d) {
  v.Name("group", d.group);
  v.At(d.at);
}

template <typename V>
void Fields(V& v, Recovered& d) {
  v.Name("group", d.group);
  v.Name("reader", d.reader);
  v.Sightings("events", d.events);
}

template <typename V>
void Fields(V& v, ReaderOnline& d) {
  v.Name("group", d.group);
  v.Name("reader", d.reader);
}

template <typename V>
void Fields(V& v, ReaderOffline& d) {
  v.Name("group", d.group);
  v.Name("reader", d.reader);
  v.CutOf("position", d.position);
}

template <typename V>
void Fields(V& v, Acquire& d) {
  v.Name("group", d.group);
  v.SegmentOf("segment", d.segment);
  v.Position("offset", d.offset);
}

template <typename V>
void Fields(V& v, Release& d) {
  v.Name("group", d.group);
  v.SegmentOf("segment", d.segment);
  v.Position("offset", d.offset);
}

template <typename V>
void Fields(V& v, SegmentCompleted& d) {
  v.Name("group", d.group);
  v.SegmentOf("segment", d.segment);
}

template <typename V>
void Fields(V& v, GroupCreate& d) {
  v.Name("group", d.group);
  v.StreamList("streams", d.streams);
  v.CutOf("start", d.start);
  v.CutOf("end", d.end);
}

template <typename V>
void Fields(V& v, Checkpoint& d) {
  v.Name("group", d.group);
  v.Name("checkpoint", d.checkpoint);
  v.CutOf("cut", d.cut);
}

template <typename V>
void Fields(V& v, CheckpointReport& d) {
  v.Name("group", d.group);
  v.Name("checkpoint", d.checkpoint);
  v.CutOf("position", d.position);
}

template <typename V>
void Fields(V& v, ReadBack& d) {
  v.Name("group", d.group);
  v.Name("checkpoint", d.checkpoint);
  v.Sightings("events", d.events);
}

template <typename V>
void Fields(V& v, Drain& d) {
  v.Name("group", d.group);
}

template <typename V>
void Fields(V& v, SegmentFacts& d) {
  v.SegmentOf("segment", d.segment);
  v.Range("range", d.range);
  v.NeighbourList("predecessors", d.predecessors, d.segment);
  v.NeighbourList("successors", d.successors, d.segment);
  v.Position("start", d.start);
  v.Position("length", d.length);
  v.Flag("sealed", d.sealed);
}

template <typename V>
void Fields(V& v, StreamCreate& d) {
  v.Stream("stream", d.stream);
  v.Int("segments", d.segments, 0, kMaxSegments);
}

template <typename V>
void Fields(V& v, StreamScale& d) {
  v.Stream("stream", d.stream);
  v.SegmentList("sealed", d.sealed);
  v.RangeList("ranges", d.ranges);
}

template <typename V>
void Fields(V& v, StreamSeal& d) {
  v.Stream("stream", d.stream);
}

template <typename V>
void Fields(V& v, StreamTruncate& d) {
  v.Stream("stream", d.stream);
  v.CutOf("cut", d.cut);
}

template <typename V>
void Fields(V& v, Call& d) {
  v.Name("method", d.method);
  v.OptionalName("subject", d.subject);
}

template <typename V>
void Fields(V& v, FaultStrike& d) {
  v.Name("fault", d.fault);
  v.OptionalName("phase", d.phase);
  v.OptionalName("target", d.target);
  v.OpList("pending", d.pending);
}

template <typename V>
void Fields(V& v, NodeChange& d) {
  v.Name("node", d.node);
  v.Word("change", d.change, kNodeChanges);
}

template <typename V, typename T>
void Fields(V& v, Box<T>& box) {
  Fields(v, *box);
}

// Default details of the kind with this index in kKinds.
template <size_t I = 0>
Details MakeDetails(size_t index) {
  if constexpr (I + 1 < std::variant_size_v<Details>) {
    if (index != I) return MakeDetails<I + 1>(index);
  }
  return Details(std::in_place_index<I>);
}

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_FIELDS_H_
