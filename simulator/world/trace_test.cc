// Goal: the hash and the text of a trace are what trace.h says, so that somebody who has only read it gets the same.
// Method: known answers, computed by hand from the paragraph with zlib's CRC-32 and FNV-1a.
#include "simulator/world/trace.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/world/tape.h"

namespace pravega::sim {
namespace {

uint64_t Step(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 32;
}

TEST(TraceTest, NothingHashesToZero) {
  Trace trace;
  EXPECT_EQ(trace.hash(), 0u);
  EXPECT_EQ(trace.records(), 0u);
}

TEST(TraceTest, SixWordsForEachRecord) {
  // FNV-1a (64 bits) of "node" and CRC-32 of "123456789", as published and as Python's zlib says.
  constexpr uint64_t kNode = 0x3c2f1bbad18642adu;
  constexpr uint64_t kCheck = 0xcbf43926u;
  Trace trace;
  trace.Record(17, "node", HashText("node"), TraceKind::kDurable, "123456789");
  trace.Record(18, "node", HashText("node"), TraceKind::kTimer, "");
  uint64_t expected = 0;
  for (uint64_t word : {uint64_t{17}, kNode, uint64_t{3}, uint64_t{0}, uint64_t{9}, kCheck})
    expected = Step(expected, word);
  for (uint64_t word : {uint64_t{18}, kNode, uint64_t{2}, uint64_t{1}, uint64_t{0}, uint64_t{0}}) {
    expected = Step(expected, word);
  }
  EXPECT_EQ(trace.hash(), expected);
  EXPECT_EQ(trace.records(), 2u);
}

TEST(TraceTest, TheTextIsOneLineForEachRecord) {
  std::vector<std::string> lines;
  Trace trace([&lines](std::string_view line) { lines.emplace_back(line); });
  trace.Record(0, "world", HashText("world"), TraceKind::kWorld, "a\n");
  trace.Record(5, "n", HashText("n"), TraceKind::kDelivery, std::string_view("\x00\xff", 2));
  trace.Record(5, "n", HashText("n"), TraceKind::kTimer, "");
  trace.Record(6, "n", HashText("n"), TraceKind::kChoice, "x");
  trace.Record(6, "log", HashText("log"), TraceKind::kDurable, "y");
  EXPECT_EQ(lines, (std::vector<std::string>{"0 world world 0 610a", "5 n delivery 1 00ff", "5 n timer 2 ",
                                             "6 n choice 3 78", "6 log durable 4 79"}));
}

TEST(TraceTest, EveryPartOfARecordCounts) {
  auto hash = [](int64_t time, std::string_view node, TraceKind kind, std::string_view payload) {
    Trace trace;
    trace.Record(time, node, HashText(node), kind, payload);
    return trace.hash();
  };
  const uint64_t base = hash(1, "a", TraceKind::kDelivery, "p");
  EXPECT_NE(hash(2, "a", TraceKind::kDelivery, "p"), base);
  EXPECT_NE(hash(1, "b", TraceKind::kDelivery, "p"), base);
  EXPECT_NE(hash(1, "a", TraceKind::kTimer, "p"), base);
  EXPECT_NE(hash(1, "a", TraceKind::kDelivery, "q"), base);
  // Two records that say the same differ by their ordinals, so their order and number count too.
  Trace trace;
  trace.Record(1, "a", HashText("a"), TraceKind::kDelivery, "p");
  EXPECT_EQ(trace.hash(), base);
  trace.Record(1, "a", HashText("a"), TraceKind::kDelivery, "p");
  EXPECT_NE(trace.hash(), base);
}

TEST(TraceTest, TheSinkDoesNotChangeTheHash) {
  Trace silent;
  Trace loud([](std::string_view) {});
  for (Trace* trace : {&silent, &loud}) trace->Record(1, "a", HashText("a"), TraceKind::kChoice, "0123456789abcdef");
  EXPECT_EQ(silent.hash(), loud.hash());
}

}  // namespace
}  // namespace pravega::sim
