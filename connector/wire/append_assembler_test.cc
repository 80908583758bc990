// Goal: an append arrives whole whichever of the protocol's forms the client chose, and whatever a server must close a
// connection on is an error. Names carry the numbers of the forms and of the pitfalls.
#include "connector/wire/append_assembler.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/uuid.h"
#include "connector/wire/commands.h"
#include "connector/wire/event_framing.h"
#include "connector/wire/frames_for_test.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

using ::testing::HasSubstr;

const WriterId kWriter{Uuid{0x0011223344556677, 0x8899aabbccddeeff}};
const WriterId kOther{Uuid{1, 2}};
const std::string kSegment = "sc/st/0.#epoch.0";

using Fed = absl::StatusOr<std::optional<AssembledAppend>>;

AppendAssembler WithWriter() {
  AppendAssembler assembler;
  EXPECT_TRUE(assembler.Feed(SetupAppend{.request_id = RequestId(1), .writer_id = kWriter, .segment = kSegment}).ok());
  return assembler;
}

AppendBlock Block(std::string_view data, WriterId writer = kWriter) { return {writer, Buffer::Copy(data)}; }

AppendBlockEnd End(int32_t whole, std::string_view data, int64_t number, int32_t events = 1,
                   WriterId writer = kWriter) {
  return {.writer_id = writer,
          .size_of_whole_events = whole,
          .data = Buffer::Copy(data),
          .num_events = events,
          .last_event_number = EventNumber(number),
          .request_id = RequestId(77)};
}

std::string Framed(std::string_view data) {
  std::string framed;
  AppendFramedEvent(data, &framed);
  return framed;
}

std::string Record(const Command& record) { return BytesOf(record); }

std::string Data(const AssembledAppend& append) {
  std::string data;
  for (const Buffer& piece : append.data) {
    EXPECT_FALSE(piece.empty());
    data.append(piece.view());
  }
  EXPECT_EQ(data.size(), append.data_bytes);
  return data;
}

// Feeds a block and its end.
Fed Feed(AppendAssembler& assembler, AppendBlock block, AppendBlockEnd end) {
  Fed first = assembler.Feed(std::move(block));
  if (!first.ok()) return first;
  EXPECT_FALSE(first->has_value());
  EXPECT_TRUE(assembler.block_open());
  return assembler.Feed(std::move(end));
}

void ExpectClose(const Fed& fed, std::string_view reason) {
  ASSERT_FALSE(fed.ok());
  EXPECT_EQ(fed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(fed.status().message()), HasSubstr(std::string(reason)));
}

TEST(AppendForms, Form1ExactBlock) {
  AppendAssembler assembler = WithWriter();
  std::string data = Framed("one") + Framed("two");
  Buffer block_data = Buffer::Copy(data);
  Fed fed = Feed(assembler, AppendBlock{kWriter, block_data}, End(static_cast<int32_t>(data.size()), "", 2, 2));
  ASSERT_TRUE(fed.ok()) << fed.status();
  const AssembledAppend& append = **fed;
  EXPECT_EQ(append.writer_id, kWriter);
  EXPECT_EQ(append.segment, kSegment);
  EXPECT_EQ(Data(append), data);
  EXPECT_EQ(append.event_count, 2);
  EXPECT_EQ(append.event_number, EventNumber(2));
  EXPECT_EQ(append.request_id, RequestId(77));
  EXPECT_EQ(append.expected_offset, std::nullopt);
  // No copy.
  ASSERT_EQ(append.data.size(), 1u);
  EXPECT_EQ(append.data[0].data(), block_data.data());
  EXPECT_FALSE(assembler.block_open());
}

// wire-17: the length of the block includes the record behind the whole events.
TEST(AppendForms, Form2PartialEvent) {
  AppendAssembler assembler = WithWriter();
  std::string first = Framed("abc");
  std::string second = Framed("0123456789");
  for (size_t cut = 0; cut <= second.size(); ++cut) {
    std::string block = first + Record(PartialEvent{Buffer::Copy(second.substr(0, cut))});
    Fed fed = Feed(assembler, Block(block), End(11, second.substr(cut), static_cast<int64_t>(cut) + 1, 2));
    ASSERT_TRUE(fed.ok()) << fed.status();
    EXPECT_EQ(Data(**fed), first + second);
  }
}

