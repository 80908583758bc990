#include "scenarios/workloads/administration.h"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/client/reader_group/reader_group.h"
#include "connector/client/segment_client.h"
#include "connector/controller/controller_client.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/task_group.h"
#include "scenarios/workloads/history_types.h"
#include "scenarios/workloads/read_back.h"
#include "scenarios/workloads/scaling.h"

namespace pravega::scenarios {
namespace {

using client::ReaderGroup;
using runtime::Runtime;
using runtime::Task;

class Admin {
 public:
  Admin(Runtime& runtime, WorkloadContext& context, Administration& shared)
      : runtime_(runtime),
        context_(context),
        shared_(shared),
        recorder_(*context.recorder),
        process_(recorder_.Name("admin")),
        stream_name_(recorder_.Name(context.stream().ToString())),
        group_name_(recorder_.Name(context.group())),
        changed_("the observer"),
        controller_(controller::ControllerClient::Connect(runtime, context.controllers, {})),
        client_(runtime, *controller_) {
    shared_.wake = [this] { changed_.Pulse(); };
  }
  ~Admin() {
    shared_.wake = [] {};
  }

  Task<void> Run() {
    absl::Status done = co_await RunUntilDone();
    if (!done.ok()) {
      shared_.gave_up = StrCat("the admin gave up: ", ToStd(done.message()));
      runtime_.Log(shared_.gave_up);
    }
    if (group_ != nullptr) co_await group_->Close();
    co_await client_.Close();
  }

 private:
  Task<absl::Status> RunUntilDone() {
    // Whatever an earlier life had under way died with it.
    recorder_.Abandon(context_.now_ns(), process_);
    while (true) {
      absl::Status set;
      if (shared_.stage_is_set) {
        set = co_await FindStage();
      } else {
        set = co_await SetStage();
      }
      if (set.ok()) break;
      if (absl::IsCancelled(set)) co_return set;
      runtime_.Log(StrCat("the stage is not set yet: ", ToStd(set.message())));
      absl::Status slept = co_await runtime::SleepFor(runtime_, std::chrono::seconds(1), "another attempt");
      if (!slept.ok()) co_return slept;
    }
    shared_.stage_is_set = true;
    runtime::TaskGroup tasks(runtime_.scheduler(), "admin");
    tasks.Spawn("scale", ServeScales());
    if (context_.workload->checkpoint_every.count() > 0) tasks.Spawn("checkpoint", TakeCheckpoints());
    absl::Status over = co_await Conclude();
    co_await tasks.Stop();
    co_return over;
  }

  Task<absl::Status> SetStage() {
    const Workload& workload = *context_.workload;
    const OpId creating = Invoke(StreamCreate{stream_name_, workload.segments});
    absl::StatusOr<bool> scope = co_await controller_->CreateScope(workload.scope);
    absl::Status status = scope.status();
    if (scope.ok()) {
      controller::StreamConfiguration configuration;
      configuration.scaling = controller::ScalingPolicy::Fixed(workload.segments);
      absl::StatusOr<bool> stream = co_await controller_->CreateStream(context_.stream(), configuration);
      status = stream.status();
    }
    Complete(creating, status.ok() ? Outcome::kOk : Outcome::kUnknown);
    if (!status.ok()) co_return status;

    client::ReaderGroupOptions options;
    options.streams[context_.stream()] = {};
    options.automatic_checkpoint_interval.reset();
    options.refresh_interval = std::chrono::milliseconds(1000);
    const OpId grouping = Invoke(GroupCreate{group_name_, {stream_name_}, {}, {}});
    absl::StatusOr<std::unique_ptr<ReaderGroup>> group =
        co_await ReaderGroup::Create(client_, workload.scope, context_.group(), options);
    Complete(grouping, group.ok() ? Outcome::kOk : Outcome::kUnknown);
    if (!group.ok()) co_return group.status();
    group_ = *std::move(group);
    co_return absl::OkStatus();
  }

  // The admin is back: everything is there but its own view of it.
  Task<absl::Status> FindStage() {
    absl::StatusOr<std::unique_ptr<ReaderGroup>> group =
        co_await ReaderGroup::Open(client_, context_.workload->scope, context_.group());
    if (!group.ok()) co_return group.status();
    group_ = *std::move(group);
    co_return absl::OkStatus();
  }

