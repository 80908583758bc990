// The names that scenarios may use, from the tables of those who own them.
#ifndef PRAVEGA_SCENARIOS_RUNNER_NAMES_H_
#define PRAVEGA_SCENARIOS_RUNNER_NAMES_H_

#include "scenarios/model/yaml.h"

namespace pravega::scenarios {

// Requests that the simulated servers receive (wire commands, and RPCs that are simulated), all checkers, and the bugs
// that a build with planted bugs can switch on.
const ScenarioNames& KnownNames();

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_RUNNER_NAMES_H_
