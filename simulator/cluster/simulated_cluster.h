// SimulatedCluster: the servers of a Pravega cluster as machines of a simulated world.
#ifndef PRAVEGA_SIMULATOR_CLUSTER_SIMULATED_CLUSTER_H_
#define PRAVEGA_SIMULATOR_CLUSTER_SIMULATED_CLUSTER_H_

#include <set>
#include <string>
#include <vector>

#include "connector/runtime/network.h"
#include "simulator/controller/options.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/memory_durable_logs.h"
#include "simulator/durable/memory_metadata_stores.h"
#include "simulator/faults/session_faults.h"
#include "simulator/segmentstore/segment_store_options.h"
#include "simulator/world/world.h"

namespace pravega::sim {

struct ClusterOptions {
  int segment_stores = 2;        // machines "store-1", ...
  int containers = 4;            // container c lives on store 1 + c mod segment_stores
  int controllers = 1;           // machines "controller-1", ...
  SegmentStoreOptions store;     // endpoint and containers are filled in
  ControllerOptions controller;  // endpoint and container_hosts are filled in
};

// Adds the machines to the world and starts their programs; a crashed one goes on after World::Restart. The durable
// services belong to the cluster and outlive every crash. Thread-compatible.
class SimulatedCluster {
 public:
  static constexpr uint16_t kControllerPort = 9090;
  static constexpr uint16_t kStorePort = 12345;

  // `world`, `session_faults` and `durable_faults` outlive the cluster. The cluster must outlive the world's nodes:
  // destroy the world first, or crash its machines.
  SimulatedCluster(World& world, ClusterOptions options, SessionFaults& session_faults, DurableFaults& durable_faults);

  static std::string StoreName(int index) { return "store-" + std::to_string(index + 1); }
  static std::string ControllerName(int index) { return "controller-" + std::to_string(index + 1); }
  std::vector<std::string> machines() const;
  // Where clients find the controllers.
  std::vector<runtime::Endpoint> controllers() const;

  // Starts every server.
  void Start();

  MemoryDurableLogs& logs() { return logs_; }
  MemoryMetadataStores& metadata() { return metadata_; }

 private:
  World& world_;
  const ClusterOptions options_;
  SessionFaults& session_faults_;
  MemoryDurableLogs logs_;
  MemoryMetadataStores metadata_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CLUSTER_SIMULATED_CLUSTER_H_
