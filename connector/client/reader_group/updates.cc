#include "connector/client/reader_group/updates.h"

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

struct Printer {
  std::string operator()(const Init& u) const {
    return StrCat("Init generation ", u.config.generation, " ", Position(u.starting).ToString());
  }
  std::string operator()(const Compact& u) const { return StrCat("Compact ", u.state.ToString()); }
  std::string operator()(const AddReader& u) const { return StrCat("AddReader ", u.reader); }
  std::string operator()(const RemoveReader& u) const {
    return StrCat("RemoveReader ", u.reader, " ", Print(u.positions));
  }
  std::string operator()(const ReleaseSegment& u) const {
    return StrCat("ReleaseSegment ", u.reader, " ", u.segment.ToString(), " at ", u.position.ToString());
  }
  std::string operator()(const AcquireSegment& u) const {
    return StrCat("AcquireSegment ", u.reader, " ", u.segment.ToString());
  }
  std::string operator()(const UpdateDistanceToTail& u) const {
    return StrCat("UpdateDistanceToTail ", u.reader, " ", u.distance_ms, " ", Position(u.positions).ToString());
  }
  std::string operator()(const SegmentCompleted& u) const {
    std::string text = StrCat("SegmentCompleted ", u.reader, " ", u.segment.ToString(), " successors {");
    for (const auto& [segment, successor] : u.successors) {
      text += StrCat(" ", segment.ToString(), " after [");
      for (SegmentId predecessor : successor.predecessors) text += StrCat(" ", predecessor.ToString());
      text += " ]";
    }
    return text + " }";
  }
  std::string operator()(const CheckpointReader& u) const {
    return StrCat("CheckpointReader ", u.checkpoint, " ", u.reader, " ", Print(u.positions));
  }
  std::string operator()(const CreateCheckpoint& u) const { return StrCat("CreateCheckpoint ", u.checkpoint); }
  std::string operator()(const ClearCheckpointsBefore& u) const {
    return StrCat("ClearCheckpointsBefore ", u.checkpoint);
  }
  std::string operator()(const UpdateCheckpointPublished& u) const {
    return StrCat("UpdateCheckpointPublished ", u.published ? std::string_view("true") : std::string_view("false"));
  }
  std::string operator()(const UpdatingConfig& u) const {
    return StrCat("UpdatingConfig ", u.updating ? std::string_view("true") : std::string_view("false"));
  }
  std::string operator()(const RemoveOutstandingCheckpoints&) const { return "RemoveOutstandingCheckpoints"; }
};

}  // namespace

std::string ToString(const Update& update) { return std::visit(Printer(), update); }

}  // namespace pravega::client
