// Position: how far a reader has come in each segment that it owns; every event is delivered with one.
#ifndef PRAVEGA_CONNECTOR_CORE_POSITION_H_
#define PRAVEGA_CONNECTOR_CORE_POSITION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"

namespace pravega {

// An immutable snapshot; copying it copies a pointer and a number. The map of segments is built when it is asked for:
// most positions are thrown away unread. Safe to use from any thread, also while the reader that made it goes on.
class Position {
 public:
  struct Entry {
    SegmentPosition position;       // the next event to be read
    std::optional<KeyRange> range;  // of the segment, if known; decoration
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  using Map = std::map<SegmentRef, Entry>;

  // Of a reader that owns nothing.
  Position() = default;
  explicit Position(const Map& segments);

  // Costs time in proportion to the segments of the reader.
  Map Segments() const;

  absl::StatusOr<std::string> ToBytes() const;
  static absl::StatusOr<Position> FromBytes(std::string_view bytes);
  // For people: "{scope/stream/0.#epoch.0:10, scope/stream/1.#epoch.0:end}".
  std::string ToString() const;

  friend bool operator==(const Position& a, const Position& b) { return a.Segments() == b.Segments(); }

 private:
  friend class PositionTracker;
  struct Chunk;
  Position(std::shared_ptr<const Chunk> chunk, size_t updates) : chunk_(std::move(chunk)), updates_(updates) {}

  std::shared_ptr<const Chunk> chunk_;
  size_t updates_ = 0;  // how many of the chunk's updates had been made
};

// The reader's side: follows its segments and makes snapshots in constant time.
// Thread-compatible.
class PositionTracker {
 public:
  // Names a segment of this tracker from Add to Remove.
  using Slot = uint32_t;

  PositionTracker();

  Slot Add(SegmentRef segment, SegmentPosition position, std::optional<KeyRange> range);
  // CHECKs, as the two below, that the slot is in use.
  void Remove(Slot slot);
  // Constant time, apart from a copy of the list of segments after every kUpdatesOfChunk calls.
  void Advance(Slot slot, SegmentPosition position);
  SegmentPosition At(Slot slot) const;

  Position Snapshot() const;

  static constexpr size_t kUpdatesOfChunk = 128;

 private:
  // A copy of the current chunk with its updates done.
  std::shared_ptr<Position::Chunk> Folded() const;

  std::shared_ptr<Position::Chunk> chunk_;
  size_t updates_ = 0;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_POSITION_H_
