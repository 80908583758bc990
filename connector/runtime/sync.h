// Event, Semaphore and BoundedQueue: how tasks of one node wait for each other.
//
// All are FIFO, labelled (the wait graph of a stuck run prints the labels), and belong to one node: thread-compatible.
// Every wait returns Cancelled when its scope is cancelled, and then has no effect on the object. An object may be
// destroyed only when nobody waits on it, or together with its waiters when their node dies.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_SYNC_H_
#define PRAVEGA_CONNECTOR_RUNTIME_SYNC_H_

#include <cstddef>
#include <deque>
#include <optional>
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
    Awaiter(WaitQueue* queue, bool ready, bool cancellable, void* deal)
        : Waiter(queue->label_), queue_(queue), ready_(ready), deal_(deal) {
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
    void* deal_;
    Awaiter* previous_ = nullptr;
    Awaiter* next_ = nullptr;
  };

  // Waits unless `ready`; a cancelled scope is refused either way.
  // `deal` is whatever the waker must see of the waiter (what it asks for or offers); it outlives the wait.
  [[nodiscard]] Awaiter Wait(bool ready = false, void* deal = nullptr) { return Awaiter(this, ready, true, deal); }
  // For joins alone: outlasts the cancellation of its own scope, so whatever it waits for must be sure to come.
  [[nodiscard]] Awaiter WaitUncancellable(bool ready) { return Awaiter(this, ready, false, nullptr); }
  // Wakes the longest waiting, if any, with `status`; returns whether there was one. From then on cancelling it has no
  // effect on this wait: what the waker gave it is not lost.
  bool WakeOne(const absl::Status& status = absl::OkStatus());
  void WakeAll(const absl::Status& status = absl::OkStatus());
  bool empty() const { return first_ == nullptr; }
  // The deal of the longest waiting. There is one.
  void* first_deal() const { return first_->deal_; }
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

// Counts units. Acquire takes them in order of arrival: a large request is not overtaken by small ones. Release passes
// units to those who wait before anybody else can take them.
class Semaphore {
 public:
  Semaphore(std::string label, size_t available) : waiters_(std::move(label)), available_(available) {}
  // OK: the caller has the units and gives them back with Release. Anything else: it has none.
  Task<absl::Status> Acquire(size_t units);
  void Release(size_t units);
  size_t available() const { return available_; }

 private:
  void Grant();
  WaitQueue waiters_;  // deal: size_t, the units wanted
  size_t available_;
};

// A queue of at most `capacity` items, fair on both sides: items leave in the order of the calls of Push and go to the
// callers of Pop in the order of their calls. After Close(), Push fails with FailedPrecondition, also those that wait
// for room (their items are dropped), and Pop drains what is left, then fails with OutOfRange.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(std::string label, size_t capacity)
      : pushers_(label + " (full)"), poppers_(label + " (empty)"), capacity_(capacity) {
    CHECK(capacity > 0);
  }

  Task<absl::Status> Push(T item) {
    if (closed_) co_return Closed(pushers_, absl::StatusCode::kFailedPrecondition);
    bool room = items_.size() < capacity_;
    // While it waits, Pop moves the item out of this frame and only then wakes it.
    absl::Status waited = co_await pushers_.Wait(room, &item);
    if (room && waited.ok()) Put(std::move(item));
    co_return waited;
  }
  // False if it is full or closed.
  bool TryPush(T item) {
    if (closed_ || items_.size() >= capacity_) return false;
    Put(std::move(item));
    return true;
  }
  Task<absl::StatusOr<T>> Pop() {
    bool any = !items_.empty();
    if (!any && closed_) co_return Closed(poppers_, absl::StatusCode::kOutOfRange);
    std::optional<T> item;
    absl::Status waited = co_await poppers_.Wait(any, &item);
    if (!waited.ok()) co_return waited;
    if (any) item = Take();
    co_return *std::move(item);
  }
  void Close() {
    if (closed_) return;
    closed_ = true;
    pushers_.WakeAll(Closed(pushers_, absl::StatusCode::kFailedPrecondition));
    poppers_.WakeAll(Closed(poppers_, absl::StatusCode::kOutOfRange));
  }
  size_t size() const { return items_.size(); }
  bool closed() const { return closed_; }

 private:
  static absl::Status Closed(const WaitQueue& queue, absl::StatusCode code) {
    return absl::Status(code, queue.label() + ": the queue is closed");
  }
  // Somebody waits for an item only if there is none, and to push only if there is no room: both are kept so by handing
  // over here instead of letting the woken ones look again, which newcomers could forestall.
  void Put(T item) {
    if (poppers_.empty()) {
      items_.push_back(std::move(item));
      return;
    }
    static_cast<std::optional<T>*>(poppers_.first_deal())->emplace(std::move(item));
    poppers_.WakeOne();
  }
  T Take() {
    T item = std::move(items_.front());
    items_.pop_front();
    if (!pushers_.empty()) {
      items_.push_back(std::move(*static_cast<T*>(pushers_.first_deal())));
      pushers_.WakeOne();
    }
    return item;
  }

  WaitQueue pushers_;  // deal: T, the item
  WaitQueue poppers_;  // deal: std::optional<T>, where the item goes
  std::deque<T> items_;
  size_t capacity_;
  bool closed_ = false;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_SYNC_H_
