// Goal: the store does where naive stores go wrong what the real one does.
// Method: one test for each surprise of the protocol that a store can get wrong, with raw commands.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "connector/core/big_endian.h"
#include "connector/core/names.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "connector/wire/event_framing.h"
#include "connector/wire/limits.h"
#include "simulator/segmentstore/store_harness.h"

namespace pravega::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Connection = StoreHarness::Connection;

constexpr int64_t kNever = EventNumber::kNoneValue;
constexpr WriterId kOther{Uuid{0, 5}};

std::string TransactionOf(const char* segment) { return TransactionSegmentName(segment, TxnId{Uuid{1, 2}}); }

std::string Frame(const wire::Command& command) {
  absl::StatusOr<Buffer> frame = wire::EncodeContiguous(command);
  CHECK(frame.ok());
  return frame->ToString();
}

class StorePitfalls : public ::testing::Test {
 protected:
  // A connection on which the segment exists and the writer is set up.
  Connection& Writing(const std::string& segment = kSegment) {
    Connection& connection = harness_.Connect();
    connection.Ask<wire::SegmentCreated>(CreateOf(segment));
    connection.Ask<wire::AppendSetup>(SetupOf(segment));
    return connection;
  }
  int64_t Length(Connection& connection, const std::string& segment = kSegment) {
    return connection.Ask<wire::StreamSegmentInfo>(InfoOfSegment(segment)).write_offset;
  }
  std::string Content(Connection& connection, const std::string& segment = kSegment) {
    return connection.Ask<wire::SegmentRead>(ReadOf(segment, 0)).data.ToString();
  }

  StoreHarness harness_;
};

// wire-1
TEST_F(StorePitfalls, TheSizeLimitCountsTheHeader) {
  Connection& c = Writing();
  // The largest frame: its payload is the limit without the header.
  wire::AppendBlockEnd append = AppendOf("", 1);
  size_t overhead = Frame(append).size();
  append.data = Buffer(std::string(static_cast<size_t>(wire::kMaxFrameBytes) - overhead, 'x'));
  ASSERT_EQ(Frame(append).size(), 0xffffffu);
  EXPECT_EQ(c.Ask<wire::DataAppended>(append).current_segment_write_offset, static_cast<int64_t>(append.data.size()));
  std::string header(8, '\0');
  StoreBigEndian(wire::AppendBlockEnd::kInfo.code(), header.data());
  StoreBigEndian(wire::kMaxPayloadBytes + 1, header.data() + 4);
  c.SendBytes(header);
  EXPECT_TRUE(c.Closes());
  EXPECT_EQ(c.received(), 0u);
}

// wire-3
TEST_F(StorePitfalls, TrailingFieldsMayBeMissingAndSurplusBytesAreIgnored) {
  Connection& c = harness_.Connect();
  std::string shorter = Frame(CreateOf(kSegment));
  shorter.resize(shorter.size() - 8);  // without the rollover size
  StoreBigEndian(static_cast<int32_t>(shorter.size() - 8), shorter.data() + 4);
  c.SendBytes(shorter);
  c.Expect<wire::SegmentCreated>();
  std::string longer = Frame(InfoOfSegment(kSegment)) + "surplus";
  StoreBigEndian(static_cast<int32_t>(longer.size() - 8), longer.data() + 4);
  c.SendBytes(longer);
  c.Expect<wire::StreamSegmentInfo>();
}

// wire-7
TEST_F(StorePitfalls, AFailedConditionOfAMergeIsAnAttributeReply) {
  Connection& c = Writing();
  std::string source = TransactionOf(kSegment);
  c.Ask<wire::SegmentCreated>(CreateOf(source));
  wire::MergeSegments merge{.request_id = kRequest, .target = kSegment, .source = source};
  merge.attribute_updates.push_back({Uuid{9, 9}, wire::AttributeUpdateType::kReplaceIfEquals, 5, 4});
  EXPECT_FALSE(c.Ask<wire::SegmentAttributeUpdated>(merge).success);
  // Nothing was merged, but the source stays sealed.
  EXPECT_TRUE(c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(source)).is_sealed);
}

