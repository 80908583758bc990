// SegmentFetcher: reads one segment ahead and takes its events apart.
//
// One read is outstanding at a time, on a connection of its own: at the tail the store holds it until there is more
// (Pravega wire protocol, "read protocol"), and there is no way to take a read back but to end the connection. While
// the buffer is full none is sent, but the connection is still listened to: if nobody saw the answers to its
// keep-alives, it would pass for dead. After a lost connection, or when the segment moved, reading goes on at the
// offset reached.
//
// A segment ends when the store says so with data or instead of them, at the offset where a bounded group stops, or, if
// retention deleted it, where the reading was.
//
// An internal part of EventReader. Thread-compatible. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SEGMENT_FETCHER_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SEGMENT_FETCHER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/task_group.h"

namespace pravega::wire {
struct Command;
class WireConnection;
}  // namespace pravega::wire

namespace pravega::client {

struct FetchedEvent {
  Buffer event;
  Offset offset;       // of its header
  int32_t length = 0;  // with its header
};

class SegmentFetcher {
 public:
  enum class State {
    kReading,  // more may come
    kEnded,    // everything up to the end was taken
    kFailed,   // see failure(); everything before was taken
  };

  // Reads from `from`, which is at an event, up to `end` if given, and sets `progress` whenever there may be something
  // new for the caller. `context` and `progress` outlive the fetcher. Memory: up to `buffer_bytes` and one read more,
  // or the one event that is larger.
  SegmentFetcher(ClientContext& context, SegmentRef segment, Offset from, std::optional<Offset> end,
                 size_t buffer_bytes, runtime::Event* progress);
  ~SegmentFetcher();
  SegmentFetcher(const SegmentFetcher&) = delete;
  SegmentFetcher& operator=(const SegmentFetcher&) = delete;

  void Start();
  // Takes the next event if it is here as a whole. Awaits nothing.
  bool Take(FetchedEvent* event);
  // Brings state() up to date as Take() does, without taking anything.
  void LookForEnd();
  // Whether Take() came to an end, or to bytes that are no event.
  State state() const { return state_; }
  const absl::Status& failure() const { return failure_; }
  // Of the next event.
  Offset offset() const { return offset_; }
  // How many bytes were truncated away below the reading since the last call; 0: none. Of a deleted segment nobody
  // knows how many, which counts as one.
  int64_t TakeGap();

  // Ends the connection and joins.
  runtime::Task<void> Close();

 private:
  runtime::Task<void> Run();
  runtime::Task<absl::Status> RunSession();
  runtime::Task<absl::Status> ReadOn(wire::WireConnection& connection);
  // Sends the next read if there is a connection, none is outstanding and there is room for what it brings.
  void Ask();
  // OK to go on; anything else ends the connection.
  absl::Status Handle(wire::Command& reply, bool* answered);
  runtime::Task<absl::Status> SkipWhatIsGone();
  void OnData(Buffer data);
  void EndAt(Offset end);
  void Fail(absl::Status failure);
  // Whether the next read may be sent: there is room, or what is here is only a part of an event.
  bool MayRead() const;
  int32_t SuggestedLength() const;
  // Copies `length` bytes that start `skip` bytes behind offset() out of the chunks; they are here.
  std::string CopyOut(size_t skip, size_t length) const;
  void Drop(size_t bytes);

  ClientContext& context_;
  const SegmentRef segment_;
  const std::string name_;
  const std::optional<Offset> bound_;
  const size_t buffer_bytes_;
  runtime::Event* const progress_;
  const int64_t flow_;

  State state_ = State::kReading;
  absl::Status failure_;
  absl::Status broken_;        // becomes failure_ when everything before was taken
  std::deque<Buffer> chunks_;  // from offset_ to fetched_
  size_t buffered_ = 0;
  size_t wanted_ = 0;  // bytes that the event at offset_ needs, as far as they are known
  Offset offset_;
  Offset fetched_;
  std::optional<Offset> end_;  // where the segment ends, once that is known
  int64_t gap_ = 0;
  bool deleted_ = false;
  bool skipping_ = false;                       // the store says that the offset, or the segment, is gone
  bool reached_store_ = false;                  // since the last failure
  wire::WireConnection* connection_ = nullptr;  // while its replies are taken
  std::string token_;
  bool asked_ = false;  // a read is outstanding on it
  // Last: its task refers to everything above.
  runtime::TaskGroup tasks_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_SEGMENT_FETCHER_H_
