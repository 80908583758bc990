// Checkpoints: the order of their events, how they split what was recorded, reading back from them.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/checkers/checkpoint_sides.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

class CheckpointOrderChecker {
 public:
  CheckpointOrderChecker(const Evidence& evidence, const GroupFacts& group, Findings& findings)
      : evidence_(evidence), history_(evidence.history()), group_(group), findings_(findings) {}

  void Check() {
    std::map<NameId, CheckpointFacts> by_name;
    for (const CheckpointFacts& checkpoint : CheckpointsOf(group_)) by_name[checkpoint.checkpoint] = checkpoint;
    for (const Operation* handed : group_.read_checkpoints) {
      findings_.Checked();
      const ReadCheckpoint& read = *handed->As<ReadCheckpoint>();
      auto [first, is_first] = handed_.emplace(std::pair(handed->process, read.checkpoint), handed);
      if (!is_first && !OnlineBetween(handed->process, *first->second, *handed)) {
        findings_.Contradiction({first->second, handed}, [&] {
          return StrCat("a reader is handed one checkpoint twice: ", Describe(history_, *first->second), " and ",
                        Describe(history_, *handed));
        });
      }
      auto initiated = by_name.find(read.checkpoint);
      if (initiated != by_name.end() && handed->completed_ns < initiated->second.initiated->invoked_ns) {
        const Operation& checkpoint = *initiated->second.initiated;
        findings_.Contradiction({handed, &checkpoint}, [&] {
          return StrCat("a checkpoint is handed out before it is initiated: ", Describe(history_, *handed), " and ",
                        Describe(history_, checkpoint));
        });
      }
    }
    for (const Operation* report : group_.reports) CheckReport(*report);
    for (const auto& [name, checkpoint] : by_name) {
      if (checkpoint.completed != nullptr) CheckComplete(checkpoint);
    }
  }

 private:
  bool OnlineBetween(NameId reader, const Operation& a, const Operation& b) const {
    return std::any_of(group_.onlines.begin(), group_.onlines.end(), [&](const Operation* online) {
      return online->possible() && online->As<ReaderOnline>()->reader == reader && online->id > a.id &&
             online->id < b.id;
    });
  }

  // A report follows the hand-out, and nothing lies between.
  void CheckReport(const Operation& report) {
    if (group_.read_checkpoints.empty()) return;
    auto found = handed_.find({report.process, report.As<CheckpointReport>()->checkpoint});
    if (found == handed_.end() || found->second->completed_ns > report.invoked_ns) {
      const Operation* handed = found == handed_.end() ? nullptr : found->second;
      findings_.Contradiction({&report, handed}, [&] {
        std::string words = StrCat(Describe(history_, report), " before the reader was handed the checkpoint");
        if (handed != nullptr) words += StrCat(": ", Describe(history_, *handed));
        return words;
      });
      return;
    }
    const Operation& handed = *found->second;
    auto between = [&](const Operation& other) {
      return other.process == report.process && other.invoked_ns > handed.completed_ns && other.id < report.id;
    };
    for (const auto* operations : {&group_.acquires, &group_.releases, &group_.completions}) {
      for (const Operation* operation : *operations) {
        if (between(*operation)) Between(handed, *operation, report);
      }
    }
    auto read = std::lower_bound(group_.reads.begin(), group_.reads.end(), handed.id,
                                 [](const Operation* a, OpId b) { return a->id < b; });
    for (; read != group_.reads.end() && (*read)->id < report.id; ++read) {
      // The read may be the very call within which the report is made: then the event is handed out behind it.
      if (between(**read) && (*read)->completed_ns < report.invoked_ns) Between(handed, **read, report);
    }
  }
  void Between(const Operation& handed, const Operation& other, const Operation& report) {
    findings_.Contradiction({&handed, &other, &report}, [&] {
      return StrCat("between ", Describe(history_, handed), " and ", Describe(history_, report),
                    " the reader did more: ", Describe(history_, other));
    });
  }

