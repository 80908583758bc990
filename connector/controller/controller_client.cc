#include "connector/controller/controller_client.h"

#include <limits>
#include <utility>

#include "connector/controller/messages.h"
#include "connector/controller/methods.h"
#include "connector/controller/serialize.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::controller {
namespace {

using absl::StatusCode;
using runtime::Duration;
using runtime::Task;

// What the Java client sends when the application gives no time.
constexpr int64_t kNoTimestamp = std::numeric_limits<int64_t>::min();

template <typename Reply>
struct Answered {
  Reply reply;
  bool maybe_repeated = false;
};

template <typename Reply, typename Request>
Task<absl::StatusOr<Answered<Reply>>> Ask(RetryingCaller& caller, std::string_view rpc, Request request,
                                          Duration timeout, std::string what) {
  std::string body = SerializeDeterministically(request);
  CO_ASSIGN_OR_RETURN(Answer answer, co_await caller.Call(MethodPath(rpc), std::move(body), timeout, what));
  Answered<Reply> answered;
  answered.maybe_repeated = answer.maybe_repeated;
  if (!answered.reply.ParseFromString(answer.bytes)) {
    co_return MakeStatus(StatusCode::kInternal, what, ": the controller's answer of ", answer.bytes.size(),
                         " bytes is no ", answered.reply.GetTypeName());
  }
  co_return std::move(answered);
}

// "createStream of scope/stream".
std::string What(std::string_view rpc, const ScopedStream& stream) {
  return StrCat(rpc, " of ", stream.scope, "/", stream.stream);
}
std::string What(std::string_view rpc, const ScopedStream& stream, TxnId txn) {
  return StrCat(What(rpc, stream), " transaction ", txn.uuid.ToString());
}

// A status that this library does not know: a newer server.
absl::Status UnknownStatus(const std::string& what, int status) {
  return MakeStatus(StatusCode::kInternal, what, ": the controller answered with the unknown status ", status);
}
absl::Status Failure(const std::string& what, std::string_view reason) {
  return MakeStatus(StatusCode::kAborted, what, ": the controller refused: ", reason);
}
absl::Status NoStream(const std::string& what) {
  return MakeStatus(StatusCode::kNotFound, what, ": no such stream; check scope and name, or create it");
}
absl::Status Sealed(const std::string& what) {
  return MakeStatus(StatusCode::kFailedPrecondition, what, ": the stream is sealed and cannot change any more");
}

StreamSegments ToSegments(const proto::SegmentRanges& message) {
  StreamSegments segments;
  for (const proto::SegmentRange& range : message.segmentranges()) segments.segments.push_back(FromMessage(range));
  segments.delegation_token = message.delegationtoken();
  return segments;
}

absl::Status UpdateStatus(const std::string& what, proto::UpdateStreamStatus::Status status, StatusCode failure,
                          std::string_view failure_reason) {
  switch (status) {
    case proto::UpdateStreamStatus::SUCCESS:
      return absl::OkStatus();
    case proto::UpdateStreamStatus::FAILURE:
      return MakeStatus(failure, what, ": the controller refused: ", failure_reason);
    case proto::UpdateStreamStatus::STREAM_NOT_FOUND:
    case proto::UpdateStreamStatus::SCOPE_NOT_FOUND:
      return NoStream(what);
    case proto::UpdateStreamStatus::STREAM_SEALED:
      return Sealed(what);
    default:
      return UnknownStatus(what, status);
  }
}

}  // namespace

ControllerClient::ControllerClient(runtime::Runtime& runtime, std::unique_ptr<runtime::RpcChannel> channel,
                                   ControllerClientOptions options)
    : runtime_(runtime),
      options_(options),
      caller_(runtime, std::move(channel), options.retry),
      endpoints_(options.cached_endpoints, options.endpoint_lifetime) {}

std::unique_ptr<ControllerClient> ControllerClient::Connect(runtime::Runtime& runtime,
                                                            std::vector<runtime::Endpoint> controllers,
                                                            ControllerClientOptions options) {
  return std::make_unique<ControllerClient>(runtime, runtime.OpenChannel(std::move(controllers)), options);
}

ControllerClient::~ControllerClient() = default;

// ---- scopes

