// Checkers that look at single events: invented, lost, twice.
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {

Verdict CheckNothingInvented(const Evidence& evidence) {
  Findings findings("sightings");
  const History& history = evidence.history();
  findings.Checked(static_cast<int64_t>(evidence.seen().size()));
  for (const Seen& seen : evidence.seen()) {
    if (seen.event == Evidence::kUnwritten) {
      findings.Contradiction({seen.operation}, [&] {
        return StrCat("nobody ever wrote ", Show(history, seen.at.event()), ", yet ",
                      Describe(history, *seen.operation));
      });
      continue;
    }
    const EventFacts& event = evidence.events()[seen.event];
    const Attempt& first = evidence.attempts()[event.first_attempt];
    if (LatestEffect(*seen.operation) < first.operation->invoked_ns) {
      findings.Contradiction({seen.operation, first.operation}, [&] {
        return StrCat(Describe(history, *seen.operation), " saw the event before it was written by ",
                      Describe(history, *first.operation));
      });
    }
    bool stream_fits = false;
    bool possible = false;
    for (size_t i = event.first_attempt; i < event.end_attempt; ++i) {
      const Attempt& attempt = evidence.attempts()[i];
      if (attempt.write->stream == seen.at.stream) stream_fits = true;
      if (attempt.operation->possible()) possible = true;
    }
    if (!stream_fits) {
      findings.Contradiction({seen.operation, first.operation}, [&] {
        return StrCat(Describe(history, *seen.operation), " found the event in another stream than ",
                      Describe(history, *first.operation), " wrote it to");
      });
    }
    if (!possible) {
      findings.Contradiction({seen.operation, first.operation}, [&] {
        return StrCat(Describe(history, *first.operation), " failed, yet ", Describe(history, *seen.operation));
      });
    }
  }
  return findings.Done();
}

Verdict CheckNothingLost(const Evidence& evidence) {
  Findings findings("acknowledged writes");
  const History& history = evidence.history();
  bool any =
      std::any_of(evidence.events().begin(), evidence.events().end(), [](const EventFacts& e) { return e.must > 0; });
  if (evidence.groups().empty() && any) findings.Lacks("no reader group recorded anything");
  std::vector<bool> awaited(evidence.events().size());  // by some group
  for (const GroupFacts& group : evidence.groups()) {
    // How often each event is recorded or may be, and the last record of each line outside transactions.
    std::vector<int> recorded(evidence.events().size());
    std::vector<int> maybe(evidence.events().size());
    std::vector<const RecordFacts*> last_of_line(evidence.lines());
    for (const RecordFacts& record : group.records) {
      if (record.event == Evidence::kUnwritten || record.durable == Certainty::kNo) continue;
      ++(record.durable == Certainty::kYes ? recorded : maybe)[record.event];
      const EventFacts& event = evidence.events()[record.event];
      const Attempt* attempt = evidence.OnlyAttempt(record.event);
      if (event.line == kNoLine || attempt == nullptr || attempt->write->txn != TxnRef()) continue;
      if (record.durable != Certainty::kYes) continue;
      const RecordFacts*& last = last_of_line[event.line];
      if (last == nullptr || last->event < record.event) last = &record;
    }
    for (size_t e = 0; e < evidence.events().size(); ++e) {
      const EventFacts& event = evidence.events()[e];
      // How many of the attempts must be found here, how many of them were acknowledged before the drain began, and
      // one.
      int must = 0;
      int due = 0;
      const Attempt* missing = nullptr;
      const Operation* commit = nullptr;
      for (size_t i = event.first_attempt; i < event.end_attempt; ++i) {
        const Attempt& attempt = evidence.attempts()[i];
        if (attempt.took_effect != Certainty::kYes || !group.Reads(attempt.write->stream)) continue;
        ++must;
        const Operation* committed =
            attempt.write->txn == TxnRef() ? nullptr : evidence.Transaction(attempt.write->txn).committed;
        int64_t known = std::max(attempt.operation->completed_ns, committed == nullptr ? 0 : committed->completed_ns);
        if (group.drained != nullptr && known <= group.drained->invoked_ns) ++due;
        missing = &attempt;
        commit = committed;
      }
      if (missing == nullptr) continue;
      findings.Checked();
      awaited[e] = true;
      if (recorded[e] >= must) continue;
      if (recorded[e] + maybe[e] >= must) {
        findings.Lacks("whether a record of unknown outcome is durable is not in the history");
        continue;
      }
      const Operation& write = *missing->operation;
      if (!group.whole) {
        findings.Lacks("an event is missing, and the group does not read everything");
        continue;
      }
      if (evidence.Truncated(missing->write->stream)) {
        findings.Lacks("an event is missing, and its stream was truncated");
        continue;
      }
      const RecordFacts* later = event.line == kNoLine ? nullptr : last_of_line[event.line];
      bool overtaken =
          later != nullptr && later->event > e && missing->write->txn == TxnRef() && evidence.OnlyAttempt(e) != nullptr;
      if (recorded[e] + maybe[e] < due) {
        findings.Contradiction({&write, commit, group.drained, overtaken ? later->operation : nullptr}, [&] {
          std::string words =
              StrCat(Describe(history, write), " was acknowledged",
                     commit == nullptr ? "" : StrCat(" and committed, as ", Describe(history, *commit), " says"),
                     ", but group ", history.Name(group.group), " never recorded it, although ",
                     Describe(history, *group.drained), " gave it the time");
          if (overtaken)
            words += StrCat("; a later event of the same key was recorded: ", Describe(history, *later->operation));
          return words;
        });
      } else if (overtaken) {
        findings.Contradiction({&write, later->operation}, [&] {
          return StrCat(Describe(history, write), " was acknowledged, but group ", history.Name(group.group),
                        " never recorded it, although it recorded a later event of the same writer and key: ",
                        Describe(history, *later->operation));
        });
      } else {
        findings.Lacks(group.drained == nullptr ? "events are missing, and no drain says that they could all be read"
                                                : "events are missing that were acknowledged after the drain began");
      }
    }
  }
  for (size_t e = 0; e < awaited.size() && !evidence.groups().empty(); ++e) {
    if (evidence.events()[e].must > 0 && !awaited[e])
      findings.Lacks("no group is known to read a stream that was written to");
  }
  return findings.Done();
}

Verdict CheckNothingTwice(const Evidence& evidence) {
  Findings findings("events");
  const History& history = evidence.history();
  findings.Checked(static_cast<int64_t>(evidence.events().size()));
  auto times = [](int count) { return count == 1 ? std::string("once") : StrCat(count, " times"); };
  for (const GroupFacts& group : evidence.groups()) {
    std::vector<int> count(evidence.events().size());
    std::vector<const RecordFacts*> first(evidence.events().size());
    for (const RecordFacts& record : group.records) {
      if (record.event == Evidence::kUnwritten || record.durable != Certainty::kYes) continue;
      int allowed = std::max(1, evidence.events()[record.event].may);
      if (++count[record.event] > allowed) {
        const Operation& before = *first[record.event]->operation;
        findings.Contradiction({&before, record.operation}, [&] {
          return StrCat(Show(history, record.record->at.event()), " was written ", times(allowed), " but recorded by ",
                        Describe(history, before), " and by ", Describe(history, *record.operation));
        });
      }
      if (first[record.event] == nullptr) first[record.event] = &record;
    }
  }
  std::vector<int> count(evidence.events().size());
  std::vector<const Place*> first(evidence.events().size());
  for (const Place& place : evidence.places()) {
    if (place.event == Evidence::kUnwritten) continue;
    int allowed = std::max(1, evidence.events()[place.event].may);
    if (++count[place.event] > allowed) {
      const Place& before = *first[place.event];
      findings.Contradiction({before.operation, place.operation}, [&] {
        return StrCat(Show(history, place.at.event()), " was written ", times(allowed),
                      " but stands at two places: ", Show(history, before.at), " (",
                      Describe(history, *before.operation), ") and ", Show(history, place.at), " (",
                      Describe(history, *place.operation), ")");
      });
    }
    if (first[place.event] == nullptr) first[place.event] = &place;
  }
  return findings.Done();
}

}  // namespace pravega::scenarios
