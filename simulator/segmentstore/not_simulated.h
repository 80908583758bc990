// What a real segment store does and this one does not. The one source for the refusals and for the section of
// simulator/NOT_SIMULATED.md, which a test compares with it.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_NOT_SIMULATED_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_NOT_SIMULATED_H_

#include <span>
#include <string>
#include <string_view>

#include "connector/wire/commands.h"

namespace pravega::sim {

struct NotSimulated {
  std::string_view what;    // a command's name, or a feature in words
  std::string_view answer;  // what a client that asks for it sees
  std::string_view reason;
  std::string_view operation;  // named by OperationUnsupported; empty if that is not the answer
};

std::span<const NotSimulated> NotSimulatedByTheStore();

// The entry of a command that is answered by OperationUnsupported; null for every other.
const NotSimulated* FindRefusal(const wire::Command& command);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_NOT_SIMULATED_H_
