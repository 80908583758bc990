// RevisionedStream: a stream of one segment, written on condition that nobody else has written meanwhile.
//
// A Revision is a place in it; a record is written conditionally at one and yields the next. Of several clients that
// write at the same revision exactly one succeeds, and each learns whether it was the one, also when the connection was
// lost behind its write (Pravega client, "revisioned stream and state synchronizer").
//
// Errors of all methods: NotFound (the segment does not exist), FailedPrecondition (it is sealed), Unavailable and
// DeadlineExceeded (no answer after all attempts; the outcome of a change is unknown), Cancelled.
// Thread-compatible; one write at a time. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_REVISIONED_STREAM_H_
#define PRAVEGA_CONNECTOR_CLIENT_REVISIONED_STREAM_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/reader_group/conditional_writer.h"
#include "connector/client/segment_client.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"

namespace pravega::client {

// Behind a record: the offset where the next one begins, and for state synchronizers the number of an update within the
// record before it. Revisions of one segment are ordered.
struct Revision {
  Offset offset;
  int32_t index = 0;
  friend auto operator<=>(const Revision&, const Revision&) = default;

  // "scope/stream/0.#epoch.0:120:0".
  std::string ToString(const SegmentRef& segment) const;
  // InvalidArgument unless it is such a text for a revision of `segment`.
  static absl::StatusOr<Revision> Parse(std::string_view text, const SegmentRef& segment);
};

struct RevisionedRecord {
  Buffer data;
  Revision after;  // behind this record
};

class RevisionedStream {
 public:
  // On the segment that serves the key 0. `context` outlives it.
  static runtime::Task<absl::StatusOr<std::unique_ptr<RevisionedStream>>> Open(ClientContext& context,
                                                                               ScopedStream stream);
  RevisionedStream(ClientContext& context, SegmentRef segment);
  ~RevisionedStream();
  RevisionedStream(const RevisionedStream&) = delete;
  RevisionedStream& operator=(const RevisionedStream&) = delete;

  const SegmentRef& segment() const { return client_.segment(); }

  // Of what was not truncated.
  runtime::Task<absl::StatusOr<Revision>> OldestRevision();
  // Behind everything.
  runtime::Task<absl::StatusOr<Revision>> LatestRevision();
  // The records from `from` up to the end as it is at the time of the call. OutOfRange: some were truncated.
  // DataLoss: what is there is no record.
  runtime::Task<absl::StatusOr<std::vector<RevisionedRecord>>> ReadFrom(Revision from);

  // Writes `data` if nothing was written behind `at`; the revision behind it, or nullopt if something was.
  runtime::Task<absl::StatusOr<std::optional<Revision>>> WriteConditionally(Revision at, Buffer data);
  // Writes `data` behind whatever there is.
  runtime::Task<absl::StatusOr<Revision>> WriteUnconditionally(Buffer data);

  // The place that clients of this stream have agreed to begin at; nullopt if there is none.
  runtime::Task<absl::StatusOr<std::optional<Revision>>> GetMark();
  // Sets it if it is `expected`; returns whether it was.
  runtime::Task<absl::StatusOr<bool>> CompareAndSetMark(std::optional<Revision> expected,
                                                        std::optional<Revision> value);
  // Drops all records before `revision`.
  runtime::Task<absl::Status> TruncateTo(Revision revision);

  runtime::Task<void> Close();

 private:
  ClientContext& context_;
  const SegmentClient client_;
  ConditionalWriter writer_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_REVISIONED_STREAM_H_
