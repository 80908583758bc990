// What tests of the client against a simulated cluster have in common: a cluster, a machine for the script of the test,
// faults, and reading a stream back.
#ifndef PRAVEGA_SIMULATOR_CLUSTER_TESTS_CLIENT_HARNESS_H_
#define PRAVEGA_SIMULATOR_CLUSTER_TESTS_CLIENT_HARNESS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/controller/controller_client.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/stream_cut.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/cluster/simulated_cluster.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/faults/session_faults.h"
#include "simulator/world/world.h"

namespace pravega::sim {

// Strikes every n-th request of one command or RPC.
class EveryNth : public SessionFaults {
 public:
  FaultPhase Decide(const SessionRequest& request) override {
    if (command.empty() || request.command != command) return FaultPhase::kNone;
    return ++seen % every == 0 ? phase : FaultPhase::kNone;
  }
  void Struck(const SessionRequest&, FaultPhase) override { ++struck; }

  std::string command;  // empty: none
  FaultPhase phase = FaultPhase::kAppliedNotAnswered;
  int every = 2;
  int seen = 0;
  int struck = 0;
};

class ClientHarness : public testing::Test {
 public:
  static constexpr int64_t kSecond = 1'000'000'000;

  ClientHarness();
  ~ClientHarness() override;

  // A client on a node.
  struct Client {
    Client(runtime::Runtime& runtime, ClientHarness* test);
    runtime::Runtime& runtime;
    std::unique_ptr<controller::ControllerClient> controller;
    client::ClientContext context;
  };

  // Runs `script` on the driver's machine until it has returned.
  void Drive(std::function<runtime::Task<void>(runtime::Runtime&)> script, int64_t seconds = 3600);

  // With one segment 0@0, or with 1@1, 2@1 … of `segments` equal ones that continue it.
  static runtime::Task<void> CreateStream(Client& client, int segments);
  // Replaces the current segments that lie within `range` by `segments` equal ones.
  static runtime::Task<void> Scale(Client& client, KeyRange range, int segments);
  static runtime::Task<void> Seal(Client& client);
  static runtime::Task<void> Sleep(Client& client, int64_t milliseconds);

  struct Seen {
    std::string event;
    SegmentId segment;
    Offset offset;
  };
  // All events from `from` to the end of the sealed stream, as a plain reader gets them.
  static runtime::Task<std::vector<Seen>> ReadAll(Client& client, StreamCut from);

  // Every event "key/number" with numbers below written[key] is there once, in order of its key, and no other.
  static void ExpectExactly(const std::vector<Seen>& seen, const std::map<std::string, int>& written);

  static const ScopedStream kStream;

  EveryNth faults;
  NoDurableFaults durable_faults;
  std::unique_ptr<SimulatedCluster> cluster;
  std::unique_ptr<World> world;
  std::string log;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CLUSTER_TESTS_CLIENT_HARNESS_H_
