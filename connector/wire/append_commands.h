// Commands of the append protocol. Data are always opaque slices: the codec copies no payload.
#ifndef PRAVEGA_CONNECTOR_WIRE_APPEND_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_APPEND_COMMANDS_H_

#include <cstdint>
#include <string>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// Announces a writer on this connection. Answered by AppendSetup, also on a sealed segment.
struct SetupAppend {
  static constexpr CommandInfo kInfo{1, "SetupAppend", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  WriterId writer_id{};
  std::string segment{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &SetupAppend::request_id), Required("writerId", &SetupAppend::writer_id),
                 Required("segment", &SetupAppend::segment), Required("token", &SetupAppend::token));
  }
};

// `last_event_number` is the last one that the store holds of this writer: everything up to it is stored.
struct AppendSetup {
  static constexpr CommandInfo kInfo{2, "AppendSetup", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  WriterId writer_id{};
  EventNumber last_event_number{};  // EventNumber::None() if it never wrote
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &AppendSetup::request_id), Required("segment", &AppendSetup::segment),
                 Required("writerId", &AppendSetup::writer_id),
                 Required("lastEventNumber", &AppendSetup::last_event_number));
  }
};

// Data of an append; an AppendBlockEnd of the same writer must follow. See append_assembler.h.
struct AppendBlock {
  static constexpr CommandInfo kInfo{3, "AppendBlock", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  Buffer data{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &AppendBlock::writer_id), Required<Encoding::kRest>("data", &AppendBlock::data));
  }
};

// Completes an append. Answered by DataAppended, InvalidEventNumber, SegmentIsSealed, NoSuchSegment, WrongHost.
struct AppendBlockEnd {
  static constexpr CommandInfo kInfo{4, "AppendBlockEnd", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  int32_t size_of_whole_events = 0;  // bytes of the block
  Buffer data{};
  int32_t num_events = 0;
  EventNumber last_event_number{};
  RequestId request_id{-1};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &AppendBlockEnd::writer_id),
                 Required("sizeOfWholeEvents", &AppendBlockEnd::size_of_whole_events),
                 Required("data", &AppendBlockEnd::data), Required("numEvents", &AppendBlockEnd::num_events),
                 Required("lastEventNumber", &AppendBlockEnd::last_event_number),
                 Trailing("requestId", &AppendBlockEnd::request_id));
  }
};

// Appends one framed event if the segment is exactly `expected_offset` long. Answered by DataAppended or
// ConditionalCheckFailed, or with errors as AppendBlockEnd.
struct ConditionalAppend {
  static constexpr CommandInfo kInfo{5, "ConditionalAppend", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  EventNumber event_number{};
  int64_t expected_offset = 0;  // negative: no condition
  Buffer event{};               // without its header, which is stored with it
  RequestId request_id{-1};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &ConditionalAppend::writer_id),
                 Required("eventNumber", &ConditionalAppend::event_number),
                 Required("expectedOffset", &ConditionalAppend::expected_offset),
                 Required<Encoding::kEventFrame>("event", &ConditionalAppend::event),
                 Trailing("requestId", &ConditionalAppend::request_id));
  }
};

// The same with raw bytes, to which no header is added; counts as one event.
struct ConditionalBlockEnd {
  static constexpr CommandInfo kInfo{89, "ConditionalBlockEnd", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  EventNumber event_number{};
  int64_t expected_offset = 0;  // negative: no condition
  Buffer data{};
  RequestId request_id{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &ConditionalBlockEnd::writer_id),
                 Required("eventNumber", &ConditionalBlockEnd::event_number),
                 Required("expectedOffset", &ConditionalBlockEnd::expected_offset),
                 Required("data", &ConditionalBlockEnd::data), Required("requestId", &ConditionalBlockEnd::request_id));
  }
};

// Everything of this writer up to `event_number` is stored; `previous_event_number` is the number of the ack before.
struct DataAppended {
  static constexpr CommandInfo kInfo{7, "DataAppended", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  EventNumber event_number{};
  EventNumber previous_event_number{-1};
  RequestId request_id{-1};
  int64_t current_segment_write_offset = -1;  // of the whole segment, all writers
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &DataAppended::writer_id), Required("eventNumber", &DataAppended::event_number),
                 Trailing("previousEventNumber", &DataAppended::previous_event_number),
                 Trailing("requestId", &DataAppended::request_id),
                 Trailing("currentSegmentWriteOffset", &DataAppended::current_segment_write_offset));
  }
};

// The condition did not hold and nothing was stored. May overtake acks of earlier appends.
struct ConditionalCheckFailed {
  static constexpr CommandInfo kInfo{8, "ConditionalCheckFailed", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  WriterId writer_id{};
  EventNumber event_number{};
  RequestId request_id{-1};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("writerId", &ConditionalCheckFailed::writer_id),
                 Required("eventNumber", &ConditionalCheckFailed::event_number),
                 Trailing("requestId", &ConditionalCheckFailed::request_id));
  }
};

// Answered by SegmentCreated (sic), which carries the generated name.
struct CreateTransientSegment {
  static constexpr CommandInfo kInfo{40, "CreateTransientSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  WriterId writer_id{};
  std::string parent_segment{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &CreateTransientSegment::request_id),
                 Required("writerId", &CreateTransientSegment::writer_id),
                 Required("parentSegment", &CreateTransientSegment::parent_segment),
                 Required("token", &CreateTransientSegment::token));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_APPEND_COMMANDS_H_
