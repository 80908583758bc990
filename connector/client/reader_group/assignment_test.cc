#include "connector/client/reader_group/assignment.h"

#include <chrono>
#include <set>
#include <string>

#include "connector/client/reader_group/testing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::At;
using testing::GroupOf;
using testing::Id;
using testing::kEnd;
using testing::Segment;
using testing::With;

// A group of `segments` in which a reader named by each letter owns so many of them.
ReaderGroupState Owned(int32_t segments, const std::vector<int>& numbers) {
  ReaderGroupState state = GroupOf(segments);
  int32_t next = 0;
  for (size_t r = 0; r < numbers.size(); ++r) {
    std::string reader(1, static_cast<char>('a' + r));
    state = With(state, {AddReader{reader}, UpdateDistanceToTail{reader, 0, {}}});
    for (int i = 0; i < numbers[r]; ++i) state = With(state, {AcquireSegment{reader, Segment(next++)}});
  }
  return state;
}

ReaderView View(const ReaderGroupState& state, const std::string& reader) {
  ReaderView view{reader, {}, 30000};
  for (const auto& [segment, position] : state.assigned.at(reader)) view.positions[segment] = {position, {}};
  return view;
}

// A true lag would look like nothing beside the values of Java readers.
TEST(AssignmentTest, DistanceIsTheClockMinusTheSegmentOfTheLastEvent) {
  EXPECT_EQ(DistanceToTail(1795422071031, std::nullopt), 0);
  EXPECT_EQ(DistanceToTail(1795422071031, Id(0)), 1795422071031);
  EXPECT_EQ(DistanceToTail(1795422073613, Id(0, 1)), 1791127106317);
}

TEST(AssignmentTest, SizesAreSegmentsWeightedByDistance) {
  ReaderGroupState state = Owned(6, {3, 1, 0});
  EXPECT_EQ(RelativeSizes(state), (std::map<std::string, double>{{"a", 3}, {"b", 1}, {"c", 0}}));
  state = With(state, {UpdateDistanceToTail{"b", 120000, {}}, UpdateDistanceToTail{"c", 999999999, {}}});
  EXPECT_EQ(RelativeSizes(state), (std::map<std::string, double>{{"a", 0.75}, {"b", 1}, {"c", 0}}));
  EXPECT_EQ(Rank(state, "b"), 0u);
  EXPECT_EQ(Rank(state, "a"), 1u);
  EXPECT_EQ(Rank(state, "c"), 2u);
}

TEST(AssignmentTest, EqualReadersRankByName) {
  ReaderGroupState state = Owned(4, {2, 2});
  EXPECT_EQ(Rank(state, "a"), 0u);
  EXPECT_EQ(Rank(state, "b"), 1u);
}

TEST(AssignmentTest, HowManyToAcquire) {
  EXPECT_EQ(AcquireCount(Owned(6, {0}), "a"), 6u) << "alone: all";
  EXPECT_EQ(AcquireCount(Owned(6, {0, 0}), "a"), 3u) << "a half";
  EXPECT_EQ(AcquireCount(Owned(7, {0, 0}), "a"), 4u) << "rounded up";
  EXPECT_EQ(AcquireCount(Owned(6, {5, 0}), "b"), 1u) << "what there is";
  EXPECT_EQ(AcquireCount(Owned(6, {5, 0}), "a"), 1u) << "one at least, also with more than its share";
  EXPECT_EQ(AcquireCount(Owned(9, {0, 0, 3}), "c"), 2u) << "its part of the unassigned ones";
  EXPECT_EQ(AcquireCount(Owned(2, {1, 1}), "a"), 0u) << "nothing unassigned";
  EXPECT_EQ(AcquireCount(Owned(2, {1}), "z"), 0u) << "not online";
  EXPECT_EQ(AcquireCount(With(Owned(2, {1}), {CreateCheckpoint{"c"}}), "a"), 0u) << "a checkpoint waits for it";
}

