// Goal: every workflow survives everything between any two of its steps. Method: a run without faults counts the steps
// (a write of metadata that was acknowledged, a request to a store that was answered); then the workflow runs once for
// each step and mode: after that step the controller
//   - crashes and restarts;
//   - crashes for good while another instance is there;
//   - stops for a minute while another instance takes its work over, and then goes on as a zombie.
// And for each write: the metadata service refuses it, or applies it and the answer is lost.
// The final state of metadata and segments must equal, but for times and drawn ids, that of the run without faults.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <ostream>
#include <set>

#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "simulator/controller/test_cluster.h"
#include "simulator/durable/durable_faults.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::CutPositions;
using controller::ReaderGroupConfig;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using controller::TransactionInfo;
using controller::TransactionState;
using runtime::Task;

using std::chrono::milliseconds;
using std::chrono::seconds;

const ScopedStream kStream{"scope", "stream"};
constexpr milliseconds kLease{600'000};

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }

StreamConfiguration ByRate(int32_t segments) {
  StreamConfiguration configuration;
  configuration.scaling = ScalingPolicy{ScalingPolicy::Type::kEventsPerSecond, 1000, 2, segments};
  configuration.tags.push_back("tag");
  return configuration;
}

// What set-up leaves for the workflow.
struct Fixture {
  std::vector<TransactionInfo> transactions;
  Uuid group;
};

using Part = std::function<Task<void>(TestCluster& cluster, ControllerClient& client, Fixture& fixture)>;

struct Workflow {
  std::string name;
  Part prepare;
  Part run;
  // A transaction that was begun twice leaves one that nobody knows, whose lease ends.
  bool leaves_orphans = false;
};

void PrintTo(const Workflow& workflow, std::ostream* out) { *out << workflow.name; }

// ---- parts

Task<void> CreateStream(ControllerClient& client) {
  absl::StatusOr<bool> created = co_await client.CreateScope("scope");
  EXPECT_TRUE(created.ok()) << created.status();
  created = co_await client.CreateStream(kStream, ByRate(2));
  EXPECT_TRUE(created.ok()) << created.status();
}

Task<void> Split(ControllerClient& client) {
  std::vector<SegmentId> sealed(1, Id(1, 0));
  std::vector<KeyRange> ranges(2);
  ranges[0] = KeyRange{0.5, 0.75};
  ranges[1] = KeyRange{0.75, 1};
  absl::StatusOr<controller::ScaleStarted> scaled = co_await client.Scale(kStream, sealed, ranges);
  EXPECT_TRUE(scaled.ok()) << scaled.status();
}

Task<void> Begin(TestCluster& cluster, ControllerClient& client, Fixture& fixture, int count,
                 milliseconds lease = kLease) {
  for (int i = 0; i < count; ++i) {
    absl::StatusOr<TransactionInfo> txn = co_await client.CreateTransaction(kStream, lease);
    EXPECT_TRUE(txn.ok()) << txn.status();
    if (!txn.ok()) co_return;
    for (const controller::SegmentRange& segment : txn->segments) {
      std::string name = TransactionSegmentName(SegmentRef{kStream, segment.id}.ToString(), txn->id);
      cluster.stores().segments()[name].bytes = StrCat("transaction-", i, ";");
    }
    fixture.transactions.push_back(*std::move(txn));
  }
}

Task<void> CommitAll(ControllerClient& client, Fixture& fixture) {
  for (const TransactionInfo& txn : fixture.transactions) {
    absl::Status committed = co_await client.CommitTransaction(kStream, txn.id);
    EXPECT_TRUE(committed.ok()) << committed;
  }
}

void FillStream(TestCluster& cluster) {
  for (auto& [name, segment] : cluster.stores().segments()) {
    if (name.starts_with("scope/stream/")) segment.bytes = "0123456789";
  }
}

ReaderGroupConfig GroupConfig() {
  ReaderGroupConfig config;
  config.retention = ReaderGroupConfig::Retention::kManual;
  config.starting_cuts[kStream];
  return config;
}

Task<void> CreateGroup(ControllerClient& client, Fixture& fixture) {
  absl::StatusOr<ControllerClient::ReaderGroupCreated> group =
      co_await client.CreateReaderGroup("scope", "group", GroupConfig());
  EXPECT_TRUE(group.ok()) << group.status();
  if (group.ok()) fixture.group = group->config.id;
}

