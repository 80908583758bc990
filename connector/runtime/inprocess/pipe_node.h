// PipeNode: one life of a node of a PipeWorld.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_NODE_H_
#define PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_NODE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/runtime/inprocess/pipe_world.h"
#include "connector/runtime/inprocess/seeded_choices.h"
#include "connector/runtime/memory_files.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/system_clocks.h"
#include "connector/runtime/task_group.h"
#include "connector/runtime/timer_queue.h"

namespace pravega::runtime {

class PipeNode : public Runtime, private Network {
 public:
  // `planted` and `disk` belong to the machine.
  PipeNode(PipeWorld* world, std::string name, uint64_t incarnation, MemoryDisk* disk,
           const std::set<std::string, std::less<>>* planted);
  ~PipeNode() override;

  const std::string& node_name() const override { return name_; }
  Scheduler& scheduler() override { return scheduler_; }
  Instant Now() override { return world_->Now(); }
  WallMillis WallNow() override { return SystemWallNow(); }
  void Arm(Timer* timer, Instant when) override {
    if (!dead_) timers_.Arm(timer, when);
  }
  void Disarm(Timer* timer) override { timers_.Disarm(timer); }
  Choices& choices() override { return choices_; }
  Network& network() override { return *this; }
  Files& files() override { return *files_; }
  std::unique_ptr<RpcChannel> OpenChannel(std::vector<Endpoint> endpoints) override;
  absl::StatusOr<std::unique_ptr<RpcServer>> NewRpcServer(Endpoint endpoint) override;
  void Log(std::string_view line) override;
  bool planted(std::string_view bug) const override { return planted_->contains(bug); }

  TaskGroup& tasks() { return tasks_; }
  bool dead() const { return dead_; }
  // Infinite if no timer will fire.
  Instant next_timer() const { return timers_.next(); }
  // Fires the timer that is due first, and runs what that makes ready.
  void FireTimer();
  // From now on the node has no effect on the world; then its frames go.
  void Die();

 private:
  Task<absl::StatusOr<std::vector<std::string>>> Resolve(std::string host) override;
  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Connect(Endpoint endpoint, std::optional<TlsOptions> tls,
                                                            Instant deadline) override;
  absl::StatusOr<std::unique_ptr<Listener>> Listen(Endpoint endpoint) override;

  PipeWorld* const world_;
  const std::string name_;
  [[maybe_unused]] const std::set<std::string, std::less<>>* const planted_;
  bool dead_ = false;
  SeededChoices choices_;
  std::unique_ptr<Files> files_;
  TimerQueue timers_;
  // Behind what its frames refer to.
  Scheduler scheduler_;
  TaskGroup tasks_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_NODE_H_