TEST(AssignmentTest, AcquiresTheLongestUnassignedAndReportsWhatItHad) {
  ReaderGroupState state = With(Owned(4, {1, 0}), {});
  ReaderView view = View(state, "a");
  view.positions[Segment(0)].position = At(7);
  view.positions[Segment(99)].position = At(8);
  view.distance_to_tail_ms = 77777;
  Updates updates = Acquire(state, view);
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0], Update(AcquireSegment{"a", Segment(1)}));
  EXPECT_EQ(updates[1], Update(UpdateDistanceToTail{"a", 77777, {{Segment(0), {At(7), {}}}}}));
  EXPECT_TRUE(Acquire(state, ReaderView{"z", {}, 0}).empty());
  // The record is in order: what was returned last comes last.
  state = With(state, updates);
  state = With(state, {ReleaseSegment{"a", Segment(1), At(0)}});
  EXPECT_EQ(Acquire(state, View(state, "b"))[0], Update(AcquireSegment{"b", Segment(2)}));
}

TEST(AssignmentTest, WhoHasTooManyReleasesOne) {
  ReaderGroupState state = Owned(4, {4, 0});
  ReaderView view = View(state, "a");
  std::optional<SegmentRef> segment = SegmentToRelease(state, view);
  ASSERT_TRUE(segment.has_value());
  Updates updates = Release(state, view, *segment);
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0], Update(ReleaseSegment{"a", *segment, At(0)}));
  EXPECT_EQ(std::get<UpdateDistanceToTail>(updates[1]).positions.size(), 3u);
  // 3 and 0 with one unassigned: still too many; but one is up for grabs, and with two it is enough.
  state = With(state, updates);
  segment = SegmentToRelease(state, View(state, "a"));
  ASSERT_TRUE(segment.has_value());
  state = With(state, Release(state, View(state, "a"), *segment));
  EXPECT_EQ(SegmentToRelease(state, View(state, "a")), std::nullopt);
}

TEST(AssignmentTest, BalancedGroupsStayAsTheyAre) {
  EXPECT_EQ(SegmentToRelease(Owned(4, {2, 2}), View(Owned(4, {2, 2}), "a")), std::nullopt);
  EXPECT_EQ(SegmentToRelease(Owned(3, {2, 1}), View(Owned(3, {2, 1}), "a")), std::nullopt);
  EXPECT_EQ(SegmentToRelease(Owned(1, {1, 0}), View(Owned(1, {1, 0}), "a")), std::nullopt) << "its only one";
  EXPECT_EQ(SegmentToRelease(Owned(4, {4, 0}), ReaderView{"z", {}, 0}), std::nullopt);
}

TEST(AssignmentTest, NothingIsReleasedWhileACheckpointWaits) {
  ReaderGroupState state = Owned(4, {4, 0});
  SegmentRef segment = *SegmentToRelease(state, View(state, "a"));
  state = With(state, {CreateCheckpoint{"c"}});
  EXPECT_EQ(SegmentToRelease(state, View(state, "a")), std::nullopt);
  EXPECT_TRUE(Release(state, View(state, "a"), segment).empty());
}

// What was delivered since the last report may not be kept yet, and the next owner would not deliver it again.
TEST(AssignmentTest, OnlyWhatWasReportedIsReleased) {
  ReaderGroupState state = Owned(4, {4, 0});
  ReaderView view = View(state, "a");
  SegmentRef segment = *SegmentToRelease(state, view);
  view.positions[segment].position = At(10);
  EXPECT_TRUE(Release(state, view, segment).empty());
  state = With(state, {CreateCheckpoint{"c"}, CheckpointReader{"c", "a", {{segment, At(10)}}}});
  Updates updates = Release(state, view, segment);
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0], Update(ReleaseSegment{"a", segment, At(10)}));
}

