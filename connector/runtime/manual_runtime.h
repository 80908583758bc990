// ManualRuntime: one node whose clock the test moves. It has tasks and timers and nothing else.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_MANUAL_RUNTIME_H_
#define PRAVEGA_CONNECTOR_RUNTIME_MANUAL_RUNTIME_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/check.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {

class ManualRuntime : public Runtime {
 public:
  ManualRuntime() : tasks_(scheduler_, "test") {}
  ~ManualRuntime() override { Die(); }

  // Spawns on the node's own group; runs at the next Run().
  void Spawn(std::string name, Task<void> task) { tasks_.Spawn(std::move(name), std::move(task)); }
  void Run() { scheduler_.Drain(); }
  // Moves the clock to `when`, firing what is due on the way and running what becomes ready.
  void AdvanceTo(Instant when) {
    Run();
    while (!timers_.empty() && timers_.begin()->first.first <= when) {
      auto next = timers_.extract(timers_.begin());
      now_ = std::max(now_, next.key().first);
      Release(next.mapped());
      next.mapped()->Fire();
      Run();
    }
    now_ = when;
  }
  void Advance(Duration by) { AdvanceTo(now_ + by); }
  // The node dies: its timers vanish, then its frames go.
  void Die() {
    for (auto& [key, timer] : timers_) Release(timer);
    timers_.clear();
    scheduler_.DestroyAll();
  }

  TaskGroup& tasks() { return tasks_; }
  size_t armed_timers() const { return timers_.size(); }

  const std::string& node_name() const override { return name_; }
  Scheduler& scheduler() override { return scheduler_; }
  Instant Now() override { return now_; }
  WallMillis WallNow() override { return WallMillis(now_.nanos() / 1'000'000); }
  void Arm(Timer* timer, Instant when) override {
    CHECK(timer->armed == nullptr);
    CHECK(!scheduler_.dead());
    Key key(when, ++armed_ever_);
    timers_.emplace(key, timer);
    timer->armed = new Key(key);
  }
  void Disarm(Timer* timer) override {
    CHECK(timer->armed != nullptr);
    timers_.erase(*static_cast<Key*>(timer->armed));
    Release(timer);
  }

  Choices& choices() override { return Absent<Choices>(); }
  Network& network() override { return Absent<Network>(); }
  Files& files() override { return Absent<Files>(); }
  std::unique_ptr<RpcChannel> OpenChannel(std::vector<Endpoint>) override { return nullptr; }
  absl::StatusOr<std::unique_ptr<RpcServer>> NewRpcServer(Endpoint) override {
    return absl::UnimplementedError("no network here");
  }
  void Log(std::string_view) override {}
  bool planted(std::string_view) const override { return false; }

 private:
  using Key = std::pair<Instant, uint64_t>;
  template <typename T>
  [[noreturn]] static T& Absent() {
    ::pravega::internal::CheckFailed("present", __FILE__, __LINE__, "a manual runtime has tasks and timers alone");
  }
  static void Release(Timer* timer) { delete static_cast<Key*>(std::exchange(timer->armed, nullptr)); }

  std::string name_ = "manual";
  Instant now_;
  uint64_t armed_ever_ = 0;
  std::map<Key, Timer*> timers_;
  Scheduler scheduler_;
  TaskGroup tasks_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_MANUAL_RUNTIME_H_
