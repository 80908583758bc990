#include "connector/wire/hashing.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "connector/core/check.h"
#include "connector/wire/utf8.h"

namespace pravega::wire {
namespace {

uint64_t LoadLittleEndian64(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

constexpr uint64_t kC1 = 0x87c37b91114253d5;
constexpr uint64_t kC2 = 0x4cf5ad432745937f;

uint64_t MixLane1(uint64_t k) { return std::rotl(k * kC1, 31) * kC2; }
uint64_t MixLane2(uint64_t k) { return std::rotl(k * kC2, 33) * kC1; }

uint64_t Finalize(uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccd;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53;
  k ^= k >> 33;
  return k;
}

// Calls emit(unit) for each UTF-16 code unit.
template <typename Emit>
void ForEachUtf16Unit(std::string_view utf8, Emit emit) {
  while (!utf8.empty()) {
    CodePoint c = DecodeUtf8(utf8);
    if (c.size == 0) c = {0xfffd, 1};
    if (c.value >= 0x10000) {
      emit(static_cast<uint16_t>(0xd800 + ((c.value - 0x10000) >> 10)));
      emit(static_cast<uint16_t>(0xdc00 + ((c.value - 0x10000) & 0x3ff)));
    } else {
      emit(static_cast<uint16_t>(c.value));
    }
    utf8.remove_prefix(c.size);
  }
}

uint64_t SeedFrom(std::string_view name) { return static_cast<uint64_t>(int64_t{JavaStringHash(name)}); }

}  // namespace

Hash128 Murmur3(std::string_view bytes, uint64_t seed) {
  uint64_t h1 = seed;
  uint64_t h2 = seed;
  const char* data = bytes.data();
  size_t blocks = bytes.size() / 16;
  for (size_t i = 0; i < blocks; ++i) {
    h1 ^= MixLane1(LoadLittleEndian64(data + 16 * i));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= MixLane2(LoadLittleEndian64(data + 16 * i + 8));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  size_t left = bytes.size() % 16;
  if (left > 0) {
    char tail[16] = {};
    std::memcpy(tail, data + 16 * blocks, left);
    // A lane without bytes mixes to zero.
    h1 ^= MixLane1(LoadLittleEndian64(tail));
    h2 ^= MixLane2(LoadLittleEndian64(tail + 8));
  }
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = Finalize(h1);
  h2 = Finalize(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

int32_t JavaStringHash(std::string_view utf8) {
  uint32_t hash = 0;
  ForEachUtf16Unit(utf8, [&hash](uint16_t unit) { hash = 31 * hash + unit; });
  return static_cast<int32_t>(hash);
}

std::string Utf16LittleEndian(std::string_view utf8) {
  std::string out;
  out.reserve(2 * utf8.size());
  ForEachUtf16Unit(utf8, [&out](uint16_t unit) {
    out.push_back(static_cast<char>(unit & 0xff));
    out.push_back(static_cast<char>(unit >> 8));
  });
  return out;
}

double RoutingKeyPosition(std::string_view routing_key) {
  static const uint64_t kSeed = SeedFrom("EventRouter");
  uint64_t h1 = Murmur3(Utf16LittleEndian(routing_key), kSeed).h1;
  // 52 bits of the hash become the mantissa of a number in [1, 2).
  return std::bit_cast<double>(0x3ff0000000000000 + (h1 >> 12)) - 1.0;
}

int32_t ContainerIndex(std::string_view container_key, int32_t containers) {
  CHECK(containers > 0);
  static const uint64_t kSeed = SeedFrom("SegmentToContainerMapper");
  uint64_t state = Murmur3(Utf16LittleEndian(container_key), kSeed).h1;
  // Jump consistent hash, with Guava's generator: Java and we must agree in every bit of the doubles.
  int32_t candidate = 0;
  while (true) {
    state = state * 2862933555777941757u + 1;
    // The sum wraps to a negative number once in 2^31 states, as it does in Java.
    double d = static_cast<double>(static_cast<int32_t>(static_cast<uint32_t>(state >> 33) + 1)) / 2147483648.0;
    double next = std::trunc((candidate + 1) / d);
    // The double may exceed every int32: compare before converting.
    if (!(next >= 0 && next < containers)) return candidate;
    candidate = static_cast<int32_t>(next);
  }
}

}  // namespace pravega::wire
