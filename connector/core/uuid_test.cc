#include "connector/core/uuid.h"

#include "gtest/gtest.h"

namespace pravega {
namespace {

constexpr Uuid kUuid{0x0011223344556677, 0x8899aabbccddeeff};

TEST(UuidTest, PrintsBothForms) {
  EXPECT_EQ(kUuid.ToString(), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(kUuid.ToHex(), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(Uuid().ToString(), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ((Uuid{~uint64_t{0}, ~uint64_t{0}}).ToHex(), std::string(32, 'f'));
}

TEST(UuidTest, ReadsBothFormsInEitherCase) {
  EXPECT_EQ(Uuid::Parse(kUuid.ToString()), kUuid);
  EXPECT_EQ(Uuid::Parse("00112233-4455-6677-8899-AABBCCDDEEFF"), kUuid);
  EXPECT_EQ(Uuid::ParseHex(kUuid.ToHex()), kUuid);
  EXPECT_EQ(Uuid::ParseHex("00112233445566778899AABBCCDDEEFF"), kUuid);
}

TEST(UuidTest, RefusesEverythingElse) {
  for (const char* text : {"", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
                           "00112233-4455-6677-8899-aabbccddeefg", "0011223344556677-8899-aabb-ccddeeff--",
                           "00112233445566778899aabbccddeeff", "{0112233-4455-6677-8899-aabbccddeeff",
                           "00112233-4455-6677-8899aaabbccddeeff", "00112233-4455-6677-88-9aabbccddeeff-"}) {
    EXPECT_EQ(Uuid::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(Uuid::ParseHex(kUuid.ToString()), std::nullopt);
  EXPECT_EQ(Uuid::ParseHex("0011223344556677889 aabbccddeeff"), std::nullopt);
}

TEST(UuidTest, OrderIsThatOfTheText) {
  EXPECT_LT((Uuid{1, 0}), (Uuid{1, 1}));
  EXPECT_LT((Uuid{1, ~uint64_t{0}}), (Uuid{0x8000000000000000, 0}));
}

}  // namespace
}  // namespace pravega
