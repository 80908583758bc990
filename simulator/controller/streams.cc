#include "simulator/controller/streams.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "connector/core/status_macros.h"
#include "connector/runtime/sleep.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records_util.h"

namespace pravega::sim {
namespace {

using records::Operation;
using runtime::Task;

// More than any real stream has; a request must not make the controller create millions of segments.
constexpr int32_t kMostSegments = 10'000;

// A stream whose creation was given up: nothing will ever finish it.
bool IsHalfMade(const records::Stream& stream) {
  return stream.state() == records::Stream::CREATING && stream.queue_size() == 0;
}

const Operation* FindKind(const records::Stream& stream, Operation::Kind kind) {
  for (const Operation& operation : stream.queue()) {
    if (operation.kind() == kind) return &operation;
  }
  return nullptr;
}

bool Sealed(const records::Stream& stream) {
  return stream.state() == records::Stream::SEALED || stream.state() == records::Stream::SEALING;
}

// By numbers: behind a rolling commit the pending scale means the duplicates of the segments that were named.
bool IsTheSameScale(const Operation& pending, const std::set<SegmentId>& sealed, const std::vector<KeyRange>& ranges) {
  std::set<int32_t> pending_numbers;
  for (int64_t id : pending.sealed()) pending_numbers.insert(SegmentId(id).number());
  std::set<int32_t> numbers;
  for (SegmentId id : sealed) numbers.insert(id.number());
  return pending_numbers == numbers && FromRecord(pending.new_ranges()) == ranges;
}

bool SameConfig(const proto::StreamConfig& a, const proto::StreamConfig& b) {
  return controller::SerializeDeterministically(a) == controller::SerializeDeterministically(b);
}

}  // namespace

proto::StreamConfig Streams::Normalised(const ScopedStream& stream, proto::StreamConfig config) {
  config.mutable_streaminfo()->Clear();
  config.mutable_streaminfo()->set_scope(stream.scope);
  config.mutable_streaminfo()->set_stream(stream.stream);
  config.mutable_scalingpolicy();
  config.mutable_tags();
  if (config.retentionpolicy().retentiontype() == proto::RetentionPolicy::UNKNOWN) config.clear_retentionpolicy();
  config.DiscardUnknownFields();
  return config;
}

Operation Streams::NewOperation(Operation::Kind kind) {
  Operation operation;
  operation.set_id(ToBytes(context_.ids.NewUuid()));
  operation.set_kind(kind);
  return operation;
}

Task<absl::StatusOr<Streams::Accepted>> Streams::Accept(ScopedStream stream, StreamRecord record,
                                                        std::vector<MetadataWrite> more, std::string step) {
  more.push_back(Put(keys::Stream(stream), record.value, record.version));
  more.push_back(PutMarker(keys::StreamWork(stream)));
  absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(std::move(more), std::move(step));
  if (written.ok()) {
    workflow_.Start(stream);
    co_return Accepted::kYes;
  }
  if (absl::IsAborted(written.status())) co_return Accepted::kReadAgain;
  if (!absl::IsUnavailable(written.status())) co_return written.status();
  // If it was written after all, there is work that nobody has been told of.
  workflow_.Start(stream);
  CO_RETURN_IF_ERROR(
      co_await runtime::SleepFor(context_.runtime, context_.options.first_retry, "before an operation is looked for"));
  co_return Accepted::kReadAgain;
}

Task<absl::Status> Streams::WaitForEnd(ScopedStream stream, int64_t incarnation, std::string id) {
  std::string work = keys::StreamWork(stream);
  runtime::Instant give_up = context_.runtime.Now() + context_.options.operation_patience;
  runtime::Duration poll = context_.options.first_poll;
  for (;;) {
    uint64_t seen = context_.workers.changes(work);
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    if (!record.present() || record.value.incarnation() != incarnation || FindOperation(record.value, id) == nullptr) {
      co_return absl::OkStatus();
    }
    runtime::Instant now = context_.runtime.Now();
    if (now >= give_up) co_return absl::DeadlineExceededError("");
    CO_RETURN_IF_ERROR(co_await context_.workers.WaitForChange(work, seen, std::min(poll, give_up - now)));
    poll = std::min(poll * 2, context_.options.longest_poll);
  }
}

// ---- create

Task<absl::StatusOr<proto::CreateStreamStatus::Status>> Streams::Create(ScopedStream stream,
                                                                        proto::StreamConfig config) {
  if (!ValidateInternalName(stream.stream).ok()) co_return proto::CreateStreamStatus::INVALID_STREAM_NAME;
  if (config.rolloversizebytes() < 0) co_return InternalException();
  config = Normalised(stream, std::move(config));
  int32_t segments = config.scalingpolicy().minnumsegments();
  bool possible = segments > 0 && segments <= kMostSegments;
  Operation operation = NewOperation(Operation::CREATE);
  for (;;) {
    std::string scope_key = keys::Scope(stream.scope);
    CO_ASSIGN_OR_RETURN(Versioned<records::Scope> scope, co_await context_.metadata.Read<records::Scope>(scope_key));
    if (!scope.present()) co_return proto::CreateStreamStatus::SCOPE_NOT_FOUND;
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    if (record.present()) {
      const records::Stream& existing = record.value;
      if (IsHalfMade(existing)) co_return proto::CreateStreamStatus::FAILURE;
      const Operation* creation = FindKind(existing, Operation::CREATE);
      bool own = EndedRecently(existing, operation.id()) || FindOperation(existing, operation.id()) != nullptr;
      // Whoever asks for the same while it is being created has its wish fulfilled as well.
      bool joined = creation != nullptr && SameConfig(existing.config(), config);
      if (!own && !joined) co_return proto::CreateStreamStatus::STREAM_EXISTS;
      if (creation != nullptr) {
        workflow_.Start(stream);
        CO_RETURN_IF_ERROR(co_await WaitForEnd(stream, existing.incarnation(), creation->id()));
      }
      co_return proto::CreateStreamStatus::SUCCESS;
    }
    CO_ASSIGN_OR_RETURN(Versioned<records::StreamHistory> history,
                        co_await context_.metadata.Read<records::StreamHistory>(keys::StreamHistory(stream)));
    StreamRecord created;
    created.value.set_state(records::Stream::CREATING);
    created.value.set_incarnation(history.value.next_incarnation());
    created.value.set_first_number(history.value.next_number());
    created.value.set_created_ms(context_.NowMillis());
    *created.value.mutable_config() = config;
    records::StreamHistory next = history.value;
    next.set_next_incarnation(history.value.next_incarnation() + 1);
    std::vector<MetadataWrite> more;
    // The scope is written so that it cannot be deleted as empty at the same time.
    more.push_back(Put(scope_key, scope.value, scope.version));
    more.push_back(Put(keys::StreamHistory(stream), next, history.version));
    if (possible) {
      *created.value.add_queue() = operation;
      EpochTable epoch = InitialEpoch(created.value.first_number(), segments, created.value.created_ms());
      more.push_back(Put(keys::EpochSegments(stream, created.value.incarnation(), Epoch(0)), ToRecord(epoch)));
    }
    int64_t incarnation = created.value.incarnation();
    CO_ASSIGN_OR_RETURN(Accepted accepted,
                        co_await Accept(stream, std::move(created), std::move(more), "create: accepted"));
    if (accepted == Accepted::kReadAgain) continue;
    if (!possible) co_return proto::CreateStreamStatus::FAILURE;
    CO_RETURN_IF_ERROR(co_await WaitForEnd(stream, incarnation, operation.id()));
    co_return proto::CreateStreamStatus::SUCCESS;
  }
}

// ---- update

Task<absl::StatusOr<proto::UpdateStreamStatus::Status>> Streams::Update(ScopedStream stream,
                                                                        proto::StreamConfig config) {
  config = Normalised(stream, std::move(config));
  Operation operation = NewOperation(Operation::UPDATE);
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    if (!record.present()) co_return proto::UpdateStreamStatus::STREAM_NOT_FOUND;
    int64_t incarnation = record.value.incarnation();
    bool own = FindOperation(record.value, operation.id()) != nullptr;
    if (!own && EndedRecently(record.value, operation.id())) co_return proto::UpdateStreamStatus::SUCCESS;
    if (!own) {
      if (Sealed(record.value) || FindKind(record.value, Operation::SEAL) != nullptr) {
        co_return proto::UpdateStreamStatus::STREAM_SEALED;
      }
      if (IsHalfMade(record.value)) co_return proto::UpdateStreamStatus::FAILURE;
      if (FindKind(record.value, Operation::UPDATE) != nullptr) co_return proto::UpdateStreamStatus::FAILURE;
      int32_t segments = config.scalingpolicy().minnumsegments();
      // The real server hangs on 0 and ruins the stream.
      if (segments < 1 || segments > kMostSegments) co_return proto::UpdateStreamStatus::FAILURE;
      if (config.rolloversizebytes() < 0) co_return InternalException();
      *record.value.mutable_config() = config;
      *record.value.add_queue() = operation;
      CO_ASSIGN_OR_RETURN(Accepted accepted, co_await Accept(stream, std::move(record), Writes(), "update: accepted"));
      if (accepted == Accepted::kReadAgain) continue;
    }
    CO_RETURN_IF_ERROR(co_await WaitForEnd(stream, incarnation, operation.id()));
    co_return proto::UpdateStreamStatus::SUCCESS;
  }
}

