// Harm, sorted by the checker that must find it.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "scenarios/checkers/testing/doctor.h"
#include "scenarios/checkers/testing/mutations.h"

namespace pravega::scenarios {
namespace {

using Named = std::optional<std::vector<OpId>>;

std::vector<OpId> Ids(std::initializer_list<std::optional<OpId>> ids) {
  std::vector<OpId> named;
  for (const std::optional<OpId>& id : ids) named.push_back(id.value());
  return named;
}

// --- nothing_lost

Named RecordDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  doctor.Drop(*doctor.RecordOf(*event));
  return Ids({doctor.WriteOf(*event), doctor.TheDrain()});
}

// The last event of a line that is recorded and not part of a transaction.
std::optional<OpId> LastRecordOfLine(Doctor& doctor, NameId writer, NameId key) {
  std::optional<Event> last;
  for (OpId id : doctor.All<Record>()) {
    Event event = doctor.Get<Record>(id).at.event();
    const Write& write = doctor.Get<Write>(*doctor.WriteOf(event));
    if (event.writer != writer || write.key != key || write.txn != TxnRef()) continue;
    if (!last || last->sequence < event.sequence) last = event;
  }
  return last ? doctor.RecordOf(*last) : std::nullopt;
}

Named RecordDroppedWithoutDrain(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> later;
  std::optional<Event> event = doctor.PickPlain([&](Event e) {
    later = LastRecordOfLine(doctor, e.writer, doctor.KeyOf(e));
    return later && doctor.Get<Record>(*later).at.sequence > e.sequence;
  });
  if (!event) return std::nullopt;
  doctor.Drop(*doctor.RecordOf(*event));
  doctor.Drop(*doctor.TheDrain());
  return Ids({doctor.WriteOf(*event), later});
}

Named RecordLostInCrash(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> recovered =
      doctor.PickOne<Recovered>([&](const Operation&, const Recovered& r) { return !r.events.empty(); });
  if (!recovered) return std::nullopt;
  std::vector<Sighting>& events = doctor.Get<Recovered>(*recovered).events;
  Event event = events.back().event();
  std::optional<OpId> write = doctor.WriteOf(event);
  std::optional<OpId> record =
      doctor.First<Record>([&](const Operation&, const Record& r) { return r.at.event() == event; });
  if (!doctor.At(*write).ok() || doctor.Get<Write>(*write).txn != TxnRef()) return std::nullopt;
  doctor.At(*record).outcome = Outcome::kUnknown;
  events.pop_back();
  return Ids({write, doctor.TheDrain()});
}

// An event of a committed transaction that is recorded once.
std::optional<Event> PickCommitted(Doctor& doctor, const std::function<bool(Event, TxnRef)>& accept = nullptr) {
  std::optional<OpId> write = doctor.PickOne<Write>([&](const Operation& operation, const Write& w) {
    if (!operation.ok() || !doctor.Committed(w.txn)) return false;
    std::optional<OpId> record = doctor.RecordOf(w.event);
    return record && !doctor.Died(doctor.At(*record).process) && (!accept || accept(w.event, w.txn));
  });
  if (!write) return std::nullopt;
  return doctor.Get<Write>(*write).event;
}

Named CommittedRecordDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickCommitted(doctor);
  if (!event) return std::nullopt;
  std::optional<OpId> write = doctor.WriteOf(*event);
  doctor.Drop(*doctor.RecordOf(*event));
  return Ids({write, doctor.CommitOf(doctor.Get<Write>(*write).txn), doctor.TheDrain()});
}

Named LostWriteAcknowledged(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> write = doctor.PickOne<Write>([&](const Operation& operation, const Write& w) {
    return operation.outcome == Outcome::kUnknown && !doctor.ReadOf(w.event);
  });
  if (!write) return std::nullopt;
  doctor.At(*write).outcome = Outcome::kOk;
  return Ids({write, doctor.TheDrain()});
}

// --- nothing_twice

Named RecordRepeated(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  std::optional<OpId> record = doctor.RecordOf(*event);
  return Ids({record, doctor.CopyToEnd(*record)});
}

Named LostRecordFoundAfterAll(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> again;
  std::optional<OpId> record = doctor.PickOne<Record>([&](const Operation& operation, const Record& r) {
    if (operation.outcome != Outcome::kUnknown) return false;
    std::optional<OpId> later = doctor.First<Record>([&](const Operation& other, const Record& o) {
      return other.id > operation.id && other.ok() && o.at.event() == r.at.event();
    });
    if (later) again = later;
    return later.has_value();
  });
  if (!record) return std::nullopt;
  const Record& details = doctor.Get<Record>(*record);
  again = doctor.First<Record>([&](const Operation& other, const Record& o) {
    return other.id > *record && other.ok() && o.at.event() == details.at.event();
  });
  NameId reader = doctor.At(*record).process;
  std::optional<OpId> recovered =
      doctor.First<Recovered>([&](const Operation&, const Recovered& r) { return r.reader == reader; });
  doctor.Get<Recovered>(*recovered).events.push_back(details.at);
  return Ids({record, again});
}

// A read-back with an event in it: its operation and the event's index there.
std::optional<std::pair<OpId, size_t>> PickReadBack(
    Doctor& doctor, const Chooser& choose, const std::function<bool(const ReadBack&, size_t)>& accept = nullptr) {
  std::optional<OpId> read_back =
      doctor.PickOne<ReadBack>([](const Operation&, const ReadBack& r) { return !r.events.empty(); });
  if (!read_back) return std::nullopt;
  const ReadBack& details = doctor.Get<ReadBack>(*read_back);
  size_t from = static_cast<size_t>(choose(static_cast<int>(details.events.size())));
  for (size_t i = 0; i < details.events.size(); ++i) {
    size_t index = (from + i) % details.events.size();
    if (!accept || accept(details, index)) return std::pair(*read_back, index);
  }
  return std::nullopt;
}

Named EventAtTwoPlaces(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto place = PickReadBack(doctor, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!place || !event) return std::nullopt;
  Sighting& at = doctor.Get<ReadBack>(place->first).events[place->second];
  if (at.event() == *event) return std::nullopt;
  at = MakeSighting(at.segment(), at.offset, at.size, *event);
  return Ids({doctor.RecordOf(*event), place->first});
}

// --- nothing_invented

Named WriteDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  doctor.Drop(*doctor.WriteOf(*event));
  return Ids({doctor.ReadOf(*event)});
}

