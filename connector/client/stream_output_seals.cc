// The part of StreamOutput that deals with sealed segments.
//
// Nobody writes meanwhile, and when it ends everything that was written before is acknowledged in the segments that
// serve its keys now: with a merge two old segments feed one new one, and what both still owe must be there before
// anything new of the same keys (Pravega client, "segment sealed").

#include <algorithm>
#include <utility>

#include "connector/client/stream_output.h"
#include "connector/client/successors.h"
#include "connector/core/strings.h"

namespace pravega::client {

runtime::Task<void> StreamOutput::FollowSeals() {
  while (true) {
    absl::Status woken = co_await seals_.Wait();
    if (!woken.ok()) co_return;
    absl::Status moved = co_await MoveToSuccessors();
    if (absl::IsCancelled(moved)) co_return;
    if (!moved.ok()) {
      Fail(moved);
      for (SegmentWriter* writer : std::exchange(sealed_, {})) SettleRest(writer);
    }
    seals_.Reset();
    locked_ = false;
    turn_.Pulse();
  }
}

runtime::Task<absl::Status> StreamOutput::MoveToSuccessors() {
  while (!sealed_.empty()) {
    absl::Status moved = co_await MoveOne(sealed_.front());
    if (!moved.ok()) co_return moved;
    if (!sealed_.empty()) continue;
    absl::Status flushed = co_await FlushThrough();
    if (!flushed.ok()) co_return flushed;
  }
  co_return absl::OkStatus();
}

runtime::Task<absl::Status> StreamOutput::MoveOne(SegmentWriter* sealed) {
  SegmentRef segment = sealed->parent();
  absl::StatusOr<std::vector<controller::Successor>> successors =
      co_await FindSuccessors(context_, segment, options_.successor_retry);
  if (!successors.ok()) co_return successors.status();
  if (successors->empty()) {
    co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "stream ", stream_.ToString(),
                         " is sealed: no more events can be written to it");
  }
  ++retired_.segments_sealed;
  std::deque<Append> rest = sealed->TakeUnacknowledged();
  auto old = writers_.extract(segment.id);
  absl::Status replaced = ReplaceRoutes(sealed, *successors);
  if (!replaced.ok()) {
    for (const Append& append : rest) Settle(append, OutcomeOf(sealed->state(), append), replaced);
  } else {
    // Of a missing segment some of it may have been stored and truncated away since: then it comes again behind the
    // head of the stream, where it is not.
    Resend(rest);
  }
  sealed_.pop_front();
  tasks_.Spawn("retire", Retire(std::move(old.mapped())));
  co_return replaced;
}

absl::Status StreamOutput::ReplaceRoutes(SegmentWriter* sealed, const std::vector<controller::Successor>& successors) {
  // A successor that also continues other segments takes their keys when they are found sealed. Only those that get
  // keys now are connected to.
  std::vector<Routes::Entry> entries;
  for (const controller::Successor& successor : successors) {
    std::vector<Routes::Entry> present = routes_.entries();
    bool wanted = std::any_of(present.begin(), present.end(), [&](const Routes::Entry& entry) {
      return entry.value == sealed && entry.range.Overlaps(successor.segment.range);
    });
    if (wanted) entries.push_back({successor.segment.range, WriterOn(successor.segment.id)});
  }
  return Annotate(routes_.Replace(sealed, entries),
                  StrCat("the successors of ", sealed->parent().ToString(), " are not usable"));
}

void StreamOutput::Resend(const std::deque<Append>& appends) {
  for (const Append& append : appends) {
    std::string_view framed = append.framed();
    for (AppendUnit unit : append.units) {
      if (!unit.keyed) unit.position = DrawPosition();
      SegmentWriter* writer = WriterOf(unit.position);
      writer->Start();
      writer->AddFramed(unit, framed.substr(0, unit.bytes));
      framed.remove_prefix(unit.bytes);
      ++retired_.units_moved;
    }
  }
}

runtime::Task<absl::Status> StreamOutput::FlushThrough() {
  // A segment with nothing under way would not tell that it is sealed, so it gets something to answer.
  for (const auto& [id, writer] : writers_) writer->AddProbe();
  while (sealed_.empty() && status_.ok()) {
    bool idle = std::all_of(writers_.begin(), writers_.end(), [](const auto& entry) { return entry.second->idle(); });
    if (idle) break;
    absl::Status waited = co_await progress_.Wait();
    if (!waited.ok()) co_return waited;
  }
  co_return status_;
}

}  // namespace pravega::client
