#include "connector/wire/connection.h"

#include <chrono>
#include <memory>
#include <string>

#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/runtime/sleep.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

using client::ScriptedPeer;
using client::ScriptedStore;
using client::TestRuntime;
using runtime::Task;
using std::chrono::seconds;

const runtime::Endpoint kStore{"store", 12345};

GetStreamSegmentInfo Info(int64_t id) {
  GetStreamSegmentInfo request;
  request.request_id = RequestId(id);
  request.segment = "sc/st/0.#epoch.0";
  return request;
}

class WireConnectionTest : public testing::Test {
 public:
  WireConnectionTest() : store_(runtime_, kStore) {}

  Task<std::unique_ptr<WireConnection>> Connect(WireConnectionOptions options = {}) {
    absl::StatusOr<std::unique_ptr<WireConnection>> connection =
        co_await WireConnection::Connect(runtime_, kStore, options);
    CHECK(connection.ok());
    co_return *std::move(connection);
  }

  TestRuntime runtime_;
  ScriptedStore store_;
};

TEST_F(WireConnectionTest, ExchangesHelloAndCommands) {
  auto test = [](WireConnectionTest* t) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    EXPECT_TRUE(connection->Enqueue(Info(7)).ok());
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetStreamSegmentInfo got = co_await peer->Expect<GetStreamSegmentInfo>();
    EXPECT_EQ(got.request_id, RequestId(7));
    NoSuchSegment reply;
    reply.request_id = got.request_id;
    reply.segment = got.segment;
    co_await peer->Send(reply);
    absl::StatusOr<Command> next = co_await connection->Next();
    CHECK(next.ok());
    EXPECT_TRUE(std::holds_alternative<NoSuchSegment>(*next));
    EXPECT_EQ(connection->version(), 16);
    peer->Reset();
    co_await connection->Stop();
  };
  runtime_.Run(test(this));
}

TEST_F(WireConnectionTest, RefusesPeerWithoutCommonVersion) {
  auto test = [](WireConnectionTest* t) -> Task<void> {
    for (Hello hello : {Hello{.high_version = 4, .low_version = 1}, Hello{.high_version = 99, .low_version = 18}}) {
      std::unique_ptr<WireConnection> connection = co_await t->Connect();
      std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
      co_await peer->Send(hello);
      absl::StatusOr<Command> next = co_await connection->Next();
      EXPECT_TRUE(absl::IsFailedPrecondition(next.status())) << next.status();
      co_await connection->Stop();
    }
  };
  runtime_.Run(test(this));
}

TEST_F(WireConnectionTest, MalformedFrameEndsTheConnection) {
  auto test = [](WireConnectionTest* t) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    std::vector<Buffer> pieces{Buffer(std::string("\0\0\0\x48\0\0\0\0", 8))};  // retired code 72
    absl::Status written = co_await peer->stream().Write(std::move(pieces));
    EXPECT_TRUE(written.ok());
    absl::StatusOr<Command> next = co_await connection->Next();
    EXPECT_TRUE(absl::IsDataLoss(next.status())) << next.status();
    EXPECT_TRUE(absl::IsDataLoss(connection->Enqueue(KeepAlive{})));
    co_await connection->Stop();
  };
  runtime_.Run(test(this));
}

TEST_F(WireConnectionTest, PeerThatEndsInsideAFrameIsReported) {
  auto test = [](WireConnectionTest* t) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    std::vector<Buffer> pieces{Buffer(std::string("\0\0\0\x07\0\0", 6))};
    absl::Status written = co_await peer->stream().Write(std::move(pieces));
    EXPECT_TRUE(written.ok());
    absl::Status ended = co_await peer->stream().ShutdownWrite();
    EXPECT_TRUE(ended.ok());
    absl::StatusOr<Command> next = co_await connection->Next();
    EXPECT_TRUE(absl::IsDataLoss(next.status())) << next.status();
    co_await connection->Stop();
  };
  runtime_.Run(test(this));
}

// Goal: keep-alives go out after 20 s, then every 10 s of silence, and a peer that answers is never given up.
TEST_F(WireConnectionTest, KeepsIdleConnectionsAlive) {
  auto serve = [](ScriptedPeer* peer) -> Task<void> {
    absl::StatusOr<Command> command = co_await peer->Receive();
    EXPECT_TRUE(absl::IsUnavailable(command.status()));
  };
  auto test = [](WireConnectionTest* t, auto serve) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    runtime::TaskGroup group(t->runtime_.scheduler(), "peer");
    group.Spawn("serve", serve(peer.get()));
    absl::StatusOr<Command> next =
        co_await runtime::WithDeadline(t->runtime_, connection->Next(), t->runtime_.Now() + seconds(115));
    EXPECT_TRUE(absl::IsDeadlineExceeded(next.status())) << next.status();
    EXPECT_TRUE(connection->status().ok());
    // Hello came before the look at 20 s; the answer to a keep-alive counts as a sign of life at the look after it.
    EXPECT_EQ(peer->keep_alives(), 5);
    connection->Close(absl::CancelledError("enough"));
    co_await connection->Stop();
    co_await group.Join();
  };
  runtime_.Run(test(this, serve));
}

