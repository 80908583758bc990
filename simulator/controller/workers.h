// Workers: the workflows that run inside one controller instance, at most one for each key, and who waits for them.
//
// A workflow is looked up by the metadata key of its work marker. Starting one that runs makes it look for work again
// before it ends. Thread-compatible.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_WORKERS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_WORKERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"
#include "simulator/controller/options.h"

namespace pravega::sim {

class Workers {
 public:
  // One pass: does what there is to do. An error other than Cancelled has the pass repeated later.
  using Pass = std::function<runtime::Task<absl::Status>()>;

  // Both outlive it. Stop() is awaited before destruction, unless the node dies.
  Workers(runtime::Runtime& runtime, const ControllerOptions& options);

  // Runs `pass` soon; again if it is running already.
  void Start(const std::string& key, Pass pass);
  bool running(const std::string& key) const;

  // Tells whoever waits for `key` that something has changed.
  void Changed(const std::string& key);
  // Counts the changes of `key` while somebody waits or works; take it before reading what a change would change.
  uint64_t changes(const std::string& key) const;
  // Returns OK when `key` has changed since `seen`, or after `at_most`. Cancelled.
  runtime::Task<absl::Status> WaitForChange(std::string key, uint64_t seen, runtime::Duration at_most);

  runtime::Task<void> Stop() { return group_.Stop(); }

 private:
  struct Topic {
    explicit Topic(const std::string& key) : changed("progress of " + key) {}
    bool running = false;
    bool again = false;
    int waiting = 0;
    uint64_t changes = 0;
    runtime::Event changed;
  };

  runtime::Task<void> Run(std::string key, Pass pass);
  runtime::Task<absl::Status> Wait(Topic* topic);
  Topic& TopicOf(const std::string& key);
  void DropIfIdle(const std::string& key);

  runtime::Runtime& runtime_;
  const ControllerOptions& options_;
  // Survives topics, so that a change between two looks is never missed.
  uint64_t all_changes_ = 0;
  std::map<std::string, std::unique_ptr<Topic>> topics_;
  // Last: its tasks refer to everything above.
  runtime::TaskGroup group_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_WORKERS_H_