  // Every reader that was online all the time has reported.
  void CheckComplete(const CheckpointFacts& checkpoint) {
    if (group_.reports.empty()) {
      if (!group_.onlines.empty()) findings_.Lacks("the history does not say when readers reported checkpoints");
      return;
    }
    for (const Operation* online : group_.onlines) {
      if (!online->ok() || online->completed_ns >= checkpoint.initiated->invoked_ns) continue;
      NameId reader = online->As<ReaderOnline>()->reader;
      bool gone = std::any_of(group_.offlines.begin(), group_.offlines.end(), [&](const Operation* offline) {
        return offline->possible() && offline->As<ReaderOffline>()->reader == reader && offline->id > online->id &&
               offline->invoked_ns <= checkpoint.completed->completed_ns;
      });
      if (gone) continue;
      const Operation* report = nullptr;
      for (const Operation* operation : group_.reports) {
        bool its =
            operation->process == reader && operation->As<CheckpointReport>()->checkpoint == checkpoint.checkpoint;
        if (its && (report == nullptr || operation->invoked_ns < report->invoked_ns)) report = operation;
      }
      if (report != nullptr && evidence_.EarliestEffect(*report) <= checkpoint.completed->completed_ns) continue;
      if (evidence_.SilentSince(reader) <= checkpoint.completed->completed_ns) continue;
      findings_.Contradiction({online, checkpoint.completed, report}, [&] {
        return StrCat("checkpoint ", history_.Name(checkpoint.checkpoint), " is complete although ",
                      history_.Name(reader), report == nullptr ? " never reported it: " : " reported it later: ",
                      Describe(history_, *checkpoint.completed), ", ",
                      Describe(history_, report == nullptr ? *online : *report));
      });
    }
  }

  const Evidence& evidence_;
  const History& history_;
  const GroupFacts& group_;
  Findings& findings_;
  std::map<std::pair<NameId, NameId>, const Operation*> handed_;  // by reader and checkpoint: the first time
};

class CheckpointSplitChecker {
 public:
  CheckpointSplitChecker(const Evidence& evidence, const GroupFacts& group, Findings& findings)
      : evidence_(evidence),
        history_(evidence.history()),
        graph_(evidence.graph()),
        group_(group),
        findings_(findings) {}

  void Check() {
    for (const Operation* report : group_.reports) {
      for (const CutEntry& entry : report->As<CheckpointReport>()->position) CheckReport(*report, entry);
    }
    for (const CheckpointFacts& checkpoint : CheckpointsOf(group_)) {
      if (checkpoint.completed != nullptr) CheckCut(checkpoint);
    }
  }

 private:
  // Whether the record was certainly made after, before the report.
  static bool IsAfter(const RecordFacts& record, const Operation& report) {
    if (record.operation->process == report.process) return record.operation->id > report.id;
    return record.earliest_ns > LatestEffect(report);
  }
  bool IsBefore(const RecordFacts& record, const Operation& report) const {
    if (record.operation->process == report.process) return record.operation->id < report.id;
    return record.latest_ns < evidence_.EarliestEffect(report);
  }

  // Calls `visit(record, lies before)` for the certain records of a segment.
  template <typename F>
  void ForRecords(size_t segment, const SegmentSide& side, const Operation& where, F visit) {
    for (auto i = group_.SegmentBegin(segment); i != group_.SegmentEnd(segment); ++i) {
      const RecordFacts& record = group_.records[*i];
      if (record.durable != Certainty::kYes) continue;
      const Sighting& at = record.record->at;
      if (side.side == Side::kSplit && at.offset < side.at && at.end() > side.at) {
        findings_.Contradiction({record.operation, &where}, [&] {
          return StrCat(Describe(history_, where), " cuts ", Show(history_, at),
                        " in two: ", Describe(history_, *record.operation));
        });
        continue;
      }
      visit(record, side.side == Side::kBefore || (side.side == Side::kSplit && at.end() <= side.at));
    }
  }

  // One segment of a report: what lies before its position was recorded before it, the rest after it.
  void CheckReport(const Operation& report, const CutEntry& entry) {
    SegmentSide side{entry.finished ? Side::kBefore : Side::kSplit, entry.offset};
    ForRecords(graph_.Find(entry.segment), side, report, [&](const RecordFacts& record, bool before) {
      if (before ? IsAfter(record, report) : IsBefore(record, report)) Misplaced(record, before, report, "reported");
    });
  }

