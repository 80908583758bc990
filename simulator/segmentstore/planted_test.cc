// Goal: each planted bug of the store does its harm where a fault or a restart leads, and nowhere else; in a build
// without planted bugs it does none even when it is switched on. Method: the same steps in every build; what is
// expected depends on the build.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "connector/wire/commands.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/segmentstore/store_harness.h"

namespace pravega::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Connection = StoreHarness::Connection;

#ifdef PRAVEGA_PLANTED_BUGS
constexpr bool kPlanted = true;
#else
constexpr bool kPlanted = false;
#endif

const char* const kOtherSegment = "sc/st/1.#epoch.0";
constexpr WriterId kOther{Uuid{0, 5}};

StoreHarness::Options With(const char* bug) {
  StoreHarness::Options options;
  options.planted = {bug};
  return options;
}

Connection& Writing(StoreHarness& harness) {
  Connection& connection = harness.Connect();
  connection.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  connection.Ask<wire::AppendSetup>(SetupOf(kSegment));
  return connection;
}

TEST(PlantedTest, AckBeforeDurable) {
  StoreHarness harness(With("ack-before-durable"));
  Connection& c = Writing(harness);
  // Harmless as long as the log does its work.
  EXPECT_EQ(c.Ask<wire::DataAppended>(AppendOf("a", 1)).event_number.value(), 1);
  EXPECT_TRUE(c.StaysSilent(milliseconds(100)));
  harness.durable_faults().appends = {{.fault = DurableFault::kNone, .slow_by = seconds(5)}};
  c.SendAll({AppendOf("b", 2)});
  harness.Pass(milliseconds(100));
  c.SendAll({AppendOf("c", 3)});
  harness.Pass(milliseconds(100));
  EXPECT_EQ(c.received(), kPlanted ? 2u : 0u);
  harness.CrashStore();
  harness.RestartStore();
  // Number 3 was acknowledged, and is lost.
  EXPECT_EQ(harness.Connect().Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value(), 2);
}

TEST(PlantedTest, AppendSetupOffByOne) {
  StoreHarness harness(With("append-setup-off-by-one"));
  // A new writer is told the truth.
  Connection& c = Writing(harness);
  c.Ask<wire::DataAppended>(AppendOf("a", 1));
  harness.faults().Plan("AppendBlockEnd", FaultPhase::kAppliedNotAnswered);
  c.Send(AppendOf("b", 2));
  EXPECT_TRUE(c.Closes());
  Connection& again = harness.Connect();
  int64_t last = again.Ask<wire::AppendSetup>(SetupOf(kSegment)).last_event_number.value();
  EXPECT_EQ(last, kPlanted ? 1 : 2);
  // A writer that does as it is told stores the event twice.
  if (last < 2) again.Send(AppendOf("b", 2));
  EXPECT_EQ(again.Ask<wire::DataAppended>(AppendOf("c", 3)).event_number.value(), 3);
  EXPECT_EQ(again.Ask<wire::SegmentRead>(ReadOf(kSegment, 0)).data.view(), kPlanted ? "abbc" : "abc");
}

// Two readers wait, and both segments get data in one batch.
struct TwoReaders {
  explicit TwoReaders(StoreHarness& harness) {
    Connection& writer = harness.Connect();
    writer.Ask<wire::AppendSetup>(SetupOf(kSegment));
    writer.Ask<wire::AppendSetup>(SetupOf(kOtherSegment, kOther));
    Connection& first = harness.Connect();
    Connection& second = harness.Connect();
    first.Send(ReadOf(kSegment, 0));
    second.Send(ReadOf(kOtherSegment, 0));
    harness.Pass(milliseconds(100));
    // While this one is on its way, the other two gather.
    writer.Send(CreateOf("sc/st/7.#epoch.0"));
    harness.Pass(milliseconds(1));
    writer.SendAll({AppendOf("a", 1), AppendOf("b", 1, 1, kOther)});
    harness.Pass(seconds(300));
    woken = first.received() + second.received();
  }
  size_t woken = 0;
};

TEST(PlantedTest, LostTailWakeup) {
  for (bool restart : {false, true}) {
    SCOPED_TRACE(restart);
    StoreHarness harness(With("lost-tail-wakeup"));
    Connection& c = Writing(harness);
    c.Ask<wire::SegmentCreated>(CreateOf(kOtherSegment));
    if (restart) {
      harness.CrashStore();
      harness.RestartStore();
    }
    harness.durable_faults().appends = {{.fault = DurableFault::kNone, .slow_by = milliseconds(50)}};
    // Forgotten readers are not even sent the empty reply of a long silence.
    EXPECT_EQ(TwoReaders(harness).woken, kPlanted && restart ? 0u : 2u);
  }
}

}  // namespace
}  // namespace pravega::sim
