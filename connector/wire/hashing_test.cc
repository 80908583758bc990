// Goal: keys and segments go where the official classes send them. The values were computed by those.
#include "connector/wire/hashing.h"

#include <bit>
#include <cstdint>
#include <string>

#include "connector/core/names.h"
#include "connector/core/uuid.h"
#include "connector/wire/attributes.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

// wire-34: UTF-16LE, and a seed that is sign-extended in both lanes.
TEST(RoutingKeyPosition, IsThatOfTheJavaClient) {
  struct Case {
    std::string key;
    uint64_t bits;
  };
  const Case cases[] = {
      {"", 0x3fcedeef4a335178},
      {"a", 0x3fee3042e663131a},
      {"hello", 0x3fe514340f74bec6},
      {"key-0", 0x3fd91762fec89af0},
      {"\xc3\xa9\xe4\xb8\xad", 0x3fe14fe22836207a},
      {"00112233-4455-6677-8899-aabbccddeeff", 0x3fec0689a3911b8c},
      {std::string(41, 'a'), 0x3fea113db1c8d25e},
  };
  for (const Case& c : cases) EXPECT_EQ(std::bit_cast<uint64_t>(RoutingKeyPosition(c.key)), c.bits) << c.key;
}

TEST(RoutingKeyPosition, LiesBelowOneForAnyBytes) {
  for (int i = 0; i < 1000; ++i) {
    double x = RoutingKeyPosition(std::string(static_cast<size_t>(i % 50), static_cast<char>(i)) + "\xff");
    EXPECT_GE(x, 0.0);
    EXPECT_LT(x, 1.0);
  }
}

TEST(ContainerIndex, IsThatOfTheJavaMapper) {
  auto container = [](const char* segment) { return ContainerIndex(ContainerKey(segment), 4); };
  EXPECT_EQ(container("sc/st/0.#epoch.0"), 3);
  EXPECT_EQ(container("sc/st/1.#epoch.0"), 2);
  EXPECT_EQ(container("_system/_requeststream/0.#epoch.0"), 1);
  EXPECT_EQ(container("sc/kvt_kvtable/3.#epoch.0"), 0);
  // A transaction lives with its parent, and so does every epoch of a number.
  EXPECT_EQ(container("sc/st/0.#epoch.0#transaction.00000000000000010000000000000002"), 3);
  EXPECT_EQ(container("sc/st/0.#epoch.7"), 3);
  EXPECT_EQ(ContainerIndex("anything", 1), 0);
}

TEST(JavaStringHash, IsThatOfJava) {
  EXPECT_EQ(JavaStringHash("EventRouter"), 1741865571);
  EXPECT_EQ(JavaStringHash("SegmentAttribute"), 817748169);
  EXPECT_EQ(JavaStringHash("KeyValueTableRouter"), -2020233499);
  EXPECT_EQ(JavaStringHash(""), 0);
}

TEST(Utf16LittleEndian, HandlesEveryPlaneAndReplacesWhatIsMalformed) {
  using namespace std::string_literals;
  EXPECT_EQ(Utf16LittleEndian("a\xc3\xa9\xe4\xb8\xad"), "a\0\xe9\0\x2d\x4e"s);
  EXPECT_EQ(Utf16LittleEndian("\xf0\x9f\x98\x80"), "\x3d\xd8\x00\xde"s);
  EXPECT_EQ(Utf16LittleEndian("\xff" "a"), "\xfd\xff" "a\0"s);
}

TEST(Attributes, TheMarkIsTheHashOfItsName) {
  Hash128 hash = Murmur3(Utf16LittleEndian("RevisionStreamClientMark"),
                         static_cast<uint64_t>(int64_t{JavaStringHash("SegmentAttribute")}));
  EXPECT_EQ((Uuid{__builtin_bswap64(hash.h1), __builtin_bswap64(hash.h2)}), kRevisionStreamClientMark);
  EXPECT_TRUE(IsCoreAttribute(kEventCount));
  EXPECT_FALSE(IsCoreAttribute(kRevisionStreamClientMark));
}

}  // namespace
}  // namespace pravega::wire
