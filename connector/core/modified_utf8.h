// Modified UTF-8, the form of all strings on the wire and in Java's serialized payloads.
//
// It is the UTF-8 of UTF-16 code units: NUL takes two bytes (c0 80), and a supplementary character is a pair of
// surrogates of three bytes each. In memory our strings are standard UTF-8. The mapping is one to one, so that whatever
// was received is sent on with the same bytes; hence what has no counterpart is an error and never repaired:
//
// * received: truncated sequences, stray continuation bytes, overlong forms, a raw NUL byte, four-byte forms (which
//   clients in other languages write, and which the Java server refuses as well);
// * to be sent: anything that is not UTF-8.
//
// A surrogate without its partner, legal in Java strings, becomes the three bytes of its own code point (as in WTF-8).
#ifndef PRAVEGA_CONNECTOR_CORE_MODIFIED_UTF8_H_
#define PRAVEGA_CONNECTOR_CORE_MODIFIED_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace pravega {

// The longest string, in bytes of modified UTF-8.
inline constexpr size_t kMaxStringBytes = 65535;

// Appends the UTF-8 form of `modified`, which is never longer, to `utf8`. False, and `utf8` as it was, if `modified` is
// malformed; *error_offset, if wanted, is the place.
bool FromModifiedUtf8(std::string_view modified, std::string* utf8, size_t* error_offset = nullptr);

// Appends the modified UTF-8 form of `utf8` to `modified`. False, and `modified` as it was, if `utf8` is malformed.
bool ToModifiedUtf8(std::string_view utf8, std::string* modified);

// The longest prefix of `utf8` whose modified form has at most `max_bytes` and which ends between characters. For free
// texts such as stack traces, which must be cut where a name must be refused. Malformed text is cut where it begins.
std::string_view FittingPrefix(std::string_view utf8, size_t max_bytes = kMaxStringBytes);

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_MODIFIED_UTF8_H_
