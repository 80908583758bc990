// Goal: the program does for somebody at a terminal what the help says: results, files and exit statuses; and every
// kind of bad input ends with status 2, one line that says what, where and what was expected, and no result. Method:
// the program itself, started as a process.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr char kProgram[] = "scenarios/cli/pravega-sim";
constexpr char kHello[] = "scenarios/library/hello.yaml";

struct Ended {
  int status = -1;  // 128 + signal if one ended it
  std::string out;
  std::string err;
};

std::string ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/" + info->test_suite_name() + "." + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  Ended Start(const std::string& program, const std::vector<std::string>& arguments, std::string out = "") {
    if (out.empty()) out = Path(".out");
    const std::string err = Path(".err");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error = posix_spawnp(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      ADD_FAILURE() << "cannot start " << program << ": " << error;
      return {};
    }
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    Ended ended{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), "", ReadWhole(err)};
    if (std::filesystem::is_regular_file(out)) ended.out = ReadWhole(out);
    return ended;
  }
  Ended Sim(const std::vector<std::string>& arguments) { return Start(kProgram, arguments); }

  // Bad input: status 2, nothing on stdout, and this one line on stderr (behind the program's name).
  void ExpectRefused(const std::vector<std::string>& arguments, const testing::Matcher<std::string>& line) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Ended ended = Sim(arguments);
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.out, IsEmpty());
    ASSERT_THAT(ended.err, AllOf(StartsWith("pravega-sim: "), EndsWith("\n")));
    const std::string said = ended.err.substr(13, ended.err.size() - 14);
    EXPECT_THAT(said, line);
    EXPECT_EQ(said.find('\n'), std::string::npos);
  }
  void ExpectScenarioRefused(std::string_view yaml, const std::string& message) {
    const std::string path = Write("s.yaml", yaml);
    ExpectRefused({"run", path}, path + message);
  }

  // The last line.
  static std::string ResultOf(const Ended& ended) {
    std::string text = ended.out;
    if (text.ends_with("\n")) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }
  static std::string TraceOf(const Ended& ended) {
    const std::string result = ResultOf(ended);
    return result.substr(result.rfind('=') + 1);
  }

 private:
  std::string folder_;
};

constexpr std::string_view kSmall =
    "name: small\nworkload: {rows: 20, writers: 1, readers: 1, pace: 1s, checkpoint_every: 0}\n";

// ---- what works

TEST_F(CliTest, APassEndsWithItsLineAndStatus0) {
  const Ended ended = Sim({"run", kHello, "--seed", "3"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, IsEmpty());
  EXPECT_THAT(ended.out, StartsWith("hello: PASS\n"));
  EXPECT_THAT(ResultOf(ended),
              MatchesRegex("PASS seed=3 events=100 faults=0 virtual=[0-9]+m?s wall=[0-9]+[mun]?s trace=[0-9a-f]{16}"));
}

TEST_F(CliTest, SeveralSeedsAreOneLineEachInTheirOrder) {
  const Ended ended = Sim({"run", kHello, "--seeds", "9,2..4"});
  EXPECT_EQ(ended.status, 2) << "a list or a range";
  const Ended list = Sim({"run", kHello, "--seeds", "9,2,9"});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.out, MatchesRegex("PASS seed=9 [^\n]*\nPASS seed=2 [^\n]*\nPASS seed=9 [^\n]*\n"));
  const std::string first = list.out.substr(list.out.find("trace="), 22);
  EXPECT_THAT(list.out, EndsWith(first + "\n")) << "the same seed, the same run, wherever it stands";
  const Ended range = Sim({"run", kHello, "--seeds=2..4", "--progress=on"});
  EXPECT_THAT(range.out, MatchesRegex("PASS seed=2 [^\n]*\nPASS seed=3 [^\n]*\nPASS seed=4 [^\n]*\n"));
  EXPECT_THAT(range.err, HasSubstr("events read")) << "progress stays off the results";
}

TEST_F(CliTest, AVacuousRunIsStatus4AndTellsHowToReplayIt) {
  const std::string path =
      Write("my scenario.yaml", std::string(kSmall) +
                                    "faults:\n"
                                    "  - {name: f, kind: session, command: TruncateSegment, must_strike: true}\n");
  const Ended ended = Sim({"run", path, "--seed", "5", "--one-byte-chunks"});
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ResultOf(ended), StartsWith("VACUOUS seed=5 "));
  EXPECT_THAT(ended.out,
              HasSubstr("\nTo replay: scenarios/cli/pravega-sim run '" + path + "' --seed 5 --one-byte-chunks\n"));
  EXPECT_EQ(Sim({"run", path, "--without", "f"}).status, 0);
}