Named WriteFailed(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  std::optional<OpId> write = doctor.WriteOf(*event);
  doctor.At(*write).outcome = Outcome::kFailed;
  return Ids({write, doctor.ReadOf(*event)});
}

Named WriteAfterRead(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  return Ids({doctor.MoveToEnd(*doctor.WriteOf(*event)), doctor.ReadOf(*event)});
}

Named WriteToOtherStream(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  std::optional<OpId> write = doctor.WriteOf(*event);
  doctor.Get<Write>(*write).stream = history.Intern("other/stream");
  return Ids({write, doctor.ReadOf(*event)});
}

// --- offsets

Named RecordShifted(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  std::optional<OpId> record = doctor.RecordOf(*event);
  Sighting& at = doctor.Get<Record>(*record).at;
  at.offset = at.offset + 1;
  return Ids({record});
}

Named RecordResized(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  std::optional<OpId> record = doctor.RecordOf(*event);
  --doctor.Get<Record>(*record).at.size;
  return Ids({doctor.ReadOf(*event), record});
}

// The certain records of the events right before and right behind a place.
std::optional<OpId> RecordEndingAt(Doctor& doctor, Segment segment, Offset offset) {
  return doctor.First<Record>([&](const Operation& operation, const Record& r) {
    return operation.ok() && r.at.segment() == segment && r.at.end() == offset;
  });
}
std::optional<OpId> RecordBeginningAt(Doctor& doctor, Segment segment, Offset offset) {
  return doctor.First<Record>([&](const Operation& operation, const Record& r) {
    return operation.ok() && r.at.segment() == segment && r.at.offset == offset;
  });
}

Named RecordMissingBetweenTwo(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> before;
  std::optional<OpId> behind;
  std::optional<Event> event = doctor.PickPlain([&](Event e) {
    Sighting at = doctor.PlaceOf(e);
    before = RecordEndingAt(doctor, at.segment(), at.offset);
    behind = RecordBeginningAt(doctor, at.segment(), at.end());
    return before && behind;
  });
  if (!event) return std::nullopt;
  doctor.Drop(*doctor.RecordOf(*event));
  return Ids({before, behind});
}

// Three reads in a row of one reader in one segment, between which it neither acquired nor released anything.
std::optional<std::array<OpId, 3>> PickThreeReads(Doctor& doctor, const Chooser& choose) {
  std::map<NameId, std::vector<OpId>> reads;  // in a row, of each reader
  std::map<NameId, std::vector<int64_t>> moves;
  std::vector<std::array<OpId, 3>> rows;
  for (const Operation& operation : doctor.history().operations()) {
    if (operation.As<Acquire>() != nullptr || operation.As<Release>() != nullptr) {
      moves[operation.process].push_back(operation.completed_ns);
    }
    const Read* read = operation.As<Read>();
    if (read == nullptr) continue;
    std::vector<OpId>& row = reads[operation.process];
    if (!row.empty() && doctor.Get<Read>(row.back()).at.segment() != read->at.segment()) row.clear();
    row.push_back(operation.id);
    if (row.size() >= 3) rows.push_back({row[row.size() - 3], row[row.size() - 2], row[row.size() - 1]});
  }
  std::erase_if(rows, [&](const std::array<OpId, 3>& row) {
    const Operation& first = doctor.At(row[0]);
    const std::vector<int64_t>& when = moves[first.process];
    return std::any_of(when.begin(), when.end(),
                       [&](int64_t ns) { return ns >= first.completed_ns && ns <= doctor.At(row[2]).completed_ns; });
  });
  if (rows.empty()) return std::nullopt;
  return rows[static_cast<size_t>(choose(static_cast<int>(rows.size())))];
}

Named ReaderSkipsEvent(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto reads = PickThreeReads(doctor, choose);
  if (!reads) return std::nullopt;
  Event event = doctor.Get<Read>((*reads)[1]).at.event();
  doctor.Drop((*reads)[1]);
  doctor.DropAll<Record>([&](const Operation&, const Record& r) { return r.at.event() == event; });
  return Ids({(*reads)[0], (*reads)[2]});
}

Named ReadsSwapped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto reads = PickThreeReads(doctor, choose);
  if (!reads) return std::nullopt;
  std::swap(doctor.Get<Read>((*reads)[1]).at, doctor.Get<Read>((*reads)[2]).at);
  return Ids({(*reads)[0], (*reads)[1]});
}

std::optional<OpId> PickFacts(Doctor& doctor, const std::function<bool(const SegmentFacts&)>& accept) {
  std::vector<OpId> found;
  for (const Operation& operation : doctor.history().operations()) {
    const SegmentFacts* facts = operation.AsBoxed<SegmentFacts>();
    if (facts != nullptr && accept(*facts)) found.push_back(operation.id);
  }
  return doctor.Pick(found);
}

Named SealedSegmentShortened(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> facts = PickFacts(doctor, [](const SegmentFacts& f) { return f.sealed && f.length > Offset(); });
  if (!facts) return std::nullopt;
  SegmentFacts& details = doctor.Facts(*facts);
  std::optional<OpId> read = doctor.First<Read>([&](const Operation&, const Read& r) {
    return r.at.segment() == details.segment && r.at.end() == details.length;
  });
  details.length = Offset(details.length.value() - 1);
  return Ids({read, facts});
}

Named SegmentLongerThanRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> facts = PickFacts(doctor, [](const SegmentFacts& f) { return !f.sealed; });
  if (!facts) return std::nullopt;
  doctor.Facts(*facts).length = doctor.Facts(*facts).length + 10;
  return Ids({facts, doctor.TheDrain()});
}

Named SealedSegmentLongerThanRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> end = doctor.First<ReadEnd>(nullptr);
  std::optional<OpId> facts = PickFacts(doctor, [](const SegmentFacts& f) { return f.sealed && f.successors.empty(); });
  if (!facts || !end) return std::nullopt;
  doctor.Facts(*facts).length = doctor.Facts(*facts).length + 10;
  return Ids({facts});
}

Named SegmentShrinks(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> facts = PickFacts(doctor, [](const SegmentFacts& f) { return !f.sealed && f.length > Offset(); });
  if (!facts) return std::nullopt;
  SegmentFacts shorter = doctor.Facts(*facts);
  shorter.length = Offset(shorter.length.value() - 1);
  return Ids({facts, doctor.Append(doctor.At(*facts).process, Box<SegmentFacts>(shorter))});
}

