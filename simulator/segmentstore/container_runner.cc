#include "simulator/segmentstore/container_runner.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "simulator/segmentstore/yield.h"

namespace pravega::sim {

using runtime::Task;

ContainerRunner::ContainerRunner(runtime::Runtime& runtime, ContainerId id, std::unique_ptr<DurableLog> log,
                                 ContainerRunnerOptions options)
    : runtime_(runtime),
      id_(id),
      options_(options),
      log_(std::move(log)),
      work_(StrCat("work of container ", id.value())) {}

void ContainerRunner::Log(std::string_view what) { runtime_.Log(StrCat("container ", id_.value(), ": ", what)); }

Task<void> ContainerRunner::Run() {
  runtime::Duration retry = options_.first_retry;
  while (true) {
    absl::Status ended = co_await Recover();
    if (ended.ok()) {
      retry = options_.first_retry;
      Log(StrCat("running, ", container_->segments(), " segments"));
      ended = co_await Serve();
    }
    GiveUp(ended);
    // Somebody else's container now: to take it back would start a fight that nobody wins. A damaged log is nobody's.
    if (!absl::IsUnavailable(ended)) co_return;
    absl::Status slept = co_await runtime::SleepFor(runtime_, retry, "retry of the log");
    if (!slept.ok()) co_return;
    retry = std::min(2 * retry, options_.longest_retry);
  }
}

void ContainerRunner::GiveUp(const absl::Status& why) {
  Log(StrCat("stopped: ", why.ToString()));
  const bool was_running = std::exchange(running_, false);
  if (was_running) container_->Abandon();
}

Task<absl::Status> ContainerRunner::Recover() {
  absl::Status fenced = co_await log_->Fence();
  if (!fenced.ok()) co_return fenced;
  auto container = std::make_unique<Container>();
  int64_t next = 1;
  recovered_ = false;
  while (true) {
    absl::StatusOr<std::vector<LogRecord>> records = co_await log_->Read(next, options_.replay_bytes);
    if (!records.ok()) co_return records.status();
    if (records->empty()) break;
    recovered_ = true;
    next = records->back().sequence + 1;
    for (const LogRecord& record : *records) {
      absl::Status replayed = container->Replay(record.bytes);
      if (!replayed.ok()) co_return Annotate(replayed, StrCat("record ", record.sequence));
    }
  }
  container->FinishReplay();
  container->set_observer(this);
  container_ = std::move(container);
  ++generation_;
  running_ = true;
  co_return absl::OkStatus();
}

bool ContainerRunner::SnapshotDue() const {
  size_t grown = container_->bytes_behind_snapshot();
  return grown >= options_.min_snapshot_bytes && grown >= container_->live_bytes();
}

Task<absl::Status> ContainerRunner::Serve() {
  while (true) {
    container_->CompleteReady();
    if (container_->has_unsent() || SnapshotDue()) {
      absl::Status committed = co_await CommitBatch();
      if (!committed.ok()) co_return committed;
      continue;
    }
    work_.Reset();
    absl::Status waited = co_await work_.Wait();
    if (!waited.ok()) co_return waited;
  }
}

Task<absl::Status> ContainerRunner::CommitBatch() {
  const bool snapshot = SnapshotDue();
  size_t max_bytes = options_.max_batch_bytes;
  // A snapshot leaves whole, however large: the log before it may go only when all of it is durable.
  if (snapshot) max_bytes = std::max(max_bytes, container_->QueueSnapshot());
  std::vector<Buffer> batch = container_->TakeBatch(max_bytes);
  batch_is_mixed_ = container_->batch_is_mixed();
  const int64_t records = static_cast<int64_t>(batch.size());
  absl::StatusOr<int64_t> last = co_await log_->Append(std::move(batch));
  if (!last.ok()) co_return last.status();
  while (true) {
    container_->ApplyNext();
    if (container_->in_flight() == 0) break;
    // Each effect is a step of its own, between which others run and the node may die.
    absl::Status yielded = co_await Yield("the next record to take effect");
    if (!yielded.ok()) co_return yielded;
  }
  if (!snapshot) co_return absl::OkStatus();
  // The snapshot's first record is the batch's.
  absl::Status truncated = co_await log_->Truncate(*last - records);
  if (absl::IsUnavailable(truncated)) {
    // Nothing depends on it; the next snapshot truncates more.
    Log("the log could not be truncated");
    co_return absl::OkStatus();
  }
  co_return truncated;
}

}  // namespace pravega::sim
