#include "scenarios/cli/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

absl::Status Failed(std::string_view what, const std::string& path, int error) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, path, ": cannot be ", what, ": ", std::strerror(error));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Failed("read", path, EISDIR);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return Failed("read", path, errno);
  std::string text;
  char piece[1 << 16];
  while (in.read(piece, sizeof(piece)) || in.gcount() > 0) {
    text.append(piece, static_cast<size_t>(in.gcount()));
    if (text.size() > most) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, path, ": cannot be read: it has more than ", most,
                        " bytes");
    }
  }
  if (in.bad()) return Failed("read", path, errno);
  return text;
}

absl::StatusOr<OutputFile> OutputFile::Open(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Failed("written", path, EISDIR);
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!out) return Failed("written", path, errno);
  return OutputFile(path, std::move(out));
}

absl::Status OutputFile::Close() {
  errno = 0;
  out_.close();
  // The stream remembers an earlier failure, but not its reason.
  if (!out_) return Failed("written", path_, errno != 0 ? errno : EIO);
  return absl::OkStatus();
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  absl::StatusOr<OutputFile> out = OutputFile::Open(path);
  if (!out.ok()) return out.status();
  out->Write(text);
  return out->Close();
}

bool SameFile(const std::string& a, const std::string& b) {
  std::error_code error;
  if (std::filesystem::equivalent(a, b, error)) return true;
  return std::filesystem::absolute(a, error).lexically_normal() ==
         std::filesystem::absolute(b, error).lexically_normal();
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Failed("made", path, error.value());
  if (!std::filesystem::is_directory(path, error)) return Failed("made", path, ENOTDIR);
  if (access(path.c_str(), W_OK | X_OK) != 0) return Failed("written", path, errno);
  return absl::OkStatus();
}

std::string Beside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

}  // namespace pravega::scenarios
