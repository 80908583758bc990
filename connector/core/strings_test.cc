#include "connector/core/strings.h"

#include <cstdint>
#include <limits>

#include "connector/core/status_macros.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(StringsTest, StrCatJoinsTextAndNumbers) {
  EXPECT_EQ(StrCat(), "");
  EXPECT_EQ(StrCat("a", std::string("b"), std::string_view("c"), 1, std::numeric_limits<int64_t>::min(), 0.5),
            "abc1-92233720368547758080.500000");
}

TEST(StringsTest, ViewsCrossTheEdgeUnchanged) {
  std::string text("a\0b", 3);
  EXPECT_EQ(ToStd(ToAbsl(text)), text);
}

TEST(StringsTest, AnnotateKeepsTheCodeAndLeavesOkAlone) {
  EXPECT_TRUE(Annotate(absl::OkStatus(), "context").ok());
  absl::Status status = Annotate(absl::NotFoundError("no such thing"), "reading");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ToStd(status.message()), "reading: no such thing");
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return MakeStatus(absl::StatusCode::kInvalidArgument, number, " is odd");
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  ASSIGN_OR_RETURN(int half, Half(number));
  RETURN_IF_ERROR(Half(half).status());
  return half / 2;
}

TEST(StatusMacrosTest, ReturnTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(ToStd(Quarter(7).status().message()), "7 is odd");
  EXPECT_EQ(ToStd(Quarter(6).status().message()), "3 is odd");
}

}  // namespace
}  // namespace pravega
