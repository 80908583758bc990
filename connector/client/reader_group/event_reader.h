// EventReader: one reader of a reader group.
//
// Example:
//   absl::StatusOr<std::unique_ptr<EventReader>> reader = co_await EventReader::Join(context, "scope", "group",
//   "reader-1", {}); while (true) {
//     absl::StatusOr<ReadResult> next = co_await (*reader)->ReadNext(deadline);
//     ... std::visit over EventRead, CheckpointRead, EndOfData, Nothing ...
//   }
//   co_await (*reader)->Close();
//
// Ordering: events of one routing key come in the order in which they were written, across scales, to whichever reader
// of the group owns their segment at the time: a segment's successors are read only when all its predecessors are.
// Events of different segments have no order.
//
// Positions: every event comes with the reader's position behind it. Whoever persists event and position in one step,
// and gives the last persisted position to ReaderGroup::ReaderOffline when the reader has died, gets every event once.
//
// Checkpoints: a checkpoint comes as an event of its own. The position is reported to the group in the *next* call of
// ReadNext, or Close, so that the application can persist what it has first. A segment that is read to its end is
// handed over behind a checkpoint only; a reader that holds one while no checkpoint is pending makes an ordinary one
// itself, so that a group crosses a scale also when automatic checkpoints are off: expect checkpoints that nobody asked
// for. It clears earlier ones of its own kind alone. While another reader of the group stalls they stay incomplete, one
// for each further segment that was read to its end, and do not count against max_outstanding_checkpoints: declare the
// stalled reader offline.
//
// Under faults: lost connections, moved and sealed segments are dealt with inside. FailedPrecondition from ReadNext
// means that the group does not know this reader any more (declared offline, or the group was reset): it reads nothing
// more; destroy it and join under a new id. OutOfRange comes once when events were truncated away before this reader
// came to them; the next call goes on behind the gap. ReadNext may outlast its deadline while the group's state cannot
// be reached.
//
// Thread-compatible; one ReadNext at a time. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_EVENT_READER_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_EVENT_READER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/core/buffer.h"
#include "connector/core/event_pointer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/segment_position.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::client {

struct EventRead {
  Buffer event;
  EventPointer pointer;  // segment, offset of the header, length with header
  Position position;     // of the reader, behind this event
};
struct CheckpointRead {
  std::string checkpoint;
  Position position;
};
// Nothing is left to read in the whole group: its streams are sealed, or read to their ending cuts.
struct EndOfData {
  Position position;
};
// The deadline passed.
struct Nothing {};

using ReadResult = std::variant<EventRead, CheckpointRead, EndOfData, Nothing>;

// Told what a reader does in its group. For metrics and tests; must not call the reader. What is written to the group's
// state takes effect for others before this reader knows that it was written: On...ing is called before the first
// attempt.
class ReaderObserver {
 public:
  virtual ~ReaderObserver() = default;
  virtual void OnReleasing(const SegmentRef&) {}
  virtual void OnCompleting(const SegmentRef&) {}
  virtual void OnAcquired(const SegmentRef& segment, SegmentPosition position) = 0;
  virtual void OnReleased(const SegmentRef& segment, SegmentPosition position) = 0;
  // The segment's end was reported: from now on its successors may be read.
  virtual void OnCompleted(const SegmentRef& segment) = 0;
  // The reader reported this position for the checkpoint.
  virtual void OnCheckpointReported(const std::string& checkpoint, const Position& position) = 0;
};

struct EventReaderOptions {
  size_t segment_buffer_bytes = 1 << 20;  // read ahead for each segment; 1 KiB to 10 MiB
  runtime::Duration initial_allocation_delay{0};
  ReaderObserver* observer = nullptr;  // outlives the reader; may be null
};

class EventReader {
 public:
  // AlreadyExists: a reader of that id is online in the group. NotFound: no such group. `context` outlives the reader.
  static runtime::Task<absl::StatusOr<std::unique_ptr<EventReader>>> Join(ClientContext& context, std::string scope,
                                                                          std::string group, std::string reader_id,
                                                                          EventReaderOptions options);
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // The next event, checkpoint or end; Nothing at `deadline`. Between calls that return buffered events nothing is
  // awaited that does not have to be. Must be called again and again: the group's housekeeping happens inside.
  runtime::Task<absl::StatusOr<ReadResult>> ReadNext(runtime::Instant deadline);

  // Leaves the group at the present position: other readers go on behind the last event that ReadNext returned.
  // Unavailable: the outcome is unknown; declare the reader offline with its position.
  runtime::Task<absl::Status> Close();

  const std::string& id() const;

 private:
  class Impl;
  explicit EventReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_EVENT_READER_H_
