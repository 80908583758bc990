// Goal: scopes, streams, segments and scaling answer as the protocol's tables say, what was observed on a real server
// above all. Method: one controller, fake stores and the real client in a simulated world; calls with the protocol's
// own messages where the client translates the answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "connector/core/container_mapper.h"
#include "connector/runtime/sleep.h"
#include "simulator/controller/test_cluster.h"

namespace pravega::sim {
namespace {

using controller::ControllerClient;
using controller::CutPositions;
using controller::ScalingPolicy;
using controller::StreamConfiguration;
using controller::Successor;
using runtime::Runtime;
using runtime::Task;
namespace proto = controller::proto;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const ScopedStream kStream{"scope", "stream"};
const ScopedStream kMark{"scope", "_MARKstream"};
const ScopedStream kInternal{"scope", "_int"};
const ScopedStream kMissing{"scope", "missing"};
const ScopedStream kNoScope{"noscope", "stream"};
// Lists that coroutines go through; some compilers cannot do with braces there.
const std::vector<ScopedStream> kNotThere = {kMissing, kNoScope};
const std::vector<std::string> kBadStreamNames = {"", "a/b", "a_b", "__a", "a b", "\xc3\xa4"};
const std::vector<int32_t> kBadCounts = {0, -1, std::numeric_limits<int32_t>::max()};

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }
SegmentPosition At(int64_t offset) { return SegmentPosition::At(Offset(offset)); }
SegmentPosition Mark() { return SegmentPosition::Finished(); }

// Braced lists do not mix with awaits in some compilers: these make the lists.
template <typename... T>
std::vector<SegmentId> Ids(T... ids) {
  return std::vector<SegmentId>{ids...};
}
template <typename... T>
std::vector<KeyRange> Ranges(T... ranges) {
  return std::vector<KeyRange>{ranges...};
}

StreamConfiguration Fixed(int32_t segments) {
  StreamConfiguration configuration;
  configuration.scaling = ScalingPolicy::Fixed(segments);
  return configuration;
}

Task<void> Create(ControllerClient& client, ScopedStream stream, int32_t segments) {
  absl::StatusOr<bool> scope = co_await client.CreateScope(stream.scope);
  EXPECT_TRUE(scope.ok()) << scope.status();
  absl::StatusOr<bool> created = co_await client.CreateStream(stream, Fixed(segments));
  EXPECT_TRUE(created.ok() && *created) << created.status();
}

Task<std::vector<SegmentId>> Current(ControllerClient& client, ScopedStream stream) {
  absl::StatusOr<controller::StreamSegments> segments = co_await client.GetCurrentSegments(stream);
  EXPECT_TRUE(segments.ok()) << segments.status();
  std::vector<SegmentId> ids;
  if (segments.ok()) {
    for (const controller::SegmentRange& segment : segments->segments) ids.push_back(segment.id);
  }
  co_return ids;
}

Task<void> ScaleAway(ControllerClient& client, std::vector<SegmentId> sealed, std::vector<KeyRange> ranges) {
  absl::StatusOr<controller::ScaleStarted> scaled =
      co_await client.Scale(kStream, std::move(sealed), std::move(ranges));
  EXPECT_TRUE(scaled.ok()) << scaled.status();
}

// 0@0 and 1@0, which may be merged: the minimum is lowered afterwards, which changes no segments.
Task<void> CreateTwoOfWhichOneMayGo(ControllerClient& client) {
  absl::StatusOr<bool> scope = co_await client.CreateScope(kStream.scope);
  EXPECT_TRUE(scope.ok()) << scope.status();
  StreamConfiguration configuration;
  configuration.scaling = {ScalingPolicy::Type::kEventsPerSecond, 1000, 2, 2};
  absl::StatusOr<bool> created = co_await client.CreateStream(kStream, configuration);
  EXPECT_TRUE(created.ok() && *created) << created.status();
  configuration.scaling.min_segments = 1;
  absl::Status updated = co_await client.UpdateStream(kStream, configuration);
  EXPECT_TRUE(updated.ok()) << updated;
}

// 0@0, 1@0 -> 2@1 -> 3@2, 4@2.
Task<void> MergeAndSplit(ControllerClient& client) {
  co_await CreateTwoOfWhichOneMayGo(client);
  co_await ScaleAway(client, Ids(Id(0, 0), Id(1, 0)), Ranges(KeyRange{0, 1}));
  co_await ScaleAway(client, Ids(Id(2, 1)), Ranges(KeyRange{0, 0.25}, KeyRange{0.25, 1}));
}

// Calls with the protocol's own messages.
class Raw {
 public:
  Raw(Runtime& runtime, std::vector<runtime::Endpoint> controllers)
      : runtime_(runtime), channel_(runtime.OpenChannel(std::move(controllers))) {}
  template <typename Reply, typename Request>
  Task<absl::StatusOr<Reply>> Call(std::string rpc, Request request) {
    return CallRpc<Reply>(*channel_, runtime_, std::move(rpc), std::move(request));
  }

