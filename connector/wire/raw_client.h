// RawClient: requests to one segment store, each with its reply.
//
// For everything that is not a stream of appends or reads: segment metadata, attributes, merges. Replies are matched by
// the full request id (Pravega wire protocol, "request ids and flows"). Connects when it is first needed and again
// after a failure; calls may overlap on the one connection, and the server works on them in any order.
//
// Under faults: Unavailable and DeadlineExceeded mean that the outcome is unknown: the request may have been applied,
// may be applied later, or may never have left. The caller repeats only what is idempotent, or looks first. A failure
// reply that matches no call closes the connection (it may be about a request that somebody still waits for under
// another id); a success reply that matches none is ignored. A refused token of a read, which servers answer under the
// read's offset instead of its id, finds its call. Thread-compatible. Close() is awaited before destruction, unless the
// node dies.
#ifndef PRAVEGA_CONNECTOR_WIRE_RAW_CLIENT_H_
#define PRAVEGA_CONNECTOR_WIRE_RAW_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/strings.h"
#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"
#include "connector/runtime/time.h"
#include "connector/wire/commands.h"
#include "connector/wire/connection.h"
#include "connector/wire/replies.h"

namespace pravega::wire {

class RawClient {
 public:
  // `flow` becomes the upper half of every request id, so that traffic of several clients can be told apart. `runtime`
  // outlives the client.
  RawClient(runtime::Runtime& runtime, runtime::Endpoint endpoint, int32_t flow, WireConnectionOptions options = {});
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sends `request` under a request id of its own and returns the reply with that id, success or failure (IsFailure in
  // replies.h). Errors: Unavailable and DeadlineExceeded, see above; Cancelled, with unknown outcome as well.
  runtime::Task<absl::StatusOr<Command>> Call(Command request, runtime::Instant deadline);

  // Call() for a request that has one good answer. Failure replies become the errors of FailureStatus; any other reply
  // is Internal.
  template <typename Reply>
  runtime::Task<absl::StatusOr<Reply>> CallFor(Command request, runtime::Instant deadline) {
    absl::StatusOr<Command> reply = co_await Call(std::move(request), deadline);
    if (!reply.ok()) co_return reply.status();
    if (Reply* wanted = std::get_if<Reply>(&*reply)) co_return std::move(*wanted);
    co_return UnexpectedReply(*reply);
  }

  // Fails the calls in progress with Unavailable, ends the connection and joins. Later calls fail.
  runtime::Task<void> Close();

  const runtime::Endpoint& endpoint() const { return endpoint_; }
  bool connected() const { return connection_ != nullptr; }

 private:
  struct PendingCall {
    PendingCall() : done("reply of a segment store") {}
    runtime::Event done;
    std::optional<absl::StatusOr<Command>> result;
    std::optional<int64_t> read_offset;  // of a ReadSegment
  };

  runtime::Task<absl::StatusOr<Command>> CallUntilCancelled(Command request);
  runtime::Task<void> RunConnection();
  runtime::Task<void> ConnectAndRead();
  void Dispatch(Command reply);
  void FailCalls(const absl::Status& why);
  void FailWaiting(const absl::Status& status);

  runtime::Runtime& runtime_;
  const runtime::Endpoint endpoint_;
  const int32_t flow_;
  const WireConnectionOptions options_;
  int64_t next_sequence_ = 1;
  bool closed_ = false;
  bool running_ = false;  // a connection exists or is being established
  std::unique_ptr<WireConnection> connection_;
  std::map<int64_t, PendingCall*> calls_;                               // sent, by request id
  std::map<int64_t, std::pair<PendingCall*, const Command*>> waiting_;  // to be sent once connected
  // Last: its task refers to everything above.
  runtime::TaskGroup tasks_;
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_RAW_CLIENT_H_