// wire-8
TEST_F(StorePitfalls, RequestIdsNeedNotBeUnique) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("0123456789", 1));
  c.SendAll({ReadOf(kSegment, 0, 8), ReadOf(kSegment, 2, 8), ReadOf(kSegment, 10)});
  EXPECT_EQ(c.Expect<wire::SegmentRead>().offset, 0);
  EXPECT_EQ(c.Expect<wire::SegmentRead>().offset, 2);
  EXPECT_TRUE(c.StaysSilent(milliseconds(100)));
  c.SendAll({AppendOf("more", 2)});
  // The waiting read under the same id is answered too.
  std::vector<std::string> names;
  for (int i = 0; i < 2; ++i) names.push_back(wire::InfoOf(*c.Receive()).name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"DataAppended", "SegmentRead"}));
}

// wire-9
TEST_F(StorePitfalls, All64BitsOfTheRequestIdAreEchoed) {
  const RequestId id(static_cast<int64_t>(0xfedcba9876543210));
  Connection& c = harness_.Connect();
  auto echoed = [&](wire::Command request) {
    std::visit(
        [&](auto& r) {
          if constexpr (requires { r.request_id; }) r.request_id = id;
        },
        request);
    c.Send(request);
    std::optional<wire::Command> reply = c.Receive();
    return reply.has_value() && wire::RequestIdOf(*reply) == id;
  };
  EXPECT_TRUE(echoed(InfoOfSegment("sc/none/0.#epoch.0")));
  EXPECT_TRUE(echoed(CreateOf(kSegment)));
  EXPECT_TRUE(echoed(CreateOf(kSegment)));
  EXPECT_TRUE(echoed(InfoOfSegment(kSegment)));
  EXPECT_TRUE(echoed(SetupOf(kSegment)));
  EXPECT_TRUE(echoed(AppendOf("data", 1)));
  EXPECT_TRUE(
      echoed(wire::ConditionalAppend{.writer_id = kWriterId, .event_number = EventNumber(2), .expected_offset = 9}));
  EXPECT_TRUE(echoed(ReadOf(kSegment, 0)));
  EXPECT_TRUE(echoed(wire::GetSegmentAttribute{.segment = kSegment}));
  EXPECT_TRUE(echoed(wire::UpdateSegmentAttribute{.segment = kSegment, .new_value = 1, .expected_value = kNever}));
  EXPECT_TRUE(echoed(wire::UpdateSegmentPolicy{.segment = kSegment}));
  EXPECT_TRUE(echoed(wire::TruncateSegment{.segment = kSegment, .truncation_offset = 1}));
  EXPECT_TRUE(echoed(ReadOf(kSegment, 0)));
  EXPECT_TRUE(echoed(wire::MergeSegments{.target = kSegment, .source = "sc/st/0.#epoch.9"}));
  EXPECT_TRUE(echoed(wire::MergeSegmentsBatch{.target = kSegment}));
  EXPECT_TRUE(echoed(wire::CreateTransientSegment{}));
  EXPECT_TRUE(echoed(SealOf(kSegment)));
  EXPECT_TRUE(echoed(SealOf(kSegment)));
  EXPECT_TRUE(echoed(wire::DeleteSegment{.segment = kSegment}));
}

