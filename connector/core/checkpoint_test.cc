#include "connector/core/checkpoint.h"

#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::FromHex;
using ::pravega::testing::ToHex;

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }
SegmentPosition At(int64_t offset) { return SegmentPosition::At(Offset(offset)); }

const ScopedStream kStream{"sc", "st"};

TEST(CheckpointTest, BinaryForm) {
  struct Case {
    Checkpoint checkpoint;
    const char* hex;
  };
  for (const Case& c : {
           Case{{"cp1", {{kStream, StreamCut(kStream, {{Id(0, 0), At(10)}, {Id(1, 1), At(20)}})}}},
                "0000010000000028000363703101000573632f73740001010000000013000573632f737402000ac00000010000000114"},
           Case{{"cp", {{kStream, StreamCut(kStream, {{Id(0, 0), At(10)}})}}},
                "000001000000001e0002637001000573632f7374000101000000000a000573632f737401000a"},
       }) {
    absl::StatusOr<std::string> bytes = c.checkpoint.ToBytes();
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(ToHex(*bytes), c.hex);
    absl::StatusOr<Checkpoint> back = Checkpoint::FromBytes(*bytes);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(*back, c.checkpoint);
  }
}

TEST(CheckpointTest, CutsBelongToTheirStreams) {
  EXPECT_FALSE((Checkpoint{"cp", {{kStream, StreamCut::Unbounded()}}}).ToBytes().ok());
  EXPECT_FALSE((Checkpoint{"cp", {{{"sc", "other"}, StreamCut(kStream, {{Id(0, 0), At(1)}})}}}).ToBytes().ok());
}

TEST(CheckpointTest, InputIsNotTrusted) {
  for (const char* hex : {
           "",
           "000000",
           // The cut of another stream.
           "000001000000001e0002637001000573632f7375000101000000000a000573632f737401000a",
           // A cut that ends early.
           "000001000000001e0002637001000573632f7374000101000000000b000573632f737401000a",
       }) {
    absl::StatusOr<Checkpoint> checkpoint = Checkpoint::FromBytes(FromHex(hex));
    EXPECT_FALSE(checkpoint.ok()) << hex;
  }
}

}  // namespace
}  // namespace pravega
