// Metadata: typed records over the metadata store, with retries of what may be retried.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_METADATA_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_METADATA_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/controller/serialize.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/strings.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/controller/options.h"
#include "simulator/controller/topology.h"
#include "simulator/durable/metadata_store.h"

namespace pravega::sim {

// A record as it was read; `version` 0 says that there is none.
template <typename T>
struct Versioned {
  T value;
  int64_t version = MetadataWrite::kAbsent;
  bool present() const { return version != MetadataWrite::kAbsent; }
};

template <typename T>
MetadataWrite Put(std::string key, const T& record, int64_t expected_version = MetadataWrite::kAny) {
  return MetadataWrite{std::move(key), expected_version, controller::SerializeDeterministically(record)};
}
inline MetadataWrite PutMarker(std::string key) {
  return MetadataWrite{std::move(key), MetadataWrite::kAny, std::string()};
}
inline MetadataWrite Erase(std::string key, int64_t expected_version = MetadataWrite::kAny) {
  return MetadataWrite{std::move(key), expected_version, std::nullopt};
}

// A list of writes. (A braced list inside an await is more than some compilers can do.)
template <typename... Write>
std::vector<MetadataWrite> Writes(Write... write) {
  std::vector<MetadataWrite> writes;
  writes.reserve(sizeof...(write));
  (writes.push_back(std::move(write)), ...);
  return writes;
}

// Thread-compatible; calls may overlap.
class Metadata {
 public:
  // All outlive it.
  Metadata(runtime::Runtime& runtime, const ControllerOptions& options, std::unique_ptr<MetadataStore> store);

  // Reads are repeated while the service is unavailable, for `options.metadata_patience`. Errors: Unavailable,
  // Cancelled, DataLoss (a record that does not parse).
  template <typename T>
  runtime::Task<absl::StatusOr<Versioned<T>>> Read(std::string key) {
    absl::StatusOr<std::optional<MetadataEntry>> entry = co_await ReadBytes(key);
    if (!entry.ok()) co_return entry.status();
    Versioned<T> record;
    if (entry->has_value()) {
      if (!record.value.ParseFromString((*entry)->value)) {
        co_return MakeStatus(absl::StatusCode::kDataLoss, "metadata record ", key, " does not parse");
      }
      record.version = (*entry)->version;
    }
    co_return std::move(record);
  }
  runtime::Task<absl::StatusOr<std::optional<MetadataEntry>>> ReadBytes(std::string key);
  runtime::Task<absl::StatusOr<std::vector<MetadataEntry>>> Scan(std::string prefix, std::string after, size_t limit);

  // One attempt; the new versions in the order of `writes`. Aborted: a condition did not hold. Unavailable: the outcome
  // is unknown; whoever calls reads again and looks. `step` names the write for ControllerOptions::after_step.
  runtime::Task<absl::StatusOr<std::vector<int64_t>>> Commit(std::vector<MetadataWrite> writes, std::string step);

  // The segments of an epoch, which never change and are remembered. NotFound if there is no such epoch.
  runtime::Task<absl::StatusOr<std::shared_ptr<const EpochTable>>> ReadEpoch(ScopedStream stream, int64_t incarnation,
                                                                             Epoch epoch);

 private:
  runtime::Runtime& runtime_;
  const ControllerOptions& options_;
  std::unique_ptr<MetadataStore> store_;
  std::map<std::string, std::shared_ptr<const EpochTable>> epochs_;  // by key
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_METADATA_H_
