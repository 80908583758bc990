#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/run_command.h"

namespace pravega::scenarios {
namespace {

constexpr char kVersion[] = "pravega-sim 0.1.0\n";

int Main(const std::string& program, const std::vector<std::string>& arguments) {
  absl::StatusOr<CommandLine> command = ParseCommandLine(arguments);
  if (!command.ok()) return BadInput(command.status());
  if (auto* run = std::get_if<RunCommand>(&*command)) {
    run->program = program;
    return RunRunCommand(*run);
  }
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

int main(int argc, char** argv) {
  if (argc < 1) return 2;
  int status = pravega::scenarios::Main(argv[0], std::vector<std::string>(argv + 1, argv + argc));
  // A result that nobody can have read is none.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return pravega::scenarios::BadInput(absl::InvalidArgumentError("the standard output cannot be written"));
  }
  return status;
}
