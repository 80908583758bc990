#include "connector/runtime/os/grpc_rpc.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/os/event_loop_impl.h"
#include "connector/runtime/os/finally.h"
#include "connector/runtime/os/os_node.h"
#include "connector/runtime/rpc_frames.h"
#include "connector/runtime/rpc_handlers.h"
#include "connector/runtime/rpc_no_answer.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {

namespace {

// How long an attempt to connect may take, as for byte streams; despite its name, that is what this bound is about.
constexpr int kConnectTimeoutMillis = 5000;
// After a failed attempt; gRPC's own bounds are a second and two minutes.
constexpr int kReconnectMillis = 50;
constexpr int kMaxReconnectMillis = 2000;
// How far gRPC's idea of a deadline may be from ours.
constexpr Duration kDeadlineSlack = std::chrono::milliseconds(20);

// As in the other worlds; gRPC's own bound is 4 MiB.
constexpr int kMaxMessageBytes = static_cast<int>(kMaxRpcFrame);

// gRPC's spelling.
std::string AddressOf(const Endpoint& endpoint) {
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return is_v6 ? StrCat("[", endpoint.host, "]:", endpoint.port) : endpoint.ToString();
}

grpc::ByteBuffer ToGrpc(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

absl::StatusOr<std::string> FromGrpc(grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  const grpc::Status dumped = buffer.Dump(&slices);
  if (!dumped.ok()) return absl::DataLossError("a message that gRPC cannot take apart");
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// The codes of both are the same numbers.
absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}
grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(ToStd(status.message())));
}

// ---- the client's end

// Shared with gRPC until the call has ended there.
struct ClientCall {
  explicit ClientCall(const std::string& method) : ended("the answer to " + method) {}

  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  grpc::Status status;
  bool finished = false;
  WaitQueue ended;
};

Task<absl::Status> WaitForEnd(std::shared_ptr<ClientCall> call) {
  absl::Status waited = co_await call->ended.Wait(call->finished);
  co_return waited;
}

// gRPC ends the process over headers that HTTP/2 does not allow.
bool IsLegal(const std::string& name, const std::string& value) {
  auto legal_in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), legal_in_name) &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

