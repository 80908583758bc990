#include <cstdio>
#include <string>
#include <vector>

#include "scenarios/cli/flags.h"
#include "scenarios/cli/run_command.h"

namespace pravega::scenarios {
namespace {

constexpr char kVersion[] = "pravega-sim 0.1.0\n";

int Main(const std::vector<std::string>& arguments) {
  absl::StatusOr<CommandLine> command = ParseCommandLine(arguments);
  if (!command.ok()) {
    std::fprintf(stderr, "pravega-sim: %s\n", std::string(command.status().message()).c_str());
    return kExitBadInput;
  }
  if (const auto* run = std::get_if<RunCommand>(&*command)) return RunRunCommand(*run);
  if (const auto* judge = std::get_if<JudgeCommand>(&*command)) return RunJudgeCommand(*judge);
  if (std::holds_alternative<VersionCommand>(*command)) {
    std::fputs(kVersion, stdout);
  } else {
    std::fputs(std::string(HelpText()).c_str(), stdout);
  }
  return kExitPass;
}

}  // namespace
}  // namespace pravega::scenarios

int main(int argc, char** argv) { return pravega::scenarios::Main(std::vector<std::string>(argv + 1, argv + argc)); }
