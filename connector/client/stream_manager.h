// StreamManager: creates, changes, scales, truncates, seals and deletes streams.
//
// Example:
//   StreamManager manager(context);
//   absl::StatusOr<bool> scope = co_await manager.CreateScope("scope");
//   absl::StatusOr<bool> stream = co_await manager.CreateStream({"scope", "stream"}, configuration);
//
// Errors: InvalidArgument (a name or argument that no controller accepts), NotFound (no such scope or stream),
// FailedPrecondition (its state rules this out), Aborted (another operation is under way: look and repeat), Unavailable
// and DeadlineExceeded (no answer after all attempts: the outcome is unknown). Calls are repeated after lost answers;
// what the caller may see then is said where it can be seen (controller_client.h). Holds nothing and needs no closing;
// calls may overlap. Thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CLIENT_STREAM_MANAGER_H_
#define PRAVEGA_CONNECTOR_CLIENT_STREAM_MANAGER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/controller/types.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/stream_cut.h"
#include "connector/runtime/task.h"

namespace pravega::client {

struct StreamInfo {
  // Where the stream begins: segments that its head has not come to yet are not in it.
  StreamCut head;
  // Where it ended at the time of the call; unbounded if it is sealed.
  StreamCut tail;
  bool sealed = false;
};

class StreamManager {
 public:
  // `context` outlives the manager.
  explicit StreamManager(ClientContext& context) : context_(context) {}

  // True if it was created, false if it existed: after a lost answer also if this call created it.
  runtime::Task<absl::StatusOr<bool>> CreateScope(std::string scope);
  // True if it was deleted, false if there was none. FailedPrecondition: it is not empty.
  runtime::Task<absl::StatusOr<bool>> DeleteScope(std::string scope);

  // True if it was created, false if it existed, whatever its configuration: after a lost answer also if this call
  // created it.
  runtime::Task<absl::StatusOr<bool>> CreateStream(ScopedStream stream, controller::StreamConfiguration configuration);
  // Replaces the whole configuration.
  runtime::Task<absl::Status> UpdateStream(ScopedStream stream, controller::StreamConfiguration configuration);
  // No more events can be written from then on. Aborts open transactions. Repeating is harmless.
  runtime::Task<absl::Status> SealStream(ScopedStream stream);
  // True if it was deleted, false if there was none. FailedPrecondition: seal it first.
  runtime::Task<absl::StatusOr<bool>> DeleteStream(ScopedStream stream);

  // Replaces segments by new ones for exactly the same keys, and waits until that is done. The scale goes on when the
  // caller is cancelled.
  runtime::Task<absl::StatusOr<controller::ScaleStarted>> ScaleStream(ScopedStream stream,
                                                                      std::vector<SegmentId> sealed,
                                                                      std::vector<KeyRange> ranges);
  // Drops all events before the cut. A segment that the cut calls finished is dropped as a whole.
  // FailedPrecondition: the cut is invalid, or behind the head. InvalidArgument: it is unbounded.
  runtime::Task<absl::Status> TruncateStream(ScopedStream stream, StreamCut cut);
  runtime::Task<absl::StatusOr<StreamInfo>> GetStreamInfo(ScopedStream stream);

 private:
  ClientContext& context_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_STREAM_MANAGER_H_
