// How a history is written; history_parser.cc reads it.
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "connector/core/names.h"
#include "connector/core/strings.h"
#include "scenarios/history/fields.h"
#include "scenarios/history/history_file.h"
#include "scenarios/history/json_line.h"

namespace pravega::scenarios {
namespace {

// Sightings in one line; what is over goes to further lines.
constexpr size_t kSightingsInLine = 500;

// Appends the fields of an operation to a line that has fields already.
class FieldWriter {
 public:
  FieldWriter(const History& history, std::string& line) : history_(history), line_(line) {}

  void Name(std::string_view key, NameId& name) {
    Key(key);
    AppendJsonString(line_, history_.Name(name));
  }
  void OptionalName(std::string_view key, NameId& name) {
    if (name != NameId()) Name(key, name);
  }
  void Stream(std::string_view key, NameId& name) { Name(key, name); }
  void Txn(std::string_view key, TxnRef& txn) {
    Key(key);
    AppendJsonString(line_, history_.Txn(txn).uuid.ToString());
  }
  void OptionalTxn(std::string_view key, TxnRef& txn) {
    if (txn != TxnRef()) Txn(key, txn);
  }
  void Int(std::string_view key, int64_t& value, int64_t, int64_t) {
    Key(key);
    Number(value);
  }
  void Flag(std::string_view key, bool& value) {
    if (!value) return;
    Key(key);
    line_ += "true";
  }
  void Position(std::string_view key, Offset& offset) {
    Key(key);
    Number(offset.value());
  }
  void EventOf(Event& event) {
    Name("writer", event.writer);
    Key("sequence");
    Number(event.sequence);
  }
  void SegmentOf(std::string_view key, Segment& segment) {
    Key(key);
    SegmentName(segment);
  }
  void Word(std::string_view key, NameId& name, std::span<const std::string_view>) { Name(key, name); }
  void OptionalWord(std::string_view key, NameId& name, std::span<const std::string_view>) { OptionalName(key, name); }
  void StreamList(std::string_view key, std::vector<NameId>& streams) {
    List(key, streams, [&](NameId stream) { AppendJsonString(line_, history_.Name(stream)); });
  }
  void SegmentList(std::string_view key, std::vector<Segment>& segments) {
    List(key, segments, [&](const Segment& segment) { SegmentName(segment); });
  }
  void NeighbourList(std::string_view key, std::vector<Segment>& segments, const Segment&) {
    SegmentList(key, segments);
  }
  void Range(std::string_view key, KeyRange& range) {
    Key(key);
    Bounds(range);
  }
  void RangeList(std::string_view key, std::vector<KeyRange>& ranges) {
    List(key, ranges, [&](const KeyRange& range) { Bounds(range); });
  }
  void CutOf(std::string_view key, Cut& cut) {
    if (cut.empty()) return;
    Key(key);
    line_ += '{';
    for (size_t i = 0; i < cut.size(); ++i) {
      if (i > 0) line_ += ',';
      SegmentName(cut[i].segment);
      line_ += ':';
      if (cut[i].finished) {
        line_ += "\"finished\"";
      } else {
        Number(cut[i].offset.value());
      }
    }
    line_ += '}';
  }
  void OpList(std::string_view key, std::vector<OpId>& ops) {
    List(key, ops, [&](OpId op) { Number(op.value()); });
  }
  void At(Sighting& at) {
    Key("segment");
    SegmentName(at.segment());
    Key("offset");
    Number(at.offset.value());
    Key("size");
    Number(at.size);
    Key("writer");
    AppendJsonString(line_, history_.Name(at.writer));
    Key("sequence");
    Number(at.sequence);
  }
  void Sightings(std::string_view key, std::vector<Sighting>& sightings) {
    SightingRange(key, sightings, 0);
    if (sightings.size() > kSightingsInLine) rest_ = &sightings;
  }

