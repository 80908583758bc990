// Bytes as hexadecimal text, for golden vectors.
#ifndef PRAVEGA_CONNECTOR_CORE_TESTING_HEX_H_
#define PRAVEGA_CONNECTOR_CORE_TESTING_HEX_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "connector/core/check.h"

namespace pravega::testing {

inline int HexDigit(char c) {
  size_t value = std::string_view("0123456789abcdef").find(c);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

// Spaces are ignored, so that vectors may be grouped by field. CHECKs that the rest is pairs of lower case digits.
inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  int high = -1;
  for (char c : hex) {
    if (c == ' ') continue;
    int digit = HexDigit(c);
    CHECK(digit >= 0);
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  CHECK(high < 0);
  return bytes;
}

inline std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (char c : bytes) {
    hex.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    hex.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

}  // namespace pravega::testing

#endif  // PRAVEGA_CONNECTOR_CORE_TESTING_HEX_H_
