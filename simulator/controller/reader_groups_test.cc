// Goal: reader groups are configured, found and deleted as the protocol's tables say. Method: one controller, fake
// stores and the real client in a simulated world; calls with the protocol's own messages where the client translates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/runtime/sleep.h"
#include "simulator/controller/test_cluster.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::ReaderGroupConfig;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using runtime::Runtime;
using runtime::Task;
namespace proto = controller::proto;

using Created = absl::StatusOr<ControllerClient::ReaderGroupCreated>;
using testing::ElementsAre;
using testing::IsEmpty;

const ScopedStream kStream{"scope", "stream"};
const ScopedStream kStateStream{"scope", "_RGgroup"};
const ScopedStream kMissing{"scope", "missing"};
const std::vector<std::string> kBadNames = {"", "_group", "a/b", "a b", std::string(251, 'a')};

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }

StreamConfiguration Fixed(int32_t segments) {
  StreamConfiguration configuration;
  configuration.scaling = ScalingPolicy::Fixed(segments);
  return configuration;
}

ReaderGroupConfig Config(const ScopedStream& stream = kStream) {
  ReaderGroupConfig config;
  config.automatic_checkpoint_interval_ms = -1;
  config.group_refresh_ms = 0;
  config.starting_cuts[stream][Id(0, 0)] = SegmentPosition::At(Offset(5));
  return config;
}

Task<void> Prepare(ControllerClient& client) {
  absl::StatusOr<bool> created = co_await client.CreateScope("scope");
  EXPECT_TRUE(created.ok());
  created = co_await client.CreateStream(kStream, Fixed(1));
  EXPECT_TRUE(created.ok()) << created.status();
}

TEST(ReaderGroupsTest, CreationMakesTheStateStream) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Prepare(client);
    ReaderGroupConfig asked = Config();
    asked.generation = 7;
    asked.rollover_size_bytes = 99;
    Created created = co_await client.CreateReaderGroup("scope", "group", asked);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kAlreadyExists) << "a generation is not taken over";
    created = co_await client.CreateReaderGroup("scope", "group", Config());
    EXPECT_TRUE(created.ok()) << created.status();
    EXPECT_TRUE(created->created);
    EXPECT_NE(created->config.id, Uuid());
    EXPECT_EQ(created->config.generation, 0);
    absl::StatusOr<StreamConfiguration> state = co_await client.GetStreamConfiguration(kStateStream);
    EXPECT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->scaling, ScalingPolicy::Fixed(1));
    EXPECT_EQ(state->rollover_size_bytes, 4'194'304);
    absl::StatusOr<ReaderGroupConfig> stored = co_await client.GetReaderGroupConfig("scope", "group");
    EXPECT_TRUE(stored.ok()) << stored.status();
    EXPECT_TRUE(stored->SameContent(Config()));
    EXPECT_EQ(stored->id, created->config.id);
  }));
  EXPECT_TRUE(cluster.stores().exists("scope/_RGgroup/0.#epoch.0"));
  EXPECT_TRUE(cluster.stores().exists("scope/_MARK_RGgroup/0.#epoch.0"));
  EXPECT_EQ(cluster.stores().segments()["scope/_RGgroup/0.#epoch.0"].rollover_size_bytes, 4'194'304);
}

TEST(ReaderGroupsTest, AnExistingGroupIsAnsweredUnchanged) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Prepare(client);
    Created first = co_await client.CreateReaderGroup("scope", "group", Config());
    EXPECT_TRUE(first.ok());
    Created same = co_await client.CreateReaderGroup("scope", "group", Config());
    EXPECT_TRUE(same.ok() && same->created);
    EXPECT_EQ(same->config.id, first->config.id);
    ReaderGroupConfig other = Config();
    other.max_outstanding_checkpoints = 9;
    Created different = co_await client.CreateReaderGroup("scope", "group", other);
    EXPECT_EQ(different.status().code(), absl::StatusCode::kAlreadyExists);
    absl::StatusOr<ReaderGroupConfig> stored = co_await client.GetReaderGroupConfig("scope", "group");
    EXPECT_TRUE(stored->SameContent(Config()));
    // Its scope is not empty.
    absl::StatusOr<bool> deleted = co_await client.DeleteScope("scope");
    EXPECT_EQ(deleted.status().code(), absl::StatusCode::kFailedPrecondition);
  }));
}

// Pitfall 16: the retention type is a number, and unknown values must not do harm.
TEST(ReaderGroupsTest, UnreadableRequestsAreRefused) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await Prepare(client); }));
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster.controller_endpoints());
    auto create = [&](proto::ReaderGroupConfiguration request) {
      return CallRpc<proto::CreateReaderGroupResponse>(*channel, runtime, "createReaderGroup", std::move(request));
    };
    proto::ReaderGroupConfiguration good = controller::ToMessage("scope", "group", Config());
    proto::ReaderGroupConfiguration bad = good;
    bad.set_readergroupid("");
    auto created = co_await create(bad);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal);
    bad.set_readergroupid("no-uuid");
    created = co_await create(bad);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal);
    bad = good;
    bad.clear_startingstreamcuts();
    created = co_await create(bad);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal);
    bad = good;
    bad.set_maxoutstandingcheckpointrequest(0);
    created = co_await create(bad);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal);
    for (int32_t type = -1; type <= 3; type += 4) {
      bad = good;
      bad.set_retentiontype(type);
      created = co_await create(bad);
      EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal) << type;
    }
    for (const std::string& name : kBadNames) {
      bad = good;
      bad.set_readergroupname(name);
      created = co_await create(bad);
      EXPECT_EQ(created->status(), proto::CreateReaderGroupResponse::INVALID_RG_NAME) << name;
    }
    bad = good;
    bad.set_scope("noscope");
    created = co_await create(bad);
    EXPECT_EQ(created->status(), proto::CreateReaderGroupResponse::SCOPE_NOT_FOUND);
    // No end cuts, no refresh time, no checkpoint interval: accepted. An id that is given is kept.
    good.clear_endingstreamcuts();
    good.set_automaticcheckpointintervalmillis(0);
    good.set_readergroupid("00112233-4455-6677-8899-aabbccddeeff");
    created = co_await create(good);
    EXPECT_EQ(created->status(), proto::CreateReaderGroupResponse::SUCCESS);
    EXPECT_EQ(created->config().readergroupid(), "00112233-4455-6677-8899-aabbccddeeff");
  }));
  // What a newer server might store is an error of the client, not a crash.
  proto::ReaderGroupConfiguration odd = controller::ToMessage("scope", "group", Config());
  odd.set_retentiontype(77);
  EXPECT_EQ(controller::FromMessage(odd).status().code(), absl::StatusCode::kDataLoss);
}

