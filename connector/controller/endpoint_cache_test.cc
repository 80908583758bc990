// Goal: what was heard of stores is remembered, but neither too long nor too much of it.
#include "connector/controller/endpoint_cache.h"

#include <gtest/gtest.h>

#include <chrono>

namespace pravega::controller {
namespace {

using runtime::Endpoint;
using runtime::Instant;
using std::chrono::seconds;

TEST(EndpointCacheTest, EntriesAgeAndCanBeRemoved) {
  EndpointCache cache(10, seconds(60));
  Instant start;
  EXPECT_FALSE(cache.Find("a", start));
  cache.Put("a", {"store", 1}, start);
  EXPECT_EQ(cache.Find("a", start + seconds(59)), (Endpoint{"store", 1}));
  EXPECT_FALSE(cache.Find("a", start + seconds(60)));
  cache.Put("a", {"store", 2}, start + seconds(60));
  EXPECT_EQ(cache.Find("a", start + seconds(61)), (Endpoint{"store", 2}));
  EXPECT_EQ(cache.size(), 1u);
  cache.Remove("a");
  cache.Remove("a");
  EXPECT_FALSE(cache.Find("a", start + seconds(61)));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(EndpointCacheTest, TheOldestEntryMakesRoom) {
  EndpointCache cache(2, seconds(60));
  Instant now;
  cache.Put("a", {"store", 1}, now);
  cache.Put("b", {"store", 2}, now);
  cache.Put("a", {"store", 3}, now);
  cache.Put("c", {"store", 4}, now);
  EXPECT_TRUE(cache.Find("a", now));
  EXPECT_FALSE(cache.Find("b", now));
  EXPECT_TRUE(cache.Find("c", now));
  EndpointCache none(0, seconds(60));
  none.Put("a", {"store", 1}, now);
  EXPECT_FALSE(none.Find("a", now));
}

}  // namespace
}  // namespace pravega::controller
