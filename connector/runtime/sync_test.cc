// Events, semaphores and queues: order, cancellation that leaves no trace, handing over.
#include "connector/runtime/sync.h"

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
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Log = std::vector<std::string>;

std::string Text(const absl::Status& status) {
  return status.ok() ? "ok" : std::string(ToStd(absl::StatusCodeToString(status.code())));
}

// A task in a group of its own, so that it can be cancelled alone.
class Alone {
 public:
  Alone(ManualRuntime& node, std::string name, Task<void> task) : group_(node.scheduler(), name) {
    group_.Spawn(name, std::move(task));
    node.Run();
  }
  void Cancel() { group_.Cancel(); }
  bool done() const { return group_.size() == 0; }

 private:
  TaskGroup group_;
};

Task<void> Wait(Event* event, Log* log, std::string name) {
  absl::Status waited = co_await event->Wait();
  log->push_back(StrCat(name, " ", Text(waited)));
}

TEST(EventTest, StaysSetUntilReset) {
  ManualRuntime node;
  Log log;
  Event event("event");
  event.Set();
  node.Spawn("a", Wait(&event, &log, "a"));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok"));
  event.Reset();
  node.Spawn("b", Wait(&event, &log, "b"));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok"));
  event.Pulse();
  EXPECT_FALSE(event.is_set());
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok", "b ok"));
}

TEST(EventTest, WhoWasWokenIsNotHeldBackByAResetBeforeItRuns) {
  ManualRuntime node;
  Log log;
  Event event("event");
  node.Spawn("a", Wait(&event, &log, "a"));
  node.Run();
  event.Set();
  event.Reset();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok"));
}

TEST(EventTest, CancelledWaitsLeaveTheQueue) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Alone a(node, "a", Wait(&event, &log, "a"));
  Alone b(node, "b", Wait(&event, &log, "b"));
  Alone c(node, "c", Wait(&event, &log, "c"));
  b.Cancel();
  a.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("b CANCELLED", "a CANCELLED"));
  event.Set();
  node.Run();
  EXPECT_THAT(log, ElementsAre("b CANCELLED", "a CANCELLED", "c ok"));
}

TEST(EventTest, ACancelledScopeIsRefusedEvenIfTheEventIsSet) {
  ManualRuntime node;
  Log log;
  Event event("event");
  event.Set();
  TaskGroup group(node.scheduler(), "cancelled");
  group.Cancel();
  group.Spawn("a", Wait(&event, &log, "a"));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a CANCELLED"));
}

TEST(EventTest, WakingBeatsCancellingThatComesAfterIt) {
  ManualRuntime node;
  Log log;
  Event event("event");
  Alone a(node, "a", Wait(&event, &log, "a"));
  event.Set();
  a.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok"));
}

TEST(WaitQueueDeathTest, DestroyingWhatSomebodyWaitsForAborts) {
  EXPECT_DEATH(
      {
        ManualRuntime node;
        Log log;
        auto event = std::make_unique<Event>("event");
        node.Spawn("a", Wait(event.get(), &log, "a"));
        node.Run();
        event.reset();
      },
      "event: destroyed while somebody waits for it");
}

Task<void> Acquire(Semaphore* semaphore, size_t units, Log* log, std::string name) {
  absl::Status acquired = co_await semaphore->Acquire(units);
  log->push_back(StrCat(name, " ", Text(acquired)));
}

TEST(SemaphoreTest, GrantsInOrderOfArrivalALargeRequestIsNotOvertaken) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 2);
  Alone large(node, "large", Acquire(&semaphore, 5, &log, "large"));
  Alone small(node, "small", Acquire(&semaphore, 1, &log, "small"));
  Alone small_too(node, "small too", Acquire(&semaphore, 1, &log, "small too"));
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(semaphore.available(), 2u);
  semaphore.Release(2);
  node.Run();
  EXPECT_THAT(log, IsEmpty());
  semaphore.Release(2);
  node.Run();
  EXPECT_THAT(log, ElementsAre("large ok", "small ok"));
  EXPECT_EQ(semaphore.available(), 0u);
  semaphore.Release(7);
  node.Run();
  EXPECT_THAT(log, ElementsAre("large ok", "small ok", "small too ok"));
  EXPECT_EQ(semaphore.available(), 6u);
}

TEST(SemaphoreTest, CancellingTheFirstLetsThoseBehindGoOn) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 2);
  Alone large(node, "large", Acquire(&semaphore, 5, &log, "large"));
  Alone small(node, "small", Acquire(&semaphore, 1, &log, "small"));
  Alone small_too(node, "small too", Acquire(&semaphore, 1, &log, "small too"));
  large.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("large CANCELLED", "small ok", "small too ok"));
  EXPECT_EQ(semaphore.available(), 0u);
}

TEST(SemaphoreTest, CancellingOneInTheMiddleChangesNothingForTheOthers) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 0);
  Alone a(node, "a", Acquire(&semaphore, 1, &log, "a"));
  Alone b(node, "b", Acquire(&semaphore, 1, &log, "b"));
  Alone c(node, "c", Acquire(&semaphore, 1, &log, "c"));
  b.Cancel();
  semaphore.Release(2);
  node.Run();
  EXPECT_THAT(log, ElementsAre("b CANCELLED", "a ok", "c ok"));
  EXPECT_EQ(semaphore.available(), 0u);
}

