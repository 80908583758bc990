// Goal: Java readers understand what is written here, and what they write is understood. Method: payloads that the
// official client classes produced, byte by byte, in both directions.
#include "connector/client/reader_group/serialization.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"
#include "connector/core/stream_cut.h"
#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using ::pravega::testing::FromHex;
using ::pravega::testing::ToHex;

const ScopedStream kStream{"sc", "st"};

SegmentRef Segment(int32_t number, int32_t epoch = 0) { return {kStream, SegmentId(Epoch(epoch), number)}; }
SegmentPosition At(int64_t offset) { return SegmentPosition::At(Offset(offset)); }

ReaderGroupConfig DefaultConfig() {
  ReaderGroupConfig config;
  config.starting_cuts[kStream] = StreamCut();
  config.ending_cuts[kStream] = StreamCut();
  return config;
}

ReaderGroupConfig ConfigOfGeneration3() {
  ReaderGroupConfig config = DefaultConfig();
  config.generation = 3;
  config.id = Uuid{0x0102030405060708, 0x090a0b0c0d0e0f10};
  return config;
}

const char kDefaultConfig[] =
    "000003000000002200000000000075300000000000000bb801000573632f73740001000573632f737400010000002600000000000075300000"
    "000000000bb801000573632f73740001000573632f73740000000003020000001900ffffffffffffffff000000000000000000000000000000"
    "00";

const char kConfigOfGeneration3[] =
    "000003 00 00000022 0000000000007530 0000000000000bb8 01 000573632f7374 00 01 000573632f7374 00"
    "       01 00000026 0000000000007530 0000000000000bb8 01 000573632f7374 00 01 000573632f7374 00 00000003"
    "       02 00000019 00 0000000000000003 0102030405060708 090a0b0c0d0e0f10";

std::string WithoutSpaces(std::string_view hex) { return ToHex(FromHex(hex)); }

TEST(ConfigTest, Golden) {
  EXPECT_EQ(ToHex(*SerializeConfig(DefaultConfig())), kDefaultConfig);
  EXPECT_EQ(*ParseConfig(FromHex(kDefaultConfig)), DefaultConfig());
  EXPECT_EQ(ToHex(*SerializeConfig(ConfigOfGeneration3())), WithoutSpaces(kConfigOfGeneration3));
  EXPECT_EQ(*ParseConfig(FromHex(kConfigOfGeneration3)), ConfigOfGeneration3());
}

TEST(ConfigTest, CutsAreArrays) {
  ReaderGroupConfig config = DefaultConfig();
  config.starting_cuts[kStream] = StreamCut(kStream, {{Segment(0).id, At(10)}});
  config.ending_cuts[kStream] = StreamCut(kStream, {{Segment(0).id, SegmentPosition::Finished()}});
  config.retention = ReaderGroupConfig::Retention::kAutomatic;
  config.max_outstanding_checkpoints = 7;
  std::string bytes = *SerializeConfig(config);
  EXPECT_NE(ToHex(bytes).find("12000101000000000a000573632f737401000a"), std::string::npos);
  EXPECT_EQ(*ParseConfig(bytes), config);
}

// All fields are in revision 1 again; a reader of an older writer's revision 0 has them too.
TEST(ConfigTest, RevisionsThatAreMissingLeaveDefaults) {
  absl::StatusOr<ReaderGroupConfig> config = ParseConfig(
      FromHex("000001 00 00000022 0000000000000001 0000000000000002 01 000573632f7374 00 01 000573632f7374 00"));
  ASSERT_TRUE(config.ok()) << config.status().ToString();
  EXPECT_EQ(config->automatic_checkpoint_interval_ms, 1);
  EXPECT_EQ(config->group_refresh_ms, 2);
  EXPECT_EQ(config->max_outstanding_checkpoints, 3);
  EXPECT_EQ(config->generation, -1);
}

TEST(CheckpointStateTest, Golden) {
  EXPECT_EQ(ToHex(*SerializeCheckpointState(CheckpointState())), "000002000000000400000000010000000101");
  CheckpointState state;
  state.names = {"cp1"};
  state.pending["cp1"] = {"r1"};
  state.positions["cp1"] = {};
  std::string hex = "000002000000001901000363703101000363703101000272310100036370310000010000000101";
  EXPECT_EQ(ToHex(*SerializeCheckpointState(state)), hex);
  EXPECT_EQ(*ParseCheckpointState(FromHex(hex)), state);
}

struct Golden {
  Update update;
  std::string hex;
};

