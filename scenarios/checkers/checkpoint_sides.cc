#include "scenarios/checkers/checkpoint_sides.h"

#include <algorithm>

namespace pravega::scenarios {

std::vector<SegmentSide> SidesOf(const Evidence& evidence, const GroupFacts& group, const Cut& cut) {
  const SegmentGraph& graph = evidence.graph();
  std::vector<SegmentSide> sides(graph.size());
  std::vector<bool> in_cut(graph.size());
  std::vector<size_t> entries;
  std::vector<size_t> unfinished;
  for (const CutEntry& entry : cut) {
    size_t segment = graph.Find(entry.segment);
    in_cut[segment] = true;
    entries.push_back(segment);
    if (!entry.finished) unfinished.push_back(segment);
    sides[segment] = entry.finished ? SegmentSide{Side::kBefore, Offset()} : SegmentSide{Side::kSplit, entry.offset};
  }
  std::vector<bool> after = graph.Descendants(entries);
  std::vector<bool> after_unfinished = graph.Descendants(unfinished);
  std::vector<bool> in_end(graph.size());
  if (group.created != nullptr) {
    for (const CutEntry& entry : group.created->AsBoxed<GroupCreate>()->end) in_end[graph.Find(entry.segment)] = true;
  }
  std::vector<size_t> last = entries;
  for (size_t i = 0; i < graph.size(); ++i) {
    if (in_cut[i] || after[i]) continue;
    if (in_end[i] || (graph[i].sealed != nullptr && graph[i].successors.empty())) {
      last.push_back(i);
      sides[i].side = Side::kBefore;
    }
  }
  std::vector<bool> before = graph.Ancestors(last);
  for (size_t i = 0; i < graph.size(); ++i) {
    if (before[i] && (after_unfinished[i] || sides[i].side == Side::kSplit)) {
      sides[i].side = Side::kBoth;
    } else if (sides[i].side == Side::kNeither) {
      // A finished segment with a successor in the cut: what lies between the two lies before.
      if (before[i]) sides[i].side = Side::kBefore;
      if (!before[i] && after[i]) sides[i].side = Side::kAfter;
    }
  }
  return sides;
}

std::vector<CheckpointFacts> CheckpointsOf(const GroupFacts& group) {
  std::vector<CheckpointFacts> checkpoints;
  std::map<NameId, size_t> indexes;
  for (const Operation* operation : group.checkpoints) {
    NameId name = operation->As<Checkpoint>()->checkpoint;
    auto [entry, is_new] = indexes.emplace(name, checkpoints.size());
    if (is_new) checkpoints.push_back(CheckpointFacts{name, operation, nullptr});
    CheckpointFacts& facts = checkpoints[entry->second];
    if (operation->ok() && (facts.completed == nullptr || operation->completed_ns < facts.completed->completed_ns)) {
      facts.completed = operation;
    }
  }
  return checkpoints;
}

}  // namespace pravega::scenarios
