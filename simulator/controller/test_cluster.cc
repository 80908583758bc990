#include "simulator/controller/test_cluster.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records.pb.h"

namespace pravega::sim {
namespace {

using runtime::Runtime;
using runtime::Task;

constexpr uint16_t kControllerPort = 9090;
constexpr uint16_t kStorePort = 12345;
constexpr int kStores = 2;

Task<void> RunController(Runtime& runtime, ControllerOptions options, MetadataStores* stores, SessionFaults* faults) {
  Controller controller(runtime, std::move(options), *stores, *faults);
  absl::Status ended = co_await controller.Run();
  CHECK_MSG(absl::IsCancelled(ended), ended.ToString());
}

Task<void> RunBody(Runtime& runtime, const TestCluster::RuntimeBody* body, bool* done) {
  co_await (*body)(runtime);
  *done = true;
}

Task<void> RunWithClient(Runtime& runtime, const TestCluster::Body* body, std::vector<runtime::Endpoint> controllers,
                         controller::ControllerClientOptions options) {
  std::unique_ptr<controller::ControllerClient> client =
      controller::ControllerClient::Connect(runtime, std::move(controllers), options);
  co_await (*body)(*client);
}

}  // namespace

FaultPhase PlannedFaults::Decide(const SessionRequest& request) {
  CHECK(request.protocol == "rpc");
  auto plan = plans_.find(request.command);
  if (plan == plans_.end() || plan->second.second == 0) return FaultPhase::kNone;
  --plan->second.second;
  return plan->second.first;
}

void PlannedFaults::Struck(const SessionRequest& request, FaultPhase) {
  ++struck_;
  last_subject_ = std::string(request.subject);
}

SessionFaults& TestCluster::ChosenFaults::Choose(const SessionRequest& request) {
  SessionFaults* chosen = cluster_->options_.session_faults ? cluster_->options_.session_faults(request) : nullptr;
  return chosen != nullptr ? *chosen : cluster_->faults_;
}

TestCluster::TestCluster(Options options)
    : options_(std::move(options)),
      world_(Tape::FromSeed(options_.seed), WorldOptions()),
      metadata_(world_, options_.durable_faults != nullptr ? *options_.durable_faults : no_durable_faults_) {
  for (int i = 0; i < kStores; ++i) {
    std::string name = StrCat("store-", i + 1);
    world_.AddMachine(name);
    world_.Start(name, [this, name](Runtime& runtime) { return stores_.Serve(runtime, {name, kStorePort}); });
  }
  for (int i = 0; i < options_.containers; ++i) {
    options_.controller.container_hosts.push_back({StrCat("store-", i % kStores + 1), kStorePort});
  }
  for (int i = 1; i <= options_.controllers; ++i) {
    std::string name = ControllerName(i);
    world_.AddMachine(name);
    world_.SetPlanted(name, options_.planted);
    ControllerOptions own = options_.controller;
    own.endpoint = {name, kControllerPort};
    if (options_.after_step) {
      own.after_step = [this, name](std::string step) { return options_.after_step(name, std::move(step)); };
    }
    world_.Start(name,
                 [this, own](Runtime& runtime) { return RunController(runtime, own, &metadata_, &chosen_faults_); });
  }
  world_.AddMachine("client");
}

std::vector<runtime::Endpoint> TestCluster::controller_endpoints() const {
  std::vector<runtime::Endpoint> endpoints;
  for (int i = 1; i <= options_.controllers; ++i) endpoints.push_back({ControllerName(i), kControllerPort});
  return endpoints;
}

bool TestCluster::RunOnClient(const RuntimeBody& body, runtime::Duration patience) {
  if (world_.running("client")) world_.Crash("client");
  bool done = false;
  world_.Start("client", [&body, &done](Runtime& runtime) { return RunBody(runtime, &body, &done); });
  bool ended = world_.RunUntil([&done] { return done; }, world_.now_ns() + patience.count());
  if (!ended) world_.Crash("client");
  return ended;
}

bool TestCluster::Run(const Body& body, runtime::Duration patience) {
  return RunOnClient(
      [&](Runtime& runtime) { return RunWithClient(runtime, &body, controller_endpoints(), options_.client); },
      patience);
}

void TestCluster::Advance(runtime::Duration duration) {
  // An event of its own: a world in which nothing happens does not move its clock.
  bool there = false;
  int64_t until = world_.now_ns() + duration.count();
  world_.At(until, "time has passed", [&there] { there = true; });
  CHECK(world_.RunUntil([&there] { return there; }, until));
}

bool TestCluster::settled() const {
  for (const auto& [key, value] : metadata_.values()) {
    if (key.starts_with(keys::kWork)) return false;
    if (!key.starts_with(keys::kTransactions)) continue;
    records::Transaction record;
    CHECK(record.ParseFromString(value.bytes));
    if (record.state() != records::Transaction::OPEN) return false;
  }
  return true;
}

bool TestCluster::Settle(runtime::Duration patience) {
  return world_.RunUntil([this] { return settled(); }, world_.now_ns() + patience.count());
}

namespace {

template <typename Record>
Record Parse(std::string_view bytes) {
  Record record;
  CHECK(record.ParseFromString(std::string(bytes)));
  return record;
}

std::string DescribeRecord(std::string_view key, std::string_view bytes) {
  auto is = [key](std::string_view kind) { return key.starts_with(kind); };
  if (is("scope/")) return "";
  if (is("stream/")) {
    records::Stream record = Parse<records::Stream>(bytes);
    record.clear_created_ms();
    record.clear_recent();
    CHECK(record.queue_size() == 0);
    CHECK(!record.has_commit());
    return record.ShortDebugString();
  }
  if (is("data/") && key.find("/epoch/") != std::string_view::npos) {
    records::EpochSegments record = Parse<records::EpochSegments>(bytes);
    record.clear_created_ms();
    return record.ShortDebugString();
  }
  if (is("data/")) return Parse<records::SealedSegment>(bytes).ShortDebugString();
  if (is("history/")) return Parse<records::StreamHistory>(bytes).ShortDebugString();
  if (is("order/")) return Parse<records::CommitOrder>(bytes).ShortDebugString();
  if (is("txn/")) {
    records::Transaction record = Parse<records::Transaction>(bytes);
    record.clear_created_ms();
    record.clear_expires_ms();
    return record.ShortDebugString();
  }
  if (is("completed/")) {
    records::CompletedTransaction record = Parse<records::CompletedTransaction>(bytes);
    record.clear_time_ms();
    return record.ShortDebugString();
  }
  if (is("group/")) {
    records::ReaderGroup record = Parse<records::ReaderGroup>(bytes);
    record.mutable_config()->clear_readergroupid();
    return record.ShortDebugString();
  }
  return std::string(bytes);
}

}  // namespace

std::string TestCluster::Describe() const {
  std::string text;
  for (const auto& [key, value] : metadata_.values()) {
    // How many ids were reserved is no part of the state of anything.
    if (key == keys::kTxnCounter) continue;
    text += StrCat(key, ": ", DescribeRecord(key, value.bytes), "\n");
  }
  for (const auto& [name, segment] : stores_.segments()) {
    text += StrCat("segment ", name, ": '", segment.bytes, "' from ", segment.start, segment.sealed ? " sealed" : "",
                   " type ", segment.scale_type, " rate ", segment.target_rate, " rollover ",
                   segment.rollover_size_bytes, "\n");
  }
  return text;
}

}  // namespace pravega::sim
