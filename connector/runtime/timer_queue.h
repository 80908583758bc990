// TimerQueue: the armed timers of one node, for runtimes that run under real time.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_TIMER_QUEUE_H_
#define PRAVEGA_CONNECTOR_RUNTIME_TIMER_QUEUE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

// Timers in order of time, then of arming. Thread-compatible.
class TimerQueue {
 public:
  TimerQueue() = default;
  ~TimerQueue() { Clear(); }
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  // An infinite time never comes: there is nothing to arm, and nothing that a run would have to wait for.
  void Arm(Timer* timer, Instant when) {
    CHECK(timer->armed == nullptr);
    if (when.infinite()) return;
    auto key = std::make_unique<Key>(when, armed_ever_++);
    timers_.emplace(*key, timer);
    timer->armed = key.release();
  }
  void Disarm(Timer* timer) {
    if (timer->armed == nullptr) return;
    timers_.erase(*static_cast<Key*>(timer->armed));
    Release(timer);
  }
  // Infinite if none will fire.
  Instant next() const { return timers_.empty() ? Instant::Infinite() : timers_.begin()->first.first; }
  // Fires the one that is due first. There is one.
  void FireFirst() {
    Timer* timer = timers_.begin()->second;
    Disarm(timer);
    timer->Fire();
  }
  // Disarms all.
  void Clear() {
    for (auto& [key, timer] : timers_) Release(timer);
    timers_.clear();
  }

 private:
  using Key = std::pair<Instant, uint64_t>;  // when, and how many had been armed before

  static void Release(Timer* timer) { delete static_cast<Key*>(std::exchange(timer->armed, nullptr)); }

  std::map<Key, Timer*> timers_;
  uint64_t armed_ever_ = 0;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_TIMER_QUEUE_H_
