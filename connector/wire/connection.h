// WireConnection: one connection to a segment store, in commands.
//
// Says hello, gathers commands into few writes, takes replies apart, keeps the link alive and finds out when it is dead
// (Pravega wire protocol, "hello" and "keep-alive"). It knows nothing of what the commands mean: replies are not
// ordered with respect to requests, and whoever owns the connection matches them.
//
// Example:
//   absl::StatusOr<std::unique_ptr<WireConnection>> connection = co_await WireConnection::Connect(runtime, endpoint,
//   {}); absl::Status sent = (*connection)->Enqueue(GetStreamSegmentInfo{...}); absl::StatusOr<Command> reply =
//   co_await (*connection)->Next(); co_await (*connection)->Stop();
//
// Under faults: an error of Next() or Send() says nothing about which of the commands sent before it were applied.
// Thread-compatible. Stop() is awaited before destruction, unless the node dies: then the destructor only deregisters.
#ifndef PRAVEGA_CONNECTOR_WIRE_CONNECTION_H_
#define PRAVEGA_CONNECTOR_WIRE_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"
#include "connector/runtime/time.h"
#include "connector/wire/connection_options.h"
#include "connector/wire/encode.h"
#include "connector/wire/frame_parser.h"

namespace pravega::wire {

struct Command;
struct Hello;

class WireConnection {
 public:
  using Options = WireConnectionOptions;

  // Connects and sends Hello; does not wait for the peer's, which Next() checks when it comes.
  // Unavailable or DeadlineExceeded: no connection. `runtime` outlives the connection.
  static runtime::Task<absl::StatusOr<std::unique_ptr<WireConnection>>> Connect(runtime::Runtime& runtime,
                                                                                runtime::Endpoint endpoint,
                                                                                Options options);
  // The same over a stream that is already established.
  static std::unique_ptr<WireConnection> Over(runtime::Runtime& runtime, std::unique_ptr<runtime::ByteStream> stream,
                                              Options options);
  ~WireConnection();
  WireConnection(const WireConnection&) = delete;
  WireConnection& operator=(const WireConnection&) = delete;

  // Queues a command without waiting, whatever is queued already: for callers with a bound of their own. Errors: the
  // connection's if it is closed; InvalidArgument, with nothing queued, if the command does not fit the protocol.
  absl::Status Enqueue(const Command& command);
  // Waits until fewer than max_unsent_bytes are queued. Errors: the connection's, Cancelled.
  runtime::Task<absl::Status> Writable();
  // Writable(), then Enqueue().
  runtime::Task<absl::Status> Send(Command command);

  // The next command of the peer, Hello and KeepAlive excepted. One caller at a time; cancelling it loses nothing.
  // Errors end the connection: Unavailable (link lost, closed by the peer, silent), DataLoss (malformed frame; the
  // message names command and offset), FailedPrecondition (no common version), or the reason given to Close().
  runtime::Task<absl::StatusOr<Command>> Next();

  // Cuts the connection at once. Next(), Send() and Writable() in progress and later return `reason`, which is no OK.
  void Close(absl::Status reason);
  // Starts to end the connection as a well-behaved peer does: no more commands are taken, what is queued leaves, then
  // this direction is shut down. Next() goes on until the peer ends its own, or `linger` is over.
  void Finish();
  // Finish() if still open, then reads to the end and joins: await it before destruction, with nobody inside Next(),
  // Send() or Writable(). Cancelled, it cuts the connection and still joins.
  runtime::Task<void> Stop();

  // OK while open.
  const absl::Status& status() const { return status_; }
  // Queued and not yet taken by the transport.
  size_t unsent_bytes() const { return queued_.bytes() + writing_bytes_; }
  // What both sides speak: the smaller of the two highest versions; this side's until the peer has said hello.
  int32_t version() const { return version_; }
  const std::string& peer() const { return peer_; }

 private:
  class KeepAliveTimer;

  WireConnection(runtime::Runtime& runtime, std::unique_ptr<runtime::ByteStream> stream, Options options);
  // The task behind Enqueue(): writes what is queued, all of it at once.
  runtime::Task<void> WriteQueued();
  void OnTimer();
  absl::Status OnHello(const Hello& hello);
  absl::Status Lost(std::string_view what) const;

  const Options options_;
  std::unique_ptr<runtime::ByteStream> stream_;
  const std::string peer_;
  absl::Status status_;
  int32_t version_;

  EncodedFrames queued_;
  size_t writing_bytes_ = 0;  // of the write in progress
  bool finishing_ = false;
  runtime::Event to_write_;
  runtime::Event written_;

  FrameParser parser_;
  bool anything_arrived_ = false;
  int silent_looks_ = 0;
  std::unique_ptr<KeepAliveTimer> keep_alive_;
  // Last: its tasks refer to everything above.
  runtime::TaskGroup tasks_;
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_CONNECTION_H_
