#include "connector/wire/raw_client.h"

#include <algorithm>

#include "connector/core/check.h"
#include "connector/runtime/sleep.h"

namespace pravega::wire {
namespace {

// Request ids of one flow: the Java client's layout, whose sequence has 28 bits.
int64_t MakeRequestId(int32_t flow, int64_t sequence) {
  return static_cast<int64_t>(static_cast<uint64_t>(flow) << 32 | (static_cast<uint64_t>(sequence) & 0x0fffffff));
}

}  // namespace

RawClient::RawClient(runtime::Runtime& runtime, runtime::Endpoint endpoint, int32_t flow, WireConnectionOptions options)
    : runtime_(runtime),
      endpoint_(std::move(endpoint)),
      flow_(flow),
      options_(std::move(options)),
      tasks_(runtime.scheduler(), "client of " + endpoint_.ToString()) {}

RawClient::~RawClient() = default;

runtime::Task<absl::StatusOr<Command>> RawClient::Call(Command request, runtime::Instant deadline) {
  std::string_view name = InfoOf(request).name;
  runtime::Task<absl::StatusOr<Command>> call = CallUntilCancelled(std::move(request));
  absl::StatusOr<Command> reply = co_await runtime::WithDeadline(runtime_, std::move(call), deadline);
  if (absl::IsDeadlineExceeded(reply.status())) {
    co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, name, " to ", endpoint_.ToString(),
                         ": no reply in time, the outcome is unknown");
  }
  co_return reply;
}

runtime::Task<absl::StatusOr<Command>> RawClient::CallUntilCancelled(Command request) {
  if (closed_)
    co_return MakeStatus(absl::StatusCode::kUnavailable, "the client of ", endpoint_.ToString(), " is closed");
  int64_t id = MakeRequestId(flow_, next_sequence_++);
  CHECK_MSG(SetRequestId(&request, RequestId(id)), "a request without a request id has no reply to wait for");
  PendingCall call;
  if (const auto* read = std::get_if<ReadSegment>(&request)) call.read_offset = read->offset;
  if (connection_ != nullptr && connection_->status().ok()) {
    absl::Status sent = connection_->Enqueue(request);
    if (!sent.ok()) co_return sent;
    calls_.emplace(id, &call);
  } else {
    waiting_.emplace(id, std::make_pair(&call, &request));
    if (!running_) {
      running_ = true;
      tasks_.Spawn("connection", RunConnection());
    }
  }
  absl::Status waited = co_await call.done.Wait();
  if (!waited.ok()) {
    calls_.erase(id);
    waiting_.erase(id);
    co_return waited;
  }
  co_return *std::move(call.result);
}

runtime::Task<void> RawClient::RunConnection() {
  // Calls that came while the old connection was ending wait for a new one.
  do {
    co_await ConnectAndRead();
  } while (!closed_ && !waiting_.empty() && !tasks_.cancelled());
  running_ = false;
}

runtime::Task<void> RawClient::ConnectAndRead() {
  absl::StatusOr<std::unique_ptr<WireConnection>> connected =
      co_await WireConnection::Connect(runtime_, endpoint_, options_);
  if (!connected.ok()) {
    FailWaiting(Annotate(connected.status(), "no connection"));
    co_return;
  }
  connection_ = *std::move(connected);
  for (const auto& [id, waiting] : std::exchange(waiting_, {})) {
    absl::Status sent = connection_->Enqueue(*waiting.second);
    if (sent.ok()) {
      calls_.emplace(id, waiting.first);
    } else {
      waiting.first->result.emplace(sent);
      waiting.first->done.Set();
    }
  }
  absl::Status ended;
  while (ended.ok()) {
    absl::StatusOr<Command> reply = co_await connection_->Next();
    ended = reply.status();
    if (reply.ok()) Dispatch(*std::move(reply));
  }
  FailCalls(ended);
  co_await connection_->Stop();
  connection_.reset();
}

void RawClient::Dispatch(Command reply) {
  std::optional<RequestId> id = RequestIdOf(reply);
  auto found = id.has_value() ? calls_.find(id->value()) : calls_.end();
  if (found == calls_.end() && std::holds_alternative<AuthTokenCheckFailed>(reply)) {
    // If it is about a read, the server has put the offset where the id belongs; without it nobody would learn that the
    // token has to be renewed.
    found = std::find_if(calls_.begin(), calls_.end(), [&id](const auto& entry) {
      return id.has_value() && entry.second->read_offset == id->value();
    });
  }
  if (found != calls_.end()) {
    PendingCall* call = found->second;
    calls_.erase(found);
    call->result.emplace(std::move(reply));
    call->done.Set();
    return;
  }
  if (IsFailure(reply)) {
    connection_->Close(MakeStatus(absl::StatusCode::kUnavailable, "connection to ", endpoint_.ToString(),
                                  " closed: a failure that answers nothing (", ToStd(FailureStatus(reply).message()),
                                  ")"));
  }
}

void RawClient::FailCalls(const absl::Status& why) {
  // Whatever ended the connection, the outcome is what the callers must know; only a peer without a common version
  // will not do better next time.
  absl::Status status =
      absl::IsFailedPrecondition(why)
          ? why
          : MakeStatus(absl::StatusCode::kUnavailable, ToStd(why.message()), "; the outcome of the request is unknown");
  for (const auto& [id, call] : std::exchange(calls_, {})) {
    call->result.emplace(status);
    call->done.Set();
  }
}

void RawClient::FailWaiting(const absl::Status& status) {
  for (const auto& [id, waiting] : std::exchange(waiting_, {})) {
    waiting.first->result.emplace(status);
    waiting.first->done.Set();
  }
}

runtime::Task<void> RawClient::Close() {
  closed_ = true;
  absl::Status status =
      MakeStatus(absl::StatusCode::kUnavailable, "the client of ", endpoint_.ToString(), " was closed");
  FailCalls(status);
  FailWaiting(status);
  if (connection_ != nullptr) {
    connection_->Finish();
  } else {
    tasks_.Cancel();
  }
  co_await tasks_.Join();
}

}  // namespace pravega::wire
