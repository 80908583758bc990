// ContainerRunner: gives a container its log.
//
// Takes the log over, replays it, then brings the container's records there in batches: while one batch is on its way,
// the next gathers. When the log fails, nobody knows which records of the batch are durable: the container is given up,
// its requests end in doubt, and a new one is replayed. When a later owner has taken the log over, the runner retires.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_CONTAINER_RUNNER_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_CONTAINER_RUNNER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/ids.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"
#include "simulator/durable/durable_log.h"
#include "simulator/segmentstore/container.h"

namespace pravega::sim {

struct ContainerRunnerOptions {
  // Records that leave together, in bytes; one record may be larger.
  size_t max_batch_bytes = 1 << 20;
  // How much of the log is read at once in recovery.
  size_t replay_bytes = 4 << 20;
  // A snapshot is taken when the log behind the last one has grown by this, and by no less than the segments hold: the
  // log is then never longer than a constant times what is alive, and writing snapshots costs a constant part of all
  // writing.
  size_t min_snapshot_bytes = 4 << 20;
  // Before the log is tried again after it failed; doubles up to the longest.
  runtime::Duration first_retry = std::chrono::milliseconds(20);
  runtime::Duration longest_retry = std::chrono::seconds(1);
};

class ContainerRunner : private Container::Observer {
 public:
  // `runtime` outlives the runner.
  ContainerRunner(runtime::Runtime& runtime, ContainerId id, std::unique_ptr<DurableLog> log,
                  ContainerRunnerOptions options);

  // Until cancelled, or until a later owner takes over.
  runtime::Task<void> Run();

  // Null while it is not running: requests are then for another store, or for later.
  Container* container() { return running_ ? container_.get() : nullptr; }
  // Another number means another Container object, which knows nothing of the segments of the one before.
  uint64_t generation() const { return generation_; }
  ContainerId id() const { return id_; }

  // Whether the present container came out of a log, and whether the batch that is taking effect has records of several
  // segments: for planted bugs.
  bool recovered() const { return recovered_; }
  bool batch_is_mixed() const { return batch_is_mixed_; }

 private:
  void WorkQueued() override { work_.Set(); }
  runtime::Task<absl::Status> Recover();
  runtime::Task<absl::Status> Serve();
  runtime::Task<absl::Status> CommitBatch();
  bool SnapshotDue() const;
  void GiveUp(const absl::Status& why);
  void Log(std::string_view what);

  runtime::Runtime& runtime_;
  const ContainerId id_;
  const ContainerRunnerOptions options_;
  std::unique_ptr<DurableLog> log_;
  runtime::Event work_;
  std::unique_ptr<Container> container_;
  bool running_ = false;
  uint64_t generation_ = 0;
  bool recovered_ = false;
  bool batch_is_mixed_ = false;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_CONTAINER_RUNNER_H_
