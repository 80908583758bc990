// Sleeping and deadlines under a clock that the test moves.
#include "connector/runtime/sleep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/strings.h"
#include "connector/runtime/manual_runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Log = std::vector<std::string>;
using std::chrono::seconds;

std::string Text(const absl::Status& status) {
  return status.ok() ? "ok" : std::string(ToStd(absl::StatusCodeToString(status.code())));
}

Instant At(int64_t s) { return Instant() + seconds(s); }

Task<void> Sleep(Runtime* node, Instant when, Log* log, std::string name) {
  absl::Status slept = co_await SleepUntil(*node, when, "a sleep");
  log->push_back(StrCat(name, " ", Text(slept), " at ", node->Now().nanos() / 1'000'000'000));
}

TEST(SleepTest, SleepersWakeInOrderOfTimeThenOfArming) {
  ManualRuntime node;
  Log log;
  node.Spawn("c", Sleep(&node, At(3), &log, "c"));
  node.Spawn("a", Sleep(&node, At(1), &log, "a"));
  node.Spawn("b", Sleep(&node, At(1), &log, "b"));
  node.AdvanceTo(At(2));
  EXPECT_THAT(log, ElementsAre("a ok at 1", "b ok at 1"));
  node.AdvanceTo(At(5));
  EXPECT_THAT(log, ElementsAre("a ok at 1", "b ok at 1", "c ok at 3"));
}

TEST(SleepTest, CancelledSleepDisarmsItsTimer) {
  ManualRuntime node;
  Log log;
  TaskGroup group(node.scheduler(), "group");
  group.Spawn("a", Sleep(&node, At(9), &log, "a"));
  node.AdvanceTo(At(1));
  EXPECT_EQ(node.armed_timers(), 1u);
  group.Cancel();
  EXPECT_EQ(node.armed_timers(), 0u);
  node.Run();
  EXPECT_THAT(log, ElementsAre("a CANCELLED at 1"));
}

TEST(SleepTest, SleepingForEverArmsNothingAndCanBeCancelled) {
  ManualRuntime node;
  Log log;
  TaskGroup group(node.scheduler(), "group");
  group.Spawn("a", Sleep(&node, Instant::Infinite(), &log, "a"));
  node.Run();
  EXPECT_EQ(node.armed_timers(), 0u);
  EXPECT_THAT(node.scheduler().DescribeWaits(), ElementsAre("group/a waits for a sleep"));
  group.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a CANCELLED at 0"));
}

TEST(SleepTest, DeathOfASleeperLeavesNoTimer) {
  ManualRuntime node;
  Log log;
  node.Spawn("a", Sleep(&node, At(9), &log, "a"));
  node.Run();
  node.Die();
  EXPECT_EQ(node.armed_timers(), 0u);
  EXPECT_THAT(log, IsEmpty());
}

// Waits for `event`; if that is cancelled, cleans up until `cleaned` and returns what waiting gave.
Task<absl::Status> Work(Event* event, Event* cleaned, Log* log) {
  absl::Status waited = co_await event->Wait();
  if (!waited.ok()) {
    log->push_back("work " + Text(waited));
    absl::Status ignored = co_await cleaned->WaitUncancellable();
  }
  log->push_back("work ended");
  co_return waited;
}

Task<void> Limit(Runtime* node, Task<absl::Status> work, Instant when, Log* log) {
  absl::Status result = co_await WithDeadline(*node, std::move(work), when);
  log->push_back("result " + Text(result));
  // What comes after the deadline's scope is not cancelled.
  absl::Status slept = co_await SleepFor(*node, seconds(1), "after");
  log->push_back("after " + Text(slept));
}

TEST(DeadlineTest, WorkThatEndsInTimeIsPassedOnAndTheTimerGoes) {
  ManualRuntime node;
  Log log;
  Event event("event");
  event.Set();
  node.Spawn("limit", Limit(&node, Work(&event, &event, &log), At(10), &log));
  node.Run();
  EXPECT_THAT(log, ElementsAre("work ended", "result ok"));
  EXPECT_EQ(node.armed_timers(), 1u) << "the sleep after it";
  node.AdvanceTo(At(20));
  EXPECT_THAT(log, ElementsAre("work ended", "result ok", "after ok"));
}

TEST(DeadlineTest, TheLoserIsJoinedBeforeTheDeadlineReturns) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  node.Spawn("limit", Limit(&node, Work(&event, &cleaned, &log), At(10), &log));
  node.AdvanceTo(At(11));
  EXPECT_THAT(log, ElementsAre("work CANCELLED"));
  node.AdvanceTo(At(15));
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "result DEADLINE_EXCEEDED"));
  node.AdvanceTo(At(16));
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "result DEADLINE_EXCEEDED", "after ok"));
}