 private:
  Runtime& runtime_;
  std::unique_ptr<runtime::RpcChannel> channel_;
};

proto::StreamInfo Info(const ScopedStream& stream) { return controller::ToMessage(stream); }
proto::ScopeInfo Scope(std::string name) {
  proto::ScopeInfo scope;
  scope.set_scope(std::move(name));
  return scope;
}
using RawCut = std::map<int64_t, int64_t>;
RawCut Raw1(int64_t segment, int64_t offset) { return RawCut{{segment, offset}}; }
RawCut Raw2(int64_t a, int64_t at, int64_t b, int64_t bt) { return RawCut{{a, at}, {b, bt}}; }
RawCut Raw3(int64_t a, int64_t at, int64_t b, int64_t bt, int64_t c, int64_t ct) {
  return RawCut{{a, at}, {b, bt}, {c, ct}};
}
proto::StreamCut CutOf(const ScopedStream& stream, const RawCut& offsets) {
  proto::StreamCut cut;
  *cut.mutable_streaminfo() = Info(stream);
  for (const auto& [segment, offset] : offsets) (*cut.mutable_cut())[segment] = offset;
  return cut;
}

// ---- scopes

TEST(StreamsTest, ScopesAreCreatedAndDeletedOnce) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    absl::StatusOr<bool> created = co_await client.CreateScope("scope");
    EXPECT_TRUE(created.ok() && *created);
    created = co_await client.CreateScope("scope");
    EXPECT_TRUE(created.ok() && !*created);
    absl::StatusOr<bool> exists = co_await client.ScopeExists("scope");
    EXPECT_TRUE(exists.ok() && *exists);
    exists = co_await client.ScopeExists("other");
    EXPECT_TRUE(exists.ok() && !*exists);
    absl::StatusOr<bool> stream = co_await client.CreateStream(kStream, Fixed(1));
    EXPECT_TRUE(stream.ok() && *stream);
    absl::StatusOr<bool> deleted = co_await client.DeleteScope("scope");
    EXPECT_EQ(deleted.status().code(), absl::StatusCode::kFailedPrecondition);
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    stream = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(stream.ok() && *stream);
    deleted = co_await client.DeleteScope("scope");
    EXPECT_TRUE(deleted.ok() && *deleted) << deleted.status();
    deleted = co_await client.DeleteScope("scope");
    EXPECT_TRUE(deleted.ok() && !*deleted);
    created = co_await client.CreateScope("bad/name");
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument);
    created = co_await client.CreateScope("_internal");
    EXPECT_TRUE(created.ok() && *created);
  }));
}

TEST(StreamsTest, ScopeCallsAnswerWithTheirStatus) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    auto created = co_await raw.Call<proto::CreateScopeStatus>("createScope", Scope(""));
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal);
    EXPECT_EQ(created.status().message(), "Internal exception occurred");
    created = co_await raw.Call<proto::CreateScopeStatus>("createScope", Scope("a_b"));
    EXPECT_EQ(created->status(), proto::CreateScopeStatus::INVALID_SCOPE_NAME);
    auto deleted = co_await raw.Call<proto::DeleteScopeStatus>("deleteScope", Scope("no such!"));
    EXPECT_EQ(deleted->status(), proto::DeleteScopeStatus::SCOPE_NOT_FOUND);
  }));
}

// ---- creation

TEST(StreamsTest, CreationMakesSegmentsAndAMarkStream) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Create(client, kStream, 3);
    absl::StatusOr<controller::StreamSegments> segments = co_await client.GetCurrentSegments(kStream);
    EXPECT_EQ(segments->segments.size(), 3u);
    EXPECT_EQ(segments->segments[1].range.low, 0.3333333333333333);
    EXPECT_EQ(segments->segments[1].range.high, 0.6666666666666666);
    absl::StatusOr<bool> exists = co_await client.StreamExists(kMark);
    EXPECT_TRUE(exists.ok() && *exists);
    StreamConfiguration other = Fixed(1);
    absl::StatusOr<bool> again = co_await client.CreateStream(kStream, other);
    EXPECT_TRUE(again.ok() && !*again);
    absl::StatusOr<StreamConfiguration> kept = co_await client.GetStreamConfiguration(kStream);
    EXPECT_EQ(*kept, Fixed(3));
    absl::StatusOr<bool> internal = co_await client.CreateStream(kInternal, Fixed(1));
    EXPECT_TRUE(internal.ok() && *internal) << internal.status();
  }));
  EXPECT_TRUE(cluster.stores().exists("scope/stream/2.#epoch.0"));
  EXPECT_TRUE(cluster.stores().exists("scope/_MARKstream/0.#epoch.0"));
  EXPECT_FALSE(cluster.stores().exists("scope/_MARK_MARKstream/0.#epoch.0"));
}

TEST(StreamsTest, CreationRefusesWhatCannotBe) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    auto scope = co_await raw.Call<proto::CreateScopeStatus>("createScope", Scope("scope"));
    EXPECT_TRUE(scope.ok());
    auto created =
        co_await raw.Call<proto::CreateStreamStatus>("createStream", controller::ToMessage(kNoScope, Fixed(1)));
    EXPECT_EQ(created->status(), proto::CreateStreamStatus::SCOPE_NOT_FOUND);
    for (const std::string& name : kBadStreamNames) {
      ScopedStream bad{"scope", name};
      created = co_await raw.Call<proto::CreateStreamStatus>("createStream", controller::ToMessage(bad, Fixed(1)));
      EXPECT_EQ(created->status(), proto::CreateStreamStatus::INVALID_STREAM_NAME) << name;
    }
    StreamConfiguration negative = Fixed(1);
    negative.rollover_size_bytes = -1;
    created = co_await raw.Call<proto::CreateStreamStatus>("createStream", controller::ToMessage(kStream, negative));
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInternal);
    // The half-made stream of a count of 0 stays until it is deleted.
    for (int32_t count : kBadCounts) {
      created =
          co_await raw.Call<proto::CreateStreamStatus>("createStream", controller::ToMessage(kStream, Fixed(count)));
      EXPECT_EQ(created->status(), proto::CreateStreamStatus::FAILURE);
      auto segments = co_await raw.Call<proto::SegmentRanges>("getCurrentSegments", Info(kStream));
      EXPECT_EQ(segments.status().code(), absl::StatusCode::kInternal);
      EXPECT_THAT(segments.status().ToString(), HasSubstr("State: CREATING"));
      auto deleted = co_await raw.Call<proto::DeleteStreamStatus>("deleteStream", Info(kStream));
      EXPECT_EQ(deleted->status(), proto::DeleteStreamStatus::SUCCESS);
      deleted = co_await raw.Call<proto::DeleteStreamStatus>("deleteStream", Info(kStream));
      EXPECT_EQ(deleted->status(), proto::DeleteStreamStatus::STREAM_NOT_FOUND);
    }
    created = co_await raw.Call<proto::CreateStreamStatus>("createStream", controller::ToMessage(kStream, Fixed(1)));
    EXPECT_EQ(created->status(), proto::CreateStreamStatus::SUCCESS);
  }));
}

