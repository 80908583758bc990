// Goal: every status of the protocol becomes the documented result or error, with a message that says what was tried on
// what. Method: a table of RPC, answered message and expectation; the answers come from a channel that is written down.
#include "connector/controller/controller_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/controller/messages.h"
#include "connector/controller/methods.h"
#include "connector/controller/serialize.h"
#include "connector/runtime/manual_runtime.h"

namespace pravega::controller {
namespace {

using absl::StatusCode;
using runtime::Instant;
using runtime::ManualRuntime;
using runtime::Task;
using testing::HasSubstr;

const ScopedStream kStream{"scope", "stream"};

// Answers every call with the same bytes.
class FixedChannel : public runtime::RpcChannel {
 public:
  explicit FixedChannel(std::string answer) : answer_(std::move(answer)) {}
  Task<absl::StatusOr<std::string>> Call(runtime::RpcRequest request, Instant) override {
    last_ = std::move(request);
    ++calls_;
    absl::StatusOr<std::string> answer = answer_;
    co_return answer;
  }
  const runtime::RpcRequest& last() const { return last_; }
  int calls() const { return calls_; }

 private:
  std::string answer_;
  runtime::RpcRequest last_;
  int calls_ = 0;
};

// "true", "false", "OK" or an error as text.
using Call = std::function<Task<std::string>(ControllerClient& client)>;

std::string Show(const absl::StatusOr<bool>& result) {
  if (!result.ok()) return result.status().ToString();
  return *result ? "true" : "false";
}

struct Asked {
  std::string result;
  std::string method;
};

Task<void> Carry(const Call* call, ControllerClient* client, Asked* asked) {
  std::string result = co_await (*call)(*client);
  asked->result = result;
}

Asked Ask(const google::protobuf::Message& answer, const Call& call) {
  ManualRuntime runtime;
  auto channel = std::make_unique<FixedChannel>(SerializeDeterministically(answer));
  FixedChannel* spy = channel.get();
  ControllerClient client(runtime, std::move(channel), {});
  Asked asked;
  runtime.Spawn("call", Carry(&call, &client, &asked));
  runtime.Run();
  asked.method = std::string(RpcName(spy->last().method));
  EXPECT_EQ(spy->calls(), 1) << "an answer inside the reply is not retried";
  runtime.Die();
  return asked;
}

template <typename Reply, typename Status>
Reply With(Status status) {
  Reply reply;
  reply.set_status(status);
  return reply;
}

void Expect(const Asked& asked, std::string rpc, std::string result) {
  EXPECT_EQ(asked.method, rpc);
  EXPECT_THAT(asked.result, testing::StartsWith(result)) << rpc;
  if (result != "true" && result != "false" && result != "OK") {
    EXPECT_THAT(asked.result, HasSubstr(rpc + " of scope")) << "what was tried on what";
  }
}

TEST(ControllerClientTest, StatusesOfScopes) {
  Call create = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<bool> result = co_await client.CreateScope("scope");
    co_return Show(result);
  };
  using Created = proto::CreateScopeStatus;
  Expect(Ask(With<Created>(Created::SUCCESS), create), "createScope", "true");
  Expect(Ask(With<Created>(Created::SCOPE_EXISTS), create), "createScope", "false");
  Expect(Ask(With<Created>(Created::INVALID_SCOPE_NAME), create), "createScope", "INVALID_ARGUMENT");
  Expect(Ask(With<Created>(Created::FAILURE), create), "createScope", "ABORTED");
  Expect(Ask(With<Created>(static_cast<Created::Status>(77)), create), "createScope", "INTERNAL");
  Call remove = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<bool> result = co_await client.DeleteScope("scope");
    co_return Show(result);
  };
  using Deleted = proto::DeleteScopeStatus;
  Expect(Ask(With<Deleted>(Deleted::SUCCESS), remove), "deleteScope", "true");
  Expect(Ask(With<Deleted>(Deleted::SCOPE_NOT_FOUND), remove), "deleteScope", "false");
  Expect(Ask(With<Deleted>(Deleted::SCOPE_NOT_EMPTY), remove), "deleteScope", "FAILED_PRECONDITION");
  Expect(Ask(With<Deleted>(Deleted::FAILURE), remove), "deleteScope", "ABORTED");
}

