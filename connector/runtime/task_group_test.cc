// Groups of tasks: join, cancel, stop, and groups whose owner cannot wait.
#include "connector/runtime/task_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connector/runtime/manual_runtime.h"
#include "connector/runtime/sync.h"

namespace pravega::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Log = std::vector<std::string>;

// Ends when `event` is set; if it is cancelled before, it cleans up until `cleaned` is set.
Task<void> Member(Event* event, Event* cleaned, Log* log, std::string name) {
  absl::Status waited = co_await event->Wait();
  if (!waited.ok()) {
    log->push_back(name + " cancelled");
    absl::Status done = co_await cleaned->WaitUncancellable();
    if (!done.ok()) log->push_back("impossible");
  }
  log->push_back(name + " ended");
}

Task<void> JoinAndLog(TaskGroup* group, Log* log) {
  co_await group->Join();
  log->push_back("joined");
}

TEST(TaskGroupTest, JoinReturnsWhenTheLastTaskHasEnded) {
  ManualRuntime node;
  Log log;
  Event first("first");
  Event second("second");
  Event cleaned("cleaned");
  TaskGroup group(node.scheduler(), "group");
  group.Spawn("a", Member(&first, &cleaned, &log, "a"));
  group.Spawn("b", Member(&second, &cleaned, &log, "b"));
  node.Spawn("join", JoinAndLog(&group, &log));
  node.Run();
  EXPECT_EQ(group.size(), 2u);
  second.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("b ended"));
  first.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("b ended", "a ended", "joined"));
  EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroupTest, JoiningAnEmptyGroupReturnsAtOnceAndAgain) {
  ManualRuntime node;
  Log log;
  TaskGroup group(node.scheduler(), "group");
  node.Spawn("join", JoinAndLog(&group, &log));
  node.Spawn("join", JoinAndLog(&group, &log));
  node.Run();
  EXPECT_THAT(log, ElementsAre("joined", "joined"));
}

TEST(TaskGroupTest, CancelReachesEveryMemberAndThoseSpawnedLater) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  cleaned.Set();
  TaskGroup group(node.scheduler(), "group");
  TaskGroup other(node.scheduler(), "other");
  group.Spawn("a", Member(&event, &cleaned, &log, "a"));
  other.Spawn("other", Member(&event, &cleaned, &log, "other"));
  node.Run();
  group.Cancel();
  group.Spawn("b", Member(&event, &cleaned, &log, "b"));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled", "a ended", "b cancelled", "b ended"));
  EXPECT_EQ(other.size(), 1u);
  event.Set();
  node.Run();
}

Task<void> StopAndLog(TaskGroup* group, Log* log) {
  co_await group->Stop();
  log->push_back("stopped");
}

TEST(TaskGroupTest, StopWaitsUntilEveryMemberHasCleanedUp) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  TaskGroup group(node.scheduler(), "group");
  group.Spawn("a", Member(&event, &cleaned, &log, "a"));
  node.Spawn("stop", StopAndLog(&group, &log));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled"));
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled", "a ended", "stopped"));
}

TEST(TaskGroupTest, AJoinerThatIsCancelledCancelsTheGroupAndStillJoinsIt) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  TaskGroup group(node.scheduler(), "group");
  TaskGroup joiner(node.scheduler(), "joiner");
  group.Spawn("a", Member(&event, &cleaned, &log, "a"));
  joiner.Spawn("join", JoinAndLog(&group, &log));
  node.Run();
  joiner.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled"));
  EXPECT_EQ(joiner.size(), 1u);
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled", "a ended", "joined"));
}

TEST(TaskGroupTest, AJoinerThatWasCancelledBeforeItJoinsDoesTheSame) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  TaskGroup group(node.scheduler(), "group");
  TaskGroup joiner(node.scheduler(), "joiner");
  group.Spawn("a", Member(&event, &cleaned, &log, "a"));
  node.Run();
  joiner.Cancel();
  joiner.Spawn("join", JoinAndLog(&group, &log));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled"));
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled", "a ended", "joined"));
}

TEST(TaskGroupTest, AMemberMaySpawnMoreWhileTheGroupIsJoined) {
  ManualRuntime node;
  Log log;
  TaskGroup group(node.scheduler(), "group");
  Event go("go");
  auto chain = [](TaskGroup* g, Event* e, Log* l, Event* c) -> Task<void> {
    absl::Status waited = co_await e->Wait();
    g->Spawn("second", Member(e, c, l, "second"));
    l->push_back("first ended");
  };
  Event cleaned("cleaned");
  group.Spawn("first", chain(&group, &go, &log, &cleaned));
  node.Spawn("join", JoinAndLog(&group, &log));
  node.Run();
  go.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("first ended", "second ended", "joined"));
}

TEST(TaskGroupDeathTest, AGroupThatIsNotEmptyMustNotGo) {
  EXPECT_DEATH(
      {
        ManualRuntime node;
        Log log;
        Event event("event");
        auto group = std::make_unique<TaskGroup>(node.scheduler(), "careless");
        group->Spawn("a", Member(&event, &event, &log, "a"));
        group.reset();
      },
      "careless: a task group must be joined before it is destroyed");
}

TEST(TaskGroupTest, AnAbandonedGroupIsCancelledAndGoesWithItsLastTask) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  auto group = std::make_unique<TaskGroup>(node.scheduler(), "group");
  group->Spawn("a", Member(&event, &cleaned, &log, "a"));
  group->Spawn("b", Member(&event, &cleaned, &log, "b"));
  node.Run();
  TaskGroup::Abandon(std::move(group));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled", "b cancelled"));
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a cancelled", "b cancelled", "a ended", "b ended"));
  EXPECT_THAT(node.scheduler().DescribeWaits(), IsEmpty());
}

TEST(TaskGroupTest, AnAbandonedGroupGoesWithItsNode) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  auto group = std::make_unique<TaskGroup>(node.scheduler(), "group");
  group->Spawn("a", Member(&event, &cleaned, &log, "a"));
  node.Run();
  TaskGroup::Abandon(std::move(group));
  node.Run();
  node.Die();
  EXPECT_THAT(log, ElementsAre("a cancelled"));
}

// The owner of a group that it would abandon dies with the node: before its members' frames, or after them.
struct Abandoner {
  std::unique_ptr<TaskGroup> group;
  ~Abandoner() { TaskGroup::Abandon(std::move(group)); }
};

TEST(TaskGroupTest, AbandoningOnADeadNodeWorksInEitherOrder) {
  for (bool owner_first : {true, false}) {
    ManualRuntime node;
    Log log;
    Event never("never");
    auto owner = [](std::unique_ptr<Abandoner>, Event* e) -> Task<void> { absl::Status waited = co_await e->Wait(); };
    auto abandoner = std::make_unique<Abandoner>();
    abandoner->group = std::make_unique<TaskGroup>(node.scheduler(), "group");
    TaskGroup* group = abandoner->group.get();
    if (owner_first) node.Spawn("owner", owner(std::move(abandoner), &never));
    group->Spawn("member", Member(&never, &never, &log, "member"));
    if (!owner_first) node.Spawn("owner", owner(std::move(abandoner), &never));
    node.Run();
    node.Die();
    EXPECT_THAT(log, IsEmpty());
  }
}

TEST(TaskGroupDeathTest, SpawningOnADeadNodeAborts) {
  EXPECT_DEATH(
      {
        ManualRuntime node;
        Log log;
        Event event("event");
        node.Die();
        node.Spawn("late", Member(&event, &event, &log, "late"));
      },
      "spawning on a dead node");
}

}  // namespace
}  // namespace pravega::runtime
