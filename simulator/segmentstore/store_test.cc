// Goal: the store keeps what it acknowledged through crashes and failures of its log, serves what it owns, and stays
// within bounds whatever its clients do. Method: raw commands in a simulated world; crashes, planned failures of the
// log, clients that do not read.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "connector/core/container_mapper.h"
#include "connector/core/names.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"
#include "simulator/durable/durable_log.h"
#include "simulator/segmentstore/store_harness.h"

namespace pravega::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Connection = StoreHarness::Connection;

Connection& Writing(StoreHarness& harness, const std::string& segment = kSegment) {
  Connection& connection = harness.Connect();
  connection.Ask<wire::SegmentCreated>(CreateOf(segment));
  connection.Ask<wire::AppendSetup>(SetupOf(segment));
  return connection;
}

std::string Content(Connection& connection, const std::string& segment = kSegment) {
  std::string text;
  while (true) {
    wire::SegmentRead read =
        connection.Ask<wire::SegmentRead>(ReadOf(segment, static_cast<int64_t>(text.size()), 2 << 20));
    text += read.data.view();
    if (read.at_tail || read.end_of_segment) return text;
  }
}

// ---- Connections

TEST(StoreTest, HelloIsAnsweredEveryTimeAndBeforeARefusal) {
  StoreHarness harness;
  Connection& c = harness.Connect();
  // Commands need no Hello.
  c.Ask<wire::NoSuchSegment>(InfoOfSegment(kSegment));
  for (int i = 0; i < 2; ++i) {
    wire::Hello hello = c.Ask<wire::Hello>(wire::Hello{.high_version = 17, .low_version = 5});
    EXPECT_EQ(hello.high_version, 16);
    EXPECT_EQ(hello.low_version, 5);
  }
  c.Ask<wire::KeepAlive>(wire::KeepAlive{});
  c.Ask<wire::Hello>(wire::Hello{.high_version = 20, .low_version = 17});
  EXPECT_TRUE(c.Closes());
  Connection& old = harness.Connect();
  old.Ask<wire::Hello>(wire::Hello{.high_version = 4, .low_version = 1});
  EXPECT_TRUE(old.Closes());
}

TEST(StoreTest, BarePaddingIsIgnored) {
  StoreHarness harness;
  Connection& c = harness.Connect();
  c.Send(wire::Padding{.zeros = Buffer("0000")});
  c.Ask<wire::KeepAlive>(wire::KeepAlive{});
}

TEST(StoreTest, AMalformedFrameEndsItsConnectionAndNoOther) {
  StoreHarness harness;
  Connection& good = Writing(harness);
  Connection& bad = harness.Connect();
  bad.SendBytes(std::string("\0\0\0\x0b\0\0\0\x03xyz", 11));
  EXPECT_TRUE(bad.Closes());
  EXPECT_NE(harness.log().back().find("GetStreamSegmentInfo"), std::string::npos) << harness.log().back();
  good.Ask<wire::DataAppended>(AppendOf("data", 1));
}

TEST(StoreTest, AClientThatEndsItsSideStillGetsItsAnswers) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.SendAll({AppendOf("a", 1), AppendOf("b", 2)});
  c.Finish();
  EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), 1);
  EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), 2);
  EXPECT_TRUE(c.Closes());
  EXPECT_EQ(harness.world().stats().resets, 0u);
}

TEST(StoreTest, AnAppendBeforeItsAppendSetupEndsTheConnection) {
  StoreHarness harness;
  Connection& c = harness.Connect();
  c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  c.SendAll({SetupOf(kSegment), AppendOf("early", 1)});
  EXPECT_TRUE(c.Closes());
}

