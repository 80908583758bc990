// Checkers that look at segments: offsets, predecessors, owners.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

class OffsetChecker {
 public:
  explicit OffsetChecker(const Evidence& evidence)
      : evidence_(evidence), history_(evidence.history()), graph_(evidence.graph()), findings_("sightings") {}

  Verdict Check() {
    findings_.Checked(static_cast<int64_t>(evidence_.seen().size()));
    CheckSightings();
    for (size_t i = 0; i < graph_.size(); ++i) CheckFacts(graph_[i]);
    for (const GroupFacts& group : evidence_.groups()) {
      for (size_t i = 0; i < graph_.size(); ++i) CheckRecords(group, i);
    }
    CheckReaders();
    return findings_.Done();
  }

 private:
  // One event at a place, none over another, none behind the end.
  void CheckSightings() {
    const Seen* before = nullptr;  // of the one that reaches farthest
    for (const Seen& seen : evidence_.seen()) {
      if (before != nullptr && before->segment != seen.segment) before = nullptr;
      if (before != nullptr && before->at.end() > seen.at.offset && before->at != seen.at) {
        findings_.Contradiction({before->operation, seen.operation}, [&] {
          return StrCat("two events stand at one place: ", Show(history_, before->at), " and ", Show(history_, seen.at),
                        ": ", Describe(history_, *before->operation), " and ", Describe(history_, *seen.operation));
        });
      }
      if (before == nullptr || seen.at.end() > before->at.end()) before = &seen;
      const GraphNode& node = graph_[seen.segment];
      if (node.sealed != nullptr && seen.at.end() > node.sealed_length) {
        findings_.Contradiction({seen.operation, node.sealed}, [&] {
          return StrCat(Describe(history_, *seen.operation), " saw ", Show(history_, seen.at),
                        " behind the end: ", Describe(history_, *node.sealed));
        });
      }
    }
  }

  // A segment does not shrink, and a sealed one does not grow.
  void CheckFacts(const GraphNode& node) {
    const Operation* before = nullptr;
    for (const Operation* fact : node.facts) {
      Offset length = fact->AsBoxed<SegmentFacts>()->length;
      if (before != nullptr && before->completed_ns <= fact->invoked_ns &&
          before->AsBoxed<SegmentFacts>()->length > length) {
        ContradictingFacts(*before, *fact, "the segment became shorter");
      }
      if (node.sealed != nullptr && length > node.sealed_length) {
        ContradictingFacts(*node.sealed, *fact, "the sealed segment is longer elsewhere");
      }
      before = fact;
    }
  }
  void ContradictingFacts(const Operation& a, const Operation& b, std::string_view why) {
    findings_.Contradiction({&a, &b},
                            [&] { return StrCat(why, ": ", Describe(history_, a), " and ", Describe(history_, b)); });
  }

  // What a group recorded of a segment has no gaps, from where it begins to where it ended when the group was drained.
  void CheckRecords(const GroupFacts& group, size_t segment) {
    const GraphNode& node = graph_[segment];
    if (!group.reads_from[segment]) return;
    Offset expected = group.begins[segment];
    const RecordFacts* before = nullptr;
    for (auto i = group.SegmentBegin(segment); i != group.SegmentEnd(segment); ++i) {
      const RecordFacts& record = group.records[*i];
      const Sighting& at = record.record->at;
      if (at.offset > expected && !MayBeGone(node, at.offset)) {
        findings_.Contradiction({before == nullptr ? group.created : before->operation, record.operation}, [&] {
          return StrCat("group ", history_.Name(group.group), " recorded nothing of ", Show(history_, node.segment),
                        " ", expected.value(), "..", at.offset.value(), ", between ",
                        before == nullptr ? "its beginning" : Describe(history_, *before->operation), " and ",
                        Describe(history_, *record.operation));
        });
      }
      if (before == nullptr || at.end() >= expected) before = &record;
      expected = std::max(expected, at.end());
    }
    if (group.outside[segment]) return;
    CheckEnd(group, segment, expected, before);
    if (group.drained == nullptr) return;
    for (const Operation* fact : node.facts) {
      // What was there when the drain began. What came later, from a write whose answer was lost, need not be recorded.
      if (fact->completed_ns > group.drained->invoked_ns) continue;
      Offset length = std::min(fact->AsBoxed<SegmentFacts>()->length, group.ends[segment]);
      if (length <= expected || MayBeGone(node, length)) continue;
      findings_.Contradiction({before == nullptr ? nullptr : before->operation, fact, group.drained}, [&] {
        return StrCat("group ", history_.Name(group.group), " recorded ", Show(history_, node.segment), " only to ",
                      expected.value(),
                      before == nullptr ? "" : StrCat(" (", Describe(history_, *before->operation), ")"), " of ",
                      length.value(), ", as ", Describe(history_, *fact), " says, although ",
                      Describe(history_, *group.drained), " gave it the time");
      });
    }
  }

