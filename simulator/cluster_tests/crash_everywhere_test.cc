// Goal: wherever a machine dies, a client's or a server's, nothing that was acknowledged is lost, nothing is there
// twice, no memory leaks, and the dead machine does not try to act. Method: two clients and at most 20 events on a
// small cluster. A run without crashes counts how often each machine resumes a task; then one run for each machine and
// each of these resumptions: the machine dies right before it, and starts again half a second later. What an
// application keeps on durable storage stands in the test's memory.
//
// --stride=N takes every N-th point only, from --first=M (default 0), for builds that have no time for all of them.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/client/cut_reader.h"
#include "connector/client/event_writer.h"
#include "connector/client/outcome_log.h"
#include "connector/client/reader_group/event_reader.h"
#include "connector/client/reader_group/reader_group.h"
#include "connector/client/transaction.h"
#include "connector/client/transaction_writer.h"
#include "connector/controller/controller_client.h"
#include "connector/controller/types.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/checkpoint.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/segment_position.h"
#include "connector/core/stream_cut.h"
#include "connector/core/strings.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/scheduler.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/task.h"
#include "simulator/cluster/simulated_cluster.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/service_port.h"
#include "simulator/faults/session_faults.h"
#include "simulator/world/tape.h"
#include "simulator/world/world.h"

namespace pravega::sim {
namespace {

using client::CutReader;
using client::EventReader;
using client::EventWriter;
using client::ReaderGroup;
using client::Transaction;
using client::TransactionWriter;
using controller::TransactionState;
using runtime::Runtime;
using runtime::Task;

using std::chrono::milliseconds;
using std::chrono::seconds;

uint64_t stride = 1;
uint64_t first_point = 0;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kPatience = 600 * kSecond;
constexpr int64_t kDownTime = kSecond / 2;
constexpr int kEventsBefore = 4;
constexpr int kEventsInTransaction = 4;
constexpr int kEventsAfter = 4;
constexpr char kScope[] = "scope";
constexpr char kGroup[] = "group";
const ScopedStream kStream{kScope, "stream"};

enum class Fate { kUnknown, kWritten, kNotWritten };

// Where an event is.
using Place = std::pair<SegmentId, Offset>;

struct Event {
  std::string key;
  int transaction = 0;  // its number; 0: none
  Fate fate = Fate::kUnknown;
};

struct Recorded {
  int event = 0;
  Place place;
};

// What the two applications have on durable storage. Events are numbered in the order in which they are written; one
// whose fate is unknown when its writer died is not written again, so that each number is in the stream at most once.
struct Kept {
  // The writer's.
  int step = 0;
  std::vector<Event> events;
  int written_in_step = 0;
  int transactions = 0;
  std::optional<TxnId> open_transaction;
  std::optional<Checkpoint> checkpoint;
  size_t recorded_at_checkpoint = 0;
  // The reader's.
  int reader_life = 0;
  std::vector<Recorded> recorded;
  std::optional<Position> position;
  std::optional<size_t> recorded_before_checkpoint;  // when the reader was told of it
  bool at_the_end = false;
};

// An application that meets an error it cannot deal with ends the test; the trace says where the machine had died.
void Must(const absl::Status& status) {
  if (status.ok()) return;
  ADD_FAILURE() << status;
  std::fflush(stdout);
  CHECK_MSG(false, status.ToString());
}

struct Client {
  Client(Runtime& node, const SimulatedCluster& cluster)
      : runtime(node),
        controller(controller::ControllerClient::Connect(node, cluster.controllers(), {})),
        context(node, *controller) {}
  Task<void> Sleep(int64_t ms) {
    absl::Status slept = co_await runtime::SleepFor(runtime, milliseconds(ms), "the next attempt");
    CHECK(slept.ok());
  }

