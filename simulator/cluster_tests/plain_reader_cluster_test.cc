// Goal: a plain reader gets everything behind a cut, in order, and a truncated stream says what is gone. Method: as in
// event_writer_cluster_test.cc.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connector/client/cut_reader.h"
#include "connector/client/event_writer.h"
#include "connector/client/segment_client.h"
#include "connector/client/stream_manager.h"
#include "connector/controller/types.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/segment_position.h"
#include "connector/core/strings.h"
#include "simulator/cluster_tests/client_harness.h"

namespace pravega::sim {
namespace {

using client::CutReader;
using client::EventWriter;
using client::Sequence;
using client::StreamEnd;
using client::StreamEvent;
using client::StreamGap;
using client::StreamInfo;
using client::StreamItem;
using client::StreamManager;
using runtime::Runtime;
using runtime::Task;

class PlainReaderCluster : public ClientHarness {
 public:
  Task<void> Write(Client& client, int count) {
    absl::StatusOr<std::unique_ptr<EventWriter>> writer = co_await EventWriter::Open(client.context, kStream, {});
    CHECK_MSG(writer.ok(), writer.status().ToString());
    for (int i = 0; i < count; ++i) {
      std::string key = StrCat("key", i % 13);
      absl::StatusOr<Sequence> taken = co_await (*writer)->Write(key, Buffer::Copy(StrCat(key, "/", written[key]++)));
      CHECK_MSG(taken.ok(), taken.status().ToString());
    }
    absl::Status closed = co_await (*writer)->Close();
    CHECK_MSG(closed.ok(), closed.ToString());
  }
  Task<std::unique_ptr<CutReader>> Open(Client& client, StreamCut from, StreamCut to = StreamCut::Unbounded()) {
    absl::StatusOr<std::unique_ptr<CutReader>> reader =
        co_await CutReader::Open(client.context, kStream, std::move(from), std::move(to), {});
    CHECK_MSG(reader.ok(), reader.status().ToString());
    co_return *std::move(reader);
  }
  Task<StreamItem> Next(CutReader& reader) {
    absl::StatusOr<StreamItem> item = co_await reader.Next();
    CHECK_MSG(item.ok(), item.status().ToString());
    co_return *std::move(item);
  }
  Task<int64_t> LengthOf(Client& client, SegmentId segment) {
    client::SegmentClient of(client.context, SegmentRef{kStream, segment});
    absl::StatusOr<client::SegmentInfo> info = co_await of.GetInfo();
    CHECK_MSG(info.ok(), info.status().ToString());
    co_return info->length.value();
  }

  std::map<std::string, int> written;
};

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }

// Goal: every cut that a reader hands out on its way, also between the ends of two segments that are merged, is one
// from which another reader gets exactly the rest.
TEST_F(PlainReaderCluster, EveryCutOnTheWaySplitsTheStreamInTwo) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    co_await t->Write(client, 60);
    co_await Scale(client, {0, 1}, 1);
    co_await t->Write(client, 30);
    co_await Scale(client, {0, 1}, 3);
    co_await t->Write(client, 60);
    co_await Scale(client, {0, 1}, 2);
    co_await t->Write(client, 30);
    co_await Seal(client);
    std::vector<Seen> all = co_await ReadAll(client, StreamCut::Unbounded());
    ExpectExactly(all, t->written);

