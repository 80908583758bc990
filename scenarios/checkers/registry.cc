#include "scenarios/checkers/registry.h"

#include <algorithm>

#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

constexpr Checker kCheckers[] = {
    {"checkpoint_order", "readers are handed a checkpoint once and report it before they go on", &CheckCheckpointOrder},
    {"checkpoint_split", "a checkpoint splits what was recorded before it from the rest", &CheckCheckpointSplit},
    {"lease", "no commit succeeds after its lease has ended", &CheckLease},
    {"nothing_invented", "whatever is seen was written before", &CheckNothingInvented},
    {"nothing_lost", "what was acknowledged is recorded", &CheckNothingLost},
    {"nothing_twice", "nothing is recorded more often than it was written", &CheckNothingTwice},
    {"offsets", "events stand side by side, and readers skip none", &CheckOffsets},
    {"order", "events of one writer and key keep their order", &CheckOrder},
    {"ownership", "a segment is with one reader at a time", &CheckOwnership},
    {"predecessors_first", "no segment is read before those that it follows", &CheckPredecessorsFirst},
    {"read_back", "reading from a checkpoint gives what lies behind it", &CheckReadBack},
    {"records", "what readers record is what they were handed, and survives them", &CheckRecords},
    {"transactions", "transactions are visible after their commit, all of them or nothing", &CheckTransactions},
};

void Append(std::string& text, std::string_view word, size_t width) {
  text += word;
  if (word.size() < width) text.append(width - word.size(), ' ');
}

// Without writes, or without records of what was read, whatever agrees agrees with nothing.
std::string_view NothingShown(const Evidence& evidence) {
  const std::vector<EventFacts>& events = evidence.events();
  if (std::none_of(events.begin(), events.end(), [](const EventFacts& event) { return event.may > 0; })) {
    return "nothing was written";
  }
  for (const GroupFacts& group : evidence.groups()) {
    for (const RecordFacts& record : group.records) {
      if (record.durable == Certainty::kYes) return {};
    }
  }
  return "nothing was recorded";
}

Report CheckThose(const History& history, const std::vector<std::string>& names) {
  Evidence evidence(history);
  Report report;
  report.nothing = NothingShown(evidence);
  for (const Checker& checker : kCheckers) {
    if (!names.empty() && std::find(names.begin(), names.end(), checker.name) == names.end()) continue;
    report.checkers.push_back(CheckerReport{checker.name, checker.property, checker.check(evidence)});
  }
  return report;
}

}  // namespace

std::span<const Checker> AllCheckers() { return kCheckers; }

Judgement Report::judgement() const {
  Judgement worst = Judgement::kPass;
  for (const CheckerReport& checker : checkers) worst = std::max(worst, checker.verdict.judgement);
  if (!nothing.empty()) worst = std::max(worst, Judgement::kVacuous);
  return worst;
}

std::string Report::reason() const {
  if (const CheckerReport* failed = first_failure()) return StrCat(failed->name, ": ", failed->verdict.witness.words);
  if (!nothing.empty()) return std::string(nothing);
  int64_t looked = 0;  // checkers that looked at anything
  for (const CheckerReport& checker : checkers) {
    if (checker.verdict.judgement == Judgement::kVacuous) return StrCat(checker.name, ": ", checker.verdict.note);
    if (checker.verdict.checked > 0) ++looked;
  }
  return StrCat("nothing contradicts ", looked, looked == 1 ? " property" : " properties", " of ", checkers.size());
}

const CheckerReport* Report::Find(std::string_view name) const {
  for (const CheckerReport& checker : checkers) {
    if (checker.name == name) return &checker;
  }
  return nullptr;
}

const CheckerReport* Report::first_failure() const {
  const CheckerReport* first = nullptr;
  auto last_operation = [](const CheckerReport& checker) {
    const std::vector<OpId>& operations = checker.verdict.witness.operations;
    return operations.empty() ? OpId() : operations.back();
  };
  for (const CheckerReport& checker : checkers) {
    if (checker.verdict.judgement != Judgement::kFail) continue;
    if (first == nullptr || last_operation(checker) < last_operation(*first)) first = &checker;
  }
  return first;
}

std::string Report::ToString() const {
  std::string text;
  for (const CheckerReport& checker : checkers) {
    const Verdict& verdict = checker.verdict;
    Append(text, checker.name, 20);
    Append(text, JudgementName(verdict.judgement), 9);
    Append(text, verdict.checked == 0 ? "nothing to check" : StrCat(verdict.checked, " ", verdict.unit), 32);
    text += StrCat(checker.property, "\n");
    if (verdict.judgement == Judgement::kFail) {
      text += "    operations";
      for (OpId operation : verdict.witness.operations) text += StrCat(" ", operation.value());
      text += StrCat(": ", verdict.witness.words, "\n");
      if (verdict.contradictions > 1) text += StrCat("    and ", verdict.contradictions - 1, " more contradictions\n");
    } else if (verdict.judgement == Judgement::kVacuous) {
      text += StrCat("    ", verdict.note, "\n");
    }
  }
  return text;
}

Report CheckAll(const History& history) { return CheckThose(history, {}); }

absl::StatusOr<Report> CheckNamed(const History& history, const std::vector<std::string>& names) {
  if (names.empty()) return CheckAll(history);
  for (const std::string& name : names) {
    bool known =
        std::any_of(std::begin(kCheckers), std::end(kCheckers), [&](const Checker& c) { return c.name == name; });
    if (known) continue;
    std::string existing;
    for (const Checker& checker : kCheckers) existing += StrCat(existing.empty() ? "" : ", ", checker.name);
    return MakeStatus(absl::StatusCode::kInvalidArgument, "no checker is called '", name, "'; there are: ", existing);
  }
  return CheckThose(history, names);
}

}  // namespace pravega::scenarios
