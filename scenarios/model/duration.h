// Durations as people write them: "250ms", "10s", "2m".
#ifndef PRAVEGA_SCENARIOS_MODEL_DURATION_H_
#define PRAVEGA_SCENARIOS_MODEL_DURATION_H_

#include <optional>
#include <string>
#include <string_view>

#include "scenarios/model/scenario.h"

namespace pravega::scenarios {

// A whole number, no sign, and one of ns, us, ms, s, m, h; "0" alone too. None if it is anything else or overflows.
std::optional<Duration> ParseDuration(std::string_view text);
// The shortest form that ParseDuration reads back as the same.
std::string PrintDuration(Duration duration);

// "LOW..HIGH" with LOW <= HIGH, or one duration for both.
std::optional<DurationRange> ParseRange(std::string_view text);
std::string PrintRange(DurationRange range);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_MODEL_DURATION_H_