std::vector<Workflow> Workflows() {
  std::vector<Workflow> workflows;
  auto with_stream = [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
    co_await CreateStream(client);
  };
  auto with_scope = [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
    absl::StatusOr<bool> created = co_await client.CreateScope("scope");
    EXPECT_TRUE(created.ok()) << created.status();
  };
  workflows.push_back(
      {"create scope", [](TestCluster&, ControllerClient&, Fixture&) -> Task<void> { co_return; }, with_scope});
  workflows.push_back({"delete scope", with_scope, [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         absl::StatusOr<bool> deleted = co_await client.DeleteScope("scope");
                         EXPECT_TRUE(deleted.ok()) << deleted.status();
                       }});
  workflows.push_back(
      {"create",
       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
         absl::StatusOr<bool> created = co_await client.CreateScope("scope");
         EXPECT_TRUE(created.ok());
       },
       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> { co_await CreateStream(client); }});
  workflows.push_back({"scale", with_stream,
                       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> { co_await Split(client); }});
  workflows.push_back({"update", with_stream, [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         absl::Status updated = co_await client.UpdateStream(kStream, ByRate(3));
                         // A repeated attempt while the first one is running is refused.
                         EXPECT_TRUE(updated.ok() || absl::IsAborted(updated)) << updated;
                       }});
  workflows.push_back({"policy", with_stream, [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         StreamConfiguration faster = ByRate(2);
                         faster.scaling.target_rate = 5000;
                         absl::Status updated = co_await client.UpdateStream(kStream, faster);
                         EXPECT_TRUE(updated.ok() || absl::IsAborted(updated)) << updated;
                       }});
  workflows.push_back({"truncate",
                       [](TestCluster& cluster, ControllerClient& client, Fixture&) -> Task<void> {
                         co_await CreateStream(client);
                         FillStream(cluster);
                         co_await Split(client);
                       },
                       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         CutPositions cut;
                         cut[Id(0, 0)] = SegmentPosition::At(Offset(4));
                         cut[Id(2, 1)] = SegmentPosition::At(Offset(0));
                         cut[Id(3, 1)] = SegmentPosition::At(Offset(0));
                         absl::Status truncated = co_await client.TruncateStream(kStream, cut);
                         // A repeated attempt while the first one is running is refused.
                         EXPECT_TRUE(truncated.ok() || absl::IsFailedPrecondition(truncated)) << truncated;
                       }});
  workflows.push_back({"create transaction", with_stream,
                       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         absl::StatusOr<TransactionInfo> txn =
                             co_await client.CreateTransaction(kStream, milliseconds(10'000));
                         EXPECT_TRUE(txn.ok()) << txn.status();
                         if (!txn.ok()) co_return;
                         absl::Status committed = co_await client.CommitTransaction(kStream, txn->id);
                         EXPECT_TRUE(committed.ok()) << committed;
                       },
                       true});
  workflows.push_back({"commit",
                       [](TestCluster& cluster, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CreateStream(client);
                         co_await Begin(cluster, client, fixture, 3);
                       },
                       [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CommitAll(client, fixture);
                       }});
  workflows.push_back({"rolling commit",
                       [](TestCluster& cluster, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CreateStream(client);
                         FillStream(cluster);
                         co_await Begin(cluster, client, fixture, 1);
                         co_await Split(client);
                       },
                       [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CommitAll(client, fixture);
                       }});
  workflows.push_back({"abort",
                       [](TestCluster& cluster, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CreateStream(client);
                         co_await Begin(cluster, client, fixture, 1);
                       },
                       [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         absl::Status aborted = co_await client.AbortTransaction(kStream, fixture.transactions[0].id);
                         EXPECT_TRUE(aborted.ok()) << aborted;
                       }});
  workflows.push_back({"end of lease",
                       [](TestCluster& cluster, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CreateStream(client);
                         co_await Begin(cluster, client, fixture, 2, milliseconds(10'000));
                       },
                       // The controller does it by itself.
                       [](TestCluster& cluster, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         for (const TransactionInfo& txn : fixture.transactions) {
                           absl::StatusOr<TransactionState> state = TransactionState::kOpen;
                           while (!state.ok() || *state != TransactionState::kAborted) {
                             runtime::Runtime& node = cluster.world().node("client");
                             absl::Status slept = co_await runtime::SleepFor(node, seconds(1), "the end");
                             EXPECT_TRUE(slept.ok());
                             state = co_await client.GetTransactionState(kStream, txn.id);
                           }
                         }
                       }});
  workflows.push_back({"seal",
                       [](TestCluster& cluster, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CreateStream(client);
                         co_await Begin(cluster, client, fixture, 3);
                       },
                       [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         // One is committed, two are aborted.
                         fixture.transactions.resize(1);
                         co_await CommitAll(client, fixture);
                         absl::Status sealed = co_await client.SealStream(kStream);
                         EXPECT_TRUE(sealed.ok()) << sealed;
                       }});
  workflows.push_back({"delete",
                       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         co_await CreateStream(client);
                         co_await Split(client);
                         absl::Status sealed = co_await client.SealStream(kStream);
                         EXPECT_TRUE(sealed.ok()) << sealed;
                       },
                       [](TestCluster&, ControllerClient& client, Fixture&) -> Task<void> {
                         absl::StatusOr<bool> deleted = co_await client.DeleteStream(kStream);
                         EXPECT_TRUE(deleted.ok()) << deleted.status();
                       }});
  workflows.push_back(
      {"create reader group", with_stream, [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
         co_await CreateGroup(client, fixture);
       }});
  workflows.push_back({"delete reader group",
                       [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         co_await CreateStream(client);
                         co_await CreateGroup(client, fixture);
                       },
                       [](TestCluster&, ControllerClient& client, Fixture& fixture) -> Task<void> {
                         absl::Status deleted = co_await client.DeleteReaderGroup("scope", "group", fixture.group);
                         EXPECT_TRUE(deleted.ok() || absl::IsNotFound(deleted)) << deleted;
                       }});
  return workflows;
}

// ---- runs

enum class Mode { kNone, kRestart, kOtherInstance, kZombie, kWriteRefused, kWriteUnanswered };

bool IsCrash(Mode mode) { return mode == Mode::kRestart || mode == Mode::kOtherInstance || mode == Mode::kZombie; }

const char* NameOf(Mode mode) {
  switch (mode) {
    case Mode::kRestart:
      return "crash and restart";
    case Mode::kOtherInstance:
      return "crash beside another instance";
    case Mode::kZombie:
      return "zombie";
    case Mode::kWriteRefused:
      return "write refused";
    case Mode::kWriteUnanswered:
      return "write applied, answer lost";
    default:
      return "no fault";
  }
}

// Strikes at one write of metadata.
class WriteFaults : public DurableFaults {
 public:
  void Arm(Mode mode, int write) {
    fault_ = mode == Mode::kWriteRefused ? DurableFault::kUnavailable : DurableFault::kAnswerLost;
    left_ = write;
  }
  bool struck() const { return struck_; }
  DurableDecision Decide(const DurableRequest& request) override {
    DurableDecision decision;
    if (request.operation != "commit" || left_ == 0) return decision;
    if (--left_ > 0) return decision;
    struck_ = true;
    decision.fault = fault_;
    return decision;
  }
  size_t Survivors(const DurableRequest&, size_t records) override { return records; }

 private:
  DurableFault fault_ = DurableFault::kNone;
  int left_ = 0;
  bool struck_ = false;
};

// Strikes after one step of whichever controller takes it.
class Striker {
 public:
  void Arm(Mode mode, int after) {
    armed_ = true;
    mode_ = mode;
    after_ = after;
    steps_.clear();
  }
  const std::vector<std::string>& steps() const { return steps_; }
  bool struck() const { return struck_; }

  Task<void> AfterStep(TestCluster& cluster, std::string node, std::string step) {
    if (!armed_ || struck_) co_return;
    steps_.push_back(step);
    if (!IsCrash(mode_) || static_cast<int>(steps_.size()) != after_) co_return;
    struck_ = true;
    World& world = cluster.world();
    if (mode_ == Mode::kZombie) {
      absl::Status slept = co_await runtime::SleepFor(world.node(node), seconds(60), "as if stopped");
      co_return;
    }
    world.At(world.now_ns(), "crash " + node, [&world, node] { world.Crash(node); });
    if (mode_ == Mode::kRestart) {
      world.At(world.now_ns() + 1'000'000'000, "restart " + node, [&world, node] { world.Restart(node); });
    }
    runtime::Event never("the crash");
    absl::Status waited = co_await never.Wait();
  }

 private:
  bool armed_ = false;
  bool struck_ = false;
  Mode mode_ = Mode::kNone;
  int after_ = 0;
  std::vector<std::string> steps_;
};

struct Outcome {
  std::string state;
  std::vector<std::string> steps;
  bool struck = false;
};

// Without the lines about completed transactions, whose ids differ.
std::string WithoutCompleted(const std::string& state) {
  std::string kept;
  size_t at = 0;
  while (at < state.size()) {
    size_t end = state.find('\n', at);
    std::string line = state.substr(at, end - at + 1);
    if (!line.starts_with("completed/")) kept += line;
    at = end + 1;
  }
  return kept;
}

Outcome RunWorkflow(const Workflow& workflow, Mode mode, int after) {
  Striker striker;
  WriteFaults write_faults;
  TestCluster* the_cluster = nullptr;
  TestCluster::Options options;
  options.durable_faults = &write_faults;
  options.controllers = mode == Mode::kOtherInstance || mode == Mode::kZombie ? 2 : 1;
  // Lost connections are noticed at once, but a request to a stopped controller only at its deadline.
  options.client.call_timeout = seconds(5);
  options.client.long_call_timeout = seconds(20);
  options.after_step = [&](std::string node, std::string step) {
    return striker.AfterStep(*the_cluster, std::move(node), std::move(step));
  };
  TestCluster cluster(options);
  the_cluster = &cluster;
  Fixture fixture;
  bool prepared =
      cluster.Run([&](ControllerClient& client) -> Task<void> { co_await workflow.prepare(cluster, client, fixture); });
  EXPECT_TRUE(prepared);
  EXPECT_TRUE(cluster.Settle());
  // The last write has been applied; its answer is still on its way.
  cluster.Advance(seconds(1));
  striker.Arm(mode, after);
  if (mode == Mode::kWriteRefused || mode == Mode::kWriteUnanswered) write_faults.Arm(mode, after);
  bool ran =
      cluster.Run([&](ControllerClient& client) -> Task<void> { co_await workflow.run(cluster, client, fixture); });
  EXPECT_TRUE(ran);
  // What a stopped controller still does when it goes on must not change anything.
  if (mode == Mode::kZombie) cluster.Advance(seconds(90));
  if (workflow.leaves_orphans) cluster.Advance(seconds(30));
  EXPECT_TRUE(cluster.Settle());
  // The last write has been applied; its answer is a step too.
  cluster.Advance(seconds(1));
  Outcome outcome;
  outcome.steps = striker.steps();
  outcome.struck = striker.struck() || write_faults.struck();
  outcome.state = cluster.Describe();
  if (workflow.leaves_orphans) outcome.state = WithoutCompleted(outcome.state);
  return outcome;
}

class CrashTest : public testing::TestWithParam<Workflow> {};

TEST_P(CrashTest, AfterEveryStep) {
  const Workflow& workflow = GetParam();
  Outcome plain = RunWorkflow(workflow, Mode::kNone, 0);
  ASSERT_FALSE(plain.steps.empty());
  int points = static_cast<int>(plain.steps.size());
  int writes = 0;
  for (const std::string& step : plain.steps) writes += step.find('/') == std::string::npos ? 1 : 0;
  for (Mode mode : {Mode::kRestart, Mode::kOtherInstance, Mode::kZombie, Mode::kWriteRefused, Mode::kWriteUnanswered}) {
    for (int after = 1; after <= (IsCrash(mode) ? points : writes); ++after) {
      Outcome faulty = RunWorkflow(workflow, mode, after);
      ASSERT_TRUE(faulty.struck) << NameOf(mode) << " " << after;
      ASSERT_EQ(faulty.state, plain.state) << workflow.name << ", " << NameOf(mode) << " " << after;
    }
  }
  std::printf("%s: %d crash points (%d metadata writes, %d store requests), each as %s, %s, %s\n",
              workflow.name.c_str(), points, writes, points - writes, NameOf(Mode::kRestart),
              NameOf(Mode::kOtherInstance), NameOf(Mode::kZombie));
  RecordProperty("crash_points", points);
}

INSTANTIATE_TEST_SUITE_P(EveryWorkflow, CrashTest, testing::ValuesIn(Workflows()),
                         [](const testing::TestParamInfo<Workflow>& info) {
                           std::string name = info.param.name;
                           for (char& c : name) {
                             if (c == ' ') c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace pravega::sim
