#include "simulator/durable/memory_durable_logs.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "simulator/durable/service_call.h"

namespace pravega::sim {
namespace {

using runtime::Task;
using Log = MemoryDurableLogs::Log;

// What a handle shares with its requests in flight.
struct Owner {
  std::string node;
  std::string container;
  std::shared_ptr<ServicePort> port;
  std::shared_ptr<Log> log;
  DurableFaults* faults;
  bool gone = false;

  DurableRequest Describe(std::string_view operation) const {
    return {.node = node, .service = "log", .operation = operation, .subject = container};
  }
};

template <typename Answer>
struct Request : ServiceCall<Answer> {
  std::shared_ptr<Owner> owner;
  int64_t epoch = 0;  // in which the caller believes that it owns the log
  std::string_view operation;

  // Asks the faults. False if the request is over, refused.
  bool Admit(bool* answer_lost) {
    DurableDecision decision = owner->faults->Decide(owner->Describe(operation));
    this->set_slow_by(decision.slow_by);
    *answer_lost = decision.fault == DurableFault::kAnswerLost;
    if (decision.fault != DurableFault::kUnavailable) return true;
    this->Fill(absl::UnavailableError("the durable log is unavailable"));
    return false;
  }
  bool Fenced() {
    if (epoch == owner->log->epoch) return false;
    this->Fill(MakeStatus(absl::StatusCode::kFailedPrecondition, "the log of container ", owner->container,
                          " was taken over: epoch ", owner->log->epoch, ", ours is ", epoch));
    return true;
  }
  void Conclude(bool lost, Answer answer) {
    this->Fill(lost ? Answer(absl::UnavailableError("the answer of the durable log was lost")) : std::move(answer));
  }
};

using FenceRequest = Request<absl::StatusOr<int64_t>>;
using ReadRequest = Request<absl::StatusOr<std::vector<LogRecord>>>;
using TruncateRequest = Request<absl::Status>;
struct AppendRequest : Request<absl::StatusOr<int64_t>> {
  std::vector<Buffer> records;
};

int64_t AppendPrefix(Log& log, std::vector<Buffer>& records, size_t count) {
  CHECK(count <= records.size());
  for (size_t i = 0; i < count; ++i) {
    log.bytes += records[i].size();
    log.records.push_back({log.next_sequence++, std::move(records[i])});
  }
  return log.next_sequence - 1;
}

void Apply(AppendRequest& request) {
  Owner& owner = *request.owner;
  Log& log = *owner.log;
  if (request.Fenced()) return;
  if (log.broken) {
    request.Fill(absl::UnavailableError("an append before this one failed"));
    return;
  }
  const size_t all = request.records.size();
  if (owner.gone) {
    size_t survivors = owner.faults->Survivors(owner.Describe(request.operation), all);
    AppendPrefix(log, request.records, survivors);
    // What was sent behind it may survive only if nothing before it is missing.
    log.broken = survivors < all;
    request.Fill(absl::UnavailableError("nobody waits for this"));
    return;
  }
  bool lost = false;
  if (!request.Admit(&lost)) {
    log.broken = true;
    return;
  }
  log.broken = lost;
  size_t survivors = lost ? owner.faults->Survivors(owner.Describe(request.operation), all) : all;
  int64_t last = AppendPrefix(log, request.records, survivors);
  request.Conclude(lost, last);
}

void Apply(FenceRequest& request) {
  bool lost = false;
  if (!request.Admit(&lost)) return;
  Log& log = *request.owner->log;
  log.broken = false;
  ++log.epoch;
  request.Conclude(lost, log.epoch);
}

// The records of a read, at least one if there is any.
std::vector<LogRecord> Select(const Log& log, int64_t sequence, size_t max_bytes) {
  std::vector<LogRecord> selected;
  auto from = std::lower_bound(log.records.begin(), log.records.end(), sequence,
                               [](const LogRecord& record, int64_t wanted) { return record.sequence < wanted; });
  size_t bytes = 0;
  for (; from != log.records.end() && (selected.empty() || bytes + from->bytes.size() <= max_bytes); ++from) {
    bytes += from->bytes.size();
    selected.push_back(*from);
  }
  return selected;
}

void TruncateLog(Log& log, int64_t sequence) {
  while (!log.records.empty() && log.records.front().sequence <= sequence) {
    log.bytes -= log.records.front().bytes.size();
    log.records.pop_front();
  }
}

// For the trace: what the service was asked to store.
Buffer Payload(std::string_view operation, const std::vector<Buffer>& records) {
  if (records.size() == 1) return records[0];
  std::string text(operation);
  for (const Buffer& record : records) text.append(record.view());
  return Buffer(std::move(text));
}

class MemoryDurableLog : public DurableLog {
 public:
  MemoryDurableLog(runtime::Runtime& node, std::shared_ptr<Owner> owner) : node_(node), owner_(std::move(owner)) {}
  ~MemoryDurableLog() override { owner_->gone = true; }

