#include "simulator/controller/metadata.h"

#include <algorithm>

#include "connector/core/status_macros.h"
#include "connector/runtime/sleep.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records_util.h"

namespace pravega::sim {
namespace {

using runtime::Task;

// Enough for every epoch that concurrent requests touch; when it is full all are forgotten and read again.
constexpr size_t kRememberedEpochs = 4096;

}  // namespace

Metadata::Metadata(runtime::Runtime& runtime, const ControllerOptions& options, std::unique_ptr<MetadataStore> store)
    : runtime_(runtime), options_(options), store_(std::move(store)) {}

Task<absl::StatusOr<std::optional<MetadataEntry>>> Metadata::ReadBytes(std::string key) {
  runtime::Instant give_up = runtime_.Now() + options_.metadata_patience;
  runtime::Duration delay = options_.first_retry;
  for (;;) {
    absl::StatusOr<std::optional<MetadataEntry>> entry = co_await store_->Get(key);
    if (!absl::IsUnavailable(entry.status()) || runtime_.Now() >= give_up) co_return entry;
    CO_RETURN_IF_ERROR(co_await runtime::SleepFor(runtime_, delay, "before reading metadata again"));
    delay = std::min(delay * 2, options_.longest_retry);
  }
}

Task<absl::StatusOr<std::vector<MetadataEntry>>> Metadata::Scan(std::string prefix, std::string after, size_t limit) {
  runtime::Instant give_up = runtime_.Now() + options_.metadata_patience;
  runtime::Duration delay = options_.first_retry;
  for (;;) {
    absl::StatusOr<std::vector<MetadataEntry>> entries = co_await store_->Scan(prefix, after, limit);
    if (!absl::IsUnavailable(entries.status()) || runtime_.Now() >= give_up) co_return entries;
    CO_RETURN_IF_ERROR(co_await runtime::SleepFor(runtime_, delay, "before scanning metadata again"));
    delay = std::min(delay * 2, options_.longest_retry);
  }
}

Task<absl::StatusOr<std::vector<int64_t>>> Metadata::Commit(std::vector<MetadataWrite> writes, std::string step) {
  absl::StatusOr<std::vector<int64_t>> versions = co_await store_->Commit(std::move(writes));
  if (versions.ok() && options_.after_step) co_await options_.after_step(std::move(step));
  co_return versions;
}

Task<absl::StatusOr<std::shared_ptr<const EpochTable>>> Metadata::ReadEpoch(ScopedStream stream, int64_t incarnation,
                                                                            Epoch epoch) {
  std::string key = keys::EpochSegments(stream, incarnation, epoch);
  auto remembered = epochs_.find(key);
  if (remembered != epochs_.end()) co_return remembered->second;
  CO_ASSIGN_OR_RETURN(Versioned<records::EpochSegments> record, co_await Read<records::EpochSegments>(key));
  if (!record.present()) {
    co_return MakeStatus(absl::StatusCode::kNotFound, "epoch ", epoch.value(), " of ", stream.ToString());
  }
  std::shared_ptr<const EpochTable> table = std::make_shared<EpochTable>(FromRecord(record.value));
  if (epochs_.size() >= kRememberedEpochs) epochs_.clear();
  epochs_[std::move(key)] = table;
  co_return std::move(table);
}

}  // namespace pravega::sim
