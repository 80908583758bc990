#include "simulator/world/sim_network.h"

#include <algorithm>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "simulator/world/machine.h"

namespace pravega::sim {

using runtime::Task;

// ---- SimPipe

int64_t SimPipe::Leave(size_t bytes) {
  // What carries no bytes queues behind those of its own connection only.
  if (bytes == 0) return world_->now_;
  const int64_t rate = link_->options.bytes_per_second;
  const int64_t work = link_->owed + static_cast<int64_t>(bytes) * 1'000'000'000;
  link_->owed = work % rate;
  link_->busy_until_ns = std::max(link_->busy_until_ns, world_->now_) + work / rate;
  return link_->busy_until_ns;
}

void SimPipe::Enqueue(Kind kind, Buffer bytes, bool last_piece) {
  const LinkOptions& options = link_->options;
  runtime::ChoiceStream& choices = *link_->choices;
  int64_t latency = options.latency_min_ns;
  latency += static_cast<int64_t>(choices.Below(static_cast<uint64_t>(options.latency_jitter_ns) + 1, "latency"));
  if (choices.Chance(options.slow_ppm, "slow")) {
    latency += static_cast<int64_t>(choices.Below(static_cast<uint64_t>(options.slow_extra_ns) + 1, "slow latency"));
  }
  // A connection keeps its order: a late message holds up those behind it.
  last_time_ = std::max(last_time_, Leave(bytes.size()) + latency);
  in_flight_.push_back(Item{last_time_, kind, std::move(bytes), last_piece});
  if (in_flight_.size() == 1) ArmNext();
}

void SimPipe::ArmNext() {
  if (held_ || in_flight_.empty() || queued()) return;
  world_->queue_.Add(this, std::max(in_flight_.front().time, world_->now_));
}

void SimPipe::Send(Buffer bytes) {
  if (reset_sent_) return;
  link_->used.Notify(*world_);
  unread_ += bytes.size();
  full_ = unread_ >= world_->options_.pipe_capacity;
  const LinkOptions& options = link_->options;
  size_t size = bytes.size();
  if (options.one_byte_chunks && size > 1) {
    ++world_->stats_.split_writes;
    for (size_t i = 0; i < size; ++i) Enqueue(Kind::kBytes, bytes.Slice(i, 1), i + 1 == size);
    return;
  }
  size_t pieces = 1;
  if (size > 1 && link_->choices->Chance(options.split_ppm, "split")) {
    pieces += 1 + static_cast<size_t>(link_->choices->Below(3, "pieces"));
    ++world_->stats_.split_writes;
  }
  size_t start = 0;
  for (; pieces > 1 && size - start > 1; --pieces) {
    // Pieces of one byte are as likely as all others together: headers break there.
    size_t most = size - start - 1;
    size_t length = 1;
    if (link_->choices->Chance(500'000, "long piece"))
      length += static_cast<size_t>(link_->choices->Below(most, "piece"));
    Enqueue(Kind::kBytes, bytes.Slice(start, length), false);
    start += length;
  }
  Enqueue(Kind::kBytes, bytes.From(start), true);
}

void SimPipe::SendEnd() {
  if (!reset_sent_) Enqueue(Kind::kEnd, Buffer(), true);
}

void SimPipe::SendReset() {
  if (reset_sent_) return;
  reset_sent_ = true;
  ++world_->stats_.resets;
  // What is on its way is lost; a write of which some pieces arrived is thereby cut in its middle.
  for (const Item& item : in_flight_) {
    if (item.kind == Kind::kBytes && item.last_piece) ++world_->stats_.cut_writes;
  }
  in_flight_.clear();
  world_->queue_.Remove(this);
  Enqueue(Kind::kReset, Buffer(), true);
}

void SimPipe::SenderDied() {
  if (reset_sent_) return;
  // What a process wrote before it died is its kernel's to send; the kernel may also give up at once.
  if (link_->choices->Chance(250'000, "lost with its sender")) return SendReset();
  reset_sent_ = true;
  ++world_->stats_.resets;
  Enqueue(Kind::kReset, Buffer(), true);
}

void SimPipe::Consumed(size_t bytes) {
  unread_ -= bytes;
  // Half empty before the sender goes on, or it would send ever smaller pieces into ever smaller room.
  if (!full_ || unread_ > world_->options_.pipe_capacity / 2) return;
  full_ = false;
  // The sender learns of the room at once, but in its own time: this runs inside the receiver.
  world_->At(world_->now_, "", [weak = weak_from_this()] {
    auto pipe = weak.lock();
    if (pipe == nullptr) return;
    pipe->from_->Deliver([weak] {
      auto still = weak.lock();
      if (still != nullptr && still->sender_ != nullptr) still->sender_->writable_.WakeAll();
    });
  });
}

void SimPipe::LinkHealed() {
  if (!held_) return;
  held_ = false;
  ArmNext();
}

void SimPipe::Fire() {
  if (link_->cut) {
    held_ = true;
    ++world_->stats_.held_by_partition;
    link_->held.Notify(*world_);
    return;
  }
  Item item = std::move(in_flight_.front());
  in_flight_.pop_front();
  ArmNext();
  Arrive(std::move(item));
}

void SimPipe::Arrive(Item item) {
  if (receiver_ == nullptr) return;
  ++world_->stats_.deliveries;
  world_->stats_.delivered_bytes += item.bytes.size();
  std::string_view payload = item.kind == Kind::kBytes ? item.bytes.view() : item.kind == Kind::kEnd ? "end" : "reset";
  world_->trace_.Record(world_->now_, to_->name, to_->name_hash, TraceKind::kDelivery, payload);
  if (!to_->paused) {
    HandOver(std::move(item));
    to_->node->Run();
    return;
  }
  // The kernel of a paused process takes the bytes; the process finds them when it goes on, if it still wants them.
  to_->Deliver([weak = weak_from_this(), item = std::move(item)]() mutable {
    if (auto pipe = weak.lock()) pipe->HandOver(std::move(item));
  });
}

void SimPipe::HandOver(Item item) {
  if (receiver_ == nullptr) return;
  switch (item.kind) {
    case Kind::kBytes:
      receiver_->Received(std::move(item.bytes));
      break;
    case Kind::kEnd:
      receiver_->ReceivedEnd();
      break;
    case Kind::kReset:
      receiver_->Broken();
      break;
  }
}

// ---- SimStream

SimStream::SimStream(SimNode* node, std::string peer, std::shared_ptr<SimPipe> out, std::shared_ptr<SimPipe> in)
    : node_(node),
      peer_(std::move(peer)),
      out_(std::move(out)),
      in_(std::move(in)),
      readable_("bytes from " + peer_),
      writable_("room to write to " + peer_) {
  out_->set_sender(this);
  in_->set_receiver(this);
}

SimStream::~SimStream() {
  // A dead node does nothing; its machine has reset the connection already.
  const bool ended = shut_ && end_received_ && inbound_.empty();
  if (!node_->dead() && !ended) Reset();
  out_->set_sender(nullptr);
  in_->set_receiver(nullptr);
}

absl::Status SimStream::BrokenStatus() const {
  return MakeStatus(absl::StatusCode::kUnavailable, "the connection to ", peer_, " was reset");
}

Task<absl::StatusOr<Buffer>> SimStream::Read(size_t max) {
  CHECK(max > 0);
  do {
    absl::Status waited = co_await readable_.Wait(!inbound_.empty() || end_received_ || broken_);
    if (!waited.ok()) co_return waited;
  } while (inbound_.empty() && !end_received_ && !broken_);
  if (broken_) co_return BrokenStatus();
  if (inbound_.empty()) co_return Buffer();
  Buffer result;
  if (inbound_.size() == 1 || inbound_.front().size() >= max) {
    Buffer& front = inbound_.front();
    if (front.size() <= max) {
      result = std::move(front);
      inbound_.pop_front();
    } else {
      result = front.Slice(0, max);
      front = front.From(max);
    }
  } else {
    // As a kernel's socket buffer would: messages that arrived separately merge.
    std::string merged;
    while (!inbound_.empty() && merged.size() < max) {
      Buffer& front = inbound_.front();
      size_t take = std::min(front.size(), max - merged.size());
      merged.append(front.view().substr(0, take));
      if (take == front.size()) {
        inbound_.pop_front();
      } else {
        front = front.From(take);
      }
    }
    result = Buffer(std::move(merged));
  }
  in_->Consumed(result.size());
  co_return std::move(result);
}

Task<absl::Status> SimStream::Write(std::vector<Buffer> pieces) {
  if (node_->RefuseIfDead()) co_return absl::UnavailableError("the node is dead");
  CHECK_MSG(!shut_, "a write after ShutdownWrite");
  size_t total = 0;
  for (const Buffer& piece : pieces) total += piece.size();
  Buffer bytes;
  if (pieces.size() == 1) {
    bytes = std::move(pieces[0]);
  } else {
    std::string all;
    all.reserve(total);
    for (const Buffer& piece : pieces) all.append(piece.view());
    bytes = Buffer(std::move(all));
  }
  size_t sent = 0;
  while (sent < total) {
    do {
      absl::Status waited = co_await writable_.Wait(!out_->full() || broken_);
      if (!waited.ok()) co_return waited;
    } while (out_->full() && !broken_);
    if (broken_) co_return BrokenStatus();
    size_t room = node_->world()->options_.pipe_capacity - out_->unread();
    size_t length = std::min(room, total - sent);
    out_->Send(bytes.Slice(sent, length));
    sent += length;
  }
  if (broken_) co_return BrokenStatus();
  co_return absl::OkStatus();
}

Task<absl::Status> SimStream::ShutdownWrite() {
  if (node_->RefuseIfDead()) co_return absl::UnavailableError("the node is dead");
  if (broken_) co_return BrokenStatus();
  if (!shut_) out_->SendEnd();
  shut_ = true;
  co_return absl::OkStatus();
}

void SimStream::Reset() {
  if (node_->dead()) return;
  if (!broken_) out_->SendReset();
  Broken();
}

void SimStream::Received(Buffer bytes) {
  if (broken_) return;
  inbound_.push_back(std::move(bytes));
  readable_.WakeAll();
}

void SimStream::ReceivedEnd() {
  end_received_ = true;
  readable_.WakeAll();
}

void SimStream::Broken() {
  broken_ = true;
  inbound_.clear();
  readable_.WakeAll();
  writable_.WakeAll();
}

// ---- SimListener

SimListener::SimListener(SimNode* node, runtime::Endpoint endpoint)
    : node_(node), endpoint_(std::move(endpoint)), arrival_("a connection at " + endpoint_.ToString()) {
  node_->world()->network_->listeners_[{endpoint_.host, endpoint_.port}] = this;
}

SimListener::~SimListener() { node_->world()->network_->listeners_.erase({endpoint_.host, endpoint_.port}); }

Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> SimListener::Accept() {
  while (arrived_.empty()) {
    absl::Status waited = co_await arrival_.Wait();
    if (!waited.ok()) co_return waited;
  }
  std::unique_ptr<runtime::ByteStream> stream = std::move(arrived_.front());
  arrived_.pop_front();
  co_return std::move(stream);
}

// ---- SimNetwork

void Watchers::Notify(World& world) {
  if (actions_.empty()) return;
  for (std::function<void()>& action : std::exchange(actions_, {})) world.At(world.now_ns(), "", std::move(action));
}

Link& SimNetwork::LinkBetween(const std::string& from, const std::string& to) {
  auto [found, added] = links_.try_emplace({from, to});
  if (added) {
    found->second.options = world_->options_.link;
    found->second.choices.emplace(world_->WorldStream("network", from + ">" + to));
  }
  return found->second;
}

void SimNetwork::CutLink(const std::string& from, const std::string& to, std::function<void()> held) {
  Link& link = LinkBetween(from, to);
  link.cut = true;
  link.held.Add(std::move(held));
}

void SimNetwork::HealLink(const std::string& from, const std::string& to) {
  Link& link = LinkBetween(from, to);
  link.cut = false;
  link.held.Clear();
  for (Connection& connection : connections_) {
    if (connection.client == from && connection.server == to) {
      if (auto pipe = connection.forward.lock()) pipe->LinkHealed();
    }
    if (connection.server == from && connection.client == to) {
      if (auto pipe = connection.backward.lock()) pipe->LinkHealed();
    }
  }
}

bool SimNetwork::Break(Connection& connection) {
  std::shared_ptr<SimPipe> forward = connection.forward.lock();
  std::shared_ptr<SimPipe> backward = connection.backward.lock();
  if (forward == nullptr || backward == nullptr) return false;
  forward->SendReset();
  backward->SendReset();
  return true;
}

int SimNetwork::ResetConnections(const std::string& a, const std::string& b) {
  int broken = 0;
  for (Connection& connection : connections_) {
    bool between =
        (connection.client == a && connection.server == b) || (connection.client == b && connection.server == a);
    if (between && Break(connection)) ++broken;
  }
  return broken;
}

void SimNetwork::ResetAll(const std::string& machine) {
  for (Connection& connection : connections_) {
    if (connection.client == machine) {
      if (auto pipe = connection.forward.lock()) pipe->SenderDied();
    }
    if (connection.server == machine) {
      if (auto pipe = connection.backward.lock()) pipe->SenderDied();
    }
  }
}

void SimNetwork::Sweep() {
  std::erase_if(connections_, [](const Connection& c) { return c.forward.expired() || c.backward.expired(); });
}

// A connection attempt on its way: lives as long as either the caller waits or the answer travels.
struct SimNetwork::Dial : QueuedEvent {
  explicit Dial(std::string label) : answered(std::move(label)) {}
  ~Dial() override {
    if (world != nullptr) world->queue_.Remove(this);
  }
  void Fire() override { step(); }
  World* world = nullptr;
  std::function<void()> step;
  runtime::WaitQueue answered;
  absl::Status status = absl::UnknownError("no answer yet");
  std::unique_ptr<SimStream> stream;
};

Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> SimNetwork::Connect(SimNode* node,
                                                                               runtime::Endpoint endpoint,
                                                                               std::optional<runtime::TlsOptions> tls,
                                                                               runtime::Instant deadline) {
  if (node->RefuseIfDead()) co_return absl::UnavailableError("the node is dead");
  if (tls.has_value()) co_return absl::UnimplementedError("the simulated network has no TLS");
  auto machine = world_->machines_.find(endpoint.host);
  if (machine == world_->machines_.end()) {
    co_return MakeStatus(absl::StatusCode::kUnavailable, "cannot connect to ", endpoint.ToString(), ": unknown host");
  }
  Machine* server = machine->second.get();
  const std::string client_name = node->node_name();
  Link* there = &LinkBetween(client_name, endpoint.host);
  Link* back = &LinkBetween(endpoint.host, client_name);
  // The frame owns the attempt: when the caller gives up or dies, it ends. Only what a paused node holds may come
  // later.
  auto owner = std::make_shared<Dial>("an answer from " + endpoint.ToString());
  Dial& dial = *owner;
  dial.world = world_;
  auto travel = [this, &dial](Link* link, std::function<void()> arrive) {
    // A cut link holds the attempt: it is tried again until the link heals or the caller gives up.
    int64_t latency = link->options.latency_min_ns;
    latency += static_cast<int64_t>(
        link->choices->Below(static_cast<uint64_t>(link->options.latency_jitter_ns) + 1, "dial latency"));
    dial.step = [this, &dial, link, arrive = std::move(arrive)] {
      if (link->cut) {
        link->held.Notify(*world_);
        constexpr int64_t kRetryNs = 200'000'000;
        world_->queue_.Add(&dial, world_->now_ + kRetryNs);
        return;
      }
      // `arrive` may set the next step, which would destroy the closure that is running.
      std::function<void()> now = arrive;
      now();
    };
    world_->queue_.Add(&dial, world_->now_ + latency);
  };
  SimNode* caller = node;
  auto answer = [this, &dial, caller, weak = std::weak_ptr<Dial>(owner)] {
    world_->trace_.Record(world_->now_, caller->node_name(), caller->machine()->name_hash, TraceKind::kDelivery,
                          dial.status.ok() ? "connected" : "refused");
    caller->machine()->Deliver([weak] {
      if (auto still = weak.lock()) still->answered.WakeAll();
    });
  };
  auto reach = [this, &dial, travel, answer, caller, server, there, back, endpoint, client_name] {
    auto listener = listeners_.find({endpoint.host, endpoint.port});
    if (listener == listeners_.end() || server->node == nullptr || there->refuse) {
      ++world_->stats_.refused_connections;
      if (there->refuse) there->refused.Notify(*world_);
      dial.status =
          MakeStatus(absl::StatusCode::kUnavailable, "cannot connect to ", endpoint.ToString(), ": connection refused");
    } else {
      ++world_->stats_.connections;
      auto forward = std::make_shared<SimPipe>(world_, there, caller->machine(), server);
      auto backward = std::make_shared<SimPipe>(world_, back, server, caller->machine());
      dial.stream = std::make_unique<SimStream>(caller, endpoint.ToString(), forward, backward);
      auto accepted = std::make_unique<SimStream>(server->node.get(), client_name, backward, forward);
      dial.status = absl::OkStatus();
      Sweep();
      connections_.push_back(Connection{client_name, endpoint.host, forward, backward});
      SimListener* target = listener->second;
      world_->trace_.Record(world_->now_, server->name, server->name_hash, TraceKind::kDelivery, "connection");
      target->arrived_.push_back(std::move(accepted));
      server->Deliver([this, key = std::make_pair(endpoint.host, endpoint.port)] {
        auto still = listeners_.find(key);
        if (still != listeners_.end()) still->second->arrival_.WakeAll();
      });
    }
    travel(back, answer);
  };
  there->used.Notify(*world_);
  travel(there, reach);
  auto wait = [](Dial* d) -> Task<absl::Status> {
    absl::Status waited = co_await d->answered.Wait();
    co_return waited;
  };
  absl::Status waited = co_await runtime::WithDeadline(*node, wait(&dial), deadline);
  if (!waited.ok()) {
    if (absl::IsDeadlineExceeded(waited)) {
      co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, "connecting to ", endpoint.ToString(),
                           " took too long");
    }
    co_return waited;
  }
  if (!dial.status.ok()) co_return dial.status;
  std::unique_ptr<runtime::ByteStream> stream = std::move(dial.stream);
  co_return std::move(stream);
}

absl::StatusOr<std::unique_ptr<runtime::Listener>> SimNetwork::Listen(SimNode* node, runtime::Endpoint endpoint) {
  if (node->RefuseIfDead()) return absl::UnavailableError("the node is dead");
  const std::string& name = node->node_name();
  if (endpoint.host.empty() || endpoint.host == "0.0.0.0") endpoint.host = name;
  if (endpoint.host != name) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "cannot listen at ", endpoint.ToString(),
                      ": this machine is ", name);
  }
  if (endpoint.port == 0) {
    uint16_t& next = next_port_.try_emplace(name, 40000).first->second;
    while (listeners_.contains({name, next})) ++next;
    endpoint.port = next++;
  }
  if (listeners_.contains({name, endpoint.port})) {
    return MakeStatus(absl::StatusCode::kAlreadyExists, "cannot listen at ", endpoint.ToString(),
                      ": the port is in use");
  }
  std::unique_ptr<runtime::Listener> listener = std::make_unique<SimListener>(node, endpoint);
  return listener;
}

}  // namespace pravega::sim
