// Controller: one instance of the controller of a Pravega cluster.
//
// All its state is in the metadata store; what it holds itself is a cache. It may die at any await, any number of
// instances may run at once, and what one accepted the next one finishes: workflows are records that are gone on with,
// and every write is a compare-and-set. Segment stores are driven over the wire protocol alone.
//
// Example (on a node of its own):
//   Controller controller(runtime, options, stores, faults);
//   absl::Status ended = co_await controller.Run();
//
// Thread-compatible; belongs to its runtime's thread. Under faults: a call whose answer is lost has been accepted or
// not; an accepted operation is completed by this or another instance.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_CONTROLLER_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_CONTROLLER_H_

#include <memory>

#include "absl/status/status.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/controller/options.h"
#include "simulator/durable/metadata_store.h"
#include "simulator/faults/session_faults.h"

namespace pravega::sim {

class Controller {
 public:
  // `runtime`, `stores` and `faults` outlive it.
  Controller(runtime::Runtime& runtime, ControllerOptions options, MetadataStores& stores, SessionFaults& faults);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Serves until cancelled, then ends what it runs and returns the reason. AlreadyExists: the port is in use. Once.
  runtime::Task<absl::Status> Run();

 private:
  struct Parts;
  runtime::Runtime& runtime_;
  const ControllerOptions options_;
  SessionFaults& faults_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_CONTROLLER_H_
