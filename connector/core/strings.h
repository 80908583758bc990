// The edge between std::string_view, which our headers use, and Debian's absl::string_view, which is another type.
#ifndef PRAVEGA_CONNECTOR_CORE_STRINGS_H_
#define PRAVEGA_CONNECTOR_CORE_STRINGS_H_

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace pravega {

inline absl::string_view ToAbsl(std::string_view text) { return absl::string_view(text.data(), text.size()); }
inline std::string_view ToStd(absl::string_view text) { return std::string_view(text.data(), text.size()); }

namespace internal {
inline void AppendPiece(std::string* out, std::string_view piece) { out->append(piece); }
template <typename T>
  requires std::is_integral_v<T> || std::is_floating_point_v<T>
void AppendPiece(std::string* out, T number) {
  out->append(std::to_string(number));
}
}  // namespace internal

// Joins strings and numbers; doubles print as std::to_string does.
template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string out;
  (internal::AppendPiece(&out, pieces), ...);
  return out;
}

// A status of `code` whose message is StrCat of the pieces.
template <typename... Pieces>
absl::Status MakeStatus(absl::StatusCode code, const Pieces&... pieces) {
  return absl::Status(code, StrCat(pieces...));
}

// `status` with "context: " put before its message; OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view context);

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_STRINGS_H_
