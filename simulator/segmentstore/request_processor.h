// RequestProcessor: everything but appends on one connection: reads, the life of segments, attributes (Pravega wire
// protocol, "read protocol", "segments", and the table "how server failures map to replies").
//
// Replies come in the order in which the containers finish requests, not in that of the requests.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_REQUEST_PROCESSOR_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_REQUEST_PROCESSOR_H_

#include <cstdint>
#include <memory>
#include <string>

#include "connector/core/ids.h"
#include "connector/wire/commands.h"
#include "simulator/segmentstore/container.h"
#include "simulator/segmentstore/tail_reads.h"
#include "simulator/segmentstore/ticket.h"

namespace pravega::sim {

class Session;

// Part of a Session, which outlives it. Thread-compatible.
class RequestProcessor {
 public:
  explicit RequestProcessor(Session& session);

  void Handle(Ticket ticket, wire::Command command);
  // Waiting reads are not answered any more.
  void AbandonReads() { tail_reads_.Clear(); }

 private:
  void Read(Ticket ticket, const wire::ReadSegment& read);
  void GetInfo(Ticket ticket, const wire::GetStreamSegmentInfo& get);
  void Create(Ticket ticket, wire::CreateSegment create);
  void Seal(Ticket ticket, wire::SealSegment seal);
  void Delete(Ticket ticket, wire::DeleteSegment del);
  void Truncate(Ticket ticket, wire::TruncateSegment truncate);
  void UpdatePolicy(Ticket ticket, wire::UpdateSegmentPolicy update);
  void GetAttribute(Ticket ticket, const wire::GetSegmentAttribute& get);
  void UpdateAttribute(Ticket ticket, wire::UpdateSegmentAttribute update);
  void Merge(Ticket ticket, wire::MergeSegments merge);
  void MergeBatch(Ticket ticket, wire::MergeSegmentsBatch merge);

  struct Batch;
  void MergeNext(const std::shared_ptr<Batch>& batch);
  void FinishBatch(Batch& batch);

  // The container of the segment, if it runs here; otherwise null, and the request has been answered.
  Container* FindContainer(Ticket& ticket, RequestId request_id, const std::string& segment);
  // What a request that the container finished as `result` is answered, if that is a failure. `offset`: the one asked
  // for.
  void ReplyFailure(Ticket ticket, RequestId request_id, const std::string& segment, const RequestResult& result,
                    int64_t offset = -1);
  // A completion that answers failures by itself and calls reply() -> wire::Command on success.
  template <typename MakeReply>
  std::unique_ptr<Completion> Answer(Ticket ticket, RequestId request_id, std::string segment, int64_t offset,
                                     MakeReply make_reply);
  int64_t WallMs() const;

  Session& session_;
  TailReads tail_reads_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_REQUEST_PROCESSOR_H_