TEST(StreamsTest, ConfigurationIsShownAsStored) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    auto scope = co_await raw.Call<proto::CreateScopeStatus>("createScope", Scope("scope"));
    EXPECT_TRUE(scope.ok());
    proto::StreamConfig bare;
    *bare.mutable_streaminfo() = Info(kStream);
    bare.mutable_scalingpolicy()->set_minnumsegments(1);
    auto created = co_await raw.Call<proto::CreateStreamStatus>("createStream", bare);
    EXPECT_EQ(created->status(), proto::CreateStreamStatus::SUCCESS);
    auto shown = co_await raw.Call<proto::StreamConfig>("getStreamConfiguration", Info(kStream));
    EXPECT_TRUE(shown->has_tags());
    EXPECT_FALSE(shown->has_retentionpolicy());
    EXPECT_EQ(shown->streaminfo().stream(), "stream");
    StreamConfiguration full;
    full.scaling = {ScalingPolicy::Type::kEventsPerSecond, 100, 2, 3};
    full.retention = controller::RetentionPolicy{controller::RetentionPolicy::Type::kSize, 1000, 5000};
    full.tags = {"t1", "t2"};
    full.timestamp_aggregation_timeout_ms = 17;
    full.rollover_size_bytes = 1 << 20;
    ScopedStream other{"scope", "full"};
    created = co_await raw.Call<proto::CreateStreamStatus>("createStream", controller::ToMessage(other, full));
    EXPECT_EQ(created->status(), proto::CreateStreamStatus::SUCCESS);
    shown = co_await raw.Call<proto::StreamConfig>("getStreamConfiguration", Info(other));
    EXPECT_EQ(controller::FromMessage(*shown), full);
  }));
  FakeStores::Segment& segment = cluster.stores().segments()["scope/full/1.#epoch.0"];
  EXPECT_EQ(segment.scale_type, 2);
  EXPECT_EQ(segment.target_rate, 100);
  EXPECT_EQ(segment.rollover_size_bytes, 1 << 20);
}

// Pitfall 1: neither numbers nor epochs of a stream begin at 0 for ever.
TEST(StreamsTest, RecreationContinuesTheNumbering) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Create(client, kStream, 2);
    co_await ScaleAway(client, Ids(Id(0, 0)), Ranges(KeyRange{0, 0.25}, KeyRange{0.25, 0.5}));
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    absl::StatusOr<bool> deleted = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(deleted.ok() && *deleted);
    absl::StatusOr<bool> created = co_await client.CreateStream(kStream, Fixed(2));
    EXPECT_TRUE(created.ok() && *created);
    std::vector<SegmentId> segments = co_await Current(client, kStream);
    EXPECT_THAT(segments, ElementsAre(Id(4, 0), Id(5, 0)));
    std::vector<SegmentId> mark = co_await Current(client, kMark);
    EXPECT_THAT(mark, ElementsAre(Id(1, 0)));
  }));
}

// ---- reading segments

// Pitfall 14: some calls answer a missing stream with a status, others with the code NOT_FOUND.
TEST(StreamsTest, MissingStreamsAreAnsweredInTwoWays) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    auto scope = co_await raw.Call<proto::CreateScopeStatus>("createScope", Scope("scope"));
    EXPECT_TRUE(scope.ok());
    for (const ScopedStream& stream : kNotThere) {
      auto current = co_await raw.Call<proto::SegmentRanges>("getCurrentSegments", Info(stream));
      EXPECT_EQ(current.status().code(), absl::StatusCode::kNotFound);
      EXPECT_THAT(current.status().ToString(), HasSubstr("get entry: key:"));
      proto::GetEpochSegmentsRequest epoch_request;
      *epoch_request.mutable_streaminfo() = Info(stream);
      auto epoch = co_await raw.Call<proto::SegmentRanges>("getEpochSegments", epoch_request);
      EXPECT_EQ(epoch.status().code(), absl::StatusCode::kNotFound);
      proto::GetSegmentsRequest head_request;
      *head_request.mutable_streaminfo() = Info(stream);
      auto head = co_await raw.Call<proto::SegmentsAtTime>("getSegments", head_request);
      EXPECT_EQ(head.status().code(), absl::StatusCode::kNotFound);
      auto config = co_await raw.Call<proto::StreamConfig>("getStreamConfiguration", Info(stream));
      EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
      proto::CreateTxnRequest txn_request;
      *txn_request.mutable_streaminfo() = Info(stream);
      txn_request.set_lease(10'000);
      auto txn = co_await raw.Call<proto::CreateTxnResponse>("createTransaction", txn_request);
      EXPECT_EQ(txn.status().code(), absl::StatusCode::kNotFound);
      auto sealed = co_await raw.Call<proto::UpdateStreamStatus>("sealStream", Info(stream));
      EXPECT_EQ(sealed->status(), proto::UpdateStreamStatus::STREAM_NOT_FOUND);
      auto deleted = co_await raw.Call<proto::DeleteStreamStatus>("deleteStream", Info(stream));
      EXPECT_EQ(deleted->status(), proto::DeleteStreamStatus::STREAM_NOT_FOUND);
      auto updated =
          co_await raw.Call<proto::UpdateStreamStatus>("updateStream", controller::ToMessage(stream, Fixed(1)));
      EXPECT_EQ(updated->status(), proto::UpdateStreamStatus::STREAM_NOT_FOUND);
      auto truncated = co_await raw.Call<proto::UpdateStreamStatus>("truncateStream", CutOf(stream, Raw1(0, 0)));
      EXPECT_EQ(truncated->status(), proto::UpdateStreamStatus::STREAM_NOT_FOUND);
      auto exists = co_await raw.Call<proto::ExistsResponse>("checkStreamExists", Info(stream));
      EXPECT_FALSE(exists->exists());
      proto::ScaleRequest scale_request;
      *scale_request.mutable_streaminfo() = Info(stream);
      auto scaled = co_await raw.Call<proto::ScaleResponse>("scale", scale_request);
      EXPECT_EQ(scaled->status(), proto::ScaleResponse::FAILURE);
      proto::ScaleStatusRequest check_request;
      *check_request.mutable_streaminfo() = Info(stream);
      auto checked = co_await raw.Call<proto::ScaleStatusResponse>("checkScale", check_request);
      EXPECT_EQ(checked->status(), proto::ScaleStatusResponse::INVALID_INPUT);
      auto token = co_await raw.Call<proto::DelegationToken>("getDelegationToken", Info(stream));
      EXPECT_EQ(token->delegationtoken(), "");
    }
  }));
}

