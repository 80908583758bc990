// Goal: readers of a group get every event once and in order of its key, whatever the stream and the readers go
// through. Method: writers and readers on machines of their own against a simulated cluster, under virtual time; what a
// reader "keeps" stands in the test's memory, which outlives its machine.
#include "connector/client/reader_group/reader_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
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
#include "connector/client/event_writer.h"
#include "connector/client/reader_group/event_reader.h"
#include "connector/client/transaction.h"
#include "connector/client/transaction_writer.h"
#include "connector/controller/controller_client.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/event_pointer.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "simulator/cluster/simulated_cluster.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/faults/session_faults.h"
#include "simulator/world/world.h"

namespace pravega::sim {
namespace {

using client::EventReader;
using client::ReaderGroup;
using client::ReaderGroupOptions;
using client::ReadResult;
using runtime::Runtime;
using runtime::Task;

constexpr int64_t kSecond = 1'000'000'000;
constexpr char kScope[] = "scope";
const ScopedStream kStream{kScope, "stream"};

// Lets every n-th request of one kind be applied without an answer.
class LostAnswers : public SessionFaults {
 public:
  FaultPhase Decide(const SessionRequest& request) override {
    if (decide) return decide(request);
    if (command.empty() || request.command != command) return FaultPhase::kNone;
    return ++seen % every == 0 ? FaultPhase::kAppliedNotAnswered : FaultPhase::kNone;
  }
  void Struck(const SessionRequest&, FaultPhase) override { ++struck; }

  std::function<FaultPhase(const SessionRequest&)> decide;  // in place of the rest
  std::string command;
  int every = 2;
  int seen = 0;
  int struck = 0;
};

// What one reader did. Events count as kept when the reader goes on to the next call.
class ReaderRun : public client::ReaderObserver {
 public:
  explicit ReaderRun(std::string id) : id(std::move(id)) {}

  const std::string id;
  std::string group = "group";
  bool stop = false;            // asks it to close
  bool hold = false;            // keeps it from the next call when it was handed a checkpoint
  size_t stop_after = 1 << 30;  // events
  runtime::Duration pause{0};   // after each event
  std::vector<std::string> events;
  std::vector<SegmentId> segments;  // of the events
  std::vector<EventPointer> pointers;
  std::map<std::string, size_t> checkpoints;  // name -> events kept before
  std::optional<Position> position;
  bool joined = false;
  bool ended = false;  // EndOfData
  bool closed = false;
  absl::Status status;
  std::set<SegmentId> acquired, released, completed;
  std::map<std::string, Position> reported;

  void OnAcquired(const SegmentRef& segment, SegmentPosition) override { acquired.insert(segment.id); }
  void OnReleased(const SegmentRef& segment, SegmentPosition) override { released.insert(segment.id); }
  void OnCompleted(const SegmentRef& segment) override { completed.insert(segment.id); }
  void OnCheckpointReported(const std::string& name, const Position& at) override { reported[name] = at; }
};

class ReaderGroupTest : public testing::Test {
 protected:
  ReaderGroupTest() { Begin(7); }
  ~ReaderGroupTest() override { world_.reset(); }

  // Everything anew, under another schedule.
  void Begin(uint64_t seed) {
    world_.reset();
    cluster_.reset();
    runs_.clear();
    written_.clear();
    delivered_.clear();
    log_.clear();
    WorldOptions options;
    options.log_sink = [this](int64_t time, std::string_view node, std::string_view line) {
      log_ += StrCat(time / 1'000'000, "ms ", node, ": ", line, "\n");
    };
    world_ = std::make_unique<World>(Tape::FromSeed(seed), std::move(options));
    cluster_ = std::make_unique<SimulatedCluster>(*world_, ClusterOptions(), faults_, durable_faults_);
    cluster_->Start();
    world_->AddMachine("driver");
  }

  // Runs `script` on the driver's machine until it has returned.
  void Drive(Task<void> (*script)(Runtime&, ReaderGroupTest*), int64_t seconds = 600) {
    world_->Start("driver", [this, script](Runtime& runtime) { return script(runtime, this); });
    bool finished = world_->RunUntil([this] { return world_->finished("driver"); }, seconds * kSecond);
    std::string waits;
    if (!finished) {
      for (const std::string& line : world_->DescribeWaits()) waits += line + "\n";
    }
    ASSERT_TRUE(finished) << waits << log_;
  }

  ReaderRun& AddReader(const std::string& id) {
    runs_.push_back(std::make_unique<ReaderRun>(id));
    world_->AddMachine(id);
    return *runs_.back();
  }
  void StartReader(ReaderRun& run) {
    world_->Start(run.id, [this, &run](Runtime& runtime) { return Read(runtime, this, &run); });
  }