TEST(DeadlineTest, AResultThatComesLateIsPassedOn) {
  ManualRuntime node;
  Log log;
  Event cleaned("cleaned");
  auto stubborn = [](Event* done) -> Task<absl::StatusOr<std::unique_ptr<int>>> {
    absl::Status waited = co_await done->WaitUncancellable();
    co_return std::make_unique<int>(waited.ok() ? 5 : 0);
  };
  auto run = [](Runtime* n, Task<absl::StatusOr<std::unique_ptr<int>>> task, Log* l) -> Task<void> {
    absl::StatusOr<std::unique_ptr<int>> result = co_await WithDeadline(*n, std::move(task), At(10));
    l->push_back(result.ok() ? std::to_string(**result) : Text(result.status()));
  };
  node.Spawn("run", run(&node, stubborn(&cleaned), &log));
  node.AdvanceTo(At(11));
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("5"));
}

TEST(DeadlineTest, ResultThatIsReadyWhenTheDeadlineFiresWins) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  cleaned.Set();
  node.Spawn("limit", Limit(&node, Work(&event, &cleaned, &log), At(10), &log));
  node.Run();
  auto set = [](Runtime* n, Event* e) -> Task<void> {
    absl::Status slept = co_await SleepUntil(*n, At(10), "setter");
    e->Set();
  };
  // Armed behind the deadline: the deadline's cancellation comes first.
  node.Spawn("set", set(&node, &event));
  node.AdvanceTo(At(10));
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "result DEADLINE_EXCEEDED"));

  ManualRuntime other;
  log.clear();
  event.Reset();
  other.Spawn("set", set(&other, &event));
  other.Run();
  other.Spawn("limit", Limit(&other, Work(&event, &cleaned, &log), At(10), &log));
  other.AdvanceTo(At(10));
  EXPECT_THAT(log, ElementsAre("work ended", "result ok"));
}

TEST(DeadlineTest, CancellingFromOutsideIsCancelledAndNotTheDeadline) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  cleaned.Set();
  TaskGroup group(node.scheduler(), "group");
  group.Spawn("limit", Limit(&node, Work(&event, &cleaned, &log), At(10), &log));
  node.Run();
  group.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "result CANCELLED", "after CANCELLED"));
  EXPECT_EQ(node.armed_timers(), 0u);
}

Task<absl::Status> Limited(Runtime* node, Task<absl::Status> work, Instant when, Log* log, std::string name) {
  absl::Status result = co_await WithDeadline(*node, std::move(work), when);
  log->push_back(name + " " + Text(result));
  co_return result;
}

TEST(DeadlineTest, TheInnerDeadlineLeavesTheOuterOneAlone) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  cleaned.Set();
  auto two_tries = [](Runtime* n, Event* e, Event* c, Log* l) -> Task<absl::Status> {
    absl::Status first = co_await Limited(n, Work(e, c, l), At(5), l, "first");
    absl::Status second = co_await Limited(n, Work(e, c, l), At(30), l, "second");
    co_return second;
  };
  node.Spawn("outer", Limit(&node, two_tries(&node, &event, &cleaned, &log), At(10), &log));
  node.AdvanceTo(At(6));
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "first DEADLINE_EXCEEDED"));
  log.clear();
  node.AdvanceTo(At(20));
  EXPECT_THAT(log,
              ElementsAre("work CANCELLED", "work ended", "second CANCELLED", "result DEADLINE_EXCEEDED", "after ok"));
}

