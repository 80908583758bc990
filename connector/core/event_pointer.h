// EventPointer: where one event is stored, so that it can be fetched again.
#ifndef PRAVEGA_CONNECTOR_CORE_EVENT_POINTER_H_
#define PRAVEGA_CONNECTOR_CORE_EVENT_POINTER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"

namespace pravega {

// A plain value; thread-compatible.
struct EventPointer {
  SegmentRef segment;
  Offset offset;       // of the event's header
  int32_t length = 0;  // bytes with the header of 8; the length field within the header is smaller by 8

  absl::StatusOr<std::string> ToBytes() const;
  static absl::StatusOr<EventPointer> FromBytes(std::string_view bytes);
  // "scope/stream/1.#epoch.1:5000-200", also a form of exchange.
  std::string ToString() const;
  static absl::StatusOr<EventPointer> Parse(std::string_view text);

  friend bool operator==(const EventPointer&, const EventPointer&) = default;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_EVENT_POINTER_H_