TEST(AppendForms, Form2WithoutAnyWholeEvent) {
  AppendAssembler assembler = WithWriter();
  std::string event = Framed("0123456789");
  Fed fed = Feed(assembler, Block(Record(PartialEvent{Buffer::Copy(event.substr(0, 5))})), End(0, event.substr(5), 1));
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_EQ(Data(**fed), event);
}

TEST(AppendForms, Form3Padded) {
  AppendAssembler assembler = WithWriter();
  std::string data = Framed("abc");
  for (size_t zeros : {0, 1, 1000}) {
    std::string block = data + Record(Padding{Buffer(std::string(zeros, '\0'))});
    Fed fed = Feed(assembler, Block(block), End(11, "", static_cast<int64_t>(zeros) + 1));
    ASSERT_TRUE(fed.ok()) << fed.status();
    EXPECT_EQ(Data(**fed), data);
  }
}

TEST(AppendForms, Form4EndAloneIgnoresItsSizeOfWholeEvents) {
  AppendAssembler assembler = WithWriter();
  int64_t number = 0;
  for (int32_t whole : {11, 0, -1, 1 << 30}) {
    Fed fed = assembler.Feed(End(whole, Framed("abc"), ++number));
    ASSERT_TRUE(fed.ok()) << fed.status();
    EXPECT_EQ(Data(**fed), Framed("abc"));
  }
}

// wire-17: an append without bytes exists and completes like any other.
TEST(AppendForms, Form5EmptyAppend) {
  AppendAssembler assembler = WithWriter();
  Fed fed = Feed(assembler, Block(""), End(0, "", 5));
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_EQ((*fed)->data_bytes, 0u);
  EXPECT_TRUE((*fed)->data.empty());
  EXPECT_EQ((*fed)->event_count, 1);
  EXPECT_EQ((*fed)->event_number, EventNumber(5));
}

// wire-17: if the whole events fill the block, the data of the end are dropped.
TEST(AppendForms, DataOfTheEndAreDroppedBehindAFullBlock) {
  AppendAssembler assembler = WithWriter();
  Fed fed = Feed(assembler, Block(Framed("abc")), End(11, "dropped", 1));
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_EQ(Data(**fed), Framed("abc"));
}

// wire-19: the framing is part of a conditional append, but not of a conditional block.
TEST(ConditionalAppends, OnlyTheEventBringsItsHeader) {
  AppendAssembler assembler = WithWriter();
  Fed fed = assembler.Feed(ConditionalAppend{.writer_id = kWriter,
                                             .event_number = EventNumber(1),
                                             .expected_offset = 13,
                                             .event = Buffer::Copy("hello"),
                                             .request_id = RequestId(3)});
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_EQ(ToHex(Data(**fed)), "000000000000000568656c6c6f");
  EXPECT_EQ((*fed)->expected_offset, 13);
  EXPECT_EQ((*fed)->event_count, 1);
  EXPECT_EQ((*fed)->request_id, RequestId(3));
  EXPECT_EQ((*fed)->segment, kSegment);

  fed = assembler.Feed(ConditionalBlockEnd{.writer_id = kWriter,
                                           .event_number = EventNumber(2),
                                           .expected_offset = 0,
                                           .data = Buffer::Copy("hello"),
                                           .request_id = RequestId(4)});
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_EQ(Data(**fed), "hello");
  EXPECT_EQ((*fed)->expected_offset, 0);
  EXPECT_EQ((*fed)->event_count, 1);
}

// wire-22
TEST(ConditionalAppends, ANegativeOffsetIsNoCondition) {
  AppendAssembler assembler = WithWriter();
  Fed fed = assembler.Feed(ConditionalAppend{
      .writer_id = kWriter, .event_number = EventNumber(1), .expected_offset = -1, .event = Buffer::Copy("e")});
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_EQ((*fed)->expected_offset, std::nullopt);
}