// wire-11
TEST_F(StorePitfalls, ManyFailuresHaveNoReplyTheConnectionJustCloses) {
  Connection& setup = Writing();
  setup.Ask<wire::DataAppended>(AppendOf("0123456789", 1));
  setup.Ask<wire::SegmentSealed>(SealOf(kSegment));
  const wire::Command closing[] = {
      ReadOf(kSegment, -1),
      ReadOf(kSegment, 11),
      AppendOf("x", 1),
      wire::SegmentCreated{},
      wire::PartialEvent{},
      wire::Event{},
      wire::LocateOffset{},
      wire::OffsetLocated{},
      wire::FlushToStorage{},
      wire::ListStorageChunks{.segment = kSegment},
      wire::MergeSegments{.target = kSegment, .source = kSegment},
  };
  for (const wire::Command& request : closing) {
    SCOPED_TRACE(wire::InfoOf(request).name);
    Connection& c = harness_.Connect();
    if (std::holds_alternative<wire::MergeSegments>(request)) {
      // Into itself makes no sense while it is open.
      c.Ask<wire::SegmentCreated>(CreateOf("sc/open/0.#epoch.0"));
      c.Send(wire::MergeSegments{.target = "sc/open/0.#epoch.0", .source = "sc/open/0.#epoch.0"});
    } else {
      c.Send(request);
    }
    EXPECT_TRUE(c.Closes());
    EXPECT_EQ(c.received(), 0u);
  }
  // An unknown command; and the requests of others on the same connection die as well.
  Connection& shared = harness_.Connect();
  shared.Ask<wire::SegmentCreated>(CreateOf("sc/other/0.#epoch.0"));
  shared.Send(ReadOf("sc/other/0.#epoch.0", 0));
  EXPECT_TRUE(shared.StaysSilent(milliseconds(100)));
  shared.SendBytes(std::string("\0\0\0\x48\0\0\0\0", 8));
  EXPECT_TRUE(shared.Closes());
  EXPECT_EQ(shared.received(), 0u);
  EXPECT_NE(harness_.log().back().find("unknown command 72"), std::string::npos) << harness_.log().back();
}

// wire-11, of appends
TEST_F(StorePitfalls, AnAppendToAMergedSegmentClosesAndToADeletedOneDoesNot) {
  Connection& c = Writing();
  std::string txn = TransactionOf(kSegment);
  c.Ask<wire::SegmentCreated>(CreateOf(txn));
  c.Ask<wire::AppendSetup>(SetupOf(txn, kOther));
  c.Ask<wire::SegmentsMerged>(wire::MergeSegments{.target = kSegment, .source = txn});
  c.Send(AppendOf("late", 1, 1, kOther));
  EXPECT_TRUE(c.Closes());
  EXPECT_EQ(c.received(), 0u);

  Connection& d = harness_.Connect();
  d.Ask<wire::SegmentCreated>(CreateOf("sc/gone/0.#epoch.0"));
  d.Ask<wire::AppendSetup>(SetupOf("sc/gone/0.#epoch.0"));
  d.Ask<wire::SegmentDeleted>(wire::DeleteSegment{.segment = "sc/gone/0.#epoch.0"});
  EXPECT_EQ(d.Ask<wire::NoSuchSegment>(AppendOf("late", 1)).offset, -1);
}

// wire-12
TEST_F(StorePitfalls, TheSameEventNumberTwiceIsStoredTwiceAndAckedOnce) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("once", 1));
  c.SendAll({AppendOf("once", 1), AppendOf("next", 2)});
  EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), 2);
  EXPECT_EQ(Content(c), "onceoncenext");
  // A lower number ends the connection.
  c.Send(AppendOf("back", 1));
  EXPECT_TRUE(c.Closes());
}

// wire-12: only the handshake de-duplicates
TEST_F(StorePitfalls, AppendSetupTellsTheLastNumberEvenOfAppendsStillOnTheirWay) {
  Connection& old_connection = Writing();
  old_connection.Ask<wire::DataAppended>(AppendOf("a", 1));
  harness_.durable_faults().appends = {{.fault = DurableFault::kNone, .slow_by = seconds(2)}};
  old_connection.SendAll({AppendOf("b", 2)});
  harness_.Pass(milliseconds(100));
  old_connection.Reset();
  Connection& c = harness_.Connect();
  EXPECT_EQ(c.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), 2);
  EXPECT_EQ(c.Ask<wire::DataAppended>(AppendOf("c", 3)).previous_event_number.value(), 2);
  EXPECT_EQ(Content(c), "abc");
}

