// Event, Semaphore and BoundedQueue: how tasks of one node wait for each other.
//
// All are FIFO, labelled (the wait graph of a stuck run prints the labels), and belong to one node: thread-compatible.
// Every wait returns Cancelled when its scope is cancelled, and then has no effect on the object. An object may be
// destroyed only when nobody waits on it, or together with its waiters when their node dies.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_SYNC_H_
#define PRAVEGA_CONNECTOR_RUNTIME_SYNC_H_

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/runtime/scheduler.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

// Waiters in order of arrival.
class WaitQueue {
 public:
  explicit WaitQueue(std::string label) : label_(std::move(label)) {}
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  class Awaiter : public Waiter {
   public:
    Awaiter(WaitQueue* queue, bool ready, bool cancellable) : Waiter(queue->label_), queue_(queue), ready_(ready) {
      if (!cancellable) set_uncancellable();
    }
    ~Awaiter() override { DetachIfWaiting(); }
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      if (RefusedByCancellation(handle.promise()) || ready_) return false;
      queue_->Push(this);
      Suspend(handle, handle.promise());
      return true;
    }
    absl::Status await_resume() { return std::move(status()); }

   private:
    friend class WaitQueue;
    void Detach() override { queue_->Remove(this); }
    WaitQueue* queue_;
    bool ready_;
    Awaiter* previous_ = nullptr;
    Awaiter* next_ = nullptr;
  };

  // Waits unless `ready`; a cancelled scope is refused either way.
  [[nodiscard]] Awaiter Wait(bool ready = false) { return Awaiter(this, ready, true); }
  // For joins alone: outlasts the cancellation of its own scope, so whatever it waits for must be sure to come.
  [[nodiscard]] Awaiter WaitUncancellable(bool ready) { return Awaiter(this, ready, false); }
  // Wakes the longest waiting, if any; returns whether there was one.
  bool WakeOne();
  void WakeAll();
  bool empty() const { return first_ == nullptr; }
  const std::string& label() const { return label_; }

 private:
  void Push(Awaiter* awaiter);
  void Remove(Awaiter* awaiter);

  std::string label_;
  Awaiter* first_ = nullptr;
  Awaiter* last_ = nullptr;
};

// A flag that tasks wait for. Set() wakes all who wait; it stays set until Reset().
class Event {
 public:
  explicit Event(std::string label) : waiters_(std::move(label)) {}
  void Set() {
    set_ = true;
    waiters_.WakeAll();
  }
  void Reset() { set_ = false; }
  bool is_set() const { return set_; }
  // co_await event.Wait() -> absl::Status.
  [[nodiscard]] WaitQueue::Awaiter Wait() { return waiters_.Wait(set_); }
  [[nodiscard]] WaitQueue::Awaiter WaitUncancellable() { return waiters_.WaitUncancellable(set_); }
  // Wakes those who wait now without setting the flag: "something changed, look again".
  void Pulse() { waiters_.WakeAll(); }

 private:
  WaitQueue waiters_;
  bool set_ = false;
};

// Counts units. Acquire takes them in order of arrival: a large request is not overtaken by small ones.
class Semaphore {
 public:
  Semaphore(std::string label, size_t available) : waiters_(std::move(label)), available_(available) {}
  Task<absl::Status> Acquire(size_t units);
  void Release(size_t units);
  size_t available() const { return available_; }

 private:
  void Grant();
  struct Request {
    size_t units;
    bool granted = false;
  };
  WaitQueue waiters_;
  std::deque<Request*> requests_;
  size_t available_;
};

// A queue of at most `capacity` items. After Close(), Push fails with FailedPrecondition and Pop drains what is left,
// then fails with OutOfRange.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(std::string label, size_t capacity)
      : pushers_(label + " (full)"), poppers_(label + " (empty)"), capacity_(capacity) {
    CHECK(capacity > 0);
  }

  Task<absl::Status> Push(T item) {
    while (items_.size() >= capacity_ && !closed_) {
      absl::Status waited = co_await pushers_.Wait();
      if (!waited.ok()) co_return waited;
    }
    if (closed_) co_return absl::FailedPreconditionError(pushers_.label() + ": the queue is closed");
    items_.push_back(std::move(item));
    poppers_.WakeOne();
    co_return absl::OkStatus();
  }
  // False if it is full or closed.
  bool TryPush(T item) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    poppers_.WakeOne();
    return true;
  }
  Task<absl::StatusOr<T>> Pop() {
    while (items_.empty()) {
      if (closed_) co_return absl::OutOfRangeError(poppers_.label() + ": the queue is closed");
      absl::Status waited = co_await poppers_.Wait();
      if (!waited.ok()) co_return waited;
    }
    T item = std::move(items_.front());
    items_.pop_front();
    pushers_.WakeOne();
    // A woken popper may find nothing left if another one came first; whoever leaves items behind wakes the next.
    if (!items_.empty()) poppers_.WakeOne();
    co_return std::move(item);
  }
  void Close() {
    closed_ = true;
    pushers_.WakeAll();
    poppers_.WakeAll();
  }
  size_t size() const { return items_.size(); }
  bool closed() const { return closed_; }

 private:
  WaitQueue pushers_;
  WaitQueue poppers_;
  std::deque<T> items_;
  size_t capacity_;
  bool closed_ = false;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_SYNC_H_