  // Once a reader was told that there is nothing more, all of every sealed segment was recorded.
  void CheckEnd(const GroupFacts& group, size_t segment, Offset recorded, const RecordFacts* last) {
    const GraphNode& node = graph_[segment];
    if (group.ended == nullptr || node.sealed == nullptr) return;
    Offset length = std::min(node.sealed_length, group.ends[segment]);
    if (length <= recorded || MayBeGone(node, length)) return;
    findings_.Contradiction({last == nullptr ? nullptr : last->operation, node.sealed, group.ended}, [&] {
      return StrCat("group ", history_.Name(group.group), " recorded ", Show(history_, node.segment), " only to ",
                    recorded.value(), last == nullptr ? "" : StrCat(" (", Describe(history_, *last->operation), ")"),
                    " of ", length.value(), ", as ", Describe(history_, *node.sealed), " says, although ",
                    Describe(history_, *group.ended));
    });
  }

  static bool MayBeGone(const GraphNode& node, Offset before) { return node.gone || before <= node.truncated_to; }

  // Each reader goes on in a segment where it stopped, or where it acquired it. Without acquisitions nobody knows
  // whether it had given the segment away in between.
  void CheckReaders() {
    std::set<NameId> groups;
    for (const GroupFacts& group : evidence_.groups()) {
      if (!group.acquires.empty()) groups.insert(group.group);
    }
    // An acquisition happens inside the call that is invoked before it and returns the event afterwards, so that the
    // order of invocation says nothing.
    std::vector<std::tuple<int64_t, int, const Operation*>> order;
    for (const Operation& operation : history_.operations()) {
      if (operation.As<Acquire>() != nullptr || operation.As<ReaderOnline>() != nullptr) {
        if (operation.possible())
          order.emplace_back(operation.ok() ? operation.completed_ns : operation.invoked_ns, 0, &operation);
      } else if (const Read* read = operation.As<Read>();
                 read != nullptr && operation.ok() && groups.count(read->group) > 0) {
        order.emplace_back(operation.completed_ns, 1, &operation);
      }
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& x, const auto& y) {
      return std::tuple(std::get<0>(x), std::get<1>(x)) < std::tuple(std::get<0>(y), std::get<1>(y));
    });
    for (const auto& [when, rank, operation] : order) CheckStep(*operation);
  }

  void CheckStep(const Operation& operation) {
    if (const Acquire* acquire = operation.As<Acquire>()) {
      auto key = std::pair(operation.process, graph_.Find(acquire->segment));
      if (operation.ok()) {
        stops_.insert_or_assign(key, Stop{&operation, acquire->offset});
      } else {
        stops_.erase(key);
      }
    } else if (const ReaderOnline* online = operation.As<ReaderOnline>()) {
      auto from = stops_.lower_bound({online->reader, 0});
      while (from != stops_.end() && from->first.first == online->reader) from = stops_.erase(from);
    } else if (const Read* read = operation.As<Read>()) {
      size_t segment = graph_.Find(read->at.segment());
      auto [stop, is_first] = stops_.emplace(std::pair(operation.process, segment), Stop{&operation, read->at.end()});
      if (is_first) return;
      Offset next = stop->second.next;
      bool jumped = read->at.offset > next && MayBeGone(graph_[segment], read->at.offset);
      if (read->at.offset != next && !jumped) {
        const Operation& before = *stop->second.operation;
        findings_.Contradiction({&before, &operation}, [&] {
          return StrCat("the reader was to go on at ", next.value(), " after ", Describe(history_, before), ", but ",
                        Describe(history_, operation));
        });
      }
      stop->second = Stop{&operation, read->at.end()};
    }
  }

  struct Stop {
    const Operation* operation;
    Offset next;
  };

  const Evidence& evidence_;
  const History& history_;
  const SegmentGraph& graph_;
  Findings findings_;
  std::map<std::pair<NameId, size_t>, Stop> stops_;  // by reader and segment
};

