// Ticket: travels with a request through its handler to its reply, and remembers the fault that is to strike there.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_TICKET_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_TICKET_H_

#include <memory>
#include <string>
#include <string_view>

#include "simulator/faults/session_faults.h"

namespace pravega::sim {

struct FaultedRequest {
  FaultPhase phase = FaultPhase::kNone;
  std::string_view command;  // a literal
  std::string subject;
};

// Null: no fault. A request that is never answered just drops it, and then the fault has not struck.
using Ticket = std::unique_ptr<FaultedRequest>;

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_TICKET_H_
