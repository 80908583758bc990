// ControllerService: the remote calls, each from its message to its answer.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_SERVICE_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_SERVICE_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"
#include "simulator/controller/reader_groups.h"
#include "simulator/controller/scopes.h"
#include "simulator/controller/streams.h"
#include "simulator/controller/transactions.h"

namespace pravega::sim {

// Under faults: every call may be handled twice. A body that is no message of the call's type is an Internal error and
// has no effect.
class ControllerService {
 public:
  // All outlive it.
  ControllerService(Context& context, Scopes& scopes, Streams& streams, Transactions& transactions,
                    ReaderGroups& groups);

  // Registers every call of the protocol: those that are not simulated answer Unimplemented.
  void RegisterAll(runtime::RpcServer& server);
  // What the request of that call is about, "scope/stream", "scope" or a segment's full name; empty if it does not
  // parse. For faults that choose by it.
  std::string SubjectOf(std::string_view rpc, const std::string& body) const;

 private:
  template <typename T>
  using Reply = runtime::Task<absl::StatusOr<T>>;
  template <typename Request, typename Answer>
  void Add(std::string_view rpc, Reply<Answer> (ControllerService::*handler)(Request));
  template <typename Request, typename Answer>
  runtime::Task<absl::StatusOr<std::string>> Handle(runtime::RpcRequest request,
                                                    Reply<Answer> (ControllerService::*handler)(Request));

  Reply<proto::CreateScopeStatus> CreateScope(proto::ScopeInfo request);
  Reply<proto::DeleteScopeStatus> DeleteScope(proto::ScopeInfo request);
  Reply<proto::ExistsResponse> CheckScopeExists(proto::ScopeInfo request);
  Reply<proto::CreateStreamStatus> CreateStream(proto::StreamConfig request);
  Reply<proto::UpdateStreamStatus> UpdateStream(proto::StreamConfig request);
  Reply<proto::UpdateStreamStatus> TruncateStream(proto::StreamCut request);
  Reply<proto::UpdateStreamStatus> SealStream(proto::StreamInfo request);
  Reply<proto::DeleteStreamStatus> DeleteStream(proto::StreamInfo request);
  Reply<proto::ExistsResponse> CheckStreamExists(proto::StreamInfo request);
  Reply<proto::StreamConfig> GetStreamConfiguration(proto::StreamInfo request);
  Reply<proto::SegmentRanges> GetCurrentSegments(proto::StreamInfo request);
  Reply<proto::SegmentRanges> GetEpochSegments(proto::GetEpochSegmentsRequest request);
  Reply<proto::SegmentsAtTime> GetSegments(proto::GetSegmentsRequest request);
  Reply<proto::SuccessorResponse> GetSuccessors(proto::SegmentId request);
  Reply<proto::StreamCutRangeResponse> GetSegmentsBetween(proto::StreamCutRange request);
  Reply<proto::ScaleResponse> Scale(proto::ScaleRequest request);
  Reply<proto::ScaleStatusResponse> CheckScale(proto::ScaleStatusRequest request);
  Reply<proto::NodeUri> GetUri(proto::SegmentId request);
  Reply<proto::SegmentValidityResponse> IsSegmentValid(proto::SegmentId request);
  Reply<proto::StreamCutValidityResponse> IsStreamCutValid(proto::StreamCut request);
  Reply<proto::CreateTxnResponse> CreateTransaction(proto::CreateTxnRequest request);
  Reply<proto::TxnStatus> CommitTransaction(proto::TxnRequest request);
  Reply<proto::TxnStatus> AbortTransaction(proto::TxnRequest request);
  Reply<proto::PingTxnStatus> PingTransaction(proto::PingTxnRequest request);
  Reply<proto::TxnState> CheckTransactionState(proto::TxnRequest request);
  Reply<proto::CreateReaderGroupResponse> CreateReaderGroup(proto::ReaderGroupConfiguration request);
  Reply<proto::ReaderGroupConfigResponse> GetReaderGroupConfig(proto::ReaderGroupInfo request);
  Reply<proto::DeleteReaderGroupStatus> DeleteReaderGroup(proto::ReaderGroupInfo request);
  Reply<proto::DelegationToken> GetDelegationToken(proto::StreamInfo request);

  // NotFound if there is no such stream.
  runtime::Task<absl::StatusOr<records::Stream>> ReadStream(ScopedStream stream);

  Context& context_;
  Scopes& scopes_;
  Streams& streams_;
  Transactions& transactions_;
  ReaderGroups& groups_;

  struct Method {
    runtime::RpcHandler handler;
    std::function<std::string(const std::string& body)> subject;
  };
  std::map<std::string, Method, std::less<>> methods_;  // by name
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_SERVICE_H_
