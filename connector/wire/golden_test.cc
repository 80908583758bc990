// Goal: our reading of the protocol is that of the official implementation. Method: frames that were exchanged with it
// decode to the values that are known to be in them, and encode to the same bytes again.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/uuid.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"
#include "connector/wire/frame_parser.h"
#include "connector/wire/frames_for_test.h"
#include "connector/wire/print.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

const RequestId kRid(0x0000000700000001);
const WriterId kWriter{Uuid{0x0011223344556677, 0x8899aabbccddeeff}};
const std::string kSeg = "sc/st/0.#epoch.0";
const std::string kTxn = "sc/st/0.#epoch.0#transaction.00000000000000010000000000000002";
const std::string kKvt = "sc/kvt_kvtable/0.#epoch.0";
constexpr int64_t kMin64 = kNullAttributeValue;

Buffer Bytes(std::string_view text) { return Buffer::Copy(text); }
Buffer Hex(std::string_view hex) { return Buffer(FromHex(hex)); }

// What the frames of golden_frames.txt hold, line by line.
std::vector<Command> GoldenCommands() {
  const Buffer framed_hello = Hex("000000000000000568656c6c6f");
  return {
      Hello{.high_version = 17, .low_version = 5},
      Padding{.zeros = Hex("00000000")},
      PartialEvent{.data = Hex("0000000000000003ab")},
      FlushToStorage{.container_id = ContainerId(2), .token = "", .request_id = kRid},
      StorageFlushed{.request_id = kRid},
      ListStorageChunks{.segment = kSeg, .token = "", .request_id = kRid},
      StorageChunksListed{.request_id = kRid,
                          .chunks = {ChunkInfo{.length_in_metadata = 10,
                                               .length_in_storage = 10,
                                               .start_offset = 0,
                                               .chunk_name = "c",
                                               .exists_in_storage = true}}},
      SetupAppend{.request_id = kRid, .writer_id = kWriter, .segment = kSeg, .token = ""},
      AppendSetup{.request_id = kRid, .segment = kSeg, .writer_id = kWriter, .last_event_number = EventNumber::None()},
      AppendBlock{.writer_id = kWriter, .data = framed_hello},
      AppendBlockEnd{.writer_id = kWriter,
                     .size_of_whole_events = 13,
                     .data = {},
                     .num_events = 1,
                     .last_event_number = EventNumber(1),
                     .request_id = kRid},
      ConditionalAppend{.writer_id = kWriter,
                        .event_number = EventNumber(1),
                        .expected_offset = 13,
                        .event = Bytes("hello"),
                        .request_id = kRid},
      ConditionalBlockEnd{.writer_id = kWriter,
                          .event_number = EventNumber(0),
                          .expected_offset = 0,
                          .data = framed_hello,
                          .request_id = kRid},
      DataAppended{.writer_id = kWriter,
                   .event_number = EventNumber(1),
                   .previous_event_number = EventNumber::None(),
                   .request_id = kRid,
                   .current_segment_write_offset = 13},
      ConditionalCheckFailed{.writer_id = kWriter, .event_number = EventNumber(1), .request_id = kRid},
      ReadSegment{.segment = kSeg, .offset = 0, .suggested_length = 1048576, .token = "", .request_id = kRid},
      SegmentRead{.segment = kSeg,
                  .offset = 0,
                  .at_tail = true,
                  .end_of_segment = false,
                  .data = framed_hello,
                  .request_id = kRid},
      GetStreamSegmentInfo{.request_id = kRid, .segment = kSeg, .token = ""},
      StreamSegmentInfo{.request_id = kRid,
                        .segment = kSeg,
                        .exists = true,
                        .is_sealed = false,
                        .is_deleted = false,
                        .last_modified = 1700000000000,
                        .write_offset = 13,
                        .start_offset = 0},
      CreateSegment{.request_id = kRid,
                    .segment = kSeg,
                    .target_rate = 0,
                    .scale_type = ScaleType::kFixed,
                    .token = "",
                    .rollover_size_bytes = 0},
      SegmentCreated{.request_id = kRid, .segment = kSeg},
      SealSegment{.request_id = kRid, .segment = kSeg, .token = ""},
      SegmentSealed{.request_id = kRid, .segment = kSeg},
      DeleteSegment{.request_id = kRid, .segment = kSeg, .token = ""},
      SegmentDeleted{.request_id = kRid, .segment = kSeg},
      UpdateSegmentPolicy{.request_id = kRid,
                          .segment = kSeg,
                          .target_rate = 100,
                          .scale_type = ScaleType::kEventsPerSecond,
                          .token = ""},
      SegmentPolicyUpdated{.request_id = kRid, .segment = kSeg},
      GetSegmentAttribute{.request_id = kRid, .segment = kSeg, .attribute_id = kWriter.uuid, .token = ""},
      SegmentAttribute{.request_id = kRid, .value = kMin64},
      UpdateSegmentAttribute{.request_id = kRid,
                             .segment = kSeg,
                             .attribute_id = kWriter.uuid,
                             .new_value = 13,
                             .expected_value = kMin64,
                             .token = ""},
      SegmentAttributeUpdated{.request_id = kRid, .success = true},
      TruncateSegment{.request_id = kRid, .segment = kSeg, .truncation_offset = 13, .token = ""},
      SegmentTruncated{.request_id = kRid, .segment = kSeg},
      CreateTransientSegment{.request_id = kRid, .writer_id = kWriter, .parent_segment = kSeg, .token = ""},
      LocateOffset{.request_id = kRid, .segment = kSeg, .target_offset = 100, .token = ""},
      OffsetLocated{.request_id = kRid, .segment = kSeg, .offset = 104},
      WrongHost{.request_id = kRid, .segment = kSeg, .correct_host = "", .server_stack_trace = ""},
      SegmentIsSealed{.request_id = kRid, .segment = kSeg, .server_stack_trace = "", .offset = 13},
      SegmentAlreadyExists{.request_id = kRid, .segment = kSeg, .server_stack_trace = ""},
      NoSuchSegment{.request_id = kRid, .segment = kSeg, .server_stack_trace = "", .offset = -1},
      InvalidEventNumber{
          .writer_id = kWriter, .request_id = kRid, .server_stack_trace = "", .event_number = EventNumber(7)},
      SegmentIsTruncated{
          .request_id = kRid, .segment = kSeg, .start_offset = 13, .server_stack_trace = "", .offset = 0},
      OperationUnsupported{.request_id = kRid, .operation_name = "op", .server_stack_trace = ""},
      MergeSegments{.request_id = kRid, .target = kSeg, .source = kTxn, .token = "", .attribute_updates = {}},
      MergeSegments{.request_id = kRid,
                    .target = kSeg,
                    .source = kTxn,
                    .token = "",
                    .attribute_updates = {AttributeUpdate{.attribute_id = kWriter.uuid,
                                                          .type = AttributeUpdateType::kReplaceIfEquals,
                                                          .new_value = 5,
                                                          .old_value = kMin64}}},
      SegmentsMerged{.request_id = kRid, .target = kSeg, .source = kTxn, .new_target_write_offset = 26},
      MergeSegmentsBatch{.request_id = kRid, .target = kSeg, .sources = {kTxn}, .token = ""},
      SegmentsBatchMerged{.request_id = kRid, .target = kSeg, .merged = {MergedSource{kTxn, 26}}},
      AuthTokenCheckFailed{.request_id = kRid, .server_stack_trace = "", .error_code = AuthTokenError::kExpired},
      ErrorMessage{.request_id = kRid, .segment = kSeg, .message = "m", .error_code = RequestError::kIllegalArgument},
      GetTableSegmentInfo{.request_id = kRid, .segment = kKvt, .token = ""},
      TableSegmentInfo{
          .request_id = kRid, .segment = kKvt, .start_offset = 0, .length = 23, .entry_count = 1, .key_length = 4},
      CreateTableSegment{.request_id = kRid,
                         .segment = kKvt,
                         .token = "",
                         .sorted_deprecated = false,
                         .key_length = 4,
                         .rollover_size_bytes = 0},
      DeleteTableSegment{.request_id = kRid, .segment = kKvt, .must_be_empty = false, .token = ""},
      UpdateTableEntries{.request_id = kRid,
                         .segment = kKvt,
                         .token = "",
                         .entries = {TableEntry{{Bytes("key1"), TableKey::kNotExists}, Bytes("v1")}},
                         .table_segment_offset = -1},
      TableEntriesUpdated{.request_id = kRid, .updated_versions = {0}},
      RemoveTableKeys{.request_id = kRid,
                      .segment = kKvt,
                      .token = "",
                      .keys = {TableKey{Bytes("key1"), TableKey::kNoVersion}},
                      .table_segment_offset = -1},
      TableKeysRemoved{.request_id = kRid, .segment = kKvt},
      ReadTable{
          .request_id = kRid, .segment = kKvt, .token = "", .keys = {TableKey{Bytes("key1"), TableKey::kNoVersion}}},
      TableRead{.request_id = kRid,
                .segment = kKvt,
                .entries = {TableEntry{{Bytes("key1"), 0}, Bytes("v1")},
                            TableEntry{{Bytes("key2"), TableKey::kNotExists}, Buffer()}}},
      TableSegmentNotEmpty{.request_id = kRid, .segment = kKvt, .server_stack_trace = ""},
      TableKeyDoesNotExist{.request_id = kRid, .segment = kKvt, .server_stack_trace = ""},
      TableKeyBadVersion{.request_id = kRid, .segment = kKvt, .server_stack_trace = ""},
      ReadTableKeys{.request_id = kRid,
                    .segment = kKvt,
                    .token = "",
                    .suggested_key_count = 10,
                    .args = {.continuation_token = {}, .from_key = Bytes("key0"), .to_key = Bytes("key9")}},
      TableKeysRead{
          .request_id = kRid, .segment = kKvt, .keys = {TableKey{Bytes("key1"), 0}}, .continuation_token = {}},
      ReadTableEntries{.request_id = kRid, .segment = kKvt, .token = "", .suggested_entry_count = 10, .args = {}},
      TableEntriesRead{.request_id = kRid,
                       .segment = kKvt,
                       .entries = {TableEntry{{Bytes("key1"), 0}, Bytes("v1")}},
                       .continuation_token = {}},
      TableEntriesDeltaRead{.request_id = kRid,
                            .segment = kKvt,
                            .entries = {TableEntry{{Bytes("key1"), 0}, Bytes("v1")}},
                            .should_clear = false,
                            .reached_end = true,
                            .last_position = 23},
      ReadTableEntriesDelta{
          .request_id = kRid, .segment = kKvt, .token = "", .from_position = 0, .suggested_entry_count = 100},
      KeepAlive{},
  };
}

