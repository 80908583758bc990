// Framed calls against peers that do not keep to the format, and the limits of a connection. What every carrier of
// calls must do is in the conformance tests.
#include "connector/runtime/framed_rpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/inprocess/pipe_world.h"
#include "connector/runtime/rpc_frames.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Log = std::vector<std::string>;
using Reply = absl::StatusOr<std::string>;

// A function, because g++ 12 miscompiles awaits with an aggregate among the arguments.
Endpoint ServerEndpoint() { return Endpoint{"server", 9090}; }

std::string Bytes(RpcFrame frame) {
  absl::StatusOr<std::vector<Buffer>> pieces = EncodeRpcFrame(std::move(frame));
  CHECK(pieces.ok());
  std::string bytes;
  for (const Buffer& piece : *pieces) bytes.append(piece.view());
  return bytes;
}

std::string Request(int64_t call, std::string method, std::string body) {
  RpcRequestFrame frame;
  frame.call = call;
  frame.request.method = std::move(method);
  frame.request.body = std::move(body);
  return Bytes(std::move(frame));
}

Task<absl::Status> Send(ByteStream* stream, std::string bytes) {
  std::vector<Buffer> pieces;
  pieces.push_back(Buffer(std::move(bytes)));
  absl::Status written = co_await stream->Write(std::move(pieces));
  co_return written;
}

std::string Describe(const absl::StatusOr<std::optional<RpcFrame>>& frame) {
  if (!frame.ok()) return std::string(ToStd(absl::StatusCodeToString(frame.status().code())));
  if (!frame->has_value()) return "end";
  if (auto* reply = std::get_if<RpcReplyFrame>(&**frame)) {
    return StrCat("reply ", reply->call, " ", reply->result.ok() ? *reply->result : reply->result.status().ToString());
  }
  if (auto* cancel = std::get_if<RpcCancelFrame>(&**frame)) return StrCat("cancel ", cancel->call);
  const auto& request = std::get<RpcRequestFrame>(**frame);
  return StrCat("request ", request.request.method);
}

std::string TextOrCode(const Reply& reply) {
  return reply.ok() ? *reply : std::string(ToStd(absl::StatusCodeToString(reply.status().code())));
}

Task<Reply> Echo(RpcRequest request) { co_return std::move(request.body); }

Task<Reply> Big(RpcRequest) { co_return std::string(kMaxRpcFrame + 1, 'x'); }

// Answers when it is told to.
struct Held {
  Event release{"release"};
  int waiting = 0;
};

Task<Reply> Hold(Held* held) {
  ++held->waiting;
  absl::Status waited = co_await held->release.Wait();
  if (!waited.ok()) co_return waited;
  co_return "released";
}

class FramedRpcTest : public ::testing::Test {
 protected:
  FramedRpcTest() : world_(Options(&logged_)), server_(world_.AddNode("server")), client_(world_.AddNode("client")) {}

  static PipeWorldOptions Options(Log* logged) {
    PipeWorldOptions options;
    options.log_sink = [logged](std::string_view node, std::string_view line) {
      logged->push_back(StrCat(node, ": ", line));
    };
    return options;
  }

  static Task<void> Serve(Runtime* node, Held* held) {
    absl::StatusOr<std::unique_ptr<RpcServer>> server = NewFramedRpcServer(*node, ServerEndpoint());
    CHECK(server.ok());
    (*server)->Register("/echo", Echo);
    (*server)->Register("/big", Big);
    (*server)->Register("/hold", [held](RpcRequest) { return Hold(held); });
    absl::Status ended = co_await (*server)->Serve();
    CHECK(absl::IsCancelled(ended));
  }

  void StartServer() {
    world_.Spawn("server", "serve", Serve(&server_, &held_));
    world_.RunUntil([] { return false; }, milliseconds(1));
  }

