#include "simulator/cluster_tests/client_harness.h"

#include <chrono>
#include <utility>
#include <variant>

#include "connector/client/cut_reader.h"
#include "connector/controller/types.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::sim {

using runtime::Runtime;
using runtime::Task;

const ScopedStream ClientHarness::kStream{"scope", "stream"};

ClientHarness::Client::Client(Runtime& node, ClientHarness* test)
    : runtime(node),
      controller(controller::ControllerClient::Connect(node, test->cluster->controllers(), {})),
      context(node, *controller) {}

ClientHarness::ClientHarness() {
  WorldOptions options;
  options.log_sink = [this](int64_t time, std::string_view node, std::string_view line) {
    log += StrCat(time / 1'000'000, "ms ", node, ": ", line, "\n");
  };
  world = std::make_unique<World>(Tape::FromSeed(11), std::move(options));
  cluster = std::make_unique<SimulatedCluster>(*world, ClusterOptions(), faults, durable_faults);
  cluster->Start();
  world->AddMachine("driver");
}

ClientHarness::~ClientHarness() { world.reset(); }

void ClientHarness::Drive(std::function<Task<void>(Runtime&)> script, int64_t seconds) {
  world->Start("driver", std::move(script));
  bool finished = world->RunUntil([this] { return world->finished("driver"); }, world->now_ns() + seconds * kSecond);
  std::string waits;
  if (!finished) {
    for (const std::string& line : world->DescribeWaits()) waits += line + "\n";
  }
  ASSERT_TRUE(finished) << waits << log;
  // Its machine is free for another script.
  world->Crash("driver");
  EXPECT_EQ(world->stats().attempts_after_death, 0u);
}

Task<void> ClientHarness::CreateStream(Client& client, int segments) {
  absl::StatusOr<bool> scope = co_await client.controller->CreateScope(kStream.scope);
  CHECK_MSG(scope.ok(), scope.status().ToString());
  controller::StreamConfiguration configuration;
  // A stream never has fewer segments than it was created with.
  configuration.scaling = controller::ScalingPolicy::Fixed(1);
  absl::StatusOr<bool> stream = co_await client.controller->CreateStream(kStream, configuration);
  CHECK_MSG(stream.ok(), stream.status().ToString());
  if (segments > 1) co_await Scale(client, {0, 1}, segments);
}

Task<void> ClientHarness::Scale(Client& client, KeyRange range, int segments) {
  absl::StatusOr<controller::StreamSegments> current = co_await client.controller->GetCurrentSegments(kStream);
  CHECK_MSG(current.ok(), current.status().ToString());
  std::vector<SegmentId> sealed;
  for (const controller::SegmentRange& segment : current->segments) {
    if (segment.range.Overlaps(range)) sealed.push_back(segment.id);
  }
  std::vector<KeyRange> ranges;
  double low = range.low;
  for (int i = 1; i <= segments; ++i) {
    double high = i == segments ? range.high : range.low + (range.high - range.low) * i / segments;
    ranges.push_back({low, high});
    low = high;
  }
  absl::StatusOr<controller::ScaleStarted> scaled =
      co_await client.controller->Scale(kStream, std::move(sealed), std::move(ranges));
  CHECK_MSG(scaled.ok(), scaled.status().ToString());
}

Task<void> ClientHarness::Seal(Client& client) {
  absl::Status sealed = co_await client.controller->SealStream(kStream);
  CHECK_MSG(sealed.ok(), sealed.ToString());
}

Task<void> ClientHarness::Sleep(Client& client, int64_t milliseconds) {
  absl::Status slept =
      co_await runtime::SleepFor(client.runtime, std::chrono::milliseconds(milliseconds), "the driver's script");
  CHECK(slept.ok());
}

Task<std::vector<ClientHarness::Seen>> ClientHarness::ReadAll(Client& client, StreamCut from) {
  absl::StatusOr<std::unique_ptr<client::CutReader>> reader =
      co_await client::CutReader::Open(client.context, kStream, std::move(from), StreamCut::Unbounded(), {});
  CHECK_MSG(reader.ok(), reader.status().ToString());
  std::vector<Seen> seen;
  while (true) {
    absl::StatusOr<client::StreamItem> item = co_await (*reader)->Next();
    CHECK_MSG(item.ok(), item.status().ToString());
    if (std::holds_alternative<client::StreamEnd>(*item)) break;
    const auto* event = std::get_if<client::StreamEvent>(&*item);
    CHECK(event != nullptr);
    seen.push_back({event->data.ToString(), event->segment, event->offset});
  }
  co_await (*reader)->Close();
  co_return seen;
}

void ClientHarness::ExpectExactly(const std::vector<Seen>& seen, const std::map<std::string, int>& written) {
  std::map<std::string, int> next;
  for (const Seen& one : seen) {
    size_t slash = one.event.find('/');
    std::string key = one.event.substr(0, slash);
    int number = std::stoi(one.event.substr(slash + 1));
    EXPECT_EQ(number, next[key]) << one.event << " of " << one.segment.ToString() << " at " << one.offset.value();
    next[key] = number + 1;
  }
  EXPECT_EQ(next, written);
}

}  // namespace pravega::sim
