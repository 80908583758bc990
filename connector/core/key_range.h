// Ranges of the key space [0, 1] and sets of them.
//
// The bounds are doubles that the controller computed. Servers compare them bit by bit, so a range is carried on as it
// was received and never recomputed; what is computed here (unions, differences) serves decisions alone.
#ifndef PRAVEGA_CONNECTOR_CORE_KEY_RANGE_H_
#define PRAVEGA_CONNECTOR_CORE_KEY_RANGE_H_

#include <algorithm>
#include <string>
#include <vector>

namespace pravega {

// Whether nothing is left of the key space above `bound`: it is the highest place where a key can fall (keys fall on
// multiples of 2^-52 below 1), or higher. The last range of a stream need not end at 1: controllers compute bounds as
// i * (1.0 / n) in doubles, which for 49 segments, and 98, 103, 107, 161 ..., comes to the double below 1.
constexpr bool ReachesTheEnd(double bound) { return bound >= 1 - 0x1p-52; }

// The part of the key space that a segment serves. A key on the bound of two ranges belongs to the lower one
// (routing.h); the very first key, 0, belongs to the first.
struct KeyRange {
  double low = 0;
  double high = 0;

  // Whether they share more than a bound.
  bool Overlaps(const KeyRange& other) const { return std::max(low, other.low) < std::min(high, other.high); }
  // "[0.25, 0.5]", with as many digits as tell two doubles apart.
  std::string ToString() const;
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

// A set of points of the key space, as ranges that neither overlap nor touch. Empty ranges are ignored. A range that
// reaches the end of the key space counts as one up to 1.
class KeyRangeSet {
 public:
  KeyRangeSet() = default;
  // [0, 1].
  static KeyRangeSet All();

  void Add(const KeyRange& range);
  void Remove(const KeyRange& removed);
  bool empty() const { return ranges_.empty(); }
  // Whether the whole of `range` is in the set; true for an empty range.
  bool Contains(const KeyRange& range) const;
  // Whether a part of `range` that is more than a point is in the set.
  bool Overlaps(const KeyRange& range) const;
  // In ascending order.
  const std::vector<KeyRange>& ranges() const { return ranges_; }
  std::string ToString() const;
  friend bool operator==(const KeyRangeSet&, const KeyRangeSet&) = default;

 private:
  std::vector<KeyRange> ranges_;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_KEY_RANGE_H_
