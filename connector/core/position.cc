#include "connector/core/position.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/core/versioned_serializer.h"

namespace pravega {
namespace {

// How the format, whose numbers have no sign, writes -1.
constexpr int64_t kFinishedOnTheWire = (int64_t{1} << 62) - 2;

struct Segment {
  SegmentRef name;
  std::optional<KeyRange> range;
};

struct Owned {
  std::shared_ptr<const Segment> segment;  // null: a slot that is not in use
  SegmentPosition position;
};

struct Update {
  PositionTracker::Slot slot;
  SegmentPosition position;
};

}  // namespace

// The segments at one moment, and the progress since then. A tracker appends to `updates`; a snapshot remembers how
// many there were and never looks beyond, so it may be read on another thread.
struct Position::Chunk {
  std::vector<Owned> owned;
  std::array<Update, PositionTracker::kUpdatesOfChunk> updates;
};

Position::Position(const Map& segments) {
  if (segments.empty()) return;
  auto chunk = std::make_shared<Chunk>();
  for (const auto& [segment, entry] : segments) {
    chunk->owned.push_back({std::make_shared<const Segment>(Segment{segment, entry.range}), entry.position});
  }
  chunk_ = std::move(chunk);
}

Position::Map Position::Segments() const {
  Map segments;
  if (chunk_ == nullptr) return segments;
  std::vector<Owned> owned = chunk_->owned;
  for (size_t i = 0; i < updates_; ++i) owned[chunk_->updates[i].slot].position = chunk_->updates[i].position;
  for (const Owned& o : owned) {
    if (o.segment != nullptr) segments.emplace(o.segment->name, Entry{o.position, o.segment->range});
  }
  return segments;
}

absl::StatusOr<std::string> Position::ToBytes() const {
  Map segments = Segments();
  SerializedWriter writer;
  writer.WriteObject(
      0,
      [&] {
        writer.WriteCollection(segments, [&](const auto& entry) {
          writer.WriteSegment(entry.first);
          SegmentPosition position = entry.second.position;
          writer.WriteCompactLong(position.finished() ? kFinishedOnTheWire : position.number());
        });
      },
      [&] {
        writer.WriteCollection(segments, [&](const auto& entry) {
          writer.WriteSegment(entry.first);
          writer.WriteRange(entry.second.range);
        });
      });
  return std::move(writer).Finish();
}

absl::StatusOr<Position> Position::FromBytes(std::string_view bytes) {
  SerializedReader reader(bytes);
  Map segments;
  reader.ReadObject(0, 2, [&](int, int revision) {
    reader.ReadCollection([&] {
      SegmentRef segment = reader.ReadSegment();
      if (revision == 0) {
        int64_t number = reader.ReadCompactLong();
        segments[std::move(segment)].position =
            number >= kFinishedOnTheWire ? SegmentPosition::Finished() : SegmentPosition::At(Offset(number));
      } else {
        std::optional<KeyRange> range = reader.ReadRange();
        auto at = segments.find(segment);
        if (at != segments.end()) at->second.range = range;
      }
    });
  });
  if (!reader.ok()) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "malformed position: ", ToStd(reader.status().message()));
  }
  return Position(segments);
}

std::string Position::ToString() const {
  std::string text = "{";
  for (const auto& [segment, entry] : Segments()) {
    if (text.size() > 1) text += ", ";
    text += segment.ToString() + ":" + entry.position.ToString();
  }
  return text + "}";
}

PositionTracker::PositionTracker() : chunk_(std::make_shared<Position::Chunk>()) {}

std::shared_ptr<Position::Chunk> PositionTracker::Folded() const {
  auto folded = std::make_shared<Position::Chunk>();
  folded->owned = chunk_->owned;
  for (size_t i = 0; i < updates_; ++i) folded->owned[chunk_->updates[i].slot].position = chunk_->updates[i].position;
  return folded;
}

PositionTracker::Slot PositionTracker::Add(SegmentRef segment, SegmentPosition position,
                                           std::optional<KeyRange> range) {
  chunk_ = Folded();
  updates_ = 0;
  std::vector<Owned>& owned = chunk_->owned;
  size_t slot = 0;
  while (slot < owned.size() && owned[slot].segment != nullptr) ++slot;
  if (slot == owned.size()) owned.emplace_back();
  owned[slot] = {std::make_shared<const Segment>(Segment{std::move(segment), range}), position};
  return static_cast<Slot>(slot);
}

void PositionTracker::Remove(Slot slot) {
  CHECK(slot < chunk_->owned.size() && chunk_->owned[slot].segment != nullptr);
  chunk_ = Folded();
  updates_ = 0;
  chunk_->owned[slot] = {};
}

void PositionTracker::Advance(Slot slot, SegmentPosition position) {
  CHECK(slot < chunk_->owned.size() && chunk_->owned[slot].segment != nullptr);
  if (updates_ == kUpdatesOfChunk) {
    chunk_ = Folded();
    updates_ = 0;
  }
  chunk_->updates[updates_++] = {slot, position};
}

SegmentPosition PositionTracker::At(Slot slot) const {
  CHECK(slot < chunk_->owned.size() && chunk_->owned[slot].segment != nullptr);
  for (size_t i = updates_; i > 0; --i) {
    if (chunk_->updates[i - 1].slot == slot) return chunk_->updates[i - 1].position;
  }
  return chunk_->owned[slot].position;
}

Position PositionTracker::Snapshot() const { return Position(chunk_, updates_); }

}  // namespace pravega
