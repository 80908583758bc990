#include "connector/core/gzip.h"

#include <string>

#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(GzipTest, RoundTrips) {
  for (size_t size : {0, 1, 100, 16384, 16385, 100000}) {
    std::string text(size, 'x');
    absl::StatusOr<std::string> back = Gunzip(Gzip(text), 100000);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(*back, text);
  }
}

TEST(GzipTest, SameBytesEveryTime) { EXPECT_EQ(Gzip("0:sc/st:0:0:10"), Gzip("0:sc/st:0:0:10")); }

// A gzip bomb: a megabyte in about a kilobyte.
TEST(GzipTest, StopsAtTheLimit) {
  std::string bomb = Gzip(std::string(1 << 20, 'x'));
  EXPECT_LT(bomb.size(), 2000u);
  EXPECT_TRUE(Gunzip(bomb, 1 << 20).ok());
  absl::StatusOr<std::string> stopped = Gunzip(bomb, (1 << 20) - 1);
  EXPECT_NE(stopped.status().ToString().find("more than 1048575 bytes"), std::string::npos);
  EXPECT_FALSE(Gunzip(bomb, 0).ok());
  EXPECT_TRUE(Gunzip(Gzip(""), 0).ok());
}

TEST(GzipTest, DamagedDataAreErrors) {
  std::string good = Gzip("some text, some text, some text");
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(Gunzip(good.substr(0, size), 1000).ok()) << "cut at " << size;
  }
  EXPECT_FALSE(Gunzip(good + "x", 1000).ok());
  for (size_t i : {size_t{0}, size_t{1}, size_t{2}, good.size() - 1, good.size() - 8, size_t{12}}) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    EXPECT_FALSE(Gunzip(bad, 1000).ok()) << "byte " << i;
  }
}

}  // namespace
}  // namespace pravega
