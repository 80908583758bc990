// The command line of pravega-sim.
#ifndef PRAVEGA_SCENARIOS_CLI_FLAGS_H_
#define PRAVEGA_SCENARIOS_CLI_FLAGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace pravega::scenarios {

enum class Progress { kAuto, kOn, kOff };

struct RunCommand {
  std::string program = "pravega-sim";  // what it was started as, for commands that are shown
  std::string file;
  std::vector<uint64_t> seeds;       // in order; {1} if none is given
  std::string tape_file;             // instead of seeds
  std::string history_file;          // written, for a single run
  std::string trace_file;            // written, for a single run
  std::string log_file;              // written, for a single run
  std::string report_directory;      // written: summary, scenario, history and tape of each failure
  std::vector<std::string> planted;  // in addition to the scenario's own
  std::vector<std::string> without;  // faults that are switched off
  bool one_byte_chunks = false;      // every byte arrives alone
  Progress progress = Progress::kAuto;
};

struct JudgeCommand {
  std::string history_file;
};

struct HelpCommand {};
struct VersionCommand {};

using CommandLine = std::variant<RunCommand, JudgeCommand, HelpCommand, VersionCommand>;

// `arguments` without the program's name. InvalidArgument in one line that says what is wrong and what was expected.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

// Fits a screen of 24 lines of 80 columns.
std::string_view HelpText();

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CLI_FLAGS_H_
