// Goal: whatever a scenario asks for, whatever the seed, a run comes to an end, keeps every property, and leaves
// nothing that acts after death. It may be vacuous (faults need not strike) or, with faults that leave no time, stuck.
// Method: generated scenarios from generated seeds; RapidCheck shrinks what fails to a small scenario and prints it as
// a file.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "scenarios/model/generator.h"
#include "scenarios/model/scenario.h"
#include "scenarios/model/yaml.h"
#include "scenarios/runner/names.h"
#include "scenarios/runner/run.h"
#include "scenarios/runner/summary.h"
#include "scenarios/workloads/rows.h"
#include "simulator/world/tape.h"

namespace pravega::scenarios {
namespace {

RC_GTEST_PROP(AnyScenarioProperty, KeepsItsProperties, ()) {
  const Scenario scenario = *AnyScenario();
  const uint64_t seed = *rc::gen::arbitrary<uint32_t>();
  const std::string yaml = PrintScenario(scenario);
  RC_ASSERT(ParseScenario(yaml, "generated.yaml", KnownNames()).ok());
  const Rows rows = Rows::MadeUp(scenario.workload.rows, scenario.workload.keys);
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, sim::Tape::FromSeed(seed), {});
  RC_ASSERT(result.ok());
  RC_TAG(std::string(RunVerdictName(result->verdict)));
  if (result->verdict == RunVerdict::kFail || result->verdict == RunVerdict::kStuck) {
    RC_FAIL(yaml + "\n" + Summary(scenario, *result, "--seed " + std::to_string(seed)));
  }
  RC_ASSERT(result->world.attempts_after_death == 0u);
}

}  // namespace
}  // namespace pravega::scenarios
