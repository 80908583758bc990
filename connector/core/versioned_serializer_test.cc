#include "connector/core/versioned_serializer.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::FromHex;
using ::pravega::testing::ToHex;

std::string Written(const std::function<void(SerializedWriter&)>& write) {
  SerializedWriter writer;
  write(writer);
  absl::StatusOr<std::string> bytes = std::move(writer).Finish();
  return bytes.ok() ? ToHex(*bytes) : bytes.status().ToString();
}

std::string CompactInt(int64_t v) {
  return Written([v](SerializedWriter& w) { w.WriteCompactInt(v); });
}
std::string CompactLong(int64_t v) {
  return Written([v](SerializedWriter& w) { w.WriteCompactLong(v); });
}
std::string CompactSignedLong(int64_t v) {
  return Written([v](SerializedWriter& w) { w.WriteCompactSignedLong(v); });
}

TEST(PrimitivesTest, CompactNumbersAsJavaWritesThem) {
  EXPECT_EQ(CompactInt(5), "05");
  EXPECT_EQ(CompactInt(127), "7f");
  EXPECT_EQ(CompactInt(128), "8080");
  EXPECT_EQ(CompactInt(200), "80c8");
  EXPECT_EQ(CompactInt(16383), "bfff");
  EXPECT_EQ(CompactInt(16384), "c0004000");
  EXPECT_EQ(CompactLong(0), "00");
  EXPECT_EQ(CompactLong(63), "3f");
  EXPECT_EQ(CompactLong(64), "4040");
  EXPECT_EQ(CompactLong(100), "4064");
  EXPECT_EQ(CompactLong(5000), "5388");
  EXPECT_EQ(CompactLong(0x4000), "80004000");
  EXPECT_EQ(CompactLong(4294967297), "c000000100000001");
  EXPECT_EQ(CompactLong((int64_t{1} << 62) - 2), "fffffffffffffffe");
  EXPECT_EQ(CompactSignedLong(10), "0a");
  EXPECT_EQ(CompactSignedLong(-1), "80");
  EXPECT_EQ(CompactSignedLong(31), "1f");
  EXPECT_EQ(CompactSignedLong(32), "2020");
  EXPECT_EQ(CompactSignedLong(-33), "a020");
  EXPECT_EQ(CompactSignedLong(0x2000), "40002000");
  EXPECT_EQ(CompactSignedLong(5000000000), "600000012a05f200");
}

TEST(PrimitivesTest, CompactNumbersOutOfRangeAreErrors) {
  for (int64_t v : {int64_t{-1}, (int64_t{1} << 30) - 1, int64_t{1} << 30}) {
    EXPECT_NE(CompactInt(v).find("does not fit"), std::string::npos) << v;
  }
  for (int64_t v : {int64_t{-1}, (int64_t{1} << 62) - 1, std::numeric_limits<int64_t>::max()}) {
    EXPECT_NE(CompactLong(v).find("does not fit"), std::string::npos) << v;
  }
  for (int64_t v : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), int64_t{1} << 61}) {
    EXPECT_NE(CompactSignedLong(v).find("does not fit"), std::string::npos) << v;
  }
}

TEST(PrimitivesTest, CompactNumbersRoundTrip) {
  for (int bit = 0; bit < 61; ++bit) {
    for (int64_t delta : {-1, 0, 1}) {
      int64_t v = (int64_t{1} << bit) + delta;
      if (v < 0 || v > (int64_t{1} << 61) - 2) continue;
      std::string bytes;
      if (v < (int64_t{1} << 30) - 1) {
        bytes = FromHex(CompactInt(v));
        SerializedReader reader(bytes);
        EXPECT_EQ(reader.ReadCompactInt(), v);
        EXPECT_EQ(reader.remaining(), 0u);
      }
      bytes = FromHex(CompactLong(v));
      SerializedReader reader(bytes);
      EXPECT_EQ(reader.ReadCompactLong(), v);
      EXPECT_EQ(reader.remaining(), 0u);
      for (int64_t w : {v, -v}) {
        bytes = FromHex(CompactSignedLong(w));
        SerializedReader signed_reader(bytes);
        EXPECT_EQ(signed_reader.ReadCompactSignedLong(), w);
        EXPECT_EQ(signed_reader.remaining(), 0u);
      }
    }
  }
}

