#include "scenarios/checkers/segment_graph.h"

#include <algorithm>
#include <variant>

#include "connector/core/check.h"

namespace pravega::scenarios {
namespace {

// Calls `visit` with every segment that an operation mentions.
template <typename F>
class Mentions {
 public:
  explicit Mentions(F visit) : visit_(visit) {}

  void operator()(const Read& d) { visit_(d.at.segment()); }
  void operator()(const Record& d) { visit_(d.at.segment()); }
  void operator()(const Recovered& d) { Sightings(d.events); }
  void operator()(const ReadBack& d) { Sightings(d.events); }
  void operator()(const ReaderOffline& d) { Entries(d.position); }
  void operator()(const Acquire& d) { visit_(d.segment); }
  void operator()(const Release& d) { visit_(d.segment); }
  void operator()(const SegmentCompleted& d) { visit_(d.segment); }
  void operator()(const Checkpoint& d) { Entries(d.cut); }
  void operator()(const CheckpointReport& d) { Entries(d.position); }
  void operator()(const StreamTruncate& d) { Entries(d.cut); }
  void operator()(const Box<GroupCreate>& d) {
    Entries(d->start);
    Entries(d->end);
  }
  void operator()(const Box<SegmentFacts>& d) {
    visit_(d->segment);
    for (const Segment& segment : d->predecessors) visit_(segment);
    for (const Segment& segment : d->successors) visit_(segment);
  }
  template <typename T>
  void operator()(const T&) {}

 private:
  void Sightings(const std::vector<Sighting>& sightings) {
    for (const Sighting& at : sightings) visit_(at.segment());
  }
  void Entries(const Cut& cut) {
    for (const CutEntry& entry : cut) visit_(entry.segment);
  }

  F visit_;
};

}  // namespace

SegmentGraph::SegmentGraph(const History& history) {
  Segment last;
  Mentions mentions([&](const Segment& segment) {
    if (segment == last) return;  // mostly
    last = segment;
    indexes_.emplace(segment, 0);
  });
  for (const Operation& operation : history.operations()) std::visit(mentions, operation.details);
  for (auto& [segment, index] : indexes_) {
    index = nodes_.size();
    nodes_.emplace_back().segment = segment;
  }
  auto connect = [&](const Segment& earlier, const Segment& later) {
    nodes_[Find(earlier)].successors.push_back(Find(later));
    nodes_[Find(later)].predecessors.push_back(Find(earlier));
  };
  for (const Operation& operation : history.operations()) {
    const SegmentFacts* facts = operation.AsBoxed<SegmentFacts>();
    if (facts == nullptr || !operation.ok()) continue;
    GraphNode& node = nodes_[Find(facts->segment)];
    node.facts.push_back(&operation);
    node.truncated_to = std::max(node.truncated_to, facts->start);
    if (facts->sealed && node.sealed == nullptr) {
      node.sealed = &operation;
      node.sealed_length = facts->length;
    }
    for (const Segment& earlier : facts->predecessors) connect(earlier, facts->segment);
    for (const Segment& later : facts->successors) connect(facts->segment, later);
  }
  for (GraphNode& node : nodes_) {
    for (std::vector<size_t>* edges : {&node.predecessors, &node.successors}) {
      std::sort(edges->begin(), edges->end());
      edges->erase(std::unique(edges->begin(), edges->end()), edges->end());
    }
  }
  for (const Operation& operation : history.operations()) {
    const StreamTruncate* truncate = operation.As<StreamTruncate>();
    if (truncate == nullptr || !operation.possible()) continue;
    std::vector<size_t> in_cut;
    for (const CutEntry& entry : truncate->cut) {
      size_t index = Find(entry.segment);
      in_cut.push_back(index);
      nodes_[index].truncated_to = std::max(nodes_[index].truncated_to, entry.offset);
      if (entry.finished) nodes_[index].gone = true;
    }
    std::vector<bool> before = Ancestors(in_cut);
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (before[i]) nodes_[i].gone = true;
    }
  }
}

size_t SegmentGraph::Find(Segment segment) const {
  auto found = indexes_.find(segment);
  CHECK_MSG(found != indexes_.end(), "the history does not mention this segment");
  return found->second;
}

bool SegmentGraph::Precedes(size_t earlier, size_t later) const {
  if (nodes_[earlier].segment.stream != nodes_[later].segment.stream) return false;
  auto [answer, is_new] = precedes_.emplace(std::pair(earlier, later), false);
  if (is_new) answer->second = Ancestors({later})[earlier];
  return answer->second;
}

std::vector<bool> SegmentGraph::Ancestors(const std::vector<size_t>& from) const {
  return Reach(from, &GraphNode::predecessors);
}

std::vector<bool> SegmentGraph::Descendants(const std::vector<size_t>& from) const {
  return Reach(from, &GraphNode::successors);
}

std::vector<bool> SegmentGraph::Reach(const std::vector<size_t>& from, std::vector<size_t> GraphNode::* edges) const {
  std::vector<bool> reached(nodes_.size());
  std::vector<size_t> open = from;
  while (!open.empty()) {
    size_t at = open.back();
    open.pop_back();
    for (size_t next : nodes_[at].*edges) {
      if (reached[next]) continue;
      reached[next] = true;
      open.push_back(next);
    }
  }
  return reached;
}

}  // namespace pravega::scenarios
