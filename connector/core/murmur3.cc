#include "connector/core/murmur3.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace pravega {
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

}  // namespace pravega
