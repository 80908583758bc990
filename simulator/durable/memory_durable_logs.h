// MemoryDurableLogs: the durable logs of all containers, as a service in the memory of the world.
//
// The logs belong to nobody's node: they outlive crashes, and nodes reach them through ports alone. An append that
// fails or whose answer is lost ends its owner's right to append until it fences again, so that what it sent behind
// cannot leave a hole. Of an append whose owner died before it was applied, any prefix becomes durable
// (DurableFaults::Survivors).
#ifndef PRAVEGA_SIMULATOR_DURABLE_MEMORY_DURABLE_LOGS_H_
#define PRAVEGA_SIMULATOR_DURABLE_MEMORY_DURABLE_LOGS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "connector/core/ids.h"
#include "connector/runtime/runtime.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/durable_log.h"
#include "simulator/durable/service_port.h"

namespace pravega::sim {

// Thread-compatible. `ports` and `faults` outlive the logs and every request in flight.
class MemoryDurableLogs : public DurableLogs {
 public:
  MemoryDurableLogs(ServicePorts& ports, DurableFaults& faults) : ports_(ports), faults_(faults) {}

  std::unique_ptr<DurableLog> Open(runtime::Runtime& node, ContainerId container) override;

  // For tests and reports: what is kept of a log now.
  size_t records(ContainerId container) const;
  size_t bytes(ContainerId container) const;

  // One log, shared by the requests in flight.
  struct Log {
    int64_t epoch = 0;    // of the last Fence
    bool broken = false;  // an append of this epoch was not acknowledged
    int64_t next_sequence = 1;
    std::deque<LogRecord> records;
    size_t bytes = 0;
  };

 private:
  ServicePorts& ports_;
  DurableFaults& faults_;
  std::map<ContainerId, std::shared_ptr<Log>> logs_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_MEMORY_DURABLE_LOGS_H_