TEST(StoreTest, TheLastSetupOfAWriterCounts) {
  const std::string none = "sc/none/0.#epoch.0";
  {
    StoreHarness harness;
    Connection& c = harness.Connect();
    c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
    c.SendAll({SetupOf(none), SetupOf(kSegment)});
    EXPECT_EQ(c.Expect<wire::NoSuchSegment>().segment, none);
    EXPECT_EQ(c.Expect<wire::AppendSetup>().segment, kSegment);
    c.Ask<wire::DataAppended>(AppendOf("data", 1));
    EXPECT_EQ(Content(c), "data");
  }
  {
    StoreHarness harness;
    Connection& c = harness.Connect();
    c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
    c.SendAll({SetupOf(kSegment), SetupOf(none)});
    EXPECT_EQ(c.Expect<wire::AppendSetup>().segment, kSegment);
    EXPECT_EQ(c.Expect<wire::NoSuchSegment>().segment, none);
    c.Send(AppendOf("data", 1));
    EXPECT_TRUE(c.Closes());
  }
}

TEST(StoreTest, AStoreThatIsStoppedEndsItsConnectionsAndTasks) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.Send(ReadOf(kSegment, 0));
  harness.Pass(milliseconds(100));
  harness.StopStore();
  EXPECT_TRUE(c.Closes());
  EXPECT_TRUE(harness.world().finished("store"));
}

// ---- Ownership

TEST(StoreTest, SegmentsOfOtherContainersAreOfAnotherHost) {
  StoreHarness::Options options;
  options.store.container_count = 4;
  options.store.containers = {ContainerId(1), ContainerId(3)};
  StoreHarness harness(options);
  Connection& c = harness.Connect();
  harness.Pass(milliseconds(100));
  for (int i = 0; i < 20; ++i) {
    std::string segment = SegmentRef{{"sc", "st"}, SegmentId(Epoch(0), i)}.ToString();
    int32_t container = ContainerOf(segment, 4).value();
    c.Send(CreateOf(segment));
    std::optional<wire::Command> reply = c.Receive();
    ASSERT_TRUE(reply.has_value());
    if (container == 1 || container == 3) {
      EXPECT_TRUE(std::holds_alternative<wire::SegmentCreated>(*reply)) << segment;
    } else {
      EXPECT_TRUE(std::holds_alternative<wire::WrongHost>(*reply)) << segment;
      EXPECT_EQ(std::get<wire::WrongHost>(*reply).correct_host, "");
      c.Ask<wire::WrongHost>(SetupOf(segment));
      c.Ask<wire::WrongHost>(ReadOf(segment, 0));
      c.Ask<wire::WrongHost>(InfoOfSegment(segment));
    }
  }
}

TEST(StoreTest, AStoreWhoseContainerWasTakenOverServesItNoMore) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.Ask<wire::DataAppended>(AppendOf("mine", 1));
  c.Send(ReadOf(kSegment, 4));
  std::unique_ptr<DurableLog> new_owner = harness.FenceLog();
  Connection& writer = harness.Connect();
  writer.Ask<wire::AppendSetup>(SetupOf(kSegment));
  // The zombie finds out with its next write: whether that is durable is not for it to say.
  writer.Send(AppendOf("zombie", 2));
  EXPECT_TRUE(writer.Closes());
  EXPECT_EQ(writer.received(), 0u);
  EXPECT_TRUE(c.Expect<wire::SegmentRead>().data.empty());
  c.Ask<wire::WrongHost>(InfoOfSegment(kSegment));
  c.Ask<wire::WrongHost>(AppendOf("more", 2));
  EXPECT_EQ(harness.logs().records(ContainerId(0)), 2u);
}

// ---- Durability

TEST(StoreTest, WhatWasAcknowledgedSurvivesACrash) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  std::string expected;
  for (int64_t i = 1; i <= 50; ++i) {
    c.Ask<wire::DataAppended>(AppendOf("event-" + std::to_string(i) + ";", i));
    expected += "event-" + std::to_string(i) + ";";
  }
  c.Ask<wire::SegmentPolicyUpdated>(wire::UpdateSegmentPolicy{.segment = kSegment, .target_rate = 77});
  harness.CrashStore();
  EXPECT_TRUE(c.Closes());
  harness.RestartStore();
  Connection& d = harness.Connect();
  EXPECT_EQ(Content(d), expected);
  EXPECT_EQ(d.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), 50);
  EXPECT_EQ(d.Ask<wire::SegmentAttribute>(
                 wire::GetSegmentAttribute{.segment = kSegment, .attribute_id = wire::kScalePolicyRate})
                .value,
            77);
  EXPECT_EQ(harness.world().stats().attempts_after_death, 0u);
}