TEST(StreamsTest, EpochsAreKept) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await MergeAndSplit(client);
    absl::StatusOr<controller::StreamSegments> first = co_await client.GetEpochSegments(kStream, Epoch(0));
    EXPECT_EQ(first->segments.size(), 2u);
    absl::StatusOr<controller::StreamSegments> second = co_await client.GetEpochSegments(kStream, Epoch(1));
    EXPECT_EQ(second->segments.size(), 1u);
    EXPECT_EQ(second->segments[0].id, Id(2, 1));
    absl::StatusOr<controller::StreamSegments> none = co_await client.GetEpochSegments(kStream, Epoch(3));
    EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
    absl::StatusOr<controller::StreamSegments> negative = co_await client.GetEpochSegments(kStream, Epoch(-1));
    EXPECT_EQ(negative.status().code(), absl::StatusCode::kUnavailable);
    absl::StatusOr<bool> valid = co_await client.IsSegmentValid(kStream, Id(3, 2));
    EXPECT_TRUE(valid.ok() && *valid);
    valid = co_await client.IsSegmentValid(kStream, Id(2, 1));
    EXPECT_TRUE(valid.ok() && !*valid);
  }));
}

// Pitfall 5: an empty list of successors is no error.
TEST(StreamsTest, SuccessorsAreEmptyForActiveUnknownAndLastSegments) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await MergeAndSplit(client);
    absl::StatusOr<std::vector<Successor>> successors = co_await client.GetSuccessors(kStream, Id(0, 0));
    EXPECT_EQ(successors->size(), 1u);
    EXPECT_EQ((*successors)[0].segment.id, Id(2, 1));
    EXPECT_THAT((*successors)[0].predecessors, ElementsAre(Id(0, 0), Id(1, 0)));
    successors = co_await client.GetSuccessors(kStream, Id(2, 1));
    EXPECT_EQ(successors->size(), 2u);
    successors = co_await client.GetSuccessors(kStream, Id(3, 2));
    EXPECT_TRUE(successors.ok() && successors->empty()) << "active";
    successors = co_await client.GetSuccessors(kStream, Id(77, 5));
    EXPECT_TRUE(successors.ok() && successors->empty()) << "unknown";
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    successors = co_await client.GetSuccessors(kStream, Id(3, 2));
    EXPECT_TRUE(successors.ok() && successors->empty()) << "the end of the stream";
    std::vector<SegmentId> none = co_await Current(client, kStream);
    EXPECT_THAT(none, IsEmpty());
  }));
}

TEST(StreamsTest, BothSpellingsOfTheSuccessorCallWork) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await MergeAndSplit(client); }));
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    proto::SegmentId request;
    *request.mutable_streaminfo() = Info(kStream);
    request.set_segmentid(Id(2, 1).value());
    auto right = co_await raw.Call<proto::SuccessorResponse>("getSegmentsImmediatelyFollowing", request);
    auto wrong = co_await raw.Call<proto::SuccessorResponse>("getSegmentsImmediatlyFollowing", request);
    EXPECT_EQ(right->segments_size(), 2);
    EXPECT_EQ(right->ShortDebugString(), wrong->ShortDebugString());
  }));
}

TEST(StreamsTest, SegmentsBetweenCuts) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await MergeAndSplit(client);
    CutPositions start;
    start[Id(0, 0)] = At(0);
    start[Id(1, 0)] = At(0);
    CutPositions middle;
    middle[Id(2, 1)] = At(5);
    absl::StatusOr<std::vector<SegmentId>> between = co_await client.GetSegmentsBetween(kStream, start, middle);
    EXPECT_THAT(*between, UnorderedElementsAre(Id(0, 0), Id(1, 0), Id(2, 1)));
    between = co_await client.GetSegmentsBetween(kStream, middle, CutPositions());
    EXPECT_THAT(*between, UnorderedElementsAre(Id(2, 1), Id(3, 2), Id(4, 2)));
    between = co_await client.GetSegmentsBetween(kStream, CutPositions(), middle);
    EXPECT_THAT(*between, UnorderedElementsAre(Id(0, 0), Id(1, 0), Id(2, 1)));
    between = co_await client.GetSegmentsBetween(kStream, middle, start);
    EXPECT_EQ(between.status().code(), absl::StatusCode::kUnavailable) << "reversed";
    between = co_await client.GetSegmentsBetween(kStream, CutPositions(), CutPositions());
    EXPECT_EQ(between.status().code(), absl::StatusCode::kInvalidArgument);
  }));
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    proto::StreamCutRange request;
    *request.mutable_streaminfo() = Info(kStream);
    auto between = co_await raw.Call<proto::StreamCutRangeResponse>("getSegmentsBetween", request);
    EXPECT_EQ(between.status().code(), absl::StatusCode::kInternal);
  }));
}

