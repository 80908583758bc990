#include "scenarios/runner/fault_engine.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

// Draws from a range in steps that keep the plan's values small enough to shrink well.
int64_t DrawFrom(sim::PlanReader& plan, DurationRange range) {
  constexpr uint32_t kSteps = 1000;
  int64_t span = range.high.count() - range.low.count();
  uint32_t step = plan.Below(kSteps);
  return range.low.count() + span / kSteps * step;
}

sim::FaultPhase ToPhase(FaultPhase phase) {
  switch (phase) {
    case FaultPhase::kBeforeApply:
      return sim::FaultPhase::kBeforeApply;
    case FaultPhase::kAppliedNotAnswered:
      return sim::FaultPhase::kAppliedNotAnswered;
    case FaultPhase::kTwice:
      return sim::FaultPhase::kTwice;
  }
  return sim::FaultPhase::kNone;
}

// "reader-*" means any of the readers; every other name means itself.
std::vector<std::string> MachinesOf(const std::string& pattern, const Scenario& scenario) {
  if (!pattern.ends_with("-*")) return {pattern};
  std::string role = pattern.substr(0, pattern.size() - 2);
  int count = role == "reader"       ? scenario.workload.readers
              : role == "writer"     ? scenario.workload.writers
              : role == "store"      ? scenario.cluster.segment_stores
              : role == "controller" ? scenario.cluster.controllers
                                     : 1;
  std::vector<std::string> machines;
  for (int i = 1; i <= std::max(count, 1); ++i) machines.push_back(StrCat(role, "-", i));
  return machines;
}

}  // namespace

FaultEngine::FaultEngine(sim::World& world, const Scenario& scenario, sim::PlanReader& plan, Hooks hooks)
    : world_(world), hooks_(std::move(hooks)) {
  for (const Fault& fault : scenario.faults) {
    auto armed = std::make_unique<Armed>();
    armed->fault = &fault;
    armed->at_ns = DrawFrom(plan, fault.trigger.at);
    armed->lasts_ns = DrawFrom(plan, fault.lasts);
    uint32_t pick = plan.Below(1000);
    const std::vector<std::string> nodes = MachinesOf(fault.node, scenario);
    armed->node = nodes[pick % nodes.size()];
    for (const std::string& from : MachinesOf(fault.from, scenario)) {
      for (const std::string& to : MachinesOf(fault.to, scenario)) armed->links.push_back({from, to});
    }
    armed->link = armed->links.front();
    armed->skip_left = fault.trigger.skip;
    armed->repeats_left = fault.repeat;
    armed->report.name = fault.name;
    armed->report.must_strike = fault.must_strike && fault.enabled;
    armed->choices = std::make_unique<runtime::ChoiceStream>(world.WorldStream("fault", fault.name));
    armed_.push_back(std::move(armed));
  }
}

void FaultEngine::Start() {
  int64_t start = world_.now_ns();
  for (std::unique_ptr<Armed>& armed : armed_) {
    if (!armed->fault->enabled) continue;
    Armed* one = armed.get();
    ++one->pending;  // until its time has come
    world_.At(start + one->at_ns, "", [this, one] {
      --one->pending;
      Trigger(*one);
    });
  }
}

void FaultEngine::Trigger(Armed& armed) {
  const Fault& fault = *armed.fault;
  last_healed_ns_ = std::max(last_healed_ns_, world_.now_ns());
  if (fault.kind == FaultKind::kSession || !fault.trigger.on_command.empty()) {
    armed.listening = true;
    return;
  }
  if (fault.trigger.on_traffic) {
    StrikeOnTraffic(armed);
  } else {
    Strike(armed);
  }
  if (armed.repeats_left > 0) {
    --armed.repeats_left;
    ++armed.pending;
    Armed* one = &armed;
    world_.At(world_.now_ns() + fault.every.count(), "", [this, one] {
      --one->pending;
      Trigger(*one);
    });
  }
}

bool FaultEngine::Matches(const Armed& armed, const sim::SessionRequest& request) const {
  const Fault& fault = *armed.fault;
  const std::string& command = fault.trigger.on_command.empty() ? fault.command : fault.trigger.on_command;
  if (request.command != command) return false;
  // A store that is to crash or pause at a wire command does so at one of its own.
  if (fault.kind != FaultKind::kSession && armed.node.starts_with("store-") && request.node != armed.node) return false;
  if (fault.kind == FaultKind::kSession) {
    if (!armed.node.empty() && request.node != armed.node) return false;
    if (!fault.subject.empty() && request.subject.find(fault.subject) == std::string_view::npos) return false;
  }
  return true;
}

sim::FaultPhase FaultEngine::Decide(const sim::SessionRequest& request) {
  for (std::unique_ptr<Armed>& armed : armed_) {
    if (!armed->listening || !Matches(*armed, request)) continue;
    if (armed->skip_left > 0) {
      --armed->skip_left;
      continue;
    }
    const Fault& fault = *armed->fault;
    if (fault.kind != FaultKind::kSession) {
      armed->listening = false;
      // The world acts outside of nodes: right after the one that is running now.
      Armed* one = armed.get();
      ++one->pending;
      world_.At(world_.now_ns(), "", [this, one] {
        --one->pending;
        Strike(*one);
      });
      continue;
    }
    auto under_way = std::count_if(decisions_.begin(), decisions_.end(),
                                   [&](const Decision& d) { return d.armed == armed.get() && !Old(d); });
    if (armed->report.strikes + under_way >= fault.times) continue;
    if (!armed->choices->Chance(fault.per_million, "strike")) continue;
    decisions_.push_back(Decision{armed.get(), ToPhase(fault.phase), world_.now_ns(), std::string(request.node),
                                  std::string(request.command), std::string(request.subject)});
    return decisions_.back().phase;
  }
  return sim::FaultPhase::kNone;
}