std::vector<Golden> GoldenUpdates() {
  const char s0[] = "001073632f73742f302e2365706f63682e30";
  const char s1[] = "001073632f73742f322e2365706f63682e31";
  const KeyRange low{0, 0.5}, high{0.5, 1}, whole{0, 1};
  Init init_default{DefaultConfig(), {{Segment(0), {At(0), std::nullopt}}}, {}, false};
  Init init_bounded{ConfigOfGeneration3(), {{Segment(0), {At(7), std::nullopt}}}, {{Segment(0), kToItsEnd}}, false};
  Compact compact;
  compact.state.config = DefaultConfig();
  compact.state.checkpoints.names = {"cp1"};
  compact.state.checkpoints.pending["cp1"] = {"r1"};
  compact.state.checkpoints.positions["cp1"] = {};
  compact.state.distance_to_tail["r1"] = std::numeric_limits<int64_t>::max();
  compact.state.assigned["r1"][Segment(0)] = At(0);
  compact.state.last_read[Segment(0)] = At(0);
  std::string config = kDefaultConfig;
  return {
      {init_default, "00000003000000009073" + config +
                         "01001073632f73742f302e2365706f63682e300000000000000000"
                         "00010000002b01001073632f73742f302e2365706f63682e30bff0"
                         "000000000000bff00000000000000000000000000000020000000100"},
      {init_bounded, std::string("0000 0003 00 000000aa 73") + kConfigOfGeneration3 + "01" + s0 +
                         "0000000000000007 01" + s0 + "7fffffffffffffff 01 0000002b 01" + s0 +
                         "bff0000000000000 bff0000000000000 0000000000000007 02 00000001 00"},
      {compact, "0001000300000000cc73" + config +
                    "270000020000000019010003637031010003637031010002723101"
                    "0003637031000001000000010101000272317fffffffffffffff00"
                    "010002723101001073632f73742f302e2365706f63682e30000000"
                    "00000000000000010000003e01001073632f73742f302e2365706f"
                    "63682e30000000000000000001001073632f73742f302e2365706"
                    "f63682e30bff0000000000000bff0000000000000020000000100"},
      {AddReader{"r1"}, "00020001000000000400027231"},
      {AddReader{"r"}, "0002 0001 00 00000003 000172"},
      {RemoveReader{"r1", {{Segment(0), At(10)}}},
       "00030001000000001f0002723101001073632f73742f302e2365706f63682e30000000000000000a"},
      {RemoveReader{"r", {{Segment(0), At(5)}}},
       std::string("0003 0001 00 0000001e 000172 01") + s0 + "0000000000000005"},
      {ReleaseSegment{"r1", Segment(0), At(10)},
       "00040001000000001e00027231001073632f73742f302e2365706f63682e30000000000000000a"},
      {ReleaseSegment{"r", Segment(2, 1), At(9)},
       std::string("0004 0001 00 0000001d 000172") + s1 + "0000000000000009"},
      {AcquireSegment{"r1", Segment(0)}, "00050001000000001600027231001073632f73742f302e2365706f63682e30"},
      {AcquireSegment{"r", Segment(2, 1)}, std::string("0005 0001 00 00000015 000172") + s1},
      {UpdateDistanceToTail{"r1", 30000, {{Segment(0), {At(10), low}}}},
       "00060002000000000c000272310000000000007530010000002b01001073632f73742f302e2365706f63682e3000000000000000003fe0"
       "000000000000000000000000000a"},
      {UpdateDistanceToTail{"r", 1, {{Segment(0), {At(5), low}}}},
       std::string("0006 0002 00 0000000b 000172 0000000000000001 01 0000002b 01") + s0 +
           "0000000000000000 3fe0000000000000 0000000000000005"},
      {SegmentCompleted{"r1", Segment(0), whole, {{Segment(1, 1), {{Segment(0).id}, whole}}}},
       "00070002000000003200027231001073632f73742f302e2365706f63682e3001001073632f73742f312e2365706f63682e310100000000"
       "00000000010000004502001073632f73742f302e2365706f63682e3000000000000000003ff0000000000000001073632f73742f312e23"
       "65706f63682e3100000000000000003ff0000000000000"},
      {SegmentCompleted{"r", Segment(0), low, {{Segment(2, 1), {{Segment(0).id}, high}}}},
       std::string("0007 0002 00 00000031 000172") + s0 + "01" + s1 + "01 0000000000000000 01 00000045 02" + s0 +
           "0000000000000000 3fe0000000000000" + s1 + "3fe0000000000000 3ff0000000000000"},
      {CheckpointReader{"cp1", "r1", {{Segment(0), At(10)}}},
       "00080001000000002400036370310002723101001073632f73742f302e2365706f63682e30000000000000000a"},
      {CheckpointReader{"cp", "r", {{Segment(0), At(5)}}},
       std::string("0008 0001 00 00000022 00026370 000172 01") + s0 + "0000000000000005"},
      {CreateCheckpoint{"cp1"}, "0009000100000000050003637031"},
      {CreateCheckpoint{"cp"}, "0009 0001 00 00000004 00026370"},
      {ClearCheckpointsBefore{"cp1"}, "000a000100000000050003637031"},
      {ClearCheckpointsBefore{"cp"}, "000a 0001 00 00000004 00026370"},
      {UpdateCheckpointPublished{true}, "000b0001000000000101"},
      {UpdatingConfig{true}, "000c0001000000000101"},
      {RemoveOutstandingCheckpoints{}, "000d00010000000000"},
  };
}

