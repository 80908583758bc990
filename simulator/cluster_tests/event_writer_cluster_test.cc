// Goal: an event writer's promises hold against real servers, whatever happens to them. Method: a writer on a machine
// of its own against a simulated cluster, with faults; then the sealed stream is read back by a plain reader.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/client/event_writer.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/task_group.h"
#include "simulator/cluster_tests/client_harness.h"

namespace pravega::sim {
namespace {

using client::EventWriter;
using client::EventWriterOptions;
using client::Sequence;
using runtime::Runtime;
using runtime::Task;

class EventWriterCluster : public ClientHarness {
 public:
  Task<std::unique_ptr<EventWriter>> Open(Client& client, EventWriterOptions options = {}) {
    absl::StatusOr<std::unique_ptr<EventWriter>> writer = co_await EventWriter::Open(client.context, kStream, options);
    CHECK_MSG(writer.ok(), writer.status().ToString());
    co_return *std::move(writer);
  }
  // Events "key/number" of 13 keys in turn, one each `pause_ms`.
  Task<void> Write(Client& client, EventWriter& writer, int count, int64_t pause_ms) {
    for (int i = 0; i < count; ++i) {
      std::string key = StrCat("key", i % 13);
      absl::StatusOr<Sequence> taken = co_await writer.Write(key, Buffer::Copy(StrCat(key, "/", written[key]++)));
      CHECK_MSG(taken.ok(), taken.status().ToString());
      if (pause_ms > 0) co_await Sleep(client, pause_ms);
    }
  }
  Task<void> CloseAndReadBack(Client& client, EventWriter& writer) {
    absl::Status closed = co_await writer.Close();
    EXPECT_TRUE(closed.ok()) << closed;
    stats = writer.stats();
    faults.command.clear();
    co_await Seal(client);
    std::vector<Seen> seen = co_await ReadAll(client, StreamCut::Unbounded());
    ExpectExactly(seen, written);
  }

