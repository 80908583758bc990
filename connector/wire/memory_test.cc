// Goal: what a peer declares costs nothing; only what it sends does. Method: every allocation of this process is
// counted, while falsified frames are parsed whole and byte by byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/big_endian.h"
#include "connector/core/buffer.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "connector/wire/frame_parser.h"
#include "connector/wire/frames_for_test.h"
#include "gtest/gtest.h"

namespace {

// Bytes asked of the heap and not yet returned, and their maximum since it was last reset.
size_t live_bytes = 0;
size_t peak_bytes = 0;
size_t total_bytes = 0;

constexpr size_t kPrefix = alignof(std::max_align_t);

}  // namespace

void* operator new(size_t size) {
  char* memory = static_cast<char*>(std::malloc(size + kPrefix));
  if (memory == nullptr) std::abort();
  *reinterpret_cast<size_t*>(memory) = size;
  live_bytes += size;
  total_bytes += size;
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

namespace pravega::wire {
namespace {

// The one cost that does not depend on what arrived: the text of an error.
constexpr size_t kErrorBytes = 512;

struct Cost {
  size_t peak = 0;      // above what lived before
  size_t total = 0;     // allocated altogether
  size_t received = 0;  // bytes that had arrived at the end or the error
  bool failed = false;
  bool within = true;  // at no moment more than 32 times what had arrived, but for the text of an error
};

// Parses `bytes` in chunks, keeping one command at a time. The chunks themselves are the caller's, and are not counted.
Cost Parse(std::string_view bytes, size_t chunk_bytes) {
  std::vector<Buffer> chunks;
  for (size_t at = 0; at < bytes.size(); at += chunk_bytes) {
    chunks.push_back(Buffer::Copy(bytes.substr(at, chunk_bytes)));
  }
  Cost cost;
  FrameParser parser(FrameParser::Options::ForServer());
  const size_t before = live_bytes;
  const size_t total_before = total_bytes;
  peak_bytes = live_bytes;
  for (const Buffer& chunk : chunks) {
    cost.received += chunk.size();
    parser.Push(chunk);
    bool more = true;
    while (more) {
      absl::StatusOr<std::optional<Command>> next = parser.Next();
      more = next.ok() && next->has_value();
      if (!next.ok()) {
        cost.failed = true;
        cost.peak = peak_bytes - before;
        cost.total = total_bytes - total_before;
        cost.within = cost.within && cost.peak <= 32 * cost.received + kErrorBytes;
        return cost;
      }
    }
    cost.peak = peak_bytes - before;
    cost.within = cost.within && cost.peak <= 32 * cost.received;
  }
  cost.total = total_bytes - total_before;
  return cost;
}

std::string Frame(int32_t code, int32_t length, std::string_view payload) {
  std::string frame(8, '\0');
  StoreBigEndian(code, frame.data());
  StoreBigEndian(length, frame.data() + 4);
  return frame + std::string(payload);
}

TEST(ParserMemory, ADeclaredLengthAllocatesNothing) {
  for (const CommandInfo& info : AllCommands()) {
    Cost cost = Parse(Frame(info.code(), 0xfffff7, std::string(100, '\0')), 1 << 20);
    EXPECT_LE(cost.peak, 2 * cost.received) << info.name;
    cost = Parse(Frame(info.code(), 0xfffff7, std::string(100, '\0')), 1);
    EXPECT_LE(cost.peak, 3 * cost.received) << info.name;
  }
}

// Each position of each golden frame holds, in turn, a huge, a negative and a plausible but wrong number.
TEST(ParserMemory, FalsifiedCountsAndLengthsStayWithin32TimesWhatArrived) {
  double worst = 0;
  std::string worst_frame;
  size_t worst_error = 0;
  int errors = 0;
  for (const std::vector<std::string>& line : ReadTestData("golden_frames.txt")) {
    const std::string golden = FromHex(line[1]);
    for (size_t at = 4; at + 4 <= golden.size(); ++at) {
      for (uint32_t number : {0x7fffffffu, 0xffffffffu, 0x80000000u, 0x00fffff7u, 0x000000ffu, 0xffff0000u}) {
        std::string frame = golden;
        StoreBigEndian(number, frame.data() + at);
        for (size_t chunk : {frame.size(), size_t{1}}) {
          Cost cost = Parse(frame, chunk);
          EXPECT_TRUE(cost.within) << ToHex(frame) << ": " << cost.peak << " for " << cost.received;
          if (cost.failed) {
            ++errors;
            worst_error = std::max(worst_error, cost.peak);
            continue;
          }
          double ratio = static_cast<double>(cost.peak) / static_cast<double>(cost.received);
          if (ratio > worst) {
            worst = ratio;
            worst_frame = line[0];
          }
        }
      }
    }
  }
  RecordProperty("worst_ratio", std::to_string(worst));
  EXPECT_GT(errors, 5000);
  std::printf("at most %.1f bytes for each byte received, in a falsified %s; %d errors, at most %zu bytes for one\n",
              worst, worst_frame.c_str(), errors, worst_error);
}

// The densest lists: what takes most memory for the fewest bytes.
TEST(ParserMemory, ListsOfTheSmallestElementsStayWithin32TimesTheirBytes) {
  struct Case {
    Command command;
  };
  const size_t kCount = 20000;
  const Case cases[] = {
      {MergeSegmentsBatch{.target = "t", .sources = std::vector<std::string>(kCount)}},
      {MergeSegmentsBatch{.target = "t", .sources = std::vector<std::string>(kCount / 16, std::string(16, 's'))}},
      {SegmentsBatchMerged{.target = "t", .merged = std::vector<MergedSource>(kCount)}},
      {MergeSegments{.target = "t", .source = "s", .attribute_updates = std::vector<AttributeUpdate>(kCount)}},
      {TableEntriesUpdated{.updated_versions = std::vector<int64_t>(kCount)}},
      {ReadTable{.segment = "t", .keys = std::vector<TableKey>(kCount)}},
      {TableRead{.segment = "t", .entries = std::vector<TableEntry>(kCount)}},
      {StorageChunksListed{.chunks = std::vector<ChunkInfo>(kCount)}},
  };
  for (const Case& c : cases) {
    std::string frame = BytesOf(c.command);
    ASSERT_FALSE(frame.empty());
    for (size_t chunk : {frame.size(), size_t{1000}, size_t{1}}) {
      Cost cost = Parse(frame, chunk);
      EXPECT_TRUE(cost.within);
      EXPECT_LE(cost.peak, 20 * frame.size()) << InfoOf(c.command).name;
    }
  }
}

// Byte by byte: a parser that copied what it has for each byte would allocate gigabytes here.
TEST(ParserMemory, OneByteChunksCostLinearly) {
  std::string frame = BytesOf(AppendBlock{.data = Buffer(std::string(1 << 20, 'd'))});
  Cost cost = Parse(frame, 1);
  EXPECT_LE(cost.total, 4 * frame.size());
  std::string small = BytesOf(SegmentCreated{.segment = "a segment with a name of some length"});
  std::string many;
  for (int i = 0; i < 20000; ++i) many += small;
  cost = Parse(many, 1);
  EXPECT_LE(cost.total, 8 * many.size());
  EXPECT_LE(cost.peak, 1000u);
}

// Data of a frame within one chunk are slices: their bytes are not allocated again.
TEST(ParserMemory, DataAreNotCopied) {
  std::string frame = BytesOf(SegmentRead{.segment = "s", .data = Buffer(std::string(1 << 20, 'd'))});
  Cost cost = Parse(frame, frame.size());
  EXPECT_LE(cost.total, 200u);
  Buffer data(std::string(1 << 20, 'd'));
  const size_t before = total_bytes;
  EncodedFrames frames;
  ASSERT_TRUE(Encode(SegmentRead{.segment = "s", .data = data}, &frames).ok());
  std::vector<Buffer> pieces = frames.Take();
  EXPECT_LE(total_bytes - before, 2000u);
}

}  // namespace
}  // namespace pravega::wire
