// Goal: transactions keep what the protocol promises: ids, leases, states, order of commit, commits across a scale.
// Method: one controller, fake stores whose segments the test fills, and the real client in a simulated world.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/runtime/sleep.h"
#include "simulator/controller/test_cluster.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::PingResult;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using controller::Successor;
using controller::TransactionInfo;
using controller::TransactionState;
using runtime::Runtime;
using runtime::Task;
namespace proto = controller::proto;

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

const ScopedStream kStream{"scope", "stream"};
const ScopedStream kMissing{"scope", "missing"};
constexpr milliseconds kLease{30'000};
const std::vector<size_t> kCommitOrder = {3, 1, 4};

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }
template <typename... T>
std::vector<SegmentId> Ids(T... ids) {
  return std::vector<SegmentId>{ids...};
}
template <typename... T>
std::vector<KeyRange> Ranges(T... ranges) {
  return std::vector<KeyRange>{ranges...};
}

std::string Name(int32_t number, int32_t epoch) { return SegmentRef{kStream, Id(number, epoch)}.ToString(); }

// Runtime of the client's machine, for sleeps inside bodies.
class TransactionsTest : public testing::Test {
 public:
  explicit TransactionsTest(TestCluster::Options options = TestCluster::Options()) : cluster_(std::move(options)) {}

  bool Run(const TestCluster::Body& body) { return cluster_.Run(body); }

  Task<void> Create(ControllerClient& client, int32_t segments) {
    absl::StatusOr<bool> scope = co_await client.CreateScope("scope");
    EXPECT_TRUE(scope.ok()) << scope.status();
    StreamConfiguration configuration;
    configuration.scaling = ScalingPolicy{ScalingPolicy::Type::kEventsPerSecond, 1000, 2, segments};
    absl::StatusOr<bool> created = co_await client.CreateStream(kStream, configuration);
    EXPECT_TRUE(created.ok() && *created) << created.status();
    if (segments == 1) co_return;
    configuration.scaling.min_segments = 1;
    absl::Status updated = co_await client.UpdateStream(kStream, configuration);
    EXPECT_TRUE(updated.ok()) << updated;
  }

  Task<TransactionInfo> Begin(ControllerClient& client, milliseconds lease = kLease) {
    absl::StatusOr<TransactionInfo> info = co_await client.CreateTransaction(kStream, lease);
    EXPECT_TRUE(info.ok()) << info.status();
    if (!info.ok()) co_return TransactionInfo();
    co_return *std::move(info);
  }

  // "Writes" to every segment of the transaction.
  void Fill(const TransactionInfo& info, const std::string& bytes) {
    for (const controller::SegmentRange& segment : info.segments) {
      std::string name = TransactionSegmentName(SegmentRef{kStream, segment.id}.ToString(), info.id);
      EXPECT_TRUE(cluster_.stores().exists(name)) << name;
      cluster_.stores().segments()[name].bytes = bytes;
    }
  }
  std::string Bytes(int32_t number, int32_t epoch) { return cluster_.stores().segments()[Name(number, epoch)].bytes; }
  int TransactionSegments() {
    int count = 0;
    for (const auto& [name, segment] : cluster_.stores().segments()) count += IsTransactionSegment(name) ? 1 : 0;
    return count;
  }

  Task<TransactionState> StateOf(ControllerClient& client, TxnId txn) {
    absl::StatusOr<TransactionState> state = co_await client.GetTransactionState(kStream, txn);
    EXPECT_TRUE(state.ok()) << state.status();
    co_return state.value_or(TransactionState::kOpen);
  }

  Task<void> WaitFor(ControllerClient& client, TxnId txn, TransactionState wanted) {
    for (int i = 0; i < 10'000; ++i) {
      TransactionState state = co_await StateOf(client, txn);
      if (state == wanted) co_return;
    }
    ADD_FAILURE() << "never in state " << static_cast<int>(wanted);
  }

  // On the client's machine.
  Task<void> Sleep(milliseconds time) {
    absl::Status slept = co_await runtime::SleepFor(cluster_.world().node("client"), time, "test");
    EXPECT_TRUE(slept.ok());
  }

