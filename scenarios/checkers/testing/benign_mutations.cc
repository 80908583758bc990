// Changes that leave a good history good, and those that leave nothing to tell.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "scenarios/checkers/testing/doctor.h"
#include "scenarios/checkers/testing/mutations.h"

namespace pravega::scenarios {
namespace {

bool WriteUnknownButPresent(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return false;
  doctor.At(*doctor.WriteOf(*event)).outcome = Outcome::kUnknown;
  return true;
}

bool WritePendingButPresent(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return false;
  doctor.At(*doctor.WriteOf(*event)).outcome = Outcome::kPending;
  return true;
}

// The last event of an open segment.
std::optional<Event> PickLastOfSegment(Doctor& doctor) {
  return doctor.PickPlain([&](Event e) {
    Sighting at = doctor.PlaceOf(e);
    const std::vector<Operation>& operations = doctor.history().operations();
    return std::any_of(operations.begin(), operations.end(), [&](const Operation& operation) {
      const SegmentFacts* facts = operation.AsBoxed<SegmentFacts>();
      return facts != nullptr && facts->segment == at.segment() && !facts->sealed && facts->length == at.end();
    });
  });
}

// As if nobody had ever got as far as the last event of a segment.
void StopBefore(Doctor& doctor, const Sighting& at) {
  for (OpId id : doctor.All<Read>([&](const Operation&, const Read& r) { return r.at.event() == at.event(); })) {
    // The call remains: it came back without an event.
    doctor.At(id).details = Reading{doctor.Get<Read>(id).group};
    doctor.At(id).outcome = Outcome::kFailed;
  }
  doctor.DropAll<Record>([&](const Operation&, const Record& r) { return r.at.event() == at.event(); });
  auto stop = [&](Cut& cut) {
    for (CutEntry& entry : cut) {
      if (entry.segment == at.segment() && !entry.finished) entry.offset = std::min(entry.offset, at.offset);
    }
  };
  for (Operation& operation : doctor.history().mutable_operations()) {
    if (Checkpoint* checkpoint = std::get_if<Checkpoint>(&operation.details)) stop(checkpoint->cut);
    if (CheckpointReport* report = std::get_if<CheckpointReport>(&operation.details)) stop(report->position);
    if (ReaderOffline* offline = std::get_if<ReaderOffline>(&operation.details)) stop(offline->position);
    if (Release* release = std::get_if<Release>(&operation.details)) {
      if (release->segment == at.segment()) release->offset = std::min(release->offset, at.offset);
    }
    if (Acquire* acquire = std::get_if<Acquire>(&operation.details)) {
      if (acquire->segment == at.segment()) acquire->offset = std::min(acquire->offset, at.offset);
    }
  }
}

bool WriteUnknownAndAbsent(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickLastOfSegment(doctor);
  if (!event) return false;
  Sighting at = doctor.PlaceOf(*event);
  doctor.At(*doctor.WriteOf(*event)).outcome = Outcome::kUnknown;
  StopBefore(doctor, at);
  for (Operation& operation : history.mutable_operations()) {
    if (ReadBack* read_back = std::get_if<ReadBack>(&operation.details)) std::erase(read_back->events, at);
    if (Box<SegmentFacts>* facts = std::get_if<Box<SegmentFacts>>(&operation.details)) {
      if ((*facts)->segment == at.segment()) (*facts)->length = at.offset;
    }
  }
  return true;
}

bool UnknownWritesAdded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  const Operation some = doctor.At(doctor.All<Write>().front());
  for (Outcome outcome : {Outcome::kUnknown, Outcome::kFailed, Outcome::kPending}) {
    Write write = *some.As<Write>();
    write.event.sequence = 1'000'000 + static_cast<int64_t>(outcome);
    OpId id = doctor.Append(some.process, write);
    doctor.At(id).outcome = outcome;
  }
  return true;
}

bool FailedWritesDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  return doctor.DropAll<Write>(
      [](const Operation& operation, const Write&) { return operation.outcome == Outcome::kFailed; });
}

// A first attempt that failed, then the same event again.
bool WrittenAgainAfterFailure(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return false;
  OpId write = *doctor.WriteOf(*event);
  Operation failed = doctor.At(write);
  std::vector<Operation>& operations = history.mutable_operations();
  auto at = std::find_if(operations.begin(), operations.end(), [&](const Operation& o) { return o.id == write; });
  failed.id = OpId(write.value() - 1);
  failed.outcome = Outcome::kFailed;
  failed.completed_ns = failed.invoked_ns;
  operations.insert(at, failed);
  return true;
}

bool AcknowledgedLate(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return false;
  doctor.At(*doctor.WriteOf(*event)).completed_ns = doctor.LastTime() + 5;
  return true;
}

