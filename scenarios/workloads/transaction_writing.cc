#include "scenarios/workloads/transaction_writing.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/client/transaction.h"
#include "connector/client/transaction_writer.h"
#include "connector/controller/controller_client.h"
#include "connector/controller/types.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "scenarios/workloads/history_types.h"
#include "scenarios/workloads/resends.h"

namespace pravega::scenarios {
namespace {

using client::Sequence;
using client::Transaction;
using runtime::Runtime;
using runtime::Task;

std::string_view StateName(controller::TransactionState state) {
  switch (state) {
    case controller::TransactionState::kOpen:
      return "OPEN";
    case controller::TransactionState::kCommitting:
      return "COMMITTING";
    case controller::TransactionState::kCommitted:
      return "COMMITTED";
    case controller::TransactionState::kAborting:
      return "ABORTING";
    case controller::TransactionState::kAborted:
      return "ABORTED";
  }
  return "UNKNOWN";
}

// Writes the pings that renew a lease into the history.
class PingObserver : public client::TransactionObserver {
 public:
  PingObserver(WorkloadContext& context, NameId process) : context_(context), process_(process) {}

  void OnPingSent(TxnId txn, std::chrono::milliseconds lease) override {
    ping_ = TxnPing{context_.recorder->Txn(txn), NameId(), lease.count()};
    op_ = context_.recorder->Invoke(context_.now_ns(), process_, ping_);
  }
  void OnPingAnswered(TxnId, const absl::StatusOr<controller::PingResult>& result) override {
    Outcome outcome = Outcome::kUnknown;
    if (result.ok()) {
      const bool open = *result == controller::PingResult::kOpen;
      outcome = open ? Outcome::kOk : Outcome::kFailed;
      ping_.result = context_.recorder->Name(open                                            ? "OK"
                                             : *result == controller::PingResult::kCommitted ? "COMMITTED"
                                                                                             : "ABORTED");
    } else if (absl::IsFailedPrecondition(result.status()) || absl::IsNotFound(result.status())) {
      outcome = Outcome::kFailed;
    }
    context_.recorder->Complete(context_.now_ns(), op_, outcome, ping_);
  }

 private:
  WorkloadContext& context_;
  const NameId process_;
  TxnPing ping_;
  OpId op_;
};

class TransactionalWriter {
 public:
  TransactionalWriter(Runtime& runtime, WorkloadContext& context, client::ClientContext& client, WriterShare& share,
                      std::string process)
      : runtime_(runtime),
        context_(context),
        recorder_(*context.recorder),
        share_(share),
        process_(std::move(process)),
        process_name_(recorder_.Name(process_)),
        stream_name_(recorder_.Name(context.stream().ToString())),
        pings_(context, process_name_),
        writer_(client, context.stream(), Options()) {}

  // Writes what is left; Cancelled if it was.
  Task<absl::Status> Run() {
    std::vector<size_t> places;
    while (true) {
      if (share_.open) {
        // Of an earlier life, or one whose end was not seen.
        absl::StatusOr<bool> settled = co_await SettleOpen();
        if (!settled.ok()) co_return settled.status();
        places = *settled ? std::vector<size_t>() : share_.open->places;
        share_.open.reset();
      }
      // Rows of an aborted transaction come again, and the next ones are taken.
      size_t next = places.empty() ? share_.next : std::max(share_.next, places.back() + 1);
      while (places.size() < static_cast<size_t>(context_.workload->transaction_rows) && next < share_.rows.size()) {
        places.push_back(next++);
      }
      if (places.empty()) break;
      absl::StatusOr<bool> settled = co_await OneTransaction(places);
      if (settled.ok()) {
        if (*settled) places.clear();
        share_.open.reset();
        continue;
      }
      if (absl::IsCancelled(settled.status())) co_return settled.status();
      runtime_.Log(StrCat("a transaction came to no end: ", ToStd(settled.status().message())));
      absl::Status slept = co_await runtime::SleepFor(runtime_, std::chrono::seconds(1), "another transaction");
      if (!slept.ok()) co_return slept;
    }
    absl::Status visible = co_await WaitUntilCommitted();
    co_return visible;
  }

 private:
  client::TransactionOptions Options() {
    client::TransactionOptions options;
    options.lease = std::chrono::duration_cast<std::chrono::milliseconds>(context_.workload->transaction_lease);
    options.observer = &pings_;
    return options;
  }

