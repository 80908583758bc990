// `pravega-sim run` and `pravega-sim judge`.
#ifndef PRAVEGA_SCENARIOS_CLI_RUN_COMMAND_H_
#define PRAVEGA_SCENARIOS_CLI_RUN_COMMAND_H_

#include "absl/status/status.h"
#include "scenarios/cli/flags.h"

namespace pravega::scenarios {

// Exit statuses of the command line.
inline constexpr int kExitPass = 0;
inline constexpr int kExitBadInput = 2;

// Prints an error as one line on stderr, whatever it contains. Returns kExitBadInput.
int BadInput(const absl::Status& status);

// Runs the scenario from each seed and prints what came of it. Returns the exit status: that of the worst run, or 2
// with one line on stderr for bad input.
int RunRunCommand(const RunCommand& command);
// Judges a saved history: 0, 1, 2 for one that cannot be read, 4 for one that lacks what a checker needs to tell.
int RunJudgeCommand(const JudgeCommand& command);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CLI_RUN_COMMAND_H_
