#include "connector/core/buffer.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(BufferTest, AdoptsTheStringWithoutACopy) {
  std::string bytes(1000, 'x');
  const char* data = bytes.data();
  Buffer buffer(std::move(bytes));
  EXPECT_EQ(buffer.data(), data);
  EXPECT_EQ(buffer.size(), 1000u);
}

TEST(BufferTest, EmptyBuffersHoldNothing) {
  EXPECT_TRUE(Buffer().empty());
  EXPECT_TRUE(Buffer("").empty());
  EXPECT_EQ(Buffer("").slab_size(), 0u);
  EXPECT_EQ(Buffer().view(), "");
  EXPECT_EQ(Buffer(), Buffer(""));
  EXPECT_TRUE(Buffer().Slice(0, 0).empty());
  EXPECT_TRUE(Buffer().From(0).empty());
}

TEST(BufferTest, SlicesShareTheSlabAndOutliveTheWhole) {
  Buffer whole = Buffer::Copy("hello world");
  Buffer slice = whole.Slice(6, 5);
  EXPECT_EQ(slice.data(), whole.data() + 6);
  EXPECT_EQ(slice.slab_size(), 11u);
  whole = Buffer();
  EXPECT_EQ(slice.view(), "world");
  EXPECT_EQ(slice.From(2).Slice(1, 1).view(), "l");
  EXPECT_EQ(slice.From(5).slab_size(), 0u) << "an empty slice keeps nothing alive";
}

TEST(BufferTest, CopiesAndMovesShareTheBytes) {
  Buffer a = Buffer::Copy("abc");
  Buffer b = a;
  Buffer c = std::move(a);
  EXPECT_EQ(b.data(), c.data());
  EXPECT_TRUE(a.empty());  // NOLINT: what a moved-from buffer is, is part of the contract
  Buffer& self = c;
  c = self;
  EXPECT_EQ(c.view(), "abc");
  c = std::move(self);
  EXPECT_EQ(c.view(), "abc");
}

TEST(BufferTest, EqualityIsOfContent) {
  EXPECT_EQ(Buffer::Copy("abc"), Buffer::Copy("xabcx").Slice(1, 3));
  EXPECT_FALSE(Buffer::Copy("abc") == Buffer::Copy("abd"));
}

TEST(BufferTest, SlicesOfOneSlabMayLiveOnDifferentThreads) {
  Buffer whole = Buffer::Copy(std::string(4096, 'z'));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([part = whole.Slice(t * 1024, 1024)] {
      for (size_t i = 0; i < 1000; ++i) {
        Buffer copy = part;
        EXPECT_EQ(copy.Slice(i, 1).view(), "z");
      }
    });
  }
  whole = Buffer();
  for (std::thread& thread : threads) thread.join();
}

TEST(BufferDeathTest, SlicesOutsideAreProgrammersErrors) {
  Buffer buffer = Buffer::Copy("abc");
  EXPECT_DEATH(buffer.Slice(2, 2), "CHECK failed");
  EXPECT_DEATH(buffer.Slice(4, 0), "CHECK failed");
  // The sum of the two would wrap around.
  EXPECT_DEATH(buffer.Slice(1, ~size_t{0}), "CHECK failed");
}

}  // namespace
}  // namespace pravega
