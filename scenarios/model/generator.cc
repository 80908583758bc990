#include "scenarios/model/generator.h"

#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

Duration Millis(int64_t low, int64_t high) {
  return std::chrono::milliseconds(*rc::gen::inRange<int64_t>(low, high + 1));
}

DurationRange MillisRange(int64_t low, int64_t high) {
  Duration a = Millis(low, high);
  Duration b = Millis(low, high);
  return DurationRange{std::min(a, b), std::max(a, b)};
}

std::string OneMachine(const Scenario& scenario) {
  const std::pair<std::string, int> roles[] = {{"store", scenario.cluster.segment_stores},
                                               {"controller", scenario.cluster.controllers},
                                               {"writer", scenario.workload.writers},
                                               {"reader", scenario.workload.readers}};
  const int which = *rc::gen::inRange(0, 5);
  if (which == 4) return "admin";
  const auto& [role, count] = roles[which];
  return StrCat(role, "-", *rc::gen::inRange(1, count + 1));
}

Fault AnyFault(const Scenario& scenario, size_t number) {
  static const char* kCommands[] = {"AppendBlockEnd", "SetupAppend",       "ReadSegment", "MergeSegmentsBatch",
                                    "SealSegment",    "commitTransaction", "getURI",      "scale"};
  Fault fault;
  fault.name = StrCat("fault-", number);
  fault.kind = static_cast<FaultKind>(*rc::gen::inRange(0, 8));
  fault.enabled = *rc::gen::inRange(0, 10) != 0;
  fault.trigger.at = MillisRange(0, 20'000);
  fault.lasts = MillisRange(1, 5'000);
  fault.must_strike = *rc::gen::inRange(0, 4) == 0;
  switch (fault.kind) {
    case FaultKind::kCrash:
    case FaultKind::kPause:
      fault.node = *rc::gen::inRange(0, 4) == 0 ? "reader-*" : OneMachine(scenario);
      if (*rc::gen::inRange(0, 3) == 0) {
        fault.trigger.on_command = kCommands[*rc::gen::inRange(0, 8)];
        fault.trigger.skip = *rc::gen::inRange(0, 5);
      }
      break;
    case FaultKind::kCutLink:
    case FaultKind::kResetLinks:
    case FaultKind::kRefuse:
      fault.from = OneMachine(scenario);
      fault.to = OneMachine(scenario);
      while (fault.to == fault.from) fault.to = OneMachine(scenario);
      fault.both_ways = fault.kind == FaultKind::kCutLink && *rc::gen::arbitrary<bool>();
      fault.trigger.on_traffic = fault.kind != FaultKind::kRefuse && *rc::gen::arbitrary<bool>();
      break;
    case FaultKind::kSession:
      fault.command = kCommands[*rc::gen::inRange(0, 8)];
      fault.phase = static_cast<FaultPhase>(*rc::gen::inRange(0, 3));
      fault.times = *rc::gen::inRange(1, 10);
      fault.per_million = static_cast<uint32_t>(*rc::gen::inRange(0, 1'000'001));
      if (*rc::gen::arbitrary<bool>()) fault.subject = "seg \"ment\\";
      break;
    case FaultKind::kScaleUp:
    case FaultKind::kScaleDown:
      break;
  }
  if (fault.kind != FaultKind::kSession && fault.trigger.on_command.empty() && *rc::gen::inRange(0, 4) == 0) {
    fault.repeat = *rc::gen::inRange(1, 4);
    fault.every = Millis(1, 10'000);
  }
  return fault;
}

}  // namespace

rc::Gen<Scenario> AnyScenario() {
  return rc::gen::exec([] {
    Scenario scenario;
    scenario.name = StrCat("generated-", *rc::gen::inRange(0, 1000));
    scenario.cluster.segment_stores = *rc::gen::inRange(1, 4);
    scenario.cluster.containers = *rc::gen::inRange(1, 6);
    scenario.cluster.controllers = *rc::gen::inRange(1, 3);
    scenario.cluster.clock_skew_ppm = *rc::gen::inRange(0, 500);
    scenario.network.one_byte_chunks = *rc::gen::inRange(0, 8) == 0;
    scenario.network.split_per_million = static_cast<uint32_t>(*rc::gen::inRange(0, 500'000));
    scenario.network.latency = MillisRange(0, 5);
    if (*rc::gen::inRange(0, 4) == 0) {
      scenario.network.bytes_per_second = *rc::gen::inRange<uint32_t>(1'000'000, 100'000'000);
    }
    Workload& workload = scenario.workload;
    workload.rows = *rc::gen::inRange(1, 300);
    workload.keys = *rc::gen::inRange(1, 20);
    workload.segments = *rc::gen::inRange(1, 4);
    workload.writers = *rc::gen::inRange(1, 4);
    workload.transactional_writers = *rc::gen::inRange(0, workload.writers + 1);
    workload.transaction_rows = *rc::gen::inRange(1, 50);
    workload.readers = *rc::gen::inRange(1, 4);
    workload.pace = Millis(1'000, 30'000);
    workload.burst = Millis(10, 1'000);
    workload.checkpoint_every = Millis(1'000, 10'000);
    workload.read_backs = *rc::gen::inRange(0, 3);
    size_t faults = *rc::gen::inRange<size_t>(0, 9);
    for (size_t i = 0; i < faults; ++i) scenario.faults.push_back(AnyFault(scenario, i));
    return scenario;
  });
}

}  // namespace pravega::scenarios
