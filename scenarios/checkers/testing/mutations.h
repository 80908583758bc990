// What can be done to a good history: harm that a checker must find, and changes that none may object to.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_TESTING_MUTATIONS_H_
#define PRAVEGA_SCENARIOS_CHECKERS_TESTING_MUTATIONS_H_

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scenarios/history/history.h"

namespace pravega::scenarios {

// Returns a number below its argument, which is positive.
using Chooser = std::function<int(int)>;

struct HarmfulMutation {
  std::string_view name;
  std::string_view checker;  // that must find it
  // Changes the history at a chosen place. Returns the operations that the checker's witness must name, or nullopt if
  // the history has no such place and was left alone.
  std::optional<std::vector<OpId>> (*apply)(History&, const Chooser&);
};
std::span<const HarmfulMutation> HarmfulMutations();

struct BenignMutation {
  std::string_view name;
  bool (*apply)(History&, const Chooser&);  // false: the history has no such place and was left alone
};
std::span<const BenignMutation> BenignMutations();

// Mutations that take away what a checker needs to tell: it must say so, not pass.
struct BlindingMutation {
  std::string_view name;
  std::string_view checker;
  bool (*apply)(History&, const Chooser&);
};
std::span<const BlindingMutation> BlindingMutations();

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_TESTING_MUTATIONS_H_