  TestCluster cluster_;
};

// ---- identity

// Pitfall 7: ids of a transaction's segments are generalised.
TEST_F(TransactionsTest, IdsHoldTheEpochAndSegmentsAreGeneralised) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo first = co_await Begin(client);
    EXPECT_EQ(first.id.uuid.high, 0u);
    EXPECT_EQ(first.id.uuid.low, 1u);
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.Scale(kStream, Ids(Id(1, 0)), Ranges(KeyRange{0.5, 0.75}, KeyRange{0.75, 1}));
    EXPECT_TRUE(scaled.ok()) << scaled.status();
    TransactionInfo second = co_await Begin(client);
    EXPECT_EQ(second.id.uuid.high, uint64_t{1} << 32);
    EXPECT_GT(second.id.uuid.low, first.id.uuid.low);
    EXPECT_EQ(second.id.epoch(), Epoch(1));
    EXPECT_EQ(second.segments.size(), 3u);
    // 0@0 survives in epoch 1, but the transaction calls it 0@1.
    EXPECT_EQ(second.segments[0].id, Id(0, 1));
    EXPECT_EQ(second.segments[0].range.high, 0.5);
    EXPECT_EQ(second.segments[1].id, Id(2, 1));
    std::string name = Name(0, 1) + "#transaction." + second.id.uuid.ToHex();
    EXPECT_TRUE(cluster_.stores().exists(name)) << name;
    // The merge goes to the segment of the same number.
    Fill(second, "two");
    absl::Status committed = co_await client.CommitTransaction(kStream, second.id);
    EXPECT_TRUE(committed.ok());
    co_await WaitFor(client, second.id, TransactionState::kCommitted);
    EXPECT_EQ(Bytes(0, 0), "two");
    EXPECT_EQ(Bytes(2, 1), "two");
  }));
}

// ---- states

// Pitfall 8: a successful commit says nothing of visibility.
TEST_F(TransactionsTest, CommitIsAsynchronousAndRepeatable) {
  bool hold = true;
  cluster_.stores().set_fault([&](std::string_view command, std::string_view) {
    return hold && command == "MergeSegmentsBatch" ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo txn = co_await Begin(client);
    Fill(txn, "data");
    TransactionState state = co_await StateOf(client, txn.id);
    EXPECT_EQ(state, TransactionState::kOpen);
    absl::Status committed = co_await client.CommitTransaction(kStream, txn.id);
    EXPECT_TRUE(committed.ok()) << committed;
    state = co_await StateOf(client, txn.id);
    EXPECT_EQ(state, TransactionState::kCommitting);
    EXPECT_EQ(Bytes(0, 0), "");
    absl::StatusOr<PingResult> ping = co_await client.PingTransaction(kStream, txn.id, kLease);
    EXPECT_EQ(*ping, PingResult::kCommitted) << "already while it is committing";
    committed = co_await client.CommitTransaction(kStream, txn.id);
    EXPECT_TRUE(committed.ok());
    absl::Status aborted = co_await client.AbortTransaction(kStream, txn.id);
    EXPECT_EQ(aborted.code(), absl::StatusCode::kFailedPrecondition);
    hold = false;
    co_await WaitFor(client, txn.id, TransactionState::kCommitted);
    EXPECT_EQ(Bytes(0, 0), "data");
    EXPECT_EQ(Bytes(1, 0), "data");
    committed = co_await client.CommitTransaction(kStream, txn.id);
    EXPECT_TRUE(committed.ok());
    aborted = co_await client.AbortTransaction(kStream, txn.id);
    EXPECT_EQ(aborted.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(TransactionSegments(), 0);
  }));
}

