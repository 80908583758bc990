// WorldUnderTest: what the conformance tests need of a world beside the Runtime interface that they test.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_CONFORMANCE_WORLD_UNDER_TEST_H_
#define PRAVEGA_CONNECTOR_RUNTIME_CONFORMANCE_WORLD_UNDER_TEST_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

// An adapter for each implementation. Its destructor crashes what still runs.
class WorldUnderTest {
 public:
  virtual ~WorldUnderTest() = default;

  // Adds a machine with an empty disk and starts its first node. Names are new.
  virtual void AddNode(const std::string& name) = 0;
  // The running node of that name.
  virtual Runtime& node(const std::string& name) = 0;
  // The host under which others reach it, and at which it listens.
  virtual std::string Host(const std::string& name) { return name; }
  // Starts a task on a running node; it runs within RunUntil.
  virtual void Spawn(const std::string& name, std::string task_name, Task<void> task) = 0;

  // Runs until `done` holds (evaluated after each step) or the world's time has advanced by `limit`. Returns done(). A
  // world whose time jumps advances it by `limit` even if nothing is left to happen.
  virtual bool RunUntil(const std::function<bool()>& done, Duration limit) = 0;

  // Kills a running node, outside its tasks; any part of what its disk had not synced may be gone.
  virtual void Crash(const std::string& name) = 0;
  // Starts a new node, without tasks, on a machine whose node crashed.
  virtual void Restart(const std::string& name) = 0;

  // While set, attempts to connect to that machine get no answer. False if this world cannot do that.
  virtual bool SetUnreachable(const std::string& name, bool unreachable) = 0;
  // Whether Connect can do TLS.
  virtual bool has_tls() const { return false; }

  // Whether connections under remote calls end in order, not by a reset, when their node dies.
  virtual bool rpc_ends_in_order() const { return false; }

  // What a dead node did or left although it must not, one line each, as far as this world can see it.
  virtual std::vector<std::string> Leftovers() { return {}; }
  // For messages of failed tests.
  virtual std::vector<std::string> DescribeWaits() = 0;
};

// An implementation to test. Two worlds from one arm make the same choices.
struct ConformanceArm {
  std::string name;
  std::function<std::unique_ptr<WorldUnderTest>()> make;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_CONFORMANCE_WORLD_UNDER_TEST_H_