// Pitfall 6: getURI answers for anything, and all epochs of a segment number share a container.
TEST(StreamsTest, UrisProveNothingAndFollowTheContainer) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    SegmentRef unreal{kNoScope, Id(3, 9)};
    absl::StatusOr<runtime::Endpoint> nothing = co_await client.GetEndpoint(unreal);
    EXPECT_TRUE(nothing.ok());
    for (int32_t number = 0; number < 20; ++number) {
      SegmentRef first{kStream, Id(number, 0)};
      SegmentRef later{kStream, Id(number, 7)};
      absl::StatusOr<runtime::Endpoint> a = co_await client.GetEndpoint(first);
      client.ForgetEndpoint(first);
      absl::StatusOr<runtime::Endpoint> b = co_await client.GetEndpoint(later);
      EXPECT_TRUE(a.ok() && b.ok());
      EXPECT_EQ(*a, *b);
      int32_t container = ContainerOf(first.ToString(), 4).value();
      EXPECT_EQ(a->host, StrCat("store-", container % 2 + 1));
    }
    EXPECT_EQ(client.cached_endpoints(), 21u);
  }));
}

// ---- scaling

proto::ScaleRequest ScaleRequest(std::vector<SegmentId> sealed, std::vector<KeyRange> ranges) {
  proto::ScaleRequest request;
  *request.mutable_streaminfo() = Info(kStream);
  for (SegmentId segment : sealed) request.add_sealedsegments(segment.value());
  for (const KeyRange& range : ranges) {
    request.add_newkeyranges()->set_start(range.low);
    request.mutable_newkeyranges(request.newkeyranges_size() - 1)->set_end(range.high);
  }
  return request;
}

TEST(StreamsTest, AStreamOfFortyNineSegmentsIsTruncatedAtACutOfAll) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Create(client, kStream, 49);
    CutPositions cut;
    for (int32_t i = 0; i < 49; ++i) cut[Id(i, 0)] = At(0);
    absl::StatusOr<bool> valid = co_await client.IsStreamCutValid(kStream, cut);
    EXPECT_TRUE(valid.ok() && *valid) << valid.status();
    absl::Status truncated = co_await client.TruncateStream(kStream, cut);
    EXPECT_TRUE(truncated.ok()) << truncated;
  }));
}

// Pitfall 2: the ranges must be the very doubles. Pitfall 3: the answer's epoch is the one before the scale.
TEST(StreamsTest, ScaleChecksItsArgumentsInOrder) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await Create(client, kStream, 3); }));
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    const double third = 0.3333333333333333;
    auto scaled =
        co_await raw.Call<proto::ScaleResponse>("scale", ScaleRequest(Ids(Id(9, 0)), Ranges(KeyRange{0, third})));
    EXPECT_EQ(scaled->status(), proto::ScaleResponse::PRECONDITION_FAILED) << "not in the epoch";
    scaled = co_await raw.Call<proto::ScaleResponse>(
        "scale", ScaleRequest(Ids(Id(0, 0)), Ranges(KeyRange{0, 0.2}, KeyRange{0.2, 0.33333333333333337})));
    EXPECT_EQ(scaled->status(), proto::ScaleResponse::FAILURE) << "one bit beside";
    scaled = co_await raw.Call<proto::ScaleResponse>(
        "scale", ScaleRequest(Ids(Id(0, 0), Id(1, 0)), Ranges(KeyRange{0, 0.6666666666666666})));
    EXPECT_EQ(scaled->status(), proto::ScaleResponse::PRECONDITION_FAILED) << "fewer than the minimum";
    scaled = co_await raw.Call<proto::ScaleResponse>(
        "scale", ScaleRequest(Ids(Id(0, 0)), Ranges(KeyRange{0, 0.2}, KeyRange{0, third})));
    EXPECT_EQ(scaled.status().code(), absl::StatusCode::kInternal) << "two ranges with one start";
    double nan = std::numeric_limits<double>::quiet_NaN();
    scaled = co_await raw.Call<proto::ScaleResponse>("scale", ScaleRequest(Ids(Id(0, 0)), Ranges(KeyRange{nan, nan})));
    EXPECT_EQ(scaled->status(), proto::ScaleResponse::FAILURE);
    scaled = co_await raw.Call<proto::ScaleResponse>("scale", ScaleRequest(Ids(), Ranges()));
    EXPECT_EQ(scaled->status(), proto::ScaleResponse::FAILURE);

    proto::ScaleRequest good = ScaleRequest(Ids(Id(0, 0)), Ranges(KeyRange{0, 0.1}, KeyRange{0.1, third}));
    scaled = co_await raw.Call<proto::ScaleResponse>("scale", good);
    EXPECT_EQ(scaled->status(), proto::ScaleResponse::STARTED);
    EXPECT_EQ(scaled->epoch(), 0);
    EXPECT_EQ(scaled->segments_size(), 2);
    EXPECT_EQ(scaled->segments(0).segmentid().segmentid(), Id(3, 1).value());
    EXPECT_EQ(scaled->segments(1).maxkey(), third);
    auto again = co_await raw.Call<proto::ScaleResponse>("scale", good);
    EXPECT_EQ(again->ShortDebugString(), scaled->ShortDebugString()) << "the same while it is pending";
    auto other = co_await raw.Call<proto::ScaleResponse>(
        "scale", ScaleRequest(Ids(Id(1, 0)), Ranges(KeyRange{third, 0.5}, KeyRange{0.5, 0.6666666666666666})));
    EXPECT_EQ(other->status(), proto::ScaleResponse::FAILURE) << "another one while one is pending";
  }));
  EXPECT_TRUE(cluster.Settle());
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    auto check = [&](int32_t epoch) {
      proto::ScaleStatusRequest request;
      *request.mutable_streaminfo() = Info(kStream);
      request.set_epoch(epoch);
      return raw.Call<proto::ScaleStatusResponse>("checkScale", request);
    };
    auto status = co_await check(0);
    EXPECT_EQ(status->status(), proto::ScaleStatusResponse::SUCCESS);
    status = co_await check(1);
    EXPECT_EQ(status->status(), proto::ScaleStatusResponse::IN_PROGRESS) << "the newest epoch, for ever";
    status = co_await check(2);
    EXPECT_EQ(status->status(), proto::ScaleStatusResponse::INVALID_INPUT);
  }));
}