TEST_F(TransactionsTest, AbortIsRepeatableAndFinal) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo txn = co_await Begin(client);
    Fill(txn, "data");
    absl::Status aborted = co_await client.AbortTransaction(kStream, txn.id);
    EXPECT_TRUE(aborted.ok()) << aborted;
    aborted = co_await client.AbortTransaction(kStream, txn.id);
    EXPECT_TRUE(aborted.ok());
    absl::StatusOr<PingResult> ping = co_await client.PingTransaction(kStream, txn.id, kLease);
    EXPECT_EQ(*ping, PingResult::kAborted);
    co_await WaitFor(client, txn.id, TransactionState::kAborted);
    absl::Status committed = co_await client.CommitTransaction(kStream, txn.id);
    EXPECT_EQ(committed.code(), absl::StatusCode::kFailedPrecondition);
    ping = co_await client.PingTransaction(kStream, txn.id, kLease);
    EXPECT_EQ(*ping, PingResult::kAborted);
    EXPECT_EQ(Bytes(0, 0), "");
    EXPECT_EQ(TransactionSegments(), 0);
  }));
}

TEST_F(TransactionsTest, UnknownTransactionsHaveTheirOwnAnswers) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> { co_await Create(client, 1); }));
  EXPECT_TRUE(cluster_.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster_.controller_endpoints());
    for (int i = 0; i < 2; ++i) {
      const ScopedStream& stream = i == 0 ? kStream : kMissing;
      proto::TxnRequest request;
      *request.mutable_streaminfo() = controller::ToMessage(stream);
      request.mutable_txnid()->set_lowbits(77);
      proto::PingTxnRequest ping;
      *ping.mutable_streaminfo() = controller::ToMessage(stream);
      ping.mutable_txnid()->set_lowbits(77);
      ping.set_lease(10'000);
      auto committed = co_await CallRpc<proto::TxnStatus>(*channel, runtime, "commitTransaction", request);
      EXPECT_EQ(committed->status(), proto::TxnStatus::FAILURE);
      auto aborted = co_await CallRpc<proto::TxnStatus>(*channel, runtime, "abortTransaction", request);
      EXPECT_EQ(aborted->status(), proto::TxnStatus::FAILURE);
      auto pinged = co_await CallRpc<proto::PingTxnStatus>(*channel, runtime, "pingTransaction", ping);
      EXPECT_EQ(pinged->status(), proto::PingTxnStatus::UNKNOWN);
      auto state = co_await CallRpc<proto::TxnState>(*channel, runtime, "checkTransactionState", request);
      EXPECT_EQ(state->state(), proto::TxnState::UNKNOWN);
    }
    // Without an id at all.
    auto state = co_await CallRpc<proto::TxnState>(*channel, runtime, "checkTransactionState", proto::TxnRequest());
    EXPECT_EQ(state->state(), proto::TxnState::UNKNOWN);
  }));
}

// ---- leases

TEST_F(TransactionsTest, LeasesHaveBoundsAtCreation) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> { co_await Create(client, 1); }));
  EXPECT_TRUE(cluster_.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster_.controller_endpoints());
    proto::CreateTxnRequest request;
    *request.mutable_streaminfo() = controller::ToMessage(kStream);
    request.set_lease(9'999);
    auto created = co_await CallRpc<proto::CreateTxnResponse>(*channel, runtime, "createTransaction", request);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kUnknown);
    request.set_lease(600'001);
    created = co_await CallRpc<proto::CreateTxnResponse>(*channel, runtime, "createTransaction", request);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kUnknown);
    request.set_lease(600'000);
    created = co_await CallRpc<proto::CreateTxnResponse>(*channel, runtime, "createTransaction", request);
    EXPECT_TRUE(created.ok()) << created.status();
  }));
}

