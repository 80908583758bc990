// Goal: a scenario file means exactly what it says, and whatever it says wrongly is told with its place. Method:
// examples, and for every field the round trip of printing and reading.
#include "scenarios/model/yaml.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "scenarios/model/duration.h"
#include "scenarios/model/generator.h"
#include "scenarios/model/nearest.h"

namespace pravega::scenarios {
namespace {

std::string ErrorOf(std::string_view text) {
  absl::StatusOr<Scenario> scenario = ParseScenario(text, "s.yaml");
  return scenario.ok() ? "OK" : std::string(scenario.status().message());
}

constexpr std::string_view kGood = "name: x\nworkload: {rows: 10}\n";

TEST(YamlTest, ReadsWhatItSays) {
  absl::StatusOr<Scenario> scenario = ParseScenario(
      "name: x\n"
      "cluster: {segment_stores: 3}\n"
      "workload:\n"
      "  rows: 10\n"
      "  pace: 2m\n"
      "faults:\n"
      "  - name: f\n"
      "    kind: crash\n"
      "    node: store-3\n"
      "    at: 10s..40s\n"
      "    must_strike: true\n"
      "checks: [nothing-lost]\n",
      "s.yaml");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->cluster.segment_stores, 3);
  EXPECT_EQ(scenario->workload.pace, std::chrono::minutes(2));
  ASSERT_EQ(scenario->faults.size(), 1u);
  EXPECT_EQ(scenario->faults[0].kind, FaultKind::kCrash);
  EXPECT_EQ(scenario->faults[0].trigger.at, (DurationRange{std::chrono::seconds(10), std::chrono::seconds(40)}));
  EXPECT_TRUE(scenario->faults[0].must_strike);
  EXPECT_EQ(scenario->checks, std::vector<std::string>{"nothing-lost"});
}

TEST(YamlTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf(kGood), "OK");
  EXPECT_EQ(ErrorOf("name: x\nworkload:\n  rows: 1\n  writters: 3\n"),
            "s.yaml:4:3: unknown key 'writters' in workload; did you mean 'writers'?");
  EXPECT_EQ(ErrorOf("nmae: x\n"), "s.yaml:1:1: unknown key 'nmae' in the scenario; did you mean 'name'?");
  EXPECT_EQ(ErrorOf("name: x\nname: y\n"), "s.yaml:2:1: 'name' stands twice in the scenario");
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: many}\n"),
            "s.yaml:2:18: workload.rows: 'many' is not a whole number from 0 to 1000000");
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: 1, pace: 10}\n"),
            "s.yaml:2:27: workload.pace: '10' is not a duration such as 250ms, 10s or 2m, at most 1000h");
  EXPECT_EQ(ErrorOf("name: x\ncluster: {segment_stores: 1000000}\n"),
            "s.yaml:2:27: cluster.segment_stores: '1000000' is not a whole number from 1 to 64");
  EXPECT_EQ(ErrorOf("name: x\nnetwork: {one_byte_chunks: yes}\n"),
            "s.yaml:2:28: network.one_byte_chunks: 'yes' is not true or false");
  EXPECT_EQ(ErrorOf("name: x\nworkload: {}\n"),
            "s.yaml:2:11: workload has neither 'file' nor 'rows': expected a CSV file or a number of made-up rows");
  EXPECT_EQ(
      ErrorOf("name: x\nworkload: {file: a.csv}\n"),
      "s.yaml:2:11: workload has a 'file' but no 'key_column': expected the name of the column with the routing key");
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: 1}\nfaults:\n  - {name: f, kind: crush, node: store-1}\n"),
            "s.yaml:4:21: a fault.kind: unknown 'crush'; did you mean 'crash'?");
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: 1}\nfaults:\n  - {name: f, kind: crash, node: store-9}\n"),
            "s.yaml:4:5: fault 'f' names the machine 'store-9' in 'node': there are store-1 to store-2");
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: 1}\nfaults:\n  - {name: f, kind: cut_link, from: store-1}\n"),
            "s.yaml:4:5: fault 'f' needs 'from' and 'to'");
  EXPECT_EQ(
      ErrorOf("name: x\nworkload: {rows: 1}\nfaults:\n  - {name: f, kind: scale_up}\n  - {name: f, kind: scale_up}\n"),
      "s.yaml:5:5: two faults are called 'f'");
  EXPECT_EQ(ErrorOf("name: [\n"), "s.yaml:2:1: end of sequence flow not found");
}