// The reader's record is found after its death, so that it is known to be durable.
bool RecordDurableLate(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> record = doctor.PickOne<Record>(
      [&](const Operation& operation, const Record&) { return operation.ok() && doctor.Died(operation.process); });
  if (!record) return false;
  doctor.At(*record).outcome = Outcome::kPending;
  return true;
}

// The answer to a record was lost, but the record is found after the reader's death.
bool RecordUnknownButFound(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> record = doctor.PickOne<Record>(
      [&](const Operation& operation, const Record&) { return operation.ok() && doctor.Died(operation.process); });
  if (!record) return false;
  doctor.At(*record).outcome = Outcome::kUnknown;
  return true;
}

bool CommitUnknownButVisible(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> commit =
      doctor.PickOne<TxnCommit>([](const Operation& operation, const TxnCommit&) { return operation.ok(); });
  if (!commit) return false;
  TxnRef txn = doctor.Get<TxnCommit>(*commit).txn;
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  doctor.At(*commit).outcome = Outcome::kUnknown;
  return true;
}

bool AbortAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> abort = doctor.PickOne<TxnAbort>();
  if (!abort) return false;
  doctor.At(*abort).outcome = Outcome::kUnknown;
  return true;
}

bool AbortedTransactionDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> abort =
      doctor.PickOne<TxnAbort>([](const Operation& operation, const TxnAbort&) { return operation.ok(); });
  if (!abort) return false;
  TxnRef txn = doctor.Get<TxnAbort>(*abort).txn;
  doctor.DropAll<Write>([&](const Operation&, const Write& w) { return w.txn == txn; });
  return true;
}

// By what was answered the lease ends with the first ping, but the answer to that one was lost.
bool PingAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> picked =
      doctor.PickOne<TxnPing>([&](const Operation&, const TxnPing& p) { return doctor.Committed(p.txn); });
  if (!picked) return false;
  TxnRef txn = doctor.Get<TxnPing>(*picked).txn;
  OpId ping = *doctor.First<TxnPing>([&](const Operation&, const TxnPing& p) { return p.txn == txn; });
  for (OpId id : doctor.All<TxnBegin>([&](const Operation&, const TxnBegin& b) { return b.txn == txn; })) {
    const int64_t until_ns = doctor.At(ping).completed_ns - doctor.At(id).completed_ns;
    doctor.Get<TxnBegin>(id).lease_ms = until_ns / 1'000'000 + 1;
  }
  doctor.At(ping).outcome = Outcome::kUnknown;
  return true;
}

bool LeaseOverWithinSkew(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> commit =
      doctor.PickOne<TxnCommit>([](const Operation& operation, const TxnCommit&) { return operation.ok(); });
  if (!commit) return false;
  history.parameters().clock_skew_ns = doctor.LastTime();
  for (OpId id : doctor.All<TxnBegin>()) doctor.Get<TxnBegin>(id).lease_ms = 0;
  for (OpId id : doctor.All<TxnPing>()) doctor.Get<TxnPing>(id).lease_ms = 0;
  return true;
}

// Two events next to each other, of different writers, outside transactions.
bool UnrelatedEventsSwapped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::map<std::pair<Segment, Offset>, Event> events;
  for (Event event : doctor.PlainEvents()) {
    Sighting at = doctor.PlaceOf(event);
    events[{at.segment(), at.offset}] = event;
  }
  std::vector<std::pair<Event, Event>> found;
  for (auto a = events.begin(); a != events.end(); ++a) {
    auto b = std::next(a);
    if (b == events.end()) break;
    bool next = doctor.PlaceOf(a->second).end() == b->first.second && a->first.first == b->first.first;
    if (!next || a->second.writer == b->second.writer) continue;
    // Each is read after both were written.
    OpId reads[] = {*doctor.ReadOf(a->second), *doctor.ReadOf(b->second)};
    OpId writes[] = {*doctor.WriteOf(a->second), *doctor.WriteOf(b->second)};
    bool late = true;
    for (OpId read : reads) {
      for (OpId write : writes) late = late && doctor.At(read).completed_ns > doctor.At(write).invoked_ns;
    }
    if (late) found.emplace_back(a->second, b->second);
  }
  if (found.empty()) return false;
  auto [a, b] = found[static_cast<size_t>(choose(static_cast<int>(found.size())))];
  doctor.Exchange(a, b);
  return true;
}

bool KeysForgotten(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  for (OpId id : doctor.All<Write>()) doctor.Get<Write>(id).key = NameId();
  return true;
}