TEST_F(TransactionsTest, ALeaseEndsUnlessItIsPinged) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    TransactionInfo pinged = co_await Begin(client, milliseconds(10'000));
    TransactionInfo silent = co_await Begin(client, milliseconds(10'000));
    for (int i = 0; i < 5; ++i) {
      co_await Sleep(seconds(6));
      absl::StatusOr<PingResult> ping = co_await client.PingTransaction(kStream, pinged.id, milliseconds(10'000));
      EXPECT_EQ(*ping, PingResult::kOpen);
    }
    TransactionState state = co_await StateOf(client, pinged.id);
    EXPECT_EQ(state, TransactionState::kOpen);
    state = co_await StateOf(client, silent.id);
    EXPECT_EQ(state, TransactionState::kAborted);
    absl::Status committed = co_await client.CommitTransaction(kStream, silent.id);
    EXPECT_EQ(committed.code(), absl::StatusCode::kFailedPrecondition);
    co_await Sleep(milliseconds(10'500));
    state = co_await StateOf(client, pinged.id);
    EXPECT_EQ(state, TransactionState::kAborted);
  }));
  EXPECT_EQ(TransactionSegments(), 0);
}

// Pitfall 13: a ping with lease 0 ends the transaction; below the minimum it is accepted.
TEST_F(TransactionsTest, PingsAreHeldToTheUpperBoundAlone) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    TransactionInfo txn = co_await Begin(client, milliseconds(10'000));
    absl::StatusOr<PingResult> ping = co_await client.PingTransaction(kStream, txn.id, milliseconds(600'001));
    EXPECT_EQ(ping.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(ping.status().ToString(), HasSubstr("longer than the controller allows"));
    ping = co_await client.PingTransaction(kStream, txn.id, milliseconds(5'000));
    EXPECT_EQ(*ping, PingResult::kOpen);
    ping = co_await client.PingTransaction(kStream, txn.id, milliseconds(0));
    EXPECT_EQ(*ping, PingResult::kOpen) << "the answer is OK";
    co_await Sleep(milliseconds(300));
    TransactionState state = co_await StateOf(client, txn.id);
    EXPECT_EQ(state, TransactionState::kAborted);
  }));
}

TEST_F(TransactionsTest, ATransactionDoesNotLiveForEver) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    TransactionInfo txn = co_await Begin(client, milliseconds(10'000));
    // 1000 leases of ten seconds.
    absl::StatusOr<PingResult> ping = PingResult::kOpen;
    int pings = 0;
    for (pings = 0; pings < 30; ++pings) {
      ping = co_await client.PingTransaction(kStream, txn.id, milliseconds(600'000));
      if (!ping.ok()) break;
      EXPECT_EQ(*ping, PingResult::kOpen);
      co_await Sleep(seconds(500));
    }
    EXPECT_EQ(pings, 19) << "19 * 500 s + 600 s is more than 10,000 s";
    EXPECT_THAT(ping.status().ToString(), HasSubstr("live too long"));
  }));
}

TEST_F(TransactionsTest, LeasesOutliveTheController) {
  TransactionInfo txn;
  TransactionInfo kept;
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    txn = co_await Begin(client, milliseconds(10'000));
    kept = co_await Begin(client, milliseconds(60'000));
  }));
  cluster_.CrashController(1);
  cluster_.Advance(seconds(5));
  cluster_.RestartController(1);
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    TransactionState state = co_await StateOf(client, txn.id);
    EXPECT_EQ(state, TransactionState::kOpen);
    co_await Sleep(milliseconds(5'500));
    state = co_await StateOf(client, txn.id);
    EXPECT_EQ(state, TransactionState::kAborted) << "nobody asked for it: the lease was timed";
    absl::Status committed = co_await client.CommitTransaction(kStream, kept.id);
    EXPECT_TRUE(committed.ok());
  }));
}

// ---- order and batches

TEST_F(TransactionsTest, CommitsOfOneEpochAppearInTheOrderAskedFor) {
  bool hold = true;
  cluster_.stores().set_fault([&](std::string_view command, std::string_view) {
    return hold && command == "MergeSegmentsBatch" ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    std::vector<TransactionInfo> transactions;
    for (int i = 0; i < 5; ++i) {
      TransactionInfo txn = co_await Begin(client);
      Fill(txn, std::to_string(i));
      transactions.push_back(std::move(txn));
    }
    for (size_t i : kCommitOrder) {
      absl::Status committed = co_await client.CommitTransaction(kStream, transactions[i].id);
      EXPECT_TRUE(committed.ok());
    }
    hold = false;
    co_await WaitFor(client, transactions[4].id, TransactionState::kCommitted);
    EXPECT_EQ(Bytes(0, 0), "314");
    EXPECT_EQ(Bytes(1, 0), "314");
  }));
}

TEST_F(TransactionsTest, BatchesHaveABound) {
  bool hold = true;
  cluster_.stores().set_fault([&](std::string_view command, std::string_view) {
    return hold && command == "MergeSegmentsBatch" ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  constexpr int kTransactions = 205;
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    TxnId last;
    std::string expected;
    for (int i = 0; i < kTransactions; ++i) {
      TransactionInfo txn = co_await Begin(client, milliseconds(600'000));
      Fill(txn, StrCat(i, ","));
      expected += StrCat(i, ",");
      absl::Status committed = co_await client.CommitTransaction(kStream, txn.id);
      EXPECT_TRUE(committed.ok());
      last = txn.id;
    }
    // The first one is a batch of its own, begun before the others came.
    int before = cluster_.stores().requests().at("MergeSegmentsBatch");
    hold = false;
    co_await WaitFor(client, last, TransactionState::kCommitted);
    EXPECT_EQ(Bytes(0, 0), expected);
    EXPECT_LE(cluster_.stores().requests().at("MergeSegmentsBatch") - before, 5);
    EXPECT_GE(cluster_.stores().requests().at("MergeSegmentsBatch") - before, 4);
  }));
}

// ---- rolling

// Pitfall 9: a late commit inserts two epochs. The observed example of the protocol's description.
TEST_F(TransactionsTest, ALateCommitInsertsTwoEpochs) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo late = co_await Begin(client);
    Fill(late, "late");
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.Scale(kStream, Ids(Id(1, 0)), Ranges(KeyRange{0.5, 0.75}, KeyRange{0.75, 1}));
    EXPECT_TRUE(scaled.ok()) << scaled.status();
    TransactionInfo newer = co_await Begin(client);
    Fill(newer, "newer");
    absl::Status committed = co_await client.CommitTransaction(kStream, late.id);
    EXPECT_TRUE(committed.ok());
    co_await WaitFor(client, late.id, TransactionState::kCommitted);

    absl::StatusOr<controller::StreamSegments> second = co_await client.GetEpochSegments(kStream, Epoch(2));
    EXPECT_EQ(second->segments.size(), 2u);
    EXPECT_EQ(second->segments[0].id, Id(0, 2));
    EXPECT_EQ(second->segments[1].id, Id(1, 2));
    absl::StatusOr<controller::StreamSegments> third = co_await client.GetCurrentSegments(kStream);
    EXPECT_EQ(third->segments.size(), 3u);
    EXPECT_EQ(third->segments[0].id, Id(0, 3));
    EXPECT_EQ(third->segments[1].id, Id(2, 3));
    EXPECT_EQ(third->segments[2].id, Id(3, 3));
    EXPECT_EQ(third->segments[1].range.high, 0.75);
    absl::StatusOr<std::vector<Successor>> successors = co_await client.GetSuccessors(kStream, Id(0, 0));
    EXPECT_EQ(successors->size(), 1u);
    EXPECT_EQ((*successors)[0].segment.id, Id(0, 2));
    successors = co_await client.GetSuccessors(kStream, Id(2, 1));
    EXPECT_EQ(successors->size(), 1u);
    EXPECT_EQ((*successors)[0].segment.id, Id(1, 2));
    EXPECT_THAT((*successors)[0].predecessors, ElementsAre(Id(2, 1), Id(3, 1)));
    successors = co_await client.GetSuccessors(kStream, Id(1, 2));
    EXPECT_EQ(successors->size(), 2u);
    EXPECT_EQ(Bytes(0, 2), "late");
    EXPECT_EQ(Bytes(1, 2), "late");
    EXPECT_TRUE(cluster_.stores().segments()[Name(2, 1)].sealed);
    EXPECT_TRUE(cluster_.stores().segments()[Name(0, 2)].sealed);
    EXPECT_FALSE(cluster_.stores().segments()[Name(0, 3)].sealed);

    // A transaction of epoch 1 is merged plainly: epoch 3 is its duplicate.
    committed = co_await client.CommitTransaction(kStream, newer.id);
    EXPECT_TRUE(committed.ok());
    co_await WaitFor(client, newer.id, TransactionState::kCommitted);
    EXPECT_EQ(Bytes(2, 3), "newer");
    // And a new one is of the reference epoch.
    TransactionInfo after = co_await Begin(client);
    EXPECT_EQ(after.id.epoch(), Epoch(1));
    EXPECT_EQ(after.segments[1].id, Id(2, 1));
    absl::StatusOr<controller::StreamSegments> none = co_await client.GetEpochSegments(kStream, Epoch(4));
    EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
  }));
}

// ---- seal and delete

TEST_F(TransactionsTest, SealAbortsOpenTransactionsAndWaitsForCommits) {
  bool hold = true;
  cluster_.stores().set_fault([&](std::string_view command, std::string_view) {
    return hold && command == "MergeSegmentsBatch" ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  cluster_.world().At(60'000'000'000, "release merges", [&] { hold = false; });
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo open = co_await Begin(client, milliseconds(600'000));
    TransactionInfo committing = co_await Begin(client);
    TransactionInfo second = co_await Begin(client);
    Fill(open, "open");
    Fill(committing, "committing;");
    Fill(second, "second;");
    absl::Status committed = co_await client.CommitTransaction(kStream, committing.id);
    EXPECT_TRUE(committed.ok());
    committed = co_await client.CommitTransaction(kStream, second.id);
    EXPECT_TRUE(committed.ok());
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok()) << sealed;
    TransactionState state = co_await StateOf(client, open.id);
    EXPECT_EQ(state, TransactionState::kAborted);
    state = co_await StateOf(client, committing.id);
    EXPECT_EQ(state, TransactionState::kCommitted);
    EXPECT_EQ(Bytes(0, 0), "committing;second;");
    EXPECT_TRUE(cluster_.stores().segments()[Name(0, 0)].sealed);
    EXPECT_EQ(TransactionSegments(), 0);
    absl::StatusOr<TransactionInfo> refused = co_await client.CreateTransaction(kStream, kLease);
    EXPECT_THAT(refused.status().ToString(), HasSubstr("Stream: stream State: SEALED"));
    absl::StatusOr<bool> deleted = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(deleted.ok() && *deleted);
    state = co_await StateOf(client, committing.id);
    EXPECT_EQ(state, TransactionState::kCommitted) << "also when the stream is gone";
  }));
}

TEST_F(TransactionsTest, CompletedTransactionsAreForgottenAfterADay) {
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    TransactionInfo txn = co_await Begin(client);
    absl::Status aborted = co_await client.AbortTransaction(kStream, txn.id);
    EXPECT_TRUE(aborted.ok());
    co_await WaitFor(client, txn.id, TransactionState::kAborted);
    co_await Sleep(std::chrono::hours(23));
    TransactionState state = co_await StateOf(client, txn.id);
    EXPECT_EQ(state, TransactionState::kAborted);
    co_await Sleep(std::chrono::hours(2));
    absl::StatusOr<TransactionState> gone = co_await client.GetTransactionState(kStream, txn.id);
    EXPECT_EQ(gone.status().code(), absl::StatusCode::kNotFound);
  }));
}

TEST_F(TransactionsTest, ForgottenTransactionsAreErased) {
  TxnId kept;
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 1);
    for (int i = 0; i < 600; ++i) {  // more than a page of the sweep
      TransactionInfo txn = co_await Begin(client);
      absl::Status aborted = co_await client.AbortTransaction(kStream, txn.id);
      EXPECT_TRUE(aborted.ok());
    }
    co_await Sleep(std::chrono::hours(12));
    TransactionInfo late = co_await Begin(client);
    absl::Status committed = co_await client.CommitTransaction(kStream, late.id);
    EXPECT_TRUE(committed.ok());
    co_await WaitFor(client, late.id, TransactionState::kCommitted);
    kept = late.id;
  }));
  auto completed = [this] {
    const std::string all = cluster_.Describe();
    int count = 0;
    for (size_t at = all.find("completed/"); at != std::string::npos; at = all.find("completed/", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(completed(), 601);
  cluster_.Advance(std::chrono::hours(13));
  EXPECT_EQ(completed(), 1);
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    TransactionState state = co_await StateOf(client, kept);
    EXPECT_EQ(state, TransactionState::kCommitted);
  }));
  cluster_.Advance(std::chrono::hours(12));
  EXPECT_EQ(completed(), 0);
}