// --- order

// Whether an event of the same writer and key in a transaction stands between two events.
bool TransactionBetween(Doctor& doctor, Event a, Event b) {
  auto place = [](const Sighting& at) { return std::pair(at.segment(), at.offset); };
  Sighting from = doctor.PlaceOf(a);
  Sighting to = doctor.PlaceOf(b);
  for (OpId id : doctor.All<Record>()) {
    const Sighting& at = doctor.Get<Record>(id).at;
    if (place(at) <= place(from) || place(at) >= place(to) || at.writer != a.writer) continue;
    const Write& write = doctor.Get<Write>(*doctor.WriteOf(at.event()));
    if (write.key == doctor.KeyOf(a) && write.txn != TxnRef()) return true;
  }
  return false;
}

Named EventsOfKeySwapped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> second;
  std::optional<Event> first = doctor.PickPlain([&](Event e) {
    second.reset();
    // The next one of the line that was seen, whatever came of its write.
    for (OpId id : doctor.All<Write>()) {
      const Write& write = doctor.Get<Write>(id);
      bool next = write.event.writer == e.writer && write.event.sequence > e.sequence && write.txn == TxnRef();
      if (!next || write.key != doctor.KeyOf(e) || !doctor.ReadOf(write.event)) continue;
      second = write.event;
      return doctor.Plain(*second) && !TransactionBetween(doctor, e, *second);
    }
    return false;
  });
  if (!first) return std::nullopt;
  std::optional<OpId> a = doctor.RecordOf(*first);
  std::optional<OpId> b = doctor.RecordOf(*second);
  doctor.Exchange(*first, *second);
  return Ids({a, b});
}

Named RecordedOutOfOrder(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain([&](Event e) {
    std::optional<OpId> later = LastRecordOfLine(doctor, e.writer, doctor.KeyOf(e));
    return later && doctor.Get<Record>(*later).at.sequence > e.sequence;
  });
  if (!event) return std::nullopt;
  return Ids({doctor.MoveToEnd(*doctor.RecordOf(*event))});
}

Named KeyInUnrelatedSegments(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::vector<OpId> open;
  for (const Operation& operation : history.operations()) {
    const SegmentFacts* facts = operation.AsBoxed<SegmentFacts>();
    if (facts != nullptr && !facts->sealed) open.push_back(operation.id);
  }
  auto open_segment = [&](Segment segment) {
    return std::any_of(open.begin(), open.end(), [&](OpId id) { return doctor.Facts(id).segment == segment; });
  };
  std::vector<Event> events = doctor.PlainEvents();
  std::optional<Event> event = doctor.PickPlain([&](Event e) {
    Segment segment = doctor.PlaceOf(e).segment();
    if (!open_segment(segment)) return false;
    return std::any_of(events.begin(), events.end(), [&](Event other) {
      return other != e && other.writer == e.writer && doctor.KeyOf(other) == doctor.KeyOf(e) &&
             doctor.PlaceOf(other).segment() == segment;
    });
  });
  if (!event || open.size() < 2) return std::nullopt;
  Segment from = doctor.PlaceOf(*event).segment();
  std::erase_if(open, [&](OpId id) { return doctor.Facts(id).segment == from; });
  const SegmentFacts& to = doctor.Facts(*doctor.Pick(open));
  doctor.ForSightings([&](Sighting& at) {
    if (at.event() == *event) at = MakeSighting(to.segment, to.length, at.size, *event);
  });
  return Ids({doctor.RecordOf(*event)});
}

Named EventsOfTransactionSwapped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> second;
  std::optional<Event> first = PickCommitted(doctor, [&](Event e, TxnRef txn) {
    second.reset();
    for (OpId id : doctor.All<Write>()) {
      const Write& write = doctor.Get<Write>(id);
      if (write.txn != txn || write.event <= e || write.key != doctor.KeyOf(e)) continue;
      second = write.event;
      return doctor.RecordOf(*second).has_value();
    }
    return false;
  });
  if (!first) return std::nullopt;
  // The predicate last ran for another event than the one picked.
  second.reset();
  TxnRef txn = doctor.Get<Write>(*doctor.WriteOf(*first)).txn;
  second = doctor
               .Get<Write>(*doctor.First<Write>([&](const Operation&, const Write& w) {
                 return w.txn == txn && w.event > *first && w.key == doctor.KeyOf(*first);
               }))
               .event;
  std::optional<OpId> a = doctor.RecordOf(*first);
  std::optional<OpId> b = doctor.RecordOf(*second);
  doctor.Exchange(*first, *second);
  return Ids({a, b});
}

// --- ownership

// A release, the acquisition that it ends, and the next one.
struct Handover {
  OpId before;
  OpId release;
  OpId after;
};

// One by a reader that never died and came back from its calls. (The release may be written down after the next
// acquisition.)
std::optional<Handover> PickHandover(Doctor& doctor, const Chooser& choose) {
  std::vector<Handover> found;
  for (OpId release : doctor.All<Release>()) {
    Segment segment = doctor.Get<Release>(release).segment;
    NameId reader = doctor.At(release).process;
    Handover handover{OpId(), release, OpId()};
    for (OpId id : doctor.All<Acquire>([&](const Operation&, const Acquire& a) { return a.segment == segment; })) {
      if (id < release && doctor.At(id).process == reader) {
        handover = {id, release, OpId()};
      } else if (handover.before != OpId() && handover.after == OpId()) {
        handover.after = id;
      }
    }
    bool complete = handover.before != OpId() && handover.after != OpId();
    if (complete && !doctor.Died(reader) && doctor.CameBackAfter(reader, doctor.At(handover.after).completed_ns)) {
      found.push_back(handover);
    }
  }
  if (found.empty()) return std::nullopt;
  return found[static_cast<size_t>(choose(static_cast<int>(found.size())))];
}

Named ReleaseDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Handover> handover = PickHandover(doctor, choose);
  if (!handover) return std::nullopt;
  doctor.Drop(handover->release);
  return Ids({handover->before, handover->after});
}

Named TakenElsewhere(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Handover> handover = PickHandover(doctor, choose);
  if (!handover) return std::nullopt;
  doctor.Get<Acquire>(handover->after).offset = doctor.Get<Acquire>(handover->after).offset + 1;
  return Ids({handover->release, handover->after});
}

