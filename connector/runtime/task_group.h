// TaskGroup: tasks that run beside their owner and are joined by it.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_TASK_GROUP_H_
#define PRAVEGA_CONNECTOR_RUNTIME_TASK_GROUP_H_

#include <cstddef>
#include <memory>
#include <string>

#include "connector/runtime/scheduler.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

// Owner of spawned tasks: every group is joined before it is destroyed, unless its node died. Thread-compatible.
class TaskGroup {
 public:
  TaskGroup(Scheduler& scheduler, std::string name);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` soon, not inside this call. Spawning into a cancelled group runs the task with every await cancelled.
  void Spawn(std::string name, Task<void> task);
  // Cancels every task of the group, also those spawned later.
  void Cancel();
  // Returns when no task is left. If the caller is cancelled meanwhile, the group is cancelled and still joined.
  Task<void> Join();
  // Cancel and Join.
  Task<void> Stop();
  // For owners that cannot wait (destructors of objects whose interface has no closing coroutine): cancels `group`,
  // which is deleted when its last task has ended. Whatever the tasks use must therefore be shared with them. On a dead
  // node it just deletes the group.
  static void Abandon(std::unique_ptr<TaskGroup> group);

  size_t size() const { return running_; }
  bool cancelled() const { return cancelled_; }

 private:
  friend class Scheduler;
  // A task has ended; may delete this group.
  void Ended();

  Scheduler& scheduler_;
  std::string name_;
  Event empty_;
  size_t running_ = 0;
  bool cancelled_ = false;
  bool abandoned_ = false;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_TASK_GROUP_H_
