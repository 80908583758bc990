#include "connector/core/strings.h"

namespace pravega {

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), StrCat(context, ": ", ToStd(status.message())));
}

}  // namespace pravega