TEST(YamlTest, HostileInputIsRefused) {
  EXPECT_NE(ErrorOf(std::string(1'000'000, '[')), "OK");
  EXPECT_NE(ErrorOf(std::string(2'000'000, 'a')), "OK");
  EXPECT_NE(ErrorOf("name: &a [x]\nchecks: *a\n"), "OK");
  EXPECT_NE(ErrorOf(std::string("name: x\0y\n", 10)), "OK");
  EXPECT_NE(ErrorOf("name: \xff\xfe\n"), "OK");
  EXPECT_NE(ErrorOf(""), "OK");
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "- ";
  EXPECT_NE(ErrorOf(deep), "OK");
}

TEST(YamlTest, AnchorsAliasesAndSecondDocumentsAreRefusedWhereverTheyStand) {
  EXPECT_EQ(ErrorOf("name: &a x\n"), "s.yaml:1:7: anchors and aliases are not allowed");
  EXPECT_EQ(ErrorOf("name: x\nchecks: [&a x, *a]\n"), "s.yaml:2:10: anchors and aliases are not allowed");
  EXPECT_EQ(ErrorOf("a: &a [x]\nb: &b [*a,*a]\n"), "s.yaml:1:4: anchors and aliases are not allowed");
  EXPECT_EQ(ErrorOf("name: x\n---\nname: y\n"), "s.yaml:2:1: a second document: expected one scenario in a file");
  EXPECT_EQ(ErrorOf(""), "s.yaml:1:1: there is nothing in it: expected a scenario");
  EXPECT_EQ(ErrorOf("# nothing\n"), "s.yaml:1:1: there is nothing in it: expected a scenario");
  EXPECT_EQ(ErrorOf("just words\n"), "s.yaml:1:1: the scenario: expected keys and values");
  EXPECT_EQ(ErrorOf(std::string("name: x\na\0b", 11)), "s.yaml:2:2: a NUL byte: expected text");
  // Words that only look like them are words.
  EXPECT_EQ(ErrorOf("name: x # *stars &ands [[[\nworkload: {rows: 1, scope: '*a', stream: s}\n"),
            "s.yaml:2:11: workload.scope: name '*a' has a forbidden character at position 0: expected letters, digits, "
            "'.' or '-'");
}

TEST(YamlTest, TheBandwidthOfALinkIsReadAndBounded) {
  absl::StatusOr<Scenario> scenario =
      ParseScenario("name: x\nworkload: {rows: 1}\nnetwork: {bytes_per_second: 4000000000}\n", "s.yaml");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->network.bytes_per_second, 4'000'000'000u);
  EXPECT_EQ(ErrorOf("name: x\nnetwork: {bytes_per_second: 0}\n"),
            "s.yaml:2:29: network.bytes_per_second: '0' is not a whole number from 1000 to 4000000000");
}

TEST(YamlTest, DurationsAreBounded) {
  const std::string hint = "' is not a duration such as 250ms, 10s or 2m, at most 1000h";
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: 1, pace: 1001h}\n"), "s.yaml:2:27: workload.pace: '1001h" + hint);
  EXPECT_EQ(ErrorOf("name: x\nworkload: {rows: 1, pace: -1s}\n"), "s.yaml:2:27: workload.pace: '-1s" + hint);
  EXPECT_EQ(ErrorOf("name: x\nnetwork: {latency: 1ms..9999h}\n"),
            "s.yaml:2:20: network.latency: '1ms..9999h' is not a duration or a range such as 10s..40s, at most 1000h");
}

TEST(YamlTest, NamesThatNobodyKnowsAreRefused) {
  const ScenarioNames names{
      .requests = {"AppendBlockEnd", "scale"}, .checkers = {"order", "nothing_lost"}, .planted = {"lease-ignored"}};
  auto error = [&](std::string_view rest) {
    absl::StatusOr<Scenario> scenario = ParseScenario(std::string(kGood) + std::string(rest), "s.yaml", names);
    return scenario.ok() ? "OK" : std::string(scenario.status().message());
  };
  EXPECT_EQ(error("checks: [order, nothing_lots]\n"),
            "s.yaml:3:17: no checker is called 'nothing_lots'; did you mean 'nothing_lost'?");
  EXPECT_EQ(error("planted: [lease-ignord]\n"),
            "s.yaml:3:11: no planted bug is called 'lease-ignord'; did you mean 'lease-ignored'?");
  EXPECT_EQ(error("faults:\n  - {name: f, kind: session, command: AppendBlokEnd}\n"),
            "s.yaml:4:39: no request is called 'AppendBlokEnd'; did you mean 'AppendBlockEnd'?");
  EXPECT_EQ(error("faults:\n  - {name: f, kind: crash, node: store-1, on_command: x}\n"),
            "s.yaml:4:55: no request is called 'x'; known are AppendBlockEnd, scale");
  EXPECT_EQ(error("faults:\n  - {name: f, kind: session, command: scale}\n"), "OK");
}

