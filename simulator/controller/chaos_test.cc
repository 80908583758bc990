// Goal: whatever happens at the same time, the invariants of the protocol hold in the end. Method: three clients scale
// a stream, change its policy, and begin, commit and abort transactions at random, while two controllers crash, stop
// and come back, stores answer WrongHost and drop connections, remote calls and their answers are lost, and writes of
// metadata are refused or not answered. When all that has ended, epochs, segments and transactions are looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "connector/runtime/choices.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/task_group.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records.pb.h"
#include "simulator/controller/test_cluster.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using controller::TransactionInfo;
using controller::TransactionState;
using runtime::ChoiceStream;
using runtime::Runtime;
using runtime::Task;

using std::chrono::milliseconds;
using std::chrono::seconds;

const ScopedStream kStream{"scope", "stream"};
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHealed = 120 * kSecond;
constexpr int kSeeds = 40;

struct TxnRecord {
  TransactionInfo info;
  bool commit_promised = false;
};

// What the clients did and the faults struck.
struct Log {
  std::vector<TxnRecord> transactions;
  int scales = 0;
  int updates = 0;
  int promised = 0;
  int crashes = 0;
  int store_faults = 0;
  int rpc_faults = 0;
  int metadata_faults = 0;
};

class RandomRpcFaults : public SessionFaults {
 public:
  RandomRpcFaults(ChoiceStream choices, Log* log) : choices_(std::move(choices)), log_(log) {}
  void Heal() { healed_ = true; }
  FaultPhase Decide(const SessionRequest&) override {
    if (healed_ || !choices_.Chance(30'000, "rpc fault")) return FaultPhase::kNone;
    uint64_t phase = choices_.Below(3, "phase");
    return phase == 0 ? FaultPhase::kBeforeApply : phase == 1 ? FaultPhase::kAppliedNotAnswered : FaultPhase::kTwice;
  }
  void Struck(const SessionRequest&, FaultPhase) override { ++log_->rpc_faults; }

 private:
  ChoiceStream choices_;
  Log* log_;
  bool healed_ = false;
};

class RandomWriteFaults : public DurableFaults {
 public:
  explicit RandomWriteFaults(Log* log) : log_(log) {}
  void Begin(ChoiceStream choices) { choices_.emplace(std::move(choices)); }
  void Heal() { choices_.reset(); }
  DurableDecision Decide(const DurableRequest&) override {
    DurableDecision decision;
    if (!choices_ || !choices_->Chance(30'000, "metadata fault")) return decision;
    ++log_->metadata_faults;
    bool lost = choices_->Below(2, "kind") == 1;
    decision.fault = lost ? DurableFault::kAnswerLost : DurableFault::kUnavailable;
    return decision;
  }
  size_t Survivors(const DurableRequest&, size_t records) override { return records; }

 private:
  std::optional<ChoiceStream> choices_;
  Log* log_;
};

class Chaos {
 public:
  explicit Chaos(uint64_t seed) : write_faults_(&log_), cluster_(MakeOptions(seed)) {
    World& world = cluster_.world();
    rpc_faults_.emplace(world.WorldStream("rpc", "faults"), &log_);
    store_choices_.emplace(world.WorldStream("store", "faults"));
  }

  void Run() {
    EXPECT_TRUE(cluster_.Run([this](ControllerClient& client) -> Task<void> { co_await Prepare(client); }));
    World& world = cluster_.world();
    write_faults_.Begin(world.WorldStream("metadata", "faults"));
    faults_on_ = true;
    cluster_.stores().set_fault([this](std::string_view, std::string_view) { return StoreFault(); });
    PlanCrashes();
    world.At(kHealed, "heal", [this] { Heal(); });
    EXPECT_TRUE(cluster_.RunOnClient([this](Runtime& runtime) -> Task<void> { co_await RunClients(runtime); }));
    EXPECT_TRUE(cluster_.RunOnClient([this](Runtime& runtime) -> Task<void> { co_await AwaitHealing(runtime); }));
    EXPECT_TRUE(cluster_.Settle());
    EXPECT_TRUE(cluster_.Run([this](ControllerClient& client) -> Task<void> { co_await CheckStates(client); }));
    CheckMetadata();
    CheckSegments();
  }
  const Log& log() const { return log_; }

 private:
  TestCluster::Options MakeOptions(uint64_t seed) {
    TestCluster::Options options;
    options.seed = seed;
    options.controllers = 2;
    options.durable_faults = &write_faults_;
    options.session_faults = [this](const SessionRequest& request) -> SessionFaults* {
      (void)request;
      return faults_on_ ? &*rpc_faults_ : nullptr;
    };
    options.client.call_timeout = seconds(3);
    options.client.long_call_timeout = seconds(15);
    return options;
  }

  void Heal() {
    faults_on_ = false;
    rpc_faults_->Heal();
    write_faults_.Heal();
    cluster_.stores().set_fault(nullptr);
    World& world = cluster_.world();
    for (int i = 1; i <= 2; ++i) {
      std::string name = TestCluster::ControllerName(i);
      if (!world.running(name)) world.Restart(name);
      if (world.paused(name)) world.Resume(name);
    }
  }

  FakeStores::Fault StoreFault() {
    if (!store_choices_->Chance(60'000, "store fault")) return FakeStores::Fault::kNone;
    ++log_.store_faults;
    uint64_t kind = store_choices_->Below(3, "kind");
    return kind == 0   ? FakeStores::Fault::kWrongHost
           : kind == 1 ? FakeStores::Fault::kCloseBefore
                       : FakeStores::Fault::kCloseAfter;
  }

  void PlanCrashes() {
    World& world = cluster_.world();
    ChoiceStream choices = world.WorldStream("crashes", "controllers");
    for (int i = 0; i < 12; ++i) {
      uint64_t at = choices.Below(100'000, "when");
      uint64_t which = choices.Below(2, "which");
      uint64_t kind = choices.Below(2, "kind");
      uint64_t length = choices.Below(15'000, "how long");
      std::string name = TestCluster::ControllerName(static_cast<int>(which) + 1);
      int64_t begin = kSecond + static_cast<int64_t>(at) * 1'000'000;
      int64_t end = begin + static_cast<int64_t>(length) * 1'000'000;
      bool crash = kind == 0;
      world.At(begin, "fault of " + name, [this, &world, name, crash] {
        if (!world.running(name) || world.paused(name)) return;
        ++log_.crashes;
        if (crash) {
          world.Crash(name);
        } else {
          world.Pause(name);
        }
      });
      world.At(end, "end of a fault of " + name, [&world, name] {
        if (!world.running(name)) world.Restart(name);
        if (world.paused(name)) world.Resume(name);
      });
    }
  }

  Task<void> Prepare(ControllerClient& client) {
    absl::StatusOr<bool> created = co_await client.CreateScope("scope");
    EXPECT_TRUE(created.ok()) << created.status();
    created = co_await client.CreateStream(kStream, Policy(2));
    EXPECT_TRUE(created.ok()) << created.status();
  }

  static StreamConfiguration Policy(int32_t segments) {
    StreamConfiguration configuration;
    configuration.scaling = ScalingPolicy{ScalingPolicy::Type::kEventsPerSecond, 1000, 2, segments};
    return configuration;
  }

  Task<void> RunClients(Runtime& runtime) {
    runtime::TaskGroup clients(runtime.scheduler(), "clients");
    for (int i = 0; i < 3; ++i) clients.Spawn(StrCat("client-", i), RunOne(runtime, i));
    co_await clients.Join();
  }

  Task<void> RunOne(Runtime& runtime, int index) {
    std::unique_ptr<ControllerClient> client =
        ControllerClient::Connect(runtime, cluster_.controller_endpoints(), ClientOptions());
    ChoiceStream choices = runtime.choices().Stream("workload", StrCat("client-", index));
    while (cluster_.world().now_ns() < 100 * kSecond) {
      uint64_t kind = choices.Below(10, "operation");
      if (kind < 2) {
        co_await Scale(*client, choices);
      } else if (kind < 3) {
        int32_t segments = 1 + static_cast<int32_t>(choices.Below(4, "minimum"));
        absl::Status updated = co_await client->UpdateStream(kStream, Policy(segments));
        log_.updates += updated.ok() ? 1 : 0;
      } else {
        co_await Transact(runtime, *client, choices);
      }
      milliseconds pause(static_cast<int64_t>(choices.Below(500, "pause")));
      absl::Status slept = co_await runtime::SleepFor(runtime, pause, "between operations");
      if (!slept.ok()) co_return;
    }
  }

  static controller::ControllerClientOptions ClientOptions() {
    controller::ControllerClientOptions options;
    options.call_timeout = seconds(3);
    options.long_call_timeout = seconds(15);
    return options;
  }

  Task<void> Scale(ControllerClient& client, ChoiceStream& choices) {
    absl::StatusOr<controller::StreamSegments> current = co_await client.GetCurrentSegments(kStream);
    if (!current.ok() || current->segments.empty()) co_return;
    std::vector<controller::SegmentRange>& segments = current->segments;
    size_t first = choices.Below(segments.size(), "first");
    size_t count = 1 + choices.Below(std::min<size_t>(2, segments.size() - first), "count");
    std::vector<SegmentId> sealed;
    for (size_t i = first; i < first + count; ++i) sealed.push_back(segments[i].id);
    double low = segments[first].range.low;
    double high = segments[first + count - 1].range.high;
    std::vector<KeyRange> ranges;
    if (count == 2) {
      ranges.push_back(KeyRange{low, high});
    } else {
      double middle = low + (high - low) / 2;
      ranges.push_back(KeyRange{low, middle});
      ranges.push_back(KeyRange{middle, high});
    }
    absl::StatusOr<controller::ScaleStarted> scaled = co_await client.StartScale(kStream, sealed, ranges);
    log_.scales += scaled.ok() ? 1 : 0;
  }

  Task<void> Transact(Runtime& runtime, ControllerClient& client, ChoiceStream& choices) {
    absl::StatusOr<TransactionInfo> begun = co_await client.CreateTransaction(kStream, milliseconds(10'000));
    if (!begun.ok()) co_return;
    for (const controller::SegmentRange& segment : begun->segments) {
      std::string name = TransactionSegmentName(SegmentRef{kStream, segment.id}.ToString(), begun->id);
      // It may be aborted already, if the answer took long.
      auto found = cluster_.stores().segments().find(name);
      if (found != cluster_.stores().segments().end()) found->second.bytes = Mark(begun->id);
    }
    size_t index = log_.transactions.size();
    TxnRecord record;
    record.info = *begun;
    log_.transactions.push_back(std::move(record));
    // Some are held until after their lease.
    milliseconds held(static_cast<int64_t>(choices.Below(12'000, "held")));
    absl::Status slept = co_await runtime::SleepFor(runtime, held, "a transaction is open");
    if (!slept.ok()) co_return;
    if (choices.Below(4, "end") == 0) {
      absl::Status aborted = co_await client.AbortTransaction(kStream, begun->id);
      (void)aborted;
    } else {
      absl::Status committed = co_await client.CommitTransaction(kStream, begun->id);
      log_.transactions[index].commit_promised = committed.ok();
      log_.promised += committed.ok() ? 1 : 0;
    }
  }

  Task<void> AwaitHealing(Runtime& runtime) {
    int64_t rest = kHealed + 30 * kSecond - cluster_.world().now_ns();
    if (rest <= 0) co_return;
    absl::Status slept = co_await runtime::SleepFor(runtime, std::chrono::nanoseconds(rest), "until all has healed");
    EXPECT_TRUE(slept.ok());
  }

  static std::string Mark(TxnId txn) { return StrCat("<", txn.uuid.ToHex(), ">"); }

  int Occurrences(TxnId txn) {
    int count = 0;
    std::string mark = Mark(txn);
    for (const auto& [name, segment] : cluster_.stores().segments()) {
      for (size_t at = segment.bytes.find(mark); at != std::string::npos; at = segment.bytes.find(mark, at + 1))
        ++count;
    }
    return count;
  }

  // Transactions are all or nothing, exactly once, and what was promised was kept.
  Task<void> CheckStates(ControllerClient& client) {
    for (const TxnRecord& record : log_.transactions) {
      absl::StatusOr<TransactionState> state = co_await client.GetTransactionState(kStream, record.info.id);
      EXPECT_TRUE(state.ok()) << state.status();
      if (!state.ok()) continue;
      bool committed = *state == TransactionState::kCommitted;
      EXPECT_TRUE(committed || *state == TransactionState::kAborted) << static_cast<int>(*state);
      EXPECT_TRUE(committed || !record.commit_promised) << record.info.id.uuid.ToString();
      int expected = committed ? static_cast<int>(record.info.segments.size()) : 0;
      EXPECT_EQ(Occurrences(record.info.id), expected) << record.info.id.uuid.ToString();
    }
  }

  void CheckMetadata() {
    std::map<Epoch, std::set<SegmentId>> epochs;
    for (const auto& [key, value] : cluster_.metadata().values()) {
      EXPECT_FALSE(key.starts_with(keys::kWork)) << key;
      EXPECT_FALSE(key.starts_with(keys::kTransactions)) << key;
      EXPECT_FALSE(key.starts_with("commit/")) << key;
      if (!key.starts_with("data/scope/stream/") || key.find("/epoch/") == std::string::npos) continue;
      records::EpochSegments epoch;
      ASSERT_TRUE(epoch.ParseFromString(value.bytes));
      double reached = 0;
      std::set<int32_t> numbers;
      for (const records::Segment& segment : epoch.segments()) {
        EXPECT_EQ(segment.low(), reached) << key;
        reached = segment.high();
        EXPECT_TRUE(numbers.insert(SegmentId(segment.id()).number()).second) << key;
        epochs[Epoch(epoch.epoch())].insert(SegmentId(segment.id()));
      }
      EXPECT_EQ(reached, 1.0) << key;
    }
    // Epochs are consecutive, and what one does not take over from the last was recorded as sealed in it.
    int32_t expected = 0;
    for (const auto& [epoch, segments] : epochs) {
      EXPECT_EQ(epoch.value(), expected++);
      auto next = epochs.find(Epoch(epoch.value() + 1));
      if (next == epochs.end()) continue;
      for (SegmentId segment : segments) {
        auto sealed = cluster_.metadata().values().find(keys::SealedSegment(kStream, 0, segment));
        if (next->second.contains(segment)) continue;
        ASSERT_NE(sealed, cluster_.metadata().values().end()) << segment.ToString();
        records::SealedSegment record;
        ASSERT_TRUE(record.ParseFromString(sealed->second.bytes));
        EXPECT_EQ(record.replaced_in_epoch(), next->first.value());
        EXPECT_GE(record.length(), 0);
      }
    }
    records::Stream stream;
    ASSERT_TRUE(stream.ParseFromString(cluster_.metadata().values().at(keys::Stream(kStream)).bytes));
    EXPECT_EQ(stream.state(), records::Stream::ACTIVE);
    EXPECT_EQ(stream.current_epoch(), epochs.rbegin()->first.value());
    current_ = epochs.rbegin()->second;
    for (const auto& [epoch, segments] : epochs) all_.insert(segments.begin(), segments.end());
  }

  // Exactly the segments of the epochs exist, and exactly those of the last one are open.
  void CheckSegments() {
    std::set<std::string> expected;
    for (SegmentId segment : all_) expected.insert(SegmentRef{kStream, segment}.ToString());
    for (const auto& [name, segment] : cluster_.stores().segments()) {
      if (name.starts_with("scope/_MARK")) continue;
      EXPECT_TRUE(expected.contains(name)) << name;
      absl::StatusOr<SegmentRef> parsed = SegmentRef::Parse(name);
      EXPECT_TRUE(parsed.ok()) << name;
      EXPECT_EQ(segment.sealed, parsed.ok() && !current_.contains(parsed->id)) << name;
    }
    for (const std::string& name : expected) EXPECT_TRUE(cluster_.stores().exists(name)) << name;
  }

  Log log_;
  RandomWriteFaults write_faults_;
  bool faults_on_ = false;
  std::optional<RandomRpcFaults> rpc_faults_;
  std::optional<ChoiceStream> store_choices_;
  TestCluster cluster_;
  std::set<SegmentId> all_;
  std::set<SegmentId> current_;
};

TEST(ChaosTest, InvariantsHoldInTheEnd) {
  Log sum;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Chaos chaos(seed);
    chaos.Run();
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    const Log& log = chaos.log();
    sum.transactions.insert(sum.transactions.end(), log.transactions.begin(), log.transactions.end());
    sum.scales += log.scales;
    sum.updates += log.updates;
    sum.promised += log.promised;
    sum.crashes += log.crashes;
    sum.store_faults += log.store_faults;
    sum.rpc_faults += log.rpc_faults;
    sum.metadata_faults += log.metadata_faults;
  }
  std::printf(
      "%d seeds: %zu transactions (%d promised to commit), %d scales, %d updates; %d crashes and pauses, "
      "%d faults of stores, %d of remote calls, %d of metadata\n",
      kSeeds, sum.transactions.size(), sum.promised, sum.scales, sum.updates, sum.crashes, sum.store_faults,
      sum.rpc_faults, sum.metadata_faults);
  // Everything happened.
  EXPECT_GT(sum.promised, kSeeds);
  EXPECT_GT(sum.scales, kSeeds);
  EXPECT_GT(sum.crashes, kSeeds);
  EXPECT_GT(sum.rpc_faults, kSeeds);
  EXPECT_GT(sum.metadata_faults, kSeeds);
}

}  // namespace
}  // namespace pravega::sim
