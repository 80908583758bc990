#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/framed_rpc.h"
#include "connector/runtime/rpc_frames.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {

namespace {

constexpr Duration kConnectTimeout = std::chrono::seconds(5);

// A call that waits for its reply. Shared by its caller and the connection, either of which may give it up first.
struct Pending {
  explicit Pending(const std::string& method) : done("the reply to " + method) {}
  Event done;
  absl::StatusOr<std::string> result = absl::UnknownError("no reply");
};

// One connection, from before it is established until it is broken, which it then stays.
class Connection {
 public:
  Connection() : outgoing_changed_("calls to send") {}

  bool broken() const { return broken_; }
  int64_t NewCall() { return next_call_++; }

  void Send(int64_t call, std::shared_ptr<Pending> pending, std::vector<Buffer> frame) {
    pending_.emplace(call, std::move(pending));
    Queue(call, std::move(frame));
  }

  // The caller no longer waits: the server is told, unless it has not heard of the call.
  void GiveUp(int64_t call) {
    if (pending_.erase(call) == 0 || broken_) return;
    for (auto queued = outgoing_.begin(); queued != outgoing_.end(); ++queued) {
      if (queued->call == call) {
        outgoing_.erase(queued);
        return;
      }
    }
    absl::StatusOr<std::vector<Buffer>> frame = EncodeRpcFrame(RpcCancelFrame{call});
    CHECK(frame.ok());
    Queue(call, *std::move(frame));
  }

  void Established(std::unique_ptr<ByteStream> stream) { stream_ = std::move(stream); }

  // Everything that waits for a reply fails with Unavailable, for the given reason.
  void Break(const absl::Status& reason) {
    if (broken_) return;
    broken_ = true;
    if (stream_ != nullptr) stream_->Reset();
    outgoing_.clear();
    outgoing_changed_.Set();
    for (auto& [call, pending] : pending_) {
      pending->result = absl::UnavailableError(reason.message());
      pending->done.Set();
    }
    pending_.clear();
  }

  // Sends until the connection breaks or its task is cancelled; returns the reason.
  Task<absl::Status> SendFrames() {
    while (true) {
      absl::Status waited = co_await outgoing_changed_.Wait();
      if (!waited.ok()) co_return waited;
      if (broken_) co_return absl::UnavailableError("broken");
      if (outgoing_.empty()) {
        outgoing_changed_.Reset();
        continue;
      }
      std::vector<Buffer> frame = std::move(outgoing_.front().frame);
      outgoing_.pop_front();
      absl::Status written = co_await stream_->Write(std::move(frame));
      if (!written.ok()) co_return written;
    }
  }

  // Hands replies to their callers until the connection ends; returns the reason.
  Task<absl::Status> ReceiveReplies() {
    RpcFrameReader reader(stream_.get());
    while (true) {
      absl::StatusOr<std::optional<RpcFrame>> frame = co_await reader.Next();
      if (!frame.ok()) co_return frame.status();
      if (!frame->has_value()) co_return absl::UnavailableError("the server ended the connection");
      auto* reply = std::get_if<RpcReplyFrame>(&**frame);
      if (reply == nullptr) co_return absl::InvalidArgumentError("the server sent a frame that is not a reply");
      // A reply to a call that nobody waits for any more comes late and is ignored.
      auto found = pending_.find(reply->call);
      if (found == pending_.end()) continue;
      found->second->result = std::move(reply->result);
      found->second->done.Set();
      pending_.erase(found);
    }
  }

 private:
  struct Outgoing {
    int64_t call;
    std::vector<Buffer> frame;
  };

  void Queue(int64_t call, std::vector<Buffer> frame) {
    outgoing_.push_back(Outgoing{call, std::move(frame)});
    outgoing_changed_.Set();
  }

  std::unique_ptr<ByteStream> stream_;  // null until established
  bool broken_ = false;
  int64_t next_call_ = 1;
  std::map<int64_t, std::shared_ptr<Pending>> pending_;
  std::deque<Outgoing> outgoing_;  // no longer than the calls in progress and those given up since
  Event outgoing_changed_;
};

// What calls and the connection's tasks share with the channel; outlives it until they have ended.
struct ChannelState {
  ChannelState(Runtime& r, std::vector<Endpoint> e)
      : runtime(r),
        endpoints(std::move(e)),
        tasks(std::make_unique<TaskGroup>(r.scheduler(), "rpc channel to " + Names())),
        slots("a free call to " + Names(), kMaxConcurrentRpcs) {}

  std::string Names() const {
    std::string names;
    for (const Endpoint& endpoint : endpoints) {
      if (!names.empty()) names += ",";
      names += endpoint.ToString();
    }
    return names;
  }
  const Endpoint& endpoint() const { return endpoints[turn]; }
  void NextEndpoint() { turn = (turn + 1) % endpoints.size(); }

