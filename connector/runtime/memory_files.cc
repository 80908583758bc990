#include "connector/runtime/memory_files.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega::runtime {

namespace {

// A path taken apart.
struct Place {
  std::string directory;
  std::string name;
};

absl::Status RefusedPath(std::string_view path) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "not a path: '", path,
                    "' (names joined by '/', none of them empty, '.' or '..')");
}

// Directories are compared as text, so only one spelling of each is accepted.
absl::Status CheckDirectory(std::string_view directory) {
  std::string_view rest = directory;
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  while (!rest.empty()) {
    size_t slash = rest.find('/');
    std::string_view name = rest.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return RefusedPath(directory);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
    if (rest.empty()) return RefusedPath(directory);
  }
  return absl::OkStatus();
}

absl::StatusOr<Place> TakeApart(std::string_view path) {
  size_t slash = path.rfind('/');
  Place place;
  if (slash == std::string_view::npos) {
    place.name = std::string(path);
  } else {
    place.directory = std::string(path.substr(0, slash == 0 ? 1 : slash));
    place.name = std::string(path.substr(slash + 1));
  }
  if (place.name.empty() || place.name == "." || place.name == "..") return RefusedPath(path);
  RETURN_IF_ERROR(CheckDirectory(place.directory));
  return place;
}

absl::Status NoSuchFile(std::string_view path) {
  return MakeStatus(absl::StatusCode::kNotFound, "no file '", path, "'");
}

// What every operation waits for and checks before it takes effect.
Task<absl::Status> Begin(Runtime* node, DiskPace* pace, DiskOperation operation, std::string path, size_t bytes) {
  if (node->scheduler().dead()) co_return absl::UnavailableError("the node is dead");
  if (pace == nullptr) co_return absl::OkStatus();
  absl::Status paced = co_await pace->Before(operation, std::move(path), bytes);
  co_return paced;
}

}  // namespace

std::string_view DiskOperationName(DiskOperation operation) {
  switch (operation) {
    case DiskOperation::kOpen:
      return "open";
    case DiskOperation::kRead:
      return "read";
    case DiskOperation::kAppend:
      return "append";
    case DiskOperation::kSync:
      return "sync";
    case DiskOperation::kSize:
      return "size";
    case DiskOperation::kRename:
      return "rename";
    case DiskOperation::kRemove:
      return "remove";
    case DiskOperation::kSyncDirectory:
      return "sync directory";
    case DiskOperation::kList:
      return "list";
  }
  return "unknown";
}

class MemoryFile : public File {
 public:
  MemoryFile(Runtime* node, DiskPace* pace, std::string path, Files::Mode mode,
             std::shared_ptr<MemoryDisk::Inode> inode)
      : node_(node), pace_(pace), path_(std::move(path)), mode_(mode), inode_(std::move(inode)) {}

  Task<absl::StatusOr<Buffer>> Read(int64_t offset, size_t max) override {
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kRead, path_, max));
    if (offset < 0) co_return MakeStatus(absl::StatusCode::kInvalidArgument, path_, ": read at offset ", offset);
    std::string_view bytes = inode_->bytes;
    if (static_cast<uint64_t>(offset) >= bytes.size()) co_return Buffer();
    co_return Buffer::Copy(bytes.substr(static_cast<size_t>(offset), max));
  }

  Task<absl::Status> Append(Buffer bytes) override {
    if (mode_ != Files::Mode::kAppend) co_return absl::FailedPreconditionError(path_ + ": opened for reading alone");
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kAppend, path_, bytes.size()));
    inode_->bytes.append(bytes.view());
    co_return absl::OkStatus();
  }

  Task<absl::Status> Sync() override {
    // What is appended while the disk works is not promised.
    size_t promised = inode_->bytes.size();
    CO_RETURN_IF_ERROR(
        co_await Begin(node_, pace_, DiskOperation::kSync, path_, promised - std::min(promised, inode_->synced)));
    inode_->synced = std::max(inode_->synced, promised);
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<int64_t>> Size() override {
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kSize, path_, 0));
    co_return static_cast<int64_t>(inode_->bytes.size());
  }

 private:
  Runtime* node_;
  DiskPace* pace_;
  std::string path_;
  Files::Mode mode_;
  std::shared_ptr<MemoryDisk::Inode> inode_;
};

class MemoryFiles : public Files {
 public:
  MemoryFiles(MemoryDisk* disk, Runtime* node, DiskPace* pace) : disk_(disk), node_(node), pace_(pace) {}

