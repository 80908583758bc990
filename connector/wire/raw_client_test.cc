#include "connector/wire/raw_client.h"

#include <chrono>
#include <memory>
#include <string>

#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/replies.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

using client::ScriptedPeer;
using client::ScriptedStore;
using client::TestRuntime;
using runtime::Instant;
using runtime::Task;
using std::chrono::seconds;

const runtime::Endpoint kStore{"store", 12345};
constexpr int32_t kFlow = 5;

GetSegmentAttribute Question(std::string segment) {
  GetSegmentAttribute request;
  request.segment = std::move(segment);
  return request;
}

SegmentAttribute Answer(const GetSegmentAttribute& question, int64_t value) {
  SegmentAttribute reply;
  reply.request_id = question.request_id;
  reply.value = value;
  return reply;
}

struct Asked {
  absl::StatusOr<SegmentAttribute> answer = absl::UnknownError("not answered");
  bool done = false;
};

Task<void> Ask(RawClient* client, std::string segment, Instant deadline, Asked* asked) {
  absl::StatusOr<SegmentAttribute> answer =
      co_await client->CallFor<SegmentAttribute>(Question(std::move(segment)), deadline);
  asked->answer = std::move(answer);
  asked->done = true;
}

class RawClientTest : public testing::Test {
 public:
  RawClientTest() : store_(runtime_, kStore), client_(runtime_, kStore, kFlow), calls_(runtime_.scheduler(), "calls") {}

  Asked* Start(std::string segment, Instant deadline = Instant::Infinite()) {
    asked_.push_back(std::make_unique<Asked>());
    calls_.Spawn("call", Ask(&client_, std::move(segment), deadline, asked_.back().get()));
    return asked_.back().get();
  }
  Task<void> Stop(std::unique_ptr<ScriptedPeer> peer) {
    peer->Reset();
    co_await calls_.Join();
    co_await client_.Close();
  }

  TestRuntime runtime_;
  ScriptedStore store_;
  RawClient client_;
  std::vector<std::unique_ptr<Asked>> asked_;
  runtime::TaskGroup calls_;
};

// wire-8, wire-9: replies carry all 64 bits of the id and may come in any order.
TEST_F(RawClientTest, MatchesOverlappingCallsByFullRequestId) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* a = t->Start("sc/st/0.#epoch.0");
    Asked* b = t->Start("sc/st/1.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetSegmentAttribute first = co_await peer->Expect<GetSegmentAttribute>();
    GetSegmentAttribute second = co_await peer->Expect<GetSegmentAttribute>();
    EXPECT_EQ(first.request_id.value() >> 32, kFlow);
    EXPECT_NE(first.request_id, second.request_id);
    co_await peer->Send(Answer(second, 2));
    co_await peer->Send(Answer(first, 1));
    co_await t->calls_.Join();
    EXPECT_EQ(a->answer->value, 1);
    EXPECT_EQ(b->answer->value, 2);
    co_await t->Stop(std::move(peer));
  };
  runtime_.Run(test(this));
}

TEST_F(RawClientTest, FailureReplyBecomesItsError) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* asked = t->Start("sc/st/0.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetSegmentAttribute question = co_await peer->Expect<GetSegmentAttribute>();
    NoSuchSegment reply;
    reply.request_id = question.request_id;
    reply.segment = question.segment;
    reply.server_stack_trace = "io.pravega.Something: gone\n\tat nowhere";
    co_await peer->Send(reply);
    co_await t->calls_.Join();
    EXPECT_TRUE(absl::IsNotFound(asked->answer.status()));
    EXPECT_EQ(asked->answer.status().message(),
              "segment sc/st/0.#epoch.0 does not exist (the store says: io.pravega.Something: gone)");
    co_await t->Stop(std::move(peer));
  };
  runtime_.Run(test(this));
}

// wire-11: a request that the server does not like may be answered by a close alone.
TEST_F(RawClientTest, LostConnectionMeansUnknownOutcomeAndTheNextCallReconnects) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* lost = t->Start("sc/st/0.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    co_await peer->Expect<GetSegmentAttribute>();
    peer->Reset();
    co_await t->calls_.Join();
    EXPECT_TRUE(absl::IsUnavailable(lost->answer.status())) << lost->answer.status();
    EXPECT_NE(lost->answer.status().message().find("outcome"), std::string::npos);

    Asked* again = t->Start("sc/st/0.#epoch.0");
    peer = co_await t->store_.Accept();
    GetSegmentAttribute question = co_await peer->Expect<GetSegmentAttribute>();
    co_await peer->Send(Answer(question, 3));
    co_await t->calls_.Join();
    EXPECT_EQ(again->answer->value, 3);
    EXPECT_EQ(t->runtime_.connects(), 2);
    co_await t->Stop(std::move(peer));
  };
  runtime_.Run(test(this));
}

