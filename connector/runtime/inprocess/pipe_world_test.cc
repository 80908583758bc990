// The world of in-process pipes itself: how it runs, stops and loses nodes. What it promises as a Runtime is tested by
// conformance_test.
#include "connector/runtime/inprocess/pipe_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connector/core/strings.h"
#include "connector/runtime/inprocess/seeded_choices.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"

namespace pravega::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using Log = std::vector<std::string>;

Task<void> SleepAndLog(Runtime* node, Duration duration, Log* log) {
  absl::Status slept = co_await SleepFor(*node, duration, "a sleep");
  log->push_back(node->node_name());
}

TEST(PipeWorldTest, RunsUntilNothingIsLeftToHappen) {
  PipeWorld world(PipeWorldOptions{});
  Log log;
  world.Spawn("b", "sleep", SleepAndLog(&world.AddNode("b"), milliseconds(20), &log));
  world.Spawn("a", "sleep", SleepAndLog(&world.AddNode("a"), milliseconds(10), &log));
  // A sleep without end is nothing that could still happen.
  world.Spawn("a", "sleep", SleepAndLog(&world.node("a"), Duration::max(), &log));
  EXPECT_EQ(world.tasks("a"), 2u);
  EXPECT_TRUE(world.Run());
  EXPECT_THAT(log, ElementsAre("a", "b"));
  EXPECT_THAT(world.DescribeWaits(), ElementsAre("a: a/sleep waits for a sleep"));
}

TEST(PipeWorldTest, RunUntilReturnsAtItsLimitAndWhenNothingIsLeft) {
  PipeWorld world(PipeWorldOptions{});
  Log log;
  world.Spawn("a", "sleep", SleepAndLog(&world.AddNode("a"), milliseconds(50), &log));
  Instant start = world.Now();
  EXPECT_FALSE(world.RunUntil([&] { return !log.empty(); }, milliseconds(10)));
  EXPECT_GE(world.Now() - start, milliseconds(10));
  EXPECT_TRUE(world.RunUntil([&] { return !log.empty(); }, seconds(60)));
  EXPECT_FALSE(world.RunUntil([] { return false; }, hours(1))) << "idle";
}

TEST(PipeWorldTest, ATaskCanStopTheWorld) {
  PipeWorld world(PipeWorldOptions{});
  Log log;
  Runtime& node = world.AddNode("a");
  auto stop = [](Runtime* n, PipeWorld* w) -> Task<void> {
    absl::Status slept = co_await SleepFor(*n, milliseconds(5), "stop");
    w->Stop();
  };
  world.Spawn("a", "stop", stop(&node, &world));
  world.Spawn("a", "sleep", SleepAndLog(&node, hours(1), &log));
  EXPECT_FALSE(world.Run());
  world.Stop();
  EXPECT_FALSE(world.RunUntil([] { return false; }, hours(1))) << "a stop that came before counts for the next run";
}

TEST(PipeWorldTest, ANodeMayCrashAndRestartAnother) {
  PipeWorld world(PipeWorldOptions{});
  Log log;
  Runtime& victim = world.AddNode("victim");
  Runtime& other = world.AddNode("other");
  auto crash = [](Runtime* n, PipeWorld* w, Log* l) -> Task<void> {
    absl::Status slept = co_await SleepFor(*n, milliseconds(5), "the moment");
    w->Crash("victim");
    EXPECT_FALSE(w->running("victim"));
    Runtime& next = w->Restart("victim");
    w->Spawn("victim", "sleep", SleepAndLog(&next, milliseconds(1), l));
  };
  world.Spawn("victim", "sleep", SleepAndLog(&victim, milliseconds(50), &log));
  world.Spawn("other", "crash", crash(&other, &world, &log));
  EXPECT_TRUE(world.Run());
  EXPECT_THAT(log, ElementsAre("victim")) << "of the second life";
  EXPECT_TRUE(victim.scheduler().dead()) << "the first one is still an object";
}

TEST(PipeWorldTest, TheCrashKeepsWhatItIsToldTo) {
  for (size_t kept : {size_t{0}, size_t{3}}) {
    PipeWorld world(PipeWorldOptions{});
    auto write = [](Runtime* n) -> Task<void> {
      absl::StatusOr<std::unique_ptr<File>> file = co_await n->files().Open("f", Files::Mode::kAppend);
      absl::Status named = co_await n->files().SyncDirectory("");
      absl::Status appended = co_await (*file)->Append(Buffer("abcdef"));
      EXPECT_TRUE(named.ok() && appended.ok());
    };
    auto read = [](Runtime* n, std::string* out) -> Task<void> {
      absl::StatusOr<std::unique_ptr<File>> file = co_await n->files().Open("f", Files::Mode::kRead);
      absl::StatusOr<Buffer> bytes = co_await (*file)->Read(0, 100);
      *out = bytes->ToString();
    };
    world.Spawn("a", "write", write(&world.AddNode("a")));
    EXPECT_TRUE(world.Run());
    world.Crash("a", [&](size_t) { return kept; });
    std::string text = "not read";
    world.Spawn("a", "read", read(&world.Restart("a"), &text));
    EXPECT_TRUE(world.Run());
    EXPECT_EQ(text, std::string("abcdef").substr(0, kept));
  }
}

