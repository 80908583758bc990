#include "connector/client/transaction.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "connector/client/backoff.h"
#include "connector/client/event_checks.h"
#include "connector/controller/controller_client.h"
#include "connector/core/routing.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::client {
namespace {

// Square roots are exact to the last bit on every machine, so the schedule is the same everywhere.
runtime::Duration PingPeriod(std::chrono::milliseconds lease) {
  double seconds = static_cast<double>(lease.count()) / 1000;
  double millis = static_cast<double>(lease.count()) / std::max(1.0, std::sqrt(seconds));
  return std::chrono::milliseconds(static_cast<int64_t>(millis));
}

bool OutcomeUnknown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

Transaction::Transaction(ClientContext& context, ScopedStream stream, TxnId id, std::string writer_id,
                         std::unique_ptr<StreamOutput> output, const TransactionOptions& options)
    : context_(context),
      stream_(std::move(stream)),
      id_(id),
      writer_id_(std::move(writer_id)),
      options_(options),
      output_(std::move(output)),
      pings_(context.runtime().scheduler(), "transaction " + id.uuid.ToString()) {
  if (output_ != nullptr) {
    pings_.Spawn("ping", Ping());
  } else {
    finished_ = MakeStatus(absl::StatusCode::kFailedPrecondition, "transaction ", id_.uuid.ToString(), " of ",
                           stream_.ToString(), " is not open");
  }
}

Transaction::~Transaction() = default;

runtime::Task<absl::StatusOr<Sequence>> Transaction::Write(std::string routing_key, Buffer event) {
  absl::Status valid = finished_.ok() ? CheckEvent(event) : finished_;
  if (!valid.ok()) co_return valid;
  double position = RoutingKeyPosition(routing_key);
  absl::StatusOr<Sequence> written = co_await output_->Write(position, std::move(event));
  co_return written;
}

runtime::Task<absl::StatusOr<Sequence>> Transaction::WriteWithoutKey(Buffer event) {
  absl::StatusOr<Sequence> written = co_await Write(id_.uuid.ToString(), std::move(event));
  co_return written;
}

runtime::Task<absl::StatusOr<EventResult>> Transaction::Acked(Sequence sequence) {
  absl::Status waited = co_await output_->outcomes().WaitFor(sequence);
  if (!waited.ok()) co_return waited;
  co_return output_->outcomes().ResultOf(sequence);
}

runtime::Task<absl::Status> Transaction::Flush() {
  if (!finished_.ok()) co_return finished_;
  Sequence last = output_->outcomes().last();
  absl::Status waited = co_await output_->outcomes().WaitFor(last);
  if (!waited.ok()) co_return waited;
  co_return output_->outcomes().FirstTrouble(Sequence(1), last).status;
}

runtime::Task<void> Transaction::CloseOutput() {
  if (output_ != nullptr && !std::exchange(output_closed_, true)) co_await output_->Close();
}

runtime::Task<absl::Status> Transaction::Commit(std::optional<int64_t> timestamp) {
  if (!finished_.ok()) co_return finished_;
  if (!flushed_) {
    absl::Status flushed = co_await Flush();
    if (absl::IsCancelled(flushed)) co_return flushed;
    if (!flushed.ok()) {
      // Without these events it must not be committed, now or later.
      finished_ = MakeStatus(absl::StatusCode::kAborted, "transaction ", id_.uuid.ToString(), " of ",
                             stream_.ToString(), " is not committed: ", ToStd(flushed.message()));
      co_return finished_;
    }
    flushed_ = true;
  }
  co_await CloseOutput();
  Backoff backoff(options_.outcome_retry);
  absl::Status committed;
  while (true) {
    committed = co_await context_.controller().CommitTransaction(stream_, id_, writer_id_, timestamp);
    if (!OutcomeUnknown(committed)) break;
    std::optional<runtime::Duration> delay = backoff.Next();
    if (!delay.has_value()) {
      co_return Annotate(committed, StrCat("commit of transaction ", id_.uuid.ToString(),
                                           ": gave up, it may or may not be committed"));
    }
    absl::Status slept = co_await runtime::SleepFor(context_.runtime(), *delay, "the outcome of a commit");
    if (!slept.ok()) co_return slept;
  }
  if (absl::IsFailedPrecondition(committed)) {
    committed = MakeStatus(absl::StatusCode::kAborted, "transaction ", id_.uuid.ToString(), " of ", stream_.ToString(),
                           " was aborted: write its events again in a new one (", ToStd(committed.message()), ")");
  }
  if (committed.ok() || absl::IsAborted(committed)) {
    finished_ = committed.ok() ? absl::FailedPreconditionError("the transaction was committed") : committed;
    co_await pings_.Stop();
  }
  co_return committed;
}

runtime::Task<absl::Status> Transaction::Abort() {
  if (!finished_.ok() && !absl::IsAborted(finished_)) co_return finished_;
  finished_ = absl::FailedPreconditionError("the transaction was aborted");
  co_await pings_.Stop();
  // Whatever is still on its way does not matter any more.
  co_await CloseOutput();
  Backoff backoff(options_.outcome_retry);
  absl::Status aborted;
  while (true) {
    aborted = co_await context_.controller().AbortTransaction(stream_, id_);
    if (!OutcomeUnknown(aborted)) break;
    std::optional<runtime::Duration> delay = backoff.Next();
    if (!delay.has_value()) break;
    absl::Status slept = co_await runtime::SleepFor(context_.runtime(), *delay, "the outcome of an abort");
    if (!slept.ok()) co_return slept;
  }
  co_return aborted;
}

runtime::Task<absl::StatusOr<controller::TransactionState>> Transaction::State() {
  absl::StatusOr<controller::TransactionState> state = co_await context_.controller().GetTransactionState(stream_, id_);
  co_return state;
}

runtime::Task<void> Transaction::Ping() {
  runtime::Runtime& runtime = context_.runtime();
  const runtime::Duration period = PingPeriod(options_.lease);
  runtime::Instant due = runtime.Now() + options_.first_ping;
  while (true) {
    absl::Status slept = co_await runtime::SleepUntil(runtime, due, "the next ping of a transaction");
    if (!slept.ok()) co_return;
    // No ping may hold up the next: the controller's client waits longer and longer between attempts.
    due = runtime.Now() + period;
    if (options_.observer != nullptr) options_.observer->OnPingSent(id_, options_.lease);
    absl::StatusOr<controller::PingResult> result = co_await runtime::WithDeadline(
        runtime, context_.controller().PingTransaction(stream_, id_, options_.lease), due);
    if (options_.observer != nullptr) options_.observer->OnPingAnswered(id_, result);
    // Committed, aborted or unknown: nothing is left to keep alive. Who writes or commits finds out.
    if (absl::IsNotFound(result.status()) || absl::IsCancelled(result.status())) co_return;
    if (result.ok() && *result != controller::PingResult::kOpen) co_return;
  }
}

runtime::Task<void> Transaction::Close() {
  if (finished_.ok()) finished_ = absl::FailedPreconditionError("the transaction was closed");
  co_await pings_.Stop();
  co_await CloseOutput();
}

WriterStats Transaction::stats() const { return output_ == nullptr ? WriterStats{} : output_->stats(); }

}  // namespace pravega::client
