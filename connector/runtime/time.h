// Time as the seam knows it: a monotonic Instant and a wall clock in milliseconds, both per node.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_TIME_H_
#define PRAVEGA_CONNECTOR_RUNTIME_TIME_H_

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace pravega::runtime {

using Duration = std::chrono::nanoseconds;

// A point of a node's monotonic clock, in nanoseconds since an origin that only that node knows. Comparing instants of
// two nodes is meaningless: their clocks may run at different rates.
class Instant {
 public:
  constexpr Instant() = default;
  constexpr explicit Instant(int64_t nanos) : nanos_(nanos) {}
  static constexpr Instant Infinite() { return Instant(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t nanos() const { return nanos_; }
  constexpr bool infinite() const { return *this == Infinite(); }

  // Saturates at Infinite(), so that "now + forever" needs no care.
  friend constexpr Instant operator+(Instant at, Duration by) {
    int64_t sum = 0;
    if (__builtin_add_overflow(at.nanos_, by.count(), &sum)) return Infinite();
    return Instant(sum);
  }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.nanos_ - b.nanos_); }
  friend constexpr auto operator<=>(Instant, Instant) = default;

 private:
  int64_t nanos_ = 0;
};

// Milliseconds since the Unix epoch as a node's wall clock shows them; may be skewed against other nodes.
class WallMillis {
 public:
  constexpr WallMillis() = default;
  constexpr explicit WallMillis(int64_t millis) : millis_(millis) {}
  constexpr int64_t millis() const { return millis_; }
  friend constexpr auto operator<=>(WallMillis, WallMillis) = default;

 private:
  int64_t millis_ = 0;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_TIME_H_
