#include "connector/client/reader_group/reader_group.h"

#include <algorithm>
#include <utility>

#include "connector/client/reader_group/decisions.h"
#include "connector/client/reader_group/group_setup.h"
#include "connector/client/reader_group/group_synchronizer.h"
#include "connector/client/reader_group/stream_histories.h"
#include "connector/controller/types.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/sleep.h"

namespace pravega::client {
namespace {

// Between two looks at a checkpoint that is not complete; the Java client's.
constexpr std::chrono::milliseconds kPoll(500);

controller::ReaderGroupConfig ToController(const ReaderGroupOptions& options) {
  controller::ReaderGroupConfig config;
  config.group_refresh_ms = options.refresh_interval.count();
  config.automatic_checkpoint_interval_ms =
      options.automatic_checkpoint_interval ? options.automatic_checkpoint_interval->count() : -1;
  config.max_outstanding_checkpoints = options.max_outstanding_checkpoints;
  for (const auto& [stream, bounds] : options.streams) {
    config.starting_cuts[stream] = bounds.from.positions();
    config.ending_cuts[stream] = bounds.to.positions();
  }
  return config;
}

absl::Status Validate(const std::string& group, const ReaderGroupOptions& options) {
  absl::Status name = ValidateUserName(group);
  if (!name.ok()) return name;
  if (options.streams.empty()) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "reader group ", group, " needs at least one stream");
  }
  for (const auto& [stream, bounds] : options.streams) {
    for (const StreamCut* cut : {&bounds.from, &bounds.to}) {
      if (cut->unbounded() || (cut->stream() == stream && !cut->positions().empty())) continue;
      return MakeStatus(absl::StatusCode::kInvalidArgument, "reader group ", group, ": ", cut->ToString(),
                        " is no cut of ", stream.ToString());
    }
  }
  return absl::OkStatus();
}

// Nobody answers now; later somebody may.
bool IsPassing(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

}  // namespace

class ReaderGroup::Impl {
 public:
  Impl(ClientContext& context, std::string scope, std::string group, std::unique_ptr<GroupSynchronizer> synchronizer)
      : context_(context),
        scope_(std::move(scope)),
        name_(std::move(group)),
        synchronizer_(std::move(synchronizer)),
        histories_(context),
        silent_names_(context.runtime().choices().Stream("silent checkpoint", name_)) {}

  const std::string& name() const { return name_; }

  runtime::Task<absl::StatusOr<Checkpoint>> TakeCheckpoint(std::string name, runtime::Instant deadline) {
    absl::StatusOr<SegmentPositions> positions = co_await PositionsAt(name, false, deadline);
    if (!positions.ok()) co_return positions.status();
    absl::StatusOr<std::map<ScopedStream, StreamCut>> cuts = co_await CutsFor(*std::move(positions));
    if (!cuts.ok()) co_return cuts.status();
    // That they stay there does no harm, so what became of this is not important.
    absl::StatusOr<bool> cleared = co_await runtime::WithDeadline(
        context_.runtime(), synchronizer_->Update([&name](const ReaderGroupState& state) {
          const std::vector<std::string>& names = state.checkpoints.names;
          const bool oldest = names.empty() || names.front() == name;
          return oldest || !state.checkpoints.Known(name) ? Updates() : ClearBefore(name);
        }),
        deadline);
    if (absl::IsCancelled(cleared.status())) co_return cleared.status();
    co_return Checkpoint{std::move(name), *std::move(cuts)};
  }

  runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> GenerateStreamCuts(runtime::Instant deadline) {
    while (true) {
      const std::string name = NewSilentName();
      absl::StatusOr<SegmentPositions> positions = co_await PositionsAt(name, true, deadline);
      // A later checkpoint has cleared it. One under another name is as good.
      if (absl::IsAborted(positions.status()) && context_.runtime().Now() < deadline) continue;
      if (!positions.ok()) co_return positions.status();
      absl::StatusOr<std::map<ScopedStream, StreamCut>> cuts = co_await CutsFor(*std::move(positions));
      if (!cuts.ok()) co_return cuts.status();
      // Nobody asks for it again. If it stays there, the next one clears it.
      absl::StatusOr<bool> cleared = co_await runtime::WithDeadline(
          context_.runtime(),
          synchronizer_->Update([&name](const ReaderGroupState& state) { return ClearBeforeSilent(state, name); }),
          deadline);
      if (absl::IsCancelled(cleared.status())) co_return cleared.status();
      co_return cuts;
    }
  }

  runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> StreamCuts() {
    absl::Status status = co_await synchronizer_->Fetch();
    if (!status.ok()) co_return status;
    absl::StatusOr<std::map<ScopedStream, StreamCut>> cuts =
        co_await CutsFor(RecordedPositions(synchronizer_->state()));
    co_return cuts;
  }

  runtime::Task<absl::Status> ReaderOffline(std::string reader, std::optional<Position> position) {
    std::optional<Position::Map> last;
    if (position) last = position->Segments();
    absl::StatusOr<bool> written = co_await synchronizer_->Update(
        [&reader, &last](const ReaderGroupState& state) { return Leave(state, reader, last); });
    if (!written.ok()) co_return written.status();
    if (!*written) {
      // Not online as this copy has it, which may be old.
      absl::Status status = co_await synchronizer_->Fetch();
      if (!status.ok()) co_return status;
      written = co_await synchronizer_->Update(
          [&reader, &last](const ReaderGroupState& state) { return Leave(state, reader, last); });
    }
    co_return written.status();
  }

  runtime::Task<absl::StatusOr<std::set<std::string>>> OnlineReaders() {
    absl::Status status = co_await synchronizer_->Fetch();
    if (!status.ok()) co_return status;
    std::set<std::string> readers;
    for (const auto& [reader, segments] : synchronizer_->state().assigned) readers.insert(reader);
    co_return readers;
  }

