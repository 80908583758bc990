#include "simulator/world/machine.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/framed_rpc.h"
#include "connector/runtime/sleep.h"

namespace pravega::sim {

using runtime::Task;

// ---- SimNode

// A disk takes its time to sync; everything else is a copy in memory.
class SimNode::Disk : public runtime::DiskPace {
 public:
  explicit Disk(SimNode* node) : node_(node), choices_(node->choices().Stream("disk", "sync")) {}

  Task<absl::Status> Before(runtime::DiskOperation operation, std::string path, size_t) override {
    if (operation != runtime::DiskOperation::kSync) co_return absl::OkStatus();
    const WorldOptions& options = node_->world_->options_;
    int64_t latency = options.disk_sync_min_ns;
    latency +=
        static_cast<int64_t>(choices_.Below(static_cast<uint64_t>(options.disk_sync_jitter_ns) + 1, "sync latency"));
    absl::Status slept = co_await runtime::SleepFor(*node_, runtime::Duration(latency), "disk");
    if (!slept.ok()) co_return slept;
    Machine* machine = node_->machine_;
    node_->world_->trace_.Record(node_->world_->now_, machine->name, machine->name_hash, TraceKind::kDurable, path);
    co_return absl::OkStatus();
  }

 private:
  SimNode* node_;
  runtime::ChoiceStream choices_;
};

struct SimNode::ArmedTimer : QueuedEvent {
  explicit ArmedTimer(SimNode* owner) : node(owner) {}
  ~ArmedTimer() override { node->world_->queue_.Remove(this); }
  void Fire() override {
    Machine* machine = node->machine_;
    World* world = node->world_;
    world->trace_.Record(world->now_, machine->name, machine->name_hash, TraceKind::kTimer, timer->label());
    if (!machine->paused) {
      node->FireTimer(this);
      node->Run();
      return;
    }
    // Disarming while it is held gives the slot a new generation, so the held firing finds nothing.
    machine->Deliver([this, held_generation = generation] {
      if (generation == held_generation && timer != nullptr) node->FireTimer(this);
    });
  }
  SimNode* node;
  runtime::Timer* timer = nullptr;
  uint64_t generation = 0;
};

SimNode::SimNode(World* world, Machine* machine, uint32_t incarnation)
    : world_(world), machine_(machine), incarnation_(incarnation), main_(scheduler_, "main") {
  disk_ = std::make_unique<Disk>(this);
  files_ = machine->disk->Open(*this, disk_.get());
}

SimNode::~SimNode() { CHECK(scheduler_.dead()); }

const std::string& SimNode::node_name() const { return machine_->name; }

runtime::Instant SimNode::Now() { return runtime::Instant(machine_->ToNodeTime(world_->now_)); }

runtime::WallMillis SimNode::WallNow() {
  return runtime::WallMillis(world_->options_.wall_epoch_ms + Now().nanos() / 1'000'000 + machine_->wall_skew_ms);
}

bool SimNode::RefuseIfDead() {
  if (!dead()) return false;
  ++world_->stats_.attempts_after_death;
  return true;
}

void SimNode::Arm(runtime::Timer* timer, runtime::Instant when) {
  if (RefuseIfDead()) return;
  CHECK(timer->armed == nullptr);
  if (when.infinite()) {
    // Never fires; there is nothing to queue, but the owner may still disarm it.
    return;
  }
  if (free_timers_.empty()) {
    timers_.push_back(std::make_unique<ArmedTimer>(this));
    free_timers_.push_back(timers_.back().get());
  }
  ArmedTimer* slot = free_timers_.back();
  free_timers_.pop_back();
  slot->timer = timer;
  timer->armed = slot;
  world_->queue_.Add(slot, std::max(world_->now_, machine_->ToTrueTime(when.nanos())));
}

void SimNode::Disarm(runtime::Timer* timer) {
  if (timer->armed == nullptr) return;
  auto* slot = static_cast<ArmedTimer*>(std::exchange(timer->armed, nullptr));
  world_->queue_.Remove(slot);
  slot->timer = nullptr;
  ++slot->generation;
  free_timers_.push_back(slot);
}

void SimNode::FireTimer(ArmedTimer* slot) {
  runtime::Timer* timer = slot->timer;
  Disarm(timer);
  timer->Fire();
}

runtime::Files& SimNode::files() { return *files_; }

std::unique_ptr<runtime::RpcChannel> SimNode::OpenChannel(std::vector<runtime::Endpoint> endpoints) {
  return runtime::NewFramedRpcChannel(*this, std::move(endpoints));
}

absl::StatusOr<std::unique_ptr<runtime::RpcServer>> SimNode::NewRpcServer(runtime::Endpoint endpoint) {
  return runtime::NewFramedRpcServer(*this, std::move(endpoint));
}

void SimNode::Log(std::string_view line) {
  if (dead()) return;
  if (world_->options_.log_sink) world_->options_.log_sink(world_->now_, machine_->name, line);
}

bool SimNode::planted(std::string_view bug) const { return machine_->planted.contains(bug); }

void SimNode::StartTask(std::string name, Task<void> task) {
  started_ = true;
  main_.Spawn(std::move(name), std::move(task));
}

void SimNode::Run() {
  if (!machine_->paused && scheduler_.has_ready()) scheduler_.Drain();
}

void SimNode::Die() { scheduler_.DestroyAll(); }

runtime::ChoiceStream SimNode::Stream(std::string_view purpose, std::string_view entity) {
  uint64_t key = MixHash(MixHash(HashText(purpose), HashText(entity)), MixHash(machine_->name_hash, incarnation_));
  return world_->MakeStream(key, machine_->name, machine_->name_hash);
}

Task<absl::StatusOr<std::vector<std::string>>> SimNode::Resolve(std::string host) {
  if (RefuseIfDead()) co_return absl::UnavailableError("the node is dead");
  if (!world_->machines_.contains(host)) {
    co_return MakeStatus(absl::StatusCode::kNotFound, "no machine is called '", host, "'");
  }
  std::vector<std::string> addresses;
  addresses.push_back(std::move(host));
  co_return std::move(addresses);
}

Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> SimNode::Connect(runtime::Endpoint endpoint,
                                                                            std::optional<runtime::TlsOptions> tls,
                                                                            runtime::Instant deadline) {
  return world_->network_->Connect(this, std::move(endpoint), std::move(tls), deadline);
}

absl::StatusOr<std::unique_ptr<runtime::Listener>> SimNode::Listen(runtime::Endpoint endpoint) {
  return world_->network_->Listen(this, std::move(endpoint));
}

// ---- Machine

Machine::Machine(World* w, std::string n) : world(w), name(std::move(n)), name_hash(HashText(name)) {}
Machine::~Machine() = default;

int64_t Machine::ToNodeTime(int64_t true_ns) const {
  return static_cast<int64_t>(static_cast<__int128>(true_ns) * (1'000'000 + clock_ppm) / 1'000'000);
}

int64_t Machine::ToTrueTime(int64_t node_ns) const {
  if (clock_ppm == 0) return node_ns;
  auto estimate = static_cast<int64_t>(static_cast<__int128>(node_ns) * 1'000'000 / (1'000'000 + clock_ppm));
  // Divisions round down; a timer must not fire before its node's clock shows its time.
  while (ToNodeTime(estimate) < node_ns) ++estimate;
  return estimate;
}

void Machine::Deliver(std::function<void()> event) {
  if (node == nullptr) return;
  if (paused) {
    held_.push_back(std::move(event));
    return;
  }
  event();
  node->Run();
}

void Machine::RunHeld() {
  node->Run();
  while (!paused && node != nullptr && !held_.empty()) {
    std::function<void()> event = std::move(held_.front());
    held_.pop_front();
    event();
    node->Run();
  }
}

}  // namespace pravega::sim
