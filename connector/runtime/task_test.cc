// Tasks and their scheduler: the order in which coroutines run, how awaits nest, what cancelling and dying do.
#include "connector/runtime/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/manual_runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Log = std::vector<std::string>;

// Writes its name into a log when it goes.
class Grave {
 public:
  Grave(Log* log, std::string name) : log_(log), name_(std::move(name)) {}
  Grave(const Grave&) = delete;
  Grave& operator=(const Grave&) = delete;
  ~Grave() { log_->push_back("~" + name_); }

 private:
  Log* log_;
  std::string name_;
};

Task<int> Constant(int value) { co_return value; }

Task<int> Sum(int a, int b) {
  int left = co_await Constant(a);
  int right = co_await Constant(b);
  co_return left + right;
}

Task<void> StoreSum(int* out) {
  int sum = co_await Sum(40, 2);
  *out = sum;
}

TEST(TaskTest, StartsWhenAwaitedAndYieldsItsValue) {
  ManualRuntime node;
  int sum = 0;
  node.Spawn("sum", StoreSum(&sum));
  EXPECT_EQ(sum, 0);
  node.Run();
  EXPECT_EQ(sum, 42);
  EXPECT_EQ(node.tasks().size(), 0u);
}

TEST(TaskTest, ATaskThatNobodyAwaitsDoesNothingAndFreesItsArguments) {
  Log log;
  auto argument = std::make_unique<Grave>(&log, "argument");
  auto body = [](Log* l, std::unique_ptr<Grave>) -> Task<void> {
    l->push_back("ran");
    co_return;
  };
  {
    Task<void> task = body(&log, std::move(argument));
    Task<void> moved = std::move(task);
  }
  EXPECT_THAT(log, ElementsAre("~argument"));
}

TEST(TaskTest, MoveOnlyValuesPassThrough) {
  ManualRuntime node;
  auto make = []() -> Task<absl::StatusOr<std::unique_ptr<int>>> { co_return std::make_unique<int>(7); };
  int got = 0;
  auto use = [](decltype(make) maker, int* out) -> Task<void> {
    absl::StatusOr<std::unique_ptr<int>> made = co_await maker();
    *out = **made;
  };
  node.Spawn("use", use(make, &got));
  node.Run();
  EXPECT_EQ(got, 7);
}

Task<void> WaitAndLog(Event* event, Log* log, std::string name) {
  absl::Status waited = co_await event->Wait();
  log->push_back(name + (waited.ok() ? "" : " " + std::string(absl::StatusCodeToString(waited.code()))));
}

TEST(SchedulerTest, TasksStartInTheOrderOfSpawningAndResumeInTheOrderOfWaking) {
  ManualRuntime node;
  Log log;
  Event first("first");
  Event second("second");
  node.Spawn("a", WaitAndLog(&first, &log, "a"));
  node.Spawn("b", WaitAndLog(&second, &log, "b"));
  node.Spawn("c", WaitAndLog(&first, &log, "c"));
  node.Run();
  EXPECT_THAT(log, IsEmpty());
  second.Set();
  first.Set();
  EXPECT_THAT(log, IsEmpty()) << "waking is not running";
  node.Run();
  EXPECT_THAT(log, ElementsAre("b", "a", "c"));
}

// One million awaits that complete at once, at one level: the machine stack must not grow, also without optimisation.
Task<void> CountTo(int n, int64_t* total) {
  for (int i = 0; i < n; ++i) {
    int one = co_await Constant(1);
    *total += one;
  }
}

TEST(SchedulerTest, AMillionAwaitsThatCompleteAtOnceNeedNoStack) {
  ManualRuntime node;
  int64_t total = 0;
  node.Spawn("count", CountTo(1'000'000, &total));
  node.Run();
  EXPECT_EQ(total, 1'000'000);
}

TEST(SchedulerTest, AMillionRefusedOrReadyWaitsNeedNoStack) {
  ManualRuntime node;
  auto loop = [](Event* set, int* woken) -> Task<void> {
    for (int i = 0; i < 1'000'000; ++i) {
      absl::Status waited = co_await set->Wait();
      if (waited.ok()) ++*woken;
    }
  };
  Event set("set");
  set.Set();
  int woken = 0;
  node.Spawn("loop", loop(&set, &woken));
  node.Run();
  EXPECT_EQ(woken, 1'000'000);
}

Task<absl::Status> Nest(int depth, Event* event, int* deepest) {
  *deepest = std::max(*deepest, depth);
  if (depth == 10'000) {
    absl::Status waited = co_await event->Wait();
    co_return waited;
  }
  absl::Status inner = co_await Nest(depth + 1, event, deepest);
  co_return inner;
}

Task<void> RunNest(Event* event, int* deepest, absl::Status* out) {
  absl::Status status = co_await Nest(1, event, deepest);
  *out = status;
}

