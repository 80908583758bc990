// Short names for tests of reader groups: segments of stream "sc/st", positions, states.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_TESTING_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_TESTING_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/membership.h"
#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/client/reader_group/updates.h"
#include "connector/core/check.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/segment_position.h"

namespace pravega::client::testing {

inline const ScopedStream kStream{"sc", "st"};
inline constexpr SegmentPosition kEnd = SegmentPosition::Finished();

inline SegmentId Id(int32_t number, int32_t epoch = 0) { return SegmentId(Epoch(epoch), number); }
inline SegmentRef Segment(int32_t number, int32_t epoch = 0) { return SegmentRef{kStream, Id(number, epoch)}; }
inline SegmentPosition At(int64_t offset) { return SegmentPosition::At(Offset(offset)); }

// A group over segments 0 .. n-1 of equal ranges, without automatic checkpoints.
inline ReaderGroupState GroupOf(int32_t n) {
  Init init;
  init.config.starting_cuts[kStream] = StreamCut();
  init.config.ending_cuts[kStream] = StreamCut();
  init.config.automatic_checkpoint_interval_ms = -1;
  for (int32_t i = 0; i < n; ++i) init.starting[Segment(i)] = {At(0), KeyRange{i * 1.0 / n, (i + 1) * 1.0 / n}};
  ReaderGroupState state;
  CHECK(Apply(init, &state).ok());
  return state;
}

// CHECKs that they can be applied.
inline ReaderGroupState With(ReaderGroupState state, const Updates& updates) {
  absl::StatusOr<ReaderGroupState> after = After(std::move(state), updates);
  CHECK_MSG(after.ok(), after.status().ToString());
  return *std::move(after);
}

}  // namespace pravega::client::testing

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_TESTING_H_
