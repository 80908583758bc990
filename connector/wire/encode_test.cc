// Goal: data are never copied on their way out, and what does not fit the protocol leaves no trace.
#include "connector/wire/encode.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/modified_utf8.h"
#include "connector/wire/commands.h"
#include "connector/wire/frames_for_test.h"
#include "connector/wire/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

using ::testing::HasSubstr;

std::string Join(const std::vector<Buffer>& pieces) {
  std::string bytes;
  for (const Buffer& piece : pieces) bytes.append(piece.view());
  return bytes;
}

TEST(Encode, DataAreGatheredAndNotCopied) {
  Buffer data(std::string(4096, 'd'));
  EncodedFrames frames;
  ASSERT_TRUE(Encode(KeepAlive{}, &frames).ok());
  ASSERT_TRUE(Encode(AppendBlock{WriterId{}, data}, &frames).ok());
  ASSERT_TRUE(Encode(AppendBlockEnd{.data = data.From(1000), .num_events = 1}, &frames).ok());
  ASSERT_TRUE(Encode(SegmentRead{.segment = "s", .data = data.Slice(0, 2000)}, &frames).ok());
  size_t bytes = frames.bytes();
  std::vector<Buffer> pieces = frames.Take();
  EXPECT_TRUE(frames.empty());
  ASSERT_EQ(pieces.size(), 7u);
  EXPECT_EQ(pieces[1].data(), data.data());
  EXPECT_EQ(pieces[3].data(), data.data() + 1000);
  EXPECT_EQ(pieces[5].data(), data.data());
  EXPECT_EQ(pieces[5].size(), 2000u);
  std::string joined = Join(pieces);
  EXPECT_EQ(joined.size(), bytes);
  absl::StatusOr<std::vector<Command>> back = ParseAll(joined, joined.size());
  ASSERT_TRUE(back.ok()) << back.status();
  const std::vector<Command> expected = {KeepAlive{}, AppendBlock{WriterId{}, data},
                                         AppendBlockEnd{.data = data.From(1000), .num_events = 1},
                                         SegmentRead{.segment = "s", .data = data.Slice(0, 2000)}};
  EXPECT_TRUE(Same(*back, expected));
}

TEST(Encode, SmallFramesShareOnePiece) {
  EncodedFrames frames;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Encode(SegmentRead{.segment = "s", .offset = i, .data = Buffer::Copy("little")}, &frames).ok());
  }
  std::vector<Buffer> pieces = frames.Take();
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(ParseAll(pieces[0].view(), 1 << 20).value().size(), 100u);
  EXPECT_TRUE(frames.Take().empty());
}

// wire-1: never send a payload above 0xfffff7.
TEST(Encode, TheLargestFrameIsExactlyTheLimitOfTheServer) {
  Buffer data(std::string(kMaxPayloadBytes - 16, 'd'));
  EncodedFrames frames;
  EXPECT_TRUE(Encode(AppendBlock{WriterId{}, data}, &frames).ok());
  EXPECT_EQ(frames.bytes(), 0xffffffu);
  frames.Take();
  ASSERT_TRUE(Encode(KeepAlive{}, &frames).ok());
  absl::Status status = Encode(AppendBlock{WriterId{}, Buffer(std::string(kMaxPayloadBytes - 15, 'd'))}, &frames);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("AppendBlock: a payload of 16777208 bytes"));
  EXPECT_EQ(Join(frames.Take()), BytesOf(KeepAlive{}));
}

// wire-2: 65535 bytes of modified UTF-8 is the longest string.
TEST(Encode, RefusesStringsThatDoNotFit) {
  EncodedFrames frames;
  EXPECT_TRUE(Encode(SegmentCreated{RequestId(1), std::string(65535, 's')}, &frames).ok());
  frames.Take();
  std::string too_long_when_modified;
  for (int i = 0; i < 11000; ++i) too_long_when_modified += "\xf0\x9f\x98\x80";
  for (const std::string& text : {std::string(65536, 's'), std::string(40000, '\0'), too_long_when_modified}) {
    absl::Status status = Encode(SegmentCreated{RequestId(1), text}, &frames);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("SegmentCreated: segment: a string of "));
    EXPECT_TRUE(frames.empty());
    // What is free text can be cut to fit.
    EXPECT_TRUE(Encode(SegmentCreated{RequestId(1), std::string(FittingPrefix(text))}, &frames).ok());
    frames.Take();
  }
}

TEST(Encode, RefusesStringsThatAreNotUtf8) {
  EncodedFrames frames;
  absl::Status status = Encode(NoSuchSegment{.segment = "s", .server_stack_trace = "caf\xe9"}, &frames);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "NoSuchSegment: serverStackTrace: a string that is not UTF-8");
  EXPECT_TRUE(frames.empty());
}

}  // namespace
}  // namespace pravega::wire
