// Goal: the checker accepts what is right and names the rule that is broken. Method: one group's life, then changed in
// one place for each rule.
#include "connector/client/reader_group/invariants.h"

#include <string>
#include <vector>

#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/testing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::GroupOf;
using testing::Id;
using testing::kEnd;
using testing::kStream;
using testing::Segment;

// Segments 0 and 1 merge into 2@1.
SegmentHistory History() {
  SegmentHistory history;
  history.AddEpoch(Epoch(0), {{Id(0), {0, 0.5}}, {Id(1), {0.5, 1}}});
  history.AddEpoch(Epoch(1), {{Id(2, 1), {0, 1}}});
  return history;
}

Init Start() {
  Init init;
  init.starting = {{Segment(0), {At(0), KeyRange{0, 0.5}}}, {Segment(1), {At(0), KeyRange{0.5, 1}}}};
  return init;
}

SegmentCompleted Complete(const std::string& reader, int32_t number, std::vector<SegmentId> predecessors) {
  return {reader,
          Segment(number),
          KeyRange{0.5 * number, 0.5 * number + 0.5},
          {{Segment(2, 1), {std::move(predecessors), KeyRange{0, 1}}}}};
}

std::vector<Updates> Life() {
  return {
      {Start()},
      {AddReader{"a"}},
      {AcquireSegment{"a", Segment(0)}, AcquireSegment{"a", Segment(1)}},
      {CreateCheckpoint{"c"}},
      {CheckpointReader{"c", "a", {{Segment(0), kEnd}, {Segment(1), At(10)}}}},
      {Complete("a", 0, {Id(0), Id(1)})},
      {AddReader{"b"}},
      {RemoveReader{"a", {{Segment(1), kEnd}}}},
      {AcquireSegment{"b", Segment(1)}},
      {Complete("b", 1, {Id(0), Id(1)})},
      {AcquireSegment{"b", Segment(2, 1)}},
      {CreateCheckpoint{"d"}},
      {CheckpointReader{"d", "b", {{Segment(2, 1), kEnd}}}},
      {SegmentCompleted{"b", Segment(2, 1), KeyRange{0, 1}, {}}},
  };
}

std::vector<std::string> Check(const std::vector<Updates>& log, bool with_history = true) {
  GroupLogChecker checker(with_history ? std::map<ScopedStream, SegmentHistory>{{kStream, History()}}
                                       : std::map<ScopedStream, SegmentHistory>());
  std::vector<std::string> all;
  for (size_t i = 0; i < log.size(); ++i) {
    std::vector<std::string> found = checker.Observe({i == 0, log[i]});
    all.insert(all.end(), found.begin(), found.end());
    if (!found.empty()) break;  // what follows is a consequence
  }
  return all;
}

TEST(GroupLogCheckerTest, AcceptsALifeWithAndWithoutHistory) {
  EXPECT_EQ(Check(Life()), std::vector<std::string>());
  EXPECT_EQ(Check(Life(), false), std::vector<std::string>());
}

// What may be repeated or inserted anywhere.
TEST(GroupLogCheckerTest, AcceptsBenignChanges) {
  for (size_t i = 1; i < Life().size(); ++i) {
    std::vector<Updates> log = Life();
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(i), Updates{UpdateDistanceToTail{"a", 5, {}}});
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(i), Updates{ClearCheckpointsBefore{"unknown"}});
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(i), Updates{RemoveReader{"nobody", {}}});
    EXPECT_EQ(Check(log), std::vector<std::string>()) << i;
  }
}

TEST(GroupLogCheckerTest, ACompactionIsInvisible) {
  for (size_t i = 1; i < Life().size(); ++i) {
    GroupLogChecker checker({{kStream, History()}});
    for (size_t j = 0; j < Life().size(); ++j) {
      if (j == i) {
        EXPECT_TRUE(checker.Observe({true, {Compact{checker.state()}}}).empty()) << i;
      }
      EXPECT_TRUE(checker.Observe({j == 0, Life()[j]}).empty()) << i << " " << j;
    }
  }
}

void ExpectRule(const std::string& rule, const std::vector<Updates>& log) {
  std::vector<std::string> found = Check(log);
  ASSERT_FALSE(found.empty()) << rule;
  bool named = false;
  std::string all;
  for (const std::string& violation : found) {
    named = named || violation.starts_with(rule);
    all += violation + "\n";
  }
  EXPECT_TRUE(named) << rule << " is not among:\n" << all;
}

TEST(GroupLogCheckerTest, RepeatedOrLostRecordsCannotBeApplied) {
  for (size_t i : {1, 2, 4, 5, 8, 9, 10, 13}) {
    std::vector<Updates> log = Life();
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(i), log[i]);
    // A checkpoint that is complete takes a report for nothing.
    if (i != 4) ExpectRule("not applicable", log);
  }
  for (size_t i : {1, 2, 6, 8, 10}) {
    std::vector<Updates> log = Life();
    log.erase(log.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectRule("not applicable", log);
  }
  std::vector<Updates> log = Life();
  log.erase(log.begin());
  ExpectRule("not applicable", log);
}