void ExpectSameBytes(const std::string& name, const std::string& hex) {
  absl::StatusOr<Command> command = ParseOne(FromHex(hex));
  ASSERT_TRUE(command.ok()) << name << ": " << command.status();
  EXPECT_EQ(InfoOf(*command).name, name);
  EXPECT_EQ(ToHex(BytesOf(*command)), hex) << *command;
}

TEST(GoldenFrames, DecodeToTheKnownFieldsAndEncodeToTheSameBytes) {
  std::vector<std::vector<std::string>> lines = ReadTestData("golden_frames.txt");
  std::vector<Command> expected = GoldenCommands();
  ASSERT_EQ(lines.size(), expected.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    SCOPED_TRACE(lines[i][0]);
    absl::StatusOr<Command> command = ParseOne(FromHex(lines[i][1]));
    ASSERT_TRUE(command.ok()) << command.status();
    EXPECT_EQ(InfoOf(*command).name, lines[i][0]);
    EXPECT_TRUE(Same(*command, expected[i]));
    EXPECT_EQ(ToHex(BytesOf(expected[i])), lines[i][1]);
  }
}

TEST(GoldenFrames, ThereIsOneOfEveryCommandThatTravelsAlone) {
  std::set<std::string> names;
  for (const std::vector<std::string>& line : ReadTestData("golden_frames.txt")) names.insert(line[0]);
  for (const CommandInfo& info : AllCommands()) {
    // An Event stands in segments and inside ConditionalAppend, never on the wire by itself.
    EXPECT_EQ(names.contains(info.name), info.type != Event::kType) << info.name;
  }
}

