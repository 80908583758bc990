// Goal: no request, however odd, does more than be refused. Method: every remote call with bytes that are no message,
// with messages of random bytes, and with an empty message; then the controller is used as if nothing had happened.
#include <gtest/gtest.h>

#include <random>

#include "google/protobuf/stubs/logging.h"
#include "simulator/controller/rpc_table.h"
#include "simulator/controller/test_cluster.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using runtime::Runtime;
using runtime::Task;

const ScopedStream kStream{"scope", "stream"};

Task<void> UseIt(ControllerClient& client) {
  absl::StatusOr<bool> created = co_await client.CreateScope("scope");
  EXPECT_TRUE(created.ok()) << created.status();
  StreamConfiguration configuration;
  configuration.scaling = ScalingPolicy::Fixed(2);
  created = co_await client.CreateStream(kStream, configuration);
  EXPECT_TRUE(created.ok()) << created.status();
  absl::StatusOr<controller::StreamSegments> segments = co_await client.GetCurrentSegments(kStream);
  EXPECT_TRUE(segments.ok() && segments->segments.size() == 2) << segments.status();
}

Task<absl::StatusOr<std::string>> CallWith(runtime::RpcChannel& channel, Runtime& runtime, std::string path,
                                           std::string body) {
  runtime::RpcRequest request{std::move(path), std::move(body), {}};
  absl::StatusOr<std::string> answer =
      co_await channel.Call(std::move(request), runtime.Now() + std::chrono::minutes(5));
  co_return answer;
}

TEST(BadInputTest, BytesThatAreNoMessage) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster.controller_endpoints());
    for (const RpcEntry& rpc : AllRpcs()) {
      // A length-delimited field that ends beyond the end.
      absl::StatusOr<std::string> answer =
          co_await CallWith(*channel, runtime, controller::MethodPath(rpc.name), std::string("\x0a\x7f"));
      absl::StatusCode expected = rpc.simulated() ? absl::StatusCode::kInternal : absl::StatusCode::kUnimplemented;
      EXPECT_EQ(answer.status().code(), expected) << rpc.name << answer.status();
    }
    absl::StatusOr<std::string> unknown =
        co_await CallWith(*channel, runtime, controller::MethodPath("noSuchCall"), std::string());
    EXPECT_EQ(unknown.status().code(), absl::StatusCode::kUnimplemented);
    unknown = co_await CallWith(*channel, runtime, std::string("nonsense"), std::string());
    EXPECT_EQ(unknown.status().code(), absl::StatusCode::kUnimplemented);
  }));
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await UseIt(client); }));
}

TEST(BadInputTest, EmptyMessages) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await UseIt(client); }));
  EXPECT_TRUE(cluster.Settle());
  std::string before = cluster.Describe();
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster.controller_endpoints());
    for (const RpcEntry& rpc : AllRpcs()) {
      absl::StatusOr<std::string> answer =
          co_await CallWith(*channel, runtime, controller::MethodPath(rpc.name), std::string());
      // Any answer but silence.
      EXPECT_NE(answer.status().code(), absl::StatusCode::kDeadlineExceeded) << rpc.name;
    }
  }));
  EXPECT_TRUE(cluster.Settle());
  EXPECT_EQ(cluster.Describe(), before);
}

// Valid messages of the stream with a few bytes changed: some parse, some do not.
TEST(BadInputTest, DamagedMessages) {
  TestCluster::Options options;
  options.controller.operation_patience = std::chrono::seconds(1);
  TestCluster cluster(options);
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await UseIt(client); }));
  std::mt19937 random(11);
  // Protobuf prints a line for each text that is not UTF-8.
  google::protobuf::LogSilencer silence;
  controller::proto::StreamCut cut;
  *cut.mutable_streaminfo() = controller::ToMessage(kStream);
  (*cut.mutable_cut())[0] = 5;
  (*cut.mutable_cut())[1] = -1;
  const std::string seed = controller::SerializeDeterministically(cut);
  int answered = 0;
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster.controller_endpoints());
    for (int round = 0; round < 50; ++round) {
      for (const RpcEntry& rpc : AllRpcs()) {
        if (!rpc.simulated()) continue;
        std::string body = seed;
        for (int change = 0; change < 3; ++change) body[random() % body.size()] = static_cast<char>(random());
        absl::StatusOr<std::string> answer =
            co_await CallWith(*channel, runtime, controller::MethodPath(rpc.name), std::move(body));
        EXPECT_NE(answer.status().code(), absl::StatusCode::kUnavailable) << rpc.name << answer.status();
        ++answered;
      }
    }
  }));
  EXPECT_GT(answered, 1000);
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    absl::StatusOr<bool> created = co_await client.CreateScope("after");
    EXPECT_TRUE(created.ok()) << created.status();
  }));
}

}  // namespace
}  // namespace pravega::sim
