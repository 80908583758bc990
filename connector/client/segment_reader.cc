#include "connector/client/segment_reader.h"

#include <utility>

namespace pravega::client {

absl::StatusOr<std::optional<SegmentItem>> TakeItem(SegmentFetcher* fetcher) {
  std::optional<SegmentItem> item;
  int64_t gap = fetcher->TakeGap();
  if (gap > 0) {
    item = SegmentGap{gap, fetcher->offset()};
    return item;
  }
  FetchedEvent event;
  if (fetcher->Take(&event)) {
    item = SegmentEvent{std::move(event.event), event.offset, event.offset + event.length};
    return item;
  }
  if (fetcher->state() == SegmentFetcher::State::kFailed) return fetcher->failure();
  if (fetcher->state() == SegmentFetcher::State::kEnded) item = SegmentEnd{fetcher->offset()};
  return item;
}

SegmentReader::SegmentReader(ClientContext& context, SegmentRef segment, Offset from, std::optional<Offset> end,
                             SegmentReaderOptions options)
    : progress_("events of " + segment.ToString()),
      fetcher_(context, std::move(segment), from, end, options.buffer_bytes, &progress_) {
  fetcher_.Start();
}

SegmentReader::~SegmentReader() = default;

runtime::Task<absl::StatusOr<SegmentItem>> SegmentReader::Next() {
  while (true) {
    absl::StatusOr<std::optional<SegmentItem>> item = TakeItem(&fetcher_);
    if (!item.ok()) co_return item.status();
    if (item->has_value()) co_return **std::move(item);
    progress_.Reset();
    absl::Status woken = co_await progress_.Wait();
    if (!woken.ok()) co_return woken;
  }
}

runtime::Task<void> SegmentReader::Close() { co_await fetcher_.Close(); }

}  // namespace pravega::client