  Runtime& runtime;
  std::unique_ptr<controller::ControllerClient> controller;
  client::ClientContext context;
};

// ---- the writer

int NewEvent(Kept* kept, std::string key, int transaction) {
  kept->events.push_back({std::move(key), transaction, Fate::kUnknown});
  return static_cast<int>(kept->events.size()) - 1;
}

Task<void> SetUp(Client& client) {
  absl::StatusOr<bool> scope = co_await client.controller->CreateScope(kScope);
  Must(scope.status());
  controller::StreamConfiguration configuration;
  configuration.scaling = controller::ScalingPolicy::Fixed(1);
  absl::StatusOr<bool> stream = co_await client.controller->CreateStream(kStream, configuration);
  Must(stream.status());
  client::ReaderGroupOptions options;
  options.streams[kStream] = {};
  options.automatic_checkpoint_interval = std::nullopt;
  options.refresh_interval = seconds(1);
  absl::StatusOr<std::unique_ptr<ReaderGroup>> group =
      co_await ReaderGroup::Create(client.context, kScope, kGroup, std::move(options));
  Must(group.status());
  co_await (*group)->Close();
}

Task<void> WriteEvents(Client& client, Kept* kept, int count) {
  absl::StatusOr<std::unique_ptr<EventWriter>> writer = co_await EventWriter::Open(client.context, kStream, {});
  Must(writer.status());
  std::vector<std::pair<int, client::Sequence>> sent;
  for (int i = kept->written_in_step; i < count; ++i) {
    std::string key = i % 2 == 0 ? "even" : "odd";
    int number = NewEvent(kept, key, 0);
    absl::StatusOr<client::Sequence> taken = co_await (*writer)->Write(key, Buffer::Copy(std::to_string(number)));
    Must(taken.status());
    sent.emplace_back(number, *taken);
  }
  for (const auto& [number, sequence] : sent) {
    absl::StatusOr<client::EventResult> result = co_await (*writer)->Acked(sequence);
    Must(result.status());
    CHECK(result->outcome == client::Outcome::kOk);
    kept->events[static_cast<size_t>(number)].fate = Fate::kWritten;
    ++kept->written_in_step;
  }
  absl::Status closed = co_await (*writer)->Close();
  Must(closed);
}

void SettleTransaction(Kept* kept, int transaction, Fate fate) {
  for (Event& event : kept->events) {
    if (event.transaction == transaction) event.fate = fate;
  }
  kept->open_transaction.reset();
}

// What became of the transaction of an earlier life. True: it is committed, or will be.
Task<bool> Recover(Client& client, Kept* kept) {
  TransactionWriter writer(client.context, kStream, {});
  while (true) {
    absl::StatusOr<TransactionState> state = co_await writer.GetState(*kept->open_transaction);
    Must(state.status());
    if (*state == TransactionState::kCommitting || *state == TransactionState::kCommitted) {
      SettleTransaction(kept, kept->transactions, Fate::kWritten);
      co_return true;
    }
    if (*state == TransactionState::kAborting || *state == TransactionState::kAborted) {
      SettleTransaction(kept, kept->transactions, Fate::kNotWritten);
      co_return false;
    }
    absl::Status aborted = co_await client.controller->AbortTransaction(kStream, *kept->open_transaction);
    // Somebody else, the lease or an earlier attempt, may have decided meanwhile: the state tells.
    if (!absl::IsFailedPrecondition(aborted)) Must(aborted);
  }
}

Task<void> WriteTransaction(Client& client, Kept* kept) {
  if (kept->open_transaction) {
    bool committed = co_await Recover(client, kept);
    if (committed) co_return;
  }
  client::TransactionOptions options;
  options.lease = seconds(10);
  TransactionWriter writer(client.context, kStream, options);
  absl::StatusOr<std::unique_ptr<Transaction>> txn = co_await writer.Begin();
  Must(txn.status());
  int transaction = ++kept->transactions;
  kept->open_transaction = (*txn)->id();
  for (int i = 0; i < kEventsInTransaction; ++i) {
    std::string key = i % 2 == 0 ? "even" : "odd";
    int number = NewEvent(kept, key, transaction);
    absl::StatusOr<client::Sequence> taken = co_await (*txn)->Write(key, Buffer::Copy(std::to_string(number)));
    Must(taken.status());
  }
  absl::Status committed = co_await (*txn)->Commit();
  Must(committed);
  SettleTransaction(kept, transaction, Fate::kWritten);
  co_await (*txn)->Close();
}

Task<void> Split(Client& client) {
  while (true) {
    absl::StatusOr<controller::StreamSegments> current = co_await client.controller->GetCurrentSegments(kStream);
    Must(current.status());
    if (current->segments.size() > 1) co_return;
    std::vector<SegmentId> sealed(1, current->segments[0].id);
    std::vector<KeyRange> ranges(2);
    ranges[0] = KeyRange{0, 0.5};
    ranges[1] = KeyRange{0.5, 1};
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.controller->Scale(kStream, std::move(sealed), std::move(ranges));
    if (scaled.ok()) co_return;
    // One of an earlier life is still under way.
    co_await client.Sleep(100);
  }
}

Task<void> TakeCheckpoint(Client& client, Kept* kept) {
  absl::StatusOr<std::unique_ptr<ReaderGroup>> group = co_await ReaderGroup::Open(client.context, kScope, kGroup);
  Must(group.status());
  absl::StatusOr<Checkpoint> taken =
      co_await (*group)->TakeCheckpoint("checkpoint", client.runtime.Now() + seconds(120));
  Must(taken.status());
  kept->checkpoint = *std::move(taken);
  kept->recorded_at_checkpoint = kept->recorded.size();
  co_await (*group)->Close();
}

Task<void> Write(Runtime& runtime, const SimulatedCluster* cluster, Kept* kept) {
  Client client(runtime, *cluster);
  auto done = [kept] {
    ++kept->step;
    kept->written_in_step = 0;
  };
  if (kept->step == 0) {
    co_await SetUp(client);
    done();
  }
  if (kept->step == 1) {
    co_await WriteEvents(client, kept, kEventsBefore);
    done();
  }
  if (kept->step == 2) {
    co_await WriteTransaction(client, kept);
    done();
  }
  if (kept->step == 3) {
    co_await TakeCheckpoint(client, kept);
    done();
  }
  if (kept->step == 4) {
    co_await Split(client);
    done();
  }
  if (kept->step == 5) {
    co_await WriteEvents(client, kept, kEventsAfter);
    done();
  }
  if (kept->step == 6) {
    absl::Status sealed = co_await client.controller->SealStream(kStream);
    Must(sealed);
    done();
  }
  co_await client.context.Close();
}

// ---- the reader

std::string ReaderId(int life) { return StrCat("reader-", life); }

// The group, as soon as the writer has created it.
Task<std::unique_ptr<ReaderGroup>> OpenGroup(Client& client) {
  while (true) {
    absl::StatusOr<std::unique_ptr<ReaderGroup>> group = co_await ReaderGroup::Open(client.context, kScope, kGroup);
    if (group.ok()) co_return *std::move(group);
    if (!absl::IsNotFound(group.status())) Must(group.status());
    co_await client.Sleep(100);
  }
}

Task<void> ReadUntilEnd(Client& client, EventReader& reader, Kept* kept) {
  while (!kept->at_the_end) {
    absl::StatusOr<client::ReadResult> next = co_await reader.ReadNext(client.runtime.Now() + milliseconds(500));
    Must(next.status());
    if (auto* event = std::get_if<client::EventRead>(&*next)) {
      // One durable step: the event, and the position behind it.
      kept->recorded.push_back(
          {std::stoi(event->event.ToString()), {event->pointer.segment.id, event->pointer.offset}});
      kept->position = event->position;
    } else if (auto* checkpoint = std::get_if<client::CheckpointRead>(&*next)) {
      if (checkpoint->checkpoint == "checkpoint") kept->recorded_before_checkpoint = kept->recorded.size();
    } else if (std::holds_alternative<client::EndOfData>(*next)) {
      kept->at_the_end = true;
    }
  }
}

Task<void> Read(Runtime& runtime, const SimulatedCluster* cluster, Kept* kept) {
  Client client(runtime, *cluster);
  int life = ++kept->reader_life;
  std::unique_ptr<ReaderGroup> group = co_await OpenGroup(client);
  for (int dead = 1; dead < life; ++dead) {
    absl::Status offline = co_await group->ReaderOffline(ReaderId(dead), kept->position);
    Must(offline);
  }
  co_await group->Close();
  absl::StatusOr<std::unique_ptr<EventReader>> reader =
      co_await EventReader::Join(client.context, kScope, kGroup, ReaderId(life), {});
  Must(reader.status());
  co_await ReadUntilEnd(client, **reader, kept);
  absl::Status closed = co_await (*reader)->Close();
  Must(closed);
  co_await client.context.Close();
}

// ---- what is left in the end

Task<void> ReadBack(Runtime& runtime, const SimulatedCluster* cluster, std::vector<Recorded>* seen) {
  Client client(runtime, *cluster);
  absl::StatusOr<std::unique_ptr<CutReader>> reader =
      co_await CutReader::Open(client.context, kStream, StreamCut::Unbounded(), StreamCut::Unbounded(), {});
  Must(reader.status());
  while (true) {
    absl::StatusOr<client::StreamItem> item = co_await (*reader)->Next();
    Must(item.status());
    if (std::holds_alternative<client::StreamEnd>(*item)) break;
    const auto* event = std::get_if<client::StreamEvent>(&*item);
    CHECK(event != nullptr);
    seen->push_back({std::stoi(event->data.ToString()), {event->segment, event->offset}});
  }
  co_await (*reader)->Close();
  co_await client.context.Close();
}

// Whether the place is before the cut. A segment that the cut does not name is before it if it is older than what the
// cut names.
bool Before(const Place& place, const StreamCut& cut) {
  auto found = cut.positions().find(place.first);
  if (found == cut.positions().end()) return place.first.epoch() < cut.positions().begin()->first.epoch();
  return found->second.finished() || place.second < found->second.offset();
}

void ExpectWrittenOnce(const Kept& kept, const std::vector<Recorded>& seen) {
  std::map<int, int> times;
  std::map<std::string, int> last;
  for (const Recorded& one : seen) {
    ASSERT_LT(static_cast<size_t>(one.event), kept.events.size());
    const std::string& key = kept.events[static_cast<size_t>(one.event)].key;
    ++times[one.event];
    auto at = last.emplace(key, -1).first;
    EXPECT_GT(one.event, at->second) << "order of key " << key;
    at->second = one.event;
  }
  std::map<int, std::set<int>> of_transaction;  // how often its events are there
  for (size_t i = 0; i < kept.events.size(); ++i) {
    const Event& event = kept.events[i];
    int there = times[static_cast<int>(i)];
    EXPECT_LE(there, 1) << "event " << i << " is there twice";
    if (event.fate == Fate::kWritten) {
      EXPECT_EQ(there, 1) << "event " << i << " was acknowledged and is lost";
    }
    if (event.fate == Fate::kNotWritten) {
      EXPECT_EQ(there, 0) << "event " << i << " of an aborted transaction";
    }
    if (event.transaction > 0) of_transaction[event.transaction].insert(there);
  }
  for (const auto& [transaction, there] : of_transaction) {
    EXPECT_EQ(there.size(), 1u) << "transaction " << transaction << " is there in part";
  }
}

void ExpectReadOnce(const Kept& kept, const std::vector<Recorded>& seen) {
  std::multiset<std::pair<int, Place>> there;
  for (const Recorded& one : seen) there.emplace(one.event, one.place);
  std::multiset<std::pair<int, Place>> read;
  for (const Recorded& one : kept.recorded) read.emplace(one.event, one.place);
  EXPECT_EQ(read.size(), there.size());
  EXPECT_TRUE(read == there) << "the reader has not recorded each event of the stream once";
}

void ExpectCheckpointSplits(const Kept& kept) {
  ASSERT_TRUE(kept.checkpoint.has_value());
  const StreamCut& cut = kept.checkpoint->cuts.at(kStream);
  ASSERT_FALSE(cut.unbounded());
  for (size_t i = 0; i < kept.recorded.size(); ++i) {
    bool before = Before(kept.recorded[i].place, cut);
    if (before) {
      EXPECT_LT(i, kept.recorded_at_checkpoint) << "the checkpoint was complete before an event before it was recorded";
    }
    if (kept.recorded_before_checkpoint && i < *kept.recorded_before_checkpoint) {
      EXPECT_TRUE(before) << "an event that was recorded before the checkpoint is behind it";
    }
  }
}

// ---- runs

// What a dead store had under way to its log either becomes durable or is lost.
class UnderWay : public NoDurableFaults {
 public:
  explicit UnderWay(bool survives) : survives_(survives) {}
  size_t Survivors(const DurableRequest&, size_t records) override { return survives_ ? records : 0; }