  // Aborts what was left open, unless its commit is under way. True if it is settled, as committed or for ever unknown;
  // false if its rows must be written again.
  Task<absl::StatusOr<bool>> SettleOpen() {
    const TxnId id = share_.open->txn;
    const OpId aborting = Invoke(TxnAbort{recorder_.Txn(id), NameId()});
    absl::StatusOr<std::unique_ptr<Transaction>> found = co_await writer_.Get(id);
    absl::Status aborted = found.status();
    if (found.ok()) {
      aborted = co_await (*found)->Abort();
      co_await (*found)->Close();
    }
    Complete(aborting, aborted.ok() ? Outcome::kOk : Outcome::kUnknown);
    if (absl::IsCancelled(aborted)) co_return aborted;
    absl::StatusOr<controller::TransactionState> state = co_await Resolve(id);
    if (absl::IsNotFound(state.status())) co_return true;
    if (!state.ok()) co_return state.status();
    if (*state == controller::TransactionState::kCommitted) Settled(share_.open->places, Outcome::kOk);
    co_return *state != controller::TransactionState::kAborted;
  }

  void Settled(const std::vector<size_t>& places, Outcome outcome) {
    for (size_t place : places) context_.ledger->Settled(share_.rows[place], outcome);
  }

  // True if the rows are settled, one way or the other; false if they must be written again; an error if nobody knows
  // yet, or if the transaction did not even begin.
  Task<absl::StatusOr<bool>> OneTransaction(const std::vector<size_t>& places) {
    TxnBegin begin{stream_name_, TxnRef(), context_.workload->transaction_lease.count() / 1'000'000};
    const OpId beginning = Invoke(begin);
    absl::StatusOr<std::unique_ptr<Transaction>> begun = co_await writer_.Begin();
    if (!begun.ok()) {
      Complete(beginning, Outcome::kUnknown);
      co_return begun.status();
    }
    Transaction& txn = **begun;
    const CountResends<Transaction> resends(context_.resends, txn);
    begin.txn = recorder_.Txn(txn.id());
    share_.open = WriterShare::Open{txn.id(), places};
    recorder_.Complete(context_.now_ns(), beginning, Outcome::kOk, begin);
    absl::StatusOr<bool> settled = co_await Fill(txn, begin.txn, places);
    co_await txn.Close();
    if (settled.ok() && *settled) context_.events_settled += static_cast<int64_t>(places.size());
    co_return settled;
  }

  Task<absl::StatusOr<bool>> Fill(Transaction& txn, TxnRef ref, const std::vector<size_t>& places) {
    struct Sent {
      OpId op;
      Sequence sequence;
    };
    std::vector<Sent> sent;
    bool broken = false;
    for (size_t place : places) {
      const int64_t row_index = share_.rows[place];
      const int64_t wait = context_.start_ns + context_.DueAt(row_index) - context_.now_ns();
      if (wait > 0) {
        absl::Status slept = co_await runtime::SleepFor(runtime_, runtime::Duration(wait), "the next row to be due");
        if (!slept.ok()) co_return slept;
      }
      const Row& row = context_.rows->rows()[static_cast<size_t>(row_index)];
      const int64_t sequence = next_sequence_++;
      Write write;
      write.event = Event{process_name_, sequence};
      write.stream = stream_name_;
      write.key = recorder_.Name(row.key);
      write.txn = ref;
      const OpId op = Invoke(write);
      share_.next = std::max(share_.next, place + 1);
      context_.ledger->Tried(row_index);
      Buffer payload(EncodePayload({process_, sequence, row_index}, row.text));
      absl::StatusOr<Sequence> taken = co_await txn.Write(std::string(row.key), std::move(payload));
      if (!taken.ok()) {
        Complete(op, Outcome::kFailed);
        if (absl::IsCancelled(taken.status())) co_return taken.status();
        broken = true;
        break;
      }
      sent.push_back({op, *taken});
    }
    for (const Sent& one : sent) {
      absl::StatusOr<client::EventResult> result = co_await txn.Acked(one.sequence);
      if (!result.ok()) co_return result.status();
      Complete(one.op, ToHistory(result->outcome));
      broken = broken || result->outcome != client::Outcome::kOk;
    }
    if (broken) {
      const OpId aborting = Invoke(TxnAbort{ref, NameId()});
      absl::Status aborted = co_await txn.Abort();
      Complete(aborting, aborted.ok() ? Outcome::kOk : Outcome::kUnknown);
      if (absl::IsCancelled(aborted)) co_return aborted;
      co_return false;
    }
    absl::StatusOr<bool> committed = co_await Commit(txn, ref, places);
    co_return committed;
  }

