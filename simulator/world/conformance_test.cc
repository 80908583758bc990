// The conformance body in the simulated world: the same tests that in-process pipes pass, under virtual time.
#include "connector/runtime/conformance/conformance.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/strings.h"
#include "simulator/world/world.h"

namespace pravega::sim {
namespace {

class SimulationUnderTest : public runtime::WorldUnderTest {
 public:
  SimulationUnderTest(Tape tape, WorldOptions options) : world_(std::move(tape), std::move(options)) {}

  void AddNode(const std::string& name) override {
    world_.AddMachine(name);
    world_.Start(name, Idle);
  }
  runtime::Runtime& node(const std::string& name) override { return world_.node(name); }
  void Spawn(const std::string& name, std::string task_name, runtime::Task<void> task) override {
    world_.Spawn(name, std::move(task_name), std::move(task));
  }
  bool RunUntil(const std::function<bool()>& done, runtime::Duration limit) override {
    const int64_t until = world_.now_ns() + limit.count();
    bool reached = world_.RunUntil(done, until);
    if (!reached && world_.now_ns() < until) {
      // Nothing is left to happen; time passes all the same.
      world_.At(until, "", [] {});
      reached = world_.RunUntil(done, until);
    }
    return reached;
  }
  void Crash(const std::string& name) override { world_.Crash(name); }
  void Restart(const std::string& name) override { world_.Restart(name); }
  bool SetUnreachable(const std::string& name, bool unreachable) override {
    for (const std::string& other : world_.machine_names()) {
      if (other == name) continue;
      if (unreachable) {
        world_.CutLink(other, name);
      } else {
        world_.HealLink(other, name);
      }
    }
    return true;
  }
  std::vector<std::string> Leftovers() override {
    std::vector<std::string> lines;
    if (world_.stats().attempts_after_death > 0) {
      lines.push_back(StrCat(world_.stats().attempts_after_death, " attempts of dead nodes to act"));
    }
    return lines;
  }
  std::vector<std::string> DescribeWaits() override { return world_.DescribeWaits(); }

 private:
  static runtime::Task<void> Idle(runtime::Runtime&) { co_return; }
  World world_;
};

std::unique_ptr<runtime::WorldUnderTest> MakeSeeded() {
  return std::make_unique<SimulationUnderTest>(Tape::FromSeed(7), WorldOptions());
}

// Every write in pieces, buffers so small that every write waits, and fast links, since the tests move many megabytes.
std::unique_ptr<runtime::WorldUnderTest> MakePiecemeal() {
  WorldOptions options;
  options.link.split_ppm = 1'000'000;
  options.link.latency_min_ns = 20'000;
  options.link.latency_jitter_ns = 20'000;
  options.link.slow_ppm = 0;
  options.pipe_capacity = 16'000;
  return std::make_unique<SimulationUnderTest>(Tape::FromSeed(8), std::move(options));
}

using runtime::RuntimeConformance;

INSTANTIATE_TEST_SUITE_P(Simulated, RuntimeConformance,
                         ::testing::Values(runtime::ConformanceArm{"Seeded", MakeSeeded},
                                           runtime::ConformanceArm{"Piecemeal", MakePiecemeal}),
                         runtime::ArmName);

}  // namespace
}  // namespace pravega::sim
