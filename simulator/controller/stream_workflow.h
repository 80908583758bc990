// StreamWorkflow: carries out what was accepted for a stream, one operation at a time.
//
// An operation is a persisted record with a step; each step sends idempotent requests to stores and then advances the
// record by compare-and-set, together with the records that the step produces. After a crash at any point the next
// instance begins with the step that the record shows. Two instances at the same step do the same things, and only one
// of them advances (Pravega controller, "order of effects", "commit processing and order").
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_STREAM_WORKFLOW_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_STREAM_WORKFLOW_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"
#include "simulator/controller/transactions.h"

namespace pravega::sim {

class StreamWorkflow {
 public:
  // Both outlive it.
  StreamWorkflow(Context& context, Transactions& transactions) : context_(context), transactions_(transactions) {}

  // Has the stream's work done in the background; harmless if there is none.
  void Start(const ScopedStream& stream);

 private:
  using Change = std::function<void(records::Stream* stream)>;

  // Does all work that the stream has. An error leaves it as it is, to be gone on with.
  runtime::Task<absl::Status> Pass(ScopedStream stream);
  // One step of what is under way. True if `record` is what is stored; false if it must be read again. `begun` is the
  // order of the first transaction of the batch that this pass itself began; for a planted bug alone.
  runtime::Task<absl::StatusOr<bool>> Step(ScopedStream stream, StreamRecord& record, int64_t begun);
  runtime::Task<absl::StatusOr<bool>> Begin(ScopedStream stream, StreamRecord& record);

  runtime::Task<absl::StatusOr<bool>> StepCreate(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> StepScale(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> StepUpdate(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> StepTruncate(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> StepSeal(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> StepDelete(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> BeginScale(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> BeginUpdate(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> BeginDelete(ScopedStream stream, StreamRecord& record);

  enum class Taken { kNothing, kBegun, kReadAgain };
  // Takes the next batch of transactions that wait for their commit, if there are any.
  runtime::Task<absl::StatusOr<Taken>> BeginCommit(ScopedStream stream, StreamRecord& record);
  runtime::Task<absl::StatusOr<bool>> StepCommit(ScopedStream stream, StreamRecord& record, int64_t begun);
  runtime::Task<absl::StatusOr<bool>> FinishCommit(ScopedStream stream, StreamRecord& record, Epoch new_epoch,
                                                   std::vector<MetadataWrite> more);

  // Stores `record` with `change` and `more`, unless the step under way is no more the same. Repeats lost races: others
  // only add operations to the queue meanwhile.
  runtime::Task<absl::StatusOr<bool>> Advance(ScopedStream stream, StreamRecord& record, Change change,
                                              std::vector<MetadataWrite> more, std::string step);

  runtime::Task<absl::Status> CreateSegments(ScopedStream stream, std::vector<SegmentId> segments,
                                             SegmentPolicy policy);
  runtime::Task<absl::Status> SealSegments(ScopedStream stream, std::vector<SegmentId> segments);
  // Records of sealed segments: replaced in `epoch`, with their lengths if the stores are to be asked.
  runtime::Task<absl::StatusOr<std::vector<MetadataWrite>>> SealedRecords(ScopedStream stream, int64_t incarnation,
                                                                          std::vector<SegmentId> segments, Epoch epoch,
                                                                          bool with_lengths);
  runtime::Task<absl::Status> EnsureMarkStream(ScopedStream stream);
  runtime::Task<absl::Status> DeleteSegmentsOf(ScopedStream stream, int64_t incarnation, Epoch last);
  runtime::Task<absl::Status> DeleteMarkStream(ScopedStream stream);
  runtime::Task<absl::Status> DeleteData(ScopedStream stream, int64_t incarnation);
  // Where the numbering goes on after this life of the stream.
  runtime::Task<absl::StatusOr<int32_t>> NextNumber(ScopedStream stream, const records::Stream& record);

  Context& context_;
  Transactions& transactions_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_STREAM_WORKFLOW_H_
