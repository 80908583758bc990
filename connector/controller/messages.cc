#include "connector/controller/messages.h"

#include <optional>
#include <utility>

#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega::controller {

bool ReaderGroupConfig::SameContent(const ReaderGroupConfig& other) const {
  return group_refresh_ms == other.group_refresh_ms &&
         automatic_checkpoint_interval_ms == other.automatic_checkpoint_interval_ms &&
         max_outstanding_checkpoints == other.max_outstanding_checkpoints && retention == other.retention &&
         generation == other.generation && starting_cuts == other.starting_cuts && ending_cuts == other.ending_cuts;
}

proto::StreamInfo ToMessage(const ScopedStream& stream, AccessOperation access) {
  proto::StreamInfo message;
  message.set_scope(stream.scope);
  message.set_stream(stream.stream);
  message.set_accessoperation(static_cast<proto::StreamInfo::AccessOperation>(access));
  return message;
}

proto::StreamConfig ToMessage(const ScopedStream& stream, const StreamConfiguration& configuration) {
  proto::StreamConfig message;
  *message.mutable_streaminfo() = ToMessage(stream);
  proto::ScalingPolicy* scaling = message.mutable_scalingpolicy();
  scaling->set_scaletype(static_cast<proto::ScalingPolicy::ScalingPolicyType>(configuration.scaling.type));
  scaling->set_targetrate(configuration.scaling.target_rate);
  scaling->set_scalefactor(configuration.scaling.scale_factor);
  scaling->set_minnumsegments(configuration.scaling.min_segments);
  if (configuration.retention) {
    proto::RetentionPolicy* retention = message.mutable_retentionpolicy();
    retention->set_retentiontype(
        static_cast<proto::RetentionPolicy::RetentionPolicyType>(configuration.retention->type));
    retention->set_retentionparam(configuration.retention->minimum);
    retention->set_retentionmax(configuration.retention->maximum);
  }
  proto::Tags* tags = message.mutable_tags();
  for (const std::string& tag : configuration.tags) tags->add_tag(tag);
  message.set_timestampaggregationtimeout(configuration.timestamp_aggregation_timeout_ms);
  message.set_rolloversizebytes(configuration.rollover_size_bytes);
  return message;
}

StreamConfiguration FromMessage(const proto::StreamConfig& message) {
  StreamConfiguration configuration;
  const proto::ScalingPolicy& scaling = message.scalingpolicy();
  configuration.scaling.type = static_cast<ScalingPolicy::Type>(scaling.scaletype());
  configuration.scaling.target_rate = scaling.targetrate();
  configuration.scaling.scale_factor = scaling.scalefactor();
  configuration.scaling.min_segments = scaling.minnumsegments();
  const proto::RetentionPolicy& retention = message.retentionpolicy();
  if (message.has_retentionpolicy() && retention.retentiontype() != proto::RetentionPolicy::UNKNOWN) {
    configuration.retention = RetentionPolicy{static_cast<RetentionPolicy::Type>(retention.retentiontype()),
                                              retention.retentionparam(), retention.retentionmax()};
  }
  configuration.tags.assign(message.tags().tag().begin(), message.tags().tag().end());
  configuration.timestamp_aggregation_timeout_ms = message.timestampaggregationtimeout();
  configuration.rollover_size_bytes = message.rolloversizebytes();
  return configuration;
}

SegmentRange FromMessage(const proto::SegmentRange& message) {
  return SegmentRange{SegmentId(message.segmentid().segmentid()), KeyRange{message.minkey(), message.maxkey()}};
}

absl::StatusOr<CutPositions> FromMessage(const google::protobuf::Map<int64_t, int64_t>& map) {
  CutPositions cut;
  for (const auto& [segment, offset] : map) {
    std::optional<SegmentPosition> position = SegmentPosition::FromNumber(offset);
    if (!position) return absl::DataLossError("a cut with an offset below -1");
    cut.emplace(SegmentId(segment), *position);
  }
  return cut;
}

namespace {

void AddCuts(const std::map<ScopedStream, CutPositions>& cuts,
             google::protobuf::RepeatedPtrField<proto::StreamCut>* list) {
  for (const auto& [stream, offsets] : cuts) {
    proto::StreamCut* cut = list->Add();
    *cut->mutable_streaminfo() = ToMessage(stream);
    ToMessage(offsets, cut->mutable_cut());
  }
}

absl::StatusOr<std::map<ScopedStream, CutPositions>> ReadCuts(
    const google::protobuf::RepeatedPtrField<proto::StreamCut>& list) {
  std::map<ScopedStream, CutPositions> cuts;
  for (const proto::StreamCut& cut : list) {
    ASSIGN_OR_RETURN(CutPositions offsets, FromMessage(cut.cut()));
    cuts.insert_or_assign(ScopedStream{cut.streaminfo().scope(), cut.streaminfo().stream()}, std::move(offsets));
  }
  return cuts;
}

}  // namespace

proto::ReaderGroupConfiguration ToMessage(std::string_view scope, std::string_view group,
                                          const ReaderGroupConfig& config) {
  proto::ReaderGroupConfiguration message;
  message.set_scope(std::string(scope));
  message.set_readergroupname(std::string(group));
  message.set_grouprefreshtimemillis(config.group_refresh_ms);
  message.set_automaticcheckpointintervalmillis(config.automatic_checkpoint_interval_ms);
  message.set_maxoutstandingcheckpointrequest(config.max_outstanding_checkpoints);
  message.set_retentiontype(static_cast<int32_t>(config.retention));
  message.set_generation(config.generation);
  message.set_readergroupid(config.id.ToString());
  AddCuts(config.starting_cuts, message.mutable_startingstreamcuts());
  AddCuts(config.ending_cuts, message.mutable_endingstreamcuts());
  message.set_rolloversizebytes(config.rollover_size_bytes);
  return message;
}

absl::StatusOr<ReaderGroupConfig> FromMessage(const proto::ReaderGroupConfiguration& message) {
  ReaderGroupConfig config;
  config.group_refresh_ms = message.grouprefreshtimemillis();
  config.automatic_checkpoint_interval_ms = message.automaticcheckpointintervalmillis();
  config.max_outstanding_checkpoints = message.maxoutstandingcheckpointrequest();
  if (message.retentiontype() < 0 || message.retentiontype() > 2) {
    return MakeStatus(absl::StatusCode::kDataLoss, "retention type ", message.retentiontype());
  }
  config.retention = static_cast<ReaderGroupConfig::Retention>(message.retentiontype());
  config.generation = message.generation();
  std::optional<Uuid> id = Uuid::Parse(message.readergroupid());
  if (!id) return MakeStatus(absl::StatusCode::kDataLoss, "reader group id '", message.readergroupid(), "'");
  config.id = *id;
  ASSIGN_OR_RETURN(config.starting_cuts, ReadCuts(message.startingstreamcuts()));
  ASSIGN_OR_RETURN(config.ending_cuts, ReadCuts(message.endingstreamcuts()));
  config.rollover_size_bytes = message.rolloversizebytes();
  return config;
}

proto::TxnId ToMessage(TxnId txn) {
  proto::TxnId message;
  message.set_highbits(static_cast<int64_t>(txn.uuid.high));
  message.set_lowbits(static_cast<int64_t>(txn.uuid.low));
  return message;
}

TxnId FromMessage(const proto::TxnId& message) {
  return TxnId{Uuid{static_cast<uint64_t>(message.highbits()), static_cast<uint64_t>(message.lowbits())}};
}

}  // namespace pravega::controller
