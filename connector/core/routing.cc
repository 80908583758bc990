#include "connector/core/routing.h"

#include <bit>

#include "connector/core/java_string.h"
#include "connector/core/murmur3.h"

namespace pravega {
namespace {

double Position(std::string_view bytes, uint64_t seed) {
  uint64_t h1 = Murmur3(bytes, seed).h1;
  // 52 bits of the hash become the mantissa of a number in [1, 2).
  return std::bit_cast<double>(0x3ff0000000000000 + (h1 >> 12)) - 1.0;
}

}  // namespace

double RoutingKeyPosition(std::string_view routing_key_utf8) {
  static const uint64_t kSeed = SeedOf(JavaStringHash("EventRouter"));
  return Position(Utf16LittleEndian(routing_key_utf8), kSeed);
}

double TableKeyPosition(std::string_view primary_key_bytes) {
  static const uint64_t kSeed = SeedOf(JavaStringHash("KeyValueTableRouter"));
  return Position(primary_key_bytes, kSeed);
}

double SeededPosition(std::string_view text_utf8, std::string_view seed) {
  return Position(Utf16LittleEndian(text_utf8), SeedOf(JavaStringHash(seed)));
}

}  // namespace pravega
