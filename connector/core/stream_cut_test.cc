#include "connector/core/stream_cut.h"

#include <string>

#include "absl/strings/escaping.h"
#include "connector/core/gzip.h"
#include "connector/core/strings.h"
#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::FromHex;
using ::pravega::testing::ToHex;

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }
SegmentPosition At(int64_t offset) { return SegmentPosition::At(Offset(offset)); }
StreamCut Cut(std::map<SegmentId, SegmentPosition> positions) { return StreamCut({"sc", "st"}, std::move(positions)); }

const SegmentPosition kEnd = SegmentPosition::Finished();

TEST(StreamCutTest, BinaryForm) {
  struct Case {
    StreamCut cut;
    const char* hex;
  };
  for (const Case& c : {
           Case{Cut({{Id(0, 0), At(10)}}), "000101000000000a000573632f737401000a"},
           Case{Cut({{Id(0, 0), kEnd}, {Id(1, 1), At(5000000000)}}),
                "000101000000001a000573632f7374020080c000000100000001600000012a05f200"},
           Case{Cut({{Id(0, 0), At(10)}, {Id(2, 1), kEnd}}), "0001010000000013000573632f737402000ac00000010000000280"},
       }) {
    absl::StatusOr<std::string> bytes = c.cut.ToBytes();
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(ToHex(*bytes), c.hex);
    absl::StatusOr<StreamCut> back = StreamCut::FromBytes(*bytes);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(*back, c.cut);
  }
}

TEST(StreamCutTest, UnboundedIsNoBytes) {
  EXPECT_EQ(*StreamCut::Unbounded().ToBytes(), "");
  EXPECT_EQ(*StreamCut::FromBytes(""), StreamCut::Unbounded());
  EXPECT_EQ(*StreamCut::Unbounded().ToText(), "UNBOUNDED");
  EXPECT_EQ(*StreamCut::FromText("UNBOUNDED"), StreamCut::Unbounded());
  EXPECT_FALSE(StreamCut::Unbounded() == Cut({}));
}

TEST(StreamCutTest, OlderBinaryForm) {
  absl::StatusOr<StreamCut> cut = StreamCut::FromBytes(FromHex("000001 00 0000000b 000573632f7374 01 00 4064"));
  ASSERT_TRUE(cut.ok()) << cut.status().ToString();
  EXPECT_EQ(*cut, Cut({{Id(0, 0), At(100)}}));
}

TEST(StreamCutTest, BinaryInputIsNotTrusted) {
  for (const char* hex : {
           "00",
           "000100",                                    // no revision
           "000201000000000a000573632f737401000a",      // a version to come
           "000101000000000a000573632f737402000a",      // a segment less than announced
           "000101000000000a000573632f737401008a",      // offset -11
           "0001010000000009000973632f7301000a",        // a name that is cut
           "000101000000000c000573632f737402000a000b",  // a segment twice
           "0001010000000008000573632f7374ff",          // a count of millions
           "0001010000000009000473637374 01000a",       // no stream
       }) {
    absl::StatusOr<StreamCut> cut = StreamCut::FromBytes(FromHex(hex));
    EXPECT_FALSE(cut.ok()) << hex;
    EXPECT_NE(cut.status().ToString().find("malformed stream cut: offset"), std::string::npos)
        << cut.status().ToString();
  }
}

