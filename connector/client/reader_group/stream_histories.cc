#include "connector/client/reader_group/stream_histories.h"

#include <optional>
#include <utility>
#include <vector>

#include "connector/client/reader_group/cuts.h"
#include "connector/controller/types.h"

namespace pravega::client {

runtime::Task<absl::Status> StreamHistories::Learn(ScopedStream stream, std::set<Epoch> epochs) {
  for (Epoch epoch : epochs) {
    if (histories_[stream].HasEpoch(epoch)) continue;
    absl::StatusOr<controller::StreamSegments> segments =
        co_await context_.controller().GetEpochSegments(stream, epoch);
    if (!segments.ok()) co_return segments.status();
    std::map<SegmentId, KeyRange> ranges;
    for (const controller::SegmentRange& segment : segments->segments) ranges.emplace(segment.id, segment.range);
    histories_[stream].AddEpoch(epoch, std::move(ranges));
  }
  co_return absl::OkStatus();
}

runtime::Task<absl::Status> StreamHistories::LearnFrom(ScopedStream stream, Epoch first) {
  for (int32_t number = first.value();; ++number) {
    std::set<Epoch> next = {Epoch(number)};
    absl::Status status = co_await Learn(stream, std::move(next));
    // The epochs have no gaps.
    if (absl::IsNotFound(status) && number > first.value()) co_return absl::OkStatus();
    if (!status.ok()) co_return status;
  }
}

runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> StreamHistories::WholeCutsOf(
    SegmentPositions positions, std::map<SegmentRef, KeyRange> ranges, std::map<SegmentRef, Offset> end_segments) {
  std::map<ScopedStream, StreamCut> cuts = CutsOf(positions);
  for (auto& [stream, cut] : cuts) {
    std::set<Epoch> unknown;
    for (const auto& [id, position] : cut.positions()) {
      SegmentRef segment{stream, id};
      if (ranges.contains(segment)) continue;
      std::optional<KeyRange> known = histories_[stream].RangeOf(id);
      if (known) {
        ranges.emplace(std::move(segment), *known);
      } else {
        unknown.insert(id.epoch());
      }
    }
    if (unknown.empty() && IsWithoutHoles(cut, ranges)) continue;
    absl::Status learnt = co_await Learn(stream, std::move(unknown));
    if (!learnt.ok()) co_return learnt;
    for (const auto& [id, position] : cut.positions()) {
      std::optional<KeyRange> known = histories_[stream].RangeOf(id);
      if (known) ranges.emplace(SegmentRef{stream, id}, *known);
    }
    if (IsWithoutHoles(cut, ranges)) continue;
    learnt = co_await LearnFrom(stream, cut.positions().begin()->first.epoch());
    if (!learnt.ok()) co_return learnt;
    absl::StatusOr<StreamCut> whole = FillHoles(cut, histories_[stream], end_segments);
    if (!whole.ok()) co_return whole.status();
    cut = *std::move(whole);
  }
  co_return cuts;
}

}  // namespace pravega::client
