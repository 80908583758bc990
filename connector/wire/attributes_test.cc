#include "connector/wire/attributes.h"

#include <cstdint>

#include "connector/core/java_string.h"
#include "connector/core/murmur3.h"
#include "connector/core/uuid.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

TEST(Attributes, TheMarkIsTheHashOfItsName) {
  Hash128 hash = Murmur3(Utf16LittleEndian("RevisionStreamClientMark"),
                         static_cast<uint64_t>(int64_t{JavaStringHash("SegmentAttribute")}));
  EXPECT_EQ((Uuid{__builtin_bswap64(hash.h1), __builtin_bswap64(hash.h2)}), kRevisionStreamClientMark);
}

TEST(Attributes, CoreIdsAreThoseOfTheStore) {
  EXPECT_EQ(kEventCount.ToString(), "80000000-0000-0000-0000-000000000001");
  EXPECT_EQ(kScalePolicyRate.ToString(), "80000000-0000-0000-0000-000000000003");
  EXPECT_TRUE(IsCoreAttribute(kEventCount));
  EXPECT_FALSE(IsCoreAttribute(kRevisionStreamClientMark));
}

}  // namespace
}  // namespace pravega::wire
