// The third door to scenarios: a RapidCheck generator of valid ones.
#ifndef PRAVEGA_SCENARIOS_MODEL_GENERATOR_H_
#define PRAVEGA_SCENARIOS_MODEL_GENERATOR_H_

#include <rapidcheck.h>

#include <string>

#include "scenarios/model/scenario.h"

namespace pravega::scenarios {

// A scenario that ParseScenario would accept; small machines counts, few rows, up to eight faults.
rc::Gen<Scenario> AnyScenario();

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_MODEL_GENERATOR_H_
