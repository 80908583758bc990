// EventWriter: writes events to a stream, each of them once.
//
// Example:
//   absl::StatusOr<std::unique_ptr<EventWriter>> writer = co_await EventWriter::Open(context, {"scope", "stream"}, {});
//   absl::StatusOr<Sequence> sent = co_await (*writer)->Write("key", Buffer::Copy("event"));
//   absl::StatusOr<EventResult> result = co_await (*writer)->Acked(*sent);
//   co_await (*writer)->Close();
//
// Ordering: events of one routing key are read in the order in which they were written, across any number of scales and
// reconnects, acknowledged or not. Events without routing key, and events of different keys, have no order.
//
// Exactly once: while the writer object lives, an event is in the stream at most once, and exactly once if its outcome
// is kOk, whatever happens to connections, stores and controllers. A new writer object knows nothing of an old one's
// events: what is written again after an unknown outcome may be there twice. Transactions help.
//
// Under faults: lost connections, moved and sealed segments are dealt with inside; events wait meanwhile. When no store
// can be reached for all attempts of `segment.reconnect` the writer is at its end: events that were sent have the
// outcome kUnknown, because they may be in the stream, events that never were have kFailed, and so have all later
// calls. After the stream was sealed, events that it does not have are kFailed; those that were sent to a segment that
// has been deleted since are kUnknown.
//
// Cost: one copy of each event, into the append that carries it; one byte for each event that is not settled. Memory is
// bounded by max_unacknowledged_bytes, or by the one event that is larger.
//
// Thread-compatible. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_EVENT_WRITER_H_
#define PRAVEGA_CONNECTOR_CLIENT_EVENT_WRITER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/outcome_log.h"
#include "connector/client/segment_writer.h"
#include "connector/client/stream_output.h"
#include "connector/controller/retrying_caller.h"
#include "connector/core/buffer.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"

namespace pravega::client {

struct EventWriterOptions {
  SegmentWriterOptions segment;
  // Write() waits while events of so many bytes (with their 8-byte headers) are not acknowledged. An event that is
  // larger waits until nothing else is under way.
  size_t max_unacknowledged_bytes = 16 << 20;
  // While a store says that a segment is sealed and the controller does not yet: a stream is being sealed.
  controller::RetryPolicy successor_retry;
};

class EventWriter {
 public:
  // Asks the controller for the stream's segments and begins to connect to all of them. `context` outlives the writer.
  // NotFound: no such stream. FailedPrecondition: it is sealed. Unavailable: no answer from a controller.
  static runtime::Task<absl::StatusOr<std::unique_ptr<EventWriter>>> Open(ClientContext& context, ScopedStream stream,
                                                                          EventWriterOptions options);
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  // Takes the event and returns its number, after waiting for room if need be; calls are served in order. The event is
  // on its way then, not yet in the stream. InvalidArgument: larger than 8 MiB. Any other error is the writer's end
  // (see above), or Cancelled: the event was not taken.
  runtime::Task<absl::StatusOr<Sequence>> Write(std::string routing_key, Buffer event);
  // Goes to a segment chosen at random.
  runtime::Task<absl::StatusOr<Sequence>> WriteWithoutKey(Buffer event);
  // Takes all events, of one key, as one: they are in the stream together and in a row, or none is. The number of the
  // last; the others have those before it. InvalidArgument: none, or more than kMaxUnitBytes with 8 for each.
  runtime::Task<absl::StatusOr<Sequence>> WriteTogether(std::string routing_key, std::vector<Buffer> events);

  // Waits until the event and all before it are settled; then what became of it. Error: Cancelled.
  runtime::Task<absl::StatusOr<EventResult>> Acked(Sequence sequence);
  // Waits until everything written so far is settled; then OK, or the first error that an event of this writer met.
  runtime::Task<absl::Status> Flush();

  // Flush(), then ends all connections. Cancelled, it ends them at once: what was not settled then is kUnknown if it
  // was sent, else kFailed.
  runtime::Task<absl::Status> Close();

  // OK while events are taken; then why the writer is at its end.
  const absl::Status& status() const { return output_->status(); }
  size_t unacknowledged_bytes() const { return output_->unacknowledged_bytes(); }
  Sequence settled_through() const;
  WriterStats stats() const { return output_->stats(); }

 private:
  explicit EventWriter(std::unique_ptr<StreamOutput> output);

  std::unique_ptr<StreamOutput> output_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_EVENT_WRITER_H_
