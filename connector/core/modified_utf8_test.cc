// Goal: the mapping between UTF-8 and modified UTF-8 is one to one, and everything outside it is refused.
#include "connector/core/modified_utf8.h"

#include <optional>
#include <string>
#include <string_view>

#include "connector/core/utf8.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using namespace std::string_literals;

std::optional<std::string> To(std::string_view utf8) {
  std::string out = "kept";
  if (!ToModifiedUtf8(utf8, &out)) {
    EXPECT_EQ(out, "kept");
    return std::nullopt;
  }
  return out.substr(4);
}

std::optional<std::string> From(std::string_view modified) {
  std::string out = "kept";
  if (!FromModifiedUtf8(modified, &out)) {
    EXPECT_EQ(out, "kept");
    return std::nullopt;
  }
  return out.substr(4);
}

// wire-2
TEST(ModifiedUtf8, MapsEachKindOfCharacter) {
  struct Case {
    std::string utf8;
    std::string modified;
  };
  const Case cases[] = {
      {"", ""},
      {"plain ascii\x01\x7f", "plain ascii\x01\x7f"},
      {"a\0b"s,
       "a\xc0\x80"
       "b"},
      {"\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf"},
      {"\xe0\xa0\x80\xe4\xb8\xad\xef\xbf\xbf", "\xe0\xa0\x80\xe4\xb8\xad\xef\xbf\xbf"},
      // U+10000, U+1F600 and U+10FFFF are pairs of surrogates.
      {"\xf0\x90\x80\x80", "\xed\xa0\x80\xed\xb0\x80"},
      {"x\xf0\x9f\x98\x80y", "x\xed\xa0\xbd\xed\xb8\x80y"},
      {"\xf4\x8f\xbf\xbf", "\xed\xaf\xbf\xed\xbf\xbf"},
      // Surrogates without a partner, also in the wrong order.
      {"\xed\xa0\xbd", "\xed\xa0\xbd"},
      {"\xed\xb8\x80\xed\xa0\xbd", "\xed\xb8\x80\xed\xa0\xbd"},
      {"\xed\xa0\xbd\xf0\x9f\x98\x80", "\xed\xa0\xbd\xed\xa0\xbd\xed\xb8\x80"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(To(c.utf8), c.modified);
    EXPECT_EQ(From(c.modified), c.utf8);
  }
}

// wire-2
TEST(ModifiedUtf8, RefusesWhatWouldNotComeBack) {
  const std::string malformed[] = {
      "a\0b"s,             // a raw NUL
      "\xf0\x9f\x98\x80",  // the standard four-byte form
      "\xc0\x81",          // overlong
      "\xc1\xbf",          // overlong
      "\xe0\x9f\xbf",      // overlong
      "\x80",              // no beginning
      "\xc3",              // no end
      "\xe4\xb8",          // no end
      "\xc3\x28",          // not continued
      "\xe4\x28\xad",      // not continued
      "\xff",              // nothing at all
  };
  for (const std::string& bytes : malformed) EXPECT_EQ(From(bytes), std::nullopt);
  size_t offset = 0;
  std::string out;
  EXPECT_FALSE(FromModifiedUtf8("ok\xc3\xa9\xff", &out, &offset));
  EXPECT_EQ(offset, 4u);
}

TEST(ModifiedUtf8, RefusesTextThatIsNotUtf8) {
  const std::string malformed[] = {
      "caf\xe9",
      "\xc0\x80",
      "\xe0\x80\x80",
      "\xf0\x80\x80\x80",
      "\xf4\x90\x80\x80",
      "\xf5\x80\x80\x80",
      "\xf0\x9f\x98",
      "\xed\xa0\xbd\xed\xb8\x80",  // a pair as two characters
  };
  for (const std::string& bytes : malformed) EXPECT_EQ(To(bytes), std::nullopt);
}

TEST(ModifiedUtf8, EveryTwoByteSequenceIsRefusedOrComesBack) {
  int accepted = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      if (std::optional<std::string> utf8 = From(bytes)) {
        ++accepted;
        EXPECT_EQ(To(*utf8), bytes);
      }
      if (std::optional<std::string> modified = To(bytes)) {
        EXPECT_EQ(From(*modified), bytes);
      }
    }
  }
  // Two of 01..7f, or one of the 1921 characters with two bytes.
  EXPECT_EQ(accepted, 127 * 127 + 1920 + 1);
}

TEST(FittingPrefix, CutsBetweenCharactersByTheModifiedSize) {
  EXPECT_EQ(FittingPrefix("abc", 3), "abc");
  EXPECT_EQ(FittingPrefix("abc", 2), "ab");
  EXPECT_EQ(FittingPrefix("a\0b"s, 3), "a\0"s);
  EXPECT_EQ(FittingPrefix("a\0b"s, 2), "a");
  EXPECT_EQ(FittingPrefix("\xf0\x9f\x98\x80", 6), "\xf0\x9f\x98\x80");
  EXPECT_EQ(FittingPrefix("\xf0\x9f\x98\x80", 5), "");
  EXPECT_EQ(FittingPrefix("ok\xff.", 10), "ok");
}

}  // namespace
}  // namespace pravega