  // Sends `bytes` as they are and logs the frames that come back, to the end of the connection.
  static Task<void> Speak(Runtime* node, std::string bytes, bool end, Log* log) {
    absl::StatusOr<std::unique_ptr<ByteStream>> stream =
        co_await node->network().Connect(ServerEndpoint(), std::nullopt, node->Now() + seconds(10));
    CHECK(stream.ok());
    absl::Status sent = co_await Send(stream->get(), std::move(bytes));
    if (end) sent = co_await (*stream)->ShutdownWrite();
    RpcFrameReader reader(stream->get());
    while (true) {
      absl::StatusOr<std::optional<RpcFrame>> frame = co_await reader.Next();
      log->push_back(Describe(frame));
      if (!frame.ok() || !frame->has_value()) co_return;
    }
  }

  Log Say(std::string bytes, bool end) {
    Log log;
    size_t before = world_.tasks("client");
    world_.Spawn("client", "speak", Speak(&client_, std::move(bytes), end, &log));
    EXPECT_TRUE(world_.RunUntil([&] { return world_.tasks("client") == before; }, seconds(30)));
    return log;
  }

  // Plays a server: accepts one connection, sends `bytes` after the first frame has come, and logs what else comes.
  static Task<void> PretendToServe(Runtime* node, std::string bytes, bool end, Log* log) {
    absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(ServerEndpoint());
    CHECK(listener.ok());
    absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await (*listener)->Accept();
    CHECK(stream.ok());
    RpcFrameReader reader(stream->get());
    bool first = true;
    while (true) {
      absl::StatusOr<std::optional<RpcFrame>> frame = co_await reader.Next();
      log->push_back(Describe(frame));
      if (!frame.ok() || !frame->has_value()) co_return;
      if (!std::exchange(first, false)) continue;
      absl::Status sent = co_await Send(stream->get(), bytes);
      if (end) sent = co_await (*stream)->ShutdownWrite();
    }
  }

  static Task<void> CallOnce(Runtime* node, RpcChannel* channel, std::string method, std::string body, Duration limit,
                             std::vector<Reply>* replies) {
    RpcRequest request;
    request.method = std::move(method);
    request.body = std::move(body);
    Reply reply = co_await channel->Call(std::move(request), node->Now() + limit);
    replies->push_back(std::move(reply));
  }

  static Task<void> CallWithOwnChannel(Runtime* node, std::string method, std::string body,
                                       std::vector<Reply>* replies) {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
    co_await CallOnce(node, channel.get(), std::move(method), std::move(body), seconds(30), replies);
  }

  Reply Call(std::string method, std::string body) {
    std::vector<Reply> replies;
    world_.Spawn("client", "call", CallWithOwnChannel(&client_, std::move(method), std::move(body), &replies));
    EXPECT_TRUE(world_.RunUntil([&] { return !replies.empty(); }, seconds(30)));
    return replies[0];
  }

  Log logged_;
  Held held_;
  PipeWorld world_;
  Runtime& server_;
  Runtime& client_;
};

