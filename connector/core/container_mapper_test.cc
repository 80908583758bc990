#include "connector/core/container_mapper.h"

#include <set>
#include <string>

#include "connector/core/names.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(ContainerMapperTest, SegmentsLiveWhereTheStoreLooksForThem) {
  EXPECT_EQ(ContainerOf("sc/st/0.#epoch.0", 4), ContainerId(3));
  EXPECT_EQ(ContainerOf("sc/st/1.#epoch.0", 4), ContainerId(2));
  EXPECT_EQ(ContainerOf("_system/_requeststream/0.#epoch.0", 4), ContainerId(1));
  EXPECT_EQ(ContainerOf("sc/kvt_kvtable/3.#epoch.0", 4), ContainerId(0));
}

TEST(ContainerMapperTest, EpochsAndTransactionsOfANumberLiveTogether) {
  TxnId txn{Uuid{0x0000000200000000, 9}};
  for (int i = 0; i < 50; ++i) {
    std::string base = "scope/stream/" + std::to_string(i) + ".#epoch.";
    ContainerId home = ContainerOf(base + "0", 16);
    EXPECT_EQ(ContainerOf(base + "2", 16), home);
    EXPECT_EQ(ContainerOf(TransactionSegmentName(base + "2", txn), 16), home);
  }
}

TEST(ContainerMapperTest, UsesAllContainersAndMovesOnlyToNewOnes) {
  std::set<int32_t> used;
  for (int i = 0; i < 500; ++i) {
    std::string key = "scope/stream/" + std::to_string(i);
    int32_t of4 = ContainerIndex(key, 4);
    int32_t of5 = ContainerIndex(key, 5);
    EXPECT_TRUE(of5 == of4 || of5 == 4) << key;
    used.insert(of4);
    EXPECT_EQ(ContainerIndex(key, 1), 0);
  }
  EXPECT_EQ(used, (std::set<int32_t>{0, 1, 2, 3}));
}

TEST(ContainerMapperDeathTest, NoContainersAtAll) { EXPECT_DEATH(ContainerIndex("a", 0), "CHECK failed"); }

}  // namespace
}  // namespace pravega