class PredecessorChecker {
 public:
  PredecessorChecker(const Evidence& evidence, const GroupFacts& group, Findings& findings)
      : evidence_(evidence),
        history_(evidence.history()),
        graph_(evidence.graph()),
        group_(group),
        findings_(findings) {}

  void Check() {
    // When each segment's first event was certainly there, and which operation shows it.
    std::vector<const Operation*> first(graph_.size());
    auto show = [&](size_t segment, const Operation& operation) {
      if (first[segment] == nullptr || operation.completed_ns < first[segment]->completed_ns)
        first[segment] = &operation;
    };
    last_read_.assign(graph_.size(), nullptr);
    for (const Operation* read : group_.reads) {
      size_t segment = graph_.Find(read->As<Read>()->at.segment());
      show(segment, *read);
      const Operation*& last = last_read_[segment];
      bool later = last == nullptr || read->completed_ns > last->completed_ns;
      // After its reader left it may be handed events that no longer count.
      if (later && !group_.MayHaveLeft(*read)) last = read;
    }
    for (const RecordFacts& record : group_.records) {
      // For histories without reads.
      if (record.operation->ok()) show(record.segment, *record.operation);
    }
    for (size_t segment = 0; segment < graph_.size(); ++segment) {
      if (first[segment] == nullptr || Starts(segment)) continue;
      findings_.Checked();
      if (graph_[segment].facts.empty()) {
        findings_.Lacks("the history does not say which predecessors a segment has");
        continue;
      }
      for (size_t predecessor : Before(segment, first)) CheckPair(predecessor, *first[segment]);
    }
  }

