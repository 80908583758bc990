// TestRuntime: one node under virtual time with in-memory connections to itself, for unit tests of the client.
//
// Client and scripted servers run side by side on it. There is no latency, nothing is lost and choices come from a
// fixed counter: what goes wrong is scripted by the test. (The simulated world has latency, faults and several nodes,
// but belongs to the simulator, which the connector does not know.)
#ifndef PRAVEGA_CONNECTOR_CLIENT_TESTING_TEST_RUNTIME_H_
#define PRAVEGA_CONNECTOR_CLIENT_TESTING_TEST_RUNTIME_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"

namespace pravega::client {

class TestRuntime : public runtime::Runtime, private runtime::Network, private runtime::Choices {
 public:
  TestRuntime();
  ~TestRuntime() override;

  // Runs `task` and everything else until it ends; fails the test if it has not ended `patience` of virtual time later.
  void Run(runtime::Task<void> task, runtime::Duration patience = std::chrono::hours(1));
  // Lets virtual time pass with everything that happens meanwhile.
  void Advance(runtime::Duration duration);
  // Runs beside the test until the runtime is destroyed.
  void SpawnServer(std::string name, runtime::Task<void> task) { servers_.Spawn(std::move(name), std::move(task)); }

  // Bytes that a connection holds in one direction before its writer waits.
  void set_pipe_capacity(size_t bytes) { pipe_capacity_ = bytes; }
  // Connections to this endpoint are refused from now on, or accepted again.
  void Refuse(const runtime::Endpoint& endpoint, bool refuse);
  // Most bytes of one Read: 1 cuts everything into single bytes.
  void set_read_limit(size_t bytes) { read_limit_ = bytes; }
  // Answers remote calls of every channel; unset, they fail as Unavailable.
  void set_rpc_handler(runtime::RpcHandler handler) { rpc_handler_ = std::move(handler); }
  void Plant(std::string bug) { planted_.insert(std::move(bug)); }
  const std::vector<std::string>& log() const { return log_; }
  int connects() const { return connects_; }

  const std::string& node_name() const override { return name_; }
  runtime::Scheduler& scheduler() override { return scheduler_; }
  runtime::Instant Now() override { return now_; }
  runtime::WallMillis WallNow() override { return runtime::WallMillis(now_.nanos() / 1'000'000); }
  void Arm(runtime::Timer* timer, runtime::Instant when) override;
  void Disarm(runtime::Timer* timer) override;
  runtime::Choices& choices() override { return *this; }
  runtime::Network& network() override { return *this; }
  runtime::Files& files() override;
  std::unique_ptr<runtime::RpcChannel> OpenChannel(std::vector<runtime::Endpoint> endpoints) override;
  absl::StatusOr<std::unique_ptr<runtime::RpcServer>> NewRpcServer(runtime::Endpoint endpoint) override;
  void Log(std::string_view line) override { log_.emplace_back(line); }
  bool planted(std::string_view bug) const override { return planted_.contains(bug); }

  class Pipe;
  class PipeEnd;
  class TestListener;
  class Channel;

 private:
  using TimerKey = std::pair<int64_t, uint64_t>;

  runtime::ChoiceStream Stream(std::string_view purpose, std::string_view entity) override;
  runtime::Task<absl::StatusOr<std::vector<std::string>>> Resolve(std::string host) override;
  runtime::Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> Connect(runtime::Endpoint endpoint,
                                                                              std::optional<runtime::TlsOptions> tls,
                                                                              runtime::Instant deadline) override;
  absl::StatusOr<std::unique_ptr<runtime::Listener>> Listen(runtime::Endpoint endpoint) override;
  bool FireNext(runtime::Instant until);

  const std::string name_ = "node";
  runtime::Instant now_;
  uint64_t next_timer_ = 0;
  std::map<TimerKey, runtime::Timer*> timers_;
  size_t pipe_capacity_ = 1 << 20;
  size_t read_limit_ = SIZE_MAX;
  std::set<runtime::Endpoint> refusing_;
  std::map<runtime::Endpoint, TestListener*> listeners_;
  runtime::RpcHandler rpc_handler_;
  std::set<std::string, std::less<>> planted_;
  std::vector<std::string> log_;
  uint64_t next_uuid_ = 1;
  uint64_t draws_ = 0;
  int connects_ = 0;
  // Last, so that frames go first: they refer to everything above.
  runtime::Scheduler scheduler_;
  runtime::TaskGroup servers_;
  runtime::TaskGroup main_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_TESTING_TEST_RUNTIME_H_
