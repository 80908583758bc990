// SegmentWriter: appends to one segment, each of them once, in order.
//
// Keeps what is not acknowledged, in order of its event numbers. After a lost connection it announces itself again
// under the same writer id, looks at the last event number that the store holds, drops what that covers and only then
// sends the rest with its old numbers: the store itself never recognises a repeated append (Pravega wire protocol,
// "server semantics of an append" and "reconnect and resend").
//
// Units (an event, or several that must stay together) are collected into one append while the allowed number of
// appends is under way, so that a busy writer sends few large appends and an idle one sends at once.
//
// An internal part of EventWriter and Transaction, which own it and are told what happens. Thread-compatible. Close()
// is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_SEGMENT_WRITER_H_
#define PRAVEGA_CONNECTOR_CLIENT_SEGMENT_WRITER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/outcome_log.h"
#include "connector/controller/retrying_caller.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"
#include "connector/wire/limits.h"

namespace pravega::wire {
struct AppendSetup;
struct AuthTokenCheckFailed;
struct Command;
struct DataAppended;
class WireConnection;
}  // namespace pravega::wire

namespace pravega::client {

// What one append can hold beside the headers of its frame (Pravega wire protocol, "frame").
inline constexpr size_t kMaxUnitBytes = wire::kMaxPayloadBytes - 16;

struct SegmentWriterOptions {
  // Attempts to reach the store after a failure; a successful set-up starts the count again. When they are used up the
  // writer gives up. The Java client's values: 1 ms, ten times later each time, at most 20 s, ten attempts.
  controller::RetryPolicy reconnect;
  // From the connection to the answer of SetupAppend. The Java client's value.
  runtime::Duration setup_timeout = std::chrono::seconds(30);
  // Appends sent and not acknowledged; events that come meanwhile are collected.
  size_t max_appends_in_flight = 8;
  // An append takes no more units when it has so many bytes. A larger unit travels alone. The Java client's block size.
  size_t max_append_bytes = 2 * 256 * 1024 - 1024;
};

// Something that is in the segment as a whole or not at all.
struct AppendUnit {
  Sequence first;       // number of its first event
  int32_t events = 0;   // how many it has
  uint32_t bytes = 0;   // framed
  double position = 0;  // of its routing key in [0, 1)
  bool keyed = true;    // without a key a new position is drawn when it must go elsewhere
};

// Bytes that travel as one append.
struct Append {
  std::vector<AppendUnit> units;  // in order; none in an append that only probes the segment
  std::string bytes;              // while units are added
  Buffer data;                    // once it was sent
  int32_t events = 0;
  EventNumber number;  // of its last event; set when it is sent first and never changed
  bool sent = false;   // on any connection: its outcome is unknown until the store tells

  std::string_view framed() const { return sent ? data.view() : std::string_view(bytes); }
};

class SegmentWriter;

class SegmentWriterOwner {
 public:
  // The units of `append` are in the segment.
  virtual void OnAppended(const Append& append) = 0;
  // The segment takes no more. kSealed: what TakeUnacknowledged() returns is not in it, and never will be. kMissing:
  // that holds for what was not sent; an append that was sent may have been stored, its acknowledgement lost, and then
  // have been truncated away with the segment, or committed with its transaction.
  virtual void OnSealed(SegmentWriter* writer) = 0;
  // The writer gave up, for the reason in failure(). Whether appends that were sent are in the segment is unknown.
  virtual void OnGivenUp(SegmentWriter* writer) = 0;

 protected:
  ~SegmentWriterOwner() = default;
};

class SegmentWriter {
 public:
  enum class State {
    kActive,
    kSealed,   // the store says so
    kMissing,  // the segment is not there (any more); nobody can tell what was in it
    kGivenUp,
  };
  struct Stats {
    int64_t connections = 0;   // set up
    int64_t appends_sent = 0;  // resent ones included
    int64_t appends_resent = 0;
    int64_t events_resent = 0;           // in them
    int64_t appends_acked_by_setup = 0;  // their acks were lost: AppendSetup told of them
  };

  // `parent` is the segment in whose container `segment_name` lives: itself, or a transaction segment's parent.
  // `context` and `owner` outlive the writer.
  SegmentWriter(ClientContext& context, SegmentRef parent, std::string segment_name,
                const SegmentWriterOptions& options, SegmentWriterOwner* owner);
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  // Starts to connect, if it did not yet.
  void Start();
  // Adds a unit of one event. `unit.bytes` must be its framed size.
  void Add(const AppendUnit& unit, std::string_view event);
  // Adds a unit whose events are framed already. Also in a state other than kActive, to be taken out again.
  void AddFramed(const AppendUnit& unit, std::string_view framed);
  // If nothing is unacknowledged, an append without bytes, whose only effect is that the store must answer it: finds
  // out whether the segment is sealed.
  void AddProbe();

  // What is not acknowledged, in order; removes it. Not while kActive.
  std::deque<Append> TakeUnacknowledged();

  // Nothing is unacknowledged.
  bool idle() const { return appends_.empty(); }
  State state() const { return state_; }
  const absl::Status& failure() const { return failure_; }
  const SegmentRef& parent() const { return parent_; }
  const std::string& segment_name() const { return segment_name_; }
  WriterId writer_id() const { return writer_id_; }
  const Stats& stats() const { return stats_; }

  // Ends the connection and joins; what is not acknowledged stays to be taken.
  runtime::Task<void> Close();

 private:
  runtime::Task<void> Run();
  runtime::Task<absl::Status> RunSession();
  runtime::Task<absl::Status> ReadReplies();
  runtime::Task<void> SendWhenWoken();
  Append& OpenAppend(size_t bytes);
  void SendAppends();
  void AnnounceWriter();
  // OK to go on reading; anything else ends the connection.
  absl::Status Handle(const wire::Command& reply);
  absl::Status OnAppendSetup(const wire::AppendSetup& setup);
  absl::Status OnDataAppended(const wire::DataAppended& ack);
  absl::Status OnSegmentIsSealed();
  absl::Status OnNoSuchSegment();
  absl::Status OnTokenRefused(const wire::AuthTokenCheckFailed& refused);
  // Removes everything up to `number` from the front; returns how many appends.
  int64_t Acknowledge(EventNumber number);
  void Become(State state, absl::Status failure);

  ClientContext& context_;
  const SegmentRef parent_;
  const std::string segment_name_;
  const SegmentWriterOptions options_;
  SegmentWriterOwner* const owner_;
  const WriterId writer_id_;
  const int64_t flow_;

  State state_ = State::kActive;
  absl::Status failure_;
  bool started_ = false;
  bool closing_ = false;
  EventNumber last_number_{0};
  std::deque<Append> appends_;  // not acknowledged, in order
  size_t in_flight_ = 0;        // of them sent on the present connection

  std::unique_ptr<wire::WireConnection> connection_;
  std::string token_;
  int32_t setups_sent_ = 0;
  bool setup_pending_ = false;
  runtime::Instant setup_deadline_;
  bool set_up_ = false;         // appends may be sent
  bool reached_store_ = false;  // since the last failure
  // The store said that the segment is sealed; the next AppendSetup tells for good what is in it.
  bool seal_seen_ = false;
  Stats stats_;
  runtime::Event wake_sender_;
  // Last: its tasks refer to everything above.
  runtime::TaskGroup tasks_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_SEGMENT_WRITER_H_
