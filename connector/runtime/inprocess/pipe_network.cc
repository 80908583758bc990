#include "connector/runtime/inprocess/pipe_network.h"

#include <algorithm>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/inprocess/pipe_node.h"
#include "connector/runtime/inprocess/pipe_world.h"
#include "connector/runtime/sleep.h"

namespace pravega::runtime {

namespace {

absl::Status WasReset(std::string_view peer) {
  return MakeStatus(absl::StatusCode::kUnavailable, "the connection to ", peer, " was reset");
}

// The operations below hold the connection themselves: the stream may be destroyed under them.

Task<absl::StatusOr<Buffer>> ReadPipe(std::shared_ptr<PipeConnection> connection, Pipe* in, std::string peer,
                                      size_t max) {
  CHECK(max > 0);
  // At least one wait, so that a cancelled reader stops although its peer never does.
  bool ready = false;
  do {
    ready = !in->buffered.empty() || in->ended || connection->broken;
    absl::Status waited = co_await in->readable.Wait(ready);
    if (!waited.ok()) co_return waited;
  } while (!ready);
  if (connection->broken) co_return WasReset(peer);
  if (in->buffered.empty()) co_return Buffer();
  Buffer& front = in->buffered.front();
  Buffer taken = front.Slice(0, std::min(front.size(), max));
  if (taken.size() == front.size()) {
    in->buffered.pop_front();
  } else {
    front = front.From(taken.size());
  }
  in->size -= taken.size();
  in->writable.WakeAll();
  co_return std::move(taken);
}

Task<absl::Status> WritePipe(std::shared_ptr<PipeConnection> connection, Pipe* out, std::string peer,
                             std::vector<Buffer> pieces) {
  CHECK_MSG(!out->ended, "a write after ShutdownWrite");
  absl::Status allowed = co_await out->writable.Wait(/*ready=*/true);
  if (!allowed.ok()) co_return allowed;
  for (Buffer& piece : pieces) {
    while (!piece.empty() && !connection->broken) {
      size_t room = connection->capacity - out->size;
      if (room == 0) {
        absl::Status waited = co_await out->writable.Wait();
        if (!waited.ok()) co_return waited;
        continue;
      }
      size_t length = std::min(room, piece.size());
      out->buffered.push_back(piece.Slice(0, length));
      out->size += length;
      out->readable.WakeAll();
      piece = piece.From(length);
    }
  }
  if (connection->broken) co_return WasReset(peer);
  co_return absl::OkStatus();
}

class PipeStream : public ByteStream {
 public:
  PipeStream(PipeNode* node, std::shared_ptr<PipeConnection> connection, bool is_client)
      : node_(node),
        connection_(std::move(connection)),
        in_(is_client ? &connection_->to_client : &connection_->to_server),
        out_(is_client ? &connection_->to_server : &connection_->to_client),
        peer_(is_client ? connection_->client_peer : connection_->server_peer) {}

  ~PipeStream() override {
    bool complete = in_->ended && out_->ended && in_->buffered.empty();
    if (!complete) Reset();
  }

  Task<absl::StatusOr<Buffer>> Read(size_t max) override { return ReadPipe(connection_, in_, peer_, max); }
  Task<absl::Status> Write(std::vector<Buffer> pieces) override {
    return WritePipe(connection_, out_, peer_, std::move(pieces));
  }

  Task<absl::Status> ShutdownWrite() override {
    if (connection_->broken) co_return WasReset(peer_);
    out_->ended = true;
    out_->readable.WakeAll();
    co_return absl::OkStatus();
  }

  void Reset() override {
    if (!node_->dead()) connection_->Break();
  }
  std::string peer() const override { return peer_; }

 private:
  PipeNode* const node_;
  const std::shared_ptr<PipeConnection> connection_;
  Pipe* const in_;
  Pipe* const out_;
  const std::string peer_;
};

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> AcceptAt(std::shared_ptr<PipePort> port) {
  bool ready = false;
  do {
    ready = !port->backlog.empty() || port->closed;
    absl::Status waited = co_await port->arrival.Wait(ready);
    if (!waited.ok()) co_return waited;
  } while (!ready);
  if (port->closed) {
    co_return MakeStatus(absl::StatusCode::kUnavailable, "the listener at ", port->endpoint.ToString(), " was closed");
  }
  std::unique_ptr<ByteStream> stream =
      std::make_unique<PipeStream>(port->node, std::move(port->backlog.front()), /*is_client=*/false);
  port->backlog.pop_front();
  port->room.WakeOne();
  co_return std::move(stream);
}

class PipeListener : public Listener {
 public:
  PipeListener(PipeNetwork* network, std::shared_ptr<PipePort> port) : network_(network), port_(std::move(port)) {}
  ~PipeListener() override {
    if (!port_->node->dead()) network_->Close(port_.get());
  }
  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Accept() override { return AcceptAt(port_); }
  Endpoint endpoint() const override { return port_->endpoint; }

