// Which operation of the history a strike hit.
#ifndef PRAVEGA_SCENARIOS_RUNNER_STRIKE_TARGET_H_
#define PRAVEGA_SCENARIOS_RUNNER_STRIKE_TARGET_H_

#include "scenarios/history/history.h"

namespace pravega::scenarios {

// `strike` is a FaultStrike. Of the operations that were under way at that instant the one that it bears on: of the
// client machine that its target names, if it names one; else one that its command serves (an append: a write) or that
// the struck server works for; else the oldest. A scale is itself the operation, and merges belong to the commit
// before. nullptr if there is none: the struck client had nothing under way.
const Operation* OperationStruck(const History& history, const Operation& strike);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_RUNNER_STRIKE_TARGET_H_
