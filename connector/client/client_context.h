// ClientContext: what all writers, readers and managers of one client share.
//
// Knows the controller, keeps one connection for requests to each store, remembers delegation tokens and hands out flow
// ids. One for each node is enough.
// Thread-compatible. Whatever uses it is closed first; Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_CLIENT_CONTEXT_H_
#define PRAVEGA_CONNECTOR_CLIENT_CLIENT_CONTEXT_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/controller/controller_client.h"
#include "connector/controller/retrying_caller.h"
#include "connector/controller/types.h"
#include "connector/core/names.h"
#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "connector/wire/connection_options.h"

namespace pravega::wire {
class RawClient;
}  // namespace pravega::wire

namespace pravega::client {

struct ClientOptions {
  wire::WireConnectionOptions connection;
  // Of requests to stores about metadata. The Java client's values: the first retry after 1 ms, then ten times later
  // each time, at most 20 s, ten attempts in all.
  controller::RetryPolicy request_retry;
  // Of one attempt of such a request.
  runtime::Duration request_timeout = std::chrono::seconds(30);
};

class ClientContext {
 public:
  // `runtime` and `controller` outlive the context.
  ClientContext(runtime::Runtime& runtime, controller::ControllerClient& controller, ClientOptions options = {});
  ~ClientContext();
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  runtime::Runtime& runtime() { return runtime_; }
  controller::ControllerClient& controller() { return controller_; }
  const ClientOptions& options() const { return options_; }

  // The upper half of request ids; a new one for each consumer of replies, so that traffic can be told apart.
  int32_t NewFlow() { return next_flow_++; }

  // The token that stores want with requests to `stream`; the empty one when authorisation is off. Asked for once.
  runtime::Task<absl::StatusOr<std::string>> Token(ScopedStream stream, controller::AccessOperation access);
  // A store said that it expired: the next Token() asks again.
  void ForgetToken(const ScopedStream& stream);

  // The client of requests to that store. Lives as long as the context.
  wire::RawClient& StoreAt(const runtime::Endpoint& endpoint);

  // Ends the connections to stores.
  runtime::Task<void> Close();

 private:
  runtime::Runtime& runtime_;
  controller::ControllerClient& controller_;
  const ClientOptions options_;
  int32_t next_flow_ = 1;
  std::map<std::pair<ScopedStream, controller::AccessOperation>, std::string> tokens_;
  std::map<runtime::Endpoint, std::unique_ptr<wire::RawClient>> stores_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_CLIENT_CONTEXT_H_
