// TestCluster: controllers, fake segment stores and a client in a simulated world, for tests of the controller.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_TEST_CLUSTER_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_TEST_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/controller/controller_client.h"
#include "connector/controller/messages.h"
#include "connector/controller/methods.h"
#include "connector/controller/serialize.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/controller/controller.h"
#include "simulator/controller/fake_stores.h"
#include "simulator/controller/options.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/memory_metadata_stores.h"
#include "simulator/faults/session_faults.h"
#include "simulator/world/world.h"

namespace pravega::sim {

// Strikes as told: the next request of an RPC in a phase, so many times.
class PlannedFaults : public SessionFaults {
 public:
  void Plan(std::string rpc, FaultPhase phase, int times = 1) { plans_[std::move(rpc)] = {phase, times}; }
  int struck() const { return struck_; }
  std::string last_subject() const { return last_subject_; }

  FaultPhase Decide(const SessionRequest& request) override;
  void Struck(const SessionRequest& request, FaultPhase phase) override;

 private:
  std::map<std::string, std::pair<FaultPhase, int>, std::less<>> plans_;
  int struck_ = 0;
  std::string last_subject_;
};

class TestCluster {
 public:
  struct Options {
    uint64_t seed = 1;
    int controllers = 1;
    int containers = 4;
    std::set<std::string, std::less<>> planted;
    ControllerOptions controller;  // endpoint and hosts are filled in
    controller::ControllerClientOptions client;
    // Who decides about remote calls instead of the planned faults, if it is set and does not return null.
    std::function<SessionFaults*(const SessionRequest& request)> session_faults;
    // Of the metadata service; none if null.
    DurableFaults* durable_faults = nullptr;
    // ControllerOptions::after_step of every controller, with the name of its machine.
    std::function<runtime::Task<void>(std::string node, std::string step)> after_step;
  };

  explicit TestCluster(Options options);
  TestCluster() : TestCluster(Options()) {}

  using Body = std::function<runtime::Task<void>(controller::ControllerClient& client)>;
  // Runs `body` as the program of the client's machine, until it ends. False if it has not ended `patience` later.
  // The closure may refer to locals of the test.
  bool Run(const Body& body, runtime::Duration patience = std::chrono::hours(48));
  using RuntimeBody = std::function<runtime::Task<void>(runtime::Runtime& runtime)>;
  bool RunOnClient(const RuntimeBody& body, runtime::Duration patience = std::chrono::hours(48));
  // Lets time pass.
  void Advance(runtime::Duration duration);
  // Until no workflow has anything to do and no transaction is being ended. False if that takes longer than `patience`.
  bool Settle(runtime::Duration patience = std::chrono::minutes(10));
  bool settled() const;

  static std::string ControllerName(int index) { return "controller-" + std::to_string(index); }
  void CrashController(int index) { world_.Crash(ControllerName(index)); }
  void RestartController(int index) { world_.Restart(ControllerName(index)); }

  World& world() { return world_; }
  FakeStores& stores() { return stores_; }
  PlannedFaults& faults() { return faults_; }
  MemoryMetadataStores& metadata() { return metadata_; }
  std::vector<runtime::Endpoint> controller_endpoints() const;

  // What is stored, one line a record, without times and drawn ids, but with every segment of the stores.
  std::string Describe() const;

 private:
  // Asks `options.session_faults` first.
  class ChosenFaults : public SessionFaults {
   public:
    explicit ChosenFaults(TestCluster* cluster) : cluster_(cluster) {}
    FaultPhase Decide(const SessionRequest& request) override { return Choose(request).Decide(request); }
    void Struck(const SessionRequest& request, FaultPhase phase) override { Choose(request).Struck(request, phase); }

   private:
    SessionFaults& Choose(const SessionRequest& request);
    TestCluster* cluster_;
  };

  Options options_;
  PlannedFaults faults_;
  ChosenFaults chosen_faults_{this};
  NoDurableFaults no_durable_faults_;
  FakeStores stores_;
  World world_;
  MemoryMetadataStores metadata_;
};

// Calls an RPC with its own messages, for answers that the client translates.
template <typename Reply, typename Request>
runtime::Task<absl::StatusOr<Reply>> CallRpc(runtime::RpcChannel& channel, runtime::Runtime& runtime, std::string rpc,
                                             Request request) {
  runtime::RpcRequest call{controller::MethodPath(rpc), controller::SerializeDeterministically(request), {}};
  absl::StatusOr<std::string> bytes = co_await channel.Call(std::move(call), runtime.Now() + std::chrono::minutes(5));
  if (!bytes.ok()) co_return bytes.status();
  Reply reply;
  if (!reply.ParseFromString(*bytes)) co_return absl::DataLossError("no " + reply.GetTypeName());
  co_return std::move(reply);
}

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_TEST_CLUSTER_H_
