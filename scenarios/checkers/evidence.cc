#include "scenarios/checkers/evidence.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <tuple>

namespace pravega::scenarios {
namespace {

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

auto SightingKey(const Sighting& at) {
  return std::tuple(at.stream, at.segment_id, at.offset, at.writer, at.sequence, at.size);
}

// The transaction of a ping, a commit, an abort or a question for its state.
std::optional<TxnRef> TransactionOf(const Operation& operation) {
  if (const TxnPing* ping = operation.As<TxnPing>()) return ping->txn;
  if (const TxnCommit* commit = operation.As<TxnCommit>()) return commit->txn;
  if (const TxnAbort* abort = operation.As<TxnAbort>()) return abort->txn;
  if (const TxnStatus* status = operation.As<TxnStatus>()) return status->txn;
  return std::nullopt;
}

// Whether a reader waits for what comes next, or did.
bool IsCall(const Operation& operation) {
  return operation.As<Reading>() != nullptr || operation.As<Read>() != nullptr ||
         operation.As<ReadCheckpoint>() != nullptr || operation.As<ReadEnd>() != nullptr;
}

bool IsDoneInsideCalls(const Operation& operation) {
  return operation.As<Acquire>() != nullptr || operation.As<Release>() != nullptr ||
         operation.As<SegmentCompleted>() != nullptr || operation.As<CheckpointReport>() != nullptr;
}

// Which operation to name for a place: lower is better.
int Rank(const Operation& operation) {
  if (operation.As<Record>() != nullptr) return operation.ok() ? 0 : 1;
  return operation.As<Read>() != nullptr ? 2 : 3;
}

}  // namespace

const Operation* TransactionFacts::first_commit() const {
  for (const Operation* commit : commits) {
    if (commit->possible()) return commit;
  }
  return nullptr;
}

Certainty TransactionFacts::fate() const {
  if (committed != nullptr && aborted != nullptr)
    return Certainty::kMaybe;  // a contradiction, but not of every checker
  if (committed != nullptr) return Certainty::kYes;
  if (aborted != nullptr || first_commit() == nullptr) return Certainty::kNo;
  return Certainty::kMaybe;
}

bool GroupFacts::MayHaveLeft(const Operation& operation) const {
  int64_t when = LatestEffect(operation);
  return std::any_of(offlines.begin(), offlines.end(), [&](const Operation* offline) {
    return offline->As<ReaderOffline>()->reader == operation.process && offline->possible() &&
           offline->invoked_ns <= when;
  });
}

Evidence::Evidence(const History& history) : history_(history), graph_(history), transactions_(history.transactions()) {
  for (size_t i = 0; i < transactions_.size(); ++i) transactions_[i].txn = TxnRef(static_cast<int32_t>(i) + 1);
  for (const Operation& operation : history.operations()) Sort(operation);
  FinishTransactions();
  FinishEvents();
  for (GroupFacts& group : groups_) {
    FinishRecords(group);
    FinishGroup(group);
  }
  FinishSeen();
}

GroupFacts& Evidence::Group(NameId group) {
  auto [entry, is_new] = group_indexes_.emplace(group, groups_.size());
  if (is_new) groups_.emplace_back().group = group;
  return groups_[entry->second];
}

void Evidence::Sort(const Operation& operation) {
  auto transaction = [&](TxnRef txn) -> TransactionFacts& {
    return transactions_[static_cast<size_t>(txn.value()) - 1];
  };
  const Operation* op = &operation;
  if (const std::optional<TxnRef> txn = TransactionOf(operation); txn == TxnRef()) return;
  if (IsCall(operation)) last_calls_[operation.process] = op;
  if (IsDoneInsideCalls(operation)) {
    auto call = last_calls_.find(operation.process);
    bool inside = call != last_calls_.end() &&
                  (call->second->outcome == Outcome::kPending || call->second->completed_ns >= operation.invoked_ns);
    if (inside) earliest_[operation.id] = call->second->invoked_ns;
  }
  if (const Write* write = op->As<Write>()) {
    attempts_.push_back(Attempt{op, write, Certainty::kMaybe});
    if (write->txn != TxnRef()) transaction(write->txn).writes.push_back(op);
  } else if (const TxnBegin* begin = op->As<TxnBegin>()) {
    if (begin->txn == TxnRef() || !op->possible()) return;
    TransactionFacts& facts = transaction(begin->txn);
    if (facts.begin == nullptr) facts.begin = op;
    facts.renewals.push_back(op);
  } else if (const TxnPing* ping = op->As<TxnPing>()) {
    TransactionFacts& facts = transaction(ping->txn);
    if (op->possible()) facts.renewals.push_back(op);
    std::string_view result = history_.Name(ping->result);
    if (IsOneOf(result, {"COMMITTING", "COMMITTED"}) && facts.committed == nullptr) facts.committed = op;
    if (IsOneOf(result, {"ABORTING", "ABORTED"}) && facts.aborted == nullptr) facts.aborted = op;
  } else if (const TxnCommit* commit = op->As<TxnCommit>()) {
    TransactionFacts& facts = transaction(commit->txn);
    facts.commits.push_back(op);
    if (op->ok() && facts.committed == nullptr) facts.committed = op;
    if (!op->possible() && facts.aborted == nullptr) facts.aborted = op;
  } else if (const TxnAbort* abort = op->As<TxnAbort>()) {
    TransactionFacts& facts = transaction(abort->txn);
    if (op->ok() && facts.aborted == nullptr) facts.aborted = op;
  } else if (const TxnStatus* status = op->As<TxnStatus>()) {
    TransactionFacts& facts = transaction(status->txn);
    std::string_view result = op->ok() ? history_.Name(status->result) : std::string_view();
    if (IsOneOf(result, {"COMMITTING", "COMMITTED"}) && facts.committed == nullptr) facts.committed = op;
    if (IsOneOf(result, {"ABORTING", "ABORTED"}) && facts.aborted == nullptr) facts.aborted = op;
  } else if (const Read* read = op->As<Read>()) {
    if (op->ok()) Group(read->group).reads.push_back(op);
  } else if (const ReadCheckpoint* read_checkpoint = op->As<ReadCheckpoint>()) {
    if (op->ok()) Group(read_checkpoint->group).read_checkpoints.push_back(op);
  } else if (const ReadEnd* end = op->As<ReadEnd>()) {
    GroupFacts& group = Group(end->group);
    if (op->ok() && (group.ended == nullptr || op->completed_ns < group.ended->completed_ns)) group.ended = op;
  } else if (const Record* record = op->As<Record>()) {
    Group(record->group).records.push_back(RecordFacts{op, record});
  } else if (const Recovered* recovered = op->As<Recovered>()) {
    if (op->ok()) Group(recovered->group).recoveries.push_back(op);
  } else if (const ReaderOnline* online = op->As<ReaderOnline>()) {
    Group(online->group).onlines.push_back(op);
  } else if (const ReaderOffline* offline = op->As<ReaderOffline>()) {
    Group(offline->group).offlines.push_back(op);
  } else if (const Acquire* acquire = op->As<Acquire>()) {
    if (op->possible()) Group(acquire->group).acquires.push_back(op);
  } else if (const Release* release = op->As<Release>()) {
    if (op->possible()) Group(release->group).releases.push_back(op);
  } else if (const SegmentCompleted* completed = op->As<SegmentCompleted>()) {
    if (op->possible()) Group(completed->group).completions.push_back(op);
  } else if (const Checkpoint* checkpoint = op->As<Checkpoint>()) {
    Group(checkpoint->group).checkpoints.push_back(op);
  } else if (const CheckpointReport* report = op->As<CheckpointReport>()) {
    if (op->possible()) Group(report->group).reports.push_back(op);
  } else if (const ReadBack* read_back = op->As<ReadBack>()) {
    if (op->ok()) Group(read_back->group).read_backs.push_back(op);
  } else if (const Drain* drain = op->As<Drain>()) {
    GroupFacts& group = Group(drain->group);
    if (op->ok()) group.drained = op;
  } else if (const GroupCreate* created = op->AsBoxed<GroupCreate>()) {
    if (op->possible()) Group(created->group).created = op;
  } else if (const StreamTruncate* truncate = op->As<StreamTruncate>()) {
    if (op->possible()) truncated_.push_back(truncate->stream);
  }
}

void Evidence::FinishTransactions() {
  for (Attempt& attempt : attempts_) {
    Outcome outcome = attempt.operation->outcome;
    attempt.took_effect = outcome == Outcome::kOk       ? Certainty::kYes
                          : outcome == Outcome::kFailed ? Certainty::kNo
                                                        : Certainty::kMaybe;
    if (attempt.write->txn == TxnRef()) continue;
    Certainty fate = Transaction(attempt.write->txn).fate();
    attempt.took_effect = std::min(attempt.took_effect, fate);
  }
}

void Evidence::FinishEvents() {
  std::stable_sort(attempts_.begin(), attempts_.end(),
                   [](const Attempt& a, const Attempt& b) { return a.write->event < b.write->event; });
  writers_.resize(history_.names() + 1);
  std::map<std::tuple<NameId, NameId, NameId>, size_t> lines;
  for (size_t i = 0; i < attempts_.size(); ++i) {
    const Write& write = *attempts_[i].write;
    if (events_.empty() || events_.back().event != write.event) {
      EventFacts& event = events_.emplace_back();
      event.event = write.event;
      event.first_attempt = i;
      if (write.key != NameId()) {
        auto line = lines.emplace(std::tuple(write.event.writer, write.key, write.stream), lines.size());
        event.line = line.first->second;
      }
      auto& [begin, end] = writers_[static_cast<size_t>(write.event.writer.value())];
      if (end == 0) begin = events_.size() - 1;
      end = events_.size();
    }
    EventFacts& event = events_.back();
    event.end_attempt = i + 1;
    const Write& first = *attempts_[event.first_attempt].write;
    if (write.key != first.key || write.stream != first.stream) event.line = kNoLine;
    if (attempts_[i].took_effect == Certainty::kYes) ++event.must;
    if (attempts_[i].took_effect != Certainty::kNo) ++event.may;
  }
  lines_ = lines.size();
}

size_t Evidence::FindEvent(Event event) const {
  auto [begin, end] = writers_[static_cast<size_t>(event.writer.value())];
  if (begin == end) return kUnwritten;
  // Numbers mostly run without gaps.
  int64_t first = events_[begin].event.sequence;
  if (event.sequence >= first) {
    uint64_t steps = static_cast<uint64_t>(event.sequence) - static_cast<uint64_t>(first);
    if (steps < end - begin && events_[begin + steps].event == event) return begin + steps;
  }
  auto from = events_.begin() + static_cast<std::ptrdiff_t>(begin);
  auto to = events_.begin() + static_cast<std::ptrdiff_t>(end);
  auto found = std::lower_bound(from, to, event, [](const EventFacts& a, const Event& b) { return a.event < b; });
  return found != to && found->event == event ? static_cast<size_t>(found - events_.begin()) : kUnwritten;
}

const Attempt* Evidence::OnlyAttempt(size_t event) const {
  if (event == kUnwritten) return nullptr;
  const Attempt* only = nullptr;
  for (size_t i = events_[event].first_attempt; i < events_[event].end_attempt; ++i) {
    if (attempts_[i].took_effect == Certainty::kNo) continue;
    if (only != nullptr) return nullptr;
    only = &attempts_[i];
  }
  return only;
}

void Evidence::FinishRecords(GroupFacts& group) {
  // What each look at a dead reader's record found, in an order that can be searched.
  struct Look {
    const Operation* operation;
    std::vector<Sighting> found;
  };
  std::map<NameId, std::vector<Look>> looks;
  for (const Operation* operation : group.recoveries) {
    const Recovered* recovered = operation->As<Recovered>();
    Look look{operation, recovered->events};
    std::sort(look.found.begin(), look.found.end(),
              [](const Sighting& a, const Sighting& b) { return SightingKey(a) < SightingKey(b); });
    looks[recovered->reader].push_back(std::move(look));
  }
  for (RecordFacts& facts : group.records) {
    const Operation& operation = *facts.operation;
    facts.segment = graph_.Find(facts.record->at.segment());
    facts.event = FindEvent(facts.record->at.event());
    facts.earliest_ns = operation.invoked_ns;
    facts.latest_ns = LatestEffect(operation);
    facts.durable = operation.ok() ? Certainty::kYes : operation.possible() ? Certainty::kMaybe : Certainty::kNo;
    auto found = looks.find(operation.process);
    if (found == looks.end() || !operation.possible()) continue;
    for (const Look& look : found->second) {
      if (look.operation->id < operation.id) continue;
      bool held =
          std::binary_search(look.found.begin(), look.found.end(), facts.record->at,
                             [](const Sighting& a, const Sighting& b) { return SightingKey(a) < SightingKey(b); });
      facts.durable = held ? Certainty::kYes : Certainty::kNo;
      facts.recovery = look.operation;
      if (held) facts.latest_ns = std::min(facts.latest_ns, look.operation->completed_ns);
      break;
    }
  }
  for (size_t i = 0; i < group.records.size(); ++i) {
    if (group.records[i].durable != Certainty::kNo) group.by_segment.push_back(i);
  }
  std::sort(group.by_segment.begin(), group.by_segment.end(), [&](size_t a, size_t b) {
    const RecordFacts& left = group.records[a];
    const RecordFacts& right = group.records[b];
    return std::tuple(left.segment, left.record->at.offset, a) < std::tuple(right.segment, right.record->at.offset, b);
  });
  group.segment_begins.assign(graph_.size() + 1, group.by_segment.size());
  for (size_t i = group.by_segment.size(); i-- > 0;)
    group.segment_begins[group.records[group.by_segment[i]].segment] = i;
  for (size_t segment = graph_.size(); segment-- > 0;) {
    group.segment_begins[segment] = std::min(group.segment_begins[segment], group.segment_begins[segment + 1]);
  }
}

void Evidence::FinishGroup(GroupFacts& group) {
  group.begins.resize(graph_.size());
  group.ends.assign(graph_.size(), Offset(std::numeric_limits<int64_t>::max()));
  group.outside.resize(graph_.size());
  group.reads_from.resize(graph_.size());
  auto note_stream = [&](NameId stream) {
    if (!group.Reads(stream)) group.streams.push_back(stream);
  };
  if (group.created != nullptr) {
    const GroupCreate& created = *group.created->AsBoxed<GroupCreate>();
    for (NameId stream : created.streams) note_stream(stream);
    auto outside = [&](const std::vector<bool>& segments) {
      for (size_t i = 0; i < segments.size(); ++i) {
        if (segments[i]) group.outside[i] = true;
      }
    };
    std::vector<size_t> start;
    std::vector<size_t> end;
    for (const CutEntry& entry : created.start) {
      size_t segment = graph_.Find(entry.segment);
      start.push_back(segment);
      note_stream(entry.segment.stream);
      group.begins[segment] = entry.offset;
      if (entry.finished) group.outside[segment] = true;
      if (entry.finished || entry.offset != Offset()) group.whole = false;
    }
    for (const CutEntry& entry : created.end) {
      size_t segment = graph_.Find(entry.segment);
      end.push_back(segment);
      if (!entry.finished) group.ends[segment] = entry.offset;
      group.whole = false;
    }
    outside(graph_.Ancestors(start));
    outside(graph_.Descendants(end));
    for (size_t segment : start) {
      if (!graph_[segment].predecessors.empty()) group.whole = false;
    }
  }
  for (const Operation* read : group.reads) note_stream(read->As<Read>()->at.stream);
  for (const RecordFacts& record : group.records) note_stream(record.record->at.stream);
  for (const Operation* acquire : group.acquires) note_stream(acquire->As<Acquire>()->segment.stream);
  for (size_t i = 0; i < graph_.size(); ++i) group.reads_from[i] = group.Reads(graph_[i].segment.stream);
}

void Evidence::FinishSeen() {
  size_t sightings = 0;
  for (const Operation& operation : history_.operations()) {
    const ReadBack* read_back = operation.As<ReadBack>();
    sightings += read_back != nullptr ? read_back->events.size() : 1;
  }
  seen_.reserve(sightings);
  auto add = [&](const Operation& operation, const Sighting& at) {
    seen_.push_back(Seen{graph_.Find(at.segment()), at, FindEvent(at.event()), &operation});
  };
  for (const Operation& operation : history_.operations()) {
    if (const Read* read = operation.As<Read>()) {
      if (operation.ok()) add(operation, read->at);
    } else if (const Record* record = operation.As<Record>()) {
      add(operation, record->at);
    } else if (const ReadBack* read_back = operation.As<ReadBack>()) {
      for (const Sighting& at : read_back->events) add(operation, at);
    }
  }
  std::sort(seen_.begin(), seen_.end(), [](const Seen& a, const Seen& b) {
    return std::tuple(a.segment, a.at.offset, a.operation->id, a.event) <
           std::tuple(b.segment, b.at.offset, b.operation->id, b.event);
  });
  for (const Seen& seen : seen_) {
    // Several events at one offset are a contradiction, hence rare: looking back a few steps is enough.
    bool known = false;
    constexpr size_t kSteps = 4;
    for (size_t i = places_.size(); i-- > 0 && i + kSteps >= places_.size();) {
      Place& place = places_[i];
      if (place.segment != seen.segment || place.at.offset != seen.at.offset) break;
      if (place.at.event() != seen.at.event()) continue;
      if (Rank(*seen.operation) < Rank(*place.operation)) place.operation = seen.operation;
      known = true;
      break;
    }
    if (!known) places_.push_back(seen);
  }
}

int64_t Evidence::EarliestEffect(const Operation& operation) const {
  auto found = earliest_.find(operation.id);
  return found == earliest_.end() ? operation.invoked_ns : std::min(found->second, operation.invoked_ns);
}

int64_t Evidence::SilentSince(NameId reader) const {
  auto found = last_calls_.find(reader);
  return found == last_calls_.end() || found->second->ok() ? kNever : found->second->invoked_ns;
}

bool Evidence::Truncated(NameId stream) const {
  return std::find(truncated_.begin(), truncated_.end(), stream) != truncated_.end();
}

}  // namespace pravega::scenarios
