// Files as a node sees them. What was not synced may be lost, in part or whole, when the node crashes; names of created
// or renamed files are durable after SyncDirectory.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_FILES_H_
#define PRAVEGA_CONNECTOR_RUNTIME_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

class File {
 public:
  virtual ~File() = default;  // closes without syncing
  // Up to `max` bytes from `offset`; empty at the end.
  virtual Task<absl::StatusOr<Buffer>> Read(int64_t offset, size_t max) = 0;
  virtual Task<absl::Status> Append(Buffer bytes) = 0;
  // After OK everything appended before survives a crash. After an error or a crash in between: any prefix of it.
  virtual Task<absl::Status> Sync() = 0;
  virtual Task<absl::StatusOr<int64_t>> Size() = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  enum class Mode { kRead, kAppend };  // kAppend creates what is missing
  virtual Task<absl::StatusOr<std::unique_ptr<File>>> Open(std::string path, Mode mode) = 0;
  virtual Task<absl::Status> Rename(std::string from, std::string to) = 0;
  virtual Task<absl::Status> Remove(std::string path) = 0;
  virtual Task<absl::Status> SyncDirectory(std::string directory) = 0;
  // Names (without the directory) in byte order.
  virtual Task<absl::StatusOr<std::vector<std::string>>> List(std::string directory) = 0;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_FILES_H_