TEST(ReaderGroupsTest, MissingGroupsAndScopesAreAnsweredDifferently) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await Prepare(client); }));
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    std::unique_ptr<runtime::RpcChannel> channel = runtime.OpenChannel(cluster.controller_endpoints());
    proto::ReaderGroupInfo info;
    info.set_scope("scope");
    info.set_readergroup("group");
    info.set_readergroupid(Uuid{1, 2}.ToString());
    auto config = co_await CallRpc<proto::ReaderGroupConfigResponse>(*channel, runtime, "getReaderGroupConfig", info);
    EXPECT_EQ(config->status(), proto::ReaderGroupConfigResponse::RG_NOT_FOUND);
    EXPECT_TRUE(config->has_config());
    auto deleted = co_await CallRpc<proto::DeleteReaderGroupStatus>(*channel, runtime, "deleteReaderGroup", info);
    EXPECT_EQ(deleted->status(), proto::DeleteReaderGroupStatus::RG_NOT_FOUND);
    info.set_readergroupid("x");
    deleted = co_await CallRpc<proto::DeleteReaderGroupStatus>(*channel, runtime, "deleteReaderGroup", info);
    EXPECT_EQ(deleted.status().code(), absl::StatusCode::kUnknown);
    info.set_scope("noscope");
    config = co_await CallRpc<proto::ReaderGroupConfigResponse>(*channel, runtime, "getReaderGroupConfig", info);
    EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  }));
}

TEST(ReaderGroupsTest, DeletionWantsTheIdAndTakesTheStreamAlong) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Prepare(client);
    Created created = co_await client.CreateReaderGroup("scope", "group", Config());
    EXPECT_TRUE(created.ok()) << created.status();
    absl::Status deleted = co_await client.DeleteReaderGroup("scope", "group", Uuid{1, 2});
    EXPECT_EQ(deleted.code(), absl::StatusCode::kNotFound);
    Uuid first = created->config.id;
    deleted = co_await client.DeleteReaderGroup("scope", "group", first);
    EXPECT_TRUE(deleted.ok()) << deleted;
    deleted = co_await client.DeleteReaderGroup("scope", "group", first);
    EXPECT_EQ(deleted.code(), absl::StatusCode::kNotFound);
    absl::StatusOr<bool> exists = co_await client.StreamExists(kStateStream);
    EXPECT_TRUE(exists.ok() && !*exists);
    created = co_await client.CreateReaderGroup("scope", "group", Config());
    EXPECT_TRUE(created.ok() && created->created) << created.status();
    EXPECT_NE(created->config.id, first);
    absl::StatusOr<controller::StreamSegments> segments = co_await client.GetCurrentSegments(kStateStream);
    EXPECT_TRUE(segments.ok()) << segments.status();
    EXPECT_EQ(segments->segments[0].id, Id(1, 0)) << "the numbering goes on";
  }));
}

TEST(ReaderGroupsTest, AGroupOfAStreamThatIsMissingStaysHalfMadeIfItSubscribes) {
  TestCluster::Options options;
  options.client.retry.attempts = 1;
  TestCluster cluster(options);
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Prepare(client);
    Created careless = co_await client.CreateReaderGroup("scope", "careless", Config(kMissing));
    EXPECT_TRUE(careless.ok()) << "without retention streams are not looked at";
    ReaderGroupConfig subscribing = Config(kMissing);
    subscribing.retention = ReaderGroupConfig::Retention::kAutomatic;
    Created created = co_await client.CreateReaderGroup("scope", "group", subscribing);
    EXPECT_EQ(created.status().code(), absl::StatusCode::kUnavailable) << created.status();
    absl::StatusOr<bool> stream = co_await client.CreateStream(kMissing, Fixed(1));
    EXPECT_TRUE(stream.ok() && *stream);
    created = co_await client.CreateReaderGroup("scope", "group", subscribing);
    EXPECT_TRUE(created.ok()) << "it was finished when the stream came: " << created.status();
    absl::Status deleted = co_await client.DeleteReaderGroup("scope", "group", created->config.id);
    EXPECT_TRUE(deleted.ok()) << deleted;
  }));
  EXPECT_TRUE(cluster.Settle());
  for (const auto& [key, value] : cluster.metadata().values()) EXPECT_FALSE(key.starts_with("subscriber/")) << key;
}

}  // namespace
}  // namespace pravega::sim