TEST(SemaphoreTest, UnitsGoToThoseWhoWaitNotToThoseWhoComeLater) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 0);
  Alone a(node, "a", Acquire(&semaphore, 1, &log, "a"));
  // The newcomer is ready to run before `a` is woken.
  node.Spawn("newcomer", Acquire(&semaphore, 1, &log, "newcomer"));
  semaphore.Release(1);
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok"));
  semaphore.Release(1);
  node.Run();
  EXPECT_THAT(log, ElementsAre("a ok", "newcomer ok"));
}

TEST(SemaphoreTest, UnitsThatWereGrantedAreNotLostByCancellingBeforeTheTaskRuns) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 0);
  Alone a(node, "a", Acquire(&semaphore, 1, &log, "a"));
  semaphore.Release(1);
  a.Cancel();
  node.Run();
  // It was told that it has them, so it can give them back.
  EXPECT_THAT(log, ElementsAre("a ok"));
  EXPECT_EQ(semaphore.available(), 0u);
}

TEST(SemaphoreTest, CancelledAndThenReleasedGivesTheUnitsToTheNext) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 0);
  Alone a(node, "a", Acquire(&semaphore, 1, &log, "a"));
  Alone b(node, "b", Acquire(&semaphore, 1, &log, "b"));
  a.Cancel();
  semaphore.Release(1);
  node.Run();
  EXPECT_THAT(log, ElementsAre("a CANCELLED", "b ok"));
  EXPECT_EQ(semaphore.available(), 0u);
}

TEST(SemaphoreTest, ACancelledScopeGetsNothingEvenIfUnitsAreFree) {
  ManualRuntime node;
  Log log;
  Semaphore semaphore("units", 3);
  TaskGroup group(node.scheduler(), "cancelled");
  group.Cancel();
  group.Spawn("a", Acquire(&semaphore, 1, &log, "a"));
  node.Run();
  EXPECT_THAT(log, ElementsAre("a CANCELLED"));
  EXPECT_EQ(semaphore.available(), 3u);
}

using Queue = BoundedQueue<std::unique_ptr<std::string>>;

Task<void> Push(Queue* queue, std::string item, Log* log) {
  std::string name = "push " + item;
  absl::Status pushed = co_await queue->Push(std::make_unique<std::string>(item));
  log->push_back(StrCat(name, " ", Text(pushed)));
}

Task<void> Pop(Queue* queue, Log* log, std::string name) {
  absl::StatusOr<std::unique_ptr<std::string>> item = co_await queue->Pop();
  log->push_back(StrCat(name, " ", item.ok() ? **item : Text(item.status())));
}

TEST(BoundedQueueTest, ItemsGoInOrderToPoppersInOrder) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 2);
  Alone p(node, "p", Pop(&queue, &log, "p"));
  Alone q(node, "q", Pop(&queue, &log, "q"));
  Alone r(node, "r", Pop(&queue, &log, "r"));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("1")));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("2")));
  EXPECT_EQ(queue.size(), 0u) << "handed over";
  node.Run();
  EXPECT_THAT(log, ElementsAre("p 1", "q 2"));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("3")));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("4")));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("5")));
  EXPECT_FALSE(queue.TryPush(std::make_unique<std::string>("6")));
  node.Run();
  EXPECT_THAT(log, ElementsAre("p 1", "q 2", "r 3"));
  EXPECT_EQ(queue.size(), 2u);
}

TEST(BoundedQueueTest, PushersWaitForRoomInOrder) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 1);
  Alone a(node, "a", Push(&queue, "a", &log));
  Alone b(node, "b", Push(&queue, "b", &log));
  Alone c(node, "c", Push(&queue, "c", &log));
  EXPECT_THAT(log, ElementsAre("push a ok"));
  // A newcomer that runs between the pop and the woken pusher does not come first.
  Alone p(node, "p", Pop(&queue, &log, "p"));
  Alone d(node, "d", Push(&queue, "d", &log));
  EXPECT_FALSE(queue.TryPush(std::make_unique<std::string>("e")));
  EXPECT_THAT(log, ElementsAre("push a ok", "p a", "push b ok"));
  log.clear();
  for (const char* name : {"q", "r", "s"}) Alone(node, name, Pop(&queue, &log, name));
  EXPECT_THAT(log, ElementsAre("q b", "push c ok", "r c", "push d ok", "s d"));
  EXPECT_EQ(queue.size(), 0u);
}

TEST(BoundedQueueTest, APopperThatComesLaterDoesNotTakeWhatWasHandedOver) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 4);
  Alone p(node, "p", Pop(&queue, &log, "p"));
  node.Spawn("later", Pop(&queue, &log, "later"));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("1")));
  node.Run();
  EXPECT_THAT(log, ElementsAre("p 1"));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("2")));
  node.Run();
  EXPECT_THAT(log, ElementsAre("p 1", "later 2"));
}

