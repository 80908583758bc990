#include "connector/runtime/os/os_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "connector/core/strings.h"

namespace pravega::runtime {

namespace {

namespace fs = std::filesystem;

absl::Status FromErrno(int error, std::string_view what, std::string_view path) {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  if (error == ENOENT || error == ENOTDIR) code = absl::StatusCode::kNotFound;
  if (error == EBADF) code = absl::StatusCode::kFailedPrecondition;  // not opened for this
  if (error == EACCES || error == EPERM || error == EROFS) code = absl::StatusCode::kPermissionDenied;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) code = absl::StatusCode::kResourceExhausted;
  return MakeStatus(code, "cannot ", what, " '", path, "': ", std::generic_category().message(error));
}

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

int OpenAgain(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

class OsFile : public File {
 public:
  OsFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Task<absl::StatusOr<Buffer>> Read(int64_t offset, size_t max) override {
    absl::StatusOr<int64_t> size = Length();
    if (!size.ok()) co_return size.status();
    if (offset < 0) co_return absl::InvalidArgumentError("a negative offset");
    if (offset >= *size) co_return Buffer();
    std::string bytes(std::min(max, static_cast<size_t>(*size - offset)), '\0');
    size_t done = 0;
    while (done < bytes.size()) {
      const off_t at = static_cast<off_t>(offset) + static_cast<off_t>(done);
      const ssize_t count = ::pread(descriptor_.get(), bytes.data() + done, bytes.size() - done, at);
      if (count == 0) break;
      if (count > 0) done += static_cast<size_t>(count);
      if (count < 0 && errno != EINTR) co_return FromErrno(errno, "read", path_);
    }
    bytes.resize(done);
    co_return Buffer(std::move(bytes));
  }
  Task<absl::Status> Append(Buffer bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
      if (count >= 0) {
        bytes = bytes.From(static_cast<size_t>(count));
      } else if (errno != EINTR) {
        co_return FromErrno(errno, "append to", path_);
      }
    }
    co_return absl::OkStatus();
  }
  Task<absl::Status> Sync() override {
    if (::fdatasync(descriptor_.get()) != 0) co_return FromErrno(errno, "sync", path_);
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<int64_t>> Size() override { co_return Length(); }

 private:
  absl::StatusOr<int64_t> Length() const {
    struct stat status{};
    if (::fstat(descriptor_.get(), &status) != 0) return FromErrno(errno, "look at", path_);
    return static_cast<int64_t>(status.st_size);
  }
  const Descriptor descriptor_;
  const std::string path_;
};

class OsFiles : public Files {
 public:
  explicit OsFiles(std::string root) : root_(std::move(root)) {}

  Task<absl::StatusOr<std::unique_ptr<File>>> Open(std::string path, Mode mode) override {
    absl::StatusOr<std::string> whole = Whole(path);
    if (!whole.ok()) co_return whole.status();
    int flags = O_RDONLY;
    if (mode == Mode::kAppend) {
      flags = O_RDWR | O_APPEND | O_CREAT;
      std::error_code ignored;  // open() says what is wrong
      fs::create_directories(fs::path(*whole).parent_path(), ignored);
    }
    Descriptor descriptor(OpenAgain(*whole, flags));
    if (descriptor.get() < 0) co_return FromErrno(errno, "open", path);
    std::unique_ptr<File> file = std::make_unique<OsFile>(std::move(descriptor), std::move(path));
    co_return std::move(file);
  }

  Task<absl::Status> Rename(std::string from, std::string to) override {
    absl::StatusOr<std::string> whole_from = Whole(from);
    if (!whole_from.ok()) co_return whole_from.status();
    absl::StatusOr<std::string> whole_to = Whole(to);
    if (!whole_to.ok()) co_return whole_to.status();
    if (std::rename(whole_from->c_str(), whole_to->c_str()) != 0) co_return FromErrno(errno, "rename", from);
    co_return absl::OkStatus();
  }

  Task<absl::Status> Remove(std::string path) override {
    absl::StatusOr<std::string> whole = Whole(path);
    if (!whole.ok()) co_return whole.status();
    if (::unlink(whole->c_str()) != 0) co_return FromErrno(errno, "remove", path);
    co_return absl::OkStatus();
  }

  Task<absl::Status> SyncDirectory(std::string directory) override {
    absl::StatusOr<std::string> whole = Whole(directory);
    if (!whole.ok()) co_return whole.status();
    // With those above it, which Open() may have made too.
    for (fs::path path(*whole);; path = path.parent_path()) {
      Descriptor descriptor(OpenAgain(path.string(), O_RDONLY | O_DIRECTORY));
      // There are no names to keep.
      const bool missing = descriptor.get() < 0 && errno == ENOENT;
      if (descriptor.get() < 0 && !missing) co_return FromErrno(errno, "open", path.string());
      if (!missing && ::fsync(descriptor.get()) != 0) co_return FromErrno(errno, "sync", path.string());
      if (path.string().size() <= root_.size()) co_return absl::OkStatus();
    }
  }

  Task<absl::StatusOr<std::vector<std::string>>> List(std::string directory) override {
    std::vector<std::string> names;
    absl::StatusOr<std::string> whole = Whole(directory);
    if (!whole.ok()) co_return whole.status();
    std::error_code error;
    fs::directory_iterator entries(*whole, error);
    if (error == std::errc::no_such_file_or_directory) co_return std::move(names);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      std::error_code gone;
      if (entries->is_regular_file(gone)) names.push_back(entries->path().filename().string());
    }
    if (error) co_return FromErrno(error.value(), "list", directory);
    std::sort(names.begin(), names.end());
    co_return std::move(names);
  }

 private:
  // The path with the root before it.
  absl::StatusOr<std::string> Whole(const std::string& path) const {
    if (root_.empty()) return absl::FailedPreconditionError("this node has no directory for files");
    const fs::path relative(path);
    const bool leaves = relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end();
    if (leaves || path.find('\0') != std::string::npos) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "the path '", path, "' leaves the node's directory");
    }
    return (path.empty() ? fs::path(root_) : fs::path(root_) / relative).string();
  }
  const std::string root_;
};

}  // namespace

std::unique_ptr<Files> NewOsFiles(std::string directory) { return std::make_unique<OsFiles>(std::move(directory)); }

}  // namespace pravega::runtime
