#include "connector/core/uuid.h"

namespace pravega {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr size_t kDashes[] = {8, 13, 18, 23};

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Uuid::ToHex() const {
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = kDigits[(high >> (4 * i)) & 15];
    text[31 - i] = kDigits[(low >> (4 * i)) & 15];
  }
  return text;
}

std::string Uuid::ToString() const {
  std::string text = ToHex();
  for (size_t at : kDashes) text.insert(at, 1, '-');
  return text;
}

std::optional<Uuid> Uuid::ParseHex(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  Uuid uuid;
  for (int i = 0; i < 32; ++i) {
    int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    uint64_t& half = i < 16 ? uuid.high : uuid.low;
    half = half << 4 | static_cast<uint64_t>(value);
  }
  return uuid;
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  digits.reserve(32);
  size_t next_dash = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (next_dash < 4 && i == kDashes[next_dash]) {
      if (text[i] != '-') return std::nullopt;
      ++next_dash;
      continue;
    }
    digits.push_back(text[i]);
  }
  return ParseHex(digits);
}

}  // namespace pravega
