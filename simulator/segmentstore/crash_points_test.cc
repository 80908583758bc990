// Goal: wherever a store dies, what it acknowledged is there, what it holds is a prefix of what was sent, and it does
// nothing after its death. Method: one run for each resumption of the store's tasks during a burst of requests: the
// node dies exactly there, is restarted, and the writer goes on as the handshake tells it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/runtime/scheduler.h"
#include "connector/wire/commands.h"
#include "simulator/segmentstore/store_harness.h"

namespace pravega::sim {
namespace {

using Connection = StoreHarness::Connection;

constexpr int64_t kAppends = 4;
const char* const kTransaction = "sc/st/0.#epoch.0#transaction.00000000000000010000000000000002";
constexpr WriterId kTransactionWriter{Uuid{0, 7}};

std::string Sent(int64_t from, int64_t to) {
  std::string text;
  for (int64_t i = from; i <= to; ++i) text += "event-" + std::to_string(i) + ";";
  return text;
}

// Runs the burst with a crash before the store's `point`-th resumption; false if the burst has fewer. Of the records of
// each append that is under way to the log then, `survivors` become durable.
bool CrashAt(uint64_t point, size_t survivors) {
  StoreHarness::Options options;
  // Snapshots are part of it.
  options.store.runner.min_snapshot_bytes = 200;
  StoreHarness harness(options);
  harness.durable_faults().survivors = survivors;
  Connection& c = harness.Connect();
  c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  c.Ask<wire::SegmentCreated>(CreateOf(kTransaction));
  c.Ask<wire::AppendSetup>(SetupOf(kSegment));
  c.Ask<wire::AppendSetup>(SetupOf(kTransaction, kTransactionWriter));
  c.Ask<wire::DataAppended>(AppendOf("transaction;", 1, 1, kTransactionWriter));
  Connection& reader = harness.Connect();
  reader.Send(ReadOf(kSegment, 0));
  harness.Pass(std::chrono::milliseconds(10));

  World& world = harness.world();
  runtime::Scheduler& scheduler = world.node("store").scheduler();
  scheduler.StopBefore(scheduler.resumptions() + point);
  std::vector<wire::Command> burst;
  for (int64_t i = 1; i <= kAppends; ++i) burst.push_back(AppendOf(Sent(i, i), i));
  burst.push_back(wire::MergeSegments{.request_id = kRequest, .target = kSegment, .source = kTransaction});
  burst.push_back(InfoOfSegment(kSegment));
  c.SendAll({burst.begin(), burst.begin() + 2});
  harness.Pass(std::chrono::microseconds(900));
  c.SendAll({burst.begin() + 2, burst.end()});
  const int64_t end = world.now_ns() + 1'000'000'000;
  world.RunUntil([&scheduler] { return scheduler.stopped(); }, end);
  if (!scheduler.stopped()) return false;
  harness.CrashStore();
  harness.Pass(std::chrono::milliseconds(50));
  EXPECT_TRUE(c.closed());

  int64_t acked = 0;
  bool merged = false;
  while (c.received() > 0) {
    wire::Command reply = *c.Receive();
    if (const auto* ack = std::get_if<wire::DataAppended>(&reply)) acked = std::max(acked, ack->event_number.value());
    merged = merged || std::holds_alternative<wire::SegmentsMerged>(reply);
  }
  std::string seen;
  while (reader.received() > 0) {
    wire::Command reply = *reader.Receive();
    if (const auto* read = std::get_if<wire::SegmentRead>(&reply)) seen += read->data.view();
  }

  harness.RestartStore();
  Connection& d = harness.Connect();
  int64_t last = d.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value();
  if (last == EventNumber::kNoneValue) last = 0;
  EXPECT_GE(last, acked);
  d.Send(InfoOfSegment(kTransaction));
  const bool gone = std::holds_alternative<wire::NoSuchSegment>(*d.Receive());
  if (merged) {
    EXPECT_TRUE(gone);
  }
  std::string content;
  wire::StreamSegmentInfo info = d.Ask<wire::StreamSegmentInfo>(InfoOfSegment(kSegment));
  if (info.write_offset > 0) content = d.Ask<wire::SegmentRead>(ReadOf(kSegment, 0)).data.ToString();
  EXPECT_EQ(content, Sent(1, last) + (gone ? "transaction;" : ""));
  // Readable implies durable.
  EXPECT_TRUE(content.starts_with(seen));
  // The rest arrives once.
  for (int64_t i = last + 1; i <= kAppends; ++i) d.Ask<wire::DataAppended>(AppendOf(Sent(i, i), i));
  d.Ask<wire::SegmentsMerged>(wire::MergeSegments{.request_id = kRequest, .target = kSegment, .source = kTransaction});
  std::string all =
      Sent(1, last) + (gone ? "transaction;" : "") + Sent(last + 1, kAppends) + (gone ? "" : "transaction;");
  EXPECT_EQ(d.Ask<wire::SegmentRead>(ReadOf(kSegment, 0)).data.ToString(), all);
  EXPECT_EQ(world.stats().attempts_after_death, 0u);
  return true;
}

TEST(CrashPointsTest, EveryResumptionOfABurst) {
  uint64_t all = 0;
  for (size_t survivors : {SIZE_MAX, size_t{1}, size_t{0}}) {
    uint64_t points = 0;
    while (CrashAt(points, survivors)) {
      ++points;
      ASSERT_FALSE(HasFailure()) << "crash before resumption " << points - 1 << ", at most " << survivors << " survive";
    }
    EXPECT_GT(points, 20u);
    all += points;
  }
  RecordProperty("crash_points", static_cast<int>(all));
  std::printf("%d crash points, in each of three ways: all, one, none of the records under way to the log survive\n",
              static_cast<int>(all / 3));
}

}  // namespace
}  // namespace pravega::sim
