#include "connector/client/reader_group/group_setup.h"

#include <map>
#include <utility>

#include "connector/client/reader_group/membership.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/stream_cut.h"

namespace pravega::client {
namespace {

std::map<ScopedStream, StreamCut> ToCuts(const std::map<ScopedStream, controller::CutPositions>& all) {
  std::map<ScopedStream, StreamCut> cuts;
  for (const auto& [stream, positions] : all) {
    cuts.emplace(stream, positions.empty() ? StreamCut::Unbounded() : StreamCut(stream, positions));
  }
  return cuts;
}

runtime::Task<absl::StatusOr<Init>> FirstRecord(ClientContext& context, ReaderGroupConfig config) {
  Position::Map starting;
  for (const auto& [stream, cut] : config.starting_cuts) {
    controller::CutPositions positions = cut.positions();
    if (cut.unbounded()) {
      absl::StatusOr<controller::CutPositions> head = co_await context.controller().GetHeadSegments(stream);
      if (!head.ok()) co_return head.status();
      // Here the mark does not say "finished" but "not begun": such a segment continues others of the head, and the
      // group comes to it behind them.
      for (const auto& [id, position] : *head) {
        if (!position.finished()) positions.emplace(id, position);
      }
    }
    for (const auto& [id, position] : positions) {
      starting.emplace(SegmentRef{stream, id}, Position::Entry{position, std::nullopt});
    }
  }
  absl::StatusOr<Init> init = InitialState(config, starting);
  co_return init;
}

runtime::Task<absl::Status> BringUpToDate(ClientContext& context, GroupSynchronizer& synchronizer, std::string scope) {
  absl::Status status = co_await synchronizer.Fetch();
  if (!status.ok() || synchronizer.initialized()) co_return status;
  absl::StatusOr<controller::ReaderGroupConfig> config =
      co_await context.controller().GetReaderGroupConfig(std::move(scope), synchronizer.group());
  if (!config.ok()) co_return config.status();
  absl::StatusOr<Init> init = co_await FirstRecord(context, FromController(*config));
  if (!init.ok()) co_return init.status();
  status = co_await synchronizer.Initialize(*std::move(init));
  co_return status;
}

}  // namespace

ReaderGroupConfig FromController(const controller::ReaderGroupConfig& config) {
  ReaderGroupConfig result;
  result.automatic_checkpoint_interval_ms = config.automatic_checkpoint_interval_ms;
  result.group_refresh_ms = config.group_refresh_ms;
  result.starting_cuts = ToCuts(config.starting_cuts);
  result.ending_cuts = ToCuts(config.ending_cuts);
  // The protocol has both maps name every stream.
  for (const auto& [stream, cut] : result.starting_cuts) result.ending_cuts.emplace(stream, StreamCut::Unbounded());
  result.max_outstanding_checkpoints = config.max_outstanding_checkpoints;
  result.retention = static_cast<ReaderGroupConfig::Retention>(config.retention);
  result.generation = config.generation;
  result.id = config.id;
  return result;
}

runtime::Task<absl::StatusOr<std::unique_ptr<GroupSynchronizer>>> OpenGroup(ClientContext& context, std::string scope,
                                                                            std::string group) {
  absl::StatusOr<std::unique_ptr<GroupSynchronizer>> synchronizer =
      co_await GroupSynchronizer::Open(context, scope, std::move(group));
  if (!synchronizer.ok()) co_return synchronizer.status();
  absl::Status status = co_await BringUpToDate(context, **synchronizer, std::move(scope));
  if (!status.ok()) {
    co_await (*synchronizer)->Close();
    co_return status;
  }
  co_return synchronizer;
}

}  // namespace pravega::client
