#include "simulator/controller/stream_workflow.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/status_macros.h"
#include "connector/runtime/sleep.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records_util.h"

namespace pravega::sim {
namespace {

using records::Operation;
using runtime::Task;

constexpr size_t kPage = 500;

// Steps of operations; 0 is "not begun".
enum ScaleStep { kCreateSegments = 1, kSealSegments = 2, kEndScale = 3 };
constexpr int32_t kUpdatePolicy = 4;  // of an update that leaves the segments alone
constexpr int32_t kTruncate = 1;
enum SealStep { kEndTransactions = 1, kSealStream = 2 };
enum DeleteStep { kDeleteSegments = 1, kDeleteRecords = 2 };
enum CommitStep { kMerge = 1, kPrepareRoll = 2, kSealActive = 3 };

// Names the step that is under way: others may add to the queue behind it, but a step is only left by Advance.
std::string Place(const records::Stream& stream) {
  if (stream.has_commit()) {
    return StrCat("commit/", stream.commit().epoch(), "/", stream.commit().transactions(0).order(), "/",
                  stream.commit().step());
  }
  if (stream.queue_size() == 0) return "idle";
  return StrCat("operation/", stream.queue(0).id(), "/", stream.queue(0).step());
}

std::vector<SegmentId> IdsOf(const EpochTable& epoch) {
  std::vector<SegmentId> ids;
  for (const EpochSegment& segment : epoch.segments) ids.push_back(segment.id);
  return ids;
}

std::set<SegmentId> SealedBy(const Operation& operation) {
  std::set<SegmentId> sealed;
  for (int64_t id : operation.sealed()) sealed.insert(SegmentId(id));
  return sealed;
}

EpochTable EpochAfter(const EpochTable& from, const Operation& operation) {
  return NextEpoch(from, SealedBy(operation), FromRecord(operation.new_ranges()), operation.scale_time_ms());
}

std::vector<SegmentId> CreatedIn(const EpochTable& epoch) {
  std::vector<SegmentId> ids;
  for (const EpochSegment& segment : epoch.segments) {
    if (segment.id.epoch() == epoch.epoch) ids.push_back(segment.id);
  }
  // By number, which is the order in which they were asked for.
  std::sort(ids.begin(), ids.end());
  return ids;
}

MetadataWrite PutEpoch(const ScopedStream& stream, int64_t incarnation, const EpochTable& epoch) {
  return Put(keys::EpochSegments(stream, incarnation, epoch.epoch), ToRecord(epoch));
}

}  // namespace

void StreamWorkflow::Start(const ScopedStream& stream) {
  context_.workers.Start(keys::StreamWork(stream), [this, stream] { return Pass(stream); });
}

Task<absl::Status> StreamWorkflow::Pass(ScopedStream stream) {
  std::string work = keys::StreamWork(stream);
  bool last_was_commit = false;
  int64_t begun = -1;
  for (;;) {
    // The marker first: whoever adds work after the record was read writes it anew, and then it is not erased here.
    CO_ASSIGN_OR_RETURN(std::optional<MetadataEntry> marker, co_await context_.metadata.ReadBytes(work));
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
    bool current = record.present();
    bool worked = false;
    while (current && record.present()) {
      if (record.value.has_commit() || (record.value.queue_size() > 0 && record.value.queue(0).step() != 0)) {
        last_was_commit = record.value.has_commit();
        CO_ASSIGN_OR_RETURN(current, co_await Step(stream, record, begun));
      } else {
        // Commits and other operations take turns, so that neither starves the other.
        Taken taken = Taken::kNothing;
        bool may_commit = record.value.state() == records::Stream::ACTIVE;
        if (may_commit && (record.value.queue_size() == 0 || !last_was_commit)) {
          CO_ASSIGN_OR_RETURN(taken, co_await BeginCommit(stream, record));
          current = taken != Taken::kReadAgain;
          if (taken == Taken::kBegun) begun = record.value.commit().transactions(0).order();
        }
        if (taken == Taken::kNothing) {
          if (record.value.queue_size() == 0) break;
          CO_ASSIGN_OR_RETURN(current, co_await Begin(stream, record));
          last_was_commit = false;
        }
      }
      worked = true;
      context_.workers.Changed(work);
    }
    // What was done may have taken long: only a look with nothing to do ends the pass.
    if (worked) continue;
    if (!marker) co_return absl::OkStatus();
    absl::StatusOr<std::vector<int64_t>> erased =
        co_await context_.metadata.Commit(Writes(Erase(work, marker->version)), "stream is idle");
    if (erased.ok()) co_return absl::OkStatus();
    if (!absl::IsAborted(erased.status()) && !absl::IsUnavailable(erased.status())) co_return erased.status();
  }
}

Task<absl::StatusOr<bool>> StreamWorkflow::Step(ScopedStream stream, StreamRecord& record, int64_t begun) {
  if (record.value.has_commit()) {
    absl::StatusOr<bool> done = co_await StepCommit(stream, record, begun);
    co_return done;
  }
  absl::StatusOr<bool> done;
  switch (record.value.queue(0).kind()) {
    case Operation::CREATE:
      done = co_await StepCreate(stream, record);
      break;
    case Operation::SCALE:
      done = co_await StepScale(stream, record);
      break;
    case Operation::UPDATE:
      done = co_await StepUpdate(stream, record);
      break;
    case Operation::TRUNCATE:
      done = co_await StepTruncate(stream, record);
      break;
    case Operation::SEAL:
      done = co_await StepSeal(stream, record);
      break;
    case Operation::DELETE:
      done = co_await StepDelete(stream, record);
      break;
    default:
      co_return MakeStatus(absl::StatusCode::kDataLoss, stream.ToString(), ": unknown operation");
  }
  co_return done;
}

Task<absl::StatusOr<bool>> StreamWorkflow::Begin(ScopedStream stream, StreamRecord& record) {
  absl::StatusOr<bool> done;
  switch (record.value.queue(0).kind()) {
    case Operation::CREATE:
      done = co_await StepCreate(stream, record);
      break;
    case Operation::SCALE:
      done = co_await BeginScale(stream, record);
      break;
    case Operation::UPDATE:
      done = co_await BeginUpdate(stream, record);
      break;
    case Operation::TRUNCATE:
      done = co_await Advance(
          stream, record,
          [](records::Stream* next) {
            next->set_state(records::Stream::TRUNCATING);
            next->mutable_queue(0)->set_step(kTruncate);
          },
          Writes(), "truncate: begin");
      break;
    case Operation::SEAL:
      done = co_await Advance(
          stream, record,
          [](records::Stream* next) {
            next->set_state(records::Stream::SEALING);
            next->mutable_queue(0)->set_step(kEndTransactions);
          },
          Writes(), "seal: begin");
      break;
    case Operation::DELETE:
      done = co_await BeginDelete(stream, record);
      break;
    default:
      co_return MakeStatus(absl::StatusCode::kDataLoss, stream.ToString(), ": unknown operation");
  }
  co_return done;
}

Task<absl::StatusOr<bool>> StreamWorkflow::Advance(ScopedStream stream, StreamRecord& record, Change change,
                                                   std::vector<MetadataWrite> more, std::string step) {
  std::string key = keys::Stream(stream);
  std::string place = Place(record.value);
  runtime::Duration delay = context_.options.first_retry;
  for (;;) {
    records::Stream next = record.value;
    change(&next);
    std::vector<MetadataWrite> writes = Writes(Put(key, next, record.version));
    writes.insert(writes.end(), more.begin(), more.end());
    absl::StatusOr<std::vector<int64_t>> versions = co_await context_.metadata.Commit(std::move(writes), step);
    if (versions.ok()) {
      record.value = std::move(next);
      record.version = versions->front();
      co_return true;
    }
    if (absl::IsUnavailable(versions.status())) {
      CO_RETURN_IF_ERROR(co_await runtime::SleepFor(context_.runtime, delay, "before a step is stored again"));
      delay = std::min(delay * 2, context_.options.longest_retry);
    } else if (!absl::IsAborted(versions.status())) {
      co_return versions.status();
    }
    CO_ASSIGN_OR_RETURN(record, co_await context_.metadata.Read<records::Stream>(key));
    if (!record.present() || Place(record.value) != place) co_return false;
  }
}

// ---- segments

Task<absl::Status> StreamWorkflow::CreateSegments(ScopedStream stream, std::vector<SegmentId> segments,
                                                  SegmentPolicy policy) {
  for (SegmentId segment : segments) {
    CO_RETURN_IF_ERROR(co_await context_.stores.Create(SegmentName(stream, segment), policy));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> StreamWorkflow::SealSegments(ScopedStream stream, std::vector<SegmentId> segments) {
  for (SegmentId segment : segments) {
    CO_RETURN_IF_ERROR(co_await context_.stores.Seal(SegmentName(stream, segment)));
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::vector<MetadataWrite>>> StreamWorkflow::SealedRecords(ScopedStream stream, int64_t incarnation,
                                                                               std::vector<SegmentId> segments,
                                                                               Epoch epoch, bool with_lengths) {
  std::vector<MetadataWrite> writes;
  for (SegmentId segment : segments) {
    records::SealedSegment sealed;
    sealed.set_replaced_in_epoch(epoch.value());
    sealed.set_length(-1);
    if (with_lengths) {
      CO_ASSIGN_OR_RETURN(int64_t length, co_await context_.stores.Length(SegmentName(stream, segment)));
      sealed.set_length(length);
    }
    writes.push_back(Put(keys::SealedSegment(stream, incarnation, segment), sealed));
  }
  co_return std::move(writes);
}

// ---- create

Task<absl::StatusOr<bool>> StreamWorkflow::StepCreate(ScopedStream stream, StreamRecord& record) {
  CO_ASSIGN_OR_RETURN(EpochTable epoch,
                      co_await ReadEpochTable(context_, stream, record.value.incarnation(), Epoch(0)));
  CO_RETURN_IF_ERROR(co_await CreateSegments(stream, IdsOf(epoch), PolicyOf(record.value.config())));
  if (HasMarkStream(stream)) {
    CO_RETURN_IF_ERROR(co_await EnsureMarkStream(stream));
  }
  absl::StatusOr<bool> done = co_await Advance(
      stream, record,
      [](records::Stream* next) {
        next->set_state(records::Stream::ACTIVE);
        EndFirstOperation(next);
      },
      Writes(), "create: active");
  co_return done;
}

Task<absl::Status> StreamWorkflow::EnsureMarkStream(ScopedStream stream) {
  ScopedStream mark{stream.scope, MarkStreamName(stream.stream)};
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord existing, co_await context_.metadata.Read<records::Stream>(keys::Stream(mark)));
    if (existing.present()) co_return absl::OkStatus();
    CO_ASSIGN_OR_RETURN(Versioned<records::StreamHistory> history,
                        co_await context_.metadata.Read<records::StreamHistory>(keys::StreamHistory(mark)));
    records::Stream created;
    created.set_state(records::Stream::ACTIVE);
    created.set_incarnation(history.value.next_incarnation());
    created.set_first_number(history.value.next_number());
    created.set_created_ms(context_.NowMillis());
    created.mutable_config()->mutable_streaminfo()->set_scope(mark.scope);
    created.mutable_config()->mutable_streaminfo()->set_stream(mark.stream);
    created.mutable_config()->mutable_scalingpolicy()->set_minnumsegments(1);
    created.mutable_config()->mutable_tags();
    EpochTable epoch = InitialEpoch(created.first_number(), 1, created.created_ms());
    CO_RETURN_IF_ERROR(co_await CreateSegments(mark, IdsOf(epoch), SegmentPolicy()));
    records::StreamHistory next = history.value;
    next.set_next_incarnation(history.value.next_incarnation() + 1);
    absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(
        Writes(Put(keys::Stream(mark), created, MetadataWrite::kAbsent),
               Put(keys::StreamHistory(mark), next, history.version), PutEpoch(mark, created.incarnation(), epoch)),
        "create: mark stream");
    if (!written.ok() && !absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) {
      co_return written.status();
    }
  }
}

// ---- scale

Task<absl::StatusOr<bool>> StreamWorkflow::BeginScale(ScopedStream stream, StreamRecord& record) {
  const Operation& operation = record.value.queue(0);
  int64_t incarnation = record.value.incarnation();
  CO_ASSIGN_OR_RETURN(EpochTable current,
                      co_await ReadEpochTable(context_, stream, incarnation, Epoch(record.value.current_epoch())));
  CO_ASSIGN_OR_RETURN(EpochTable asked,
                      co_await ReadEpochTable(context_, stream, incarnation, Epoch(operation.from_epoch())));
  // A rolling commit may have come in between: it leaves the numbers, so that the scale means their duplicates.
  // Anything else that changed the segments makes the request void.
  bool valid = current.epoch == asked.epoch || current.reference_epoch == asked.reference_epoch;
  std::vector<int64_t> sealed;
  for (int64_t id : operation.sealed()) {
    const EpochSegment* segment = current.FindNumber(SegmentId(id).number());
    valid = valid && segment != nullptr;
    if (segment != nullptr) sealed.push_back(segment->id.value());
  }
  int64_t time = std::max(operation.scale_time_ms(), current.created_ms + 1);
  absl::StatusOr<bool> done = co_await Advance(
      stream, record,
      [&](records::Stream* next) {
        if (!valid) {
          EndFirstOperation(next);
          return;
        }
        next->set_state(records::Stream::SCALING);
        Operation* begun = next->mutable_queue(0);
        begun->set_step(kCreateSegments);
        begun->set_from_epoch(current.epoch.value());
        begun->set_scale_time_ms(time);
        begun->mutable_sealed()->Assign(sealed.begin(), sealed.end());
      },
      Writes(), "scale: begin");
  co_return done;
}

Task<absl::StatusOr<bool>> StreamWorkflow::StepScale(ScopedStream stream, StreamRecord& record) {
  const Operation operation = record.value.queue(0);
  int64_t incarnation = record.value.incarnation();
  CO_ASSIGN_OR_RETURN(EpochTable from,
                      co_await ReadEpochTable(context_, stream, incarnation, Epoch(operation.from_epoch())));
  EpochTable after = EpochAfter(from, operation);
  std::set<SegmentId> sealed_set = SealedBy(operation);
  std::vector<SegmentId> sealed(sealed_set.begin(), sealed_set.end());
  absl::StatusOr<bool> done;
  switch (operation.step()) {
    case kCreateSegments: {
      CO_RETURN_IF_ERROR(co_await CreateSegments(stream, CreatedIn(after), PolicyOf(record.value.config())));
      // From here on successors are known, before anything is sealed: a writer that finds its segment sealed must be
      // told where to go on.
      CO_ASSIGN_OR_RETURN(std::vector<MetadataWrite> more,
                          co_await SealedRecords(stream, incarnation, sealed, after.epoch, false));
      more.push_back(PutEpoch(stream, incarnation, after));
      done = co_await Advance(
          stream, record, [](records::Stream* next) { next->mutable_queue(0)->set_step(kSealSegments); }, more,
          "scale: new epoch is known");
      break;
    }
    case kSealSegments: {
      CO_RETURN_IF_ERROR(co_await SealSegments(stream, sealed));
      CO_ASSIGN_OR_RETURN(std::vector<MetadataWrite> more,
                          co_await SealedRecords(stream, incarnation, sealed, after.epoch, true));
      done = co_await Advance(
          stream, record,
          [&](records::Stream* next) {
            next->set_current_epoch(after.epoch.value());
            next->mutable_queue(0)->set_step(kEndScale);
          },
          more, "scale: new epoch is current");
      break;
    }
    default:
      done = co_await Advance(
          stream, record,
          [](records::Stream* next) {
            next->set_state(records::Stream::ACTIVE);
            EndFirstOperation(next);
          },
          Writes(), "scale: active");
  }
  co_return done;
}

// ---- update

Task<absl::StatusOr<bool>> StreamWorkflow::BeginUpdate(ScopedStream stream, StreamRecord& record) {
  CO_ASSIGN_OR_RETURN(EpochTable current, co_await ReadEpochTable(context_, stream, record.value.incarnation(),
                                                                  Epoch(record.value.current_epoch())));
  const proto::ScalingPolicy& policy = record.value.config().scalingpolicy();
  int32_t count = static_cast<int32_t>(current.segments.size());
  bool scales = policy.scaletype() == proto::ScalingPolicy::FIXED_NUM_SEGMENTS ? count != policy.minnumsegments()
                                                                               : count < policy.minnumsegments();
  int32_t wanted = policy.minnumsegments();
  int64_t time = std::max(context_.NowMillis(), current.created_ms + 1);
  absl::StatusOr<bool> done = co_await Advance(
      stream, record,
      [&](records::Stream* next) {
        next->set_state(records::Stream::UPDATING);
        Operation* begun = next->mutable_queue(0);
        if (!scales) {
          begun->set_step(kUpdatePolicy);
          return;
        }
        begun->set_step(kCreateSegments);
        begun->set_from_epoch(current.epoch.value());
        begun->set_scale_time_ms(time);
        begun->clear_sealed();
        for (const EpochSegment& segment : current.segments) begun->add_sealed(segment.id.value());
        ToRecord(EqualRanges(wanted), begun->mutable_new_ranges());
      },
      Writes(), "update: begin");
  co_return done;
}

Task<absl::StatusOr<bool>> StreamWorkflow::StepUpdate(ScopedStream stream, StreamRecord& record) {
  absl::StatusOr<bool> done;
  if (record.value.queue(0).step() != kUpdatePolicy) {
    // New segments are created with the new policy.
    done = co_await StepScale(stream, record);
    co_return done;
  }
  CO_ASSIGN_OR_RETURN(EpochTable current, co_await ReadEpochTable(context_, stream, record.value.incarnation(),
                                                                  Epoch(record.value.current_epoch())));
  SegmentPolicy policy = PolicyOf(record.value.config());
  for (SegmentId segment : IdsOf(current)) {
    CO_RETURN_IF_ERROR(co_await context_.stores.UpdatePolicy(SegmentName(stream, segment), policy));
  }
  done = co_await Advance(
      stream, record,
      [](records::Stream* next) {
        next->set_state(records::Stream::ACTIVE);
        EndFirstOperation(next);
      },
      Writes(), "update: active");
  co_return done;
}

// ---- truncate

Task<absl::StatusOr<bool>> StreamWorkflow::StepTruncate(ScopedStream stream, StreamRecord& record) {
  const Operation operation = record.value.queue(0);
  Cut cut = FromRecord(operation.cut());
  Cut previous = FromRecord(operation.previous_cut());
  Epoch first = previous.begin()->first.epoch();
  Epoch last = cut.rbegin()->first.epoch();
  CO_ASSIGN_OR_RETURN(StreamHistory history,
                      co_await ReadHistory(context_, stream, record.value.incarnation(), first, last));
  for (const auto& [segment, offset] : cut) {
    // A segment that is not begun, or was read to its end, has nothing to be truncated at.
    if (offset == kFuture) continue;
    CO_RETURN_IF_ERROR(co_await context_.stores.Truncate(SegmentName(stream, segment), offset));
  }
  for (SegmentId segment : SegmentsToDelete(history, previous, cut)) {
    CO_RETURN_IF_ERROR(co_await context_.stores.Delete(SegmentName(stream, segment)));
  }
  absl::StatusOr<bool> done = co_await Advance(
      stream, record,
      [](records::Stream* next) {
        next->set_state(records::Stream::ACTIVE);
        EndFirstOperation(next);
      },
      Writes(), "truncate: active");
  co_return done;
}

// ---- seal

Task<absl::StatusOr<bool>> StreamWorkflow::StepSeal(ScopedStream stream, StreamRecord& record) {
  absl::StatusOr<bool> done;
  if (record.value.queue(0).step() == kEndTransactions) {
    // No transaction can be begun any more. The open ones are aborted; those to be committed come first.
    CO_RETURN_IF_ERROR(co_await transactions_.AbortAll(stream));
    CO_ASSIGN_OR_RETURN(Taken taken, co_await BeginCommit(stream, record));
    if (taken != Taken::kNothing) co_return taken == Taken::kBegun;
    done = co_await Advance(
        stream, record, [](records::Stream* next) { next->mutable_queue(0)->set_step(kSealStream); }, Writes(),
        "seal: transactions have ended");
    co_return done;
  }
  CO_ASSIGN_OR_RETURN(EpochTable current, co_await ReadEpochTable(context_, stream, record.value.incarnation(),
                                                                  Epoch(record.value.current_epoch())));
  CO_RETURN_IF_ERROR(co_await SealSegments(stream, IdsOf(current)));
  done = co_await Advance(
      stream, record,
      [](records::Stream* next) {
        next->set_state(records::Stream::SEALED);
        EndFirstOperation(next);
      },
      Writes(), "seal: sealed");
  co_return done;
}

// ---- delete

Task<absl::StatusOr<int32_t>> StreamWorkflow::NextNumber(ScopedStream stream, const records::Stream& record) {
  int32_t first = record.first_number();
  absl::StatusOr<std::shared_ptr<const EpochTable>> current =
      co_await context_.metadata.ReadEpoch(std::move(stream), record.incarnation(), Epoch(record.current_epoch()));
  // A stream whose creation failed has no epoch.
  if (absl::IsNotFound(current.status())) co_return first;
  if (!current.ok()) co_return current.status();
  co_return (*current)->HighestNumber() + 1;
}

Task<absl::StatusOr<bool>> StreamWorkflow::BeginDelete(ScopedStream stream, StreamRecord& record) {
  CO_ASSIGN_OR_RETURN(int32_t next_number, co_await NextNumber(stream, record.value));
  absl::StatusOr<bool> done = co_await Advance(
      stream, record,
      [&](records::Stream* next) {
        next->mutable_queue(0)->set_next_number(next_number);
        next->mutable_queue(0)->set_step(kDeleteSegments);
      },
      Writes(), "delete: begin");
  co_return done;
}

Task<absl::Status> StreamWorkflow::DeleteSegmentsOf(ScopedStream stream, int64_t incarnation, Epoch last) {
  CO_ASSIGN_OR_RETURN(StreamHistory history, co_await ReadHistory(context_, stream, incarnation, Epoch(0), last));
  for (const auto& [id, segment] : history.AllSegments()) {
    CO_RETURN_IF_ERROR(co_await context_.stores.Delete(SegmentName(stream, id)));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> StreamWorkflow::DeleteData(ScopedStream stream, int64_t incarnation) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> page,
                        co_await context_.metadata.Scan(keys::StreamData(stream, incarnation), "", kPage));
    if (page.empty()) co_return absl::OkStatus();
    std::vector<MetadataWrite> erased;
    for (MetadataEntry& entry : page) erased.push_back(Erase(std::move(entry.key)));
    absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(std::move(erased), "delete: data");
    if (!written.ok() && !absl::IsUnavailable(written.status())) co_return written.status();
  }
}

Task<absl::Status> StreamWorkflow::DeleteMarkStream(ScopedStream stream) {
  ScopedStream mark{stream.scope, MarkStreamName(stream.stream)};
  for (;;) {
    CO_ASSIGN_OR_RETURN(StreamRecord record, co_await context_.metadata.Read<records::Stream>(keys::Stream(mark)));
    if (!record.present()) co_return absl::OkStatus();
    int64_t incarnation = record.value.incarnation();
    // Unlike the main record, the history must know before the data goes where the numbering continues.
    Versioned<records::StreamHistory> history;
    CO_ASSIGN_OR_RETURN(history, co_await context_.metadata.Read<records::StreamHistory>(keys::StreamHistory(mark)));
    CO_ASSIGN_OR_RETURN(int32_t next_number, co_await NextNumber(mark, record.value));
    records::StreamHistory next = history.value;
    next.set_next_number(std::max(next_number, history.value.next_number()));
    CO_RETURN_IF_ERROR(co_await DeleteSegmentsOf(mark, incarnation, Epoch(record.value.current_epoch())));
    absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(
        Writes(Put(keys::StreamHistory(mark), next, history.version)), "delete: history of the mark stream");
    if (absl::IsAborted(written.status()) || absl::IsUnavailable(written.status())) continue;
    if (!written.ok()) co_return written.status();
    CO_RETURN_IF_ERROR(co_await DeleteData(mark, incarnation));
    written =
        co_await context_.metadata.Commit(Writes(Erase(keys::Stream(mark), record.version)), "delete: mark stream");
    if (!written.ok() && !absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) {
      co_return written.status();
    }
  }
}

Task<absl::StatusOr<bool>> StreamWorkflow::StepDelete(ScopedStream stream, StreamRecord& record) {
  const Operation operation = record.value.queue(0);
  int64_t incarnation = record.value.incarnation();
  absl::StatusOr<bool> done;
  if (operation.step() == kDeleteSegments) {
    if (HasMarkStream(stream)) {
      CO_RETURN_IF_ERROR(co_await DeleteMarkStream(stream));
    }
    CO_RETURN_IF_ERROR(co_await DeleteSegmentsOf(stream, incarnation, Epoch(record.value.current_epoch())));
    done = co_await Advance(
        stream, record, [](records::Stream* next) { next->mutable_queue(0)->set_step(kDeleteRecords); }, Writes(),
        "delete: segments are gone");
    co_return done;
  }
  CO_RETURN_IF_ERROR(co_await DeleteData(stream, incarnation));
  records::StreamHistory history;
  history.set_next_number(operation.next_number());
  history.set_next_incarnation(incarnation + 1);
  absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(
      Writes(Erase(keys::Stream(stream), record.version), Erase(keys::CommitOrder(stream)),
             Put(keys::StreamHistory(stream), history)),
      "delete: gone");
  if (!written.ok() && !absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) {
    co_return written.status();
  }
  co_return false;
}

// ---- commit

Task<absl::StatusOr<StreamWorkflow::Taken>> StreamWorkflow::BeginCommit(ScopedStream stream, StreamRecord& record) {
  CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> waiting,
                      co_await context_.metadata.Scan(keys::CommitsOf(stream), "", context_.options.commit_batch));
  if (waiting.empty()) co_return Taken::kNothing;
  records::CommitBatch batch;
  for (const MetadataEntry& entry : waiting) {
    records::TxnRef transaction;
    if (!transaction.ParseFromString(entry.value)) {
      co_return MakeStatus(absl::StatusCode::kDataLoss, "metadata record ", entry.key, " does not parse");
    }
    Epoch epoch = FromRecord(transaction).epoch();
    if (batch.transactions_size() == 0) batch.set_epoch(epoch.value());
    if (epoch.value() != batch.epoch()) break;
    *batch.add_transactions() = std::move(transaction);
  }
  CO_ASSIGN_OR_RETURN(EpochTable current, co_await ReadEpochTable(context_, stream, record.value.incarnation(),
                                                                  Epoch(record.value.current_epoch())));
  batch.set_step(kMerge);
  batch.set_active_epoch(current.epoch.value());
  batch.set_rolling(current.epoch.value() != batch.epoch() && current.reference_epoch.value() != batch.epoch());
  batch.set_time_ms(std::max(context_.NowMillis(), current.created_ms + 1));
  records::Stream next = record.value;
  *next.mutable_commit() = batch;
  if (next.state() == records::Stream::ACTIVE) next.set_state(records::Stream::COMMITTING_TXN);
  // One attempt: once anything else was written, the transactions that wait may be others.
  absl::StatusOr<std::vector<int64_t>> written =
      co_await context_.metadata.Commit(Writes(Put(keys::Stream(stream), next, record.version)), "commit: begin");
  if (written.ok()) {
    record.value = std::move(next);
    record.version = written->front();
    co_return Taken::kBegun;
  }
  if (!absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) co_return written.status();
  co_return Taken::kReadAgain;
}

Task<absl::StatusOr<bool>> StreamWorkflow::FinishCommit(ScopedStream stream, StreamRecord& record, Epoch new_epoch,
                                                        std::vector<MetadataWrite> more) {
  for (const records::TxnRef& transaction : record.value.commit().transactions()) {
    transactions_.AppendCompletion(stream, FromRecord(transaction), Epoch(record.value.commit().epoch()),
                                   transaction.order(), &more);
  }
  absl::StatusOr<bool> done = co_await Advance(
      stream, record,
      [new_epoch](records::Stream* next) {
        next->set_current_epoch(new_epoch.value());
        next->clear_commit();
        if (next->state() == records::Stream::COMMITTING_TXN) next->set_state(records::Stream::ACTIVE);
      },
      std::move(more), "commit: committed");
  co_return done;
}

Task<absl::StatusOr<bool>> StreamWorkflow::StepCommit(ScopedStream stream, StreamRecord& record, int64_t begun) {
  const records::CommitBatch batch = record.value.commit();
  int64_t incarnation = record.value.incarnation();
  Epoch epoch(batch.epoch());
  CO_ASSIGN_OR_RETURN(EpochTable active,
                      co_await ReadEpochTable(context_, stream, incarnation, Epoch(batch.active_epoch())));
  CO_ASSIGN_OR_RETURN(EpochTable own, co_await ReadEpochTable(context_, stream, incarnation, epoch));
  // Of a rolling commit: the transactions' epoch once more, into which they are merged, and behind it the active one.
  EpochTable merged = DuplicateEpoch(own, Epoch(batch.active_epoch() + 1), batch.time_ms());
  EpochTable rolled = DuplicateEpoch(active, Epoch(batch.active_epoch() + 2), batch.time_ms() + 1);
  SegmentPolicy policy = PolicyOf(record.value.config());
  absl::StatusOr<bool> done;
  switch (batch.step()) {
    case kMerge: {
      if (batch.rolling()) {
        CO_RETURN_IF_ERROR(co_await CreateSegments(stream, IdsOf(merged), policy));
      }
      const EpochTable& targets = batch.rolling() ? merged : active;
      // The planted controller takes a batch that somebody else began for merged.
      bool resumed = batch.transactions(0).order() != begun;
      bool skip = resumed && PLANTED(context_.runtime, "commit-done-after-partial-merge");
      for (const EpochSegment& target : targets.segments) {
        if (skip) break;
        std::vector<std::string> sources;
        for (const records::TxnRef& transaction : batch.transactions()) {
          sources.push_back(Transactions::SegmentOf(stream, FromRecord(transaction), epoch, target.id.number()));
        }
        CO_RETURN_IF_ERROR(co_await context_.stores.Merge(SegmentName(stream, target.id), std::move(sources)));
      }
      if (!batch.rolling()) {
        done = co_await FinishCommit(stream, record, active.epoch, Writes());
        break;
      }
      // Sealing is a step of its own: a merge that is repeated must still find its target open.
      done = co_await Advance(
          stream, record, [](records::Stream* next) { next->mutable_commit()->set_step(kPrepareRoll); }, Writes(),
          "commit: merged into the duplicate epoch");
      break;
    }
    case kPrepareRoll: {
      CO_RETURN_IF_ERROR(co_await SealSegments(stream, IdsOf(merged)));
      CO_RETURN_IF_ERROR(co_await CreateSegments(stream, IdsOf(rolled), policy));
      CO_ASSIGN_OR_RETURN(std::vector<MetadataWrite> more,
                          co_await SealedRecords(stream, incarnation, IdsOf(merged), rolled.epoch, true));
      CO_ASSIGN_OR_RETURN(std::vector<MetadataWrite> replaced,
                          co_await SealedRecords(stream, incarnation, IdsOf(active), merged.epoch, false));
      more.insert(more.end(), replaced.begin(), replaced.end());
      more.push_back(PutEpoch(stream, incarnation, merged));
      more.push_back(PutEpoch(stream, incarnation, rolled));
      done = co_await Advance(
          stream, record, [](records::Stream* next) { next->mutable_commit()->set_step(kSealActive); }, std::move(more),
          "commit: new epochs are known");
      break;
    }
    default: {
      CO_RETURN_IF_ERROR(co_await SealSegments(stream, IdsOf(active)));
      CO_ASSIGN_OR_RETURN(std::vector<MetadataWrite> more,
                          co_await SealedRecords(stream, incarnation, IdsOf(active), merged.epoch, true));
      done = co_await FinishCommit(stream, record, rolled.epoch, std::move(more));
    }
  }
  co_return done;
}

}  // namespace pravega::sim
