// Goal: whatever a recorder can write down comes back from its text unchanged, and every damage is named with its
// place.
#include "scenarios/history/history_file.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "scenarios/history/fields.h"
#include "scenarios/history/history.h"

namespace pravega::scenarios {
namespace {

constexpr std::string_view kHeader = "{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":0}\n";

// Fills the fields of an operation with arbitrary values, in the order in which they are written, so that names get the
// ids that a reader of the text gives them.
class ArbitraryFields {
 public:
  explicit ArbitraryFields(History& history) : history_(history) {}

  void Name(std::string_view, NameId& name) {
    name = history_.Intern(*rc::gen::oneOf(
        rc::gen::string<std::string>(), rc::gen::element<std::string>("writer-1", "", "\"\\/\n\t\x01", "caf\xc3\xa9")));
  }
  void OptionalName(std::string_view key, NameId& name) {
    if (*rc::gen::arbitrary<bool>()) Name(key, name);
  }
  void Word(std::string_view, NameId& name, std::span<const std::string_view> words) {
    name = history_.Intern(words[*rc::gen::inRange<size_t>(0, words.size())]);
  }
  void OptionalWord(std::string_view key, NameId& name, std::span<const std::string_view> words) {
    if (*rc::gen::arbitrary<bool>()) Word(key, name, words);
  }
  void Stream(std::string_view, NameId& name) {
    name = history_.Intern(*rc::gen::element<std::string>("s/e", "scope/a-b.c"));
  }
  void Txn(std::string_view, TxnRef& txn) {
    uint64_t high = *rc::gen::arbitrary<uint64_t>();
    txn = history_.Intern(TxnId{Uuid{high, *rc::gen::inRange<uint64_t>(0, 3)}});
  }
  void OptionalTxn(std::string_view key, TxnRef& txn) {
    if (*rc::gen::arbitrary<bool>()) Txn(key, txn);
  }
  void Int(std::string_view, int64_t& value, int64_t low, int64_t high) { value = *rc::gen::inRange(low, high + 1); }
  void Flag(std::string_view, bool& value) { value = *rc::gen::arbitrary<bool>(); }
  void Position(std::string_view, Offset& offset) { offset = Offset(*rc::gen::inRange<int64_t>(0, kMaxOffset + 1)); }
  void EventOf(Event& event) {
    Name("", event.writer);
    event.sequence = *rc::gen::arbitrary<int64_t>();
  }
  void SegmentOf(std::string_view, Segment& segment) {
    Stream("", segment.stream);
    int32_t epoch = *rc::gen::inRange<int32_t>(0, INT32_MAX);
    segment.id = SegmentId(Epoch(epoch), *rc::gen::inRange<int32_t>(0, INT32_MAX));
  }
  void StreamList(std::string_view, std::vector<NameId>& streams) {
    List(streams, 4, [&](NameId& stream) { Stream("", stream); });
  }
  void SegmentList(std::string_view, std::vector<Segment>& segments) {
    List(segments, 4, [&](Segment& segment) { SegmentOf("", segment); });
  }
  void NeighbourList(std::string_view key, std::vector<Segment>& segments, const Segment& segment) {
    SegmentList(key, segments);
    std::erase(segments, segment);
  }
  void Range(std::string_view, KeyRange& range) {
    range.low = *rc::gen::inRange(0, 1000) / 1000.0;
    range.high = range.low + (1 - range.low) * (*rc::gen::inRange(0, 1001) / 1000.0);
    if (range.high > 1) range.high = 1;
  }
  void RangeList(std::string_view, std::vector<KeyRange>& ranges) {
    List(ranges, 4, [&](KeyRange& range) { Range("", range); });
  }
  void CutOf(std::string_view, Cut& cut) {
    int size = *rc::gen::inRange(0, 5);
    for (int i = 0; i < size; ++i) {
      CutEntry entry;
      Stream("", entry.segment.stream);
      entry.segment.id = SegmentId(Epoch(i), 0);
      entry.finished = *rc::gen::arbitrary<bool>();
      if (!entry.finished) Position("", entry.offset);
      cut.push_back(entry);
    }
  }
  void OpList(std::string_view, std::vector<OpId>& ops) {
    List(ops, 4, [&](OpId& op) { op = OpId(*rc::gen::inRange<int32_t>(1, INT32_MAX)); });
  }
  void At(Sighting& at) {
    Segment segment;
    SegmentOf("", segment);
    Offset offset;
    Position("", offset);
    int32_t size = *rc::gen::inRange<int32_t>(0, 1 << 30);
    Event event;
    EventOf(event);
    at = MakeSighting(segment, offset, size, event);
  }
  void Sightings(std::string_view, std::vector<Sighting>& sightings) {
    List(sightings, 4, [&](Sighting& at) { At(at); });
    // Sometimes so many that they need further lines.
    if (!sightings.empty() && *rc::gen::inRange(0, 4) == 0) sightings.resize(1203, sightings.back());
  }

