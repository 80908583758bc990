// Goal: the command line means what the help says, and every mistake gets one line that helps.
#include "scenarios/cli/flags.h"

#include <gtest/gtest.h>

namespace pravega::scenarios {
namespace {

std::string ErrorOf(std::vector<std::string> arguments) {
  absl::StatusOr<CommandLine> parsed = ParseCommandLine(arguments);
  return parsed.ok() ? "OK" : std::string(parsed.status().message());
}

RunCommand RunOf(std::vector<std::string> arguments) {
  absl::StatusOr<CommandLine> parsed = ParseCommandLine(arguments);
  if (!parsed.ok()) {
    ADD_FAILURE() << parsed.status();
    return {};
  }
  return std::get<RunCommand>(*parsed);
}

TEST(FlagsTest, Run) {
  EXPECT_EQ(RunOf({"run", "f.yaml"}).seeds, std::vector<uint64_t>{1});
  EXPECT_EQ(RunOf({"run", "--seed", "7", "f.yaml"}).seeds, std::vector<uint64_t>{7});
  EXPECT_EQ(RunOf({"run", "f.yaml", "--seeds=3..5"}).seeds, (std::vector<uint64_t>{3, 4, 5}));
  EXPECT_EQ(RunOf({"run", "f.yaml", "--seeds", "9,1,9"}).seeds, (std::vector<uint64_t>{9, 1, 9}));
  RunCommand run = RunOf({"run", "f.yaml", "--without", "a", "--without=b,c", "--planted", "x", "--one-byte-chunks"});
  EXPECT_EQ(run.without, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(run.planted, std::vector<std::string>{"x"});
  EXPECT_TRUE(run.one_byte_chunks);
  EXPECT_TRUE(RunOf({"run", "f.yaml", "--tape", "t"}).seeds.empty());
  EXPECT_EQ(RunOf({"run", "--", "--odd.yaml"}).file, "--odd.yaml");
}

TEST(FlagsTest, MistakesAreNamed) {
  EXPECT_EQ(ErrorOf({}), "expected a command: run or judge; --help tells more");
  EXPECT_EQ(ErrorOf({"rum"}), "unknown command 'rum'; did you mean 'run'?");
  EXPECT_EQ(ErrorOf({"run"}), "run: expected a scenario's file");
  EXPECT_EQ(ErrorOf({"run", "a", "b"}), "run: one file at a time, but there is 'b' too");
  EXPECT_EQ(ErrorOf({"run", "a", "--sead", "1"}), "unknown flag '--sead'; did you mean '--seed'?");
  EXPECT_EQ(ErrorOf({"run", "a", "--seed"}), "--seed needs a value");
  EXPECT_EQ(ErrorOf({"run", "a", "--seed="}), "--seed needs a value that is not empty");
  EXPECT_EQ(ErrorOf({"run", "a", "--seed", "-1"}), "--seed: '-1' is no seed: expected a whole number below 2^64");
  EXPECT_EQ(ErrorOf({"run", "a", "--seed", "1", "--seed", "1"}), "--seed is given twice");
  EXPECT_EQ(ErrorOf({"run", "a", "--seed", "1", "--seeds", "1,2"}), "--seed and --seeds exclude each other");
  EXPECT_EQ(ErrorOf({"run", "a", "--seeds", "5..3"}), "--seeds: '5..3' is no range: expected A..B with A <= B");
  EXPECT_EQ(ErrorOf({"run", "a", "--seeds", "1,x"}),
            "--seeds: 'x' is no seed: expected A..B or A,B,... of whole numbers below 2^64");
  EXPECT_EQ(ErrorOf({"run", "a", "--seeds", "0..99999999999"}), "--seeds: more than 1000000 seeds");
  EXPECT_EQ(ErrorOf({"run", "a", "--tape", "t", "--seed", "1"}), "--tape and seeds exclude each other");
  EXPECT_EQ(ErrorOf({"run", "a", "--seeds", "1,2", "--trace", "t"}),
            "--history, --trace and --log are for a single run: expected one seed");
  EXPECT_EQ(ErrorOf({"run", "a", "--one-byte-chunks=1"}), "--one-byte-chunks takes no value");
  EXPECT_EQ(ErrorOf({"run", "a", "--progress", "maybe"}), "--progress: 'maybe' is not auto, on or off");
  EXPECT_EQ(ErrorOf({"judge"}), "judge: expected one history's file");
}

TEST(FlagsTest, HelpFitsAScreen) {
  std::string_view help = HelpText();
  size_t lines = 0;
  while (!help.empty()) {
    size_t end = help.find('\n');
    EXPECT_LE(end, 80u);
    help.remove_prefix(end + 1);
    ++lines;
  }
  EXPECT_LE(lines, 24u);
  EXPECT_EQ(ErrorOf({"run", "--help"}), "OK");
}

}  // namespace
}  // namespace pravega::scenarios
