// The hashes that clients, controllers and stores must agree on.
//
// All are murmur3-128 (the x64 variant), of texts over their UTF-16LE form, not UTF-8, seeded with a Java string hash
// that is sign-extended in both lanes (Pravega wire protocol, "routing key to segment" and "segment to container").
#ifndef PRAVEGA_CONNECTOR_WIRE_HASHING_H_
#define PRAVEGA_CONNECTOR_WIRE_HASHING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pravega::wire {

struct Hash128 {
  uint64_t h1 = 0;
  uint64_t h2 = 0;
};

Hash128 Murmur3(std::string_view bytes, uint64_t seed);

// Java's String.hashCode().
int32_t JavaStringHash(std::string_view utf8);

// The UTF-16LE form of UTF-8 text. Each byte that is not part of well-formed UTF-8 becomes U+FFFD.
std::string Utf16LittleEndian(std::string_view utf8);

// Where a routing key falls, 0 <= x < 1. Its segment is the one with the smallest upper bound >= x: a key exactly on a
// bound belongs to the lower range.
double RoutingKeyPosition(std::string_view routing_key);

// The container, 0 <= c < containers, of a segment's ContainerKey (names.h). CHECKs that there are containers.
int32_t ContainerIndex(std::string_view container_key, int32_t containers);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_HASHING_H_
