// Life cycle, metadata and attributes of segments.
#ifndef PRAVEGA_CONNECTOR_WIRE_SEGMENT_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_SEGMENT_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/uuid.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// How a segment is meant to scale. Other values are carried as they are.
enum class ScaleType : int8_t {
  kFixed = 0,  // no rate
  kKilobytesPerSecond = 1,
  kEventsPerSecond = 2,
};

// Other values are carried as they are.
enum class AttributeUpdateType : int8_t {
  kNone = 0,  // set
  kReplace = 1,
  kReplaceIfGreater = 2,
  kAccumulate = 3,
  kReplaceIfEquals = 4,  // the old value is compared
};

// One update of MergeSegments.
struct AttributeUpdate {
  Uuid attribute_id{};
  AttributeUpdateType type = AttributeUpdateType::kNone;
  int64_t new_value = 0;
  int64_t old_value = 0;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("attributeId", &AttributeUpdate::attribute_id), Required("type", &AttributeUpdate::type),
                 Required("newValue", &AttributeUpdate::new_value), Required("oldValue", &AttributeUpdate::old_value));
  }
};

// One source of SegmentsBatchMerged.
struct MergedSource {
  std::string segment{};
  int64_t new_target_write_offset = 0;  // length of the target after this merge
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("segment", &MergedSource::segment),
                 Required("newTargetWriteOffset", &MergedSource::new_target_write_offset));
  }
};

// Answered by StreamSegmentInfo, NoSuchSegment, WrongHost.
struct GetStreamSegmentInfo {
  static constexpr CommandInfo kInfo{11, "GetStreamSegmentInfo", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &GetStreamSegmentInfo::request_id),
                 Required("segment", &GetStreamSegmentInfo::segment), Required("token", &GetStreamSegmentInfo::token));
  }
};

// Stores never send exists=false: a missing segment is NoSuchSegment.
struct StreamSegmentInfo {
  static constexpr CommandInfo kInfo{12, "StreamSegmentInfo", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  bool exists = false;
  bool is_sealed = false;
  bool is_deleted = false;
  int64_t last_modified = 0;  // milliseconds since the Unix epoch
  int64_t write_offset = 0;   // length, counted from offset 0
  int64_t start_offset = 0;   // first readable offset
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &StreamSegmentInfo::request_id),
                 Required("segment", &StreamSegmentInfo::segment), Required("exists", &StreamSegmentInfo::exists),
                 Required("isSealed", &StreamSegmentInfo::is_sealed),
                 Required("isDeleted", &StreamSegmentInfo::is_deleted),
                 Required("lastModified", &StreamSegmentInfo::last_modified),
                 Required("writeOffset", &StreamSegmentInfo::write_offset),
                 Trailing("startOffset", &StreamSegmentInfo::start_offset));
  }
};

// Answered by SegmentCreated, SegmentAlreadyExists, WrongHost.
struct CreateSegment {
  static constexpr CommandInfo kInfo{20, "CreateSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int32_t target_rate = 0;
  ScaleType scale_type = ScaleType::kFixed;
  std::string token{};
  int64_t rollover_size_bytes = 0;  // 0: the server's default
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &CreateSegment::request_id), Required("segment", &CreateSegment::segment),
                 Required("targetRate", &CreateSegment::target_rate), Required("scaleType", &CreateSegment::scale_type),
                 Required("token", &CreateSegment::token),
                 Trailing("rolloverSizeBytes", &CreateSegment::rollover_size_bytes));
  }
};

// Also the answer to CreateTransientSegment and CreateTableSegment.
struct SegmentCreated {
  static constexpr CommandInfo kInfo{21, "SegmentCreated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentCreated::request_id), Required("segment", &SegmentCreated::segment));
  }
};

// Answered by SegmentSealed, SegmentIsSealed (already sealed), NoSuchSegment, WrongHost.
struct SealSegment {
  static constexpr CommandInfo kInfo{28, "SealSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SealSegment::request_id), Required("segment", &SealSegment::segment),
                 Required("token", &SealSegment::token));
  }
};

// Answers SealSegment.
struct SegmentSealed {
  static constexpr CommandInfo kInfo{29, "SegmentSealed", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentSealed::request_id), Required("segment", &SegmentSealed::segment));
  }
};

// Answered by SegmentDeleted, NoSuchSegment, WrongHost.
struct DeleteSegment {
  static constexpr CommandInfo kInfo{30, "DeleteSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &DeleteSegment::request_id), Required("segment", &DeleteSegment::segment),
                 Required("token", &DeleteSegment::token));
  }
};

// Also the answer to DeleteTableSegment.
struct SegmentDeleted {
  static constexpr CommandInfo kInfo{31, "SegmentDeleted", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentDeleted::request_id), Required("segment", &SegmentDeleted::segment));
  }
};

// The rate precedes the type, as in CreateSegment. Answered by SegmentPolicyUpdated, NoSuchSegment, SegmentIsSealed,
// WrongHost.
struct UpdateSegmentPolicy {
  static constexpr CommandInfo kInfo{32, "UpdateSegmentPolicy", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int32_t target_rate = 0;
  ScaleType scale_type = ScaleType::kFixed;
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(
        Required("requestId", &UpdateSegmentPolicy::request_id), Required("segment", &UpdateSegmentPolicy::segment),
        Required("targetRate", &UpdateSegmentPolicy::target_rate),
        Required("scaleType", &UpdateSegmentPolicy::scale_type), Required("token", &UpdateSegmentPolicy::token));
  }
};

