// Runs against any tape.
//
// Input: the bytes of a tape. Holds for every input: it is a tape, which written and read again is the same, and on
// which a small scenario with faults neither gets stuck nor breaks a property, twice with the same hash.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "scenarios/model/scenario.h"
#include "scenarios/runner/run.h"
#include "scenarios/workloads/rows.h"
#include "simulator/world/tape.h"

namespace pravega::scenarios {
namespace {

Fault AtSomeTime(std::string name, FaultKind kind) {
  Fault fault;
  fault.name = std::move(name);
  fault.kind = kind;
  fault.trigger.at = {Duration(0), std::chrono::seconds(2)};
  return fault;
}

Scenario Small() {
  Scenario scenario;
  scenario.name = "fuzz";
  scenario.cluster.segment_stores = 1;
  scenario.cluster.containers = 1;
  scenario.workload.rows = 16;
  scenario.workload.writers = 2;
  scenario.workload.transactional_writers = 1;
  scenario.workload.transaction_rows = 4;
  scenario.workload.readers = 1;
  scenario.workload.pace = std::chrono::seconds(2);
  scenario.workload.checkpoint_every = std::chrono::seconds(1);
  scenario.workload.read_backs = 1;
  Fault lost = AtSomeTime("lost", FaultKind::kSession);
  lost.command = "AppendBlockEnd";
  Fault crash = AtSomeTime("crash", FaultKind::kCrash);
  crash.node = "store-1";
  scenario.faults = {lost, crash, AtSomeTime("scale", FaultKind::kScaleUp)};
  return scenario;
}

uint64_t HashOf(const Scenario& scenario, const sim::Tape& tape) {
  const Rows rows = Rows::MadeUp(scenario.workload.rows, scenario.workload.keys);
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, tape, {});
  CHECK(result.ok());
  CHECK_MSG(result->verdict == RunVerdict::kPass || result->verdict == RunVerdict::kVacuous, result->reason);
  return result->trace_hash;
}

void Run(std::string_view bytes) {
  const sim::Tape tape = sim::Tape::FromBytes(bytes);
  const sim::Tape again = sim::Tape::FromBytes(tape.ToBytes());
  CHECK(again == tape);
  static const Scenario* const scenario = new Scenario(Small());
  CHECK(HashOf(*scenario, tape) == HashOf(*scenario, again));
}

}  // namespace
}  // namespace pravega::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pravega::scenarios::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