TEST_F(FramedRpcTest, AServerAnswersInWhateverOrderAndEndsAfterItsClient) {
  StartServer();
  Log log = Say(Request(1, "/echo", "a") + Request(2, "/none", "") + Request(-3, "/echo", ""), true);
  EXPECT_THAT(log, ElementsAre("reply 1 a", "reply 2 UNIMPLEMENTED: no method '/none'", "reply -3 ", "end"));
  EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(FramedRpcTest, AMalformedFrameClosesItsConnectionWithALoggedReasonAndNoOther) {
  StartServer();
  std::vector<Reply> others;
  world_.Spawn("client", "other", CallWithOwnChannel(&client_, "/hold", "", &others));
  ASSERT_TRUE(world_.RunUntil([&] { return held_.waiting == 1; }, seconds(10)));
  struct Case {
    std::string bytes;
    bool end;
    std::string reason;
  };
  for (const Case& c : {
           Case{std::string("\xff\xff\xff\xff", 4), false, "a frame of 4294967295 bytes"},
           Case{std::string("\0\0\0\x03", 4) + "abc", false, "a frame of 3 bytes"},
           Case{std::string("\0\0\0\x09\x07", 5) + std::string(8, '\0'), false,
                "malformed frame at offset 0: kind is 7"},
           Case{Bytes(RpcReplyFrame{1, std::string("reply")}), false, "a client sends no replies"},
           Case{Request(1, "/echo", "a").substr(0, 10), true, "the stream ended within a frame"},
           Case{Request(7, "/hold", "") + Request(7, "/hold", ""), false, "call id 7 is in use"},
       }) {
    logged_.clear();
    Log log = Say(c.bytes, c.end);
    EXPECT_EQ(log.back(), "UNAVAILABLE") << c.reason;
    ASSERT_EQ(logged_.size(), 1u) << c.reason;
    EXPECT_THAT(logged_[0], HasSubstr("server: rpc: closing the connection of client"));
    EXPECT_THAT(logged_[0], HasSubstr(c.reason));
  }
  EXPECT_THAT(others, IsEmpty());
  held_.release.Set();
  ASSERT_TRUE(world_.RunUntil([&] { return !others.empty(); }, seconds(10)));
  EXPECT_EQ(TextOrCode(others[0]), "released");
}

TEST_F(FramedRpcTest, AConnectionHasAHundredCallsInProgressAndCancellingMakesRoom) {
  StartServer();
  std::string bytes;
  for (int64_t call = 0; call < 100; ++call) bytes += Request(call, "/hold", "");
  // Read before the hundred and first request, so it is served; the hundred and second is not.
  bytes += Bytes(RpcCancelFrame{5}) + Bytes(RpcCancelFrame{5}) + Bytes(RpcCancelFrame{1000});
  bytes += Request(100, "/hold", "") + Request(101, "/hold", "");
  Log log;
  world_.Spawn("client", "speak", Speak(&client_, bytes, true, &log));
  EXPECT_TRUE(world_.RunUntil([&] { return held_.waiting >= 101; }, seconds(30)));
  world_.RunUntil([] { return false; }, milliseconds(50));
  EXPECT_EQ(held_.waiting, 101);
  EXPECT_THAT(log, IsEmpty());
  held_.release.Set();
  ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("client") == 0; }, seconds(30)));
  EXPECT_EQ(held_.waiting, 102);
  ASSERT_EQ(log.size(), 102u) << "all but the cancelled one, and the end";
  EXPECT_THAT(log, ::testing::Not(::testing::Contains("reply 5 released")));
  EXPECT_EQ(log.back(), "end");
}

TEST_F(FramedRpcTest, ARequestGoesOnWhenItsConnectionBreaks) {
  StartServer();
  std::vector<Reply> replies;
  world_.Spawn("client", "call", CallWithOwnChannel(&client_, "/hold", "", &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return held_.waiting == 1; }, seconds(10)));
  world_.Crash("client");
  world_.RunUntil([] { return false; }, milliseconds(5));
  auto holding = [&] {
    std::vector<std::string> waits = world_.DescribeWaits();
    return std::count_if(waits.begin(), waits.end(), [](const std::string& line) {
      return line.find("/hold waits for release") != std::string::npos;
    });
  };
  EXPECT_EQ(holding(), 1);
  held_.release.Set();
  world_.RunUntil([] { return false; }, milliseconds(5));
  EXPECT_EQ(holding(), 0);
}

TEST_F(FramedRpcTest, BodiesBeyondTheLimitFailAloneAndTheConnectionGoesOn) {
  StartServer();
  std::vector<Reply> replies;
  auto calls = [](Runtime* node, std::vector<Reply>* out) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
    co_await CallOnce(node, channel.get(), "/echo", std::string(kMaxRpcFrame, 'x'), seconds(30), out);
    co_await CallOnce(node, channel.get(), "/big", "", seconds(30), out);
    co_await CallOnce(node, channel.get(), "/echo", "small", seconds(30), out);
  };
  world_.Spawn("client", "calls", calls(&client_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return replies.size() == 3; }, seconds(30)));
  EXPECT_EQ(TextOrCode(replies[0]), "INVALID_ARGUMENT");
  EXPECT_EQ(TextOrCode(replies[1]), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(TextOrCode(replies[2]), "small");
}

