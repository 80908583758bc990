// "Did you mean": the known word nearest to an unknown one.
#ifndef PRAVEGA_SCENARIOS_MODEL_NEAREST_H_
#define PRAVEGA_SCENARIOS_MODEL_NEAREST_H_

#include <string>
#include <string_view>
#include <vector>

namespace pravega::scenarios {

// The word of `known` with the smallest edit distance to `word` (the first of several); empty if none is near enough to
// be meant: more than half of the longer word's letters would change.
std::string Nearest(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean 'X'?", or the list of what is known if nothing is near.
std::string SuggestFor(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_MODEL_NEAREST_H_