TEST(AssignmentTest, FinishedSegmentsAreCompletedNotReleased) {
  ReaderGroupState state = Owned(4, {4, 0});
  ReaderView view = View(state, "a");
  std::set<SegmentRef> left = {Segment(0), Segment(1), Segment(2), Segment(3)};
  while (std::optional<SegmentRef> segment = SegmentToRelease(state, view)) {
    EXPECT_EQ(left.erase(*segment), 1u);
    view.positions[*segment].position = kEnd;
    EXPECT_TRUE(Release(state, view, *segment).empty());
  }
  EXPECT_TRUE(left.empty());
}

// Six segments: 6, 3 + 3, 2 + 2 + 2 as readers join; at every moment each segment is in one place.
TEST(AssignmentTest, SharesBecomeEqual) {
  ReaderGroupState state = Owned(6, {0});
  state = With(state, Acquire(state, View(state, "a")));
  int checkpoint = 0;
  for (const char* joined : {"b", "c"}) {
    state = With(state, {AddReader{joined}});
    for (int round = 0; round < 10; ++round) {
      std::string name = "cp" + std::to_string(checkpoint++);
      state = With(state, {CreateCheckpoint{name}});
      std::vector<std::string> readers;
      for (const auto& [reader, segments] : state.assigned) readers.push_back(reader);
      for (const std::string& reader : readers) {
        state = With(state, {CheckpointReader{name, reader, {}}});
      }
      for (const std::string& reader : readers) {
        std::optional<SegmentRef> segment = SegmentToRelease(state, View(state, reader));
        if (segment) state = With(state, Release(state, View(state, reader), *segment));
      }
      // The least loaded acquires first, as its delay is the shortest.
      for (size_t rank = readers.size(); rank-- > 0;) {
        for (const std::string& reader : readers) {
          if (Rank(state, reader) != rank || state.unassigned.empty()) continue;
          state = With(state, Acquire(state, View(state, reader)));
          break;
        }
      }
      EXPECT_EQ(state.NumberOfSegments(), 6u);
    }
    for (const auto& [reader, segments] : state.assigned) {
      EXPECT_EQ(segments.size(), 6 / state.assigned.size()) << reader;
    }
  }
}

TEST(AssignmentPacingTest, Delays) {
  using Instant = runtime::Instant;
  auto at = [](int64_t ms) { return Instant() + milliseconds(ms); };
  AssignmentPacing pacing(at(0), milliseconds(2000), milliseconds(1000), 0.5);
  EXPECT_FALSE(pacing.MayAcquire(at(2499)));
  EXPECT_TRUE(pacing.MayAcquire(at(2500))) << "the delay, and half of the smaller of delay and refresh";
  EXPECT_FALSE(pacing.MayRelease(at(999)));
  EXPECT_TRUE(pacing.MayRelease(at(1000)));

  ReaderGroupState state = Owned(4, {3, 1, 0});
  pacing.Begun(at(10000));
  EXPECT_FALSE(pacing.MayAcquire(at(39999)));
  EXPECT_FALSE(pacing.MayRelease(at(39999)));
  EXPECT_TRUE(pacing.MayAcquire(at(40000)));
  // The most loaded of three waits for three seconds, and may release again after one.
  pacing.Ended(at(10000), state, "a");
  EXPECT_FALSE(pacing.MayAcquire(at(12999)));
  EXPECT_TRUE(pacing.MayAcquire(at(13000)));
  EXPECT_TRUE(pacing.MayRelease(at(11000)));
  EXPECT_FALSE(pacing.MayReport(at(13999)));
  EXPECT_TRUE(pacing.MayReport(at(14000)));
  pacing.Ended(at(10000), state, "c");
  EXPECT_TRUE(pacing.MayAcquire(at(11000)));
  EXPECT_FALSE(pacing.MayRelease(at(12999)));
  pacing.NothingToAcquire(at(20000), state, "b");
  EXPECT_FALSE(pacing.MayAcquire(at(21999)));
  pacing.Completed(at(20500));
  EXPECT_TRUE(pacing.MayAcquire(at(20500)));
  pacing.Reported(at(20000), state);
  EXPECT_FALSE(pacing.MayReport(at(23999)));
}

}  // namespace
}  // namespace pravega::client