TEST_F(CliTest, AStuckRunIsStatus3AndTellsWhoWaits) {
  const std::string path = Write("s.yaml",
                                 "name: s\n"
                                 "workload: {rows: 4, writers: 1, readers: 1, pace: 600s, checkpoint_every: 0}\n"
                                 "limits: {stuck_after: 60s}\n");
  const Ended ended = Sim({"run", path});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ResultOf(ended), StartsWith("STUCK seed=1 "));
  EXPECT_THAT(ended.out, HasSubstr("\nWho waits for what\n"));
  EXPECT_THAT(ended.out, HasSubstr("\n  writer-1: "));
}

TEST_F(CliTest, OfSeveralSeedsTheWorstCounts) {
  // Strikes with a chance: some seeds are vacuous.
  const std::string path = Write(
      "s.yaml", std::string(kSmall) +
                    "faults:\n"
                    "  - {name: f, kind: session, command: AppendBlockEnd, per_million: 60000, must_strike: true}\n");
  const Ended ended = Sim({"run", path, "--seeds", "1..12"});
  EXPECT_THAT(ended.out, HasSubstr("PASS seed="));
  EXPECT_THAT(ended.out, HasSubstr("VACUOUS seed="));
  EXPECT_EQ(ended.status, 4);
}

TEST_F(CliTest, AnUnknownPlantedBugIsRefused) {
  ExpectRefused({"run", kHello, "--planted", "ack-before-durible"},
                "--planted: no bug is called 'ack-before-durible'; did you mean 'ack-before-durable'?");
}

#ifdef PRAVEGA_PLANTED_BUGS
TEST_F(CliTest, AFailureIsStatus1ShowsTheContradictionAndHowToReplayIt) {
  const std::vector<std::string> run = {"run",       "scenarios/library/one-fault.yaml",
                                        "--seed",    "1",
                                        "--planted", "append-setup-off-by-one",
                                        "--history", Path("h"),
                                        "--report",  Path("r")};
  const Ended ended = Sim(run);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ResultOf(ended), StartsWith("FAIL seed=1 "));
  EXPECT_THAT(ended.out, HasSubstr("\nContradiction\n"));
  EXPECT_THAT(
      ended.out,
      HasSubstr("\nTo replay: scenarios/cli/pravega-sim run scenarios/library/one-fault.yaml --seed 1 --planted "
                "append-setup-off-by-one\n"));
  const Ended judged = Sim({"judge", Path("h")});
  EXPECT_EQ(judged.status, 1);
  EXPECT_THAT(ReadWhole(Path("r/seed-1/summary.txt")), HasSubstr("\nContradiction\n"));
}
#else
TEST_F(CliTest, PlantedBugsNeedTheirBuild) {
  ExpectRefused({"run", kHello, "--planted", "ack-before-durable"},
                "planted bugs are asked for, but this program was built without --config=planted");
}
#endif

