#include "connector/runtime/os/os_node.h"

#include <algorithm>
#include <random>
#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/inprocess/seeded_choices.h"
#include "connector/runtime/os/event_loop_impl.h"
#include "connector/runtime/os/grpc_rpc.h"
#include "connector/runtime/os/os_files.h"
#include "connector/runtime/os/os_network.h"

namespace pravega::runtime {

namespace {

uint64_t SeedOfTheSystem() {
  std::random_device device;
  const uint64_t high = device();
  return high << 32 | device();
}

}  // namespace

OsNode::OsNode(EventLoop& loop, std::string name, OsNodeOptions options)
    : loop_(loop),
      name_(std::move(name)),
      options_(std::move(options)),
      choices_(std::make_unique<SeededChoices>(options_.seed ? *options_.seed : SeedOfTheSystem(), name_, 1)),
      files_(NewOsFiles(options_.directory)),
      network_(std::make_unique<OsNetwork>(*this)),
      tasks_(scheduler_, name_) {
  loop_.impl()->nodes.push_back(this);
}

OsNode::~OsNode() {
  if (!dead_) Die();
}

void OsNode::Die() {
  CHECK(!dead_);
  dead_ = true;
  timers_.Clear();
  network_->CloseAll();
  std::erase(loop_.impl()->nodes, this);
  scheduler_.DestroyAll();
}

Network& OsNode::network() { return *network_; }

std::unique_ptr<RpcChannel> OsNode::OpenChannel(std::vector<Endpoint> endpoints) {
  return NewGrpcChannel(*this, endpoints);
}

absl::StatusOr<std::unique_ptr<RpcServer>> OsNode::NewRpcServer(Endpoint endpoint) {
  return NewGrpcServer(*this, std::move(endpoint));
}

void OsNode::Log(std::string_view line) {
  if (!dead_ && options_.log_sink) options_.log_sink(name_, line);
}

}  // namespace pravega::runtime