  Runtime& runtime;
  const std::vector<Endpoint> endpoints;
  size_t turn = 0;                         // the endpoint to use
  std::unique_ptr<TaskGroup> tasks;        // null once the channel is gone
  std::shared_ptr<Connection> connection;  // null before the first call
  Semaphore slots;
};

// Tries each endpoint once.
Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Dial(std::shared_ptr<ChannelState> state) {
  absl::Status last;
  for (size_t tries = 0; tries < state->endpoints.size(); ++tries) {
    Instant deadline = state->runtime.Now() + kConnectTimeout;
    absl::StatusOr<std::unique_ptr<ByteStream>> stream =
        co_await state->runtime.network().Connect(state->endpoint(), std::nullopt, deadline);
    if (stream.ok() || absl::IsCancelled(stream.status())) co_return std::move(stream);
    last = stream.status();
    state->NextEndpoint();
  }
  co_return Annotate(last, "no rpc server among " + state->Names() + " can be reached");
}

// An established connection broke: the next one goes to the next endpoint.
void BreakAndTurn(ChannelState& state, Connection& connection, const absl::Status& reason) {
  if (connection.broken()) return;
  connection.Break(reason);
  state.NextEndpoint();
}

Task<void> Receive(std::shared_ptr<ChannelState> state, std::shared_ptr<Connection> connection) {
  absl::Status end = co_await connection->ReceiveReplies();
  if (absl::IsInvalidArgument(end)) {
    state->runtime.Log(
        StrCat("rpc: closing the connection to ", state->endpoint().ToString(), ": ", ToStd(end.message())));
  }
  BreakAndTurn(*state, *connection, end);
}

Task<void> RunConnection(std::shared_ptr<ChannelState> state, std::shared_ptr<Connection> connection) {
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await Dial(state);
  if (!stream.ok()) {
    connection->Break(stream.status());
    co_return;
  }
  connection->Established(*std::move(stream));
  TaskGroup receiver(state->runtime.scheduler(), "rpc connection to " + state->endpoint().ToString());
  receiver.Spawn("replies", Receive(state, connection));
  absl::Status end = co_await connection->SendFrames();
  BreakAndTurn(*state, *connection, absl::IsCancelled(end) ? absl::CancelledError("the channel was closed") : end);
  co_await receiver.Stop();
}

// The connection to use now: the present one, or a new one if that is broken. Null once the channel is gone.
std::shared_ptr<Connection> CurrentConnection(const std::shared_ptr<ChannelState>& state) {
  if (state->tasks == nullptr) return nullptr;
  if (state->connection == nullptr || state->connection->broken()) {
    state->connection = std::make_shared<Connection>();
    state->tasks->Spawn("connection", RunConnection(state, state->connection));
  }
  return state->connection;
}

Task<absl::StatusOr<std::string>> Exchange(std::shared_ptr<ChannelState> state, RpcRequest request) {
  std::shared_ptr<Connection> connection = CurrentConnection(state);
  if (connection == nullptr) co_return absl::UnavailableError("the channel was closed");
  auto pending = std::make_shared<Pending>(request.method);
  int64_t call = connection->NewCall();
  absl::StatusOr<std::vector<Buffer>> frame = EncodeRpcFrame(RpcRequestFrame{call, std::move(request)});
  if (!frame.ok()) co_return frame.status();
  connection->Send(call, pending, *std::move(frame));
  absl::Status waited = co_await pending->done.Wait();
  if (!waited.ok()) {
    connection->GiveUp(call);
    co_return waited;
  }
  co_return std::move(pending->result);
}

Task<absl::StatusOr<std::string>> ExchangeInSlot(std::shared_ptr<ChannelState> state, RpcRequest request) {
  absl::Status slot = co_await state->slots.Acquire(1);
  if (!slot.ok()) co_return slot;
  absl::StatusOr<std::string> result = co_await Exchange(state, std::move(request));
  state->slots.Release(1);
  co_return std::move(result);
}

Task<absl::StatusOr<std::string>> CallUntil(std::shared_ptr<ChannelState> state, RpcRequest request, Instant deadline) {
  std::string method = request.method;
  if (state->runtime.Now() >= deadline) {
    co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, method, ": the deadline had passed before the call");
  }
  absl::StatusOr<std::string> result =
      co_await WithDeadline(state->runtime, ExchangeInSlot(state, std::move(request)), deadline);
  co_return std::move(result);
}

class FramedRpcChannel : public RpcChannel {
 public:
  FramedRpcChannel(Runtime& runtime, std::vector<Endpoint> endpoints)
      : state_(std::make_shared<ChannelState>(runtime, std::move(endpoints))) {}
  ~FramedRpcChannel() override { TaskGroup::Abandon(std::move(state_->tasks)); }

  Task<absl::StatusOr<std::string>> Call(RpcRequest request, Instant deadline) override {
    return CallUntil(state_, std::move(request), deadline);
  }

 private:
  std::shared_ptr<ChannelState> state_;
};

}  // namespace

std::unique_ptr<RpcChannel> NewFramedRpcChannel(Runtime& runtime, std::vector<Endpoint> endpoints) {
  CHECK(!endpoints.empty());
  return std::make_unique<FramedRpcChannel>(runtime, std::move(endpoints));
}

}  // namespace pravega::runtime
