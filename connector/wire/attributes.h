// Attributes of segments: UUID to int64. "No value" and kNullAttributeValue are the same thing.
#ifndef PRAVEGA_CONNECTOR_WIRE_ATTRIBUTES_H_
#define PRAVEGA_CONNECTOR_WIRE_ATTRIBUTES_H_

#include <cstdint>
#include <limits>

#include "connector/core/uuid.h"

namespace pravega::wire {

inline constexpr int64_t kNullAttributeValue = std::numeric_limits<int64_t>::min();

// The mark of revisioned streams and state synchronizers: a segment offset. The id is murmur3-128 over the UTF-16LE of
// "RevisionStreamClientMark", seeded with Java's string hash of "SegmentAttribute".
inline constexpr Uuid kRevisionStreamClientMark{0x7df9a874246cc9d6, 0x9397cdd19ead68c5};

// Ids that the store keeps for itself. One that was never set cannot be set by UpdateSegmentAttribute.
constexpr Uuid CoreAttribute(uint64_t number) { return Uuid{0x8000000000000000, number}; }
constexpr bool IsCoreAttribute(const Uuid& id) { return id.high == 0x8000000000000000; }

inline constexpr Uuid kCreationTime = CoreAttribute(0);
inline constexpr Uuid kEventCount = CoreAttribute(1);
inline constexpr Uuid kScalePolicyType = CoreAttribute(2);
inline constexpr Uuid kScalePolicyRate = CoreAttribute(3);
inline constexpr Uuid kRolloverSize = CoreAttribute(4);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_ATTRIBUTES_H_
