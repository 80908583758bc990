// SegmentReader: the events of one segment, in order.
//
// Example:
//   SegmentReader reader(context, segment, Offset(0), std::nullopt, {});
//   absl::StatusOr<SegmentItem> item = co_await reader.Next();
//   if (auto* event = std::get_if<SegmentEvent>(&*item)) ...
//   co_await reader.Close();
//
// Reads ahead on a connection of its own; at the tail of a segment that is not sealed it waits. Lost connections and
// moved segments are dealt with inside, for as long as it takes. Thread-compatible; one Next() at a time. Close() is
// awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_SEGMENT_READER_H_
#define PRAVEGA_CONNECTOR_CLIENT_SEGMENT_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/reader_group/segment_fetcher.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"

namespace pravega::client {

struct SegmentReaderOptions {
  // Read ahead, beside one read that is under way; an event that is larger is held whatever its size. 1 KiB to 10 MiB.
  size_t buffer_bytes = 1 << 20;
};

struct SegmentEvent {
  Buffer data;    // shares the memory of what was received with it: copy it to keep it for long
  Offset offset;  // of its header
  Offset next;    // behind it
};
// Events were truncated away before they were read; reading goes on behind them.
struct SegmentGap {
  int64_t bytes = 0;  // of a segment that was deleted nobody knows how many: 1
  Offset next;
};
// There is nothing more: the segment is sealed and read to its end, or to the offset where reading was to stop, or it
// was deleted (behind a SegmentGap).
struct SegmentEnd {
  Offset at;
};

using SegmentItem = std::variant<SegmentEvent, SegmentGap, SegmentEnd>;

class SegmentReader {
 public:
  // Reads from `from`, which is at an event, up to `end` if there is one. `context` outlives the reader.
  SegmentReader(ClientContext& context, SegmentRef segment, Offset from, std::optional<Offset> end,
                SegmentReaderOptions options);
  ~SegmentReader();

  // Waits for the next item; SegmentEnd again and again at the end. Cancelling it loses nothing.
  // DataLoss: what is in the segment is no event, or it ends inside one. PermissionDenied. Both are final.
  runtime::Task<absl::StatusOr<SegmentItem>> Next();
  // Of the next event.
  Offset offset() const { return fetcher_.offset(); }

  runtime::Task<void> Close();

 private:
  runtime::Event progress_;
  SegmentFetcher fetcher_;
};

// The next item of `fetcher` if it is here. Awaits nothing. Errors as SegmentReader::Next.
absl::StatusOr<std::optional<SegmentItem>> TakeItem(SegmentFetcher* fetcher);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_SEGMENT_READER_H_
