// Commands of the connection itself, and the records that occur inside append blocks and segments only.
#ifndef PRAVEGA_CONNECTOR_WIRE_CONNECTION_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_CONNECTION_COMMANDS_H_

#include <cstdint>

#include "connector/core/buffer.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// First frame of each side; every Hello is answered with a Hello. See version.h.
struct Hello {
  static constexpr CommandInfo kInfo{-127, "Hello", Direction::kBoth};
  static constexpr CommandType kType = kInfo.type;
  int32_t high_version = 0;
  int32_t low_version = 0;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("highVersion", &Hello::high_version), Required("lowVersion", &Hello::low_version));
  }
};

// Answered with a KeepAlive. Has no request id: the answer belongs to everybody on the connection.
struct KeepAlive {
  static constexpr CommandInfo kInfo{100, "KeepAlive", Direction::kBoth};
  static constexpr CommandType kType = kInfo.type;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit();
  }
};

// Fills an append block whose declared length was not used up; the bytes carry no meaning. As a message of its own it
// is ignored by a server.
struct Padding {
  static constexpr CommandInfo kInfo{-1, "Padding", Direction::kEmbedded};
  static constexpr CommandType kType = kInfo.type;
  Buffer zeros{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required<Encoding::kRest>("zeros", &Padding::zeros));
  }
};

// The first bytes of a framed event whose others follow in the AppendBlockEnd.
struct PartialEvent {
  static constexpr CommandInfo kInfo{-2, "PartialEvent", Direction::kEmbedded};
  static constexpr CommandType kType = kInfo.type;
  Buffer data{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required<Encoding::kRest>("data", &PartialEvent::data));
  }
};

// An event as it is stored in a segment: see event_framing.h, which is what data paths use.
struct Event {
  static constexpr CommandInfo kInfo{0, "Event", Direction::kEmbedded};
  static constexpr CommandType kType = kInfo.type;
  Buffer data{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required<Encoding::kRest>("data", &Event::data));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_CONNECTION_COMMANDS_H_
