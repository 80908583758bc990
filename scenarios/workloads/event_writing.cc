#include "scenarios/workloads/event_writing.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "connector/client/client_context.h"
#include "connector/client/event_writer.h"
#include "connector/controller/controller_client.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"
#include "scenarios/workloads/history_types.h"
#include "scenarios/workloads/resends.h"

namespace pravega::scenarios {
namespace {

using client::EventWriter;
using client::Sequence;
using runtime::Runtime;
using runtime::Task;

// A write that is on its way, for the task that waits for outcomes.
struct Sent {
  OpId op;
  Sequence sequence;
  int64_t row;
};

Task<void> CollectOutcomes(WorkloadContext& context, EventWriter& writer, runtime::BoundedQueue<Sent>& sent) {
  while (true) {
    absl::StatusOr<Sent> next = co_await sent.Pop();
    if (!next.ok()) co_return;
    absl::StatusOr<client::EventResult> result = co_await writer.Acked(next->sequence);
    if (!result.ok()) co_return;
    const Outcome outcome = ToHistory(result->outcome);
    context.recorder->Complete(context.now_ns(), next->op, outcome);
    context.ledger->Settled(next->row, outcome);
    ++context.events_settled;
  }
}

// One writer object's life: until the rows are used up or the writer is at its end.
Task<absl::Status> WriteUntilEnd(Runtime& runtime, WorkloadContext& context, client::ClientContext& client,
                                 WriterShare& share, const std::string& process, int64_t* next_sequence) {
  absl::StatusOr<std::unique_ptr<EventWriter>> opened = co_await EventWriter::Open(client, context.stream(), {});
  if (!opened.ok()) co_return opened.status();
  EventWriter& writer = **opened;
  const CountResends<EventWriter> resends(context.resends, writer);
  // Deep enough for everything that the writer's own bound lets be under way.
  constexpr size_t kUnderWay = 1 << 16;
  runtime::BoundedQueue<Sent> sent("outcomes of " + process, kUnderWay);
  runtime::TaskGroup tasks(runtime.scheduler(), "outcomes");
  tasks.Spawn("collect", CollectOutcomes(context, writer, sent));

  const NameId process_name = context.recorder->Name(process);
  const NameId stream_name = context.recorder->Name(context.stream().ToString());
  absl::Status status;
  while (share.next < share.rows.size() && status.ok()) {
    const int64_t row_index = share.rows[share.next];
    const int64_t wait = context.start_ns + context.DueAt(row_index) - context.now_ns();
    if (wait > 0) {
      status = co_await runtime::SleepFor(runtime, runtime::Duration(wait), "the next row to be due");
      if (!status.ok()) break;
    }
    ++share.next;
    const Row& row = context.rows->rows()[static_cast<size_t>(row_index)];
    const int64_t sequence = (*next_sequence)++;
    Write write;
    write.event = Event{process_name, sequence};
    write.stream = stream_name;
    write.key = context.recorder->Name(row.key);
    const OpId op = context.recorder->Invoke(context.now_ns(), process_name, write);
    context.ledger->Tried(row_index);
    Buffer payload(EncodePayload({process, sequence, row_index}, row.text));
    absl::StatusOr<Sequence> taken = co_await writer.Write(std::string(row.key), std::move(payload));
    if (!taken.ok()) {
      // Not taken: it is not in the stream and never will be.
      context.recorder->Complete(context.now_ns(), op, Outcome::kFailed);
      context.ledger->Settled(row_index, Outcome::kFailed);
      status = taken.status();
      break;
    }
    absl::Status queued = co_await sent.Push(Sent{op, *taken, row_index});
    if (!queued.ok()) status = queued;
  }
  absl::Status closed = co_await writer.Close();
  sent.Close();
  co_await tasks.Join();
  co_return status.ok() ? closed : status;
}

}  // namespace

Task<void> WriteEvents(Runtime& runtime, WorkloadContext& context, size_t writer, std::string process) {
  WriterShare& share = context.shares[writer];
  std::unique_ptr<controller::ControllerClient> controller =
      controller::ControllerClient::Connect(runtime, context.controllers, {});
  client::ClientContext client(runtime, *controller);
  int64_t next_sequence = 0;
  while (true) {
    absl::Status ended = co_await WriteUntilEnd(runtime, context, client, share, process, &next_sequence);
    if (absl::IsCancelled(ended)) break;
    if (share.next == share.rows.size()) {
      share.done = true;
      break;
    }
    runtime.Log(StrCat("the writer came to its end and is replaced: ", ToStd(ended.message())));
    absl::Status slept = co_await runtime::SleepFor(runtime, std::chrono::seconds(1), "another writer");
    if (!slept.ok()) break;
  }
  co_await client.Close();
}

}  // namespace pravega::scenarios