TEST(BoundedQueueTest, CancelledPoppersTakeNothingAndCancelledPushersLeaveNothing) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 1);
  Alone p(node, "p", Pop(&queue, &log, "p"));
  Alone q(node, "q", Pop(&queue, &log, "q"));
  p.Cancel();
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("1")));
  node.Run();
  EXPECT_THAT(log, ElementsAre("p CANCELLED", "q 1"));
  log.clear();
  Alone a(node, "a", Push(&queue, "a", &log));
  Alone b(node, "b", Push(&queue, "b", &log));
  Alone c(node, "c", Push(&queue, "c", &log));
  b.Cancel();
  node.Run();
  for (const char* name : {"r", "s"}) Alone(node, name, Pop(&queue, &log, name));
  EXPECT_THAT(log, ElementsAre("push a ok", "push b CANCELLED", "r a", "push c ok", "s c"));
}

TEST(BoundedQueueTest, AnItemThatWasHandedOverIsNotLostByCancelling) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 1);
  Alone p(node, "p", Pop(&queue, &log, "p"));
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("1")));
  p.Cancel();
  node.Run();
  EXPECT_THAT(log, ElementsAre("p 1"));
}

TEST(BoundedQueueTest, ACancelledScopeNeitherPushesNorPops) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 2);
  EXPECT_TRUE(queue.TryPush(std::make_unique<std::string>("1")));
  TaskGroup group(node.scheduler(), "cancelled");
  group.Cancel();
  group.Spawn("pop", Pop(&queue, &log, "p"));
  group.Spawn("push", Push(&queue, "2", &log));
  node.Run();
  EXPECT_THAT(log, ElementsAre("p CANCELLED", "push 2 CANCELLED"));
  EXPECT_EQ(queue.size(), 1u);
}

TEST(BoundedQueueTest, CloseDrainsWhatIsInAndRefusesTheRest) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 1);
  Alone a(node, "a", Push(&queue, "a", &log));
  Alone b(node, "b", Push(&queue, "b", &log));
  queue.Close();
  queue.Close();
  node.Run();
  Alone c(node, "c", Push(&queue, "c", &log));
  EXPECT_FALSE(queue.TryPush(std::make_unique<std::string>("d")));
  EXPECT_THAT(log, ElementsAre("push a ok", "push b FAILED_PRECONDITION", "push c FAILED_PRECONDITION"));
  log.clear();
  for (const char* name : {"p", "q"}) Alone(node, name, Pop(&queue, &log, name));
  EXPECT_THAT(log, ElementsAre("p a", "q OUT_OF_RANGE"));
}

TEST(BoundedQueueTest, CloseWakesEveryPopper) {
  ManualRuntime node;
  Log log;
  Queue queue("queue", 1);
  Alone p(node, "p", Pop(&queue, &log, "p"));
  Alone q(node, "q", Pop(&queue, &log, "q"));
  queue.Close();
  node.Run();
  EXPECT_THAT(log, ElementsAre("p OUT_OF_RANGE", "q OUT_OF_RANGE"));
}

// Producers and consumers with random cancellations: every item that was pushed is popped once, in order of each
// producer.
TEST(BoundedQueueTest, NothingIsLostOrDoubledUnderCancellation) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    ManualRuntime node;
    uint64_t state = seed;
    auto draw = [&state](uint64_t n) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return (state >> 33) % n;
    };
    BoundedQueue<int> queue("queue", 1 + draw(3));
    std::vector<int> pushed;
    std::vector<int> popped;
    auto push = [](BoundedQueue<int>* q, int item, std::vector<int>* out) -> Task<void> {
      absl::Status status = co_await q->Push(item);
      if (status.ok()) out->push_back(item);
    };
    auto pop = [](BoundedQueue<int>* q, std::vector<int>* out) -> Task<void> {
      absl::StatusOr<int> item = co_await q->Pop();
      if (item.ok()) out->push_back(*item);
    };
    std::vector<std::unique_ptr<TaskGroup>> groups;
    for (int step = 0; step < 100; ++step) {
      uint64_t what = draw(8);
      if (what < 3) {
        groups.push_back(std::make_unique<TaskGroup>(node.scheduler(), "push"));
        groups.back()->Spawn("push", push(&queue, step, &pushed));
      } else if (what < 6) {
        groups.push_back(std::make_unique<TaskGroup>(node.scheduler(), "pop"));
        groups.back()->Spawn("pop", pop(&queue, &popped));
      } else if (what == 6 && !groups.empty()) {
        groups[draw(groups.size())]->Cancel();
      } else {
        node.Run();
      }
    }
    node.Run();
    while (queue.size() > 0) {
      node.Spawn("drain", pop(&queue, &popped));
      node.Run();
    }
    std::sort(pushed.begin(), pushed.end());
    std::vector<int> sorted = popped;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, pushed) << "seed " << seed;
    for (auto& group : groups) group->Cancel();
    node.Run();
    for (auto& group : groups) EXPECT_EQ(group->size(), 0u);
  }
}

}  // namespace
}  // namespace pravega::runtime
