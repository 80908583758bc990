// Goal: whatever bytes arrive, in whatever pieces, the parser yields the commands that are in them or says what is
// wrong and where. Method: golden frames, split, cut short, lengthened and falsified.
#include "connector/wire/frame_parser.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/big_endian.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "connector/wire/fields.h"
#include "connector/wire/frames_for_test.h"
#include "connector/wire/print.h"
#include "connector/wire/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

using ::testing::HasSubstr;

const WriterId kWriter{Uuid{0x0011223344556677, 0x8899aabbccddeeff}};

std::string Header(int32_t code, int32_t length) {
  std::string header(8, '\0');
  StoreBigEndian(code, header.data());
  StoreBigEndian(length, header.data() + 4);
  return header;
}

std::string Frame(int32_t code, std::string_view payload) {
  return Header(code, static_cast<int32_t>(payload.size())) + std::string(payload);
}

std::vector<std::string> GoldenFrames() {
  std::vector<std::string> frames;
  for (const std::vector<std::string>& line : ReadTestData("golden_frames.txt")) frames.push_back(FromHex(line[1]));
  return frames;
}

int32_t CodeOf(std::string_view frame) { return LoadBigEndian<int32_t>(frame.data()); }

template <typename Predicate>
std::vector<std::string> GoldenFramesIf(Predicate predicate) {
  std::vector<std::string> frames = GoldenFrames();
  std::erase_if(frames, [&](const std::string& frame) { return !predicate(ParseOne(frame).value()); });
  return frames;
}

// Whether the last field takes all remaining bytes, so that the frame has no end of its own.
bool TakesRest(const Command& command) {
  return std::visit(
      [](const auto& c) {
        bool rest = false;
        ForEachField<std::remove_cvref_t<decltype(c)>>(
            [&rest](const auto& field) { rest = rest || field.kEncoding == Encoding::kRest; });
        return rest;
      },
      command);
}

TEST(FrameParser, SplitAtEveryByteGivesTheSameCommand) {
  for (const std::string& frame : GoldenFrames()) {
    Command whole = ParseOne(frame).value();
    for (size_t split = 0; split <= frame.size(); ++split) {
      FrameParser parser;
      parser.Push(Buffer::Copy(std::string_view(frame).substr(0, split)));
      absl::StatusOr<std::optional<Command>> first = parser.Next();
      ASSERT_TRUE(first.ok()) << first.status();
      EXPECT_EQ(first->has_value(), split == frame.size());
      if (split == frame.size()) continue;
      EXPECT_EQ(parser.buffered_bytes(), split);
      parser.Push(Buffer::Copy(std::string_view(frame).substr(split)));
      absl::StatusOr<std::optional<Command>> second = parser.Next();
      ASSERT_TRUE(second.ok()) << second.status();
      ASSERT_TRUE(second->has_value());
      EXPECT_TRUE(Same(**second, whole));
      EXPECT_TRUE(parser.AtEnd().ok());
    }
  }
}

TEST(FrameParser, ChunksOfAnySizeGiveTheSameCommands) {
  std::string stream;
  std::vector<Command> expected;
  for (const std::string& frame : GoldenFrames()) {
    stream += frame;
    expected.push_back(ParseOne(frame).value());
  }
  for (size_t chunk = 1; chunk < 200; ++chunk) {
    absl::StatusOr<std::vector<Command>> commands = ParseAll(stream, chunk);
    ASSERT_TRUE(commands.ok()) << commands.status();
    ASSERT_TRUE(Same(*commands, expected)) << "in chunks of " << chunk;
  }
}