TEST(GoldenSession, EveryFrameComesBackAndBothDirectionsParseAsStreams) {
  std::vector<std::vector<std::string>> lines = ReadTestData("golden_session.txt");
  ASSERT_EQ(lines.size(), 107u);
  std::map<std::string, std::pair<std::string, size_t>> streams;
  int closed = 0;
  for (const std::vector<std::string>& line : lines) {
    if (line[0] == "closed") {
      ++closed;
      continue;
    }
    ExpectSameBytes(line[1], line[2]);
    streams[line[0]].first += FromHex(line[2]);
    ++streams[line[0]].second;
  }
  EXPECT_EQ(closed, 2);
  for (const auto& [direction, stream] : streams) {
    for (size_t chunk : {1, 7, 1000, 1 << 20}) {
      absl::StatusOr<std::vector<Command>> commands = ParseAll(stream.first, chunk);
      ASSERT_TRUE(commands.ok()) << commands.status();
      EXPECT_EQ(commands->size(), stream.second) << direction << " in chunks of " << chunk;
    }
  }
}

// Values that are written in the description of the session, some of them only there.
TEST(GoldenSession, HoldsTheKnownValues) {
  std::vector<Command> session;
  for (const std::vector<std::string>& line : ReadTestData("golden_session.txt")) {
    if (line[0] != "closed") session.push_back(ParseOne(FromHex(line[2])).value());
  }
  auto contains = [&session](const Command& wanted) {
    for (const Command& command : session) {
      if (Same(command, wanted)) return true;
    }
    return false;
  };
  EXPECT_TRUE(contains(StreamSegmentInfo{.request_id = kRid,
                                         .segment = kSeg,
                                         .exists = true,
                                         .is_sealed = false,
                                         .is_deleted = false,
                                         .last_modified = 1795423014984,
                                         .write_offset = 0,
                                         .start_offset = 0}));
  EXPECT_TRUE(contains(DataAppended{.writer_id = kWriter,
                                    .event_number = EventNumber(3),
                                    .previous_event_number = EventNumber(2),
                                    .request_id = kRid,
                                    .current_segment_write_offset = 39}));
  EXPECT_TRUE(contains(SegmentAttributeUpdated{.request_id = kRid, .success = false}));
  EXPECT_TRUE(contains(SegmentCreated{
      .request_id = kRid,
      .segment = kSeg + "#transient.00112233445566778899aabbccddeeff.89f50e3cb070430eba60948a42c345c9"}));
  EXPECT_TRUE(contains(SegmentsBatchMerged{.request_id = kRid, .target = kSeg, .merged = {MergedSource{kTxn, 52}}}));
  EXPECT_TRUE(contains(ErrorMessage{.request_id = kRid,
                                    .segment = kKvt,
                                    .message = "ContinuationToken not supported for FixedKeyLengthTableSegments.",
                                    .error_code = RequestError::kIllegalArgument}));
  EXPECT_TRUE(contains(TableKeysRead{.request_id = kRid,
                                     .segment = kKvt,
                                     .keys = {TableKey{Bytes("key1"), 0}},
                                     .continuation_token = Hex("0000010000000005046b657931")}));
  EXPECT_TRUE(contains(ReadTableKeys{.request_id = kRid,
                                     .segment = kKvt,
                                     .token = "",
                                     .suggested_key_count = 10,
                                     .args = {.continuation_token = Bytes("zz"), .from_key = {}, .to_key = {}}}));
}