 private:
  PipeNetwork* const network_;
  const std::shared_ptr<PipePort> port_;
};

}  // namespace

PipeConnection::PipeConnection(PipeNode* c, PipeNode* s, std::string c_peer, std::string s_peer, size_t pipe_capacity)
    : client(c),
      server(s),
      client_peer(std::move(c_peer)),
      server_peer(std::move(s_peer)),
      capacity(pipe_capacity),
      to_server(server_peer, client_peer),
      to_client(client_peer, server_peer) {}

void PipeConnection::Break() {
  if (broken) return;
  broken = true;
  for (Pipe* pipe : {&to_server, &to_client}) {
    pipe->buffered.clear();
    pipe->size = 0;
    pipe->readable.WakeAll();
    pipe->writable.WakeAll();
  }
}

PipePort::PipePort(PipeNode* n, Endpoint e)
    : node(n),
      endpoint(std::move(e)),
      arrival("a connection to " + endpoint.ToString()),
      room("the backlog of " + endpoint.ToString()) {}

PipeNetwork::PipeNetwork(PipeWorld* world) : world_(world), reachability_("a host that does not answer") {}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> PipeNetwork::Connect(PipeNode* client, Endpoint endpoint,
                                                                       Instant deadline) {
  std::string name = endpoint.ToString();
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = absl::DeadlineExceededError("");
  if (client->Now() < deadline) stream = co_await WithDeadline(*client, Dial(client, std::move(endpoint)), deadline);
  if (absl::IsDeadlineExceeded(stream.status())) {
    co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, "cannot connect to ", name, " in time");
  }
  co_return std::move(stream);
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> PipeNetwork::Dial(PipeNode* client, Endpoint endpoint) {
  absl::Status allowed = co_await reachability_.Wait(/*ready=*/true);
  if (!allowed.ok()) co_return allowed;
  while (true) {
    if (unreachable_.contains(endpoint.host)) {
      absl::Status waited = co_await reachability_.Wait();
      if (!waited.ok()) co_return waited;
      continue;
    }
    auto found = ports_.find(endpoint);
    if (found == ports_.end()) {
      co_return MakeStatus(absl::StatusCode::kUnavailable, "cannot connect to ", endpoint.ToString(), ": ",
                           world_->machines_.contains(endpoint.host) ? "connection refused" : "no such host");
    }
    std::shared_ptr<PipePort> port = found->second;
    if (port->backlog.size() >= world_->options_.backlog) {
      absl::Status waited = co_await port->room.Wait();
      if (!waited.ok()) co_return waited;
      continue;
    }
    auto connection = std::make_shared<PipeConnection>(client, port->node, endpoint.ToString(), client->node_name(),
                                                       world_->options_.pipe_capacity);
    if (connections_.size() >= sweep_at_) {
      std::erase_if(connections_, [](const std::weak_ptr<PipeConnection>& weak) { return weak.expired(); });
      sweep_at_ = 64 + 2 * connections_.size();
    }
    connections_.push_back(connection);
    port->backlog.push_back(connection);
    port->arrival.WakeOne();
    std::unique_ptr<ByteStream> stream =
        std::make_unique<PipeStream>(client, std::move(connection), /*is_client=*/true);
    co_return std::move(stream);
  }
}

absl::StatusOr<std::unique_ptr<Listener>> PipeNetwork::Listen(PipeNode* node, Endpoint endpoint) {
  if (endpoint.host.empty() || endpoint.host == "0.0.0.0") endpoint.host = node->node_name();
  if (endpoint.host != node->node_name()) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "cannot listen at ", endpoint.ToString(),
                      ": this machine is ", node->node_name());
  }
  if (endpoint.port == 0) {
    endpoint.port = 40000;
    while (ports_.contains(endpoint)) ++endpoint.port;
  }
  if (ports_.contains(endpoint)) {
    return MakeStatus(absl::StatusCode::kAlreadyExists, "cannot listen at ", endpoint.ToString(),
                      ": the port is in use");
  }
  auto port = std::make_shared<PipePort>(node, endpoint);
  ports_.emplace(std::move(endpoint), port);
  std::unique_ptr<Listener> listener = std::make_unique<PipeListener>(this, std::move(port));
  return listener;
}

void PipeNetwork::SetUnreachable(const std::string& host, bool unreachable) {
  if (unreachable) {
    unreachable_.insert(host);
  } else {
    unreachable_.erase(host);
    reachability_.WakeAll();
  }
}

void PipeNetwork::Close(PipePort* port) {
  if (port->closed) return;
  port->closed = true;
  for (const std::shared_ptr<PipeConnection>& waiting : port->backlog) waiting->Break();
  port->backlog.clear();
  port->arrival.WakeAll();
  port->room.WakeAll();
  ports_.erase(port->endpoint);
}

void PipeNetwork::Forget(PipeNode* node) {
  for (const std::weak_ptr<PipeConnection>& weak : connections_) {
    std::shared_ptr<PipeConnection> connection = weak.lock();
    if (connection != nullptr && (connection->client == node || connection->server == node)) connection->Break();
  }
  std::vector<std::shared_ptr<PipePort>> own;
  for (const auto& [endpoint, port] : ports_) {
    if (port->node == node) own.push_back(port);
  }
  for (const std::shared_ptr<PipePort>& port : own) Close(port.get());
}

}  // namespace pravega::runtime