  static Task<void> Read(Runtime& runtime, ReaderGroupTest* test, ReaderRun* run) {
    std::unique_ptr<controller::ControllerClient> controller =
        controller::ControllerClient::Connect(runtime, test->cluster_->controllers(), {});
    client::ClientContext context(runtime, *controller);
    client::EventReaderOptions options;
    options.observer = run;
    absl::StatusOr<std::unique_ptr<EventReader>> reader =
        co_await EventReader::Join(context, kScope, run->group, run->id, options);
    run->status = reader.status();
    if (reader.ok()) {
      run->joined = true;
      while (!run->stop && !run->ended && run->status.ok()) {
        absl::StatusOr<ReadResult> next = co_await (*reader)->ReadNext(runtime.Now() + std::chrono::milliseconds(200));
        run->status = next.status();
        if (!next.ok()) break;
        if (auto* event = std::get_if<client::EventRead>(&*next)) {
          run->events.push_back(event->event.ToString());
          test->delivered_.push_back(run->events.back());
          run->segments.push_back(event->pointer.segment.id);
          run->pointers.push_back(event->pointer);
          run->position = event->position;
          if (run->events.size() >= run->stop_after) break;
          if (run->pause.count() > 0) {
            absl::Status slept = co_await runtime::SleepFor(runtime, run->pause, "work on an event");
            if (!slept.ok()) break;
          }
        } else if (auto* checkpoint = std::get_if<client::CheckpointRead>(&*next)) {
          run->checkpoints[checkpoint->checkpoint] = run->events.size();
          while (run->hold && run->status.ok()) {
            run->status = co_await runtime::SleepFor(runtime, std::chrono::milliseconds(50), "what it has to keep");
          }
        } else if (std::holds_alternative<client::EndOfData>(*next)) {
          run->ended = true;
        }
      }
      absl::Status closed = co_await (*reader)->Close();
      run->closed = closed.ok();
    }
    co_await context.Close();
  }

  // What a driver needs.
  struct Client {
    Client(Runtime& runtime, ReaderGroupTest* test)
        : runtime(runtime),
          controller(controller::ControllerClient::Connect(runtime, test->cluster_->controllers(), {})),
          context(runtime, *controller) {}
    runtime::Instant In(int seconds) { return runtime.Now() + std::chrono::seconds(seconds); }

    Runtime& runtime;
    std::unique_ptr<controller::ControllerClient> controller;
    client::ClientContext context;
  };

  static Task<void> CreateStream(Client& client, int segments) {
    absl::StatusOr<bool> scope = co_await client.controller->CreateScope(kScope);
    CHECK_MSG(scope.ok(), scope.status().ToString());
    controller::StreamConfiguration configuration;
    configuration.scaling = controller::ScalingPolicy::Fixed(segments);
    absl::StatusOr<bool> stream = co_await client.controller->CreateStream(kStream, configuration);
    CHECK_MSG(stream.ok(), stream.status().ToString());
  }
  static ReaderGroupOptions Options(bool automatic) {
    ReaderGroupOptions options;
    options.streams[kStream] = {};
    options.automatic_checkpoint_interval = std::nullopt;
    if (automatic) options.automatic_checkpoint_interval = std::chrono::seconds(5);
    options.refresh_interval = std::chrono::seconds(1);
    return options;
  }
  static Task<std::unique_ptr<ReaderGroup>> CreateGroup(Client& client, std::string name, ReaderGroupOptions options) {
    absl::StatusOr<std::unique_ptr<ReaderGroup>> group =
        co_await ReaderGroup::Create(client.context, kScope, std::move(name), std::move(options));
    CHECK_MSG(group.ok(), group.status().ToString());
    co_return *std::move(group);
  }
  // Events "key/number", number 0, 1, … for each key in turn.
  static Task<void> Write(client::EventWriter& writer, std::map<std::string, int>* written, int count) {
    for (int i = 0; i < count; ++i) {
      std::string key = StrCat("key", i % 13);
      absl::StatusOr<client::Sequence> sent =
          co_await writer.Write(key, Buffer::Copy(StrCat(key, "/", (*written)[key]++)));
      CHECK_MSG(sent.ok(), sent.status().ToString());
    }
    absl::Status flushed = co_await writer.Flush();
    CHECK_MSG(flushed.ok(), flushed.ToString());
  }
  static Task<std::unique_ptr<client::EventWriter>> OpenWriter(Client& client) {
    absl::StatusOr<std::unique_ptr<client::EventWriter>> writer =
        co_await client::EventWriter::Open(client.context, kStream, {});
    CHECK_MSG(writer.ok(), writer.status().ToString());
    co_return *std::move(writer);
  }
  // Replaces all current segments by `segments` equal ones.
  static Task<void> ScaleTo(Client& client, int segments) {
    absl::StatusOr<controller::StreamSegments> current = co_await client.controller->GetCurrentSegments(kStream);
    CHECK_MSG(current.ok(), current.status().ToString());
    std::vector<SegmentId> sealed;
    for (const controller::SegmentRange& segment : current->segments) sealed.push_back(segment.id);
    std::vector<KeyRange> ranges;
    for (int i = 0; i < segments; ++i) {
      ranges.push_back({static_cast<double>(i) / segments, static_cast<double>(i + 1) / segments});
    }
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.controller->Scale(kStream, std::move(sealed), std::move(ranges));
    CHECK_MSG(scaled.ok(), scaled.status().ToString());
  }
  static Task<void> Seal(Client& client) {
    absl::Status sealed = co_await client.controller->SealStream(kStream);
    CHECK_MSG(sealed.ok(), sealed.ToString());
  }
  static Task<void> Sleep(Client& client, int milliseconds) {
    absl::Status slept =
        co_await runtime::SleepFor(client.runtime, std::chrono::milliseconds(milliseconds), "the driver's script");
    CHECK(slept.ok());
  }
  // Sleeps until `done` holds; gives up after two minutes.
  static Task<bool> Until(Client& client, std::function<bool()> done) {
    for (int i = 0; i < 1200 && !done(); ++i) co_await Sleep(client, 100);
    co_return done();
  }

