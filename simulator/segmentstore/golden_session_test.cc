// Goal: the store answers a recorded session as the real one did.
// Method: replays a session with a Pravega 0.13.0 store frame by frame and compares each reply with the recorded one,
// but for stack traces and times. What is not simulated is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "connector/core/buffer.h"
#include "connector/core/strings.h"
#include "connector/wire/commands.h"
#include "connector/wire/frame_parser.h"
#include "connector/wire/print.h"
#include "simulator/segmentstore/store_harness.h"

namespace pravega::sim {
namespace {

constexpr const char* kSessionFile = "connector/wire/testdata/golden_session.txt";

struct Line {
  char kind;  // '>' to the store, '<' from it, 'c' closed by it
  std::optional<wire::Command> command;
  std::string bytes;
};

wire::Command Decode(const std::string& bytes) {
  wire::FrameParser parser(wire::FrameParser::Options::ForClient());
  parser.Push(Buffer::Copy(bytes));
  absl::StatusOr<std::optional<wire::Command>> command = parser.Next();
  CHECK_MSG(command.ok() && command->has_value(), command.status().ToString());
  return **std::move(command);
}

std::vector<Line> ReadSession() {
  std::ifstream file(kSessionFile);
  CHECK(file.good());
  std::vector<Line> lines;
  std::string text;
  while (std::getline(file, text)) {
    std::istringstream words(text);
    std::string kind, name, hex;
    words >> kind >> name >> hex;
    if (kind == "#" || kind.empty()) continue;
    Line line{kind[0], std::nullopt, absl::HexStringToBytes(hex)};
    if (line.kind != 'c') line.command = Decode(line.bytes);
    lines.push_back(std::move(line));
  }
  return lines;
}

// Without what may differ.
wire::Command Comparable(wire::Command command) {
  std::visit(
      [](auto& c) {
        if constexpr (requires { c.server_stack_trace; }) c.server_stack_trace.clear();
        if constexpr (requires { c.last_modified; }) c.last_modified = 0;
      },
      command);
  return command;
}

TEST(GoldenSessionTest, AnswersAsTheRealStoreDid) {
  std::vector<Line> lines = ReadSession();
  ASSERT_GT(lines.size(), 100u);
  StoreHarness harness;
  StoreHarness::Connection* first = &harness.Connect();
  StoreHarness::Connection* current = first;
  int compared = 0;
  int refused = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].kind != '>') continue;
    const wire::Command& request = *lines[i].command;
    SCOPED_TRACE(StrCat("line ", i, ": ", wire::ToString(request)));
    char next = i + 1 < lines.size() ? lines[i + 1].kind : '>';
    if (next == 'c') {
      // The recorded one had not set up its writer on that connection.
      if (std::holds_alternative<wire::ConditionalAppend>(request)) current = &harness.Connect();
      current->SendBytes(lines[i].bytes);
      EXPECT_TRUE(current->Closes());
      EXPECT_EQ(current->received(), 0u);
      current = &harness.Connect();
      ++compared;
      continue;
    }
    bool stale = next == '<' && std::holds_alternative<wire::InvalidEventNumber>(*lines[i + 1].command);
    // The recorded one went to a connection whose view of the writer was old.
    StoreHarness::Connection* connection = stale ? first : current;
    connection->SendBytes(lines[i].bytes);
    if (next != '<') continue;
    std::optional<wire::Command> reply = connection->Receive();
    ASSERT_TRUE(reply.has_value()) << (harness.log().empty() ? "" : harness.log().back());
    wire::CommandType type = wire::TypeOf(request);
    if (type == wire::CreateTransientSegment::kType || wire::InfoOf(request).code() >= 68) {
      if (type != wire::MergeSegmentsBatch::kType && type != wire::KeepAlive::kType &&
          type != wire::ConditionalBlockEnd::kType) {
        EXPECT_TRUE(std::holds_alternative<wire::OperationUnsupported>(*reply)) << *reply;
        ++refused;
        continue;
      }
    }
    EXPECT_EQ(Comparable(*reply), Comparable(*lines[i + 1].command));
    ++compared;
    if (stale) {
      EXPECT_TRUE(first->Closes());
    }
  }
  const auto answers = std::count_if(lines.begin(), lines.end(), [](const Line& line) { return line.kind != '>'; });
  EXPECT_EQ(compared + refused, answers);
  EXPECT_EQ(refused, 20);
}

}  // namespace
}  // namespace pravega::sim
