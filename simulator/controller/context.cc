#include "simulator/controller/context.h"

#include <algorithm>
#include <memory>

#include "connector/core/status_macros.h"

namespace pravega::sim {

using runtime::Task;

Task<absl::StatusOr<StreamHistory>> ReadHistory(Context& context, ScopedStream stream, int64_t incarnation, Epoch first,
                                                Epoch last) {
  StreamHistory history;
  for (int32_t epoch = std::max(first.value(), 0); epoch <= last.value(); ++epoch) {
    absl::StatusOr<std::shared_ptr<const EpochTable>> table =
        co_await context.metadata.ReadEpoch(stream, incarnation, Epoch(epoch));
    // Epochs are written one after the other: behind a missing one there is none.
    if (absl::IsNotFound(table.status())) break;
    if (!table.ok()) co_return table.status();
    history.Add(*std::move(table));
  }
  co_return std::move(history);
}

Task<absl::StatusOr<EpochTable>> ReadEpochTable(Context& context, ScopedStream stream, int64_t incarnation,
                                                Epoch epoch) {
  CO_ASSIGN_OR_RETURN(std::shared_ptr<const EpochTable> table,
                      co_await context.metadata.ReadEpoch(std::move(stream), incarnation, epoch));
  co_return *table;
}

SegmentPolicy PolicyOf(const proto::StreamConfig& config) {
  SegmentPolicy policy;
  policy.scale_type = static_cast<wire::ScaleType>(config.scalingpolicy().scaletype());
  policy.target_rate = config.scalingpolicy().targetrate();
  policy.rollover_size_bytes = config.rolloversizebytes();
  return policy;
}

std::string SegmentName(const ScopedStream& stream, SegmentId segment) {
  return SegmentRef{stream, segment}.ToString();
}

bool HasMarkStream(const ScopedStream& stream) { return !stream.stream.starts_with("_MARK"); }

}  // namespace pravega::sim
