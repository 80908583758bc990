// Code points of UTF-8 text.
#ifndef PRAVEGA_CONNECTOR_CORE_UTF8_H_
#define PRAVEGA_CONNECTOR_CORE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pravega {

struct CodePoint {
  uint32_t value = 0;
  size_t size = 0;  // bytes; 0 if the text is malformed here
};

inline bool IsHighSurrogate(uint32_t value) { return value >= 0xd800 && value <= 0xdbff; }
inline bool IsLowSurrogate(uint32_t value) { return value >= 0xdc00 && value <= 0xdfff; }
inline uint32_t CombineSurrogates(uint32_t high, uint32_t low) {
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

// The character at the beginning of `text`, which is not empty. Overlong forms and values above 10ffff are malformed;
// surrogates are values like others.
inline CodePoint DecodeUtf8(std::string_view text) {
  auto byte = [&](size_t i) -> uint32_t { return static_cast<unsigned char>(text[i]); };
  auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xc2 && lead <= 0xdf) {
    if (text.size() < 2 || !continues(1)) return {};
    return {(lead & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    if (text.size() < 3 || !continues(1) || !continues(2)) return {};
    uint32_t value = (lead & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    return value < 0x800 ? CodePoint{} : CodePoint{value, 3};
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (text.size() < 4 || !continues(1) || !continues(2) || !continues(3)) return {};
    uint32_t value = (lead & 0x7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
    return value < 0x10000 || value > 0x10ffff ? CodePoint{} : CodePoint{value, 4};
  }
  return {};
}

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_UTF8_H_
