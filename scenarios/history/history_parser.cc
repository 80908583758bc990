// How a history is read; history_writer.cc writes it.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/names.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "scenarios/history/fields.h"
#include "scenarios/history/history_file.h"
#include "scenarios/history/json_line.h"

namespace pravega::scenarios {
namespace {

constexpr size_t kMaxNameBytes = 4096;
constexpr size_t kMaxKeys = 32;  // of a line; no kind has as many

std::string_view TypeName(JsonType type) {
  switch (type) {
    case JsonType::kObject:
      return "an object";
    case JsonType::kArray:
      return "a list";
    case JsonType::kString:
      return "a string";
    case JsonType::kInteger:
      return "a whole number";
    case JsonType::kReal:
      return "a number with a fraction";
    case JsonType::kBool:
      return "true or false";
  }
  return "";
}

// Takes the fields of one object out of a line; the first error stays.
class FieldReader {
 public:
  using Index = JsonLine::Index;

  FieldReader(History& history, const JsonLine& line) : history_(history), line_(line) {
    if (line_.type(0) != JsonType::kObject) {
      Fail(0, StrCat("expected an object, found ", TypeName(line_.type(0))));
      return;
    }
    for (Index key = line_.FirstChild(0); key != line_.EndOfChildren(0);) {
      Index value = line_.Next(key);
      std::string name(line_.String(key, scratch_));
      if (std::any_of(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; })) {
        Fail(key, StrCat("the key '", name, "' stands here for the second time"));
        return;
      }
      if (fields_.size() == kMaxKeys) {
        Fail(key, StrCat("expected at most ", kMaxKeys, " keys"));
        return;
      }
      fields_.push_back(Field{std::move(name), key, value, false});
      key = line_.Next(value);
    }
  }

  const std::optional<JsonError>& error() const { return error_; }
  void Fail(Index at, std::string what) {
    if (!error_) error_ = JsonError{line_.column(at), std::move(what)};
  }
  // Whoever wants `owner`'s fields found them all: nothing else may be there.
  void NoMore(std::string_view owner) {
    for (const Field& field : fields_) {
      if (!field.used) return Fail(field.key, StrCat("the key '", field.name, "' is unknown in ", owner));
    }
  }

  bool Has(std::string_view key) {
    return std::any_of(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == key; });
  }
  // The value of a key that must be there.
  std::optional<Index> Find(std::string_view key, JsonType type) {
    if (error_) return std::nullopt;
    for (Field& field : fields_) {
      if (field.name != key) continue;
      field.used = true;
      if (!Expect(field.value, type)) return std::nullopt;
      return field.value;
    }
    Fail(0, StrCat("expected the key '", key, "'"));
    return std::nullopt;
  }
  std::string_view Text(Index i) { return line_.String(i, scratch_); }
  std::optional<int64_t> Number(std::string_view key, int64_t low, int64_t high) {
    std::optional<Index> value = Find(key, JsonType::kInteger);
    if (!value) return std::nullopt;
    return Bounded(*value, low, high);
  }