// Fencing: the connection whose view of the writer is old loses it.
TEST_F(StorePitfalls, OfTwoConnectionsWithOneWriterTheStaleOneIsClosed) {
  Connection& first = Writing();
  Connection& second = harness_.Connect();
  second.Ask<wire::AppendSetup>(SetupOf(kSegment));
  second.Ask<wire::DataAppended>(AppendOf("x", 1));
  wire::InvalidEventNumber invalid = first.Ask<wire::InvalidEventNumber>(AppendOf("y", 2));
  EXPECT_EQ(invalid.event_number.value(), 2);
  EXPECT_EQ(invalid.request_id, kRequest);
  EXPECT_TRUE(first.Closes());
  EXPECT_EQ(Content(second), "x");
}

// wire-13
TEST_F(StorePitfalls, OfAppendsInFlightAtASealOneIsAnsweredAndTheWriterIsForgotten) {
  Connection& c = Writing();
  c.SendAll({AppendOf("a", 1), SealOf(kSegment), AppendOf("b", 2), AppendOf("c", 3), AppendOf("d", 4)});
  EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), 1);
  c.Expect<wire::SegmentSealed>();
  wire::SegmentIsSealed sealed = c.Expect<wire::SegmentIsSealed>();
  EXPECT_GT(sealed.offset, 1);
  EXPECT_TRUE(c.StaysSilent(seconds(1)));
  c.Send(AppendOf("e", 5));
  EXPECT_TRUE(c.Closes());
  EXPECT_EQ(c.received(), 0u);
}

// wire-14
TEST_F(StorePitfalls, SetupOnASealedSegmentSucceeds) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("a", 1));
  c.Ask<wire::SegmentSealed>(SealOf(kSegment));
  EXPECT_EQ(c.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), 1);
  EXPECT_EQ(c.Ask<wire::SegmentIsSealed>(AppendOf("b", 2)).offset, 2);
}

// wire-15
TEST_F(StorePitfalls, SealedOffsetIsANumberAnOffsetOrNothing) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("abc", 41));
  c.Send(ReadOf(kSegment, 3));
  Connection& sealer = harness_.Connect();
  sealer.Ask<wire::SegmentSealed>(SealOf(kSegment));
  EXPECT_EQ(c.Expect<wire::SegmentIsSealed>().offset, 3);
  EXPECT_EQ(c.Ask<wire::SegmentIsSealed>(AppendOf("x", 42)).offset, 42);
  EXPECT_EQ(sealer.Ask<wire::SegmentIsSealed>(SealOf(kSegment)).offset, -1);
}

// wire-16
TEST_F(StorePitfalls, NeverWrittenIsTheSmallestNumberAndZeroAndGapsAreNumbers) {
  Connection& c = harness_.Connect();
  c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  EXPECT_EQ(c.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), kNever);
  EXPECT_EQ(c.Ask<wire::DataAppended>(AppendOf("a", 0)).previous_event_number.value(), kNever);
  EXPECT_EQ(c.Ask<wire::DataAppended>(AppendOf("b", 7)).previous_event_number.value(), 0);
  EXPECT_EQ(c.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), 7);
  c.Ask<wire::AppendSetup>(SetupOf(kSegment, kOther));
  c.Send(AppendOf("c", -1, 1, kOther));
  EXPECT_TRUE(c.Closes());
}

