// StreamOutput: distributes the events of one writer over the segments of a stream.
//
// What EventWriter and Transaction have in common: the segment of a routing key, the bound on bytes that are not
// acknowledged, the outcome of each event, and what happens when a segment takes no more.
//
// An internal part; see event_writer.h for the contract. Thread-compatible. Close() is awaited before destruction,
// unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_STREAM_OUTPUT_H_
#define PRAVEGA_CONNECTOR_CLIENT_STREAM_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/outcome_log.h"
#include "connector/client/segment_writer.h"
#include "connector/controller/types.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/routing.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"

namespace pravega::client {

// Sums over all segment writers that there were.
struct WriterStats {
  int64_t connections = 0;   // set up
  int64_t appends_sent = 0;  // resent ones included
  int64_t appends_resent = 0;
  int64_t events_resent = 0;           // in them
  int64_t appends_acked_by_setup = 0;  // their acks were lost
  int64_t segments_sealed = 0;         // found sealed, and their successors used instead
  int64_t units_moved = 0;             // sent to a successor because the sealed segment does not have them
};

class StreamOutput final : private SegmentWriterOwner {
 public:
  struct Options {
    SegmentWriterOptions segment;
    size_t max_unacknowledged_bytes = 0;
    // Of a transaction: it is in the names of segments, and sealed segments have no successors.
    std::optional<TxnId> transaction;
    // Attempts to learn what continues a sealed segment while the controller does not know yet.
    controller::RetryPolicy successor_retry;
    // Connect to every segment at once, not when the first event comes.
    bool connect_early = true;
  };

  // `context` outlives it. InvalidArgument: the segments do not serve the whole key space.
  static absl::StatusOr<std::unique_ptr<StreamOutput>> Create(ClientContext& context, ScopedStream stream,
                                                              const std::vector<controller::SegmentRange>& segments,
                                                              Options options);
  ~StreamOutput();

  // Takes `events` as one unit, or returns nullopt if that must wait. The number of the last of them. `position` is
  // that of the routing key; nullopt draws one.
  std::optional<Sequence> TryWrite(std::optional<double> position, std::span<const Buffer> events);
  // The same, after waiting for room and for a seal to be dealt with; in the order of the calls. Errors: status(),
  // Cancelled (nothing was taken).
  runtime::Task<absl::StatusOr<Sequence>> Write(std::optional<double> position, std::vector<Buffer> events);
  runtime::Task<absl::StatusOr<Sequence>> Write(std::optional<double> position, Buffer event);

  // OK while events are taken; then why not.
  const absl::Status& status() const { return status_; }
  OutcomeLog& outcomes() { return outcomes_; }
  size_t unacknowledged_bytes() const { return unacknowledged_bytes_; }
  WriterStats stats() const;

  // Takes no more events, ends all connections and joins. Events that have not settled are settled: failed if they were
  // never sent, else unknown.
  runtime::Task<void> Close();

 private:
  using Routes = RoutingTable<SegmentWriter*>;

  StreamOutput(ClientContext& context, ScopedStream stream, Options options);

  void OnAppended(const Append& append) override;
  void OnSealed(SegmentWriter* writer) override;
  void OnGivenUp(SegmentWriter* writer) override;

  bool HasRoom(size_t bytes) const;
  Sequence Take(std::optional<double> position, std::span<const Buffer> events);
  runtime::Task<absl::Status> WaitForTurn(size_t bytes);
  SegmentWriter* WriterOf(double position) const { return routes_.Find(position).value; }
  double DrawPosition();
  SegmentWriter* WriterOn(SegmentId segment);

  // The task that deals with sealed segments.
  runtime::Task<void> FollowSeals();
  runtime::Task<absl::Status> MoveToSuccessors();
  runtime::Task<absl::Status> MoveOne(SegmentWriter* sealed);
  absl::Status ReplaceRoutes(SegmentWriter* sealed, const std::vector<controller::Successor>& successors);
  void Resend(const std::deque<Append>& appends);
  runtime::Task<absl::Status> FlushThrough();
  runtime::Task<void> Retire(std::unique_ptr<SegmentWriter> writer);

  void Fail(absl::Status status);
  // Settles what `writer` has not got acknowledged.
  void SettleRest(SegmentWriter* writer);
  // What became of an append that a writer in such a state could not get acknowledged and that goes nowhere else.
  static Outcome OutcomeOf(SegmentWriter::State state, const Append& append);
  void Settle(const Append& append, Outcome outcome, const absl::Status& status);

  ClientContext& context_;
  const ScopedStream stream_;
  const Options options_;
  absl::Status status_;
  OutcomeLog outcomes_;
  size_t unacknowledged_bytes_ = 0;
  runtime::ChoiceStream positions_;

  Routes routes_;
  std::map<SegmentId, std::unique_ptr<SegmentWriter>> writers_;

  // While a seal is dealt with nobody writes.
  bool locked_ = false;
  std::deque<SegmentWriter*> sealed_;
  uint64_t next_ticket_ = 0;
  std::deque<uint64_t> turns_;  // of those who wait to write
  runtime::Event turn_;
  runtime::Event seals_;
  runtime::Event progress_;  // pulsed when anything settles
  WriterStats retired_;
  // Last: its tasks refer to everything above.
  runtime::TaskGroup tasks_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_STREAM_OUTPUT_H_
