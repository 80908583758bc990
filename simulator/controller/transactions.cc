#include "simulator/controller/transactions.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "connector/core/status_macros.h"
#include "connector/runtime/sleep.h"
#include "simulator/controller/records_util.h"

namespace pravega::sim {
namespace {

using runtime::Task;

// Ids reserved at a time; what is left of them is lost with the instance.
constexpr uint64_t kReservedIds = 100;
constexpr size_t kPage = 1000;
// A transaction lives at most so many times its first lease, and never more than a day.
constexpr int64_t kMaxLeases = 1000;
constexpr int64_t kDayMillis = 86'400'000;

// Workers' key of the abort of a transaction.
std::string AbortKey(const std::string& key) { return "abort/" + key; }

proto::TxnStatus Answer(proto::TxnStatus::Status status) {
  proto::TxnStatus answer;
  answer.set_status(status);
  return answer;
}
proto::PingTxnStatus Answer(proto::PingTxnStatus::Status status) {
  proto::PingTxnStatus answer;
  answer.set_status(status);
  return answer;
}
proto::TxnState Answer(proto::TxnState::State state) {
  proto::TxnState answer;
  answer.set_state(state);
  return answer;
}

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<int64_t>::max() : sum;
}

}  // namespace

Transactions::Transactions(Context& context, StartStream start_stream)
    : context_(context),
      start_stream_(std::move(start_stream)),
      leases_(context.runtime, [this](const std::string& key) {
        context_.workers.Start("lease/" + key, [this, key] { return EndLease(key); });
      }) {}

std::string Transactions::SegmentOf(const ScopedStream& stream, TxnId txn, Epoch epoch, int32_t number) {
  return TransactionSegmentName(SegmentName(stream, SegmentId(epoch, number)), txn);
}

int64_t Transactions::LeaseEnd(const records::Transaction& record) const {
  return SaturatingAdd(record.expires_ms(), context_.options.clock_skew.count());
}

bool Transactions::LeaseEnded(const records::Transaction& record) const {
  if (PLANTED(context_.runtime, "lease-ignored")) return false;
  return context_.NowMillis() >= LeaseEnd(record);
}

Task<absl::StatusOr<TxnId>> Transactions::NewId(Epoch epoch) {
  while (counter_next_ == counter_end_) {
    std::string key(keys::kTxnCounter);
    CO_ASSIGN_OR_RETURN(Versioned<records::TxnCounter> counter,
                        co_await context_.metadata.Read<records::TxnCounter>(key));
    uint32_t high = counter.value.high();
    uint64_t low = counter.present() ? counter.value.low() : 1;
    if (low > std::numeric_limits<uint64_t>::max() - kReservedIds) {
      ++high;
      low = 0;
    }
    records::TxnCounter next;
    next.set_high(high);
    next.set_low(low + kReservedIds);
    absl::StatusOr<std::vector<int64_t>> reserved =
        co_await context_.metadata.Commit(Writes(Put(key, next, counter.version)), "reserve transaction ids");
    // Another instance or another call was faster, or nobody knows: ids that nobody got are no loss.
    if (absl::IsAborted(reserved.status()) || absl::IsUnavailable(reserved.status())) continue;
    if (!reserved.ok()) co_return reserved.status();
    counter_high_ = high;
    counter_next_ = low;
    counter_end_ = low + kReservedIds;
  }
  uint64_t high = static_cast<uint64_t>(static_cast<uint32_t>(epoch.value())) << 32 | counter_high_;
  co_return TxnId{Uuid{high, counter_next_++}};
}

// ---- creation

