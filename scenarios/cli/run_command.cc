#include "scenarios/cli/run_command.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/cli/files.h"
#include "scenarios/cli/judge_text.h"
#include "scenarios/history/history_file.h"
#include "scenarios/model/nearest.h"
#include "scenarios/model/yaml.h"
#include "scenarios/runner/names.h"
#include "scenarios/runner/run.h"
#include "scenarios/runner/summary.h"
#include "scenarios/workloads/rows.h"
#include "simulator/world/tape.h"

namespace pravega::scenarios {
namespace {

// Larger files are refused before they fill the memory: nothing that is read here is near these sizes.
constexpr size_t kLargestScenario = size_t{1} << 20;  // ParseScenario refuses less
constexpr size_t kLargestTape = size_t{64} << 20;
constexpr size_t kLargestCsv = size_t{1} << 30;
constexpr size_t kLargestHistory = size_t{4} << 30;

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

absl::Status NobodyIsCalled(std::string_view who, std::string_view name, const std::vector<std::string_view>& known) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, who, " is called '", name, "'", SuggestFor(name, known));
}

absl::StatusOr<Scenario> LoadScenario(const RunCommand& command) {
  absl::StatusOr<std::string> text = ReadFile(command.file, kLargestScenario);
  if (!text.ok()) return text.status();
  absl::StatusOr<Scenario> scenario = ParseScenario(*text, command.file, KnownNames());
  if (!scenario.ok()) return scenario.status();
  for (const std::string& name : command.without) {
    if (scenario->faults.empty()) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "--without: ", command.file, " has no faults");
    }
    std::vector<std::string_view> known;
    bool found = false;
    for (Fault& fault : scenario->faults) {
      known.push_back(fault.name);
      if (fault.name != name) continue;
      fault.enabled = false;
      found = true;
    }
    if (!found) return NobodyIsCalled("--without: no fault", name, known);
  }
  if (command.one_byte_chunks) scenario->network.one_byte_chunks = true;
  for (const std::string& bug : command.planted) {
    const std::vector<std::string_view>& known = KnownNames().planted;
    if (std::find(known.begin(), known.end(), bug) == known.end()) {
      return NobodyIsCalled("--planted: no bug", bug, known);
    }
  }
  scenario->planted.insert(scenario->planted.end(), command.planted.begin(), command.planted.end());
#ifndef PRAVEGA_PLANTED_BUGS
  if (!scenario->planted.empty()) {
    return absl::InvalidArgumentError(
        "planted bugs are asked for, but this program was built without --config=planted");
  }
#endif
  return scenario;
}

absl::StatusOr<Rows> LoadRows(const RunCommand& command, const Workload& workload) {
  if (workload.file.empty()) return Rows::MadeUp(workload.rows, workload.keys);
  const std::string path = Beside(command.file, workload.file);
  absl::StatusOr<std::string> text = ReadFile(path, kLargestCsv);
  if (!text.ok()) return text.status();
  return Rows::FromCsv(*std::move(text), path, workload.key_column, workload.rows);
}

