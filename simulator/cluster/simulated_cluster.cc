#include "simulator/cluster/simulated_cluster.h"

#include <utility>

#include "connector/core/strings.h"
#include "simulator/controller/controller.h"
#include "simulator/segmentstore/segment_store.h"

namespace pravega::sim {
namespace {

runtime::Task<void> RunStore(runtime::Runtime& runtime, SegmentStoreOptions options, DurableLogs& logs,
                             SessionFaults& faults) {
  SegmentStore store(runtime, std::move(options), logs, faults);
  absl::Status ended = co_await store.Run();
  runtime.Log(StrCat("the segment store ended: ", ToStd(ended.message())));
}

runtime::Task<void> RunController(runtime::Runtime& runtime, ControllerOptions options, MetadataStores& stores,
                                  SessionFaults& faults) {
  Controller controller(runtime, std::move(options), stores, faults);
  absl::Status ended = co_await controller.Run();
  runtime.Log(StrCat("the controller ended: ", ToStd(ended.message())));
}

}  // namespace

SimulatedCluster::SimulatedCluster(World& world, ClusterOptions options, SessionFaults& session_faults,
                                   DurableFaults& durable_faults)
    : world_(world),
      options_(std::move(options)),
      session_faults_(session_faults),
      logs_(world, durable_faults),
      metadata_(world, durable_faults) {
  for (const std::string& name : machines()) world_.AddMachine(name);
}

std::vector<std::string> SimulatedCluster::machines() const {
  std::vector<std::string> names;
  for (int i = 0; i < options_.controllers; ++i) names.push_back(ControllerName(i));
  for (int i = 0; i < options_.segment_stores; ++i) names.push_back(StoreName(i));
  return names;
}

std::vector<runtime::Endpoint> SimulatedCluster::controllers() const {
  std::vector<runtime::Endpoint> endpoints;
  for (int i = 0; i < options_.controllers; ++i) endpoints.push_back({ControllerName(i), kControllerPort});
  return endpoints;
}

void SimulatedCluster::Start() {
  for (int i = 0; i < options_.segment_stores; ++i) {
    SegmentStoreOptions store = options_.store;
    store.endpoint = {StoreName(i), kStorePort};
    store.container_count = options_.containers;
    store.containers.clear();
    for (int c = i; c < options_.containers; c += options_.segment_stores) store.containers.push_back(ContainerId(c));
    world_.Start(StoreName(i),
                 [this, store](runtime::Runtime& runtime) { return RunStore(runtime, store, logs_, session_faults_); });
  }
  for (int i = 0; i < options_.controllers; ++i) {
    ControllerOptions controller = options_.controller;
    controller.endpoint = {ControllerName(i), kControllerPort};
    controller.container_hosts.clear();
    for (int c = 0; c < options_.containers; ++c) {
      controller.container_hosts.push_back({StoreName(c % options_.segment_stores), kStorePort});
    }
    world_.Start(ControllerName(i), [this, controller](runtime::Runtime& runtime) {
      return RunController(runtime, controller, metadata_, session_faults_);
    });
  }
}

}  // namespace pravega::sim