TEST_F(CliTest, AHistoryIsJudgedAgain) {
  ASSERT_EQ(Sim({"run", kHello, "--history", Path("h")}).status, 0);
  const Ended judged = Sim({"judge", Path("h")});
  EXPECT_EQ(judged.status, 0);
  EXPECT_THAT(judged.out, HasSubstr("nothing_lost        PASS     100 acknowledged writes"));
  EXPECT_THAT(judged.out, HasSubstr("lease               PASS     nothing to check"));
  EXPECT_EQ(ResultOf(judged), "PASS " + Path("h") + ": nothing contradicts 11 properties of 13");
  EXPECT_THAT(judged.err, IsEmpty());

  // Without what the readers recorded of one event, it was lost.
  std::istringstream lines(ReadWhole(Path("h")));
  std::string doctored;
  for (std::string line; std::getline(lines, line);) {
    const bool seen =
        line.find("\"sequence\":7") != std::string::npos && line.find("\"kind\":\"write\"") == std::string::npos;
    if (!seen) doctored += line + "\n";
  }
  const Ended lost = Sim({"judge", Write("doctored", doctored)});
  EXPECT_EQ(lost.status, 1);
  EXPECT_THAT(lost.out, HasSubstr("nothing_lost        FAIL "));
  EXPECT_THAT(ResultOf(lost), StartsWith("FAIL " + Path("doctored") + ": "));

  // Where nobody waited until all was read, nobody can call an event lost.
  const Ended unknown =
      Sim({"judge", Write("hasty",
                          "{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":0}\n"
                          "{\"id\":1,\"kind\":\"write\",\"process\":\"w\",\"invoked\":5,\"completed\":9,"
                          "\"outcome\":\"ok\",\"writer\":\"w\",\"sequence\":0,\"stream\":\"s/e\"}\n")});
  EXPECT_EQ(unknown.status, 4);
  EXPECT_THAT(unknown.out, HasSubstr("nothing_lost        VACUOUS "));
  EXPECT_EQ(ResultOf(unknown), "VACUOUS " + Path("hasty") + ": nothing was recorded");
  const Ended empty =
      Sim({"judge", Write("empty", "{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":0}\n")});
  EXPECT_EQ(empty.status, 4);
  EXPECT_EQ(ResultOf(empty), "VACUOUS " + Path("empty") + ": nothing was written");
}

TEST_F(CliTest, AReportCarriesATapeThatIsTheSameRun) {
  const Ended ended = Sim({"run", "scenarios/library/one-fault.yaml", "--seed", "7", "--report", Path("a/b")});
  ASSERT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out.substr(0, ended.out.rfind("\nPASS")), ReadWhole(Path("a/b/seed-7/summary.txt")));
  const Ended again = Sim({"run", "scenarios/library/one-fault.yaml", "--tape", Path("a/b/seed-7/tape")});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(ResultOf(again), StartsWith("PASS tape=" + Path("a/b/seed-7/tape") + " events=200 "));
  EXPECT_EQ(TraceOf(again), TraceOf(ended));
  EXPECT_EQ(Sim({"judge", Path("a/b/seed-7/history.jsonl")}).status, 0);
  const Ended printed = Sim({"run", Path("a/b/seed-7/scenario.yaml"), "--seed", "7"});
  EXPECT_EQ(TraceOf(printed), TraceOf(ended));
}

TEST_F(CliTest, AnyFileIsATape) {
  for (const char* tape : {"scenarios/library/hello.yaml", "scenarios/cli/trace_hash.py", "/dev/null"}) {
    EXPECT_EQ(Sim({"run", kHello, "--tape", tape}).status, 0) << tape;
  }
}

TEST_F(CliTest, ALeaseThatHasEndedRefusesTheCommitThatWasHeldUp) {
  for (const char* seed : {"1", "2", "3"}) {
    const Ended ended = Sim({"run", "scenarios/library/lease.yaml", "--seed", seed, "--history", Path("h")});
    EXPECT_EQ(ended.status, 0) << ended.out;
    const std::string history = ReadWhole(Path("h"));
    EXPECT_THAT(history, testing::ContainsRegex("\"outcome\":\"failed\"[^\n]*\"kind\":\"txn_commit\"|"
                                                "\"kind\":\"txn_commit\"[^\n]*\"outcome\":\"failed\""))
        << "seed " << seed;
  }
}

TEST_F(CliTest, TheLogSaysWhatMachinesLogged) {
  const Ended ended = Sim({"run", "scenarios/library/lease.yaml", "--seed", "1", "--log", Path("log")});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_THAT(ReadWhole(Path("log")), testing::ContainsRegex("^ +[0-9]+\\.[0-9]{3}s [a-z]+-[0-9]: "));
}

TEST_F(CliTest, AStrangersScriptRecomputesTheHash) {
  for (const char* scenario : {kHello, "scenarios/library/one-fault.yaml"}) {
    const Ended ended = Sim({"run", scenario, "--seed", "7", "--trace", Path("t")});
    ASSERT_EQ(ended.status, 0);
    const Ended hash = Start("python3", {"scenarios/cli/trace_hash.py", Path("t")});
    EXPECT_EQ(hash.err, "");
    EXPECT_EQ(hash.out, TraceOf(ended) + "\n") << scenario;
  }
  // A byte changed in the middle is another hash: the script does look at all of it.
  std::string text = ReadWhole(Path("t"));
  const size_t at = text.rfind(' ', text.size() / 2) + 1;
  text[at] = text[at] == '0' ? '1' : '0';
  const Ended changed = Start("python3", {"scenarios/cli/trace_hash.py", Write("t2", text)});
  const Ended hash = Start("python3", {"scenarios/cli/trace_hash.py", Path("t")});
  EXPECT_NE(changed.out, hash.out);
}