TEST(DeadlineTest, OfTwoThatFireTogetherTheInnerOneNamesTheResult) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  cleaned.Set();
  Task<absl::Status> inner = Limited(&node, Work(&event, &cleaned, &log), At(10), &log, "inner");
  node.Spawn("outer", Limit(&node, std::move(inner), At(10), &log));
  node.AdvanceTo(At(20));
  // The outer scope was cancelled first; its timer was armed first. Either way both report the deadline.
  EXPECT_THAT(log.back(), "after ok");
  EXPECT_THAT(log[log.size() - 2], "result DEADLINE_EXCEEDED");
}

TEST(DeadlineTest, APassedDeadlineCancelsTheFirstWaitThatSuspends) {
  ManualRuntime node;
  Log log;
  node.AdvanceTo(At(100));
  Event event("event");
  Event cleaned("cleaned");
  cleaned.Set();
  node.Spawn("limit", Limit(&node, Work(&event, &cleaned, &log), At(10), &log));
  node.AdvanceTo(At(100));
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "result DEADLINE_EXCEEDED"));
}

TEST(DeadlineTest, WithoutADeadlineNothingIsArmed) {
  ManualRuntime node;
  Log log;
  Event event("event");
  node.Spawn("limit", Limit(&node, Work(&event, &event, &log), Instant::Infinite(), &log));
  node.Run();
  EXPECT_EQ(node.armed_timers(), 0u);
  event.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("work ended", "result ok"));
}

TEST(DeadlineTest, JoiningAGroupUnderADeadlineCancelsTheGroup) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Event cleaned("cleaned");
  auto member = [](Event* e, Event* c, Log* l) -> Task<void> { absl::Status ended = co_await Work(e, c, l); };
  auto body = [](Runtime* n, Task<void> m, Log* l) -> Task<absl::Status> {
    TaskGroup group(n->scheduler(), "inner");
    group.Spawn("member", std::move(m));
    co_await group.Join();
    l->push_back("joined");
    co_return absl::OkStatus();
  };
  node.Spawn("limit", Limit(&node, body(&node, member(&event, &cleaned, &log), &log), At(10), &log));
  node.AdvanceTo(At(11));
  EXPECT_THAT(log, ElementsAre("work CANCELLED"));
  cleaned.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("work CANCELLED", "work ended", "joined", "result ok"));
}

TEST(DeadlineTest, DeathUnderADeadlineTakesTimerScopeAndWork) {
  ManualRuntime node;
  Log log;
  Event event("event");
  auto nested = [](Runtime* n, Event* e, Log* l) -> Task<absl::Status> {
    absl::Status inner = co_await Limited(n, Work(e, e, l), At(5), l, "inner");
    co_return inner;
  };
  node.Spawn("outer", Limit(&node, nested(&node, &event, &log), At(10), &log));
  node.Run();
  EXPECT_EQ(node.armed_timers(), 2u);
  node.Die();
  EXPECT_EQ(node.armed_timers(), 0u);
  EXPECT_THAT(log, IsEmpty());
}

TEST(InstantTest, AddingSaturates) {
  EXPECT_TRUE((Instant::Infinite() + seconds(1)).infinite());
  EXPECT_TRUE((Instant(5) + Duration::max()).infinite());
  EXPECT_EQ(Instant(5) + Duration(7), Instant(12));
  EXPECT_EQ(Instant(12) - Instant(5), Duration(7));
}

}  // namespace
}  // namespace pravega::runtime
