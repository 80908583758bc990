// All checkers by name, and what they say together about a history.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_REGISTRY_H_
#define PRAVEGA_SCENARIOS_CHECKERS_REGISTRY_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/checkers/verdict.h"
#include "scenarios/history/history.h"

namespace pravega::scenarios {

struct Checker {
  std::string_view name;      // as in the `checks` of a scenario
  std::string_view property;  // in one line
  Verdict (*check)(const Evidence&);
};

// Sorted by name.
std::span<const Checker> AllCheckers();

struct CheckerReport {
  std::string_view name;
  std::string_view property;
  Verdict verdict;
};

struct Report {
  std::vector<CheckerReport> checkers;  // sorted by name
  // Why the history shows nothing whatever the checkers say: nothing was written in it, or nothing recorded. Else
  // empty.
  std::string_view nothing;

  // The worst of all; kVacuous instead of kPass if the history shows nothing.
  Judgement judgement() const;
  // In one line, what the judgement rests on: the contradiction, what the history lacks, or what was looked at.
  std::string reason() const;
  // The checker of this name, or nullptr.
  const CheckerReport* Find(std::string_view name) const;
  // The witness to show: of the failed checkers, the contradiction that showed first; nullptr if none failed.
  const CheckerReport* first_failure() const;
  // A line for each checker, with how many things it looked at ("nothing to check" if none); below it, indented, the
  // witness of a contradiction or what the history lacks.
  std::string ToString() const;
};

// Runs all checkers.
Report CheckAll(const History& history);
// Runs those named; all if `names` is empty. InvalidArgument names one that does not exist, and those that do.
absl::StatusOr<Report> CheckNamed(const History& history, const std::vector<std::string>& names);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_REGISTRY_H_
