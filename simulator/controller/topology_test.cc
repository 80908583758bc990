// Goal: epochs, ranges and cuts are what the protocol says, bit for bit. Method: the observed examples of the
// protocol's description, and properties over random histories.
#include "simulator/controller/topology.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <random>

namespace pravega::sim {
namespace {

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }

std::shared_ptr<const EpochTable> Share(EpochTable table) { return std::make_shared<EpochTable>(std::move(table)); }

// 0@0 and 1@0 of two halves, merged into 2@1, split again into 3@2 and 4@2.
StreamHistory MergedAndSplit() {
  EpochTable first = InitialEpoch(0, 2, 100);
  EpochTable second = NextEpoch(first, {Id(0, 0), Id(1, 0)}, {{0, 1}}, 200);
  EpochTable third = NextEpoch(second, {Id(2, 1)}, {{0, 0.25}, {0.25, 1}}, 300);
  StreamHistory history;
  history.Add(Share(first));
  history.Add(Share(second));
  history.Add(Share(third));
  return history;
}

TEST(TopologyTest, EqualRangesAreComputedInTheOrderOfTheProtocol) {
  std::vector<KeyRange> thirds = EqualRanges(3);
  ASSERT_EQ(thirds.size(), 3u);
  EXPECT_EQ(thirds[0].low, 0.0);
  EXPECT_EQ(thirds[0].high, 0.3333333333333333);
  EXPECT_EQ(thirds[1].low, 0.3333333333333333);
  EXPECT_EQ(thirds[1].high, 0.6666666666666666);
  EXPECT_EQ(thirds[2].high, 1.0);
  // i * (1.0 / n), not i / n: the two differ in the last bit.
  EXPECT_EQ(EqualRanges(49)[48].low, 48 * (1.0 / 49));
}

TEST(TopologyTest, NumbersContinueAndSurvivorsKeepTheirIds) {
  EpochTable first = InitialEpoch(4, 2, 100);
  EXPECT_EQ(first.segments[0].id, Id(4, 0));
  EpochTable second = NextEpoch(first, {Id(5, 0)}, {{0.5, 0.75}, {0.75, 1}}, 200);
  EXPECT_EQ(second.epoch, Epoch(1));
  EXPECT_EQ(second.reference_epoch, Epoch(1));
  ASSERT_EQ(second.segments.size(), 3u);
  EXPECT_EQ(second.segments[0].id, Id(4, 0));
  EXPECT_EQ(second.segments[1].id, Id(6, 1));
  EXPECT_EQ(second.segments[2].id, Id(7, 1));
  EpochTable rolled = DuplicateEpoch(second, Epoch(3), 300);
  EXPECT_EQ(rolled.reference_epoch, Epoch(1));
  EXPECT_EQ(rolled.segments[0].id, Id(4, 3));
  EXPECT_EQ(rolled.segments[0].range, second.segments[0].range);
}

TEST(TopologyTest, RangesOfAScaleMustCoverExactly) {
  std::vector<KeyRange> half = {{0.5, 1}};
  EXPECT_TRUE(CoverTheSame(half, {{0.75, 1}, {0.5, 0.75}}));
  EXPECT_FALSE(CoverTheSame(half, {{0.5, 0.75}, {0.8, 1}}));
  EXPECT_FALSE(CoverTheSame(half, {{0.5, 0.8}, {0.75, 1}}));
  EXPECT_FALSE(CoverTheSame(half, {{0.5, 0.5}, {0.5, 1}}));
  EXPECT_FALSE(CoverTheSame(half, {{0.5, 1.5}}));
  EXPECT_FALSE(CoverTheSame(half, {}));
  EXPECT_FALSE(CoverTheSame(half, {{0.5, std::nextafter(1.0, 0)}}));
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(CoverTheSame(half, {{nan, nan}}));
  EXPECT_FALSE(CoverTheSame(half, {{0.5, nan}, {nan, 1}}));
  // The doubles of thirds are not those of 1/3 + 1/3.
  std::vector<KeyRange> thirds = EqualRanges(3);
  EXPECT_TRUE(CoverTheSame({thirds[0], thirds[1]}, {{0, 0.6666666666666666}}));
  EXPECT_FALSE(CoverTheSame({thirds[0], thirds[1]}, {{0, 0.66666666666666674}}));
}

TEST(TopologyTest, SuccessorsNameAllTheirPredecessors) {
  EpochTable first = InitialEpoch(0, 2, 100);
  EpochTable second = NextEpoch(first, {Id(0, 0), Id(1, 0)}, {{0, 1}}, 200);
  std::vector<SuccessorSegment> successors = Successors(first, second, *first.Find(Id(0, 0)));
  ASSERT_EQ(successors.size(), 1u);
  EXPECT_EQ(successors[0].segment.id, Id(2, 1));
  EXPECT_EQ(successors[0].predecessors, (std::vector<SegmentId>{Id(0, 0), Id(1, 0)}));
}

// The observed cuts of the protocol's description.
TEST(TopologyTest, CutsAreJudgedAsObserved) {
  StreamHistory history = MergedAndSplit();
  auto judge = [&](const Cut& cut) { return JudgeCut(history, cut); };
  EXPECT_EQ(judge({{Id(0, 0), 7}}), CutVerdict::kInvalid) << "an uncovered gap";
  EXPECT_EQ(judge({{Id(0, 0), 7}, {Id(1, 0), kFuture}}), CutVerdict::kValid);
  EXPECT_EQ(judge({{Id(0, 0), 7}, {Id(2, 1), kFuture}}), CutVerdict::kValid);
  EXPECT_EQ(judge({{Id(0, 0), 7}, {Id(1, 0), 9}}), CutVerdict::kValid);
  EXPECT_EQ(judge({{Id(0, 0), 1'000'000'000}, {Id(1, 0), 0}}), CutVerdict::kValid) << "tails are not looked at";
  EXPECT_EQ(judge({{Id(0, 0), 0}, {Id(2, 1), kFuture}, {Id(1, 0), 0}}), CutVerdict::kValid);
  EXPECT_EQ(judge({}), CutVerdict::kUnreadable);
  EXPECT_EQ(judge({{Id(0, 0), kFuture}, {Id(1, 0), kFuture}}), CutVerdict::kUnreadable);
  EXPECT_EQ(judge({{Id(0, 0), 0}, {Id(9, 0), 0}}), CutVerdict::kUnreadable);
  EXPECT_EQ(judge({{Id(0, 0), 0}, {Id(1, 7), 0}}), CutVerdict::kUnreadable);
  EXPECT_EQ(judge({{Id(0, 0), -2}, {Id(1, 0), 0}}), CutVerdict::kUnreadable);
  EXPECT_EQ(judge({{Id(0, 0), 1}, {Id(1, 0), 1}, {Id(2, 1), 0}}), CutVerdict::kInvalid) << "an overlap";
  EXPECT_EQ(judge({{Id(2, 1), 1}, {Id(1, 0), kFuture}}), CutVerdict::kInvalid) << "a future that is past";
  EXPECT_EQ(judge({{Id(3, 2), 1}, {Id(4, 2), 5}}), CutVerdict::kValid);
}

// The formula of the ranges is the protocol's; the last bound of some counts comes out just below 1.
TEST(TopologyTest, CutsOfAllSegmentsAreValidForEveryCount) {
  int below = 0;
  for (int32_t count = 1; count <= 200; ++count) {
    auto epoch = std::make_shared<EpochTable>(InitialEpoch(0, count, 100));
    if (epoch->segments.back().range.high < 1) ++below;
    StreamHistory history;
    history.Add(epoch);
    Cut all;
    for (const EpochSegment& segment : epoch->segments) all[segment.id] = 7;
    EXPECT_EQ(JudgeCut(history, all), CutVerdict::kValid) << count;
    all.erase(epoch->segments.back().id);
    EXPECT_EQ(JudgeCut(history, all), count > 1 ? CutVerdict::kInvalid : CutVerdict::kUnreadable) << count;
  }
  EXPECT_GT(below, 4);
}

TEST(TopologyTest, BehindMeansSomewhereBehind) {
  StreamHistory history = MergedAndSplit();
  Cut early = {{Id(0, 0), 10}, {Id(1, 0), 20}};
  EXPECT_FALSE(IsBehind(history, early, early));
  EXPECT_TRUE(IsBehind(history, {{Id(0, 0), 9}, {Id(1, 0), 30}}, early));
  EXPECT_FALSE(IsBehind(history, {{Id(2, 1), 0}}, early));
  EXPECT_TRUE(IsBehind(history, early, {{Id(2, 1), 0}}));
  EXPECT_TRUE(IsBehind(history, early, {{Id(3, 2), 0}, {Id(4, 2), 0}}));
}

TEST(TopologyTest, SegmentsBetweenIncludeBothEnds) {
  StreamHistory history = MergedAndSplit();
  Cut start = {{Id(0, 0), 0}, {Id(1, 0), 0}};
  Cut end = {{Id(3, 2), 0}, {Id(4, 2), 0}};
  EXPECT_EQ(SegmentsBetween(history, start, end),
            (std::vector<SegmentId>{Id(0, 0), Id(1, 0), Id(2, 1), Id(3, 2), Id(4, 2)}));
  EXPECT_EQ(SegmentsBetween(history, {{Id(2, 1), 3}}, {{Id(2, 1), 8}}), (std::vector<SegmentId>{Id(2, 1)}));
  EXPECT_EQ(SegmentsBetween(history, {{Id(0, 0), 7}, {Id(1, 0), kFuture}}, {{Id(2, 1), 8}}),
            (std::vector<SegmentId>{Id(0, 0), Id(1, 0), Id(2, 1)}));
}

TEST(TopologyTest, TruncationDeletesWhatLiesEntirelyBefore) {
  StreamHistory history = MergedAndSplit();
  Cut head = {{Id(0, 0), 0}, {Id(1, 0), 0}};
  EXPECT_EQ(SegmentsToDelete(history, head, {{Id(0, 0), 5}, {Id(1, 0), 5}}), (std::vector<SegmentId>{}));
  EXPECT_EQ(SegmentsToDelete(history, head, {{Id(2, 1), 5}}), (std::vector<SegmentId>{Id(0, 0), Id(1, 0)}));
  EXPECT_EQ(SegmentsToDelete(history, {{Id(2, 1), 5}}, {{Id(3, 2), 0}, {Id(4, 2), 0}}),
            (std::vector<SegmentId>{Id(2, 1)}));
  // A segment that the cut holds is not deleted, not even as a completed predecessor at -1.
  EXPECT_EQ(SegmentsToDelete(history, head, {{Id(0, 0), 5}, {Id(1, 0), kFuture}}), (std::vector<SegmentId>{}));
}

// Random scales: every epoch tiles [0, 1], numbers are never reused, and successors cover what they replace.
TEST(TopologyTest, EveryEpochTilesTheKeySpace) {
  std::mt19937 random(7);
  for (int run = 0; run < 200; ++run) {
    EpochTable epoch = InitialEpoch(static_cast<int32_t>(random() % 5), 1 + static_cast<int32_t>(random() % 6), 1);
    for (int scale = 0; scale < 20; ++scale) {
      size_t from = random() % epoch.segments.size();
      size_t count = 1 + random() % std::min<size_t>(3, epoch.segments.size() - from);
      std::set<SegmentId> sealed;
      std::vector<KeyRange> sealed_ranges;
      for (size_t i = from; i < from + count; ++i) {
        sealed.insert(epoch.segments[i].id);
        sealed_ranges.push_back(epoch.segments[i].range);
      }
      double low = epoch.segments[from].range.low;
      double high = epoch.segments[from + count - 1].range.high;
      size_t parts = 1 + random() % 4;
      std::vector<KeyRange> ranges;
      double delta = (high - low) / static_cast<double>(parts);
      for (size_t i = 0; i < parts; ++i) {
        double end = i + 1 == parts ? high : low + delta * static_cast<double>(i + 1);
        ranges.push_back({low + delta * static_cast<double>(i), end});
      }
      ASSERT_TRUE(CoverTheSame(sealed_ranges, ranges));
      int32_t highest = epoch.HighestNumber();
      EpochTable next = NextEpoch(epoch, sealed, ranges, 1);
      double reached = 0;
      for (const EpochSegment& segment : next.segments) {
        EXPECT_EQ(segment.range.low, reached);
        reached = segment.range.high;
        EXPECT_TRUE(epoch.Find(segment.id) != nullptr || segment.id.number() > highest);
      }
      EXPECT_EQ(reached, 1.0);
      for (SegmentId id : sealed) {
        const EpochSegment* old = epoch.Find(id);
        KeyRangeSet left;
        left.Add(old->range);
        for (const SuccessorSegment& successor : Successors(epoch, next, *old)) {
          EXPECT_FALSE(successor.predecessors.empty());
          left.Remove(successor.segment.range);
        }
        EXPECT_TRUE(left.empty());
      }
      epoch = next;
    }
  }
}

}  // namespace
}  // namespace pravega::sim
