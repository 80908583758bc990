// Reading a stream from a cut to its end, without a reader group.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_READ_BACK_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_READ_BACK_H_

#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/core/names.h"
#include "connector/core/stream_cut.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/reader_records.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {

// All events behind `cut` up to the end of a sealed stream, which carries `rows`, in the order in which a plain reader
// delivers them. `rows` outlives the call.
runtime::Task<absl::StatusOr<std::vector<RecordedEvent>>> ReadFrom(client::ClientContext& client, ScopedStream stream,
                                                                   StreamCut cut, const Rows& rows);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_READ_BACK_H_
