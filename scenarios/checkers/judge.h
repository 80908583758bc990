// Judging a history that somebody saved: what `pravega-sim judge FILE` does.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_JUDGE_H_
#define PRAVEGA_SCENARIOS_CHECKERS_JUDGE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "scenarios/checkers/registry.h"

namespace pravega::scenarios {

// Reads a history's text and runs all checkers over it. `name` is the file's, for messages; nothing is opened here. The
// same text gives the same report, whatever program recorded it.
//
// Errors: InvalidArgument "name:line:column: what is wrong and what was expected".
absl::StatusOr<Report> JudgeFile(std::string_view text, std::string_view name);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_JUDGE_H_