TEST(PrimitivesTest, ReadersAcceptLongerForms) {
  std::string bytes =
      FromHex("8005 c0000005 4005 80000005 c000000000000005 2005 40000005 6000000000000005 e000000000000000");
  SerializedReader reader(bytes);
  EXPECT_EQ(reader.ReadCompactInt(), 5);
  EXPECT_EQ(reader.ReadCompactInt(), 5);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.ReadCompactLong(), 5);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.ReadCompactSignedLong(), 5);
  EXPECT_EQ(reader.ReadCompactSignedLong(), -1);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(PrimitivesTest, PlainValues) {
  std::string hex = Written([](SerializedWriter& w) {
    w.WriteBool(true);
    w.WriteInt32(-2);
    w.WriteInt64(1);
    w.WriteDouble(0.5);
    w.WriteUuid(Uuid{1, 2});
    w.WriteUtf("r\xc3\xa9");
    w.WriteRange(KeyRange{0, 1});
    w.WriteRange(std::nullopt);
  });
  EXPECT_EQ(hex,
            "01fffffffe00000000000000013fe000000000000000000000000000010000000000000002000372c3a9"
            "00000000000000003ff0000000000000bff0000000000000bff0000000000000");
  std::string bytes = FromHex(hex);
  SerializedReader reader(bytes);
  EXPECT_TRUE(reader.ReadBool());
  EXPECT_EQ(reader.ReadInt32(), -2);
  EXPECT_EQ(reader.ReadInt64(), 1);
  EXPECT_EQ(reader.ReadDouble(), 0.5);
  EXPECT_EQ(reader.ReadUuid(), (Uuid{1, 2}));
  EXPECT_EQ(reader.ReadUtf(), "r\xc3\xa9");
  EXPECT_EQ(reader.ReadRange(), (KeyRange{0, 1}));
  EXPECT_EQ(reader.ReadRange(), std::nullopt);
  EXPECT_TRUE(reader.ok());
}

TEST(PrimitivesTest, WhatIsNoRangeIsUnknown) {
  for (const char* hex : {"8000000000000001 3ff0000000000000", "7ff8000000000000 3ff0000000000000",
                          "3ff0000000000000 0000000000000000", "0000000000000000 7ff8000000000000"}) {
    std::string bytes = FromHex(hex);
    SerializedReader reader(bytes);
    EXPECT_EQ(reader.ReadRange(), std::nullopt) << hex;
    EXPECT_TRUE(reader.ok());
  }
}

// Texts are Java's modified UTF-8: NUL takes two bytes, what lies above the basic plane two surrogates.
TEST(PrimitivesTest, TextsAreModifiedUtf8) {
  std::string text("a\0\xf0\x9f\x98\x80", 6);
  std::string hex = Written([&](SerializedWriter& w) { w.WriteUtf(text); });
  EXPECT_EQ(hex, "000961c080eda0bdedb880");
  std::string bytes = FromHex(hex);
  EXPECT_EQ(SerializedReader(bytes).ReadUtf(), text);
  bytes = FromHex("0002 6100");
  SerializedReader reader(bytes);
  EXPECT_EQ(reader.ReadUtf(), "");
  EXPECT_EQ(ToStd(reader.status().message()), "offset 3: malformed modified UTF-8");
}

TEST(PrimitivesTest, TextsThatDoNotFitAreErrors) {
  EXPECT_NE(Written([](SerializedWriter& w) { w.WriteUtf(std::string(65536, 'a')); }).find("65536 bytes"),
            std::string::npos);
  EXPECT_EQ(Written([](SerializedWriter& w) { w.WriteUtf(std::string(65535, 'a')); }).size(), 2 * 65537u);
  // 40,000 characters that take two bytes each on the wire.
  EXPECT_NE(Written([](SerializedWriter& w) { w.WriteUtf(std::string(40000, '\0')); }).find("80000 bytes"),
            std::string::npos);
  EXPECT_NE(Written([](SerializedWriter& w) { w.WriteUtf("\xff"); }).find("not UTF-8"), std::string::npos);
}

TEST(ReaderTest, ErrorsCarryTheOffsetAndStay) {
  std::string bytes = FromHex("00000001 0000");
  SerializedReader reader(bytes);
  EXPECT_EQ(reader.ReadInt32(), 1);
  EXPECT_EQ(reader.ReadInt32(), 0);
  EXPECT_EQ(reader.ReadByte(), 0);
  EXPECT_EQ(ToStd(reader.status().message()), "offset 4: an int32 takes 4 bytes, 2 are left");
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ReaderTest, CountsAndLengthsAreNotBelieved) {
  // A count of 2^30 - 1 with two bytes behind it.
  std::string bytes = FromHex("ffffffff 0101");
  SerializedReader counted(bytes);
  int elements = 0;
  counted.ReadCollection([&] { ++elements; });
  EXPECT_EQ(elements, 0);
  EXPECT_EQ(ToStd(counted.status().message()), "offset 0: a count of 1073741823 with 2 bytes left");

  SerializedReader array(bytes);
  array.ReadArray([&] { ++elements; });
  EXPECT_EQ(elements, 0);
  EXPECT_FALSE(array.ok());

  bytes = FromHex("000001 00 7fffffff 00");
  SerializedReader object(bytes);
  object.ReadObject(0, 1, [&](int, int) { ++elements; });
  EXPECT_EQ(elements, 0);
  EXPECT_EQ(ToStd(object.status().message()), "offset 8: a part of 2147483647 bytes, 1 are left");

  bytes = FromHex("000001 00 ffffffff 00");
  SerializedReader negative(bytes);
  negative.ReadObject(0, 1, [&](int, int) { ++elements; });
  EXPECT_EQ(elements, 0);
  EXPECT_EQ(ToStd(negative.status().message()), "offset 4: a revision of -1 bytes");
}