 private:
  template <typename T, typename F>
  void List(std::vector<T>& items, int most, F fill) {
    int size = *rc::gen::inRange(0, most);
    for (int i = 0; i < size; ++i) {
      items.emplace_back();
      fill(items.back());
    }
  }

  History& history_;
};

Operation ArbitraryOperation(History& history, size_t kind, int32_t id, int64_t invoked) {
  Operation operation;
  ArbitraryFields fields(history);
  operation.id = OpId(id);
  fields.Name("process", operation.process);
  operation.invoked_ns = invoked;
  operation.outcome = *rc::gen::element(Outcome::kPending, Outcome::kOk, Outcome::kFailed, Outcome::kUnknown);
  if (operation.outcome != Outcome::kPending) operation.completed_ns = invoked + *rc::gen::inRange<int64_t>(0, 1 << 30);
  operation.details = MakeDetails(kind);
  std::visit([&](auto& d) { Fields(fields, d); }, operation.details);
  return operation;
}

RC_GTEST_PROP(HistoryFileProperty, TextComesBackAsTheSameHistory, ()) {
  History history;
  history.parameters().clock_skew_ns = *rc::gen::inRange<int64_t>(0, kMaxTimeNs);
  history.parameters().facts = *rc::gen::arbitrary<std::map<std::string, std::string>>();
  // Every kind, and a few more.
  int32_t id = 0;
  int64_t now = 0;
  for (size_t i = 0; i < std::size(kKinds) + 5; ++i) {
    id += *rc::gen::inRange(1, 4);
    now += *rc::gen::inRange<int64_t>(0, 1 << 20);
    size_t kind = i < std::size(kKinds) ? i : *rc::gen::inRange<size_t>(0, std::size(kKinds));
    Operation operation = ArbitraryOperation(history, kind, id, now);
    history.mutable_operations().push_back(std::move(operation));
  }
  std::string text = HistoryText(history);
  absl::StatusOr<History> parsed = ParseHistory(text, "h");
  if (!parsed.ok()) RC_FAIL(std::string(parsed.status().message()));
  RC_ASSERT(parsed->parameters() == history.parameters());
  RC_ASSERT(parsed->operations().size() == history.operations().size());
  for (size_t i = 0; i < history.operations().size(); ++i) {
    RC_ASSERT(parsed->operations()[i] == history.operations()[i]);
  }
  RC_ASSERT(*parsed == history);
}

// Whatever is done to a text, reading it ends with a history or with one error that has a place.
RC_GTEST_PROP(HistoryFileProperty, DamagedTextGivesOneErrorWithItsPlace, ()) {
  History history;
  for (int i = 0; i < 5; ++i) {
    size_t kind = *rc::gen::inRange<size_t>(0, std::size(kKinds));
    Operation operation = ArbitraryOperation(history, kind, i + 1, i * 10);
    history.mutable_operations().push_back(std::move(operation));
  }
  std::string text = HistoryText(history);
  size_t at = *rc::gen::inRange<size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = *rc::gen::arbitrary<char>();
      break;
    default:
      text.insert(at, *rc::gen::string<std::string>());
  }
  absl::StatusOr<History> parsed = ParseHistory(text, "h");
  if (parsed.ok()) return;
  std::string message(parsed.status().message());
  RC_ASSERT(message.find('\n') == std::string::npos);
  int line = 0;
  int column = 0;
  RC_ASSERT(std::sscanf(message.c_str(), "h:%d:%d: ", &line, &column) == 2);
  RC_ASSERT(line >= 1);
  RC_ASSERT(column >= 1);
}

