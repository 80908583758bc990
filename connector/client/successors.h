// What continues a segment that its store says is sealed.
#ifndef PRAVEGA_CONNECTOR_CLIENT_SUCCESSORS_H_
#define PRAVEGA_CONNECTOR_CLIENT_SUCCESSORS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/controller/retrying_caller.h"
#include "connector/controller/types.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"

namespace pravega::client {

// The successors of `segment`; none: it ends a sealed stream. To a controller none also means "not sealed", which is
// what it says while the sealing of a stream is under way and not recorded: then it is asked again as `retry` says.
// Unavailable: it still does not know after all attempts, or does not answer. NotFound: no such stream.
runtime::Task<absl::StatusOr<std::vector<controller::Successor>>> FindSuccessors(ClientContext& context,
                                                                                 SegmentRef segment,
                                                                                 controller::RetryPolicy retry);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_SUCCESSORS_H_
