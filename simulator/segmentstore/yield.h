// Yield: lets everything that is ready run before this task goes on, without time passing.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_YIELD_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_YIELD_H_

#include <coroutine>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "connector/runtime/scheduler.h"

namespace pravega::sim {

// co_await Yield("label") -> OK, or Cancelled.
class Yield : public runtime::Waiter {
 public:
  explicit Yield(std::string_view label) : Waiter(label) {}
  ~Yield() override { DetachIfWaiting(); }
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (RefusedByCancellation(handle.promise())) return false;
    Suspend(handle, handle.promise());
    Wake();
    return true;
  }
  absl::Status await_resume() { return std::move(status()); }

 private:
  void Detach() override {}
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_YIELD_H_
