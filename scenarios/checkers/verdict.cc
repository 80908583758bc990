#include "scenarios/checkers/verdict.h"

namespace pravega::scenarios {

std::string_view JudgementName(Judgement judgement) {
  switch (judgement) {
    case Judgement::kPass:
      return "PASS";
    case Judgement::kVacuous:
      return "VACUOUS";
    case Judgement::kFail:
      return "FAIL";
  }
  return "";
}

}  // namespace pravega::scenarios
