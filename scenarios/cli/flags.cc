#include "scenarios/cli/flags.h"

#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "scenarios/model/nearest.h"

namespace pravega::scenarios {
namespace {

constexpr size_t kMostSeeds = 1'000'000;

template <typename... Pieces>
absl::Status Bad(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, pieces...);
}

std::optional<uint64_t> ParseSeed(std::string_view text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// "A..B" (both included) or "A,B,...".
absl::StatusOr<std::vector<uint64_t>> ParseSeeds(std::string_view text) {
  std::vector<uint64_t> seeds;
  size_t dots = text.find("..");
  if (dots != std::string_view::npos) {
    std::optional<uint64_t> low = ParseSeed(text.substr(0, dots));
    std::optional<uint64_t> high = ParseSeed(text.substr(dots + 2));
    if (!low || !high || *low > *high) return Bad("--seeds: '", text, "' is no range: expected A..B with A <= B");
    if (*high - *low >= kMostSeeds) return Bad("--seeds: more than ", kMostSeeds, " seeds");
    for (uint64_t seed = *low;; ++seed) {
      seeds.push_back(seed);
      if (seed == *high) return seeds;
    }
  }
  for (const std::string& part : Split(text)) {
    std::optional<uint64_t> seed = ParseSeed(part);
    if (!seed) return Bad("--seeds: '", part, "' is no seed: expected A..B or A,B,... of whole numbers below 2^64");
    seeds.push_back(*seed);
  }
  return seeds;
}

// The flags of one command: how many values each takes (0 or 1) and what to do with them.
struct Flag {
  std::string_view name;
  bool takes_value;
  std::function<absl::Status(const std::string& value)> set;
  bool repeatable = false;
};

absl::Status ParseArguments(const std::vector<std::string>& arguments, size_t from, const std::vector<Flag>& flags,
                            std::vector<std::string>* positional) {
  std::vector<std::string_view> names;
  for (const Flag& flag : flags) names.push_back(flag.name);
  std::set<std::string_view> seen;
  bool flags_over = false;
  for (size_t i = from; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--" && !flags_over) {
      flags_over = true;
      continue;
    }
    if (flags_over || !argument.starts_with("-") || argument == "-") {
      positional->push_back(argument);
      continue;
    }
    size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    const Flag* flag = nullptr;
    for (const Flag& known : flags) {
      if (known.name == name) flag = &known;
    }
    if (flag == nullptr) {
      return Bad("unknown flag '", name, "'", names.empty() ? "; there are none here" : SuggestFor(name, names));
    }
    if (!seen.insert(flag->name).second && !flag->repeatable) return Bad(name, " is given twice");
    std::string value;
    if (flag->takes_value) {
      if (equals != std::string::npos) {
        value = argument.substr(equals + 1);
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      } else {
        return Bad(name, " needs a value");
      }
      if (value.empty()) return Bad(name, " needs a value that is not empty");
    } else if (equals != std::string::npos) {
      return Bad(name, " takes no value");
    }
    RETURN_IF_ERROR(flag->set(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<CommandLine> ParseRun(const std::vector<std::string>& arguments) {
  RunCommand run;
  std::vector<std::string> positional;
  bool seeded = false;
  auto text = [](std::string* into) {
    return [into](const std::string& value) {
      *into = value;
      return absl::OkStatus();
    };
  };
  auto list = [](std::vector<std::string>* into) {
    return [into](const std::string& value) {
      for (std::string& part : Split(value)) into->push_back(std::move(part));
      return absl::OkStatus();
    };
  };
  std::vector<Flag> flags = {
      {"--seed", true,
       [&](const std::string& value) -> absl::Status {
         std::optional<uint64_t> seed = ParseSeed(value);
         if (!seed) return Bad("--seed: '", value, "' is no seed: expected a whole number below 2^64");
         if (seeded) return Bad("--seed and --seeds exclude each other");
         seeded = true;
         run.seeds = {*seed};
         return absl::OkStatus();
       }},
      {"--seeds", true,
       [&](const std::string& value) -> absl::Status {
         if (seeded) return Bad("--seed and --seeds exclude each other");
         seeded = true;
         ASSIGN_OR_RETURN(run.seeds, ParseSeeds(value));
         return absl::OkStatus();
       }},
      {"--tape", true, text(&run.tape_file)},
      {"--history", true, text(&run.history_file)},
      {"--trace", true, text(&run.trace_file)},
      {"--log", true, text(&run.log_file)},
      {"--report", true, text(&run.report_directory)},
      {"--planted", true, list(&run.planted), true},
      {"--without", true, list(&run.without), true},
      {"--one-byte-chunks", false,
       [&](const std::string&) {
         run.one_byte_chunks = true;
         return absl::OkStatus();
       }},
      {"--progress", true,
       [&](const std::string& value) -> absl::Status {
         if (value == "auto")
           run.progress = Progress::kAuto;
         else if (value == "on")
           run.progress = Progress::kOn;
         else if (value == "off")
           run.progress = Progress::kOff;
         else
           return Bad("--progress: '", value, "' is not auto, on or off");
         return absl::OkStatus();
       }},
  };
  RETURN_IF_ERROR(ParseArguments(arguments, 1, flags, &positional));
  if (positional.empty()) return Bad("run: expected a scenario's file");
  if (positional.size() > 1) return Bad("run: one file at a time, but there is '", positional[1], "' too");
  run.file = positional[0];
  if (seeded && !run.tape_file.empty()) return Bad("--tape and seeds exclude each other");
  if (!seeded && run.tape_file.empty()) run.seeds = {1};
  if (run.seeds.size() > 1 && (!run.history_file.empty() || !run.trace_file.empty() || !run.log_file.empty())) {
    return Bad("--history, --trace and --log are for a single run: expected one seed");
  }
  return CommandLine(std::move(run));
}

absl::StatusOr<CommandLine> ParseJudge(const std::vector<std::string>& arguments) {
  std::vector<std::string> positional;
  RETURN_IF_ERROR(ParseArguments(arguments, 1, {}, &positional));
  if (positional.size() != 1) return Bad("judge: expected one history's file");
  return CommandLine(JudgeCommand{positional[0]});
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return Bad("expected a command: run or judge; --help tells more");
  const std::string& command = arguments[0];
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") return CommandLine(HelpCommand{});
    if (argument == "--") break;
  }
  if (command == "help") return CommandLine(HelpCommand{});
  if (command == "--version" || command == "version") return CommandLine(VersionCommand{});
  if (command == "run") return ParseRun(arguments);
  if (command == "judge") return ParseJudge(arguments);
  static const auto* kCommands = new std::vector<std::string_view>{"run", "judge", "help", "version"};
  return Bad("unknown command '", command, "'", SuggestFor(command, *kCommands));
}

std::string_view HelpText() {
  return "pravega-sim: chaos scenarios for Pravega under virtual time\n"
         "\n"
         "pravega-sim run FILE [flags]   run the scenario of a YAML file\n"
         "  --seed N                     from this seed (default 1)\n"
         "  --seeds A..B | A,B,...       from each of these seeds\n"
         "  --tape FILE                  from a recorded tape in place of a seed\n"
         "  --history FILE               write what happened, for 'judge'\n"
         "  --trace FILE                 write every delivery, timer, write and choice\n"
         "  --log FILE                   write what clients and servers log\n"
         "  --report DIR                 write a report, of many seeds of each failure\n"
         "  --without FAULT              switch a fault off; may be repeated\n"
         "  --planted BUG,...            switch planted bugs on (--config=planted builds)\n"
         "  --one-byte-chunks            let every byte cross the network alone\n"
         "  --progress auto|on|off       progress on the terminal\n"
         "pravega-sim judge HISTORY      run all checkers on a history file\n"
         "pravega-sim --version\n"
         "\n"
         "Each run prints one line:\n"
         "  PASS|FAIL|STUCK|VACUOUS seed=N events=N faults=N virtual=D wall=D trace=HASH\n"
         "Exit status: 0 pass, 1 a property failed, 2 bad input, 3 stuck, 4 vacuous (a\n"
         "fault that must strike did not); of several runs the worst.\n";
}

}  // namespace pravega::scenarios
