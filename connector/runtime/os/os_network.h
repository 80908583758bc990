// OsNetwork: TCP, as a node of an EventLoop sees it.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_OS_NETWORK_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_OS_NETWORK_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/network.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

class OsNode;
// A connection or a listening port, which this network can close by force.
class OsSocket;

class OsNetwork : public Network {
 public:
  explicit OsNetwork(OsNode& node);
  ~OsNetwork() override;  // nothing is open

  Task<absl::StatusOr<std::vector<std::string>>> Resolve(std::string host) override;
  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Connect(Endpoint endpoint, std::optional<TlsOptions> tls,
                                                            Instant deadline) override;
  // At a numeric address, "localhost", or all addresses if the host is empty. InvalidArgument for other hosts and for
  // addresses that this machine does not have, PermissionDenied for ports that this process may not use.
  absl::StatusOr<std::unique_ptr<Listener>> Listen(Endpoint endpoint) override;

  // Resets every connection and frees every port, now and for good.
  void CloseAll();

  OsNode& node() { return node_; }
  // For the sockets themselves.
  void Add(OsSocket* socket) { open_.insert(socket); }
  void Remove(OsSocket* socket) { open_.erase(socket); }

 private:
  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Dial(Endpoint endpoint);

  OsNode& node_;
  std::set<OsSocket*> open_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_OS_NETWORK_H_
