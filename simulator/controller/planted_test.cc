// Goal: each planted bug of the controller does its harm where a fault leads, and nowhere else; in a build without
// planted bugs it does none even when it is switched on. Method: the same steps in every build; what is expected
// depends on it.
#include <gtest/gtest.h>

#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "simulator/controller/test_cluster.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using controller::TransactionInfo;
using controller::TransactionState;
using runtime::Task;

using std::chrono::milliseconds;
using std::chrono::seconds;

#ifdef PRAVEGA_PLANTED_BUGS
constexpr bool kPlanted = true;
#else
constexpr bool kPlanted = false;
#endif

const ScopedStream kStream{"scope", "stream"};

Task<TransactionInfo> Begin(TestCluster& cluster, ControllerClient& client) {
  absl::StatusOr<bool> created = co_await client.CreateScope("scope");
  EXPECT_TRUE(created.ok());
  StreamConfiguration configuration;
  configuration.scaling = ScalingPolicy::Fixed(2);
  created = co_await client.CreateStream(kStream, configuration);
  EXPECT_TRUE(created.ok()) << created.status();
  absl::StatusOr<TransactionInfo> txn = co_await client.CreateTransaction(kStream, milliseconds(10'000));
  EXPECT_TRUE(txn.ok()) << txn.status();
  for (const controller::SegmentRange& segment : txn->segments) {
    std::string name = TransactionSegmentName(SegmentRef{kStream, segment.id}.ToString(), txn->id);
    cluster.stores().segments()[name].bytes = "data";
  }
  co_return *std::move(txn);
}

Task<TransactionState> StateOf(ControllerClient& client, TxnId txn) {
  absl::StatusOr<TransactionState> state = co_await client.GetTransactionState(kStream, txn);
  EXPECT_TRUE(state.ok()) << state.status();
  co_return state.value_or(TransactionState::kOpen);
}

std::string Merged(TestCluster& cluster) {
  std::map<std::string, FakeStores::Segment>& segments = cluster.stores().segments();
  return segments["scope/stream/0.#epoch.0"].bytes + "," + segments["scope/stream/1.#epoch.0"].bytes;
}

TEST(PlantedTest, CommitDoneAfterPartialMerge) {
  for (bool crash : {false, true}) {
    TestCluster* the_cluster = nullptr;
    bool armed = crash;
    TestCluster::Options options;
    options.planted.insert("commit-done-after-partial-merge");
    options.after_step = [&](std::string node, std::string step) -> Task<void> {
      // Between the two merges.
      if (!armed || !step.starts_with("MergeSegmentsBatch")) co_return;
      armed = false;
      World& world = the_cluster->world();
      world.At(world.now_ns(), "crash", [&world, node] { world.Crash(node); });
      world.At(world.now_ns() + 1'000'000'000, "restart", [&world, node] { world.Restart(node); });
      runtime::Event never("the crash");
      absl::Status waited = co_await never.Wait();
    };
    TestCluster cluster(options);
    the_cluster = &cluster;
    EXPECT_TRUE(cluster.Run([&](ControllerClient& client) -> Task<void> {
      TransactionInfo txn = co_await Begin(cluster, client);
      absl::Status committed = co_await client.CommitTransaction(kStream, txn.id);
      EXPECT_TRUE(committed.ok());
      TransactionState state = TransactionState::kCommitting;
      while (state == TransactionState::kCommitting) state = co_await StateOf(client, txn.id);
      EXPECT_EQ(state, TransactionState::kCommitted);
    }));
    EXPECT_EQ(Merged(cluster), kPlanted && crash ? "data," : "data,data");
  }
}

TEST(PlantedTest, LeaseIgnored) {
  for (bool late : {false, true}) {
    TestCluster::Options options;
    options.planted.insert("lease-ignored");
    TestCluster cluster(options);
    EXPECT_TRUE(cluster.Run([&](ControllerClient& client) -> Task<void> {
      TransactionInfo txn = co_await Begin(cluster, client);
      absl::Status slept = co_await runtime::SleepFor(cluster.world().node("client"), seconds(late ? 60 : 5), "test");
      EXPECT_TRUE(slept.ok());
      absl::Status committed = co_await client.CommitTransaction(kStream, txn.id);
      EXPECT_EQ(committed.ok(), kPlanted || !late) << committed;
    }));
  }
}

}  // namespace
}  // namespace pravega::sim
