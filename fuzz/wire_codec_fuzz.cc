// The wire codec against any bytes.
//
// Input: one byte of options, one byte that seeds the chunks (0: a single chunk), then what a peer sends.
// Holds for every input:
// * the commands and the error do not depend on how the bytes are split;
// * every command that was parsed can be encoded, comes back the same, and is encoded to the same bytes once more;
// * a string that is accepted as modified UTF-8 is written with the same bytes;
// * the append assembler neither invents nor repeats a byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/modified_utf8.h"
#include "connector/wire/append_assembler.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "connector/wire/frame_parser.h"
#include "connector/wire/print.h"

namespace pravega::wire {
namespace {

struct Parsed {
  std::vector<Command> commands;
  absl::Status status;
};

// `seed` 0: one chunk.
Parsed Parse(std::string_view bytes, uint8_t seed, const FrameParser::Options& options) {
  Parsed parsed;
  FrameParser parser(options);
  uint32_t state = seed;
  while (!bytes.empty()) {
    size_t size = bytes.size();
    if (seed != 0) {
      state = state * 1664525 + 1013904223;
      size = std::min<size_t>(size, 1 + (state >> 24) % seed);
    }
    parser.Push(Buffer::Copy(bytes.substr(0, size)));
    bytes.remove_prefix(size);
    while (true) {
      absl::StatusOr<std::optional<Command>> next = parser.Next();
      if (!next.ok()) {
        parsed.status = next.status();
        return parsed;
      }
      if (!next->has_value()) break;
      parsed.commands.push_back(**std::move(next));
    }
  }
  parsed.status = parser.AtEnd();
  return parsed;
}

void CheckComesBack(const Command& command) {
  absl::StatusOr<Buffer> bytes = EncodeContiguous(command);
  CHECK_MSG(bytes.ok(), bytes.status().ToString());
  Parsed again = Parse(bytes->view(), 0, FrameParser::Options::ForClient());
  CHECK_MSG(again.status.ok(), again.status.ToString());
  CHECK(again.commands.size() == 1);
  CHECK_MSG(again.commands[0] == command, ToString(command));
  absl::StatusOr<Buffer> bytes_again = EncodeContiguous(again.commands[0]);
  CHECK(bytes_again.ok());
  CHECK_MSG(*bytes_again == *bytes, ToString(command));
}

void CheckAppends(const std::vector<Command>& commands, size_t received) {
  AppendAssembler assembler;
  size_t headers = 0;
  size_t assembled = 0;
  for (const Command& command : commands) {
    if (!AppendAssembler::Takes(command)) continue;
    if (std::holds_alternative<ConditionalAppend>(command)) ++headers;
    absl::StatusOr<std::optional<AssembledAppend>> append = assembler.Feed(command);
    if (!append.ok()) break;
    if (!append->has_value()) continue;
    size_t bytes = 0;
    for (const Buffer& piece : (*append)->data) bytes += piece.size();
    CHECK(bytes == (*append)->data_bytes);
    CHECK((*append)->event_count > 0);
    assembled += bytes;
  }
  CHECK(assembled <= received + 8 * headers);
}

void CheckStrings(std::string_view bytes) {
  std::string utf8;
  if (FromModifiedUtf8(bytes, &utf8)) {
    std::string modified;
    CHECK(ToModifiedUtf8(utf8, &modified));
    CHECK(modified == bytes);
    CHECK(utf8.size() <= bytes.size());
  }
  std::string modified;
  if (ToModifiedUtf8(bytes, &modified)) {
    std::string back;
    CHECK(FromModifiedUtf8(modified, &back));
    CHECK(back == bytes);
    CHECK(FittingPrefix(bytes, modified.size()) == bytes);
  }
}

}  // namespace
}  // namespace pravega::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pravega::wire;  // NOLINT(google-build-using-namespace)
  if (size < 2) return 0;
  FrameParser::Options options =
      (data[0] & 1) == 0 ? FrameParser::Options::ForServer() : FrameParser::Options::ForClient();
  options.decode.invalid_event_number_before_v16 = (data[0] & 2) != 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  Parsed whole = Parse(bytes, 0, options);
  for (uint8_t seed : {data[1], uint8_t{1}}) {
    Parsed split = Parse(bytes, seed, options);
    CHECK_MSG(split.status == whole.status, split.status.ToString());
    CHECK(split.commands == whole.commands);
  }
  for (const Command& command : whole.commands) {
    CheckComesBack(command);
    CHECK(ToString(command).size() < 16384);
  }
  CheckAppends(whole.commands, bytes.size());
  CheckStrings(bytes);
  return 0;
}