TEST(FrameParser, DataOfAFrameWithinOneChunkAreSlicesOfIt) {
  const std::string data(5000, 'd');
  EncodedFrames frames;
  ASSERT_TRUE(Encode(AppendBlock{kWriter, Buffer::Copy(data)}, &frames).ok());
  ASSERT_TRUE(Encode(AppendBlockEnd{.writer_id = kWriter,
                                    .size_of_whole_events = 5000,
                                    .data = Buffer::Copy(data),
                                    .num_events = 1,
                                    .last_event_number = EventNumber(1)},
                     &frames)
                  .ok());
  ASSERT_TRUE(Encode(SegmentRead{.segment = "s", .data = Buffer::Copy(data)}, &frames).ok());
  std::string bytes;
  for (const Buffer& piece : frames.Take()) bytes.append(piece.view());

  Buffer chunk(bytes);
  const char* begin = chunk.data();
  const char* end = begin + chunk.size();
  FrameParser parser;
  parser.Push(std::move(chunk));
  std::vector<Buffer> slices;
  for (int i = 0; i < 3; ++i) {
    Command command = parser.Next().value().value();
    std::visit(
        [&slices](const auto& c) {
          if constexpr (requires { c.data; }) slices.push_back(c.data);
        },
        command);
  }
  ASSERT_EQ(slices.size(), 3u);
  for (const Buffer& slice : slices) {
    EXPECT_EQ(slice.view(), data);
    EXPECT_GE(slice.data(), begin);
    EXPECT_LE(slice.data() + slice.size(), end);
  }
  EXPECT_FALSE(parser.Next().value().has_value());
}

// wire-1: the limit counts the header, so that a payload of 0xfffff7 bytes is the largest that a server takes.
TEST(FrameParser, ServerTakesPayloadsUpToTheLimitWithTheHeader) {
  constexpr int32_t kLargest = 0xfffff7;
  std::string frame = Header(AppendBlock::kInfo.code(), kLargest) + std::string(kLargest, 'x');
  absl::StatusOr<Command> command = ParseOne(frame, FrameParser::Options::ForServer());
  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_EQ(std::get<AppendBlock>(*command).data.size(), static_cast<size_t>(kLargest) - 16);

  // Refused on the word of the header: nothing else is there yet.
  FrameParser parser(FrameParser::Options::ForServer());
  parser.Push(Buffer(Header(AppendBlock::kInfo.code(), kLargest + 1)));
  absl::StatusOr<std::optional<Command>> refused = parser.Next();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("AppendBlock: length 16777208 at byte 4 of the frame"));
}

// wire-1
TEST(FrameParser, ClientTakesSlightlyLargerPayloads) {
  constexpr int32_t kLargest = 0xffffff;
  std::string frame = Header(SegmentCreated::kInfo.code(), kLargest) + std::string(kLargest, '\0');
  EXPECT_TRUE(ParseOne(frame, FrameParser::Options::ForClient()).ok());
  EXPECT_FALSE(ParseOne(frame, FrameParser::Options::ForServer()).ok());
  FrameParser parser(FrameParser::Options::ForClient());
  parser.Push(Buffer(Header(SegmentCreated::kInfo.code(), kLargest + 1)));
  EXPECT_FALSE(parser.Next().ok());
}

TEST(FrameParser, RefusesNegativeLengths) {
  for (int32_t length : {-1, std::numeric_limits<int32_t>::min()}) {
    FrameParser parser;
    parser.Push(Buffer(Header(ReadSegment::kInfo.code(), length)));
    EXPECT_THAT(std::string(parser.Next().status().message()), HasSubstr(StrCat("ReadSegment: length ", length)));
  }
}

TEST(FrameParser, RefusesUnknownAndRetiredCommandsByTheirHeader) {
  std::vector<int32_t> codes = {72,
                                73,
                                6,
                                13,
                                19,
                                43,
                                54,
                                62,
                                67,
                                92,
                                99,
                                101,
                                -7,
                                -8,
                                -126,
                                -128,
                                1 << 24,
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int32_t>::max()};
  for (int32_t code : codes) {
    EXPECT_EQ(FindCommand(code), nullptr);
    FrameParser parser;
    parser.Push(Buffer(Header(code, 100)));
    absl::Status status = parser.Next().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(StrCat("unknown command ", code, " at byte 0 of the frame")));
  }
}

