// GroupSynchronizer: one participant's copy of a reader group's state, and its way to change it.
//
// The state is what all the updates make that participants append to one segment (Pravega wire protocol, "state
// synchronizer"). A change is appended on the condition that nothing was appended since this copy was brought up to
// date; if something was, the copy catches up and the change is decided again on the new state.
//
// An internal part of reader groups. Thread-compatible; calls may overlap and are served in order. Close() is awaited
// before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_GROUP_SYNCHRONIZER_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_GROUP_SYNCHRONIZER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/reader_group/conditional_writer.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"
#include "connector/client/segment_client.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"

namespace pravega::client {

class GroupSynchronizer {
 public:
  // Decides what to change; no updates: nothing. May be asked again, on a newer state. Awaits nothing.
  using Decide = std::function<absl::StatusOr<Updates>(const ReaderGroupState&)>;

  // Finds the group's segment; reads nothing yet. NotFound: no such group. `context` outlives it.
  static runtime::Task<absl::StatusOr<std::unique_ptr<GroupSynchronizer>>> Open(ClientContext& context,
                                                                                std::string scope, std::string group);
  ~GroupSynchronizer();
  GroupSynchronizer(const GroupSynchronizer&) = delete;
  GroupSynchronizer& operator=(const GroupSynchronizer&) = delete;

  // Whether anybody has written the first record, as far as this copy knows.
  bool initialized() const { return initialized_; }
  // The copy as it is now.
  const ReaderGroupState& state() const { return state_; }
  const std::string& group() const { return group_; }

  // Brings the copy up to date. NotFound: the group was deleted. Unavailable, DeadlineExceeded: no answer now. Any
  // other error is final: DataLoss if the segment holds what no participant may write.
  runtime::Task<absl::Status> Fetch();
  // Writes the first record unless there is one, and brings the copy up to date.
  runtime::Task<absl::Status> Initialize(Init init);
  // Writes what `decide` wants and applies it. Returns whether there was anything to write. Errors: those of `decide`
  // and Fetch(); after Unavailable and Cancelled the outcome is unknown: the next Fetch() shows it.
  runtime::Task<absl::StatusOr<bool>> Update(Decide decide);

  runtime::Task<void> Close();

 private:
  class Turn;

  GroupSynchronizer(ClientContext& context, std::string group, SegmentRef segment);

  runtime::Task<absl::Status> CatchUp();
  // From the mark, or the start; forgets the present copy.
  runtime::Task<absl::StatusOr<Offset>> FindBeginning(Offset start);
  runtime::Task<absl::Status> ReadUpTo(Offset end);
  absl::Status ApplyRecord(std::string_view bytes);
  runtime::Task<absl::Status> CompactIfDue();

  ClientContext& context_;
  const std::string group_;
  const SegmentRef segment_;
  const SegmentClient client_;
  ConditionalWriter writer_;
  ReaderGroupState state_;
  bool initialized_ = false;
  bool placed_ = false;  // offset_ is known
  Offset offset_;        // behind the last record that was applied
  Offset compacted_;     // behind the last compaction that is known
  runtime::ChoiceStream choices_;
  runtime::Semaphore turn_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_GROUP_SYNCHRONIZER_H_
