// One body of tests for everything that a Runtime promises, for all implementations.
//
// A test that links :conformance gets the whole body; it names its implementation with
//
//   INSTANTIATE_TEST_SUITE_P(InProcess, RuntimeConformance, ::testing::Values(ConformanceArm{"Pipes", Make}), ArmName);
//
// Time is the world's, virtual or real: the tests assert order and lower bounds, and upper bounds only where they are
// generous. Whatever belongs to a node (streams, channels, servers, files) lives in tasks of that node, so that it goes
// with the node.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_CONFORMANCE_CONFORMANCE_H_
#define PRAVEGA_CONNECTOR_RUNTIME_CONFORMANCE_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/conformance/world_under_test.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"

// In a task: fails the test and ends the task if `condition` does not hold.
#define CO_ASSERT(condition, explanation)                   \
  do {                                                      \
    if (!(condition)) {                                     \
      ADD_FAILURE() << #condition << ": " << (explanation); \
      co_return;                                            \
    }                                                       \
  } while (false)

namespace pravega::runtime {

class RuntimeConformance : public ::testing::TestWithParam<ConformanceArm> {
 public:
  static constexpr Duration kGenerous = std::chrono::seconds(60);

  RuntimeConformance() : world_(GetParam().make()) {}

  WorldUnderTest& world() { return *world_; }
  Runtime& Add(const std::string& name);
  Endpoint At(const std::string& node, uint16_t port) { return Endpoint{world_->Host(node), port}; }
  // Starts a task that Finish() waits for.
  void Start(const std::string& node, const std::string& name, Task<void> task);
  // Runs until every started task has ended or has died with its node.
  void Finish();
  bool RunUntil(const std::function<bool()>& done) { return world_->RunUntil(done, kGenerous); }
  void RunFor(Duration duration) {
    world_->RunUntil([] { return false; }, duration);
  }
  int unfinished() const { return *unfinished_; }

 private:
  std::shared_ptr<int> unfinished_ = std::make_shared<int>(0);
  std::unique_ptr<WorldUnderTest> world_;
};

inline std::string ArmName(const ::testing::TestParamInfo<ConformanceArm>& info) { return info.param.name; }

// ---- for the bodies of the tests

// "OK" or the code's name.
std::string CodeName(const absl::Status& status);
// Polls `flag`, which the test or a task of another node sets.
Task<void> WaitUntilSet(Runtime* node, const bool* flag);
Task<void> Pause(Runtime* node, Duration duration);

// Connects, and tries again while it is refused: the peer may not be listening yet.
Task<absl::StatusOr<std::unique_ptr<ByteStream>>> ConnectSoon(Runtime* node, Endpoint endpoint);
// Listens and accepts one connection.
Task<absl::StatusOr<std::unique_ptr<ByteStream>>> AcceptOne(Runtime* node, Endpoint endpoint);
Task<absl::Status> WriteText(ByteStream* stream, std::string text);
// Exactly that many bytes; OutOfRange if the stream ends before.
Task<absl::StatusOr<std::string>> ReadText(ByteStream* stream, size_t bytes);
// Everything up to the end.
Task<absl::StatusOr<std::string>> ReadToEnd(ByteStream* stream);
// Bytes that follow no simple pattern.
std::string SomeBytes(size_t size, uint64_t seed);

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_CONFORMANCE_CONFORMANCE_H_
