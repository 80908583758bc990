#include "simulator/controller/service.h"

#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "connector/controller/methods.h"
#include "connector/controller/serialize.h"
#include "connector/core/check.h"
#include "connector/core/key_range.h"
#include "connector/core/status_macros.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records_util.h"
#include "simulator/controller/rpc_table.h"

namespace pravega::sim {
namespace {

using runtime::RpcRequest;
using runtime::Task;

ScopedStream StreamOf(const proto::StreamInfo& info) { return ScopedStream{info.scope(), info.stream()}; }

TxnId TxnOf(const proto::TxnId& id) {
  return TxnId{Uuid{static_cast<uint64_t>(id.highbits()), static_cast<uint64_t>(id.lowbits())}};
}

Cut CutOf(const google::protobuf::Map<int64_t, int64_t>& map) {
  Cut cut;
  for (const auto& [segment, offset] : map) cut[SegmentId(segment)] = offset;
  return cut;
}

void FillId(const ScopedStream& stream, SegmentId segment, proto::SegmentId* id) {
  id->mutable_streaminfo()->set_scope(stream.scope);
  id->mutable_streaminfo()->set_stream(stream.stream);
  id->set_segmentid(segment.value());
}

void FillRange(const ScopedStream& stream, const EpochSegment& segment, proto::SegmentRange* range) {
  FillId(stream, segment.id, range->mutable_segmentid());
  range->set_minkey(segment.range.low);
  range->set_maxkey(segment.range.high);
}

proto::SegmentRanges RangesOf(const ScopedStream& stream, const EpochTable& epoch) {
  proto::SegmentRanges ranges;
  for (const EpochSegment& segment : epoch.segments) FillRange(stream, segment, ranges.add_segmentranges());
  return ranges;
}

// ---- what requests are about

std::string Subject(const proto::ScopeInfo& request) { return request.scope(); }
std::string Subject(const proto::StreamInfo& request) { return StreamOf(request).ToString(); }
std::string Subject(const proto::SegmentId& request) {
  return SegmentName(StreamOf(request.streaminfo()), SegmentId(request.segmentid()));
}
std::string Subject(const proto::ReaderGroupConfiguration& request) {
  return StrCat(request.scope(), "/", request.readergroupname());
}
std::string Subject(const proto::ReaderGroupInfo& request) {
  return StrCat(request.scope(), "/", request.readergroup());
}
template <typename Request>
std::string Subject(const Request& request) {
  return StreamOf(request.streaminfo()).ToString();
}

Task<absl::StatusOr<std::string>> Refuse(std::string rpc) {
  co_return MakeStatus(absl::StatusCode::kUnimplemented, "this controller does not simulate ", rpc);
}

}  // namespace

template <typename Request, typename Answer>
Task<absl::StatusOr<std::string>> ControllerService::Handle(RpcRequest request,
                                                            Reply<Answer> (ControllerService::*handler)(Request)) {
  Request message;
  if (!message.ParseFromString(request.body)) {
    co_return MakeStatus(absl::StatusCode::kInternal, "Invalid protobuf byte sequence: no ", message.GetTypeName());
  }
  absl::StatusOr<Answer> answer = co_await (this->*handler)(std::move(message));
  if (answer.ok()) co_return controller::SerializeDeterministically(*answer);
  // Only the network itself may say that nobody is there: here it was the metadata service or a store.
  if (absl::IsUnavailable(answer.status())) co_return absl::InternalError(answer.status().message());
  co_return answer.status();
}

template <typename Request, typename Answer>
void ControllerService::Add(std::string_view rpc, Reply<Answer> (ControllerService::*handler)(Request)) {
  Method method;
  method.handler = [this, handler](RpcRequest request) { return Handle<Request, Answer>(std::move(request), handler); };
  method.subject = [](const std::string& body) {
    Request message;
    return message.ParseFromString(body) ? Subject(message) : std::string();
  };
  methods_.emplace(std::string(rpc), std::move(method));
}

ControllerService::ControllerService(Context& context, Scopes& scopes, Streams& streams, Transactions& transactions,
                                     ReaderGroups& groups)
    : context_(context), scopes_(scopes), streams_(streams), transactions_(transactions), groups_(groups) {
  Add("createScope", &ControllerService::CreateScope);
  Add("deleteScope", &ControllerService::DeleteScope);
  Add("checkScopeExists", &ControllerService::CheckScopeExists);
  Add("createStream", &ControllerService::CreateStream);
  Add("updateStream", &ControllerService::UpdateStream);
  Add("truncateStream", &ControllerService::TruncateStream);
  Add("sealStream", &ControllerService::SealStream);
  Add("deleteStream", &ControllerService::DeleteStream);
  Add("checkStreamExists", &ControllerService::CheckStreamExists);
  Add("getStreamConfiguration", &ControllerService::GetStreamConfiguration);
  Add("getCurrentSegments", &ControllerService::GetCurrentSegments);
  Add("getEpochSegments", &ControllerService::GetEpochSegments);
  Add("getSegments", &ControllerService::GetSegments);
  Add("getSegmentsImmediatlyFollowing", &ControllerService::GetSuccessors);
  Add("getSegmentsImmediatelyFollowing", &ControllerService::GetSuccessors);
  Add("getSegmentsBetween", &ControllerService::GetSegmentsBetween);
  Add("scale", &ControllerService::Scale);
  Add("checkScale", &ControllerService::CheckScale);
  Add("getURI", &ControllerService::GetUri);
  Add("isSegmentValid", &ControllerService::IsSegmentValid);
  Add("isStreamCutValid", &ControllerService::IsStreamCutValid);
  Add("createTransaction", &ControllerService::CreateTransaction);
  Add("commitTransaction", &ControllerService::CommitTransaction);
  Add("abortTransaction", &ControllerService::AbortTransaction);
  Add("pingTransaction", &ControllerService::PingTransaction);
  Add("checkTransactionState", &ControllerService::CheckTransactionState);
  Add("createReaderGroup", &ControllerService::CreateReaderGroup);
  Add("getReaderGroupConfig", &ControllerService::GetReaderGroupConfig);
  Add("deleteReaderGroup", &ControllerService::DeleteReaderGroup);
  Add("getDelegationToken", &ControllerService::GetDelegationToken);
}

void ControllerService::RegisterAll(runtime::RpcServer& server) {
  size_t simulated = 0;
  for (const RpcEntry& rpc : AllRpcs()) {
    std::string path = controller::MethodPath(rpc.name);
    auto method = methods_.find(rpc.name);
    CHECK_MSG(rpc.simulated() == (method != methods_.end()), rpc.name);
    if (rpc.simulated()) {
      ++simulated;
      server.Register(std::move(path), method->second.handler);
    } else {
      server.Register(std::move(path), [name = std::string(rpc.name)](RpcRequest) { return Refuse(name); });
    }
  }
  CHECK(simulated == methods_.size());
}

std::string ControllerService::SubjectOf(std::string_view rpc, const std::string& body) const {
  auto method = methods_.find(rpc);
  return method == methods_.end() ? std::string() : method->second.subject(body);
}

// ---- scopes

Task<absl::StatusOr<proto::CreateScopeStatus>> ControllerService::CreateScope(proto::ScopeInfo request) {
  proto::CreateScopeStatus answer;
  CO_ASSIGN_OR_RETURN(proto::CreateScopeStatus::Status status, co_await scopes_.Create(request.scope()));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::DeleteScopeStatus>> ControllerService::DeleteScope(proto::ScopeInfo request) {
  proto::DeleteScopeStatus answer;
  CO_ASSIGN_OR_RETURN(proto::DeleteScopeStatus::Status status, co_await scopes_.Delete(request.scope()));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::ExistsResponse>> ControllerService::CheckScopeExists(proto::ScopeInfo request) {
  proto::ExistsResponse answer;
  CO_ASSIGN_OR_RETURN(bool exists, co_await scopes_.Exists(request.scope()));
  answer.set_exists(exists);
  co_return std::move(answer);
}

// ---- streams

Task<absl::StatusOr<proto::CreateStreamStatus>> ControllerService::CreateStream(proto::StreamConfig request) {
  proto::CreateStreamStatus answer;
  ScopedStream stream = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(proto::CreateStreamStatus::Status status, co_await streams_.Create(stream, std::move(request)));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::UpdateStreamStatus>> ControllerService::UpdateStream(proto::StreamConfig request) {
  proto::UpdateStreamStatus answer;
  ScopedStream stream = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(proto::UpdateStreamStatus::Status status, co_await streams_.Update(stream, std::move(request)));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::UpdateStreamStatus>> ControllerService::TruncateStream(proto::StreamCut request) {
  proto::UpdateStreamStatus answer;
  CO_ASSIGN_OR_RETURN(proto::UpdateStreamStatus::Status status,
                      co_await streams_.Truncate(StreamOf(request.streaminfo()), CutOf(request.cut())));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::UpdateStreamStatus>> ControllerService::SealStream(proto::StreamInfo request) {
  proto::UpdateStreamStatus answer;
  CO_ASSIGN_OR_RETURN(proto::UpdateStreamStatus::Status status, co_await streams_.Seal(StreamOf(request)));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::DeleteStreamStatus>> ControllerService::DeleteStream(proto::StreamInfo request) {
  proto::DeleteStreamStatus answer;
  CO_ASSIGN_OR_RETURN(proto::DeleteStreamStatus::Status status, co_await streams_.Delete(StreamOf(request)));
  answer.set_status(status);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::ExistsResponse>> ControllerService::CheckStreamExists(proto::StreamInfo request) {
  proto::ExistsResponse answer;
  CO_ASSIGN_OR_RETURN(StreamRecord record,
                      co_await context_.metadata.Read<records::Stream>(keys::Stream(StreamOf(request))));
  answer.set_exists(record.present());
  co_return std::move(answer);
}

Task<absl::StatusOr<records::Stream>> ControllerService::ReadStream(ScopedStream stream) {
  std::string key = keys::Stream(stream);
  CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(key));
  if (!record.present()) co_return EntryNotFound(key);
  co_return std::move(record.value);
}

Task<absl::StatusOr<proto::StreamConfig>> ControllerService::GetStreamConfiguration(proto::StreamInfo request) {
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(StreamOf(request)));
  co_return std::move(*stream.mutable_config());
}

// ---- segments

Task<absl::StatusOr<proto::SegmentRanges>> ControllerService::GetCurrentSegments(proto::StreamInfo request) {
  ScopedStream name = StreamOf(request);
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  if (stream.state() == records::Stream::CREATING) co_return IllegalState(name, stream.state());
  if (stream.state() == records::Stream::SEALED) co_return proto::SegmentRanges();
  CO_ASSIGN_OR_RETURN(EpochTable epoch,
                      co_await ReadEpochTable(context_, name, stream.incarnation(), Epoch(stream.current_epoch())));
  co_return RangesOf(name, epoch);
}

Task<absl::StatusOr<proto::SegmentRanges>> ControllerService::GetEpochSegments(proto::GetEpochSegmentsRequest request) {
  if (request.epoch() < 0) co_return InternalException();
  ScopedStream name = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  absl::StatusOr<EpochTable> epoch =
      co_await ReadEpochTable(context_, name, stream.incarnation(), Epoch(request.epoch()));
  if (absl::IsNotFound(epoch.status())) {
    co_return EntryNotFound(keys::EpochSegments(name, stream.incarnation(), Epoch(request.epoch())));
  }
  if (!epoch.ok()) co_return epoch.status();
  co_return RangesOf(name, *epoch);
}

Task<absl::StatusOr<proto::SegmentsAtTime>> ControllerService::GetSegments(proto::GetSegmentsRequest request) {
  ScopedStream name = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  if (stream.state() == records::Stream::CREATING) co_return IllegalState(name, stream.state());
  CO_ASSIGN_OR_RETURN(Cut head, co_await HeadOf(context_, name, stream));
  proto::SegmentsAtTime answer;
  for (const auto& [segment, offset] : head) {
    proto::SegmentsAtTime::SegmentLocation* location = answer.add_segments();
    FillId(name, segment, location->mutable_segmentid());
    location->set_offset(offset);
  }
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::SuccessorResponse>> ControllerService::GetSuccessors(proto::SegmentId request) {
  ScopedStream name = StreamOf(request.streaminfo());
  SegmentId segment(request.segmentid());
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  int64_t incarnation = stream.incarnation();
  CO_ASSIGN_OR_RETURN(Versioned<records::SealedSegment> sealed, co_await context_.metadata.Read<records::SealedSegment>(
                                                                    keys::SealedSegment(name, incarnation, segment)));
  proto::SuccessorResponse answer;
  // Active, unknown, or one of the last of a sealed stream.
  if (!sealed.present()) co_return std::move(answer);
  Epoch replaced_in(sealed.value.replaced_in_epoch());
  CO_ASSIGN_OR_RETURN(EpochTable after, co_await ReadEpochTable(context_, name, incarnation, replaced_in));
  CO_ASSIGN_OR_RETURN(EpochTable before,
                      co_await ReadEpochTable(context_, name, incarnation, Epoch(replaced_in.value() - 1)));
  const EpochSegment* asked = before.Find(segment);
  if (asked == nullptr) {
    co_return MakeStatus(absl::StatusCode::kInternal, name.ToString(), ": segment ", segment.ToString(),
                         " is not in the epoch before ", replaced_in.value());
  }
  for (const SuccessorSegment& successor : Successors(before, after, *asked)) {
    proto::SuccessorResponse::SegmentEntry* entry = answer.add_segments();
    FillRange(name, successor.segment, entry->mutable_segment());
    for (SegmentId predecessor : successor.predecessors) entry->add_value(predecessor.value());
  }
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::StreamCutRangeResponse>> ControllerService::GetSegmentsBetween(
    proto::StreamCutRange request) {
  if (request.from().empty() && request.to().empty()) co_return InternalException();
  ScopedStream name = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  if (stream.state() == records::Stream::CREATING) co_return IllegalState(name, stream.state());
  Cut from = CutOf(request.from());
  Cut to = CutOf(request.to());
  if (from.empty()) {
    CO_ASSIGN_OR_RETURN(EpochTable first, co_await ReadEpochTable(context_, name, stream.incarnation(), Epoch(0)));
    for (const EpochSegment& segment : first.segments) from[segment.id] = 0;
  }
  bool open_end = to.empty();
  if (open_end) {
    CO_ASSIGN_OR_RETURN(EpochTable last,
                        co_await ReadEpochTable(context_, name, stream.incarnation(), Epoch(stream.current_epoch())));
    for (const EpochSegment& segment : last.segments) to[segment.id] = std::numeric_limits<int64_t>::max();
  }
  CO_ASSIGN_OR_RETURN(StreamHistory history, co_await HistoryOf(context_, name, stream, from, to));
  for (const Cut* cut : {&from, &to}) {
    for (const auto& [segment, offset] : *cut) {
      if (history.Find(segment) == nullptr) {
        co_return MakeStatus(absl::StatusCode::kUnknown, name.ToString(), ": no segment ", segment.ToString());
      }
    }
  }
  if (IsBehind(history, to, from)) {
    co_return MakeStatus(absl::StatusCode::kUnknown, name.ToString(), ": the second cut is before the first");
  }
  proto::StreamCutRangeResponse answer;
  for (SegmentId segment : SegmentsBetween(history, from, to)) FillId(name, segment, answer.add_segments());
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::NodeUri>> ControllerService::GetUri(proto::SegmentId request) {
  const runtime::Endpoint& host =
      context_.stores.HostOf(SegmentName(StreamOf(request.streaminfo()), SegmentId(request.segmentid())));
  proto::NodeUri answer;
  answer.set_endpoint(host.host);
  answer.set_port(host.port);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::SegmentValidityResponse>> ControllerService::IsSegmentValid(proto::SegmentId request) {
  ScopedStream name = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  proto::SegmentValidityResponse answer;
  if (stream.state() == records::Stream::CREATING) co_return IllegalState(name, stream.state());
  if (stream.state() == records::Stream::SEALED) co_return std::move(answer);
  CO_ASSIGN_OR_RETURN(EpochTable epoch,
                      co_await ReadEpochTable(context_, name, stream.incarnation(), Epoch(stream.current_epoch())));
  answer.set_response(epoch.Find(SegmentId(request.segmentid())) != nullptr);
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::StreamCutValidityResponse>> ControllerService::IsStreamCutValid(proto::StreamCut request) {
  if (request.cut().empty()) co_return InternalException();
  ScopedStream name = StreamOf(request.streaminfo());
  CO_ASSIGN_OR_RETURN(records::Stream stream, co_await ReadStream(name));
  Cut cut = CutOf(request.cut());
  CO_ASSIGN_OR_RETURN(StreamHistory history, co_await HistoryOf(context_, name, stream, cut, cut));
  CutVerdict verdict = JudgeCut(history, cut);
  if (verdict == CutVerdict::kUnreadable) {
    co_return MakeStatus(absl::StatusCode::kUnknown, name.ToString(),
                         ": the cut has an unknown segment, or none that is begun");
  }
  proto::StreamCutValidityResponse answer;
  answer.set_response(verdict == CutVerdict::kValid);
  co_return std::move(answer);
}

// ---- scaling

Task<absl::StatusOr<proto::ScaleResponse>> ControllerService::Scale(proto::ScaleRequest request) {
  std::vector<SegmentId> sealed;
  for (int64_t id : request.sealedsegments()) sealed.push_back(SegmentId(id));
  std::vector<KeyRange> ranges;
  for (const proto::ScaleRequest::KeyRangeEntry& range : request.newkeyranges()) {
    ranges.push_back({range.start(), range.end()});
  }
  absl::StatusOr<proto::ScaleResponse> answer = co_await streams_.Scale(
      StreamOf(request.streaminfo()), std::move(sealed), std::move(ranges), request.scaletimestamp());
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::ScaleStatusResponse>> ControllerService::CheckScale(proto::ScaleStatusRequest request) {
  ScopedStream name = StreamOf(request.streaminfo());
  proto::ScaleStatusResponse answer;
  CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(name)));
  if (!record.present() || request.epoch() > record.value.current_epoch()) {
    answer.set_status(proto::ScaleStatusResponse::INVALID_INPUT);
    co_return std::move(answer);
  }
  CO_ASSIGN_OR_RETURN(EpochTable current, co_await ReadEpochTable(context_, name, record.value.incarnation(),
                                                                  Epoch(record.value.current_epoch())));
  bool scaling = record.value.state() == records::Stream::SCALING;
  int32_t reference = current.reference_epoch.value();
  bool in_progress = request.epoch() == current.epoch.value() || request.epoch() == reference ||
                     (request.epoch() + 1 == reference && scaling);
  answer.set_status(in_progress ? proto::ScaleStatusResponse::IN_PROGRESS : proto::ScaleStatusResponse::SUCCESS);
  co_return std::move(answer);
}

// ---- transactions

Task<absl::StatusOr<proto::CreateTxnResponse>> ControllerService::CreateTransaction(proto::CreateTxnRequest request) {
  absl::StatusOr<proto::CreateTxnResponse> answer =
      co_await transactions_.Create(StreamOf(request.streaminfo()), request.lease());
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::TxnStatus>> ControllerService::CommitTransaction(proto::TxnRequest request) {
  absl::StatusOr<proto::TxnStatus> answer = co_await transactions_.Commit(
      StreamOf(request.streaminfo()), TxnOf(request.txnid()), request.writerid(), request.timestamp());
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::TxnStatus>> ControllerService::AbortTransaction(proto::TxnRequest request) {
  absl::StatusOr<proto::TxnStatus> answer =
      co_await transactions_.Abort(StreamOf(request.streaminfo()), TxnOf(request.txnid()));
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::PingTxnStatus>> ControllerService::PingTransaction(proto::PingTxnRequest request) {
  absl::StatusOr<proto::PingTxnStatus> answer =
      co_await transactions_.Ping(StreamOf(request.streaminfo()), TxnOf(request.txnid()), request.lease());
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::TxnState>> ControllerService::CheckTransactionState(proto::TxnRequest request) {
  absl::StatusOr<proto::TxnState> answer =
      co_await transactions_.State(StreamOf(request.streaminfo()), TxnOf(request.txnid()));
  co_return std::move(answer);
}

// ---- reader groups

Task<absl::StatusOr<proto::CreateReaderGroupResponse>> ControllerService::CreateReaderGroup(
    proto::ReaderGroupConfiguration request) {
  absl::StatusOr<proto::CreateReaderGroupResponse> answer = co_await groups_.Create(std::move(request));
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::ReaderGroupConfigResponse>> ControllerService::GetReaderGroupConfig(
    proto::ReaderGroupInfo request) {
  absl::StatusOr<proto::ReaderGroupConfigResponse> answer =
      co_await groups_.Config(request.scope(), request.readergroup());
  co_return std::move(answer);
}

Task<absl::StatusOr<proto::DeleteReaderGroupStatus>> ControllerService::DeleteReaderGroup(
    proto::ReaderGroupInfo request) {
  absl::StatusOr<proto::DeleteReaderGroupStatus> answer =
      co_await groups_.Delete(request.scope(), request.readergroup(), request.readergroupid());
  co_return std::move(answer);
}

// ---- tokens

Task<absl::StatusOr<proto::DelegationToken>> ControllerService::GetDelegationToken(proto::StreamInfo) {
  // Authorisation is off: every token is empty.
  co_return proto::DelegationToken();
}

}  // namespace pravega::sim