TEST(YamlTest, KeysThatMeanNothingForTheirFaultAreRefused) {
  auto error = [](std::string_view fault) {
    return ErrorOf(std::string(kGood) + "faults:\n  - {name: f, " + std::string(fault) + "}\n");
  };
  EXPECT_EQ(error("kind: crash, node: store-1, command: scale"),
            "s.yaml:4:5: fault 'f' of kind crash has 'command', which means nothing there: 'on_command' says which "
            "request to "
            "wait for");
  EXPECT_EQ(
      error("kind: crash, node: store-1, times: 3"),
      "s.yaml:4:5: fault 'f' of kind crash has 'times', which means nothing there: 'repeat' and 'every' strike again");
  EXPECT_EQ(error("kind: session, command: scale, repeat: 3, every: 1s"),
            "s.yaml:4:5: fault 'f' of kind session has 'repeat', which means nothing there: 'times' says how often it "
            "strikes");
  EXPECT_EQ(
      error("kind: session, command: scale, on_command: scale"),
      "s.yaml:4:5: fault 'f' of kind session has 'on_command', which means nothing there: it waits for its 'command'");
  EXPECT_EQ(error("kind: scale_up, node: store-1"),
            "s.yaml:4:5: fault 'f' of kind scale_up has 'node', which means nothing there");
  EXPECT_EQ(error("kind: refuse, from: store-1, to: store-2, both_ways: true"),
            "s.yaml:4:5: fault 'f' of kind refuse has 'both_ways', which means nothing there");
  EXPECT_EQ(error("kind: crash, node: store-1, on_command: scale, repeat: 1, every: 1s"),
            "s.yaml:4:5: fault 'f' has 'repeat' and 'on_command': only faults at a time repeat");
  EXPECT_EQ(error("kind: crash, node: store-1, skip: 2"),
            "s.yaml:4:5: fault 'f' has 'skip' but no 'on_command' of which to skip some");
  EXPECT_EQ(error("kind: scale_up, repeat: 2"), "s.yaml:4:5: fault 'f' has 'repeat' but no 'every'");
  EXPECT_EQ(error("kind: session, command: scale, node: controller-2"),
            "s.yaml:4:5: fault 'f' names the machine 'controller-2' in 'node': there are controller-1 to controller-1");
}

TEST(YamlTest, DurationsRoundTrip) {
  EXPECT_EQ(ParseDuration("90s"), std::chrono::seconds(90));
  EXPECT_EQ(PrintDuration(std::chrono::seconds(120)), "2m");
  EXPECT_EQ(PrintDuration(std::chrono::milliseconds(1500)), "1500ms");
  for (const char* bad : {"", "s", "-1s", "1", "1x", "1.5s", "99999999999999999h", " 1s"}) {
    EXPECT_FALSE(ParseDuration(bad).has_value()) << bad;
  }
  EXPECT_FALSE(ParseRange("2s..1s").has_value());
}

TEST(YamlTest, TheNearestWordIsNamedOnlyIfItIsNear) {
  EXPECT_EQ(Nearest("writters", {"readers", "writers"}), "writers");
  EXPECT_EQ(Nearest("zebra", {"readers", "writers"}), "");
  EXPECT_EQ(SuggestFor("zebra", {"readers", "writers"}), "; known are readers, writers");
}

RC_GTEST_PROP(YamlProperty, ReadingWhatWasPrintedGivesTheSame, ()) {
  const Scenario scenario = *AnyScenario();
  const std::string text = PrintScenario(scenario);
  absl::StatusOr<Scenario> again = ParseScenario(text, "printed.yaml");
  if (!again.ok()) RC_FAIL(std::string(again.status().message()) + "\n" + text);
  RC_ASSERT(*again == scenario);
}

}  // namespace
}  // namespace pravega::scenarios