TEST(StoreTest, OfUnacknowledgedAppendsAnyPrefixSurvivesAndTheHandshakeSaysWhich) {
  for (size_t survivors = 0; survivors <= 3; ++survivors) {
    SCOPED_TRACE(survivors);
    StoreHarness harness;
    Connection& c = Writing(harness);
    harness.durable_faults().survivors = survivors;
    EXPECT_EQ(c.Ask<wire::DataAppended>(AppendOf("0", 1)).event_number.value(), 1);
    // Appends that arrive together leave together, and the log's answer is lost.
    harness.durable_faults().appends = {{.fault = DurableFault::kAnswerLost}};
    c.SendAll({AppendOf("1", 2), AppendOf("2", 3), AppendOf("3", 4)});
    EXPECT_TRUE(c.Closes());
    EXPECT_EQ(c.received(), 0u);
    harness.Pass(milliseconds(200));
    Connection& d = harness.Connect();
    int64_t last = d.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value();
    EXPECT_EQ(last, 1 + static_cast<int64_t>(survivors));
    // What the writer sends again is what is missing.
    for (int64_t number = last + 1; number <= 4; ++number) {
      d.Ask<wire::DataAppended>(AppendOf(std::to_string(number - 1), number));
    }
    EXPECT_EQ(Content(d), "0123");
  }
}

TEST(StoreTest, AFailureOfTheLogEndsTheConnectionsInDoubtAndNoOthers) {
  StoreHarness harness;
  Connection& idle = Writing(harness);
  idle.Ask<wire::DataAppended>(AppendOf("a", 1));
  Connection& c = harness.Connect();
  c.Ask<wire::AppendSetup>(SetupOf(kSegment, WriterId{Uuid{0, 9}}));
  harness.durable_faults().appends = {{.fault = DurableFault::kUnavailable}};
  c.Send(AppendOf("b", 1, 1, WriterId{Uuid{0, 9}}));
  EXPECT_TRUE(c.Closes());
  harness.Pass(milliseconds(200));
  // The same writer on its old connection goes on with the container that was recovered.
  EXPECT_EQ(idle.Ask<wire::DataAppended>(AppendOf("c", 2)).previous_event_number.value(), 1);
  EXPECT_EQ(Content(idle), "ac");
}

TEST(StoreTest, AWaitingReadEndsEmptyWhenItsContainerStops) {
  StoreHarness harness;
  Connection& reader = Writing(harness);
  reader.Send(ReadOf(kSegment, 0));
  Connection& c = harness.Connect();
  harness.durable_faults().appends = {{.fault = DurableFault::kUnavailable}};
  c.Send(CreateOf("sc/other/0.#epoch.0"));
  EXPECT_TRUE(c.Closes());
  wire::SegmentRead read = reader.Expect<wire::SegmentRead>();
  EXPECT_TRUE(read.data.empty());
  EXPECT_TRUE(read.at_tail);
  harness.Pass(milliseconds(200));
  reader.Send(ReadOf(kSegment, 0));
  EXPECT_TRUE(reader.StaysSilent(milliseconds(100)));
}

TEST(StoreTest, NothingIsReadableBeforeItIsDurable) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.Send(ReadOf(kSegment, 0));
  harness.durable_faults().appends = {{.fault = DurableFault::kNone, .slow_by = seconds(3)}};
  Connection& writer = harness.Connect();
  writer.Ask<wire::AppendSetup>(SetupOf(kSegment));
  writer.Send(AppendOf("data", 1));
  EXPECT_TRUE(c.StaysSilent(seconds(2)));
  EXPECT_EQ(c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(kSegment)).write_offset, 0);
  EXPECT_EQ(c.Expect<wire::SegmentRead>().data.view(), "data");
  writer.Expect<wire::DataAppended>();
}

