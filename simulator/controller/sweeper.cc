#include "simulator/controller/sweeper.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "connector/core/status_macros.h"
#include "connector/runtime/sleep.h"
#include "simulator/controller/keys.h"

namespace pravega::sim {
namespace {

using runtime::Task;

constexpr size_t kPage = 500;

records::CompletedTransaction CompletedAt(int64_t time_ms) {
  records::CompletedTransaction record;
  record.set_time_ms(time_ms);
  return record;
}

}  // namespace

Task<void> Sweeper::Run() {
  for (;;) {
    absl::Status swept = co_await Sweep();
    if (absl::IsCancelled(swept)) co_return;
    if (swept.ok()) {
      first_ = false;
    } else {
      context_.runtime.Log(StrCat("sweep: ", ToStd(swept.message())));
    }
    absl::Status slept =
        co_await runtime::SleepFor(context_.runtime, context_.options.sweep_period, "until the next sweep");
    if (!slept.ok()) co_return;
  }
}

Task<absl::Status> Sweeper::Sweep() {
  CO_RETURN_IF_ERROR(co_await SweepPrefix(keys::kWork, &work_));
  CO_RETURN_IF_ERROR(co_await SweepPrefix(keys::kTransactions, &open_));
  CO_RETURN_IF_ERROR(co_await ForgetCompleted());
  co_return absl::OkStatus();
}

Task<absl::Status> Sweeper::ForgetCompleted() {
  const int64_t now = context_.NowMillis();
  if (now < next_forgotten_ms_) co_return absl::OkStatus();
  // What completes from now on is kept so long.
  int64_t next = transactions_.ForgottenAt(CompletedAt(now));
  std::string after;
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> page,
                        co_await context_.metadata.Scan(std::string(keys::kCompletedTransactions), after, kPage));
    std::vector<MetadataWrite> erased;
    for (const MetadataEntry& entry : page) {
      records::CompletedTransaction record;
      if (!record.ParseFromString(entry.value)) {
        co_return MakeStatus(absl::StatusCode::kDataLoss, "metadata record ", entry.key, " does not parse");
      }
      const int64_t forgotten_at = transactions_.ForgottenAt(record);
      if (forgotten_at <= now) {
        erased.push_back(Erase(entry.key));
      } else {
        next = std::min(next, forgotten_at);
      }
    }
    if (!erased.empty()) {
      absl::StatusOr<std::vector<int64_t>> written =
          co_await context_.metadata.Commit(std::move(erased), "forget completed transactions");
      if (!written.ok()) co_return written.status();
    }
    if (page.size() < kPage) break;
    after = page.back().key;
  }
  next_forgotten_ms_ = next;
  co_return absl::OkStatus();
}

Task<absl::Status> Sweeper::SweepPrefix(std::string_view prefix, Versions* seen) {
  Versions now;
  std::string after;
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> page,
                        co_await context_.metadata.Scan(std::string(prefix), after, kPage));
    for (const MetadataEntry& entry : page) {
      auto before = seen->find(entry.key);
      Found(entry, first_ || (before != seen->end() && before->second == entry.version));
      now.emplace(entry.key, entry.version);
    }
    if (page.size() < kPage) break;
    after = page.back().key;
  }
  *seen = std::move(now);
  co_return absl::OkStatus();
}

void Sweeper::Found(const MetadataEntry& entry, bool take_over) {
  if (std::optional<keys::ParsedTransaction> transaction = keys::ParseTransaction(entry.key)) {
    records::Transaction record;
    if (record.ParseFromString(entry.value)) transactions_.Found(entry.key, record, take_over);
    return;
  }
  std::optional<keys::ParsedWork> work = keys::ParseWork(entry.key);
  if (!work || !take_over || context_.workers.running(entry.key)) return;
  if (work->reader_group) {
    groups_.Start(work->name.scope, work->name.stream);
  } else {
    streams_.Start(work->name);
  }
}

}  // namespace pravega::sim
