// SegmentGraph: the segments of a history's streams, which follows which, and how long they are, put together from what
// public APIs said about them.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_SEGMENT_GRAPH_H_
#define PRAVEGA_SCENARIOS_CHECKERS_SEGMENT_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "scenarios/history/history.h"

namespace pravega::scenarios {

// A segment, known by its index. Indexes ascend with stream and id.
struct GraphNode {
  Segment segment;
  std::vector<size_t> predecessors;
  std::vector<size_t> successors;
  std::vector<const Operation*> facts;  // all that was asked about it, in order
  const Operation* sealed = nullptr;    // the first fact that says so
  Offset sealed_length;                 // if sealed
  Offset truncated_to;                  // what lies before may be gone
  bool gone = false;                    // all of it may be gone
};

class SegmentGraph {
 public:
  // All segments that the history mentions.
  explicit SegmentGraph(const History& history);

  size_t size() const { return nodes_.size(); }
  const GraphNode& operator[](size_t index) const { return nodes_[index]; }
  // CHECKs that the history mentions it.
  size_t Find(Segment segment) const;

  // Whether one can get from `earlier` to `later` from successor to successor; not so for one and the same.
  bool Precedes(size_t earlier, size_t later) const;
  // All that can be reached from `from` against or along the graph, themselves not included unless reached.
  std::vector<bool> Ancestors(const std::vector<size_t>& from) const;
  std::vector<bool> Descendants(const std::vector<size_t>& from) const;

 private:
  std::vector<bool> Reach(const std::vector<size_t>& from, std::vector<size_t> GraphNode::* edges) const;

  std::vector<GraphNode> nodes_;
  std::map<Segment, size_t> indexes_;
  mutable std::map<std::pair<size_t, size_t>, bool> precedes_;  // answers so far
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_SEGMENT_GRAPH_H_
