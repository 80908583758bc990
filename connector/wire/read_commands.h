// Commands of the read protocol.
#ifndef PRAVEGA_CONNECTOR_WIRE_READ_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_READ_COMMANDS_H_

#include <cstdint>
#include <string>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// Reads at `offset`; at the end of a segment that is not sealed the store waits, without limit. Answered by SegmentRead
// or SegmentIsTruncated, SegmentIsSealed, NoSuchSegment, WrongHost, matched by (segment, offset).
struct ReadSegment {
  static constexpr CommandInfo kInfo{9, "ReadSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  std::string segment{};
  int64_t offset = 0;
  int32_t suggested_length = 0;  // bytes
  std::string token{};
  RequestId request_id{-1};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("segment", &ReadSegment::segment), Required("offset", &ReadSegment::offset),
                 Required("suggestedLength", &ReadSegment::suggested_length), Required("token", &ReadSegment::token),
                 Trailing("requestId", &ReadSegment::request_id));
  }
};

// Both flags are set only if the read asked for more than there was. Empty data without end_of_segment mean "ask
// again".
struct SegmentRead {
  static constexpr CommandInfo kInfo{10, "SegmentRead", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  std::string segment{};
  int64_t offset = 0;
  bool at_tail = false;
  bool end_of_segment = false;
  Buffer data{};
  RequestId request_id{-1};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("segment", &SegmentRead::segment), Required("offset", &SegmentRead::offset),
                 Required("atTail", &SegmentRead::at_tail), Required("endOfSegment", &SegmentRead::end_of_segment),
                 Required("data", &SegmentRead::data), Trailing("requestId", &SegmentRead::request_id));
  }
};

// Wire version 17 and later. Answered by OffsetLocated.
struct LocateOffset {
  static constexpr CommandInfo kInfo{41, "LocateOffset", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int64_t target_offset = 0;
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &LocateOffset::request_id), Required("segment", &LocateOffset::segment),
                 Required("targetOffset", &LocateOffset::target_offset), Required("token", &LocateOffset::token));
  }
};

// The nearest event boundary known at or behind the target.
struct OffsetLocated {
  static constexpr CommandInfo kInfo{42, "OffsetLocated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int64_t offset = 0;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &OffsetLocated::request_id), Required("segment", &OffsetLocated::segment),
                 Required("offset", &OffsetLocated::offset));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_READ_COMMANDS_H_