Named ReadByStranger(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> read = doctor.PickOne<Read>();
  if (!read) return std::nullopt;
  doctor.At(*read).process = history.Intern("reader-stranger");
  return Ids({read});
}

Named CompletedSegmentTakenAgain(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> completion = doctor.PickOne<SegmentCompleted>();
  if (!completion) return std::nullopt;
  const SegmentCompleted details = doctor.Get<SegmentCompleted>(*completion);
  return Ids({completion,
              doctor.Append(history.Intern("reader-stranger"), Acquire{details.group, details.segment, Offset()})});
}

Named ReadAfterRelease(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> release = doctor.PickOne<Release>([&](const Operation& operation, const Release& r) {
    return !doctor.First<Acquire>([&](const Operation& other, const Acquire& a) {
      return other.id > operation.id && other.process == operation.process && a.segment == r.segment;
    });
  });
  if (!release) return std::nullopt;
  Segment segment = doctor.Get<Release>(*release).segment;
  std::optional<OpId> read =
      doctor.First<Read>([&](const Operation&, const Read& r) { return r.at.segment() == segment; });
  if (!read) return std::nullopt;
  const Read details = doctor.Get<Read>(*read);
  return Ids({release, doctor.Append(doctor.At(*release).process, details)});
}

// --- predecessors_first

// A segment with a predecessor, both of which have events, and whose reader came back later from a call.
std::optional<std::pair<Segment, Segment>> PickSuccession(Doctor& doctor) {
  auto has_events = [&](Segment segment) {
    return doctor.First<Read>([&](const Operation&, const Read& r) { return r.at.segment() == segment; }).has_value();
  };
  std::optional<OpId> facts = PickFacts(doctor, [&](const SegmentFacts& f) {
    if (f.predecessors.empty() || !has_events(f.segment) || !has_events(f.predecessors[0])) return false;
    int64_t first_ns = doctor.LastTime();
    for (OpId id : doctor.All<Read>([&](const Operation&, const Read& r) { return r.at.segment() == f.segment; })) {
      first_ns = std::min(first_ns, doctor.At(id).completed_ns);
    }
    std::vector<OpId> acquires =
        doctor.All<Acquire>([&](const Operation&, const Acquire& a) { return a.segment == f.predecessors[0]; });
    return std::all_of(acquires.begin(), acquires.end(),
                       [&](OpId id) { return doctor.CameBackAfter(doctor.At(id).process, first_ns); });
  });
  if (!facts) return std::nullopt;
  return std::pair(doctor.Facts(*facts).predecessors[0], doctor.Facts(*facts).segment);
}

Named SuccessorReadEarly(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto succession = PickSuccession(doctor);
  if (!succession) return std::nullopt;
  auto first_of = [&](Segment segment) {
    return doctor.First<Read>([&](const Operation&, const Read& r) { return r.at.segment() == segment; });
  };
  std::optional<OpId> first = first_of(succession->first);
  const Read early = doctor.Get<Read>(*first_of(succession->second));
  return Ids({doctor.InsertBehind(*first, doctor.At(*first).process, early)});
}

Named CompletionDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto succession = PickSuccession(doctor);
  if (!succession) return std::nullopt;
  Segment earlier = succession->first;
  doctor.DropAll<SegmentCompleted>([&](const Operation&, const SegmentCompleted& c) { return c.segment == earlier; });
  if (doctor.All<SegmentCompleted>().empty()) return std::nullopt;  // then it looks as if nobody recorded completions
  return Ids({PickFacts(doctor, [&](const SegmentFacts& f) { return f.segment == earlier; })});
}

Named CompletedLater(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto succession = PickSuccession(doctor);
  if (!succession) return std::nullopt;
  Segment earlier = succession->first;
  return Ids({doctor.MoveToEnd(*doctor.First<SegmentCompleted>(
      [&](const Operation&, const SegmentCompleted& c) { return c.segment == earlier; }))});
}

Named EndOfPredecessorNotRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto succession = PickSuccession(doctor);
  if (!succession) return std::nullopt;
  Segment earlier = succession->first;
  std::optional<OpId> facts = PickFacts(doctor, [&](const SegmentFacts& f) { return f.segment == earlier; });
  std::optional<OpId> last = RecordEndingAt(doctor, earlier, doctor.Facts(*facts).length);
  if (!last || !doctor.RecordOf(doctor.Get<Record>(*last).at.event())) return std::nullopt;
  doctor.Drop(*last);
  return Ids({facts});
}

// --- transactions

Named CommitAfterRead(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickCommitted(doctor);
  if (!event) return std::nullopt;
  TxnRef txn = doctor.Get<Write>(*doctor.WriteOf(*event)).txn;
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  return Ids({doctor.MoveToEnd(*doctor.CommitOf(txn))});
}

// The first read of any event of a transaction.
std::optional<OpId> FirstRead(Doctor& doctor, TxnRef txn) {
  return doctor.First<Read>([&](const Operation&, const Read& r) {
    std::optional<OpId> write = doctor.WriteOf(r.at.event());
    return write && doctor.Get<Write>(*write).txn == txn;
  });
}

Named CommitFailed(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickCommitted(doctor);
  if (!event) return std::nullopt;
  TxnRef txn = doctor.Get<Write>(*doctor.WriteOf(*event)).txn;
  std::optional<OpId> commit = doctor.CommitOf(txn);
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  doctor.At(*commit).outcome = Outcome::kFailed;
  return Ids({commit});
}

Named AbortedInsteadOfCommitted(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickCommitted(doctor);
  if (!event) return std::nullopt;
  TxnRef txn = doctor.Get<Write>(*doctor.WriteOf(*event)).txn;
  std::optional<OpId> commit = doctor.CommitOf(txn);
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  doctor.At(*commit).details = TxnAbort{txn, {}};
  return Ids({commit});
}

Named NeverCommitted(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickCommitted(doctor);
  if (!event) return std::nullopt;
  TxnRef txn = doctor.Get<Write>(*doctor.WriteOf(*event)).txn;
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  doctor.Drop(*doctor.CommitOf(txn));
  std::optional<OpId> read = FirstRead(doctor, txn);
  return Ids({doctor.WriteOf(doctor.Get<Read>(*read).at.event()), read});
}

Named CommittedAndAborted(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> commit =
      doctor.PickOne<TxnCommit>([](const Operation& operation, const TxnCommit&) { return operation.ok(); });
  if (!commit) return std::nullopt;
  TxnStatus status{doctor.Get<TxnCommit>(*commit).txn, history.Intern("ABORTED")};
  return Ids({commit, doctor.Append(doctor.At(*commit).process, status)});
}