TEST_F(CliTest, HelpAndVersion) {
  for (const std::vector<std::string>& ask : {std::vector<std::string>{"--help"}, {"run", "--help"}, {"help"}}) {
    const Ended ended = Sim(ask);
    EXPECT_EQ(ended.status, 0);
    EXPECT_THAT(ended.out, HasSubstr("PASS|FAIL|STUCK|VACUOUS seed=N"));
  }
  EXPECT_THAT(Sim({"--version"}).out, MatchesRegex("pravega-sim [0-9.]+\n"));
}

// ---- bad input

TEST_F(CliTest, BadFlags) {
  ExpectRefused({}, "expected a command: run or judge; --help tells more");
  ExpectRefused({"rum"}, "unknown command 'rum'; did you mean 'run'?");
  ExpectRefused({"run", kHello, "--sede", "1"}, "unknown flag '--sede'; did you mean '--seed'?");
  ExpectRefused({"run", kHello, "-s", "1"},
                "unknown flag '-s'; known are --seed, --seeds, --tape, --history, --trace, --log, --report, "
                "--planted, --without, --one-byte-chunks, --progress");
  ExpectRefused({"run"}, "run: expected a scenario's file");
  ExpectRefused({"run", kHello, kHello}, "run: one file at a time, but there is 'scenarios/library/hello.yaml' too");
  ExpectRefused({"judge"}, "judge: expected one history's file");
  ExpectRefused({"judge", "h", "--seed", "1"}, "unknown flag '--seed'; there are none here");
}

TEST_F(CliTest, BadSeeds) {
  const std::string range = "' is no range: expected A..B with A <= B";
  for (const char* seeds : {"1..", "..5", "5..1", "..", "1...5", "a..b", "1..18446744073709551616", "1..2,5"}) {
    ExpectRefused({"run", kHello, "--seeds", seeds}, "--seeds: '" + std::string(seeds) + range);
  }
  ExpectRefused({"run", kHello, "--seeds", "1,,2"},
                "--seeds: '' is no seed: expected A..B or A,B,... of whole numbers below 2^64");
  for (const char* seeds : {"1..18446744073709551615", "0..18446744073709551615", "0..1000000"}) {
    ExpectRefused({"run", kHello, "--seeds", seeds}, "--seeds: more than 1000000 seeds");
  }
  for (const char* seed : {"a", "1.5", "-1", "+1", " 1", "0x1", "18446744073709551616"}) {
    ExpectRefused({"run", kHello, "--seed", seed},
                  "--seed: '" + std::string(seed) + "' is no seed: expected a whole number below 2^64");
  }
  EXPECT_THAT(ResultOf(Sim({"run", kHello, "--seed", "18446744073709551615"})),
              StartsWith("PASS seed=18446744073709551615 "));
}

TEST_F(CliTest, BadScenarioFiles) {
  ExpectRefused({"run", "no/such.yaml"}, "no/such.yaml: cannot be read: No such file or directory");
  ExpectRefused({"run", "scenarios/library"}, "scenarios/library: cannot be read: Is a directory");
  ExpectRefused({"run", "/proc/self/mem"}, "/proc/self/mem: cannot be read: Input/output error");
  ExpectRefused({"run", "/dev/zero"}, "/dev/zero: cannot be read: it has more than 1048576 bytes");
  const std::string closed = Write("closed.yaml", kSmall);
  chmod(closed.c_str(), 0);
  if (access(closed.c_str(), R_OK) != 0) ExpectRefused({"run", closed}, closed + ": cannot be read: Permission denied");
}

