#include "scenarios/model/nearest.h"

#include <algorithm>
#include <cstddef>

namespace pravega::scenarios {
namespace {

// Levenshtein's distance, one row at a time. Words are cut to a length at which no typing error matters any more, so
// that hostile input costs nothing.
size_t EditDistance(std::string_view a, std::string_view b) {
  constexpr size_t kLongest = 64;
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string best;
  size_t best_distance = 0;
  for (std::string_view candidate : known) {
    size_t distance = EditDistance(word, candidate);
    if (2 * distance > std::max(word.size(), candidate.size())) continue;
    if (best.empty() || distance < best_distance) {
      best = std::string(candidate);
      best_distance = distance;
    }
  }
  return best;
}

std::string SuggestFor(std::string_view word, const std::vector<std::string_view>& known) {
  std::string nearest = Nearest(word, known);
  if (!nearest.empty()) return "; did you mean '" + nearest + "'?";
  std::string all = "; known are";
  for (size_t i = 0; i < known.size(); ++i) all += (i == 0 ? " " : ", ") + std::string(known[i]);
  return all;
}

}  // namespace pravega::scenarios
