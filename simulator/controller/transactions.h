// Transactions: their records from creation to completion (Pravega controller, "transactions").
//
// A transaction that is not complete has one record, whose state is the truth; leases in memory are reminders. The
// record is replaced by a record of completion in the same write that completes it, so that it is always exactly one of
// open, committing, aborting, committed, aborted. Committing is the stream's workflow; aborting is done here, one
// workflow for each transaction, found again after a crash by the sweep over open records.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_TRANSACTIONS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_TRANSACTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/uuid.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/leases.h"
#include "simulator/controller/records.pb.h"

namespace pravega::sim {

using TransactionRecord = Versioned<records::Transaction>;

class Transactions {
 public:
  // Called when a stream has a commit to do.
  using StartStream = std::function<void(const ScopedStream& stream)>;

  Transactions(Context& context, StartStream start_stream);

  // ---- remote calls
  runtime::Task<absl::StatusOr<proto::CreateTxnResponse>> Create(ScopedStream stream, int64_t lease_ms);
  runtime::Task<absl::StatusOr<proto::PingTxnStatus>> Ping(ScopedStream stream, TxnId txn, int64_t lease_ms);
  runtime::Task<absl::StatusOr<proto::TxnStatus>> Commit(ScopedStream stream, TxnId txn, std::string writer,
                                                         int64_t timestamp);
  runtime::Task<absl::StatusOr<proto::TxnStatus>> Abort(ScopedStream stream, TxnId txn);
  runtime::Task<absl::StatusOr<proto::TxnState>> State(ScopedStream stream, TxnId txn);

  // ---- for workflows
  // Aborts every open transaction of the stream and returns when none is open or aborting. The committing ones are
  // left.
  runtime::Task<absl::Status> AbortAll(ScopedStream stream);
  // Appends the writes that complete a committed transaction.
  void AppendCompletion(const ScopedStream& stream, TxnId txn, Epoch epoch, int64_t order,
                        std::vector<MetadataWrite>* writes) const;
  // The name of a transaction's segment.
  static std::string SegmentOf(const ScopedStream& stream, TxnId txn, Epoch epoch, int32_t number);

  // ---- for the sweep
  // When the record of a completed transaction is forgotten.
  int64_t ForgottenAt(const records::CompletedTransaction& record) const;
  // Learns of a record that was found: its lease is timed, its abort is gone on with if `take_over`.
  void Found(const std::string& key, const records::Transaction& record, bool take_over);

  // Times leases until cancelled.
  runtime::Task<void> RunLeases() { return leases_.Run(); }

 private:
  bool LeaseEnded(const records::Transaction& record) const;
  int64_t LeaseEnd(const records::Transaction& record) const;
  // A new id of the epoch, never given before.
  runtime::Task<absl::StatusOr<TxnId>> NewId(Epoch epoch);
  // OPEN -> ABORTING, and the workflow is started. False if it is no more open.
  runtime::Task<absl::StatusOr<bool>> BeginAbort(std::string key);
  runtime::Task<absl::Status> FinishAbort(std::string key);
  void StartAbort(const std::string& key);
  runtime::Task<absl::Status> EndLease(std::string key);
  // The end of a transaction that has no open record; none if it is unknown.
  runtime::Task<absl::StatusOr<std::optional<bool>>> Completed(ScopedStream stream, TxnId txn);
  runtime::Task<absl::Status> Withdraw(ScopedStream stream, TxnId txn, records::Transaction record);

  Context& context_;
  StartStream start_stream_;
  Leases leases_;
  // Ids reserved by this instance and not given yet: [next, end) with this upper part of the counter.
  uint32_t counter_high_ = 0;
  uint64_t counter_next_ = 0;
  uint64_t counter_end_ = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_TRANSACTIONS_H_
