// Machine: a simulated computer, and SimNode: one life of the program on it.
#ifndef PRAVEGA_SIMULATOR_WORLD_MACHINE_H_
#define PRAVEGA_SIMULATOR_WORLD_MACHINE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/runtime/memory_files.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task_group.h"
#include "simulator/world/event_queue.h"
#include "simulator/world/sim_network.h"
#include "simulator/world/world.h"

namespace pravega::sim {

// The Runtime of one incarnation. Dies with its scheduler; what still refers to it then does nothing.
class SimNode : public runtime::Runtime, private runtime::Network, private runtime::Choices {
 public:
  SimNode(World* world, Machine* machine, uint32_t incarnation);
  ~SimNode() override;

  const std::string& node_name() const override;
  runtime::Scheduler& scheduler() override { return scheduler_; }
  runtime::Instant Now() override;
  runtime::WallMillis WallNow() override;
  void Arm(runtime::Timer* timer, runtime::Instant when) override;
  void Disarm(runtime::Timer* timer) override;
  runtime::Choices& choices() override { return *this; }
  runtime::Network& network() override { return *this; }
  runtime::Files& files() override;
  std::unique_ptr<runtime::RpcChannel> OpenChannel(std::vector<runtime::Endpoint> endpoints) override;
  absl::StatusOr<std::unique_ptr<runtime::RpcServer>> NewRpcServer(runtime::Endpoint endpoint) override;
  void Log(std::string_view line) override;
  bool planted(std::string_view bug) const override;

  World* world() const { return world_; }
  Machine* machine() const { return machine_; }
  uint32_t incarnation() const { return incarnation_; }
  bool dead() const { return scheduler_.dead(); }
  // Counts an attempt of a dead node to act. True if the node is dead.
  bool RefuseIfDead();

  void StartTask(std::string name, runtime::Task<void> task);
  bool finished() const { return started_ && main_.size() == 0; }
  // Runs what is ready, unless the machine is paused.
  void Run();
  void Die();

 private:
  runtime::ChoiceStream Stream(std::string_view purpose, std::string_view entity) override;
  runtime::Task<absl::StatusOr<std::vector<std::string>>> Resolve(std::string host) override;
  runtime::Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> Connect(runtime::Endpoint endpoint,
                                                                              std::optional<runtime::TlsOptions> tls,
                                                                              runtime::Instant deadline) override;
  absl::StatusOr<std::unique_ptr<runtime::Listener>> Listen(runtime::Endpoint endpoint) override;

  struct ArmedTimer;
  class Disk;
  void FireTimer(ArmedTimer* slot);

  World* world_;
  Machine* machine_;
  uint32_t incarnation_;
  bool started_ = false;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<runtime::Files> files_;
  std::vector<std::unique_ptr<ArmedTimer>> timers_;  // every one ever needed; reused
  std::vector<ArmedTimer*> free_timers_;
  // Last, so that its frames go first: they refer to everything above.
  runtime::Scheduler scheduler_;
  runtime::TaskGroup main_;
};

class Machine {
 public:
  Machine(World* world, std::string name);
  ~Machine();

  World* world;
  const std::string name;
  const uint64_t name_hash;
  int32_t clock_ppm = 0;
  int64_t wall_skew_ms = 0;
  bool paused = false;
  uint32_t incarnations = 0;
  World::Program program;
  std::set<std::string, std::less<>> planted;
  std::unique_ptr<runtime::MemoryDisk> disk;
  std::unique_ptr<SimNode> node;  // null when not running

  // Runs `event` for the running incarnation now, or at Resume. Drops it if that incarnation is no more.
  void Deliver(std::function<void()> event);
  int64_t ToNodeTime(int64_t true_ns) const;
  int64_t ToTrueTime(int64_t node_ns) const;
  void RunHeld();

 private:
  std::deque<std::function<void()>> held_;
  friend class World;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_WORLD_MACHINE_H_
