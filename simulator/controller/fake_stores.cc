#include "simulator/controller/fake_stores.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/task_group.h"
#include "connector/wire/connection.h"

namespace pravega::sim {
namespace {

using runtime::Task;

template <typename Reply, typename Request>
Reply About(const Request& request) {
  Reply reply;
  reply.request_id = request.request_id;
  reply.segment = request.segment;
  return reply;
}

}  // namespace

Task<void> FakeStores::Serve(runtime::Runtime& runtime, runtime::Endpoint endpoint) {
  absl::StatusOr<std::unique_ptr<runtime::Listener>> listener = runtime.network().Listen(std::move(endpoint));
  CHECK(listener.ok());
  runtime::TaskGroup sessions(runtime.scheduler(), "sessions");
  for (;;) {
    absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await (*listener)->Accept();
    if (!stream.ok()) break;
    sessions.Spawn("session", Session(runtime, *std::move(stream)));
  }
  co_await sessions.Stop();
}

Task<void> FakeStores::Session(runtime::Runtime& runtime, std::unique_ptr<runtime::ByteStream> stream) {
  std::unique_ptr<wire::WireConnection> connection = wire::WireConnection::Over(runtime, std::move(stream), {});
  for (;;) {
    absl::StatusOr<wire::Command> request = co_await connection->Next();
    if (!request.ok()) break;
    std::string command(wire::InfoOf(*request).name);
    std::string segment(wire::SegmentOf(*request));
    ++requests_[command];
    log_.push_back(command + " " + segment);
    Fault fault = fault_ ? fault_(command, segment) : Fault::kNone;
    if (fault == Fault::kCloseBefore) break;
    std::optional<wire::Command> reply;
    if (fault == Fault::kWrongHost) {
      wire::WrongHost wrong;
      wrong.request_id = *wire::RequestIdOf(*request);
      wrong.segment = segment;
      reply = wrong;
    } else {
      reply = Apply(*request);
    }
    if (!reply || fault == Fault::kCloseAfter) break;
    absl::Status sent = connection->Enqueue(*reply);
    if (!sent.ok()) break;
  }
  connection->Close(absl::UnavailableError("closed by the fake store"));
  co_await connection->Stop();
}

wire::Command FakeStores::Merge(const wire::MergeSegmentsBatch& request) {
  auto target = segments_.find(request.target);
  if (target == segments_.end()) {
    wire::NoSuchSegment missing;
    missing.request_id = request.request_id;
    missing.segment = request.target;
    return missing;
  }
  if (target->second.sealed) {
    wire::SegmentIsSealed sealed;
    sealed.request_id = request.request_id;
    sealed.segment = request.target;
    return sealed;
  }
  wire::SegmentsBatchMerged merged;
  merged.request_id = request.request_id;
  merged.target = request.target;
  for (const std::string& source : request.sources) {
    auto found = segments_.find(source);
    if (found != segments_.end()) {
      target->second.bytes += found->second.bytes;
      segments_.erase(found);
    }
    merged.merged.push_back({source, static_cast<int64_t>(target->second.bytes.size())});
  }
  return merged;
}

std::optional<wire::Command> FakeStores::Apply(const wire::Command& request) {
  if (auto* create = std::get_if<wire::CreateSegment>(&request)) {
    if (segments_.contains(create->segment)) return About<wire::SegmentAlreadyExists>(*create);
    Segment& created = segments_[create->segment];
    created.scale_type = static_cast<int>(create->scale_type);
    created.target_rate = create->target_rate;
    created.rollover_size_bytes = create->rollover_size_bytes;
    return About<wire::SegmentCreated>(*create);
  }
  if (auto* merge = std::get_if<wire::MergeSegmentsBatch>(&request)) return Merge(*merge);
  auto missing = [](const auto& command) { return About<wire::NoSuchSegment>(command); };
  if (auto* remove = std::get_if<wire::DeleteSegment>(&request)) {
    if (segments_.erase(remove->segment) == 0) return missing(*remove);
    return About<wire::SegmentDeleted>(*remove);
  }
  if (auto* seal = std::get_if<wire::SealSegment>(&request)) {
    auto found = segments_.find(seal->segment);
    if (found == segments_.end()) return missing(*seal);
    if (std::exchange(found->second.sealed, true)) return About<wire::SegmentIsSealed>(*seal);
    return About<wire::SegmentSealed>(*seal);
  }
  if (auto* info = std::get_if<wire::GetStreamSegmentInfo>(&request)) {
    auto found = segments_.find(info->segment);
    if (found == segments_.end()) return missing(*info);
    wire::StreamSegmentInfo reply = About<wire::StreamSegmentInfo>(*info);
    reply.exists = true;
    reply.is_sealed = found->second.sealed;
    reply.write_offset = static_cast<int64_t>(found->second.bytes.size());
    reply.start_offset = found->second.start;
    return reply;
  }
  if (auto* policy = std::get_if<wire::UpdateSegmentPolicy>(&request)) {
    auto found = segments_.find(policy->segment);
    if (found == segments_.end()) return missing(*policy);
    found->second.scale_type = static_cast<int>(policy->scale_type);
    found->second.target_rate = policy->target_rate;
    return About<wire::SegmentPolicyUpdated>(*policy);
  }
  if (auto* truncate = std::get_if<wire::TruncateSegment>(&request)) {
    auto found = segments_.find(truncate->segment);
    if (found == segments_.end()) return missing(*truncate);
    int64_t offset = truncate->truncation_offset;
    // The 0.13 store drops the connection.
    if (offset < 0) return std::nullopt;
    if (offset < found->second.start || offset > static_cast<int64_t>(found->second.bytes.size())) {
      wire::SegmentIsTruncated refused = About<wire::SegmentIsTruncated>(*truncate);
      refused.start_offset = found->second.start;
      return refused;
    }
    found->second.start = offset;
    return About<wire::SegmentTruncated>(*truncate);
  }
  return std::nullopt;
}

}  // namespace pravega::sim
