// gzip of small texts, in memory.
#ifndef PRAVEGA_CONNECTOR_CORE_GZIP_H_
#define PRAVEGA_CONNECTOR_CORE_GZIP_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pravega {

// The same bytes for the same text with one version of zlib: no time, no name.
std::string Gzip(std::string_view text);

// The decompressed text of exactly one gzip member. Fails if it is damaged, truncated or followed by other bytes, or
// has more than `max_bytes`; then no more than that was ever in memory.
absl::StatusOr<std::string> Gunzip(std::string_view compressed, size_t max_bytes);

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_GZIP_H_