TEST(ReaderTest, CollectionsStopAtTheFirstError) {
  std::string bytes = FromHex("03 0001 61 00ff 62");
  SerializedReader reader(bytes);
  std::vector<std::string> read;
  reader.ReadCollection([&] { read.push_back(reader.ReadUtf()); });
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(read, (std::vector<std::string>{"a", ""}));
}

TEST(ReaderTest, NamesMustBeNames) {
  std::string bytes = FromHex("0003 612f62 0001 61");
  SerializedReader reader(bytes);
  EXPECT_EQ(reader.ReadStream(), (ScopedStream{"a", "b"}));
  reader.ReadSegment();
  EXPECT_NE(reader.status().ToString().find("offset 5: 'a' is no segment name"), std::string::npos)
      << reader.status().ToString();
}

struct Pair {
  int a = -1;
  int b = -1;
};

Pair ReadPair(SerializedReader* reader) {
  Pair pair;
  reader->ReadObject(1, 2, [&](int version, int revision) {
    if (revision == 0) pair.a = reader->ReadByte() + 100 * version;
    if (revision == 1) pair.b = reader->ReadByte();
  });
  return pair;
}

TEST(ObjectTest, Layout) {
  EXPECT_EQ(
      Written([](SerializedWriter& w) { w.WriteObject(3, [&] { w.WriteUtf("r"); }, [&] { w.WriteBool(true); }); }),
      "0003020000000003000172010000000101");
  EXPECT_EQ(Written([](SerializedWriter& w) { w.WriteMultiTypeObject(2, 0, [&] { w.WriteUtf("r"); }); }),
            "000200010000000003000172");
}

TEST(ObjectTest, OlderAndNewerObjectsAreRead) {
  struct Case {
    const char* hex;
    int a;
    int b;
  };
  for (const Case& c : {
           Case{"000002 00 00000001 07 01 00000001 08", 7, 8}, Case{"000102 00 00000001 07 01 00000001 08", 107, 8},
           Case{"000001 00 00000001 07", 7, -1},                                 // an older writer
           Case{"000000", -1, -1},                                               // without any revision
           Case{"000003 00 00000001 07 01 00000001 08 02 00000002 aabb", 7, 8},  // a revision more
           Case{"000003 00 00000001 07 01 00000001 08 63 00000000", 7, 8},       // whose number is not looked at
           Case{"000002 00 00000003 07ffff 01 00000002 08ff", 7, 8},             // fields more
       }) {
    std::string bytes = FromHex(c.hex) + "trailing";
    SerializedReader reader(bytes);
    Pair pair = ReadPair(&reader);
    EXPECT_TRUE(reader.ok()) << c.hex << ": " << reader.status().ToString();
    EXPECT_EQ(pair.a, c.a) << c.hex;
    EXPECT_EQ(pair.b, c.b) << c.hex;
    EXPECT_EQ(reader.remaining(), 8u) << c.hex;
  }
}

TEST(ObjectTest, WhatCannotBeReadIsAnError) {
  for (const char* hex : {
           "",
           "010002 00 00000001 07 01 00000001 08",  // another format
           "000202 00 00000001 07 01 00000001 08",  // a version that is not known
           "000002 01 00000001 07 00 00000001 08",  // revisions out of order
           "000002 00 00000000 01 00000001 08",     // a revision without its field
           "000002 00 00000001 07",                 // one that is missing though announced
           "000002 00 00000001",                    // one that is cut off
       }) {
    std::string bytes = FromHex(hex);
    SerializedReader reader(bytes);
    ReadPair(&reader);
    EXPECT_FALSE(reader.ok()) << hex;
  }
}

// Objects nest in place, in revisions of others and in arrays.
TEST(ObjectTest, NestedObjectsAreBoundedByWhatHoldsThem) {
  std::string inner = "000002 00 00000001 07 01 00000001 08";
  std::string bytes = FromHex("0f" + inner + "ff");
  SerializedReader reader(bytes);
  Pair pair;
  reader.ReadArray([&] { pair = ReadPair(&reader); });
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  EXPECT_EQ(pair.b, 8);
  EXPECT_EQ(reader.remaining(), 1u);
  // An array that ends within the object.
  bytes = FromHex("0e" + inner + "ff");
  SerializedReader cut(bytes);
  cut.ReadArray([&] { ReadPair(&cut); });
  EXPECT_FALSE(cut.ok());
}

TEST(WriterTest, ErrorsOfArraysReachTheWhole) {
  EXPECT_NE(Written([](SerializedWriter& w) {
              w.WriteArray([](SerializedWriter& content) { content.WriteUtf("\xff"); });
            }).find("not UTF-8"),
            std::string::npos);
  EXPECT_EQ(Written([](SerializedWriter& w) { w.WriteArray([](SerializedWriter& c) { c.WriteByte(9); }); }), "0109");
}

}  // namespace
}  // namespace pravega