// A line that is overwritten, for a person who watches.
class ProgressLine {
 public:
  explicit ProgressLine(Progress mode)
      : on_(mode == Progress::kOn || (mode == Progress::kAuto && isatty(STDERR_FILENO) != 0)) {}

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

// A word as a shell reads it.
std::string ShellWord(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_-./=,:+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string ReplayCommand(const RunCommand& command, const std::string& how) {
  std::string replay = StrCat(ShellWord(command.program), " run ", ShellWord(command.file), " ", how);
  for (const std::string& fault : command.without) replay += StrCat(" --without ", ShellWord(fault));
  for (const std::string& bug : command.planted) replay += StrCat(" --planted ", ShellWord(bug));
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

// What a run writes besides its summary.
struct Outputs {
  std::optional<OutputFile> history;
  std::optional<OutputFile> trace;
  std::optional<OutputFile> log;
};

// Opens them, so that a run is not done in vain, unless they are one of the files that are read.
absl::StatusOr<Outputs> OpenOutputs(const RunCommand& command, const Scenario& scenario) {
  std::vector<std::pair<std::string, std::string>> taken = {{command.file, "the scenario"}};
  if (!scenario.workload.file.empty()) taken.emplace_back(Beside(command.file, scenario.workload.file), "the rows");
  if (!command.tape_file.empty()) taken.emplace_back(command.tape_file, "the tape");
  Outputs outputs;
  const std::tuple<std::string, const std::string*, std::optional<OutputFile>*> wanted[] = {
      {"--history", &command.history_file, &outputs.history},
      {"--trace", &command.trace_file, &outputs.trace},
      {"--log", &command.log_file, &outputs.log}};
  for (const auto& [flag, path, output] : wanted) {
    if (path->empty()) continue;
    for (const auto& [file, what] : taken) {
      if (!SameFile(*path, file)) continue;
      return MakeStatus(absl::StatusCode::kInvalidArgument, flag, ": ", *path, " is ", what, ": expected another file");
    }
    taken.emplace_back(*path, StrCat("the file of ", flag));
  }
  for (const auto& [flag, path, output] : wanted) {
    if (path->empty()) continue;
    absl::StatusOr<OutputFile> opened = OutputFile::Open(*path);
    if (!opened.ok()) return Annotate(opened.status(), flag);
    output->emplace(*std::move(opened));
  }
  if (!command.report_directory.empty()) {
    absl::Status made = MakeDirectory(command.report_directory);
    if (!made.ok()) return Annotate(made, "--report");
  }
  return outputs;
}

// One run. An error is bad input, or an output that could not be written; there is no result then.
absl::StatusOr<RunVerdict> RunOnce(const RunCommand& command, const Scenario& scenario, const Rows& rows,
                                   const sim::Tape& tape, Outputs& outputs, const std::string& origin,
                                   const std::string& how) {
  ProgressLine progress(command.progress);
  RunOptions options;
  options.progress = [&](int64_t virtual_ns, int64_t read, int64_t all) {
    progress.Show(origin, virtual_ns, read, all);
  };
  if (outputs.trace) {
    options.trace_sink = [&outputs](std::string_view line) {
      outputs.trace->Write(line);
      outputs.trace->Write("\n");
    };
  }
  if (outputs.log) {
    options.log_sink = [&outputs](int64_t time_ns, std::string_view node, std::string_view line) {
      outputs.log->Write(StrCat(Seconds(time_ns), " ", node, ": ", line, "\n"));
    };
  }
  const auto begun = std::chrono::steady_clock::now();
  absl::StatusOr<RunResult> result = RunScenario(scenario, rows, tape, options);
  const int64_t wall_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - begun).count();
  progress.Clear();
  if (!result.ok()) return result.status();
  const bool single = command.seeds.size() <= 1;
  const bool passed = result->verdict == RunVerdict::kPass;
  const std::string summary = Summary(scenario, *result, ReplayCommand(command, how));
  absl::Status written;
  if (outputs.trace) written.Update(outputs.trace->Close());
  if (outputs.log) written.Update(outputs.log->Close());
  if (outputs.history) {
    WriteHistory(*result->history, [&outputs](std::string_view line) { outputs.history->Write(line); });
    written.Update(outputs.history->Close());
  }
  if (!command.report_directory.empty() && (single || !passed)) {
    written.Update(WriteReport(command.report_directory, origin, scenario, *result, tape, summary));
  }
  if (!written.ok()) return written;
  if (single || !passed) Print(summary + "\n");
  Print(ResultLine(*result, origin, wall_ns) + "\n");
  std::fflush(stdout);
  return result->verdict;
}

}  // namespace

int BadInput(const absl::Status& status) {
  std::string line(status.message());
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  std::fprintf(stderr, "pravega-sim: %s\n", line.c_str());
  return kExitBadInput;
}

int RunRunCommand(const RunCommand& command) {
  absl::StatusOr<Scenario> scenario = LoadScenario(command);
  if (!scenario.ok()) return BadInput(scenario.status());
  absl::StatusOr<Rows> rows = LoadRows(command, scenario->workload);
  if (!rows.ok()) return BadInput(rows.status());
  absl::StatusOr<std::string> tape = std::string();
  if (!command.tape_file.empty()) tape = ReadFile(command.tape_file, kLargestTape);
  if (!tape.ok()) return BadInput(tape.status());
  absl::StatusOr<Outputs> outputs = OpenOutputs(command, *scenario);
  if (!outputs.ok()) return BadInput(outputs.status());
  RunVerdict worst = RunVerdict::kPass;
  if (!command.tape_file.empty()) {
    absl::StatusOr<RunVerdict> verdict = RunOnce(command, *scenario, *rows, sim::Tape::FromBytes(*tape), *outputs,
                                                 "tape=" + command.tape_file, "--tape " + ShellWord(command.tape_file));
    if (!verdict.ok()) return BadInput(verdict.status());
    worst = *verdict;
  }
  for (uint64_t seed : command.seeds) {
    absl::StatusOr<RunVerdict> verdict = RunOnce(command, *scenario, *rows, sim::Tape::FromSeed(seed), *outputs,
                                                 StrCat("seed=", seed), StrCat("--seed ", seed));
    if (!verdict.ok()) return BadInput(verdict.status());
    worst = Worse(worst, *verdict);
  }
  return static_cast<int>(worst);
}

int RunJudgeCommand(const JudgeCommand& command) {
  absl::StatusOr<std::string> text = ReadFile(command.history_file, kLargestHistory);
  if (!text.ok()) return BadInput(text.status());
  absl::StatusOr<JudgedText> judged = JudgeText(*text, command.history_file);
  if (!judged.ok()) return BadInput(judged.status());
  Print(judged->output);
  return judged->exit_status;
}

}  // namespace pravega::scenarios
