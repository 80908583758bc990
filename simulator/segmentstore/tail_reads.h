// TailReads: the reads of one connection that wait at the end of a segment.
//
// A waiting read has no time limit that its client could know, and cannot be cancelled; it is completed by data, by the
// seal or the end of its segment, or, after a long silence, by an empty reply that means "ask again".
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_TAIL_READS_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_TAIL_READS_H_

#include <cstddef>
#include <list>
#include <memory>

#include "connector/runtime/runtime.h"
#include "connector/runtime/time.h"
#include "connector/wire/commands.h"
#include "simulator/segmentstore/container_runner.h"
#include "simulator/segmentstore/segment.h"
#include "simulator/segmentstore/ticket.h"

namespace pravega::sim {

class Session;

// Part of a Session, which outlives it. Thread-compatible.
class TailReads {
 public:
  explicit TailReads(Session& session);
  ~TailReads();

  // `length`: most bytes that it is answered with.
  void Add(Ticket ticket, const ContainerRunner* runner, std::shared_ptr<Segment> segment,
           const wire::ReadSegment& read, size_t length);
  void Clear();
  size_t size() const { return reads_.size(); }

 private:
  class TailRead;
  class PatienceTimer;
  using Reads = std::list<std::unique_ptr<TailRead>>;

  void Woken(Reads::iterator read, TailWaiter::Event event);
  void EndSilentReads();
  void ArmTimer();

  Session& session_;
  Reads reads_;  // in order of arrival, which is that of their patience ending
  std::unique_ptr<PatienceTimer> timer_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_TAIL_READS_H_
