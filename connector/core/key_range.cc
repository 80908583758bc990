#include "connector/core/key_range.h"

#include <charconv>
#include <cstddef>

namespace pravega {
namespace {

// Shortest text that reads back as the same double.
std::string Shortest(double value) {
  char text[32];
  auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return error == std::errc() ? std::string(text, static_cast<size_t>(end - text)) : "?";
}

KeyRange UpToItsEnd(KeyRange range) {
  if (ReachesTheEnd(range.high)) range.high = 1;
  return range;
}

}  // namespace

std::string KeyRange::ToString() const { return "[" + Shortest(low) + ", " + Shortest(high) + "]"; }

KeyRangeSet KeyRangeSet::All() {
  KeyRangeSet all;
  all.Add({0, 1});
  return all;
}

void KeyRangeSet::Add(const KeyRange& range) {
  if (!(range.low < range.high)) return;
  KeyRange merged = UpToItsEnd(range);
  std::vector<KeyRange> kept;
  for (const KeyRange& r : ranges_) {
    if (r.high < merged.low || r.low > merged.high) {
      kept.push_back(r);
    } else {
      merged = {std::min(r.low, merged.low), std::max(r.high, merged.high)};
    }
  }
  auto at = std::find_if(kept.begin(), kept.end(), [&](const KeyRange& r) { return r.low > merged.high; });
  kept.insert(at, merged);
  ranges_ = std::move(kept);
}

void KeyRangeSet::Remove(const KeyRange& removed) {
  if (!(removed.low < removed.high)) return;
  const KeyRange range = UpToItsEnd(removed);
  std::vector<KeyRange> kept;
  for (const KeyRange& r : ranges_) {
    if (!r.Overlaps(range)) {
      kept.push_back(r);
      continue;
    }
    if (r.low < range.low) kept.push_back({r.low, range.low});
    if (range.high < r.high) kept.push_back({range.high, r.high});
  }
  ranges_ = std::move(kept);
}

bool KeyRangeSet::Contains(const KeyRange& range) const {
  if (!(range.low < range.high)) return true;
  const double high = UpToItsEnd(range).high;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const KeyRange& r) { return r.low <= range.low && high <= r.high; });
}

bool KeyRangeSet::Overlaps(const KeyRange& range) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const KeyRange& r) { return r.Overlaps(range); });
}

std::string KeyRangeSet::ToString() const {
  std::string text;
  for (const KeyRange& r : ranges_) {
    if (!text.empty()) text += " ";
    text += r.ToString();
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace pravega
