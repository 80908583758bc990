#include "scenarios/cli/judge_text.h"

#include "connector/core/strings.h"
#include "scenarios/checkers/judge.h"
#include "scenarios/checkers/registry.h"
#include "scenarios/checkers/verdict.h"

namespace pravega::scenarios {

absl::StatusOr<JudgedText> JudgeText(std::string_view text, std::string_view name) {
  absl::StatusOr<Report> report = JudgeFile(text, name);
  if (!report.ok()) return report.status();
  JudgedText judged;
  judged.output =
      StrCat(report->ToString(), JudgementName(report->judgement()), " ", name, ": ", report->reason(), "\n");
  switch (report->judgement()) {
    case Judgement::kPass:
      judged.exit_status = 0;
      break;
    case Judgement::kFail:
      judged.exit_status = 1;
      break;
    case Judgement::kVacuous:
      judged.exit_status = 4;
      break;
  }
  return judged;
}

}  // namespace pravega::scenarios