TEST(FrameParser, KnowsExactlyTheSeventyCommands) {
  int known = 0;
  for (int32_t code = -1000; code <= 1000; ++code) {
    if (FindCommand(code) == nullptr) continue;
    ++known;
    EXPECT_EQ(FindCommand(code)->code(), code);
  }
  EXPECT_EQ(known, 70);
  EXPECT_EQ(AllCommands().size(), 70u);
}

TEST(FrameParser, ErrorsAreFinalAndSayWhereInTheStream) {
  FrameParser parser;
  parser.Push(
      Buffer(BytesOf(KeepAlive{}) + BytesOf(SegmentCreated{RequestId(1), "s"}) + Header(72, 0) + BytesOf(KeepAlive{})));
  EXPECT_TRUE(parser.Next().value().has_value());
  EXPECT_TRUE(parser.Next().value().has_value());
  absl::Status status = parser.Next().status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("frame at byte 27 of the stream: unknown command 72"));
  EXPECT_EQ(parser.Next().status(), status);
  parser.Push(Buffer(BytesOf(KeepAlive{})));
  EXPECT_EQ(parser.Next().status(), status);
  EXPECT_EQ(parser.AtEnd(), status);
}

TEST(FrameParser, EndOfStreamInsideAFrameNamesIt) {
  for (const std::string& frame : GoldenFrames()) {
    for (size_t cut = 1; cut < frame.size(); ++cut) {
      FrameParser parser;
      parser.Push(Buffer::Copy(std::string_view(frame).substr(0, cut)));
      ASSERT_FALSE(parser.Next().value().has_value());
      absl::Status status = parser.AtEnd();
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(status.message()), HasSubstr(StrCat("after ", cut, " of ")));
      if (cut < 8) continue;
      EXPECT_THAT(std::string(status.message()), HasSubstr(FindCommand(CodeOf(frame))->name));
    }
  }
}

// Every field of `cut` is that of `whole`, or the default where the protocol allows it to be absent.
bool IsPrefixWithDefaults(const Command& cut, const Command& whole) {
  if (cut.index() != whole.index()) return false;
  return std::visit(
      [&whole](const auto& c) {
        using C = std::remove_cvref_t<decltype(c)>;
        const C& w = std::get<C>(whole);
        const C defaults{};
        return AllFields<C>([&](const auto& field) {
          const auto& value = c.*field.member;
          if (value == w.*field.member) return true;
          if constexpr (std::remove_cvref_t<decltype(field)>::kEncoding == Encoding::kRest) return true;
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, IteratorArgs>) return true;
          return field.kTrailing && value == defaults.*field.member;
        });
      },
      cut);
}

