// Between stored records and the types that algorithms use.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_RECORDS_UTIL_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_RECORDS_UTIL_H_

#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/uuid.h"
#include "simulator/controller/records.pb.h"
#include "simulator/controller/topology.h"

namespace pravega::sim {

EpochTable FromRecord(const records::EpochSegments& record);
records::EpochSegments ToRecord(const EpochTable& table);

using CutEntries = google::protobuf::RepeatedPtrField<records::CutEntry>;
Cut FromRecord(const CutEntries& entries);
CutEntries ToRecord(const Cut& cut);

std::vector<KeyRange> FromRecord(const google::protobuf::RepeatedPtrField<records::KeyRange>& ranges);
void ToRecord(const std::vector<KeyRange>& ranges, google::protobuf::RepeatedPtrField<records::KeyRange>* record);

TxnId FromRecord(const records::TxnRef& record);

// 16 bytes.
std::string ToBytes(const Uuid& uuid);

// The operation of that id, or null.
const records::Operation* FindOperation(const records::Stream& stream, const std::string& id);
// Whether it is among the latest that ended.
bool EndedRecently(const records::Stream& stream, const std::string& id);
// Removes the first operation of the queue and remembers its id.
void EndFirstOperation(records::Stream* stream);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_RECORDS_UTIL_H_