  size_t EventsRead() const {
    size_t events = 0;
    for (const auto& run : runs_) events += run->events.size();
    return events;
  }
  bool AllEnded() const {
    return std::all_of(runs_.begin(), runs_.end(), [](const auto& run) { return run->ended || !run->status.ok(); });
  }
  // Every event of `written` was read by exactly one of the readers, once.
  void ExpectAllOnce() const {
    std::map<std::string, int> times;
    for (const auto& run : runs_) {
      for (const std::string& event : run->events) ++times[event];
    }
    size_t total = 0;
    for (const auto& [key, count] : written_) {
      total += static_cast<size_t>(count);
      for (int i = 0; i < count; ++i) EXPECT_EQ(times[StrCat(key, "/", i)], 1) << key << "/" << i;
    }
    EXPECT_EQ(times.size(), total);
  }
  // The numbers of one key ascend, whichever reader got them.
  void ExpectInOrder() const {
    std::map<std::string, int> last;
    for (const std::string& event : delivered_) {
      size_t slash = event.find('/');
      std::string key = event.substr(0, slash);
      int number = std::stoi(event.substr(slash + 1));
      auto at = last.emplace(key, -1).first;
      EXPECT_GT(number, at->second) << key;
      at->second = number;
    }
  }

  LostAnswers faults_;
  NoDurableFaults durable_faults_;
  std::unique_ptr<SimulatedCluster> cluster_;
  std::unique_ptr<World> world_;
  std::vector<std::unique_ptr<ReaderRun>> runs_;
  std::map<std::string, int> written_;
  std::vector<std::string> delivered_;  // events in the order in which any reader got them
  std::string log_;
  // Left behind by scripts.
  std::optional<Checkpoint> checkpoint_;
  std::map<ScopedStream, StreamCut> cuts_;
  bool valid_cut_ = false;
};

// ---- scales

class ScaleTest : public ReaderGroupTest {
 public:
  static Task<void> Automatic(Runtime& runtime, ReaderGroupTest* test) { return Script(runtime, test, true); }
  static Task<void> NotAutomatic(Runtime& runtime, ReaderGroupTest* test) { return Script(runtime, test, false); }

  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base, bool automatic) {
    auto* test = static_cast<ScaleTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 1);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(automatic));
    test->StartReader(test->AddReader("reader-1"));
    // So slow that the other one is at the end of its segments long before: what follows a merge has to wait.
    ReaderRun& slow = test->AddReader("reader-2");
    slow.pause = std::chrono::milliseconds(15);
    test->StartReader(slow);
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    for (int segments : {4, 1, 3}) {
      co_await Write(*writer, &test->written_, 130);
      co_await ScaleTo(client, segments);
      co_await Write(*writer, &test->written_, 130);
    }
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    co_await Seal(client);
    bool ended = co_await Until(client, [test] { return test->AllEnded(); });
    EXPECT_TRUE(ended);
    // The answer to leaving may be lost too.
    bool gone = co_await Until(client, [test] {
      return std::all_of(test->runs_.begin(), test->runs_.end(), [](const auto& run) { return run->closed; });
    });
    EXPECT_TRUE(gone);
    co_await group->Close();
    co_await client.context.Close();
  }

  void Expect() {
    ExpectAllOnce();
    ExpectInOrder();
    std::set<SegmentId> completed;
    for (const auto& run : runs_) {
      EXPECT_TRUE(run->ended) << run->id << " " << run->status;
      EXPECT_TRUE(run->closed) << run->id;
      for (SegmentId id : run->completed) EXPECT_TRUE(completed.insert(id).second) << id.ToString();
      for (SegmentId id : run->completed) EXPECT_TRUE(run->acquired.contains(id)) << id.ToString();
    }
    EXPECT_EQ(completed.size(), 1u + 4 + 1 + 3);
  }
};

TEST_F(ScaleTest, SplitAndMergeWhileWriting) {
  Drive(ScaleTest::Automatic);
  Expect();
}

TEST_F(ScaleTest, CrossesScalesWithoutAutomaticCheckpoints) {
  Drive(ScaleTest::NotAutomatic);
  Expect();
  // Made by the readers themselves.
  EXPECT_FALSE(runs_[0]->checkpoints.empty());
}

