// The framing of events in segments: an 8-byte header, int32 0 and int32 n (big-endian), then n bytes.
//
// The client writes the header; the store never inspects it. An event's position is that of its header, and the next
// event follows at position + 8 + n (Pravega wire protocol, "bytes stored in the segment").
#ifndef PRAVEGA_CONNECTOR_WIRE_EVENT_FRAMING_H_
#define PRAVEGA_CONNECTOR_WIRE_EVENT_FRAMING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pravega::wire {

inline constexpr size_t kEventHeaderBytes = 8;
// Most data of one event that is sent by an ordinary append. Larger ones travel through transient segments, and what
// is read may have any size up to the limit of int32.
inline constexpr size_t kMaxEventBytes = 8 * 1024 * 1024;

// The header of an event with `data_bytes` of data; CHECKs that they fit an int32.
std::array<char, kEventHeaderBytes> EventHeader(size_t data_bytes);

// Appends the framed event to `out`: the one copy that a writer makes.
void AppendFramedEvent(std::string_view data, std::string* out);

// Bytes of data of the event whose header starts at `bytes`, of which at least kEventHeaderBytes are given (CHECKed).
// DataLoss if this is no event: a reader that finds that has lost its place, or the segment holds something else.
absl::StatusOr<size_t> ParseEventHeader(std::string_view bytes);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_EVENT_FRAMING_H_