// Answers UpdateSegmentPolicy.
struct SegmentPolicyUpdated {
  static constexpr CommandInfo kInfo{33, "SegmentPolicyUpdated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentPolicyUpdated::request_id),
                 Required("segment", &SegmentPolicyUpdated::segment));
  }
};

// Answered by SegmentAttribute, NoSuchSegment, WrongHost.
struct GetSegmentAttribute {
  static constexpr CommandInfo kInfo{34, "GetSegmentAttribute", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  Uuid attribute_id{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(
        Required("requestId", &GetSegmentAttribute::request_id), Required("segment", &GetSegmentAttribute::segment),
        Required("attributeId", &GetSegmentAttribute::attribute_id), Required("token", &GetSegmentAttribute::token));
  }
};

// Answers GetSegmentAttribute, without the name of the segment.
struct SegmentAttribute {
  static constexpr CommandInfo kInfo{35, "SegmentAttribute", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  int64_t value = 0;  // kNullAttributeValue (attributes.h) if unset
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentAttribute::request_id), Required("value", &SegmentAttribute::value));
  }
};

// Compare and set. Answered by SegmentAttributeUpdated, NoSuchSegment, SegmentIsSealed, WrongHost.
struct UpdateSegmentAttribute {
  static constexpr CommandInfo kInfo{36, "UpdateSegmentAttribute", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  Uuid attribute_id{};
  int64_t new_value = 0;
  int64_t expected_value = 0;
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &UpdateSegmentAttribute::request_id),
                 Required("segment", &UpdateSegmentAttribute::segment),
                 Required("attributeId", &UpdateSegmentAttribute::attribute_id),
                 Required("newValue", &UpdateSegmentAttribute::new_value),
                 Required("expectedValue", &UpdateSegmentAttribute::expected_value),
                 Required("token", &UpdateSegmentAttribute::token));
  }
};

// Also the answer to MergeSegments when the condition of an attribute update fails.
struct SegmentAttributeUpdated {
  static constexpr CommandInfo kInfo{37, "SegmentAttributeUpdated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  bool success = false;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentAttributeUpdated::request_id),
                 Required("success", &SegmentAttributeUpdated::success));
  }
};

// Answered by SegmentTruncated, SegmentIsTruncated (offset out of range), NoSuchSegment, WrongHost.
struct TruncateSegment {
  static constexpr CommandInfo kInfo{38, "TruncateSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int64_t truncation_offset = 0;
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TruncateSegment::request_id), Required("segment", &TruncateSegment::segment),
                 Required("truncationOffset", &TruncateSegment::truncation_offset),
                 Required("token", &TruncateSegment::token));
  }
};

// Answers TruncateSegment; also LocateOffset when its index was truncated.
struct SegmentTruncated {
  static constexpr CommandInfo kInfo{39, "SegmentTruncated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentTruncated::request_id), Required("segment", &SegmentTruncated::segment));
  }
};

// Answered by SegmentsMerged, SegmentAttributeUpdated(false), NoSuchSegment, SegmentIsSealed, WrongHost.
struct MergeSegments {
  static constexpr CommandInfo kInfo{58, "MergeSegments", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string target{};
  std::string source{};
  std::string token{};
  std::vector<AttributeUpdate> attribute_updates{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &MergeSegments::request_id), Required("target", &MergeSegments::target),
                 Required("source", &MergeSegments::source), Required("token", &MergeSegments::token),
                 Trailing("attributeUpdates", &MergeSegments::attribute_updates));
  }
};

// Answers MergeSegments.
struct SegmentsMerged {
  static constexpr CommandInfo kInfo{59, "SegmentsMerged", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string target{};
  std::string source{};
  int64_t new_target_write_offset = -1;  // length of the target
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentsMerged::request_id), Required("target", &SegmentsMerged::target),
                 Required("source", &SegmentsMerged::source),
                 Trailing("newTargetWriteOffset", &SegmentsMerged::new_target_write_offset));
  }
};

// Answered by SegmentsBatchMerged, NoSuchSegment, SegmentIsSealed, WrongHost.
struct MergeSegmentsBatch {
  static constexpr CommandInfo kInfo{90, "MergeSegmentsBatch", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string target{};
  std::vector<std::string> sources{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &MergeSegmentsBatch::request_id),
                 Required("target", &MergeSegmentsBatch::target), Required("sources", &MergeSegmentsBatch::sources),
                 Required("token", &MergeSegmentsBatch::token));
  }
};

// Answers MergeSegmentsBatch.
struct SegmentsBatchMerged {
  static constexpr CommandInfo kInfo{91, "SegmentsBatchMerged", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string target{};
  std::vector<MergedSource> merged{};  // in the order of the request
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SegmentsBatchMerged::request_id),
                 Required("target", &SegmentsBatchMerged::target), Required("merged", &SegmentsBatchMerged::merged));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_SEGMENT_COMMANDS_H_
