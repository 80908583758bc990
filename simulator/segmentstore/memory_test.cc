// Goal: a request costs the store at most 32 times its bytes, whatever it asks for.
// Method: every allocation of this process is counted while a store handles the costliest requests; the client, which
// takes no answer meanwhile, and the network are counted too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "simulator/segmentstore/store_harness.h"

namespace {

// Bytes asked of the heap and not yet returned, and their maximum since it was last reset.
size_t live_bytes = 0;
size_t peak_bytes = 0;

constexpr size_t kPrefix = alignof(std::max_align_t);

}  // namespace

void* operator new(size_t size) {
  char* memory = static_cast<char*>(std::malloc(size + kPrefix));
  if (memory == nullptr) std::abort();
  *reinterpret_cast<size_t*>(memory) = size;
  live_bytes += size;
  peak_bytes = std::max(peak_bytes, live_bytes);
  return memory + kPrefix;
}
void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  char* memory = static_cast<char*>(pointer) - kPrefix;
  live_bytes -= *reinterpret_cast<size_t*>(memory);
  std::free(memory);
}
void operator delete(void* pointer, size_t) noexcept { operator delete(pointer); }

namespace pravega::sim {
namespace {

// Bytes allocated at the highest, over the bytes of the request's frame. `command` is answered, or ends the connection.
double CostOf(const wire::Command& command) {
  StoreHarness harness;
  StoreHarness::Connection& c = harness.Connect();
  c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  c.PauseReading(true);
  harness.Pass(std::chrono::milliseconds(100));
  absl::StatusOr<Buffer> frame = wire::EncodeContiguous(command);
  EXPECT_TRUE(frame.ok()) << frame.status();
  const size_t before = live_bytes;
  peak_bytes = live_bytes;
  c.SendBytes(std::string(frame->view()));
  harness.Pass(std::chrono::seconds(5));
  const size_t highest = peak_bytes - before;
  c.PauseReading(false);
  std::optional<wire::Command> reply = c.Receive();
  EXPECT_TRUE(reply.has_value() || c.closed());
  double cost = static_cast<double>(highest) / static_cast<double>(frame->size());
  ::testing::Test::RecordProperty("times_the_frame", std::to_string(cost));
  return cost;
}

TEST(StoreMemory, ABatchOfMergesOfTheShortestNames) {
  wire::MergeSegmentsBatch batch{.request_id = kRequest, .target = kSegment};
  batch.sources.assign(300'000, "x");
  EXPECT_LT(CostOf(batch), 32);
}

TEST(StoreMemory, ABatchOfMergesOfNamesThatNeedAnAllocationEach) {
  wire::MergeSegmentsBatch batch{.request_id = kRequest, .target = kSegment};
  batch.sources.assign(50'000, "sc/st/0.#epoch.9");
  EXPECT_LT(CostOf(batch), 32);
}

TEST(StoreMemory, ABatchOfMergesWithoutNames) {
  wire::MergeSegmentsBatch batch{.request_id = kRequest, .target = kSegment};
  batch.sources.resize(300'000);
  EXPECT_LT(CostOf(batch), 32);
}

TEST(StoreMemory, AMergeWithManyAttributes) {
  wire::MergeSegments merge{.request_id = kRequest, .target = kSegment, .source = "x"};
  for (uint64_t i = 0; i < 30'000; ++i) {
    merge.attribute_updates.push_back({Uuid{7, i}, wire::AttributeUpdateType::kReplace, 1, 0});
  }
  EXPECT_LT(CostOf(merge), 32);
}

}  // namespace
}  // namespace pravega::sim
