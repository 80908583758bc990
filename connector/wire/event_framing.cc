#include "connector/wire/event_framing.h"

#include <limits>

#include "connector/core/big_endian.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/wire/connection_commands.h"

namespace pravega::wire {

std::array<char, kEventHeaderBytes> EventHeader(size_t data_bytes) {
  CHECK(data_bytes <= static_cast<size_t>(std::numeric_limits<int32_t>::max()));
  std::array<char, kEventHeaderBytes> header;
  StoreBigEndian(Event::kInfo.code(), header.data());
  StoreBigEndian(static_cast<int32_t>(data_bytes), header.data() + 4);
  return header;
}

void AppendFramedEvent(std::string_view data, std::string* out) {
  std::array<char, kEventHeaderBytes> header = EventHeader(data.size());
  out->append(header.data(), header.size());
  out->append(data);
}

absl::StatusOr<size_t> ParseEventHeader(std::string_view bytes) {
  CHECK(bytes.size() >= kEventHeaderBytes);
  int32_t type = LoadBigEndian<int32_t>(bytes.data());
  int32_t length = LoadBigEndian<int32_t>(bytes.data() + 4);
  if (type != Event::kInfo.code() || length < 0) {
    return MakeStatus(absl::StatusCode::kDataLoss, "not an event: its header says type ", type, ", length ", length);
  }
  return static_cast<size_t>(length);
}

}  // namespace pravega::wire
