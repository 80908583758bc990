// AppendProcessor: the append protocol on one connection (Pravega wire protocol, "server semantics of an append").
//
// The store does not de-duplicate: an append compares and sets its writer's number, atomically with its bytes, and what
// keeps an event from being stored twice is that a writer asks AppendSetup before it sends again. Acks of a writer come
// in the order of its numbers, each naming the one before.
//
// Where the protocol leaves room, the stricter choice is taken:
//  - appends of a writer whose last SetupAppend is not answered yet, or was refused, end the connection;
//  - a failure is answered when no append of that writer is in flight any more, and then once, for the last that
//  failed;
//    what the writer sends in between is dropped without an answer, what it sends afterwards without a new SetupAppend
//    ends the connection;
//  - ConditionalCheckFailed does not overtake acks.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_APPEND_PROCESSOR_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_APPEND_PROCESSOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connector/core/ids.h"
#include "connector/wire/append_assembler.h"
#include "connector/wire/commands.h"
#include "simulator/segmentstore/container.h"
#include "simulator/segmentstore/container_runner.h"
#include "simulator/segmentstore/segment.h"
#include "simulator/segmentstore/ticket.h"

namespace pravega::sim {

class Session;

// Part of a Session, which outlives it. Thread-compatible.
class AppendProcessor {
 public:
  explicit AppendProcessor(Session& session) : session_(session) {}

  // `command` is one that wire::AppendAssembler::Takes().
  void Handle(Ticket ticket, wire::Command command);
  // The segment that an append is for, by its writer; empty if that is unknown.
  std::string_view SegmentOf(const wire::Command& command) const;

 private:
  // A failure that waits for the writer's other appends.
  struct Failure {
    Outcome outcome;
    EventNumber number;
    RequestId request_id;
    Ticket ticket;
  };
  // One writer on one segment, since its last SetupAppend on this connection.
  struct Writer {
    WriterId id;
    std::string segment_name;
    ContainerRunner* runner = nullptr;
    uint64_t generation = 0;  // of the container that `segment` belongs to
    std::shared_ptr<Segment> segment;
    int64_t stored = 0;  // what the next append expects the store to hold
    int64_t acked = 0;
    int in_flight = 0;
    std::optional<Failure> failure;
  };

  void Setup(Ticket ticket, wire::SetupAppend setup);
  // `serial`: of this SetupAppend. Of several of one writer that are under way, the last alone has an effect.
  void FinishSetup(Ticket ticket, const wire::SetupAppend& setup, uint64_t serial, ContainerRunner* runner,
                   const std::shared_ptr<Segment>& segment, const RequestResult& result);
  void Append(Ticket ticket, wire::AssembledAppend append);
  void FinishAppend(Ticket ticket, const std::shared_ptr<Writer>& writer, EventNumber number, RequestId request_id,
                    const RequestResult& result);
  void Ack(Ticket ticket, Writer& writer, EventNumber number, RequestId request_id, int64_t length);
  // Whether it is the last of its writer; it is then no more under way.
  bool EndSetup(const wire::SetupAppend& setup, uint64_t serial);
  // The segment as it is in the running container; null if it is not there.
  static void Resolve(Writer& writer, Container& container);
  // By value: forgetting a writer takes it out of writers_.
  void Fail(std::shared_ptr<Writer> writer, Failure failure);
  void Forget(const Writer& writer);

  Session& session_;
  wire::AppendAssembler assembler_;
  std::map<WriterId, std::shared_ptr<Writer>> writers_;
  // The last SetupAppend of each writer, while it is not answered.
  std::map<WriterId, uint64_t> setting_up_;
  uint64_t setups_ = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_APPEND_PROCESSOR_H_
