// SegmentClient: what can be asked about one segment, and done to it, apart from writing and reading.
#ifndef PRAVEGA_CONNECTOR_CLIENT_SEGMENT_CLIENT_H_
#define PRAVEGA_CONNECTOR_CLIENT_SEGMENT_CLIENT_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/uuid.h"
#include "connector/runtime/task.h"

namespace pravega::client {

struct SegmentInfo {
  Offset start;   // first readable byte
  Offset length;  // where the next append goes, counted from 0 whatever was truncated
  bool sealed = false;
};

// A small value: copy it freely. Requests are repeated as SendSegmentRequest describes; where that could show, the
// method says what the caller sees after a lost answer.
// Errors: NotFound (no such segment, or it was deleted), FailedPrecondition (sealed), Unavailable and DeadlineExceeded
// (no answer after all attempts, the outcome is unknown), OutOfRange, PermissionDenied.
class SegmentClient {
 public:
  SegmentClient(ClientContext& context, SegmentRef segment) : context_(&context), segment_(std::move(segment)) {}

  const SegmentRef& segment() const { return segment_; }

  runtime::Task<absl::StatusOr<SegmentInfo>> GetInfo() const;
  // nullopt: it has no value.
  runtime::Task<absl::StatusOr<std::optional<int64_t>>> GetAttribute(Uuid attribute) const;
  // Sets the attribute to `value` (nullopt: removes it) if it is `expected` (nullopt: if it has none); returns whether
  // it was. After a lost answer the attribute is read: if it has the wanted value, that counts as set.
  runtime::Task<absl::StatusOr<bool>> CompareAndSetAttribute(Uuid attribute, std::optional<int64_t> value,
                                                             std::optional<int64_t> expected) const;
  // Drops everything before `offset`; OK also if that is gone already. OutOfRange: beyond the end.
  runtime::Task<absl::Status> Truncate(Offset offset) const;

 private:
  ClientContext* context_;
  SegmentRef segment_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_SEGMENT_CLIENT_H_
