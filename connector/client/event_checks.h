// What a writer refuses before anything is sent.
#ifndef PRAVEGA_CONNECTOR_CLIENT_EVENT_CHECKS_H_
#define PRAVEGA_CONNECTOR_CLIENT_EVENT_CHECKS_H_

#include <span>

#include "absl/status/status.h"
#include "connector/client/segment_writer.h"
#include "connector/core/buffer.h"
#include "connector/core/strings.h"
#include "connector/wire/event_framing.h"

namespace pravega::client {

// InvalidArgument if the event is larger than the protocol allows.
inline absl::Status CheckEvent(const Buffer& event) {
  if (event.size() <= wire::kMaxEventBytes) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "an event has at most ", wire::kMaxEventBytes, " bytes, not ",
                    event.size(), ": split it");
}

// InvalidArgument if the events cannot be written together.
inline absl::Status CheckUnit(std::span<const Buffer> events) {
  if (events.empty()) return absl::InvalidArgumentError("there is no event to write");
  size_t bytes = 0;
  for (const Buffer& event : events) {
    absl::Status status = CheckEvent(event);
    if (!status.ok()) return status;
    bytes += wire::kEventHeaderBytes + event.size();
  }
  if (bytes <= kMaxUnitBytes) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "events that are written together have at most ", kMaxUnitBytes,
                    " bytes with their headers, not ", bytes);
}

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_EVENT_CHECKS_H_