Task<absl::StatusOr<proto::CreateTxnResponse>> Transactions::Create(ScopedStream stream, int64_t lease_ms) {
  const ControllerOptions& options = context_.options;
  if (lease_ms < options.min_lease.count() || lease_ms > options.max_lease.count()) {
    co_return MakeStatus(absl::StatusCode::kUnknown, "lease ", lease_ms, " ms is outside [", options.min_lease.count(),
                         ", ", options.max_lease.count(), "]");
  }
  CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
  if (!record.present()) co_return EntryNotFound(keys::Stream(stream));
  auto closed = [](records::Stream::State state) {
    return state == records::Stream::CREATING || state == records::Stream::SEALING || state == records::Stream::SEALED;
  };
  if (closed(record.value.state())) co_return IllegalState(stream, record.value.state());
  int64_t incarnation = record.value.incarnation();
  CO_ASSIGN_OR_RETURN(EpochTable current,
                      co_await ReadEpochTable(context_, stream, incarnation, Epoch(record.value.current_epoch())));
  Epoch epoch = current.reference_epoch;
  CO_ASSIGN_OR_RETURN(TxnId txn, co_await NewId(epoch));

  records::Transaction opened;
  opened.set_state(records::Transaction::OPEN);
  opened.set_epoch(epoch.value());
  for (const EpochSegment& segment : current.segments) opened.add_numbers(segment.id.number());
  opened.set_lease_ms(lease_ms);
  opened.set_created_ms(context_.NowMillis());
  opened.set_expires_ms(opened.created_ms() + lease_ms);
  std::string key = keys::Transaction(stream, txn);
  for (;;) {
    absl::StatusOr<std::vector<int64_t>> written =
        co_await context_.metadata.Commit(Writes(Put(key, opened, MetadataWrite::kAbsent)), "createTransaction: open");
    // The id is nobody else's: what is there was written by an attempt whose answer was lost.
    if (written.ok() || absl::IsAborted(written.status())) break;
    if (!absl::IsUnavailable(written.status())) co_return written.status();
    CO_RETURN_IF_ERROR(co_await runtime::SleepFor(context_.runtime, options.first_retry, "before opening again"));
  }
  leases_.Track(key, LeaseEnd(opened));

  runtime::Instant give_up = context_.runtime.Now() + options.store_patience;
  absl::Status created;
  for (const EpochSegment& segment : current.segments) {
    created =
        co_await context_.stores.Create(SegmentOf(stream, txn, epoch, segment.id.number()), SegmentPolicy(), give_up);
    if (!created.ok()) break;
  }
  // Meanwhile the stream may have been sealed, or the transaction ended; whoever did that may have deleted segments
  // before they were created here, or not have seen this transaction at all.
  CO_ASSIGN_OR_RETURN(StreamRecord now, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
  CO_ASSIGN_OR_RETURN(TransactionRecord still, co_await context_.metadata.Read<records::Transaction>(key));
  bool gone = !now.present() || now.value.incarnation() != incarnation;
  bool open = still.present() && still.value.state() == records::Transaction::OPEN;
  if (!created.ok() || gone || closed(now.value.state()) || !open) {
    CO_RETURN_IF_ERROR(co_await Withdraw(stream, txn, opened));
    if (!created.ok()) co_return Annotate(created, "creating segments of a transaction");
    if (gone) co_return EntryNotFound(keys::Stream(stream));
    co_return IllegalState(stream, now.value.state());
  }

  proto::CreateTxnResponse answer;
  answer.mutable_txnid()->set_highbits(static_cast<int64_t>(txn.uuid.high));
  answer.mutable_txnid()->set_lowbits(static_cast<int64_t>(txn.uuid.low));
  for (const EpochSegment& segment : current.segments) {
    proto::SegmentRange* range = answer.add_activesegments();
    proto::SegmentId* id = range->mutable_segmentid();
    id->mutable_streaminfo()->set_scope(stream.scope);
    id->mutable_streaminfo()->set_stream(stream.stream);
    // The number with the transaction's epoch: no segment of the stream need have that id.
    id->set_segmentid(SegmentId(epoch, segment.id.number()).value());
    range->set_minkey(segment.range.low);
    range->set_maxkey(segment.range.high);
  }
  co_return std::move(answer);
}

Task<absl::Status> Transactions::Withdraw(ScopedStream stream, TxnId txn, records::Transaction record) {
  std::string key = keys::Transaction(stream, txn);
  CO_ASSIGN_OR_RETURN(bool begun, co_await BeginAbort(key));
  if (begun) co_return absl::OkStatus();
  // It was ended by somebody who may have been done before the last segment was created.
  for (int32_t number : record.numbers()) {
    CO_RETURN_IF_ERROR(co_await context_.stores.Delete(SegmentOf(stream, txn, Epoch(record.epoch()), number),
                                                       context_.runtime.Now() + context_.options.store_patience));
  }
  co_return absl::OkStatus();
}

// ---- ping

Task<absl::StatusOr<proto::PingTxnStatus>> Transactions::Ping(ScopedStream stream, TxnId txn, int64_t lease_ms) {
  std::string key = keys::Transaction(stream, txn);
  for (;;) {
    CO_ASSIGN_OR_RETURN(TransactionRecord record, co_await context_.metadata.Read<records::Transaction>(key));
    if (!record.present()) {
      CO_ASSIGN_OR_RETURN(std::optional<bool> committed, co_await Completed(stream, txn));
      if (!committed) co_return Answer(proto::PingTxnStatus::UNKNOWN);
      co_return Answer(*committed ? proto::PingTxnStatus::COMMITTED : proto::PingTxnStatus::ABORTED);
    }
    if (record.value.state() == records::Transaction::COMMITTING) co_return Answer(proto::PingTxnStatus::COMMITTED);
    if (record.value.state() == records::Transaction::ABORTING) co_return Answer(proto::PingTxnStatus::ABORTED);
    if (LeaseEnded(record.value)) {
      CO_ASSIGN_OR_RETURN(bool begun, co_await BeginAbort(key));
      if (begun) co_return Answer(proto::PingTxnStatus::ABORTED);
      continue;
    }
    if (lease_ms > context_.options.max_lease.count()) co_return Answer(proto::PingTxnStatus::LEASE_TOO_LARGE);
    int64_t now = context_.NowMillis();
    int64_t end = SaturatingAdd(now, std::max<int64_t>(lease_ms, 0));
    int64_t longest_life = std::min(kMaxLeases * record.value.lease_ms(), kDayMillis);
    if (end > record.value.created_ms() + longest_life) {
      co_return Answer(proto::PingTxnStatus::MAX_EXECUTION_TIME_EXCEEDED);
    }
    records::Transaction pinged = record.value;
    pinged.set_expires_ms(end);
    absl::StatusOr<std::vector<int64_t>> written =
        co_await context_.metadata.Commit(Writes(Put(key, pinged, record.version)), "pingTransaction");
    if (written.ok()) {
      leases_.Track(key, LeaseEnd(pinged));
      co_return Answer(proto::PingTxnStatus::OK);
    }
    if (!absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) co_return written.status();
  }
}

// ---- commit

Task<absl::StatusOr<proto::TxnStatus>> Transactions::Commit(ScopedStream stream, TxnId txn, std::string writer,
                                                            int64_t timestamp) {
  std::string key = keys::Transaction(stream, txn);
  for (;;) {
    CO_ASSIGN_OR_RETURN(TransactionRecord record, co_await context_.metadata.Read<records::Transaction>(key));
    if (!record.present()) {
      CO_ASSIGN_OR_RETURN(std::optional<bool> committed, co_await Completed(stream, txn));
      co_return Answer(committed.value_or(false) ? proto::TxnStatus::SUCCESS : proto::TxnStatus::FAILURE);
    }
    if (record.value.state() == records::Transaction::COMMITTING) co_return Answer(proto::TxnStatus::SUCCESS);
    if (record.value.state() == records::Transaction::ABORTING) co_return Answer(proto::TxnStatus::FAILURE);
    if (LeaseEnded(record.value)) {
      CO_ASSIGN_OR_RETURN(bool begun, co_await BeginAbort(key));
      if (begun) co_return Answer(proto::TxnStatus::FAILURE);
      continue;
    }
    std::string order_key = keys::CommitOrder(stream);
    CO_ASSIGN_OR_RETURN(Versioned<records::CommitOrder> order,
                        co_await context_.metadata.Read<records::CommitOrder>(order_key));
    records::CommitOrder next;
    next.set_next(order.value.next() + 1);
    records::Transaction committing = record.value;
    committing.set_state(records::Transaction::COMMITTING);
    committing.set_order(order.value.next());
    committing.set_writer_id(writer);
    committing.set_timestamp(timestamp);
    records::TxnRef reference;
    reference.set_high(static_cast<int64_t>(txn.uuid.high));
    reference.set_low(static_cast<int64_t>(txn.uuid.low));
    reference.set_order(committing.order());
    std::vector<MetadataWrite> writes;
    writes.push_back(Put(key, committing, record.version));
    writes.push_back(Put(order_key, next, order.version));
    writes.push_back(Put(keys::Commit(stream, Epoch(committing.epoch()), committing.order()), reference));
    writes.push_back(PutMarker(keys::StreamWork(stream)));
    absl::StatusOr<std::vector<int64_t>> written =
        co_await context_.metadata.Commit(std::move(writes), "commitTransaction: committing");
    if (written.ok()) {
      leases_.Forget(key);
      start_stream_(stream);
      co_return Answer(proto::TxnStatus::SUCCESS);
    }
    if (!absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) co_return written.status();
  }
}

void Transactions::AppendCompletion(const ScopedStream& stream, TxnId txn, Epoch epoch, int64_t order,
                                    std::vector<MetadataWrite>* writes) const {
  records::CompletedTransaction completed;
  completed.set_committed(true);
  completed.set_time_ms(context_.NowMillis());
  writes->push_back(Erase(keys::Transaction(stream, txn)));
  writes->push_back(Erase(keys::Commit(stream, epoch, order)));
  writes->push_back(Put(keys::CompletedTransaction(stream, txn), completed));
}

// ---- abort

Task<absl::StatusOr<proto::TxnStatus>> Transactions::Abort(ScopedStream stream, TxnId txn) {
  std::string key = keys::Transaction(stream, txn);
  for (;;) {
    CO_ASSIGN_OR_RETURN(TransactionRecord record, co_await context_.metadata.Read<records::Transaction>(key));
    if (!record.present()) {
      CO_ASSIGN_OR_RETURN(std::optional<bool> committed, co_await Completed(stream, txn));
      co_return Answer(committed.value_or(true) ? proto::TxnStatus::FAILURE : proto::TxnStatus::SUCCESS);
    }
    if (record.value.state() == records::Transaction::COMMITTING) co_return Answer(proto::TxnStatus::FAILURE);
    if (record.value.state() == records::Transaction::ABORTING) co_return Answer(proto::TxnStatus::SUCCESS);
    CO_ASSIGN_OR_RETURN(bool begun, co_await BeginAbort(key));
    if (begun) co_return Answer(proto::TxnStatus::SUCCESS);
  }
}

Task<absl::StatusOr<bool>> Transactions::BeginAbort(std::string key) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(TransactionRecord record, co_await context_.metadata.Read<records::Transaction>(key));
    if (!record.present() || record.value.state() == records::Transaction::COMMITTING) co_return false;
    if (record.value.state() == records::Transaction::OPEN) {
      records::Transaction aborting = record.value;
      aborting.set_state(records::Transaction::ABORTING);
      absl::StatusOr<std::vector<int64_t>> written =
          co_await context_.metadata.Commit(Writes(Put(key, aborting, record.version)), "abort: aborting");
      if (absl::IsAborted(written.status()) || absl::IsUnavailable(written.status())) continue;
      if (!written.ok()) co_return written.status();
    }
    leases_.Forget(key);
    StartAbort(key);
    co_return true;
  }
}

