// DurableLog: a container's replicated write-ahead log, fenced by epoch. It never loses what it acknowledged.
#ifndef PRAVEGA_SIMULATOR_DURABLE_DURABLE_LOG_H_
#define PRAVEGA_SIMULATOR_DURABLE_DURABLE_LOG_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"

namespace pravega::sim {

struct LogRecord {
  int64_t sequence = 0;  // consecutive from 1 over the life of the log
  Buffer bytes;
};

// One owner's handle. Thread-compatible.
class DurableLog {
 public:
  virtual ~DurableLog() = default;
  // Takes the log over: every handle that fenced before can append no more. Must succeed before anything else.
  virtual runtime::Task<absl::Status> Fence() = 0;
  // Appends in order; the answer comes when all are durable. Calls in flight are applied in the order of calling.
  // Returns the sequence of the last record. FailedPrecondition: fenced by a later owner, nothing was appended.
  // Unavailable: nothing was appended, or any prefix was, or all was and the answer is lost; the owner must fence and
  // read again before it goes on.
  virtual runtime::Task<absl::StatusOr<int64_t>> Append(std::vector<Buffer> records) = 0;
  // Records from `sequence` on (or from the first one kept, if later), at most about `max_bytes` but at least one if
  // any.
  virtual runtime::Task<absl::StatusOr<std::vector<LogRecord>>> Read(int64_t sequence, size_t max_bytes) = 0;
  // Drops records up to and including `sequence`. Idempotent.
  virtual runtime::Task<absl::Status> Truncate(int64_t sequence) = 0;
};

class DurableLogs {
 public:
  virtual ~DurableLogs() = default;
  virtual std::unique_ptr<DurableLog> Open(runtime::Runtime& node, ContainerId container) = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_DURABLE_LOG_H_
