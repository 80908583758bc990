// Goal: a reader's durable record gives back whole batches and nothing else, wherever it was torn. Method: batches
// printed, cut at every byte, and damaged.
#include "scenarios/workloads/reader_records.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace pravega::scenarios {
namespace {

SegmentRef Segment(int32_t number) { return SegmentRef{{"s", "e"}, SegmentId(Epoch(number), number)}; }

RecordedEvent Event(int64_t sequence) {
  RecordedEvent event;
  event.pointer = {Segment(static_cast<int32_t>(sequence % 3)), Offset(100 * sequence), 20};
  event.identity = {"writer-1.2", sequence, 1000 + sequence};
  return event;
}

Position At(int64_t offset) {
  return Position({{Segment(0), {SegmentPosition::At(Offset(offset)), std::nullopt}},
                   {Segment(1), {SegmentPosition::Finished(), std::nullopt}}});
}

bool Same(const RecordedEvent& a, const RecordedEvent& b) {
  return a.pointer == b.pointer && a.identity.writer == b.identity.writer &&
         a.identity.sequence == b.identity.sequence && a.identity.row == b.identity.row;
}

TEST(ReaderRecordsTest, NothingIsNothing) {
  absl::StatusOr<ReaderRecords::Found> found = ReaderRecords::Parse("");
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->events.empty());
  EXPECT_FALSE(found->position.has_value());
}

TEST(ReaderRecordsTest, WhereverItIsTornWholeBatchesRemain) {
  const std::string first = ReaderRecords::PrintBatch({Event(1), Event(2), Event(3)}, At(40));
  const std::string second = ReaderRecords::PrintBatch({}, At(60));
  const std::string third = ReaderRecords::PrintBatch({Event(4)}, At(80));
  const std::string all = first + second + third;
  for (size_t size = 0; size <= all.size(); ++size) {
    absl::StatusOr<ReaderRecords::Found> found = ReaderRecords::Parse(all.substr(0, size));
    ASSERT_TRUE(found.ok()) << size << ": " << found.status();
    const size_t batches = (size >= first.size()) + (size >= first.size() + second.size()) + (size >= all.size());
    ASSERT_EQ(found->events.size(), batches == 3 ? 4u : batches > 0 ? 3u : 0u) << size;
    for (size_t i = 0; i < found->events.size(); ++i) {
      EXPECT_TRUE(Same(found->events[i], Event(static_cast<int64_t>(i) + 1))) << i;
    }
    ASSERT_EQ(found->position.has_value(), batches > 0);
    if (batches == 0) continue;
    EXPECT_EQ(*found->position, At(20 + 20 * static_cast<int64_t>(batches)));
  }
}

TEST(ReaderRecordsTest, AnythingElseThatIsWrongIsSaid) {
  const std::string batch = ReaderRecords::PrintBatch({Event(1)}, At(40));
  const std::string event = batch.substr(0, batch.find('\n') + 1);
  const std::string position = batch.substr(event.size());
  for (const std::string& damaged : {event + event + position,                    // an event too many
                                     position,                                    // an event too few
                                     "\n" + batch,                                //
                                     "X" + batch,                                 //
                                     "E s/e 1 2 w 3 4\n" + position,              // no segment
                                     "E s/e/0.#epoch.0 -1 2 w 3 4\n" + position,  // an offset below 0
                                     "E s/e/0.#epoch.0 1 2 w 3\n" + position,     // a word too few
                                     "E s/e/0.#epoch.0 1 2 w 3x 4\n" + position,  //
                                     event + "P 1 0\n",                           // half a byte
                                     event + "P 1 zz\n",                          // no hexadecimal digits
                                     event + "P 1 ffff\n",                        // no position
                                     event + "P 1\n"}) {
    absl::StatusOr<ReaderRecords::Found> found = ReaderRecords::Parse(damaged);
    EXPECT_FALSE(found.ok()) << damaged;
  }
}

}  // namespace
}  // namespace pravega::scenarios