TEST(HistoryFileTest, IsWrittenAsDocumented) {
  History history;
  history.parameters().clock_skew_ns = 2000000;
  history.parameters().facts["seed"] = "7";
  NameId writer = history.Intern("writer-1");
  history.mutable_operations().push_back(
      Operation{OpId(17), writer, 1250000000, 1312500000, Outcome::kOk,
                Write{{writer, 42}, history.Intern("flights/rows"), history.Intern("DTW"), {}}});
  Segment segment{history.Intern("s/e"), SegmentId(Epoch(1), 2)};
  history.mutable_operations().push_back(
      Operation{OpId(18), history.Intern("r"), 1250000001, 0, Outcome::kPending,
                Record{MakeSighting(segment, Offset(320), 28, {writer, 42}), history.Intern("g")}});
  history.mutable_operations().push_back(
      Operation{OpId(20), history.Intern("r"), 1250000002, 1250000003, Outcome::kUnknown,
                Checkpoint{history.Intern("g"), history.Intern("c"),
                           Cut{{segment, Offset(), true}, {{segment.stream, {}}, Offset(5)}}}});
  EXPECT_EQ(HistoryText(history),
            "{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":2000000,\"facts\":{\"seed\":\"7\"}}\n"
            "{\"id\":17,\"kind\":\"write\",\"process\":\"writer-1\",\"invoked\":1250000000,\"completed\":1312500000,"
            "\"outcome\":\"ok\",\"writer\":\"writer-1\",\"sequence\":42,\"stream\":\"flights/rows\",\"key\":\"DTW\"}\n"
            "{\"id\":18,\"kind\":\"record\",\"process\":\"r\",\"invoked\":1250000001,\"group\":\"g\","
            "\"segment\":\"s/e/2.#epoch.1\",\"offset\":320,\"size\":28,\"writer\":\"writer-1\",\"sequence\":42}\n"
            "{\"id\":20,\"kind\":\"checkpoint\",\"process\":\"r\",\"invoked\":1250000002,\"completed\":1250000003,"
            "\"outcome\":\"unknown\",\"group\":\"g\",\"checkpoint\":\"c\","
            "\"cut\":{\"s/e/2.#epoch.1\":\"finished\",\"s/e/0.#epoch.0\":5}}\n");
}

TEST(HistoryFileTest, KeysStandInAnyOrderAndStringsMayBeEscaped) {
  absl::StatusOr<History> history = ParseHistory(std::string(kHeader) +
                                                     "{ \"group\" : \"g\\u00e9\\ud83d\\ude00\\n\\/\" , \"invoked\":5, "
                                                     "\"process\":\"\", \"kind\":\"reading\",\"id\":3 }\r\n",
                                                 "h");
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->operations().size(), 1u);
  const Operation& operation = history->operations()[0];
  EXPECT_EQ(operation.id, OpId(3));
  EXPECT_EQ(operation.outcome, Outcome::kPending);
  ASSERT_NE(operation.As<Reading>(), nullptr);
  EXPECT_EQ(history->Name(operation.As<Reading>()->group), "g\xc3\xa9\xf0\x9f\x98\x80\n/");
}

struct DamageCase {
  std::string text;
  std::string error;
};

