// Every remote call of the protocol, and whether this controller has it; and what else a real controller does and this
// one does not. The one source for the handlers that are registered, the refusals, and the section of
// simulator/NOT_SIMULATED.md, which a test compares with it.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_RPC_TABLE_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_RPC_TABLE_H_

#include <span>
#include <string_view>

namespace pravega::sim {

struct RpcEntry {
  std::string_view name;
  // Why it answers UNIMPLEMENTED; empty for a call that is simulated.
  std::string_view missing_because;
  bool simulated() const { return missing_because.empty(); }
};

// In the order of the protocol's service definition.
std::span<const RpcEntry> AllRpcs();

struct MissingFeature {
  std::string_view what;
  std::string_view effect;  // what a client sees
  std::string_view reason;
};

// Besides whole calls.
std::span<const MissingFeature> FeaturesTheControllerLacks();

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_RPC_TABLE_H_
