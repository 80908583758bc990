#include "connector/core/position.h"

#include <string>
#include <vector>

#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::FromHex;
using ::pravega::testing::ToHex;

SegmentRef Segment(int32_t number, int32_t epoch = 0) { return {{"sc", "st"}, SegmentId(Epoch(epoch), number)}; }
SegmentPosition At(int64_t offset) { return SegmentPosition::At(Offset(offset)); }

// -1 is written as 2^62 - 2.
TEST(PositionTest, BinaryForm) {
  struct Case {
    Position position;
    const char* hex;
  };
  for (const Case& c : {
           Case{Position({{Segment(0), {At(10), KeyRange{0, 0.5}}}}),
                "000002000000001401001073632f73742f302e2365706f63682e"
                "300a010000002301001073632f73742f302e2365706f63682e30"
                "00000000000000003fe0000000000000"},
           Case{Position({{Segment(0), {SegmentPosition::Finished(), std::nullopt}}}),
                "000002000000001b01001073632f73742f302e2365706f63682e"
                "30fffffffffffffffe010000002301001073632f73742f302e23"
                "65706f63682e30bff0000000000000bff0000000000000"},
           Case{Position({{Segment(0), {At(5), KeyRange{0, 0.5}}}}),
                "000002000000001401001073632f73742f302e2365706f63682e"
                "3005010000002301001073632f73742f302e2365706f63682e30"
                "00000000000000003fe0000000000000"},
           Case{Position(), "000002000000000100010000000100"},
       }) {
    absl::StatusOr<std::string> bytes = c.position.ToBytes();
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(ToHex(*bytes), c.hex);
    absl::StatusOr<Position> back = Position::FromBytes(*bytes);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(*back, c.position);
  }
}

TEST(PositionTest, InputIsNotTrusted) {
  for (const char* hex : {"", "000001 00 00000001 05", "000001 00 00000004 01 0001 61", "000101 00 00000001 00"}) {
    absl::StatusOr<Position> position = Position::FromBytes(FromHex(hex));
    EXPECT_FALSE(position.ok()) << hex;
  }
  // Ranges of segments that are not there, and a position without ranges.
  EXPECT_TRUE(Position::FromBytes(FromHex("000002 00 00000001 00 01 00000023 01 0010"
                                          "73632f73742f302e2365706f63682e30 0000000000000000 3fe0000000000000"))
                  ->Segments()
                  .empty());
  EXPECT_EQ(Position::FromBytes(FromHex("000001 00 00000014 01 0010 73632f73742f302e2365706f63682e30 05"))
                ->Segments()
                .at(Segment(0))
                .position,
            At(5));
}

TEST(PositionTest, ForPeople) {
  Position position({{Segment(0), {At(10), {}}}, {Segment(1, 2), {SegmentPosition::Finished(), {}}}});
  EXPECT_EQ(position.ToString(), "{sc/st/0.#epoch.0:10, sc/st/1.#epoch.2:end}");
  EXPECT_EQ(Position().ToString(), "{}");
}

TEST(PositionTrackerTest, SnapshotsStayAsTheyWere) {
  PositionTracker tracker;
  Position nothing = tracker.Snapshot();
  PositionTracker::Slot a = tracker.Add(Segment(0), At(0), KeyRange{0, 0.5});
  PositionTracker::Slot b = tracker.Add(Segment(1), At(7), KeyRange{0.5, 1});
  Position before = tracker.Snapshot();
  tracker.Advance(a, At(10));
  Position between = tracker.Snapshot();
  tracker.Advance(b, SegmentPosition::Finished());
  Position after = tracker.Snapshot();
  tracker.Remove(b);
  Position without = tracker.Snapshot();

  EXPECT_TRUE(nothing.Segments().empty());
  EXPECT_EQ(before.ToString(), "{sc/st/0.#epoch.0:0, sc/st/1.#epoch.0:7}");
  EXPECT_EQ(between.ToString(), "{sc/st/0.#epoch.0:10, sc/st/1.#epoch.0:7}");
  EXPECT_EQ(after.ToString(), "{sc/st/0.#epoch.0:10, sc/st/1.#epoch.0:end}");
  EXPECT_EQ(without.ToString(), "{sc/st/0.#epoch.0:10}");
  EXPECT_EQ(without.Segments().at(Segment(0)).range, (KeyRange{0, 0.5}));
}

// Goal: no snapshot sees what happened after it, over many chunks. Method: compare with maps that are copied each time.
TEST(PositionTrackerTest, AgreesWithCopiesOverManyUpdates) {
  PositionTracker tracker;
  Position::Map expected;
  std::vector<PositionTracker::Slot> slots;
  for (int32_t i = 0; i < 3; ++i) {
    slots.push_back(tracker.Add(Segment(i), At(0), std::nullopt));
    expected[Segment(i)] = {At(0), std::nullopt};
  }
  std::vector<Position> positions;
  std::vector<Position::Map> copies;
  for (int64_t i = 1; i < 500; ++i) {
    int32_t segment = static_cast<int32_t>(i * i % 3);
    tracker.Advance(slots[static_cast<size_t>(segment)], At(i));
    expected[Segment(segment)].position = At(i);
    EXPECT_EQ(tracker.At(slots[static_cast<size_t>(segment)]), At(i));
    positions.push_back(tracker.Snapshot());
    copies.push_back(expected);
  }
  for (size_t i = 0; i < positions.size(); ++i) EXPECT_EQ(positions[i].Segments(), copies[i]) << i;
}

TEST(PositionTrackerTest, SlotsAreUsedAgain) {
  PositionTracker tracker;
  PositionTracker::Slot a = tracker.Add(Segment(0), At(1), std::nullopt);
  tracker.Advance(a, At(2));
  tracker.Remove(a);
  PositionTracker::Slot b = tracker.Add(Segment(5), At(3), std::nullopt);
  EXPECT_EQ(a, b);
  EXPECT_EQ(tracker.At(b), At(3));
  EXPECT_EQ(tracker.Snapshot().ToString(), "{sc/st/5.#epoch.0:3}");
}

TEST(PositionTrackerDeathTest, SlotsThatAreNotInUse) {
  PositionTracker tracker;
  EXPECT_DEATH(tracker.Advance(0, At(1)), "CHECK failed");
  PositionTracker::Slot a = tracker.Add(Segment(0), At(1), std::nullopt);
  tracker.Remove(a);
  EXPECT_DEATH(tracker.Remove(a), "CHECK failed");
  EXPECT_DEATH(tracker.At(a), "CHECK failed");
}

}  // namespace
}  // namespace pravega
