// What a checker says about a history.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_VERDICT_H_
#define PRAVEGA_SCENARIOS_CHECKERS_VERDICT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/history/history.h"

namespace pravega::scenarios {

// In order of weight: the worst of several is the greatest.
enum class Judgement : uint8_t {
  kPass,     // whatever the history shows agrees with the property
  kVacuous,  // the history lacks what is needed to tell; `note` says what
  kFail,     // operations contradict each other
};

std::string_view JudgementName(Judgement judgement);  // "PASS", "VACUOUS", "FAIL"

// The operations that contradict each other, two or three of them, and why, in words.
struct Witness {
  std::vector<OpId> operations;
  std::string words;
};

struct Verdict {
  Judgement judgement = Judgement::kPass;
  int64_t checked = 0;    // how many things were looked at
  std::string_view unit;  // which things: "writes", "commits", ...
  int64_t contradictions = 0;
  Witness witness;   // of the contradiction that showed first; empty unless kFail
  std::string note;  // what the history lacks; empty unless kVacuous
};

// Collects what one checker finds. Whether a history has one contradiction or a thousand, one is put into words: the
// one whose last operation came first, because what follows is mostly its consequence; of those, one with fewest
// operations.
class Findings {
 public:
  explicit Findings(std::string_view unit) { verdict_.unit = unit; }

  void Checked(int64_t count = 1) { verdict_.checked += count; }

  // `operations` contradict each other (nullptr among them are left out); `words` returns the reason and is called only
  // if it is needed.
  template <typename F>
  void Contradiction(std::initializer_list<const Operation*> operations, F words) {
    ++verdict_.contradictions;
    std::vector<OpId> ids;
    for (const Operation* operation : operations) {
      if (operation != nullptr) ids.push_back(operation->id);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    auto rank = std::tuple(ids.empty() ? OpId() : ids.back(), ids.size(), ids);
    if (verdict_.judgement == Judgement::kFail && rank >= rank_) return;
    rank_ = std::move(rank);
    verdict_.judgement = Judgement::kFail;
    verdict_.witness = Witness{std::move(ids), words()};
    verdict_.note.clear();
  }

  // The history lacks something; the first that is named stays.
  void Lacks(std::string_view note) {
    if (verdict_.judgement != Judgement::kPass) return;
    verdict_.judgement = Judgement::kVacuous;
    verdict_.note = note;
  }

  Verdict Done() { return std::move(verdict_); }

 private:
  Verdict verdict_;
  std::tuple<OpId, size_t, std::vector<OpId>> rank_;  // of the contradiction in words
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_VERDICT_H_
