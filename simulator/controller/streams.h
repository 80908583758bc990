// Streams: accepts operations on streams, and waits for them (Pravega controller, "stream lifecycle").
//
// Accepting is one write: the operation goes into the stream's record and a work marker is set. StreamWorkflow does the
// rest, in this instance or, after a crash, in another.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_STREAMS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_STREAMS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"
#include "simulator/controller/stream_workflow.h"

namespace pravega::sim {

class Streams {
 public:
  // Both outlive it.
  Streams(Context& context, StreamWorkflow& workflow) : context_(context), workflow_(workflow) {}

  // Each returns when the operation has ended; DeadlineExceeded after ControllerOptions::operation_patience, and the
  // operation goes on.
  runtime::Task<absl::StatusOr<proto::CreateStreamStatus::Status>> Create(ScopedStream stream,
                                                                          proto::StreamConfig config);
  runtime::Task<absl::StatusOr<proto::UpdateStreamStatus::Status>> Update(ScopedStream stream,
                                                                          proto::StreamConfig config);
  runtime::Task<absl::StatusOr<proto::UpdateStreamStatus::Status>> Truncate(ScopedStream stream, Cut cut);
  runtime::Task<absl::StatusOr<proto::UpdateStreamStatus::Status>> Seal(ScopedStream stream);
  runtime::Task<absl::StatusOr<proto::DeleteStreamStatus::Status>> Delete(ScopedStream stream);

  // Returns when the scale is accepted.
  runtime::Task<absl::StatusOr<proto::ScaleResponse>> Scale(ScopedStream stream, std::vector<SegmentId> sealed,
                                                            std::vector<KeyRange> ranges, int64_t timestamp_ms);

  // The configuration as it is stored and shown: with its name, a tags message, and no retention policy if there is
  // none.
  static proto::StreamConfig Normalised(const ScopedStream& stream, proto::StreamConfig config);

 private:
  enum class Accepted { kYes, kReadAgain };

  // An operation with an id of its own.
  records::Operation NewOperation(records::Operation::Kind kind);
  // Writes `record` with `more` and a work marker, and starts the workflow. kReadAgain: somebody else wrote first, or
  // nobody knows; the operation is then found in the record, or not.
  runtime::Task<absl::StatusOr<Accepted>> Accept(ScopedStream stream, StreamRecord record,
                                                 std::vector<MetadataWrite> more, std::string step);
  // Until the operation is no more in the queue of this life of the stream.
  runtime::Task<absl::Status> WaitForEnd(ScopedStream stream, int64_t incarnation, std::string id);

  Context& context_;
  StreamWorkflow& workflow_;
};

// The cut that a stream begins at: where it was truncated, or its first epoch at 0.
runtime::Task<absl::StatusOr<Cut>> HeadOf(Context& context, ScopedStream stream, const records::Stream& record);
// The epochs that the segments of the cuts were created in and those between, as far as they exist.
runtime::Task<absl::StatusOr<StreamHistory>> HistoryOf(Context& context, ScopedStream stream,
                                                       const records::Stream& record, Cut cut, Cut other);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_STREAMS_H_
