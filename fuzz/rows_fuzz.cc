// Rows of CSV files, and the payloads made of them, against any bytes.
//
// Input: the text of a file whose key column is called "key". Holds for every input: it is refused in a message that
// begins with its place, or each row is a piece of the text, a file of the header and that row alone has the same key,
// and a payload made of the row names it. The text itself is read as a payload too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {
namespace {

void Run(std::string_view text) {
  static const Rows* one = new Rows(Rows::MadeUp(1, 1));
  CHECK(!Identify(text, *one).writer.empty());

  absl::StatusOr<Rows> rows = Rows::FromCsv(std::string(text), "r.csv", "key", 100);
  if (!rows.ok()) {
    CHECK(ToStd(rows.status().message()).starts_with("r.csv:"));
    return;
  }
  CHECK(!rows->rows().empty());
  CHECK(rows->rows().size() <= 100);
  const std::string_view header = text.substr(0, text.find(rows->rows()[0].text));
  int64_t number = 0;
  for (const Row& row : rows->rows()) {
    CHECK(text.find(row.text) != std::string_view::npos);
    const int writer = WriterOf(row.key, 7);
    CHECK(writer >= 0 && writer < 7);
    const EventIdentity back = Identify(EncodePayload({"writer-1", 2 * number, number}, row.text), *rows);
    CHECK(back.writer == "writer-1" && back.sequence == 2 * number && back.row == number);
    ++number;
    if (number > 3) continue;
    // The text of the first row may also occur within the header.
    absl::StatusOr<Rows> alone = Rows::FromCsv(StrCat(header, row.text), "alone.csv", "key", 0);
    if (alone.ok() && alone->rows().size() == 1 && alone->rows()[0].text == row.text)
      CHECK(alone->rows()[0].key == row.key);
  }
}

}  // namespace
}  // namespace pravega::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pravega::scenarios::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