// wire-18: what is not of the append family may come between a block and its end.
TEST(Interleaving, OtherCommandsAreNotTaken) {
  EXPECT_FALSE(AppendAssembler::Takes(KeepAlive{}));
  EXPECT_FALSE(AppendAssembler::Takes(Hello{}));
  EXPECT_FALSE(AppendAssembler::Takes(ReadSegment{}));
  EXPECT_FALSE(AppendAssembler::Takes(GetStreamSegmentInfo{}));
  EXPECT_FALSE(AppendAssembler::Takes(MergeSegments{}));
  EXPECT_FALSE(AppendAssembler::Takes(CreateTransientSegment{}));
}

// wire-18: what is of the append family may not.
TEST(Interleaving, TheAppendFamilyIsAnErrorInsideABlock) {
  const Command intruders[] = {
      SetupAppend{.request_id = RequestId(2), .writer_id = kOther, .segment = kSegment},
      Block("x"),
      ConditionalAppend{.writer_id = kWriter, .event_number = EventNumber(9)},
      ConditionalBlockEnd{.writer_id = kWriter, .event_number = EventNumber(9)},
      Padding{},
      PartialEvent{},
      Event{},
  };
  for (const Command& intruder : intruders) {
    AppendAssembler assembler = WithWriter();
    ASSERT_TRUE(AppendAssembler::Takes(intruder));
    ASSERT_TRUE(assembler.Feed(Block(Framed("abc"))).ok());
    ExpectClose(assembler.Feed(intruder), "between a block of writer 00112233-4455-6677-8899-aabbccddeeff and its end");
  }
}

TEST(Close, WritersThatAreNotSetUp) {
  AppendAssembler assembler;
  ExpectClose(assembler.Feed(Block("x")), "AppendBlock: writer 00112233-4455-6677-8899-aabbccddeeff is not set up");
  assembler = AppendAssembler();
  ExpectClose(assembler.Feed(End(0, "x", 1)), "AppendBlockEnd: writer");
  assembler = AppendAssembler();
  ExpectClose(assembler.Feed(ConditionalAppend{.writer_id = kWriter}), "ConditionalAppend: writer");
  assembler = AppendAssembler();
  ExpectClose(assembler.Feed(ConditionalBlockEnd{.writer_id = kWriter}), "ConditionalBlockEnd: writer");
  assembler = WithWriter();
  assembler.Forget(kWriter);
  ExpectClose(assembler.Feed(End(0, "x", 1)), "is not set up");
}

TEST(Close, EndOfAnotherWriterThanTheBlock) {
  AppendAssembler assembler = WithWriter();
  ASSERT_TRUE(assembler.Feed(SetupAppend{.request_id = RequestId(2), .writer_id = kOther, .segment = "other"}).ok());
  ExpectClose(Feed(assembler, Block("abc"), End(3, "", 1, 1, kOther)), "after a block of writer 00112233");
}

TEST(Close, CountsBelowOne) {
  for (int32_t events : {0, -1}) {
    AppendAssembler assembler = WithWriter();
    ExpectClose(Feed(assembler, Block("abc"), End(3, "", 1, events)), "numEvents is");
  }
}

TEST(Close, EventNumbersThatGoBackwards) {
  AppendAssembler assembler = WithWriter();
  ASSERT_TRUE(assembler.Feed(End(0, "a", 5)).ok());
  // The same number again passes: whether it is a repetition is not known here.
  ASSERT_TRUE(assembler.Feed(End(0, "a", 5)).ok());
  ExpectClose(assembler.Feed(End(0, "a", 4)), "event number 4 of writer 00112233-4455-6677-8899-aabbccddeeff after 5");
  assembler = WithWriter();
  ExpectClose(assembler.Feed(End(0, "a", -1)), "event number -1");
  assembler = WithWriter();
  ASSERT_TRUE(assembler.Feed(End(0, "a", 5)).ok());
  ExpectClose(assembler.Feed(ConditionalAppend{.writer_id = kWriter, .event_number = EventNumber(4)}),
              "ConditionalAppend: event number 4");
}

TEST(EventNumbers, ZeroIsAllowedGapsAreAllowedAndSetupStartsAnew) {
  AppendAssembler assembler = WithWriter();
  EXPECT_TRUE(assembler.Feed(End(0, "a", 0)).ok());
  EXPECT_TRUE(assembler.Feed(End(0, "a", 1000)).ok());
  EXPECT_TRUE(assembler.Feed(SetupAppend{.request_id = RequestId(2), .writer_id = kWriter, .segment = kSegment}).ok());
  EXPECT_TRUE(assembler.Feed(End(0, "a", 1)).ok());
}