// ---- truncate

Task<absl::StatusOr<Cut>> HeadOf(Context& context, ScopedStream stream, const records::Stream& record) {
  if (record.head_size() > 0) co_return FromRecord(record.head());
  CO_ASSIGN_OR_RETURN(EpochTable first,
                      co_await ReadEpochTable(context, std::move(stream), record.incarnation(), Epoch(0)));
  Cut head;
  for (const EpochSegment& segment : first.segments) head[segment.id] = 0;
  co_return std::move(head);
}

Task<absl::StatusOr<StreamHistory>> HistoryOf(Context& context, ScopedStream stream, const records::Stream& record,
                                              Cut cut, Cut other) {
  // A cut is ordered by id, and an id begins with its epoch.
  int32_t first = std::numeric_limits<int32_t>::max();
  int32_t last = 0;
  for (const Cut* each : {&cut, &other}) {
    if (each->empty()) continue;
    first = std::min(first, each->begin()->first.epoch().value());
    last = std::max(last, each->rbegin()->first.epoch().value());
  }
  // At most two epochs are known before they are current.
  last = std::min(last, record.current_epoch() + 2);
  absl::StatusOr<StreamHistory> history =
      co_await ReadHistory(context, std::move(stream), record.incarnation(), Epoch(first), Epoch(last));
  co_return history;
}