  // The visitor of Fields().
  void Name(std::string_view key, NameId& name) {
    if (std::optional<Index> value = Find(key, JsonType::kString)) NameAt(*value, name);
  }
  void OptionalName(std::string_view key, NameId& name) {
    if (Has(key)) Name(key, name);
  }
  void Word(std::string_view key, NameId& name, std::span<const std::string_view> words) {
    std::optional<Index> value = Find(key, JsonType::kString);
    if (!value) return;
    if (std::find(words.begin(), words.end(), Text(*value)) != words.end()) return NameAt(*value, name);
    std::string expected;
    for (std::string_view word : words) expected += StrCat(expected.empty() ? "" : ", ", word);
    Fail(*value, StrCat("expected one of ", expected));
  }
  void OptionalWord(std::string_view key, NameId& name, std::span<const std::string_view> words) {
    if (Has(key)) Word(key, name, words);
  }
  void Stream(std::string_view key, NameId& name) {
    std::optional<Index> value = Find(key, JsonType::kString);
    if (!value) return;
    StreamAt(*value, name);
  }
  void StreamList(std::string_view key, std::vector<NameId>& streams) {
    List(key, streams, [&](Index i, NameId& stream) {
      if (Expect(i, JsonType::kString)) StreamAt(i, stream);
    });
  }
  void Txn(std::string_view key, TxnRef& txn) {
    std::optional<Index> value = Find(key, JsonType::kString);
    if (!value) return;
    std::optional<Uuid> uuid = Uuid::Parse(Text(*value));
    if (!uuid) return Fail(*value, "expected a transaction's id as in 00000001-0000-0000-0000-00000000002a");
    txn = history_.Intern(TxnId{*uuid});
  }
  void OptionalTxn(std::string_view key, TxnRef& txn) {
    if (Has(key)) Txn(key, txn);
  }
  void Int(std::string_view key, int64_t& value, int64_t low, int64_t high) {
    if (std::optional<int64_t> number = Number(key, low, high)) value = *number;
  }
  void Flag(std::string_view key, bool& value) {
    if (!Has(key)) return;
    if (std::optional<Index> found = Find(key, JsonType::kBool)) value = line_.boolean(*found);
  }
  void Position(std::string_view key, Offset& offset) {
    if (std::optional<int64_t> number = Number(key, 0, kMaxOffset)) offset = Offset(*number);
  }
  void EventOf(Event& event) {
    Name("writer", event.writer);
    if (std::optional<int64_t> number = Number("sequence", INT64_MIN, INT64_MAX)) event.sequence = *number;
  }
  void SegmentOf(std::string_view key, Segment& segment) {
    if (std::optional<Index> value = Find(key, JsonType::kString)) SegmentAt(*value, segment);
  }
  void SegmentList(std::string_view key, std::vector<Segment>& segments) {
    List(key, segments, [&](Index i, Segment& segment) { SegmentAt(i, segment); });
  }
  // Segments before or behind `segment`, hence others.
  void NeighbourList(std::string_view key, std::vector<Segment>& segments, const Segment& segment) {
    List(key, segments, [&](Index i, Segment& other) {
      SegmentAt(i, other);
      if (!error_ && other == segment) Fail(i, "expected another segment than this itself");
    });
  }
  void Range(std::string_view key, KeyRange& range) {
    if (std::optional<Index> value = Find(key, JsonType::kArray)) RangeAt(*value, range);
  }
  void RangeList(std::string_view key, std::vector<KeyRange>& ranges) {
    List(key, ranges, [&](Index i, KeyRange& range) { RangeAt(i, range); });
  }
  void CutOf(std::string_view key, Cut& cut) {
    if (!Has(key)) return;
    std::optional<Index> object = Find(key, JsonType::kObject);
    if (!object) return;
    for (Index name = line_.FirstChild(*object); name != line_.EndOfChildren(*object) && !error_;) {
      Index value = line_.Next(name);
      CutEntry entry;
      SegmentAt(name, entry.segment);
      if (line_.type(value) == JsonType::kString) {
        entry.finished = true;
        if (Text(value) != "finished") Fail(value, "expected an offset or \"finished\"");
      } else if (std::optional<int64_t> offset = Bounded(value, 0, kMaxOffset)) {
        entry.offset = Offset(*offset);
      }
      cut.push_back(entry);
      name = line_.Next(value);
    }
    std::vector<Segment> segments;
    for (const CutEntry& entry : cut) segments.push_back(entry.segment);
    std::sort(segments.begin(), segments.end());
    if (std::adjacent_find(segments.begin(), segments.end()) != segments.end()) {
      Fail(*object, "a segment stands twice in this cut");
    }
  }
  void OpList(std::string_view key, std::vector<OpId>& ops) {
    List(key, ops, [&](Index i, OpId& op) {
      if (std::optional<int64_t> id = Bounded(i, 1, INT32_MAX)) op = OpId(static_cast<int32_t>(*id));
    });
  }
  void At(Sighting& at) {
    Segment segment;
    Event event;
    SegmentOf("segment", segment);
    Position("offset", at.offset);
    std::optional<int64_t> size = Number("size", 0, kMaxEventSize);
    EventOf(event);
    at = MakeSighting(segment, at.offset, static_cast<int32_t>(size.value_or(0)), event);
  }
  void Sightings(std::string_view key, std::vector<Sighting>& sightings) {
    List(key, sightings, [&](Index i, Sighting& at) { SightingAt(i, at); });
  }

 private:
  struct Field {
    std::string name;
    Index key;
    Index value;
    bool used;
  };

