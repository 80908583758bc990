// SegmentStore: one instance of a segment store, speaking the Pravega wire protocol.
//
// Example (one store that serves the whole cluster):
//   SegmentStoreOptions options{.endpoint = {"store-1", 12345}, .container_count = 2,
//                               .containers = {ContainerId(0), ContainerId(1)}};
//   SegmentStore store(runtime, options, logs, faults);
//   absl::Status ended = co_await store.Run();
//
// What it holds is a cache over the durable logs: any number of instances may be started and die at any time, also with
// the same containers; the one that took a container's log over last owns it, requests to all others are answered
// WrongHost.
//
// Under faults: what was acknowledged is there after any crash; of what was not, any prefix may be. A request whose
// outcome is not known to the store ends its connection. Thread-compatible.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_STORE_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_STORE_H_

#include "absl/status/status.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/durable/durable_log.h"
#include "simulator/faults/session_faults.h"
#include "simulator/segmentstore/segment_store_options.h"
#include "simulator/segmentstore/store_context.h"

namespace pravega::sim {

class SegmentStore {
 public:
  // All references outlive the store.
  SegmentStore(runtime::Runtime& runtime, SegmentStoreOptions options, DurableLogs& logs, SessionFaults& faults);

  // Serves until cancelled, then ends all sessions and containers and returns Cancelled. AlreadyExists: the endpoint is
  // in use. Once for each store.
  runtime::Task<absl::Status> Run();

  // Containers that are recovered and owned, for reports.
  int running_containers() const;

 private:
  StoreContext context_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_STORE_H_
