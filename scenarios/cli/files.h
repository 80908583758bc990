// Whole files, for the command line.
#ifndef PRAVEGA_SCENARIOS_CLI_FILES_H_
#define PRAVEGA_SCENARIOS_CLI_FILES_H_

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pravega::scenarios {

// A file of more than `most` bytes is refused. The error names the file and the reason in one line.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most);

// A file that is written later, but opened, and emptied, at once: whether it can be written is known before any work is
// done.
class OutputFile {
 public:
  static absl::StatusOr<OutputFile> Open(const std::string& path);
  void Write(std::string_view text) { out_.write(text.data(), static_cast<std::streamsize>(text.size())); }
  // Once, at the end: whether all of it was written.
  absl::Status Close();

 private:
  OutputFile(std::string path, std::ofstream out) : path_(std::move(path)), out_(std::move(out)) {}
  std::string path_;
  std::ofstream out_;
};

// Replaces the file.
absl::Status WriteFile(const std::string& path, std::string_view text);
// Whether both paths lead to one file. Paths that lead nowhere yet are compared as text.
bool SameFile(const std::string& a, const std::string& b);
// Makes the directory and those above it. An error too if files cannot be made in it.
absl::Status MakeDirectory(const std::string& path);
// `path` as seen from the directory of `file`, unless it is absolute.
std::string Beside(const std::string& file, const std::string& path);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CLI_FILES_H_
