#include "simulator/segmentstore/request_processor.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/strings.h"
#include "connector/wire/attributes.h"
#include "simulator/segmentstore/not_simulated.h"
#include "simulator/segmentstore/session.h"

namespace pravega::sim {
namespace {

// Whatever a read asks for, it gets no more than this, and a request for less than the other is for that.
constexpr int32_t kMaxReadBytes = 2 << 20;
constexpr int32_t kMinReadBytes = 8;

}  // namespace

RequestProcessor::RequestProcessor(Session& session) : session_(session), tail_reads_(session) {}

int64_t RequestProcessor::WallMs() const { return session_.store().runtime.WallNow().millis(); }

void RequestProcessor::Handle(Ticket ticket, wire::Command command) {
  switch (wire::TypeOf(command)) {
    case wire::ReadSegment::kType:
      return Read(std::move(ticket), std::get<wire::ReadSegment>(command));
    case wire::GetStreamSegmentInfo::kType:
      return GetInfo(std::move(ticket), std::get<wire::GetStreamSegmentInfo>(command));
    case wire::CreateSegment::kType:
      return Create(std::move(ticket), std::get<wire::CreateSegment>(std::move(command)));
    case wire::SealSegment::kType:
      return Seal(std::move(ticket), std::get<wire::SealSegment>(std::move(command)));
    case wire::DeleteSegment::kType:
      return Delete(std::move(ticket), std::get<wire::DeleteSegment>(std::move(command)));
    case wire::TruncateSegment::kType:
      return Truncate(std::move(ticket), std::get<wire::TruncateSegment>(std::move(command)));
    case wire::UpdateSegmentPolicy::kType:
      return UpdatePolicy(std::move(ticket), std::get<wire::UpdateSegmentPolicy>(std::move(command)));
    case wire::GetSegmentAttribute::kType:
      return GetAttribute(std::move(ticket), std::get<wire::GetSegmentAttribute>(command));
    case wire::UpdateSegmentAttribute::kType:
      return UpdateAttribute(std::move(ticket), std::get<wire::UpdateSegmentAttribute>(std::move(command)));
    case wire::MergeSegments::kType:
      return Merge(std::move(ticket), std::get<wire::MergeSegments>(std::move(command)));
    case wire::MergeSegmentsBatch::kType:
      return MergeBatch(std::move(ticket), std::get<wire::MergeSegmentsBatch>(std::move(command)));
    default:
      break;
  }
  if (const NotSimulated* refusal = FindRefusal(command)) {
    session_.Reply(std::move(ticket),
                   wire::OperationUnsupported{.request_id = wire::RequestIdOf(command).value_or(RequestId(-1)),
                                              .operation_name = std::string(refusal->operation)});
    return;
  }
  // Replies, commands of other ports and of later versions.
  session_.Close(StrCat(wire::InfoOf(command).name, " is no request to this store"));
}

// ---- Answers

Container* RequestProcessor::FindContainer(Ticket& ticket, RequestId request_id, const std::string& segment) {
  ContainerRunner* runner = session_.store().RunnerOf(segment);
  Container* container = runner == nullptr ? nullptr : runner->container();
  if (container == nullptr) {
    session_.Reply(std::move(ticket), wire::WrongHost{.request_id = request_id, .segment = segment});
  }
  return container;
}

void RequestProcessor::ReplyFailure(Ticket ticket, RequestId request_id, const std::string& segment,
                                    const RequestResult& result, int64_t offset) {
  switch (result.outcome) {
    case Outcome::kNoSuchSegment:
    case Outcome::kMerged:
      session_.Reply(std::move(ticket), wire::NoSuchSegment{.request_id = request_id, .segment = segment});
      return;
    case Outcome::kSegmentExists:
      session_.Reply(std::move(ticket), wire::SegmentAlreadyExists{.request_id = request_id, .segment = segment});
      return;
    case Outcome::kSealed:
      session_.Reply(std::move(ticket), wire::SegmentIsSealed{.request_id = request_id, .segment = segment});
      return;
    case Outcome::kBadOffset:
      session_.Reply(std::move(ticket),
                     wire::SegmentIsTruncated{
                         .request_id = request_id, .segment = segment, .start_offset = result.value, .offset = offset});
      return;
    case Outcome::kBadAttribute:
      session_.Reply(std::move(ticket), wire::SegmentAttributeUpdated{.request_id = request_id, .success = false});
      return;
    default:
      session_.Close(StrCat("a request on ", segment, " that makes no sense"));
      return;
  }
}

template <typename MakeReply>
std::unique_ptr<Completion> RequestProcessor::Answer(Ticket ticket, RequestId request_id, std::string segment,
                                                     int64_t offset, MakeReply make_reply) {
  return session_.Expect(0, [this, ticket = std::move(ticket), request_id, segment = std::move(segment), offset,
                             make_reply = std::move(make_reply)](const RequestResult& result) mutable {
    if (result.outcome == Outcome::kOk) {
      session_.Reply(std::move(ticket), make_reply(result));
    } else {
      ReplyFailure(std::move(ticket), request_id, segment, result, offset);
    }
  });
}

// ---- Reads

void RequestProcessor::Read(Ticket ticket, const wire::ReadSegment& read) {
  if (read.offset < 0) return session_.Close(StrCat("a read of ", read.segment, " at ", read.offset));
  Container* container = FindContainer(ticket, read.request_id, read.segment);
  if (container == nullptr) return;
  std::shared_ptr<Segment> segment = container->FindDurable(read.segment);
  if (segment == nullptr) {
    session_.Reply(std::move(ticket),
                   wire::NoSuchSegment{.request_id = read.request_id, .segment = read.segment, .offset = read.offset});
    return;
  }
  if (read.offset < segment->start()) {
    session_.Reply(std::move(ticket), wire::SegmentIsTruncated{.request_id = read.request_id,
                                                               .segment = read.segment,
                                                               .start_offset = segment->start(),
                                                               .offset = read.offset});
    return;
  }
  const size_t wanted = static_cast<size_t>(std::clamp(read.suggested_length, kMinReadBytes, kMaxReadBytes));
  const int64_t available = segment->length() - read.offset;
  if (available <= 0 && !segment->sealed) {
    if (tail_reads_.size() >= session_.store().options.max_waiting_reads) {
      return session_.Close("too many waiting reads");
    }
    tail_reads_.Add(std::move(ticket), session_.store().RunnerOf(read.segment), std::move(segment), read, wanted);
    return;
  }
  if (available < 0) {
    return session_.Close(StrCat("a read of ", read.segment, " at ", read.offset, ", behind its sealed end"));
  }
  wire::SegmentRead reply{.segment = read.segment, .offset = read.offset, .request_id = read.request_id};
  if (available > 0) reply.data = segment->data.Read(read.offset, wanted);
  // The end is only seen by those who look beyond it.
  const bool reached = static_cast<int64_t>(reply.data.size()) == available && static_cast<int64_t>(wanted) > available;
  reply.at_tail = reached && !segment->sealed;
  reply.end_of_segment = reached && segment->sealed;
  session_.Reply(std::move(ticket), reply);
}

// ---- Segments

void RequestProcessor::GetInfo(Ticket ticket, const wire::GetStreamSegmentInfo& get) {
  Container* container = FindContainer(ticket, get.request_id, get.segment);
  if (container == nullptr) return;
  std::shared_ptr<Segment> segment = container->FindDurable(get.segment);
  if (segment == nullptr) {
    return ReplyFailure(std::move(ticket), get.request_id, get.segment, {Outcome::kNoSuchSegment});
  }
  session_.Reply(std::move(ticket), wire::StreamSegmentInfo{.request_id = get.request_id,
                                                            .segment = get.segment,
                                                            .exists = true,
                                                            .is_sealed = segment->sealed,
                                                            .is_deleted = false,
                                                            .last_modified = segment->last_modified_ms,
                                                            .write_offset = segment->length(),
                                                            .start_offset = segment->start()});
}

void RequestProcessor::Create(Ticket ticket, wire::CreateSegment create) {
  if (create.segment.empty()) {
    session_.Reply(std::move(ticket), wire::ErrorMessage{.request_id = create.request_id,
                                                         .segment = create.segment,
                                                         .message = "a segment needs a name",
                                                         .error_code = wire::RequestError::kIllegalArgument});
    return;
  }
  Container* container = FindContainer(ticket, create.request_id, create.segment);
  if (container == nullptr) return;
  std::vector<AttributeSetting> attributes;
  attributes.push_back({wire::kCreationTime, WallMs()});
  attributes.push_back({wire::kScalePolicyType, static_cast<int64_t>(create.scale_type)});
  attributes.push_back({wire::kScalePolicyRate, create.target_rate});
  if (create.rollover_size_bytes > 0) attributes.push_back({wire::kRolloverSize, create.rollover_size_bytes});
  container->Create(create.segment, attributes, WallMs(),
                    Answer(std::move(ticket), create.request_id, create.segment, -1, [create](const RequestResult&) {
                      return wire::SegmentCreated{.request_id = create.request_id, .segment = create.segment};
                    }));
}

void RequestProcessor::Seal(Ticket ticket, wire::SealSegment seal) {
  Container* container = FindContainer(ticket, seal.request_id, seal.segment);
  if (container == nullptr) return;
  container->Seal(seal.segment, WallMs(),
                  Answer(std::move(ticket), seal.request_id, seal.segment, -1, [seal](const RequestResult&) {
                    return wire::SegmentSealed{.request_id = seal.request_id, .segment = seal.segment};
                  }));
}

void RequestProcessor::Delete(Ticket ticket, wire::DeleteSegment del) {
  Container* container = FindContainer(ticket, del.request_id, del.segment);
  if (container == nullptr) return;
  container->Delete(del.segment, WallMs(),
                    Answer(std::move(ticket), del.request_id, del.segment, -1, [del](const RequestResult&) {
                      return wire::SegmentDeleted{.request_id = del.request_id, .segment = del.segment};
                    }));
}

void RequestProcessor::Truncate(Ticket ticket, wire::TruncateSegment truncate) {
  Container* container = FindContainer(ticket, truncate.request_id, truncate.segment);
  if (container == nullptr) return;
  container->Truncate(truncate.segment, truncate.truncation_offset, WallMs(),
                      Answer(std::move(ticket), truncate.request_id, truncate.segment, truncate.truncation_offset,
                             [truncate](const RequestResult&) {
                               return wire::SegmentTruncated{.request_id = truncate.request_id,
                                                             .segment = truncate.segment};
                             }));
}

// ---- Attributes

void RequestProcessor::UpdatePolicy(Ticket ticket, wire::UpdateSegmentPolicy update) {
  Container* container = FindContainer(ticket, update.request_id, update.segment);
  if (container == nullptr) return;
  std::vector<AttributeSetting> attributes;
  attributes.push_back({wire::kScalePolicyType, static_cast<int64_t>(update.scale_type)});
  attributes.push_back({wire::kScalePolicyRate, update.target_rate});
  container->SetAttributes(
      update.segment, attributes, WallMs(),
      Answer(std::move(ticket), update.request_id, update.segment, -1, [update](const RequestResult&) {
        return wire::SegmentPolicyUpdated{.request_id = update.request_id, .segment = update.segment};
      }));
}

void RequestProcessor::GetAttribute(Ticket ticket, const wire::GetSegmentAttribute& get) {
  Container* container = FindContainer(ticket, get.request_id, get.segment);
  if (container == nullptr) return;
  std::shared_ptr<Segment> segment = container->FindDurable(get.segment);
  if (segment == nullptr) {
    return ReplyFailure(std::move(ticket), get.request_id, get.segment, {Outcome::kNoSuchSegment});
  }
  session_.Reply(std::move(ticket),
                 wire::SegmentAttribute{.request_id = get.request_id, .value = segment->attribute(get.attribute_id)});
}

void RequestProcessor::UpdateAttribute(Ticket ticket, wire::UpdateSegmentAttribute update) {
  Container* container = FindContainer(ticket, update.request_id, update.segment);
  if (container == nullptr) return;
  container->UpdateAttribute(
      update.segment, update.attribute_id, update.expected_value, update.new_value, WallMs(),
      Answer(std::move(ticket), update.request_id, update.segment, -1, [id = update.request_id](const RequestResult&) {
        return wire::SegmentAttributeUpdated{.request_id = id, .success = true};
      }));
}

// ---- Merges

void RequestProcessor::Merge(Ticket ticket, wire::MergeSegments merge) {
  Container* container = FindContainer(ticket, merge.request_id, merge.target);
  if (container == nullptr) return;
  // Failures name the source, also those of the target.
  container->Merge(merge.target, merge.source, merge.attribute_updates, WallMs(),
                   Answer(std::move(ticket), merge.request_id, merge.source, -1, [merge](const RequestResult& result) {
                     return wire::SegmentsMerged{.request_id = merge.request_id,
                                                 .target = merge.target,
                                                 .source = merge.source,
                                                 .new_target_write_offset = result.value};
                   }));
}

struct RequestProcessor::Batch {
  Ticket ticket;
  // The sources are in it from the start, each with its offset once it is merged.
  wire::SegmentsBatchMerged reply;
  size_t next = 0;   // source
  size_t bytes = 0;  // that the reply holds
};

void RequestProcessor::MergeBatch(Ticket ticket, wire::MergeSegmentsBatch merge) {
  // Such a name costs its sender two bytes and the store much more.
  if (std::any_of(merge.sources.begin(), merge.sources.end(), [](const std::string& s) { return s.empty(); })) {
    return session_.Close(StrCat("a merge of a segment without a name into ", merge.target));
  }
  auto batch = std::make_shared<Batch>();
  batch->ticket = std::move(ticket);
  batch->reply.request_id = merge.request_id;
  batch->reply.target = std::move(merge.target);
  batch->reply.merged.reserve(merge.sources.size());
  for (std::string& source : merge.sources) {
    batch->bytes += sizeof(wire::MergedSource) + source.size();
    batch->reply.merged.push_back({std::move(source)});
  }
  merge.sources = {};
  MergeNext(batch);
}

void RequestProcessor::MergeNext(const std::shared_ptr<Batch>& batch) {
  wire::SegmentsBatchMerged& reply = batch->reply;
  // Since the source before, the target may have been sealed, deleted, or taken over by another store.
  Container* container = FindContainer(batch->ticket, reply.request_id, reply.target);
  if (container == nullptr) return;
  std::shared_ptr<Segment> target = container->FindPending(reply.target);
  if (target == nullptr || target->pending_sealed) {
    Outcome outcome = target == nullptr ? Outcome::kNoSuchSegment : Outcome::kSealed;
    container->Follow({outcome}, session_.Expect(batch->bytes, [this, batch](const RequestResult& result) {
      ReplyFailure(std::move(batch->ticket), batch->reply.request_id, batch->reply.target, result);
    }));
    return;
  }
  if (reply.merged.empty()) {
    container->Follow({}, session_.Expect(0, [this, batch](const RequestResult&) { FinishBatch(*batch); }));
    return;
  }
  // One by one: a crash may come between them, and then the batch is repeated. And one after the other: however many
  // there are, one is under way, and the first that fails is the only one that is answered.
  container->Merge(reply.target, reply.merged[batch->next].segment, {}, WallMs(),
                   session_.Expect(batch->bytes, [this, batch](const RequestResult& result) {
                     wire::MergedSource& source = batch->reply.merged[batch->next];
                     // A source that is not there was merged before.
                     if (result.outcome != Outcome::kOk && result.outcome != Outcome::kNoSuchSegment) {
                       return ReplyFailure(std::move(batch->ticket), batch->reply.request_id, source.segment, result);
                     }
                     source.new_target_write_offset = result.value;
                     if (++batch->next < batch->reply.merged.size()) return MergeNext(batch);
                     FinishBatch(*batch);
                   }));
}

void RequestProcessor::FinishBatch(Batch& batch) { session_.Reply(std::move(batch.ticket), std::move(batch.reply)); }

}  // namespace pravega::sim
