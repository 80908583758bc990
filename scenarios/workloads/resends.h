// CountResends: hands a writer's counters to the observer when the writer is at its end, or dies with its machine.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_RESENDS_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_RESENDS_H_

#include "scenarios/workloads/context.h"

namespace pravega::scenarios {

// `Writer` has stats(). Declared behind the writer, in the frame that owns it, so that it goes first, however the frame
// ends.
template <typename Writer>
class CountResends {
 public:
  CountResends(ResendStats& into, const Writer& writer) : into_(into), writer_(writer) {}
  ~CountResends() {
    const auto stats = writer_.stats();
    into_.appends += stats.appends_resent;
    into_.events += stats.events_resent;
    into_.found_there += stats.appends_acked_by_setup;
    into_.moved += stats.units_moved;
  }
  CountResends(const CountResends&) = delete;
  CountResends& operator=(const CountResends&) = delete;

 private:
  ResendStats& into_;
  const Writer& writer_;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_RESENDS_H_