TEST(ControllerClientTest, StatusesOfStreams) {
  Call create = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<bool> result = co_await client.CreateStream(kStream, StreamConfiguration());
    co_return Show(result);
  };
  using Created = proto::CreateStreamStatus;
  Expect(Ask(With<Created>(Created::SUCCESS), create), "createStream", "true");
  Expect(Ask(With<Created>(Created::STREAM_EXISTS), create), "createStream", "false");
  Expect(Ask(With<Created>(Created::SCOPE_NOT_FOUND), create), "createStream", "INVALID_ARGUMENT");
  Expect(Ask(With<Created>(Created::INVALID_STREAM_NAME), create), "createStream", "INVALID_ARGUMENT");
  Expect(Ask(With<Created>(Created::FAILURE), create), "createStream", "ABORTED");
  Call update = [](ControllerClient& client) -> Task<std::string> {
    absl::Status result = co_await client.UpdateStream(kStream, StreamConfiguration());
    co_return result.ToString();
  };
  Call truncate = [](ControllerClient& client) -> Task<std::string> {
    absl::Status result = co_await client.TruncateStream(kStream, CutPositions());
    co_return result.ToString();
  };
  Call seal = [](ControllerClient& client) -> Task<std::string> {
    absl::Status result = co_await client.SealStream(kStream);
    co_return result.ToString();
  };
  using Updated = proto::UpdateStreamStatus;
  for (const auto& [rpc, call] : std::vector<std::pair<std::string, Call>>{
           {"updateStream", update}, {"truncateStream", truncate}, {"sealStream", seal}}) {
    Expect(Ask(With<Updated>(Updated::SUCCESS), call), rpc, "OK");
    Expect(Ask(With<Updated>(Updated::STREAM_NOT_FOUND), call), rpc, "NOT_FOUND");
    Expect(Ask(With<Updated>(Updated::SCOPE_NOT_FOUND), call), rpc, "NOT_FOUND");
    Expect(Ask(With<Updated>(Updated::STREAM_SEALED), call), rpc, "FAILED_PRECONDITION");
    Expect(Ask(With<Updated>(static_cast<Updated::Status>(9)), call), rpc, "INTERNAL");
  }
  Expect(Ask(With<Updated>(Updated::FAILURE), update), "updateStream", "ABORTED");
  Expect(Ask(With<Updated>(Updated::FAILURE), truncate), "truncateStream", "FAILED_PRECONDITION");
  Expect(Ask(With<Updated>(Updated::FAILURE), seal), "sealStream", "ABORTED");
  Call remove = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<bool> result = co_await client.DeleteStream(kStream);
    co_return Show(result);
  };
  using Deleted = proto::DeleteStreamStatus;
  Expect(Ask(With<Deleted>(Deleted::SUCCESS), remove), "deleteStream", "true");
  Expect(Ask(With<Deleted>(Deleted::STREAM_NOT_FOUND), remove), "deleteStream", "false");
  Expect(Ask(With<Deleted>(Deleted::STREAM_NOT_SEALED), remove), "deleteStream", "FAILED_PRECONDITION");
  Expect(Ask(With<Deleted>(Deleted::FAILURE), remove), "deleteStream", "ABORTED");
}

