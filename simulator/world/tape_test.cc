// Goal: every sequence of bytes is a tape, a tape survives being written down, and whatever a tape says every draw
// stays within its bound. Method: known bytes, and properties over any bytes and any tape.
#include "simulator/world/tape.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace pravega::sim {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  std::string out;
  for (int byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

TEST(TapeTest, TheFormatIsWhatTheHeaderSays) {
  Tape tape;
  tape.plan = {1, 0x01020304};
  tape.seeded = true;
  tape.seed = 7;
  tape.plan_from_seed = true;
  tape.overrides[{2, 3}] = 4;
  const std::string bytes = Bytes({0, 0, 0, 8, 0, 0, 0, 1, 1, 2, 3, 4}) +             // plan
                            Bytes({0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 7, 1}) +          // schedule
                            Bytes({0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 2}) +            // overrides: stream,
                            Bytes({0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4});  // index, value
  EXPECT_EQ(tape.ToBytes(), bytes);
  EXPECT_EQ(Tape::FromBytes(bytes), tape);
}

TEST(TapeTest, NoBytesAreTheCalmestTape) {
  EXPECT_EQ(Tape::FromBytes(""), Tape::Calm());
  Tape calm;
  PlanReader plan(calm);
  for (uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(calm.Draw(i, i, 100), 0u);
    EXPECT_EQ(plan.Below(100), 0u);
  }
}

TEST(TapeTest, WhatIsCutShortIsReadAsIfZerosFollowed) {
  // A declared length far beyond the input, and an item of which one byte is there.
  Tape tape = Tape::FromBytes(Bytes({0xff, 0xff, 0xff, 0xff, 0x12}));
  EXPECT_EQ(tape.plan, std::vector<uint32_t>{0x12000000});
  EXPECT_FALSE(tape.seeded);
  EXPECT_EQ(Tape::FromBytes(Bytes({0, 0})), Tape::Calm());
}

TEST(TapeTest, AnOverrideReplacesOneDrawAndNoOther) {
  Tape tape = Tape::FromSeed(5);
  const uint64_t before = tape.Draw(1, 0, 1000);
  tape.overrides[{1, 1}] = 1'000'017;
  EXPECT_EQ(tape.Draw(1, 0, 1000), before);
  EXPECT_EQ(tape.Draw(1, 1, 1000), 17u) << "an override is taken modulo the bound";
  EXPECT_EQ(tape.Draw(1, 2, 1000), Tape::FromSeed(5).Draw(1, 2, 1000));
}

TEST(TapeTest, APlanThatRunsOutGoesOnFromTheSeedOrIsZero) {
  Tape tape = Tape::FromSeed(5);
  PlanReader drawn(tape);
  std::vector<uint32_t> values;
  for (int i = 0; i < 20; ++i) values.push_back(drawn.Below(1'000'000));
  EXPECT_EQ(drawn.drawn(), values);
  // What was drawn, as a plan, draws the same; a part of it goes on as the seed would have.
  tape.plan.assign(values.begin(), values.begin() + 10);
  PlanReader again(tape);
  for (uint32_t value : values) EXPECT_EQ(again.Below(1'000'000), value);
  tape.plan_from_seed = false;
  PlanReader cut(tape);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(cut.Below(1'000'000), i < 10 ? values[i] : 0u);
}

TEST(TapeTest, SeedsAndStreamsAreIndependent) {
  EXPECT_NE(Tape::FromSeed(1).Draw(1, 0, 1 << 30), Tape::FromSeed(2).Draw(1, 0, 1 << 30));
  EXPECT_NE(Tape::FromSeed(1).Draw(1, 0, 1 << 30), Tape::FromSeed(1).Draw(2, 0, 1 << 30));
  EXPECT_NE(Tape::FromSeed(1).Draw(1, 0, 1 << 30), Tape::FromSeed(1).Draw(1, 1, 1 << 30));
}

rc::Gen<std::string> AnyBytes() {
  // Bytes of three kinds: any at all; sections whose lengths are right; sections whose lengths lie.
  return rc::gen::exec([] {
    const int kind = *rc::gen::inRange(0, 3);
    auto any = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    if (kind == 0) return *any;
    std::string out;
    for (int section = 0; section < 3; ++section) {
      const std::string body = *any;
      uint32_t length = static_cast<uint32_t>(body.size());
      if (kind == 2) length = *rc::gen::arbitrary<uint32_t>();
      for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
      out += body;
    }
    return out;
  });
}

RC_GTEST_PROP(TapeProperty, AnyBytesAreATapeThatSurvivesBeingWrittenDown, ()) {
  const std::string bytes = *AnyBytes();
  const Tape tape = Tape::FromBytes(bytes);
  RC_ASSERT(tape.plan.size() <= bytes.size());
  RC_ASSERT(tape.overrides.size() <= bytes.size());
  const std::string written = tape.ToBytes();
  RC_ASSERT(Tape::FromBytes(written) == tape);
  RC_ASSERT(Tape::FromBytes(written).ToBytes() == written);
}

RC_GTEST_PROP(TapeProperty, EveryDrawStaysWithinItsBound, ()) {
  const Tape tape = Tape::FromBytes(*AnyBytes());
  PlanReader plan(tape);
  const auto bounds = *rc::gen::container<std::vector<uint32_t>>(
      rc::gen::oneOf(rc::gen::inRange<uint32_t>(1, 100), rc::gen::just(std::numeric_limits<uint32_t>::max())));
  for (uint32_t bound : bounds) RC_ASSERT(plan.Below(bound) < bound);
  RC_ASSERT(plan.drawn().size() == bounds.size());
  auto check = [&](uint64_t stream, uint64_t index) {
    for (uint64_t bound : {uint64_t{1}, uint64_t{7}, std::numeric_limits<uint64_t>::max()}) {
      RC_ASSERT(tape.Draw(stream, index, bound) < bound);
    }
  };
  for (const auto& [where, value] : tape.overrides) check(where.first, where.second);
  for (uint64_t index = 0; index < 20; ++index) check(*rc::gen::arbitrary<uint64_t>(), index);
}

}  // namespace
}  // namespace pravega::sim