Named PartOfTransactionMissing(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = PickCommitted(doctor, [&](Event e, TxnRef txn) {
    return doctor
        .First<Write>(
            [&](const Operation&, const Write& w) { return w.txn == txn && w.event != e && doctor.RecordOf(w.event); })
        .has_value();
  });
  if (!event) return std::nullopt;
  doctor.Drop(*doctor.RecordOf(*event));
  return Ids({doctor.WriteOf(*event), doctor.TheDrain()});
}

// An event of another writer gets between two of a transaction.
Named StrangerWithinTransaction(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::map<std::pair<Segment, Offset>, Sighting> places;
  for (OpId id : doctor.All<Record>()) {
    const Sighting& at = doctor.Get<Record>(id).at;
    places[{at.segment(), at.offset}] = at;
  }
  std::map<Event, TxnRef> txns;
  for (OpId id : doctor.All<Write>()) txns[doctor.Get<Write>(id).event] = doctor.Get<Write>(id).txn;
  std::vector<std::pair<Event, Event>> found;
  for (auto a = places.begin(); a != places.end(); ++a) {
    auto b = std::next(a);
    if (b == places.end() || std::next(b) == places.end()) break;
    auto c = std::next(b);
    if (a->first.first != c->first.first) continue;
    Event first = a->second.event();
    Event second = b->second.event();
    Event stranger = c->second.event();
    bool fits =
        txns[first] != TxnRef() && txns[first] == txns[second] && doctor.Plain(stranger) && doctor.RecordOf(second);
    if (fits) found.emplace_back(second, stranger);
  }
  if (found.empty()) return std::nullopt;
  auto [second, stranger] = found[static_cast<size_t>(choose(static_cast<int>(found.size())))];
  std::optional<OpId> a = doctor.RecordOf(second);
  std::optional<OpId> b = doctor.RecordOf(stranger);
  doctor.Exchange(second, stranger);
  return Ids({a, b});
}

// --- lease

std::vector<OpId> Renewals(Doctor& doctor, TxnRef txn) {
  std::vector<OpId> renewals = doctor.All<TxnBegin>([&](const Operation&, const TxnBegin& b) { return b.txn == txn; });
  for (OpId id : doctor.All<TxnPing>([&](const Operation&, const TxnPing& p) { return p.txn == txn; }))
    renewals.push_back(id);
  return renewals;
}

Named LeaseTooShort(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> commit =
      doctor.PickOne<TxnCommit>([](const Operation& operation, const TxnCommit&) { return operation.ok(); });
  if (!commit) return std::nullopt;
  history.parameters().clock_skew_ns = 0;
  std::vector<OpId> renewals = Renewals(doctor, doctor.Get<TxnCommit>(*commit).txn);
  for (OpId id : renewals) {
    if (TxnBegin* begin = std::get_if<TxnBegin>(&doctor.At(id).details)) begin->lease_ms = 0;
    if (TxnPing* ping = std::get_if<TxnPing>(&doctor.At(id).details)) ping->lease_ms = 0;
  }
  return Ids({commit});
}

Named EndedLeaseRenewed(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> ping =
      doctor.PickOne<TxnPing>([&](const Operation&, const TxnPing& p) { return doctor.Committed(p.txn); });
  if (!ping) return std::nullopt;
  TxnRef txn = doctor.Get<TxnPing>(*ping).txn;
  history.parameters().clock_skew_ns = 0;
  std::vector<OpId> renewals = Renewals(doctor, txn);
  doctor.Get<TxnBegin>(renewals.front()).lease_ms = 0;
  return Ids({renewals[0], renewals[1], doctor.CommitOf(txn)});
}

Named CommitTooLate(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> commit =
      doctor.PickOne<TxnCommit>([](const Operation& operation, const TxnCommit&) { return operation.ok(); });
  if (!commit) return std::nullopt;
  TxnRef txn = doctor.Get<TxnCommit>(*commit).txn;
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  OpId moved = doctor.MoveToEnd(*commit);
  doctor.At(moved).invoked_ns += 20'000'000'000;
  doctor.At(moved).completed_ns += 20'000'000'000;
  return Ids({Renewals(doctor, txn).back(), moved});
}

// The answer to every ping was lost, and the commit comes later than all of them could help.
Named PingAnswersLostAndCommitTooLate(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> ping =
      doctor.PickOne<TxnPing>([&](const Operation&, const TxnPing& p) { return doctor.Committed(p.txn); });
  if (!ping) return std::nullopt;
  TxnRef txn = doctor.Get<TxnPing>(*ping).txn;
  doctor.DropAll<TxnStatus>([&](const Operation&, const TxnStatus& s) { return s.txn == txn; });
  std::vector<OpId> renewals = Renewals(doctor, txn);
  int64_t lasts_ms = 0;
  for (OpId id : renewals) {
    const TxnBegin* begin = doctor.At(id).As<TxnBegin>();
    lasts_ms += begin != nullptr ? begin->lease_ms : doctor.Get<TxnPing>(id).lease_ms;
    if (begin == nullptr) doctor.At(id).outcome = Outcome::kUnknown;
  }
  const int64_t by_ns =
      lasts_ms * 1'000'000 + static_cast<int64_t>(renewals.size()) * history.parameters().clock_skew_ns + 1;
  OpId moved = doctor.MoveToEnd(*doctor.CommitOf(txn));
  doctor.At(moved).invoked_ns += by_ns;
  doctor.At(moved).completed_ns += by_ns;
  return Ids({renewals.front(), moved});
}

Named PingsFailed(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> ping =
      doctor.PickOne<TxnPing>([&](const Operation&, const TxnPing& p) { return doctor.Committed(p.txn); });
  if (!ping) return std::nullopt;
  TxnRef txn = doctor.Get<TxnPing>(*ping).txn;
  std::vector<OpId> renewals = Renewals(doctor, txn);
  for (OpId id : renewals) doctor.At(id).outcome = Outcome::kFailed;
  doctor.At(renewals.front()).outcome = Outcome::kOk;
  doctor.Get<TxnBegin>(renewals.front()).lease_ms = 0;
  history.parameters().clock_skew_ns = 0;
  return Ids({renewals.front(), doctor.CommitOf(txn)});
}

