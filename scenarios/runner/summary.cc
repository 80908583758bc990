#include "scenarios/runner/summary.h"

#include <cstdio>
#include <map>

#include "connector/core/strings.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// How many operations of each kind there were and how they ended.
struct Tally {
  int64_t writes_ok = 0;
  int64_t writes_failed = 0;
  int64_t writes_unknown = 0;
  int64_t commits_ok = 0;
  int64_t commits_other = 0;
  int64_t scales = 0;
  int64_t checkpoints = 0;
  int64_t read_backs = 0;
  int64_t readers = 0;
};

Tally Count(const History& history) {
  Tally tally;
  for (const Operation& op : history.operations()) {
    if (op.As<Write>() != nullptr) {
      (op.outcome == Outcome::kOk ? tally.writes_ok : op.outcome == Outcome::kFailed ? tally.writes_failed : tally.writes_unknown)++;
    } else if (op.As<TxnCommit>() != nullptr) {
      (op.ok() ? tally.commits_ok : tally.commits_other)++;
    } else if (op.AsBoxed<StreamScale>() != nullptr) {
      tally.scales += op.ok() ? 1 : 0;
    } else if (op.As<Checkpoint>() != nullptr) {
      tally.checkpoints += op.ok() ? 1 : 0;
    } else if (op.As<ReadBack>() != nullptr) {
      tally.read_backs += op.ok() ? 1 : 0;
    } else if (op.As<ReaderOnline>() != nullptr) {
      tally.readers += op.ok() ? 1 : 0;
    }
  }
  return tally;
}

}  // namespace

std::string ShortDuration(int64_t ns) {
  struct Unit {
    const char* name;
    int64_t ns;
  };
  static constexpr Unit kUnits[] = {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
                                    {"ms", 1'000'000},        {"us", 1'000},         {"ns", 1}};
  for (size_t i = 0; i < std::size(kUnits); ++i) {
    if (ns < kUnits[i].ns) continue;
    std::string text = StrCat(ns / kUnits[i].ns, kUnits[i].name);
    // Below a second the second unit is noise.
    if (i < 2) {
      const int64_t rest = ns % kUnits[i].ns / kUnits[i + 1].ns;
      if (rest > 0) text += StrCat(rest, kUnits[i + 1].name);
    }
    return text;
  }
  return "0";
}

std::string ResultLine(const RunResult& result, const std::string& origin, int64_t wall_ns) {
  return StrCat(RunVerdictName(result.verdict), " ", origin, " events=", result.events, " faults=", result.strikes,
                " virtual=", ShortDuration(result.virtual_ns), " wall=", ShortDuration(wall_ns),
                " trace=", Hex(result.trace_hash));
}

std::string Summary(const Scenario& scenario, const RunResult& result, const std::string& replay) {
  const Tally tally = Count(*result.history);
  std::string out = StrCat("scenario ", scenario.name, ": ", RunVerdictName(result.verdict));
  if (!result.reason.empty()) out += StrCat(": ", result.reason);
  out += StrCat("\n\nDone\n  writes: ", tally.writes_ok, " acknowledged, ", tally.writes_unknown, " unknown, ",
                tally.writes_failed, " failed\n  transactions: ", tally.commits_ok, " commits accepted, ",
                tally.commits_other, " refused or unknown\n  reads: ", result.events, " events recorded by ", tally.readers,
                " readers\n  stream: scaled ", tally.scales, " times\n  checkpoints: ", tally.checkpoints, " taken, ",
                tally.read_backs, " read back\n");
  out += "\nFaults\n";
  if (result.faults.empty()) out += "  none\n";
  for (const FaultReport& fault : result.faults) {
    out += StrCat("  ", fault.name, ": struck ", fault.strikes, " times");
    if (fault.strikes > 0) {
      out += StrCat(", first at ", ShortDuration(fault.first_strike_ns), ": ", fault.first_detail);
    }
    out += "\n";
  }
  const sim::WorldStats& world = result.world;
  out += StrCat("\nNetwork\n  connections: ", world.connections, " made, ", world.refused_connections, " refused, ",
                world.resets, " ends reset\n  messages: ", world.deliveries, " delivered with ", world.delivered_bytes,
                " bytes, ", world.split_writes, " writes split, ", world.cut_writes, " cut, ", world.held_by_partition,
                " held by cut links\n");
  out += "\nChecked\n";
  for (const CheckerReport& checker : result.report.checkers) {
    out += StrCat("  ", JudgementName(checker.verdict.judgement), " ", checker.name, ": ", checker.property, " (",
                  checker.verdict.checked, " ", checker.verdict.unit, ")\n");
  }
  if (const CheckerReport* failed = result.report.first_failure()) {
    out += StrCat("\nContradiction\n  ", failed->verdict.witness.words, "\n");
    for (OpId id : failed->verdict.witness.operations) {
      if (const Operation* op = result.history->Find(id)) {
        out += StrCat("  ", Describe(*result.history, *op), "\n");
      }
    }
  }
  if (!result.waits.empty()) {
    out += "\nWho waits for what\n";
    for (const std::string& wait : result.waits) out += StrCat("  ", wait, "\n");
  }
  if (result.verdict != RunVerdict::kPass) out += StrCat("\nTo replay: ", replay, "\n");
  return out;
}

}  // namespace pravega::scenarios