TEST(StoreTest, SnapshotsKeepTheLogShort) {
  StoreHarness::Options options;
  options.store.runner.min_snapshot_bytes = 4000;
  StoreHarness harness(options);
  Connection& c = Writing(harness);
  std::string expected;
  int64_t truncated = 0;
  for (int64_t i = 1; i <= 300; ++i) {
    std::string data(100, static_cast<char>('a' + i % 26));
    c.Ask<wire::DataAppended>(AppendOf(data, i));
    expected += data;
    if (i % 50 == 0) {
      truncated = (i - 10) * 100;
      c.Ask<wire::SegmentTruncated>(wire::TruncateSegment{.segment = kSegment, .truncation_offset = truncated});
    }
  }
  EXPECT_LT(harness.logs().bytes(ContainerId(0)), 20'000u);
  harness.CrashStore();
  harness.RestartStore();
  Connection& d = harness.Connect();
  EXPECT_EQ(d.Ask<wire::SegmentRead>(ReadOf(kSegment, truncated, 1 << 20)).data.view(),
            std::string_view(expected).substr(static_cast<size_t>(truncated)));
  EXPECT_EQ(d.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), 300);
}

// ---- Bounds

TEST(StoreTest, AClientThatDoesNotReadIsNotServedOn) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  for (int64_t i = 1; i <= 8; ++i) c.Ask<wire::DataAppended>(AppendOf(std::string(1 << 18, 'x'), i));
  c.PauseReading(true);
  size_t asked = harness.faults().asked.size();
  for (int i = 0; i < 100; ++i) c.Send(ReadOf(kSegment, 0, 1 << 20));
  harness.Pass(seconds(20));
  // A megabyte is queued, some more is in the pipe; the other requests wait in the client's.
  EXPECT_LT(harness.faults().asked.size() - asked, 20u);
  c.PauseReading(false);
  for (int i = 0; i < 100; ++i) EXPECT_GE(c.Expect<wire::SegmentRead>().data.size(), 1u << 18);
}

TEST(StoreTest, AppendsAreTakenNoFasterThanTheLog) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  harness.durable_faults().appends = {{.fault = DurableFault::kNone, .slow_by = seconds(30)}};
  size_t asked = harness.faults().asked.size();
  for (int64_t i = 1; i <= 100; ++i) c.Send(AppendOf(std::string(1 << 17, 'x'), i));
  harness.Pass(seconds(5));
  EXPECT_LE(harness.faults().asked.size() - asked, 9u);
  harness.Pass(seconds(26));
  for (int64_t i = 1; i <= 100; ++i) EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), i);
}

TEST(StoreTest, TooManyWaitingReadsEndTheConnection) {
  StoreHarness::Options options;
  options.store.max_waiting_reads = 5;
  StoreHarness harness(options);
  Connection& c = Writing(harness);
  for (int i = 0; i < 5; ++i) c.Send(ReadOf(kSegment, i));
  EXPECT_TRUE(c.StaysSilent(milliseconds(100)));
  c.Send(ReadOf(kSegment, 5));
  EXPECT_TRUE(c.Closes());
}

TEST(StoreTest, ASlowReaderOfManyWaitingReadsIsCutBeforeMemoryIsFull) {
  StoreHarness::Options options;
  options.store.max_unsent_bytes_ever = 2 << 20;
  StoreHarness harness(options);
  Connection& c = Writing(harness);
  c.PauseReading(true);
  for (int i = 0; i < 100; ++i) c.Send(ReadOf(kSegment, 0));
  harness.Pass(milliseconds(100));
  Connection& writer = harness.Connect();
  writer.Ask<wire::AppendSetup>(SetupOf(kSegment));
  writer.Ask<wire::DataAppended>(AppendOf(std::string(1 << 17, 'x'), 1));
  harness.Pass(milliseconds(100));
  c.PauseReading(false);
  EXPECT_TRUE(c.Closes());
}

