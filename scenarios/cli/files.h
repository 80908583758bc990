// Whole files, for the command line.
#ifndef PRAVEGA_SCENARIOS_CLI_FILES_H_
#define PRAVEGA_SCENARIOS_CLI_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pravega::scenarios {

// Larger files are refused: nothing that is read here is near that size.
inline constexpr size_t kLargestFile = size_t{4} << 30;

// The error names the file and the reason in one line.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// Replaces the file.
absl::Status WriteFile(const std::string& path, std::string_view text);
// Makes the directory and those above it.
absl::Status MakeDirectory(const std::string& path);
// `path` as seen from the directory of `file`, unless it is absolute.
std::string Beside(const std::string& file, const std::string& path);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CLI_FILES_H_
