// Sleeping and deadlines.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_SLEEP_H_
#define PRAVEGA_CONNECTOR_RUNTIME_SLEEP_H_

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/scheduler.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

class SleepAwaiter : public Waiter, private Timer {
 public:
  SleepAwaiter(Runtime& runtime, Instant when, std::string_view label)
      : Waiter(label), Timer(label), runtime_(runtime), when_(when) {}
  ~SleepAwaiter() override { DetachIfWaiting(); }
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (RefusedByCancellation(handle.promise())) return false;
    // A sleep without end needs no timer, and a world whose clock jumps must not jump there.
    if (!when_.infinite()) runtime_.Arm(this, when_);
    Suspend(handle, handle.promise());
    return true;
  }
  absl::Status await_resume() { return std::move(status()); }

 private:
  void Fire() override { Wake(); }
  void Detach() override {
    if (armed != nullptr) runtime_.Disarm(this);
  }
  Runtime& runtime_;
  Instant when_;
};

// co_await SleepUntil(...) -> OK at `when` or soon after, or Cancelled. `label` outlives the sleep.
[[nodiscard]] inline SleepAwaiter SleepUntil(Runtime& runtime, Instant when, std::string_view label) {
  return SleepAwaiter(runtime, when, label);
}
[[nodiscard]] inline SleepAwaiter SleepFor(Runtime& runtime, Duration duration, std::string_view label) {
  return SleepAwaiter(runtime, runtime.Now() + duration, label);
}

namespace internal {

class DeadlineTimer : public Timer {
 public:
  DeadlineTimer(Runtime& runtime, CancelScope& scope, Instant when)
      : Timer("deadline"), runtime_(runtime), scope_(scope) {
    if (!when.infinite()) runtime_.Arm(this, when);
  }
  ~DeadlineTimer() override {
    if (armed != nullptr) runtime_.Disarm(this);
  }
  void Fire() override { scope_.Cancel(); }

 private:
  Runtime& runtime_;
  CancelScope& scope_;
};

// Awaits a task inside a scope of its own.
template <typename T>
class ScopedAwaiter {
 public:
  ScopedAwaiter(Task<T> task, Runtime& runtime, Instant when)
      : task_(std::move(task)), runtime_(runtime), when_(when) {}
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> parent) {
    PromiseBase& outer = parent.promise();
    scope_.emplace(outer.root, outer.scope);
    timer_.emplace(runtime_, *scope_, when_);
    task_.StartIn(parent, outer.root, &*scope_);
  }
  T await_resume() {
    timer_.reset();
    T result = task_.await_resume();
    if (scope_->cancelled_itself() && IsCancelled(result)) return T(absl::DeadlineExceededError("deadline exceeded"));
    return result;
  }

 private:
  static bool IsCancelled(const absl::Status& status) { return absl::IsCancelled(status); }
  template <typename V>
  static bool IsCancelled(const absl::StatusOr<V>& result) {
    return absl::IsCancelled(result.status());
  }

  // The timer goes first and the task last: what the task's frame destroys may still look at its scope.
  std::optional<CancelScope> scope_;
  Task<T> task_;
  Runtime& runtime_;
  Instant when_;
  std::optional<DeadlineTimer> timer_;
};

}  // namespace internal

// Runs `task` (of Status or StatusOr) until `when`: then it is cancelled, awaited to its end, and DeadlineExceeded is
// returned in place of its Cancelled. What it returns otherwise is passed on, also if it ended late.
template <typename T>
Task<T> WithDeadline(Runtime& runtime, Task<T> task, Instant when) {
  internal::ScopedAwaiter<T> awaiter(std::move(task), runtime, when);
  T result = co_await awaiter;
  co_return std::move(result);
}

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_SLEEP_H_