TEST_F(CliTest, BadScenarios) {
  ExpectScenarioRefused("", ":1:1: there is nothing in it: expected a scenario");
  ExpectScenarioRefused(
      "name: x\nworkload: {rows: 1}\nwriters: 3\n",
      ":3:1: unknown key 'writers' in the scenario; known are checks, cluster, faults, limits, name, network, "
      "planted, workload");
  ExpectScenarioRefused("name: x\nworkload:\n  rows: 1\n  writters: 3\n",
                        ":4:3: unknown key 'writters' in workload; did you mean 'writers'?");
  ExpectScenarioRefused("name: x\nworkload: {rows: [1]}\n",
                        ":2:18: workload.rows: something else is not a whole number from 0 to 1000000");
  ExpectScenarioRefused("name: x\nworkload: {rows: 1, pace: -5s}\n",
                        ":2:27: workload.pace: '-5s' is not a duration such as 250ms, 10s or 2m, at most 1000h");
  ExpectScenarioRefused("name: x\nworkload: {rows: 1}\nname: y\n", ":3:1: 'name' stands twice in the scenario");
  ExpectScenarioRefused("name: x\nworkload: {rows: 1, rows: 2}\n", ":2:21: 'rows' stands twice in workload");
  ExpectScenarioRefused("a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n",
                        ":1:4: anchors and aliases are not allowed");
  ExpectScenarioRefused("name: x\nworkload: {rows: 1}\nchecks: [nothing_lots]\n",
                        ":3:10: no checker is called 'nothing_lots'; did you mean 'nothing_lost'?");
  ExpectScenarioRefused(
      "name: x\nworkload: {rows: 1}\nfaults:\n  - {name: f, kind: session, command: AppendBlockend}\n",
      ":4:39: no request is called 'AppendBlockend'; did you mean 'AppendBlockEnd'?");
  ExpectScenarioRefused("name: \"a\\nb\": c\n", ":1:13: illegal map value");
  // A key that would break the line.
  ExpectScenarioRefused("\"na\\nme\": x\n", ":1:1: unknown key 'na?me' in the scenario; did you mean 'name'?");
  ExpectRefused({"run", kHello, "--without", "f"}, "--without: scenarios/library/hello.yaml has no faults");
  ExpectRefused({"run", "scenarios/library/one-fault.yaml", "--without", "ack-lots"},
                "--without: no fault is called 'ack-lots'; did you mean 'ack-lost'?");
}

TEST_F(CliTest, BadRows) {
  auto scenario = [this](const std::string& file) {
    return Write("s.yaml", "name: x\nworkload: {file: " + file + ", key_column: key}\n");
  };
  ExpectRefused({"run", scenario("missing.csv")}, Path("missing.csv") + ": cannot be read: No such file or directory");
  ExpectRefused({"run", scenario("/tmp")}, "/tmp: cannot be read: Is a directory");
  const std::string csv = Write("r.csv", "a,b\n1,2\n");
  const std::string run = scenario("r.csv");
  ExpectRefused({"run", run}, csv + ":1:1: no column is called 'key'; the header is: a,b");
  Write("r.csv", "a,key\n1,2\n3\n");
  ExpectRefused({"run", run}, csv + ":3:1: 1 fields: expected 2 as in the header");
  Write("r.csv", "a,key\n1,\"2\n");
  ExpectRefused({"run", run}, csv + ":2:3: this quoted field does not end");
  Write("r.csv", "a,key\n1,2\"3\n");
  ExpectRefused({"run", run}, csv + ":2:4: a quote inside a field that does not begin with one");
  Write("r.csv", "a,key\n");
  ExpectRefused({"run", run}, csv + ":2:1: no rows: expected at least one behind the header");
  Write("r.csv", "");
  ExpectRefused({"run", run}, csv + ":1:1: no column is called 'key'; the header is: ");
  Write("r.csv", "a,key\n1,2\n");
  EXPECT_EQ(Sim({"run", run}).status, 0);
}

TEST_F(CliTest, BadTapes) {
  ExpectRefused({"run", kHello, "--tape", "scenarios"}, "scenarios: cannot be read: Is a directory");
  ExpectRefused({"run", kHello, "--tape", "missing"}, "missing: cannot be read: No such file or directory");
  ExpectRefused({"run", kHello, "--tape", "/dev/null", "--seed", "1"}, "--tape and seeds exclude each other");
}