// Pitfall 4: successors are known before a segment is sealed, and the current segments change only later.
TEST(StreamsTest, SuccessorsAreKnownBeforeSegmentsAreSealed) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await Create(client, kStream, 1); }));
  bool hold = true;
  cluster.stores().set_fault([&](std::string_view command, std::string_view) {
    // The store does not seal for a while.
    return command == "SealSegment" && hold ? FakeStores::Fault::kWrongHost : FakeStores::Fault::kNone;
  });
  EXPECT_TRUE(cluster.Run([&](ControllerClient& client) -> Task<void> {
    absl::StatusOr<controller::ScaleStarted> started =
        co_await client.StartScale(kStream, Ids(Id(0, 0)), Ranges(KeyRange{0, 0.5}, KeyRange{0.5, 1}));
    EXPECT_TRUE(started.ok());
    while (!cluster.stores().requests().contains("SealSegment")) {
      absl::StatusOr<bool> ended = co_await client.CheckScale(kStream, Epoch(0));
      EXPECT_TRUE(ended.ok());
    }
    EXPECT_TRUE(cluster.stores().exists("scope/stream/1.#epoch.1"));
    EXPECT_FALSE(cluster.stores().segments()["scope/stream/0.#epoch.0"].sealed);
    absl::StatusOr<std::vector<Successor>> successors = co_await client.GetSuccessors(kStream, Id(0, 0));
    EXPECT_TRUE(successors.ok() && successors->size() == 2);
    std::vector<SegmentId> stale = co_await Current(client, kStream);
    EXPECT_THAT(stale, ElementsAre(Id(0, 0)));
    absl::StatusOr<bool> done = co_await client.CheckScale(kStream, Epoch(0));
    EXPECT_TRUE(done.ok() && !*done);
    hold = false;
    for (;;) {
      done = co_await client.CheckScale(kStream, Epoch(0));
      if (!done.ok() || *done) break;
    }
    std::vector<SegmentId> fresh = co_await Current(client, kStream);
    EXPECT_THAT(fresh, ElementsAre(Id(1, 1), Id(2, 1)));
  }));
}

// ---- update

TEST(StreamsTest, UpdateChangesTheNumberOfSegments) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Create(client, kStream, 2);
    absl::Status updated = co_await client.UpdateStream(kStream, Fixed(3));
    EXPECT_TRUE(updated.ok()) << updated;
    std::vector<SegmentId> segments = co_await Current(client, kStream);
    EXPECT_THAT(segments, ElementsAre(Id(2, 1), Id(3, 1), Id(4, 1)));
    updated = co_await client.UpdateStream(kStream, Fixed(1));
    EXPECT_TRUE(updated.ok());
    segments = co_await Current(client, kStream);
    EXPECT_THAT(segments, ElementsAre(Id(5, 2)));
    StreamConfiguration by_rate;
    by_rate.scaling = {ScalingPolicy::Type::kEventsPerSecond, 10, 2, 4};
    by_rate.tags = {"tag"};
    updated = co_await client.UpdateStream(kStream, by_rate);
    EXPECT_TRUE(updated.ok());
    segments = co_await Current(client, kStream);
    EXPECT_THAT(segments, ElementsAre(Id(6, 3), Id(7, 3), Id(8, 3), Id(9, 3)));
    by_rate.scaling.min_segments = 2;
    by_rate.scaling.target_rate = 20;
    by_rate.tags.clear();
    updated = co_await client.UpdateStream(kStream, by_rate);
    EXPECT_TRUE(updated.ok());
    segments = co_await Current(client, kStream);
    EXPECT_EQ(segments.size(), 4u) << "a lower minimum changes nothing";
    absl::StatusOr<StreamConfiguration> shown = co_await client.GetStreamConfiguration(kStream);
    EXPECT_EQ(*shown, by_rate) << "tags are replaced, not merged";
    updated = co_await client.UpdateStream(kStream, Fixed(0));
    EXPECT_EQ(updated.code(), absl::StatusCode::kAborted);
    updated = co_await client.SealStream(kStream);
    EXPECT_TRUE(updated.ok());
    updated = co_await client.UpdateStream(kStream, Fixed(1));
    EXPECT_EQ(updated.code(), absl::StatusCode::kFailedPrecondition);
  }));
  EXPECT_EQ(cluster.stores().segments()["scope/stream/6.#epoch.3"].target_rate, 20);
}

