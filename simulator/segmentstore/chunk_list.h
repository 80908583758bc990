// ChunkList: the bytes of a segment as slices of the buffers that they came in.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_CHUNK_LIST_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_CHUNK_LIST_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "connector/core/buffer.h"

namespace pravega::sim {

// Bytes [start, end) of a segment, contiguous. Thread-compatible.
class ChunkList {
 public:
  // What is read from a chunk that still has so many bytes is handed out as a slice, even if the read asked for more;
  // smaller pieces are copied together. A round trip saved is worth a copy, up to a point.
  static constexpr size_t kSliceBytes = 64 * 1024;

  explicit ChunkList(int64_t start = 0) : start_(start), end_(start) {}

  int64_t start() const { return start_; }
  int64_t end() const { return end_; }

  // Shares the slab of `bytes`, unless they are less than a quarter of it: then they are copied, so that a small chunk
  // never keeps a big slab alive.
  void Append(Buffer bytes);
  // Takes over all bytes of `other`.
  void Append(ChunkList other);
  // Drops what lies before `offset`, start <= offset <= end. A chunk goes when its last byte is dropped.
  void TruncateBefore(int64_t offset);
  // At least 1 and at most `max` bytes at `offset`, start <= offset < end, max > 0. Fewer than there are only if at
  // least kSliceBytes.
  Buffer Read(int64_t offset, size_t max) const;

  size_t chunks() const { return chunks_.size(); }

 private:
  struct Chunk {
    int64_t offset;
    Buffer bytes;
  };
  int64_t start_;
  int64_t end_;
  std::deque<Chunk> chunks_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_CHUNK_LIST_H_
