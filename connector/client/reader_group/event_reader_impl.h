// The inside of EventReader: its segments, and the housekeeping of its group.
//
// What the reader does follows from its copy of the group's state alone: after every write and every fetch it compares
// what the state assigns to it with what it reads, begins to read what is new and stops what is gone. So it does not
// matter which of its writes was cut short, or who wrote.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_EVENT_READER_IMPL_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_EVENT_READER_IMPL_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/reader_group/assignment.h"
#include "connector/client/reader_group/completion.h"
#include "connector/client/reader_group/event_reader.h"
#include "connector/client/reader_group/group_synchronizer.h"
#include "connector/client/reader_group/reader_view.h"
#include "connector/client/reader_group/segment_fetcher.h"
#include "connector/client/reader_group/stream_histories.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::client {

class EventReader::Impl {
 public:
  static runtime::Task<absl::StatusOr<std::unique_ptr<Impl>>> Join(ClientContext& context, std::string scope,
                                                                   std::string group, std::string reader_id,
                                                                   EventReaderOptions options);
  ~Impl();

  runtime::Task<absl::StatusOr<ReadResult>> ReadNext(runtime::Instant deadline);
  runtime::Task<absl::Status> Close();
  const std::string& id() const { return id_; }

 private:
  struct Owned {
    SegmentRef segment;
    PositionTracker::Slot slot = 0;
    std::unique_ptr<SegmentFetcher> fetcher;
    bool ended = false;  // nothing is left to be read
  };

  Impl(ClientContext& context, std::string reader_id, EventReaderOptions options,
       std::unique_ptr<GroupSynchronizer> synchronizer, double fraction);

  const ReaderGroupState& state() const { return synchronizer_->state(); }
  runtime::Instant Now() { return context_.runtime().Now(); }
  ReaderView View();

  // ---- reading; nothing is awaited
  bool TakeEvent(EventRead* event);
  void NoteEnd(Owned* owned);
  void NoteGap(Owned* owned);
  // Finds the ends that no event stands before any more.
  void LookForEnds();
  void ListLive();

  // ---- the group
  // What is due; a result if there is something other than an event to be returned. On return due_ is when to do so
  // again.
  runtime::Task<absl::StatusOr<std::optional<ReadResult>>> KeepHouse();
  runtime::Task<absl::StatusOr<std::optional<ReadResult>>> DoWhatIsDue();
  runtime::Task<absl::Status> Report(std::string checkpoint);
  runtime::Task<absl::Status> CompleteSegments();
  runtime::Task<absl::Status> CompleteSegment(SegmentRef segment);
  // What follows the segment; nothing if the controller cannot tell yet.
  runtime::Task<absl::StatusOr<std::optional<Completion>>> AskForSuccessors(SegmentRef segment);
  runtime::Task<absl::Status> ReleaseOne();
  runtime::Task<absl::Status> AcquireSome();
  runtime::Task<absl::StatusOr<bool>> Update(GroupSynchronizer::Decide decide);
  // Makes what is read equal to what the state says. FailedPrecondition: the group does not know this reader.
  runtime::Task<absl::Status> FollowState();
  runtime::Task<absl::Status> WaitUntil(runtime::Instant when);

  ClientContext& context_;
  const std::string id_;
  const EventReaderOptions options_;
  std::unique_ptr<GroupSynchronizer> synchronizer_;
  StreamHistories histories_;
  runtime::ChoiceStream names_;

  std::map<SegmentRef, Owned> owned_;
  std::vector<Owned*> live_;  // those that have not ended, in order
  size_t next_ = 0;           // in live_, whose turn it is
  PositionTracker tracker_;
  std::optional<SegmentId> last_event_;
  // Stopped segments whose connections are to be ended.
  std::vector<std::unique_ptr<SegmentFetcher>> leaving_;
  runtime::Event progress_;

  // The checkpoint that the last call returned: to be reported before anything else.
  std::optional<std::string> handed_out_;
  // What was to be written to report it, while the outcome of an attempt is unknown.
  struct Reporting {
    std::string checkpoint;
    ReaderView view;
    Position position;
  };
  std::optional<Reporting> reporting_;
  bool reported_ = false;  // an ordinary checkpoint, in this call: a segment may be released
  runtime::Instant due_;   // housekeeping
  runtime::Instant fetch_due_;
  runtime::Instant checkpoint_due_;
  runtime::Instant complete_due_;
  AssignmentPacing pacing_;
  absl::Status skipped_;  // to be returned once: a segment was truncated below the reader
  absl::Status failure_;  // the reader's end
  bool closed_ = false;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_EVENT_READER_IMPL_H_