// ---- cuts and truncation

TEST(StreamsTest, CutsAreJudgedAsTheProtocolSays) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await CreateTwoOfWhichOneMayGo(client);
    co_await ScaleAway(client, Ids(Id(0, 0), Id(1, 0)), Ranges(KeyRange{0, 1}));
  }));
  EXPECT_TRUE(cluster.RunOnClient([&](Runtime& runtime) -> Task<void> {
    Raw raw(runtime, cluster.controller_endpoints());
    const int64_t a = Id(0, 0).value(), b = Id(1, 0).value(), merged = Id(2, 1).value();
    struct Case {
      RawCut cut;
      bool valid;
    };
    std::vector<Case> cases;
    // Pitfall 15: -1 is an ordinary negative varint.
    cases.push_back(Case{Raw1(a, 5), false});
    cases.push_back(Case{Raw2(a, 5, b, -1), true});
    cases.push_back(Case{Raw2(a, 5, merged, -1), true});
    cases.push_back(Case{Raw2(a, 5, b, 7), true});
    cases.push_back(Case{Raw2(a, 1LL << 40, b, 7), true});
    cases.push_back(Case{Raw3(a, 0, merged, -1, b, 0), true});
    cases.push_back(Case{Raw3(a, 0, merged, 0, b, 0), false});
    for (const Case& each : cases) {
      proto::StreamCut cut = CutOf(kStream, each.cut);
      auto valid = co_await raw.Call<proto::StreamCutValidityResponse>("isStreamCutValid", cut);
      EXPECT_TRUE(valid.ok()) << valid.status();
      EXPECT_EQ(valid->response(), each.valid) << cut.ShortDebugString();
    }
    auto bad = co_await raw.Call<proto::StreamCutValidityResponse>("isStreamCutValid", CutOf(kStream, RawCut()));
    EXPECT_EQ(bad.status().code(), absl::StatusCode::kInternal);
    RawCut all_future = Raw2(a, -1, b, -1);
    bad = co_await raw.Call<proto::StreamCutValidityResponse>("isStreamCutValid", CutOf(kStream, all_future));
    EXPECT_EQ(bad.status().code(), absl::StatusCode::kUnknown);
    RawCut unknown = Raw2(a, 0, 99, 0);
    bad = co_await raw.Call<proto::StreamCutValidityResponse>("isStreamCutValid", CutOf(kStream, unknown));
    EXPECT_EQ(bad.status().code(), absl::StatusCode::kUnknown);
    RawCut odd = Raw2(-1, 0, std::numeric_limits<int64_t>::max(), 0);
    bad = co_await raw.Call<proto::StreamCutValidityResponse>("isStreamCutValid", CutOf(kStream, odd));
    EXPECT_EQ(bad.status().code(), absl::StatusCode::kUnknown);
  }));
}

TEST(StreamsTest, TruncationMovesTheHeadAndDeletesWhatIsBefore) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([&](ControllerClient& client) -> Task<void> {
    co_await MergeAndSplit(client);
    std::map<std::string, FakeStores::Segment>& segments = cluster.stores().segments();
    segments["scope/stream/0.#epoch.0"].bytes = std::string(100, 'a');
    segments["scope/stream/1.#epoch.0"].bytes = std::string(100, 'b');
    segments["scope/stream/2.#epoch.1"].bytes = std::string(100, 'c');
    CutPositions first;
    first[Id(0, 0)] = At(30);
    first[Id(1, 0)] = At(40);
    absl::Status truncated = co_await client.TruncateStream(kStream, first);
    EXPECT_TRUE(truncated.ok()) << truncated;
    EXPECT_EQ(segments["scope/stream/0.#epoch.0"].start, 30);
    absl::StatusOr<CutPositions> head = co_await client.GetHeadSegments(kStream);
    EXPECT_EQ(*head, first);
    truncated = co_await client.TruncateStream(kStream, first);
    EXPECT_TRUE(truncated.ok()) << "the same again";
    CutPositions behind = first;
    behind[Id(1, 0)] = At(39);
    truncated = co_await client.TruncateStream(kStream, behind);
    EXPECT_EQ(truncated.code(), absl::StatusCode::kFailedPrecondition);
    // A segment that is read to its end, at -1: the store is not asked to truncate it there.
    CutPositions half;
    half[Id(0, 0)] = At(50);
    half[Id(1, 0)] = Mark();
    truncated = co_await client.TruncateStream(kStream, half);
    EXPECT_EQ(truncated.code(), absl::StatusCode::kFailedPrecondition) << "-1 is before 40 to the controller";
    CutPositions second;
    second[Id(2, 1)] = At(50);
    truncated = co_await client.TruncateStream(kStream, second);
    EXPECT_TRUE(truncated.ok()) << truncated;
    EXPECT_FALSE(segments.contains("scope/stream/0.#epoch.0"));
    EXPECT_FALSE(segments.contains("scope/stream/1.#epoch.0"));
    EXPECT_EQ(segments["scope/stream/2.#epoch.1"].start, 50);
    absl::StatusOr<std::vector<Successor>> successors = co_await client.GetSuccessors(kStream, Id(0, 0));
    EXPECT_TRUE(successors.ok() && successors->size() == 1) << "known although the segment is gone";
    CutPositions gap;
    gap[Id(3, 2)] = At(0);
    truncated = co_await client.TruncateStream(kStream, gap);
    EXPECT_EQ(truncated.code(), absl::StatusCode::kFailedPrecondition);
    truncated = co_await client.TruncateStream(kStream, CutPositions());
    EXPECT_EQ(truncated.code(), absl::StatusCode::kFailedPrecondition);
    CutPositions third;
    third[Id(3, 2)] = At(0);
    third[Id(4, 2)] = At(0);
    truncated = co_await client.TruncateStream(kStream, third);
    EXPECT_TRUE(truncated.ok()) << truncated;
    EXPECT_FALSE(segments.contains("scope/stream/2.#epoch.1"));
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    third[Id(3, 2)] = At(1);
    truncated = co_await client.TruncateStream(kStream, third);
    EXPECT_EQ(truncated.code(), absl::StatusCode::kFailedPrecondition);
  }));
}