    std::unique_ptr<CutReader> reader = co_await t->Open(client, StreamCut::Unbounded());
    std::multiset<std::string> before;
    for (size_t i = 0; i <= all.size(); ++i) {
      if (i % 7 == 0 || i == all.size()) {
        std::vector<Seen> rest = co_await ReadAll(client, reader->Cut());
        std::multiset<std::string> together = before;
        for (const Seen& one : rest) together.insert(one.event);
        std::multiset<std::string> wanted;
        for (const Seen& one : all) wanted.insert(one.event);
        EXPECT_EQ(together, wanted) << "cut " << reader->Cut().ToString();
      }
      if (i == all.size()) break;
      StreamItem item = co_await t->Next(*reader);
      before.insert(std::get<StreamEvent>(item).data.ToString());
    }
    co_await reader->Close();
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: a successor of two segments is not opened before both are read, also when the second of them does not exist yet
// for the reader: P (epoch 1) splits into B and C, A and B merge into S; A ends while P is still being read.
TEST_F(PlainReaderCluster, WaitsForAPredecessorThatIsStillToCome) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);  // A = 1@1 [0, 0.5], P = 2@1 [0.5, 1]
    co_await t->Write(client, 130);
    co_await Scale(client, {0.5, 1}, 2);  // B = 3@2 [0.5, 0.75], C = 4@2
    co_await t->Write(client, 130);
    co_await Scale(client, {0, 0.75}, 1);  // S = 5@3
    co_await t->Write(client, 130);
    co_await Seal(client);
    // A is at its end, P at its beginning.
    std::map<SegmentId, SegmentPosition> positions;
    positions.emplace(Id(1, 1), SegmentPosition::Finished());
    positions.emplace(Id(2, 1), SegmentPosition());
    std::vector<Seen> seen = co_await ReadAll(client, StreamCut(kStream, positions));
    int64_t of_p = co_await t->LengthOf(client, Id(2, 1));
    EXPECT_GT(of_p, 0);
    std::set<SegmentId> begun;
    for (const Seen& one : seen) {
      if (one.segment == Id(5, 3)) {
        EXPECT_TRUE(begun.contains(Id(3, 2))) << "S before B";
      }
      if (one.segment == Id(3, 2)) {
        EXPECT_TRUE(begun.contains(Id(2, 1))) << "B before P";
        EXPECT_FALSE(begun.contains(Id(5, 3))) << "B after S";
      }
      if (one.segment == Id(2, 1)) {
        EXPECT_FALSE(begun.contains(Id(3, 2))) << "P after B";
      }
      begun.insert(one.segment);
    }
    EXPECT_TRUE(begun.contains(Id(5, 3)));
    // A cut that names only one predecessor of a merge, because the other one was completed before: nothing more can
    // come of that one, and S must not wait for it.
    positions.clear();
    positions.emplace(Id(3, 2), SegmentPosition());
    positions.emplace(Id(4, 2), SegmentPosition());
    seen = co_await ReadAll(client, StreamCut(kStream, positions));
    bool merged = false;
    for (const Seen& one : seen) merged = merged || one.segment == Id(5, 3);
    EXPECT_TRUE(merged);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: the same when both P and A are at their ends: neither is read any more, but P's successors are still unknown
// when those of A are asked for.
TEST_F(PlainReaderCluster, WaitsForWhatFollowsAnotherFinishedSegment) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);  // A = 1@1 [0, 0.5], P = 2@1 [0.5, 1]
    co_await t->Write(client, 130);
    co_await Scale(client, {0.5, 1}, 2);  // B = 3@2 [0.5, 0.75], C = 4@2
    co_await t->Write(client, 130);
    co_await Scale(client, {0, 0.75}, 1);  // S = 5@3
    co_await t->Write(client, 130);
    co_await Seal(client);
    std::map<SegmentId, SegmentPosition> positions;
    positions.emplace(Id(1, 1), SegmentPosition::Finished());
    positions.emplace(Id(2, 1), SegmentPosition::Finished());
    std::vector<Seen> seen = co_await ReadAll(client, StreamCut(kStream, positions));
    std::set<SegmentId> begun;
    for (const Seen& one : seen) {
      if (one.segment == Id(3, 2)) {
        EXPECT_FALSE(begun.contains(Id(5, 3))) << "B after S";
      }
      begun.insert(one.segment);
    }
    EXPECT_EQ(begun, (std::set<SegmentId>{Id(3, 2), Id(4, 2), Id(5, 3)}));
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: a stream can have any number of segments, also one where the controller's formula for their bounds,
// (i + 1) * (1.0 / n), ends just below 1.
TEST_F(PlainReaderCluster, FortyNineSegmentsServeAllKeys) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    StreamManager manager(client.context);
    co_await CreateStream(client, 1);
    const ScopedStream stream{kStream.scope, "of49"};
    controller::StreamConfiguration configuration;
    configuration.scaling.min_segments = 49;
    absl::StatusOr<bool> created = co_await manager.CreateStream(stream, configuration);
    CHECK_MSG(created.ok(), created.status().ToString());
    absl::StatusOr<std::unique_ptr<EventWriter>> writer = co_await EventWriter::Open(client.context, stream, {});
    CHECK_MSG(writer.ok(), writer.status().ToString());
    for (int i = 0; i < 1000; ++i) {
      std::string key = StrCat("key", i % 500);
      std::string event = StrCat(key, "/", t->written[key]++);
      absl::StatusOr<Sequence> taken = co_await (*writer)->Write(key, Buffer::Copy(event));
      CHECK_MSG(taken.ok(), taken.status().ToString());
    }
    absl::Status closed = co_await (*writer)->Close();
    CHECK_MSG(closed.ok(), closed.ToString());
    absl::StatusOr<StreamInfo> info = co_await manager.GetStreamInfo(stream);
    CHECK_MSG(info.ok(), info.status().ToString());
    CHECK(info->tail.positions().size() == 49);
    absl::StatusOr<std::unique_ptr<CutReader>> reader =
        co_await CutReader::Open(client.context, stream, info->head, info->tail, {});
    CHECK_MSG(reader.ok(), reader.status().ToString());
    std::vector<Seen> seen;
    std::set<SegmentId> segments;
    while (true) {
      StreamItem item = co_await t->Next(**reader);
      if (std::holds_alternative<StreamEnd>(item)) break;
      const auto& event = std::get<StreamEvent>(item);
      seen.push_back({event.data.ToString(), event.segment, event.offset});
      segments.insert(event.segment);
    }
    ExpectExactly(seen, t->written);
    EXPECT_EQ(segments.size(), 49u);
    co_await (*reader)->Close();
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

