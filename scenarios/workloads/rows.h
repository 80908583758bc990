// Rows: what a workload writes. From a CSV file with a header line, or made up.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_ROWS_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_ROWS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/model/scenario.h"

namespace pravega::scenarios {

struct Row {
  std::string_view text;  // the line as it stands in the file, without its end
  std::string_view key;
};

// Immutable; rows refer into the text that this owns.
class Rows {
 public:
  // `text` is the whole file (RFC 4180: fields may be quoted, quotes doubled, a quoted field may span lines), `file`
  // its name for messages "file:line:column: what is wrong: what was expected". At most `limit` rows; 0 means all.
  static absl::StatusOr<Rows> FromCsv(std::string text, std::string_view file, std::string_view key_column, int limit);
  // Rows "row-0", "row-1", ... with keys "key-<row mod keys>".
  static Rows MadeUp(int count, int keys);

  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::shared_ptr<const std::string> text_;
  std::shared_ptr<const std::vector<std::string>> owned_;
  std::vector<Row> rows_;
};

// Which event an event is: the writing process and its running number there, and which row it carries. It travels at
// the head of the payload, "WRITER SEQUENCE ROW" and a newline, then the row's text.
struct EventIdentity {
  std::string writer;
  int64_t sequence = 0;
  int64_t row = 0;
};

std::string EncodePayload(const EventIdentity& identity, std::string_view text);
// Which event the payload is; if it is not, byte for byte, what EncodePayload made of that row, one of the writer
// "damaged" or "damaged:WRITER", which has written nothing.
EventIdentity Identify(std::string_view payload, const Rows& rows);

// The writer (from 0) that gets rows of `key`.
int WriterOf(std::string_view key, int writers);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_ROWS_H_