Task<absl::StatusOr<bool>> ControllerClient::CreateScope(std::string scope) {
  std::string what = StrCat("createScope of ", scope);
  proto::ScopeInfo request;
  request.set_scope(scope);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::CreateScopeStatus>(caller_, "createScope", std::move(request),
                                                                          options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::CreateScopeStatus::SUCCESS:
      co_return true;
    case proto::CreateScopeStatus::SCOPE_EXISTS:
      co_return false;
    case proto::CreateScopeStatus::INVALID_SCOPE_NAME:
      co_return MakeStatus(StatusCode::kInvalidArgument, what,
                           ": not a scope name: letters, digits, '.' and '-' are allowed");
    case proto::CreateScopeStatus::FAILURE:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::StatusOr<bool>> ControllerClient::DeleteScope(std::string scope) {
  std::string what = StrCat("deleteScope of ", scope);
  proto::ScopeInfo request;
  request.set_scope(scope);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::DeleteScopeStatus>(caller_, "deleteScope", std::move(request),
                                                                          options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::DeleteScopeStatus::SUCCESS:
      co_return true;
    case proto::DeleteScopeStatus::SCOPE_NOT_FOUND:
      co_return false;
    case proto::DeleteScopeStatus::SCOPE_NOT_EMPTY:
      co_return MakeStatus(StatusCode::kFailedPrecondition, what,
                           ": the scope is not empty; delete its streams, reader groups and tables first");
    case proto::DeleteScopeStatus::FAILURE:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::StatusOr<bool>> ControllerClient::ScopeExists(std::string scope) {
  proto::ScopeInfo request;
  request.set_scope(scope);
  std::string what = StrCat("checkScopeExists of ", scope);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::ExistsResponse>(caller_, "checkScopeExists", std::move(request),
                                                                       options_.call_timeout, what));
  co_return answer.reply.exists();
}

// ---- streams

Task<absl::StatusOr<bool>> ControllerClient::CreateStream(ScopedStream stream, StreamConfiguration configuration) {
  std::string what = What("createStream", stream);
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::CreateStreamStatus>(caller_, "createStream", ToMessage(stream, configuration),
                                                              options_.long_call_timeout, what));
  switch (answer.reply.status()) {
    case proto::CreateStreamStatus::SUCCESS:
      co_return true;
    case proto::CreateStreamStatus::STREAM_EXISTS:
      co_return false;
    case proto::CreateStreamStatus::SCOPE_NOT_FOUND:
      co_return MakeStatus(StatusCode::kInvalidArgument, what, ": no such scope; create it first");
    case proto::CreateStreamStatus::INVALID_STREAM_NAME:
      co_return MakeStatus(StatusCode::kInvalidArgument, what,
                           ": not a stream name: letters, digits, '.' and '-' are allowed");
    case proto::CreateStreamStatus::FAILURE:
      co_return Failure(what,
                        "check the configuration (at least one segment); delete the stream before another attempt");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::Status> ControllerClient::UpdateStream(ScopedStream stream, StreamConfiguration configuration) {
  std::string what = What("updateStream", stream);
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::UpdateStreamStatus>(caller_, "updateStream", ToMessage(stream, configuration),
                                                              options_.long_call_timeout, what));
  co_return UpdateStatus(
      what, answer.reply.status(), StatusCode::kAborted,
      "another update may be running, or the configuration asks for no segment; look at the stream's "
      "configuration and repeat");
}

Task<absl::Status> ControllerClient::TruncateStream(ScopedStream stream, CutPositions cut) {
  std::string what = What("truncateStream", stream);
  proto::StreamCut request;
  *request.mutable_streaminfo() = ToMessage(stream);
  ToMessage(cut, request.mutable_cut());
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::UpdateStreamStatus>(caller_, "truncateStream", std::move(request),
                                                              options_.long_call_timeout, what));
  co_return UpdateStatus(what, answer.reply.status(), StatusCode::kFailedPrecondition,
                         "the cut is empty, invalid or behind the stream's head, or another truncation is running; "
                         "compare it with the head and repeat with a later cut");
}

Task<absl::Status> ControllerClient::SealStream(ScopedStream stream) {
  std::string what = What("sealStream", stream);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::UpdateStreamStatus>(caller_, "sealStream", ToMessage(stream),
                                                                           options_.long_call_timeout, what));
  co_return UpdateStatus(what, answer.reply.status(), StatusCode::kAborted, "the stream is not complete; delete it");
}

Task<absl::StatusOr<bool>> ControllerClient::DeleteStream(ScopedStream stream) {
  std::string what = What("deleteStream", stream);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::DeleteStreamStatus>(caller_, "deleteStream", ToMessage(stream),
                                                                           options_.long_call_timeout, what));
  switch (answer.reply.status()) {
    case proto::DeleteStreamStatus::SUCCESS:
      co_return true;
    case proto::DeleteStreamStatus::STREAM_NOT_FOUND:
      co_return false;
    case proto::DeleteStreamStatus::STREAM_NOT_SEALED:
      co_return MakeStatus(StatusCode::kFailedPrecondition, what, ": the stream is not sealed; seal it first");
    case proto::DeleteStreamStatus::FAILURE:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::StatusOr<bool>> ControllerClient::StreamExists(ScopedStream stream) {
  std::string what = What("checkStreamExists", stream);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::ExistsResponse>(caller_, "checkStreamExists", ToMessage(stream),
                                                                       options_.call_timeout, what));
  co_return answer.reply.exists();
}

Task<absl::StatusOr<StreamConfiguration>> ControllerClient::GetStreamConfiguration(ScopedStream stream) {
  std::string what = What("getStreamConfiguration", stream);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::StreamConfig>(caller_, "getStreamConfiguration",
                                                                     ToMessage(stream), options_.call_timeout, what));
  co_return FromMessage(answer.reply);
}

