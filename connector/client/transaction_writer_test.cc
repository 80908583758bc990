#include "connector/client/transaction_writer.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/client/testing/scripted_controller.h"
#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/core/names.h"
#include "connector/runtime/sleep.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using runtime::Task;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Peer = std::unique_ptr<ScriptedPeer>;

class Pings : public TransactionObserver {
 public:
  void OnPingSent(TxnId, milliseconds lease) override { sent.push_back(lease.count()); }
  void OnPingAnswered(TxnId, const absl::StatusOr<controller::PingResult>& result) override {
    answers.push_back(result.status());
  }
  std::vector<int64_t> sent;
  std::vector<absl::Status> answers;
};

class TransactionTest : public testing::Test {
 public:
  TransactionTest() : store(runtime, {"store", 12345}), controller(runtime), context(runtime, controller.client()) {
    // As a controller names them: every id has the transaction's epoch.
    controller.txn = TxnId{Uuid{uint64_t{1} << 32, 7}};
    controller.current = {RangeOf(Seg(0, 1), 0, 0.5), RangeOf(Seg(2, 1), 0.5, 1)};
  }
  TransactionOptions Options() {
    TransactionOptions options;
    options.lease = seconds(16);
    options.observer = &pings;
    return options;
  }
  Task<std::unique_ptr<Transaction>> Begin() {
    TransactionWriter writer(context, kTestStream, Options());
    absl::StatusOr<std::unique_ptr<Transaction>> txn = co_await writer.Begin();
    CHECK_MSG(txn.ok(), txn.status().ToString());
    co_return *std::move(txn);
  }
  Task<void> Write(Transaction* txn, std::string key, std::string event) {
    absl::StatusOr<Sequence> taken = co_await txn->Write(std::move(key), Buffer(std::move(event)));
    EXPECT_TRUE(taken.ok()) << taken.status();
  }
  Task<void> Sleep(runtime::Duration duration) {
    absl::Status slept = co_await runtime::SleepFor(runtime, duration, "a test");
    EXPECT_TRUE(slept.ok());
  }
  // One event, acknowledged.
  Task<Peer> WriteOne(Transaction* txn) {
    co_await Write(txn, "key-0", "event");
    Peer peer = co_await store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    co_await peer->Ack(append, EventNumber::None());
    absl::Status flushed = co_await txn->Flush();
    EXPECT_TRUE(flushed.ok()) << flushed;
    co_return peer;
  }
  Task<void> End(Transaction* txn) {
    co_await txn->Close();
    co_await context.Close();
  }

  TestRuntime runtime;
  ScriptedStore store;
  ScriptedController controller;
  ClientContext context;
  Pings pings;
};

