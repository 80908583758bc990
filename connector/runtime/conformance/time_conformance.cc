// Clocks, timers and choices.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <utility>

#include "connector/runtime/conformance/conformance.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using Log = std::vector<std::string>;

Task<void> SleepAndLog(Runtime* node, Instant when, Log* log, std::string name) {
  absl::Status slept = co_await SleepUntil(*node, when, "a sleep");
  EXPECT_TRUE(slept.ok()) << slept;
  EXPECT_GE(node->Now(), when) << name << " woke too early";
  log->push_back(name);
}

TEST_P(RuntimeConformance, TimersFireInOrderOfTimeThenOfArming) {
  Runtime& node = Add("node");
  Log log;
  Instant start = node.Now() + milliseconds(20);
  Start("node", "d", SleepAndLog(&node, start + milliseconds(30), &log, "d"));
  Start("node", "a", SleepAndLog(&node, start + milliseconds(10), &log, "a"));
  Start("node", "b", SleepAndLog(&node, start + milliseconds(10), &log, "b"));
  Start("node", "c", SleepAndLog(&node, start + milliseconds(20), &log, "c"));
  Finish();
  EXPECT_THAT(log, ElementsAre("a", "b", "c", "d"));
}

Task<void> SleepInThePast(Runtime* node) {
  co_await Pause(node, milliseconds(5));
  Instant before = node->Now();
  absl::Status slept = co_await SleepUntil(*node, before + milliseconds(-4), "the past");
  EXPECT_TRUE(slept.ok()) << slept;
  EXPECT_GE(node->Now(), before) << "the clock went back";
}

TEST_P(RuntimeConformance, SleepingUntilAnInstantThatHasPassedReturnsOk) {
  Runtime& node = Add("node");
  Start("node", "sleep", SleepInThePast(&node));
  Finish();
}

Task<void> LogHowSleepEnds(Runtime* node, Instant when, Log* log) {
  absl::Status slept = co_await SleepUntil(*node, when, "a long sleep");
  log->push_back(CodeName(slept));
}

Task<void> CancelSleeps(Runtime* node, Log* log) {
  Instant start = node->Now();
  TaskGroup group(node->scheduler(), "sleepers");
  group.Spawn("hours", LogHowSleepEnds(node, start + hours(1000), log));
  group.Spawn("for ever", LogHowSleepEnds(node, Instant::Infinite(), log));
  co_await Pause(node, milliseconds(5));
  EXPECT_EQ(group.size(), 2u);
  co_await group.Stop();
  EXPECT_LT(node->Now(), start + hours(1));
}

TEST_P(RuntimeConformance, SleepsCanBeCancelled) {
  Runtime& node = Add("node");
  Log log;
  Start("node", "cancel", CancelSleeps(&node, &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("CANCELLED", "CANCELLED"));
}

Task<absl::Status> SleepHours(Runtime* node) {
  absl::Status slept = co_await SleepFor(*node, hours(1000), "hours");
  co_return slept;
}

Task<void> SleepWithDeadline(Runtime* node) {
  Instant start = node->Now();
  Instant deadline = start + milliseconds(10);
  absl::Status result = co_await WithDeadline(*node, SleepHours(node), deadline);
  EXPECT_EQ(CodeName(result), "DEADLINE_EXCEEDED");
  EXPECT_GE(node->Now(), deadline);
  EXPECT_LT(node->Now(), start + hours(1));
}

TEST_P(RuntimeConformance, ADeadlineEndsASleep) {
  Runtime& node = Add("node");
  Start("node", "deadline", SleepWithDeadline(&node));
  Finish();
}

Task<void> CompareClocks(Runtime* node) {
  Instant instant = node->Now();
  WallMillis wall = node->WallNow();
  co_await Pause(node, milliseconds(30));
  EXPECT_GE(node->Now() - instant, milliseconds(30));
  // A real wall clock may be set while the test runs, but not by much.
  EXPECT_GT(node->WallNow().millis(), wall.millis() - 1000);
  EXPECT_GT(wall.millis(), 1'000'000'000'000) << "not a time of this century";
}

TEST_P(RuntimeConformance, ClocksAdvance) {
  Runtime& node = Add("node");
  Start("node", "clocks", CompareClocks(&node));
  Finish();
}

TEST_P(RuntimeConformance, DrawsStayWithinTheirBounds) {
  ChoiceStream stream = Add("node").choices().Stream("test", "bounds");
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    uint64_t value = stream.Below(5, "value");
    EXPECT_LT(value, 5u);
    seen.insert(value);
    EXPECT_EQ(stream.Below(1, "nothing to choose"), 0u);
    EXPECT_FALSE(stream.Chance(0, "never"));
    EXPECT_TRUE(stream.Chance(1'000'000, "always"));
  }
  EXPECT_EQ(seen.size(), 5u) << "a thousand draws miss one of five values";
}

TEST_P(RuntimeConformance, OpeningAStreamAgainContinuesIt) {
  constexpr uint64_t kMany = uint64_t{1} << 62;
  Choices& choices = Add("node").choices();
  ChoiceStream first = choices.Stream("purpose", "entity");
  std::set<uint64_t> values;
  for (int i = 0; i < 4; ++i) values.insert(first.Below(kMany, "value"));
  ChoiceStream second = choices.Stream("purpose", "entity");
  for (int i = 0; i < 4; ++i) values.insert(second.Below(kMany, "value"));
  EXPECT_EQ(values.size(), 8u) << "a stream began anew";
}

std::vector<uint64_t> DrawSome(Runtime& node, bool with_others) {
  ChoiceStream stream = node.choices().Stream("purpose", "entity");
  ChoiceStream other = node.choices().Stream("purpose", "other");
  std::vector<uint64_t> values;
  for (int i = 0; i < 10; ++i) {
    if (with_others) {
      other.Below(1000, "other");
      node.choices().Stream("another purpose", "entity").Chance(1000, "other");
    }
    values.push_back(stream.Below(1'000'000'000, "value"));
  }
  return values;
}

TEST_P(RuntimeConformance, AStreamDoesNotDependOnTheDrawsOfOthers) {
  Runtime& node = Add("node");
  std::unique_ptr<WorldUnderTest> again = GetParam().make();
  again->AddNode("node");
  again->AddNode("another node");
  EXPECT_EQ(DrawSome(node, false), DrawSome(again->node("node"), true));
  EXPECT_NE(DrawSome(node, false), DrawSome(again->node("another node"), false));
}

TEST_P(RuntimeConformance, NoTwoUuidsAreEqual) {
  std::set<Uuid> uuids;
  size_t drawn = 0;
  for (const char* name : {"a", "b"}) Add(name);
  for (int life = 0; life < 3; ++life) {
    for (const char* name : {"a", "b"}) {
      for (const char* entity : {"x", "y", "z"}) {
        for (const char* purpose : {"writer", "reader"}) {
          for (int i = 0; i < 100; ++i) {
            uuids.insert(world().node(name).choices().Stream(purpose, entity).NewUuid());
            ++drawn;
          }
        }
      }
      world().Crash(name);
      world().Restart(name);
    }
  }
  EXPECT_EQ(uuids.size(), drawn);
}

}  // namespace
}  // namespace pravega::runtime