// Texts that Java made; the last one is a real cut with its segments in the order of a hash map.
TEST(StreamCutTest, TextsOfJava) {
  struct Case {
    const char* text;
    const char* plain;
    StreamCut cut;
  };
  for (const Case& c : {
           Case{"H4sIAAAAAAAA/zOwKk7WLy6xMgBCQwMAD99gWA4AAAA=", "0:sc/st:0:0:10", Cut({{Id(0, 0), At(10)}})},
           Case{"H4sIAAAAAAAA/zOwKk7WLy6xMtAxBGNdQx1TAxgAAMBFs84dAAAA", "0:sc/st:0,1:0,1:-1,5000000000",
                Cut({{Id(0, 0), kEnd}, {Id(1, 1), At(5000000000)}})},
           Case{"H4sIAAAAAAAA/zOwKk7WLy6xMtAxAmJDK0MDHV1DAHyW3R8VAAAA", "0:sc/st:0,2:0,1:10,-1",
                Cut({{Id(0, 0), At(10)}, {Id(2, 1), kEnd}})},
           Case{"H4sIAAAAAAAA/zOwSs/PSUnN0y82tDLUMbAygGAABaWFUhcAAAA=", "0:golden/s1:1,0:0,0:0,0",
                StreamCut({"golden", "s1"}, {{Id(0, 0), At(0)}, {Id(1, 0), At(0)}})},
       }) {
    std::string compressed;
    ASSERT_TRUE(absl::Base64Unescape(c.text, &compressed));
    EXPECT_EQ(*Gunzip(compressed, 1000), c.plain);
    absl::StatusOr<StreamCut> cut = StreamCut::FromText(c.text);
    ASSERT_TRUE(cut.ok()) << cut.status().ToString();
    EXPECT_EQ(*cut, c.cut);
  }
}

// Compared after decompression, never as Base64: libraries compress differently.
TEST(StreamCutTest, TextForm) {
  absl::StatusOr<std::string> text = Cut({{Id(0, 0), At(10)}, {Id(2, 1), kEnd}}).ToText();
  ASSERT_TRUE(text.ok());
  std::string compressed;
  ASSERT_TRUE(absl::Base64Unescape(*text, &compressed));
  EXPECT_EQ(*Gunzip(compressed, 1000), "0:sc/st:0,2:0,1:10,-1");
  EXPECT_EQ(*StreamCut::FromText(*text), Cut({{Id(0, 0), At(10)}, {Id(2, 1), kEnd}}));
  EXPECT_FALSE(Cut({}).ToText().ok()) << "nobody could read it";
}

std::string TextOf(std::string_view plain) { return absl::Base64Escape(ToAbsl(Gzip(plain))); }

TEST(StreamCutTest, TextInputIsNotTrusted) {
  for (const char* plain :
       {"", "0", "0:sc/st", "0:sc/st:0:0", "0:sc/st:0:0:10:1", "1:sc/st:0:0:10", "0:scst:0:0:10", "0:sc/st:0,1:0:10",
        "0:sc/st:0:0:10,20", "0:sc/st:::", "0:sc/st:x:0:10", "0:sc/st:0:0:-2", "0:sc/st:-1:0:10", "0:sc/st:0:-1:10",
        "0:sc/st:0,0:0,0:1,2", "0:sc/st:0:0: 10", "0:sc/st:4294967296:0:1", "0:sc/st:0:0:9223372036854775808"}) {
    absl::StatusOr<StreamCut> cut = StreamCut::FromText(TextOf(plain));
    EXPECT_FALSE(cut.ok()) << plain;
    EXPECT_NE(cut.status().ToString().find("malformed stream cut: "), std::string::npos) << cut.status().ToString();
  }
  for (const char* text : {"", "unbounded", "!!!!", "H4sI", "AAAA"}) {
    EXPECT_FALSE(StreamCut::FromText(text).ok()) << text;
  }
}

TEST(StreamCutTest, AGzipBombIsRefused) {
  std::string bomb = TextOf(std::string(StreamCut::kMaxTextBytes + 1, '0'));
  EXPECT_LT(bomb.size(), 10000u);
  absl::StatusOr<StreamCut> cut = StreamCut::FromText(bomb);
  EXPECT_NE(cut.status().ToString().find("more than 4194304 bytes"), std::string::npos) << cut.status().ToString();
}

TEST(StreamCutTest, ForPeople) {
  EXPECT_EQ(Cut({{Id(0, 0), At(10)}, {Id(2, 1), kEnd}}).ToString(), "sc/st{0@0:10, 2@1:end}");
  EXPECT_EQ(StreamCut::Unbounded().ToString(), "UNBOUNDED");
}

}  // namespace
}  // namespace pravega