// wire-21: appends name no segment, so they go to the one that was set up last.
TEST(Writers, OneWriterIdOnTwoSegmentsGoesToTheLast) {
  AppendAssembler assembler = WithWriter();
  ASSERT_TRUE(assembler.Feed(SetupAppend{.request_id = RequestId(2), .writer_id = kWriter, .segment = "second"}).ok());
  EXPECT_EQ(assembler.Feed(End(0, "a", 1)).value()->segment, "second");
}

// wire-17
TEST(Close, EndsThatContradictTheirBlock) {
  for (int32_t whole : {-1, 4, 1 << 30}) {
    AppendAssembler assembler = WithWriter();
    ExpectClose(Feed(assembler, Block("abc"), End(whole, "", 1)), "but the block has 3 bytes");
  }
}

// wire-17: what is behind the whole events is exactly one PartialEvent or Padding.
TEST(Close, BlocksWithAnythingElseBehindTheWholeEvents) {
  const std::string tails[] = {
      "x",
      std::string(7, '\0'),
      Record(Event{Buffer::Copy("abc")}),
      Record(KeepAlive{}),
      FromHex("fffffffe00000003") + "ab",
      FromHex("fffffffe00000003") + "abcd",
      FromHex("ffffffff00000003") + "abcd",
      FromHex("fffffffeffffffff"),
      FromHex("fffffffe7fffffff") + "abc",
  };
  for (const std::string& tail : tails) {
    AppendAssembler assembler = WithWriter();
    ExpectClose(Feed(assembler, Block(Framed("abc") + tail), End(11, "", 1)),
                "not exactly one PartialEvent or Padding");
  }
}

TEST(Close, DataBehindAPaddedBlock) {
  AppendAssembler assembler = WithWriter();
  ExpectClose(Feed(assembler, Block(Framed("abc") + Record(Padding{})), End(11, "x", 1)), "ends in Padding");
}

TEST(BareRecords, PaddingIsIgnoredEventsCloseTheConnection) {
  AppendAssembler assembler = WithWriter();
  EXPECT_EQ(assembler.Feed(Padding{Buffer::Copy("x")}).value().has_value(), false);
  EXPECT_TRUE(assembler.Feed(End(0, "a", 1)).ok());
  ExpectClose(assembler.Feed(PartialEvent{}), "PartialEvent: not a message of its own");
  ExpectClose(assembler.Feed(Event{}), "Event: not a message of its own");
}

// The blocks that the Java client wrote under load, and all its other appends.
TEST(CapturedAppends, AllAssembleToWholeEvents) {
  std::map<std::string, AppendAssembler> connections;
  int appends = 0;
  int64_t events = 0;
  for (const std::vector<std::string>& line : ReadTestData("captured_frames.txt")) {
    if (line[1] != ">") continue;
    Command command = ParseOne(FromHex(line[2])).value();
    if (!AppendAssembler::Takes(command)) continue;
    Fed fed = connections[line[0]].Feed(std::move(command));
    ASSERT_TRUE(fed.ok()) << line[2] << ": " << fed.status();
    if (!fed->has_value()) continue;
    ++appends;
    events += (*fed)->event_count;
    std::string data = Data(**fed);
    // Byte streams are stored without framing.
    if ((*fed)->segment == "golden/bytes/0.#epoch.0") continue;
    int64_t whole = 0;
    for (size_t at = 0; at < data.size(); ++whole) {
      ASSERT_LE(at + kEventHeaderBytes, data.size());
      absl::StatusOr<size_t> size = ParseEventHeader(std::string_view(data).substr(at));
      ASSERT_TRUE(size.ok()) << (*fed)->segment << ": " << size.status();
      at += kEventHeaderBytes + *size;
      ASSERT_LE(at, data.size());
    }
    // An empty append counts as one event, too.
    EXPECT_EQ(std::max<int64_t>(whole, 1), (*fed)->event_count);
  }
  EXPECT_EQ(appends, 34 + 23);
  EXPECT_GT(events, 120);
}

}  // namespace
}  // namespace pravega::wire
