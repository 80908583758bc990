// How far a segment has been read.
#ifndef PRAVEGA_CONNECTOR_CORE_SEGMENT_POSITION_H_
#define PRAVEGA_CONNECTOR_CORE_SEGMENT_POSITION_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "connector/core/check.h"
#include "connector/core/ids.h"

namespace pravega {

// Either an offset, that of the next event to be read, or the mark -1 of the payload formats, which is no offset and
// must never reach a store: in what clients make of positions it says "read to its end"; in the controller's algebra of
// cuts the same mark says "not begun" (Pravega client, "-1 has two meanings"). Neither is at an offset, hence one mark
// here too. Ordered by progress: the mark comes after every offset.
class SegmentPosition {
 public:
  // At the beginning of the segment.
  constexpr SegmentPosition() = default;
  static constexpr SegmentPosition At(Offset offset) { return SegmentPosition(offset.value()); }
  static constexpr SegmentPosition Finished() { return SegmentPosition(kMark); }

  constexpr bool finished() const { return value_ == kMark; }
  // CHECKs that this is not the mark.
  constexpr Offset offset() const {
    CHECK(!finished());
    return Offset(value_);
  }

  // The number that payload formats hold.
  constexpr int64_t number() const { return value_; }
  // Nothing if the number is below -1.
  static constexpr std::optional<SegmentPosition> FromNumber(int64_t number) {
    if (number < kMark) return std::nullopt;
    return SegmentPosition(number);
  }

  // "120" or "end".
  std::string ToString() const { return finished() ? "end" : std::to_string(value_); }

  friend constexpr bool operator==(SegmentPosition, SegmentPosition) = default;
  friend constexpr std::strong_ordering operator<=>(SegmentPosition a, SegmentPosition b) {
    // As unsigned numbers the mark is the greatest.
    return static_cast<uint64_t>(a.value_) <=> static_cast<uint64_t>(b.value_);
  }

 private:
  static constexpr int64_t kMark = -1;
  constexpr explicit SegmentPosition(int64_t value) : value_(value) { CHECK(value >= kMark); }

  int64_t value_ = 0;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_SEGMENT_POSITION_H_
