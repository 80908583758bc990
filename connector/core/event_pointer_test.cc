#include "connector/core/event_pointer.h"

#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::FromHex;
using ::pravega::testing::ToHex;

SegmentRef Segment(int32_t number, int32_t epoch) { return {{"sc", "st"}, SegmentId(Epoch(epoch), number)}; }

TEST(EventPointerTest, BothForms) {
  struct Case {
    EventPointer pointer;
    const char* hex;
    const char* text;
  };
  for (const Case& c : {
           Case{{Segment(2, 1), Offset(100), 42},
                "0000010000000015001073632f73742f322e2365706f63682e3140642a",
                "sc/st/2.#epoch.1:100-42"},
           Case{{Segment(1, 1), Offset(5000), 200},
                "0000010000000016001073632f73742f312e2365706f63682e31538880c8",
                "sc/st/1.#epoch.1:5000-200"},
       }) {
    EXPECT_EQ(ToHex(*c.pointer.ToBytes()), c.hex);
    EXPECT_EQ(*EventPointer::FromBytes(FromHex(c.hex)), c.pointer);
    EXPECT_EQ(c.pointer.ToString(), c.text);
    EXPECT_EQ(*EventPointer::Parse(c.text), c.pointer);
  }
}

TEST(EventPointerTest, InputIsNotTrusted) {
  for (const char* text : {"", "sc/st/0.#epoch.0", "sc/st/0.#epoch.0:1", "sc/st/0.#epoch.0:-1-5", "sc/st/0.#epoch.0:1-",
                           "sc/st/0.#epoch.0:1-2147483648", "sc/st:1-5", "sc/st/0.#epoch.0:x-5", "1-2:3"}) {
    EXPECT_FALSE(EventPointer::Parse(text).ok()) << text;
  }
  for (const char* hex : {"", "000000", "000001 00 00000003 0001 61", "000101 00 00000000"}) {
    EXPECT_FALSE(EventPointer::FromBytes(FromHex(hex)).ok()) << hex;
  }
}

// Scope names may hold dashes: the text is taken apart from its end.
TEST(EventPointerTest, NamesWithDashes) {
  EventPointer pointer{{{"a-b", "c-d"}, SegmentId(Epoch(0), 0)}, Offset(1), 9};
  EXPECT_EQ(*EventPointer::Parse(pointer.ToString()), pointer);
}

}  // namespace
}  // namespace pravega
