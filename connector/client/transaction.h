// Transaction: events that become part of a stream together, or not at all.
//
// Example:
//   TransactionWriter writer(context, {"scope", "stream"}, {});
//   absl::StatusOr<std::unique_ptr<Transaction>> txn = co_await writer.Begin();
//   absl::StatusOr<Sequence> taken = co_await (*txn)->Write("key", Buffer::Copy("event"));
//   absl::Status committed = co_await (*txn)->Commit();
//   co_await (*txn)->Close();
//
// Events travel when they are written, not at commit, to segments of the transaction's own. While the transaction is
// open its lease is renewed in the background; whoever does not commit or abort lets it run out, and the controller
// aborts. A scale meanwhile does not disturb it.
//
// Ordering: a commit keeps the order of events of one routing key. Transactions of one epoch become readable in the
// order of their commits.
//
// Under faults: when the answer to a commit is lost, it is asked for again until it is known or all attempts are used
// up; then the outcome is unknown and the status says so. A transaction that the controller aborted (its lease ran out,
// the stream is being sealed) is found out by Write(), Flush() or Commit(): Aborted.
//
// Thread-compatible. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_TRANSACTION_H_
#define PRAVEGA_CONNECTOR_CLIENT_TRANSACTION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/outcome_log.h"
#include "connector/client/segment_writer.h"
#include "connector/client/stream_output.h"
#include "connector/controller/retrying_caller.h"
#include "connector/controller/types.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"

namespace pravega::client {

// Told of the pings that a transaction sends, one at a time, as they happen. For metrics and tests; must not call the
// transaction.
class TransactionObserver {
 public:
  virtual ~TransactionObserver() = default;
  virtual void OnPingSent(TxnId txn, std::chrono::milliseconds lease) = 0;
  // Unavailable, DeadlineExceeded, Cancelled: whether the lease was renewed is unknown.
  virtual void OnPingAnswered(TxnId txn, const absl::StatusOr<controller::PingResult>& result) = 0;
};

struct TransactionOptions {
  SegmentWriterOptions segment;
  // As in EventWriterOptions.
  size_t max_unacknowledged_bytes = 16 << 20;
  // How long the transaction lives without a ping. The controller accepts 10 s to 10 min; the Java client's value.
  std::chrono::milliseconds lease{599'999};
  // From the creation to the first ping; then every lease / max(1, sqrt(lease in seconds)). The Java client's value.
  runtime::Duration first_ping = std::chrono::milliseconds(10);
  // Further rounds of a commit or abort whose outcome is not known after all attempts of the controller's client.
  controller::RetryPolicy outcome_retry;
  TransactionObserver* observer = nullptr;  // outlives the transaction; may be null
};

class Transaction {
 public:
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  TxnId id() const { return id_; }

  // Takes the event and returns its number within this object, after waiting for room if need be.
  // Aborted: the transaction is no longer open: write its events again in a new one. FailedPrecondition: this object
  // has committed, aborted or closed it. Unavailable: stores cannot be reached; abort it. InvalidArgument: the event is
  // too large.
  runtime::Task<absl::StatusOr<Sequence>> Write(std::string routing_key, Buffer event);
  // All of them go to one segment: the transaction's id is the key.
  runtime::Task<absl::StatusOr<Sequence>> WriteWithoutKey(Buffer event);
  // Waits until the event and all before it are settled; kOk says that it will be in the stream if the transaction is
  // committed. Error: Cancelled.
  runtime::Task<absl::StatusOr<EventResult>> Acked(Sequence sequence);
  // Waits until everything written so far is settled; then OK, or the first error.
  runtime::Task<absl::Status> Flush();

  // Flush(), then commits. OK: the transaction is committed, or will be whatever happens; its events become readable
  // later. Aborted: it is not committed and never will be (the message says why). Unavailable, DeadlineExceeded,
  // Cancelled after the flush: the outcome is unknown; State() may tell, and so may another Commit().
  // FailedPrecondition: this object has finished it. `timestamp` is for event time.
  runtime::Task<absl::Status> Commit(std::optional<int64_t> timestamp = std::nullopt);
  // OK: it is aborted, or will be. FailedPrecondition: it is being committed, or is unknown to the controller, or this
  // object has finished it. Unavailable, DeadlineExceeded, Cancelled: the outcome is unknown; it may run into its
  // lease.
  runtime::Task<absl::Status> Abort();
  // As the controller knows it. NotFound: it does not (any more).
  runtime::Task<absl::StatusOr<controller::TransactionState>> State();

  // Ends connections and pings and joins. Does not abort: an open transaction runs into its lease.
  runtime::Task<void> Close();

  WriterStats stats() const;

 private:
  friend class TransactionWriter;
  // `output` is null for a transaction that is not open.
  Transaction(ClientContext& context, ScopedStream stream, TxnId id, std::string writer_id,
              std::unique_ptr<StreamOutput> output, const TransactionOptions& options);

  runtime::Task<void> Ping();
  runtime::Task<void> CloseOutput();

  ClientContext& context_;
  const ScopedStream stream_;
  const TxnId id_;
  const std::string writer_id_;
  const TransactionOptions options_;
  std::unique_ptr<StreamOutput> output_;
  bool output_closed_ = false;
  // Everything is in the transaction's segments: what remains is the controller's word.
  bool flushed_ = false;
  absl::Status finished_;  // not OK: why nothing can be done any more
  // Last: its task refers to everything above.
  runtime::TaskGroup pings_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_TRANSACTION_H_