TEST(SchedulerTest, AChainOfTenThousandTasksRunsCompletesAndIsDestroyed) {
  {
    ManualRuntime node;
    Event event("bottom");
    int deepest = 0;
    absl::Status status = absl::UnknownError("not run");
    node.Spawn("nest", RunNest(&event, &deepest, &status));
    node.Run();
    EXPECT_EQ(deepest, 10'000);
    event.Set();
    node.Run();
    EXPECT_EQ(status, absl::OkStatus());
  }
  ManualRuntime node;
  Event event("bottom");
  int deepest = 0;
  absl::Status status = absl::UnknownError("not run");
  node.Spawn("nest", RunNest(&event, &deepest, &status));
  node.Run();
  node.Die();
  EXPECT_EQ(status, absl::UnknownError("not run"));
}

TEST(SchedulerTest, DescribesWhoWaitsForWhat) {
  ManualRuntime node;
  Log log;
  Event event("the starting gun");
  node.Spawn("runner", WaitAndLog(&event, &log, "runner"));
  node.Run();
  node.Spawn("late", WaitAndLog(&event, &log, "late"));
  EXPECT_THAT(node.scheduler().DescribeWaits(),
              ElementsAre("test/runner waits for the starting gun", "test/late is ready to run"));
  node.Run();
  event.Set();
  EXPECT_THAT(node.scheduler().DescribeWaits(),
              ElementsAre("test/runner is ready to run", "test/late is ready to run"));
  node.Run();
  EXPECT_THAT(node.scheduler().DescribeWaits(), IsEmpty());
}

Task<void> HoldAndWait(Event* event, Log* log, std::string name) {
  Grave grave(log, name);
  absl::Status waited = co_await event->Wait();
  log->push_back(name + " went on");
}

Task<void> HoldAndEnd(Log* log, std::string name) {
  Grave grave(log, name);
  co_return;
}

TEST(SchedulerTest, DeathDestroysFramesInReverseOrderOfSpawningInEveryState) {
  ManualRuntime node;
  Log log;
  Event event("never");
  Event ready("ready");
  node.Spawn("waiting 1", HoldAndWait(&event, &log, "waiting 1"));
  node.Spawn("ready 2", HoldAndWait(&ready, &log, "ready 2"));
  node.Spawn("finished 3", HoldAndEnd(&log, "finished 3"));
  node.Spawn("waiting 4", HoldAndWait(&event, &log, "waiting 4"));
  node.Run();
  EXPECT_THAT(log, ElementsAre("~finished 3"));
  log.clear();
  // A task that never started has an argument only; the frame of `unstarted` goes without having run.
  node.Spawn("unstarted 5", HoldAndWait(&event, &log, "unstarted 5"));
  ready.Set();
  node.Die();
  EXPECT_THAT(log, ElementsAre("~waiting 4", "~ready 2", "~waiting 1"));
  EXPECT_EQ(node.tasks().size(), 0u);
  EXPECT_FALSE(node.scheduler().has_ready());
  event.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("~waiting 4", "~ready 2", "~waiting 1")) << "nothing runs on a dead node";
}

// A task that owns what an earlier one waits on: on death it goes first, and takes the objects with it.
Task<void> OwnEverything(Event** event, Semaphore** semaphore, BoundedQueue<std::string>** queue, TaskGroup** group,
                         Scheduler* scheduler, Event* stay) {
  Event own_event("owned event");
  Semaphore own_semaphore("owned semaphore", 0);
  BoundedQueue<std::string> own_queue("owned queue", 1);
  TaskGroup own_group(*scheduler, "owned group");
  *event = &own_event;
  *semaphore = &own_semaphore;
  *queue = &own_queue;
  *group = &own_group;
  absl::Status waited = co_await stay->Wait();
  co_await own_group.Stop();
}

Task<void> WaitOnSemaphore(Event* go, Semaphore** semaphore) {
  absl::Status started = co_await go->Wait();
  absl::Status acquired = co_await (*semaphore)->Acquire(1);
  ADD_FAILURE() << "went on: " << acquired;
}

Task<void> WaitToPop(Event* go, BoundedQueue<std::string>** queue) {
  absl::Status started = co_await go->Wait();
  absl::StatusOr<std::string> item = co_await (*queue)->Pop();
  ADD_FAILURE() << "went on: " << item.status();
}

Task<void> WaitOnEvent(Event* go, Event** event) {
  absl::Status started = co_await go->Wait();
  absl::Status waited = co_await (*event)->Wait();
  ADD_FAILURE() << "went on: " << waited;
}

Task<void> WaitToJoin(Event* go, TaskGroup** group) {
  absl::Status started = co_await go->Wait();
  co_await (*group)->Join();
  ADD_FAILURE() << "went on";
}

