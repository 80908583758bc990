// JsonLine: one line of JSON taken apart, each value with its column. Just enough of JSON for a history's file: no
// null.
//
// Memory: some 32 bytes for each value of the line, reused from line to line; nothing is allocated on the word of the
// input. Private to this package.
#ifndef PRAVEGA_SCENARIOS_HISTORY_JSON_LINE_H_
#define PRAVEGA_SCENARIOS_HISTORY_JSON_LINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pravega::scenarios {

struct JsonError {
  size_t column = 0;  // in bytes, from 1
  std::string what;   // what is wrong and what was expected
};

enum class JsonType : uint8_t { kObject, kArray, kString, kInteger, kReal, kBool };

class JsonLine {
 public:
  static constexpr int kMaxDepth = 8;
  static constexpr size_t kMaxBytes = 1 << 20;

  // Values are told apart by their index. The line's own value has index 0; an object's children are key, value, key,
  // value, ...
  using Index = uint32_t;

  // Takes a line apart; `line` must live as long as its values are looked at. nullopt: fine.
  std::optional<JsonError> Parse(std::string_view line);

  JsonType type(Index i) const { return values_[i].type; }
  size_t column(Index i) const { return size_t{values_[i].begin} + 1; }
  // Children: from FirstChild(i), Next() of each, until EndOfChildren(i).
  Index FirstChild(Index i) const { return i + 1; }
  Index Next(Index i) const { return values_[i].next; }
  Index EndOfChildren(Index i) const { return values_[i].next; }
  bool boolean(Index i) const { return values_[i].integer != 0; }
  int64_t integer(Index i) const { return values_[i].integer; }
  // A number of either type.
  double real(Index i) const;
  // A string without its quotes and escapes; valid until the next call with the same `scratch`.
  std::string_view String(Index i, std::string& scratch) const;

 private:
  struct Value {
    uint32_t begin = 0;  // byte in the line
    uint32_t end = 0;
    Index next = 0;  // the value behind this one and all that it contains
    JsonType type = JsonType::kObject;
    bool escaped = false;
    union {
      int64_t integer = 0;
      double real;
    };
  };

  bool ParseValue(int depth);
  bool ParseObject(Index self, int depth);
  bool ParseArray(Index self, int depth);
  bool ParseString();
  bool ParseNumber();
  bool ParseWord(std::string_view word, bool value);
  void SkipSpace();
  char Peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  Index Add(JsonType type);
  void Close(Index i);
  bool Fail(size_t at, std::string what);

  std::string_view line_;
  size_t at_ = 0;
  std::vector<Value> values_;
  JsonError error_;
};

// Appends `text` as a JSON string, quotes included. Bytes from 0x80 on stay as they are.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_JSON_LINE_H_
