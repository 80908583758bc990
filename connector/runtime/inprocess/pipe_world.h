// PipeWorld: nodes in one process and one thread, under real time, connected by pipes in memory.
//
// For tests and examples that need clients and servers in one process without sockets, and the second opinion on what a
// Runtime promises beside the simulated world. Nothing here is deterministic but the choices: the clock is the
// machine's.
//
//   PipeWorld world(PipeWorldOptions{});
//   Runtime& server = world.AddNode("server");
//   world.Spawn("server", "serve", Serve(server));
//   world.RunUntil([&] { return done; }, std::chrono::seconds(10));
//
// Thread-compatible; the whole world belongs to one thread.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_WORLD_H_
#define PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/runtime/memory_files.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

struct PipeWorldOptions {
  uint64_t seed = 1;                 // of choices, and of what crashes leave on disks
  size_t pipe_capacity = 64 * 1024;  // bytes that a writer may be ahead of its reader
  size_t backlog = 128;              // connections that may wait to be accepted; further ones wait to be established
  // Gets the nodes' log lines.
  std::function<void(std::string_view node, std::string_view line)> log_sink;
};

class PipeNode;
class PipeNetwork;

class PipeWorld {
 public:
  explicit PipeWorld(PipeWorldOptions options);
  ~PipeWorld();  // crashes every node
  PipeWorld(const PipeWorld&) = delete;
  PipeWorld& operator=(const PipeWorld&) = delete;

  // Adds a machine with an empty disk and starts its first node. The name, which must be new, is its host name too.
  Runtime& AddNode(const std::string& name);
  // The running node of that name, which must be running. It stays a valid object, though a dead one, until the world
  // is destroyed.
  Runtime& node(const std::string& name);
  bool running(const std::string& name) const;
  // Starts a task on a running node. It runs when the world does.
  void Spawn(const std::string& name, std::string task_name, Task<void> task);
  // How many of the tasks given to Spawn are still running on that node.
  size_t tasks(const std::string& name) const;

  // Kills a running node: its connections break, its ports are free, its frames are destroyed, and of what its disk had
  // not synced the part that `keep` says is left (the seed says, in the first form). Not from inside that node's own
  // tasks; from those of another node is fine.
  void Crash(const std::string& name);
  void Crash(const std::string& name, const MemoryDisk::Keep& keep);
  // Starts a new node, without tasks, on a machine whose node crashed.
  Runtime& Restart(const std::string& name);
  // While `unreachable`, attempts to connect to that machine get no answer. Established connections go on.
  void SetUnreachable(const std::string& name, bool unreachable);
  // Switches planted bugs on, in builds that have them, for this machine's next nodes too.
  void SetPlanted(const std::string& name, std::set<std::string, std::less<>> bugs);

  // Runs until nothing is ready and no timer is armed, or until Stop(). True in the first case.
  bool Run();
  // Runs until `done` holds (it is evaluated after each round of tasks), `limit` has passed, nothing is left to happen,
  // or Stop(). Returns done().
  bool RunUntil(const std::function<bool()>& done, Duration limit);
  // Makes the run in progress return, or the next one if there is none. From inside a task.
  void Stop() { stopping_ = true; }

  // Time since the world was made.
  Instant Now() const;
  // "node: task waits for what", for all running nodes.
  std::vector<std::string> DescribeWaits() const;

 private:
  friend class PipeNode;
  friend class PipeNetwork;
  struct Machine;

  Machine& Find(const std::string& name) const;
  // Runs what is ready; true if there was anything.
  bool RunReady();
  // Waits for the next timer, until `limit` at most, and fires it. False if there is none.
  bool FireNextTimer(Instant limit);

  const PipeWorldOptions options_;
  const Instant origin_;
  bool stopping_ = false;
  std::map<std::string, std::unique_ptr<Machine>, std::less<>> machines_;
  std::unique_ptr<PipeNetwork> network_;
  std::vector<std::unique_ptr<PipeNode>> dead_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_WORLD_H_
