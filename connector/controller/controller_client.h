// ControllerClient: what a Pravega client asks a controller, as coroutines.
//
// Example:
//   std::unique_ptr<ControllerClient> controller = ControllerClient::Connect(runtime, {{"localhost", 9090}}, {});
//   absl::StatusOr<bool> created = co_await controller->CreateStream({"scope", "stream"}, configuration);
//
// Retries: each call is attempted up to `retry.attempts` times with growing delays (RetryingCaller). An attempt has a
// deadline of its own, so that a request or an answer that is lost on a live connection is noticed.
//
// Errors: what the protocol calls an expected outcome is a value or one of these codes, the same for every method:
//   InvalidArgument     a name or an argument that no controller accepts; correct it
//   NotFound            the scope, stream, transaction or reader group does not exist
//   FailedPrecondition  it is in a state that rules the call out (sealed, not sealed, not empty, aborted, invalid cut)
//   AlreadyExists       it exists with other contents (reader groups)
//   Aborted             the controller refused: another operation is under way; look at the state and repeat
//   Unavailable         no answer after all attempts, or each of them failed with a code that may pass; the outcome is
//                       unknown
//   Cancelled           the caller was cancelled; the outcome is unknown
//   any other code      the controller's own error, which repeating does not change (RetryingCaller's IsRetried)
// A message says what was tried on which scope, stream or group, and what to do.
//
// Under faults: when an answer is lost, the call is repeated although it may have been carried out. Each method says
// what the caller sees then; where it says nothing, repeating has no effect and the caller sees nothing of it.
//
// Calls may overlap. Thread-compatible. All calls have ended before it is destroyed, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_CONTROLLER_CLIENT_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_CONTROLLER_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/controller/endpoint_cache.h"
#include "connector/controller/retrying_caller.h"
#include "connector/controller/types.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"

namespace pravega::controller {

struct ControllerClientOptions {
  RetryPolicy retry;
  // Of one attempt of a call that is answered from metadata. The Java client waits 5 minutes for every call; a lost
  // request would then outlast most leases.
  runtime::Duration call_timeout = std::chrono::seconds(10);
  // Of one attempt of a call that the server answers when the operation has ended: it gives up after 2 minutes.
  runtime::Duration long_call_timeout = std::chrono::seconds(150);
  // Between two looks at a scale under way.
  runtime::Duration scale_poll = std::chrono::milliseconds(200);
  // Answers of GetEndpoint that are remembered, and for how long. The Java client's values.
  size_t cached_endpoints = 1000;
  runtime::Duration endpoint_lifetime = std::chrono::minutes(5);
};

class ControllerClient {
 public:
  // `runtime` outlives the client.
  ControllerClient(runtime::Runtime& runtime, std::unique_ptr<runtime::RpcChannel> channel,
                   ControllerClientOptions options);
  // Over a channel to one of `controllers`, which are tried in turn.
  static std::unique_ptr<ControllerClient> Connect(runtime::Runtime& runtime,
                                                   std::vector<runtime::Endpoint> controllers,
                                                   ControllerClientOptions options);
  ~ControllerClient();
  ControllerClient(const ControllerClient&) = delete;
  ControllerClient& operator=(const ControllerClient&) = delete;

  // ---- scopes

  // True if it was created, false if it existed. After a lost answer false may mean that an earlier attempt created it.
  runtime::Task<absl::StatusOr<bool>> CreateScope(std::string scope);
  // True if it was deleted, false if there was none. FailedPrecondition: it is not empty. After a lost answer false may
  // mean that an earlier attempt deleted it.
  runtime::Task<absl::StatusOr<bool>> DeleteScope(std::string scope);
  runtime::Task<absl::StatusOr<bool>> ScopeExists(std::string scope);

  // ---- streams

  // True if it was created, false if it existed (its configuration may differ and stays). InvalidArgument: no such
  // scope, or a bad name. After a lost answer false may mean that an earlier attempt created it.
  runtime::Task<absl::StatusOr<bool>> CreateStream(ScopedStream stream, StreamConfiguration configuration);
  // Replaces the whole configuration; changes the number of segments when the new one asks for it. Aborted: another
  // update is running, which after a lost answer may be an earlier attempt of this one.
  runtime::Task<absl::Status> UpdateStream(ScopedStream stream, StreamConfiguration configuration);
  // FailedPrecondition: the cut is invalid or behind the present head, another truncation is running, or the stream is
  // sealed.
  runtime::Task<absl::Status> TruncateStream(ScopedStream stream, CutPositions cut);
  // Aborts open transactions, waits for those that are being committed, and seals all segments.
  runtime::Task<absl::Status> SealStream(ScopedStream stream);
  // True if it was deleted, false if there was none. FailedPrecondition: seal it first. After a lost answer false may
  // mean that an earlier attempt deleted it.
  runtime::Task<absl::StatusOr<bool>> DeleteStream(ScopedStream stream);
  runtime::Task<absl::StatusOr<bool>> StreamExists(ScopedStream stream);
  runtime::Task<absl::StatusOr<StreamConfiguration>> GetStreamConfiguration(ScopedStream stream);

  // ---- segments