TEST(FrameParser, PayloadCutAtEveryByteGivesAnErrorOrDefaults) {
  int errors = 0;
  int defaults = 0;
  for (const std::string& frame : GoldenFrames()) {
    Command whole = ParseOne(frame).value();
    std::string_view payload = std::string_view(frame).substr(8);
    for (size_t cut = 0; cut < payload.size(); ++cut) {
      absl::StatusOr<Command> command = ParseOne(Frame(CodeOf(frame), payload.substr(0, cut)));
      if (command.ok()) {
        EXPECT_TRUE(IsPrefixWithDefaults(*command, whole)) << *command << " was " << whole;
        ++defaults;
        continue;
      }
      std::string message(command.status().message());
      EXPECT_EQ(command.status().code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(message, HasSubstr(StrCat(InfoOf(whole).name, ": ")));
      size_t at = message.find(" at byte ", message.find(": "));
      ASSERT_NE(at, std::string::npos) << message;
      EXPECT_LE(std::stoul(message.substr(at + 9)), 8 + cut) << message;
      ++errors;
    }
  }
  EXPECT_GT(errors, 2000);
  EXPECT_GT(defaults, 100);
}

// wire-3: optional fields are those at the end, and only these.
TEST(OptionalFields, AreAbsentAtTheEndWithTheirDefaults) {
  auto cut = [](const Command& command, size_t bytes) {
    std::string frame = BytesOf(command);
    std::string payload = frame.substr(8, frame.size() - 8 - bytes);
    return ParseOne(Frame(CodeOf(frame), payload));
  };
  const RequestId rid(9);
  AppendBlockEnd end{.writer_id = kWriter, .size_of_whole_events = 1, .data = {}, .num_events = 1, .request_id = rid};
  AppendBlockEnd end_without = end;
  end_without.request_id = RequestId(-1);
  EXPECT_TRUE(Same(cut(end, 8).value(), end_without));
  EXPECT_FALSE(cut(end, 9).ok());

  DataAppended ack{.writer_id = kWriter,
                   .event_number = EventNumber(5),
                   .previous_event_number = EventNumber(4),
                   .request_id = rid,
                   .current_segment_write_offset = 77};
  DataAppended shorter = ack;
  shorter.current_segment_write_offset = -1;
  EXPECT_TRUE(Same(cut(ack, 8).value(), shorter));
  shorter.request_id = RequestId(-1);
  EXPECT_TRUE(Same(cut(ack, 16).value(), shorter));
  shorter.previous_event_number = EventNumber(-1);
  EXPECT_TRUE(Same(cut(ack, 24).value(), shorter));
  EXPECT_FALSE(cut(ack, 25).ok());

  NoSuchSegment missing{.request_id = rid, .segment = "s", .server_stack_trace = "trace", .offset = 3};
  NoSuchSegment missing_shorter = missing;
  missing_shorter.offset = -1;
  EXPECT_TRUE(Same(cut(missing, 8).value(), missing_shorter));
  // The remains of an optional number are surplus, the remains of an optional string are an error.
  EXPECT_TRUE(Same(cut(missing, 3).value(), missing_shorter));
  EXPECT_FALSE(cut(missing, 8 + 1).ok());
  missing_shorter.server_stack_trace = "";
  EXPECT_TRUE(Same(cut(missing, 8 + 7).value(), missing_shorter));

  CreateTableSegment create{
      .request_id = rid, .segment = "t", .sorted_deprecated = true, .key_length = 4, .rollover_size_bytes = 5};
  EXPECT_TRUE(Same(cut(create, 13).value(), CreateTableSegment{.request_id = rid, .segment = "t"}));
  MergeSegments merge{
      .request_id = rid, .target = "t", .source = "s", .token = "", .attribute_updates = {AttributeUpdate{}}};
  EXPECT_TRUE(Same(cut(merge, 37).value(), MergeSegments{.request_id = rid, .target = "t", .source = "s"}));

  // Late additions that are mandatory all the same.
  EXPECT_FALSE(cut(TableSegmentNotEmpty{.request_id = rid, .segment = "t", .server_stack_trace = ""}, 2).ok());
  EXPECT_FALSE(cut(TableKeyDoesNotExist{.request_id = rid, .segment = "t", .server_stack_trace = ""}, 2).ok());
  EXPECT_FALSE(cut(TableKeyBadVersion{.request_id = rid, .segment = "t", .server_stack_trace = ""}, 2).ok());
  EXPECT_FALSE(cut(ErrorMessage{.request_id = rid, .segment = "s", .message = "m"}, 4).ok());
}

// wire-3
TEST(OptionalFields, IteratorArgumentsOfOlderPeersEndEarly) {
  ReadTableKeys full{.request_id = RequestId(1),
                     .segment = "t",
                     .token = "",
                     .suggested_key_count = 2,
                     .args = {Buffer::Copy("token"), Buffer::Copy("from"), Buffer::Copy("to")}};
  std::string frame = BytesOf(full);
  auto with_args_cut = [&](size_t bytes) {
    return std::get<ReadTableKeys>(
               ParseOne(Frame(CodeOf(frame), std::string_view(frame).substr(8, frame.size() - 8 - bytes))).value())
        .args;
  };
  EXPECT_EQ(with_args_cut(6), (IteratorArgs{Buffer::Copy("token"), Buffer::Copy("from"), Buffer()}));
  EXPECT_EQ(with_args_cut(6 + 8 + 4), (IteratorArgs{Buffer::Copy("token"), Buffer(), Buffer()}));
  EXPECT_EQ(with_args_cut(6 + 8 + 4 + 9), IteratorArgs{});
}

// wire-3: newer peers add fields behind those that are known.
TEST(OptionalFields, SurplusBytesAreIgnored) {
  std::vector<std::string> frames = GoldenFramesIf([](const Command& command) { return !TakesRest(command); });
  EXPECT_EQ(frames.size(), 67u);
  for (const std::string& frame : frames) {
    for (size_t surplus : {1, 4, 8, 100}) {
      absl::StatusOr<Command> command = ParseOne(Frame(CodeOf(frame), frame.substr(8) + std::string(surplus, '\xff')));
      ASSERT_TRUE(command.ok()) << command.status();
      EXPECT_TRUE(Same(*command, ParseOne(frame).value()));
    }
  }
}

// wire-4: both layouts parse, with swapped meaning.
TEST(InvalidEventNumberLayout, DependsOnThePeersVersion) {
  const std::string writer = FromHex("00112233445566778899aabbccddeeff");
  const std::string seven = FromHex("0000000000000007");
  const std::string stack = FromHex("000161");
  const std::string nine = FromHex("0000000000000009");
  std::string old_frame = Frame(55, writer + seven + stack);
  EXPECT_TRUE(Same(ParseOne(old_frame, {.decode = {.invalid_event_number_before_v16 = true}}).value(),
                   InvalidEventNumber{kWriter, RequestId(-1), "a", EventNumber(7)}));
  EXPECT_TRUE(Same(ParseOne(old_frame).value(), InvalidEventNumber{kWriter, RequestId(7), "a", EventNumber(-1)}));
  EXPECT_TRUE(Same(ParseOne(Frame(55, writer + seven + stack + nine)).value(),
                   InvalidEventNumber{kWriter, RequestId(7), "a", EventNumber(9)}));
  // In either layout the stack trace is optional.
  EXPECT_TRUE(Same(ParseOne(Frame(55, writer + seven), {.decode = {.invalid_event_number_before_v16 = true}}).value(),
                   InvalidEventNumber{kWriter, RequestId(-1), "", EventNumber(7)}));
}

// wire-5: an empty key has no version on the wire, although its own length says so.
TEST(TableKeys, AnEmptyKeyOmitsItsVersion) {
  RemoveTableKeys remove{.request_id = RequestId(1),
                         .segment = "t",
                         .token = "",
                         .keys = {TableKey{Buffer(), TableKey::kNoVersion}, TableKey{Buffer::Copy("k"), 3}},
                         .table_segment_offset = -1};
  std::string frame = BytesOf(remove);
  EXPECT_EQ(ToHex(frame).substr(16),
            "0000000000000001"
            "000174"
            "0000"
            "00000002"
            "0000000c"
            "00000000"
            "0000000d"
            "00000001"
            "6b"
            "0000000000000003"
            "ffffffffffffffff");
  EXPECT_TRUE(Same(ParseOne(frame).value(), remove));
  // A version that the wire cannot carry is lost.
  remove.keys[0].version = 5;
  EXPECT_EQ(BytesOf(remove), frame);
}

TEST(Fields, AnyByteButZeroIsTrueAndIsWrittenAsOne) {
  std::string frame = BytesOf(SegmentAttributeUpdated{RequestId(1), true});
  frame.back() = '\x80';
  EXPECT_TRUE(Same(ParseOne(frame).value(), SegmentAttributeUpdated{RequestId(1), true}));
}

TEST(Fields, ValuesOutsideAnEnumerationAreCarriedAsTheyAre) {
  AuthTokenCheckFailed failed{RequestId(1), "", static_cast<AuthTokenError>(17)};
  EXPECT_TRUE(Same(ParseOne(BytesOf(failed)).value(), failed));
}

// wire-9: all 64 bits of a request id come back.
TEST(Fields, RequestIdsKeepAllBits) {
  for (int64_t id : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0x7fffffff00000001}}) {
    Command created = SegmentCreated{RequestId(id), "s"};
    EXPECT_TRUE(Same(ParseOne(BytesOf(created)).value(), created));
  }
}

