// The conformance body over sockets, gRPC and files of the operating system.
#include "connector/runtime/conformance/conformance.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/strings.h"
#include "connector/runtime/os/event_loop.h"
#include "connector/runtime/os/os_node.h"

namespace pravega::runtime {
namespace {

// All nodes share one loop, hence one thread: what the tests keep about several nodes needs no locks.
class SocketsUnderTest : public WorldUnderTest {
 public:
  SocketsUnderTest() : directory_(std::filesystem::path(::testing::TempDir()) / StrCat("os-", ::getpid())) {
    std::filesystem::remove_all(directory_);
  }
  ~SocketsUnderTest() override {
    machines_.clear();
    std::filesystem::remove_all(directory_);
  }

  void AddNode(const std::string& name) override {
    const int number = ++added_;
    // An address of its own for each machine, in the part of the loopback network that belongs to this process: the
    // tests' fixed ports meet nobody.
    const int process = ::getpid() % 0x10000;
    machines_[name].host = StrCat("127.", process >> 8, ".", process & 0xff, ".", number + 1);
    Restart(name);
  }
  Runtime& node(const std::string& name) override { return *machines_.at(name).node; }
  std::string Host(const std::string& name) override { return machines_.at(name).host; }
  void Spawn(const std::string& name, std::string task_name, Task<void> task) override {
    machines_.at(name).node->Spawn(std::move(task_name), std::move(task));
  }
  bool RunUntil(const std::function<bool()>& done, Duration limit) override { return loop_.RunUntil(done, limit); }
  void Crash(const std::string& name) override {
    Machine& machine = machines_.at(name);
    machine.node->Die();
    dead_.push_back(std::move(machine.node));
  }
  void Restart(const std::string& name) override {
    Machine& machine = machines_.at(name);
    OsNodeOptions options;
    options.directory = (directory_ / name).string();
    // The same in every world, but not in every life of a node.
    options.seed = ++machine.lives;
    machine.node = std::make_unique<OsNode>(loop_, name, std::move(options));
  }
  bool SetUnreachable(const std::string&, bool) override { return false; }
  bool rpc_ends_in_order() const override { return true; }
  std::vector<std::string> DescribeWaits() override {
    std::vector<std::string> lines;
    for (const auto& [name, machine] : machines_) {
      if (machine.node == nullptr) continue;
      for (const std::string& wait : machine.node->scheduler().DescribeWaits()) lines.push_back(name + ": " + wait);
    }
    return lines;
  }

 private:
  struct Machine {
    std::string host;
    uint64_t lives = 0;
    std::unique_ptr<OsNode> node;  // null after a crash
  };
  const std::filesystem::path directory_;
  EventLoop loop_;
  std::map<std::string, Machine> machines_;
  // Others may still hold a reference to them.
  std::vector<std::unique_ptr<OsNode>> dead_;
  int added_ = 0;
};

std::unique_ptr<WorldUnderTest> MakeSockets() { return std::make_unique<SocketsUnderTest>(); }

INSTANTIATE_TEST_SUITE_P(OperatingSystem, RuntimeConformance, ::testing::Values(ConformanceArm{"Sockets", MakeSockets}),
                         ArmName);

}  // namespace
}  // namespace pravega::runtime
