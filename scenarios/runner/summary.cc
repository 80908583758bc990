#include "scenarios/runner/summary.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "connector/core/strings.h"
#include "scenarios/history/describe.h"
#include "scenarios/runner/strike_target.h"

namespace pravega::scenarios {
namespace {

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// A word filled up to a column.
std::string Cell(std::string_view text, size_t width) {
  std::string cell(text);
  cell.resize(std::max(cell.size() + 1, width), ' ');
  return cell;
}

std::string Line(std::string_view name, std::string_view text) { return StrCat("  ", Cell(name, 15), text, "\n"); }

std::string Indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.size(), text.find('\n'));
    out += StrCat("  ", text.substr(0, end), "\n");
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

// "1 connection", "2 connections".
std::string Count(int64_t count, std::string_view unit) { return StrCat(count, " ", unit, count == 1 ? "" : "s"); }

// Descriptions of operations may carry whole cuts.
std::string Short(std::string text) {
  constexpr size_t kLongest = 100;
  if (text.size() > kLongest) text.replace(kLongest - 3, std::string::npos, "...");
  return text;
}

std::string Bytes(uint64_t bytes) {
  if (bytes < 10'000) return StrCat(bytes, " bytes");
  return bytes < 10'000'000 ? StrCat(bytes / 1000, " kB") : StrCat(bytes / 1'000'000, " MB");
}

// How often each kind of operation ended how.
struct Ends {
  int64_t ok = 0;
  int64_t failed = 0;
  int64_t unknown = 0;  // or not ended

  void Add(const Operation& op) { (op.ok() ? ok : op.outcome == Outcome::kFailed ? failed : unknown)++; }
  std::string Words(std::string_view ok_word) const {
    return StrCat(ok, " ", ok_word, ", ", failed, " failed, ", unknown, " unknown");
  }
};

std::string Done(const Scenario& scenario, const RunResult& result) {
  Ends writes, commits, scales, checkpoints, read_backs, lives;
  for (const Operation& op : result.history->operations()) {
    if (op.As<Write>() != nullptr) writes.Add(op);
    if (op.As<TxnCommit>() != nullptr) commits.Add(op);
    if (op.AsBoxed<StreamScale>() != nullptr) scales.Add(op);
    if (op.As<Checkpoint>() != nullptr) checkpoints.Add(op);
    if (op.As<ReadBack>() != nullptr) read_backs.Add(op);
    if (op.As<ReaderOnline>() != nullptr) lives.Add(op);
  }
  const ResendStats& resends = result.resends;
  std::string out = "\nDone\n";
  out += Line("writes", writes.Words("acknowledged"));
  if (scenario.workload.transactional_writers > 0) out += Line("commits", commits.Words("accepted"));
  out += Line("resends", StrCat(Count(resends.appends, "append"), " with ", Count(resends.events, "event"), ", ",
                                resends.found_there, " more found applied, ", Count(resends.moved, "event"),
                                " moved to successors"));
  out += Line("recorded", StrCat(Count(result.events, "event"), " by ", Count(scenario.workload.readers, "reader"),
                                 " in ", lives.ok, lives.ok == 1 ? " life" : " lives"));
  out += Line("scales", StrCat(scales.ok));
  out += Line("checkpoints", StrCat(checkpoints.ok, ", ", read_backs.ok, " of them read back"));
  return out;
}

// Strikes that are told of one fault; the rest is counted.
constexpr size_t kStrikesTold = 3;

std::string Faults(const RunResult& result) {
  const History& history = *result.history;
  std::string out = "\nFaults\n";
  if (result.faults.empty()) return out + "  none\n";
  size_t width = 0;
  for (const FaultReport& fault : result.faults) width = std::max(width, fault.name.size() + 2);
  for (const FaultReport& fault : result.faults) {
    out += StrCat("  ", Cell(fault.name, width), Cell(StrCat(fault.strikes, "x"), 6));
    if (fault.strikes == 0) out += fault.must_strike ? "must strike, and never did\n" : "did not strike\n";
    size_t told = 0;
    for (const Operation& op : history.operations()) {
      const auto* strike = op.As<FaultStrike>();
      if (strike == nullptr || history.Name(strike->fault) != fault.name) continue;
      if (told > 0) out += std::string(2 + width + 6, ' ');
      if (told == kStrikesTold) {
        out += StrCat("and ", fault.strikes - static_cast<int>(told), " more\n");
        break;
      }
      ++told;
      out += StrCat(Seconds(op.invoked_ns), "  ", history.Name(strike->target));
      if (const Operation* hit = OperationStruck(history, op)) {
        out += StrCat(", at operation ", hit->id.value(), ": ", Short(DescribeAction(history, *hit)));
      } else {
        out += ", with nothing under way there";
      }
      out += "\n";
    }
  }
  return out;
}

std::string Network(const sim::WorldStats& world) {
  auto count = [](uint64_t n, std::string_view unit) { return Count(static_cast<int64_t>(n), unit); };
  std::string out = "\nNetwork\n";
  out += Line("connections", StrCat(world.connections, " made, ", world.refused_connections, " refused, ",
                                    count(world.resets, "end"), " reset"));
  out += Line("frames", StrCat(world.split_writes, " split, ", world.cut_writes, " cut off"));
  out += Line("deliveries", StrCat(world.deliveries, " with ", Bytes(world.delivered_bytes), ", ",
                                   world.held_by_partition, " held by cut links"));
  return out;
}

}  // namespace

std::string Seconds(int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof(text), "%8.3fs", static_cast<double>(ns) / 1e9);
  return text;
}

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
  std::string out = StrCat(scenario.name, ": ", RunVerdictName(result.verdict));
  if (!result.reason.empty()) out += StrCat(": ", result.reason);
  out += "\n";
  out += Done(scenario, result);
  out += Faults(result);
  out += Network(result.world);
  out += StrCat("\nChecked\n", Indented(result.report.ToString()));
  if (const CheckerReport* failed = result.report.first_failure()) {
    out += StrCat("\nContradiction\n  ", failed->verdict.witness.words, "\n");
    for (OpId id : failed->verdict.witness.operations) {
      if (const Operation* op = result.history->Find(id)) out += StrCat("  ", Describe(*result.history, *op), "\n");
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
