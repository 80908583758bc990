// StreamHistories: what the controller says of the epochs of a group's streams, remembered.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STREAM_HISTORIES_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STREAM_HISTORIES_H_

#include <map>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/state.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/stream_cut.h"
#include "connector/runtime/task.h"

namespace pravega::client {

// Thread-compatible; calls may overlap. Errors are those of the controller's client.
class StreamHistories {
 public:
  // `context` outlives it.
  explicit StreamHistories(ClientContext& context) : context_(context) {}

  const SegmentHistory& Of(const ScopedStream& stream) { return histories_[stream]; }
  // Asks for those of `epochs` that are not known.
  runtime::Task<absl::Status> Learn(ScopedStream stream, std::set<Epoch> epochs);
  // Asks for all epochs from `first` to the newest.
  runtime::Task<absl::Status> LearnFrom(ScopedStream stream, Epoch first);

  // The positions as cuts, their holes filled (cuts.h). `state` is that from which the positions are.
  runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> WholeCutsOf(
      SegmentPositions positions, std::map<SegmentRef, KeyRange> ranges, std::map<SegmentRef, Offset> end_segments);

 private:
  ClientContext& context_;
  std::map<ScopedStream, SegmentHistory> histories_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STREAM_HISTORIES_H_
