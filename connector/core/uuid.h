// Uuid: 128 bits in the order of the canonical text form. A plain value; thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CORE_UUID_H_
#define PRAVEGA_CONNECTOR_CORE_UUID_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pravega {

struct Uuid {
  uint64_t high = 0;  // most significant half, first on the wire
  uint64_t low = 0;

  // "00112233-4455-6677-8899-aabbccddeeff", lower case.
  std::string ToString() const;
  // The same 32 digits without dashes, as in names of transaction and transient segments.
  std::string ToHex() const;
  // Accepts the dashed form, either case; nothing else.
  static std::optional<Uuid> Parse(std::string_view text);
  // Accepts exactly 32 hexadecimal digits.
  static std::optional<Uuid> ParseHex(std::string_view text);

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_UUID_H_
