// EventLoop: one thread's worth of the real world. Sockets, clocks and what other threads post become work of the nodes
// that live on it.
//
//   EventLoop loop;
//   OsNode node(loop, "client", {});
//   node.Spawn("main", Main(node));
//   loop.Run();
//
// Everything but Post() and Stop() belongs to the thread that runs the loop.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_EVENT_LOOP_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_EVENT_LOOP_H_

#include <functional>
#include <memory>

#include "connector/runtime/time.h"

namespace pravega::runtime {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();  // its nodes are gone
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs on the calling thread until Stop().
  void Run();
  // Runs until `done` holds (evaluated after each step), `limit` has passed or Stop(). Returns done().
  bool RunUntil(const std::function<bool()>& done, Duration limit);

  // From any thread. Stop() makes the run in progress return, or the next one if there is none.
  void Stop();
  // From any thread: `what` runs on the loop's thread, in order of posting by each thread.
  void Post(std::function<void()> what);

  // Time since the loop was made.
  Instant Now() const;

  // For the parts of this runtime, which may outlive the loop (threads of gRPC do).
  struct Impl;
  const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_EVENT_LOOP_H_
