#include "scenarios/model/yaml.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <variant>

#include "connector/core/names.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "scenarios/model/duration.h"
#include "scenarios/model/nearest.h"

namespace pravega::scenarios {
namespace {

// One source of truth for reading and printing: for each struct the list of its keys with where the value lives and
// what it may be.
struct IntRange {
  int64_t low;
  int64_t high;
};

template <typename T>
struct Int {
  T* value;
  IntRange range;
};
struct Choice {  // one of a fixed set of words
  int* index;
  std::vector<std::string_view> words;
};

using Target = std::variant<std::string*, bool*, Duration*, DurationRange*, Int<int>, Int<uint32_t>,
                            std::vector<std::string>*, Choice>;

struct Key {
  std::string_view name;
  Target target;
};

constexpr IntRange kMachines{1, 64};
constexpr IntRange kPerMillion{0, 1'000'000};
constexpr IntRange kCount{0, 1'000'000};
// Sums of some of them must not overflow.
constexpr Duration kLongest = std::chrono::hours(1000);

std::vector<Key> KeysOf(ClusterShape& c) {
  return {{"segment_stores", Int<int>{&c.segment_stores, kMachines}},
          {"containers", Int<int>{&c.containers, {1, 1024}}},
          {"controllers", Int<int>{&c.controllers, kMachines}},
          {"clock_skew_ppm", Int<int>{&c.clock_skew_ppm, {0, 10'000}}}};
}

std::vector<Key> KeysOf(NetworkShape& n) {
  return {{"latency", &n.latency},
          {"slow_per_million", Int<uint32_t>{&n.slow_per_million, kPerMillion}},
          {"slow_extra", &n.slow_extra},
          {"bytes_per_second", Int<uint32_t>{&n.bytes_per_second, {1'000, 4'000'000'000}}},
          {"split_per_million", Int<uint32_t>{&n.split_per_million, kPerMillion}},
          {"one_byte_chunks", &n.one_byte_chunks}};
}

std::vector<Key> KeysOf(Workload& w) {
  return {{"file", &w.file},
          {"key_column", &w.key_column},
          {"rows", Int<int>{&w.rows, kCount}},
          {"keys", Int<int>{&w.keys, {1, 1'000'000}}},
          {"scope", &w.scope},
          {"stream", &w.stream},
          {"segments", Int<int>{&w.segments, {1, 1000}}},
          {"writers", Int<int>{&w.writers, kMachines}},
          {"transactional_writers", Int<int>{&w.transactional_writers, {0, 64}}},
          {"transaction_rows", Int<int>{&w.transaction_rows, {1, 1'000'000}}},
          {"transaction_lease", &w.transaction_lease},
          {"readers", Int<int>{&w.readers, kMachines}},
          {"pace", &w.pace},
          {"burst", &w.burst},
          {"checkpoint_every", &w.checkpoint_every},
          {"read_backs", Int<int>{&w.read_backs, {0, 1000}}}};
}

std::vector<Key> KeysOf(FaultTrigger& t) {
  return {
      {"at", &t.at}, {"on_command", &t.on_command}, {"skip", Int<int>{&t.skip, kCount}}, {"on_traffic", &t.on_traffic}};
}

const std::vector<std::string_view>& KindNames() {
  static const auto* names = new std::vector<std::string_view>{"scale_up", "scale_down",  "crash",  "pause",
                                                               "cut_link", "reset_links", "refuse", "session"};
  return *names;
}
const std::vector<std::string_view>& PhaseNames() {
  static const auto* names = new std::vector<std::string_view>{"before_apply", "applied_not_answered", "twice"};
  return *names;
}

// The enums' numbers while a fault is read or printed.
struct FaultWords {
  int kind;
  int phase;
};

std::vector<Key> KeysOf(Fault& f, FaultWords& words) {
  std::vector<Key> keys = {{"name", &f.name}, {"kind", Choice{&words.kind, KindNames()}}, {"enabled", &f.enabled}};
  for (Key& key : KeysOf(f.trigger)) keys.push_back(key);
  std::vector<Key> rest = {{"node", &f.node},
                           {"from", &f.from},
                           {"to", &f.to},
                           {"both_ways", &f.both_ways},
                           {"lasts", &f.lasts},
                           {"command", &f.command},
                           {"subject", &f.subject},
                           {"phase", Choice{&words.phase, PhaseNames()}},
                           {"times", Int<int>{&f.times, {1, 1'000'000}}},
                           {"per_million", Int<uint32_t>{&f.per_million, kPerMillion}},
                           {"repeat", Int<int>{&f.repeat, {0, 10'000}}},
                           {"every", &f.every},
                           {"must_strike", &f.must_strike}};
  keys.insert(keys.end(), rest.begin(), rest.end());
  return keys;
}

std::vector<Key> KeysOf(Limits& l) { return {{"stuck_after", &l.stuck_after}, {"run", &l.run}}; }

// ---- reading

class Reader {
 public:
  Reader(std::string_view file, const ScenarioNames& names) : file_(file), names_(names) {}

  absl::Status Read(const YAML::Node& root, Scenario* s) {
    std::map<std::string_view, std::function<absl::Status(const YAML::Node&)>> sections = {
        {"name", [&](const YAML::Node& n) { return Set(n, "name", &s->name); }},
        {"cluster", [&](const YAML::Node& n) { return Fields(n, "cluster", KeysOf(s->cluster)); }},
        {"network", [&](const YAML::Node& n) { return Fields(n, "network", KeysOf(s->network)); }},
        {"workload",
         [&](const YAML::Node& n) {
           workload_mark_ = n.Mark();
           return Fields(n, "workload", KeysOf(s->workload));
         }},
        {"faults", [&](const YAML::Node& n) { return Faults(n, &s->faults); }},
        {"checks",
         [&](const YAML::Node& n) {
           RETURN_IF_ERROR(Set(n, "checks", &s->checks));
           return CheckAllKnown(n, "checker", s->checks, names_.checkers);
         }},
        {"planted",
         [&](const YAML::Node& n) {
           RETURN_IF_ERROR(Set(n, "planted", &s->planted));
           return CheckAllKnown(n, "planted bug", s->planted, names_.planted);
         }},
        {"limits", [&](const YAML::Node& n) { return Fields(n, "limits", KeysOf(s->limits)); }}};
    std::vector<std::string_view> names;
    for (const auto& [name, read] : sections) names.push_back(name);
    return EachKey(root, "the scenario", names,
                   [&](const std::string& key, const YAML::Node& value) { return sections.at(key)(value); });
  }

  // What no single value shows.
  absl::Status CheckWhole(const Scenario& s) {
    const Workload& w = s.workload;
    if (s.name.empty()) return Error(YAML::Mark(), "the scenario has no name: expected a key 'name'");
    if (w.file.empty() && w.rows == 0) {
      return Error(workload_mark_,
                   "workload has neither 'file' nor 'rows': expected a CSV file or a number of made-up rows");
    }
    if (!w.file.empty() && w.key_column.empty()) {
      return Error(workload_mark_,
                   "workload has a 'file' but no 'key_column': expected the name of the column with the routing key");
    }
    if (w.transactional_writers > w.writers) {
      return Error(workload_mark_, StrCat("workload has ", w.transactional_writers, " transactional_writers but only ",
                                          w.writers, " writers"));
    }
    if (w.burst.count() <= 0) return Error(workload_mark_, "workload.burst must be longer than 0");
    if (w.transaction_lease < std::chrono::seconds(10) || w.transaction_lease > std::chrono::seconds(600)) {
      return Error(workload_mark_, "workload.transaction_lease must be from 10s to 600s, as the controller demands");
    }
    for (const auto& [what, name] : {std::pair("scope", &w.scope), std::pair("stream", &w.stream)}) {
      absl::Status valid = ValidateUserName(*name);
      if (!valid.ok()) return Error(workload_mark_, StrCat("workload.", what, ": ", ToStd(valid.message())));
    }
    std::set<std::string> names;
    for (size_t i = 0; i < s.faults.size(); ++i) {
      const Fault& fault = s.faults[i];
      YAML::Mark mark = i < fault_marks_.size() ? fault_marks_[i] : YAML::Mark();
      absl::Status valid = CheckFault(fault, s);
      if (!valid.ok()) return Error(mark, ToStd(valid.message()));
      if (!names.insert(fault.name).second) return Error(mark, StrCat("two faults are called '", fault.name, "'"));
    }
    return absl::OkStatus();
  }

  absl::Status Error(const YAML::Mark& mark, std::string_view what) const {
    // yaml-cpp counts from 0 and marks what has no place with -1.
    return MakeStatus(absl::StatusCode::kInvalidArgument, file_, ":", std::max(mark.line, 0) + 1, ":",
                      std::max(mark.column, 0) + 1, ": ", what);
  }

 private:
  static absl::Status Bad(const Fault& fault, std::string_view what) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "fault '", fault.name, "' ", what);
  }

  static absl::Status CheckMachine(const Fault& fault, std::string_view key, const std::string& name,
                                   const Scenario& s) {
    const std::pair<std::string_view, int> roles[] = {{"store", s.cluster.segment_stores},
                                                      {"controller", s.cluster.controllers},
                                                      {"writer", s.workload.writers},
                                                      {"reader", s.workload.readers}};
    if (name == "admin") return absl::OkStatus();
    for (const auto& [role, count] : roles) {
      if (!name.starts_with(StrCat(role, "-"))) continue;
      std::string_view number = std::string_view(name).substr(role.size() + 1);
      if (number == "*" && (key == "node" || fault.trigger.on_traffic)) return absl::OkStatus();
      if (number == "*")
        return Bad(fault, StrCat("has '", name, "' in '", key, "': only with 'on_traffic' is one of them picked"));
      int value = 0;
      auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      if (error == std::errc() && end == number.data() + number.size() && value >= 1 && value <= count)
        return absl::OkStatus();
      return Bad(fault,
                 StrCat("names the machine '", name, "' in '", key, "': there are ", role, "-1 to ", role, "-", count));
    }
    return Bad(fault, StrCat("names the machine '", name, "' in '", key,
                             "': expected admin, store-N, controller-N, writer-N or reader-N"));
  }

  // Keys that mean nothing for the fault's kind: whoever wrote them expects something that would not happen.
  static absl::Status CheckKeysOfKind(const Fault& fault) {
    const Fault defaults;
    const std::string_view kind = KindNames()[static_cast<size_t>(fault.kind)];
    auto no_meaning = [&](std::string_view key, std::string_view instead) {
      return Bad(fault, StrCat("of kind ", kind, " has '", key, "', which means nothing there", instead));
    };
    const bool links =
        fault.kind == FaultKind::kCutLink || fault.kind == FaultKind::kResetLinks || fault.kind == FaultKind::kRefuse;
    const bool session = fault.kind == FaultKind::kSession;
    const bool node = session || fault.kind == FaultKind::kCrash || fault.kind == FaultKind::kPause;
    if (!session) {
      if (!fault.command.empty()) return no_meaning("command", ": 'on_command' says which request to wait for");
      if (!fault.subject.empty()) return no_meaning("subject", "");
      if (fault.phase != defaults.phase) return no_meaning("phase", "");
      if (fault.times != defaults.times) return no_meaning("times", ": 'repeat' and 'every' strike again");
      if (fault.per_million != defaults.per_million) return no_meaning("per_million", "");
    } else if (!fault.trigger.on_command.empty()) {
      return no_meaning("on_command", ": it waits for its 'command'");
    }
    if (!node && !fault.node.empty()) return no_meaning("node", "");
    if (!links && !fault.from.empty()) return no_meaning("from", "");
    if (!links && !fault.to.empty()) return no_meaning("to", "");
    if (fault.kind != FaultKind::kCutLink && fault.both_ways) return no_meaning("both_ways", "");
    const bool acts_on_traffic = fault.kind == FaultKind::kCutLink || fault.kind == FaultKind::kResetLinks;
    if (!acts_on_traffic && fault.trigger.on_traffic) return no_meaning("on_traffic", "");
    if (fault.trigger.on_traffic && !fault.trigger.on_command.empty()) {
      return Bad(fault, "has 'on_traffic' and 'on_command': it can wait for one of them");
    }
    if (links && !fault.from.empty() && fault.from == fault.to)
      return Bad(fault, "has the same machine in 'from' and 'to'");
    if (fault.trigger.skip > 0 && !session && fault.trigger.on_command.empty()) {
      return Bad(fault, "has 'skip' but no 'on_command' of which to skip some");
    }
    if (fault.repeat > 0 && session) return no_meaning("repeat", ": 'times' says how often it strikes");
    if (fault.repeat > 0 && !fault.trigger.on_command.empty()) {
      return Bad(fault, "has 'repeat' and 'on_command': only faults at a time repeat");
    }
    if (fault.repeat > 0 && fault.every.count() == 0) return Bad(fault, "has 'repeat' but no 'every'");
    return absl::OkStatus();
  }

  static absl::Status CheckFault(const Fault& fault, const Scenario& s) {
    if (fault.name.empty()) return absl::InvalidArgumentError("a fault has no name");
    RETURN_IF_ERROR(CheckKeysOfKind(fault));
    switch (fault.kind) {
      case FaultKind::kScaleUp:
      case FaultKind::kScaleDown:
        break;
      case FaultKind::kCrash:
      case FaultKind::kPause: {
        if (fault.node.empty()) return Bad(fault, "needs 'node'");
        RETURN_IF_ERROR(CheckMachine(fault, "node", fault.node, s));
        break;
      }
      case FaultKind::kCutLink:
      case FaultKind::kResetLinks:
      case FaultKind::kRefuse: {
        if (fault.from.empty() || fault.to.empty()) return Bad(fault, "needs 'from' and 'to'");
        RETURN_IF_ERROR(CheckMachine(fault, "from", fault.from, s));
        RETURN_IF_ERROR(CheckMachine(fault, "to", fault.to, s));
        break;
      }
      case FaultKind::kSession:
        if (fault.command.empty()) return Bad(fault, "needs 'command'");
        if (!fault.node.empty()) {
          RETURN_IF_ERROR(CheckMachine(fault, "node", fault.node, s));
        }
        break;
    }
    return absl::OkStatus();
  }

  absl::Status CheckKnown(const YAML::Node& node, std::string_view what, const std::string& name,
                          const std::vector<std::string_view>& known) const {
    if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) return absl::OkStatus();
    return Error(node.Mark(), StrCat("no ", what, " is called '", name.substr(0, 60), "'", SuggestFor(name, known)));
  }

  // Of each name in the list.
  absl::Status CheckAllKnown(const YAML::Node& list, std::string_view what, const std::vector<std::string>& names,
                             const std::vector<std::string_view>& known) const {
    for (size_t i = 0; i < names.size(); ++i) {
      RETURN_IF_ERROR(CheckKnown(list[i], what, names[i], known));
    }
    return absl::OkStatus();
  }

  absl::Status EachKey(const YAML::Node& node, std::string_view where, const std::vector<std::string_view>& known,
                       const std::function<absl::Status(const std::string&, const YAML::Node&)>& read) {
    if (!node.IsMap()) return Error(node.Mark(), StrCat(where, ": expected keys and values"));
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return Error(entry.first.Mark(), StrCat(where, ": expected a word as key"));
      const std::string& key = entry.first.Scalar();
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return Error(entry.first.Mark(),
                     StrCat("unknown key '", key.substr(0, 60), "' in ", where, SuggestFor(key, known)));
      }
      if (!seen.insert(key).second) return Error(entry.first.Mark(), StrCat("'", key, "' stands twice in ", where));
      absl::Status status = read(key, entry.second);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Fields(const YAML::Node& node, std::string_view where, const std::vector<Key>& keys) {
    std::vector<std::string_view> names;
    for (const Key& key : keys) names.push_back(key.name);
    return EachKey(node, where, names, [&](const std::string& name, const YAML::Node& value) {
      auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == name; });
      std::string full = StrCat(where, ".", name);
      return std::visit([&](auto target) { return Set(value, full, target); }, key->target);
    });
  }

  absl::Status Faults(const YAML::Node& node, std::vector<Fault>* faults) {
    if (!node.IsSequence()) return Error(node.Mark(), "faults: expected a list");
    for (const YAML::Node& item : node) {
      Fault fault;
      FaultWords words{static_cast<int>(fault.kind), static_cast<int>(fault.phase)};
      absl::Status status = Fields(item, "a fault", KeysOf(fault, words));
      if (!status.ok()) return status;
      for (const auto& [key, command] :
           {std::pair("command", &fault.command), std::pair("on_command", &fault.trigger.on_command)}) {
        if (command->empty()) continue;
        RETURN_IF_ERROR(CheckKnown(item[key], "request", *command, names_.requests));
      }
      fault.kind = static_cast<FaultKind>(words.kind);
      fault.phase = static_cast<FaultPhase>(words.phase);
      fault_marks_.push_back(item.Mark());
      faults->push_back(std::move(fault));
    }
    return absl::OkStatus();
  }

  absl::Status Expected(const YAML::Node& node, std::string_view where, std::string_view what) const {
    std::string got = node.IsScalar() ? StrCat("'", node.Scalar().substr(0, 60), "'") : "something else";
    return Error(node.Mark(), StrCat(where, ": ", got, " is not ", what));
  }

  absl::Status Set(const YAML::Node& node, std::string_view where, std::string* value) const {
    if (!node.IsScalar()) return Expected(node, where, "a text");
    *value = node.Scalar();
    for (char c : *value) {
      if (static_cast<unsigned char>(c) < 0x20)
        return Error(node.Mark(), StrCat(where, ": control characters are not allowed"));
    }
    return absl::OkStatus();
  }
  absl::Status Set(const YAML::Node& node, std::string_view where, bool* value) const {
    if (!node.IsScalar() || (node.Scalar() != "true" && node.Scalar() != "false")) {
      return Expected(node, where, "true or false");
    }
    *value = node.Scalar() == "true";
    return absl::OkStatus();
  }
  absl::Status Set(const YAML::Node& node, std::string_view where, Duration* value) const {
    std::optional<Duration> parsed = node.IsScalar() ? ParseDuration(node.Scalar()) : std::nullopt;
    if (!parsed || *parsed > kLongest)
      return Expected(node, where, "a duration such as 250ms, 10s or 2m, at most 1000h");
    *value = *parsed;
    return absl::OkStatus();
  }
  absl::Status Set(const YAML::Node& node, std::string_view where, DurationRange* value) const {
    std::optional<DurationRange> parsed = node.IsScalar() ? ParseRange(node.Scalar()) : std::nullopt;
    if (!parsed || parsed->high > kLongest) {
      return Expected(node, where, "a duration or a range such as 10s..40s, at most 1000h");
    }
    *value = *parsed;
    return absl::OkStatus();
  }
  template <typename T>
  absl::Status Set(const YAML::Node& node, std::string_view where, Int<T> target) const {
    int64_t parsed = 0;
    bool ok = node.IsScalar();
    if (ok) {
      const std::string& text = node.Scalar();
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
      ok = error == std::errc() && end == text.data() + text.size();
    }
    if (!ok || parsed < target.range.low || parsed > target.range.high) {
      return Expected(node, where, StrCat("a whole number from ", target.range.low, " to ", target.range.high));
    }
    *target.value = static_cast<T>(parsed);
    return absl::OkStatus();
  }
  absl::Status Set(const YAML::Node& node, std::string_view where, std::vector<std::string>* value) const {
    if (!node.IsSequence()) return Expected(node, where, "a list");
    for (const YAML::Node& item : node) {
      std::string text;
      absl::Status status = Set(item, where, &text);
      if (!status.ok()) return status;
      value->push_back(std::move(text));
    }
    return absl::OkStatus();
  }
  absl::Status Set(const YAML::Node& node, std::string_view where, Choice target) const {
    if (node.IsScalar()) {
      for (size_t i = 0; i < target.words.size(); ++i) {
        if (node.Scalar() == target.words[i]) {
          *target.index = static_cast<int>(i);
          return absl::OkStatus();
        }
      }
      return Error(node.Mark(), StrCat(where, ": unknown '", node.Scalar().substr(0, 60), "'",
                                       SuggestFor(node.Scalar(), target.words)));
    }
    return Expected(node, where, "a word");
  }

  std::string_view file_;
  const ScenarioNames& names_;
  YAML::Mark workload_mark_;
  std::vector<YAML::Mark> fault_marks_;
};

// Looks at the text before a tree is made of it, and throws what yaml-cpp itself throws. Anchors and aliases let a
// short text stand for a huge one, and nothing here needs them; deep nesting exhausts the stack; a second document
// would be ignored.
class Screen : public YAML::EventHandler {
 public:
  int documents() const { return documents_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw YAML::ParserException(mark, "a second document: expected one scenario in a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string&) override {
    Check(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Enter(mark, anchor);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Enter(mark, anchor);
  }
  void OnMapEnd() override { --depth_; }

 private:
  static void Check(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw YAML::ParserException(mark, "anchors and aliases are not allowed");
  }
  void Enter(const YAML::Mark& mark, YAML::anchor_t anchor) {
    Check(mark, anchor);
    constexpr int kDeepest = 16;
    if (++depth_ > kDeepest) throw YAML::ParserException(mark, "nested too deeply");
  }

  int documents_ = 0;
  int depth_ = 0;
};

YAML::Mark MarkAt(std::string_view text, size_t at) {
  YAML::Mark mark;
  mark.line = static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  mark.column = static_cast<int>(at - (text.substr(0, at).rfind('\n') + 1));
  return mark;
}

// ---- printing

// Plain words stay plain; everything else is quoted with YAML's double quotes.
std::string Quoted(const std::string& text) {
  bool plain = !text.empty() && text != "true" && text != "false" && text != "null" && text != "~";
  for (char c : text)
    plain = plain && (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '/');
  plain = plain && std::isalpha(static_cast<unsigned char>(text[0]));
  if (plain) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

std::string Text(const std::string* value) { return Quoted(*value); }
std::string Text(const bool* value) { return *value ? "true" : "false"; }
std::string Text(const Duration* value) { return PrintDuration(*value); }
std::string Text(const DurationRange* value) { return PrintRange(*value); }
template <typename T>
std::string Text(const Int<T>& target) {
  return std::to_string(*target.value);
}
std::string Text(const std::vector<std::string>* value) {
  std::string out = "[";
  for (size_t i = 0; i < value->size(); ++i) out += (i == 0 ? "" : ", ") + Quoted((*value)[i]);
  return out + "]";
}
std::string Text(const Choice& target) { return std::string(target.words[static_cast<size_t>(*target.index)]); }

// The keys whose text differs from the default's.
std::string Differences(const std::vector<Key>& keys, const std::vector<Key>& defaults, std::string_view indent,
                        std::string_view first_indent) {
  std::string out;
  for (size_t i = 0; i < keys.size(); ++i) {
    auto text = [](const Target& target) { return std::visit([](const auto& t) { return Text(t); }, target); };
    std::string value = text(keys[i].target);
    if (value == text(defaults[i].target)) continue;
    out += StrCat(out.empty() ? first_indent : indent, keys[i].name, ": ", value, "\n");
  }
  return out;
}

template <typename T>
std::string Section(std::string_view name, T value) {
  T defaults;
  std::string body = Differences(KeysOf(value), KeysOf(defaults), "  ", "  ");
  return body.empty() ? "" : StrCat(name, ":\n", body);
}

}  // namespace

absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file, const ScenarioNames& names) {
  Reader reader(file, names);
  constexpr size_t kLargest = 256 << 10;
  if (text.size() > kLargest) {
    return reader.Error(YAML::Mark(), StrCat("the file has ", text.size(), " bytes: at most ", kLargest, " are read"));
  }
  if (text.find('\0') != std::string_view::npos)
    return reader.Error(MarkAt(text, text.find('\0')), "a NUL byte: expected text");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Screen screen;
    while (parser.HandleNextDocument(screen)) {
    }
    if (screen.documents() == 0) return reader.Error(YAML::Mark(), "there is nothing in it: expected a scenario");
    YAML::Node root = YAML::Load(std::string(text));
    Scenario scenario;
    absl::Status read = reader.Read(root, &scenario);
    if (!read.ok()) return read;
    absl::Status whole = reader.CheckWhole(scenario);
    if (!whole.ok()) return whole;
    return scenario;
  } catch (const YAML::Exception& error) {
    return reader.Error(error.mark, error.msg);
  } catch (const std::exception& error) {
    return reader.Error(YAML::Mark(), StrCat("cannot be read: ", error.what()));
  }
}

std::string PrintScenario(const Scenario& scenario) {
  Scenario copy = scenario;
  std::string out = StrCat("name: ", Quoted(copy.name), "\n");
  out += Section("cluster", copy.cluster);
  out += Section("network", copy.network);
  out += Section("workload", copy.workload);
  if (!copy.faults.empty()) {
    out += "faults:\n";
    for (Fault& fault : copy.faults) {
      Fault defaults;
      FaultWords words{static_cast<int>(fault.kind), static_cast<int>(fault.phase)};
      FaultWords default_words{-1, static_cast<int>(defaults.phase)};
      std::vector<Key> default_keys = KeysOf(defaults, default_words);
      // The kind is always written, even where it is the default one.
      int no_kind = static_cast<int>(fault.kind) == 0 ? 1 : 0;
      default_words.kind = no_kind;
      out += Differences(KeysOf(fault, words), default_keys, "    ", "  - ");
    }
  }
  if (!copy.checks.empty()) out += StrCat("checks: ", Text(&copy.checks), "\n");
  if (!copy.planted.empty()) out += StrCat("planted: ", Text(&copy.planted), "\n");
  out += Section("limits", copy.limits);
  return out;
}

}  // namespace pravega::scenarios