  void Misplaced(const RecordFacts& record, bool before, const Operation& report, std::string_view what,
                 const Operation* more = nullptr) {
    findings_.Contradiction({record.operation, &report, more}, [&] {
      std::string words =
          StrCat(Show(history_, record.record->at), " lies ", before ? "before" : "behind",
                 " the position but was recorded ", before ? "after" : "before", " the checkpoint was ", what, ": ",
                 Describe(history_, *record.operation), " and ", Describe(history_, report));
      if (more != nullptr) words += StrCat("; the cut: ", Describe(history_, *more));
      return words;
    });
  }

  void CheckCut(const CheckpointFacts& checkpoint) {
    findings_.Checked();
    const Operation& completed = *checkpoint.completed;
    const Cut& cut = completed.As<Checkpoint>()->cut;
    std::vector<SegmentSide> sides = SidesOf(evidence_, group_, cut);
    std::map<size_t, const Operation*> reporters;
    std::map<NameId, const Operation*> reports;  // by reader
    CheckReports(checkpoint, cut, &reporters, &reports);
    for (size_t segment = 0; segment < graph_.size(); ++segment) {
      if (group_.SegmentBegin(segment) == group_.SegmentEnd(segment) || group_.outside[segment]) continue;
      const RecordFacts& some = group_.records[*group_.SegmentBegin(segment)];
      const SegmentSide& side = sides[segment];
      if (side.side == Side::kNeither || side.side == Side::kBoth) {
        if (graph_[segment].facts.empty()) {
          findings_.Lacks("the history does not say which segments follow each other");
          continue;
        }
        findings_.Contradiction({&completed, some.operation}, [&] {
          return StrCat("segment ", Show(history_, graph_[segment].segment), " lies ",
                        side.side == Side::kNeither ? "on neither side of the cut: " : "on both sides of the cut: ",
                        Describe(history_, completed), "; an event of it: ", Describe(history_, *some.operation));
        });
        continue;
      }
      auto reporter = reporters.find(segment);
      ForRecords(segment, side, completed, [&](const RecordFacts& record, bool before) {
        // What lies before was recorded before the report of whoever had the segment, and before the reader's own.
        auto own = reports.find(record.operation->process);
        for (const Operation* report :
             {reporter == reporters.end() ? nullptr : reporter->second, own == reports.end() ? nullptr : own->second}) {
          if (report != nullptr && (before ? IsAfter(record, *report) : IsBefore(record, *report))) {
            return Misplaced(record, before, *report, "reported", &completed);
          }
        }
        // Where nobody reported: before the checkpoint was complete, the rest not before it was initiated.
        const Operation& initiated = *checkpoint.initiated;
        if (before && record.earliest_ns > completed.completed_ns)
          return Misplaced(record, before, completed, "completed");
        if (!before && record.latest_ns < initiated.invoked_ns) {
          Misplaced(record, before, initiated, "initiated", &initiated == &completed ? nullptr : &completed);
        }
      });
    }
  }

  // The cut agrees with what readers reported. Finds who reported each segment, and each reader's report.
  void CheckReports(const CheckpointFacts& checkpoint, const Cut& cut, std::map<size_t, const Operation*>* reporters,
                    std::map<NameId, const Operation*>* reports) {
    std::map<size_t, const Operation*> differing;
    for (const Operation* report : group_.reports) {
      const CheckpointReport& details = *report->As<CheckpointReport>();
      if (details.checkpoint != checkpoint.checkpoint) continue;
      // A report that completed later than the checkpoint, or whose answer was lost, may not be part of it.
      if (report->ok()) reports->emplace(report->process, report);
      for (const CutEntry& entry : details.position) {
        size_t segment = graph_.Find(entry.segment);
        auto same = std::find(cut.begin(), cut.end(), entry);
        if (same != cut.end()) {
          reporters->emplace(segment, report);
        } else if (report->ok()) {
          differing.emplace(segment, report);
        }
      }
    }
    for (const auto& [segment, report] : differing) {
      if (reporters->count(segment) > 0) continue;
      const Operation& completed = *checkpoint.completed;
      findings_.Contradiction({report, &completed}, [&, s = segment, r = report] {
        return StrCat("the cut has another position in ", Show(history_, graph_[s].segment),
                      " than was reported: ", Describe(history_, completed), " and ", Describe(history_, *r));
      });
    }
  }