class GrpcChannel : public RpcChannel {
 public:
  GrpcChannel(OsNode& node, const std::vector<Endpoint>& endpoints) : node_(node) {
    CHECK(!endpoints.empty());
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMillis);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMillis);
    // Whether a call is made again is its caller's decision.
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    // As for byte streams, no proxy stands between.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    // Nothing is shared with other channels of the process.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    for (const Endpoint& endpoint : endpoints) {
      stubs_.push_back(std::make_unique<grpc::GenericStub>(
          grpc::CreateCustomChannel(AddressOf(endpoint), grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  Task<absl::StatusOr<std::string>> Call(RpcRequest request, Instant deadline) override {
    const std::string method = request.method;
    auto too_late = [&] {
      return MakeStatus(absl::StatusCode::kDeadlineExceeded, method, " was not answered in time");
    };
    if (node_.Now() >= deadline) co_return too_late();
    auto call = std::make_shared<ClientCall>(method);
    for (const auto& [name, value] : request.metadata) {
      if (!IsLegal(name, value)) {
        co_return MakeStatus(absl::StatusCode::kInvalidArgument, method, ": the header '", name,
                             "' has a name or a value that HTTP does not allow");
      }
      call->context.AddMetadata(name, value);
    }
    if (!deadline.infinite()) {
      auto left = std::chrono::ceil<std::chrono::microseconds>(deadline - node_.Now());
      call->context.set_deadline(std::chrono::system_clock::now() + left);
    }
    call->request = ToGrpc(request.body);
    const size_t used = next_;
    // Tells gRPC when nobody waits for the call any more.
    Finally cancel([call] {
      if (!call->finished) call->context.TryCancel();
    });
    stubs_[used]->UnaryCall(&call->context, method, grpc::StubOptions(), &call->request, &call->response,
                            [loop = node_.loop().impl(), call](grpc::Status status) {
                              loop->Post([call, status = std::move(status)] {
                                call->status = status;
                                call->finished = true;
                                call->ended.WakeAll();
                              });
                            });
    absl::Status waited = co_await WithDeadline(node_, WaitForEnd(call), deadline);
    if (absl::IsDeadlineExceeded(waited)) co_return too_late();
    if (!waited.ok()) co_return waited;
    if (call->status.ok()) co_return FromGrpc(call->response);
    const absl::Status failure = FromGrpc(call->status);
    if (absl::IsUnavailable(failure) && used == next_) next_ = (next_ + 1) % stubs_.size();
    if (absl::IsDeadlineExceeded(failure) && deadline - node_.Now() < kDeadlineSlack) {
      // gRPC's clock is coarser: nobody is told before the time has come.
      absl::Status slept = co_await SleepUntil(node_, deadline, "the deadline of a call");
      if (!slept.ok()) co_return slept;
    }
    co_return failure;
  }

 private:
  OsNode& node_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  size_t next_ = 0;  // the one that calls go to
};

// ---- the server's end

class ServerCall;

// Where gRPC's threads hand over to the loop's.
class ServerDoor {
 public:
  explicit ServerDoor(const std::shared_ptr<EventLoop::Impl>& loop) : loop_(loop) {}

  // From gRPC's threads. False once the door is closed.
  bool Enter(std::shared_ptr<ServerCall> call);
  void Leave(const std::shared_ptr<ServerCall>& call);
  // The call's request is complete.
  void HandOver(std::shared_ptr<ServerCall> call);

  // From the loop's thread. `take` gets the calls; none come from the moment when Close() is called.
  void Open(std::function<void(std::shared_ptr<ServerCall>)> take);
  void Close();

 private:
  // Weak, since what waits in the loop's queue keeps a call, and that the door.
  const std::weak_ptr<EventLoop::Impl> loop_;
  std::mutex mutex_;
  bool closed_ = false;                         // guarded by mutex_
  std::set<std::shared_ptr<ServerCall>> open_;  // guarded by mutex_: those that have not ended
  // Of the loop's thread alone.
  std::function<void(std::shared_ptr<ServerCall>)> take_;
  std::vector<std::shared_ptr<ServerCall>> early_;  // before Open()
};

// One call. gRPC's reactions come from its threads.
class ServerCall : public grpc::ServerGenericBidiReactor, public std::enable_shared_from_this<ServerCall> {
 public:
  ServerCall(std::shared_ptr<ServerDoor> door, const grpc::GenericCallbackServerContext& context)
      : door_(std::move(door)) {
    request_.method = context.method();
    for (const auto& [name, value] : context.client_metadata()) {
      request_.metadata.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
  }

  void Begin() {
    self_ = shared_from_this();
    if (!door_->Enter(self_)) return Reply(absl::UnavailableError("the server is shutting down"));
    StartRead(&message_);
  }

  // The request, once it has been handed over.
  RpcRequest TakeRequest() { return std::move(request_); }

  // From any thread. Only the first one counts.
  void Reply(const absl::StatusOr<std::string>& result) {
    if (!MayFinish()) return;
    if (!result.ok()) return Finish(ToGrpc(result.status()));
    message_ = ToGrpc(*result);
    StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Reply(absl::InvalidArgumentError("a call without a request"));
    absl::StatusOr<std::string> body = FromGrpc(message_);
    if (!body.ok()) return Reply(body.status());
    request_.body = *std::move(body);
    door_->HandOver(shared_from_this());
  }
  void OnCancel() override {
    if (MayFinish()) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override {
    door_->Leave(self_);
    // The last that gRPC does with it; the loop may still hold it.
    std::shared_ptr<ServerCall> last = std::move(self_);
  }
  bool MayFinish() {
    std::lock_guard lock(mutex_);
    return !std::exchange(finished_, true);
  }

  const std::shared_ptr<ServerDoor> door_;
  std::shared_ptr<ServerCall> self_;  // as long as gRPC needs it
  RpcRequest request_;
  grpc::ByteBuffer message_;
  std::mutex mutex_;
  bool finished_ = false;  // guarded by mutex_
};

bool ServerDoor::Enter(std::shared_ptr<ServerCall> call) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  open_.insert(std::move(call));
  return true;
}

void ServerDoor::Leave(const std::shared_ptr<ServerCall>& call) {
  std::lock_guard lock(mutex_);
  open_.erase(call);
}

void ServerDoor::HandOver(std::shared_ptr<ServerCall> call) {
  std::shared_ptr<EventLoop::Impl> loop = loop_.lock();
  if (loop == nullptr) return call->Reply(absl::UnavailableError("the server has gone"));
  // The call keeps the door.
  loop->Post([this, call = std::move(call)] {
    if (take_) {
      take_(call);
    } else {
      early_.push_back(call);
    }
  });
}

void ServerDoor::Open(std::function<void(std::shared_ptr<ServerCall>)> take) {
  take_ = std::move(take);
  for (std::shared_ptr<ServerCall>& call : std::exchange(early_, {})) take_(std::move(call));
}

void ServerDoor::Close() {
  std::set<std::shared_ptr<ServerCall>> open;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    open = open_;
  }
  take_ = [](const std::shared_ptr<ServerCall>&) {};
  early_.clear();
  for (const std::shared_ptr<ServerCall>& call : open) call->Reply(absl::UnavailableError("the server has gone"));
}

class GrpcServer : public RpcServer, private grpc::CallbackGenericService {
 public:
  explicit GrpcServer(OsNode& node) : node_(node), door_(std::make_shared<ServerDoor>(node.loop().impl())) {}
  ~GrpcServer() override { Shutdown(); }

  absl::Status Start(const Endpoint& endpoint) {
    name_ = "rpc " + endpoint.ToString();
    // Only for its errors, which say more than gRPC's.
    absl::StatusOr<std::unique_ptr<Listener>> probe = node_.network().Listen(endpoint);
    if (!probe.ok()) return probe.status();
    probe->reset();
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(this);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
    int port = 0;
    const std::string address = AddressOf(Endpoint{endpoint.host.empty() ? "0.0.0.0" : endpoint.host, endpoint.port});
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      // It was free a moment ago.
      return MakeStatus(absl::StatusCode::kUnavailable, "cannot listen at ", address, ": gRPC does not say why");
    }
    return absl::OkStatus();
  }

  void Register(std::string method, RpcHandler handler) override {
    handlers_.Register(std::move(method), std::move(handler));
  }
  void SetInterceptor(Interceptor interceptor) override { handlers_.SetInterceptor(std::move(interceptor)); }

  Task<absl::Status> Serve() override {
    handlers_.Seal();
    TaskGroup requests(node_.scheduler(), name_ + " request");
    absl::Status reason;
    {
      // Also when the node dies here: from then on nobody takes calls, whoever owns this server.
      Finally shutdown([this] { Shutdown(); });
      door_->Open([this, &requests](std::shared_ptr<ServerCall> call) {
        RpcRequest request = call->TakeRequest();
        std::string method = request.method;
        requests.Spawn(std::move(method), Answer(std::move(call), std::move(request)));
      });
      Event never("the end of serving");
      reason = co_await never.Wait();
    }
    co_await requests.Stop();
    co_return reason;
  }

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    auto call = std::make_shared<ServerCall>(door_, *context);
    // Ends itself in OnDone().
    ServerCall* reactor = call.get();
    call->Begin();
    return reactor;
  }

  Task<void> Answer(std::shared_ptr<ServerCall> call, RpcRequest request) {
    absl::StatusOr<std::string> result = co_await handlers_.Dispatch(std::move(request));
    if (!IsNoAnswer(result.status())) call->Reply(result);
  }

  // Every call ends, the port is free, and gRPC's threads are done with this object.
  void Shutdown() {
    if (server_ == nullptr) return;
    door_->Close();
    server_->Shutdown(std::chrono::system_clock::now());
    server_ = nullptr;
  }

  OsNode& node_;
  const std::shared_ptr<ServerDoor> door_;
  std::string name_;
  RpcHandlers handlers_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<RpcChannel> NewGrpcChannel(OsNode& node, const std::vector<Endpoint>& endpoints) {
  return std::make_unique<GrpcChannel>(node, endpoints);
}

absl::StatusOr<std::unique_ptr<RpcServer>> NewGrpcServer(OsNode& node, Endpoint endpoint) {
  auto server = std::make_unique<GrpcServer>(node);
  absl::Status started = server->Start(endpoint);
  if (!started.ok()) return started;
  return server;
}

}  // namespace pravega::runtime