void Transactions::StartAbort(const std::string& key) {
  context_.workers.Start(AbortKey(key), [this, key] { return FinishAbort(key); });
}

Task<absl::Status> Transactions::FinishAbort(std::string key) {
  std::optional<keys::ParsedTransaction> parsed = keys::ParseTransaction(key);
  if (!parsed) co_return MakeStatus(absl::StatusCode::kInternal, "no key of a transaction: ", key);
  CO_ASSIGN_OR_RETURN(TransactionRecord record, co_await context_.metadata.Read<records::Transaction>(key));
  if (!record.present() || record.value.state() != records::Transaction::ABORTING) co_return absl::OkStatus();
  for (int32_t number : record.value.numbers()) {
    CO_RETURN_IF_ERROR(
        co_await context_.stores.Delete(SegmentOf(parsed->stream, parsed->txn, Epoch(record.value.epoch()), number)));
  }
  records::CompletedTransaction completed;
  completed.set_committed(false);
  completed.set_time_ms(context_.NowMillis());
  std::vector<MetadataWrite> writes;
  writes.push_back(Erase(key, record.version));
  writes.push_back(Put(keys::CompletedTransaction(parsed->stream, parsed->txn), completed));
  absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(std::move(writes), "abort: aborted");
  // Aborted: another instance has done it.
  if (absl::IsAborted(written.status())) co_return absl::OkStatus();
  co_return written.status();
}

