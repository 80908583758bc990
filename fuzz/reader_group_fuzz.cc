// Payload formats against any bytes: records of reader groups, and the objects that applications keep and pass around.
//
// Input: one byte that chooses the format, then what is to be read.
// Holds for every input:
// * what was read can be written, unless a number is beyond what the format's writers allow, and comes back the same;
// * the updates of a record are applied, or refused without a change, to states that other records made.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/reader_group/serialization.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/check.h"
#include "connector/core/checkpoint.h"
#include "connector/core/event_pointer.h"
#include "connector/core/position.h"
#include "connector/core/strings.h"

namespace pravega::client {
namespace {

// `value` is what was read.
template <typename T, typename Write, typename Read>
void CheckRoundTrip(const absl::StatusOr<T>& value, Write write, Read read) {
  if (!value.ok()) {
    CHECK(!value.status().message().empty());
    return;
  }
  absl::StatusOr<std::string> bytes = write(*value);
  if (!bytes.ok()) {
    CHECK_MSG(ToStd(bytes.status().message()).find("does not fit") != std::string_view::npos,
              ToStd(bytes.status().message()));
    return;
  }
  absl::StatusOr<T> back = read(*bytes);
  CHECK_MSG(back.ok(), back.status().ToString());
  CHECK(*back == *value);
}

// A state in which much is possible.
ReaderGroupState Begun() {
  ReaderGroupState state;
  Init init;
  for (int32_t i = 0; i < 3; ++i) init.starting[SegmentRef{{"s", "t"}, SegmentId(Epoch(0), i)}] = {};
  CHECK(Apply(init, &state).ok());
  for (const char* reader : {"a", "b"}) CHECK(Apply(AddReader{reader}, &state).ok());
  CHECK(Apply(AcquireSegment{"a", SegmentRef{{"s", "t"}, SegmentId(Epoch(0), 0)}}, &state).ok());
  CHECK(Apply(CreateCheckpoint{"c"}, &state).ok());
  return state;
}

void ApplyAll(const Record& record) {
  ReaderGroupState state = Begun();
  for (const Update& update : record.updates) {
    ReaderGroupState before = state;
    absl::Status status = Apply(update, &state);
    CHECK(status.ok() || state == before);
    CHECK(!ToString(update).empty());
  }
  absl::StatusOr<std::string> bytes = SerializeUpdate(Compact{state});
  if (bytes.ok()) CHECK(*ParseUpdate(*bytes) == Update(Compact{state}));
  CHECK(!state.ToString().empty());
}

void Run(uint8_t format, std::string_view input) {
  switch (format % 7) {
    case 0: {
      absl::StatusOr<Record> record = ParseRecord(input);
      CheckRoundTrip(record, SerializeRecord, ParseRecord);
      if (record.ok()) ApplyAll(*record);
      break;
    }
    case 1:
      CheckRoundTrip(ParseConfig(input), SerializeConfig, ParseConfig);
      break;
    case 2:
      CheckRoundTrip(ParseCheckpointState(input), SerializeCheckpointState, ParseCheckpointState);
      break;
    case 3:
      CheckRoundTrip(Position::FromBytes(input), [](const Position& p) { return p.ToBytes(); }, Position::FromBytes);
      break;
    case 4:
      CheckRoundTrip(
          EventPointer::FromBytes(input), [](const EventPointer& p) { return p.ToBytes(); }, EventPointer::FromBytes);
      break;
    case 5:
      CheckRoundTrip(
          EventPointer::Parse(input), [](const EventPointer& p) { return absl::StatusOr<std::string>(p.ToString()); },
          EventPointer::Parse);
      break;
    default:
      CheckRoundTrip(
          Checkpoint::FromBytes(input), [](const Checkpoint& c) { return c.ToBytes(); }, Checkpoint::FromBytes);
  }
}

}  // namespace
}  // namespace pravega::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) {
    pravega::client::Run(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  }
  return 0;
}
