// MemoryDisk: a machine's disk in memory, and the Files of the nodes that run on it.
//
// The disk belongs to the machine and outlives its nodes; a crash takes away what was not synced. Two things are
// volatile, each by itself: the bytes appended to a file since its last Sync, of which a prefix survives, and the
// changes of a directory's names since its last SyncDirectory, of which a prefix (in the order in which they were made)
// survives.
//
// Directories need no making: one exists as soon as a name in it does, and listing an empty one gives no names. Paths
// are names joined by '/', with or without one in front; "", ".", ".." and empty names in between are refused. A rename
// replaces what has the new name and stays within its directory (anything else is InvalidArgument: no file system
// promises that it is atomic there). A file that is open stays readable after it was removed or replaced.
// Thread-compatible.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_MEMORY_FILES_H_
#define PRAVEGA_CONNECTOR_RUNTIME_MEMORY_FILES_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "connector/runtime/files.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"

namespace pravega::runtime {

enum class DiskOperation { kOpen, kRead, kAppend, kSync, kSize, kRename, kRemove, kSyncDirectory, kList };

std::string_view DiskOperationName(DiskOperation operation);

// Lets a world give disk operations a duration, record them or make them fail.
class DiskPace {
 public:
  virtual ~DiskPace() = default;
  // Awaited before `operation` on `path` takes effect, with the bytes it moves (0 where that means nothing). If it
  // returns an error the operation has no effect and returns that error.
  virtual Task<absl::Status> Before(DiskOperation operation, std::string path, size_t bytes) = 0;
};

class MemoryDisk {
 public:
  // Answers how much of `unsynced` (bytes of one file, or changes of one directory's names) a crash leaves: at most
  // that.
  using Keep = std::function<size_t(size_t unsynced)>;

  MemoryDisk();
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  // The files as `node` sees them; `node`, `pace` and this disk outlive them. Once the node is dead they do nothing and
  // return Unavailable. Without `pace` every operation is immediate.
  std::unique_ptr<Files> Open(Runtime& node, DiskPace* pace = nullptr);

  // The machine stops: asks `keep` for each directory with unsynced names, in byte order, then for each surviving file
  // with unsynced bytes, by directory and name. Then all that is left is durable.
  void Crash(const Keep& keep);

 private:
  friend class MemoryFile;
  friend class MemoryFiles;

  struct Inode {
    std::string bytes;
    size_t synced = 0;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>, std::less<>>;
  // One step of a directory's names: `inode` takes the name `to` and the name `from` goes; either may be empty.
  struct Change {
    std::string from;
    std::string to;
    std::shared_ptr<Inode> inode;
    void Apply(Names* names) const;
  };
  struct Directory {
    Names durable;
    Names now;
    std::vector<Change> unsynced;
    void Make(Change change);
  };

  std::map<std::string, Directory, std::less<>> directories_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_MEMORY_FILES_H_
