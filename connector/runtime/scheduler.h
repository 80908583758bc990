// Scheduler: runs the coroutines of one node, one at a time, and can cancel, freeze or destroy them.
//
// A *root* is a spawned task together with the chain of tasks that it awaits; exactly one frame of the chain, its leaf,
// is suspended on a Waiter or running. Awaiting a task does not nest on the machine stack: each suspension names the
// handle to resume next and returns to the pump loop here. (Symmetric transfer would save the hop, but overflows the
// stack at -O0 and under asan when many awaits complete at once.)
//
// Thread-compatible: everything of one Scheduler happens on one thread.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_SCHEDULER_H_
#define PRAVEGA_CONNECTOR_RUNTIME_SCHEDULER_H_

#include <coroutine>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace pravega::runtime {

class Root;
class Scheduler;
class TaskGroup;
class Waiter;

// A region of a root that can be cancelled on its own. Scopes of one root nest; cancelling one cancels the innermost
// await, whichever scope inside it that await belongs to, because a root has only one.
class CancelScope {
 public:
  // Opens a scope inside `parent` (null for the root's own).
  CancelScope(Root* root, CancelScope* parent) : root_(root), parent_(parent) {}
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

  // The await in progress, and every later one in this scope, returns Cancelled.
  void Cancel();
  // Whether this scope or one around it was cancelled.
  bool cancelled() const;
  // Whether this very scope was cancelled.
  bool cancelled_itself() const { return cancelled_; }
  Root* root() const { return root_; }

 private:
  Root* root_;
  CancelScope* parent_;
  bool cancelled_ = false;
};

// What every task's promise has.
struct PromiseBase {
  std::coroutine_handle<> continuation;  // the awaiting task; none for a root
  Root* root = nullptr;
  CancelScope* scope = nullptr;
};

// What a suspended leaf waits for. Lives in the awaiting frame; its destructor withdraws it from wherever it is queued.
class Waiter {
 public:
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // For the wait graph.
  std::string_view label() const { return label_; }

 protected:
  // `label` must outlive the wait: a literal or a name owned by what is waited for.
  explicit Waiter(std::string_view label) : label_(label) {}
  // Virtual for the compiler's sake alone: a waiter lives in a frame and is never deleted through its base.
  virtual ~Waiter() = default;

  // Derived destructors call this first.
  void DetachIfWaiting() {
    if (waiting_) StopWaiting();
  }

  // True if the scope of `promise` is cancelled; then the await must not suspend and returns Cancelled.
  bool RefusedByCancellation(PromiseBase& promise);
  // Parks the coroutine; the caller has queued itself where Wake() will come from.
  void Suspend(std::coroutine_handle<> handle, PromiseBase& promise);
  // Ends the wait with `status`. Runs later, in the order of waking. No effect unless waiting.
  void Wake(absl::Status status = absl::OkStatus());

  bool waiting() const { return waiting_; }
  bool node_is_dead() const;
  // For joins, which must outlast their own cancellation.
  void set_uncancellable() { cancellable_ = false; }
  absl::Status& status() { return status_; }

  // Leaves the queue entered before Suspend.
  virtual void Detach() = 0;

 private:
  friend class CancelScope;
  friend class Root;
  friend class Scheduler;
  void StopWaiting();

  std::string_view label_;
  Root* root_ = nullptr;
  std::coroutine_handle<> handle_;
  absl::Status status_;
  bool waiting_ = false;
  bool cancellable_ = true;
};

// A spawned task.
class Root {
 public:
  Root(Scheduler* scheduler, TaskGroup* group, std::string name)
      : scheduler_(scheduler), group_(group), name_(std::move(name)), scope_(this, nullptr) {}
  Scheduler* scheduler() const { return scheduler_; }
  CancelScope* scope() { return &scope_; }
  const std::string& name() const { return name_; }
  const Waiter* waiter() const { return waiter_; }

 private:
  friend class CancelScope;
  friend class Scheduler;
  friend class TaskGroup;
  friend class Waiter;

  Scheduler* scheduler_;
  TaskGroup* group_;  // null once the group is gone
  std::string name_;
  CancelScope scope_;
  std::coroutine_handle<> frame_;
  Waiter* waiter_ = nullptr;
  Root* previous_ = nullptr;  // spawned before this one
  Root* next_ = nullptr;
  bool finished_ = false;
};

class Scheduler {
 public:
  Scheduler() = default;
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Runs what is ready, in order, until nothing is. Must not be called from inside a coroutine.
  void Drain();
  bool has_ready() const { return !ready_.empty(); }

  // Destroys every frame in reverse order of spawning. The node must be marked dead first; afterwards nothing runs here
  // any more. Must not be called from inside one of this node's coroutines.
  void DestroyAll();
  bool dead() const { return dead_; }

  // Drain returns for good before resumption number `resumption` (from 0): the node may then be crashed exactly there,
  // which enumerates every dynamic suspension.
  void StopBefore(uint64_t resumption) { stop_before_ = resumption; }
  bool stopped() const { return resumptions_ == stop_before_; }
  uint64_t resumptions() const { return resumptions_; }

  // One line for each root: its name and what it waits for.
  std::vector<std::string> DescribeWaits() const;

  // For tasks and waiters only.
  void ResumeNext(std::coroutine_handle<> handle) { next_ = handle; }
  void MakeReady(std::coroutine_handle<> handle) { ready_.push_back(handle); }
  void RootFinished(Root* root) { finished_ = root; }

 private:
  friend class TaskGroup;
  void Start(Root* root, std::coroutine_handle<> frame);
  void Unlink(Root* root);
  void Reap();

  std::deque<std::coroutine_handle<>> ready_;
  std::coroutine_handle<> next_;
  Root* finished_ = nullptr;  // ended during the present resumption
  Root* first_ = nullptr;
  Root* last_ = nullptr;
  bool draining_ = false;
  bool dead_ = false;
  uint64_t resumptions_ = 0;
  uint64_t stop_before_ = std::numeric_limits<uint64_t>::max();
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_SCHEDULER_H_