  // Of the current epoch, ascending by range; none if the stream is sealed. Not the thing to ask when a segment was
  // found sealed: the answer may still be the old epoch; GetSuccessors knows. `access` says whether a token is wanted.
  runtime::Task<absl::StatusOr<StreamSegments>> GetCurrentSegments(ScopedStream stream,
                                                                   AccessOperation access = AccessOperation::kNone);
  // NotFound: no such epoch.
  runtime::Task<absl::StatusOr<StreamSegments>> GetEpochSegments(ScopedStream stream, Epoch epoch);
  // Where the stream begins: the cut it was last truncated at, or its first segments at 0.
  runtime::Task<absl::StatusOr<CutPositions>> GetHeadSegments(ScopedStream stream);
  // What continues a sealed segment. Empty: the segment is not sealed, or ends the stream, which is sealed then.
  runtime::Task<absl::StatusOr<std::vector<Successor>>> GetSuccessors(ScopedStream stream, SegmentId segment);
  // All segments touched between two cuts, both ends included. An empty `from` is the first epoch, an empty `to` the
  // current segments; they must not both be empty.
  runtime::Task<absl::StatusOr<std::vector<SegmentId>>> GetSegmentsBetween(ScopedStream stream, CutPositions from,
                                                                           CutPositions to);
  // Whether it belongs to the current epoch.
  runtime::Task<absl::StatusOr<bool>> IsSegmentValid(ScopedStream stream, SegmentId segment);
  runtime::Task<absl::StatusOr<bool>> IsStreamCutValid(ScopedStream stream, CutPositions cut);
  // The store that serves the segment's container, remembered for a while; transaction segments are asked for by their
  // parent. It proves nothing about the existence of segment or stream.
  runtime::Task<absl::StatusOr<runtime::Endpoint>> GetEndpoint(SegmentRef segment);
  // After WrongHost or a failed connection: the next GetEndpoint asks again.
  void ForgetEndpoint(const SegmentRef& segment);
  runtime::Task<absl::StatusOr<std::string>> GetDelegationToken(ScopedStream stream, AccessOperation access);

  // ---- scaling

  // Begins to replace `sealed` by segments of `ranges`, which must cover exactly the same keys. The scale goes on
  // whether or not anybody waits for it. FailedPrecondition: a segment is not (or no more) in the current epoch, or too
  // few segments would be left. Aborted: another scale is pending, the ranges do not fit, or the stream is being
  // sealed. After a lost answer the segments may have been replaced by an earlier attempt: this is found out from their
  // successors, and is a success.
  runtime::Task<absl::StatusOr<ScaleStarted>> StartScale(ScopedStream stream, std::vector<SegmentId> sealed,
                                                         std::vector<KeyRange> ranges);
  // Whether the scale that began in `epoch` (ScaleStarted::epoch) has ended.
  runtime::Task<absl::StatusOr<bool>> CheckScale(ScopedStream stream, Epoch epoch);
  // StartScale, then CheckScale until it has ended.
  runtime::Task<absl::StatusOr<ScaleStarted>> Scale(ScopedStream stream, std::vector<SegmentId> sealed,
                                                    std::vector<KeyRange> ranges);

  // ---- transactions

  // After a lost answer an earlier attempt may have left a transaction that nobody knows: the controller aborts it when
  // its lease ends. A lease out of the controller's bounds is Unavailable after all attempts: controllers answer
  // UNKNOWN.
  runtime::Task<absl::StatusOr<TransactionInfo>> CreateTransaction(ScopedStream stream,
                                                                   std::chrono::milliseconds lease);
  // Restarts the lease with the given value. A lease of 0 ends the transaction at once. NotFound: no such transaction.
  // FailedPrecondition: the lease is too long, or the transaction would live too long.
  runtime::Task<absl::StatusOr<PingResult>> PingTransaction(ScopedStream stream, TxnId txn,
                                                            std::chrono::milliseconds lease);
  // OK: it will be committed, whatever happens; readable later (GetTransactionState kCommitted). FailedPrecondition: it
  // was aborted, or is unknown: write its events again. Repeating is harmless. `writer` and `timestamp` are for event
  // time; without a timestamp the protocol's "no time" is sent.
  runtime::Task<absl::Status> CommitTransaction(ScopedStream stream, TxnId txn, std::string writer = "",
                                                std::optional<int64_t> timestamp = std::nullopt);
  // OK: it is aborted. FailedPrecondition: it is being committed, or is unknown. Repeating is harmless.
  runtime::Task<absl::Status> AbortTransaction(ScopedStream stream, TxnId txn);
  // NotFound: no such transaction, or it ended too long ago.
  runtime::Task<absl::StatusOr<TransactionState>> GetTransactionState(ScopedStream stream, TxnId txn);

  // ---- reader groups

  struct ReaderGroupCreated {
    // False if a group of that name existed with other than the first generation, and this configuration.
    bool created = false;
    ReaderGroupConfig config;  // as stored, with its id
  };
  // AlreadyExists: a group of that name has another configuration. One with the same configuration counts as created:
  // it may be that of an earlier attempt.
  runtime::Task<absl::StatusOr<ReaderGroupCreated>> CreateReaderGroup(std::string scope, std::string group,
                                                                      ReaderGroupConfig config);
  runtime::Task<absl::StatusOr<ReaderGroupConfig>> GetReaderGroupConfig(std::string scope, std::string group);
  // NotFound: no group of that name with that id; after a lost answer an earlier attempt may have deleted it.
  runtime::Task<absl::Status> DeleteReaderGroup(std::string scope, std::string group, Uuid id);

  size_t cached_endpoints() const { return endpoints_.size(); }

 private:
  runtime::Runtime& runtime_;
  const ControllerClientOptions options_;
  RetryingCaller caller_;
  EndpointCache endpoints_;
};

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_CONTROLLER_CLIENT_H_
