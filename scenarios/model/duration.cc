#include "scenarios/model/duration.h"

#include <charconv>
#include <cstdint>

namespace pravega::scenarios {
namespace {

struct Unit {
  std::string_view name;
  int64_t nanos;
};

// From the largest down, as printing wants it.
constexpr Unit kUnits[] = {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
                           {"ms", 1'000'000},        {"us", 1'000},         {"ns", 1}};

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text == "0") return Duration(0);
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || text.starts_with('-')) return std::nullopt;
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  for (const Unit& known : kUnits) {
    if (unit != known.name) continue;
    int64_t nanos = 0;
    if (__builtin_mul_overflow(number, known.nanos, &nanos)) return std::nullopt;
    return Duration(nanos);
  }
  return std::nullopt;
}

std::string PrintDuration(Duration duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() != 0 && duration.count() % unit.nanos == 0) {
      return std::to_string(duration.count() / unit.nanos) + std::string(unit.name);
    }
  }
  return "0";
}

std::optional<DurationRange> ParseRange(std::string_view text) {
  size_t dots = text.find("..");
  std::optional<Duration> low = ParseDuration(text.substr(0, dots));
  std::optional<Duration> high = dots == std::string_view::npos ? low : ParseDuration(text.substr(dots + 2));
  if (!low || !high || *low > *high) return std::nullopt;
  return DurationRange{*low, *high};
}

std::string PrintRange(DurationRange range) {
  if (range.low == range.high) return PrintDuration(range.low);
  return PrintDuration(range.low) + ".." + PrintDuration(range.high);
}

}  // namespace pravega::scenarios