  // True: committed, or the outcome stays unknown; false: aborted.
  Task<absl::StatusOr<bool>> Commit(Transaction& txn, TxnRef ref, const std::vector<size_t>& places) {
    const OpId op = Invoke(TxnCommit{ref, NameId()});
    absl::Status committed = co_await txn.Commit();
    if (committed.ok()) {
      recorder_.Complete(context_.now_ns(), op, Outcome::kOk, TxnCommit{ref, recorder_.Name("SUCCESS")});
      share_.committed.push_back(txn.id());
      Settled(places, Outcome::kOk);
      co_return true;
    }
    if (absl::IsCancelled(committed)) co_return committed;
    if (absl::IsAborted(committed)) {
      recorder_.Complete(context_.now_ns(), op, Outcome::kFailed, TxnCommit{ref, recorder_.Name("ABORTED")});
      co_return false;
    }
    runtime_.Log(StrCat("the outcome of a commit is unknown: ", ToStd(committed.message())));
    Complete(op, Outcome::kUnknown);
    absl::StatusOr<controller::TransactionState> state = co_await Resolve(txn.id());
    // Written again they might be there twice.
    if (absl::IsNotFound(state.status())) co_return true;
    if (!state.ok()) co_return state.status();
    const bool done = *state == controller::TransactionState::kCommitted;
    if (done) Settled(places, Outcome::kOk);
    co_return done;
  }

  // Asks until the transaction has ended.
  Task<absl::StatusOr<controller::TransactionState>> Resolve(TxnId id) {
    while (true) {
      const TxnRef ref = recorder_.Txn(id);
      const OpId op = Invoke(TxnStatus{ref, NameId()});
      absl::StatusOr<std::unique_ptr<Transaction>> found = co_await writer_.Get(id);
      absl::StatusOr<controller::TransactionState> state = absl::UnknownError("not asked");
      if (found.ok()) {
        state = co_await (*found)->State();
        co_await (*found)->Close();
      } else {
        state = found.status();
      }
      if (state.ok()) {
        recorder_.Complete(context_.now_ns(), op, Outcome::kOk, TxnStatus{ref, recorder_.Name(StateName(*state))});
        if (*state == controller::TransactionState::kCommitted || *state == controller::TransactionState::kAborted) {
          co_return state;
        }
      } else {
        Complete(op, Outcome::kFailed);
        if (absl::IsCancelled(state.status()) || absl::IsNotFound(state.status())) co_return state.status();
      }
      absl::Status slept = co_await runtime::SleepFor(runtime_, std::chrono::milliseconds(200), "a transaction to end");
      if (!slept.ok()) co_return slept;
    }
  }

  // What was accepted becomes readable later; the work is done when it is.
  Task<absl::Status> WaitUntilCommitted() {
    for (TxnId id : std::vector<TxnId>(share_.committed)) {
      absl::StatusOr<controller::TransactionState> state = co_await Resolve(id);
      if (absl::IsCancelled(state.status())) co_return state.status();
      ++context_.events_settled;
    }
    co_return absl::OkStatus();
  }

  OpId Invoke(Details details) { return recorder_.Invoke(context_.now_ns(), process_name_, std::move(details)); }
  void Complete(OpId op, Outcome outcome) { recorder_.Complete(context_.now_ns(), op, outcome); }

  Runtime& runtime_;
  WorkloadContext& context_;
  Recorder& recorder_;
  WriterShare& share_;
  const std::string process_;
  const NameId process_name_;
  const NameId stream_name_;
  PingObserver pings_;
  client::TransactionWriter writer_;
  int64_t next_sequence_ = 0;
};

}  // namespace

Task<void> WriteTransactions(Runtime& runtime, WorkloadContext& context, size_t writer, std::string process) {
  WriterShare& share = context.shares[writer];
  std::unique_ptr<controller::ControllerClient> controller =
      controller::ControllerClient::Connect(runtime, context.controllers, {});
  client::ClientContext client(runtime, *controller);
  TransactionalWriter transactional(runtime, context, client, share, std::move(process));
  absl::Status ended = co_await transactional.Run();
  if (ended.ok()) share.done = true;
  co_await client.Close();
}

}  // namespace pravega::scenarios