  void StreamAt(Index i, NameId& name) {
    absl::StatusOr<ScopedStream> stream = ScopedStream::Parse(Text(i));
    if (!stream.ok()) return Fail(i, std::string(stream.status().message()));
    NameAt(i, name);
  }
  bool Expect(Index i, JsonType type) {
    if (error_) return false;
    if (line_.type(i) == type) return true;
    Fail(i, StrCat("expected ", TypeName(type), ", found ", TypeName(line_.type(i))));
    return false;
  }
  std::optional<int64_t> Bounded(Index i, int64_t low, int64_t high) {
    if (!Expect(i, JsonType::kInteger)) return std::nullopt;
    int64_t number = line_.integer(i);
    if (number >= low && number <= high) return number;
    Fail(i, StrCat("expected a number from ", low, " to ", high));
    return std::nullopt;
  }
  void NameAt(Index i, NameId& name) {
    if (!Expect(i, JsonType::kString)) return;
    std::string_view text = Text(i);
    if (text.size() > kMaxNameBytes) return Fail(i, StrCat("expected a name of at most ", kMaxNameBytes, " bytes"));
    name = history_.Intern(text);
  }
  void SegmentAt(Index i, Segment& segment) {
    if (!Expect(i, JsonType::kString)) return;
    absl::StatusOr<SegmentRef> ref = SegmentRef::Parse(Text(i));
    if (!ref.ok()) return Fail(i, std::string(ref.status().message()));
    segment = Segment{history_.Intern(ref->stream.ToString()), ref->id};
  }
  void RangeAt(Index i, KeyRange& range) {
    if (!Expect(i, JsonType::kArray)) return;
    std::vector<double> bounds;
    for (Index item = line_.FirstChild(i); item != line_.EndOfChildren(i); item = line_.Next(item)) {
      bool number = line_.type(item) == JsonType::kInteger || line_.type(item) == JsonType::kReal;
      if (number && bounds.size() < 3) bounds.push_back(line_.real(item));
    }
    if (bounds.size() != 2 || !(bounds[0] >= 0) || !(bounds[1] <= 1) || !(bounds[0] <= bounds[1])) {
      return Fail(i, "expected two numbers: 0 <= low <= high <= 1");
    }
    range = KeyRange{bounds[0], bounds[1]};
  }
  void SightingAt(Index i, Sighting& at) {
    if (!Expect(i, JsonType::kArray)) return;
    std::vector<Index> items;
    for (Index item = line_.FirstChild(i); item != line_.EndOfChildren(i) && items.size() < 6;
         item = line_.Next(item)) {
      items.push_back(item);
    }
    if (items.size() != 5) return Fail(i, "expected [segment, offset, size, writer, sequence]");
    Segment segment;
    NameId writer;
    SegmentAt(items[0], segment);
    std::optional<int64_t> offset = Bounded(items[1], 0, kMaxOffset);
    std::optional<int64_t> size = Bounded(items[2], 0, kMaxEventSize);
    NameAt(items[3], writer);
    std::optional<int64_t> sequence = Bounded(items[4], INT64_MIN, INT64_MAX);
    if (error_) return;
    at = MakeSighting(segment, Offset(*offset), static_cast<int32_t>(*size), Event{writer, *sequence});
  }
  template <typename T, typename F>
  void List(std::string_view key, std::vector<T>& items, F read) {
    if (!Has(key)) return;
    std::optional<Index> list = Find(key, JsonType::kArray);
    if (!list) return;
    for (Index item = line_.FirstChild(*list); item != line_.EndOfChildren(*list) && !error_; item = line_.Next(item)) {
      items.emplace_back();
      read(item, items.back());
    }
  }

  History& history_;
  const JsonLine& line_;
  std::vector<Field> fields_;
  std::string scratch_;
  std::optional<JsonError> error_;
};

}  // namespace

class HistoryParser::Impl {
 public:
  explicit Impl(std::string_view name) : name_(name) {}

  absl::Status Line(std::string_view text) {
    ++line_number_;
    if (std::optional<JsonError> error = line_.Parse(text)) return Error(*error);
    FieldReader fields(history_, line_);
    if (!fields.error()) {
      if (line_number_ == 1) {
        ReadHeader(fields);
      } else if (fields.Has("more")) {
        ReadMore(fields);
      } else {
        ReadOperation(fields);
      }
    }
    if (fields.error()) return Error(*fields.error());
    return absl::OkStatus();
  }

  absl::StatusOr<History> Finish() {
    if (line_number_ == 0) return Error(1, JsonError{1, "expected a header line, found the end of the text"});
    return std::move(history_);
  }

 private:
  absl::Status Error(const JsonError& error) const { return Error(line_number_, error); }
  absl::Status Error(size_t line, const JsonError& error) const {
    return MakeStatus(absl::StatusCode::kInvalidArgument, name_, ":", line, ":", error.column, ": ", error.what);
  }

  void ReadHeader(FieldReader& fields) {
    std::optional<JsonLine::Index> format = fields.Find("format", JsonType::kString);
    if (format && fields.Text(*format) != "pravega-history") fields.Fail(*format, "expected \"pravega-history\"");
    std::optional<JsonLine::Index> version = fields.Find("version", JsonType::kInteger);
    if (version && line_.integer(*version) != 1) fields.Fail(*version, "expected version 1");
    RunParameters& parameters = history_.parameters();
    fields.Int("clock_skew_ns", parameters.clock_skew_ns, 0, kMaxTimeNs);
    if (fields.Has("facts")) {
      std::optional<JsonLine::Index> facts = fields.Find("facts", JsonType::kObject);
      if (!facts) return;
      for (JsonLine::Index key = line_.FirstChild(*facts); key != line_.EndOfChildren(*facts);) {
        JsonLine::Index value = line_.Next(key);
        if (line_.type(value) != JsonType::kString) return fields.Fail(value, "expected a string");
        std::string name(fields.Text(key));
        if (!parameters.facts.emplace(name, fields.Text(value)).second) {
          return fields.Fail(key, StrCat("the key '", name, "' stands here for the second time"));
        }
        key = line_.Next(value);
      }
    }
    fields.NoMore("the header");
  }