TEST(ControllerClientTest, StatusesOfScaling) {
  Call scale = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<ScaleStarted> result =
        co_await client.StartScale(kStream, std::vector<SegmentId>(), std::vector<KeyRange>());
    co_return result.status().ToString();
  };
  using Scaled = proto::ScaleResponse;
  Expect(Ask(With<Scaled>(Scaled::STARTED), scale), "scale", "OK");
  Expect(Ask(With<Scaled>(Scaled::PRECONDITION_FAILED), scale), "scale", "FAILED_PRECONDITION");
  Expect(Ask(With<Scaled>(Scaled::FAILURE), scale), "scale", "ABORTED");
  Call check = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<bool> result = co_await client.CheckScale(kStream, Epoch(3));
    co_return Show(result);
  };
  using Checked = proto::ScaleStatusResponse;
  Expect(Ask(With<Checked>(Checked::SUCCESS), check), "checkScale", "true");
  Expect(Ask(With<Checked>(Checked::IN_PROGRESS), check), "checkScale", "false");
  Expect(Ask(With<Checked>(Checked::INVALID_INPUT), check), "checkScale", "INVALID_ARGUMENT");
  Expect(Ask(With<Checked>(Checked::INTERNAL_ERROR), check), "checkScale", "ABORTED");
}

// Answers a scale, and says that it is done at the third look at the epoch that it was answered with; at any other
// epoch, the newest above all, a scale is in progress for ever.
class ScalingChannel : public runtime::RpcChannel {
 public:
  static constexpr int32_t kEpoch = 3;
  Task<absl::StatusOr<std::string>> Call(runtime::RpcRequest request, Instant) override {
    absl::StatusOr<std::string> answer = Answer(request);
    co_return answer;
  }
  int looks() const { return looks_; }

 private:
  std::string Answer(const runtime::RpcRequest& request) {
    if (RpcName(request.method) == "scale") {
      proto::ScaleResponse reply;
      reply.set_status(proto::ScaleResponse::STARTED);
      reply.set_epoch(kEpoch);
      reply.add_segments()->mutable_segmentid()->set_segmentid(SegmentId(Epoch(kEpoch + 1), 7).value());
      return SerializeDeterministically(reply);
    }
    EXPECT_EQ(RpcName(request.method), "checkScale");
    proto::ScaleStatusRequest asked;
    EXPECT_TRUE(asked.ParseFromString(request.body));
    proto::ScaleStatusResponse reply;
    reply.set_status(proto::ScaleStatusResponse::IN_PROGRESS);
    if (asked.epoch() == kEpoch && ++looks_ == 3) reply.set_status(proto::ScaleStatusResponse::SUCCESS);
    return SerializeDeterministically(reply);
  }

  int looks_ = 0;
};

// Pitfall 3: the epoch of the answer is the one before the scale, and the one to ask with whether it is done.
TEST(ControllerClientTest, AScaleIsLookedAtUnderTheEpochOfItsAnswer) {
  ManualRuntime runtime;
  auto channel = std::make_unique<ScalingChannel>();
  ScalingChannel* spy = channel.get();
  ControllerClient client(runtime, std::move(channel), {});
  Call scale = [](ControllerClient& c) -> Task<std::string> {
    absl::StatusOr<ScaleStarted> scaled = co_await c.Scale(kStream, std::vector<SegmentId>(), std::vector<KeyRange>());
    if (!scaled.ok()) co_return scaled.status().ToString();
    co_return scaled->segments.at(0).id.ToString() + " behind " + std::to_string(scaled->epoch.value());
  };
  Asked asked;
  runtime.Spawn("scale", Carry(&scale, &client, &asked));
  runtime.Advance(std::chrono::minutes(10));
  EXPECT_EQ(asked.result, "7@4 behind 3");
  EXPECT_EQ(spy->looks(), 3);
  runtime.Die();
}

