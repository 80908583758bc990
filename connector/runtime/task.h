// Task<T>: a lazy coroutine that yields one T to the task that awaits it.
//
// Ownership: move-only; owns its frame, and destroying it destroys the frame and all that the frame owns. It starts
// when it is awaited, or when a TaskGroup spawns it; a Task that is never awaited does nothing. Await it once, as an
// rvalue: `T value = co_await Foo();`. Always await into a named variable, never inside a conditional expression, a
// braced initialiser or an argument list: g++ 12 miscompiles some of those. Nor may an aggregate in braces be among the
// arguments of what is awaited, `co_await Connect(Endpoint{host, port})`: g++ 12 copies its bytes, and a short string
// then points into the dead original. Give it a name first. An exception that leaves a task aborts the program.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_TASK_H_
#define PRAVEGA_CONNECTOR_RUNTIME_TASK_H_

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/scheduler.h"

namespace pravega::runtime {

template <typename T>
class Task;

namespace internal {

struct FinalAwaiter {
  bool await_ready() noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    PromiseBase& promise = handle.promise();
    if (promise.continuation) {
      promise.root->scheduler()->ResumeNext(promise.continuation);
    } else {
      promise.root->scheduler()->RootFinished(promise.root);
    }
  }
  void await_resume() noexcept {}
};

struct TaskPromiseBase : PromiseBase {
  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() { CHECK_MSG(false, "an exception left a task"); }
};

template <typename T>
struct TaskPromise : TaskPromiseBase {
  Task<T> get_return_object();
  template <typename U>
    requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
  std::optional<T> result;
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() {}
};

}  // namespace internal

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // Awaiting starts the task inside the awaiting task's root and cancel scope.
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> parent) {
    PromiseBase& outer = parent.promise();
    StartIn(parent, outer.root, outer.scope);
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) {
      return *std::move(handle_.promise().result);
    }
  }

  // For deadlines and groups: runs inside `scope`, then resumes `continuation`.
  void StartIn(std::coroutine_handle<> continuation, Root* root, CancelScope* scope) {
    PromiseBase& inner = handle_.promise();
    inner.continuation = continuation;
    inner.root = root;
    inner.scope = scope;
    root->scheduler()->ResumeNext(handle_);
  }
  Handle Release() { return std::exchange(handle_, nullptr); }

 private:
  Handle handle_;
};

namespace internal {
template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace internal

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_TASK_H_
