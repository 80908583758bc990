#include "connector/core/java_string.h"

#include "connector/core/utf8.h"

namespace pravega {
namespace {

// Calls emit(unit) for each UTF-16 code unit.
template <typename Emit>
void ForEachUtf16Unit(std::string_view utf8, Emit emit) {
  while (!utf8.empty()) {
    CodePoint c = DecodeUtf8(utf8);
    if (c.size == 0) c = {0xfffd, 1};
    if (c.value >= 0x10000) {
      emit(static_cast<uint16_t>(0xd800 + ((c.value - 0x10000) >> 10)));
      emit(static_cast<uint16_t>(0xdc00 + ((c.value - 0x10000) & 0x3ff)));
    } else {
      emit(static_cast<uint16_t>(c.value));
    }
    utf8.remove_prefix(c.size);
  }
}

}  // namespace

std::string Utf16LittleEndian(std::string_view utf8) {
  std::string out;
  out.reserve(2 * utf8.size());
  ForEachUtf16Unit(utf8, [&out](uint16_t unit) {
    out.push_back(static_cast<char>(unit & 0xff));
    out.push_back(static_cast<char>(unit >> 8));
  });
  return out;
}

int32_t JavaStringHash(std::string_view utf8) {
  uint32_t hash = 0;
  ForEachUtf16Unit(utf8, [&hash](uint16_t unit) { hash = 31 * hash + unit; });
  return static_cast<int32_t>(hash);
}

}  // namespace pravega