TEST(ControllerClientTest, StatusesOfTransactions) {
  const TxnId txn{Uuid{1, 2}};
  Call ping = [txn](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<PingResult> result = co_await client.PingTransaction(kStream, txn, std::chrono::milliseconds(5));
    if (!result.ok()) co_return result.status().ToString();
    co_return *result == PingResult::kOpen ? "OK open"
    : *result == PingResult::kCommitted    ? "OK committed"
                                           : "OK aborted";
  };
  using Pinged = proto::PingTxnStatus;
  EXPECT_EQ(Ask(With<Pinged>(Pinged::OK), ping).result, "OK open");
  EXPECT_EQ(Ask(With<Pinged>(Pinged::COMMITTED), ping).result, "OK committed");
  EXPECT_EQ(Ask(With<Pinged>(Pinged::ABORTED), ping).result, "OK aborted");
  Expect(Ask(With<Pinged>(Pinged::UNKNOWN), ping), "pingTransaction", "NOT_FOUND");
  Expect(Ask(With<Pinged>(Pinged::LEASE_TOO_LARGE), ping), "pingTransaction", "FAILED_PRECONDITION");
  Expect(Ask(With<Pinged>(Pinged::MAX_EXECUTION_TIME_EXCEEDED), ping), "pingTransaction", "FAILED_PRECONDITION");
  Expect(Ask(With<Pinged>(Pinged::DISCONNECTED), ping), "pingTransaction", "ABORTED");
  Call commit = [txn](ControllerClient& client) -> Task<std::string> {
    absl::Status result = co_await client.CommitTransaction(kStream, txn);
    co_return result.ToString();
  };
  Call abort = [txn](ControllerClient& client) -> Task<std::string> {
    absl::Status result = co_await client.AbortTransaction(kStream, txn);
    co_return result.ToString();
  };
  using Ended = proto::TxnStatus;
  for (const auto& [rpc, call] :
       std::vector<std::pair<std::string, Call>>{{"commitTransaction", commit}, {"abortTransaction", abort}}) {
    Expect(Ask(With<Ended>(Ended::SUCCESS), call), rpc, "OK");
    Expect(Ask(With<Ended>(Ended::FAILURE), call), rpc, "FAILED_PRECONDITION");
    Expect(Ask(With<Ended>(Ended::STREAM_NOT_FOUND), call), rpc, "NOT_FOUND");
    Expect(Ask(With<Ended>(Ended::TRANSACTION_NOT_FOUND), call), rpc, "FAILED_PRECONDITION");
    EXPECT_THAT(Ask(With<Ended>(Ended::FAILURE), call).result, HasSubstr(txn.uuid.ToString()));
  }
  Call state = [txn](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<TransactionState> result = co_await client.GetTransactionState(kStream, txn);
    if (!result.ok()) co_return result.status().ToString();
    co_return "OK " + std::to_string(static_cast<int>(*result));
  };
  for (int value = 0; value <= 6; ++value) {
    proto::TxnState answer;
    answer.set_state(static_cast<proto::TxnState::State>(value));
    std::string expected = value == 0 ? "NOT_FOUND" : value == 6 ? "INTERNAL" : "OK " + std::to_string(value);
    EXPECT_THAT(Ask(answer, state).result, testing::StartsWith(expected));
  }
}