  std::map<std::string, int> written;
  client::WriterStats stats;
};

TEST_F(EventWriterCluster, LostAnswersToAppendsDuplicateNothing) {
  auto script = [](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 3);
    std::unique_ptr<EventWriter> writer = co_await t->Open(client);
    t->faults.command = "AppendBlockEnd";
    t->faults.every = 7;
    co_await t->Write(client, *writer, 400, 2);
    co_await t->CloseAndReadBack(client, *writer);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
  EXPECT_GT(faults.struck, 10);
  EXPECT_GT(stats.appends_acked_by_setup, 5);
}

TEST_F(EventWriterCluster, RequestsLostBeforeTheyAreAppliedAreSentAgain) {
  auto script = [](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    std::unique_ptr<EventWriter> writer = co_await t->Open(client);
    t->faults.command = "AppendBlockEnd";
    t->faults.phase = FaultPhase::kBeforeApply;
    t->faults.every = 5;
    co_await t->Write(client, *writer, 300, 2);
    co_await t->CloseAndReadBack(client, *writer);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
  EXPECT_GT(faults.struck, 10);
  EXPECT_GT(stats.appends_resent, 10);
}

TEST_F(EventWriterCluster, RepliesThatComeTwiceChangeNothing) {
  auto script = [](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    for (const char* command : {"AppendBlockEnd", "SetupAppend"}) {
      t->faults.command = command;
      t->faults.phase = FaultPhase::kTwice;
      t->faults.every = 1;
      std::unique_ptr<EventWriter> writer = co_await t->Open(client);
      co_await t->Write(client, *writer, 100, 1);
      co_await Scale(client, {0, 1}, 3);
      co_await t->Write(client, *writer, 100, 1);
      absl::Status closed = co_await writer->Close();
      EXPECT_TRUE(closed.ok()) << closed;
    }
    t->faults.command.clear();
    std::unique_ptr<EventWriter> writer = co_await t->Open(client);
    co_await t->CloseAndReadBack(client, *writer);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
  EXPECT_GT(faults.struck, 100);
}

// Goal: a writer that is opened again, in the same process or after a restart, is another writer to the store, although
// it numbers its events from one again: under the old id it would be told that they are stored, and drop them.
TEST_F(EventWriterCluster, AWriterThatComesAgainIsAnotherWriter) {
  auto write_twice = [](EventWriterCluster* t, Runtime& runtime, bool first) -> Task<void> {
    Client client(runtime, t);
    if (first) co_await CreateStream(client, 1);
    for (int i = 0; i < 2; ++i) {
      std::unique_ptr<EventWriter> writer = co_await t->Open(client);
      co_await t->Write(client, *writer, 26, 1);
      absl::Status closed = co_await writer->Close();
      EXPECT_TRUE(closed.ok()) << closed;
      EXPECT_EQ(writer->stats().appends_acked_by_setup, 0);
    }
    if (!first) {
      std::unique_ptr<EventWriter> last = co_await t->Open(client);
      co_await t->CloseAndReadBack(client, *last);
    }
    co_await client.context.Close();
  };
  // The machine dies between the two.
  for (bool first : {true, false}) {
    Drive([this, write_twice, first](Runtime& runtime) { return write_twice(this, runtime, first); });
    if (HasFailure()) return;
  }
  EXPECT_EQ(written["key0"], 8);
}

// Goal: order of each key across splits and merges while events are in flight and connections break.
TEST_F(EventWriterCluster, KeepsOrderAcrossScalesAndResets) {
  auto write = [](EventWriterCluster* t, Client* client, EventWriter* writer) -> Task<void> {
    co_await t->Write(*client, *writer, 3000, 2);
  };
  auto script = [write](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    EventWriterOptions options;
    options.segment.max_appends_in_flight = 3;
    std::unique_ptr<EventWriter> writer = co_await t->Open(client, options);
    runtime::TaskGroup tasks(runtime.scheduler(), "writing");
    tasks.Spawn("write", write(t, &client, writer.get()));
    struct Step {
      KeyRange range;
      int segments;
    };
    for (Step step :
         {Step{{0, 1}, 4}, Step{{0, 0.5}, 1}, Step{{0.5, 1}, 1}, Step{{0, 1}, 2}, Step{{0, 1}, 1}, Step{{0, 1}, 3}}) {
      co_await Sleep(client, 300);
      for (int store = 0; store < 2; ++store) {
        t->world->At(t->world->now_ns() + 1'000'000 * (store + 1), "reset",
                     [t, store] { t->world->ResetConnections("driver", SimulatedCluster::StoreName(store)); });
      }
      co_await Scale(client, step.range, step.segments);
    }
    co_await tasks.Join();
    co_await t->CloseAndReadBack(client, *writer);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
  EXPECT_GE(stats.segments_sealed, 10);
  EXPECT_GT(stats.connections, 20);
}

TEST_F(EventWriterCluster, StoreCrashesLoseNothing) {
  auto script = [](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 4);
    std::unique_ptr<EventWriter> writer = co_await t->Open(client);
    for (int round = 0; round < 6; ++round) {
      std::string store = SimulatedCluster::StoreName(round % 2);
      t->world->At(t->world->now_ns() + 50'000'000, "crash", [t, store] { t->world->Crash(store); });
      t->world->At(t->world->now_ns() + 950'000'000, "restart", [t, store] { t->world->Restart(store); });
      co_await t->Write(client, *writer, 300, 5);
    }
    co_await t->CloseAndReadBack(client, *writer);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: with a store paused for 60 s the writer's buffered bytes stay within the configured bound, and nothing is lost.
TEST_F(EventWriterCluster, PausedStoreKeepsTheWriterWithinItsBound) {
  auto script = [](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    EventWriterOptions options;
    options.max_unacknowledged_bytes = 200'000;
    options.segment.reconnect.attempts = 100;
    std::unique_ptr<EventWriter> writer = co_await t->Open(client, options);
    std::string filler(1000, '.');
    for (int store = 0; store < 2; ++store) {
      std::string name = SimulatedCluster::StoreName(store);
      t->world->At(t->world->now_ns() + 100'000'000, "pause", [t, name] { t->world->Pause(name); });
      t->world->At(t->world->now_ns() + 60'100'000'000, "resume", [t, name] { t->world->Resume(name); });
    }
    // The writer's own count, and ours: what Write() took and nobody has acknowledged. Events are offered all the time,
    // so that it is at its bound for most of the minute.
    size_t most = 0;
    size_t most_open = 0;
    std::vector<size_t> sizes;  // of all events, with their headers
    size_t settled = 0;
    size_t open = 0;
    runtime::Instant begun = runtime.Now();
    runtime::Duration longest{0};
    for (int i = 0; i < 2000; ++i) {
      Buffer event = Buffer::Copy(StrCat("key/", t->written["key"]++, filler));
      sizes.push_back(event.size() + 8);
      begun = runtime.Now();
      absl::StatusOr<Sequence> taken = co_await writer->Write("key", std::move(event));
      CHECK_MSG(taken.ok(), taken.status().ToString());
      longest = std::max(longest, runtime.Now() - begun);
      open += sizes.back();
      while (static_cast<int64_t>(settled) < writer->settled_through().value()) open -= sizes[settled++];
      most = std::max(most, writer->unacknowledged_bytes());
      most_open = std::max(most_open, open);
      co_await Sleep(client, 1);
    }
    EXPECT_GT(longest, std::chrono::seconds(55)) << "nobody waited for the paused stores";
    EXPECT_LE(most_open, 200'000u);
    EXPECT_GT(most_open, 190'000u);
    EXPECT_LE(most, 200'000u);
    EXPECT_GT(most, 190'000u);
    co_await t->CloseAndReadBack(client, *writer);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: a writer's machine may die at any moment: its frames are destroyed without a leak, a use after free or an
// attempt to act, and what is in the stream is a prefix of what it sent of each key.
TEST_F(EventWriterCluster, CrashOfTheWriterAtAnyMoment) {
  auto setup = [](EventWriterCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    co_await client.context.Close();
  };
  Drive([this, setup](Runtime& runtime) { return setup(this, runtime); });
  world->AddMachine("writer");
  int life = 0;
  auto write = [](EventWriterCluster* t, Runtime& runtime, int number) -> Task<void> {
    Client client(runtime, t);
    std::unique_ptr<EventWriter> writer = co_await t->Open(client);
    for (int i = 0; i < 20; ++i) {
      std::string key = StrCat("life", number, i % 2 == 0 ? "a" : "b");
      absl::StatusOr<Sequence> taken = co_await writer->Write(key, Buffer::Copy(StrCat(key, "/", i / 2)));
      if (!taken.ok()) co_return;
      if (i == 9) co_await Scale(client, {0, 1}, 2 + number % 2);
    }
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(closed.ok()) << closed;
    co_await client.context.Close();
  };
  for (int64_t after_us = 0; after_us < 40'000; after_us += 371) {
    int number = life++;
    world->Start("writer", [this, write, number](Runtime& runtime) { return write(this, runtime, number); });
    world->RunUntil([] { return false; }, world->now_ns() + after_us * 1000);
    if (world->running("writer")) world->Crash("writer");
    // Scales that were begun must have ended before the next life begins one.
    world->RunUntil([] { return false; }, world->now_ns() + 2 * kSecond);
  }
  EXPECT_EQ(world->stats().attempts_after_death, 0u);
  std::vector<Seen> seen;
  auto read = [](EventWriterCluster* t, Runtime& runtime, std::vector<Seen>* into) -> Task<void> {
    Client client(runtime, t);
    co_await Seal(client);
    *into = co_await ReadAll(client, StreamCut::Unbounded());
    co_await client.context.Close();
  };
  Drive([this, read, &seen](Runtime& runtime) { return read(this, runtime, &seen); });
  std::map<std::string, int> prefixes;
  for (const Seen& one : seen) ++prefixes[one.event.substr(0, one.event.find('/'))];
  ExpectExactly(seen, prefixes);
  EXPECT_GT(prefixes.size(), 50u);
}

}  // namespace
}  // namespace pravega::sim
