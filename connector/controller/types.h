// What a controller is asked and answers, in types of this library: no Protobuf reaches a public header.
//
// All are plain values; thread-compatible. Segment lists keep the order in which the controller gave them unless said
// otherwise, and the doubles of key ranges are never recomputed: servers compare them bit by bit, so that a caller who
// sends a range back sends the very doubles it received.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_TYPES_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_TYPES_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"
#include "connector/core/uuid.h"

namespace pravega::controller {

// How many segments a stream has and when it changes them by itself.
struct ScalingPolicy {
  enum class Type { kFixed = 0, kKilobytesPerSecond = 1, kEventsPerSecond = 2 };
  Type type = Type::kFixed;
  int32_t target_rate = 0;   // per segment; kilobytes of 1024 bytes
  int32_t scale_factor = 0;  // most parts of one split
  int32_t min_segments = 1;  // of a fixed policy: exactly so many

  static ScalingPolicy Fixed(int32_t segments) { return ScalingPolicy{Type::kFixed, 0, 0, segments}; }
  friend bool operator==(const ScalingPolicy&, const ScalingPolicy&) = default;
};

// What the controller truncates by itself.
struct RetentionPolicy {
  enum class Type { kTime = 1, kSize = 2 };
  Type type = Type::kTime;
  int64_t minimum = 0;                                    // milliseconds or bytes
  int64_t maximum = std::numeric_limits<int64_t>::max();  // has an effect only with subscribers
  friend bool operator==(const RetentionPolicy&, const RetentionPolicy&) = default;
};

struct StreamConfiguration {
  ScalingPolicy scaling;
  std::optional<RetentionPolicy> retention;
  std::vector<std::string> tags;
  int64_t timestamp_aggregation_timeout_ms = 0;
  int64_t rollover_size_bytes = 0;  // 0: the store's default
  friend bool operator==(const StreamConfiguration&, const StreamConfiguration&) = default;
};

// A segment and the part of the key space [0, 1] that it serves.
struct SegmentRange {
  SegmentId id;
  KeyRange range;
  friend bool operator==(const SegmentRange&, const SegmentRange&) = default;
};

// Segments that together serve the whole key space, and the token that stores want with requests to them (empty when
// authorisation is off).
struct StreamSegments {
  std::vector<SegmentRange> segments;
  std::string delegation_token;
};

// A segment that continues a sealed one. It may be read when all its predecessors have been read to their ends.
struct Successor {
  SegmentRange segment;
  std::vector<SegmentId> predecessors;
  friend bool operator==(const Successor&, const Successor&) = default;
};

// A cut of a stream that is known from the context, as StreamCut::positions() has it. Where the protocol says -1 (not
// begun, or in cuts that clients make from positions read to its end) it says Finished().
using CutPositions = std::map<SegmentId, SegmentPosition>;

// What a scale has begun.
struct ScaleStarted {
  Epoch epoch;                         // the epoch before the scale: what CheckScale wants
  std::vector<SegmentRange> segments;  // to be created, with their final ids unless a rolling commit comes in between
};

struct TransactionInfo {
  TxnId id;
  // The segments of the transaction's epoch, each id with that epoch in place of its own: TransactionSegmentName of
  // such an id is the segment to write to, and its container is asked for with this id.
  std::vector<SegmentRange> segments;
  std::string delegation_token;
};

enum class TransactionState { kOpen = 1, kCommitting = 2, kCommitted = 3, kAborting = 4, kAborted = 5 };

// What a ping found. The transaction goes on only when kOpen.
enum class PingResult { kOpen, kCommitted, kAborted };

enum class AccessOperation { kUnspecified = 0, kNone = 1, kAny = 2, kRead = 3, kWrite = 4, kReadWrite = 5 };

// What a controller stores of a reader group.
struct ReaderGroupConfig {
  enum class Retention { kNone = 0, kManual = 1, kAutomatic = 2 };
  int64_t group_refresh_ms = 3000;
  int64_t automatic_checkpoint_interval_ms = 30000;  // -1: never
  int32_t max_outstanding_checkpoints = 3;
  Retention retention = Retention::kNone;
  int64_t generation = 0;
  Uuid id;  // nil when it is created: the controller chooses
  // An empty cut is unbounded: from the head, or without end. Every stream of the group has a starting cut.
  std::map<ScopedStream, CutPositions> starting_cuts;
  std::map<ScopedStream, CutPositions> ending_cuts;
  int64_t rollover_size_bytes = 0;

  // Equal but for the id.
  bool SameContent(const ReaderGroupConfig& other) const;
};

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_TYPES_H_
