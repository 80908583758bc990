// Frames of calls: round trips, every kind of damage, and no memory on the word of a length.
#include "connector/runtime/rpc_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/strings.h"
#include "connector/runtime/manual_runtime.h"

namespace {

// The largest single allocation since it was last set to 0.
size_t largest_allocation = 0;

}  // namespace

void* operator new(size_t size) {
  largest_allocation = std::max(largest_allocation, size);
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace pravega::runtime {
namespace {

using ::testing::HasSubstr;

std::string Bytes(RpcFrame frame) {
  absl::StatusOr<std::vector<Buffer>> pieces = EncodeRpcFrame(std::move(frame));
  EXPECT_TRUE(pieces.ok()) << pieces.status();
  std::string bytes;
  for (const Buffer& piece : *pieces) bytes.append(piece.view());
  return bytes;
}

std::string Int32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

RpcFrame Request() {
  RpcRequestFrame frame;
  frame.call = 0x0102030405060708;
  frame.request.method = "/a.B/c";
  frame.request.metadata = {{"k", "v"}, {"empty", ""}};
  frame.request.body = std::string("bo\0dy", 5);
  return frame;
}

TEST(RpcFramesTest, ARequestHasTheDocumentedForm) {
  std::string content = std::string("\0", 1) + "\x01\x02\x03\x04\x05\x06\x07\x08" + Int32(6) + "/a.B/c" + Int32(2) +
                        Int32(1) + "k" + Int32(1) + "v" + Int32(5) + "empty" + Int32(0) + std::string("bo\0dy", 5);
  EXPECT_EQ(Bytes(Request()), Int32(static_cast<uint32_t>(content.size())) + content);
}

TEST(RpcFramesTest, RepliesAndCancelsHaveTheDocumentedForm) {
  std::string id("\0\0\0\0\0\0\0\x07", 8);
  EXPECT_EQ(Bytes(RpcReplyFrame{7, std::string("ok")}), Int32(19) + "\x01" + id + Int32(0) + Int32(0) + "ok");
  EXPECT_EQ(Bytes(RpcReplyFrame{7, absl::NotFoundError("no")}), Int32(19) + "\x01" + id + Int32(5) + Int32(2) + "no");
  EXPECT_EQ(Bytes(RpcCancelFrame{7}), Int32(9) + "\x02" + id);
}

TEST(RpcFramesTest, WhatIsEncodedParsesToTheSame) {
  std::string bytes = Bytes(Request());
  absl::StatusOr<RpcFrame> parsed = ParseRpcFrame(std::string_view(bytes).substr(4));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const auto& request = std::get<RpcRequestFrame>(*parsed);
  EXPECT_EQ(request.call, 0x0102030405060708);
  EXPECT_EQ(request.request.method, "/a.B/c");
  EXPECT_EQ(request.request.metadata, (Metadata{{"k", "v"}, {"empty", ""}}));
  EXPECT_EQ(request.request.body, std::string("bo\0dy", 5));
  for (int code = 0; code <= 16; ++code) {
    absl::StatusOr<std::string> result = std::string("body");
    if (code != 0) result = absl::Status(static_cast<absl::StatusCode>(code), "message");
    std::string reply = Bytes(RpcReplyFrame{-1, result});
    absl::StatusOr<RpcFrame> again = ParseRpcFrame(std::string_view(reply).substr(4));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(std::get<RpcReplyFrame>(*again).call, -1);
    EXPECT_EQ(std::get<RpcReplyFrame>(*again).result, result);
  }
}

TEST(RpcFramesTest, EveryTruncationIsRefusedWithItsOffset) {
  std::string request = Bytes(Request()).substr(4);
  std::string reply = Bytes(RpcReplyFrame{7, absl::NotFoundError("message")}).substr(4);
  // A body may have any length, so only what is before it can be cut off.
  size_t request_body = request.size() - 5;
  for (size_t length = 0; length < request_body; ++length) {
    absl::StatusOr<RpcFrame> parsed = ParseRpcFrame(std::string_view(request).substr(0, length));
    ASSERT_FALSE(parsed.ok()) << length;
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(ToStd(parsed.status().message()), HasSubstr("offset"));
  }
  for (size_t length = 0; length < reply.size(); ++length) {
    EXPECT_FALSE(ParseRpcFrame(std::string_view(reply).substr(0, length)).ok()) << length;
  }
}

TEST(RpcFramesTest, LyingFieldsAreRefused) {
  std::string head = std::string("\0", 1) + std::string(8, '\0');
  std::string method = Int32(1) + "m";
  struct Case {
    std::string content;
    std::string says;
  };
  for (const Case& c : {
           Case{"\x03" + std::string(8, '\0'), "kind is 3"},
           Case{std::string(1, '\xff') + std::string(8, '\0'), "kind is 255"},
           Case{"\x02" + std::string(9, '\0'), "1 bytes too many"},
           Case{head + Int32(0xffffffff) + "m", "method of length -1"},
           Case{head + Int32(2) + "m", "method of length 2 where 1 bytes are left"},
           Case{head + method + Int32(0x80000000), "header count is -2147483648"},
           Case{head + method + Int32(2'000'000'000) + std::string(100, '\0'), "header count is 2000000000 where 100"},
           Case{head + method + Int32(1) + Int32(1) + "k" + Int32(9) + "v", "header value of length 9 where 1"},
           Case{"\x01" + std::string(8, '\0') + Int32(17) + Int32(0), "status code is 17"},
           Case{"\x01" + std::string(8, '\0') + Int32(0xffffffff) + Int32(0), "status code is -1"},
       }) {
    absl::StatusOr<RpcFrame> parsed = ParseRpcFrame(c.content);
    ASSERT_FALSE(parsed.ok()) << c.says;
    EXPECT_THAT(ToStd(parsed.status().message()), HasSubstr(c.says));
  }
}

TEST(RpcFramesTest, FramesBeyondTheLimitAreNotEncoded) {
  RpcRequestFrame frame;
  frame.request.body = std::string(kMaxRpcFrame, 'x');
  EXPECT_EQ(EncodeRpcFrame(RpcFrame(frame)).status().code(), absl::StatusCode::kInvalidArgument);
  // The head: kind, id, two lengths.
  frame.request.body = std::string(kMaxRpcFrame - 9 - 8, 'x');
  EXPECT_TRUE(EncodeRpcFrame(RpcFrame(frame)).ok());
}

// Gives out prepared pieces, then the end.
class Script : public ByteStream {
 public:
  explicit Script(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Task<absl::StatusOr<Buffer>> Read(size_t max) override {
    if (next_ == pieces_.size()) co_return Buffer();
    Buffer piece(pieces_[next_++]);
    EXPECT_LE(piece.size(), max);
    co_return std::move(piece);
  }
  Task<absl::Status> Write(std::vector<Buffer>) override { co_return absl::OkStatus(); }
  Task<absl::Status> ShutdownWrite() override { co_return absl::OkStatus(); }
  void Reset() override {}
  std::string peer() const override { return "script"; }

 private:
  std::vector<std::string> pieces_;
  size_t next_ = 0;
};

Task<void> ReadFrames(ByteStream* stream, std::vector<std::string>* log) {
  RpcFrameReader reader(stream);
  while (true) {
    absl::StatusOr<std::optional<RpcFrame>> frame = co_await reader.Next();
    if (!frame.ok()) {
      log->push_back(std::string(ToStd(frame.status().message())));
      co_return;
    }
    if (!frame->has_value()) {
      log->push_back("end");
      co_return;
    }
    // Encoded again, to compare.
    log->push_back(Bytes(**std::move(frame)));
  }
}

std::vector<std::string> Frames(std::vector<std::string> pieces) {
  ManualRuntime node;
  Script script(std::move(pieces));
  std::vector<std::string> log;
  node.Spawn("read", ReadFrames(&script, &log));
  node.Run();
  return log;
}

TEST(RpcFrameReaderTest, FramesArriveInAnyPieces) {
  std::vector<std::string> frames = {Bytes(Request()), Bytes(RpcCancelFrame{3}),
                                     Bytes(RpcReplyFrame{4, std::string(300, 'b')}), Bytes(Request())};
  std::string all;
  for (const std::string& frame : frames) all += frame;
  std::vector<std::string> expected = frames;
  expected.push_back("end");
  for (size_t size : {size_t{1}, size_t{2}, size_t{3}, size_t{13}, size_t{100}, all.size()}) {
    std::vector<std::string> pieces;
    for (size_t at = 0; at < all.size(); at += size) pieces.push_back(all.substr(at, size));
    EXPECT_EQ(Frames(pieces), expected) << size;
  }
}

TEST(RpcFrameReaderTest, BadLengthsAndEndsWithinAFrameAreErrors) {
  EXPECT_THAT(Frames({Int32(kMaxRpcFrame + 1)}).back(), HasSubstr("a frame of 16777217 bytes"));
  EXPECT_THAT(Frames({Int32(0xffffffff)}).back(), HasSubstr("a frame of 4294967295 bytes"));
  EXPECT_THAT(Frames({Int32(8)}).back(), HasSubstr("a frame of 8 bytes: at least 9"));
  EXPECT_THAT(Frames({Int32(0)}).back(), HasSubstr("a frame of 0 bytes"));
  EXPECT_THAT(Frames({Int32(100) + "abc"}).back(), HasSubstr("ended within a frame, behind 7 bytes"));
  EXPECT_THAT(Frames({Bytes(RpcCancelFrame{3}), std::string("\0", 1)}).back(), HasSubstr("ended within a frame"));
}

TEST(RpcFrameReaderTest, NothingIsAllocatedOnTheWordOfALength) {
  std::string announced = Int32(kMaxRpcFrame) + std::string("\0", 1) + std::string(8, '\0') + Int32(10'000'000);
  largest_allocation = 0;
  std::vector<std::string> log = Frames({announced, "a few bytes"});
  EXPECT_THAT(log.back(), HasSubstr("ended within a frame"));
  EXPECT_LT(largest_allocation, 8'192u);
}

TEST(RpcFrameReaderTest, AMegabyteFrameDoesNotStayInMemory) {
  std::string big = Bytes(RpcReplyFrame{4, std::string(3'000'000, 'b')});
  std::vector<std::string> pieces;
  for (size_t at = 0; at < big.size(); at += 64 * 1024) pieces.push_back(big.substr(at, 64 * 1024));
  pieces.push_back(Bytes(RpcCancelFrame{3}));
  std::vector<std::string> log = Frames(pieces);
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[0], big);
  EXPECT_EQ(log[1], Bytes(RpcCancelFrame{3}));
}

}  // namespace
}  // namespace pravega::runtime