  const Evidence& evidence_;
  const History& history_;
  const SegmentGraph& graph_;
  const GroupFacts& group_;
  Findings& findings_;
};

class ReadBackChecker {
 public:
  ReadBackChecker(const Evidence& evidence, const GroupFacts& group, Findings& findings)
      : evidence_(evidence),
        history_(evidence.history()),
        graph_(evidence.graph()),
        group_(group),
        findings_(findings) {}

  void Check() {
    std::map<NameId, const Operation*> completed;
    for (const CheckpointFacts& checkpoint : CheckpointsOf(group_)) {
      if (checkpoint.completed != nullptr) completed[checkpoint.checkpoint] = checkpoint.completed;
    }
    for (const Operation* operation : group_.read_backs) {
      auto checkpoint = completed.find(operation->As<ReadBack>()->checkpoint);
      if (checkpoint == completed.end()) {
        findings_.Lacks("the cut of a checkpoint that was read back is not in the history");
        continue;
      }
      findings_.Checked();
      CheckOne(*operation, *checkpoint->second);
    }
  }

 private:
  void CheckOne(const Operation& operation, const Operation& checkpoint) {
    std::vector<SegmentSide> sides = SidesOf(evidence_, group_, checkpoint.As<Checkpoint>()->cut);
    // What was read back, by segment and offset.
    std::vector<std::pair<size_t, const Sighting*>> events;
    for (const Sighting& at : operation.As<ReadBack>()->events) events.emplace_back(graph_.Find(at.segment()), &at);
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first, a.second->offset) < std::pair(b.first, b.second->offset);
    });
    CheckBehind(operation, checkpoint, sides, events);
    auto event = events.begin();
    for (size_t segment = 0; segment < graph_.size(); ++segment) {
      while (event != events.end() && event->first < segment) ++event;
      CheckAgainstRecords(operation, checkpoint, sides[segment], segment, event, events.end());
    }
  }

  using Events = std::vector<std::pair<size_t, const Sighting*>>;

  // Nothing from before the cut, nothing skipped, nothing twice.
  void CheckBehind(const Operation& operation, const Operation& checkpoint, const std::vector<SegmentSide>& sides,
                   const Events& events) {
    size_t segment = graph_.size();
    Offset next;
    for (const auto& [at_segment, at] : events) {
      const SegmentSide& side = sides[at_segment];
      bool behind = side.side == Side::kAfter || (side.side == Side::kSplit && at->offset >= side.at);
      if (!behind && side.side != Side::kBoth && side.side != Side::kNeither) {
        const Operation* record = RecordOf(at_segment, *at);
        findings_.Contradiction({record, &checkpoint, &operation}, [&, event = at] {
          return StrCat(Show(history_, *event),
                        " lies before the cut but was read back: ", Describe(history_, operation), " and ",
                        Describe(history_, checkpoint),
                        record == nullptr ? "" : StrCat("; it was recorded by ", Describe(history_, *record)));
        });
      }
      if (at_segment != segment) {
        segment = at_segment;
        next = side.side == Side::kSplit ? side.at : Offset();
      }
      bool gone = graph_[segment].gone || at->offset <= graph_[segment].truncated_to;
      if (behind && at->offset != next && !(at->offset > next && gone)) {
        findings_.Contradiction({&checkpoint, &operation}, [&, event = at, expected = next] {
          return StrCat("reading back was to go on at ", expected.value(), " but went to ", Show(history_, *event),
                        ": ", Describe(history_, operation), " and ", Describe(history_, checkpoint));
        });
      }
      next = at->end();
    }
  }

  // Every event behind the cut that was recorded before is found, as it was recorded; and whatever is found is
  // recorded, if there was time to. `event`: the first of those read back in this segment or behind.
  void CheckAgainstRecords(const Operation& operation, const Operation& checkpoint, const SegmentSide& side,
                           size_t segment, Events::const_iterator event, Events::const_iterator end) {
    bool split = side.side == Side::kSplit;
    if (!split && side.side != Side::kAfter) return;
    auto record = group_.SegmentBegin(segment);
    auto records_end = group_.SegmentEnd(segment);
    while (true) {
      while (record != records_end && split && group_.records[*record].record->at.offset < side.at) ++record;
      bool has_event = event != end && event->first == segment;
      bool has_record = record != records_end;
      if (!has_event && !has_record) return;
      const RecordFacts* facts = has_record ? &group_.records[*record] : nullptr;
      Offset event_at = has_event ? event->second->offset : Offset(std::numeric_limits<int64_t>::max());
      Offset record_at = has_record ? facts->record->at.offset : Offset(std::numeric_limits<int64_t>::max());
      if (record_at < event_at) {
        bool due = facts->durable == Certainty::kYes && facts->latest_ns < operation.invoked_ns;
        bool gone = graph_[segment].gone || record_at < graph_[segment].truncated_to;
        if (due && !gone) {
          findings_.Contradiction({facts->operation, &checkpoint, &operation}, [&] {
            return StrCat(Show(history_, facts->record->at),
                          " lies behind the cut but was not read back: ", Describe(history_, operation), ", ",
                          Describe(history_, checkpoint), "; it was recorded by ",
                          Describe(history_, *facts->operation));
          });
        }
        ++record;
      } else if (event_at < record_at) {
        if (group_.drained != nullptr && operation.completed_ns <= group_.drained->invoked_ns &&
            !group_.outside[segment] && event_at < group_.ends[segment]) {
          findings_.Contradiction({&operation, group_.drained}, [&, at = event->second] {
            return StrCat(Show(history_, *at), " was read back but never recorded: ", Describe(history_, operation),
                          " and ", Describe(history_, *group_.drained));
          });
        }
        ++event;
      } else {
        if (facts->record->at.event() != event->second->event() || facts->record->at.size != event->second->size) {
          findings_.Contradiction({facts->operation, &operation}, [&, at = event->second] {
            return StrCat("what was read back is not what was recorded: ", Show(history_, *at), " in ",
                          Describe(history_, operation), " and ", Describe(history_, *facts->operation));
          });
        }
        ++event;
        // The same place may be recorded several times: that is another checker's matter.
        while (record != records_end && group_.records[*record].record->at.offset == record_at) ++record;
      }
    }
  }

  // A record of the event at its place, or nullptr.
  const Operation* RecordOf(size_t segment, const Sighting& at) const {
    for (auto i = group_.SegmentBegin(segment); i != group_.SegmentEnd(segment); ++i) {
      if (group_.records[*i].record->at == at) return group_.records[*i].operation;
    }
    return nullptr;
  }

  const Evidence& evidence_;
  const History& history_;
  const SegmentGraph& graph_;
  const GroupFacts& group_;
  Findings& findings_;
};

}  // namespace