  Task<void> ServeScales() {
    while (true) {
      while (shared_.scale_requests.empty()) {
        absl::Status waited = co_await changed_.Wait();
        if (!waited.ok()) co_return;
      }
      Administration::ScaleRequest request = std::move(shared_.scale_requests.front());
      shared_.scale_requests.pop_front();
      absl::StatusOr<std::string> scaled = co_await Scale(request.up);
      if (scaled.ok()) {
        request.done(*scaled);
      } else {
        runtime_.Log(StrCat("a scale did not take place: ", ToStd(scaled.status().message())));
      }
    }
  }

  Task<absl::StatusOr<std::string>> Scale(bool up) {
    absl::StatusOr<controller::StreamSegments> current = co_await controller_->GetCurrentSegments(context_.stream());
    if (!current.ok()) co_return current.status();
    std::optional<ScalePlan> plan = up ? PlanSplit(current->segments) : PlanMerge(current->segments);
    if (!plan) co_return absl::FailedPreconditionError("the stream has too few segments");
    StreamScale scale;
    scale.stream = stream_name_;
    std::string detail = up ? "split of" : "merge of";
    for (SegmentId id : plan->sealed) {
      scale.sealed.push_back(Segment{stream_name_, id});
      detail += " " + id.ToString();
    }
    for (const ::pravega::KeyRange& range : plan->ranges) scale.ranges.push_back({range.low, range.high});
    const OpId op = Invoke(std::move(scale));
    absl::StatusOr<controller::ScaleStarted> scaled =
        co_await controller_->Scale(context_.stream(), plan->sealed, plan->ranges);
    const bool refused = absl::IsFailedPrecondition(scaled.status());
    Complete(op, scaled.ok() ? Outcome::kOk : refused ? Outcome::kFailed : Outcome::kUnknown);
    if (!scaled.ok()) co_return scaled.status();
    co_return detail;
  }

  Task<void> TakeCheckpoints() {
    while (true) {
      absl::Status slept =
          co_await runtime::SleepFor(runtime_, context_.workload->checkpoint_every, "the next checkpoint to be due");
      if (!slept.ok()) co_return;
      const std::string name = StrCat("checkpoint-", ++shared_.checkpoints_begun);
      const NameId name_id = recorder_.Name(name);
      const OpId op = Invoke(Checkpoint{group_name_, name_id, {}});
      absl::StatusOr<pravega::Checkpoint> taken =
          co_await group_->TakeCheckpoint(name, runtime_.Now() + std::chrono::seconds(60));
      if (!taken.ok()) {
        // Only a refusal says for sure that there will be no such checkpoint.
        Complete(op, absl::IsResourceExhausted(taken.status()) ? Outcome::kFailed : Outcome::kUnknown);
        if (absl::IsCancelled(taken.status())) co_return;
        runtime_.Log(StrCat("no checkpoint: ", ToStd(taken.status().message())));
        continue;
      }
      const StreamCut& cut = taken->cuts[context_.stream()];
      recorder_.Complete(context_.now_ns(), op, Outcome::kOk,
                         Checkpoint{group_name_, name_id, ToHistory(recorder_, cut)});
      // Without a cut in the stream everything in it had been read: nothing lies behind, and there is no place to read
      // from.
      if (!cut.unbounded()) shared_.checkpoints.push_back({name, cut});
    }
  }

