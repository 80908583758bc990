// Scenarios as YAML files that people write.
#ifndef PRAVEGA_SCENARIOS_MODEL_YAML_H_
#define PRAVEGA_SCENARIOS_MODEL_YAML_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/model/scenario.h"

namespace pravega::scenarios {

// The names that a scenario may use and that this package does not know. An empty list: any name will do.
struct ScenarioNames {
  std::vector<std::string_view> requests;  // wire commands and RPCs that faults may wait for
  std::vector<std::string_view> checkers;
  std::vector<std::string_view> planted;  // bugs that can be switched on
};

// Reads a scenario strictly: an unknown or repeated key, a value of the wrong kind or out of range, or a combination
// that makes no sense is InvalidArgument with the message "FILE:LINE:COLUMN: what is wrong", lines and columns from 1.
// Durations are "250ms", "10s", "2m", "1h" (also ns, us); ranges "10s..40s" or a single duration. Any bytes are safe to
// pass.
absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file, const ScenarioNames& names = {});

// A file that ParseScenario reads back as an equal scenario; only what differs from the defaults is written.
std::string PrintScenario(const Scenario& scenario);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_MODEL_YAML_H_