TEST_F(CliTest, OutputsThatCannotBeWrittenAreRefusedBeforeTheRun) {
  const std::string file = Write("file", "");
  const std::string missing = Path("no/such/h");
  ExpectRefused({"run", kHello, "--trace", Path("t"), "--history", missing},
                "--history: " + missing + ": cannot be written: No such file or directory");
  ExpectRefused({"run", kHello, "--history", Path("")},
                "--history: " + Path("") + ": cannot be written: Is a directory");
  ExpectRefused({"run", kHello, "--trace", file + "/t"}, "--trace: " + file + "/t: cannot be written: Not a directory");
  ExpectRefused({"run", kHello, "--history", Path("h"), "--report", file},
                "--report: " + file + ": cannot be made: Not a directory");
  ExpectRefused({"run", kHello, "--trace", Path("t"), "--report", file + "/r"},
                "--report: " + file + "/r: cannot be made: Not a directory");
  for (const char* output : {"h", "t"}) {
    const std::string path = Path(output);
    if (!std::filesystem::exists(path)) continue;
    EXPECT_EQ(std::filesystem::file_size(path), 0u) << "nothing was run";
  }
  ExpectRefused({"run", kHello, "--seeds", "1,2", "--history", Path("h")},
                "--history, --trace and --log are for a single run: expected one seed");
  ExpectRefused({"run", kHello, "--seeds", "1..2", "--trace", Path("h")},
                "--history, --trace and --log are for a single run: expected one seed");
}

TEST_F(CliTest, OutputsDoNotOverwriteWhatIsReadNorEachOther) {
  const std::string scenario = Write("s.yaml", kSmall);
  ExpectRefused({"run", scenario, "--history", Path("./s.yaml")},
                "--history: " + Path("./s.yaml") + " is the scenario: expected another file");
  EXPECT_EQ(ReadWhole(scenario), kSmall);
  ExpectRefused({"run", scenario, "--history", Path("h"), "--trace", Path("h")},
                "--trace: " + Path("h") + " is the file of --history: expected another file");
  const std::string csv = Write("r.csv", "key\n1\n");
  const std::string rows = Write("r.yaml", "name: x\nworkload: {file: r.csv, key_column: key}\n");
  ExpectRefused({"run", rows, "--trace", csv}, "--trace: " + csv + " is the rows: expected another file");
  EXPECT_EQ(ReadWhole(csv), "key\n1\n");
}

TEST_F(CliTest, AFullDiskIsNoResult) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  ExpectRefused({"run", kHello, "--history", "/dev/full"}, StartsWith("/dev/full: cannot be written: "));
  ExpectRefused({"run", kHello, "--trace", "/dev/full"}, StartsWith("/dev/full: cannot be written: "));
  const Ended ended = Start(kProgram, {"run", kHello}, "/dev/full");
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "pravega-sim: the standard output cannot be written\n");
}

TEST_F(CliTest, DamagedHistories) {
  ExpectRefused({"judge", "missing"}, "missing: cannot be read: No such file or directory");
  ExpectRefused({"judge", "scenarios"}, "scenarios: cannot be read: Is a directory");
  ASSERT_EQ(Sim({"run", kHello, "--history", Path("h")}).status, 0);
  const std::string text = ReadWhole(Path("h"));
  auto refused = [&](std::string_view damaged, const std::string& message) {
    const std::string path = Write("d", damaged);
    ExpectRefused({"judge", path}, StartsWith(path + ":" + message));
  };
  refused("", "1:1: ");
  refused("\n", "1:1: ");
  refused("PK\x03\x04", "1:1: ");
  const size_t third = text.find('\n', text.find('\n') + 1) + 1;
  refused(text.substr(0, third + 20), "3:16: this string does not end");  // cut in a line
  refused(text.substr(0, third - 1), "2:");                               // cut before a newline
  refused(text.substr(text.find('\n') + 1), "1:");                        // without its header
  refused(text.substr(0, third) + "{\"id\":}\n", "3:7: ");
  refused(text.substr(0, third) + text.substr(0, third), "3:");  // twice
  std::string flipped = text;
  flipped[third + 1] = '\0';
  refused(flipped, "3:2: ");
  // Damage anywhere is found or harmless, but never more than that.
  for (size_t at = 0; at < text.size(); at += text.size() / 40) {
    flipped = text;
    flipped[at] ^= 0x10;
    const Ended ended = Sim({"judge", Write("d", flipped)});
    EXPECT_TRUE(ended.status == 0 || ended.status == 1 || ended.status == 2 || ended.status == 4)
        << at << ": " << ended.status;
    EXPECT_EQ(ended.status == 2, !ended.err.empty()) << at;
  }
}

}  // namespace