TEST_F(FramedRpcTest, AServerThatBreaksTheFormatMakesCallsUnavailableWithTheReasonLogged) {
  struct Case {
    std::string bytes;
    bool end;
    std::string reason;  // empty: not worth a line in the log
  };
  for (const Case& c : {
           Case{std::string("\x7f\xff\xff\xff", 4), false, "a frame of 2147483647 bytes"},
           Case{Request(1, "/echo", ""), false, "the server sent a frame that is not a reply"},
           Case{std::string("\0\0\0\x11\x01", 5) + std::string(8, '\0') + std::string("\0\0\0\x63\0\0\0\0", 8), false,
                "status code is 99"},
           Case{"", true, ""},
           Case{std::string(3, '\0'), true, "the stream ended within a frame"},
       }) {
    logged_.clear();
    Log log;
    world_.Spawn("server", "pretend", PretendToServe(&server_, c.bytes, c.end, &log));
    world_.RunUntil([] { return false; }, milliseconds(1));
    EXPECT_EQ(TextOrCode(Call("/echo", "a")), "UNAVAILABLE") << c.reason;
    ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("server") == 0; }, seconds(10)));
    EXPECT_THAT(log, ElementsAre("request /echo", "UNAVAILABLE"));
    if (c.reason.empty()) {
      EXPECT_THAT(logged_, IsEmpty());
    } else {
      ASSERT_EQ(logged_.size(), 1u);
      EXPECT_THAT(logged_[0], HasSubstr("client: rpc: closing the connection to server:9090"));
      EXPECT_THAT(logged_[0], HasSubstr(c.reason));
    }
  }
}

TEST_F(FramedRpcTest, RepliesThatNobodyWaitsForAreIgnored) {
  Log log;
  std::string bytes = Bytes(RpcReplyFrame{99, std::string("whose?")}) + Bytes(RpcReplyFrame{1, std::string("yours")}) +
                      Bytes(RpcReplyFrame{1, std::string("again")});
  world_.Spawn("server", "pretend", PretendToServe(&server_, bytes, false, &log));
  world_.RunUntil([] { return false; }, milliseconds(1));
  EXPECT_EQ(TextOrCode(Call("/echo", "a")), "yours");
}

TEST_F(FramedRpcTest, AServerLearnsThatACallerHasGivenUpUnlessItNeverHeardOfTheCall) {
  Log log;
  std::vector<Reply> replies;
  auto give_up = [](Runtime* node, std::vector<Reply>* out) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
    // Nobody listens yet where this one goes, and the connection is still being made when it is given up.
    co_await CallOnce(node, channel.get(), "/unsent", "", milliseconds(10), out);
    co_await CallOnce(node, channel.get(), "/sent", "", milliseconds(200), out);
  };
  world_.SetUnreachable("server", true);
  world_.Spawn("server", "pretend", PretendToServe(&server_, "", false, &log));
  world_.Spawn("client", "calls", give_up(&client_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return replies.size() == 1; }, seconds(10)));
  world_.SetUnreachable("server", false);
  ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("server") == 0; }, seconds(10)));
  EXPECT_EQ(TextOrCode(replies[0]), "DEADLINE_EXCEEDED");
  EXPECT_EQ(TextOrCode(replies[1]), "DEADLINE_EXCEEDED");
  // The channel's last connection is gone before the cancel of the second call is written.
  ASSERT_GE(log.size(), 2u);
  EXPECT_EQ(log[0], "request /sent");
}

TEST_F(FramedRpcTest, ACancelReachesTheServerAsAFrame) {
  Log log;
  std::vector<Reply> replies;
  auto calls = [](Runtime* node, std::vector<Reply>* out) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
    co_await CallOnce(node, channel.get(), "/first", "", milliseconds(200), out);
    co_await CallOnce(node, channel.get(), "/second", "", milliseconds(200), out);
  };
  world_.Spawn("server", "pretend", PretendToServe(&server_, "", false, &log));
  world_.RunUntil([] { return false; }, milliseconds(1));
  world_.Spawn("client", "calls", calls(&client_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("server") == 0; }, seconds(10)));
  ASSERT_GE(log.size(), 3u);
  EXPECT_THAT(Log(log.begin(), log.begin() + 3), ElementsAre("request /first", "cancel 1", "request /second"));
}

