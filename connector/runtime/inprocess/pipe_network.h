// What the nodes of a PipeWorld share of the network: connections, listeners, and who can be reached.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_NETWORK_H_
#define PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_NETWORK_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/runtime/network.h"
#include "connector/runtime/sync.h"

namespace pravega::runtime {

class PipeNode;
class PipeWorld;

// One direction of a connection.
struct Pipe {
  explicit Pipe(const std::string& from, const std::string& to)
      : readable("bytes from " + from), writable("room to write to " + to) {}

  std::deque<Buffer> buffered;
  size_t size = 0;     // bytes in `buffered`
  bool ended = false;  // nothing more will be written
  WaitQueue readable;  // the receiver waits here
  WaitQueue writable;  // the sender waits here
};

// A connection between two nodes, shared by its two streams and by the operations in progress on them.
struct PipeConnection {
  PipeConnection(PipeNode* c, PipeNode* s, std::string client_peer, std::string server_peer, size_t pipe_capacity);
  void Break();

  PipeNode* const client;
  PipeNode* const server;
  const std::string client_peer;  // what the client calls its peer
  const std::string server_peer;
  const size_t capacity;
  Pipe to_server;
  Pipe to_client;
  bool broken = false;
};

// A port on which somebody listens, shared by the listener and by those who wait to connect.
struct PipePort {
  PipePort(PipeNode* n, Endpoint e);

  PipeNode* const node;
  const Endpoint endpoint;
  bool closed = false;
  std::deque<std::shared_ptr<PipeConnection>> backlog;
  WaitQueue arrival;  // the listener waits here
  WaitQueue room;     // connecting nodes wait here while the backlog is full
};

class PipeNetwork {
 public:
  explicit PipeNetwork(PipeWorld* world);

  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Connect(PipeNode* client, Endpoint endpoint, Instant deadline);
  absl::StatusOr<std::unique_ptr<Listener>> Listen(PipeNode* node, Endpoint endpoint);
  void SetUnreachable(const std::string& host, bool unreachable);

  // Ends the port: those who wait to connect or to be accepted are refused or reset.
  void Close(PipePort* port);
  // Breaks all connections and closes all ports of a node.
  void Forget(PipeNode* node);

 private:
  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Dial(PipeNode* client, Endpoint endpoint);

  PipeWorld* world_;
  std::map<Endpoint, std::shared_ptr<PipePort>> ports_;
  std::vector<std::weak_ptr<PipeConnection>> connections_;
  size_t sweep_at_ = 64;  // drop dead entries of `connections_` when it has grown to this
  std::set<std::string> unreachable_;
  WaitQueue reachability_;  // connecting nodes wait here for a host that cannot be reached
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_PIPE_NETWORK_H_
