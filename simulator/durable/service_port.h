// ServicePort: how one node's requests reach a service that lives outside all nodes, and how the answers come back.
//
// The durable log and the metadata store stand for replicated services that neither lose nor forget; a node sees them
// only through messages, which a world delays, orders and traces.
#ifndef PRAVEGA_SIMULATOR_DURABLE_SERVICE_PORT_H_
#define PRAVEGA_SIMULATOR_DURABLE_SERVICE_PORT_H_

#include <functional>
#include <memory>
#include <string_view>

#include "connector/core/buffer.h"
#include "connector/runtime/runtime.h"

namespace pravega::sim {

class ServicePort {
 public:
  virtual ~ServicePort() = default;
  // Runs `apply` at the service later. Requests of one port arrive in order and are never lost, even if the sending
  // node dies in between: whether a dying node's request was applied is not for that node to know. `label` (a literal)
  // and `payload` go into the trace.
  virtual void Send(std::string_view label, Buffer payload, std::function<void()> apply) = 0;
  // Called at the service: runs `complete` on the node that owns this port, later, unless that incarnation has died;
  // so the closure may refer to the node's objects.
  virtual void Reply(std::string_view label, std::function<void()> complete) = 0;
};

// Makes ports for nodes; a world implements it.
class ServicePorts {
 public:
  virtual ~ServicePorts() = default;
  // The port may outlive its node's death; then it does nothing.
  virtual std::shared_ptr<ServicePort> Open(runtime::Runtime& node, std::string_view service) = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_SERVICE_PORT_H_