TEST_F(ScaleTest, AnswersToUpdatesLost) {
  faults_.command = "ConditionalAppend";
  Drive(ScaleTest::Automatic);
  Expect();
  EXPECT_GT(faults_.struck, 5);
}

TEST_F(ScaleTest, AnswersToReadsLost) {
  faults_.command = "ReadSegment";
  faults_.every = 3;
  Drive(ScaleTest::Automatic);
  Expect();
  EXPECT_GT(faults_.struck, 5);
}

TEST_F(ScaleTest, UnderManySchedules) {
  for (uint64_t seed = 100; seed < 140; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Begin(seed);
    faults_.command = seed % 2 == 0 ? "" : "ConditionalAppend";
    Drive(seed % 4 < 2 ? ScaleTest::Automatic : ScaleTest::NotAutomatic);
    Expect();
    if (HasFailure()) return;
  }
}

// ---- readers that come and go

class ReaderDeathTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<ReaderDeathTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 4);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(true));
    ReaderRun& first = test->AddReader("reader-1");
    first.pause = std::chrono::milliseconds(20);
    ReaderRun& second = test->AddReader("reader-2");
    second.pause = std::chrono::milliseconds(20);
    test->StartReader(first);
    test->StartReader(second);
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 600);
    bool read = co_await Until(client, [&] { return first.events.size() >= 20 && second.events.size() >= 20; });
    EXPECT_TRUE(read);
    test->world_->At(test->world_->now_ns(), "crash", [test] { test->world_->Crash("reader-1"); });
    co_await Sleep(client, 3000);
    // Not online: that is fine too.
    absl::Status nobody = co_await group->ReaderOffline("reader-0", std::nullopt);
    EXPECT_TRUE(nobody.ok()) << nobody;
    absl::StatusOr<std::set<std::string>> online = co_await group->OnlineReaders();
    EXPECT_TRUE(online.ok() && *online == (std::set<std::string>{"reader-1", "reader-2"}));
    absl::Status offline = co_await group->ReaderOffline("reader-1", first.position);
    EXPECT_TRUE(offline.ok()) << offline;
    online = co_await group->OnlineReaders();
    EXPECT_TRUE(online.ok() && *online == std::set<std::string>{"reader-2"});
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    co_await Seal(client);
    bool ended = co_await Until(client, [&] { return second.ended; });
    EXPECT_TRUE(ended) << second.status;
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(ReaderDeathTest, DeclaredOfflineWithItsPosition) {
  Drive(ReaderDeathTest::Script);
  ExpectAllOnce();
  EXPECT_EQ(world_->stats().attempts_after_death, 0u);
}

class ReaderLeavesTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<ReaderLeavesTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 3);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    // The same once more is the same group; other options are refused.
    std::unique_ptr<ReaderGroup> again = co_await CreateGroup(client, "group", Options(false));
    co_await again->Close();
    absl::StatusOr<std::unique_ptr<ReaderGroup>> other =
        co_await ReaderGroup::Create(client.context, kScope, "group", Options(true));
    EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists) << other.status();
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 300);
    for (int i = 1; i <= 4; ++i) {
      ReaderRun& run = test->AddReader(StrCat("reader-", i));
      run.stop_after = 60;
      test->StartReader(run);
      bool closed = co_await Until(client, [&] { return run.closed || !run.status.ok(); });
      EXPECT_TRUE(closed && run.status.ok()) << run.status;
      EXPECT_EQ(run.acquired, run.released);
    }
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    co_await Seal(client);
    ReaderRun& last = test->AddReader("reader-5");
    test->StartReader(last);
    bool ended = co_await Until(client, [&] { return last.ended; });
    EXPECT_TRUE(ended) << last.status;
    EXPECT_EQ(last.events.size(), 60u);

    absl::Status deleted = co_await group->Delete();
    EXPECT_TRUE(deleted.ok()) << deleted;
    co_await group->Close();
    absl::StatusOr<std::unique_ptr<ReaderGroup>> gone = co_await ReaderGroup::Open(client.context, kScope, "group");
    EXPECT_EQ(gone.status().code(), absl::StatusCode::kNotFound) << gone.status();
    // A group of that name lives in another segment now.
    std::unique_ptr<ReaderGroup> anew = co_await CreateGroup(client, "group", Options(false));
    absl::StatusOr<std::set<std::string>> online = co_await anew->OnlineReaders();
    EXPECT_TRUE(online.ok() && online->empty());
    co_await anew->Close();
    co_await client.context.Close();
  }
};

TEST_F(ReaderLeavesTest, OthersGoOnBehindTheLastEvent) {
  Drive(ReaderLeavesTest::Script);
  ExpectAllOnce();
}