// Goal: events go to the transaction's own segments, named after its epoch; the segments that get none are not touched;
// commit comes behind all acks.
TEST_F(TransactionTest, WritesToItsOwnSegmentsThenCommits) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    EXPECT_EQ(txn->id().epoch(), Epoch(1));
    co_await t->Write(txn.get(), "key-2", "one");  // 0.562
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    EXPECT_EQ(setup.segment, "sc/st/2.#epoch.1#transaction.00000001000000000000000000000007");
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    auto commit = [](Transaction* of, absl::Status* status) -> Task<void> { *status = co_await of->Commit(); };
    runtime::TaskGroup tasks(t->runtime.scheduler(), "commit");
    absl::Status committed = absl::UnknownError("not yet");
    tasks.Spawn("commit", commit(txn.get(), &committed));
    co_await t->Sleep(milliseconds(5));
    EXPECT_EQ(t->controller.calls("commitTransaction"), 0);
    co_await peer->Ack(append, EventNumber::None());
    // The client closes politely, and the peer too.
    absl::StatusOr<wire::Command> end = co_await peer->Receive();
    EXPECT_TRUE(absl::IsUnavailable(end.status()));
    absl::Status ended = co_await peer->stream().ShutdownWrite();
    EXPECT_TRUE(ended.ok());
    co_await tasks.Join();
    EXPECT_TRUE(committed.ok()) << committed;
    EXPECT_EQ(t->controller.calls("commitTransaction"), 1);
    EXPECT_EQ(t->runtime.connects(), 1);
    absl::StatusOr<Sequence> late = co_await txn->Write("k", Buffer::Copy("late"));
    EXPECT_TRUE(absl::IsFailedPrecondition(late.status())) << late.status();
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: the lease is renewed after 10 ms, then every lease / sqrt(lease in seconds): 4 s of 16 s; never with lease 0.
TEST_F(TransactionTest, PingsInTheBackground) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    co_await t->Sleep(milliseconds(9));
    EXPECT_EQ(t->controller.pings.size(), 0u);
    co_await t->Sleep(milliseconds(2));
    EXPECT_EQ(t->controller.pings, std::vector<int64_t>{16'000});
    co_await t->Sleep(seconds(13));
    EXPECT_EQ(t->controller.pings.size(), 4u);
    EXPECT_EQ(t->pings.sent.size(), 4u);
    // The controller has aborted it: no more pings.
    t->controller.on_ping = [] { return 6; };
    co_await t->Sleep(seconds(60));
    EXPECT_EQ(t->controller.pings.size(), 5u);
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: a ping that gets no answer does not hold up the next one.
TEST_F(TransactionTest, UnansweredPingsAreTriedAgainOnTime) {
  auto test = [](TransactionTest* t) -> Task<void> {
    for (int i = 0; i < 30; ++i)
      t->controller.errors.emplace("pingTransaction", absl::UnavailableError("no controller"));
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    co_await t->Sleep(seconds(39));
    EXPECT_EQ(t->pings.sent.size(), 10u);
    EXPECT_FALSE(t->pings.answers.front().ok());
    EXPECT_TRUE(t->pings.answers.back().ok()) << t->pings.answers.back();
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: a segment of the transaction that is gone or sealed means that it was aborted: no successors are looked for.
TEST_F(TransactionTest, MissingSegmentFailsTheTransaction) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    co_await t->Write(txn.get(), "key-0", "one");
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->Expect<wire::SetupAppend>();
    wire::NoSuchSegment gone;
    gone.request_id = setup.request_id;
    gone.segment = setup.segment;
    co_await peer->Send(gone);
    absl::Status flushed = co_await txn->Flush();
    EXPECT_TRUE(absl::IsAborted(flushed)) << flushed;
    absl::StatusOr<Sequence> late = co_await txn->Write("k", Buffer::Copy("late"));
    EXPECT_TRUE(absl::IsAborted(late.status())) << late.status();
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(absl::IsAborted(committed)) << committed;
    EXPECT_EQ(t->controller.calls("commitTransaction"), 0);
    EXPECT_EQ(t->controller.calls("getSegmentsImmediatelyFollowing"), 0);
    peer->Reset();
    absl::Status aborted = co_await txn->Abort();
    EXPECT_TRUE(aborted.ok()) << aborted;
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: a commit whose answers are lost is asked for again until it is known.
TEST_F(TransactionTest, CommitIsRepeatedUntilItIsKnown) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    Peer peer = co_await t->WriteOne(txn.get());
    peer->Reset();
    for (int i = 0; i < 25; ++i) t->controller.errors.emplace("commitTransaction", absl::UnavailableError("lost"));
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(committed.ok()) << committed;
    EXPECT_EQ(t->controller.calls("commitTransaction"), 26);
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: that a committed transaction is still "committing" is no failure: not to who asks for its state, not to who
// finds it, and not to a ping on its way, which is answered with "committed" already.
TEST_F(TransactionTest, CommittingIsNoFailure) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    Peer peer = co_await t->WriteOne(txn.get());
    peer->Reset();
    t->controller.txn_state = 2;
    t->controller.on_ping = [] { return 5; };
    co_await t->Sleep(seconds(10));
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(committed.ok()) << committed;
    absl::StatusOr<controller::TransactionState> state = co_await txn->State();
    EXPECT_TRUE(state.ok() && *state == controller::TransactionState::kCommitting) << state.status();
    TransactionWriter writer(t->context, kTestStream, t->Options());
    absl::StatusOr<std::unique_ptr<Transaction>> found = co_await writer.Get(txn->id());
    CHECK_MSG(found.ok(), found.status().ToString());
    state = co_await (*found)->State();
    EXPECT_TRUE(state.ok() && *state == controller::TransactionState::kCommitting) << state.status();
    EXPECT_EQ(t->controller.calls("abortTransaction"), 0);
    co_await (*found)->Close();
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

TEST_F(TransactionTest, CommitWithoutAnswerIsUnknownAndMayBeAskedAgain) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    for (int i = 0; i < 100; ++i) t->controller.errors.emplace("commitTransaction", absl::UnavailableError("lost"));
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(absl::IsUnavailable(committed)) << committed;
    EXPECT_NE(committed.message().find("may or may not"), std::string::npos) << committed;
    // The lease was renewed all the time.
    EXPECT_GT(t->controller.pings.size(), 100u);
    committed = co_await txn->Commit();
    EXPECT_TRUE(committed.ok()) << committed;
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: a controller whose every attempt lost a race has not said that the transaction was aborted: written again in
// another one, its events might be there twice.
TEST_F(TransactionTest, ACommitThatLostItsRacesIsUnknown) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    Peer peer = co_await t->WriteOne(txn.get());
    peer->Reset();
    for (int i = 0; i < 5; ++i) {
      t->controller.errors.emplace("commitTransaction", absl::FailedPreconditionError("write conflict"));
      t->controller.errors.emplace("commitTransaction", absl::AbortedError("write conflict"));
    }
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(committed.ok()) << committed;
    EXPECT_EQ(t->controller.calls("commitTransaction"), 11);
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: pings go on after a server has answered CANCELLED to all attempts of one.
TEST_F(TransactionTest, PingsGoOnWhenAServerAnswersCancelled) {
  auto test = [](TransactionTest* t) -> Task<void> {
    TransactionOptions options = t->Options();
    options.lease = seconds(40000);  // so that all attempts of one ping, 91 s, fit between two pings, 200 s
    TransactionWriter writer(t->context, kTestStream, options);
    absl::StatusOr<std::unique_ptr<Transaction>> txn = co_await writer.Begin();
    CHECK_MSG(txn.ok(), txn.status().ToString());
    for (int i = 0; i < 10; ++i) t->controller.errors.emplace("pingTransaction", absl::CancelledError("by the server"));
    co_await t->Sleep(seconds(1000));
    EXPECT_EQ(t->controller.pings.size(), 4u);
    co_await t->End(txn->get());
  };
  runtime.Run(test(this));
}

TEST_F(TransactionTest, RefusedCommitIsAborted) {
  auto test = [](TransactionTest* t) -> Task<void> {
    t->controller.on_commit = [] { return 1; };
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(absl::IsAborted(committed)) << committed;
    committed = co_await txn->Commit();
    EXPECT_TRUE(absl::IsAborted(committed)) << committed;
    EXPECT_EQ(t->controller.calls("commitTransaction"), 1);
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

TEST_F(TransactionTest, AbortDoesNotWaitForEvents) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    absl::StatusOr<Sequence> taken = co_await txn->Write("key-0", Buffer::Copy("one"));
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    co_await peer->ExpectAppend();
    absl::Status aborted = co_await txn->Abort();
    EXPECT_TRUE(aborted.ok()) << aborted;
    EXPECT_EQ(t->controller.calls("abortTransaction"), 1);
    EXPECT_EQ(t->controller.calls("commitTransaction"), 0);
    absl::StatusOr<EventResult> result = co_await txn->Acked(*taken);
    EXPECT_EQ(result->outcome, Outcome::kUnknown);
    aborted = co_await txn->Abort();
    EXPECT_TRUE(absl::IsFailedPrecondition(aborted)) << aborted;
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

// Goal: a transaction is found again by its id, with the segments of its epoch under its own names.
TEST_F(TransactionTest, FindsAnOpenTransaction) {
  auto test = [](TransactionTest* t) -> Task<void> {
    // Epoch 1 holds a segment that is older than itself.
    t->controller.epochs[1] = {RangeOf(Seg(0, 0), 0, 0.5), RangeOf(Seg(2, 1), 0.5, 1)};
    TransactionWriter writer(t->context, kTestStream, t->Options());
    absl::StatusOr<std::unique_ptr<Transaction>> found = co_await writer.Get(t->controller.txn);
    CHECK_MSG(found.ok(), found.status().ToString());
    co_await t->Write(found->get(), "key-0", "one");  // 0.392
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    EXPECT_EQ(setup.segment, "sc/st/0.#epoch.1#transaction.00000001000000000000000000000007");
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    co_await peer->Ack(append, EventNumber::None());
    absl::Status flushed = co_await (*found)->Flush();
    EXPECT_TRUE(flushed.ok());
    peer->Reset();
    co_await (*found)->Close();

    t->controller.txn_state = 3;
    absl::StatusOr<controller::TransactionState> state = co_await writer.GetState(t->controller.txn);
    EXPECT_EQ(*state, controller::TransactionState::kCommitted);
    found = co_await writer.Get(t->controller.txn);
    CHECK(found.ok());
    absl::StatusOr<Sequence> taken = co_await (*found)->Write("k", Buffer::Copy("late"));
    EXPECT_TRUE(absl::IsFailedPrecondition(taken.status())) << taken.status();
    co_await t->End(found->get());
  };
  runtime.Run(test(this));
}

// Without a key all events of a transaction go to one segment.
TEST_F(TransactionTest, EventsWithoutKeyStayTogether) {
  auto test = [](TransactionTest* t) -> Task<void> {
    std::unique_ptr<Transaction> txn = co_await t->Begin();
    for (int i = 0; i < 20; ++i) {
      absl::StatusOr<Sequence> taken = co_await txn->WriteWithoutKey(Buffer::Copy("e"));
      EXPECT_TRUE(taken.ok());
    }
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    EXPECT_EQ(append.events, 20);
    co_await peer->Ack(append, EventNumber::None());
    absl::Status flushed = co_await txn->Flush();
    EXPECT_TRUE(flushed.ok());
    EXPECT_EQ(t->runtime.connects(), 1);
    peer->Reset();
    co_await t->End(txn.get());
  };
  runtime.Run(test(this));
}

}  // namespace
}  // namespace pravega::client
