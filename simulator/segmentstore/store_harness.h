// StoreHarness: one segment store and one client machine in a simulated world, for tests that speak raw wire commands.
//
// The test is written as if it could wait: every call lets the world run until what it waits for has happened.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_STORE_HARNESS_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_STORE_HARNESS_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/ids.h"
#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"
#include "connector/wire/commands.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/durable_log.h"
#include "simulator/durable/memory_durable_logs.h"
#include "simulator/faults/session_faults.h"
#include "simulator/segmentstore/segment_store.h"
#include "simulator/world/world.h"

namespace pravega::sim {

// Strikes the next request of a command in a phase, once.
class PlannedSessionFaults : public SessionFaults {
 public:
  void Plan(std::string command, FaultPhase phase) { planned_ = {std::move(command), phase}; }
  FaultPhase Decide(const SessionRequest& request) override;
  void Struck(const SessionRequest& request, FaultPhase phase) override;

  std::vector<std::string> asked;  // "command subject"
  std::vector<std::string> struck;

 private:
  std::optional<std::pair<std::string, FaultPhase>> planned_;
};

// Answers requests of the log as told, in turn; then without faults.
class PlannedDurableFaults : public DurableFaults {
 public:
  DurableDecision Decide(const DurableRequest& request) override;
  size_t Survivors(const DurableRequest&, size_t records) override { return std::min(records, survivors); }

  std::deque<DurableDecision> appends;
  size_t survivors = SIZE_MAX;
};

class StoreHarness {
 public:
  // What the client's end of a connection has seen.
  class Connection {
   public:
    explicit Connection(StoreHarness* harness) : harness_(harness), to_send_("something to send") {}

    void Send(const wire::Command& command);
    void SendBytes(std::string bytes);
    // In one write.
    void SendAll(const std::vector<wire::Command>& commands);
    // The next command, or nothing if none comes within ten seconds or the store ends the connection.
    std::optional<wire::Command> Receive();
    // It must be a T.
    template <typename T>
    T Expect() {
      std::optional<wire::Command> command = Receive();
      CHECK_MSG(command.has_value(), std::string(T::kInfo.name) + " expected; " + Describe());
      T* wanted = std::get_if<T>(&*command);
      CHECK_MSG(wanted != nullptr, std::string(T::kInfo.name) + " expected, not " + wire::InfoOf(*command).name);
      return std::move(*wanted);
    }
    template <typename T>
    T Ask(const wire::Command& command) {
      Send(command);
      return Expect<T>();
    }
    // Whether the store ends the connection within ten seconds; what it sends before can still be received.
    bool Closes();
    // Whether nothing comes for so long and the connection stays.
    bool StaysSilent(std::chrono::milliseconds how_long);
    // The client ends its direction, behind what it sent.
    void Finish();
    // The client cuts the connection.
    void Reset();
    // The client stops or starts to take what the store sends.
    void PauseReading(bool paused);
    size_t received() const { return received_.size(); }
    bool closed() const { return closed_; }

   private:
    friend class StoreHarness;
    std::string Describe() const;
    runtime::Task<void> Run(runtime::Runtime& node, runtime::Endpoint endpoint);
    runtime::Task<void> WriteLoop();

    StoreHarness* harness_;
    std::deque<wire::Command> received_;
    bool closed_ = false;
    bool paused_ = false;
    bool finishing_ = false;
    std::string outgoing_;
    runtime::Event to_send_;
    runtime::Event resumed_{"reading to be resumed"};
    runtime::ByteStream* stream_ = nullptr;  // lives in the frame of Run()
    bool connected_ = false;
  };

  struct Options {
    uint64_t seed = 1;
    SegmentStoreOptions store;
    std::set<std::string, std::less<>> planted;
    WorldOptions world;
  };
  // A store of one container, if the options name none.
  explicit StoreHarness(Options options);
  StoreHarness() : StoreHarness(Options()) {}
  ~StoreHarness();

  Connection& Connect();
  void CrashStore() { world_.Crash("store"); }
  void RestartStore();
  // Cancels it and lets it end.
  void StopStore();
  // Takes the log of container 0 over from another node.
  std::unique_ptr<DurableLog> FenceLog();
  // Lets the world run.
  void Pass(std::chrono::nanoseconds how_long);

  World& world() { return world_; }
  MemoryDurableLogs& logs() { return logs_; }
  PlannedSessionFaults& faults() { return faults_; }
  PlannedDurableFaults& durable_faults() { return durable_faults_; }
  SegmentStore* store() { return store_; }
  const std::vector<std::string>& log() const { return log_; }

 private:
  runtime::Task<void> RunStore(runtime::Runtime& node);
  static runtime::Task<void> Serve(SegmentStore* store, runtime::Runtime* node);
  static runtime::Task<void> Fence(DurableLog* log, bool* done);
  runtime::Task<void> RunClient(runtime::Runtime& node);

  SegmentStoreOptions options_;
  std::vector<std::string> log_;  // of the store
  PlannedSessionFaults faults_;
  PlannedDurableFaults durable_faults_;
  World world_;
  MemoryDurableLogs logs_;
  SegmentStore* store_ = nullptr;  // while it runs
  runtime::TaskGroup* store_tasks_ = nullptr;
  runtime::TaskGroup* client_tasks_ = nullptr;
  std::vector<std::unique_ptr<Connection>> connections_;
};

// Shorthands for tests.
inline constexpr const char* kSegment = "sc/st/0.#epoch.0";
inline constexpr RequestId kRequest{0x0000000700000001};
inline constexpr WriterId kWriterId{Uuid{0x0011223344556677, 0x8899aabbccddeeff}};

wire::CreateSegment CreateOf(std::string segment);
wire::SetupAppend SetupOf(std::string segment, WriterId writer = kWriterId);
// An append in the form of an end alone.
wire::AppendBlockEnd AppendOf(std::string data, int64_t number, int32_t events = 1, WriterId writer = kWriterId);
wire::ReadSegment ReadOf(std::string segment, int64_t offset, int32_t length = 1 << 20);
wire::GetStreamSegmentInfo InfoOfSegment(std::string segment);
wire::SealSegment SealOf(std::string segment);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_STORE_HARNESS_H_