TEST(UpdateTest, Golden) {
  for (const Golden& golden : GoldenUpdates()) {
    absl::StatusOr<std::string> bytes = SerializeUpdate(golden.update);
    ASSERT_TRUE(bytes.ok()) << ToString(golden.update) << ": " << bytes.status().ToString();
    EXPECT_EQ(ToHex(*bytes), WithoutSpaces(golden.hex)) << ToString(golden.update);
    absl::StatusOr<Update> parsed = ParseUpdate(FromHex(golden.hex));
    ASSERT_TRUE(parsed.ok()) << ToString(golden.update) << ": " << parsed.status().ToString();
    EXPECT_EQ(*parsed, golden.update) << ToString(*parsed);
  }
}

// The mark -1, and every other negative offset, is the end of a segment and never becomes an offset.
TEST(UpdateTest, FinishedSegmentsAreMinusOne) {
  RemoveReader update{"r1", {{Segment(0), SegmentPosition::Finished()}}};
  std::string hex = "00030001000000001f0002723101001073632f73742f302e2365706f63682e30ffffffffffffffff";
  EXPECT_EQ(ToHex(*SerializeUpdate(update)), hex);
  EXPECT_EQ(*ParseUpdate(FromHex(hex)), Update(update));
  hex.replace(hex.size() - 16, 16, "fffffffffffffffb");
  EXPECT_EQ(*ParseUpdate(FromHex(hex)), Update(update));
}

// Maps come in the order of the writer's hash map.
TEST(UpdateTest, MapsNeedNotBeSorted) {
  std::string a = "001073632f73742f302e2365706f63682e30 0000000000000001";
  std::string b = "001073632f73742f312e2365706f63682e30 0000000000000002";
  RemoveReader update{"r1", {{Segment(0), At(1)}, {Segment(1), At(2)}}};
  for (const std::string& order : {a + b, b + a}) {
    absl::StatusOr<Update> parsed = ParseUpdate(FromHex("00030001 00 00000039 00027231 02" + order));
    ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
    EXPECT_EQ(*parsed, Update(update));
  }
}

// Thirds are what the controller computed, bit for bit: whoever computes them anew misses the last bit.
TEST(UpdateTest, RangesKeepTheirBits) {
  const KeyRange third{1.0 / 3, 2 * (1.0 / 3)};
  const KeyRange beside{std::nextafter(third.low, 0), std::nextafter(third.high, 1)};
  ASSERT_NE(third, beside);
  for (const KeyRange& range : {third, beside}) {
    Update update = SegmentCompleted{"r", Segment(0), range, {{Segment(2, 1), {{Segment(0).id}, range}}}};
    EXPECT_EQ(*ParseUpdate(*SerializeUpdate(update)), update);
    Init init{DefaultConfig(), {{Segment(0), {At(0), range}}}, {}, false};
    EXPECT_EQ(*ParseUpdate(*SerializeUpdate(init)), Update(init));
  }
}

// The order of unassigned segments decides who gets what.
TEST(UpdateTest, UnassignedSegmentsKeepTheirOrder) {
  Compact compact;
  compact.state.unassigned.Set(Segment(2), At(1));
  compact.state.unassigned.Set(Segment(0), At(2));
  compact.state.unassigned.Set(Segment(1), At(3));
  compact.state.unassigned.Remove(Segment(0));
  compact.state.unassigned.Set(Segment(0), At(4));
  compact.state.unassigned.Set(Segment(2), At(5));
  absl::StatusOr<Update> parsed = ParseUpdate(*SerializeUpdate(compact));
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  using Entries = std::vector<std::pair<SegmentRef, SegmentPosition>>;
  EXPECT_EQ(std::get<Compact>(*parsed).state.unassigned.InOrder(),
            (Entries{{Segment(2), At(5)}, {Segment(1), At(3)}, {Segment(0), At(4)}}));
}