// ---- segments

Task<absl::StatusOr<StreamSegments>> ControllerClient::GetCurrentSegments(ScopedStream stream, AccessOperation access) {
  std::string what = What("getCurrentSegments", stream);
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::SegmentRanges>(caller_, "getCurrentSegments", ToMessage(stream, access),
                                                         options_.call_timeout, what));
  co_return ToSegments(answer.reply);
}

Task<absl::StatusOr<StreamSegments>> ControllerClient::GetEpochSegments(ScopedStream stream, Epoch epoch) {
  std::string what = StrCat("getEpochSegments of ", stream.ToString(), " epoch ", epoch.value());
  proto::GetEpochSegmentsRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  request.set_epoch(epoch.value());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::SegmentRanges>(caller_, "getEpochSegments", std::move(request),
                                                                      options_.call_timeout, what));
  co_return ToSegments(answer.reply);
}

Task<absl::StatusOr<CutPositions>> ControllerClient::GetHeadSegments(ScopedStream stream) {
  std::string what = What("getSegments", stream);
  proto::GetSegmentsRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::SegmentsAtTime>(caller_, "getSegments", std::move(request),
                                                                       options_.call_timeout, what));
  CutPositions head;
  for (const proto::SegmentsAtTime::SegmentLocation& location : answer.reply.segments()) {
    std::optional<SegmentPosition> position = SegmentPosition::FromNumber(location.offset());
    if (!position) {
      co_return MakeStatus(StatusCode::kInternal, what, ": the controller answered with offset ", location.offset());
    }
    head.emplace(SegmentId(location.segmentid().segmentid()), *position);
  }
  co_return head;
}

Task<absl::StatusOr<std::vector<Successor>>> ControllerClient::GetSuccessors(ScopedStream stream, SegmentId segment) {
  std::string what = StrCat("getSegmentsImmediatelyFollowing of ", stream.ToString(), " segment ", segment.ToString());
  proto::SegmentId request;
  *request.mutable_streaminfo() = ToMessage(stream);
  request.set_segmentid(segment.value());
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::SuccessorResponse>(caller_, "getSegmentsImmediatelyFollowing",
                                                             std::move(request), options_.call_timeout, what));
  std::vector<Successor> successors;
  for (const proto::SuccessorResponse::SegmentEntry& entry : answer.reply.segments()) {
    Successor successor;
    successor.segment = FromMessage(entry.segment());
    for (int64_t predecessor : entry.value()) successor.predecessors.push_back(SegmentId(predecessor));
    successors.push_back(std::move(successor));
  }
  co_return std::move(successors);
}