 private:
  const bool survives_;
};

// One run of the two clients; with a crash of `victim` before its resumption number `point`, if it is not empty.
class CrashRun {
 public:
  explicit CrashRun(bool survives = true, const std::set<std::string, std::less<>>& planted = {})
      : durable_faults_(survives),
        world_(std::make_unique<World>(Tape::FromSeed(23), WithLog())),
        cluster_(MakeCluster()) {
    for (const char* name : {"writer", "reader", "driver"}) world_->AddMachine(name);
    for (const std::string& name : world_->machine_names()) world_->SetPlanted(name, planted);
    cluster_->Start();
    world_->Start("writer", [this](Runtime& runtime) { return Write(runtime, cluster_.get(), &kept_); });
    world_->Start("reader", [this](Runtime& runtime) { return Read(runtime, cluster_.get(), &kept_); });
  }
  ~CrashRun() { world_.reset(); }

  // False if the machine has no such point.
  bool CrashAt(const std::string& victim, uint64_t point) {
    runtime::Scheduler& scheduler = world_->node(victim).scheduler();
    scheduler.StopBefore(point);
    world_->RunUntil([&] { return scheduler.stopped() || AtTheEnd(); }, kPatience);
    if (!scheduler.stopped()) return false;
    world_->Crash(victim);
    world_->At(world_->now_ns() + kDownTime, "restart", [this, victim] { world_->Restart(victim); });
    return true;
  }