TEST(HistoryFileTest, SaysWhatIsDamagedAndWhere) {
  const std::string header(kHeader);
  // An operation from which one thing is wrong.
  auto operation = [&](const std::string& rest) {
    return header + "{\"id\":1,\"process\":\"p\",\"invoked\":5," + rest + "}\n";
  };
  const std::vector<DamageCase> cases = {
      {"", "h:1:1: expected a header line, found the end of the text"},
      {"\n", "h:1:1: expected a value, found the end of the line"},
      {"{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":0}",
       "h:1:59: expected a newline: the last line is cut off"},
      {"{\"format\":\"x\",\"version\":1,\"clock_skew_ns\":0}\n", "h:1:11: expected \"pravega-history\""},
      {"{\"format\":\"pravega-history\",\"version\":2,\"clock_skew_ns\":0}\n", "h:1:39: expected version 1"},
      {"{\"format\":\"pravega-history\",\"version\":1}\n", "h:1:1: expected the key 'clock_skew_ns'"},
      {"{\"format\":\"pravega-history\",\"version\":1,\"clock_skew_ns\":0,\"skew\":1}\n",
       "h:1:59: the key 'skew' is unknown in the header"},
      {"[]\n", "h:1:1: expected an object, found a list"},
      {header + "\n", "h:2:1: expected a value, found the end of the line"},
      {header + "{\"id\":1", "h:2:8: expected ',' or '}', found the end of the line"},
      {header + "{\"id\":1,}\n", "h:2:9: expected a key in quotes, found '}'"},
      {header + "{\"id\" 1}\n", "h:2:7: expected ':', found '1'"},
      {header + "{\"id\":1} x\n", "h:2:10: expected the end of the line, found 'x'"},
      {header + "{\"id\":1,\"id\":2}\n", "h:2:9: the key 'id' stands here for the second time"},
      {header + "{\"id\":01}\n", "h:2:7: a number does not begin with a zero that means nothing"},
      {header + "{\"id\":99999999999999999999}\n", "h:2:7: this number is too large"},
      {header + "{\"id\":null}\n", "h:2:7: expected a value, found 'n'"},
      {header + "{\"id\":\"1\"}\n", "h:2:7: expected a whole number, found a string"},
      {header + "{\"id\":0}\n", "h:2:7: expected an id from 1 to 2147483647: ids ascend"},
      {header + "{\"id\":\"a\\x\"}\n", "h:2:10: expected one of \"\\/bfnrtu behind a backslash, found 'x'"},
      {header + "{\"id\":\"\\ud800x\"}\n", "h:2:14: expected the second half of a surrogate pair"},
      {header + "{\"id\":\"\\udc00\"}\n", "h:2:10: the second half of a surrogate pair stands alone"},
      {header + "{\"id\":\"a\tb\"}\n", "h:2:9: expected an escape in place of the byte 9 in a string"},
      {header + "{\"id\":\"a\n", "h:2:7: this string does not end"},
      {header + "{\"id\":[[[[[[[[[[1]]]]]]]]]]}\n", "h:2:15: expected at most 8 levels of brackets"},
      {header + "{\"id\":1,\"kind\":\"x\"}\n", "h:2:16: this kind of operation is unknown"},
      {operation("\"kind\":\"reading\",\"group\":\"g\",\"outcome\":\"ok\""), "h:2:1: expected the key 'completed'"},
      {operation("\"kind\":\"reading\",\"group\":\"g\",\"outcome\":\"ok\",\"completed\":4"),
       "h:2:91: expected a number from 5 to 1152921504606846976"},
      {operation("\"kind\":\"reading\",\"group\":\"g\",\"outcome\":\"fine\",\"completed\":9"),
       "h:2:74: expected \"ok\", \"failed\" or \"unknown\""},
      {operation("\"kind\":\"reading\""), "h:2:1: expected the key 'group'"},
      {operation("\"kind\":\"reading\",\"group\":\"g\",\"groups\":\"g\""),
       "h:2:64: the key 'groups' is unknown in a reading"},
      {operation("\"kind\":\"stream_seal\",\"stream\":\"s\""), "h:2:65: 's' is no stream name: expected scope/stream"},
      {operation("\"kind\":\"group\",\"group\":\"g\",\"streams\":[\"s/e\",\"s\"]"),
       "h:2:79: 's' is no stream name: expected scope/stream"},
      {operation("\"kind\":\"txn_status\",\"txn\":\"12\""),
       "h:2:61: expected a transaction's id as in 00000001-0000-0000-0000-00000000002a"},
      {operation("\"kind\":\"txn_status\",\"txn\":\"00000001-0000-0000-0000-00000000002a\",\"result\":\"BANANA\""),
       "h:2:109: expected one of OPEN, COMMITTING, COMMITTED, ABORTING, ABORTED"},
      {operation("\"kind\":\"node\",\"node\":\"store-1\",\"change\":\"explode\""),
       "h:2:75: expected one of crash, restart, pause, resume"},
      {operation("\"kind\":\"segment\",\"segment\":\"s/e/0.#epoch.0\",\"range\":[0,1],\"start\":0,\"length\":0,"
                 "\"predecessors\":[\"s/e/0.#epoch.0\"]"),
       "h:2:130: expected another segment than this itself"},
      {operation("\"kind\":\"segment\",\"segment\":\"s/e/0.#epoch.0\",\"range\":[0,1],\"start\":0,\"length\":0,"
                 "\"successors\":[\"s/e/1.#epoch.0\",\"s/e/0.#epoch.0\"]"),
       "h:2:145: expected another segment than this itself"},
      {operation("\"kind\":\"segment_completed\",\"group\":\"g\",\"segment\":\"s/e/x\""),
       "h:2:84: 's/e/x' is no segment name: expected scope/stream/NUMBER.#epoch.EPOCH"},
      {operation("\"kind\":\"acquire\",\"group\":\"g\",\"segment\":\"s/e/0.#epoch.0\",\"offset\":-1"),
       "h:2:100: expected a number from 0 to 1152921504606846976"},
      {operation(
           "\"kind\":\"reader_offline\",\"group\":\"g\",\"reader\":\"r\",\"position\":{\"s/e/0.#epoch.0\":\"done\"}"),
       "h:2:113: expected an offset or \"finished\""},
      {operation("\"kind\":\"reader_offline\",\"group\":\"g\",\"reader\":\"r\",\"position\":{\"s/e/0.#epoch.0\":1,\"s/"
                 "e/0.#epoch.0\":2}"),
       "h:2:95: a segment stands twice in this cut"},
      {operation("\"kind\":\"stream_scale\",\"stream\":\"s/e\",\"ranges\":[[0.5,0.25]]"),
       "h:2:82: expected two numbers: 0 <= low <= high <= 1"},
      {operation("\"kind\":\"recovered\",\"group\":\"g\",\"reader\":\"r\",\"events\":[[\"s/e/0.#epoch.0\",0,8]]"),
       "h:2:89: expected [segment, offset, size, writer, sequence]"},
      {operation("\"kind\":\"reading\",\"group\":\"g\"") +
           "{\"id\":1,\"kind\":\"reading\",\"process\":\"p\",\"invoked\":5,\"group\":\"g\"}\n",
       "h:3:7: expected an id from 2 to 2147483647: ids ascend"},
      {operation("\"kind\":\"reading\",\"group\":\"g\"") +
           "{\"id\":2,\"kind\":\"reading\",\"process\":\"p\",\"invoked\":4,\"group\":\"g\"}\n",
       "h:3:50: expected a time from 5 to 1152921504606846976: operations stand in order of invocation"},
      {operation("\"kind\":\"reading\",\"group\":\"g\"") + "{\"more\":2,\"events\":[]}\n",
       "h:3:9: expected the id of the operation above"},
      {operation("\"kind\":\"reading\",\"group\":\"g\"") + "{\"more\":1,\"events\":[]}\n",
       "h:3:9: a reading does not continue"},
      {header + "{\"id\":" + std::string(1 << 20, ' ') + "1}\n",
       "h:2:1: the line has 1048584 bytes: expected at most 1048576"},
  };
  for (const DamageCase& damage : cases) {
    absl::StatusOr<History> history = ParseHistory(damage.text, "h");
    std::string said = history.ok() ? "nothing" : std::string(history.status().message());
    EXPECT_EQ(said, damage.error) << damage.text.substr(0, 400);
  }
}

}  // namespace
}  // namespace pravega::scenarios