Task<absl::StatusOr<std::vector<SegmentId>>> ControllerClient::GetSegmentsBetween(ScopedStream stream,
                                                                                  CutPositions from, CutPositions to) {
  std::string what = What("getSegmentsBetween", stream);
  if (from.empty() && to.empty()) {
    co_return MakeStatus(StatusCode::kInvalidArgument, what, ": both cuts are empty; give at least one");
  }
  proto::StreamCutRange request;
  *request.mutable_streaminfo() = ToMessage(stream);
  ToMessage(from, request.mutable_from());
  ToMessage(to, request.mutable_to());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::StreamCutRangeResponse>(
                                       caller_, "getSegmentsBetween", std::move(request), options_.call_timeout, what));
  std::vector<SegmentId> segments;
  for (const proto::SegmentId& segment : answer.reply.segments()) segments.push_back(SegmentId(segment.segmentid()));
  co_return std::move(segments);
}

Task<absl::StatusOr<bool>> ControllerClient::IsSegmentValid(ScopedStream stream, SegmentId segment) {
  std::string what = StrCat("isSegmentValid of ", stream.ToString(), " segment ", segment.ToString());
  proto::SegmentId request;
  *request.mutable_streaminfo() = ToMessage(stream);
  request.set_segmentid(segment.value());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::SegmentValidityResponse>(
                                       caller_, "isSegmentValid", std::move(request), options_.call_timeout, what));
  co_return answer.reply.response();
}

Task<absl::StatusOr<bool>> ControllerClient::IsStreamCutValid(ScopedStream stream, CutPositions cut) {
  std::string what = What("isStreamCutValid", stream);
  proto::StreamCut request;
  *request.mutable_streaminfo() = ToMessage(stream);
  ToMessage(cut, request.mutable_cut());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::StreamCutValidityResponse>(
                                       caller_, "isStreamCutValid", std::move(request), options_.call_timeout, what));
  co_return answer.reply.response();
}

Task<absl::StatusOr<runtime::Endpoint>> ControllerClient::GetEndpoint(SegmentRef segment) {
  std::string name = segment.ToString();
  std::optional<runtime::Endpoint> known = endpoints_.Find(ContainerKey(name), runtime_.Now());
  if (known) co_return *std::move(known);
  std::string what = StrCat("getURI of ", name);
  proto::SegmentId request;
  *request.mutable_streaminfo() = ToMessage(segment.stream);
  request.set_segmentid(segment.id.value());
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::NodeUri>(caller_, "getURI", std::move(request), options_.call_timeout, what));
  int32_t port = answer.reply.port();
  if (port < 0 || port > 65535) {
    co_return MakeStatus(StatusCode::kInternal, what, ": the controller answered with port ", port);
  }
  runtime::Endpoint endpoint{answer.reply.endpoint(), static_cast<uint16_t>(port)};
  endpoints_.Put(std::string(ContainerKey(name)), endpoint, runtime_.Now());
  co_return std::move(endpoint);
}

void ControllerClient::ForgetEndpoint(const SegmentRef& segment) {
  std::string name = segment.ToString();
  endpoints_.Remove(ContainerKey(name));
}

Task<absl::StatusOr<std::string>> ControllerClient::GetDelegationToken(ScopedStream stream, AccessOperation access) {
  std::string what = What("getDelegationToken", stream);
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::DelegationToken>(caller_, "getDelegationToken", ToMessage(stream, access),
                                                           options_.call_timeout, what));
  co_return answer.reply.delegationtoken();
}

// ---- scaling