// --- checkpoints

struct Entry {
  OpId checkpoint;
  std::optional<OpId> report;  // that has this position
  CutEntry entry;
};

// An entry of a completed checkpoint's cut.
std::optional<Entry> PickEntry(Doctor& doctor, const Chooser& choose, const std::function<bool(const Entry&)>& accept) {
  std::vector<Entry> found;
  for (OpId id : doctor.All<Checkpoint>([](const Operation& operation, const Checkpoint&) { return operation.ok(); })) {
    const Checkpoint& checkpoint = doctor.Get<Checkpoint>(id);
    for (const CutEntry& entry : checkpoint.cut) {
      std::optional<OpId> report = doctor.First<CheckpointReport>([&](const Operation&, const CheckpointReport& r) {
        return r.checkpoint == checkpoint.checkpoint &&
               std::find(r.position.begin(), r.position.end(), entry) != r.position.end();
      });
      Entry candidate{id, report, entry};
      if (accept(candidate)) found.push_back(candidate);
    }
  }
  if (found.empty()) return std::nullopt;
  return found[static_cast<size_t>(choose(static_cast<int>(found.size())))];
}

void SetOffset(Cut& cut, Segment segment, Offset offset) {
  for (CutEntry& entry : cut) {
    if (entry.segment == segment) entry.offset = offset;
  }
}

Named CutDiffersFromReport(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    return e.report && !e.entry.finished && RecordBeginningAt(doctor, e.entry.segment, e.entry.offset);
  });
  if (!entry) return std::nullopt;
  std::optional<OpId> next = RecordBeginningAt(doctor, entry->entry.segment, entry->entry.offset);
  SetOffset(doctor.Get<Checkpoint>(entry->checkpoint).cut, entry->entry.segment, doctor.Get<Record>(*next).at.end());
  return Ids({entry->checkpoint});
}

// As if the position were taken before the last event was recorded.
Named ReportedMoreThanRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    std::optional<OpId> next = RecordBeginningAt(doctor, e.entry.segment, e.entry.offset);
    return e.report && !e.entry.finished && next && doctor.At(*next).process == doctor.At(*e.report).process;
  });
  if (!entry) return std::nullopt;
  Segment segment = entry->entry.segment;
  std::optional<OpId> next = RecordBeginningAt(doctor, segment, entry->entry.offset);
  Offset end = doctor.Get<Record>(*next).at.end();
  SetOffset(doctor.Get<Checkpoint>(entry->checkpoint).cut, segment, end);
  SetOffset(doctor.Get<CheckpointReport>(*entry->report).position, segment, end);
  return Ids({next, entry->report});
}

Named ReportedLessThanRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    return e.report && !e.entry.finished && RecordEndingAt(doctor, e.entry.segment, e.entry.offset);
  });
  if (!entry) return std::nullopt;
  Segment segment = entry->entry.segment;
  std::optional<OpId> last = RecordEndingAt(doctor, segment, entry->entry.offset);
  Offset begin = doctor.Get<Record>(*last).at.offset;
  SetOffset(doctor.Get<Checkpoint>(entry->checkpoint).cut, segment, begin);
  SetOffset(doctor.Get<CheckpointReport>(*entry->report).position, segment, begin);
  return Ids({last, entry->report});
}

Named RecordedAfterReport(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    return e.report && !e.entry.finished && RecordEndingAt(doctor, e.entry.segment, e.entry.offset);
  });
  if (!entry) return std::nullopt;
  return Ids({doctor.MoveToEnd(*RecordEndingAt(doctor, entry->entry.segment, entry->entry.offset))});
}

Named PositionWithinEvent(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    return e.report && !e.entry.finished && RecordBeginningAt(doctor, e.entry.segment, e.entry.offset);
  });
  if (!entry) return std::nullopt;
  Segment segment = entry->entry.segment;
  std::optional<OpId> next = RecordBeginningAt(doctor, segment, entry->entry.offset);
  SetOffset(doctor.Get<Checkpoint>(entry->checkpoint).cut, segment, entry->entry.offset + 1);
  SetOffset(doctor.Get<CheckpointReport>(*entry->report).position, segment, entry->entry.offset + 1);
  return Ids({next});
}

Named EntryMissingInCut(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    return !e.entry.finished && doctor.First<Record>([&](const Operation& operation, const Record& r) {
      return operation.ok() && r.at.segment() == e.entry.segment;
    });
  });
  if (!entry) return std::nullopt;
  std::erase(doctor.Get<Checkpoint>(entry->checkpoint).cut, entry->entry);
  return Ids({entry->checkpoint});
}

// The hole that a checkpoint between the completions of two predecessors has, if nobody fills it.
Named HoleInCut(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto entry = PickEntry(doctor, choose, [&](const Entry& e) {
    return !e.report && e.entry.finished && doctor.First<Record>([&](const Operation& operation, const Record& r) {
      return operation.ok() && r.at.segment() == e.entry.segment;
    });
  });
  if (!entry) return std::nullopt;
  std::erase(doctor.Get<Checkpoint>(entry->checkpoint).cut, entry->entry);
  return Ids({entry->checkpoint});
}

Named CheckpointHandedTwice(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> handed = doctor.PickOne<ReadCheckpoint>(
      [&](const Operation& operation, const ReadCheckpoint&) { return !doctor.Died(operation.process); });
  if (!handed) return std::nullopt;
  return Ids({handed, doctor.CopyToEnd(*handed)});
}

Named HandOutDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> report = doctor.PickOne<CheckpointReport>();
  if (!report) return std::nullopt;
  NameId reader = doctor.At(*report).process;
  NameId checkpoint = doctor.Get<CheckpointReport>(*report).checkpoint;
  // The call remains, for what else happened inside: it came back with nothing.
  for (OpId id : doctor.All<ReadCheckpoint>([&](const Operation& operation, const ReadCheckpoint& r) {
         return operation.process == reader && r.checkpoint == checkpoint;
       })) {
    doctor.At(id).details = Reading{doctor.Get<ReadCheckpoint>(id).group};
    doctor.At(id).outcome = Outcome::kFailed;
  }
  return Ids({report});
}

