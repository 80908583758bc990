#include "connector/client/segment_client.h"

#include <variant>

#include "connector/client/segment_request.h"
#include "connector/controller/types.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"

namespace pravega::client {
namespace {

using controller::AccessOperation;

int64_t ToWire(std::optional<int64_t> value) { return value.value_or(wire::kNullAttributeValue); }

}  // namespace

// The coroutines copy what they need of *this: the client is a value and may be gone before they end.

runtime::Task<absl::StatusOr<SegmentInfo>> SegmentClient::GetInfo() const {
  ClientContext* context = context_;
  SegmentRef segment = segment_;
  wire::GetStreamSegmentInfo request;
  request.segment = segment.ToString();
  absl::StatusOr<wire::StreamSegmentInfo> reply =
      co_await SendSegmentRequestFor<wire::StreamSegmentInfo>(*context, segment, AccessOperation::kRead, request);
  if (!reply.ok()) co_return reply.status();
  co_return SegmentInfo{Offset(reply->start_offset), Offset(reply->write_offset), reply->is_sealed};
}

runtime::Task<absl::StatusOr<std::optional<int64_t>>> SegmentClient::GetAttribute(Uuid attribute) const {
  ClientContext* context = context_;
  SegmentRef segment = segment_;
  wire::GetSegmentAttribute request;
  request.segment = segment.ToString();
  request.attribute_id = attribute;
  absl::StatusOr<wire::SegmentAttribute> reply =
      co_await SendSegmentRequestFor<wire::SegmentAttribute>(*context, segment, AccessOperation::kRead, request);
  if (!reply.ok()) co_return reply.status();
  std::optional<int64_t> value;
  if (reply->value != wire::kNullAttributeValue) value = reply->value;
  co_return value;
}

runtime::Task<absl::StatusOr<bool>> SegmentClient::CompareAndSetAttribute(Uuid attribute, std::optional<int64_t> value,
                                                                          std::optional<int64_t> expected) const {
  SegmentClient self = *this;
  wire::UpdateSegmentAttribute request;
  request.segment = self.segment_.ToString();
  request.attribute_id = attribute;
  request.new_value = ToWire(value);
  request.expected_value = ToWire(expected);
  absl::StatusOr<SegmentReply> reply =
      co_await SendSegmentRequest(*self.context_, self.segment_, AccessOperation::kReadWrite, request);
  if (!reply.ok()) co_return reply.status();
  const auto* updated = std::get_if<wire::SegmentAttributeUpdated>(&reply->command);
  if (updated == nullptr) co_return wire::UnexpectedReply(reply->command);
  if (updated->success || !reply->maybe_repeated) co_return updated->success;
  // The refusal may be the fault of an earlier attempt that succeeded and whose answer was lost.
  absl::StatusOr<std::optional<int64_t>> present = co_await self.GetAttribute(attribute);
  if (!present.ok()) co_return present.status();
  co_return *present == value;
}

runtime::Task<absl::Status> SegmentClient::Truncate(Offset offset) const {
  ClientContext* context = context_;
  SegmentRef segment = segment_;
  wire::TruncateSegment request;
  request.segment = segment.ToString();
  request.truncation_offset = offset.value();
  absl::StatusOr<SegmentReply> reply =
      co_await SendSegmentRequest(*context, segment, AccessOperation::kReadWrite, request);
  if (!reply.ok()) co_return reply.status();
  if (std::holds_alternative<wire::SegmentTruncated>(reply->command)) co_return absl::OkStatus();
  // The same reply says "before the start" and "beyond the end".
  const auto* out_of_range = std::get_if<wire::SegmentIsTruncated>(&reply->command);
  if (out_of_range != nullptr && out_of_range->start_offset >= offset.value()) co_return absl::OkStatus();
  co_return wire::UnexpectedReply(reply->command);
}

}  // namespace pravega::client
