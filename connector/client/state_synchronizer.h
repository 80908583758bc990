// StateSynchronizer: one participant's copy of a state that several share through a revisioned stream.
//
// The state is what all updates make that participants have written. A change is written on the condition that nothing
// was written since this copy was brought up to date; if something was, the copy catches up and the change is decided
// again on the new state. Records are those of Java's state synchronizer, so that participants in both languages can
// share one stream (Pravega wire protocol, "RevisionedStream and StateSynchronizer"):
//
//   int32 1, then an initial state, then anything     or     int32 2, then updates, each behind its int32 length
//
// What a state and an update look like in bytes is the application's affair: SynchronizedState.
//
// Errors are those of RevisionedStream; DataLoss if the stream holds what no participant may write. After Unavailable,
// DeadlineExceeded and Cancelled the next Fetch() shows what became of a change.
// Thread-compatible; one call at a time. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_STATE_SYNCHRONIZER_H_
#define PRAVEGA_CONNECTOR_CLIENT_STATE_SYNCHRONIZER_H_

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/revisioned_stream.h"
#include "connector/core/buffer.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"

namespace pravega::client {

// The state itself, as its owner keeps it. Applying must be a function of state and bytes alone: every participant must
// come to the same state.
class SynchronizedState {
 public:
  virtual ~SynchronizedState() = default;
  // Forgets the present state and becomes what `state` says. `state` may be followed by bytes without meaning.
  virtual absl::Status Initialize(std::string_view state, const Revision& revision) = 0;
  virtual absl::Status Apply(std::string_view update, const Revision& revision) = 0;
};

class StateSynchronizer {
 public:
  // Updates to be written, none if the state is as it should be. Decided on the state as it is at the call; called
  // again when somebody else was faster. Awaits nothing.
  using Decide = std::function<absl::StatusOr<std::vector<Buffer>>()>;

  // Reads nothing yet. `context` and `state` outlive it.
  static runtime::Task<absl::StatusOr<std::unique_ptr<StateSynchronizer>>> Open(ClientContext& context,
                                                                                ScopedStream stream,
                                                                                SynchronizedState* state);
  explicit StateSynchronizer(std::unique_ptr<RevisionedStream> stream, SynchronizedState* state);
  ~StateSynchronizer();

  // Whether the stream had an initial state when it was last looked at.
  bool initialized() const { return initialized_; }
  // Of the last update that was applied.
  const Revision& revision() const { return revision_; }
  // Written since the last initial state that this copy knows of.
  int64_t bytes_since_compaction() const { return next_.offset - compacted_; }

  // Brings the copy up to date.
  runtime::Task<absl::Status> Fetch();
  // Writes the initial state unless there is one already; brings the copy up to date. True if it was this one.
  runtime::Task<absl::StatusOr<bool>> Initialize(Buffer state);
  // Writes and applies what `decide` wants, all of it in one record. False if it wanted nothing. FailedPrecondition:
  // the stream has no initial state.
  runtime::Task<absl::StatusOr<bool>> Update(Decide decide);
  // Writes updates without looking at the state, which is not brought up to date.
  runtime::Task<absl::Status> UpdateUnconditionally(std::vector<Buffer> updates);
  // Writes the whole state (`state` returns its bytes) so that nobody has to read what was before, moves the mark there
  // and truncates at the mark before it. False, and nothing is changed, if somebody else has written meanwhile.
  runtime::Task<absl::StatusOr<bool>> Compact(std::function<Buffer()> state);

  runtime::Task<void> Close();

 private:
  // To the mark, or the oldest record. The copy is nothing then.
  runtime::Task<absl::Status> FindBeginning();
  absl::Status ApplyRecord(const RevisionedRecord& record);

  std::unique_ptr<RevisionedStream> stream_;
  SynchronizedState* const state_;
  bool placed_ = false;  // next_ is known
  bool initialized_ = false;
  Revision next_;  // where the next record is read
  Revision revision_;
  Offset compacted_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_STATE_SYNCHRONIZER_H_