TEST_F(WireConnectionTest, GivesUpAPeerThatFallsSilent) {
  auto serve = [](ScriptedPeer* peer) -> Task<void> {
    absl::StatusOr<Command> command = co_await peer->Receive();
    EXPECT_TRUE(absl::IsUnavailable(command.status()));
  };
  auto test = [](WireConnectionTest* t, auto serve) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    peer->StopAnswering();
    runtime::TaskGroup group(t->runtime_.scheduler(), "peer");
    group.Spawn("serve", serve(peer.get()));
    runtime::Instant start = t->runtime_.Now();
    absl::StatusOr<Command> next = co_await connection->Next();
    EXPECT_TRUE(absl::IsUnavailable(next.status())) << next.status();
    EXPECT_EQ(t->runtime_.Now() - start, seconds(50));
    EXPECT_EQ(peer->keep_alives(), 3);
    co_await connection->Stop();
    co_await group.Join();
  };
  runtime_.Run(test(this, serve));
}

// Goal: Send() waits while the peer does not read, and what is queued stays within the bound and one command.
TEST_F(WireConnectionTest, SendWaitsForASlowPeer) {
  auto send = [](WireConnection* connection, int* sent) -> Task<void> {
    while (true) {
      AppendBlock block;
      block.data = Buffer(std::string(10'000, 'x'));
      absl::Status status = co_await connection->Send(std::move(block));
      if (!status.ok()) co_return;
      ++*sent;
      EXPECT_LE(connection->unsent_bytes(), 100'000u + 10'100u);
    }
  };
  auto test = [](WireConnectionTest* t, auto send) -> Task<void> {
    t->runtime_.set_pipe_capacity(50'000);
    WireConnectionOptions options;
    options.max_unsent_bytes = 100'000;
    std::unique_ptr<WireConnection> connection = co_await t->Connect(options);
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    int sent = 0;
    runtime::TaskGroup group(t->runtime_.scheduler(), "sender");
    group.Spawn("send", send(connection.get(), &sent));
    absl::Status slept = co_await runtime::SleepFor(t->runtime_, seconds(1), "slow peer");
    EXPECT_TRUE(slept.ok());
    int before = sent;
    EXPECT_GE(before, 10);
    EXPECT_LE(before, 20);
    for (int i = 0; i < 30; ++i) co_await peer->Expect<AppendBlock>();
    slept = co_await runtime::SleepFor(t->runtime_, seconds(1), "slow peer");
    EXPECT_TRUE(slept.ok());
    EXPECT_GE(sent, 30);
    connection->Close(absl::CancelledError("enough"));
    co_await group.Join();
    co_await connection->Stop();
  };
  runtime_.Run(test(this, send));
}

// Goal: what was queued before Finish() arrives, and the peer sees an end, not a reset.
TEST_F(WireConnectionTest, StopLetsQueuedCommandsLeave) {
  auto serve = [](ScriptedPeer* peer, int* got) -> Task<void> {
    while (true) {
      absl::StatusOr<Command> command = co_await peer->Receive();
      if (!command.ok()) {
        EXPECT_EQ(command.status().message(), "the client ended the connection");
        break;
      }
      ++*got;
    }
    absl::Status ended = co_await peer->stream().ShutdownWrite();
    EXPECT_TRUE(ended.ok());
  };
  auto test = [](WireConnectionTest* t, auto serve) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(connection->Enqueue(Info(i)).ok());
    int got = 0;
    runtime::TaskGroup group(t->runtime_.scheduler(), "peer");
    group.Spawn("serve", serve(peer.get(), &got));
    runtime::Instant start = t->runtime_.Now();
    co_await connection->Stop();
    EXPECT_EQ(t->runtime_.Now(), start);
    EXPECT_FALSE(connection->Enqueue(KeepAlive{}).ok());
    co_await group.Join();
    EXPECT_EQ(got, 100);
  };
  runtime_.Run(test(this, serve));
}

TEST_F(WireConnectionTest, StopDoesNotWaitForeverForThePeer) {
  auto test = [](WireConnectionTest* t) -> Task<void> {
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    runtime::Instant start = t->runtime_.Now();
    co_await connection->Stop();
    EXPECT_EQ(t->runtime_.Now() - start, seconds(1));
  };
  runtime_.Run(test(this));
}

TEST_F(WireConnectionTest, FramesSplitIntoSingleBytesArriveWhole) {
  auto test = [](WireConnectionTest* t) -> Task<void> {
    t->runtime_.set_read_limit(1);
    std::unique_ptr<WireConnection> connection = co_await t->Connect();
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    SegmentRead read;
    read.segment = "sc/st/0.#epoch.0";
    read.data = Buffer(std::string(1000, 'd'));
    co_await peer->Send(read);
    absl::StatusOr<Command> next = co_await connection->Next();
    CHECK(next.ok());
    EXPECT_EQ(std::get<SegmentRead>(*next).data.size(), 1000u);
    peer->Reset();
    co_await connection->Stop();
  };
  runtime_.Run(test(this));
}

}  // namespace
}  // namespace pravega::wire
