// Big-endian integers in memory.
#ifndef PRAVEGA_CONNECTOR_CORE_BIG_ENDIAN_H_
#define PRAVEGA_CONNECTOR_CORE_BIG_ENDIAN_H_

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace pravega {

namespace internal {
template <std::integral T>
constexpr T ToOrFromBigEndian(T value) {
  if constexpr (sizeof(T) == 1 || std::endian::native == std::endian::big) {
    return value;
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    static_assert(sizeof(T) == 8);
    return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}
}  // namespace internal

// The sizeof(T) bytes at `bytes`.
template <std::integral T>
T LoadBigEndian(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return internal::ToOrFromBigEndian(value);
}

template <std::integral T>
void StoreBigEndian(T value, char* bytes) {
  value = internal::ToOrFromBigEndian(value);
  std::memcpy(bytes, &value, sizeof(value));
}

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_BIG_ENDIAN_H_