  // How often each machine has resumed a task, in a run without a crash.
  std::map<std::string, uint64_t> CountPoints() {
    Finish();
    std::map<std::string, uint64_t> points;
    for (const std::string& name : world_->machine_names()) {
      if (name != "driver") points[name] = world_->node(name).scheduler().resumptions();
    }
    return points;
  }

  void Finish() {
    bool ended = world_->RunUntil([this] { return AtTheEnd(); }, world_->now_ns() + kPatience);
    std::string waits;
    if (!ended) {
      for (const std::string& line : world_->DescribeWaits()) waits += line + "\n";
    }
    ASSERT_TRUE(ended) << waits << log_;
  }

  void Verify() {
    std::vector<Recorded> seen;
    world_->Start("driver", [this, &seen](Runtime& runtime) { return ReadBack(runtime, cluster_.get(), &seen); });
    ASSERT_TRUE(world_->RunUntil([this] { return world_->finished("driver"); }, world_->now_ns() + kPatience)) << log_;
    EXPECT_EQ(kept_.step, 7);
    EXPECT_LE(kept_.events.size(), 20u);
    EXPECT_GE(seen.size(), static_cast<size_t>(kEventsBefore + kEventsInTransaction + kEventsAfter));
    ExpectWrittenOnce(kept_, seen);
    ExpectReadOnce(kept_, seen);
    ExpectCheckpointSplits(kept_);
    // Everybody dies in the end, and does no more than the one before.
    for (const std::string& name : world_->machine_names()) {
      if (world_->running(name)) world_->Crash(name);
    }
    world_->RunUntil([] { return false; }, world_->now_ns() + 60 * kSecond);
    EXPECT_EQ(world_->stats().attempts_after_death, 0u);
  }

