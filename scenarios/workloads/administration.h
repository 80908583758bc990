// The program of the machine "admin": sets the stage, scales on demand, takes checkpoints, seals, and looks at the end.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_ADMINISTRATION_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_ADMINISTRATION_H_

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "connector/core/stream_cut.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/context.h"

namespace pravega::scenarios {

// What the admin and the observer outside tell each other. It outlives crashes of the admin; the observer changes it
// from outside every node and then calls `wake` on the admin's node (World::Post).
struct Administration {
  // Told by the admin.
  bool stage_is_set = false;  // scope, stream and group exist
  bool sealed = false;        // readers come to an end
  bool looked = false;        // read-backs and facts are recorded: the run is over
  std::string gave_up;        // why the admin came to an end before that; empty if it did not
  int checkpoints_begun = 0;  // each has a name of its own, also in another life of the admin
  struct Taken {
    std::string name;
    StreamCut cut;
  };
  std::vector<Taken> checkpoints;

  // Told by the observer.
  bool writers_done = false;
  bool readers_done = false;
  struct ScaleRequest {
    bool up = false;
    std::function<void(std::string detail)> done;  // called with what was scaled, if it was
  };
  std::deque<ScaleRequest> scale_requests;
  std::function<void()> wake = [] {};
};

// Returns when everything is looked at. Both outlive it.
runtime::Task<void> Administrate(runtime::Runtime& runtime, WorkloadContext& context, Administration& shared);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_ADMINISTRATION_H_
