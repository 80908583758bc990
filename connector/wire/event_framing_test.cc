#include "connector/wire/event_framing.h"

#include <string>

#include "connector/wire/frames_for_test.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

TEST(EventFraming, IsTypeZeroAndTheLengthOfTheDataAlone) {
  std::string framed = "before";
  AppendFramedEvent("abc", &framed);
  EXPECT_EQ(ToHex(framed.substr(6)), "0000000000000003616263");
  EXPECT_EQ(ParseEventHeader(framed.substr(6)).value(), 3u);
  EXPECT_EQ(ParseEventHeader(FromHex("0000000000000000")).value(), 0u);
  // Larger than an ordinary append may be, as events through transient segments are.
  EXPECT_EQ(ParseEventHeader(FromHex("000000007fffffff")).value(), 0x7fffffffu);
}

TEST(EventFraming, WhatIsNoEventIsDataLoss) {
  for (const char* hex : {"0000000100000003", "ffffffff00000003", "00000000ffffffff", "0000000080000000"}) {
    EXPECT_EQ(ParseEventHeader(FromHex(hex)).status().code(), absl::StatusCode::kDataLoss) << hex;
  }
}

}  // namespace
}  // namespace pravega::wire
