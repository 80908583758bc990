#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/framed_rpc.h"
#include "connector/runtime/rpc_frames.h"
#include "connector/runtime/rpc_handlers.h"
#include "connector/runtime/rpc_no_answer.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {

namespace {

// A client's connection. Shared by its session and its requests, which may outlive the session.
struct ClientConnection {
  explicit ClientConnection(std::unique_ptr<ByteStream> s)
      : stream(std::move(s)),
        slots("an answer to " + stream->peer(), kMaxConcurrentRpcs),
        writing("its turn to write to " + stream->peer(), 1) {}

  void Break() {
    broken = true;
    stream->Reset();
  }

  const std::unique_ptr<ByteStream> stream;
  bool broken = false;
  std::set<int64_t> open;  // calls whose caller waits; each holds a slot
  Semaphore slots;
  Semaphore writing;
};

absl::StatusOr<std::vector<Buffer>> EncodeReply(int64_t call, absl::StatusOr<std::string> result) {
  absl::StatusOr<std::vector<Buffer>> frame = EncodeRpcFrame(RpcReplyFrame{call, std::move(result)});
  if (frame.ok()) return frame;
  return EncodeRpcFrame(RpcReplyFrame{call, absl::ResourceExhaustedError(frame.status().message())});
}

class FramedRpcServer : public RpcServer {
 public:
  FramedRpcServer(Runtime& runtime, std::unique_ptr<Listener> listener)
      : runtime_(runtime), listener_(std::move(listener)) {}

  void Register(std::string method, RpcHandler handler) override {
    handlers_.Register(std::move(method), std::move(handler));
  }
  void SetInterceptor(Interceptor interceptor) override { handlers_.SetInterceptor(std::move(interceptor)); }

  Task<absl::Status> Serve() override {
    handlers_.Seal();
    std::string name = "rpc " + listener_->endpoint().ToString();
    TaskGroup requests(runtime_.scheduler(), name + " request");
    TaskGroup sessions(runtime_.scheduler(), name + " session");
    absl::Status reason;
    while (reason.ok()) {
      absl::StatusOr<std::unique_ptr<ByteStream>> accepted = co_await listener_->Accept();
      if (!accepted.ok()) {
        reason = accepted.status();
        continue;
      }
      auto client = std::make_shared<ClientConnection>(*std::move(accepted));
      std::string peer = client->stream->peer();
      sessions.Spawn(std::move(peer), Session(std::move(client), &requests));
    }
    // Sessions first: they spawn requests.
    co_await sessions.Stop();
    co_await requests.Stop();
    co_return reason;
  }

 private:
  Task<void> Session(std::shared_ptr<ClientConnection> client, TaskGroup* requests) {
    absl::Status end = co_await ReadRequests(client, requests);
    if (absl::IsInvalidArgument(end)) {
      runtime_.Log(StrCat("rpc: closing the connection of ", client->stream->peer(), ": ", ToStd(end.message())));
    }
    if (!end.ok()) client->Break();
  }

  // OK if the client ended its direction and has all its answers.
  Task<absl::Status> ReadRequests(std::shared_ptr<ClientConnection> client, TaskGroup* requests) {
    RpcFrameReader reader(client->stream.get());
    while (true) {
      absl::StatusOr<std::optional<RpcFrame>> frame = co_await reader.Next();
      if (!frame.ok()) co_return frame.status();
      if (!frame->has_value()) break;
      if (auto* cancel = std::get_if<RpcCancelFrame>(&**frame)) {
        if (client->open.erase(cancel->call) > 0) client->slots.Release(1);
        continue;
      }
      auto* request = std::get_if<RpcRequestFrame>(&**frame);
      if (request == nullptr) co_return absl::InvalidArgumentError("a client sends no replies");
      absl::Status slot = co_await client->slots.Acquire(1);
      if (!slot.ok()) co_return slot;
      int64_t call = request->call;
      if (!client->open.insert(call).second) {
        co_return MakeStatus(absl::StatusCode::kInvalidArgument, "call id ", call, " is in use");
      }
      std::string method = request->request.method;
      requests->Spawn(std::move(method), Answer(client, call, std::move(request->request)));
    }
    absl::Status answered = co_await client->slots.Acquire(kMaxConcurrentRpcs);
    if (!answered.ok()) co_return answered;
    absl::Status ended = co_await client->stream->ShutdownWrite();
    co_return ended;
  }

  Task<void> Answer(std::shared_ptr<ClientConnection> client, int64_t call, RpcRequest request) {
    absl::StatusOr<std::string> result = co_await handlers_.Dispatch(std::move(request));
    // Its slot is free when its caller gives up.
    if (IsNoAnswer(result.status())) co_return;
    // A caller that has given up gets no reply, and its slot is free already.
    if (client->open.erase(call) == 0) co_return;
    absl::Status turn = co_await client->writing.Acquire(1);
    if (!turn.ok()) co_return;
    if (!client->broken) {
      absl::StatusOr<std::vector<Buffer>> frame = EncodeReply(call, std::move(result));
      CHECK(frame.ok());
      absl::Status written = co_await client->stream->Write(*std::move(frame));
      if (!written.ok()) client->Break();
    }
    client->writing.Release(1);
    client->slots.Release(1);
  }

  Runtime& runtime_;
  std::unique_ptr<Listener> listener_;
  RpcHandlers handlers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> NewFramedRpcServer(Runtime& runtime, Endpoint endpoint) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = runtime.network().Listen(std::move(endpoint));
  if (!listener.ok()) return listener.status();
  return std::make_unique<FramedRpcServer>(runtime, *std::move(listener));
}

}  // namespace pravega::runtime
