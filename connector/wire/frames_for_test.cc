#include "connector/wire/frames_for_test.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/wire/encode.h"
#include "connector/wire/print.h"

namespace pravega::wire {

std::string FromHex(std::string_view hex) {
  auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    CHECK(c >= 'a' && c <= 'f');
    return c - 'a' + 10;
  };
  CHECK(hex.size() % 2 == 0);
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  return bytes;
}

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (unsigned char byte : bytes) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  return hex;
}

std::vector<std::vector<std::string>> ReadTestData(std::string_view file) {
  std::string path = StrCat("connector/wire/testdata/", file);
  std::ifstream in(path);
  CHECK_MSG(in.good(), path);
  std::vector<std::vector<std::string>> lines;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::vector<std::string>& split = lines.emplace_back();
    std::string word;
    while (words >> word) split.push_back(word);
  }
  return lines;
}

absl::StatusOr<Command> ParseOne(std::string_view bytes, FrameParser::Options options) {
  FrameParser parser(options);
  parser.Push(Buffer::Copy(bytes));
  absl::StatusOr<std::optional<Command>> first = parser.Next();
  if (!first.ok()) return first.status();
  if (!first->has_value()) return parser.AtEnd();
  if (static_cast<size_t>(parser.stream_offset()) != bytes.size()) return absl::InternalError("bytes behind the frame");
  return **std::move(first);
}

absl::StatusOr<std::vector<Command>> ParseAll(std::string_view bytes, size_t chunk_bytes,
                                              FrameParser::Options options) {
  FrameParser parser(options);
  std::vector<Command> commands;
  while (!bytes.empty()) {
    std::string_view chunk = bytes.substr(0, chunk_bytes);
    bytes.remove_prefix(chunk.size());
    parser.Push(Buffer::Copy(chunk));
    while (true) {
      absl::StatusOr<std::optional<Command>> next = parser.Next();
      if (!next.ok()) return next.status();
      if (!next->has_value()) break;
      commands.push_back(**std::move(next));
    }
  }
  absl::Status end = parser.AtEnd();
  if (!end.ok()) return end;
  return commands;
}

std::string BytesOf(const Command& command) {
  absl::StatusOr<Buffer> bytes = EncodeContiguous(command);
  return bytes.ok() ? bytes->ToString() : std::string();
}

testing::AssertionResult Same(const Command& a, const Command& b) {
  if (a == b) return testing::AssertionSuccess();
  return testing::AssertionFailure() << ToString(a) << " is not " << ToString(b);
}

testing::AssertionResult Same(const std::vector<Command>& a, const std::vector<Command>& b) {
  if (a.size() != b.size()) return testing::AssertionFailure() << a.size() << " commands are not " << b.size();
  for (size_t i = 0; i < a.size(); ++i) {
    if (testing::AssertionResult same = Same(a[i], b[i]); !same) return same << ", number " << i;
  }
  return testing::AssertionSuccess();
}

}  // namespace pravega::wire
