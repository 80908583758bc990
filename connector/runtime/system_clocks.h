// The machine's clocks, for runtimes that run under real time.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_SYSTEM_CLOCKS_H_
#define PRAVEGA_CONNECTOR_RUNTIME_SYSTEM_CLOCKS_H_

#include <chrono>

#include "connector/runtime/time.h"

namespace pravega::runtime {

// Since the origin of std::chrono::steady_clock.
inline Instant SteadyNow() { return Instant() + Duration(std::chrono::steady_clock::now().time_since_epoch()); }

inline WallMillis SystemWallNow() {
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return WallMillis(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_SYSTEM_CLOCKS_H_
