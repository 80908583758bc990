#include "scenarios/cli/run_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "connector/core/strings.h"
#include "scenarios/checkers/judge.h"
#include "scenarios/cli/files.h"
#include "scenarios/history/history_file.h"
#include "scenarios/model/nearest.h"
#include "scenarios/model/yaml.h"
#include "scenarios/runner/run.h"
#include "scenarios/runner/summary.h"
#include "scenarios/workloads/rows.h"
#include "simulator/world/tape.h"

namespace pravega::scenarios {
namespace {

int BadInput(const absl::Status& status) {
  std::fprintf(stderr, "pravega-sim: %s\n", std::string(status.message()).c_str());
  return kExitBadInput;
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

absl::StatusOr<Scenario> LoadScenario(const RunCommand& command) {
  absl::StatusOr<std::string> text = ReadFile(command.file);
  if (!text.ok()) return text.status();
  absl::StatusOr<Scenario> scenario = ParseScenario(*text, command.file);
  if (!scenario.ok()) return scenario.status();
  for (const std::string& name : command.without) {
    std::vector<std::string_view> known;
    bool found = false;
    for (Fault& fault : scenario->faults) {
      known.push_back(fault.name);
      if (fault.name != name) continue;
      fault.enabled = false;
      found = true;
    }
    if (!found) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "--without: no fault is called '", name, "'", SuggestFor(name, known));
    }
  }
  if (command.one_byte_chunks) scenario->network.one_byte_chunks = true;
  scenario->planted.insert(scenario->planted.end(), command.planted.begin(), command.planted.end());
#ifndef PRAVEGA_PLANTED_BUGS
  if (!scenario->planted.empty()) {
    return absl::InvalidArgumentError("planted bugs are asked for, but this program was built without --config=planted");
  }
#endif
  return scenario;
}

absl::StatusOr<Rows> LoadRows(const RunCommand& command, const Workload& workload) {
  if (workload.file.empty()) return Rows::MadeUp(workload.rows, workload.keys);
  const std::string path = Beside(command.file, workload.file);
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return Rows::FromCsv(*std::move(text), path, workload.key_column, workload.rows);
}

// A line that is overwritten, for a person who watches.
class ProgressLine {
 public:
  explicit ProgressLine(Progress mode) : on_(mode == Progress::kOn || (mode == Progress::kAuto && isatty(STDERR_FILENO) != 0)) {}

  void Show(const std::string& origin, int64_t virtual_ns, int64_t read, int64_t all) {
    if (!on_) return;
    std::fprintf(stderr, "\r\033[K%s: %s, %lld of %lld events read", origin.c_str(), ShortDuration(virtual_ns).c_str(),
                 static_cast<long long>(read), static_cast<long long>(all));
    std::fflush(stderr);
    shown_ = true;
  }
  void Clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
  }

 private:
  const bool on_;
  bool shown_ = false;
};

std::string ReplayCommand(const RunCommand& command, const std::string& how) {
  std::string replay = StrCat("pravega-sim run ", command.file, " ", how);
  for (const std::string& fault : command.without) replay += StrCat(" --without ", fault);
  for (const std::string& bug : command.planted) replay += StrCat(" --planted ", bug);
  if (command.one_byte_chunks) replay += " --one-byte-chunks";
  return replay;
}

absl::Status WriteReport(const std::string& directory, const std::string& origin, const Scenario& scenario,
                         const RunResult& result, const sim::Tape& tape, const std::string& summary) {
  std::string name = origin;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '=' || c == '/' || c == ' '; }, '-');
  const std::string folder = StrCat(directory, "/", name);
  absl::Status status = MakeDirectory(folder);
  // The tape that was drawn, as a plan: it can be shortened by hand or by machine.
  sim::Tape drawn = tape;
  drawn.plan = result.plan;
  if (status.ok()) status = WriteFile(folder + "/summary.txt", summary);
  if (status.ok()) status = WriteFile(folder + "/scenario.yaml", PrintScenario(scenario));
  if (status.ok()) status = WriteFile(folder + "/tape", drawn.ToBytes());
  if (status.ok()) status = WriteFile(folder + "/history.jsonl", HistoryText(*result.history));
  return status;
}

// One run. An error is bad input.
absl::StatusOr<RunVerdict> RunOnce(const RunCommand& command, const Scenario& scenario, const Rows& rows,
                                   const sim::Tape& tape, const std::string& origin, const std::string& how) {
  ProgressLine progress(command.progress);
  RunOptions options;
  options.progress = [&](int64_t virtual_ns, int64_t read, int64_t all) { progress.Show(origin, virtual_ns, read, all); };
  std::ofstream trace;
  if (!command.trace_file.empty()) {
    absl::Status made = WriteFile(command.trace_file, "");
    if (!made.ok()) return made;
    trace.open(command.trace_file, std::ios::binary);
    options.trace_sink = [&trace](std::string_view line) { trace << line << '\n'; };
  }
  const auto begun = std::chrono::steady_clock::now();
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, tape, options);
  const int64_t wall_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - begun).count();
  progress.Clear();
  if (!result.ok()) return result.status();
  const bool single = command.seeds.size() <= 1;
  const bool passed = result->verdict == RunVerdict::kPass;
  const std::string summary = Summary(scenario, *result, ReplayCommand(command, how));
  if (single || !passed) Print(summary + "\n");
  Print(ResultLine(*result, origin, wall_ns) + "\n");
  std::fflush(stdout);
  if (!command.history_file.empty()) {
    absl::Status written = WriteFile(command.history_file, HistoryText(*result->history));
    if (!written.ok()) return written;
  }
  if (!command.report_directory.empty() && (single || !passed)) {
    absl::Status written = WriteReport(command.report_directory, origin, scenario, *result, tape, summary);
    if (!written.ok()) return written;
  }
  return result->verdict;
}

}  // namespace

int RunRunCommand(const RunCommand& command) {
  absl::StatusOr<Scenario> scenario = LoadScenario(command);
  if (!scenario.ok()) return BadInput(scenario.status());
  absl::StatusOr<Rows> rows = LoadRows(command, scenario->workload);
  if (!rows.ok()) return BadInput(rows.status());
  RunVerdict worst = RunVerdict::kPass;
  if (!command.tape_file.empty()) {
    absl::StatusOr<std::string> bytes = ReadFile(command.tape_file);
    if (!bytes.ok()) return BadInput(bytes.status());
    absl::StatusOr<RunVerdict> verdict = RunOnce(command, *scenario, *rows, sim::Tape::FromBytes(*bytes),
                                                 "tape=" + command.tape_file, "--tape " + command.tape_file);
    if (!verdict.ok()) return BadInput(verdict.status());
    worst = *verdict;
  }
  for (uint64_t seed : command.seeds) {
    absl::StatusOr<RunVerdict> verdict =
        RunOnce(command, *scenario, *rows, sim::Tape::FromSeed(seed), StrCat("seed=", seed), StrCat("--seed ", seed));
    if (!verdict.ok()) return BadInput(verdict.status());
    worst = Worse(worst, *verdict);
  }
  return static_cast<int>(worst);
}

int RunJudgeCommand(const JudgeCommand& command) {
  absl::StatusOr<std::string> text = ReadFile(command.history_file);
  if (!text.ok()) return BadInput(text.status());
  absl::StatusOr<Report> report = JudgeFile(*text, command.history_file);
  if (!report.ok()) return BadInput(report.status());
  Print(report->ToString());
  return report->judgement() == Judgement::kFail ? kExitFail : kExitPass;
}

}  // namespace pravega::scenarios