// ---- scale meanwhile

// Pitfall of a retry: the same scale, asked for again, or its answer lost, when it already means the duplicates.
TEST_F(TransactionsTest, AScaleThatARollingCommitOvertookIsStillTheSame) {
  bool hold_merges = true;
  bool hold_creations = false;
  cluster_.stores().set_fault([&](std::string_view command, std::string_view) {
    bool held = (hold_merges && command == "MergeSegmentsBatch") || (hold_creations && command == "CreateSegment");
    return held ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo late = co_await Begin(client);
    Fill(late, "late");
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.Scale(kStream, Ids(Id(1, 0)), Ranges(KeyRange{0.5, 0.75}, KeyRange{0.75, 1}));
    EXPECT_TRUE(scaled.ok());
    absl::Status committed = co_await client.CommitTransaction(kStream, late.id);
    EXPECT_TRUE(committed.ok());
    scaled = co_await client.StartScale(kStream, Ids(Id(2, 1), Id(3, 1)), Ranges(KeyRange{0.5, 1}));
    EXPECT_TRUE(scaled.ok()) << scaled.status();
    // The rolling commit leaves epoch 3; the scale begins and waits with its new segment.
    hold_merges = false;
    co_await WaitFor(client, late.id, TransactionState::kCommitted);
    hold_creations = true;
    co_await Sleep(seconds(5));
    scaled = co_await client.StartScale(kStream, Ids(Id(2, 1), Id(3, 1)), Ranges(KeyRange{0.5, 1}));
    EXPECT_TRUE(scaled.ok()) << scaled.status();
    EXPECT_EQ(scaled->epoch, Epoch(3));
    scaled = co_await client.StartScale(kStream, Ids(Id(2, 3), Id(3, 3)), Ranges(KeyRange{0.5, 1}));
    EXPECT_TRUE(scaled.ok()) << scaled.status();
    scaled = co_await client.StartScale(kStream, Ids(Id(0, 1), Id(3, 1)), Ranges(KeyRange{0.5, 1}));
    EXPECT_FALSE(scaled.ok()) << "another one";
    hold_creations = false;
  }));
}