TEST(UpdateTest, AFullStateComesBack) {
  Compact compact;
  ReaderGroupState& state = compact.state;
  state.config = ConfigOfGeneration3();
  state.updating_config = true;
  state.checkpoints.names = {"b", "a"};
  state.checkpoints.pending["a"] = {"r1", "r2"};
  state.checkpoints.positions = {{"a", {{Segment(0), At(1)}}}, {"b", {{Segment(1), SegmentPosition::Finished()}}}};
  state.checkpoints.last_completed = {{Segment(1), SegmentPosition::Finished()}};
  state.checkpoints.last_completed_published = false;
  state.distance_to_tail = {{"r1", 30000}, {"gone", 40000}};
  state.assigned = {{"r1", {{Segment(0), At(1)}}}, {"r2", {}}};
  state.unassigned.Set(Segment(1), SegmentPosition::Finished());
  state.future = {{Segment(2, 1), {Segment(0).id, Segment(1).id}}};
  state.last_read = {{Segment(0), At(2)}};
  state.end_segments = {{Segment(2, 1), Offset(100)}};
  state.ranges = {{Segment(0), {0, 0.5}}, {Segment(2, 1), {0, 1}}};
  absl::StatusOr<Update> parsed = ParseUpdate(*SerializeUpdate(compact));
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(*parsed, Update(compact)) << ToString(*parsed);
}

TEST(UpdateTest, WhatIsMalformedIsAnErrorWithItsOffset) {
  struct Case {
    const char* hex;
    const char* error;
  };
  for (const Case& c : {
           Case{"", "offset 0: a byte takes 1 bytes, 0 are left"},
           Case{"01020001000000000300 0172", "offset 0: format 1 is unknown"},
           Case{"000e0001000000000300 0172", "offset 0: an update of type 14, which is unknown"},
           Case{"00020101000000000300 0172", "offset 2: version 1 is unknown"},
           Case{"00020000", "offset 2: an update without content"},
           Case{"00020001000000000300 0272", "offset 11: a text takes 2 bytes, 1 are left"},
           Case{"000500010000000009000172 0004 73632f73", "offset 12: 'sc/s' is no segment name"},
           Case{"000300010000000004000172 ff", "offset 13: the rest of a compact int takes 3 bytes"},
           Case{"000300010000000007000172 ffffffff", "offset 12: a count of 1073741823 with 0 bytes left"},
       }) {
    absl::StatusOr<Update> parsed = ParseUpdate(FromHex(c.hex));
    ASSERT_FALSE(parsed.ok()) << c.hex;
    EXPECT_NE(parsed.status().ToString().find(std::string("malformed reader group update: ") + c.error),
              std::string::npos)
        << parsed.status().ToString();
  }
}

TEST(RecordTest, Golden) {
  Record record{false, {AddReader{"r1"}, AcquireSegment{"r1", Segment(0)}}};
  std::string hex =
      "000000020000000d000200010000000004000272310000001f000500"
      "01000000001600027231001073632f73742f302e2365706f63682e30";
  EXPECT_EQ(ToHex(*SerializeRecord(record)), hex);
  EXPECT_EQ(*ParseRecord(FromHex(hex)), record);
  record = {false, {AddReader{"r"}, UpdatingConfig{true}}};
  hex = "00000002 0000000c 000200010000000003000172 0000000a 000c0001000000000101";
  EXPECT_EQ(ToHex(*SerializeRecord(record)), WithoutSpaces(hex));
  EXPECT_EQ(*ParseRecord(FromHex(hex)), record);
}

// Java writes its whole buffer: the object and zeros.
TEST(RecordTest, PaddingOfInitialRecordsIsIgnored) {
  Update init = GoldenUpdates()[0].update;
  std::string bytes = *SerializeRecord({true, {init}});
  EXPECT_EQ(bytes.substr(0, 4), FromHex("00000001"));
  bytes.resize(260, '\0');
  absl::StatusOr<Record> parsed = ParseRecord(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(*parsed, (Record{true, {init}}));
}

// A reset writes an Init, and others a Compact, as an update among updates.
TEST(RecordTest, InitAndCompactOccurInUpdateRecords) {
  for (size_t i : {0, 2}) {
    Record record{false, {UpdatingConfig{false}, GoldenUpdates()[i].update}};
    EXPECT_EQ(*ParseRecord(*SerializeRecord(record)), record);
  }
}

TEST(RecordTest, WhatIsMalformedIsAnError) {
  for (const char* hex : {
           "", "000000", "00000000", "00000003", "00000001",
           "00000001 00020001000000000300 0172",                // begins with neither Init nor Compact
           "00000002 0000000d 000200010000000003000172",        // cut off
           "00000002 ffffffff 00",                              // a negative length
           "00000002 0000000c 000200010000000003000172 000000"  // a length that is cut off
       }) {
    EXPECT_FALSE(ParseRecord(FromHex(hex)).ok()) << hex;
  }
  EXPECT_TRUE(ParseRecord(FromHex("00000002"))->updates.empty());
  EXPECT_FALSE(SerializeRecord({true, {AddReader{"r"}}}).ok());
  EXPECT_FALSE(SerializeRecord({true, {}}).ok());
  EXPECT_FALSE(SerializeRecord({false, {AddReader{"\xff"}}}).ok());
}

}  // namespace
}  // namespace pravega::client