Task<absl::StatusOr<proto::UpdateStreamStatus::Status>> Streams::Truncate(ScopedStream stream, Cut cut) {
  Operation operation = NewOperation(Operation::TRUNCATE);
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    if (!record.present()) co_return proto::UpdateStreamStatus::STREAM_NOT_FOUND;
    int64_t incarnation = record.value.incarnation();
    bool own = FindOperation(record.value, operation.id()) != nullptr;
    if (!own && EndedRecently(record.value, operation.id())) co_return proto::UpdateStreamStatus::SUCCESS;
    if (!own) {
      if (Sealed(record.value) || FindKind(record.value, Operation::SEAL) != nullptr) {
        co_return proto::UpdateStreamStatus::STREAM_SEALED;
      }
      if (IsHalfMade(record.value) || cut.empty()) co_return proto::UpdateStreamStatus::FAILURE;
      if (FindKind(record.value, Operation::TRUNCATE) != nullptr) co_return proto::UpdateStreamStatus::FAILURE;
      CO_ASSIGN_OR_RETURN(Cut head, co_await HeadOf(context_, stream, record.value));
      CO_ASSIGN_OR_RETURN(StreamHistory history, co_await HistoryOf(context_, stream, record.value, cut, head));
      if (JudgeCut(history, cut) != CutVerdict::kValid || IsBehind(history, cut, head)) {
        co_return proto::UpdateStreamStatus::FAILURE;
      }
      if (record.value.head_size() > 0 && cut == head) co_return proto::UpdateStreamStatus::SUCCESS;
      Operation* queued = record.value.add_queue();
      *queued = operation;
      *queued->mutable_cut() = ToRecord(cut);
      *queued->mutable_previous_cut() = ToRecord(head);
      // Readers begin there from now on; what lies before goes while they do.
      *record.value.mutable_head() = ToRecord(cut);
      CO_ASSIGN_OR_RETURN(Accepted accepted,
                          co_await Accept(stream, std::move(record), Writes(), "truncate: accepted"));
      if (accepted == Accepted::kReadAgain) continue;
    }
    CO_RETURN_IF_ERROR(co_await WaitForEnd(stream, incarnation, operation.id()));
    co_return proto::UpdateStreamStatus::SUCCESS;
  }
}