Task<absl::Status> Transactions::AbortAll(ScopedStream stream) {
  std::string prefix = keys::TransactionsOf(stream);
  for (;;) {
    std::vector<std::string> aborting;
    std::string after;
    for (;;) {
      CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> page, co_await context_.metadata.Scan(prefix, after, kPage));
      for (const MetadataEntry& entry : page) {
        records::Transaction record;
        if (!record.ParseFromString(entry.value)) {
          co_return MakeStatus(absl::StatusCode::kDataLoss, "metadata record ", entry.key, " does not parse");
        }
        if (record.state() != records::Transaction::COMMITTING) aborting.push_back(entry.key);
      }
      if (page.size() < kPage) break;
      after = page.back().key;
    }
    if (aborting.empty()) co_return absl::OkStatus();
    for (const std::string& key : aborting) {
      CO_ASSIGN_OR_RETURN(bool begun, co_await BeginAbort(key));
      if (!begun) continue;
      while (context_.workers.running(AbortKey(key))) {
        uint64_t seen = context_.workers.changes(AbortKey(key));
        CO_RETURN_IF_ERROR(co_await context_.workers.WaitForChange(AbortKey(key), seen, context_.options.longest_poll));
      }
    }
  }
}

// ---- state

Task<absl::StatusOr<proto::TxnState>> Transactions::State(ScopedStream stream, TxnId txn) {
  CO_ASSIGN_OR_RETURN(TransactionRecord record,
                      co_await context_.metadata.Read<records::Transaction>(keys::Transaction(stream, txn)));
  if (record.present()) {
    switch (record.value.state()) {
      case records::Transaction::COMMITTING:
        co_return Answer(proto::TxnState::COMMITTING);
      case records::Transaction::ABORTING:
        co_return Answer(proto::TxnState::ABORTING);
      default:
        co_return Answer(proto::TxnState::OPEN);
    }
  }
  CO_ASSIGN_OR_RETURN(std::optional<bool> committed, co_await Completed(stream, txn));
  if (!committed) co_return Answer(proto::TxnState::UNKNOWN);
  co_return Answer(*committed ? proto::TxnState::COMMITTED : proto::TxnState::ABORTED);
}

