#include "connector/core/check.h"

#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(CheckDeathTest, PrintsConditionPlaceAndMessage) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "check_test.cc:[0-9]+: CHECK failed: 1 \\+ 1 == 3");
  EXPECT_DEATH(CHECK_MSG(false, "the reason"), "CHECK failed: false the reason");
}

TEST(CheckTest, ConditionIsEvaluatedOnce) {
  int calls = 0;
  CHECK(++calls == 1);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace pravega