// ---- seal

Task<absl::StatusOr<proto::UpdateStreamStatus::Status>> Streams::Seal(ScopedStream stream) {
  Operation operation = NewOperation(Operation::SEAL);
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    if (!record.present()) co_return proto::UpdateStreamStatus::STREAM_NOT_FOUND;
    if (record.value.state() == records::Stream::SEALED) co_return proto::UpdateStreamStatus::SUCCESS;
    if (IsHalfMade(record.value)) co_return proto::UpdateStreamStatus::FAILURE;
    int64_t incarnation = record.value.incarnation();
    // A seal that is under way is as good as one's own.
    const Operation* pending = FindKind(record.value, Operation::SEAL);
    std::string id = pending != nullptr ? pending->id() : operation.id();
    if (pending == nullptr) {
      *record.value.add_queue() = operation;
      CO_ASSIGN_OR_RETURN(Accepted accepted, co_await Accept(stream, std::move(record), Writes(), "seal: accepted"));
      if (accepted == Accepted::kReadAgain) continue;
    }
    CO_RETURN_IF_ERROR(co_await WaitForEnd(stream, incarnation, id));
    co_return proto::UpdateStreamStatus::SUCCESS;
  }
}

// ---- delete

Task<absl::StatusOr<proto::DeleteStreamStatus::Status>> Streams::Delete(ScopedStream stream) {
  Operation operation = NewOperation(Operation::DELETE);
  bool maybe_accepted = false;
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    if (!record.present()) {
      // Its own deletion, whose acceptance was not acknowledged, may have ended.
      co_return maybe_accepted ? proto::DeleteStreamStatus::SUCCESS : proto::DeleteStreamStatus::STREAM_NOT_FOUND;
    }
    int64_t incarnation = record.value.incarnation();
    const Operation* pending = FindKind(record.value, Operation::DELETE);
    std::string id = pending != nullptr ? pending->id() : operation.id();
    if (pending == nullptr) {
      if (record.value.state() != records::Stream::SEALED && !IsHalfMade(record.value)) {
        co_return proto::DeleteStreamStatus::STREAM_NOT_SEALED;
      }
      *record.value.add_queue() = operation;
      CO_ASSIGN_OR_RETURN(Accepted accepted, co_await Accept(stream, std::move(record), Writes(), "delete: accepted"));
      if (accepted == Accepted::kReadAgain) {
        maybe_accepted = true;
        continue;
      }
    }
    CO_RETURN_IF_ERROR(co_await WaitForEnd(stream, incarnation, id));
    co_return proto::DeleteStreamStatus::SUCCESS;
  }
}

// ---- scale