TEST_F(PlainReaderCluster, StopsAtTheEndCut) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    StreamManager manager(client.context);
    co_await CreateStream(client, 2);
    co_await t->Write(client, 50);
    co_await Scale(client, {0, 0.5}, 2);
    co_await t->Write(client, 50);
    absl::StatusOr<StreamInfo> info = co_await manager.GetStreamInfo(kStream);
    CHECK_MSG(info.ok(), info.status().ToString());
    EXPECT_FALSE(info->sealed);
    EXPECT_EQ(info->tail.positions().size(), 3u);
    std::map<std::string, int> until_now = t->written;
    co_await t->Write(client, 50);
    co_await Scale(client, {0, 1}, 1);
    co_await t->Write(client, 50);
    // The stream is not sealed, so without an end the reader would wait.
    std::unique_ptr<CutReader> reader = co_await t->Open(client, info->head, info->tail);
    std::vector<Seen> seen;
    while (true) {
      StreamItem item = co_await t->Next(*reader);
      if (std::holds_alternative<StreamEnd>(item)) break;
      const auto& event = std::get<StreamEvent>(item);
      seen.push_back({event.data.ToString(), event.segment, event.offset});
    }
    co_await reader->Close();
    ExpectExactly(seen, until_now);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: truncation at a cut with a finished segment drops that segment as a whole (and never reaches a store as offset
// -1); who reads from before it is told of each gap once and gets the rest.
TEST_F(PlainReaderCluster, TruncatedEventsAreGaps) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    StreamManager manager(client.context);
    co_await CreateStream(client, 2);
    co_await t->Write(client, 100);
    std::unique_ptr<CutReader> early = co_await t->Open(client, StreamCut::Unbounded());
    // Read a little, so that the reader stands in the middle; then everything it has not read ahead is truncated.
    std::vector<Seen> seen;
    for (int i = 0; i < 10; ++i) {
      StreamItem item = co_await t->Next(*early);
      seen.push_back({std::get<StreamEvent>(item).data.ToString(), SegmentId(), Offset()});
    }
    StreamCut in_the_middle = early->Cut();
    co_await early->Close();
    co_await Scale(client, {0, 0.5}, 1);  // 1@1 -> 3@2
    co_await t->Write(client, 100);
    std::map<SegmentId, SegmentPosition> positions;
    positions.emplace(Id(1, 1), SegmentPosition::Finished());
    int64_t length = co_await t->LengthOf(client, Id(2, 1));
    positions.emplace(Id(2, 1), SegmentPosition::At(Offset(length)));
    absl::Status truncated = co_await manager.TruncateStream(kStream, StreamCut(kStream, positions));
    EXPECT_TRUE(truncated.ok()) << truncated;
    absl::StatusOr<StreamInfo> info = co_await manager.GetStreamInfo(kStream);
    CHECK(info.ok());
    EXPECT_EQ(info->head.positions().at(Id(2, 1)).offset().value(), length);
    co_await Seal(client);
    std::unique_ptr<CutReader> late = co_await t->Open(client, in_the_middle);
    int gaps = 0;
    int events = 0;
    while (true) {
      StreamItem item = co_await t->Next(*late);
      if (std::holds_alternative<StreamEnd>(item)) break;
      if (std::holds_alternative<StreamGap>(item)) ++gaps;
      if (std::holds_alternative<StreamEvent>(item)) ++events;
    }
    co_await late->Close();
    EXPECT_EQ(gaps, 2);
    EXPECT_GT(events, 0);
    std::vector<Seen> from_head = co_await ReadAll(client, StreamCut::Unbounded());
    EXPECT_EQ(static_cast<int>(from_head.size()), events);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

TEST_F(PlainReaderCluster, LostAnswersToReadsLoseNothing) {
  auto script = [](PlainReaderCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    co_await t->Write(client, 400);
    co_await Scale(client, {0, 1}, 3);
    co_await t->Write(client, 400);
    co_await Seal(client);
    for (FaultPhase phase : {FaultPhase::kAppliedNotAnswered, FaultPhase::kBeforeApply, FaultPhase::kTwice}) {
      t->faults.command = "ReadSegment";
      t->faults.phase = phase;
      t->faults.every = 2;
      std::vector<Seen> seen = co_await ReadAll(client, StreamCut::Unbounded());
      ExpectExactly(seen, t->written);
    }
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
  EXPECT_GT(faults.struck, 6);
}

}  // namespace
}  // namespace pravega::sim
