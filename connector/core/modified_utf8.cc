#include "connector/core/modified_utf8.h"

#include <cstdint>

#include "connector/core/utf8.h"

namespace pravega {
namespace {

// Both forms are the same for text of the bytes 01..7f, which nearly all text is.
size_t PlainPrefix(std::string_view text) {
  size_t i = 0;
  while (i < text.size() && static_cast<signed char>(text[i]) > 0) ++i;
  return i;
}

void AppendThreeBytes(uint32_t unit, std::string* out) {
  out->push_back(static_cast<char>(0xe0 | unit >> 12));
  out->push_back(static_cast<char>(0x80 | (unit >> 6 & 0x3f)));
  out->push_back(static_cast<char>(0x80 | (unit & 0x3f)));
}

void AppendFourBytes(uint32_t value, std::string* out) {
  out->push_back(static_cast<char>(0xf0 | value >> 18));
  out->push_back(static_cast<char>(0x80 | (value >> 12 & 0x3f)));
  out->push_back(static_cast<char>(0x80 | (value >> 6 & 0x3f)));
  out->push_back(static_cast<char>(0x80 | (value & 0x3f)));
}

// The character at the beginning of UTF-8 text, with `modified_size` the bytes of its modified form; size 0 if the text
// is malformed there. A pair of surrogates written as two characters is malformed: its modified form is that of the one
// supplementary character, so it would not come back.
CodePoint NextCharacter(std::string_view text, size_t* modified_size) {
  CodePoint c = DecodeUtf8(text);
  *modified_size = c.size;
  if (c.size == 4) *modified_size = 6;
  if (c.size == 1 && c.value == 0) *modified_size = 2;
  bool pair = IsHighSurrogate(c.value) && text.size() > c.size && IsLowSurrogate(DecodeUtf8(text.substr(c.size)).value);
  return pair ? CodePoint{} : c;
}

}  // namespace

bool FromModifiedUtf8(std::string_view modified, std::string* utf8, size_t* error_offset) {
  const size_t old_size = utf8->size();
  size_t at = PlainPrefix(modified);
  utf8->append(modified.substr(0, at));
  while (at < modified.size()) {
    std::string_view left = modified.substr(at);
    if (left.starts_with(std::string_view("\xc0\x80", 2))) {
      utf8->push_back('\0');
      at += 2;
      continue;
    }
    CodePoint c = DecodeUtf8(left);
    if (c.size == 0 || c.size == 4 || c.value == 0) {
      utf8->resize(old_size);
      if (error_offset != nullptr) *error_offset = at;
      return false;
    }
    at += c.size;
    if (IsHighSurrogate(c.value) && at < modified.size()) {
      CodePoint low = DecodeUtf8(modified.substr(at));
      if (IsLowSurrogate(low.value)) {
        AppendFourBytes(CombineSurrogates(c.value, low.value), utf8);
        at += low.size;
        continue;
      }
    }
    utf8->append(left.substr(0, c.size));
  }
  return true;
}

bool ToModifiedUtf8(std::string_view utf8, std::string* modified) {
  const size_t old_size = modified->size();
  size_t at = PlainPrefix(utf8);
  modified->append(utf8.substr(0, at));
  while (at < utf8.size()) {
    size_t modified_size;
    CodePoint c = NextCharacter(utf8.substr(at), &modified_size);
    if (c.size == 0) {
      modified->resize(old_size);
      return false;
    }
    if (c.size == 4) {
      AppendThreeBytes(0xd800 + ((c.value - 0x10000) >> 10), modified);
      AppendThreeBytes(0xdc00 + ((c.value - 0x10000) & 0x3ff), modified);
    } else if (c.value == 0) {
      modified->append("\xc0\x80", 2);
    } else {
      modified->append(utf8.substr(at, c.size));
    }
    at += c.size;
  }
  return true;
}

std::string_view FittingPrefix(std::string_view utf8, size_t max_bytes) {
  size_t at = 0;
  size_t modified_bytes = 0;
  while (at < utf8.size()) {
    size_t modified_size;
    CodePoint c = NextCharacter(utf8.substr(at), &modified_size);
    if (c.size == 0 || modified_bytes + modified_size > max_bytes) break;
    modified_bytes += modified_size;
    at += c.size;
  }
  return utf8.substr(0, at);
}

}  // namespace pravega