Verdict CheckCheckpointOrder(const Evidence& evidence) {
  Findings findings("checkpoints handed out");
  for (const GroupFacts& group : evidence.groups()) CheckpointOrderChecker(evidence, group, findings).Check();
  return findings.Done();
}

Verdict CheckCheckpointSplit(const Evidence& evidence) {
  Findings findings("checkpoints");
  for (const GroupFacts& group : evidence.groups()) {
    CheckpointSplitChecker(evidence, group, findings).Check();
    if (group.drained == nullptr) continue;
    // A checkpoint under way when the readers ended may be cut off by that.
    const std::vector<CheckpointFacts> all = CheckpointsOf(group);
    const bool none =
        std::none_of(all.begin(), all.end(), [](const CheckpointFacts& c) { return c.completed != nullptr; });
    const bool begun = std::any_of(all.begin(), all.end(), [&](const CheckpointFacts& c) {
      return c.initiated->possible() && c.initiated->invoked_ns < group.drained->invoked_ns;
    });
    if (none && begun) findings.Lacks("checkpoints were begun and the run ended in order, but none was completed");
  }
  return findings.Done();
}

Verdict CheckReadBack(const Evidence& evidence) {
  Findings findings("read-backs");
  for (const GroupFacts& group : evidence.groups()) ReadBackChecker(evidence, group, findings).Check();
  return findings.Done();
}

}  // namespace pravega::scenarios
