// FaultEngine: makes a scenario's faults happen and counts what they really hit.
//
// It is the world's nemesis and every server's SessionFaults at once. Each fault has a stream of choices of its own, so
// that removing one leaves what the others do, and all the run up to its first strike, as it was.
#ifndef PRAVEGA_SCENARIOS_RUNNER_FAULT_ENGINE_H_
#define PRAVEGA_SCENARIOS_RUNNER_FAULT_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/model/scenario.h"
#include "simulator/faults/session_faults.h"
#include "simulator/world/tape.h"
#include "simulator/world/world.h"

namespace pravega::scenarios {

// What one fault did in a run.
struct FaultReport {
  std::string name;
  bool must_strike = false;
  int strikes = 0;
  int64_t first_strike_ns = -1;
  std::string first_detail;  // what it hit first, in words
};

class FaultEngine : public sim::SessionFaults {
 public:
  struct Hooks {
    // Asks for one scaling of the scenario's stream; `done` is called with its detail if it took place.
    std::function<void(bool up, std::function<void(std::string detail)> done)> scale;
    // A fault struck: for the history.
    std::function<void(const Fault& fault, const std::string& detail)> struck;
  };

  // Draws what the scenario leaves open from `plan` in the order of the faults, enabled or not. `world`, `scenario` and
  // what `hooks` refer to outlive the engine.
  FaultEngine(sim::World& world, const Scenario& scenario, sim::PlanReader& plan, Hooks hooks);

  // Arms every enabled fault, counted from the present instant: the start of the workload.
  void Start();

  // Whether no fault can strike any more and all have healed. Session faults that wait for a request count as over once
  // their time has come.
  bool Quiet() const;
  // When the last fault healed or will heal, as far as known; 0 before any.
  int64_t last_healed_ns() const { return last_healed_ns_; }
  std::vector<FaultReport> Reports() const;

  // SessionFaults.
  sim::FaultPhase Decide(const sim::SessionRequest& request) override;
  void Struck(const sim::SessionRequest& request, sim::FaultPhase phase) override;

 private:
  struct Link {
    std::string from;
    std::string to;
  };
  struct Armed {
    const Fault* fault = nullptr;
    int64_t at_ns = 0;  // from the start
    int64_t lasts_ns = 0;
    std::string node;         // resolved
    std::vector<Link> links;  // that are meant
    Link link;                // that is struck
    int skip_left = 0;
    bool listening = false;  // waits for a request
    int repeats_left = 0;
    int pending = 0;  // strikes that have not healed
    std::unique_ptr<runtime::ChoiceStream> choices;
    FaultReport report;
  };

  bool Matches(const Armed& armed, const sim::SessionRequest& request) const;
  void Trigger(Armed& armed);
  void Strike(Armed& armed);
  // Strikes when something is next sent on the fault's link.
  void StrikeOnTraffic(Armed& armed);
  void CutLink(Armed& armed);
  void Note(Armed& armed, const std::string& detail);
  void HealLater(Armed& armed, std::function<void()> heal);

  sim::World& world_;
  Hooks hooks_;
  std::vector<std::unique_ptr<Armed>> armed_;
  // Decisions that the server has not reported to have struck. One that probably cannot any more (the server crashed,
  // there was no reply to lose) does not count towards `times` after a while, but is known if it strikes after all.
  struct Decision {
    Armed* armed;
    sim::FaultPhase phase;
    int64_t at_ns;
    std::string node;
    std::string command;
    std::string subject;
  };
  bool Old(const Decision& decision) const;
  std::vector<Decision> decisions_;
  int64_t last_healed_ns_ = 0;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_RUNNER_FAULT_ENGINE_H_