// Pitfall 6: a real controller sends -1 to the store and never gets over it.
TEST(StreamsTest, TruncationAtAFutureSegmentSkipsIt) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([&](ControllerClient& client) -> Task<void> {
    co_await CreateTwoOfWhichOneMayGo(client);
    cluster.stores().segments()["scope/stream/0.#epoch.0"].bytes = std::string(100, 'a');
    co_await ScaleAway(client, Ids(Id(0, 0), Id(1, 0)), Ranges(KeyRange{0, 1}));
    CutPositions cut;
    cut[Id(0, 0)] = At(60);
    cut[Id(2, 1)] = Mark();
    absl::Status truncated = co_await client.TruncateStream(kStream, cut);
    EXPECT_TRUE(truncated.ok()) << truncated;
    absl::StatusOr<CutPositions> head = co_await client.GetHeadSegments(kStream);
    EXPECT_EQ(*head, cut);
    EXPECT_EQ(cluster.stores().segments()["scope/stream/0.#epoch.0"].start, 60);
    EXPECT_TRUE(cluster.stores().exists("scope/stream/2.#epoch.1"));
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok()) << "the stream goes on";
  }));
}

// ---- seal and delete

TEST(StreamsTest, SealIsRepeatableAndDeleteWantsIt) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await MergeAndSplit(client);
    absl::StatusOr<bool> deleted = co_await client.DeleteStream(kStream);
    EXPECT_EQ(deleted.status().code(), absl::StatusCode::kFailedPrecondition);
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await client.StartScale(kStream, Ids(Id(3, 2)), Ranges(KeyRange{0, 0.25}));
    EXPECT_EQ(scaled.status().code(), absl::StatusCode::kAborted);
    absl::StatusOr<bool> created = co_await client.CreateStream(kStream, Fixed(2));
    EXPECT_TRUE(created.ok() && !*created) << "a sealed stream exists";
    deleted = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(deleted.ok() && *deleted);
    deleted = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(deleted.ok() && !*deleted);
  }));
  EXPECT_TRUE(cluster.Settle());
  EXPECT_THAT(cluster.stores().segments(), IsEmpty());
  // What is left is the memory of numbers, and the scope.
  for (const auto& [key, value] : cluster.metadata().values()) {
    EXPECT_TRUE(key.starts_with("history/") || key.starts_with("scope/")) << key;
  }
}

// Pitfall 10: a mark stream comes and goes with every stream.
TEST(StreamsTest, AScopeIsNotEmptyUntilMarkStreamsAreGone) {
  TestCluster cluster;
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await Create(client, kStream, 1);
    absl::StatusOr<bool> exists = co_await client.StreamExists(kMark);
    EXPECT_TRUE(exists.ok() && *exists);
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok());
    absl::StatusOr<bool> deleted = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(deleted.ok() && *deleted);
    exists = co_await client.StreamExists(kMark);
    EXPECT_TRUE(exists.ok() && !*exists);
    deleted = co_await client.DeleteScope("scope");
    EXPECT_TRUE(deleted.ok() && *deleted) << deleted.status();
  }));
}

// ---- stores that are in trouble

TEST(StreamsTest, WorkflowsOutlastWrongHostsAndDroppedConnections) {
  TestCluster cluster;
  int count = 0;
  cluster.stores().set_fault([&](std::string_view, std::string_view) {
    switch (++count % 4) {
      case 1:
        return FakeStores::Fault::kWrongHost;
      case 2:
        return FakeStores::Fault::kCloseBefore;
      case 3:
        return FakeStores::Fault::kCloseAfter;
      default:
        return FakeStores::Fault::kNone;
    }
  });
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    co_await MergeAndSplit(client);
    absl::Status sealed = co_await client.SealStream(kStream);
    EXPECT_TRUE(sealed.ok()) << sealed;
    absl::StatusOr<bool> deleted = co_await client.DeleteStream(kStream);
    EXPECT_TRUE(deleted.ok() && *deleted) << deleted.status();
  }));
  EXPECT_THAT(cluster.stores().segments(), IsEmpty());
}

TEST(StreamsTest, ALongOperationAnswersDeadlineExceededAndGoesOn) {
  TestCluster::Options options;
  options.client.retry.attempts = 1;
  TestCluster cluster(options);
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> { co_await Create(client, kStream, 1); }));
  cluster.world().Crash("store-1");
  cluster.world().Crash("store-2");
  EXPECT_TRUE(cluster.Run([](ControllerClient& client) -> Task<void> {
    absl::Status sealed = co_await client.SealStream(kStream);
    // The client's verdict is that the outcome is unknown.
    EXPECT_EQ(sealed.code(), absl::StatusCode::kUnavailable) << sealed;
    EXPECT_THAT(sealed.ToString(), HasSubstr("DEADLINE_EXCEEDED"));
  }));
  EXPECT_FALSE(cluster.settled());
  cluster.world().Restart("store-1");
  cluster.world().Restart("store-2");
  EXPECT_TRUE(cluster.Settle());
  EXPECT_TRUE(cluster.stores().segments()["scope/stream/0.#epoch.0"].sealed);
}

}  // namespace
}  // namespace pravega::sim
