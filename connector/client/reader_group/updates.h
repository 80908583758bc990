// The updates of a reader group's state, one struct for each type of record (Pravega wire protocol, "reader group
// state", records). Plain values.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_UPDATES_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_UPDATES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "connector/client/reader_group/state.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/segment_position.h"

namespace pravega::client {

// A fresh state: nobody is online, all starting segments are unassigned. The first record of a group, and, as an
// update, its reset.
struct Init {
  ReaderGroupConfig config;
  Position::Map starting;                     // never empty
  std::map<SegmentRef, Offset> end_segments;  // kToItsEnd: the whole segment
  bool updating_config = false;
  friend bool operator==(const Init&, const Init&) = default;
};

// A whole state, in place of all records before it.
struct Compact {
  ReaderGroupState state;
  friend bool operator==(const Compact&, const Compact&) = default;
};

struct AddReader {
  std::string reader;
  friend bool operator==(const AddReader&, const AddReader&) = default;
};

// Returns its segments at these positions; segments that are not named, where the state says.
struct RemoveReader {
  std::string reader;
  SegmentPositions positions;
  friend bool operator==(const RemoveReader&, const RemoveReader&) = default;
};

struct ReleaseSegment {
  std::string reader;
  SegmentRef segment;
  SegmentPosition position;
  friend bool operator==(const ReleaseSegment&, const ReleaseSegment&) = default;
};

struct AcquireSegment {
  std::string reader;
  SegmentRef segment;
  friend bool operator==(const AcquireSegment&, const AcquireSegment&) = default;
};

struct UpdateDistanceToTail {
  std::string reader;
  int64_t distance_ms = 0;
  Position::Map positions;
  friend bool operator==(const UpdateDistanceToTail&, const UpdateDistanceToTail&) = default;
};

struct SegmentCompleted {
  struct Successor {
    std::vector<SegmentId> predecessors;
    std::optional<KeyRange> range;
    friend bool operator==(const Successor&, const Successor&) = default;
  };
  std::string reader;
  SegmentRef segment;
  std::optional<KeyRange> range;  // of `segment`
  std::map<SegmentRef, Successor> successors;
  friend bool operator==(const SegmentCompleted&, const SegmentCompleted&) = default;
};

struct CheckpointReader {
  std::string checkpoint;
  std::string reader;
  SegmentPositions positions;
  friend bool operator==(const CheckpointReader&, const CheckpointReader&) = default;
};

struct CreateCheckpoint {
  std::string checkpoint;
  friend bool operator==(const CreateCheckpoint&, const CreateCheckpoint&) = default;
};

// This checkpoint itself stays.
struct ClearCheckpointsBefore {
  std::string checkpoint;
  friend bool operator==(const ClearCheckpointsBefore&, const ClearCheckpointsBefore&) = default;
};

struct UpdateCheckpointPublished {
  bool published = false;
  friend bool operator==(const UpdateCheckpointPublished&, const UpdateCheckpointPublished&) = default;
};

struct UpdatingConfig {
  bool updating = false;
  friend bool operator==(const UpdatingConfig&, const UpdatingConfig&) = default;
};

struct RemoveOutstandingCheckpoints {
  friend bool operator==(const RemoveOutstandingCheckpoints&, const RemoveOutstandingCheckpoints&) = default;
};

// The index of an alternative is the type of its record.
using Update =
    std::variant<Init, Compact, AddReader, RemoveReader, ReleaseSegment, AcquireSegment, UpdateDistanceToTail,
                 SegmentCompleted, CheckpointReader, CreateCheckpoint, ClearCheckpointsBefore,
                 UpdateCheckpointPublished, UpdatingConfig, RemoveOutstandingCheckpoints>;

// Written in one record, applied together and in order; none at all: there is nothing to write.
using Updates = std::vector<Update>;

// For people: "AcquireSegment reader-1 scope/stream/0.#epoch.0".
std::string ToString(const Update& update);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_UPDATES_H_
