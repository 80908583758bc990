// OsNode: a Runtime over the operating system. Sockets, gRPC, files and the machine's clocks.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_OS_NODE_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_OS_NODE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/os/event_loop.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/system_clocks.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"
#include "connector/runtime/timer_queue.h"

namespace pravega::runtime {

struct OsNodeOptions {
  // Where relative paths of files() begin. Without one there are no files.
  std::string directory;
  // Of choices; from the operating system if there is none.
  std::optional<uint64_t> seed;
  // Gets the node's log lines.
  std::function<void(std::string_view node, std::string_view line)> log_sink;
  // Planted bugs that are switched on, in builds that have them.
  std::set<std::string, std::less<>> planted;
};

class OsNetwork;

// Belongs to its loop's thread, with all that was made from it. Any number may share a loop.
class OsNode : public Runtime {
 public:
  OsNode(EventLoop& loop, std::string name, OsNodeOptions options);
  ~OsNode() override;  // dies, if it has not died before
  OsNode(const OsNode&) = delete;
  OsNode& operator=(const OsNode&) = delete;

  // Starts a task. Not on a dead node.
  void Spawn(std::string name, Task<void> task) { tasks_.Spawn(std::move(name), std::move(task)); }

  // Resets all connections, frees all ports, then destroys every task where it stands, and with it the gRPC servers,
  // whose connections end in order. Not from inside a task of any node of the loop.
  void Die();
  bool dead() const { return dead_; }

  const std::string& node_name() const override { return name_; }
  Scheduler& scheduler() override { return scheduler_; }
  Instant Now() override { return loop_.Now(); }
  WallMillis WallNow() override { return SystemWallNow(); }
  void Arm(Timer* timer, Instant when) override {
    if (!dead_) timers_.Arm(timer, when);
  }
  void Disarm(Timer* timer) override { timers_.Disarm(timer); }
  Choices& choices() override { return *choices_; }
  Network& network() override;
  Files& files() override { return *files_; }
  std::unique_ptr<RpcChannel> OpenChannel(std::vector<Endpoint> endpoints) override;
  absl::StatusOr<std::unique_ptr<RpcServer>> NewRpcServer(Endpoint endpoint) override;
  void Log(std::string_view line) override;
  bool planted(std::string_view bug) const override { return options_.planted.contains(bug); }

  EventLoop& loop() { return loop_; }
  TimerQueue& timers() { return timers_; }

 private:
  EventLoop& loop_;
  const std::string name_;
  const OsNodeOptions options_;
  bool dead_ = false;
  std::unique_ptr<Choices> choices_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<OsNetwork> network_;
  TimerQueue timers_;
  // Behind what its frames refer to.
  Scheduler scheduler_;
  TaskGroup tasks_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_OS_NODE_H_