// wire-17
TEST_F(StorePitfalls, AppendsComeInEveryForm) {
  Connection& c = Writing();
  auto end = [](int32_t whole, std::string data, int64_t number) {
    wire::AppendBlockEnd e = AppendOf(std::move(data), number);
    e.size_of_whole_events = whole;
    return e;
  };
  auto block = [](std::string data) {
    return wire::AppendBlock{.writer_id = kWriterId, .data = Buffer(std::move(data))};
  };
  c.SendAll({block("exact;"), end(6, "dropped", 1)});
  EXPECT_EQ(c.Expect<wire::DataAppended>().current_segment_write_offset, 6);
  c.SendAll({block("whole;" + Frame(wire::PartialEvent{.data = Buffer("par")})), end(6, "tial;", 2)});
  EXPECT_EQ(c.Expect<wire::DataAppended>().current_segment_write_offset, 20);
  c.SendAll({block("padded;" + Frame(wire::Padding{.zeros = Buffer(std::string(20, '\0'))})), end(7, "", 3)});
  c.Expect<wire::DataAppended>();
  c.SendAll({end(999, "alone;", 4)});
  c.Expect<wire::DataAppended>();
  // Nothing is stored, but the number is recorded and acknowledged.
  c.SendAll({block(""), end(0, "", 5)});
  EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), 5);
  // The header of a block comes long before its content.
  std::string late = Frame(block("late;"));
  c.SendBytes(late.substr(0, 10));
  EXPECT_TRUE(c.StaysSilent(seconds(5)));
  c.SendBytes(late.substr(10) + Frame(end(5, "", 6)));
  EXPECT_EQ(c.Expect<wire::DataAppended>().event_number.value(), 6);
  EXPECT_EQ(Content(c), "exact;whole;partial;padded;alone;late;");
  EXPECT_EQ(
      c.Ask<wire::SegmentAttribute>(wire::GetSegmentAttribute{.segment = kSegment, .attribute_id = wire::kEventCount})
          .value,
      6);
}

// wire-18
TEST_F(StorePitfalls, BetweenBlockAndEndOthersMayComeButNoAppends) {
  Connection& c = Writing();
  const wire::AppendBlock block{.writer_id = kWriterId, .data = Buffer("data")};
  wire::AppendBlockEnd end = AppendOf("", 1);
  end.size_of_whole_events = 4;
  c.SendAll({block, wire::KeepAlive{}, InfoOfSegment(kSegment), ReadOf("sc/none/0.#epoch.0", 0), end});
  c.Expect<wire::KeepAlive>();
  EXPECT_EQ(c.Expect<wire::StreamSegmentInfo>().write_offset, 0);
  c.Expect<wire::NoSuchSegment>();
  EXPECT_EQ(c.Expect<wire::DataAppended>().current_segment_write_offset, 4);
  for (const wire::Command& inside :
       {wire::Command(SetupOf(kSegment)), wire::Command(block), wire::Command(wire::Padding{}),
        wire::Command(wire::ConditionalAppend{.writer_id = kWriterId})}) {
    Connection& d = harness_.Connect();
    d.Ask<wire::AppendSetup>(SetupOf(kSegment));
    d.SendAll({block, inside});
    EXPECT_TRUE(d.Closes());
  }
}

// wire-19
TEST_F(StorePitfalls, ConditionalAppendStoresTheFrameConditionalBlockEndRawBytes) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(wire::ConditionalAppend{
      .writer_id = kWriterId, .event_number = EventNumber(1), .expected_offset = 0, .event = Buffer("hello")});
  c.Ask<wire::DataAppended>(wire::ConditionalBlockEnd{
      .writer_id = kWriterId, .event_number = EventNumber(2), .expected_offset = 13, .data = Buffer("raw")});
  std::string expected;
  wire::AppendFramedEvent("hello", &expected);
  EXPECT_EQ(Content(c), expected + "raw");
}

// wire-20
TEST_F(StorePitfalls, AFailedConditionPoisonsWhatIsPipelinedBehindIt) {
  Connection& c = Writing();
  const wire::ConditionalBlockEnd failing{
      .writer_id = kWriterId, .event_number = EventNumber(1), .expected_offset = 99, .data = Buffer("no")};
  c.Ask<wire::ConditionalCheckFailed>(failing);
  // Connection and writer stay usable, also with the same number.
  wire::ConditionalBlockEnd again = failing;
  again.expected_offset = 0;
  EXPECT_EQ(c.Ask<wire::DataAppended>(again).previous_event_number.value(), kNever);
  wire::ConditionalBlockEnd fails = failing;
  fails.event_number = EventNumber(2);
  c.SendAll({fails, AppendOf("behind", 3)});
  c.Expect<wire::ConditionalCheckFailed>();
  EXPECT_EQ(c.Expect<wire::InvalidEventNumber>().event_number.value(), 3);
  EXPECT_TRUE(c.Closes());
}