TEST(HostileInput, NegativeAndExcessiveLengthsInsideAPayloadAreRefused) {
  const std::string writer(16, 'w');
  struct Case {
    const char* what;
    std::string frame;
    const char* message;
  };
  const std::string rid(8, '\0');
  const Case cases[] = {
      {"negative blob", Frame(4, writer + std::string(4, '\0') + "\xff\xff\xff\xff" + std::string(20, '\0')),
       "AppendBlockEnd: data at byte 28 of the frame: negative length -1"},
      {"long blob", Frame(4, writer + std::string(4, '\0') + "\x7f\xff\xff\xff" + std::string(20, '\0')),
       "AppendBlockEnd: data at byte 28 of the frame: 2147483647 bytes declared, 20 left"},
      {"long string", Frame(21, rid + "\xff\xff" + "abc"),
       "SegmentCreated: segment at byte 16 of the frame: 65535 bytes declared, 3 left"},
      {"negative count", Frame(75, rid + "\x80" + std::string(3, '\0')),
       "TableEntriesUpdated: updatedVersions at byte 16 of the frame: negative count -2147483648"},
      {"huge count", Frame(75, rid + "\x7f\xff\xff\xff" + std::string(8, '\0')),
       "TableEntriesUpdated: updatedVersions at byte 16 of the frame: 2147483647 elements declared, which cannot be"},
      {"malformed string", Frame(21, rid + std::string("\x00\x03", 2) + "a\xff" + "c"),
       "SegmentCreated: segment at byte 19 of the frame: not modified UTF-8"},
      {"no event", Frame(5, writer + rid + rid + std::string("\0\0\0\x1\0\0\0\0", 8) + rid),
       "ConditionalAppend: event at byte 40 of the frame: an event was expected, not type 1"},
  };
  for (const Case& c : cases) {
    absl::StatusOr<Command> command = ParseOne(c.frame);
    ASSERT_FALSE(command.ok()) << c.what;
    EXPECT_THAT(std::string(command.status().message()), HasSubstr(c.message)) << c.what;
  }
}

