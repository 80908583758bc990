// What `pravega-sim judge` says about a history's text.
#ifndef PRAVEGA_SCENARIOS_CLI_JUDGE_TEXT_H_
#define PRAVEGA_SCENARIOS_CLI_JUDGE_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pravega::scenarios {

struct JudgedText {
  int exit_status = 0;  // 0 pass, 1 a property failed, 4 the history lacks what is needed to tell
  std::string output;   // the report; the last line is "PASS|FAIL|VACUOUS <name>: <reason>"
};

// InvalidArgument "name:line:column: what is wrong and what was expected". Any bytes are safe to pass.
absl::StatusOr<JudgedText> JudgeText(std::string_view text, std::string_view name);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CLI_JUDGE_TEXT_H_
