// The program of the machine "admin": sets the stage, scales on demand, takes checkpoints, seals, and looks at the end.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_ADMINISTRATION_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_ADMINISTRATION_H_

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/context.h"

namespace pravega::scenarios {

// What the observer and the admin tell each other. The observer writes from outside, through World::Post alone.
struct Administration {
  // Set by the admin.
  bool stage_is_set = false;   // scope, stream and group exist
  bool sealed = false;         // the stream is sealed: readers come to an end
  bool looked = false;         // read-backs and facts are recorded: the run is over
  std::string trouble;         // why it gave up; empty if it did not

  // Set by the observer.
  bool writers_done = false;
  bool readers_done = false;
  struct ScaleRequest {
    bool up;
    std::function<void(std::string detail)> done;  // called with what was scaled, if it was
  };
  std::deque<ScaleRequest> scale_requests;
};

// Runs until everything is looked at. The observer posts `changed.Pulse()`-like wake-ups by calling Wake.
class Admin {
 public:
  Admin(runtime::Runtime& runtime, WorkloadContext& context, Administration& shared);

  runtime::Task<void> Run();
  // Look at `shared` again.
  void Wake() { changed_.Pulse(); }

 private:
  struct Clients;
  runtime::Task<absl::Status> SetStage(Clients& clients);
  runtime::Task<void> ServeScales(Clients& clients);
  runtime::Task<void> TakeCheckpoints(Clients& clients);
  runtime::Task<absl::Status> LookAtTheEnd(Clients& clients);
  runtime::Task<absl::Status> RecordFacts(Clients& clients);
  runtime::Task<absl::Status> WaitFor(const bool& flag);

  runtime::Runtime& runtime_;
  WorkloadContext& context_;
  Administration& shared_;
  NameId process_;
  runtime::Event changed_;
  struct TakenCheckpoint;
  std::vector<TakenCheckpoint> checkpoints_;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_ADMINISTRATION_H_