// A group that is deleted and created again goes on in another segment.
class RecreatedTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<RecreatedTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 2);
    const ScopedStream state{kScope, "_RGgroup"};
    for (int32_t life = 0; life < 3; ++life) {
      std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
      absl::StatusOr<controller::StreamSegments> segments = co_await client.controller->GetCurrentSegments(state);
      CHECK_MSG(segments.ok(), segments.status().ToString());
      EXPECT_EQ(segments->segments.size(), 1u);
      EXPECT_EQ(segments->segments[0].id, SegmentId(Epoch(0), life));
      absl::StatusOr<std::set<std::string>> online = co_await group->OnlineReaders();
      EXPECT_TRUE(online.ok() && online->empty()) << online.status();
      std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
      test->written_.clear();
      co_await Write(*writer, &test->written_, 26);
      absl::Status closed = co_await writer->Close();
      CHECK(closed.ok());
      ReaderRun& run = test->AddReader(StrCat("reader-", life));
      run.stop_after = 26 * (static_cast<size_t>(life) + 1);
      test->StartReader(run);
      bool read = co_await Until(client, [&] { return run.closed; });
      EXPECT_TRUE(read) << run.status;
      absl::Status deleted = co_await group->Delete();
      EXPECT_TRUE(deleted.ok()) << deleted;
      co_await group->Close();
    }
    co_await client.context.Close();
  }
};

TEST_F(RecreatedTest, TheGroupLivesInTheNextSegmentOfItsStream) {
  Drive(RecreatedTest::Script);
  ASSERT_EQ(runs_.size(), 3u);
  // Each from the beginning: the group before has left nothing behind.
  EXPECT_EQ(runs_[2]->events.size(), 78u);
}

TEST_F(ReaderDeathTest, UnderManySchedules) {
  for (uint64_t seed = 100; seed < 120; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Begin(seed);
    Drive(ReaderDeathTest::Script);
    ExpectAllOnce();
    if (HasFailure()) return;
  }
}

// Two of one name, and one that was declared offline.
class MembershipTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<MembershipTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 1);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    ReaderRun& run = test->AddReader("reader-1");
    test->StartReader(run);
    bool joined = co_await Until(client, [&] { return run.joined; });
    EXPECT_TRUE(joined);
    absl::StatusOr<std::unique_ptr<EventReader>> twin =
        co_await EventReader::Join(client.context, kScope, "group", "reader-1", {});
    EXPECT_EQ(twin.status().code(), absl::StatusCode::kAlreadyExists) << twin.status();
    absl::StatusOr<std::unique_ptr<EventReader>> nowhere =
        co_await EventReader::Join(client.context, kScope, "other", "reader-1", {});
    EXPECT_EQ(nowhere.status().code(), absl::StatusCode::kNotFound) << nowhere.status();
    absl::Status offline = co_await group->ReaderOffline("reader-1", run.position);
    EXPECT_TRUE(offline.ok()) << offline;
    bool noticed = co_await Until(client, [&] { return !run.status.ok(); });
    EXPECT_TRUE(noticed);
    EXPECT_EQ(run.status.code(), absl::StatusCode::kFailedPrecondition) << run.status;
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(MembershipTest, NamesAreUniqueAndTheRemovedNotice) { Drive(MembershipTest::Script); }

// ---- checkpoints and cuts

class CheckpointTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<CheckpointTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 3);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    ReaderRun& first = test->AddReader("reader-1");
    first.pause = std::chrono::milliseconds(10);
    ReaderRun& second = test->AddReader("reader-2");
    second.pause = std::chrono::milliseconds(15);
    test->StartReader(first);
    test->StartReader(second);
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 400);
    bool read = co_await Until(client, [&] { return test->EventsRead() >= 100; });
    EXPECT_TRUE(read);
    absl::StatusOr<Checkpoint> taken = co_await group->TakeCheckpoint("cp-1", client.In(60));
    CHECK_MSG(taken.ok(), taken.status().ToString());
    test->checkpoint_ = *taken;
    absl::StatusOr<bool> valid =
        co_await client.controller->IsStreamCutValid(kStream, taken->cuts.at(kStream).positions());
    test->valid_cut_ = valid.ok() && *valid;
    // The same name again: the same positions, and no event.
    absl::StatusOr<Checkpoint> again = co_await group->TakeCheckpoint("cp-1", client.In(60));
    EXPECT_TRUE(again.ok() && *again == *taken) << again.status();
    // As of the last checkpoint, and as of now.
    absl::StatusOr<std::map<ScopedStream, StreamCut>> stale = co_await group->StreamCuts();
    EXPECT_TRUE(stale.ok() && *stale == taken->cuts) << stale.status();
    absl::StatusOr<std::map<ScopedStream, StreamCut>> present = co_await group->GenerateStreamCuts(client.In(60));
    EXPECT_TRUE(present.ok() && *present != taken->cuts) << present.status();

    co_await Write(*writer, &test->written_, 100);
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    bool all = co_await Until(client, [&] { return test->EventsRead() == 500; });
    EXPECT_TRUE(all);

    // The events behind the cut, and those before it.
    ReaderGroupOptions behind = Options(false);
    behind.streams[kStream].from = taken->cuts.at(kStream);
    ReaderGroupOptions before = Options(false);
    before.streams[kStream].to = taken->cuts.at(kStream);
    std::unique_ptr<ReaderGroup> rest = co_await CreateGroup(client, "rest", behind);
    std::unique_ptr<ReaderGroup> start = co_await CreateGroup(client, "start", before);
    ReaderRun& rest_run = test->AddReader("rest-reader");
    rest_run.group = "rest";
    ReaderRun& start_run = test->AddReader("start-reader");
    start_run.group = "start";
    test->StartReader(rest_run);
    test->StartReader(start_run);
    // A bounded group comes to its end, although its stream goes on.
    bool ended = co_await Until(client, [&] { return start_run.ended; });
    EXPECT_TRUE(ended) << start_run.status;
    bool rest_read = co_await Until(client, [&] { return rest_run.events.size() + start_run.events.size() >= 500; });
    EXPECT_TRUE(rest_read);
    EXPECT_FALSE(rest_run.ended);
    for (const std::unique_ptr<ReaderGroup>* one : {&group, &rest, &start}) co_await (*one)->Close();
    co_await client.context.Close();
  }
};