// wire-2: stack traces are ordinary strings, thousands of bytes long.
TEST(GoldenSession, StackTracesOfThousandsOfBytesAreOrdinaryStrings) {
  std::map<std::string, size_t> longest;
  for (const std::vector<std::string>& line : ReadTestData("golden_session.txt")) {
    if (line[0] == "closed") continue;
    Command command = ParseOne(FromHex(line[2])).value();
    std::visit(
        [&longest](const auto& c) {
          if constexpr (requires { c.server_stack_trace; }) {
            longest[c.kInfo.name] = std::max(longest[c.kInfo.name], c.server_stack_trace.size());
          }
        },
        command);
  }
  EXPECT_EQ(longest["NoSuchSegment"], 1203u);
  EXPECT_EQ(longest["SegmentAlreadyExists"], 1835u);
  EXPECT_EQ(longest["InvalidEventNumber"], 1948u);
  EXPECT_EQ(longest["SegmentIsSealed"], 1709u);
  EXPECT_EQ(longest["TableKeyBadVersion"], 2066u);
  EXPECT_EQ(longest["TableKeyDoesNotExist"], 1298u);
  EXPECT_EQ(longest["TableSegmentNotEmpty"], 1968u);
  EXPECT_EQ(longest["OperationUnsupported"], 988u);
}

TEST(JavaFrames, EncodeToTheSameBytes) {
  std::vector<std::vector<std::string>> lines = ReadTestData("java_frames.txt");
  ASSERT_EQ(lines.size(), 33u);
  for (const std::vector<std::string>& line : lines) ExpectSameBytes(line[1], line[2]);
}

TEST(JavaFrames, HoldTheKnownValues) {
  std::multimap<std::string, Command> frames;
  for (const std::vector<std::string>& line : ReadTestData("java_frames.txt")) {
    frames.emplace(line[1], ParseOne(FromHex(line[2])).value());
  }
  const Command expected[] = {
      UpdateSegmentAttribute{.request_id = RequestId(0x51f00000003),
                             .segment = "golden/_MARKs1/0.#epoch.0",
                             .attribute_id = kRevisionStreamClientMark,
                             .new_value = 0,
                             .expected_value = kMin64},
      SegmentIsTruncated{
          .request_id = RequestId(0x3200000000), .segment = "golden/s1/1.#epoch.0", .start_offset = 132, .offset = 0},
      SegmentsBatchMerged{
          .request_id = RequestId(0x41100000000),
          .target = "golden/s1/0.#epoch.0",
          .merged = {MergedSource{"golden/s1/0.#epoch.0#transaction.00000000000000000000000000000001", 34}}},
      SegmentRead{.segment = "golden/s1/2.#epoch.1",
                  .offset = 0,
                  .at_tail = false,
                  .end_of_segment = true,
                  .request_id = RequestId(0x2c00000000)},
      ConditionalAppend{.writer_id = {Uuid{0x319169b6a87b4b8d, 0xaaf5f6560b0d34d1}},
                        .event_number = EventNumber(1),
                        .expected_offset = 698,
                        .event = Hex("000000020000000e0009000100000000050003637031"),
                        .request_id = RequestId(0x2a00000002)},
  };
  for (const Command& command : expected) {
    EXPECT_TRUE(Same(frames.find(InfoOf(command).name)->second, command));
  }
}

