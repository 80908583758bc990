// StoreContext: what the sessions of one store share.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_STORE_CONTEXT_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_STORE_CONTEXT_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string_view>

#include "connector/core/container_mapper.h"
#include "connector/core/ids.h"
#include "connector/runtime/runtime.h"
#include "simulator/faults/session_faults.h"
#include "simulator/segmentstore/container_runner.h"
#include "simulator/segmentstore/segment_store_options.h"

namespace pravega::sim {

// Outlives its sessions. Thread-compatible.
struct StoreContext {
  StoreContext(runtime::Runtime& the_runtime, SegmentStoreOptions the_options, SessionFaults& the_faults)
      : runtime(the_runtime), options(std::move(the_options)), faults(the_faults) {}

  // The runner of the segment's container; null if that is another store's.
  ContainerRunner* RunnerOf(std::string_view segment) const {
    auto found = runners.find(ContainerOf(segment, options.container_count));
    return found == runners.end() ? nullptr : found->second.get();
  }

  runtime::Runtime& runtime;
  const SegmentStoreOptions options;
  SessionFaults& faults;
  std::map<ContainerId, std::unique_ptr<ContainerRunner>> runners;
  size_t unfinished_bytes = 0;  // of all connections
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_STORE_CONTEXT_H_
