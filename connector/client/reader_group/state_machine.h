// How updates change the state of a reader group (Pravega wire protocol, "effect of each update").
//
// Every participant, in whatever language, applies the same updates in the same order, so these effects are fixed, also
// where one would want others (completion.h and cuts.h work around the one that loses data). An update whose
// precondition does not hold makes a Java reader fail for good and with it every Java reader of the group: it must
// never be written. Hence whoever writes conditionally makes sure, with After(), that the updates can be applied to the
// very state that the write is conditional on.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STATE_MACHINE_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STATE_MACHINE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/updates.h"

namespace pravega::client {

// A distance to the tail never counts for less.
inline constexpr int64_t kAssumedLagMs = 30000;

// Fails with kFailedPrecondition, leaving the state as it is, if the update cannot be applied.
absl::Status Apply(const Update& update, ReaderGroupState* state);

// The state after all of them; fails if one cannot be applied where its turn comes.
absl::StatusOr<ReaderGroupState> After(ReaderGroupState state, const Updates& updates);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_STATE_MACHINE_H_
