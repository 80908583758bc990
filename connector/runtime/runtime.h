// Runtime: all that a node may know of the world. Passed explicitly; there is no global one.
//
// A node is a simulated machine, or one shard of a real process. Everything above this interface is written once and
// runs unchanged under virtual time, over in-process pipes and over sockets. Thread-compatible: a Runtime and all that
// was made from it belong to one thread.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_RUNTIME_H_
#define PRAVEGA_CONNECTOR_RUNTIME_RUNTIME_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/files.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/scheduler.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

// Something that happens at an instant. Its owner disarms it before it is destroyed.
class Timer {
 public:
  // `label` outlives the timer; it appears in traces.
  explicit Timer(std::string_view label) : label_(label) {}
  virtual void Fire() = 0;
  std::string_view label() const { return label_; }

 protected:
  virtual ~Timer() = default;

 private:
  std::string_view label_;

 public:
  // The backend's handle of an armed timer; null when it is not armed.
  void* armed = nullptr;
};

class Runtime {
 public:
  virtual ~Runtime() = default;

  virtual const std::string& node_name() const = 0;
  virtual Scheduler& scheduler() = 0;

  virtual Instant Now() = 0;
  virtual WallMillis WallNow() = 0;
  // Arms `timer` to fire once at `when` or soon after; timers of one node fire in order of time, then of arming.
  virtual void Arm(Timer* timer, Instant when) = 0;
  virtual void Disarm(Timer* timer) = 0;

  virtual Choices& choices() = 0;
  virtual Network& network() = 0;
  virtual Files& files() = 0;
  // A channel to one of `endpoints`; connects when needed and again after failures, trying them in turn.
  virtual std::unique_ptr<RpcChannel> OpenChannel(std::vector<Endpoint> endpoints) = 0;
  virtual absl::StatusOr<std::unique_ptr<RpcServer>> NewRpcServer(Endpoint endpoint) = 0;

  // A line for the node's log; no behaviour may depend on it.
  virtual void Log(std::string_view line) = 0;

  // Whether the planted bug of that name is active on this node. Asked by PLANTED alone, in builds with planted bugs.
  virtual bool planted(std::string_view) const { return false; }
};

}  // namespace pravega::runtime

// PLANTED(runtime, "name") is true where a build with planted bugs has that bug switched on, and the constant false in
// every other build, so that the branch vanishes. A target that plants bugs says `planted = True` in its rule: then a
// build with planted bugs compiles those targets again and shares all others with the plain build.
#if !defined(PRAVEGA_MAY_PLANT_BUGS)
#define PLANTED(runtime, name) say_planted_True_in_the_BUILD_rule_of_this_target
#elif defined(PRAVEGA_PLANTED_BUGS)
#define PLANTED(runtime, name) ((runtime).planted(name))
#else
#define PLANTED(runtime, name) false
#endif

#endif  // PRAVEGA_CONNECTOR_RUNTIME_RUNTIME_H_
