// Every remote call of the protocol, and whether this controller has it. The one source for the handlers that are
// registered, the refusals, and the list of what is not simulated.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_RPC_TABLE_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_RPC_TABLE_H_

#include <span>
#include <string_view>

namespace pravega::sim {

struct RpcEntry {
  std::string_view name;
  bool simulated = false;
};

// In the order of the protocol's service definition.
std::span<const RpcEntry> AllRpcs();

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_RPC_TABLE_H_
