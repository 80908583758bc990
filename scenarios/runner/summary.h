// What a run is told as: one line for programs, a page for people.
#ifndef PRAVEGA_SCENARIOS_RUNNER_SUMMARY_H_
#define PRAVEGA_SCENARIOS_RUNNER_SUMMARY_H_

#include <cstdint>
#include <string>

#include "scenarios/model/scenario.h"
#include "scenarios/runner/run.h"

namespace pravega::scenarios {

// "PASS seed=7 events=20000 faults=23 virtual=2m53s wall=151ms trace=8d0b5f2ce1a97c44". `origin` is "seed=7" or
// "tape=FILE".
std::string ResultLine(const RunResult& result, const std::string& origin, int64_t wall_ns);

// Several lines: what was done, which faults struck how often and where first, what the network did, what was checked;
// for a failure the witness with its operations, for a stuck run who waits for what. `replay` is the command that
// repeats the run.
std::string Summary(const Scenario& scenario, const RunResult& result, const std::string& replay);

// "2m53s", "151ms": two units at most, never 0 unless nothing passed.
std::string ShortDuration(int64_t ns);

// "  12.345s", as wide as those of a thousand seconds.
std::string Seconds(int64_t ns);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_RUNNER_SUMMARY_H_
