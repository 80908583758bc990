// Stream cuts against any bytes.
//
// Input: one byte that chooses the form, then what is to be read: the binary form, the text form, or the text within
// the text form, which mutations of Base64 and gzip would hardly ever reach. Holds for every input: what was read can
// be written, unless a number is beyond what the format's writers allow, and comes back the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "connector/core/check.h"
#include "connector/core/gzip.h"
#include "connector/core/stream_cut.h"
#include "connector/core/strings.h"

namespace pravega {
namespace {

void CheckForms(const absl::StatusOr<StreamCut>& cut) {
  if (!cut.ok()) {
    CHECK(!cut.status().message().empty());
    return;
  }
  CHECK(!cut->ToString().empty());
  absl::StatusOr<std::string> bytes = cut->ToBytes();
  if (bytes.ok()) CHECK(*StreamCut::FromBytes(*bytes) == *cut);
  absl::StatusOr<std::string> text = cut->ToText();
  if (text.ok()) CHECK(*StreamCut::FromText(*text) == *cut);
}

void Run(uint8_t form, std::string_view input) {
  switch (form % 3) {
    case 0:
      CheckForms(StreamCut::FromBytes(input));
      break;
    case 1:
      CheckForms(StreamCut::FromText(input));
      break;
    default: {
      absl::StatusOr<std::string> back = Gunzip(Gzip(input), input.size());
      CHECK(back.ok());
      CHECK(*back == input);
      CheckForms(StreamCut::FromText(absl::Base64Escape(ToAbsl(Gzip(input)))));
    }
  }
}

}  // namespace
}  // namespace pravega

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) pravega::Run(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