 private:
  // The predecessors that must be drained before the segment is read. One from which nothing is read (an empty one)
  // stands for its own predecessors as well; of any other those are checked when its own turn comes, and they were due
  // earlier.
  std::vector<size_t> Before(size_t segment, const std::vector<const Operation*>& first) const {
    std::vector<size_t> found;
    std::vector<bool> reached(graph_.size());
    reached[segment] = true;
    std::vector<size_t> open{segment};
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (size_t predecessor : graph_[at].predecessors) {
        if (reached[predecessor] || group_.outside[predecessor]) continue;
        reached[predecessor] = true;
        found.push_back(predecessor);
        if (first[predecessor] == nullptr && !Starts(predecessor)) open.push_back(predecessor);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  // Whether the group begins in this segment.
  bool Starts(size_t segment) const {
    if (group_.created == nullptr) return false;
    const Cut& start = group_.created->AsBoxed<GroupCreate>()->start;
    return std::any_of(start.begin(), start.end(),
                       [&](const CutEntry& entry) { return graph_.Find(entry.segment) == segment; });
  }

  void CheckPair(size_t predecessor, const Operation& first) {
    const GraphNode& node = graph_[predecessor];
    auto contradiction = [&](const Operation* other, std::string_view why, const Operation* more = nullptr) {
      findings_.Contradiction({&first, other, more}, [&] {
        std::string words = StrCat(Describe(history_, first), " although ", Show(history_, node.segment),
                                   ", which comes before, ", why);
        if (other != nullptr) words += StrCat(": ", Describe(history_, *other));
        if (more != nullptr) words += StrCat(", ", Describe(history_, *more));
        return words;
      });
    };
    const Operation* last_read = last_read_[predecessor];
    if (last_read != nullptr && last_read->completed_ns > first.completed_ns) {
      return contradiction(last_read, "was still being read");
    }
    Offset recorded = group_.begins[predecessor];
    const Operation* last = nullptr;
    for (auto i = group_.SegmentBegin(predecessor); i != group_.SegmentEnd(predecessor); ++i) {
      const RecordFacts& record = group_.records[*i];
      if (record.earliest_ns > first.completed_ns) {
        if (record.durable == Certainty::kYes && !group_.MayHaveLeft(*record.operation)) {
          return contradiction(record.operation, "was not yet recorded");
        }
        continue;
      }
      if (record.record->at.end() <= recorded) continue;
      recorded = record.record->at.end();
      last = record.operation;
    }
    if (node.sealed != nullptr && !node.gone) {
      Offset length = std::min(node.sealed_length, group_.ends[predecessor]);
      if (recorded < length && length > node.truncated_to) {
        return contradiction(last, StrCat("was recorded only to ", recorded.value(), " of ", length.value()),
                             node.sealed);
      }
    }
    // Completions are either recorded or not. What may be truncated away was perhaps never anybody's.
    if (group_.completions.empty() || (node.gone && !IsAcquired(predecessor))) return;
    const Operation* completion = nullptr;
    for (const Operation* operation : group_.completions) {
      if (graph_.Find(operation->As<SegmentCompleted>()->segment) != predecessor) continue;
      if (completion == nullptr || operation->invoked_ns < completion->invoked_ns) completion = operation;
    }
    if (completion != nullptr && evidence_.EarliestEffect(*completion) <= first.completed_ns) return;
    if (MayBeCompletedInSilence(predecessor, first.completed_ns)) return;
    if (completion == nullptr) return contradiction(node.sealed, "was never completed");
    contradiction(completion, "was completed later");
  }

  bool IsAcquired(size_t segment) const {
    return std::any_of(group_.acquires.begin(), group_.acquires.end(), [&](const Operation* acquire) {
      return graph_.Find(acquire->As<Acquire>()->segment) == segment;
    });
  }

  // Whether a reader that had the segment may have completed it in its last call, without a trace.
  bool MayBeCompletedInSilence(size_t segment, int64_t by_ns) const {
    auto silent = [&](NameId reader) { return evidence_.SilentSince(reader) <= by_ns; };
    if (group_.acquires.empty()) {
      return std::any_of(group_.reads.begin(), group_.reads.end(),
                         [&](const Operation* read) { return silent(read->process); });
    }
    return std::any_of(group_.acquires.begin(), group_.acquires.end(), [&](const Operation* acquire) {
      return graph_.Find(acquire->As<Acquire>()->segment) == segment && silent(acquire->process);
    });
  }

  const Evidence& evidence_;
  const History& history_;
  const SegmentGraph& graph_;
  const GroupFacts& group_;
  Findings& findings_;
  std::vector<const Operation*> last_read_;  // by segment
};

class OwnershipChecker {
 public:
  OwnershipChecker(const Evidence& evidence, const GroupFacts& group, Findings& findings)
      : evidence_(evidence),
        history_(evidence.history()),
        graph_(evidence.graph()),
        group_(group),
        findings_(findings) {}

  void Check() {
    if (group_.acquires.empty()) {
      if (!group_.reads.empty()) findings_.Lacks("the history does not say who acquired segments");
      return;
    }
    Index();
    std::map<size_t, const Operation*> last;  // by segment
    std::map<size_t, bool> maybe_since;       // whether another reader may have had it since then
    for (const Operation* operation : group_.acquires) {
      findings_.Checked();
      size_t segment = graph_.Find(operation->As<Acquire>()->segment);
      CheckNotCompleted(segment, *operation);
      first_.emplace(segment, operation);
      held_[{operation->process, segment}].push_back(Holding{operation, GivenUp(segment, *operation)});
      if (!operation->ok()) {
        maybe_since[segment] = true;
        continue;
      }
      const Operation*& before = last[segment];
      if (before != nullptr) CheckHandover(segment, *before, *operation, maybe_since[segment]);
      before = operation;
      maybe_since[segment] = false;
    }
    for (const Operation* read : group_.reads) CheckRead(*read);
  }

 private:
  // The same look-ups are made for every acquisition, and a segment may change hands thousands of times.
  void Index() {
    for (const Operation* release : group_.releases) {
      given_up_[{release->process, graph_.Find(release->As<Release>()->segment)}].push_back(release);
    }
    for (const Operation* completion : group_.completions) {
      const size_t segment = graph_.Find(completion->As<SegmentCompleted>()->segment);
      given_up_[{completion->process, segment}].push_back(completion);
      if (completion->ok()) completed_[segment].push_back(completion);
    }
    for (auto& [key, endings] : given_up_) std::sort(endings.begin(), endings.end(), IsEarlier);
    for (const Operation* offline : group_.offlines) {
      if (!offline->possible()) continue;
      std::vector<Left>& left = left_[offline->As<ReaderOffline>()->reader];
      left.push_back({offline, std::max(left.empty() ? 0 : left.back().latest_ns, LatestEffect(*offline))});
    }
  }
  static bool IsEarlier(const Operation* a, const Operation* b) { return a->id < b->id; }

  // What the reader itself did to give up a segment after it acquired it by `from`, in its order.
  std::span<const Operation* const> GivenUpAfter(size_t segment, const Operation& from) const {
    auto found = given_up_.find({from.process, segment});
    if (found == given_up_.end()) return {};
    return {std::upper_bound(found->second.begin(), found->second.end(), &from, IsEarlier), found->second.end()};
  }

  // Operations by which a reader gives up a segment that it acquired by `from`, before `until` may have taken effect.
  std::vector<const Operation*> Endings(size_t segment, const Operation& from, int64_t until) const {
    std::vector<const Operation*> endings;
    for (const Operation* ending : GivenUpAfter(segment, from)) {
      // Of one process, what is done later takes effect later.
      if (evidence_.EarliestEffect(*ending) > until) break;
      endings.push_back(ending);
    }
    // An offline is another process's: it counts if it may have come after.
    auto left = left_.find(from.process);
    if (left == left_.end()) return endings;
    const int64_t since = evidence_.EarliestEffect(from);
    for (size_t i = left->second.size(); i-- > 0 && left->second[i].latest_ns >= since;) {
      const Operation& offline = *left->second[i].offline;
      const bool after = offline.process == from.process ? offline.id > from.id : LatestEffect(offline) >= since;
      if (after && evidence_.EarliestEffect(offline) <= until) endings.push_back(&offline);
    }
    return endings;
  }

  // From one certain acquisition to the next; `others`: whether there may be more in between.
  void CheckHandover(size_t segment, const Operation& a, const Operation& b, bool others) {
    // What the reader did in the call from which it did not come back, nobody knows.
    if (evidence_.SilentSince(a.process) <= b.completed_ns) return;
    std::vector<const Operation*> endings = Endings(segment, a, b.completed_ns);
    if (endings.empty()) {
      findings_.Contradiction({&a, &b}, [&] {
        return StrCat("a segment is with two readers: nobody gave it up between ", Describe(history_, a), " and ",
                      Describe(history_, b));
      });
      return;
    }
    if (others) return;  // and who knows where they left it
    Offset offset = b.As<Acquire>()->offset;
    const Operation* other = nullptr;
    for (const Operation* ending : endings) {
      std::optional<Offset> left = LeftAt(segment, *ending);
      if (!left || *left == offset) return;
      other = ending;
    }
    findings_.Contradiction({other, &b}, [&] {
      return StrCat("a segment is taken at another offset than it was left: ", Describe(history_, *other), " and ",
                    Describe(history_, b));
    });
  }

  // Where a reader left a segment; nullopt if the operation does not say.
  std::optional<Offset> LeftAt(size_t segment, const Operation& ending) const {
    if (const Release* release = ending.As<Release>()) return release->offset;
    const ReaderOffline* offline = ending.As<ReaderOffline>();
    if (offline == nullptr) return std::nullopt;
    for (const CutEntry& entry : offline->position) {
      if (graph_.Find(entry.segment) != segment) continue;
      if (!entry.finished) return entry.offset;
    }
    return std::nullopt;
  }

  void CheckNotCompleted(size_t segment, const Operation& acquire) {
    auto completed = completed_.find(segment);
    if (completed == completed_.end() || !acquire.ok()) return;
    for (const Operation* completion : completed->second) {
      if (completion->completed_ns >= evidence_.EarliestEffect(acquire)) continue;
      findings_.Contradiction({completion, &acquire}, [&] {
        return StrCat("a completed segment is taken again: ", Describe(history_, *completion), " and ",
                      Describe(history_, acquire));
      });
    }
  }

  // The operation by which the reader itself certainly gives up what it acquired, or nullptr.
  const Operation* GivenUp(size_t segment, const Operation& acquire) const {
    for (const Operation* ending : GivenUpAfter(segment, acquire)) {
      if (ending->ok()) return ending;
    }
    return nullptr;
  }

  // A reader reads what it acquired and did not give up since. (Others may declare it offline while it still reads.)
  void CheckRead(const Operation& read) {
    size_t segment = graph_.Find(read.As<Read>()->at.segment());
    const Holding* holding = nullptr;  // the reader's last one before
    auto held = held_.find({read.process, segment});
    if (held != held_.end()) {
      auto behind = std::upper_bound(held->second.begin(), held->second.end(), read.completed_ns,
                                     [](int64_t when, const Holding& one) { return when < one.acquire->invoked_ns; });
      if (behind != held->second.begin()) holding = &*std::prev(behind);
    }
    if (holding == nullptr) {
      auto other = first_.find(segment);
      findings_.Contradiction({other == first_.end() ? nullptr : other->second, &read}, [&] {
        std::string words = StrCat("the reader had not acquired the segment: ", Describe(history_, read));
        if (other != first_.end()) words += StrCat("; who did first: ", Describe(history_, *other->second));
        return words;
      });
    } else if (holding->given_up != nullptr && holding->given_up->completed_ns < read.completed_ns) {
      findings_.Contradiction({holding->given_up, &read}, [&] {
        return StrCat("the reader had given up the segment: ", Describe(history_, *holding->given_up), " and ",
                      Describe(history_, read));
      });
    }
  }

  struct Holding {
    const Operation* acquire;
    const Operation* given_up;
  };
  struct Left {
    const Operation* offline;
    int64_t latest_ns;  // when it or one before it took effect at the latest
  };

  const Evidence& evidence_;
  const History& history_;
  const SegmentGraph& graph_;
  const GroupFacts& group_;
  Findings& findings_;
  std::map<size_t, const Operation*> first_;                        // by segment: who acquired it first
  std::map<std::pair<NameId, size_t>, std::vector<Holding>> held_;  // by reader and segment
  std::map<std::pair<NameId, size_t>, std::vector<const Operation*>>
      given_up_;                                               // releases and completions, in their order
  std::map<size_t, std::vector<const Operation*>> completed_;  // by segment: completions that are ok
  std::map<NameId, std::vector<Left>> left_;                   // by reader, in order of invocation
};

}  // namespace

Verdict CheckOffsets(const Evidence& evidence) { return OffsetChecker(evidence).Check(); }

Verdict CheckPredecessorsFirst(const Evidence& evidence) {
  Findings findings("segments");
  for (const GroupFacts& group : evidence.groups()) PredecessorChecker(evidence, group, findings).Check();
  return findings.Done();
}

Verdict CheckOwnership(const Evidence& evidence) {
  Findings findings("acquisitions");
  for (const GroupFacts& group : evidence.groups()) OwnershipChecker(evidence, group, findings).Check();
  return findings.Done();
}

}  // namespace pravega::scenarios
