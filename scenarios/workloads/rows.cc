#include "scenarios/workloads/rows.h"

#include <charconv>
#include <optional>
#include <utility>

#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

// Walks over a CSV text record by record and keeps account of lines and columns.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  bool AtEnd() const { return at_ == text_.size(); }
  int line() const { return line_; }

  // The next record: its fields (unquoted) and its text.
  absl::StatusOr<std::string_view> Next(std::vector<std::string>* fields) {
    fields->clear();
    size_t start = at_;
    while (true) {
      std::string field;
      if (Peek() == '"') {
        RETURN_IF_ERROR(Quoted(&field));
      } else {
        while (!AtEnd() && Peek() != ',' && Peek() != '\n' && Peek() != '\r') {
          if (Peek() == '"') return Error("a quote inside a field that does not begin with one");
          field.push_back(Take());
        }
      }
      fields->push_back(std::move(field));
      if (!AtEnd() && Peek() == ',') {
        Take();
        continue;
      }
      break;
    }
    std::string_view record = text_.substr(start, at_ - start);
    if (!AtEnd() && Peek() == '\r') Take();
    if (!AtEnd()) {
      if (Peek() != '\n') return Error("expected a comma or the end of the line");
      Take();
    }
    return record;
  }

  absl::Status Error(std::string_view what) const { return ErrorAt(line_, column_, what); }
  absl::Status ErrorAt(int line, int column, std::string_view what) const {
    return MakeStatus(absl::StatusCode::kInvalidArgument, file_, ":", line, ":", column, ": ", what);
  }

 private:
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  char Take() {
    char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
    return c;
  }

  absl::Status Quoted(std::string* field) {
    int line = line_;
    int column = column_;
    Take();
    while (true) {
      if (AtEnd()) return ErrorAt(line, column, "this quoted field does not end");
      char c = Take();
      if (c != '"') {
        field->push_back(c);
      } else if (Peek() == '"') {
        field->push_back(Take());
      } else {
        return absl::OkStatus();
      }
    }
  }

  std::string_view text_;
  std::string_view file_;
  size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

// A history names each key in a line, and its lines are bounded.
constexpr size_t kLongestKey = 64 * 1024;

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

absl::StatusOr<Rows> Rows::FromCsv(std::string text, std::string_view file, std::string_view key_column, int limit) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  auto whole = std::make_shared<const std::string>(std::move(text));
  CsvReader reader(*whole, file);
  std::vector<std::string> fields;
  absl::StatusOr<std::string_view> header = reader.Next(&fields);
  if (!header.ok()) return header.status();
  std::optional<size_t> key_index;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] != key_column) continue;
    if (key_index) {
      return reader.ErrorAt(1, 1,
                            StrCat("two columns are called '", key_column, "': expected one that holds the keys"));
    }
    key_index = i;
  }
  if (!key_index) {
    return reader.ErrorAt(1, 1,
                          StrCat("no column is called '", key_column, "'; the header is: ", header->substr(0, 200)));
  }
  const size_t columns = fields.size();
  std::vector<std::pair<std::string_view, std::string>> found;
  while (!reader.AtEnd() && (limit == 0 || found.size() < static_cast<size_t>(limit))) {
    int line = reader.line();
    absl::StatusOr<std::string_view> record = reader.Next(&fields);
    if (!record.ok()) return record.status();
    if (record->empty()) continue;
    if (fields.size() != columns) {
      return reader.ErrorAt(line, 1, StrCat(fields.size(), " fields: expected ", columns, " as in the header"));
    }
    if (fields[*key_index].size() > kLongestKey) {
      return reader.ErrorAt(line, 1,
                            StrCat("a key of ", fields[*key_index].size(), " bytes: expected at most ", kLongestKey));
    }
    found.emplace_back(*record, fields[*key_index]);
  }
  if (found.empty()) return reader.Error("no rows: expected at least one behind the header");
  Rows result;
  // Keys are stored beside the text, because a quoted key differs from how it is written. Their addresses must not
  // move.
  auto owned = std::make_shared<std::vector<std::string>>();
  owned->reserve(found.size());
  for (auto& [record, key] : found) {
    owned->push_back(std::move(key));
    result.rows_.push_back(Row{record, owned->back()});
  }
  result.text_ = std::move(whole);
  result.owned_ = std::move(owned);
  return result;
}

Rows Rows::MadeUp(int count, int keys) {
  auto owned = std::make_shared<std::vector<std::string>>();
  owned->reserve(static_cast<size_t>(count) * 2);
  Rows result;
  for (int i = 0; i < count; ++i) {
    owned->push_back(StrCat("row-", i));
    std::string_view text = owned->back();
    owned->push_back(StrCat("key-", i % keys));
    result.rows_.push_back(Row{text, owned->back()});
  }
  result.owned_ = std::move(owned);
  return result;
}

std::string EncodePayload(const EventIdentity& identity, std::string_view text) {
  return StrCat(identity.writer, " ", identity.sequence, " ", identity.row, "\n", text);
}

EventIdentity Identify(std::string_view payload, const Rows& rows) {
  std::string_view head = payload.substr(0, payload.find('\n'));
  size_t first = head.find(' ');
  size_t second = first == std::string_view::npos ? first : head.find(' ', first + 1);
  if (second == std::string_view::npos || first == 0) return {"damaged", 0, -1};
  std::optional<int64_t> sequence = ParseInt(head.substr(first + 1, second - first - 1));
  std::optional<int64_t> row = ParseInt(head.substr(second + 1));
  if (!sequence || !row) return {"damaged", 0, -1};
  EventIdentity identity{std::string(head.substr(0, first)), *sequence, *row};
  const bool known = *row >= 0 && *row < static_cast<int64_t>(rows.rows().size());
  if (known && payload == EncodePayload(identity, rows.rows()[static_cast<size_t>(*row)].text)) return identity;
  return {"damaged:" + identity.writer, *sequence, -1};
}

int WriterOf(std::string_view key, int writers) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  // FNV hardly reaches the upper bits with keys of three letters; one multiplication spreads them.
  return static_cast<int>((hash * 0x9e3779b97f4a7c15u >> 33) % static_cast<uint64_t>(writers));
}

}  // namespace pravega::scenarios