Named ReportDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> report =
      doctor.PickOne<CheckpointReport>([&](const Operation& operation, const CheckpointReport& r) {
        std::optional<OpId> checkpoint = doctor.First<Checkpoint>(
            [&](const Operation&, const Checkpoint& c) { return c.checkpoint == r.checkpoint; });
        // The reader came back from a call that began after the checkpoint was complete.
        return !doctor.Died(operation.process) && doctor.First<Read>([&](const Operation& other, const Read&) {
          return other.process == operation.process && other.invoked_ns > doctor.At(*checkpoint).completed_ns;
        });
      });
  if (!report) return std::nullopt;
  NameId reader = doctor.At(*report).process;
  NameId name = doctor.Get<CheckpointReport>(*report).checkpoint;
  doctor.Drop(*report);
  return Ids({doctor.First<ReaderOnline>([&](const Operation&, const ReaderOnline& o) { return o.reader == reader; }),
              doctor.First<Checkpoint>([&](const Operation&, const Checkpoint& c) { return c.checkpoint == name; })});
}

Named AcquiredBeforeReport(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> report = doctor.PickOne<CheckpointReport>();
  if (!report) return std::nullopt;
  NameId reader = doctor.At(*report).process;
  NameId checkpoint = doctor.Get<CheckpointReport>(*report).checkpoint;
  std::optional<OpId> handed = doctor.First<ReadCheckpoint>([&](const Operation& operation, const ReadCheckpoint& r) {
    return operation.process == reader && r.checkpoint == checkpoint;
  });
  const Acquire some = doctor.Get<Acquire>(doctor.All<Acquire>().front());
  OpId acquire = doctor.InsertBehind(*handed, reader, some);
  ++doctor.At(acquire).invoked_ns;
  ++doctor.At(acquire).completed_ns;
  return Ids({handed, acquire, report});
}

Named HandedBeforeInitiated(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> checkpoint = doctor.PickOne<Checkpoint>([&](const Operation&, const Checkpoint& c) {
    return doctor
        .First<ReadCheckpoint>([&](const Operation&, const ReadCheckpoint& r) { return r.checkpoint == c.checkpoint; })
        .has_value();
  });
  if (!checkpoint) return std::nullopt;
  return Ids({doctor.MoveToEnd(*checkpoint)});
}

// --- read_back

std::optional<OpId> CheckpointOf(Doctor& doctor, OpId read_back) {
  NameId name = doctor.Get<ReadBack>(read_back).checkpoint;
  return doctor.First<Checkpoint>([&](const Operation&, const Checkpoint& c) { return c.checkpoint == name; });
}

Named ReadBackSkips(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto place = PickReadBack(doctor, choose, [](const ReadBack& r, size_t i) {
    return i + 1 < r.events.size() && r.events[i].segment() == r.events[i + 1].segment();
  });
  if (!place) return std::nullopt;
  std::vector<Sighting>& events = doctor.Get<ReadBack>(place->first).events;
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(place->second));
  return Ids({CheckpointOf(doctor, place->first), place->first});
}

Named ReadBackEndsEarly(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto place = PickReadBack(doctor, choose, [&](const ReadBack& r, size_t i) {
    bool last = i + 1 == r.events.size() || r.events[i].segment() != r.events[i + 1].segment();
    return last && doctor.RecordOf(r.events[i].event());
  });
  if (!place) return std::nullopt;
  std::vector<Sighting>& events = doctor.Get<ReadBack>(place->first).events;
  std::optional<OpId> record = doctor.RecordOf(events[place->second].event());
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(place->second));
  return Ids({record, CheckpointOf(doctor, place->first), place->first});
}

Named ReadBackBeginsEarly(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> read_back = doctor.PickOne<ReadBack>();
  if (!read_back) return std::nullopt;
  std::optional<OpId> checkpoint = CheckpointOf(doctor, *read_back);
  for (const CutEntry& entry : doctor.Get<Checkpoint>(*checkpoint).cut) {
    if (entry.finished) continue;
    std::optional<OpId> record = RecordEndingAt(doctor, entry.segment, entry.offset);
    if (!record) continue;
    const Sighting before = doctor.Get<Record>(*record).at;
    std::vector<Sighting>& events = doctor.Get<ReadBack>(*read_back).events;
    events.insert(events.begin(), before);
    return Ids({record, checkpoint, read_back});
  }
  return std::nullopt;
}

Named ReadBackFindsOther(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  auto place = PickReadBack(
      doctor, choose, [&](const ReadBack& r, size_t i) { return doctor.RecordOf(r.events[i].event()).has_value(); });
  if (!place) return std::nullopt;
  Sighting& at = doctor.Get<ReadBack>(place->first).events[place->second];
  std::optional<OpId> record = doctor.RecordOf(at.event());
  at = MakeSighting(at.segment(), at.offset, at.size, Event{at.writer, at.sequence + 1'000'000});
  return Ids({record, place->first});
}

// --- records

Named RecordedOther(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> record =
      doctor.PickOne<Record>([](const Operation& operation, const Record&) { return operation.ok(); });
  if (!record) return std::nullopt;
  Sighting& at = doctor.Get<Record>(*record).at;
  std::optional<OpId> read = doctor.First<Read>([&](const Operation& operation, const Read& r) {
    return operation.process == doctor.At(*record).process && r.at == at;
  });
  at = MakeSighting(at.segment(), at.offset, at.size, Event{at.writer, at.sequence + 1'000'000});
  return Ids({read, record});
}

Named ReadDropped(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<Event> event = doctor.PickPlain();
  if (!event) return std::nullopt;
  std::optional<OpId> record = doctor.RecordOf(*event);
  NameId reader = doctor.At(*record).process;
  doctor.DropAll<Read>(
      [&](const Operation& operation, const Read& r) { return operation.process == reader && r.at.event() == *event; });
  return Ids({record});
}

Named DurableRecordNotFound(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> record = doctor.PickOne<Record>(
      [&](const Operation& operation, const Record&) { return operation.ok() && doctor.Died(operation.process); });
  if (!record) return std::nullopt;
  NameId reader = doctor.At(*record).process;
  std::optional<OpId> recovered =
      doctor.First<Recovered>([&](const Operation&, const Recovered& r) { return r.reader == reader; });
  std::erase(doctor.Get<Recovered>(*recovered).events, doctor.Get<Record>(*record).at);
  return Ids({record, recovered});
}

Named FoundWhatWasNotRecorded(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> recovered = doctor.PickOne<Recovered>();
  std::optional<Event> event = doctor.PickPlain();
  if (!recovered || !event) return std::nullopt;
  doctor.Get<Recovered>(*recovered).events.push_back(doctor.PlaceOf(*event));
  return Ids({recovered});
}

