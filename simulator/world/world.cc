#include "simulator/world/world.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "simulator/world/machine.h"
#include "simulator/world/sim_network.h"

namespace pravega::sim {

// A stream of the schedule.
class TapeSource : public runtime::ChoiceStream::Source {
 public:
  TapeSource(World* world, uint64_t stream, std::string_view node, uint64_t node_hash)
      : world_(world), stream_(stream), node_(node), node_hash_(node_hash), count_(world->Counter(stream)) {}

  uint64_t Draw(uint64_t bound, std::string_view) override {
    uint64_t value = world_->tape_.Draw(stream_, (*count_)++, bound);
    char payload[16];
    for (int i = 0; i < 8; ++i) {
      payload[i] = static_cast<char>(stream_ >> (56 - 8 * i));
      payload[8 + i] = static_cast<char>(value >> (56 - 8 * i));
    }
    world_->trace_.Record(world_->now_, node_, node_hash_, TraceKind::kChoice,
                          std::string_view(payload, sizeof(payload)));
    return value;
  }

  Uuid DrawUuid() override {
    // From the stream's identity and the seed, never from the tape's values: a tape of zeros must not make two writers
    // one.
    uint64_t index = (*count_)++;
    uint64_t base = MixHash(MixHash(world_->tape_.seed, stream_), index);
    return Uuid{MixHash(base, 1), MixHash(base, 2)};
  }

 private:
  World* world_;
  uint64_t stream_;
  std::string_view node_;
  uint64_t node_hash_;
  std::shared_ptr<uint64_t> count_;
};

struct World::Action : QueuedEvent {
  Action(World* w, uint64_t n, std::string l, std::function<void()> r)
      : world(w), number(n), label(std::move(l)), run(std::move(r)) {}
  ~Action() override { world->queue_.Remove(this); }
  void Fire() override {
    std::unique_ptr<Action> self = std::move(world->actions_.extract(number).mapped());
    if (!label.empty()) world->RecordWorld(label);
    run();
  }
  World* world;
  uint64_t number;
  std::string label;
  std::function<void()> run;
};

// Requests and answers travel as queued events; a port's order is kept by never overtaking its own last arrival.
class SimServicePort : public ServicePort, public std::enable_shared_from_this<SimServicePort> {
 public:
  SimServicePort(World* world, Machine* caller, uint32_t incarnation, std::string service)
      : world_(world),
        caller_(caller),
        incarnation_(incarnation),
        service_(std::move(service)),
        service_hash_(HashText(service_)),
        choices_(world->WorldStream("service", StrCat(caller->name, ">", service_, "#", incarnation))) {}

  void Send(std::string_view label, Buffer payload, std::function<void()> apply) override {
    if (caller_->node == nullptr || caller_->incarnations != incarnation_) {
      ++world_->stats_.attempts_after_death;
      return;
    }
    last_request_ = std::max(last_request_, world_->now_ + Latency());
    world_->At(last_request_, "",
               [self = shared_from_this(), label, payload = std::move(payload), apply = std::move(apply)] {
                 World* world = self->world_;
                 world->trace_.Record(world->now_, self->service_, self->service_hash_, TraceKind::kDurable,
                                      payload.empty() ? label : payload.view());
                 apply();
               });
  }

  void Reply(std::string_view label, std::function<void()> complete) override {
    last_reply_ = std::max(last_reply_, world_->now_ + Latency());
    world_->At(last_reply_, "", [self = shared_from_this(), label, complete = std::move(complete)] {
      Machine* caller = self->caller_;
      if (caller->node == nullptr || caller->incarnations != self->incarnation_) return;
      World* world = self->world_;
      world->trace_.Record(world->now_, caller->name, caller->name_hash, TraceKind::kDelivery, label);
      caller->Deliver(complete);
    });
  }

 private:
  int64_t Latency() {
    const WorldOptions& options = world_->options_;
    return options.service_latency_min_ns +
           static_cast<int64_t>(
               choices_.Below(static_cast<uint64_t>(options.service_latency_jitter_ns) + 1, "service latency"));
  }