  void SightingRange(std::string_view key, const std::vector<Sighting>& sightings, size_t from) {
    size_t to = std::min(sightings.size(), from + kSightingsInLine);
    if (from == to) return;
    Key(key);
    line_ += '[';
    for (size_t i = from; i < to; ++i) {
      const Sighting& at = sightings[i];
      if (i > from) line_ += ',';
      line_ += '[';
      SegmentName(at.segment());
      line_ += ',';
      Number(at.offset.value());
      line_ += ',';
      Number(at.size);
      line_ += ',';
      AppendJsonString(line_, history_.Name(at.writer));
      line_ += ',';
      Number(at.sequence);
      line_ += ']';
    }
    line_ += ']';
  }

  void Key(std::string_view key) {
    line_ += ",\"";
    line_ += key;
    line_ += "\":";
  }
  void Number(int64_t value) {
    char digits[24];
    line_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }

  // A list that does not fit into the line, or nullptr.
  const std::vector<Sighting>* rest() const { return rest_; }

 private:
  void SegmentName(const Segment& segment) {
    AppendJsonString(
        line_, StrCat(history_.Name(segment.stream), "/", segment.id.number(), ".#epoch.", segment.id.epoch().value()));
  }
  void Bounds(const KeyRange& range) {
    line_ += '[';
    Real(range.low);
    line_ += ',';
    Real(range.high);
    line_ += ']';
  }
  void Real(double value) {
    char digits[40];
    line_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
  template <typename T, typename F>
  void List(std::string_view key, const std::vector<T>& items, F write) {
    if (items.empty()) return;
    Key(key);
    line_ += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) line_ += ',';
      write(items[i]);
    }
    line_ += ']';
  }

  const History& history_;
  std::string& line_;
  const std::vector<Sighting>* rest_ = nullptr;
};

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUnknown:
      return "unknown";
    case Outcome::kPending:
      break;
  }
  return "";
}

std::string Header(const RunParameters& parameters) {
  std::string line = "{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":";
  line += std::to_string(parameters.clock_skew_ns);
  if (!parameters.facts.empty()) {
    line += ",\"facts\":{";
    bool first = true;
    for (const auto& [key, value] : parameters.facts) {
      if (!first) line += ',';
      first = false;
      AppendJsonString(line, key);
      line += ':';
      AppendJsonString(line, value);
    }
    line += '}';
  }
  line += "}\n";
  return line;
}

}  // namespace

void WriteHistory(const History& history, const std::function<void(std::string_view line)>& sink) {
  sink(Header(history.parameters()));
  std::string line;
  for (const Operation& operation : history.operations()) {
    line = "{\"id\":";
    FieldWriter writer(history, line);
    writer.Number(operation.id.value());
    writer.Key("kind");
    AppendJsonString(line, KindOf(operation.details));
    writer.Key("process");
    AppendJsonString(line, history.Name(operation.process));
    writer.Key("invoked");
    writer.Number(operation.invoked_ns);
    if (operation.outcome != Outcome::kPending) {
      writer.Key("completed");
      writer.Number(operation.completed_ns);
      writer.Key("outcome");
      AppendJsonString(line, OutcomeName(operation.outcome));
    }
    // One body visits fields for reading and for writing; writing changes none.
    Details& details = const_cast<Details&>(operation.details);
    std::visit([&](auto& d) { Fields(writer, d); }, details);
    line += "}\n";
    sink(line);
    if (writer.rest() == nullptr) continue;
    for (size_t from = kSightingsInLine; from < writer.rest()->size(); from += kSightingsInLine) {
      line = "{\"more\":";
      writer.Number(operation.id.value());
      writer.SightingRange("events", *writer.rest(), from);
      line += "}\n";
      sink(line);
    }
  }
}

std::string HistoryText(const History& history) {
  std::string text;
  WriteHistory(history, [&](std::string_view line) { text += line; });
  return text;
}

}  // namespace pravega::scenarios
