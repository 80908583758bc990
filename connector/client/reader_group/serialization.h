// The bytes of a reader group's records, as Java readers write and read them (Pravega wire protocol, "reader group
// state" and "state synchronizer").
//
// Reading is tolerant where the format is (unknown revisions, trailing bytes, any order of maps) and fails with the
// offset of what is wrong otherwise. Maps are written in sorted order, `unassigned` in its own. Writing fails only on
// texts that are not UTF-8 or too long, and on counts beyond 2^30.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SERIALIZATION_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SERIALIZATION_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"

namespace pravega::client {

absl::StatusOr<std::string> SerializeConfig(const ReaderGroupConfig& config);
absl::StatusOr<ReaderGroupConfig> ParseConfig(std::string_view bytes);

absl::StatusOr<std::string> SerializeCheckpointState(const CheckpointState& state);
absl::StatusOr<CheckpointState> ParseCheckpointState(std::string_view bytes);

// One update without any framing.
absl::StatusOr<std::string> SerializeUpdate(const Update& update);
absl::StatusOr<Update> ParseUpdate(std::string_view bytes);

// A record is the payload of one event of the group's segment: either what a copy of the state can begin with, an Init
// or a Compact, or any number of updates. (An Init or Compact may be an update too.)
struct Record {
  bool initial = false;
  Updates updates;
  friend bool operator==(const Record&, const Record&) = default;
};

// An initial record must have exactly one update, of the two kinds.
absl::StatusOr<std::string> SerializeRecord(const Record& record);
// What follows an initial record's object is ignored: Java pads it with zeros to the size of its buffer.
absl::StatusOr<Record> ParseRecord(std::string_view bytes);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SERIALIZATION_H_