  World* world_;
  Machine* caller_;
  uint32_t incarnation_;
  std::string service_;
  uint64_t service_hash_;
  runtime::ChoiceStream choices_;
  int64_t last_request_ = 0;
  int64_t last_reply_ = 0;
};

World::World(Tape tape, WorldOptions options)
    : tape_(std::move(tape)),
      options_(std::move(options)),
      trace_(options_.trace_sink),
      network_(std::make_unique<SimNetwork>(this)) {}

World::~World() {
  for (auto& [name, machine] : machines_) {
    if (machine->node != nullptr) Kill(*machine);
  }
}

Machine& World::Find(const std::string& name) const {
  auto found = machines_.find(name);
  CHECK_MSG(found != machines_.end(), "no machine is called " + name);
  return *found->second;
}

void World::RecordWorld(std::string_view what) {
  trace_.Record(now_, "world", HashText("world"), TraceKind::kWorld, what);
}

std::shared_ptr<uint64_t> World::Counter(uint64_t stream) {
  std::shared_ptr<uint64_t>& counter = counters_[stream];
  if (counter == nullptr) counter = std::make_shared<uint64_t>(0);
  return counter;
}

runtime::ChoiceStream World::MakeStream(uint64_t key, std::string_view node, uint64_t node_hash) {
  return runtime::ChoiceStream(std::make_unique<TapeSource>(this, key, node, node_hash));
}

runtime::ChoiceStream World::WorldStream(std::string_view purpose, std::string_view entity) {
  static constexpr std::string_view kWorld = "world";
  uint64_t key = MixHash(HashText(purpose), HashText(entity));
  return MakeStream(key, kWorld, HashText(kWorld));
}

void World::AddMachine(const std::string& name) {
  auto [at, added] = machines_.try_emplace(name);
  CHECK_MSG(added, "two machines are called " + name);
  at->second = std::make_unique<Machine>(this, name);
  Machine* machine = at->second.get();
  machine->disk = std::make_unique<runtime::MemoryDisk>();
}

void World::SetClock(const std::string& name, int32_t ppm, int64_t wall_skew_ms) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node == nullptr, "clocks are set before a node starts");
  machine.clock_ppm = ppm;
  machine.wall_skew_ms = wall_skew_ms;
}

void World::SetPlanted(const std::string& name, std::set<std::string, std::less<>> bugs) {
  Find(name).planted = std::move(bugs);
}

void World::Start(const std::string& name, Program program) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node == nullptr, name + " is running already");
  machine.program = std::move(program);
  machine.paused = false;
  RecordWorld("start " + name);
  machine.node = std::make_unique<SimNode>(this, &machine, ++machine.incarnations);
  machine.node->StartTask("program", machine.program(*machine.node));
  RunSoon(machine);
}

void World::Spawn(const std::string& name, std::string task_name, runtime::Task<void> task) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node != nullptr, name + " is not running");
  machine.node->StartTask(std::move(task_name), std::move(task));
  RunSoon(machine);
}

void World::RunSoon(Machine& machine) {
  At(now_, "", [&machine, incarnation = machine.incarnations] {
    if (machine.incarnations == incarnation) machine.Deliver([] {});
  });
}

void World::Restart(const std::string& name) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.program != nullptr, name + " never ran");
  Start(name, machine.program);
}

void World::Crash(const std::string& name) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node != nullptr, name + " is not running");
  RecordWorld("crash " + name);
  network_->ResetAll(name);
  Kill(machine);
  runtime::ChoiceStream losses = WorldStream("disk", name);
  machine.disk->Crash([&losses](size_t unsynced) { return static_cast<size_t>(losses.Below(unsynced + 1, "kept")); });
}

void World::Kill(Machine& machine) {
  // Off the machine first: while the frames go, nothing that they still do may reach the world.
  std::unique_ptr<SimNode> node = std::move(machine.node);
  machine.held_.clear();
  machine.paused = false;
  node->Die();
}

