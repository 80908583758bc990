#include "connector/core/murmur3.h"

#include <string>

#include "connector/core/java_string.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

// From the reference implementation (aappleby/smhasher) as Python's mmh3 exposes it.
TEST(Murmur3Test, KnownDigests) {
  EXPECT_EQ(Murmur3("", 0), (Hash128{0, 0}));
  EXPECT_EQ(Murmur3("hello", 0), (Hash128{0xcbd8a7b341bd9b02, 0x5b1e906a48ae1d19}));
  EXPECT_EQ(Murmur3("The quick brown fox jumps over the lazy dog", 0),
            (Hash128{0xe34bbc7bbc071b6c, 0x7a433ca9c49a9347}));
}

// The id of the attribute that marks revisioned streams is this hash; its bytes are h1, then h2, each little-endian.
TEST(Murmur3Test, MarkAttributeOfRevisionedStreams) {
  Hash128 hash = Murmur3(Utf16LittleEndian("RevisionStreamClientMark"), SeedOf(JavaStringHash("SegmentAttribute")));
  EXPECT_EQ(hash.h1, 0xd6c96c2474a8f97d) << std::hex << hash.h1;
  EXPECT_EQ(hash.h2, 0xc568ad9ed1cd9793) << std::hex << hash.h2;
}

TEST(Murmur3Test, NegativeSeedsAreSignExtended) {
  EXPECT_EQ(SeedOf(-1), ~uint64_t{0});
  EXPECT_EQ(SeedOf(1), 1u);
  EXPECT_NE(Murmur3("a", SeedOf(-1)), Murmur3("a", 0xffffffff));
}

TEST(Murmur3Test, EveryLengthOfTailCounts) {
  std::string text(40, 'x');
  for (size_t a = 0; a <= text.size(); ++a) {
    for (size_t b = a + 1; b <= text.size(); ++b) {
      EXPECT_NE(Murmur3(text.substr(0, a), 1), Murmur3(text.substr(0, b), 1)) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace pravega
