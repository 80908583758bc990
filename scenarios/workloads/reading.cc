#include "scenarios/workloads/reading.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/client/reader_group/event_reader.h"
#include "connector/client/reader_group/reader_group.h"
#include "connector/controller/controller_client.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "scenarios/workloads/history_types.h"
#include "scenarios/workloads/reader_records.h"

namespace pravega::scenarios {
namespace {

using client::EventReader;
using client::ReaderGroup;
using runtime::Runtime;
using runtime::Task;

// Events recorded in one durable step, at most.
constexpr size_t kBatch = 100;

// Writes what the reader does in its group into the history.
class Observer : public client::ReaderObserver {
 public:
  Observer(WorkloadContext& context, const std::string& process)
      : context_(context), process_(context.recorder->Name(process)), group_(context.recorder->Name(context.group())) {}

  void OnAcquired(const SegmentRef& segment, SegmentPosition position) override {
    // A segment that was read to its end before is acquired only to be completed: at its end there is no offset.
    if (position.finished()) return;
    Note(Acquire{group_, ToHistory(*context_.recorder, segment), position.offset()});
  }
  void OnReleasing(const SegmentRef& segment) override {
    Begin(segment, Release{group_, ToHistory(*context_.recorder, segment), Offset()});
  }
  void OnReleased(const SegmentRef& segment, SegmentPosition position) override {
    if (position.finished()) return;
    End(segment, Release{group_, ToHistory(*context_.recorder, segment), position.offset()});
  }
  void OnCompleting(const SegmentRef& segment) override {
    Begin(segment, SegmentCompleted{group_, ToHistory(*context_.recorder, segment)});
  }
  void OnCompleted(const SegmentRef& segment) override {
    End(segment, SegmentCompleted{group_, ToHistory(*context_.recorder, segment)});
  }
  void OnCheckpointReported(const std::string& checkpoint, const Position& position) override {
    Note(CheckpointReport{group_, context_.recorder->Name(checkpoint), ToHistory(*context_.recorder, position)});
  }

 private:
  void Note(Details details) { context_.recorder->Note(context_.now_ns(), process_, std::move(details)); }

  // A segment is given up from the first attempt to say so until the reader knows that it was said.
  void Begin(const SegmentRef& segment, Details details) {
    if (giving_up_.contains(segment)) return;
    giving_up_[segment] = context_.recorder->Invoke(context_.now_ns(), process_, std::move(details));
  }
  void End(const SegmentRef& segment, Details details) {
    auto begun = giving_up_.find(segment);
    if (begun == giving_up_.end()) return Note(std::move(details));
    context_.recorder->Complete(context_.now_ns(), begun->second, Outcome::kOk, std::move(details));
    giving_up_.erase(begun);
  }

  WorkloadContext& context_;
  NameId process_;
  NameId group_;
  std::map<SegmentRef, OpId> giving_up_;
};

// One life of a reader.
class Life {
 public:
  Life(Runtime& runtime, WorkloadContext& context, client::ClientContext& client, std::string process)
      : runtime_(runtime),
        context_(context),
        client_(client),
        process_(std::move(process)),
        process_name_(context.recorder->Name(process_)),
        group_name_(context.recorder->Name(context.group())),
        observer_(context, process_) {}

  // True when there is nothing left to read; an error when this reader is at its end.
  Task<absl::StatusOr<bool>> Run() {
    absl::StatusOr<std::unique_ptr<ReaderRecords>> records = co_await ReaderRecords::Create(runtime_, process_);
    if (!records.ok()) co_return records.status();
    records_ = *std::move(records);
    client::EventReaderOptions options;
    options.observer = &observer_;
    const OpId joining = Invoke(ReaderOnline{group_name_, process_name_});
    absl::StatusOr<std::unique_ptr<EventReader>> reader =
        co_await EventReader::Join(client_, context_.workload->scope, context_.group(), process_, options);
    Complete(joining, reader.ok() ? Outcome::kOk : Outcome::kUnknown);
    if (!reader.ok()) co_return reader.status();
    absl::StatusOr<bool> read = co_await ReadToEnd(**reader);
    const OpId leaving = Invoke(ReaderOffline{group_name_, process_name_, ToHistory(*context_.recorder, position_)});
    absl::Status closed = co_await (*reader)->Close();
    Complete(leaving, closed.ok() ? Outcome::kOk : Outcome::kUnknown);
    if (!read.ok()) co_return read.status();
    if (!closed.ok()) co_return closed;
    co_return read;
  }

 private:
  OpId Invoke(Details details) {
    return context_.recorder->Invoke(context_.now_ns(), process_name_, std::move(details));
  }
  void Complete(OpId op, Outcome outcome) { context_.recorder->Complete(context_.now_ns(), op, outcome); }
  void Complete(OpId op, Details details) {
    context_.recorder->Complete(context_.now_ns(), op, Outcome::kOk, std::move(details));
  }

