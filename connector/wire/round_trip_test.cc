// Goal: every command comes back from its bytes as it was. Method: a property for each of the 70 commands over values
// of all its fields, whole and in two chunks, and one over streams of any commands in chunks of any sizes.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "connector/wire/frame_parser.h"
#include "connector/wire/frames_for_test.h"
#include "connector/wire/generators_for_test.h"
#include "connector/wire/print.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace pravega::wire {
namespace {

class RoundTrip : public ::testing::TestWithParam<size_t> {};

TEST_P(RoundTrip, BytesBackToTheSameCommand) {
  const size_t index = GetParam();
  EXPECT_TRUE(rc::check(AllCommands()[index].name, [index] {
    const Command command = DrawCommand(index);
    RC_ASSERT(command.index() == index);
    std::string bytes = BytesOf(command);
    RC_ASSERT(!bytes.empty());
    absl::StatusOr<Command> back = ParseOne(bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == command);
    RC_ASSERT(BytesOf(*back) == bytes);

    // In two chunks.
    size_t split = *rc::gen::inRange<size_t>(0, bytes.size());
    FrameParser parser;
    parser.Push(Buffer::Copy(std::string_view(bytes).substr(0, split)));
    RC_ASSERT(!parser.Next().value().has_value());
    parser.Push(Buffer::Copy(std::string_view(bytes).substr(split)));
    RC_ASSERT(parser.Next().value() == std::optional<Command>(command));
  }));
}

INSTANTIATE_TEST_SUITE_P(Commands, RoundTrip, ::testing::Range<size_t>(0, std::variant_size_v<AnyCommand>),
                         [](const ::testing::TestParamInfo<size_t>& info) {
                           return std::string(AllCommands()[info.param].name);
                         });

RC_GTEST_PROP(Streams, AnyCommandsInAnyChunks, ()) {
  std::vector<Command> commands;
  EncodedFrames frames;
  size_t count = *rc::gen::inRange<size_t>(0, 12);
  for (size_t i = 0; i < count; ++i) {
    commands.push_back(DrawAnyCommand());
    RC_ASSERT(Encode(commands.back(), &frames).ok());
  }
  std::string bytes;
  for (const Buffer& piece : frames.Take()) bytes.append(piece.view());

  FrameParser parser(FrameParser::Options::ForClient());
  std::vector<Command> parsed;
  std::string_view left = bytes;
  while (!left.empty()) {
    size_t chunk = std::min(*rc::gen::inRange<size_t>(1, 600), left.size());
    parser.Push(Buffer::Copy(left.substr(0, chunk)));
    left.remove_prefix(chunk);
    while (true) {
      absl::StatusOr<std::optional<Command>> next = parser.Next();
      RC_ASSERT(next.ok());
      if (!next->has_value()) break;
      parsed.push_back(**std::move(next));
    }
  }
  RC_ASSERT(parser.AtEnd().ok());
  RC_ASSERT(parsed == commands);
  RC_ASSERT(static_cast<size_t>(parser.stream_offset()) == bytes.size());
}

RC_GTEST_PROP(Streams, PrintingGivesOneLineOfBoundedLength, ()) {
  std::string text = ToString(DrawAnyCommand());
  RC_ASSERT(text.size() < 8000u);
  RC_ASSERT(text.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace pravega::wire
