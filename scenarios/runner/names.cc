#include "scenarios/runner/names.h"

#include "connector/wire/commands.h"
#include "scenarios/checkers/registry.h"
#include "simulator/controller/rpc_table.h"

namespace pravega::scenarios {

const ScenarioNames& KnownNames() {
  static const auto* known = [] {
    auto* names = new ScenarioNames;
    for (const wire::CommandInfo& command : wire::AllCommands()) {
      const bool request =
          command.direction == wire::Direction::kRequest || command.direction == wire::Direction::kBoth;
      if (request) names->requests.push_back(command.name);
    }
    for (const sim::RpcEntry& rpc : sim::AllRpcs()) {
      if (rpc.simulated()) names->requests.push_back(rpc.name);
    }
    for (const Checker& checker : AllCheckers()) names->checkers.push_back(checker.name);
    names->planted = {"ack-before-durable",
                      "append-setup-off-by-one",
                      "resend-before-setup",
                      "successor-opened-early",
                      "commit-done-after-partial-merge",
                      "position-at-checkpoint-handout",
                      "lease-ignored",
                      "lost-tail-wakeup"};
    return names;
  }();
  return *known;
}

}  // namespace pravega::scenarios
