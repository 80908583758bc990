#include "connector/client/reader_group/state.h"

#include "connector/core/strings.h"

namespace pravega::client {
namespace {

std::string Print(const SegmentPositions& positions) {
  std::string text = "{";
  for (const auto& [segment, position] : positions) {
    if (text.size() > 1) text += ", ";
    text += segment.ToString() + ":" + position.ToString();
  }
  return text + "}";
}

}  // namespace

void UnassignedSegments::Set(const SegmentRef& segment, SegmentPosition position) {
  auto [at, added] = order_.emplace(segment, next_);
  if (added) {
    by_order_.emplace(next_++, std::pair(segment, position));
  } else {
    by_order_.at(at->second).second = position;
  }
}

void UnassignedSegments::Remove(const SegmentRef& segment) {
  auto at = order_.find(segment);
  if (at == order_.end()) return;
  by_order_.erase(at->second);
  order_.erase(at);
}

std::optional<SegmentPosition> UnassignedSegments::Find(const SegmentRef& segment) const {
  auto at = order_.find(segment);
  if (at == order_.end()) return std::nullopt;
  return by_order_.at(at->second).second;
}

std::vector<std::pair<SegmentRef, SegmentPosition>> UnassignedSegments::InOrder() const {
  std::vector<std::pair<SegmentRef, SegmentPosition>> all;
  for (const auto& [order, entry] : by_order_) all.push_back(entry);
  return all;
}

std::optional<std::string> ReaderGroupState::OwnerOf(const SegmentRef& segment) const {
  for (const auto& [reader, segments] : assigned) {
    if (segments.contains(segment)) return reader;
  }
  return std::nullopt;
}

bool ReaderGroupState::Knows(const SegmentRef& segment) const {
  return unassigned.Contains(segment) || future.contains(segment) || OwnerOf(segment).has_value();
}

std::optional<KeyRange> ReaderGroupState::RangeOf(const SegmentRef& segment) const {
  auto at = ranges.find(segment);
  if (at == ranges.end()) return std::nullopt;
  return at->second;
}

std::set<SegmentRef> ReaderGroupState::KnownSegments() const {
  std::set<SegmentRef> known;
  for (const auto& [reader, segments] : assigned) {
    for (const auto& [segment, position] : segments) known.insert(segment);
  }
  for (const auto& [segment, position] : unassigned.InOrder()) known.insert(segment);
  for (const auto& [segment, predecessors] : future) known.insert(segment);
  return known;
}

size_t ReaderGroupState::NumberOfSegments() const {
  size_t number = unassigned.size();
  for (const auto& [reader, segments] : assigned) number += segments.size();
  return number;
}

std::string ReaderGroupState::ToString() const {
  std::string text = "assigned {";
  for (const auto& [reader, segments] : assigned) text += StrCat(" ", reader, " ", Print(segments));
  text += " } unassigned {";
  for (const auto& [segment, position] : unassigned.InOrder()) {
    text += StrCat(" ", segment.ToString(), ":", position.ToString());
  }
  text += " } future {";
  for (const auto& [segment, predecessors] : future) {
    text += StrCat(" ", segment.ToString(), " after [");
    for (SegmentId predecessor : predecessors) text += StrCat(" ", predecessor.ToString());
    text += " ]";
  }
  text += " } checkpoints {";
  for (const std::string& name : checkpoints.names) {
    text += StrCat(" ", name);
    auto waiting = checkpoints.pending.find(name);
    if (waiting == checkpoints.pending.end()) continue;
    text += " waits for [";
    for (const std::string& reader : waiting->second) text += StrCat(" ", reader);
    text += " ]";
  }
  return text + " }";
}

}  // namespace pravega::client