  Task<absl::Status> WaitFor(const bool* flag) {
    while (!*flag) {
      absl::Status waited = co_await changed_.Wait();
      if (!waited.ok()) co_return waited;
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Conclude() {
    absl::Status waited = co_await WaitFor(&shared_.writers_done);
    if (!waited.ok()) co_return waited;
    const OpId drain = Invoke(Drain{group_name_});
    const OpId sealing = Invoke(StreamSeal{stream_name_});
    absl::Status sealed;
    do {
      sealed = co_await controller_->SealStream(context_.stream());
      if (absl::IsCancelled(sealed)) co_return sealed;
      if (!sealed.ok()) runtime_.Log(StrCat("the stream is not sealed yet: ", ToStd(sealed.message())));
    } while (!sealed.ok());
    Complete(sealing, Outcome::kOk);
    shared_.sealed = true;
    absl::Status read = co_await WaitFor(&shared_.readers_done);
    if (!read.ok()) co_return read;
    Complete(drain, Outcome::kOk);
    absl::Status looked = co_await LookAtTheEnd();
    shared_.looked = looked.ok();
    co_return looked;
  }

  Task<absl::Status> LookAtTheEnd() {
    absl::Status facts = co_await RecordFacts();
    if (!facts.ok()) co_return facts;
    // Spread over the run: the first, the last, and what lies between.
    const std::vector<Administration::Taken>& all = shared_.checkpoints;
    const size_t wanted = std::min(all.size(), static_cast<size_t>(context_.workload->read_backs));
    for (size_t i = 0; i < wanted; ++i) {
      const size_t index = wanted == 1 ? 0 : i * (all.size() - 1) / (wanted - 1);
      const Administration::Taken& taken = all[index];
      ReadBack read_back{group_name_, recorder_.Name(taken.name), {}};
      const OpId op = Invoke(read_back);
      absl::StatusOr<std::vector<RecordedEvent>> events =
          co_await ReadFrom(client_, context_.stream(), taken.cut, *context_.rows);
      if (!events.ok()) {
        Complete(op, Outcome::kFailed);
        co_return events.status();
      }
      for (const RecordedEvent& event : *events) {
        read_back.events.push_back(ToHistory(recorder_, event.pointer, event.identity));
      }
      recorder_.Complete(context_.now_ns(), op, Outcome::kOk, std::move(read_back));
    }
    co_return absl::OkStatus();
  }

  // Every segment that the stream ever had, with what comes before and behind it.
  Task<absl::Status> RecordFacts() {
    std::map<SegmentId, SegmentFacts> facts;
    for (int32_t epoch = 0;; ++epoch) {
      absl::StatusOr<controller::StreamSegments> segments =
          co_await controller_->GetEpochSegments(context_.stream(), Epoch(epoch));
      if (absl::IsNotFound(segments.status())) break;
      if (!segments.ok()) co_return segments.status();
      for (const controller::SegmentRange& segment : segments->segments) {
        SegmentFacts& fact = facts[segment.id];
        fact.segment = Segment{stream_name_, segment.id};
        fact.range = {segment.range.low, segment.range.high};
      }
    }
    for (auto& [id, fact] : facts) {
      absl::StatusOr<std::vector<controller::Successor>> successors =
          co_await controller_->GetSuccessors(context_.stream(), id);
      if (!successors.ok()) co_return successors.status();
      for (const controller::Successor& successor : *successors) {
        fact.successors.push_back(Segment{stream_name_, successor.segment.id});
        std::vector<Segment>& before = facts[successor.segment.id].predecessors;
        if (!before.empty()) continue;
        for (SegmentId predecessor : successor.predecessors) before.push_back(Segment{stream_name_, predecessor});
      }
      client::SegmentClient segment(client_, SegmentRef{context_.stream(), id});
      absl::StatusOr<client::SegmentInfo> info = co_await segment.GetInfo();
      if (!info.ok()) co_return info.status();
      fact.start = info->start;
      fact.length = info->length;
      fact.sealed = info->sealed;
    }
    for (auto& [id, fact] : facts) recorder_.Note(context_.now_ns(), process_, Box<SegmentFacts>(std::move(fact)));
    co_return absl::OkStatus();
  }

  OpId Invoke(Details details) { return recorder_.Invoke(context_.now_ns(), process_, std::move(details)); }
  void Complete(OpId op, Outcome outcome) { recorder_.Complete(context_.now_ns(), op, outcome); }

  Runtime& runtime_;
  WorkloadContext& context_;
  Administration& shared_;
  Recorder& recorder_;
  const NameId process_;
  const NameId stream_name_;
  const NameId group_name_;
  runtime::Event changed_;
  std::unique_ptr<controller::ControllerClient> controller_;
  client::ClientContext client_;
  std::unique_ptr<ReaderGroup> group_;
};

}  // namespace

Task<void> Administrate(Runtime& runtime, WorkloadContext& context, Administration& shared) {
  Admin admin(runtime, context, shared);
  co_await admin.Run();
}

}  // namespace pravega::scenarios
