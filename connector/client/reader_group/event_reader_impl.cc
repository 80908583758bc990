#include "connector/client/reader_group/event_reader_impl.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "connector/client/reader_group/decisions.h"
#include "connector/client/reader_group/group_setup.h"
#include "connector/controller/types.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::client {
namespace {

// How often a reader looks whether one of its delays is over; they are multiples of a second.
constexpr std::chrono::milliseconds kTick(500);
// Until something is tried again that nobody could answer.
constexpr std::chrono::seconds kRetry(1);

constexpr size_t kLeastBufferBytes = 1 << 10;
constexpr size_t kMostBufferBytes = 10 << 20;

bool IsPassing(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

runtime::Duration Milliseconds(int64_t count) { return std::chrono::milliseconds(count); }

}  // namespace

// ---- joining and leaving

EventReader::Impl::Impl(ClientContext& context, std::string reader_id, EventReaderOptions options,
                        std::unique_ptr<GroupSynchronizer> synchronizer, double fraction)
    : context_(context),
      id_(std::move(reader_id)),
      options_(options),
      synchronizer_(std::move(synchronizer)),
      histories_(context),
      names_(context.runtime().choices().Stream("checkpoint name", id_)),
      progress_("events for reader " + id_),
      due_(Now()),
      fetch_due_(Now() + Milliseconds(state().config.group_refresh_ms)),
      checkpoint_due_(Now() + Milliseconds(state().config.automatic_checkpoint_interval_ms)),
      complete_due_(Now()),
      pacing_(Now(), options.initial_allocation_delay, Milliseconds(state().config.group_refresh_ms), fraction) {}

EventReader::Impl::~Impl() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<EventReader::Impl>>> EventReader::Impl::Join(
    ClientContext& context, std::string scope, std::string group, std::string reader_id, EventReaderOptions options) {
  absl::Status valid = ValidateUserName(reader_id);
  if (!valid.ok()) co_return valid;
  options.segment_buffer_bytes = std::clamp(options.segment_buffer_bytes, kLeastBufferBytes, kMostBufferBytes);
  absl::StatusOr<std::unique_ptr<GroupSynchronizer>> synchronizer =
      co_await OpenGroup(context, std::move(scope), std::move(group));
  if (!synchronizer.ok()) co_return synchronizer.status();
  absl::StatusOr<bool> joined = co_await (*synchronizer)->Update([&reader_id](const ReaderGroupState& state) {
    return client::Join(state, reader_id);
  });
  if (!joined.ok()) {
    co_await (*synchronizer)->Close();
    co_return joined.status();
  }
  double fraction = 0;
  if (options.initial_allocation_delay.count() > 0) {
    constexpr uint64_t kParts = 1 << 20;
    runtime::ChoiceStream delays = context.runtime().choices().Stream("initial allocation delay", reader_id);
    fraction = static_cast<double>(delays.Below(kParts, "delay")) / kParts;
  }
  co_return std::unique_ptr<Impl>(new Impl(context, std::move(reader_id), options, *std::move(synchronizer), fraction));
}

runtime::Task<absl::Status> EventReader::Impl::Close() {
  if (closed_) co_return absl::OkStatus();
  absl::Status status;
  if (failure_.ok()) {
    LookForEnds();
    const Position position = tracker_.Snapshot();
    const Position::Map positions = position.Segments();
    std::vector<std::string> reported;
    absl::StatusOr<bool> left =
        co_await synchronizer_->Update([&](const ReaderGroupState& state) -> absl::StatusOr<Updates> {
          reported.clear();
          for (const std::string& name : state.checkpoints.names) {
            auto waiting = state.checkpoints.pending.find(name);
            if (waiting != state.checkpoints.pending.end() && waiting->second.contains(id_)) reported.push_back(name);
          }
          return Leave(state, id_, positions);
        });
    status = left.status();
    if (left.ok() && *left && options_.observer != nullptr) {
      // By leaving it reports every checkpoint that waits for it; the one that it was handed is told of. If that does
      // not wait any more, an earlier attempt to report it was carried out.
      if (handed_out_.has_value()) {
        const bool now = std::find(reported.begin(), reported.end(), *handed_out_) != reported.end();
        const bool before = reporting_.has_value() && reporting_->checkpoint == *handed_out_;
        if (now || before) {
          options_.observer->OnCheckpointReported(*handed_out_, now ? position : reporting_->position);
        }
      }
      for (const auto& [segment, entry] : positions) options_.observer->OnReleased(segment, entry.position);
    }
  }
  closed_ = true;
  failure_ = absl::FailedPreconditionError("the reader is closed");
  live_.clear();
  for (auto& [segment, owned] : owned_) {
    if (owned.fetcher != nullptr) leaving_.push_back(std::move(owned.fetcher));
  }
  owned_.clear();
  for (const std::unique_ptr<SegmentFetcher>& fetcher : leaving_) co_await fetcher->Close();
  leaving_.clear();
  co_await synchronizer_->Close();
  co_return status;
}

// ---- reading

runtime::Task<absl::StatusOr<ReadResult>> EventReader::Impl::ReadNext(runtime::Instant deadline) {
  while (true) {
    if (!failure_.ok()) co_return failure_;
    const runtime::Instant now = Now();
    if (now >= due_) {
      absl::StatusOr<std::optional<ReadResult>> other = co_await KeepHouse();
      if (!other.ok()) co_return other.status();
      if (other->has_value()) co_return **std::move(other);
    }
    // Nothing may be delivered before the checkpoint is reported: its position would not be the application's.
    if (!handed_out_.has_value()) {
      EventRead event;
      if (TakeEvent(&event)) co_return ReadResult(std::move(event));
      if (!skipped_.ok()) co_return std::exchange(skipped_, absl::OkStatus());
      for (Owned* owned : live_) {
        if (owned->fetcher->state() == SegmentFetcher::State::kFailed) co_return owned->fetcher->failure();
      }
      // A segment came to its end just now.
      if (now < due_ && Now() >= due_) continue;
      if (owned_.empty() && AllDataRead(state())) co_return ReadResult(EndOfData{tracker_.Snapshot()});
    }
    const runtime::Instant later = Now();
    if (later >= deadline) co_return ReadResult(Nothing{});
    absl::Status waited = co_await WaitUntil(std::min(deadline, due_));
    if (!waited.ok()) co_return waited;
  }
}

bool EventReader::Impl::TakeEvent(EventRead* event) {
  FetchedEvent fetched;
  bool ended = false;
  for (size_t tried = 0; tried < live_.size(); ++tried) {
    if (next_ >= live_.size()) next_ = 0;
    Owned* owned = live_[next_++];
    if (owned->fetcher->TakeGap() > 0) {
      NoteGap(owned);
      return false;
    }
    if (owned->fetcher->Take(&fetched)) {
      tracker_.Advance(owned->slot, SegmentPosition::At(owned->fetcher->offset()));
      last_event_ = owned->segment.id;
      event->event = std::move(fetched.event);
      event->pointer.segment = owned->segment;
      event->pointer.offset = fetched.offset;
      event->pointer.length = fetched.length;
      event->position = tracker_.Snapshot();
      return true;
    }
    if (owned->fetcher->state() == SegmentFetcher::State::kEnded) {
      NoteEnd(owned);
      ended = true;
    }
  }
  if (ended) ListLive();
  return false;
}

void EventReader::Impl::NoteGap(Owned* owned) {
  const Offset offset = owned->fetcher->offset();
  tracker_.Advance(owned->slot, SegmentPosition::At(offset));
  skipped_ = MakeStatus(absl::StatusCode::kOutOfRange, "reader ", id_, ": ", owned->segment.ToString(),
                        " was truncated before all of it was read; reading goes on at offset ", offset.value(),
                        ", call again");
}

void EventReader::Impl::NoteEnd(Owned* owned) {
  owned->ended = true;
  // It is to be handed over.
  due_ = std::min(due_, Now());
  // Where a bounded group stops there may be more in the segment.
  std::optional<Offset> bound = EndOffsetOf(state(), owned->segment);
  const Offset offset = owned->fetcher->offset();
  tracker_.Advance(owned->slot, bound && offset >= *bound ? SegmentPosition::At(offset) : SegmentPosition::Finished());
}

void EventReader::Impl::LookForEnds() {
  for (Owned* owned : live_) {
    if (owned->fetcher->TakeGap() > 0) NoteGap(owned);
    owned->fetcher->LookForEnd();
    if (owned->fetcher->state() == SegmentFetcher::State::kEnded) NoteEnd(owned);
  }
  ListLive();
}

void EventReader::Impl::ListLive() {
  live_.clear();
  for (auto& [segment, owned] : owned_) {
    if (!owned.ended) live_.push_back(&owned);
  }
}

runtime::Task<absl::Status> EventReader::Impl::WaitUntil(runtime::Instant when) {
  progress_.Reset();
  // What arrived before the last look has been looked at, and nothing was awaited since.
  auto wait = [](runtime::Event& event) -> runtime::Task<absl::Status> {
    absl::Status status = co_await event.Wait();
    co_return status;
  };
  absl::Status status = co_await runtime::WithDeadline(context_.runtime(), wait(progress_), when);
  if (absl::IsDeadlineExceeded(status)) co_return absl::OkStatus();
  co_return status;
}

// ---- housekeeping

ReaderView EventReader::Impl::View() {
  return ReaderView{id_, tracker_.Snapshot().Segments(),
                    DistanceToTail(context_.runtime().WallNow().millis(), last_event_)};
}

runtime::Task<absl::StatusOr<std::optional<ReadResult>>> EventReader::Impl::KeepHouse() {
  due_ = Now() + kTick;  // unless something is found that is due before
  absl::StatusOr<std::optional<ReadResult>> other = co_await DoWhatIsDue();
  if (other.ok()) co_return other;
  absl::Status status = other.status();
  if (IsPassing(status)) {
    // The group's state cannot be reached. Events go on meanwhile, as other stores may serve them.
    due_ = Now() + kRetry;
    co_return std::optional<ReadResult>();
  }
  if (absl::IsCancelled(status)) {
    due_ = Now();
    co_return status;
  }
  if (absl::IsNotFound(status)) status = absl::FailedPreconditionError(status.message());
  failure_ = Annotate(status, StrCat("reader ", id_));
  co_return failure_;
}

runtime::Task<absl::StatusOr<std::optional<ReadResult>>> EventReader::Impl::DoWhatIsDue() {
  absl::Status status;
  reported_ = false;
  if (handed_out_.has_value()) {
    status = co_await Report(*handed_out_);
    if (!status.ok()) co_return status;
    handed_out_.reset();
    reported_ = true;
    checkpoint_due_ = Now() + Milliseconds(state().config.automatic_checkpoint_interval_ms);
    complete_due_ = Now();
  }
  if (Now() >= fetch_due_) {
    status = co_await synchronizer_->Fetch();
    if (!status.ok()) co_return status;
    fetch_due_ = Now() + Milliseconds(state().config.group_refresh_ms);
  }
  status = co_await FollowState();
  if (!status.ok()) co_return status;

  while (true) {
    LookForEnds();
    std::optional<std::string> pending = PendingCheckpoint(state(), id_);
    if (!pending) {
      status = co_await CompleteSegments();
      if (!status.ok()) co_return status;
      pending = PendingCheckpoint(state(), id_);
    }
    const ReaderView view = View();
    if (!pending && !UnreportedEnds(state(), view).empty()) {
      const std::string name = HandOverCheckpointName(names_.NewUuid());
      absl::StatusOr<bool> begun = co_await Update(
          [&view, &name](const ReaderGroupState& state) { return HandOverCheckpoint(state, view, name); });
      if (!begun.ok()) co_return begun.status();
      pending = PendingCheckpoint(state(), id_);
    }
    if (!pending && state().config.automatic_checkpoints() && Now() >= checkpoint_due_) {
      const std::string name = names_.NewUuid().ToString();
      absl::StatusOr<bool> begun =
          co_await Update([&name](const ReaderGroupState& state) { return AutomaticCheckpoint(state, name); });
      if (!begun.ok()) co_return begun.status();
      checkpoint_due_ = Now() + Milliseconds(state().config.automatic_checkpoint_interval_ms);
      pending = PendingCheckpoint(state(), id_);
    }
    if (!pending) break;
    if (!IsSilent(*pending)) {
      // The bug: the position is reported with the checkpoint, although the application has not kept it yet. Only in
      // segments that a scale has made.
      if (PLANTED(context_.runtime(), "position-at-checkpoint-handout") && !owned_.empty() &&
          owned_.rbegin()->first.id.epoch() > Epoch(0)) {
        status = co_await Report(*pending);
        if (!status.ok()) co_return status;
      } else {
        handed_out_ = *pending;
        due_ = Now();
      }
      co_return std::optional<ReadResult>(CheckpointRead{*std::move(pending), tracker_.Snapshot()});
    }
    status = co_await Report(*pending);
    if (!status.ok()) co_return status;
  }

  if (reported_ && pacing_.MayRelease(Now())) {
    status = co_await ReleaseOne();
    if (!status.ok()) co_return status;
  }
  if (pacing_.MayAcquire(Now())) {
    status = co_await AcquireSome();
    if (!status.ok()) co_return status;
  } else if (pacing_.MayReport(Now())) {
    const ReaderView view = View();
    absl::StatusOr<bool> written = co_await Update([&view](const ReaderGroupState& state) {
      return state.IsOnline(view.reader) ? Updates{ReportDistance(view)} : Updates();
    });
    if (!written.ok()) co_return written.status();
    pacing_.Reported(Now(), state());
  }
  co_return std::optional<ReadResult>();
}

runtime::Task<absl::StatusOr<bool>> EventReader::Impl::Update(GroupSynchronizer::Decide decide) {
  absl::StatusOr<bool> written = co_await synchronizer_->Update(std::move(decide));
  if (!written.ok()) co_return written;
  absl::Status followed = co_await FollowState();
  if (!followed.ok()) co_return followed;
  co_return written;
}

runtime::Task<absl::Status> EventReader::Impl::Report(std::string checkpoint) {
  LookForEnds();
  // All attempts write the same: the one that finds nothing left to be written cannot know which of those before it was
  // carried out. Nothing is delivered between them. (A silent checkpoint is nobody's event, and does not hold up any.)
  const bool tried = reporting_.has_value() && reporting_->checkpoint == checkpoint && !IsSilent(checkpoint);
  if (!tried) reporting_ = Reporting{checkpoint, View(), tracker_.Snapshot()};
  absl::StatusOr<bool> written = co_await synchronizer_->Update([this](const ReaderGroupState& state) {
    return ReportCheckpoint(state, reporting_->view, reporting_->checkpoint);
  });
  if (!written.ok()) co_return written.status();
  const Reporting done = *std::exchange(reporting_, std::nullopt);
  // If it was declared offline meanwhile, somebody else has reported another position.
  const bool reported = *written || (tried && state().IsOnline(id_));
  if (reported && options_.observer != nullptr && !IsSilent(checkpoint)) {
    options_.observer->OnCheckpointReported(checkpoint, done.position);
  }
  absl::Status followed = co_await FollowState();
  co_return followed;
}

runtime::Task<absl::Status> EventReader::Impl::CompleteSegments() {
  if (Now() < complete_due_) co_return absl::OkStatus();
  for (const SegmentRef& segment : CompletableSegments(state(), id_)) {
    absl::Status status = co_await CompleteSegment(segment);
    if (!status.ok()) co_return status;
    if (PendingCheckpoint(state(), id_)) break;
  }
  co_return absl::OkStatus();
}

runtime::Task<absl::Status> EventReader::Impl::CompleteSegment(SegmentRef segment) {
  while (true) {
    std::vector<Completion> completions;
    for (const SegmentRef& one : CompletedTogether(state(), segment)) {
      absl::StatusOr<std::optional<Completion>> completion = co_await AskForSuccessors(one);
      if (!completion.ok()) co_return completion.status();
      if (!completion->has_value()) {
        complete_due_ = Now() + kRetry;
        co_return absl::OkStatus();
      }
      std::set<Epoch> epochs = EpochsToFetch(state(), **completion);
      absl::Status learnt = co_await histories_.Learn(one.stream, std::move(epochs));
      if (!learnt.ok()) co_return learnt;
      (*completion)->history = histories_.Of(one.stream);
      completions.push_back(**std::move(completion));
    }
    if (options_.observer != nullptr) {
      for (const Completion& completion : completions) options_.observer->OnCompleting(completion.segment);
    }
    // Whether more history is needed, because the state has changed, is no failure of the group.
    absl::Status undecided;
    absl::StatusOr<bool> written = co_await Update([&](const ReaderGroupState& state) -> absl::StatusOr<Updates> {
      absl::StatusOr<Updates> updates = client::CompleteSegments(state, id_, completions);
      undecided = updates.status();
      return updates.ok() ? *std::move(updates) : Updates();
    });
    if (!written.ok()) co_return written.status();
    if (*written) pacing_.Completed(Now());
    if (undecided.ok()) co_return absl::OkStatus();
    if (!absl::IsFailedPrecondition(undecided)) co_return undecided;
  }
}

runtime::Task<absl::StatusOr<std::optional<Completion>>> EventReader::Impl::AskForSuccessors(SegmentRef segment) {
  Completion completion;
  completion.segment = segment;
  if (state().end_segments.contains(segment)) co_return std::optional<Completion>(std::move(completion));
  absl::StatusOr<std::vector<controller::Successor>> successors =
      co_await context_.controller().GetSuccessors(segment.stream, segment.id);
  if (!successors.ok() && !absl::IsNotFound(successors.status())) co_return successors.status();
  if (successors.ok() && successors->empty()) {
    // The end of the stream, unless the controller has not got so far yet.
    absl::StatusOr<controller::StreamSegments> current =
        co_await context_.controller().GetCurrentSegments(segment.stream);
    if (!current.ok() && !absl::IsNotFound(current.status())) co_return current.status();
    if (current.ok() && !current->segments.empty()) co_return std::optional<Completion>();
  }
  if (successors.ok()) {
    for (const controller::Successor& successor : *successors) {
      Completion::Successor next{successor.segment.id, successor.segment.range, successor.predecessors};
      // The bug: what follows a merge is opened behind the first of its predecessors.
      if (PLANTED(context_.runtime(), "successor-opened-early")) next.predecessors = {segment.id};
      completion.successors.push_back(std::move(next));
    }
  }
  co_return std::optional<Completion>(std::move(completion));
}

runtime::Task<absl::Status> EventReader::Impl::ReleaseOne() {
  const ReaderView view = View();
  std::optional<SegmentRef> segment = SegmentToRelease(state(), view);
  if (!segment) co_return absl::OkStatus();
  pacing_.Begun(Now());
  if (options_.observer != nullptr) options_.observer->OnReleasing(*segment);
  absl::StatusOr<bool> written =
      co_await Update([&view, &segment](const ReaderGroupState& state) { return Release(state, view, *segment); });
  if (!written.ok() && !IsPassing(written.status())) co_return written.status();
  pacing_.Ended(Now(), state(), id_);
  co_return written.status();
}

runtime::Task<absl::Status> EventReader::Impl::AcquireSome() {
  if (AcquireCount(state(), id_) == 0) {
    pacing_.NothingToAcquire(Now(), state(), id_);
    co_return absl::OkStatus();
  }
  const ReaderView view = View();
  pacing_.Begun(Now());
  absl::StatusOr<bool> written =
      co_await Update([&view](const ReaderGroupState& state) { return Acquire(state, view); });
  if (!written.ok() && !IsPassing(written.status())) co_return written.status();
  pacing_.Ended(Now(), state(), id_);
  co_return written.status();
}

runtime::Task<absl::Status> EventReader::Impl::FollowState() {
  auto entry = state().assigned.find(id_);
  const bool online = entry != state().assigned.end();
  const SegmentPositions assigned = online ? entry->second : SegmentPositions();
  for (auto at = owned_.begin(); at != owned_.end();) {
    const SegmentRef& segment = at->first;
    if (assigned.contains(segment)) {
      ++at;
      continue;
    }
    Owned& owned = at->second;
    if (online && options_.observer != nullptr) {
      if (state().unassigned.Contains(segment) || state().OwnerOf(segment).has_value()) {
        options_.observer->OnReleased(segment, tracker_.At(owned.slot));
      } else {
        options_.observer->OnCompleted(segment);
      }
    }
    tracker_.Remove(owned.slot);
    if (owned.fetcher != nullptr) leaving_.push_back(std::move(owned.fetcher));
    at = owned_.erase(at);
  }
  for (const auto& [segment, position] : assigned) {
    if (owned_.contains(segment)) continue;
    Owned& owned = owned_[segment];
    owned.segment = segment;
    owned.slot = tracker_.Add(segment, position, state().RangeOf(segment));
    owned.ended = IsEnd(state(), segment, position);
    if (!owned.ended) {
      owned.fetcher =
          std::make_unique<SegmentFetcher>(context_, segment, position.offset(), EndOffsetOf(state(), segment),
                                           options_.segment_buffer_bytes, &progress_);
      owned.fetcher->Start();
    }
    if (options_.observer != nullptr) options_.observer->OnAcquired(segment, position);
  }
  ListLive();
  while (!leaving_.empty()) {
    co_await leaving_.back()->Close();
    leaving_.pop_back();
  }
  if (!online) {
    co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "reader group ", synchronizer_->group(),
                         " does not know it any more: it was declared offline, or the group was reset; join again "
                         "under a new id");
  }
  co_return absl::OkStatus();
}

}  // namespace pravega::client
