// From routing keys to segments (Pravega client, "routing key to position").
#ifndef PRAVEGA_CONNECTOR_CORE_ROUTING_H_
#define PRAVEGA_CONNECTOR_CORE_ROUTING_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/core/key_range.h"
#include "connector/core/strings.h"

namespace pravega {

// Where a routing key falls, 0 <= x < 1: the same for every writer in every language of the Java family. (The Rust
// client and what is built on it pad the hashed bytes, so that keys with characters outside ASCII fall elsewhere.)
double RoutingKeyPosition(std::string_view routing_key_utf8);

// Where the primary key of a key-value table falls: the same function over the raw bytes with the tables' own seed.
double TableKeyPosition(std::string_view primary_key_bytes);

// The function behind both, of text under the Java string hash of `seed` (a reader chooses what to release by it).
double SeededPosition(std::string_view text_utf8, std::string_view seed);

// Which value serves which part of the key space. T is what names a segment, comparable with ==.
// Thread-compatible.
template <typename T>
class RoutingTable {
 public:
  struct Entry {
    KeyRange range;
    T value;
  };

  // Fails unless the ranges, in any order, tile the key space: a table with a hole would lose keys.
  static absl::StatusOr<RoutingTable> Create(std::vector<Entry> entries) {
    RoutingTable table;
    absl::Status status = Check(&entries, {0, 1});
    if (!status.ok()) return status;
    for (Entry& entry : entries) {
      double high = entry.range.high;
      table.by_high_.emplace(high, std::move(entry));
    }
    return table;
  }

  // The entry with the smallest high bound >= `position`, so that a position on a bound belongs to the lower range.
  // CHECKs that 0 <= position <= 1.
  const Entry& Find(double position) const {
    CHECK(position >= 0 && position <= 1);
    auto at = by_high_.lower_bound(position);
    // The last range serves everything up to 1, also if its bound is a little less (ReachesTheEnd).
    return at == by_high_.end() ? by_high_.rbegin()->second : at->second;
  }

  // Puts `successors` in place of `old`, and only there: a successor that other segments merge into as well serves no
  // more of the key space than `old` did, until those are replaced too. Fails, changing nothing, if `old` is unknown or
  // the successors leave out a part of its range.
  absl::Status Replace(const T& old, const std::vector<Entry>& successors) {
    std::map<double, Entry> result;
    bool found = false;
    for (const auto& [high, entry] : by_high_) {
      if (!(entry.value == old)) {
        result.emplace(high, entry);
        continue;
      }
      found = true;
      std::vector<Entry> parts;
      for (const Entry& successor : successors) {
        if (!successor.range.Overlaps(entry.range)) continue;
        parts.push_back(
            {{std::max(successor.range.low, entry.range.low), std::min(successor.range.high, high)}, successor.value});
      }
      absl::Status status = Check(&parts, entry.range);
      if (!status.ok()) return status;
      for (Entry& part : parts) {
        double part_high = part.range.high;
        result.emplace(part_high, std::move(part));
      }
    }
    if (!found) return absl::NotFoundError("the segment to be replaced serves no part of the key space");
    by_high_ = std::move(result);
    return absl::OkStatus();
  }

  // In ascending order of ranges.
  std::vector<Entry> entries() const {
    std::vector<Entry> all;
    for (const auto& [high, entry] : by_high_) all.push_back(entry);
    return all;
  }

 private:
  // Sorts the entries; fails unless they tile `whole` bit by bit, or up to the end of the key space if that does so.
  static absl::Status Check(std::vector<Entry>* entries, const KeyRange& whole) {
    std::sort(entries->begin(), entries->end(),
              [](const Entry& a, const Entry& b) { return a.range.high < b.range.high; });
    double reached = whole.low;
    for (const Entry& entry : *entries) {
      if (entry.range.low != reached || !(entry.range.low < entry.range.high)) {
        return MakeStatus(absl::StatusCode::kInvalidArgument, "ranges of segments do not tile ", whole.ToString(), ": ",
                          entry.range.ToString(), " follows ", KeyRange{whole.low, reached}.ToString());
      }
      reached = entry.range.high;
    }
    const bool complete = reached == whole.high || (ReachesTheEnd(reached) && ReachesTheEnd(whole.high));
    if (!complete) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "ranges of segments do not tile ", whole.ToString(),
                        ": nothing covers ", KeyRange{reached, whole.high}.ToString());
    }
    return absl::OkStatus();
  }

  std::map<double, Entry> by_high_;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_ROUTING_H_