Task<absl::StatusOr<std::optional<bool>>> Transactions::Completed(ScopedStream stream, TxnId txn) {
  CO_ASSIGN_OR_RETURN(
      Versioned<records::CompletedTransaction> completed,
      co_await context_.metadata.Read<records::CompletedTransaction>(keys::CompletedTransaction(stream, txn)));
  if (!completed.present() || context_.NowMillis() >= ForgottenAt(completed.value)) co_return std::nullopt;
  co_return std::optional<bool>(completed.value.committed());
}

int64_t Transactions::ForgottenAt(const records::CompletedTransaction& record) const {
  return SaturatingAdd(record.time_ms(), context_.options.completed_transactions_kept.count());
}

// ---- leases

void Transactions::Found(const std::string& key, const records::Transaction& record, bool take_over) {
  if (record.state() == records::Transaction::OPEN) {
    if (!leases_.tracks(key)) leases_.Track(key, LeaseEnd(record));
  } else if (record.state() == records::Transaction::ABORTING && take_over) {
    if (!context_.workers.running(AbortKey(key))) StartAbort(key);
  }
}

Task<absl::Status> Transactions::EndLease(std::string key) {
  CO_ASSIGN_OR_RETURN(TransactionRecord record, co_await context_.metadata.Read<records::Transaction>(key));
  if (!record.present() || record.value.state() != records::Transaction::OPEN) co_return absl::OkStatus();
  if (LeaseEnded(record.value)) {
    CO_ASSIGN_OR_RETURN(bool begun, co_await BeginAbort(key));
    (void)begun;
  } else if (context_.NowMillis() < LeaseEnd(record.value)) {
    // Another instance was pinged.
    leases_.Track(key, LeaseEnd(record.value));
  }
  co_return absl::OkStatus();
}

}  // namespace pravega::sim