  Task<absl::StatusOr<std::unique_ptr<File>>> Open(std::string path, Mode mode) override {
    CO_ASSIGN_OR_RETURN(Place place, TakeApart(path));
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kOpen, path, 0));
    std::shared_ptr<MemoryDisk::Inode> inode = Find(place);
    if (inode == nullptr) {
      if (mode == Mode::kRead) co_return NoSuchFile(path);
      inode = std::make_shared<MemoryDisk::Inode>();
      disk_->directories_[place.directory].Make(MemoryDisk::Change{std::string(), place.name, inode});
    }
    std::unique_ptr<File> file = std::make_unique<MemoryFile>(node_, pace_, std::move(path), mode, std::move(inode));
    co_return std::move(file);
  }

  Task<absl::Status> Rename(std::string from, std::string to) override {
    CO_ASSIGN_OR_RETURN(Place source, TakeApart(from));
    CO_ASSIGN_OR_RETURN(Place target, TakeApart(to));
    if (source.directory != target.directory) {
      co_return MakeStatus(absl::StatusCode::kInvalidArgument, "rename '", from, "' to '", to,
                           "': not the same directory");
    }
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kRename, from, 0));
    std::shared_ptr<MemoryDisk::Inode> inode = Find(source);
    if (inode == nullptr) co_return NoSuchFile(from);
    if (source.name != target.name) {
      disk_->directories_[source.directory].Make(MemoryDisk::Change{source.name, target.name, std::move(inode)});
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Remove(std::string path) override {
    CO_ASSIGN_OR_RETURN(Place place, TakeApart(path));
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kRemove, path, 0));
    if (Find(place) == nullptr) co_return NoSuchFile(path);
    disk_->directories_[place.directory].Make(MemoryDisk::Change{place.name, std::string(), nullptr});
    co_return absl::OkStatus();
  }

  Task<absl::Status> SyncDirectory(std::string directory) override {
    CO_RETURN_IF_ERROR(CheckDirectory(directory));
    size_t promised = 0;
    auto before = disk_->directories_.find(directory);
    if (before != disk_->directories_.end()) promised = before->second.unsynced.size();
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kSyncDirectory, directory, 0));
    auto found = disk_->directories_.find(directory);
    if (found == disk_->directories_.end()) co_return absl::OkStatus();
    std::vector<MemoryDisk::Change>& unsynced = found->second.unsynced;
    // Another sync may have been faster.
    promised = std::min(promised, unsynced.size());
    for (size_t i = 0; i < promised; ++i) unsynced[i].Apply(&found->second.durable);
    unsynced.erase(unsynced.begin(), unsynced.begin() + static_cast<std::ptrdiff_t>(promised));
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<std::vector<std::string>>> List(std::string directory) override {
    CO_RETURN_IF_ERROR(CheckDirectory(directory));
    CO_RETURN_IF_ERROR(co_await Begin(node_, pace_, DiskOperation::kList, directory, 0));
    std::vector<std::string> names;
    auto found = disk_->directories_.find(directory);
    if (found != disk_->directories_.end()) {
      for (const auto& [name, inode] : found->second.now) names.push_back(name);
    }
    co_return std::move(names);
  }

 private:
  std::shared_ptr<MemoryDisk::Inode> Find(const Place& place) const {
    auto directory = disk_->directories_.find(place.directory);
    if (directory == disk_->directories_.end()) return nullptr;
    auto file = directory->second.now.find(place.name);
    return file == directory->second.now.end() ? nullptr : file->second;
  }

  MemoryDisk* disk_;
  Runtime* node_;
  DiskPace* pace_;
};

MemoryDisk::MemoryDisk() = default;
MemoryDisk::~MemoryDisk() = default;

std::unique_ptr<Files> MemoryDisk::Open(Runtime& node, DiskPace* pace) {
  return std::make_unique<MemoryFiles>(this, &node, pace);
}

void MemoryDisk::Change::Apply(Names* names) const {
  if (!from.empty()) names->erase(from);
  if (!to.empty()) names->insert_or_assign(to, inode);
}

void MemoryDisk::Directory::Make(Change change) {
  change.Apply(&now);
  unsynced.push_back(std::move(change));
}

void MemoryDisk::Crash(const Keep& keep) {
  for (auto& [path, directory] : directories_) {
    if (directory.unsynced.empty()) continue;
    size_t kept = keep(directory.unsynced.size());
    CHECK(kept <= directory.unsynced.size());
    for (size_t i = 0; i < kept; ++i) directory.unsynced[i].Apply(&directory.durable);
    directory.unsynced.clear();
    directory.now = directory.durable;
  }
  for (auto& [path, directory] : directories_) {
    for (auto& [name, inode] : directory.now) {
      size_t unsynced = inode->bytes.size() - inode->synced;
      if (unsynced == 0) continue;
      size_t kept = keep(unsynced);
      CHECK(kept <= unsynced);
      inode->bytes.resize(inode->synced + kept);
      inode->synced = inode->bytes.size();
    }
  }
}

}  // namespace pravega::runtime
