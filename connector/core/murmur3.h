// MurmurHash3, x64 variant of 128 bits.
#ifndef PRAVEGA_CONNECTOR_CORE_MURMUR3_H_
#define PRAVEGA_CONNECTOR_CORE_MURMUR3_H_

#include <cstdint>
#include <string_view>

namespace pravega {

// The digest is h1 then h2, each little-endian.
struct Hash128 {
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

// Both lanes start with `seed`. Guava, which the Java side uses, takes a seed of 32 bits and sign-extends it: see
// SeedOf.
Hash128 Murmur3(std::string_view bytes, uint64_t seed);

// A seed as Guava makes it of an int.
constexpr uint64_t SeedOf(int32_t seed) { return static_cast<uint64_t>(int64_t{seed}); }

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_MURMUR3_H_
