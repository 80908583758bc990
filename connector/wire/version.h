// Versions of the wire protocol. No encoding depends on them but that of InvalidEventNumber: each side writes its
// newest layout, and tolerance comes from optional trailing fields and ignored surplus bytes.
#ifndef PRAVEGA_CONNECTOR_WIRE_VERSION_H_
#define PRAVEGA_CONNECTOR_WIRE_VERSION_H_

#include <cstdint>

#include "absl/status/status.h"
#include "connector/core/strings.h"
#include "connector/wire/connection_commands.h"

namespace pravega::wire {

// The newest that this codec knows. A peer may announce less: a store without LocateOffset announces 16.
inline constexpr int32_t kWireVersion = 17;
inline constexpr int32_t kOldestCompatibleWireVersion = 5;
// Versions that brought something a peer must know of.
inline constexpr int32_t kInvalidEventNumberReordered = 16;
inline constexpr int32_t kLocateOffsetAdded = 17;

// OK if the two sides can talk; FailedPrecondition otherwise. The rule is the same for both. A server sends its own
// Hello even when it refuses.
inline absl::Status CheckHello(const Hello& own, const Hello& peer) {
  if (peer.low_version <= own.high_version && peer.high_version >= own.low_version) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kFailedPrecondition, "no common wire version: the peer speaks ", peer.low_version,
                    " to ", peer.high_version, ", we speak ", own.low_version, " to ", own.high_version);
}

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_VERSION_H_