bool CheckpointAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> checkpoint = doctor.PickOne<Checkpoint>([&](const Operation&, const Checkpoint& c) {
    return !doctor.First<ReadBack>([&](const Operation&, const ReadBack& r) { return r.checkpoint == c.checkpoint; });
  });
  if (!checkpoint) return false;
  doctor.At(*checkpoint).outcome = Outcome::kUnknown;
  doctor.Get<Checkpoint>(*checkpoint).cut.clear();
  return true;
}

bool ReportAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> report = doctor.PickOne<CheckpointReport>();
  if (!report) return false;
  doctor.At(*report).outcome = Outcome::kUnknown;
  return true;
}

bool CheckpointTakenAgain(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> checkpoint =
      doctor.PickOne<Checkpoint>([](const Operation& operation, const Checkpoint&) { return operation.ok(); });
  if (!checkpoint) return false;
  doctor.CopyToEnd(*checkpoint);
  return true;
}

bool CompletionsNotRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  return doctor.DropAll<SegmentCompleted>();
}

bool CompletionAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> completion = doctor.PickOne<SegmentCompleted>();
  if (!completion) return false;
  doctor.At(*completion).outcome = Outcome::kUnknown;
  return true;
}

bool ReleaseAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> release = doctor.PickOne<Release>();
  if (!release) return false;
  doctor.At(*release).outcome = Outcome::kUnknown;
  return true;
}

bool AcquireAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> acquire = doctor.PickOne<Acquire>();
  if (!acquire) return false;
  doctor.At(*acquire).outcome = Outcome::kUnknown;
  return true;
}

bool OfflineAnswerLost(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> offline = doctor.PickOne<ReaderOffline>();
  if (!offline) return false;
  doctor.At(*offline).outcome = Outcome::kUnknown;
  return true;
}

bool FaultsDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  bool faults = doctor.DropAll<FaultStrike>();
  return doctor.DropAll<NodeChange>() || faults;
}

bool FactsAskedAgain(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::vector<Operation> facts;
  for (const Operation& operation : history.operations()) {
    if (operation.AsBoxed<SegmentFacts>() != nullptr) facts.push_back(operation);
  }
  for (const Operation& fact : facts) doctor.Append(fact.process, fact.details);
  return !facts.empty();
}

// The events were truncated away after they were recorded.
bool TruncatedAfterwards(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> checkpoint =
      doctor.PickOne<Checkpoint>([](const Operation& operation, const Checkpoint&) { return operation.ok(); });
  if (!checkpoint) return false;
  NameId stream = doctor.Get<Read>(doctor.All<Read>().front()).at.stream;
  const Cut cut = doctor.Get<Checkpoint>(*checkpoint).cut;
  doctor.Append(doctor.At(*checkpoint).process, StreamTruncate{stream, cut});
  return true;
}

bool HistoryEndsEarly(History& history, const Chooser& choose) {
  std::vector<Operation>& operations = history.mutable_operations();
  size_t keep = operations.size() / 2 + static_cast<size_t>(choose(static_cast<int>(operations.size() / 2)));
  // What public APIs say about segments at the end is kept; the drain and what follows is gone.
  std::vector<Operation> kept;
  int64_t end = operations[keep].invoked_ns;
  for (size_t i = 0; i < operations.size(); ++i) {
    bool is_fact = operations[i].AsBoxed<SegmentFacts>() != nullptr;
    if (i >= keep && !is_fact) continue;
    kept.push_back(operations[i]);
    Operation& last = kept.back();
    if (is_fact || last.outcome == Outcome::kPending || last.completed_ns < end) continue;
    // It had not ended yet.
    last.outcome = Outcome::kPending;
    last.completed_ns = 0;
    if (Checkpoint* checkpoint = std::get_if<Checkpoint>(&last.details)) checkpoint->cut.clear();
    if (Read* read = std::get_if<Read>(&last.details)) last.details = Reading{read->group};
  }
  operations = std::move(kept);
  return true;
}