namespace {

// The epoch before the one that replaced exactly `sealed` by segments of exactly `ranges`, if that happened.
struct Replaced {
  bool yes = false;
  ScaleStarted scale;
};

bool Replaces(const Successor& successor, const std::vector<SegmentId>& sealed, const std::vector<KeyRange>& ranges) {
  bool range_asked_for = false;
  for (const KeyRange& range : ranges) range_asked_for = range_asked_for || range == successor.segment.range;
  if (!range_asked_for) return false;
  for (SegmentId predecessor : successor.predecessors) {
    bool sealed_by_us = false;
    for (SegmentId segment : sealed) sealed_by_us = sealed_by_us || segment == predecessor;
    if (!sealed_by_us) return false;
  }
  return true;
}

Task<absl::StatusOr<Replaced>> FindReplacement(ControllerClient& client, ScopedStream stream,
                                               std::vector<SegmentId> sealed, std::vector<KeyRange> ranges) {
  std::map<SegmentId, SegmentRange> found;
  for (SegmentId segment : sealed) {
    CO_ASSIGN_OR_RETURN(std::vector<Successor> successors, co_await client.GetSuccessors(stream, segment));
    if (successors.empty()) co_return Replaced();
    for (const Successor& successor : successors) {
      if (!Replaces(successor, sealed, ranges)) co_return Replaced();
      found.emplace(successor.segment.id, successor.segment);
    }
  }
  if (found.empty() || found.size() != ranges.size()) co_return Replaced();
  Replaced replaced;
  replaced.yes = true;
  for (const auto& [id, segment] : found) replaced.scale.segments.push_back(segment);
  replaced.scale.epoch = Epoch(found.begin()->first.epoch().value() - 1);
  co_return std::move(replaced);
}

}  // namespace

