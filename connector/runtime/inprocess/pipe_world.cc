#include "connector/runtime/inprocess/pipe_world.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/inprocess/pipe_network.h"
#include "connector/runtime/inprocess/pipe_node.h"
#include "connector/runtime/system_clocks.h"

namespace pravega::runtime {

struct PipeWorld::Machine {
  uint64_t incarnations = 0;
  MemoryDisk disk;
  std::set<std::string, std::less<>> planted;
  std::unique_ptr<PipeNode> node;  // null when not running
};

PipeWorld::PipeWorld(PipeWorldOptions options)
    : options_(std::move(options)), origin_(SteadyNow()), network_(std::make_unique<PipeNetwork>(this)) {
  CHECK(options_.pipe_capacity > 0);
  CHECK(options_.backlog > 0);
}

PipeWorld::~PipeWorld() {
  for (auto& [name, machine] : machines_) {
    if (machine->node != nullptr) Crash(name);
  }
}

PipeWorld::Machine& PipeWorld::Find(const std::string& name) const {
  auto found = machines_.find(name);
  CHECK_MSG(found != machines_.end(), "no machine is called " + name);
  return *found->second;
}

Runtime& PipeWorld::AddNode(const std::string& name) {
  auto [at, added] = machines_.try_emplace(name, std::make_unique<Machine>());
  CHECK_MSG(added, "two machines are called " + name);
  return Restart(name);
}

Runtime& PipeWorld::node(const std::string& name) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node != nullptr, name + " is not running");
  return *machine.node;
}

bool PipeWorld::running(const std::string& name) const { return Find(name).node != nullptr; }

void PipeWorld::Spawn(const std::string& name, std::string task_name, Task<void> task) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node != nullptr, name + " is not running");
  machine.node->tasks().Spawn(std::move(task_name), std::move(task));
}

size_t PipeWorld::tasks(const std::string& name) const {
  Machine& machine = Find(name);
  return machine.node == nullptr ? 0 : machine.node->tasks().size();
}

void PipeWorld::Crash(const std::string& name) {
  SeededChoices choices(options_.seed, "world", Find(name).incarnations);
  ChoiceStream losses = choices.Stream("disk", name);
  Crash(name, [&losses](size_t unsynced) { return static_cast<size_t>(losses.Below(unsynced + 1, "kept")); });
}

void PipeWorld::Crash(const std::string& name, const MemoryDisk::Keep& keep) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node != nullptr, name + " is not running");
  machine.node->Die();
  // Others may still hold a reference to it.
  dead_.push_back(std::move(machine.node));
  machine.disk.Crash(keep);
}

Runtime& PipeWorld::Restart(const std::string& name) {
  Machine& machine = Find(name);
  CHECK_MSG(machine.node == nullptr, name + " is running already");
  machine.node = std::make_unique<PipeNode>(this, name, ++machine.incarnations, &machine.disk, &machine.planted);
  return *machine.node;
}

void PipeWorld::SetUnreachable(const std::string& name, bool unreachable) {
  network_->SetUnreachable(name, unreachable);
}

void PipeWorld::SetPlanted(const std::string& name, std::set<std::string, std::less<>> bugs) {
  Find(name).planted = std::move(bugs);
}

Instant PipeWorld::Now() const { return Instant() + (SteadyNow() - origin_); }

bool PipeWorld::RunReady() {
  bool any = false;
  for (auto& [name, machine] : machines_) {
    if (machine->node == nullptr || !machine->node->scheduler().has_ready()) continue;
    if (machine->node->scheduler().stopped()) continue;
    machine->node->scheduler().Drain();
    any = true;
  }
  return any;
}

bool PipeWorld::FireNextTimer(Instant limit) {
  PipeNode* next = nullptr;
  for (auto& [name, machine] : machines_) {
    if (machine->node == nullptr || machine->node->next_timer().infinite()) continue;
    if (next == nullptr || machine->node->next_timer() < next->next_timer()) next = machine->node.get();
  }
  if (next == nullptr) return false;
  Duration wait = std::min(next->next_timer(), limit) - Now();
  if (wait > Duration::zero()) std::this_thread::sleep_for(wait);
  if (next->next_timer() <= Now()) next->FireTimer();
  return true;
}

bool PipeWorld::Run() {
  while (!stopping_) {
    if (!RunReady() && !FireNextTimer(Instant::Infinite())) return true;
  }
  stopping_ = false;
  return false;
}

bool PipeWorld::RunUntil(const std::function<bool()>& done, Duration limit) {
  Instant end = Now() + limit;
  while (!done()) {
    if (std::exchange(stopping_, false)) return false;
    if (Now() >= end) return false;
    if (!RunReady() && !FireNextTimer(end)) return done();
  }
  return true;
}

std::vector<std::string> PipeWorld::DescribeWaits() const {
  std::vector<std::string> lines;
  for (const auto& [name, machine] : machines_) {
    if (machine->node == nullptr) {
      lines.push_back(name + ": not running");
      continue;
    }
    for (const std::string& wait : machine->node->scheduler().DescribeWaits()) lines.push_back(name + ": " + wait);
  }
  return lines;
}

}  // namespace pravega::runtime
