#include "connector/client/stream_manager.h"

#include <map>
#include <utility>

#include "connector/client/segment_client.h"
#include "connector/controller/controller_client.h"
#include "connector/core/segment_position.h"
#include "connector/core/strings.h"

namespace pravega::client {
namespace {

absl::Status CheckNames(const ScopedStream& stream) {
  absl::Status scope = ValidateScopeName(stream.scope);
  if (!scope.ok()) return Annotate(scope, "scope");
  return Annotate(ValidateInternalName(stream.stream), "stream");
}

}  // namespace

runtime::Task<absl::StatusOr<bool>> StreamManager::CreateScope(std::string scope) {
  absl::Status valid = Annotate(ValidateScopeName(scope), "scope");
  if (!valid.ok()) co_return valid;
  absl::StatusOr<bool> created = co_await context_.controller().CreateScope(std::move(scope));
  co_return created;
}

runtime::Task<absl::StatusOr<bool>> StreamManager::DeleteScope(std::string scope) {
  absl::StatusOr<bool> deleted = co_await context_.controller().DeleteScope(std::move(scope));
  co_return deleted;
}

runtime::Task<absl::StatusOr<bool>> StreamManager::CreateStream(ScopedStream stream,
                                                                controller::StreamConfiguration configuration) {
  absl::Status valid = CheckNames(stream);
  if (!valid.ok()) co_return valid;
  if (configuration.scaling.min_segments < 1) {
    // Controllers accept this and leave a stream that can do nothing.
    co_return MakeStatus(absl::StatusCode::kInvalidArgument, "stream ", stream.ToString(),
                         ": a stream has at least one segment, not ", configuration.scaling.min_segments);
  }
  absl::StatusOr<bool> created =
      co_await context_.controller().CreateStream(std::move(stream), std::move(configuration));
  co_return created;
}

runtime::Task<absl::Status> StreamManager::UpdateStream(ScopedStream stream,
                                                        controller::StreamConfiguration configuration) {
  if (configuration.scaling.min_segments < 1) {
    co_return MakeStatus(absl::StatusCode::kInvalidArgument, "stream ", stream.ToString(),
                         ": a stream has at least one segment, not ", configuration.scaling.min_segments);
  }
  absl::Status updated = co_await context_.controller().UpdateStream(std::move(stream), std::move(configuration));
  co_return updated;
}

runtime::Task<absl::Status> StreamManager::SealStream(ScopedStream stream) {
  absl::Status sealed = co_await context_.controller().SealStream(std::move(stream));
  co_return sealed;
}

runtime::Task<absl::StatusOr<bool>> StreamManager::DeleteStream(ScopedStream stream) {
  absl::StatusOr<bool> deleted = co_await context_.controller().DeleteStream(std::move(stream));
  co_return deleted;
}

runtime::Task<absl::StatusOr<controller::ScaleStarted>> StreamManager::ScaleStream(ScopedStream stream,
                                                                                   std::vector<SegmentId> sealed,
                                                                                   std::vector<KeyRange> ranges) {
  absl::StatusOr<controller::ScaleStarted> scaled =
      co_await context_.controller().Scale(std::move(stream), std::move(sealed), std::move(ranges));
  co_return scaled;
}

runtime::Task<absl::Status> StreamManager::TruncateStream(ScopedStream stream, StreamCut cut) {
  if (cut.unbounded() || cut.positions().empty()) {
    co_return MakeStatus(absl::StatusCode::kInvalidArgument, "stream ", stream.ToString(),
                         " cannot be truncated at an unbounded or empty cut");
  }
  controller::CutPositions positions = cut.positions();
  for (auto& [segment, position] : positions) {
    if (!position.finished()) continue;
    // The mark for "read to its end" means "not begun" to a controller, which would truncate at -1. The end of the
    // segment says the same without it.
    SegmentClient client(context_, SegmentRef{stream, segment});
    absl::StatusOr<SegmentInfo> info = co_await client.GetInfo();
    if (absl::IsNotFound(info.status())) {
      co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "stream ", stream.ToString(), ": segment ",
                           segment.ToString(), " of the cut was truncated already");
    }
    if (!info.ok()) co_return info.status();
    if (!info->sealed) {
      co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "stream ", stream.ToString(), ": segment ",
                           segment.ToString(), ", which the cut calls finished, is not sealed");
    }
    position = SegmentPosition::At(info->length);
  }
  absl::Status truncated = co_await context_.controller().TruncateStream(std::move(stream), std::move(positions));
  co_return truncated;
}

runtime::Task<absl::StatusOr<StreamInfo>> StreamManager::GetStreamInfo(ScopedStream stream) {
  absl::StatusOr<controller::CutPositions> head = co_await context_.controller().GetHeadSegments(stream);
  if (!head.ok()) co_return head.status();
  std::map<SegmentId, SegmentPosition> begun;
  for (const auto& [segment, position] : *head) {
    // To the controller the mark says "not begun", which a cut of ours has no word for.
    if (!position.finished()) begun.emplace(segment, position);
  }
  StreamInfo info;
  info.head = StreamCut(stream, std::move(begun));
  absl::StatusOr<controller::StreamSegments> current = co_await context_.controller().GetCurrentSegments(stream);
  if (!current.ok()) co_return current.status();
  info.sealed = current->segments.empty();
  std::map<SegmentId, SegmentPosition> ends;
  for (const controller::SegmentRange& segment : current->segments) {
    SegmentClient client(context_, SegmentRef{stream, segment.id});
    absl::StatusOr<SegmentInfo> of_segment = co_await client.GetInfo();
    if (!of_segment.ok()) co_return of_segment.status();
    ends.emplace(segment.id, SegmentPosition::At(of_segment->length));
  }
  if (!info.sealed) info.tail = StreamCut(std::move(stream), std::move(ends));
  co_return info;
}

}  // namespace pravega::client