  Task<absl::StatusOr<bool>> ReadToEnd(EventReader& reader) {
    OpId reading = Invoke(Reading{group_name_});
    while (true) {
      // While events wait to be recorded only what is there already is taken.
      const runtime::Instant deadline = batch_.empty() ? runtime_.Now() + std::chrono::seconds(1) : runtime_.Now();
      absl::StatusOr<client::ReadResult> next = co_await reader.ReadNext(deadline);
      if (!next.ok()) {
        Complete(reading, Outcome::kFailed);
        co_return next.status();
      }
      if (auto* event = std::get_if<client::EventRead>(&*next)) {
        EventIdentity identity = Identify(event->event.view(), *context_.rows);
        Complete(reading, Read{ToHistory(*context_.recorder, event->pointer, identity), group_name_});
        batch_.push_back({event->pointer, std::move(identity)});
        position_ = event->position;
        if (batch_.size() < kBatch) {
          reading = Invoke(Reading{group_name_});
          continue;
        }
        absl::Status recorded = co_await RecordBatch();
        if (!recorded.ok()) co_return recorded;
        reading = Invoke(Reading{group_name_});
        continue;
      }
      absl::Status recorded = co_await RecordBatch();
      if (!recorded.ok()) co_return recorded;
      if (auto* checkpoint = std::get_if<client::CheckpointRead>(&*next)) {
        Complete(reading, ReadCheckpoint{group_name_, context_.recorder->Name(checkpoint->checkpoint)});
        position_ = checkpoint->position;
        reading = Invoke(Reading{group_name_});
      } else if (auto* end = std::get_if<client::EndOfData>(&*next)) {
        Complete(reading, ReadEnd{group_name_});
        position_ = end->position;
        co_return true;
      }
    }
  }

  Task<absl::Status> RecordBatch() {
    if (batch_.empty()) co_return absl::OkStatus();
    std::vector<OpId> ops;
    ops.reserve(batch_.size());
    for (const RecordedEvent& event : batch_) {
      ops.push_back(Invoke(Record{ToHistory(*context_.recorder, event.pointer, event.identity), group_name_}));
    }
    const std::vector<RecordedEvent> batch = std::exchange(batch_, {});
    absl::Status appended = co_await records_->Append(batch, position_);
    for (OpId op : ops) Complete(op, appended.ok() ? Outcome::kOk : Outcome::kUnknown);
    if (appended.ok()) {
      context_.events_recorded += static_cast<int64_t>(ops.size());
      for (const RecordedEvent& event : batch) context_.ledger->Recorded(event.identity.row, event.pointer);
    }
    co_return appended;
  }

  Runtime& runtime_;
  WorkloadContext& context_;
  client::ClientContext& client_;
  const std::string process_;
  const NameId process_name_;
  const NameId group_name_;
  Observer observer_;
  std::unique_ptr<ReaderRecords> records_;
  std::vector<RecordedEvent> batch_;
  Position position_;
};

// Recovers what an ended life recorded and declares it offline there.
Task<absl::Status> Bury(Runtime& runtime, WorkloadContext& context, client::ClientContext& client, std::string machine,
                        std::string process) {
  Recorder& recorder = *context.recorder;
  const NameId supervisor = recorder.Name("supervisor of " + machine);
  const NameId reader = recorder.Name(process);
  const NameId group_name = recorder.Name(context.group());
  recorder.Abandon(context.now_ns(), reader);
  absl::StatusOr<ReaderRecords::Found> found = co_await ReaderRecords::Recover(runtime, process);
  if (!found.ok()) co_return found.status();
  Recovered recovered{group_name, reader, {}};
  for (const RecordedEvent& event : found->events) {
    recovered.events.push_back(ToHistory(recorder, event.pointer, event.identity));
    context.ledger->Recorded(event.identity.row, event.pointer);
  }
  recorder.Note(context.now_ns(), supervisor, std::move(recovered));

  absl::StatusOr<std::unique_ptr<ReaderGroup>> group =
      co_await ReaderGroup::Open(client, context.workload->scope, context.group());
  if (!group.ok()) co_return group.status();
  ReaderOffline offline{group_name, reader, {}};
  if (found->position) offline.position = ToHistory(recorder, *found->position);
  const OpId op = recorder.Invoke(context.now_ns(), supervisor, std::move(offline));
  absl::Status declared = co_await (*group)->ReaderOffline(process, found->position);
  recorder.Complete(context.now_ns(), op, declared.ok() ? Outcome::kOk : Outcome::kUnknown);
  co_await (*group)->Close();
  co_return declared;
}

Task<absl::StatusOr<bool>> Live(Runtime& runtime, WorkloadContext& context, client::ClientContext& client,
                                size_t reader, std::string machine) {
  ReaderShare& share = context.readers[reader];
  for (int life = 1; life <= share.lives; ++life) {
    if (share.settled.contains(life)) continue;
    absl::Status buried = co_await Bury(runtime, context, client, machine, ProcessName(machine, life));
    if (!buried.ok()) co_return buried;
    share.settled.insert(life);
  }
  const int life_number = ++share.lives;
  Life life(runtime, context, client, ProcessName(machine, life_number));
  absl::StatusOr<bool> ended = co_await life.Run();
  if (ended.ok()) share.settled.insert(life_number);
  co_return ended;
}

}  // namespace

Task<void> ReadEvents(Runtime& runtime, WorkloadContext& context, size_t reader, std::string machine) {
  std::unique_ptr<controller::ControllerClient> controller =
      controller::ControllerClient::Connect(runtime, context.controllers, {});
  client::ClientContext client(runtime, *controller);
  while (true) {
    absl::StatusOr<bool> ended = co_await Live(runtime, context, client, reader, machine);
    if (ended.ok()) {
      context.readers[reader].done = true;
      break;
    }
    if (absl::IsCancelled(ended.status())) break;
    runtime.Log(StrCat("a reader came to its end and is replaced: ", ToStd(ended.status().message())));
    absl::Status slept = co_await runtime::SleepFor(runtime, std::chrono::seconds(1), "another reader");
    if (!slept.ok()) break;
  }
  co_await client.Close();
}

}  // namespace pravega::scenarios
