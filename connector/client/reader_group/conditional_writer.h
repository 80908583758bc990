// ConditionalWriter: appends single events to a segment, each only if the segment is exactly as long as expected, and
// always finds out what became of it (Pravega wire protocol, "conditional appends").
//
// When a connection is lost behind an append, the store is asked for this writer's last event number before anything is
// sent again: an append that had arrived is not mistaken for somebody else's.
//
// An internal part of reader groups. Thread-compatible; one Append at a time. Close() is awaited before destruction,
// unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CONDITIONAL_WRITER_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CONDITIONAL_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::client {

class ConditionalWriter {
 public:
  // `context` outlives the writer.
  ConditionalWriter(ClientContext& context, SegmentRef segment);
  ~ConditionalWriter();
  ConditionalWriter(const ConditionalWriter&) = delete;
  ConditionalWriter& operator=(const ConditionalWriter&) = delete;

  // True: `event` is in the segment, at `expected`. False: the segment has another length, and the event is not in it
  // and never will be. FailedPrecondition: the segment is sealed. NotFound: it does not exist. Neither has it then.
  // Unavailable, Cancelled: the outcome is unknown; whether the event is in the segment is seen by reading it.
  runtime::Task<absl::StatusOr<bool>> Append(Buffer event, Offset expected);

  runtime::Task<void> Close();

 private:
  class Session;

  // Connects and announces the writer. The number of its last event in the segment.
  runtime::Task<absl::StatusOr<EventNumber>> OpenSession();
  runtime::Task<absl::StatusOr<EventNumber>> Announce();
  runtime::Task<void> EndSession();
  // Of one attempt, on the session that there is. Aborted: the condition did not hold.
  runtime::Task<absl::Status> AppendOnce(Buffer event, Offset expected);

  ClientContext& context_;
  const SegmentRef segment_;
  const std::string name_;
  const WriterId writer_id_;
  const int64_t flow_;
  int32_t setups_ = 0;
  EventNumber number_{0};  // of the last append that was begun
  std::unique_ptr<Session> session_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_CONDITIONAL_WRITER_H_