TEST_F(CheckpointTest, SplitsTheEventsAndIsReadBackFromBothSides) {
  Drive(CheckpointTest::Script);
  EXPECT_TRUE(valid_cut_);
  ASSERT_EQ(runs_.size(), 4u);
  std::multiset<std::string> kept;
  for (int i : {0, 1}) {
    const ReaderRun& run = *runs_[static_cast<size_t>(i)];
    ASSERT_EQ(run.checkpoints.count("cp-1"), 1u) << run.id;
    EXPECT_EQ(run.reported.count("cp-1"), 1u);
    // The second call and the silent checkpoint are no events.
    EXPECT_EQ(run.checkpoints.size(), 1u);
    kept.insert(run.events.begin(), run.events.begin() + static_cast<std::ptrdiff_t>(run.checkpoints.at("cp-1")));
  }
  EXPECT_GE(kept.size(), 100u);
  EXPECT_LT(kept.size(), 400u);
  std::multiset<std::string> start(runs_[3]->events.begin(), runs_[3]->events.end());
  EXPECT_EQ(start, kept);
  std::multiset<std::string> rest(runs_[2]->events.begin(), runs_[2]->events.end());
  EXPECT_EQ(rest.size() + start.size(), 500u);
  for (const std::string& event : start) EXPECT_EQ(rest.count(event), 0u) << event;
}

// A reader that was handed a checkpoint and has not called again.
class HeldTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<HeldTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 1);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 20);
    ReaderRun& run = test->AddReader("reader-1");
    run.hold = true;
    test->StartReader(run);
    bool read = co_await Until(client, [&] { return run.events.size() == 20; });
    EXPECT_TRUE(read);
    absl::StatusOr<Checkpoint> taken = co_await group->TakeCheckpoint("held", client.In(30));
    EXPECT_EQ(taken.status().code(), absl::StatusCode::kDeadlineExceeded) << taken.status();
    EXPECT_EQ(run.checkpoints.count("held"), 1u) << "it has it, but may not have kept its events yet";
    EXPECT_TRUE(run.reported.empty());
    // The group's record knows nothing of what was read since, and neither would the next owner of the segment.
    absl::StatusOr<std::map<ScopedStream, StreamCut>> cuts = co_await group->StreamCuts();
    CHECK_MSG(cuts.ok(), cuts.status().ToString());
    EXPECT_EQ(cuts->at(kStream).positions().at(SegmentId()), SegmentPosition());
    run.hold = false;
    taken = co_await group->TakeCheckpoint("held", client.In(30));
    CHECK_MSG(taken.ok(), taken.status().ToString());
    EXPECT_EQ(run.reported.count("held"), 1u);
    const EventPointer& last = run.pointers.back();
    EXPECT_EQ(taken->cuts.at(kStream).positions().at(SegmentId()), SegmentPosition::At(last.offset + last.length));
    cuts = co_await group->StreamCuts();
    EXPECT_TRUE(cuts.ok() && *cuts == taken->cuts) << cuts.status();
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(HeldTest, ACheckpointIsReportedAtTheNextCall) { Drive(HeldTest::Script); }

// The event's own length field does not.
TEST_F(HeldTest, LengthsInPointersCountTheHeader) {
  Drive(HeldTest::Script);
  const ReaderRun& run = *runs_[0];
  ASSERT_EQ(run.pointers.size(), 20u);
  Offset at;
  for (size_t i = 0; i < run.pointers.size(); ++i) {
    EXPECT_EQ(run.pointers[i].offset, at);
    EXPECT_EQ(run.pointers[i].length, static_cast<int32_t>(run.events[i].size()) + 8);
    at = at + run.pointers[i].length;
  }
}