TEST(CapturedFrames, All646DecodeAndEncodeToTheSameBytes) {
  std::vector<std::vector<std::string>> lines = ReadTestData("captured_frames.txt");
  std::set<std::string> commands;
  size_t frames = 0;
  for (const std::vector<std::string>& line : lines) {
    std::string bytes = FromHex(line[2]);
    absl::StatusOr<Command> command = ParseOne(bytes);
    ASSERT_TRUE(command.ok()) << line[2] << ": " << command.status();
    ASSERT_EQ(ToHex(BytesOf(*command)), line[2]) << *command;
    Direction seen = line[1] == ">" ? Direction::kRequest : Direction::kReply;
    Direction declared = InfoOf(*command).direction;
    EXPECT_TRUE(declared == Direction::kBoth || declared == seen) << *command;
    commands.insert(InfoOf(*command).name);
    ++frames;
  }
  EXPECT_EQ(frames, 646u);
  EXPECT_EQ(commands.size(), 26u);
}

TEST(CapturedFrames, ConnectionsParseAsStreamsHoweverTheyAreSplit) {
  std::map<std::pair<std::string, std::string>, std::string> streams;
  for (const std::vector<std::string>& line : ReadTestData("captured_frames.txt")) {
    streams[{line[0], line[1]}] += FromHex(line[2]);
  }
  EXPECT_EQ(streams.size(), 2 * 63u);
  for (const auto& [connection, bytes] : streams) {
    absl::StatusOr<std::vector<Command>> whole = ParseAll(bytes, bytes.size());
    ASSERT_TRUE(whole.ok()) << whole.status();
    for (size_t chunk : {1, 3, 64, 1021}) {
      absl::StatusOr<std::vector<Command>> split = ParseAll(bytes, chunk);
      ASSERT_TRUE(split.ok()) << split.status();
      EXPECT_TRUE(Same(*split, *whole)) << "connection " << connection.first << " in chunks of " << chunk;
    }
  }
}

// wire-6: the order of fields follows no rule; where the request id and the rate stand is pinned here byte by byte.
TEST(FieldOrder, IsThatOfTheProtocol) {
  const std::string rid = "1111111111111111";
  const std::string writer = "00112233445566778899aabbccddeeff";
  const RequestId request_id(0x1111111111111111);
  auto payload = [](const Command& command) { return ToHex(BytesOf(command)).substr(16); };
  EXPECT_EQ(payload(SetupAppend{.request_id = request_id, .writer_id = kWriter, .segment = "s", .token = "t"}),
            rid + writer + "000173" + "000174");
  EXPECT_EQ(payload(AppendSetup{
                .request_id = request_id, .segment = "s", .writer_id = kWriter, .last_event_number = EventNumber(2)}),
            rid + "000173" + writer + "0000000000000002");
  EXPECT_EQ(
      payload(ReadSegment{.segment = "s", .offset = 2, .suggested_length = 3, .token = "t", .request_id = request_id}),
      "000173" + std::string("0000000000000002") + "00000003" + "000174" + rid);
  EXPECT_EQ(payload(CreateSegment{.request_id = request_id,
                                  .segment = "s",
                                  .target_rate = 7,
                                  .scale_type = ScaleType::kKilobytesPerSecond,
                                  .token = "t",
                                  .rollover_size_bytes = 9}),
            rid + "000173" + "00000007" + "01" + "000174" + "0000000000000009");
  EXPECT_EQ(payload(FlushToStorage{.container_id = ContainerId(2), .token = "t", .request_id = request_id}),
            "00000002" + std::string("000174") + rid);
  EXPECT_EQ(
      payload(ConditionalCheckFailed{.writer_id = kWriter, .event_number = EventNumber(2), .request_id = request_id}),
      writer + "0000000000000002" + rid);
}

}  // namespace
}  // namespace pravega::wire