  int64_t virtual_ns() const { return world_->now_ns(); }
  // Events of which no application was told what became of them.
  int64_t events_unknown() const {
    return std::count_if(kept_.events.begin(), kept_.events.end(),
                         [](const Event& event) { return event.fate == Fate::kUnknown; });
  }
  int64_t transactions_aborted() const { return kept_.transactions - 1; }
  const std::string& log() const { return log_; }

 private:
  WorldOptions WithLog() {
    WorldOptions options;
    options.log_sink = [this](int64_t time, std::string_view node, std::string_view line) {
      log_ += StrCat(time / 1'000'000, "ms ", node, ": ", line, "\n");
    };
    return options;
  }
  std::unique_ptr<SimulatedCluster> MakeCluster() {
    ClusterOptions options;
    options.segment_stores = 1;
    options.containers = 2;
    return std::make_unique<SimulatedCluster>(*world_, options, session_faults_, durable_faults_);
  }
  bool AtTheEnd() const { return Done("writer") && Done("reader"); }
  bool Done(const std::string& name) const { return world_->running(name) && world_->finished(name); }

  std::string log_;
  NoSessionFaults session_faults_;
  UnderWay durable_faults_;
  Kept kept_;
  std::unique_ptr<World> world_;
  std::unique_ptr<SimulatedCluster> cluster_;
};

struct Victim {
  const char* machine;
  bool survives = true;
};

class CrashEverywhereTest : public testing::TestWithParam<Victim> {};

TEST_P(CrashEverywhereTest, OneCrashForEachSuspension) {
  const std::string victim = GetParam().machine;
  uint64_t points = 0;
  {
    CrashRun plain;
    points = plain.CountPoints().at(victim);
    ASSERT_NO_FATAL_FAILURE(plain.Verify());
    ASSERT_FALSE(HasFailure()) << "without a crash";
  }
  ASSERT_GT(points, 100u);
  uint64_t runs = 0;
  int64_t longest_ns = 0;
  int64_t unknown = 0;
  int64_t aborted = 0;
  for (uint64_t point = first_point; point < points; point += stride) {
    SCOPED_TRACE(StrCat(victim, " dies before resumption ", point));
    CrashRun run(GetParam().survives);
    ASSERT_TRUE(run.CrashAt(victim, point));
    run.Finish();
    if (!HasFailure()) run.Verify();
    ASSERT_FALSE(HasFailure()) << run.log();
    longest_ns = std::max(longest_ns, run.virtual_ns());
    unknown += run.events_unknown();
    aborted += run.transactions_aborted();
    ++runs;
  }
  std::printf(
      "%s%s: %llu crash points, %llu of them tried; the longest run took %lld virtual ms; the fate of %lld "
      "events stayed unknown, %lld transactions were given up\n",
      victim.c_str(), GetParam().survives ? "" : ", with what was under way to its log",
      static_cast<unsigned long long>(points), static_cast<unsigned long long>(runs),
      static_cast<long long>(longest_ns / 1'000'000), static_cast<long long>(unknown), static_cast<long long>(aborted));
  RecordProperty("crash_points", static_cast<int>(points));
  RecordProperty("crash_points_tried", static_cast<int>(runs));
}

INSTANTIATE_TEST_SUITE_P(EveryMachine, CrashEverywhereTest,
                         testing::Values(Victim{"writer"}, Victim{"reader"}, Victim{"store-1"},
                                         Victim{"store-1", false}, Victim{"controller-1"}),
                         [](const auto& info) {
                           std::string name = info.param.machine;
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name + (info.param.survives ? "" : "_and_its_requests");
                         });

// ---- the checks can fail

#ifdef PRAVEGA_PLANTED_BUGS
// Some crash of the store, and only a crash, shows that it acknowledges what is not durable yet.
TEST(PlantedBugTest, AckBeforeDurableIsFound) {
  const std::set<std::string, std::less<>> bug = {"ack-before-durable"};
  auto fails = [](CrashRun& run) {
    testing::TestPartResultArray failures;
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    run.Finish();
    run.Verify();
    return failures.size() > 0;
  };
  const uint64_t points = CrashRun().CountPoints().at("store-1");
  uint64_t runs = 0;
  uint64_t found = 0;
  CrashRun plain(false, bug);
  EXPECT_FALSE(fails(plain)) << "without a crash";
  for (uint64_t point = 0; point < points; ++point) {
    CrashRun run(false, bug);
    if (!run.CrashAt("store-1", point)) break;  // with the bug it waits less often
    found += fails(run) ? 1 : 0;
    ++runs;
  }
  std::printf("planted ack-before-durable: %llu of %llu crashes of the store show it\n",
              static_cast<unsigned long long>(found), static_cast<unsigned long long>(runs));
  EXPECT_GT(found, 0u);
}
#endif

// Does on destruction what no destructor may do.
class ActsWhenItDies : public runtime::Timer {
 public:
  ActsWhenItDies(Runtime& runtime, std::shared_ptr<ServicePort> port)
      : Timer("after death"), runtime_(runtime), port_(std::move(port)) {}
  ~ActsWhenItDies() {
    runtime_.Arm(this, runtime_.Now() + seconds(1));
    port_->Send("after death", Buffer(), [] {});
  }
  void Fire() override {}

 private:
  Runtime& runtime_;
  std::shared_ptr<ServicePort> port_;
};

TEST(AttemptsAfterDeathTest, AreCounted) {
  World world(Tape::FromSeed(1), {});
  world.AddMachine("node");
  world.Start("node", [&world](Runtime& runtime) -> Task<void> {
    ActsWhenItDies guard(runtime, world.Open(runtime, "service"));
    absl::Status slept = co_await runtime::SleepFor(runtime, seconds(10), "its death");
    CHECK(slept.ok());
  });
  world.RunUntil([] { return false; }, kSecond);
  EXPECT_EQ(world.stats().attempts_after_death, 0u);
  world.Crash("node");
  EXPECT_EQ(world.stats().attempts_after_death, 2u);
}

}  // namespace
}  // namespace pravega::sim

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    auto number = [argument](std::string_view name) {
      return std::strtoull(argument.substr(name.size()).data(), nullptr, 10);
    };
    if (argument.starts_with("--stride=")) pravega::sim::stride = std::max(1ull, number("--stride="));
    if (argument.starts_with("--first=")) pravega::sim::first_point = number("--first=");
  }
  return RUN_ALL_TESTS();
}
