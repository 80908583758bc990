// World: a set of machines under virtual time, in one thread, from one tape.
//
// Nodes (simulated machines) run programs against the Runtime interface. The world owns the clock, the network between
// the nodes, their disks and the durable services, and is the only one to crash, pause and restart nodes or to touch
// links. Nothing above the Runtime can tell it from a real one. Same tape, same program: same trace hash.
//
// Virtual time jumps from event to event; between two events every node's ready tasks run until none is ready.
#ifndef PRAVEGA_SIMULATOR_WORLD_WORLD_H_
#define PRAVEGA_SIMULATOR_WORLD_WORLD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/durable/service_port.h"
#include "simulator/world/event_queue.h"
#include "simulator/world/tape.h"
#include "simulator/world/trace.h"

namespace pravega::sim {

class Machine;
class SimNetwork;

// How one direction between two machines behaves. Times in ns.
struct LinkOptions {
  int64_t latency_min_ns = 100'000;
  int64_t latency_jitter_ns = 200'000;       // uniform on top
  uint32_t slow_ppm = 1'000;                 // chance of a message to fall into the slow tail
  int64_t slow_extra_ns = 20'000'000;        // uniform on top of the rest, for those
  int64_t bytes_per_second = 1'000'000'000;  // at least 1; all connections of the direction share them
  uint32_t split_ppm = 50'000;               // chance of a write to arrive in pieces
  bool one_byte_chunks = false;              // every byte arrives alone
};

struct WorldOptions {
  LinkOptions link;
  int64_t service_latency_min_ns = 200'000;  // durable log and metadata store, one way
  int64_t service_latency_jitter_ns = 300'000;
  int64_t disk_sync_min_ns = 50'000;
  int64_t disk_sync_jitter_ns = 100'000;
  int64_t wall_epoch_ms = 1'700'000'000'000;
  size_t pipe_capacity = 256 * 1024;  // bytes a writer may be ahead of its reader on one connection
  Trace::Sink trace_sink;
  std::function<void(int64_t time_ns, std::string_view node, std::string_view line)> log_sink;
};

struct WorldStats {
  uint64_t events = 0;
  uint64_t connections = 0;
  uint64_t refused_connections = 0;
  uint64_t deliveries = 0;
  uint64_t delivered_bytes = 0;
  uint64_t split_writes = 0;  // writes that arrived in more than one piece
  uint64_t cut_writes = 0;    // writes of which a reset destroyed a part that was still on its way
  uint64_t resets = 0;
  uint64_t held_by_partition = 0;     // deliveries that waited for a link to heal
  uint64_t attempts_after_death = 0;  // sends, writes and timers tried by a dead node: always 0
};

class World : public ServicePorts {
 public:
  using Program = std::function<runtime::Task<void>(runtime::Runtime&)>;

  World(Tape tape, WorldOptions options);
  ~World() override;  // kills every node
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // ---- machines
  // Adds a machine with an empty disk. Names are hosts too.
  void AddMachine(const std::string& name);
  // The clock of `name` runs `ppm` faster than true time (slower if negative), its wall clock is off by `wall_skew_ms`.
  void SetClock(const std::string& name, int32_t ppm, int64_t wall_skew_ms);
  void SetPlanted(const std::string& name, std::set<std::string, std::less<>> bugs);
  // Starts `program` on a machine that is not running; remembered for Restart. Takes effect at the present instant.
  void Start(const std::string& name, Program program);
  // One more task beside the running node's program; it starts soon.
  void Spawn(const std::string& name, std::string task_name, runtime::Task<void> task);
  // Kills the running node: its connections break, its unsynced file data may be lost, its frames are destroyed.
  void Crash(const std::string& name);
  // Runs `event` on the running node, or when it resumes; drops it if that incarnation ends first. For drivers: nodes
  // do not reach each other this way.
  void Post(const std::string& name, std::function<void()> event);
  // Runs the remembered program again, as a new incarnation.
  void Restart(const std::string& name);
  // Holds everything that would run on the node; what arrives meanwhile arrives at Resume.
  void Pause(const std::string& name);
  void Resume(const std::string& name);
  bool running(const std::string& name) const;
  bool paused(const std::string& name) const;
  // Whether the program of the present incarnation has returned.
  bool finished(const std::string& name) const;
  uint32_t incarnation(const std::string& name) const;
  // The runtime of the running node, for tests and drivers.
  runtime::Runtime& node(const std::string& name);
  std::vector<std::string> machine_names() const;

  // ---- links; each direction by itself
  // What is sent waits until the link heals. `held`, if it is set, runs in the world when the cut first holds something
  // up; not if it heals before.
  void CutLink(const std::string& from, const std::string& to, std::function<void()> held = nullptr);
  void HealLink(const std::string& from, const std::string& to);
  void SetLinkOptions(const std::string& from, const std::string& to, LinkOptions options);
  // New connections from `from` to `to` are refused while set. `refused`, if it is set, runs in the world at the first.
  void RefuseConnections(const std::string& from, const std::string& to, bool refuse,
                         std::function<void()> refused = nullptr);
  // Runs `action` in the world, once, when `from` next sends bytes to `to` or connects to it, and before they arrive.
  void WhenUsed(const std::string& from, const std::string& to, std::function<void()> action);
  // Breaks every open connection between the two, whoever opened it; what is on its way is lost. Returns how many.
  int ResetConnections(const std::string& a, const std::string& b);

  // ---- time
  int64_t now_ns() const { return now_; }
  // Runs `action` in the world, outside every node, at true time `at_ns` (not before now).
  void At(int64_t at_ns, std::string label, std::function<void()> action);
  // Fires the next event. False if there is none.
  bool Step();
  // Steps until `done` holds (checked after every event), the time is reached, or nothing is left. Returns done().
  bool RunUntil(const std::function<bool()>& done, int64_t until_ns);

  // ---- outside world
  std::shared_ptr<ServicePort> Open(runtime::Runtime& node, std::string_view service) override;
  // A stream of the schedule for the world's own decisions (faults, workloads' timing).
  runtime::ChoiceStream WorldStream(std::string_view purpose, std::string_view entity);
  Trace& trace() { return trace_; }
  const Tape& tape() const { return tape_; }
  const WorldStats& stats() const { return stats_; }
  // Lines "node: task waits for what" of all running nodes.
  std::vector<std::string> DescribeWaits() const;

 private:
  friend class Machine;
  friend class SimNetwork;
  friend class SimNode;
  friend class SimListener;
  friend class SimPipe;
  friend class SimServicePort;
  friend class SimStream;
  friend class TapeSource;

  struct Action;

  Machine& Find(const std::string& name) const;
  void Kill(Machine& machine);
  void RunSoon(Machine& machine);
  void RecordWorld(std::string_view what);
  std::shared_ptr<uint64_t> Counter(uint64_t stream);
  runtime::ChoiceStream MakeStream(uint64_t key, std::string_view node, uint64_t node_hash);

  Tape tape_;
  WorldOptions options_;
  Trace trace_;
  WorldStats stats_;
  int64_t now_ = 0;
  EventQueue queue_;
  std::map<uint64_t, std::shared_ptr<uint64_t>> counters_;  // draws of each stream so far
  std::map<std::string, std::unique_ptr<Machine>, std::less<>> machines_;
  std::unique_ptr<SimNetwork> network_;
  std::map<uint64_t, std::unique_ptr<Action>> actions_;  // pending, by number
  uint64_t next_action_ = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_WORLD_WORLD_H_