// ---- Segments

TEST(StoreTest, MergeOfABatchTakesWhatIsThere) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.Ask<wire::DataAppended>(AppendOf("target;", 1));
  std::vector<std::string> sources;
  for (uint64_t i = 0; i < 3; ++i) {
    sources.push_back(TransactionSegmentName(kSegment, TxnId{Uuid{0, i}}));
    if (i == 1) continue;  // merged long ago
    c.Ask<wire::SegmentCreated>(CreateOf(sources.back()));
    c.Ask<wire::AppendSetup>(SetupOf(sources.back(), WriterId{Uuid{3, i}}));
    c.Ask<wire::DataAppended>(AppendOf("txn" + std::to_string(i) + ";", 1, 2, WriterId{Uuid{3, i}}));
  }
  const wire::MergeSegmentsBatch batch{.request_id = kRequest, .target = kSegment, .sources = sources};
  wire::SegmentsBatchMerged merged = c.Ask<wire::SegmentsBatchMerged>(batch);
  ASSERT_EQ(merged.merged.size(), 3u);
  EXPECT_EQ(merged.merged[0].new_target_write_offset, 12);
  EXPECT_EQ(merged.merged[1].new_target_write_offset, 12);
  EXPECT_EQ(merged.merged[2].new_target_write_offset, 17);
  EXPECT_EQ(merged.merged[2].segment, sources[2]);
  EXPECT_EQ(Content(c), "target;txn0;txn2;");
  EXPECT_EQ(
      c.Ask<wire::SegmentAttribute>(wire::GetSegmentAttribute{.segment = kSegment, .attribute_id = wire::kEventCount})
          .value,
      5);
  // Again: as if it had happened now.
  EXPECT_EQ(c.Ask<wire::SegmentsBatchMerged>(batch).merged[0].new_target_write_offset, 17);
  EXPECT_TRUE(c.Ask<wire::SegmentsBatchMerged>(wire::MergeSegmentsBatch{.target = kSegment}).merged.empty());
  // A target that cannot take it is named.
  c.Ask<wire::SegmentSealed>(SealOf(kSegment));
  EXPECT_EQ(c.Ask<wire::SegmentIsSealed>(batch).segment, kSegment);
  wire::MergeSegmentsBatch nowhere = batch;
  nowhere.target = "sc/st/9.#epoch.0";
  EXPECT_EQ(c.Ask<wire::NoSuchSegment>(nowhere).segment, "sc/st/9.#epoch.0");
}

TEST(StoreTest, ABatchIsAnsweredOnceHoweverManySourcesFail) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  std::vector<std::string> sources;
  for (uint64_t i = 0; i < 3; ++i) {
    sources.push_back(TransactionSegmentName(kSegment, TxnId{Uuid{0, i}}));
    const WriterId writer{Uuid{3, i}};
    c.Ask<wire::SegmentCreated>(CreateOf(sources.back()));
    c.Ask<wire::AppendSetup>(SetupOf(sources.back(), writer));
    c.Ask<wire::DataAppended>(AppendOf("txn" + std::to_string(i), 1, 1, writer));
    // What has lost its beginning cannot be merged.
    if (i > 0) c.Ask<wire::SegmentTruncated>(wire::TruncateSegment{.segment = sources.back(), .truncation_offset = 1});
  }
  const wire::MergeSegmentsBatch batch{.request_id = kRequest, .target = kSegment, .sources = sources};
  c.SendAll({batch, wire::KeepAlive{}});
  c.Expect<wire::KeepAlive>();
  EXPECT_EQ(c.Expect<wire::SegmentIsTruncated>().segment, sources[1]);
  EXPECT_TRUE(c.StaysSilent(milliseconds(2000)));
  EXPECT_EQ(Content(c), "txn0");
}