void World::Pause(const std::string& name) {
  RecordWorld("pause " + name);
  Find(name).paused = true;
}

void World::Resume(const std::string& name) {
  Machine& machine = Find(name);
  if (!machine.paused) return;
  RecordWorld("resume " + name);
  machine.paused = false;
  if (machine.node != nullptr) machine.RunHeld();
}

void World::Post(const std::string& name, std::function<void()> event) { Find(name).Deliver(std::move(event)); }

bool World::running(const std::string& name) const { return Find(name).node != nullptr; }
bool World::paused(const std::string& name) const { return Find(name).paused; }
bool World::finished(const std::string& name) const {
  const Machine& machine = Find(name);
  return machine.node != nullptr && machine.node->finished();
}
uint32_t World::incarnation(const std::string& name) const { return Find(name).incarnations; }

runtime::Runtime& World::node(const std::string& name) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node != nullptr, name + " is not running");
  return *machine.node;
}

std::vector<std::string> World::machine_names() const {
  std::vector<std::string> names;
  for (const auto& [name, machine] : machines_) names.push_back(name);
  return names;
}

void World::CutLink(const std::string& from, const std::string& to, std::function<void()> held) {
  RecordWorld(StrCat("cut ", from, ">", to));
  network_->CutLink(from, to, std::move(held));
}

void World::HealLink(const std::string& from, const std::string& to) {
  RecordWorld(StrCat("heal ", from, ">", to));
  network_->HealLink(from, to);
}

void World::SetLinkOptions(const std::string& from, const std::string& to, LinkOptions options) {
  network_->LinkBetween(from, to).options = options;
}

void World::RefuseConnections(const std::string& from, const std::string& to, bool refuse,
                              std::function<void()> refused) {
  RecordWorld(StrCat(refuse ? "refuse " : "admit ", from, ">", to));
  Link& link = network_->LinkBetween(from, to);
  link.refuse = refuse;
  link.refused.Clear();
  link.refused.Add(std::move(refused));
}

void World::WhenUsed(const std::string& from, const std::string& to, std::function<void()> action) {
  network_->LinkBetween(from, to).used.Add(std::move(action));
}

int World::ResetConnections(const std::string& a, const std::string& b) {
  RecordWorld(StrCat("reset ", a, "-", b));
  return network_->ResetConnections(a, b);
}

void World::At(int64_t at_ns, std::string label, std::function<void()> action) {
  uint64_t number = next_action_++;
  auto pending = std::make_unique<Action>(this, number, std::move(label), std::move(action));
  queue_.Add(pending.get(), std::max(at_ns, now_));
  actions_.emplace(number, std::move(pending));
}

bool World::Step() {
  if (queue_.empty()) return false;
  now_ = queue_.next_time();
  ++stats_.events;
  queue_.Pop()->Fire();
  return true;
}

bool World::RunUntil(const std::function<bool()>& done, int64_t until_ns) {
  while (!done()) {
    if (queue_.empty()) return false;
    if (queue_.next_time() > until_ns) {
      now_ = until_ns;
      return false;
    }
    Step();
  }
  return true;
}

std::shared_ptr<ServicePort> World::Open(runtime::Runtime& node, std::string_view service) {
  Machine& machine = Find(node.node_name());
  return std::make_shared<SimServicePort>(this, &machine, machine.incarnations, std::string(service));
}

std::vector<std::string> World::DescribeWaits() const {
  std::vector<std::string> lines;
  for (const auto& [name, machine] : machines_) {
    if (machine->node == nullptr) {
      lines.push_back(name + ": not running");
      continue;
    }
    if (machine->paused) lines.push_back(name + ": paused");
    for (const std::string& wait : machine->node->scheduler().DescribeWaits()) lines.push_back(name + ": " + wait);
  }
  return lines;
}

}  // namespace pravega::sim
