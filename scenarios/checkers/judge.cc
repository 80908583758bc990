#include "scenarios/checkers/judge.h"

#include "scenarios/history/history_file.h"

namespace pravega::scenarios {

absl::StatusOr<Report> JudgeFile(std::string_view text, std::string_view name) {
  absl::StatusOr<History> history = ParseHistory(text, name);
  if (!history.ok()) return history.status();
  return CheckAll(*history);
}

}  // namespace pravega::scenarios