  Task<absl::Status> Fence() override {
    auto request = NewRequest<FenceRequest>("fence");
    owner_->port->Send("log fence", Buffer::Copy(StrCat("fence ", owner_->container)), [request] {
      Apply(*request);
      ReplyTo(request);
    });
    Task<absl::StatusOr<int64_t>> answering = Finish<absl::StatusOr<int64_t>>(request);
    absl::StatusOr<int64_t> epoch = co_await std::move(answering);
    if (!epoch.ok()) co_return epoch.status();
    epoch_ = *epoch;
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<int64_t>> Append(std::vector<Buffer> records) override {
    auto request = NewRequest<AppendRequest>("append");
    Buffer payload = Payload(request->operation, records);
    request->records = std::move(records);
    owner_->port->Send("log append", std::move(payload), [request] {
      Apply(*request);
      if (!request->owner->gone) ReplyTo(request);
    });
    return Finish<absl::StatusOr<int64_t>>(request);
  }

  Task<absl::StatusOr<std::vector<LogRecord>>> Read(int64_t sequence, size_t max_bytes) override {
    auto request = NewRequest<ReadRequest>("read");
    Buffer payload = Buffer::Copy(StrCat("read ", owner_->container, " from ", sequence));
    owner_->port->Send("log read", std::move(payload), [request, sequence, max_bytes] {
      bool lost = false;
      if (!request->Fenced() && request->Admit(&lost)) {
        request->Conclude(lost, Select(*request->owner->log, sequence, max_bytes));
      }
      ReplyTo(request);
    });
    return Finish<absl::StatusOr<std::vector<LogRecord>>>(request);
  }

  Task<absl::Status> Truncate(int64_t sequence) override {
    auto request = NewRequest<TruncateRequest>("truncate");
    Buffer payload = Buffer::Copy(StrCat("truncate ", owner_->container, " to ", sequence));
    owner_->port->Send("log truncate", std::move(payload), [request, sequence] {
      bool lost = false;
      if (!request->Fenced() && request->Admit(&lost)) {
        TruncateLog(*request->owner->log, sequence);
        request->Conclude(lost, absl::OkStatus());
      }
      ReplyTo(request);
    });
    return Finish<absl::Status>(request);
  }

 private:
  template <typename R>
  std::shared_ptr<R> NewRequest(std::string_view operation) {
    auto request = std::make_shared<R>();
    request->owner = owner_;
    request->epoch = epoch_;
    request->operation = operation;
    return request;
  }

  template <typename R>
  static void ReplyTo(const std::shared_ptr<R>& request) {
    request->owner->port->Reply("log answer", [request] { request->Deliver(); });
  }

  template <typename Answer>
  Task<Answer> Finish(std::shared_ptr<ServiceCall<Answer>> call) {
    absl::Status delivered = co_await call->Delivered("the durable log");
    if (!delivered.ok()) co_return delivered;
    if (call->slow_by() > runtime::Duration(0)) {
      absl::Status slept = co_await runtime::SleepFor(node_, call->slow_by(), "a slow durable log");
      if (!slept.ok()) co_return slept;
    }
    co_return call->Take();
  }

  runtime::Runtime& node_;
  std::shared_ptr<Owner> owner_;
  int64_t epoch_ = -1;  // of no log
};

}  // namespace

std::unique_ptr<DurableLog> MemoryDurableLogs::Open(runtime::Runtime& node, ContainerId container) {
  std::shared_ptr<Log>& log = logs_[container];
  if (log == nullptr) log = std::make_shared<Log>();
  auto owner = std::make_shared<Owner>();
  owner->node = node.node_name();
  owner->container = StrCat(container.value());
  owner->port = ports_.Open(node, StrCat("log-", container.value()));
  owner->log = log;
  owner->faults = &faults_;
  return std::make_unique<MemoryDurableLog>(node, std::move(owner));
}

size_t MemoryDurableLogs::records(ContainerId container) const {
  auto found = logs_.find(container);
  return found == logs_.end() ? 0 : found->second->records.size();
}

size_t MemoryDurableLogs::bytes(ContainerId container) const {
  auto found = logs_.find(container);
  return found == logs_.end() ? 0 : found->second->bytes;
}

}  // namespace pravega::sim
