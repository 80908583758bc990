#include "connector/client/testing/scripted_controller.h"

#include <utility>

#include "connector/controller/methods.h"
#include "connector/controller/proto/controller.pb.h"

namespace pravega::client {
namespace {

namespace proto = ::io::pravega::controller::stream::api::grpc::v1;

void SetId(SegmentId id, proto::SegmentId* message) {
  message->mutable_streaminfo()->set_scope(kTestStream.scope);
  message->mutable_streaminfo()->set_stream(kTestStream.stream);
  message->set_segmentid(id.value());
}

void SetRange(const controller::SegmentRange& range, proto::SegmentRange* message) {
  SetId(range.id, message->mutable_segmentid());
  message->set_minkey(range.range.low);
  message->set_maxkey(range.range.high);
}

std::string Ranges(const std::vector<controller::SegmentRange>& ranges) {
  proto::SegmentRanges message;
  for (const controller::SegmentRange& range : ranges) SetRange(range, message.add_segmentranges());
  return message.SerializeAsString();
}

}  // namespace

ScriptedController::ScriptedController(TestRuntime& runtime) {
  runtime.set_rpc_handler([this](runtime::RpcRequest request) { return Handle(std::move(request)); });
  client_ = controller::ControllerClient::Connect(runtime, {{"controller", 9090}}, {});
}

int ScriptedController::calls(std::string_view rpc) const {
  auto found = calls_.find(rpc);
  return found == calls_.end() ? 0 : found->second;
}

runtime::Task<absl::StatusOr<std::string>> ScriptedController::Handle(runtime::RpcRequest request) {
  std::string rpc(controller::RpcName(request.method));
  ++calls_[rpc];
  on_call(rpc);
  auto error = errors.find(rpc);
  if (error != errors.end()) {
    absl::Status status = error->second;
    errors.erase(error);
    co_return status;
  }
  co_return Answer(rpc, request.body);
}

absl::StatusOr<std::string> ScriptedController::Answer(std::string_view rpc, const std::string& body) {
  proto::SegmentId segment;
  if (rpc == "getCurrentSegments") return Ranges(current);
  if (rpc == "getDelegationToken") {
    proto::DelegationToken message;
    message.set_delegationtoken(token);
    return message.SerializeAsString();
  }
  if (rpc == "getEpochSegments") {
    proto::GetEpochSegmentsRequest request;
    request.ParseFromString(body);
    auto epoch = epochs.find(request.epoch());
    if (epoch == epochs.end()) return absl::NotFoundError("no such epoch");
    return Ranges(epoch->second);
  }
  if (rpc == "getURI") {
    segment.ParseFromString(body);
    auto own = endpoints.find(SegmentId(segment.segmentid()));
    const runtime::Endpoint& at = own == endpoints.end() ? endpoint : own->second;
    proto::NodeUri message;
    message.set_endpoint(at.host);
    message.set_port(at.port);
    return message.SerializeAsString();
  }
  if (rpc == "getSegmentsImmediatelyFollowing") {
    segment.ParseFromString(body);
    proto::SuccessorResponse message;
    for (const controller::Successor& successor : successors[SegmentId(segment.segmentid())]) {
      auto* entry = message.add_segments();
      SetRange(successor.segment, entry->mutable_segment());
      for (SegmentId predecessor : successor.predecessors) entry->add_value(predecessor.value());
    }
    return message.SerializeAsString();
  }
  if (rpc == "isSegmentValid") {
    segment.ParseFromString(body);
    proto::SegmentValidityResponse message;
    message.set_response(active.contains(SegmentId(segment.segmentid())));
    return message.SerializeAsString();
  }
  if (rpc == "getSegments") {
    proto::SegmentsAtTime message;
    for (const auto& [id, offset] : head) {
      auto* location = message.add_segments();
      SetId(id, location->mutable_segmentid());
      location->set_offset(offset);
    }
    return message.SerializeAsString();
  }
  if (rpc == "createTransaction") {
    proto::CreateTxnResponse message;
    message.mutable_txnid()->set_highbits(static_cast<int64_t>(txn.uuid.high));
    message.mutable_txnid()->set_lowbits(static_cast<int64_t>(txn.uuid.low));
    for (const controller::SegmentRange& range : current) SetRange(range, message.add_activesegments());
    return message.SerializeAsString();
  }
  if (rpc == "pingTransaction") {
    proto::PingTxnRequest request;
    request.ParseFromString(body);
    pings.push_back(request.lease());
    proto::PingTxnStatus message;
    message.set_status(static_cast<proto::PingTxnStatus::Status>(on_ping()));
    return message.SerializeAsString();
  }
  if (rpc == "commitTransaction" || rpc == "abortTransaction") {
    proto::TxnStatus message;
    message.set_status(static_cast<proto::TxnStatus::Status>(rpc == "commitTransaction" ? on_commit() : on_abort()));
    return message.SerializeAsString();
  }
  if (rpc == "checkTransactionState") {
    proto::TxnState message;
    message.set_state(static_cast<proto::TxnState::State>(txn_state));
    return message.SerializeAsString();
  }
  return absl::UnimplementedError("the scripted controller does not know " + std::string(rpc));
}

}  // namespace pravega::client
