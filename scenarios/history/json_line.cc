#include "scenarios/history/json_line.h"

#include <charconv>
#include <system_error>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

// What stands at a place of the input, for messages.
std::string Shown(std::string_view line, size_t at) {
  if (at >= line.size()) return "the end of the line";
  unsigned char c = static_cast<unsigned char>(line[at]);
  if (c < 0x20 || c == 0x7f) return StrCat("the byte ", static_cast<int>(c));
  if (c >= 0x80) return "a byte that is not ASCII";
  return StrCat("'", line.substr(at, 1), "'");
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(std::string& out, uint32_t code) {
  auto byte = [&](uint32_t b) { out.push_back(static_cast<char>(static_cast<unsigned char>(b))); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// The four digits of \uXXXX, known to be hexadecimal.
uint32_t CodeUnit(std::string_view digits) {
  uint32_t unit = 0;
  for (char c : digits.substr(0, 4)) unit = unit << 4 | static_cast<uint32_t>(HexDigit(c));
  return unit;
}

}  // namespace

std::optional<JsonError> JsonLine::Parse(std::string_view line) {
  line_ = line;
  at_ = 0;
  values_.clear();
  error_ = JsonError();
  if (line.size() > kMaxBytes) {
    Fail(0, StrCat("the line has ", line.size(), " bytes: expected at most ", kMaxBytes));
    return error_;
  }
  if (!ParseValue(0)) return error_;
  SkipSpace();
  if (at_ != line_.size()) {
    Fail(at_, StrCat("expected the end of the line, found ", Shown(line_, at_)));
    return error_;
  }
  return std::nullopt;
}

bool JsonLine::Fail(size_t at, std::string what) {
  error_ = JsonError{at + 1, std::move(what)};
  return false;
}

JsonLine::Index JsonLine::Add(JsonType type) {
  Value value;
  value.type = type;
  value.begin = static_cast<uint32_t>(at_);
  values_.push_back(value);
  return static_cast<Index>(values_.size()) - 1;
}

void JsonLine::Close(Index i) {
  values_[i].end = static_cast<uint32_t>(at_);
  values_[i].next = static_cast<Index>(values_.size());
}

void JsonLine::SkipSpace() {
  while (Peek() == ' ' || Peek() == '\t' || Peek() == '\r') ++at_;
}

bool JsonLine::ParseValue(int depth) {
  SkipSpace();
  if (depth > kMaxDepth) return Fail(at_, StrCat("expected at most ", kMaxDepth, " levels of brackets"));
  switch (Peek()) {
    case '{':
      return ParseObject(Add(JsonType::kObject), depth);
    case '[':
      return ParseArray(Add(JsonType::kArray), depth);
    case '"':
      return ParseString();
    case 't':
      return ParseWord("true", true);
    case 'f':
      return ParseWord("false", false);
    default:
      return ParseNumber();
  }
}

bool JsonLine::ParseObject(Index self, int depth) {
  ++at_;
  SkipSpace();
  if (Peek() == '}') {
    ++at_;
    Close(self);
    return true;
  }
  while (true) {
    SkipSpace();
    if (Peek() != '"') return Fail(at_, StrCat("expected a key in quotes, found ", Shown(line_, at_)));
    if (!ParseString()) return false;
    SkipSpace();
    if (Peek() != ':') return Fail(at_, StrCat("expected ':', found ", Shown(line_, at_)));
    ++at_;
    if (!ParseValue(depth + 1)) return false;
    SkipSpace();
    if (Peek() == ',') {
      ++at_;
      continue;
    }
    if (Peek() != '}') return Fail(at_, StrCat("expected ',' or '}', found ", Shown(line_, at_)));
    ++at_;
    Close(self);
    return true;
  }
}

bool JsonLine::ParseArray(Index self, int depth) {
  ++at_;
  SkipSpace();
  if (Peek() == ']') {
    ++at_;
    Close(self);
    return true;
  }
  while (true) {
    if (!ParseValue(depth + 1)) return false;
    SkipSpace();
    if (Peek() == ',') {
      ++at_;
      continue;
    }
    if (Peek() != ']') return Fail(at_, StrCat("expected ',' or ']', found ", Shown(line_, at_)));
    ++at_;
    Close(self);
    return true;
  }
}

bool JsonLine::ParseString() {
  Index self = Add(JsonType::kString);
  size_t begin = at_++;
  while (true) {
    if (at_ >= line_.size()) return Fail(begin, "this string does not end");
    unsigned char c = static_cast<unsigned char>(line_[at_]);
    if (c == '"') break;
    if (c < 0x20) return Fail(at_, StrCat("expected an escape in place of ", Shown(line_, at_), " in a string"));
    ++at_;
    if (c != '\\') continue;
    values_[self].escaped = true;
    char kind = Peek();
    if (kind != '\0' && std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos) {
      ++at_;
      continue;
    }
    if (kind != 'u')
      return Fail(at_, StrCat("expected one of \"\\/bfnrtu behind a backslash, found ", Shown(line_, at_)));
    ++at_;
    auto hex = [&] {
      for (int i = 0; i < 4; ++i, ++at_) {
        if (HexDigit(Peek()) < 0) return Fail(at_, StrCat("expected a hexadecimal digit, found ", Shown(line_, at_)));
      }
      return true;
    };
    size_t digits = at_;
    if (!hex()) return false;
    uint32_t unit = CodeUnit(line_.substr(digits));
    if (IsLowSurrogate(unit)) return Fail(digits, "the second half of a surrogate pair stands alone");
    if (!IsHighSurrogate(unit)) continue;
    if (line_.substr(at_, 2) != "\\u") return Fail(at_, "expected the second half of a surrogate pair");
    at_ += 2;
    digits = at_;
    if (!hex()) return false;
    if (!IsLowSurrogate(CodeUnit(line_.substr(digits)))) {
      return Fail(digits, "expected the second half of a surrogate pair");
    }
  }
  ++at_;
  Close(self);
  return true;
}

bool JsonLine::ParseNumber() {
  size_t end = at_;
  while (end < line_.size() && std::string_view("+-.0123456789eE").find(line_[end]) != std::string_view::npos) ++end;
  std::string_view text = line_.substr(at_, end - at_);
  size_t digits = text.starts_with('-') ? 1 : 0;
  if (text.size() == digits || text[digits] < '0' || text[digits] > '9') {
    return Fail(at_, StrCat("expected a value, found ", Shown(line_, at_)));
  }
  if (text[digits] == '0' && text.size() > digits + 1 && text[digits + 1] >= '0' && text[digits + 1] <= '9') {
    return Fail(at_, "a number does not begin with a zero that means nothing");
  }
  bool whole = text.find_first_of(".eE") == std::string_view::npos;
  Index self = Add(whole ? JsonType::kInteger : JsonType::kReal);
  Value& value = values_[self];
  const char* last = text.data() + text.size();
  std::from_chars_result result =
      whole ? std::from_chars(text.data(), last, value.integer) : std::from_chars(text.data(), last, value.real);
  if (result.ec == std::errc::result_out_of_range) return Fail(at_, "this number is too large");
  if (result.ec != std::errc() || result.ptr != last) {
    return Fail(at_ + static_cast<size_t>(result.ptr - text.data()), "expected the end of the number");
  }
  at_ = end;
  Close(self);
  return true;
}

bool JsonLine::ParseWord(std::string_view word, bool boolean) {
  if (line_.substr(at_, word.size()) != word) return Fail(at_, StrCat("expected a value, found ", Shown(line_, at_)));
  Index self = Add(JsonType::kBool);
  values_[self].integer = boolean ? 1 : 0;
  at_ += word.size();
  Close(self);
  return true;
}

double JsonLine::real(Index i) const {
  const Value& value = values_[i];
  return value.type == JsonType::kReal ? value.real : static_cast<double>(value.integer);
}

std::string_view JsonLine::String(Index i, std::string& scratch) const {
  const Value& value = values_[i];
  CHECK(value.type == JsonType::kString);
  std::string_view raw = line_.substr(value.begin + 1, value.end - value.begin - 2);
  if (!value.escaped) return raw;
  scratch.clear();
  for (size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      scratch.push_back(raw[at]);
      continue;
    }
    char kind = raw[++at];
    if (kind == 'u') {
      uint32_t code = CodeUnit(raw.substr(at + 1));
      at += 4;
      if (IsHighSurrogate(code)) {
        code = 0x10000 + ((code - 0xd800) << 10) + (CodeUnit(raw.substr(at + 3)) - 0xdc00);
        at += 6;
      }
      AppendUtf8(scratch, code);
    } else {
      constexpr std::string_view kFrom = "bfnrt";
      constexpr std::string_view kTo = "\b\f\n\r\t";
      size_t found = kFrom.find(kind);
      scratch.push_back(found == std::string_view::npos ? kind : kTo[found]);
    }
  }
  return scratch;
}

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (char c : text) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (byte < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace pravega::scenarios