TEST(StoreTest, ABatchWhoseTargetIsSealedMeanwhileNamesTheTarget) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  std::vector<std::string> sources;
  for (uint64_t i = 0; i < 2; ++i) {
    sources.push_back(TransactionSegmentName(kSegment, TxnId{Uuid{0, i}}));
    c.Ask<wire::SegmentCreated>(CreateOf(sources.back()));
  }
  const wire::MergeSegmentsBatch batch{.request_id = kRequest, .target = kSegment, .sources = sources};
  c.SendAll({batch, SealOf(kSegment)});
  c.Expect<wire::SegmentSealed>();
  EXPECT_EQ(c.Expect<wire::SegmentIsSealed>().segment, kSegment);
  // One source was merged, the other is left as it was.
  c.Ask<wire::NoSuchSegment>(InfoOfSegment(sources[0]));
  EXPECT_FALSE(c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(sources[1])).is_sealed);
}

TEST(StoreTest, ABatchWithANamelessSourceEndsTheConnection) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.Send(wire::MergeSegmentsBatch{.request_id = kRequest, .target = kSegment, .sources = {""}});
  EXPECT_TRUE(c.Closes());
  EXPECT_EQ(c.received(), 0u);
}

TEST(StoreTest, FailuresOfAMergeNameTheSource) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  std::string source = TransactionSegmentName(kSegment, TxnId{Uuid{0, 1}});
  const wire::MergeSegments merge{.target = kSegment, .source = source};
  EXPECT_EQ(c.Ask<wire::NoSuchSegment>(merge).segment, source);
  c.Ask<wire::SegmentCreated>(CreateOf(source));
  EXPECT_EQ(c.Ask<wire::NoSuchSegment>(wire::MergeSegments{.target = "sc/none/0.#epoch.0", .source = source}).segment,
            source);
  c.Ask<wire::SegmentSealed>(SealOf(kSegment));
  EXPECT_EQ(c.Ask<wire::SegmentIsSealed>(merge).segment, source);
}

TEST(StoreTest, TruncationOutOfRangeTellsTheStart) {
  StoreHarness harness;
  Connection& c = Writing(harness);
  c.Ask<wire::DataAppended>(AppendOf("0123456789", 1));
  c.Ask<wire::SegmentTruncated>(wire::TruncateSegment{.segment = kSegment, .truncation_offset = 4});
  for (int64_t offset : {3, 11, -1}) {
    wire::SegmentIsTruncated refused =
        c.Ask<wire::SegmentIsTruncated>(wire::TruncateSegment{.segment = kSegment, .truncation_offset = offset});
    EXPECT_EQ(refused.start_offset, 4);
    EXPECT_EQ(refused.offset, offset);
  }
  wire::StreamSegmentInfo info = c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(kSegment));
  EXPECT_EQ(info.start_offset, 4);
  EXPECT_EQ(info.write_offset, 10);
  EXPECT_GT(info.last_modified, 1'600'000'000'000);
}

TEST(StoreTest, MissingSegmentsAndEmptyNames) {
  StoreHarness harness;
  Connection& c = harness.Connect();
  const std::string none = "sc/none/0.#epoch.0";
  EXPECT_EQ(c.Ask<wire::NoSuchSegment>(SetupOf(none)).offset, -1);
  c.Ask<wire::NoSuchSegment>(SealOf(none));
  c.Ask<wire::NoSuchSegment>(wire::DeleteSegment{.segment = none});
  c.Ask<wire::NoSuchSegment>(wire::TruncateSegment{.segment = none});
  c.Ask<wire::NoSuchSegment>(wire::UpdateSegmentPolicy{.segment = none});
  c.Ask<wire::NoSuchSegment>(wire::GetSegmentAttribute{.segment = none});
  c.Ask<wire::NoSuchSegment>(wire::UpdateSegmentAttribute{.segment = none});
  EXPECT_EQ(c.Ask<wire::ErrorMessage>(CreateOf("")).error_code, wire::RequestError::kIllegalArgument);
}

}  // namespace
}  // namespace pravega::sim