TEST(GroupLogCheckerTest, R1TwoPlaces) {
  // A segment that is being read is put on the list of future ones, and one that was completed is opened again.
  std::vector<Updates> log = Life();
  log[5] = {SegmentCompleted{"a", Segment(0), KeyRange{0, 0.5}, {{Segment(1), {{Id(0), Id(9)}, {}}}}}};
  ExpectRule("R1: sc/st/1.#epoch.0 is assigned to a and in the future", log);
  log = Life();
  log[9] = {SegmentCompleted{"b", Segment(1), KeyRange{0.5, 1}, {{Segment(0), {{Id(1)}, {}}}}}};
  ExpectRule("R1: sc/st/0.#epoch.0 is unassigned and completed", log);
}

TEST(GroupLogCheckerTest, R2Holes) {
  // The successor covers a part of the range alone.
  std::vector<Updates> log = Life();
  log[5] = {SegmentCompleted{"a", Segment(0), KeyRange{0, 0.5}, {{Segment(8, 1), {{Id(0)}, KeyRange{0, 0.25}}}}}};
  ExpectRule("R2: of sc/st only [0, 0.25] [0.5, 1] is covered", log);
}

TEST(GroupLogCheckerTest, R2WaitingForWhatCannotCome) {
  // A group that starts within the merge, after 1 was completed, and waits for 1.
  Init within;
  within.starting = {{Segment(0), {kEnd, KeyRange{0, 0.5}}}};
  std::vector<Updates> log = {{within}, {AddReader{"a"}}, {AcquireSegment{"a", Segment(0)}}};
  log.push_back({Complete("a", 0, {Id(0), Id(1)})});
  ExpectRule("R2: sc/st/2.#epoch.1 waits for 1@0, which can never come", log);
  log.back() = {Complete("a", 0, {Id(0)})};
  EXPECT_EQ(Check(log), std::vector<std::string>());
}

TEST(GroupLogCheckerTest, R3OpenedTooEarly) {
  std::vector<Updates> log = Life();
  log[5] = {Complete("a", 0, {Id(0)})};
  ExpectRule("R3: sc/st/2.#epoch.1 can be read before sc/st/1.#epoch.0 is completed", log);
}

TEST(GroupLogCheckerTest, R4BackInASegment) {
  std::vector<Updates> log = Life();
  log.insert(log.begin() + 5, {Updates{CreateCheckpoint{"x"}},
                               Updates{CheckpointReader{"x", "a", {{Segment(0), kEnd}, {Segment(1), At(9)}}}}});
  ExpectRule("R4", log);
  log[6] = {CheckpointReader{"x", "a", {{Segment(0), At(100)}, {Segment(1), At(10)}}}};
  ExpectRule("R4", log);
  log = Life();
  log[5] = {ReleaseSegment{"a", Segment(1), At(3)}};
  ExpectRule("R4", log);
  // A reader that is removed may go back.
  log = Life();
  log[7] = {RemoveReader{"a", {{Segment(1), At(5)}}}};
  log.resize(9);
  EXPECT_EQ(Check(log), std::vector<std::string>());
}

TEST(GroupLogCheckerTest, R5WhileACheckpointWaits) {
  std::vector<Updates> log = Life();
  log[4] = {Complete("a", 0, {Id(0), Id(1)})};
  ExpectRule("R5", log);
  log = Life();
  log[2] = {AcquireSegment{"a", Segment(0)}};
  log[4] = {AcquireSegment{"a", Segment(1)}};
  ExpectRule("R5", log);
  log = Life();
  log[4] = {ReleaseSegment{"a", Segment(1), At(3)}};
  ExpectRule("R5", log);
}

TEST(GroupLogCheckerTest, R6IncompleteCheckpoints) {
  std::vector<Updates> log = Life();
  log[4] = {CheckpointReader{"c", "a", {{Segment(0), kEnd}}}};
  ExpectRule("R6: checkpoint c lacks sc/st/1.#epoch.0", log);
  log[4] = {CheckpointReader{"c", "a", {{Segment(0), kEnd}, {Segment(1), At(10)}, {Segment(7), At(1)}}}};
  ExpectRule("R6: checkpoint c has sc/st/7.#epoch.0", log);
}

TEST(GroupLogCheckerTest, R7WhoIsOnline) {
  // A compaction that forgets a reader, or its progress.
  GroupLogChecker checker({{kStream, History()}});
  for (size_t i = 0; i < 5; ++i) checker.Observe({i == 0, Life()[i]});
  ReaderGroupState state = checker.state();
  ReaderGroupState without = state;
  without.assigned.erase("a");
  GroupLogChecker copy = checker;
  std::vector<std::string> found = copy.Observe({false, {Compact{without}}});
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found[0].starts_with("R7")) << found[0];
  state.assigned.at("a").at(Segment(1)) = At(77);
  found = checker.Observe({false, {Compact{state}}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with("Compact changes the state")) << found[0];
}

}  // namespace
}  // namespace pravega::client