TEST(CheckHello, BothSidesRefuseWithoutACommonVersion) {
  const Hello us{17, 5};
  EXPECT_TRUE(CheckHello(us, Hello{16, 5}).ok());
  EXPECT_TRUE(CheckHello(us, Hello{5, 1}).ok());
  EXPECT_TRUE(CheckHello(us, Hello{99, 17}).ok());
  EXPECT_EQ(CheckHello(us, Hello{4, 1}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CheckHello(us, Hello{99, 18}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(CommandInfo, RequestIdsAndSegmentsAreFoundWithoutKnowingTheCommand) {
  EXPECT_EQ(RequestIdOf(AppendBlockEnd{.request_id = RequestId(3)}), RequestId(3));
  EXPECT_EQ(RequestIdOf(AppendBlock{}), std::nullopt);
  EXPECT_EQ(RequestIdOf(Hello{}), std::nullopt);
  EXPECT_EQ(RequestIdOf(KeepAlive{}), std::nullopt);
  Command read = ReadSegment{.segment = "s"};
  Command merge = MergeSegments{.target = "t", .source = "u"};
  Command transient = CreateTransientSegment{.parent_segment = "p"};
  EXPECT_EQ(SegmentOf(read), "s");
  EXPECT_EQ(SegmentOf(merge), "t");
  EXPECT_EQ(SegmentOf(transient), "p");
  EXPECT_EQ(SegmentOf(KeepAlive{}), "");
}

}  // namespace
}  // namespace pravega::wire
