#include "scenarios/workloads/history_types.h"

namespace pravega::scenarios {

Outcome ToHistory(client::Outcome outcome) {
  switch (outcome) {
    case client::Outcome::kOk:
      return Outcome::kOk;
    case client::Outcome::kFailed:
      return Outcome::kFailed;
    case client::Outcome::kUnknown:
      return Outcome::kUnknown;
  }
  return Outcome::kUnknown;
}

Segment ToHistory(Recorder& recorder, const SegmentRef& segment) {
  return Segment{recorder.Name(segment.stream.ToString()), segment.id};
}

CutEntry ToHistory(Recorder& recorder, const SegmentRef& segment, SegmentPosition position) {
  CutEntry entry;
  entry.segment = ToHistory(recorder, segment);
  entry.finished = position.finished();
  if (!position.finished()) entry.offset = position.offset();
  return entry;
}

Cut ToHistory(Recorder& recorder, const Position& position) {
  Cut cut;
  for (const auto& [segment, entry] : position.Segments()) cut.push_back(ToHistory(recorder, segment, entry.position));
  return cut;
}

Cut ToHistory(Recorder& recorder, const StreamCut& cut) {
  Cut entries;
  for (const auto& [id, position] : cut.positions()) {
    entries.push_back(ToHistory(recorder, SegmentRef{cut.stream(), id}, position));
  }
  return entries;
}

Sighting ToHistory(Recorder& recorder, const EventPointer& pointer, const EventIdentity& identity) {
  return MakeSighting(ToHistory(recorder, pointer.segment), pointer.offset, pointer.length,
                      Event{recorder.Name(identity.writer), identity.sequence});
}

}  // namespace pravega::scenarios
