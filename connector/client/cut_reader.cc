#include "connector/client/cut_reader.h"

#include <algorithm>
#include <utility>

#include "connector/client/successors.h"
#include "connector/controller/controller_client.h"
#include "connector/core/strings.h"

namespace pravega::client {

CutReader::CutReader(ClientContext& context, ScopedStream stream, StreamCut to, CutReaderOptions options)
    : context_(context),
      stream_(std::move(stream)),
      to_(std::move(to)),
      options_(std::move(options)),
      progress_("events of " + stream_.ToString()) {}

CutReader::~CutReader() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<CutReader>>> CutReader::Open(ClientContext& context, ScopedStream stream,
                                                                          StreamCut from, StreamCut to,
                                                                          CutReaderOptions options) {
  std::unique_ptr<CutReader> reader(new CutReader(context, std::move(stream), std::move(to), std::move(options)));
  absl::Status begun = co_await reader->Begin(std::move(from));
  if (!begun.ok()) {
    co_await reader->Close();
    co_return begun;
  }
  co_return reader;
}

runtime::Task<absl::Status> CutReader::Begin(StreamCut from) {
  std::map<SegmentId, SegmentPosition> start = from.positions();
  if (from.unbounded()) {
    absl::StatusOr<controller::CutPositions> head = co_await context_.controller().GetHeadSegments(stream_);
    if (!head.ok()) co_return head.status();
    for (const auto& [segment, position] : *head) {
      // To a controller the mark says "not begun": such a segment continues others of the head and is come to behind
      // them.
      if (!position.finished()) start.emplace(segment, position);
    }
  }
  for (const auto& [segment, position] : start) {
    absl::StatusOr<KeyRange> range = co_await RangeOf(segment);
    if (!range.ok()) co_return range.status();
    if (position.finished()) {
      finished_.emplace(segment, *range);
    } else {
      OpenSegment(segment, *range, position.offset());
    }
  }
  while (!finished_.empty()) {
    absl::Status completed = co_await Complete(finished_.begin()->first);
    if (!completed.ok()) co_return completed;
  }
  co_return absl::OkStatus();
}

runtime::Task<absl::StatusOr<KeyRange>> CutReader::RangeOf(SegmentId segment) {
  auto known = ranges_.find(segment);
  if (known != ranges_.end()) co_return known->second;
  absl::StatusOr<controller::StreamSegments> epoch =
      co_await context_.controller().GetEpochSegments(stream_, segment.epoch());
  if (!epoch.ok()) co_return epoch.status();
  for (const controller::SegmentRange& other : epoch->segments) ranges_.emplace(other.id, other.range);
  known = ranges_.find(segment);
  if (known == ranges_.end()) {
    co_return MakeStatus(absl::StatusCode::kNotFound, "segment ", segment.ToString(), " was never part of ",
                         stream_.ToString());
  }
  co_return known->second;
}

void CutReader::OpenSegment(SegmentId segment, KeyRange range, Offset from) {
  std::optional<Offset> end;
  auto last = to_.positions().find(segment);
  if (last != to_.positions().end() && !last->second.finished()) end = last->second.offset();
  auto fetcher = std::make_unique<SegmentFetcher>(context_, SegmentRef{stream_, segment}, from, end,
                                                  options_.segment.buffer_bytes, &progress_);
  fetcher->Start();
  active_.emplace(segment, Active{range, std::move(fetcher)});
}

runtime::Task<absl::StatusOr<StreamItem>> CutReader::Next() {
  while (true) {
    if (active_.empty() && future_.empty()) co_return StreamItem(StreamEnd{});
    progress_.Reset();
    std::optional<SegmentId> ended;
    // Each in turn, from the one behind the last that had something.
    auto at = active_.upper_bound(turn_);
    for (size_t i = 0; i < active_.size() && !ended.has_value(); ++i, ++at) {
      if (at == active_.end()) at = active_.begin();
      absl::StatusOr<std::optional<SegmentItem>> item = TakeItem(at->second.fetcher.get());
      if (!item.ok()) co_return item.status();
      if (!item->has_value()) continue;
      turn_ = at->first;
      if (auto* event = std::get_if<SegmentEvent>(&**item)) {
        co_return StreamItem(StreamEvent{std::move(event->data), at->first, event->offset, event->next});
      }
      if (auto* gap = std::get_if<SegmentGap>(&**item)) co_return StreamItem(StreamGap{at->first, gap->bytes});
      ended = at->first;
    }
    absl::Status status;
    if (ended.has_value()) {
      status = co_await Complete(*ended);
    } else {
      status = co_await progress_.Wait();
    }
    if (!status.ok()) co_return status;
  }
}

runtime::Task<absl::Status> CutReader::Complete(SegmentId segment) {
  std::vector<controller::Successor> successors;
  if (!to_.positions().contains(segment)) {
    SegmentRef ended{stream_, segment};
    absl::StatusOr<std::vector<controller::Successor>> found =
        co_await FindSuccessors(context_, ended, options_.successor_retry);
    if (!found.ok()) co_return found.status();
    successors = *std::move(found);
  }
  for (const controller::Successor& successor : successors) {
    ranges_.emplace(successor.segment.id, successor.segment.range);
    for (SegmentId predecessor : successor.predecessors) {
      absl::StatusOr<KeyRange> range = co_await RangeOf(predecessor);
      if (!range.ok()) co_return range.status();
    }
  }
  auto done = active_.find(segment);
  if (done != active_.end()) {
    co_await done->second.fetcher->Close();
    active_.erase(done);
  }
  finished_.erase(segment);
  completed_.insert(segment);
  for (const controller::Successor& successor : successors) {
    SegmentId id = successor.segment.id;
    if (completed_.contains(id) || active_.contains(id) || future_.contains(id)) continue;
    std::set<SegmentId> predecessors(successor.predecessors.begin(), successor.predecessors.end());
    future_.emplace(id, Future{successor.segment.range, predecessors, predecessors});
  }
  OpenWhatIsReady();
  co_return absl::OkStatus();
}

bool CutReader::MayCome(SegmentId segment, const KeyRange& range) const {
  if (active_.contains(segment) || future_.contains(segment) || finished_.contains(segment)) return true;
  auto leads_to_it = [&](SegmentId other, const KeyRange& of_other) {
    return other.epoch() < segment.epoch() && of_other.Overlaps(range);
  };
  for (const auto& [id, active] : active_) {
    if (leads_to_it(id, active.range)) return true;
  }
  for (const auto& [id, future] : future_) {
    if (leads_to_it(id, future.range)) return true;
  }
  for (const auto& [id, finished] : finished_) {
    if (leads_to_it(id, finished)) return true;
  }
  return false;
}

void CutReader::OpenWhatIsReady() {
  std::vector<SegmentId> ready;
  for (auto& [id, future] : future_) {
    // A predecessor may lie before the cut where reading began, although the cut does not name it: it is not waited
    // for, unless something that is still being read leads to it.
    std::erase_if(future.awaited, [this](SegmentId predecessor) {
      return completed_.contains(predecessor) || !MayCome(predecessor, ranges_.at(predecessor));
    });
    if (future.awaited.empty()) ready.push_back(id);
  }
  for (SegmentId id : ready) {
    OpenSegment(id, future_.at(id).range, Offset(0));
    future_.erase(id);
  }
}

StreamCut CutReader::Cut() const {
  std::map<SegmentId, SegmentPosition> positions;
  for (const auto& [id, active] : active_) positions.emplace(id, SegmentPosition::At(active.fetcher->offset()));
  // What waits for another predecessor is not begun: its predecessors that were read stand for it.
  for (const auto& [id, future] : future_) {
    for (SegmentId predecessor : future.predecessors) {
      if (completed_.contains(predecessor)) positions.emplace(predecessor, SegmentPosition::Finished());
    }
  }
  return StreamCut(stream_, std::move(positions));
}

runtime::Task<void> CutReader::Close() {
  for (auto& [id, active] : active_) co_await active.fetcher->Close();
}

}  // namespace pravega::client