Task<absl::StatusOr<ScaleStarted>> ControllerClient::StartScale(ScopedStream stream, std::vector<SegmentId> sealed,
                                                                std::vector<KeyRange> ranges) {
  std::string what = What("scale", stream);
  proto::ScaleRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  for (SegmentId segment : sealed) request.add_sealedsegments(segment.value());
  for (const KeyRange& range : ranges) {
    proto::ScaleRequest::KeyRangeEntry* entry = request.add_newkeyranges();
    entry->set_start(range.low);
    entry->set_end(range.high);
  }
  request.set_scaletimestamp(runtime_.WallNow().millis());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::ScaleResponse>(caller_, "scale", std::move(request),
                                                                      options_.call_timeout, what));
  ScaleStarted started;
  started.epoch = Epoch(answer.reply.epoch());
  for (const proto::SegmentRange& range : answer.reply.segments()) started.segments.push_back(FromMessage(range));
  switch (answer.reply.status()) {
    case proto::ScaleResponse::STARTED:
      co_return std::move(started);
    case proto::ScaleResponse::PRECONDITION_FAILED:
      if (answer.maybe_repeated) {
        CO_ASSIGN_OR_RETURN(Replaced replaced, co_await FindReplacement(*this, stream, sealed, ranges));
        if (replaced.yes) co_return std::move(replaced.scale);
      }
      co_return MakeStatus(
          StatusCode::kFailedPrecondition, what,
          ": a segment to be sealed is not in the current epoch, or too few segments would be left; ask "
          "for the current segments and decide again");
    case proto::ScaleResponse::FAILURE:
      co_return Failure(
          what,
          "another scale is pending, the new ranges do not cover exactly what is sealed, or the stream is "
          "missing or sealed; ask for the current segments and decide again");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::StatusOr<bool>> ControllerClient::CheckScale(ScopedStream stream, Epoch epoch) {
  std::string what = StrCat("checkScale of ", stream.ToString(), " epoch ", epoch.value());
  proto::ScaleStatusRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  request.set_epoch(epoch.value());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::ScaleStatusResponse>(caller_, "checkScale", std::move(request),
                                                                            options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::ScaleStatusResponse::IN_PROGRESS:
      co_return false;
    case proto::ScaleStatusResponse::SUCCESS:
      co_return true;
    case proto::ScaleStatusResponse::INVALID_INPUT:
      co_return MakeStatus(StatusCode::kInvalidArgument, what,
                           ": no such stream or epoch; ask with the epoch that the scale was answered with");
    case proto::ScaleStatusResponse::INTERNAL_ERROR:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::StatusOr<ScaleStarted>> ControllerClient::Scale(ScopedStream stream, std::vector<SegmentId> sealed,
                                                           std::vector<KeyRange> ranges) {
  CO_ASSIGN_OR_RETURN(ScaleStarted started, co_await StartScale(stream, std::move(sealed), std::move(ranges)));
  for (;;) {
    CO_ASSIGN_OR_RETURN(bool done, co_await CheckScale(stream, started.epoch));
    if (done) co_return std::move(started);
    CO_RETURN_IF_ERROR(co_await runtime::SleepFor(runtime_, options_.scale_poll, "until the scale is looked at again"));
  }
}

// ---- transactions

Task<absl::StatusOr<TransactionInfo>> ControllerClient::CreateTransaction(ScopedStream stream,
                                                                          std::chrono::milliseconds lease) {
  std::string what = What("createTransaction", stream);
  proto::CreateTxnRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  request.set_lease(lease.count());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::CreateTxnResponse>(
                                       caller_, "createTransaction", std::move(request), options_.call_timeout, what));
  TransactionInfo info;
  info.id = FromMessage(answer.reply.txnid());
  for (const proto::SegmentRange& range : answer.reply.activesegments()) info.segments.push_back(FromMessage(range));
  info.delegation_token = answer.reply.delegationtoken();
  co_return std::move(info);
}

Task<absl::StatusOr<PingResult>> ControllerClient::PingTransaction(ScopedStream stream, TxnId txn,
                                                                   std::chrono::milliseconds lease) {
  std::string what = What("pingTransaction", stream, txn);
  proto::PingTxnRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  *request.mutable_txnid() = ToMessage(txn);
  request.set_lease(lease.count());
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::PingTxnStatus>(caller_, "pingTransaction", std::move(request),
                                                                      options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::PingTxnStatus::OK:
      co_return PingResult::kOpen;
    case proto::PingTxnStatus::COMMITTED:
      co_return PingResult::kCommitted;
    case proto::PingTxnStatus::ABORTED:
      co_return PingResult::kAborted;
    case proto::PingTxnStatus::UNKNOWN:
      co_return MakeStatus(StatusCode::kNotFound, what, ": no such transaction; write its events again in a new one");
    case proto::PingTxnStatus::LEASE_TOO_LARGE:
      co_return MakeStatus(StatusCode::kFailedPrecondition, what, ": a lease of ", lease.count(),
                           " ms is longer than the controller allows; ask for a shorter one");
    case proto::PingTxnStatus::MAX_EXECUTION_TIME_EXCEEDED:
      co_return MakeStatus(StatusCode::kFailedPrecondition, what,
                           ": the transaction would live too long; commit it or begin a new one");
    case proto::PingTxnStatus::DISCONNECTED:
      co_return Failure(what, "it cannot time transactions at present; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::Status> ControllerClient::CommitTransaction(ScopedStream stream, TxnId txn, std::string writer,
                                                       std::optional<int64_t> timestamp) {
  std::string what = What("commitTransaction", stream, txn);
  proto::TxnRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  *request.mutable_txnid() = ToMessage(txn);
  request.set_writerid(writer);
  request.set_timestamp(timestamp.value_or(kNoTimestamp));
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::TxnStatus>(caller_, "commitTransaction", std::move(request),
                                                                  options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::TxnStatus::SUCCESS:
      co_return absl::OkStatus();
    case proto::TxnStatus::STREAM_NOT_FOUND:
      co_return NoStream(what);
    default:
      co_return MakeStatus(
          StatusCode::kFailedPrecondition, what,
          ": it was aborted (its lease may have ended) or is unknown; write its events again in a new one");
  }
}

Task<absl::Status> ControllerClient::AbortTransaction(ScopedStream stream, TxnId txn) {
  std::string what = What("abortTransaction", stream, txn);
  proto::TxnRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  *request.mutable_txnid() = ToMessage(txn);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::TxnStatus>(caller_, "abortTransaction", std::move(request),
                                                                  options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::TxnStatus::SUCCESS:
      co_return absl::OkStatus();
    case proto::TxnStatus::STREAM_NOT_FOUND:
      co_return NoStream(what);
    default:
      co_return MakeStatus(StatusCode::kFailedPrecondition, what,
                           ": it is being committed or is unknown; ask for its state");
  }
}

Task<absl::StatusOr<TransactionState>> ControllerClient::GetTransactionState(ScopedStream stream, TxnId txn) {
  std::string what = What("checkTransactionState", stream, txn);
  proto::TxnRequest request;
  *request.mutable_streaminfo() = ToMessage(stream);
  *request.mutable_txnid() = ToMessage(txn);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::TxnState>(caller_, "checkTransactionState", std::move(request),
                                                                 options_.call_timeout, what));
  switch (answer.reply.state()) {
    case proto::TxnState::OPEN:
    case proto::TxnState::COMMITTING:
    case proto::TxnState::COMMITTED:
    case proto::TxnState::ABORTING:
    case proto::TxnState::ABORTED:
      co_return static_cast<TransactionState>(answer.reply.state());
    case proto::TxnState::UNKNOWN:
      co_return MakeStatus(StatusCode::kNotFound, what, ": no such transaction, or it ended too long ago");
    default:
      co_return UnknownStatus(what, answer.reply.state());
  }
}

// ---- reader groups

Task<absl::StatusOr<ControllerClient::ReaderGroupCreated>> ControllerClient::CreateReaderGroup(
    std::string scope, std::string group, ReaderGroupConfig config) {
  std::string what = StrCat("createReaderGroup of ", scope, "/", group);
  CO_ASSIGN_OR_RETURN(auto answer, co_await Ask<proto::CreateReaderGroupResponse>(caller_, "createReaderGroup",
                                                                                  ToMessage(scope, group, config),
                                                                                  options_.long_call_timeout, what));
  switch (answer.reply.status()) {
    case proto::CreateReaderGroupResponse::SUCCESS: {
      CO_ASSIGN_OR_RETURN(ReaderGroupConfig stored, FromMessage(answer.reply.config()));
      ReaderGroupCreated result;
      result.created = stored.generation == 0;
      result.config = std::move(stored);
      // A reset gives a group another generation, and may give it the same contents as before.
      if (!result.created) config.generation = result.config.generation;
      if (!result.config.SameContent(config)) {
        co_return MakeStatus(
            StatusCode::kAlreadyExists, what,
            ": a group of that name has another configuration; choose another name or delete that group");
      }
      co_return std::move(result);
    }
    case proto::CreateReaderGroupResponse::SCOPE_NOT_FOUND:
      co_return MakeStatus(StatusCode::kInvalidArgument, what, ": no such scope; create it first");
    case proto::CreateReaderGroupResponse::INVALID_RG_NAME:
      co_return MakeStatus(StatusCode::kInvalidArgument, what,
                           ": not a reader group name: letters, digits, '.' and '-' are allowed");
    case proto::CreateReaderGroupResponse::FAILURE:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::StatusOr<ReaderGroupConfig>> ControllerClient::GetReaderGroupConfig(std::string scope, std::string group) {
  std::string what = StrCat("getReaderGroupConfig of ", scope, "/", group);
  proto::ReaderGroupInfo request;
  request.set_scope(scope);
  request.set_readergroup(group);
  CO_ASSIGN_OR_RETURN(
      auto answer, co_await Ask<proto::ReaderGroupConfigResponse>(caller_, "getReaderGroupConfig", std::move(request),
                                                                  options_.call_timeout, what));
  switch (answer.reply.status()) {
    case proto::ReaderGroupConfigResponse::SUCCESS:
      co_return FromMessage(answer.reply.config());
    case proto::ReaderGroupConfigResponse::RG_NOT_FOUND:
      co_return MakeStatus(StatusCode::kNotFound, what, ": no such reader group; create it first");
    case proto::ReaderGroupConfigResponse::FAILURE:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

Task<absl::Status> ControllerClient::DeleteReaderGroup(std::string scope, std::string group, Uuid id) {
  std::string what = StrCat("deleteReaderGroup of ", scope, "/", group);
  proto::ReaderGroupInfo request;
  request.set_scope(scope);
  request.set_readergroup(group);
  request.set_readergroupid(id.ToString());
  CO_ASSIGN_OR_RETURN(auto answer,
                      co_await Ask<proto::DeleteReaderGroupStatus>(caller_, "deleteReaderGroup", std::move(request),
                                                                   options_.long_call_timeout, what));
  switch (answer.reply.status()) {
    case proto::DeleteReaderGroupStatus::SUCCESS:
      co_return absl::OkStatus();
    case proto::DeleteReaderGroupStatus::RG_NOT_FOUND:
      co_return MakeStatus(StatusCode::kNotFound, what, ": no reader group of that name and id ", id.ToString());
    case proto::DeleteReaderGroupStatus::FAILURE:
      co_return Failure(what, "it failed inside; repeat it");
    default:
      co_return UnknownStatus(what, answer.reply.status());
  }
}

}  // namespace pravega::controller
