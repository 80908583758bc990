// Running one scenario once, in the simulated world.
#ifndef PRAVEGA_SCENARIOS_RUNNER_RUN_H_
#define PRAVEGA_SCENARIOS_RUNNER_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/checkers/registry.h"
#include "scenarios/history/history.h"
#include "scenarios/model/scenario.h"
#include "scenarios/runner/fault_engine.h"
#include "scenarios/workloads/context.h"
#include "scenarios/workloads/rows.h"
#include "simulator/world/tape.h"
#include "simulator/world/world.h"

namespace pravega::scenarios {

// In order of weight; also the exit status of the command line (2, bad input, never comes from a run).
enum class RunVerdict { kPass = 0, kFail = 1, kStuck = 3, kVacuous = 4 };

std::string_view RunVerdictName(RunVerdict verdict);  // "PASS", ...

// The worse of two: a failed property, then stuck, then vacuous.
RunVerdict Worse(RunVerdict a, RunVerdict b);

struct RunOptions {
  sim::Trace::Sink trace_sink;
  std::function<void(int64_t time_ns, std::string_view node, std::string_view line)> log_sink;
  // Told now and then how far the run is.
  std::function<void(int64_t virtual_ns, int64_t events_read, int64_t events_in_all)> progress;
};

struct RunResult {
  RunVerdict verdict = RunVerdict::kPass;
  std::string reason;   // one line: what the verdict rests on; empty for a pass
  int64_t events = 0;   // recorded by the readers
  int64_t strikes = 0;  // of all faults
  int64_t virtual_ns = 0;
  uint64_t trace_hash = 0;
  std::vector<FaultReport> faults;
  sim::WorldStats world;
  ResendStats resends;             // by all writers
  Report report;                   // of the checkers
  std::vector<std::string> waits;  // who waited for what when it got stuck
  std::vector<uint32_t> plan;      // what the plan was, drawn or given
  std::unique_ptr<History> history;
};

// Runs `scenario` on `rows` from `tape`. InvalidArgument: the scenario names checkers that do not exist. Everything in
// the result but the history's size follows from the arguments alone, in every build. One thread; opens nothing.
absl::StatusOr<RunResult> RunScenario(const Scenario& scenario, const Rows& rows, const sim::Tape& tape,
                                      const RunOptions& options);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_RUNNER_RUN_H_