// The report is stored, but the reader learns that only when it has given the attempt up and begins another.
class UnknownReportTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<UnknownReportTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 1);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 20);
    ReaderRun& run = test->AddReader("reader-1");
    run.hold = true;
    test->StartReader(run);
    bool read = co_await Until(client, [&] { return run.events.size() == 20; });
    EXPECT_TRUE(read);
    absl::StatusOr<Checkpoint> taken = co_await group->TakeCheckpoint("cp", client.In(10));
    EXPECT_EQ(taken.status().code(), absl::StatusCode::kDeadlineExceeded) << taken.status();
    test->faults_.decide = [test](const SessionRequest& request) {
      if (request.subject.find("/_RG") == std::string_view::npos) return FaultPhase::kNone;
      if (request.command == "ConditionalAppend" && ++test->faults_.seen == 1) return FaultPhase::kAppliedNotAnswered;
      // Nobody can ask what became of it.
      return request.command == "SetupAppend" ? FaultPhase::kBeforeApply : FaultPhase::kNone;
    };
    run.hold = false;
    co_await Sleep(client, 150'000);
    EXPECT_TRUE(run.reported.empty());
    test->faults_.decide = nullptr;
    taken = co_await group->TakeCheckpoint("cp", client.In(60));
    CHECK_MSG(taken.ok(), taken.status().ToString());
    bool told = co_await Until(client, [&] { return !run.reported.empty(); });
    EXPECT_TRUE(told);
    EXPECT_EQ(run.reported.at("cp").Segments().at(SegmentRef{kStream, SegmentId()}).position,
              taken->cuts.at(kStream).positions().at(SegmentId()));
    EXPECT_TRUE(run.status.ok()) << run.status;
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(UnknownReportTest, IsToldOfInTheEnd) { Drive(UnknownReportTest::Script); }

// A transaction that is committed behind a scale makes segments of the same number in several epochs.
class RollingTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<RollingTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 2);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    test->StartReader(test->AddReader("reader-1"));
    test->StartReader(test->AddReader("reader-2"));
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 65);
    client::TransactionWriter transactions(client.context, kStream, {});
    absl::StatusOr<std::unique_ptr<client::Transaction>> txn = co_await transactions.Begin();
    CHECK_MSG(txn.ok(), txn.status().ToString());
    for (int i = 0; i < 39; ++i) {
      std::string key = StrCat("txn", i % 13);
      std::string event = StrCat(key, "/", test->written_[key]++);
      absl::StatusOr<client::Sequence> sent = co_await (*txn)->Write(key, Buffer::Copy(event));
      CHECK_MSG(sent.ok(), sent.status().ToString());
    }
    std::vector<SegmentId> sealed = {SegmentId(Epoch(0), 1)};
    std::vector<KeyRange> halves = {KeyRange{0.5, 0.75}, KeyRange{0.75, 1}};
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.controller->Scale(kStream, std::move(sealed), std::move(halves));
    CHECK_MSG(scaled.ok(), scaled.status().ToString());
    co_await Write(*writer, &test->written_, 65);
    absl::Status committed = co_await (*txn)->Commit();
    CHECK_MSG(committed.ok(), committed.ToString());
    controller::TransactionState state = controller::TransactionState::kCommitting;
    while (state == controller::TransactionState::kCommitting) {
      absl::StatusOr<controller::TransactionState> now = co_await (*txn)->State();
      CHECK_MSG(now.ok(), now.status().ToString());
      state = *now;
      co_await Sleep(client, 50);
    }
    EXPECT_EQ(state, controller::TransactionState::kCommitted);
    co_await (*txn)->Close();
    co_await Write(*writer, &test->written_, 65);
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    co_await Seal(client);
    bool ended = co_await Until(client, [test] { return test->AllEnded(); });
    EXPECT_TRUE(ended);
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(RollingTest, SegmentsOfOneNumberAreReadInTheOrderOfTheirEpochs) {
  Drive(RollingTest::Script);
  ExpectAllOnce();
  ExpectInOrder();
  std::set<SegmentId> read, completed;
  for (const auto& run : runs_) {
    read.insert(run->segments.begin(), run->segments.end());
    completed.insert(run->completed.begin(), run->completed.end());
  }
  for (int32_t epoch : {0, 2, 3}) {
    EXPECT_TRUE(read.contains(SegmentId(Epoch(epoch), 0))) << "0@" << epoch;
    EXPECT_TRUE(completed.contains(SegmentId(Epoch(epoch), 0))) << "0@" << epoch;
  }
}

