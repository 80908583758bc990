#include "connector/core/java_string.h"

#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::ToHex;

TEST(JavaStringTest, HashesOfTheSeeds) {
  EXPECT_EQ(JavaStringHash(""), 0);
  EXPECT_EQ(JavaStringHash("EventRouter"), 1741865571);
  EXPECT_EQ(JavaStringHash("KeyValueTableRouter"), -2020233499);
  EXPECT_EQ(JavaStringHash("SegmentToContainerMapper"), 1661405012);
  EXPECT_EQ(JavaStringHash("SegmentAttribute"), 817748169);
}

TEST(JavaStringTest, UnitsAreTwoBytesLowByteFirst) {
  EXPECT_EQ(ToHex(Utf16LittleEndian("a\xc3\xa9\xe6\x97\xa5")), "6100e900e565");
  EXPECT_EQ(ToHex(Utf16LittleEndian(std::string_view("\0", 1))), "0000");
}

TEST(JavaStringTest, CharactersAboveTheBasicPlaneAreTwoUnits) {
  EXPECT_EQ(ToHex(Utf16LittleEndian("\xf0\x9f\x98\x80")), "3dd800de");
  EXPECT_EQ(JavaStringHash("\xf0\x9f\x98\x80"), 31 * 0xd83d + 0xde00);
}

TEST(JavaStringTest, MalformedBytesBecomeTheReplacementCharacter) {
  EXPECT_EQ(ToHex(Utf16LittleEndian("a\xff\xc3")), "6100fdfffdff");
}

}  // namespace
}  // namespace pravega
