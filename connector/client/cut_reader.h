// CutReader: all events of a stream behind a cut, read by one reader alone, without a reader group.
//
// Follows the stream across scales: a segment is read only when all segments that it continues have been read to their
// ends, so that events of one routing key come in the order in which they were written. Events of different segments
// come as they arrive. With an end cut it stops there; without one it waits at the tail, and ends when the stream is
// sealed.
//
// Thread-compatible; one Next() at a time. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_CUT_READER_H_
#define PRAVEGA_CONNECTOR_CLIENT_CUT_READER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/segment_reader.h"
#include "connector/controller/retrying_caller.h"
#include "connector/controller/types.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"
#include "connector/core/stream_cut.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"

namespace pravega::client {

struct CutReaderOptions {
  SegmentReaderOptions segment;
  // While a segment is sealed in its store and the controller does not know yet.
  controller::RetryPolicy successor_retry;
};

struct StreamEvent {
  Buffer data;  // as SegmentEvent::data
  SegmentId segment;
  Offset offset;  // of its header
  Offset next;    // behind it
};
// Events of the segment were truncated away before they were read.
struct StreamGap {
  SegmentId segment;
  int64_t bytes = 0;
};
// Everything up to the end cut, or the end of the sealed stream, was read.
struct StreamEnd {};

using StreamItem = std::variant<StreamEvent, StreamGap, StreamEnd>;

class CutReader {
 public:
  // From `from` (unbounded: the head of the stream) to `to` (unbounded: without end). In both a finished segment is one
  // that is read to its end. NotFound: no such stream, or a segment of a cut was never part of it. `context` outlives
  // the reader.
  static runtime::Task<absl::StatusOr<std::unique_ptr<CutReader>>> Open(ClientContext& context, ScopedStream stream,
                                                                        StreamCut from, StreamCut to,
                                                                        CutReaderOptions options);
  ~CutReader();
  CutReader(const CutReader&) = delete;
  CutReader& operator=(const CutReader&) = delete;

  // Waits for the next item; StreamEnd again and again at the end. Cancelling it loses nothing.
  // Errors: those of SegmentReader::Next, which are final, and of the controller when a segment has ended (Unavailable
  // and the like), after which it may be called again.
  runtime::Task<absl::StatusOr<StreamItem>> Next();

  // How far it has come: a reader from this cut gets what this one has not returned yet.
  StreamCut Cut() const;

  runtime::Task<void> Close();

 private:
  struct Active {
    KeyRange range;
    std::unique_ptr<SegmentFetcher> fetcher;
  };
  // Known, and not to be read before its predecessors.
  struct Future {
    KeyRange range;
    std::set<SegmentId> predecessors;  // all of them
    std::set<SegmentId> awaited;       // those not read yet that may still come
  };

  CutReader(ClientContext& context, ScopedStream stream, StreamCut to, CutReaderOptions options);
  runtime::Task<absl::Status> Begin(StreamCut from);
  void OpenSegment(SegmentId segment, KeyRange range, Offset from);
  // The segment was read to its end: finds what continues it. Changes nothing if it fails.
  runtime::Task<absl::Status> Complete(SegmentId segment);
  runtime::Task<absl::StatusOr<KeyRange>> RangeOf(SegmentId segment);
  // Whether an unread predecessor may still turn up, as itself or behind what continues an older segment.
  bool MayCome(SegmentId segment, const KeyRange& range) const;
  void OpenWhatIsReady();

  ClientContext& context_;
  const ScopedStream stream_;
  const StreamCut to_;
  const CutReaderOptions options_;
  runtime::Event progress_;
  std::map<SegmentId, KeyRange> ranges_;  // of every segment heard of
  std::map<SegmentId, Active> active_;
  std::map<SegmentId, Future> future_;
  // The finished segments of the cut where reading began, until they are completed: what follows them is to come.
  std::map<SegmentId, KeyRange> finished_;
  std::set<SegmentId> completed_;
  SegmentId turn_;  // the active segment that was served last
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_CUT_READER_H_
