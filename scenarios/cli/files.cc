#include "scenarios/cli/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

absl::Status Failed(std::string_view what, const std::string& path, int error) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, path, ": cannot be ", what, ": ", std::strerror(error));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Failed("read", path, EISDIR);
  std::ifstream in(path, std::ios::binary);
  if (!in) return Failed("read", path, errno);
  std::string text;
  char piece[1 << 16];
  while (in.read(piece, sizeof(piece)) || in.gcount() > 0) {
    text.append(piece, static_cast<size_t>(in.gcount()));
    if (text.size() > kLargestFile) return Failed("read", path, EFBIG);
  }
  if (in.bad()) return Failed("read", path, errno);
  return text;
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!out) return Failed("written", path, errno);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return Failed("written", path, errno);
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Failed("made", path, error.value());
  return absl::OkStatus();
}

std::string Beside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

}  // namespace pravega::scenarios
