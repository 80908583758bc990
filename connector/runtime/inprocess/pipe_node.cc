#include "connector/runtime/inprocess/pipe_node.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/framed_rpc.h"
#include "connector/runtime/inprocess/pipe_network.h"

namespace pravega::runtime {

PipeNode::PipeNode(PipeWorld* world, std::string name, uint64_t incarnation, MemoryDisk* disk,
                   const std::set<std::string, std::less<>>* planted)
    : world_(world),
      name_(std::move(name)),
      planted_(planted),
      choices_(world->options_.seed, name_, incarnation),
      files_(disk->Open(*this)),
      tasks_(scheduler_, name_) {}

PipeNode::~PipeNode() { CHECK(dead_); }

void PipeNode::FireTimer() {
  timers_.FireFirst();
  scheduler_.Drain();
}

std::unique_ptr<RpcChannel> PipeNode::OpenChannel(std::vector<Endpoint> endpoints) {
  return NewFramedRpcChannel(*this, std::move(endpoints));
}

absl::StatusOr<std::unique_ptr<RpcServer>> PipeNode::NewRpcServer(Endpoint endpoint) {
  return NewFramedRpcServer(*this, std::move(endpoint));
}

void PipeNode::Log(std::string_view line) {
  if (!dead_ && world_->options_.log_sink) world_->options_.log_sink(name_, line);
}

void PipeNode::Die() {
  dead_ = true;
  timers_.Clear();
  world_->network_->Forget(this);
  scheduler_.DestroyAll();
}

Task<absl::StatusOr<std::vector<std::string>>> PipeNode::Resolve(std::string host) {
  if (!world_->machines_.contains(host)) {
    co_return MakeStatus(absl::StatusCode::kNotFound, "no machine is called '", host, "'");
  }
  std::vector<std::string> addresses;
  addresses.push_back(std::move(host));
  co_return std::move(addresses);
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> PipeNode::Connect(Endpoint endpoint, std::optional<TlsOptions> tls,
                                                                    Instant deadline) {
  if (tls.has_value()) {
    co_return MakeStatus(absl::StatusCode::kUnimplemented, "cannot connect to ", endpoint.ToString(),
                         ": no TLS over in-process pipes");
  }
  absl::StatusOr<std::unique_ptr<ByteStream>> stream =
      co_await world_->network_->Connect(this, std::move(endpoint), deadline);
  co_return std::move(stream);
}

absl::StatusOr<std::unique_ptr<Listener>> PipeNode::Listen(Endpoint endpoint) {
  if (dead_) return absl::UnavailableError("the node is dead");
  return world_->network_->Listen(this, std::move(endpoint));
}

}  // namespace pravega::runtime
