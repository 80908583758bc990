// Histories as text: JSON lines, described in FORMAT.md.
//
// Files are opened elsewhere; here text comes and goes, line by line for those who want bounded memory.
#ifndef PRAVEGA_SCENARIOS_HISTORY_HISTORY_FILE_H_
#define PRAVEGA_SCENARIOS_HISTORY_HISTORY_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scenarios/history/history.h"

namespace pravega::scenarios {

// Hands the history's text to `sink` line by line, each with its newline. The same history gives the same text.
void WriteHistory(const History& history, const std::function<void(std::string_view line)>& sink);
// The same in one piece.
std::string HistoryText(const History& history);

// Reads a history line by line. Holds the history so far and one line.
//
// Errors: InvalidArgument "name:line:column: what is wrong and what was expected", once; the parser is then done for.
class HistoryParser {
 public:
  // `name` is the file's, for messages.
  explicit HistoryParser(std::string_view name);
  ~HistoryParser();

  // One line, without its newline.
  absl::Status Line(std::string_view line);
  // Behind the last line.
  absl::StatusOr<History> Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads a whole text. The last line needs its newline: a file that lacks it was cut off.
absl::StatusOr<History> ParseHistory(std::string_view text, std::string_view name);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_HISTORY_FILE_H_