Task<void> ConnectAndHold(Runtime* node, Event* release, Log* log, std::string name) {
  Endpoint endpoint{"server", 1};
  absl::StatusOr<std::unique_ptr<ByteStream>> stream =
      co_await node->network().Connect(endpoint, std::nullopt, node->Now() + hours(1));
  log->push_back(StrCat(name, stream.ok() ? " connected" : " failed"));
  absl::Status released = co_await release->Wait();
}

Task<void> AcceptWhenTold(Runtime* node, Event* accept, Log* log) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(Endpoint{"server", 1});
  while (true) {
    absl::Status told = co_await accept->Wait();
    accept->Reset();
    if (!told.ok()) co_return;
    absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await (*listener)->Accept();
    log->push_back("accepted");
  }
}

TEST(PipeWorldTest, ConnectionsBeyondTheBacklogWaitForTheirTurn) {
  Log log;
  Event accept("the test");
  Event release("the end");
  PipeWorldOptions options;
  options.backlog = 2;
  PipeWorld world(std::move(options));
  world.Spawn("server", "accept", AcceptWhenTold(&world.AddNode("server"), &accept, &log));
  EXPECT_TRUE(world.Run());
  Runtime& client = world.AddNode("client");
  for (const char* name : {"1", "2", "3", "4"}) {
    world.Spawn("client", name, ConnectAndHold(&client, &release, &log, name));
  }
  world.RunUntil([] { return false; }, milliseconds(10));
  EXPECT_THAT(log, ElementsAre("1 connected", "2 connected"));
  accept.Set();
  world.RunUntil([&] { return log.size() == 4; }, seconds(10));
  EXPECT_THAT(log, ElementsAre("1 connected", "2 connected", "accepted", "3 connected"));
}

TEST(PipeWorldTest, AHostThatBecomesReachableAnswersThoseWhoWaited) {
  Log log;
  Event accept("the test");
  Event release("the end");
  PipeWorld world(PipeWorldOptions{});
  world.Spawn("server", "accept", AcceptWhenTold(&world.AddNode("server"), &accept, &log));
  world.SetUnreachable("server", true);
  world.Spawn("client", "connect", ConnectAndHold(&world.AddNode("client"), &release, &log, "1"));
  world.RunUntil([] { return false; }, milliseconds(10));
  EXPECT_TRUE(log.empty());
  world.SetUnreachable("server", false);
  EXPECT_TRUE(world.RunUntil([&] { return !log.empty(); }, seconds(10)));
  EXPECT_THAT(log, ElementsAre("1 connected"));
}

TEST(PipeWorldTest, NodesListenAtTheirOwnNameOnly) {
  PipeWorld world(PipeWorldOptions{});
  Runtime& a = world.AddNode("a");
  world.AddNode("b");
  EXPECT_EQ(a.network().Listen(Endpoint{"b", 1}).status().code(), absl::StatusCode::kInvalidArgument);
  absl::StatusOr<std::unique_ptr<Listener>> any = a.network().Listen(Endpoint{"0.0.0.0", 1});
  ASSERT_TRUE(any.ok()) << any.status();
  EXPECT_EQ((*any)->endpoint(), (Endpoint{"a", 1}));
}

TEST(PipeWorldTest, PlantedBugsBelongToTheMachine) {
  PipeWorld world(PipeWorldOptions{});
  Runtime& a = world.AddNode("a");
  world.AddNode("b");
  world.SetPlanted("a", {"bug"});
  EXPECT_TRUE(a.planted("bug"));
  EXPECT_FALSE(a.planted("other"));
  EXPECT_FALSE(world.node("b").planted("bug"));
  world.Crash("a");
  EXPECT_TRUE(world.Restart("a").planted("bug"));
}

TEST(SeededChoicesTest, EverythingThatNamesAStreamChangesIt) {
  auto first = [](uint64_t seed, std::string_view node, uint64_t incarnation, std::string_view purpose,
                  std::string_view entity) {
    SeededChoices choices(seed, node, incarnation);
    return choices.Stream(purpose, entity).Below(uint64_t{1} << 62, "value");
  };
  uint64_t base = first(1, "node", 1, "purpose", "entity");
  EXPECT_EQ(first(1, "node", 1, "purpose", "entity"), base);
  EXPECT_NE(first(2, "node", 1, "purpose", "entity"), base);
  EXPECT_NE(first(1, "Node", 1, "purpose", "entity"), base);
  EXPECT_NE(first(1, "node", 2, "purpose", "entity"), base);
  EXPECT_NE(first(1, "node", 1, "purposee", "ntity"), base);
  EXPECT_NE(first(1, "node", 1, "purpose", ""), base);
}

TEST(SeededChoicesTest, UuidsHaveTheFormOfRandomOnes) {
  SeededChoices choices(1, "node", 1);
  ChoiceStream stream = choices.Stream("writer", "w");
  for (int i = 0; i < 100; ++i) {
    std::string text = stream.NewUuid().ToString();
    EXPECT_EQ(text[14], '4') << text;
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace pravega::runtime