TEST(ControllerClientTest, StatusesOfReaderGroups) {
  Call create = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<ControllerClient::ReaderGroupCreated> result =
        co_await client.CreateReaderGroup("scope", "group", ReaderGroupConfig());
    if (!result.ok()) co_return result.status().ToString();
    co_return result->created ? "true" : "false";
  };
  using Created = proto::CreateReaderGroupResponse;
  Expect(Ask(With<Created>(Created::SCOPE_NOT_FOUND), create), "createReaderGroup", "INVALID_ARGUMENT");
  Expect(Ask(With<Created>(Created::INVALID_RG_NAME), create), "createReaderGroup", "INVALID_ARGUMENT");
  Expect(Ask(With<Created>(Created::FAILURE), create), "createReaderGroup", "ABORTED");
  ReaderGroupConfig stored;
  stored.id = Uuid{5, 6};
  Created answer;
  *answer.mutable_config() = ToMessage("scope", "group", stored);
  Expect(Ask(answer, create), "createReaderGroup", "true");
  stored.max_outstanding_checkpoints = 99;
  *answer.mutable_config() = ToMessage("scope", "group", stored);
  Expect(Ask(answer, create), "createReaderGroup", "ALREADY_EXISTS");
  stored.generation = 1;
  *answer.mutable_config() = ToMessage("scope", "group", stored);
  Expect(Ask(answer, create), "createReaderGroup", "ALREADY_EXISTS");
  stored.max_outstanding_checkpoints = ReaderGroupConfig().max_outstanding_checkpoints;
  *answer.mutable_config() = ToMessage("scope", "group", stored);
  Expect(Ask(answer, create), "createReaderGroup", "false");
  Call config = [](ControllerClient& client) -> Task<std::string> {
    absl::StatusOr<ReaderGroupConfig> result = co_await client.GetReaderGroupConfig("scope", "group");
    co_return result.status().ToString();
  };
  using Config = proto::ReaderGroupConfigResponse;
  Expect(Ask(With<Config>(Config::RG_NOT_FOUND), config), "getReaderGroupConfig", "NOT_FOUND");
  Expect(Ask(With<Config>(Config::FAILURE), config), "getReaderGroupConfig", "ABORTED");
  Call remove = [](ControllerClient& client) -> Task<std::string> {
    absl::Status result = co_await client.DeleteReaderGroup("scope", "group", Uuid{1, 2});
    co_return result.ToString();
  };
  using Deleted = proto::DeleteReaderGroupStatus;
  Expect(Ask(With<Deleted>(Deleted::SUCCESS), remove), "deleteReaderGroup", "OK");
  Expect(Ask(With<Deleted>(Deleted::RG_NOT_FOUND), remove), "deleteReaderGroup", "NOT_FOUND");
  Expect(Ask(With<Deleted>(Deleted::FAILURE), remove), "deleteReaderGroup", "ABORTED");
}

TEST(ControllerClientTest, AnAnswerThatDoesNotParseIsAnError) {
  ManualRuntime runtime;
  ControllerClient client(runtime, std::make_unique<FixedChannel>(std::string("\x0a\x7f")), {});
  Call call = [](ControllerClient& c) -> Task<std::string> {
    absl::StatusOr<StreamSegments> result = co_await c.GetCurrentSegments(kStream);
    co_return result.status().ToString();
  };
  Asked asked;
  runtime.Spawn("call", Carry(&call, &client, &asked));
  runtime.Run();
  EXPECT_THAT(asked.result, HasSubstr("INTERNAL: getCurrentSegments of scope/stream"));
  runtime.Die();
}

TEST(ControllerClientTest, EndpointsAreRemembered) {
  ManualRuntime runtime;
  proto::NodeUri uri;
  uri.set_endpoint("store");
  uri.set_port(12345);
  auto channel = std::make_unique<FixedChannel>(SerializeDeterministically(uri));
  FixedChannel* spy = channel.get();
  ControllerClient client(runtime, std::move(channel), {});
  Call call = [](ControllerClient& c) -> Task<std::string> {
    SegmentRef segment{kStream, SegmentId(Epoch(0), 1)};
    SegmentRef later{kStream, SegmentId(Epoch(9), 1)};
    absl::StatusOr<runtime::Endpoint> first = co_await c.GetEndpoint(segment);
    absl::StatusOr<runtime::Endpoint> second = co_await c.GetEndpoint(later);
    if (first.ok() && second.ok() && *first == *second) {
      c.ForgetEndpoint(segment);
      absl::StatusOr<runtime::Endpoint> third = co_await c.GetEndpoint(later);
      co_return third.ok() ? third->ToString() : third.status().ToString();
    }
    co_return "no";
  };
  Asked asked;
  runtime.Spawn("call", Carry(&call, &client, &asked));
  runtime.Run();
  EXPECT_EQ(asked.result, "store:12345");
  EXPECT_EQ(spy->calls(), 2);
  runtime.Die();
}

}  // namespace
}  // namespace pravega::controller
