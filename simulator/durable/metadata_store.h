// MetadataStore: the replicated key-value store of the controllers: versioned values, compare-and-set over several
// keys.
#ifndef PRAVEGA_SIMULATOR_DURABLE_METADATA_STORE_H_
#define PRAVEGA_SIMULATOR_DURABLE_METADATA_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"

namespace pravega::sim {

struct MetadataEntry {
  std::string key;
  std::string value;
  int64_t version = 0;  // grows with each write of the key, over its deletion too; never 0 for a present key
};

struct MetadataWrite {
  static constexpr int64_t kAbsent = 0;  // condition: the key is not there
  static constexpr int64_t kAny = -1;    // no condition
  std::string key;
  int64_t expected_version = kAny;
  std::optional<std::string> value;  // none deletes the key
};

// One node's handle. Thread-compatible; calls may overlap.
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;
  virtual runtime::Task<absl::StatusOr<std::optional<MetadataEntry>>> Get(std::string key) = 0;
  // Entries whose key starts with `prefix` and is greater than `after`, in byte order, at most `limit`; one snapshot.
  virtual runtime::Task<absl::StatusOr<std::vector<MetadataEntry>>> Scan(std::string prefix, std::string after,
                                                                         size_t limit) = 0;
  // All conditions hold and all writes are applied, or nothing is. Aborted: a condition does not hold. Unavailable: the
  // outcome is unknown; read again. On success the new versions, in the order of `writes` (0 for deletions).
  virtual runtime::Task<absl::StatusOr<std::vector<int64_t>>> Commit(std::vector<MetadataWrite> writes) = 0;
};

class MetadataStores {
 public:
  virtual ~MetadataStores() = default;
  virtual std::unique_ptr<MetadataStore> Open(runtime::Runtime& node) = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_METADATA_STORE_H_