TEST_F(RawClientTest, RefusedConnectionIsUnavailable) {
  runtime_.Refuse(kStore, true);
  Asked* asked = Start("sc/st/0.#epoch.0");
  auto test = [](RawClientTest* t) -> Task<void> {
    co_await t->calls_.Join();
    co_await t->client_.Close();
  };
  runtime_.Run(test(this));
  EXPECT_TRUE(absl::IsUnavailable(asked->answer.status())) << asked->answer.status();
}

TEST_F(RawClientTest, DeadlineEndsOneCallAndNotTheConnection) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* slow = t->Start("sc/st/0.#epoch.0", t->runtime_.Now() + seconds(2));
    Asked* other = t->Start("sc/st/1.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetSegmentAttribute first = co_await peer->Expect<GetSegmentAttribute>();
    GetSegmentAttribute second = co_await peer->Expect<GetSegmentAttribute>();
    absl::Status slept = co_await runtime::SleepFor(t->runtime_, seconds(3), "slow store");
    EXPECT_TRUE(slept.ok());
    EXPECT_TRUE(absl::IsDeadlineExceeded(slow->answer.status())) << slow->answer.status();
    EXPECT_FALSE(other->done);
    // The late success belongs to nobody and harms nobody.
    co_await peer->Send(Answer(first, 1));
    co_await peer->Send(Answer(second, 2));
    co_await t->calls_.Join();
    EXPECT_EQ(other->answer->value, 2);
    EXPECT_EQ(t->runtime_.connects(), 1);
    co_await t->Stop(std::move(peer));
  };
  runtime_.Run(test(this));
}

TEST_F(RawClientTest, UnmatchedFailureClosesTheConnection) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* asked = t->Start("sc/st/0.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetSegmentAttribute question = co_await peer->Expect<GetSegmentAttribute>();
    WrongHost stray;
    stray.request_id = RequestId(question.request_id.value() + 1000);
    co_await peer->Send(stray);
    co_await t->calls_.Join();
    EXPECT_TRUE(absl::IsUnavailable(asked->answer.status())) << asked->answer.status();
    co_await t->client_.Close();
  };
  runtime_.Run(test(this));
}

// wire-10: of a read, a refused token is answered under the offset; the caller has to learn it, or it would ask with
// the same token for ever.
TEST_F(RawClientTest, ARefusedTokenOfAReadComesUnderItsOffset) {
  auto read = [](RawClient* client, absl::Status* status) -> Task<void> {
    ReadSegment request;
    request.segment = "sc/st/0.#epoch.0";
    request.offset = 4711;
    absl::StatusOr<Command> reply = co_await client->Call(request, Instant::Infinite());
    CHECK_MSG(reply.ok(), reply.status().ToString());
    *status = FailureStatus(*reply);
  };
  auto test = [](RawClientTest* t, auto read) -> Task<void> {
    Asked* other = t->Start("sc/st/1.#epoch.0");
    absl::Status status;
    t->calls_.Spawn("read", read(&t->client_, &status));
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetSegmentAttribute question = co_await peer->Expect<GetSegmentAttribute>();
    co_await peer->Expect<ReadSegment>();
    AuthTokenCheckFailed refused;
    refused.request_id = RequestId(4711);
    refused.error_code = AuthTokenError::kExpired;
    co_await peer->Send(refused);
    co_await peer->Send(Answer(question, 1));
    co_await t->calls_.Join();
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_EQ(other->answer->value, 1);
    // A second one answers nothing.
    Asked* later = t->Start("sc/st/1.#epoch.0");
    co_await peer->Expect<GetSegmentAttribute>();
    co_await peer->Send(refused);
    co_await t->calls_.Join();
    EXPECT_TRUE(absl::IsUnavailable(later->answer.status())) << later->answer.status();
    co_await t->client_.Close();
  };
  runtime_.Run(test(this, read));
}

TEST_F(RawClientTest, CancelledCallLeavesNothingBehind) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* asked = t->Start("sc/st/0.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    GetSegmentAttribute question = co_await peer->Expect<GetSegmentAttribute>();
    co_await t->calls_.Stop();
    EXPECT_TRUE(absl::IsCancelled(asked->answer.status())) << asked->answer.status();
    co_await peer->Send(Answer(question, 1));
    peer->Reset();
    co_await t->client_.Close();
  };
  runtime_.Run(test(this));
}

TEST_F(RawClientTest, CloseFailsCallsInProgress) {
  auto test = [](RawClientTest* t) -> Task<void> {
    Asked* asked = t->Start("sc/st/0.#epoch.0");
    std::unique_ptr<ScriptedPeer> peer = co_await t->store_.Accept();
    co_await peer->Expect<GetSegmentAttribute>();
    co_await t->client_.Close();
    co_await t->calls_.Join();
    EXPECT_TRUE(absl::IsUnavailable(asked->answer.status())) << asked->answer.status();
    absl::StatusOr<Command> later = co_await t->client_.Call(Question("x"), Instant::Infinite());
    EXPECT_TRUE(absl::IsUnavailable(later.status()));
  };
  runtime_.Run(test(this));
}

}  // namespace
}  // namespace pravega::wire
