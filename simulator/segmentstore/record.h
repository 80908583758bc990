// Record: one entry of a container's log, and its bytes.
//
// A record says what changes, not what was asked: whether a request is allowed was decided before, against the state in
// which all earlier records leave the container. Replaying the records from an empty container, or from a snapshot,
// yields the same state, bit for bit. An append's bytes, the number of its writer and its count of events are one
// record, so that no crash comes between them.
//
// Layout: i8 type, i64 wall clock (ms), i64 segment, then by type. Integers are big-endian, a str is an i32 length and
// that many bytes, a list an i32 count and its elements; data are the rest of the record.
//   1 create            str name, list of (uuid attribute, i64 value)
//   2 append            uuid writer, i64 event number, i32 events, data
//   3 seal              -
//   4 truncate          i64 offset
//   5 merge             i64 source, list of (uuid attribute, i64 value) of the segment, which is the target
//   6 delete            -
//   7 attributes        list of (uuid attribute, i64 value)
//   8 snapshot begin    i64 next segment, list of (str source, i64 target): merged segments, oldest first
//   9 snapshot segment  str name, i8 sealed, i64 start, i64 length, list of (uuid attribute, i64 value)
//  10 snapshot data     i64 offset, data
//  11 snapshot end      -
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_RECORD_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_RECORD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/uuid.h"

namespace pravega::sim {

enum class RecordType : int8_t {
  kCreate = 1,
  kAppend = 2,
  kSeal = 3,
  kTruncate = 4,
  kMerge = 5,
  kDelete = 6,
  kAttributes = 7,
  kSnapshotBegin = 8,
  kSnapshotSegment = 9,
  kSnapshotData = 10,
  kSnapshotEnd = 11,
};

// An attribute's new value; wire::kNullAttributeValue unsets it.
struct AttributeSetting {
  Uuid id;
  int64_t value = 0;
  friend bool operator==(const AttributeSetting&, const AttributeSetting&) = default;
};

// The fields that a type does not use keep their initial values.
struct Record {
  Record() = default;
  explicit Record(RecordType record_type, int64_t wall_clock_ms = 0, int64_t segment_id = 0)
      : type(record_type), wall_ms(wall_clock_ms), segment(segment_id) {}

  RecordType type = RecordType::kSeal;
  int64_t wall_ms = 0;
  int64_t segment = 0;  // segments are numbered, so that a name that is used again is another segment
  Uuid writer;
  int64_t event_number = 0;
  int32_t event_count = 0;
  bool sealed = false;
  int64_t offset = 0;  // of a truncation or of snapshot data; a snapshot segment's start
  int64_t length = 0;
  int64_t source = 0;  // of a merge; the next segment of a snapshot
  std::string name;
  std::vector<AttributeSetting> attributes;
  std::vector<std::pair<std::string, int64_t>> merged;
  Buffer data;
};

// The bytes of `record`, whose data are `pieces` (its own `data` are not looked at). Afterwards record->data is a slice
// of the result: they are copied once, here.
Buffer EncodeRecord(Record* record, const std::vector<Buffer>& pieces = {});

// DataLoss, with what and where, if these are not the bytes of a record.
absl::StatusOr<Record> DecodeRecord(const Buffer& bytes);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_RECORD_H_