// wire-21
TEST_F(StorePitfalls, AWriterOfTwoSegmentsWritesToTheOneSetUpLast) {
  Connection& c = Writing();
  c.Ask<wire::SegmentCreated>(CreateOf("sc/st/1.#epoch.0"));
  c.Ask<wire::AppendSetup>(SetupOf("sc/st/1.#epoch.0"));
  c.Ask<wire::DataAppended>(AppendOf("data", 1));
  EXPECT_EQ(Length(c), 0);
  EXPECT_EQ(Length(c, "sc/st/1.#epoch.0"), 4);
}

// wire-22
TEST_F(StorePitfalls, ANegativeExpectedOffsetIsNoCondition) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("data", 1));
  EXPECT_EQ(
      c
          .Ask<wire::DataAppended>(wire::ConditionalAppend{
              .writer_id = kWriterId, .event_number = EventNumber(2), .expected_offset = -1, .event = Buffer("e")})
          .current_segment_write_offset,
      13);
}

// wire-23
TEST_F(StorePitfalls, ATailReadWaitsAndCannotBeCancelled) {
  Connection& c = Writing();
  c.Send(ReadOf(kSegment, 0));
  EXPECT_TRUE(c.StaysSilent(seconds(60)));
  Connection& writer = harness_.Connect();
  writer.Ask<wire::AppendSetup>(SetupOf(kSegment));
  writer.Ask<wire::DataAppended>(AppendOf("data", 1));
  wire::SegmentRead read = c.Expect<wire::SegmentRead>();
  EXPECT_EQ(read.data.view(), "data");
  EXPECT_TRUE(read.at_tail);
  EXPECT_FALSE(read.end_of_segment);
  // A client that goes away leaves no trace.
  c.Send(ReadOf(kSegment, 4));
  EXPECT_TRUE(c.StaysSilent(milliseconds(100)));
  c.Reset();
  harness_.Pass(milliseconds(100));
  writer.Ask<wire::DataAppended>(AppendOf("more", 2));
}

// wire-24
TEST_F(StorePitfalls, AnIdleTailReadEndsWithAnEmptyReply) {
  Connection& c = Writing();
  c.SendAll({ReadOf(kSegment, 0), ReadOf(kSegment, 7)});
  EXPECT_TRUE(c.StaysSilent(seconds(99)));
  for (int64_t offset : {0, 7}) {
    wire::SegmentRead read = c.Expect<wire::SegmentRead>();
    EXPECT_EQ(read.offset, offset);
    EXPECT_TRUE(read.data.empty());
    EXPECT_TRUE(read.at_tail);
    EXPECT_FALSE(read.end_of_segment);
  }
  // One that comes later waits as long again.
  c.Send(ReadOf(kSegment, 0));
  EXPECT_TRUE(c.StaysSilent(seconds(99)));
  c.Expect<wire::SegmentRead>();
}

// wire-25
TEST_F(StorePitfalls, TheEndIsOnlySeenByReadsThatLookBeyondIt) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("0123456789", 1));
  EXPECT_FALSE(c.Ask<wire::SegmentRead>(ReadOf(kSegment, 0, 10)).at_tail);
  EXPECT_TRUE(c.Ask<wire::SegmentRead>(ReadOf(kSegment, 0, 11)).at_tail);
  c.Ask<wire::SegmentSealed>(SealOf(kSegment));
  wire::SegmentRead exact = c.Ask<wire::SegmentRead>(ReadOf(kSegment, 0, 10));
  EXPECT_FALSE(exact.at_tail);
  EXPECT_FALSE(exact.end_of_segment);
  wire::SegmentRead beyond = c.Ask<wire::SegmentRead>(ReadOf(kSegment, 0, 11));
  EXPECT_EQ(beyond.data.size(), 10u);
  EXPECT_FALSE(beyond.at_tail);
  EXPECT_TRUE(beyond.end_of_segment);
  wire::SegmentRead empty = c.Ask<wire::SegmentRead>(ReadOf(kSegment, 10, 10));
  EXPECT_TRUE(empty.data.empty());
  EXPECT_TRUE(empty.end_of_segment);
}