constexpr BenignMutation kBenign[] = {
    {"a write whose answer was lost is present", &WriteUnknownButPresent},
    {"a write that is under way for ever is present", &WritePendingButPresent},
    {"a write whose answer was lost is absent", &WriteUnknownAndAbsent},
    {"writes that were never seen: unknown, failed, pending", &UnknownWritesAdded},
    {"failed writes are left out", &FailedWritesDropped},
    {"an event is written again after a failure", &WrittenAgainAfterFailure},
    {"a write is acknowledged long after it was read", &AcknowledgedLate},
    {"a record has no end", &RecordDurableLate},
    {"a record whose answer was lost is found", &RecordUnknownButFound},
    {"a commit whose answer was lost took place", &CommitUnknownButVisible},
    {"the answer to an abort was lost", &AbortAnswerLost},
    {"an aborted transaction wrote nothing", &AbortedTransactionDropped},
    {"the answer to a ping was lost", &PingAnswerLost},
    {"a lease is over, but within the skew of clocks", &LeaseOverWithinSkew},
    {"two neighbouring events of different writers are swapped", &UnrelatedEventsSwapped},
    {"all events are without a key", &KeysForgotten},
    {"a checkpoint's answer was lost", &CheckpointAnswerLost},
    {"the answer to a report was lost", &ReportAnswerLost},
    {"a checkpoint's name is used again", &CheckpointTakenAgain},
    {"nobody recorded completions of segments", &CompletionsNotRecorded},
    {"the answer to a completion was lost", &CompletionAnswerLost},
    {"the answer to a release was lost", &ReleaseAnswerLost},
    {"the answer to an acquisition was lost", &AcquireAnswerLost},
    {"the answer to an offline was lost", &OfflineAnswerLost},
    {"faults and deaths are left out", &FaultsDropped},
    {"segments are asked about twice", &FactsAskedAgain},
    {"the stream is truncated afterwards", &TruncatedAfterwards},
};

// --- Blinding

bool NoDrain(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickLastOfSegment(doctor);
  if (!event) return false;
  StopBefore(doctor, doctor.PlaceOf(*event));
  doctor.Drop(*doctor.TheDrain());
  return true;
}

// Nobody knows whether an event that was acknowledged became durable with its reader.
bool RecordUnknown(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return false;
  doctor.At(*doctor.RecordOf(*event)).outcome = Outcome::kUnknown;
  return true;
}

bool NoReaders(History& history, const Chooser&) {
  std::erase_if(history.mutable_operations(),
                [](const Operation& operation) { return operation.As<Write>() == nullptr; });
  // Transactions' writes are gone with what became of them.
  return !history.operations().empty();
}

bool NoFacts(History& history, const Chooser&) {
  std::erase_if(history.mutable_operations(),
                [](const Operation& operation) { return operation.AsBoxed<SegmentFacts>() != nullptr; });
  // Only where the graph matters at all.
  return std::any_of(history.operations().begin(), history.operations().end(), [](const Operation& operation) {
    const Read* read = operation.As<Read>();
    return read != nullptr && read->at.segment_id.epoch() > Epoch(0);
  });
}

bool NoAcquisitions(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  return doctor.DropAll<Acquire>();
}

// Only what readers recorded is left of them.
bool NoCalls(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  bool reads = doctor.DropAll<Read>();
  doctor.DropAll<Reading>();
  doctor.DropAll<ReadCheckpoint>();
  doctor.DropAll<ReadEnd>();
  doctor.DropAll<Acquire>();
  doctor.DropAll<Release>();
  doctor.DropAll<SegmentCompleted>();
  doctor.DropAll<CheckpointReport>();
  return reads;
}

bool NoReports(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  return doctor.DropAll<CheckpointReport>();
}

bool NoBegin(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> commit =
      doctor.PickOne<TxnCommit>([](const Operation& operation, const TxnCommit&) { return operation.ok(); });
  if (!commit) return false;
  TxnRef txn = doctor.Get<TxnCommit>(*commit).txn;
  doctor.DropAll<TxnBegin>([&](const Operation&, const TxnBegin& b) { return b.txn == txn; });
  doctor.DropAll<TxnPing>([&](const Operation&, const TxnPing& p) { return p.txn == txn; });
  return true;
}

bool NoCheckpointOfReadBack(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> read_back = doctor.PickOne<ReadBack>();
  if (!read_back) return false;
  NameId name = doctor.Get<ReadBack>(*read_back).checkpoint;
  doctor.DropAll<Checkpoint>([&](const Operation&, const Checkpoint& c) { return c.checkpoint == name; });
  return true;
}

constexpr BlindingMutation kBlinding[] = {
    {"an event is missing, and nobody waited for the readers", "nothing_lost", &NoDrain},
    {"the answer to a record was lost", "nothing_lost", &RecordUnknown},
    {"nobody reads", "nothing_lost", &NoReaders},
    {"the history ends early", "nothing_lost", &HistoryEndsEarly},
    {"nothing is known of segments", "predecessors_first", &NoFacts},
    {"nobody recorded acquisitions", "ownership", &NoAcquisitions},
    {"nobody recorded what readers did", "records", &NoCalls},
    {"nobody recorded reports", "checkpoint_order", &NoReports},
    {"a transaction's beginning is missing", "lease", &NoBegin},
    {"the checkpoint of a read-back is missing", "read_back", &NoCheckpointOfReadBack},
};

}  // namespace

std::span<const BenignMutation> BenignMutations() { return kBenign; }
std::span<const BlindingMutation> BlindingMutations() { return kBlinding; }

}  // namespace pravega::scenarios