Named FoundTwice(History& history, const Chooser& choose) {
  Doctor doctor(history, choose);
  std::optional<OpId> recovered =
      doctor.PickOne<Recovered>([](const Operation&, const Recovered& r) { return !r.events.empty(); });
  if (!recovered) return std::nullopt;
  std::vector<Sighting>& events = doctor.Get<Recovered>(*recovered).events;
  const Sighting at = events.front();
  events.push_back(at);
  NameId reader = doctor.Get<Recovered>(*recovered).reader;
  return Ids({doctor.First<Record>([&](const Operation& operation, const Record& r) {
                return operation.process == reader && r.at == at;
              }),
              recovered});
}

constexpr HarmfulMutation kHarmful[] = {
    {"a checkpoint is handed out twice", "checkpoint_order", &CheckpointHandedTwice},
    {"a checkpoint is reported that was not handed out", "checkpoint_order", &HandOutDropped},
    {"a checkpoint completes without a reader's report", "checkpoint_order", &ReportDropped},
    {"a reader acquires a segment before it reports", "checkpoint_order", &AcquiredBeforeReport},
    {"a checkpoint is handed out before it is initiated", "checkpoint_order", &HandedBeforeInitiated},
    {"the cut differs from the report", "checkpoint_split", &CutDiffersFromReport},
    {"a reader reports more than it recorded", "checkpoint_split", &ReportedMoreThanRecorded},
    {"a reader reports less than it recorded", "checkpoint_split", &ReportedLessThanRecorded},
    {"an event before the position is recorded after the report", "checkpoint_split", &RecordedAfterReport},
    {"a position lies within an event", "checkpoint_split", &PositionWithinEvent},
    {"a segment is missing in the cut", "checkpoint_split", &EntryMissingInCut},
    {"the cut of a half done merge has a hole", "checkpoint_split", &HoleInCut},
    {"all leases are zero", "lease", &LeaseTooShort},
    {"a lease that has ended is renewed", "lease", &EndedLeaseRenewed},
    {"the commit comes after the lease", "lease", &CommitTooLate},
    {"pings are not answered and the commit comes after all leases", "lease", &PingAnswersLostAndCommitTooLate},
    {"the pings failed and the first lease is over", "lease", &PingsFailed},
    {"an event that nobody wrote", "nothing_invented", &WriteDropped},
    {"an event of a failed write", "nothing_invented", &WriteFailed},
    {"an event is read before it is written", "nothing_invented", &WriteAfterRead},
    {"an event stands in another stream", "nothing_invented", &WriteToOtherStream},
    {"a record is dropped", "nothing_lost", &RecordDropped},
    {"a record is dropped, and nobody waited for the readers", "nothing_lost", &RecordDroppedWithoutDrain},
    {"a record is lost in a crash", "nothing_lost", &RecordLostInCrash},
    {"a record of a committed transaction is dropped", "nothing_lost", &CommittedRecordDropped},
    {"a write that had no effect is acknowledged", "nothing_lost", &LostWriteAcknowledged},
    {"a record is repeated", "nothing_twice", &RecordRepeated},
    {"a record that was made again is found after all", "nothing_twice", &LostRecordFoundAfterAll},
    {"an event stands at two places", "nothing_twice", &EventAtTwoPlaces},
    {"a record is shifted by one byte", "offsets", &RecordShifted},
    {"a record has another size", "offsets", &RecordResized},
    {"between two records one is missing", "offsets", &RecordMissingBetweenTwo},
    {"a reader skips an event", "offsets", &ReaderSkipsEvent},
    {"two reads are swapped", "offsets", &ReadsSwapped},
    {"a sealed segment is shorter than what was read", "offsets", &SealedSegmentShortened},
    {"a segment is longer than what was recorded", "offsets", &SegmentLongerThanRecorded},
    {"a sealed segment is longer than what was recorded", "offsets", &SealedSegmentLongerThanRecorded},
    {"a segment shrinks", "offsets", &SegmentShrinks},
    {"two events of a writer and key are swapped", "order", &EventsOfKeySwapped},
    {"an event is recorded after those behind it", "order", &RecordedOutOfOrder},
    {"a key is in two segments at once", "order", &KeyInUnrelatedSegments},
    {"two events of a transaction are swapped", "order", &EventsOfTransactionSwapped},
    {"a segment is taken that nobody released", "ownership", &ReleaseDropped},
    {"a segment is taken at another offset", "ownership", &TakenElsewhere},
    {"a reader reads what it did not acquire", "ownership", &ReadByStranger},
    {"a completed segment is taken again", "ownership", &CompletedSegmentTakenAgain},
    {"a reader reads what it released", "ownership", &ReadAfterRelease},
    {"a successor is read too early", "predecessors_first", &SuccessorReadEarly},
    {"a segment is never completed", "predecessors_first", &CompletionDropped},
    {"a segment is completed after its successors are read", "predecessors_first", &CompletedLater},
    {"the end of a predecessor is not recorded", "predecessors_first", &EndOfPredecessorNotRecorded},
    {"reading back skips an event", "read_back", &ReadBackSkips},
    {"reading back ends too early", "read_back", &ReadBackEndsEarly},
    {"reading back begins before the cut", "read_back", &ReadBackBeginsEarly},
    {"reading back finds another event", "read_back", &ReadBackFindsOther},
    {"a reader records another event than it was handed", "records", &RecordedOther},
    {"a reader records what it was not handed", "records", &ReadDropped},
    {"a durable record is not found after a crash", "records", &DurableRecordNotFound},
    {"something is found that was not recorded", "records", &FoundWhatWasNotRecorded},
    {"a record is found twice after a crash", "records", &FoundTwice},
    {"a transaction is read before its commit", "transactions", &CommitAfterRead},
    {"a transaction is read whose commit failed", "transactions", &CommitFailed},
    {"an aborted transaction is read", "transactions", &AbortedInsteadOfCommitted},
    {"a transaction is read that nobody committed", "transactions", &NeverCommitted},
    {"a transaction is committed and aborted", "transactions", &CommittedAndAborted},
    {"a part of a transaction is missing", "transactions", &PartOfTransactionMissing},
    {"an event gets between two of a transaction", "transactions", &StrangerWithinTransaction},
};

}  // namespace

std::span<const HarmfulMutation> HarmfulMutations() { return kHarmful; }

}  // namespace pravega::scenarios