  void ReadOperation(FieldReader& fields) {
    Operation operation;
    std::vector<Operation>& operations = history_.mutable_operations();
    std::optional<JsonLine::Index> id = fields.Find("id", JsonType::kInteger);
    if (!id) return;
    int64_t after = operations.empty() ? 0 : operations.back().id.value();
    if (line_.integer(*id) <= after || line_.integer(*id) > INT32_MAX) {
      return fields.Fail(*id, StrCat("expected an id from ", after + 1, " to ", INT32_MAX, ": ids ascend"));
    }
    operation.id = OpId(static_cast<int32_t>(line_.integer(*id)));
    std::optional<JsonLine::Index> kind = fields.Find("kind", JsonType::kString);
    if (!kind) return;
    const auto* found = std::find(std::begin(kKinds), std::end(kKinds), fields.Text(*kind));
    if (found == std::end(kKinds)) return fields.Fail(*kind, "this kind of operation is unknown");
    operation.details = MakeDetails(static_cast<size_t>(found - std::begin(kKinds)));
    fields.Name("process", operation.process);
    std::optional<JsonLine::Index> invoked = fields.Find("invoked", JsonType::kInteger);
    if (!invoked) return;
    operation.invoked_ns = line_.integer(*invoked);
    int64_t not_before = operations.empty() ? 0 : operations.back().invoked_ns;
    if (operation.invoked_ns < not_before || operation.invoked_ns > kMaxTimeNs) {
      return fields.Fail(*invoked, StrCat("expected a time from ", not_before, " to ", kMaxTimeNs,
                                          ": operations stand in order of invocation"));
    }
    if (fields.Has("completed") || fields.Has("outcome")) {
      fields.Int("completed", operation.completed_ns, operation.invoked_ns, kMaxTimeNs);
      std::optional<JsonLine::Index> outcome = fields.Find("outcome", JsonType::kString);
      if (!outcome) return;
      std::string_view name = fields.Text(*outcome);
      if (name == "ok") {
        operation.outcome = Outcome::kOk;
      } else if (name == "failed") {
        operation.outcome = Outcome::kFailed;
      } else if (name == "unknown") {
        operation.outcome = Outcome::kUnknown;
      } else {
        return fields.Fail(*outcome, "expected \"ok\", \"failed\" or \"unknown\"");
      }
    }
    std::visit([&](auto& details) { Fields(fields, details); }, operation.details);
    if (fields.error()) return;
    fields.NoMore(StrCat("a ", *found));
    if (!fields.error()) operations.push_back(std::move(operation));
  }

  void ReadMore(FieldReader& fields) {
    std::optional<JsonLine::Index> id = fields.Find("more", JsonType::kInteger);
    if (!id) return;
    std::vector<Operation>& operations = history_.mutable_operations();
    if (operations.empty() || line_.integer(*id) != operations.back().id.value()) {
      return fields.Fail(*id, "expected the id of the operation above");
    }
    Details& details = operations.back().details;
    if (ReadBack* read_back = std::get_if<ReadBack>(&details)) {
      fields.Sightings("events", read_back->events);
    } else if (Recovered* recovered = std::get_if<Recovered>(&details)) {
      fields.Sightings("events", recovered->events);
    } else {
      return fields.Fail(*id, StrCat("a ", KindOf(details), " does not continue"));
    }
    fields.NoMore("a continuation");
  }

  const std::string name_;
  size_t line_number_ = 0;
  History history_;
  JsonLine line_;
};

HistoryParser::HistoryParser(std::string_view name) : impl_(std::make_unique<Impl>(name)) {}
HistoryParser::~HistoryParser() = default;
absl::Status HistoryParser::Line(std::string_view line) { return impl_->Line(line); }
absl::StatusOr<History> HistoryParser::Finish() { return impl_->Finish(); }

absl::StatusOr<History> ParseHistory(std::string_view text, std::string_view name) {
  HistoryParser parser(name);
  size_t line = 0;
  while (!text.empty()) {
    ++line;
    size_t end = text.find('\n');
    RETURN_IF_ERROR(parser.Line(text.substr(0, end)));
    if (end == std::string_view::npos) {
      // A whole object without its newline: everything is there, but whether anything followed cannot be told.
      return MakeStatus(absl::StatusCode::kInvalidArgument, name, ":", line, ":", text.size() + 1,
                        ": expected a newline: the last line is cut off");
    }
    text.remove_prefix(end + 1);
  }
  return parser.Finish();
}

}  // namespace pravega::scenarios
