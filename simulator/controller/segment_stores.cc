#include "simulator/controller/segment_stores.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "connector/core/container_mapper.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/commands.h"
#include "connector/wire/raw_client.h"
#include "connector/wire/replies.h"

namespace pravega::sim {
namespace {

using runtime::Instant;
using runtime::Task;

// The store is the wrong one, or was not heard of: asking again may help.
bool MayHelpToRepeat(const absl::StatusOr<wire::Command>& reply) {
  if (!reply.ok()) {
    return absl::IsUnavailable(reply.status()) || absl::IsDeadlineExceeded(reply.status());
  }
  return std::holds_alternative<wire::WrongHost>(*reply);
}

// OK if the reply is one of these.
template <typename... Good>
absl::Status Expect(const absl::StatusOr<wire::Command>& reply) {
  if (!reply.ok()) return reply.status();
  if ((std::holds_alternative<Good>(*reply) || ...)) return absl::OkStatus();
  return wire::UnexpectedReply(*reply);
}

}  // namespace

SegmentStores::SegmentStores(runtime::Runtime& runtime, const ControllerOptions& options)
    : runtime_(runtime), options_(options) {}

SegmentStores::~SegmentStores() = default;

const runtime::Endpoint& SegmentStores::HostOf(std::string_view segment) const {
  ContainerId container = ContainerOf(segment, static_cast<int32_t>(options_.container_hosts.size()));
  return options_.container_hosts[static_cast<size_t>(container.value())];
}

wire::RawClient& SegmentStores::ClientOf(std::string_view segment) {
  const runtime::Endpoint& host = HostOf(segment);
  std::unique_ptr<wire::RawClient>& client = clients_[host];
  if (client == nullptr) {
    client = std::make_unique<wire::RawClient>(runtime_, host, static_cast<int32_t>(clients_.size()));
  }
  return *client;
}

Task<absl::StatusOr<wire::Command>> SegmentStores::Ask(std::string segment, wire::Command request, Instant give_up) {
  runtime::Duration delay = options_.first_retry;
  for (;;) {
    wire::RawClient& client = ClientOf(segment);
    Instant deadline = std::min(runtime_.Now() + options_.store_request_timeout, give_up);
    absl::StatusOr<wire::Command> reply = co_await client.Call(request, deadline);
    bool repeat = MayHelpToRepeat(reply) && runtime_.Now() < give_up;
    if (!repeat) {
      if (reply.ok() && options_.after_step) {
        std::string step = StrCat(wire::InfoOf(request).name, " ", segment);
        co_await options_.after_step(std::move(step));
      }
      co_return reply;
    }
    CO_RETURN_IF_ERROR(co_await runtime::SleepFor(runtime_, delay, "before asking a segment store again"));
    delay = std::min(delay * 2, options_.longest_retry);
  }
}

Task<absl::Status> SegmentStores::Create(std::string segment, SegmentPolicy policy, Instant give_up) {
  wire::CreateSegment request;
  request.segment = segment;
  request.scale_type = policy.scale_type;
  request.target_rate = policy.target_rate;
  request.rollover_size_bytes = policy.rollover_size_bytes;
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(segment), std::move(request), give_up);
  co_return Expect<wire::SegmentCreated, wire::SegmentAlreadyExists>(reply);
}

Task<absl::Status> SegmentStores::Seal(std::string segment) {
  wire::SealSegment request;
  request.segment = segment;
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(segment), std::move(request), Instant::Infinite());
  co_return Expect<wire::SegmentSealed, wire::SegmentIsSealed>(reply);
}

Task<absl::Status> SegmentStores::Truncate(std::string segment, int64_t offset) {
  wire::TruncateSegment request;
  request.segment = segment;
  request.truncation_offset = offset;
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(segment), std::move(request), Instant::Infinite());
  co_return Expect<wire::SegmentTruncated, wire::SegmentIsTruncated>(reply);
}

Task<absl::Status> SegmentStores::Delete(std::string segment, Instant give_up) {
  wire::DeleteSegment request;
  request.segment = segment;
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(segment), std::move(request), give_up);
  co_return Expect<wire::SegmentDeleted, wire::NoSuchSegment>(reply);
}

Task<absl::Status> SegmentStores::UpdatePolicy(std::string segment, SegmentPolicy policy) {
  wire::UpdateSegmentPolicy request;
  request.segment = segment;
  request.scale_type = policy.scale_type;
  request.target_rate = policy.target_rate;
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(segment), std::move(request), Instant::Infinite());
  co_return Expect<wire::SegmentPolicyUpdated>(reply);
}

Task<absl::StatusOr<int64_t>> SegmentStores::Length(std::string segment) {
  wire::GetStreamSegmentInfo request;
  request.segment = segment;
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(segment), std::move(request), Instant::Infinite());
  CO_RETURN_IF_ERROR(Expect<wire::StreamSegmentInfo>(reply));
  co_return std::get<wire::StreamSegmentInfo>(*reply).write_offset;
}

Task<absl::Status> SegmentStores::Merge(std::string target, std::vector<std::string> sources) {
  wire::MergeSegmentsBatch request;
  request.target = target;
  request.sources = std::move(sources);
  absl::StatusOr<wire::Command> reply = co_await Ask(std::move(target), std::move(request), Instant::Infinite());
  co_return Expect<wire::SegmentsBatchMerged>(reply);
}

Task<void> SegmentStores::Close() {
  for (auto& [endpoint, client] : clients_) co_await client->Close();
}

}  // namespace pravega::sim