Task<absl::StatusOr<proto::ScaleResponse>> Streams::Scale(ScopedStream stream, std::vector<SegmentId> sealed,
                                                          std::vector<KeyRange> ranges, int64_t timestamp_ms) {
  // The real server keeps the ranges in a map by their starts.
  std::set<double> starts;
  for (const KeyRange& range : ranges) {
    if (!starts.insert(range.low).second) co_return InternalException();
  }
  std::set<SegmentId> sealed_set(sealed.begin(), sealed.end());
  Operation operation = NewOperation(Operation::SCALE);
  ToRecord(ranges, operation.mutable_new_ranges());
  operation.set_scale_time_ms(timestamp_ms);

  proto::ScaleResponse answer;
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    answer.set_status(proto::ScaleResponse::FAILURE);
    // Its own, accepted in an attempt whose acknowledgement was lost, is not judged again, whatever came behind it.
    const Operation* pending = FindOperation(record.value, operation.id());
    const bool ended = EndedRecently(record.value, operation.id());
    const bool own = pending != nullptr || ended;
    bool closed = !record.present() || Sealed(record.value) || FindKind(record.value, Operation::SEAL) != nullptr;
    if (!own && (closed || IsHalfMade(record.value) || record.value.state() == records::Stream::CREATING)) {
      co_return std::move(answer);
    }
    int64_t incarnation = record.value.incarnation();
    if (!own) pending = FindKind(record.value, Operation::SCALE);
    int32_t from_epoch = pending != nullptr ? pending->from_epoch() : record.value.current_epoch();
    CO_ASSIGN_OR_RETURN(EpochTable from, co_await ReadEpochTable(context_, stream, incarnation, Epoch(from_epoch)));
    if (pending != nullptr) {
      if (!own && !IsTheSameScale(*pending, sealed_set, ranges)) co_return std::move(answer);
    } else if (!ended) {
      std::vector<KeyRange> sealed_ranges;
      bool known = true;
      for (SegmentId id : sealed_set) {
        const EpochSegment* segment = from.Find(id);
        known = known && segment != nullptr;
        if (segment != nullptr) sealed_ranges.push_back(segment->range);
      }
      if (!known) {
        answer.set_status(proto::ScaleResponse::PRECONDITION_FAILED);
        co_return std::move(answer);
      }
      if (ranges.size() > static_cast<size_t>(kMostSegments) || !CoverTheSame(sealed_ranges, ranges)) {
        co_return std::move(answer);
      }
      size_t count = from.segments.size() - sealed_set.size() + ranges.size();
      if (static_cast<int64_t>(count) < record.value.config().scalingpolicy().minnumsegments()) {
        answer.set_status(proto::ScaleResponse::PRECONDITION_FAILED);
        co_return std::move(answer);
      }
      operation.set_from_epoch(from_epoch);
      operation.clear_sealed();
      for (SegmentId id : sealed_set) operation.add_sealed(id.value());
      *record.value.add_queue() = operation;
      CO_ASSIGN_OR_RETURN(Accepted accepted, co_await Accept(stream, std::move(record), Writes(), "scale: accepted"));
      if (accepted == Accepted::kReadAgain) continue;
    } else {
      // It was accepted and has ended while its acknowledgement was lost.
      from_epoch = operation.from_epoch();
      CO_ASSIGN_OR_RETURN(from, co_await ReadEpochTable(context_, stream, incarnation, Epoch(from_epoch)));
    }
    EpochTable after = NextEpoch(from, sealed_set, ranges, timestamp_ms);
    answer.set_status(proto::ScaleResponse::STARTED);
    answer.set_epoch(from_epoch);
    for (const EpochSegment& segment : after.segments) {
      if (segment.id.epoch() != after.epoch) continue;
      proto::SegmentRange* range = answer.add_segments();
      range->mutable_segmentid()->mutable_streaminfo()->set_scope(stream.scope);
      range->mutable_segmentid()->mutable_streaminfo()->set_stream(stream.stream);
      range->mutable_segmentid()->set_segmentid(segment.id.value());
      range->set_minkey(segment.range.low);
      range->set_maxkey(segment.range.high);
    }
    co_return std::move(answer);
  }
}

}  // namespace pravega::sim