// wire-26
TEST_F(StorePitfalls, TheEndOfASegmentIsAnnouncedInThreeWays) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("data", 1));
  c.Send(ReadOf(kSegment, 4));
  Connection& other = harness_.Connect();
  other.Ask<wire::SegmentSealed>(SealOf(kSegment));
  c.Expect<wire::SegmentIsSealed>();
  EXPECT_TRUE(c.Ask<wire::SegmentRead>(ReadOf(kSegment, 0)).end_of_segment);
  c.Ask<wire::SegmentDeleted>(wire::DeleteSegment{.segment = kSegment});
  EXPECT_EQ(c.Ask<wire::NoSuchSegment>(ReadOf(kSegment, 4)).offset, 4);
  // Deleted while somebody waits: an empty reply, then NoSuchSegment.
  c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  c.Send(ReadOf(kSegment, 0));
  EXPECT_TRUE(c.StaysSilent(milliseconds(100)));
  other.Ask<wire::SegmentDeleted>(wire::DeleteSegment{.segment = kSegment});
  wire::SegmentRead gone = c.Expect<wire::SegmentRead>();
  EXPECT_TRUE(gone.data.empty());
  EXPECT_FALSE(gone.end_of_segment);
  c.Ask<wire::NoSuchSegment>(ReadOf(kSegment, 0));
}

// wire-27
TEST_F(StorePitfalls, NoReadReturnsMoreThan2MibAndLessThan8IsAskedInVain) {
  Connection& c = Writing();
  for (int64_t i = 0; i < 3; ++i) c.Ask<wire::DataAppended>(AppendOf(std::string(1 << 20, 'x'), i + 1));
  for (int i = 0; i < 40; ++i) c.Ask<wire::DataAppended>(AppendOf("0123456789", 4 + i));
  EXPECT_EQ(c.Ask<wire::SegmentRead>(ReadOf(kSegment, 3 << 20, 1)).data.size(), 8u);
  EXPECT_EQ(c.Ask<wire::SegmentRead>(ReadOf(kSegment, 3 << 20, -5)).data.size(), 8u);
  wire::SegmentRead large = c.Ask<wire::SegmentRead>(ReadOf(kSegment, 0, 100 << 20));
  EXPECT_LE(large.data.size(), 2u << 20);
  EXPECT_GE(large.data.size(), 1u << 20);
  EXPECT_FALSE(large.at_tail);
}

// wire-28
TEST_F(StorePitfalls, ReadsBeyondTheTailWaitBeyondASealedEndTheyClose) {
  Connection& c = Writing();
  c.Send(ReadOf(kSegment, 6));
  Connection& writer = harness_.Connect();
  writer.Ask<wire::AppendSetup>(SetupOf(kSegment));
  writer.Ask<wire::DataAppended>(AppendOf("0123", 1));
  EXPECT_TRUE(c.StaysSilent(seconds(1)));
  writer.Ask<wire::DataAppended>(AppendOf("4567", 2));
  EXPECT_EQ(c.Expect<wire::SegmentRead>().data.view(), "67");
  writer.Ask<wire::SegmentSealed>(SealOf(kSegment));
  c.Send(ReadOf(kSegment, 9));
  EXPECT_TRUE(c.Closes());
}

// wire-29
TEST_F(StorePitfalls, AUselessReadAtZeroIsAnsweredLikeAnyOther) {
  Connection& c = Writing();
  c.Ask<wire::DataAppended>(AppendOf("0123456789", 1));
  c.Ask<wire::SegmentTruncated>(wire::TruncateSegment{.segment = kSegment, .truncation_offset = 4});
  c.SendAll({ReadOf(kSegment, 0), ReadOf(kSegment, 4)});
  wire::SegmentIsTruncated truncated = c.Expect<wire::SegmentIsTruncated>();
  EXPECT_EQ(truncated.start_offset, 4);
  EXPECT_EQ(truncated.offset, 0);
  EXPECT_EQ(c.Expect<wire::SegmentRead>().data.view(), "456789");
}

}  // namespace
}  // namespace pravega::sim
