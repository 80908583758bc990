// Strings as Java sees them: sequences of UTF-16 code units. Hashes that clients and servers must agree on are defined
// over those units, never over UTF-8 (Pravega client, "routing key to position").
#ifndef PRAVEGA_CONNECTOR_CORE_JAVA_STRING_H_
#define PRAVEGA_CONNECTOR_CORE_JAVA_STRING_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pravega {

// The UTF-16LE form of UTF-8 text: two bytes for each code unit, low byte first, no byte order mark. Each byte that is
// not part of well-formed UTF-8 becomes U+FFFD, as in Java's decoder; a surrogate written in UTF-8 (WTF-8) is kept.
std::string Utf16LittleEndian(std::string_view utf8);

// Java's String.hashCode(): h = 31 h + unit over the UTF-16 code units, modulo 2^32, signed.
int32_t JavaStringHash(std::string_view utf8);

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_JAVA_STRING_H_
