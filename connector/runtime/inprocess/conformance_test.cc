// The conformance body over in-process pipes, under real time.
#include "connector/runtime/conformance/conformance.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/runtime/inprocess/pipe_world.h"

namespace pravega::runtime {
namespace {

class PipesUnderTest : public WorldUnderTest {
 public:
  explicit PipesUnderTest(PipeWorldOptions options) : world_(std::move(options)) {}

  void AddNode(const std::string& name) override { world_.AddNode(name); }
  Runtime& node(const std::string& name) override { return world_.node(name); }
  void Spawn(const std::string& name, std::string task_name, Task<void> task) override {
    world_.Spawn(name, std::move(task_name), std::move(task));
  }
  bool RunUntil(const std::function<bool()>& done, Duration limit) override { return world_.RunUntil(done, limit); }
  void Crash(const std::string& name) override { world_.Crash(name); }
  void Restart(const std::string& name) override { world_.Restart(name); }
  bool SetUnreachable(const std::string& name, bool unreachable) override {
    world_.SetUnreachable(name, unreachable);
    return true;
  }
  std::vector<std::string> DescribeWaits() override { return world_.DescribeWaits(); }

 private:
  PipeWorld world_;
};

std::unique_ptr<WorldUnderTest> MakePipes() { return std::make_unique<PipesUnderTest>(PipeWorldOptions()); }

// Buffers so small that every write waits, and one connection at a time to be accepted.
std::unique_ptr<WorldUnderTest> MakeNarrowPipes() {
  PipeWorldOptions options;
  options.seed = 2;
  options.pipe_capacity = 700;
  options.backlog = 3;
  return std::make_unique<PipesUnderTest>(std::move(options));
}

INSTANTIATE_TEST_SUITE_P(InProcess, RuntimeConformance,
                         ::testing::Values(ConformanceArm{"Pipes", MakePipes},
                                           ConformanceArm{"NarrowPipes", MakeNarrowPipes}),
                         ArmName);

}  // namespace
}  // namespace pravega::runtime