TEST(SchedulerTest, OnDeathWhatIsWaitedForMayGoBeforeThoseWhoWait) {
  ManualRuntime node;
  Event go("go");
  Event stay("stay");
  Event* event = nullptr;
  Semaphore* semaphore = nullptr;
  BoundedQueue<std::string>* queue = nullptr;
  TaskGroup* group = nullptr;
  node.Spawn("event", WaitOnEvent(&go, &event));
  node.Spawn("acquire", WaitOnSemaphore(&go, &semaphore));
  node.Spawn("acquire too", WaitOnSemaphore(&go, &semaphore));
  node.Spawn("pop", WaitToPop(&go, &queue));
  node.Spawn("join", WaitToJoin(&go, &group));
  node.Spawn("owner", OwnEverything(&event, &semaphore, &queue, &group, &node.scheduler(), &stay));
  node.Run();
  auto forever = [](Event* e) -> Task<void> { absl::Status waited = co_await e->Wait(); };
  group->Spawn("member", forever(&stay));
  go.Set();
  node.Run();
  EXPECT_EQ(node.scheduler().DescribeWaits().size(), 7u);
  node.Die();
}

// The same for pushers of a full queue, whose items the queue knows by address.
TEST(SchedulerTest, OnDeathAQueueMayGoBeforeThoseWhoPush) {
  ManualRuntime node;
  Event go("go");
  Event stay("stay");
  BoundedQueue<std::string>* queue = nullptr;
  auto push = [](Event* g, BoundedQueue<std::string>** q) -> Task<void> {
    absl::Status started = co_await g->Wait();
    while (true) {
      absl::Status pushed = co_await (*q)->Push(std::string(1000, 'x'));
      if (!pushed.ok()) co_return;
    }
  };
  auto own = [](BoundedQueue<std::string>** q, Event* s) -> Task<void> {
    BoundedQueue<std::string> owned("owned", 2);
    *q = &owned;
    absl::Status waited = co_await s->Wait();
  };
  node.Spawn("push", push(&go, &queue));
  node.Spawn("push too", push(&go, &queue));
  node.Spawn("own", own(&queue, &stay));
  node.Run();
  go.Set();
  node.Run();
  EXPECT_EQ(queue->size(), 2u);
  node.Die();
}

// A frame may own the very group that it was spawned in.
TEST(SchedulerTest, OnDeathATaskMayOwnItsOwnGroup) {
  ManualRuntime node;
  Event never("never");
  auto member = [](std::shared_ptr<TaskGroup>, Event* e) -> Task<void> { absl::Status waited = co_await e->Wait(); };
  {
    auto group = std::make_shared<TaskGroup>(node.scheduler(), "own");
    group->Spawn("member", member(group, &never));
  }
  node.Run();
  node.Die();
  EXPECT_THAT(node.scheduler().DescribeWaits(), IsEmpty());
}

TEST(SchedulerTest, StopsBeforeAGivenResumptionAndDiesThere) {
  // Five loops of three suspensions, stopped before each possible resumption in turn.
  auto loop = [](Event* tick, Log* log) -> Task<void> {
    Grave grave(log, "loop");
    for (int i = 0; i < 3; ++i) {
      int value = co_await Constant(i);
      log->push_back(std::to_string(value));
      tick->Pulse();
      tick->Set();
      absl::Status waited = co_await tick->Wait();
      if (!waited.ok()) co_return;
    }
  };
  Log whole;
  uint64_t resumptions = 0;
  {
    ManualRuntime node;
    Event tick("tick");
    node.Spawn("loop", loop(&tick, &whole));
    node.Run();
    resumptions = node.scheduler().resumptions();
  }
  EXPECT_THAT(whole, ElementsAre("0", "1", "2", "~loop"));
  ASSERT_GT(resumptions, 6u);
  for (uint64_t stop = 0; stop < resumptions; ++stop) {
    ManualRuntime node;
    Log log;
    Event tick("tick");
    node.Spawn("loop", loop(&tick, &log));
    node.scheduler().StopBefore(stop);
    node.Run();
    EXPECT_TRUE(node.scheduler().stopped());
    EXPECT_EQ(node.scheduler().resumptions(), stop);
    size_t before = log.size();
    node.Run();
    EXPECT_EQ(log.size(), before);
    node.Die();
    if (stop > 0) {
      EXPECT_EQ(log.back(), "~loop");
    }
  }
}

TEST(SchedulerDeathTest, AnExceptionThatLeavesATaskAborts) {
  EXPECT_DEATH(
      {
        ManualRuntime node;
        auto thrower = []() -> Task<void> {
          throw 1;
          co_return;
        };
        node.Spawn("thrower", thrower());
        node.Run();
      },
      "an exception left a task");
}

TEST(SchedulerDeathTest, ANodeCannotDestroyItselfFromInside) {
  EXPECT_DEATH(
      {
        ManualRuntime node;
        auto suicide = [](ManualRuntime* n) -> Task<void> {
          n->Die();
          co_return;
        };
        node.Spawn("suicide", suicide(&node));
        node.Run();
      },
      "from inside one of its coroutines");
}

}  // namespace
}  // namespace pravega::runtime
