// What the parts of the runtime over the operating system share of a loop. Heavy: for .cc files of this folder alone.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_EVENT_LOOP_IMPL_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_EVENT_LOOP_IMPL_H_

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <vector>

#include "connector/runtime/os/event_loop.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

class OsNode;

struct EventLoop::Impl {
  Impl();

  // From any thread.
  void Post(std::function<void()> what);

  Instant Now() const;
  std::chrono::steady_clock::time_point ToSteady(Instant when) const;
  // One step: runs what is ready, or waits for something to happen, until `end` at most.
  void Turn(Instant end);

  const Instant origin;  // as SteadyNow() tells it
  boost::asio::io_context context;
  // Keeps the context from stopping when it has nothing to do.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::atomic<bool> stopping{false};
  std::vector<OsNode*> nodes;  // alive, in order of their creation

 private:
  bool DrainNodes();
  void FireDueTimers();
  Instant NextTimer() const;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_EVENT_LOOP_IMPL_H_