TEST_F(FramedRpcTest, ACallThatWaitsForItsTurnKeepsItsDeadline) {
  StartServer();
  std::vector<Reply> replies;
  auto calls = [](Runtime* node, Held* held, std::vector<Reply>* out) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
    TaskGroup group(node->scheduler(), "calls");
    for (int i = 0; i < 100; ++i) {
      group.Spawn("hold", CallOnce(node, channel.get(), "/hold", "", seconds(30), out));
    }
    while (held->waiting < 100) {
      absl::Status slept = co_await SleepFor(*node, milliseconds(1), "the calls");
      CHECK(slept.ok());
    }
    co_await CallOnce(node, channel.get(), "/echo", "", milliseconds(20), out);
    CHECK(out->size() == 1);
    co_await group.Stop();
  };
  world_.Spawn("client", "calls", calls(&client_, &held_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("client") == 0; }, seconds(30)));
  EXPECT_EQ(TextOrCode(replies[0]), "DEADLINE_EXCEEDED");
  ASSERT_EQ(replies.size(), 101u);
  for (size_t i = 1; i < replies.size(); ++i) EXPECT_EQ(TextOrCode(replies[i]), "CANCELLED");
}

TEST_F(FramedRpcTest, DestroyingAChannelFailsItsCallsAndLeavesNoTask) {
  StartServer();
  std::vector<Reply> replies;
  auto calls = [](Runtime* node, Held* held, std::vector<Reply>* out) -> Task<void> {
    TaskGroup group(node->scheduler(), "calls");
    {
      std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
      for (int i = 0; i < 3; ++i) group.Spawn("hold", CallOnce(node, channel.get(), "/hold", "", hours(1), out));
      while (held->waiting < 3) {
        absl::Status slept = co_await SleepFor(*node, milliseconds(1), "the calls");
        CHECK(slept.ok());
      }
    }
    co_await group.Join();
  };
  world_.Spawn("client", "calls", calls(&client_, &held_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("client") == 0; }, seconds(30)));
  ASSERT_EQ(replies.size(), 3u);
  for (const Reply& reply : replies) {
    EXPECT_EQ(TextOrCode(reply), "UNAVAILABLE");
    EXPECT_EQ(ToStd(reply.status().message()), "the channel was closed");
  }
  world_.RunUntil([] { return false; }, milliseconds(5));
  for (const std::string& line : world_.DescribeWaits()) EXPECT_EQ(line.find("client"), std::string::npos) << line;
}

TEST_F(FramedRpcTest, DestroyingAChannelThatIsStillConnectingLeavesNoTask) {
  world_.SetUnreachable("server", true);
  std::vector<Reply> replies;
  world_.Spawn("client", "call", [](Runtime* node, std::vector<Reply>* out) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {ServerEndpoint()});
    co_await CallOnce(node, channel.get(), "/echo", "", milliseconds(10), out);
  }(&client_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return world_.tasks("client") == 0; }, seconds(30)));
  EXPECT_EQ(TextOrCode(replies[0]), "DEADLINE_EXCEEDED");
  world_.RunUntil([] { return false; }, milliseconds(5));
  EXPECT_THAT(world_.DescribeWaits(), IsEmpty());
}

TEST_F(FramedRpcTest, EndpointsAreTriedInTurnAndTheErrorNamesThem) {
  std::vector<Reply> replies;
  auto call = [](Runtime* node, std::vector<Reply>* out) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = NewFramedRpcChannel(*node, {Endpoint{"server", 1}, Endpoint{"nowhere", 2}});
    co_await CallOnce(node, channel.get(), "/echo", "", seconds(30), out);
  };
  world_.Spawn("client", "call", call(&client_, &replies));
  ASSERT_TRUE(world_.RunUntil([&] { return !replies.empty(); }, seconds(30)));
  EXPECT_EQ(TextOrCode(replies[0]), "UNAVAILABLE");
  EXPECT_EQ(ToStd(replies[0].status().message()),
            "no rpc server among server:1,nowhere:2 can be reached: cannot connect to nowhere:2: no such host");
}

}  // namespace
}  // namespace pravega::runtime
