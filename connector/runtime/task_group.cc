#include "connector/runtime/task_group.h"

#include <utility>

#include "connector/core/check.h"

namespace pravega::runtime {

TaskGroup::TaskGroup(Scheduler& scheduler, std::string name)
    : scheduler_(scheduler), name_(std::move(name)), empty_(name_ + " to end") {
  empty_.Set();
}

TaskGroup::~TaskGroup() {
  if (running_ == 0) return;
  CHECK_MSG(scheduler_.dead(), name_ + ": a task group must be joined before it is destroyed");
  for (Root* root = scheduler_.first_; root != nullptr; root = root->next_) {
    if (root->group_ == this) root->group_ = nullptr;
  }
}

void TaskGroup::Spawn(std::string name, Task<void> task) {
  CHECK_MSG(!scheduler_.dead(), name_ + ": spawning on a dead node");
  Root* root = new Root(&scheduler_, this, name_ + "/" + std::move(name));
  Task<void>::Handle handle = task.Release();
  PromiseBase& promise = handle.promise();
  promise.root = root;
  promise.scope = root->scope();
  if (cancelled_) root->scope()->Cancel();
  ++running_;
  empty_.Reset();
  scheduler_.Start(root, handle);
}

void TaskGroup::Cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  for (Root* root = scheduler_.first_; root != nullptr; root = root->next_) {
    if (root->group_ == this) root->scope()->Cancel();
  }
}

Task<void> TaskGroup::Join() {
  while (running_ > 0) {
    absl::Status waited = co_await empty_.Wait();
    if (!waited.ok()) {
      Cancel();
      absl::Status joined = co_await empty_.WaitUncancellable();
      CHECK(joined.ok());
    }
  }
}

Task<void> TaskGroup::Stop() {
  Cancel();
  co_await Join();
}

void TaskGroup::Abandon(std::unique_ptr<TaskGroup> group) {
  if (group == nullptr || group->running_ == 0 || group->scheduler_.dead()) return;
  group->Cancel();
  group->abandoned_ = true;
  // Ended() takes it back.
  (void)group.release();
}

void TaskGroup::Ended() {
  CHECK(running_ > 0);
  if (--running_ > 0) return;
  if (abandoned_) {
    delete this;
  } else if (!scheduler_.dead()) {
    empty_.Set();
  }
}

}  // namespace pravega::runtime