void FaultEngine::Struck(const sim::SessionRequest& request, sim::FaultPhase phase) {
  auto matches = [&](const Decision& d) {
    return d.phase == phase && d.node == request.node && d.command == request.command && d.subject == request.subject;
  };
  auto decision =
      std::find_if(decisions_.begin(), decisions_.end(), [&](const Decision& d) { return matches(d) && !Old(d); });
  if (decision == decisions_.end()) decision = std::find_if(decisions_.begin(), decisions_.end(), matches);
  CHECK_MSG(decision != decisions_.end(), "a fault struck that nobody decided");
  Armed* armed = decision->armed;
  decisions_.erase(decision);
  Note(*armed, StrCat(request.command, " on ", request.subject, " at ", request.node));
  last_healed_ns_ = std::max(last_healed_ns_, world_.now_ns());
}

bool FaultEngine::Old(const Decision& decision) const {
  constexpr int64_t kOldAfterNs = 10'000'000'000;
  return decision.at_ns + kOldAfterNs < world_.now_ns();
}

void FaultEngine::Note(Armed& armed, const std::string& detail) {
  if (armed.report.strikes++ == 0) {
    armed.report.first_strike_ns = world_.now_ns();
    armed.report.first_detail = detail;
  }
  hooks_.struck(*armed.fault, detail);
}

void FaultEngine::HealLater(Armed& armed, std::function<void()> heal) {
  ++armed.pending;
  int64_t at = world_.now_ns() + armed.lasts_ns;
  last_healed_ns_ = std::max(last_healed_ns_, at);
  Armed* one = &armed;
  world_.At(at, "", [one, heal = std::move(heal)] {
    --one->pending;
    heal();
  });
}

void FaultEngine::Strike(Armed& armed) {
  const Fault& fault = *armed.fault;
  sim::World& world = world_;
  switch (fault.kind) {
    case FaultKind::kScaleUp:
    case FaultKind::kScaleDown: {
      Armed* one = &armed;
      hooks_.scale(fault.kind == FaultKind::kScaleUp, [this, one](std::string detail) { Note(*one, detail); });
      break;
    }
    case FaultKind::kCrash: {
      const std::string& node = armed.node;
      // Down already, by another fault; or there is nothing left to be disturbed.
      if (!world.running(node) || world.finished(node)) break;
      world.Crash(node);
      Note(armed, "crash of " + node);
      HealLater(armed, [&world, node] {
        if (!world.running(node)) world.Restart(node);
      });
      break;
    }
    case FaultKind::kPause: {
      const std::string& node = armed.node;
      if (!world.running(node) || world.paused(node) || world.finished(node)) break;
      world.Pause(node);
      Note(armed, "pause of " + node);
      HealLater(armed, [&world, node] { world.Resume(node); });
      break;
    }
    case FaultKind::kCutLink:
      CutLink(armed);
      break;
    case FaultKind::kResetLinks: {
      const Link& link = armed.link;
      int broken = world.ResetConnections(link.from, link.to);
      last_healed_ns_ = std::max(last_healed_ns_, world.now_ns());
      if (broken > 0) {
        Note(armed, StrCat("reset of ", broken, broken == 1 ? " connection" : " connections", " between ", link.from,
                           " and ", link.to));
      }
      break;
    }
    case FaultKind::kRefuse: {
      const Link link = armed.link;
      world.RefuseConnections(link.from, link.to, true, [this, one = &armed, link] {
        Note(*one, StrCat("refusal of connections from ", link.from, " to ", link.to));
      });
      HealLater(armed, [&world, link] { world.RefuseConnections(link.from, link.to, false); });
      break;
    }
    case FaultKind::kSession:
      break;  // strikes through Decide
  }
}

void FaultEngine::StrikeOnTraffic(Armed& armed) {
  // The first link to be used is struck, once; of a cut in both directions either will do.
  auto waits = std::make_shared<bool>(true);
  for (const Link& link : armed.links) {
    auto strike = [this, one = &armed, waits, link] {
      if (!std::exchange(*waits, false)) return;
      one->link = link;
      Strike(*one);
    };
    world_.WhenUsed(link.from, link.to, strike);
    if (armed.fault->both_ways) world_.WhenUsed(link.to, link.from, strike);
  }
}

void FaultEngine::CutLink(Armed& armed) {
  const Link link = armed.link;
  const bool both_ways = armed.fault->both_ways;
  sim::World& world = world_;
  // A cut that holds nothing up has done nothing.
  auto unseen = std::make_shared<bool>(true);
  auto held = [this, one = &armed, unseen, link, both_ways] {
    if (!std::exchange(*unseen, false)) return;
    Note(*one, StrCat("cut of ", link.from, both_ways ? " <-> " : " -> ", link.to));
  };
  world.CutLink(link.from, link.to, held);
  if (both_ways) world.CutLink(link.to, link.from, held);
  HealLater(armed, [&world, link, both_ways] {
    world.HealLink(link.from, link.to);
    if (both_ways) world.HealLink(link.to, link.from);
  });
}

bool FaultEngine::Quiet() const {
  return std::all_of(armed_.begin(), armed_.end(),
                     [](const std::unique_ptr<Armed>& armed) { return armed->pending == 0; });
}

std::vector<FaultReport> FaultEngine::Reports() const {
  std::vector<FaultReport> reports;
  for (const std::unique_ptr<Armed>& armed : armed_) {
    if (armed->fault->enabled) reports.push_back(armed->report);
  }
  return reports;
}

}  // namespace pravega::scenarios
