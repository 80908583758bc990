// SegmentStoreOptions: what a segment store is told.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_STORE_OPTIONS_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_STORE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "connector/core/ids.h"
#include "connector/runtime/network.h"
#include "connector/runtime/time.h"
#include "simulator/segmentstore/container_runner.h"

namespace pravega::sim {

struct SegmentStoreOptions {
  // Where it serves.
  runtime::Endpoint endpoint;
  // Containers of the whole cluster, and those that this store serves: ids in 0..container_count-1. Which container a
  // segment lives in follows from its name.
  int32_t container_count = 1;
  std::vector<ContainerId> containers;

  ContainerRunnerOptions runner;

  // A read that has waited at the tail so long ends with an empty reply, as the real store's does when it forgets an
  // idle segment after one to two minutes.
  runtime::Duration tail_read_patience = std::chrono::seconds(100);
  // Reads that may wait on one connection; one more ends it.
  size_t max_waiting_reads = 1000;

  // A connection is not read while requests that it sent and that are not finished amount to so much, or all
  // connections' together to that and it has any. A request counts its data and something for itself.
  size_t max_unfinished_bytes = 1 << 20;
  size_t max_unfinished_bytes_of_all = 128 << 20;
  // A connection is not read while so many bytes wait for the peer to read them; at the second limit it is cut.
  size_t max_unsent_bytes = 1 << 20;
  size_t max_unsent_bytes_ever = 64 << 20;
  // Largest piece asked of the transport at once.
  size_t read_bytes = 64 << 10;
  // How long a connection that the store ends may take to drain.
  runtime::Duration linger = std::chrono::seconds(1);
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_STORE_OPTIONS_H_