// In a controller's answer -1 is a segment of the head that has not begun, not one that is finished.
class FutureHeadTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<FutureHeadTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 1);
    co_await ScaleTo(client, 2);
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 130);
    co_await ScaleTo(client, 1);
    co_await Write(*writer, &test->written_, 52);
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    // All of 2@1 is dropped; 1@1 stays, and 3@2, which continues both, lies ahead of it.
    controller::CutPositions cut;
    cut[SegmentId(Epoch(1), 1)] = SegmentPosition();
    cut[SegmentId(Epoch(2), 3)] = SegmentPosition::Finished();
    absl::Status truncated = co_await client.controller->TruncateStream(kStream, cut);
    CHECK_MSG(truncated.ok(), truncated.ToString());
    absl::StatusOr<controller::CutPositions> head = co_await client.controller->GetHeadSegments(kStream);
    EXPECT_TRUE(head.ok() && *head == cut) << head.status();
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    ReaderRun& run = test->AddReader("reader-1");
    test->StartReader(run);
    bool read = co_await Until(
        client, [&] { return std::count(run.segments.begin(), run.segments.end(), SegmentId(Epoch(2), 3)) == 52; });
    EXPECT_TRUE(read) << run.status;
    co_await Seal(client);
    bool ended = co_await Until(client, [&] { return run.ended; });
    EXPECT_TRUE(ended) << run.status;
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(FutureHeadTest, AGroupComesToItBehindTheOthers) {
  Drive(FutureHeadTest::Script);
  ExpectInOrder();
  const ReaderRun& run = *runs_[0];
  const SegmentId first(Epoch(1), 1), dropped(Epoch(1), 2), ahead(Epoch(2), 3);
  EXPECT_GT(std::count(run.segments.begin(), run.segments.end(), first), 0);
  EXPECT_EQ(std::count(run.segments.begin(), run.segments.end(), dropped), 0);
  EXPECT_EQ(std::count(run.segments.begin(), run.segments.end(), ahead), 52);
  EXPECT_TRUE(std::is_sorted(run.segments.begin(), run.segments.end()));
}

// A checkpoint that is taken while one predecessor of a merge is done and the other is not.
class HalfMergeTest : public ReaderGroupTest {
 public:
  static Task<void> Script(Runtime& runtime, ReaderGroupTest* base) {
    auto* test = static_cast<HalfMergeTest*>(base);
    Client client(runtime, test);
    co_await CreateStream(client, 1);
    co_await ScaleTo(client, 2);
    std::unique_ptr<ReaderGroup> group = co_await CreateGroup(client, "group", Options(false));
    std::unique_ptr<client::EventWriter> writer = co_await OpenWriter(client);
    co_await Write(*writer, &test->written_, 200);
    co_await ScaleTo(client, 1);
    co_await Write(*writer, &test->written_, 50);
    absl::Status closed = co_await writer->Close();
    CHECK(closed.ok());
    ReaderRun& run = test->AddReader("reader-1");
    run.pause = std::chrono::milliseconds(100);
    test->StartReader(run);
    // One of the two has been read to its end and completed, the other has not.
    bool half = co_await Until(client, [&] {
      return run.completed.contains(SegmentId(Epoch(1), 1)) != run.completed.contains(SegmentId(Epoch(1), 2));
    });
    EXPECT_TRUE(half);
    absl::StatusOr<Checkpoint> taken = co_await group->TakeCheckpoint("half", client.In(60));
    CHECK_MSG(taken.ok(), taken.status().ToString());
    test->checkpoint_ = *taken;
    absl::StatusOr<bool> valid =
        co_await client.controller->IsStreamCutValid(kStream, taken->cuts.at(kStream).positions());
    test->valid_cut_ = valid.ok() && *valid;
    co_await Seal(client);
    bool ended = co_await Until(client, [&] { return run.ended; });
    EXPECT_TRUE(ended);
    // A group that starts there gets the rest, the merged segment included.
    ReaderGroupOptions behind = Options(false);
    behind.streams[kStream].from = taken->cuts.at(kStream);
    std::unique_ptr<ReaderGroup> rest = co_await CreateGroup(client, "rest", behind);
    ReaderRun& rest_run = test->AddReader("rest-reader");
    rest_run.group = "rest";
    test->StartReader(rest_run);
    ended = co_await Until(client, [&] { return rest_run.ended; });
    EXPECT_TRUE(ended) << rest_run.status;
    co_await rest->Close();
    co_await group->Close();
    co_await client.context.Close();
  }
};

TEST_F(HalfMergeTest, CutHasNoHoleAndTheRestIsReadFromIt) {
  Drive(HalfMergeTest::Script);
  ASSERT_TRUE(checkpoint_.has_value());
  const std::map<SegmentId, SegmentPosition>& cut = checkpoint_->cuts.at(kStream).positions();
  EXPECT_EQ(cut.size(), 2u) << checkpoint_->cuts.at(kStream).ToString();
  EXPECT_EQ(std::count_if(cut.begin(), cut.end(), [](const auto& entry) { return entry.second.finished(); }), 1);
  EXPECT_TRUE(valid_cut_);
  ASSERT_EQ(runs_.size(), 2u);
  const ReaderRun& run = *runs_[0];
  const std::set<std::string> kept(run.events.begin(),
                                   run.events.begin() + static_cast<std::ptrdiff_t>(run.checkpoints.at("half")));
  const std::vector<std::string>& rest = runs_[1]->events;
  EXPECT_EQ(kept.size() + rest.size(), 250u);
  for (const std::string& event : rest) EXPECT_FALSE(kept.contains(event)) << event;
  // 50 of them are of the merged segment.
  EXPECT_EQ(std::count(runs_[1]->segments.begin(), runs_[1]->segments.end(), SegmentId(Epoch(2), 3)), 50);
}

}  // namespace
}  // namespace pravega::sim
