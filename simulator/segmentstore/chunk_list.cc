#include "simulator/segmentstore/chunk_list.h"

#include <algorithm>
#include <string>
#include <utility>

#include "connector/core/check.h"

namespace pravega::sim {

void ChunkList::Append(Buffer bytes) {
  if (bytes.empty()) return;
  if (bytes.size() < bytes.slab_size() / 4) bytes = Buffer::Copy(bytes.view());
  int64_t offset = end_;
  end_ += static_cast<int64_t>(bytes.size());
  chunks_.push_back({offset, std::move(bytes)});
}

void ChunkList::Append(ChunkList other) {
  if (other.start_ == other.end_) return;
  // A truncated list may begin inside its first chunk.
  Chunk& first = other.chunks_.front();
  first.bytes = first.bytes.From(static_cast<size_t>(other.start_ - first.offset));
  for (Chunk& chunk : other.chunks_) {
    int64_t size = static_cast<int64_t>(chunk.bytes.size());
    chunks_.push_back({end_, std::move(chunk.bytes)});
    end_ += size;
  }
}

void ChunkList::TruncateBefore(int64_t offset) {
  CHECK(offset >= start_);
  CHECK(offset <= end_);
  start_ = offset;
  while (!chunks_.empty() && chunks_.front().offset + static_cast<int64_t>(chunks_.front().bytes.size()) <= offset) {
    chunks_.pop_front();
  }
}

Buffer ChunkList::Read(int64_t offset, size_t max) const {
  CHECK(offset >= start_);
  CHECK(offset < end_);
  CHECK(max > 0);
  auto chunk = std::upper_bound(chunks_.begin(), chunks_.end(), offset,
                                [](int64_t wanted, const Chunk& c) { return wanted < c.offset; });
  --chunk;
  size_t within = static_cast<size_t>(offset - chunk->offset);
  size_t wanted = std::min(max, static_cast<size_t>(end_ - offset));
  size_t here = std::min(wanted, chunk->bytes.size() - within);
  if (here == wanted || here >= kSliceBytes) return chunk->bytes.Slice(within, here);
  std::string gathered;
  gathered.reserve(wanted);
  gathered.append(chunk->bytes.view().substr(within));
  while (gathered.size() < wanted) {
    ++chunk;
    gathered.append(chunk->bytes.view().substr(0, wanted - gathered.size()));
  }
  return Buffer(std::move(gathered));
}

}  // namespace pravega::sim
