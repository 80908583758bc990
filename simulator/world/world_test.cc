// Goal: the world keeps its promises: same tape, same hash; bytes arrive whole and in order however they are split;
// links hold what they must; a dead node does nothing. Method: two echo machines under hand-made faults.
#include "simulator/world/world.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/task_group.h"

namespace pravega::sim {
namespace {

using runtime::Endpoint;
using runtime::Instant;
using runtime::Runtime;
using runtime::Task;

constexpr int64_t kSecond = 1'000'000'000;

Task<void> EchoSession(std::unique_ptr<runtime::ByteStream> stream) {
  while (true) {
    absl::StatusOr<Buffer> bytes = co_await stream->Read(1000);
    if (!bytes.ok()) co_return;
    if (bytes->empty()) break;
    std::vector<Buffer> pieces;
    pieces.push_back(*std::move(bytes));
    absl::Status wrote = co_await stream->Write(std::move(pieces));
    if (!wrote.ok()) co_return;
  }
  absl::Status shut = co_await stream->ShutdownWrite();
  (void)shut;
  // Lingers until the client has read all: destroying the stream at once would reset it.
  absl::StatusOr<Buffer> end = co_await stream->Read(1);
  (void)end;
}

Task<void> EchoServer(Runtime& runtime) {
  runtime::TaskGroup sessions(runtime.scheduler(), "echo");
  absl::StatusOr<std::unique_ptr<runtime::Listener>> listener = runtime.network().Listen({"server", 7});
  CHECK(listener.ok());
  while (true) {
    absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await (*listener)->Accept();
    if (!stream.ok()) break;
    sessions.Spawn("session", EchoSession(*std::move(stream)));
  }
  co_await sessions.Stop();
}

struct ClientLog {
  std::string received;
  absl::Status ended = absl::UnknownError("running");
  Instant finished;
};

Task<absl::Status> Talk(Runtime& runtime, std::string text, ClientLog* log) {
  auto connecting = runtime.network().Connect({"server", 7}, std::nullopt, runtime.Now() + std::chrono::seconds(20));
  absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await std::move(connecting);
  if (!stream.ok()) co_return stream.status();
  for (size_t at = 0; at < text.size(); at += 100) {
    std::vector<Buffer> pieces;
    pieces.push_back(Buffer::Copy(std::string_view(text).substr(at, 60)));
    pieces.push_back(Buffer::Copy(std::string_view(text).substr(std::min(text.size(), at + 60), 40)));
    absl::Status wrote = co_await (*stream)->Write(std::move(pieces));
    if (!wrote.ok()) co_return wrote;
  }
  while (log->received.size() < text.size()) {
    absl::StatusOr<Buffer> bytes = co_await (*stream)->Read(333);
    if (!bytes.ok()) co_return bytes.status();
    if (bytes->empty()) co_return absl::DataLossError("early end");
    log->received.append(bytes->view());
  }
  absl::Status shut = co_await (*stream)->ShutdownWrite();
  if (!shut.ok()) co_return shut;
  absl::StatusOr<Buffer> end = co_await (*stream)->Read(1);
  if (!end.ok()) co_return end.status();
  co_return end->empty() ? absl::OkStatus() : absl::DataLossError("bytes behind the end");
}

Task<void> Client(Runtime& runtime, std::string text, ClientLog* log) {
  absl::Status talked = co_await Talk(runtime, std::move(text), log);
  log->ended = talked;
  log->finished = runtime.Now();
}

std::string SomeText(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += StrCat(i, ",");
  text.resize(size);
  return text;
}

struct EchoRun {
  ClientLog log;
  uint64_t hash = 0;
  WorldStats stats;
};

EchoRun Echo(Tape tape, WorldOptions options, const std::function<void(World&)>& faults = nullptr, size_t size = 5000) {
  EchoRun run;
  World world(std::move(tape), std::move(options));
  world.AddMachine("client");
  world.AddMachine("server");
  world.Start("server", [](Runtime& runtime) { return EchoServer(runtime); });
  world.Start("client", [&run, size](Runtime& runtime) { return Client(runtime, SomeText(size), &run.log); });
  if (faults) faults(world);
  world.RunUntil([&] { return run.log.ended.code() != absl::StatusCode::kUnknown; }, 60 * kSecond);
  run.hash = world.trace().hash();
  run.stats = world.stats();
  return run;
}

TEST(WorldTest, BytesArriveInOrderHoweverTheyAreSplit) {
  for (bool one_byte : {false, true}) {
    WorldOptions options;
    options.link.split_ppm = 500'000;
    options.link.one_byte_chunks = one_byte;
    EchoRun run = Echo(Tape::FromSeed(5), options);
    EXPECT_TRUE(run.log.ended.ok()) << run.log.ended;
    EXPECT_EQ(run.log.received, SomeText(5000));
    EXPECT_GT(run.stats.split_writes, 0u);
    EXPECT_GT(run.stats.deliveries, one_byte ? 10'000u : 50u);
  }
}

// The instant at which the last of `connections` clients, all at once, has `size` bytes back.
int64_t FinishedNs(LinkOptions link, int connections, size_t size) {
  WorldOptions options;
  options.link = link;
  World world(Tape::FromSeed(5), options);
  world.AddMachine("client");
  world.AddMachine("server");
  std::vector<ClientLog> logs(static_cast<size_t>(connections));
  auto clients = [](Runtime& runtime, size_t bytes, std::vector<ClientLog>* all) -> Task<void> {
    runtime::TaskGroup group(runtime.scheduler(), "clients");
    for (ClientLog& log : *all) group.Spawn("client", Client(runtime, SomeText(bytes), &log));
    co_await group.Join();
  };
  world.Start("server", [](Runtime& runtime) { return EchoServer(runtime); });
  world.Start("client", [&](Runtime& runtime) { return clients(runtime, size, &logs); });
  world.RunUntil([&] { return world.finished("client"); }, 60 * kSecond);
  int64_t last = 0;
  for (const ClientLog& log : logs) {
    EXPECT_TRUE(log.ended.ok()) << log.ended;
    last = std::max(last, log.finished.nanos());
  }
  return last;
}

TEST(WorldTest, ConnectionsShareTheBandwidthOfALink) {
  LinkOptions link;
  link.bytes_per_second = 100'000;
  for (int connections : {1, 2, 4}) {
    const int64_t finished = FinishedNs(link, connections, 100'000);
    // There and back at the same time.
    EXPECT_GE(finished, connections * kSecond);
    EXPECT_LT(finished, connections * kSecond + kSecond / 2);
  }
}

TEST(WorldTest, BytesThatTravelAloneTakeTheTimeOfAllOfThem) {
  LinkOptions link;
  link.latency_min_ns = link.latency_jitter_ns = link.slow_ppm = 0;
  link.one_byte_chunks = true;
  // Three bytes in a nanosecond: to round each down would make them free, to round each up three times as slow.
  link.bytes_per_second = 3'000'000'000;
  const int64_t finished = FinishedNs(link, 1, 30'000);
  EXPECT_GE(finished, 10'000);
  EXPECT_LT(finished, 20'000);
}

TEST(WorldTest, SameTapeSameHashOtherSeedOtherHash) {
  EchoRun first = Echo(Tape::FromSeed(1), {});
  EchoRun again = Echo(Tape::FromSeed(1), {});
  EchoRun other = Echo(Tape::FromSeed(2), {});
  EXPECT_EQ(first.hash, again.hash);
  EXPECT_NE(first.hash, other.hash);
}

TEST(WorldTest, TheHashCanBeRecomputedFromTheTraceText) {
  std::vector<std::string> lines;
  WorldOptions options;
  options.trace_sink = [&lines](std::string_view line) { lines.emplace_back(line); };
  EchoRun run = Echo(Tape::FromSeed(3), options);
  ASSERT_FALSE(lines.empty());
  Trace again;
  for (const std::string& line : lines) {
    char node[64], kind[64], hex[20'000] = "";
    long long time = 0;
    unsigned long long ordinal = 0;
    ASSERT_GE(std::sscanf(line.c_str(), "%lld %63s %63s %llu %19999s", &time, node, kind, &ordinal, hex), 4);
    std::string payload;
    for (const char* at = hex; *at != 0; at += 2)
      payload.push_back(static_cast<char>(std::stoi(std::string(at, 2), nullptr, 16)));
    TraceKind number = TraceKind::kDelivery;
    for (int k = 1; k <= 5; ++k) {
      if (TraceKindName(static_cast<TraceKind>(k)) == kind) number = static_cast<TraceKind>(k);
    }
    EXPECT_EQ(ordinal, again.records());
    again.Record(time, node, HashText(node), number, payload);
  }
  EXPECT_EQ(again.hash(), run.hash);
}

TEST(WorldTest, ACutLinkHoldsWhatIsSentUntilItHeals) {
  EchoRun run = Echo(Tape::FromSeed(1), {}, [](World& world) {
    world.At(1'000'000, "", [&world] { world.CutLink("server", "client"); });
    world.At(5 * kSecond, "", [&world] { world.HealLink("server", "client"); });
  });
  EXPECT_TRUE(run.log.ended.ok()) << run.log.ended;
  EXPECT_GE(run.log.finished.nanos(), 5 * kSecond);
  EXPECT_EQ(run.log.received, SomeText(5000));
}

TEST(WorldTest, ACutTellsOnceThatItHoldsSomethingUp) {
  int held = 0;
  int idle = 0;
  EchoRun run = Echo(Tape::FromSeed(1), {}, [&](World& world) {
    world.At(1'000'000, "", [&world, &held] { world.CutLink("server", "client", [&held] { ++held; }); });
    world.At(5 * kSecond, "", [&world] { world.HealLink("server", "client"); });
    // Nothing is left to be sent.
    world.At(6 * kSecond, "", [&world, &idle] { world.CutLink("client", "server", [&idle] { ++idle; }); });
    world.At(7 * kSecond, "", [&world] { world.HealLink("client", "server"); });
  });
  EXPECT_TRUE(run.log.ended.ok()) << run.log.ended;
  EXPECT_LT(run.log.finished.nanos(), 6 * kSecond);
  EXPECT_EQ(held, 1);
  EXPECT_EQ(idle, 0);
}

TEST(WorldTest, ACutThatWaitsForUseHoldsWhatIsSentThen) {
  int held = 0;
  EchoRun run = Echo(Tape::FromSeed(1), {}, [&](World& world) {
    world.WhenUsed("client", "server", [&world, &held] {
      world.CutLink("client", "server", [&held] { ++held; });
      world.At(5 * kSecond, "", [&world] { world.HealLink("client", "server"); });
    });
  });
  EXPECT_TRUE(run.log.ended.ok()) << run.log.ended;
  EXPECT_GE(run.log.finished.nanos(), 5 * kSecond);
  EXPECT_EQ(held, 1);
}

TEST(WorldTest, ConnectGivesUpAtItsDeadlineBehindACutLink) {
  EchoRun run = Echo(Tape::Calm(), {}, [](World& world) { world.CutLink("client", "server"); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(run.log.ended)) << run.log.ended;
  EXPECT_EQ(run.log.finished.nanos(), 20 * kSecond);
}

TEST(WorldTest, ARefusedConnectionIsUnavailable) {
  int refused = 0;
  EchoRun run = Echo(Tape::Calm(), {}, [&](World& world) {
    world.RefuseConnections("client", "server", true, [&refused] { ++refused; });
  });
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(absl::IsUnavailable(run.log.ended)) << run.log.ended;
  EXPECT_EQ(run.stats.refused_connections, 1u);
}

TEST(WorldTest, ACrashOfTheServerResetsItsConnections) {
  EchoRun run = Echo(
      Tape::FromSeed(1), {}, [](World& world) { world.At(2'000'000, "", [&world] { world.Crash("server"); }); },
      500'000);
  EXPECT_TRUE(absl::IsUnavailable(run.log.ended)) << run.log.ended;
  EXPECT_EQ(run.stats.attempts_after_death, 0u);
}

TEST(WorldTest, APausedNodeGoesOnWhereItWas) {
  EchoRun run = Echo(Tape::FromSeed(1), {}, [](World& world) {
    world.At(700'000, "", [&world] { world.Pause("server"); });
    world.At(7 * kSecond, "", [&world] { world.Resume("server"); });
  });
  EXPECT_TRUE(run.log.ended.ok()) << run.log.ended;
  EXPECT_GE(run.log.finished.nanos(), 7 * kSecond);
}

TEST(WorldTest, AWriterStopsWhenItsReaderDoesNotRead) {
  World world(Tape::Calm(), {});
  world.AddMachine("client");
  world.AddMachine("server");
  size_t written = 0;
  world.Start("server", [](Runtime& runtime) -> Task<void> {
    absl::StatusOr<std::unique_ptr<runtime::Listener>> listener = runtime.network().Listen({"server", 7});
    absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await (*listener)->Accept();
    absl::Status slept = co_await runtime::SleepUntil(runtime, Instant::Infinite(), "for ever");
    (void)slept;
  });
  world.Start("client", [&written](Runtime& runtime) -> Task<void> {
    auto connecting = runtime.network().Connect({"server", 7}, std::nullopt, Instant::Infinite());
    absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await std::move(connecting);
    while (true) {
      std::vector<Buffer> pieces;
      pieces.push_back(Buffer(std::string(10'000, 'x')));
      absl::Status wrote = co_await (*stream)->Write(std::move(pieces));
      if (!wrote.ok()) co_return;
      written += 10'000;
    }
  });
  world.RunUntil([] { return false; }, kSecond);
  EXPECT_GT(written, 200'000u);
  EXPECT_LE(written, WorldOptions().pipe_capacity);
  std::vector<std::string> waits = world.DescribeWaits();
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_EQ(waits[0], "client: main/program waits for room to write to server:7");
  EXPECT_EQ(waits[1], "server: main/program waits for for ever");
}

TEST(WorldTest, ClocksRunAtTheirOwnRatesAndTimersNeverFireEarly) {
  World world(Tape::Calm(), {});
  world.AddMachine("fast");
  world.SetClock("fast", 200, 5);
  Instant woke;
  int64_t true_time = 0;
  int64_t wall = 0;
  world.Start("fast", [&](Runtime& runtime) -> Task<void> {
    absl::Status slept = co_await runtime::SleepUntil(runtime, Instant(10 * kSecond), "ten seconds");
    CHECK(slept.ok());
    woke = runtime.Now();
    true_time = world.now_ns();
    wall = runtime.WallNow().millis();
  });
  world.RunUntil([&] { return woke.nanos() != 0; }, 60 * kSecond);
  EXPECT_GE(woke.nanos(), 10 * kSecond);
  EXPECT_LT(woke.nanos(), 10 * kSecond + 10);
  EXPECT_NEAR(static_cast<double>(true_time), 9.998e9, 1e6);
  EXPECT_EQ(wall, 1'700'000'000'000 + 10'000 + 5);
}

TEST(WorldTest, CrashAtEveryResumptionLeavesNothingBehind) {
  for (uint64_t stop = 0;; ++stop) {
    ClientLog log;
    World world(Tape::FromSeed(9), {});
    world.AddMachine("client");
    world.AddMachine("server");
    world.Start("server", [](Runtime& runtime) { return EchoServer(runtime); });
    world.Start("client", [&log](Runtime& runtime) { return Client(runtime, SomeText(300), &log); });
    runtime::Scheduler& scheduler = world.node("client").scheduler();
    scheduler.StopBefore(stop);
    bool ended = world.RunUntil([&] { return scheduler.stopped() || log.ended.code() != absl::StatusCode::kUnknown; },
                                60 * kSecond);
    ASSERT_TRUE(ended);
    if (!scheduler.stopped()) {
      EXPECT_TRUE(log.ended.ok());
      EXPECT_GT(stop, 20u);
      break;
    }
    world.Crash("client");
    world.RunUntil([] { return false; }, 70 * kSecond);
    EXPECT_EQ(world.stats().attempts_after_death, 0u) << "crash before resumption " << stop;
  }
}

}  // namespace
}  // namespace pravega::sim
