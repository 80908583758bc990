// Saved histories against any bytes.
//
// Input: the text of a history. Holds for every input: it is refused in a message that begins with its place, or it is
// a history, which written and read again is the same and about which all checkers have something to say.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "scenarios/cli/judge_text.h"
#include "scenarios/history/describe.h"
#include "scenarios/history/history.h"
#include "scenarios/history/history_file.h"

namespace pravega::scenarios {
namespace {

void Run(std::string_view text) {
  absl::StatusOr<History> history = ParseHistory(text, "h");
  absl::StatusOr<JudgedText> judged = JudgeText(text, "h");
  CHECK(history.ok() == judged.ok());
  if (!history.ok()) {
    CHECK(ToStd(history.status().message()).starts_with("h:"));
    CHECK(history.status() == judged.status());
    return;
  }
  CHECK(judged->exit_status == 0 || judged->exit_status == 1 || judged->exit_status == 4);
  const std::string written = HistoryText(*history);
  absl::StatusOr<History> again = ParseHistory(written, "again");
  CHECK_MSG(again.ok(), std::string(again.status().message()));
  CHECK(HistoryText(*again) == written);
  absl::StatusOr<JudgedText> judged_again = JudgeText(written, "h");
  CHECK(judged_again.ok());
  CHECK(judged_again->output == judged->output);
  for (const Operation& op : history->operations()) CHECK(!Describe(*history, op).empty());
}

}  // namespace
}  // namespace pravega::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pravega::scenarios::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