  runtime::Task<absl::Status> Delete() {
    absl::Status status =
        co_await context_.controller().DeleteReaderGroup(scope_, name_, synchronizer_->state().config.id);
    co_return status;
  }

  runtime::Task<void> Close() { co_await synchronizer_->Close(); }

 private:
  std::string NewSilentName() {
    std::string random;
    for (int i = 0; i < 2; ++i) {
      const Uuid half = silent_names_.NewUuid();
      for (uint64_t word : {half.high, half.low}) {
        for (int shift = 56; shift >= 0; shift -= 8) random.push_back(static_cast<char>(word >> shift & 0xff));
      }
    }
    return SilentCheckpointName(random);
  }

  // Begins the checkpoint, unless it was begun before, and waits for all its reports.
  runtime::Task<absl::StatusOr<SegmentPositions>> PositionsAt(std::string name, bool silent,
                                                              runtime::Instant deadline) {
    runtime::Runtime& runtime = context_.runtime();
    // Whether there is one of that name already is not for an old copy to say.
    absl::Status status = co_await runtime::WithDeadline(runtime, synchronizer_->Fetch(), deadline);
    if (!status.ok()) co_return status;
    absl::StatusOr<bool> begun = co_await runtime::WithDeadline(
        runtime, synchronizer_->Update([&name, silent](const ReaderGroupState& state) -> absl::StatusOr<Updates> {
          if (silent) return StartSilentCheckpoint(state, name);
          return StartCheckpoint(state, name);
        }),
        deadline);
    if (!begun.ok()) co_return begun.status();
    while (true) {
      switch (ProgressOf(synchronizer_->state(), name)) {
        case CheckpointProgress::kComplete:
          co_return *PositionsOf(synchronizer_->state(), name);
        case CheckpointProgress::kGone:
          co_return MakeStatus(absl::StatusCode::kAborted, "checkpoint ", name, " of reader group ", name_,
                               " was cleared by a later one before it was complete; take another");
        case CheckpointProgress::kPending:
          break;
      }
      if (runtime.Now() >= deadline) {
        co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, "checkpoint ", name, " of reader group ", name_,
                             " is not complete: not all online readers have asked for their next event since it was "
                             "handed out, or one of them died and was not declared offline");
      }
      status = co_await runtime::SleepUntil(runtime, std::min(deadline, runtime.Now() + kPoll),
                                            "another look at a checkpoint");
      if (!status.ok()) co_return status;
      status = co_await runtime::WithDeadline(runtime, synchronizer_->Fetch(), deadline);
      if (!status.ok() && !IsPassing(status)) co_return status;
    }
  }

  runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> CutsFor(SegmentPositions positions) {
    absl::StatusOr<std::map<ScopedStream, StreamCut>> cuts = co_await histories_.WholeCutsOf(
        std::move(positions), synchronizer_->state().ranges, synchronizer_->state().end_segments);
    co_return cuts;
  }

  ClientContext& context_;
  const std::string scope_;
  const std::string name_;
  std::unique_ptr<GroupSynchronizer> synchronizer_;
  StreamHistories histories_;
  runtime::ChoiceStream silent_names_;
};

ReaderGroup::ReaderGroup(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReaderGroup::~ReaderGroup() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<ReaderGroup>>> ReaderGroup::Create(ClientContext& context,
                                                                                std::string scope, std::string group,
                                                                                ReaderGroupOptions options) {
  absl::Status valid = Validate(group, options);
  if (!valid.ok()) co_return valid;
  absl::StatusOr<controller::ControllerClient::ReaderGroupCreated> created =
      co_await context.controller().CreateReaderGroup(scope, group, ToController(options));
  if (!created.ok()) co_return created.status();
  absl::StatusOr<std::unique_ptr<ReaderGroup>> opened = co_await Open(context, std::move(scope), std::move(group));
  co_return opened;
}

runtime::Task<absl::StatusOr<std::unique_ptr<ReaderGroup>>> ReaderGroup::Open(ClientContext& context, std::string scope,
                                                                              std::string group) {
  absl::StatusOr<std::unique_ptr<GroupSynchronizer>> synchronizer = co_await OpenGroup(context, scope, group);
  if (!synchronizer.ok()) co_return synchronizer.status();
  auto impl = std::make_unique<Impl>(context, std::move(scope), std::move(group), *std::move(synchronizer));
  co_return std::unique_ptr<ReaderGroup>(new ReaderGroup(std::move(impl)));
}

runtime::Task<absl::StatusOr<Checkpoint>> ReaderGroup::TakeCheckpoint(std::string name, runtime::Instant deadline) {
  return impl_->TakeCheckpoint(std::move(name), deadline);
}
runtime::Task<absl::Status> ReaderGroup::ReaderOffline(std::string reader_id, std::optional<Position> position) {
  return impl_->ReaderOffline(std::move(reader_id), std::move(position));
}
runtime::Task<absl::StatusOr<std::set<std::string>>> ReaderGroup::OnlineReaders() { return impl_->OnlineReaders(); }
runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> ReaderGroup::StreamCuts() {
  return impl_->StreamCuts();
}
runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> ReaderGroup::GenerateStreamCuts(
    runtime::Instant deadline) {
  return impl_->GenerateStreamCuts(deadline);
}
runtime::Task<absl::Status> ReaderGroup::Delete() { return impl_->Delete(); }
runtime::Task<void> ReaderGroup::Close() { return impl_->Close(); }
const std::string& ReaderGroup::name() const { return impl_->name(); }

}  // namespace pravega::client