TEST_F(TransactionsTest, AScaleThatARollingCommitOvertakesMeansTheDuplicates) {
  bool hold = true;
  cluster_.stores().set_fault([&](std::string_view command, std::string_view) {
    return hold && command == "MergeSegmentsBatch" ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  EXPECT_TRUE(Run([&](ControllerClient& client) -> Task<void> {
    co_await Create(client, 2);
    TransactionInfo late = co_await Begin(client);
    Fill(late, "late");
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.Scale(kStream, Ids(Id(1, 0)), Ranges(KeyRange{0.5, 0.75}, KeyRange{0.75, 1}));
    EXPECT_TRUE(scaled.ok());
    absl::Status committed = co_await client.CommitTransaction(kStream, late.id);
    EXPECT_TRUE(committed.ok());
    // While the rolling commit is held: it will leave epoch 3, a duplicate of epoch 1.
    scaled = co_await client.StartScale(kStream, Ids(Id(2, 1), Id(3, 1)), Ranges(KeyRange{0.5, 1}));
    EXPECT_TRUE(scaled.ok()) << scaled.status();
    hold = false;
    for (;;) {
      absl::StatusOr<bool> done = co_await client.CheckScale(kStream, scaled->epoch);
      EXPECT_TRUE(done.ok()) << done.status();
      if (!done.ok() || *done) break;
    }
    absl::StatusOr<controller::StreamSegments> current = co_await client.GetCurrentSegments(kStream);
    EXPECT_EQ(current->segments.size(), 2u);
    EXPECT_EQ(current->segments[0].id, Id(0, 3));
    EXPECT_EQ(current->segments[1].id, Id(4, 4));
    absl::StatusOr<std::vector<Successor>> successors = co_await client.GetSuccessors(kStream, Id(2, 3));
    EXPECT_THAT((*successors)[0].predecessors, ElementsAre(Id(2, 3), Id(3, 3)));
  }));
}

}  // namespace
}  // namespace pravega::sim
