#include "scenarios/checkers/testing/made_up_run.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "scenarios/history/recorder.h"

namespace pravega::scenarios {
namespace {

constexpr int kWriters = 2;
constexpr int kKeys = 5;  // of each writer
constexpr int64_t kLeaseMs = 10'000;
constexpr int64_t kSkewNs = 50'000'000;

struct StoredEvent {
  Event event;
  int64_t offset;
  int32_t size;
};

struct ModelSegment {
  SegmentId id;
  double low = 0;
  double high = 1;
  std::vector<int> predecessors;
  std::vector<int> successors;
  std::vector<StoredEvent> log;
  int64_t length = 0;
  bool sealed = false;
};

struct ModelReader {
  NameId name;
  std::map<int, size_t> next;  // segment -> index of the event to read next
  std::vector<Sighting> durable;
  std::optional<NameId> handed;  // a checkpoint that it was handed and has not reported
  std::optional<OpId> call;      // in which it waits for the next event
  std::vector<Details> done;     // in this call, not written down yet
};

struct ModelTxn {
  TxnRef txn;
  std::vector<std::pair<Event, int>> events;  // and the number of the key
  int64_t renewed_ns = 0;
};

class Model {
 public:
  Model(uint64_t seed, const MadeUpOptions& options, MadeUpFeatures& features)
      : options_(options), features_(features), state_(seed), recorder_(history_) {
    history_.parameters().clock_skew_ns = kSkewNs;
    history_.parameters().facts["seed"] = std::to_string(seed);
    stream_ = recorder_.Name("made/up");
    group_ = recorder_.Name("group");
    supervisor_ = recorder_.Name("supervisor");
    for (int w = 0; w < kWriters; ++w) writers_[w] = recorder_.Name(StrCat("writer-", w + 1));
    txn_writer_ = writers_[0];  // its events of both kinds keep their order
    for (int k = 0; k < kKeys; ++k) keys_[k] = recorder_.Name(StrCat("key-", k));
  }

  History Run() {
    recorder_.Note(Tick(), supervisor_, StreamCreate{stream_, 4});
    for (int i = 0; i < 4; ++i) AddSegment(i / 4.0, (i + 1) / 4.0, {});
    GroupCreate created{group_, {stream_}, {}, {}};
    for (int s : active_) {
      unassigned_[s] = 0;
      created.start.push_back(CutEntry{Name(s), Offset(), false});
    }
    recorder_.Note(Tick(), supervisor_, Box<GroupCreate>(created));
    for (int r = 0; r < 3; ++r) StartReader();
    for (int step = 0; step < options_.steps; ++step) Step();
    Finish();
    return Spread();
  }

 private:
  // SplitMix64.
  uint64_t Draw() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int Below(int n) { return static_cast<int>(Draw() % static_cast<uint64_t>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }

  int64_t Tick() { return now_ += 1000 + Below(2'000'000); }
  Segment Name(int s) const { return Segment{stream_, segments_[static_cast<size_t>(s)].id}; }
  ModelSegment& At(int s) { return segments_[static_cast<size_t>(s)]; }

  void Step() {
    FinishWrites(false);
    int action = Below(100);
    if (action < 30) {
      WriteOne();
    } else if (action < 45) {
      StepTransaction();
    } else if (action < 47) {
      Scale();
    } else if (action < 51) {
      Initiate();
    } else if (action < 52) {
      recorder_.Note(
          Tick(), supervisor_,
          FaultStrike{recorder_.Name("cut"), recorder_.Name("applied_not_answered"), {}, recorder_.Pending()});
    } else {
      StepReader(true);
    }
  }

  // --- Segments

  int AddSegment(double low, double high, std::vector<int> predecessors) {
    int index = static_cast<int>(segments_.size());
    ModelSegment segment;
    segment.id = SegmentId(Epoch(epoch_), index);
    segment.low = low;
    segment.high = high;
    for (int p : predecessors) At(p).successors.push_back(index);
    segment.predecessors = std::move(predecessors);
    segments_.push_back(std::move(segment));
    active_.push_back(index);
    return index;
  }

  int SegmentOf(int key) {
    double position = (key + 0.5) / kKeys;
    for (int s : active_) {
      if (position >= At(s).low && position < At(s).high) return s;
    }
    CHECK(false);
    return 0;
  }

  void Append(int segment, Event event) {
    ModelSegment& s = At(segment);
    int32_t size = 8 + 20 + Below(5);
    s.log.push_back(StoredEvent{event, s.length, size});
    s.length += size;
  }

  void Seal(int segment) {
    At(segment).sealed = true;
    std::erase(active_, segment);
  }

  void Scale() {
    if (scales_ >= options_.scales) return;
    StreamScale scale{stream_, {}, {}};
    std::sort(active_.begin(), active_.end(), [&](int a, int b) { return At(a).low < At(b).low; });
    OpId op;
    if (active_.size() > 1 && Chance(50)) {
      size_t i = static_cast<size_t>(Below(static_cast<int>(active_.size()) - 1));
      int a = active_[i];
      int b = active_[i + 1];
      double low = At(a).low;
      double high = At(b).high;
      scale.sealed = {Name(a), Name(b)};
      scale.ranges = {{low, high}};
      op = recorder_.Invoke(Tick(), supervisor_, Box<StreamScale>(scale));
      Seal(a);
      Seal(b);
      ++epoch_;
      AddSegment(low, high, {a, b});
      ++features_.merges;
    } else {
      int a = active_[static_cast<size_t>(Below(static_cast<int>(active_.size())))];
      double low = At(a).low;
      double high = At(a).high;
      if (high - low < 0.2) return;
      double middle = (low + high) / 2;
      scale.sealed = {Name(a)};
      scale.ranges = {{low, middle}, {middle, high}};
      op = recorder_.Invoke(Tick(), supervisor_, Box<StreamScale>(scale));
      Seal(a);
      ++epoch_;
      AddSegment(low, middle, {a});
      AddSegment(middle, high, {a});
      ++features_.splits;
    }
    ++scales_;
    recorder_.Complete(Tick(), op, Outcome::kOk);
  }

  // --- Writers

  void WriteOne() {
    int w = Below(kWriters);
    int key = Below(kKeys);
    Event event{writers_[w], ++sequences_[w]};
    OpId op = recorder_.Invoke(Tick(), writers_[w], Write{event, stream_, keys_[key], {}});
    int fate = Below(100);
    Outcome outcome = fate < 88 ? Outcome::kOk : fate < 91 ? Outcome::kFailed : Outcome::kUnknown;
    bool applied = outcome == Outcome::kOk || (outcome == Outcome::kUnknown && Chance(50));
    if (applied) Append(SegmentOf(key), event);
    if (outcome == Outcome::kUnknown) ++(applied ? features_.unknown_writes_applied : features_.unknown_writes_lost);
    under_way_.emplace_back(op, outcome);
  }

  void FinishWrites(bool all) {
    while (!under_way_.empty() && (all || Chance(40))) {
      recorder_.Complete(Tick(), under_way_.front().first, under_way_.front().second);
      under_way_.pop_front();
    }
  }

  void StepTransaction() {
    if (!txn_) {
      TxnId id{Uuid{static_cast<uint64_t>(epoch_) << 32, ++txn_count_}};
      txn_ = ModelTxn{recorder_.Txn(id), {}, 0};
      OpId op = recorder_.Invoke(Tick(), txn_writer_, TxnBegin{stream_, {}, kLeaseMs});
      recorder_.Complete(Tick(), op, Outcome::kOk, TxnBegin{stream_, txn_->txn, kLeaseMs});
      txn_->renewed_ns = now_;
      return;
    }
    if (now_ - txn_->renewed_ns > kLeaseMs * 500'000 || Chance(15)) {
      OpId op = recorder_.Invoke(Tick(), txn_writer_, TxnPing{txn_->txn, {}, kLeaseMs});
      recorder_.Complete(Tick(), op, Outcome::kOk);
      txn_->renewed_ns = now_;
    } else if (txn_->events.size() < 6 || Chance(50)) {
      int key = Below(kKeys);
      Event event{txn_writer_, ++sequences_[0]};
      OpId op = recorder_.Invoke(Tick(), txn_writer_, Write{event, stream_, keys_[key], txn_->txn});
      recorder_.Complete(Tick(), op, Outcome::kOk);
      txn_->events.emplace_back(event, key);
    } else {
      EndTransaction();
    }
  }

  void EndTransaction() {
    int fate = Below(100);
    TxnRef txn = txn_->txn;
    if (fate < 20) {
      OpId op = recorder_.Invoke(Tick(), txn_writer_, TxnAbort{txn, {}});
      recorder_.Complete(Tick(), op, Outcome::kOk);
      ++features_.aborted;
    } else if (fate < 25) {
      // Left alone.
    } else {
      OpId op = recorder_.Invoke(Tick(), txn_writer_, TxnCommit{txn, {}});
      bool unknown = fate < 45;
      bool applied = !unknown || Chance(60);
      if (applied) {
        std::map<int, std::vector<Event>> by_segment;
        for (const auto& [event, key] : txn_->events) by_segment[SegmentOf(key)].push_back(event);
        for (const auto& [segment, events] : by_segment) {
          for (const Event& event : events) Append(segment, event);
        }
      }
      recorder_.Complete(Tick(), op, unknown ? Outcome::kUnknown : Outcome::kOk);
      if (Chance(70)) {
        recorder_.Note(Tick(), txn_writer_, TxnStatus{txn, recorder_.Name(applied ? "COMMITTED" : "ABORTED")});
      }
      if (applied) ++features_.committed;
      if (applied && unknown) ++features_.unknown_commits_applied;
      if (!applied) ++features_.aborted;
    }
    txn_.reset();
  }

  // --- Readers

  void StartReader() {
    NameId name = recorder_.Name(StrCat("reader-", ++reader_count_));
    OpId op = recorder_.Invoke(Tick(), supervisor_, ReaderOnline{group_, name});
    recorder_.Complete(Tick(), op, Outcome::kOk);
    readers_.push_back(ModelReader{name, {}, {}, {}, {}, {}});
  }

  Cut PositionOf(const ModelReader& reader) {
    Cut cut;
    for (const auto& [segment, next] : reader.next) {
      const ModelSegment& s = At(segment);
      bool finished = s.sealed && next == s.log.size();
      int64_t offset = next == s.log.size() ? s.length : s.log[next].offset;
      cut.push_back(CutEntry{Name(segment), finished ? Offset() : Offset(offset), finished});
    }
    return cut;
  }

  void StepReader(bool may_crash) {
    ModelReader& reader = readers_[static_cast<size_t>(Below(static_cast<int>(readers_.size())))];
    bool crash = may_crash && crashes_ < options_.crashes && Chance(2);
    int moment = crash ? crashes_ % 4 : 4;
    if (!reader.call) reader.call = recorder_.Invoke(Tick(), reader.name, Reading{group_});
    if (reader.done.empty()) {
      if (reader.handed) {
        Report(reader);
      } else if (checkpoint_ && checkpoint_->waiting.count(reader.name) > 0) {
        recorder_.Complete(Tick(), *reader.call, Outcome::kOk, ReadCheckpoint{group_, checkpoint_->name});
        reader.call.reset();
        reader.handed = checkpoint_->name;
        return;
      } else if (!unassigned_.empty() && (reader.next.empty() || Chance(30))) {
        AcquireOne(reader);
      }
      if (!reader.done.empty() && moment == 3) {
        ++crashes_;
        ++features_.crashes_in_silence;
        return Crash(reader);
      }
      // The others go on before the answer is there.
      if (!reader.done.empty() && Chance(50)) return;
    }
    for (Details& details : reader.done) recorder_.Note(Tick(), reader.name, std::move(details));
    reader.done.clear();
    std::vector<int> ready;
    for (const auto& [segment, next] : reader.next) {
      if (next < At(segment).log.size()) ready.push_back(segment);
    }
    if (ready.empty()) {
      if (may_crash && Chance(20)) {
        recorder_.Complete(Tick(), *reader.call, Outcome::kFailed);  // it gave up waiting
        reader.call.reset();
      }
      return;
    }
    int segment = ready[static_cast<size_t>(Below(static_cast<int>(ready.size())))];
    const StoredEvent& stored = At(segment).log[reader.next[segment]];
    Sighting at = MakeSighting(Name(segment), Offset(stored.offset), stored.size, stored.event);
    recorder_.Complete(Tick(), *reader.call, Outcome::kOk, Read{at, group_});
    reader.call.reset();
    if (moment < 3) ++crashes_;
    if (moment == 0) {
      ++features_.crashes_before_record;
      return Crash(reader);
    }
    OpId record = recorder_.Invoke(Tick(), reader.name, Record{at, group_});
    if (moment == 2) {
      ++features_.crashes_not_durable;
      return Crash(reader);
    }
    reader.durable.push_back(at);
    ++reader.next[segment];
    if (moment == 1) {
      ++features_.crashes_durable;
      return Crash(reader);
    }
    recorder_.Complete(Tick(), record, Outcome::kOk);
  }

  void AcquireOne(ModelReader& reader) {
    auto [segment, next] = *std::next(unassigned_.begin(), Below(static_cast<int>(unassigned_.size())));
    const ModelSegment& s = At(segment);
    int64_t offset = next == s.log.size() ? s.length : s.log[next].offset;
    reader.done.push_back(Acquire{group_, Name(segment), Offset(offset)});
    reader.next[segment] = next;
    unassigned_.erase(segment);
  }

  // The reader's process dies; the supervisor looks at what it recorded, hands its segments back and starts another.
  void Crash(ModelReader& reader) {
    recorder_.Note(Tick(), supervisor_, NodeChange{reader.name, recorder_.Name("crash")});
    recorder_.Abandon(Tick(), reader.name);
    recorder_.Note(Tick(), supervisor_, Recovered{group_, reader.name, reader.durable});
    ReaderOffline offline{group_, reader.name, {}};
    for (const auto& [segment, next] : reader.next) {
      const ModelSegment& s = At(segment);
      int64_t offset = next == s.log.size() ? s.length : s.log[next].offset;
      offline.position.push_back(CutEntry{Name(segment), Offset(offset), false});
      unassigned_[segment] = next;
    }
    OpId op = recorder_.Invoke(Tick(), supervisor_, offline);
    if (checkpoint_ && checkpoint_->waiting.count(reader.name) > 0) {
      for (const CutEntry& entry : offline.position) checkpoint_->cut.push_back(entry);
      checkpoint_->waiting.erase(reader.name);
    }
    recorder_.Complete(Tick(), op, Outcome::kOk);
    NameId name = reader.name;
    std::erase_if(readers_, [&](const ModelReader& r) { return r.name == name; });
    CompleteCheckpoint();
    StartReader();
  }

  // --- Checkpoints

  struct ModelCheckpoint {
    NameId name;
    OpId op;
    std::set<NameId> waiting;
    Cut cut;
    std::set<int> completed_before;
  };
  struct DoneCheckpoint {
    NameId name;
    Cut cut;
    std::set<int> completed_before;
  };

  void Initiate() {
    if (checkpoint_) return;
    ModelCheckpoint checkpoint;
    checkpoint.name = recorder_.Name(StrCat("checkpoint-", ++checkpoint_count_));
    checkpoint.op = recorder_.Invoke(Tick(), supervisor_, Checkpoint{group_, checkpoint.name, {}});
    for (const auto& [segment, next] : unassigned_) {
      const ModelSegment& s = At(segment);
      checkpoint.cut.push_back(
          CutEntry{Name(segment), Offset(next == s.log.size() ? s.length : s.log[next].offset), false});
    }
    for (const ModelReader& reader : readers_) checkpoint.waiting.insert(reader.name);
    checkpoint.completed_before = completed_;
    // What one predecessor of a segment has behind it, and another not yet.
    for (const auto& [segment, open] : future_) {
      for (int p : At(segment).predecessors) {
        bool known = std::any_of(checkpoint.cut.begin(), checkpoint.cut.end(),
                                 [&](const CutEntry& entry) { return entry.segment == Name(p); });
        if (completed_.count(p) > 0 && !known) {
          checkpoint.cut.push_back(CutEntry{Name(p), Offset(), true});
          ++features_.checkpoints_with_hole;
        }
      }
    }
    checkpoint_ = checkpoint;
  }

  void Report(ModelReader& reader) {
    Cut position = PositionOf(reader);
    reader.done.push_back(CheckpointReport{group_, *reader.handed, position});
    reader.handed.reset();
    CHECK(checkpoint_.has_value());
    checkpoint_->cut.insert(checkpoint_->cut.end(), position.begin(), position.end());
    checkpoint_->waiting.erase(reader.name);
    CompleteCheckpoint();
    for (const CutEntry& entry : position) {
      if (entry.finished) CompleteSegment(reader, entry.segment);
    }
    if (reader.next.size() > 1 && Chance(40)) {
      int segment = reader.next.begin()->first;
      size_t next = reader.next.begin()->second;
      const ModelSegment& s = At(segment);
      int64_t offset = next == s.log.size() ? s.length : s.log[next].offset;
      reader.done.push_back(Release{group_, Name(segment), Offset(offset)});
      unassigned_[segment] = next;
      reader.next.erase(segment);
      ++features_.releases;
    }
  }

  void CompleteCheckpoint() {
    if (!checkpoint_ || !checkpoint_->waiting.empty()) return;
    recorder_.Complete(Tick(), checkpoint_->op, Outcome::kOk, Checkpoint{group_, checkpoint_->name, checkpoint_->cut});
    done_.push_back(DoneCheckpoint{checkpoint_->name, checkpoint_->cut, checkpoint_->completed_before});
    ++features_.checkpoints;
    checkpoint_.reset();
  }

  void CompleteSegment(ModelReader& reader, Segment name) {
    int segment = name.id.number();
    reader.done.push_back(SegmentCompleted{group_, name});
    reader.next.erase(segment);
    completed_.insert(segment);
    for (int successor : At(segment).successors) {
      auto [entry, is_new] = future_.emplace(successor, std::set<int>());
      if (!is_new) continue;
      for (int p : At(successor).predecessors) {
        if (completed_.count(p) == 0) entry->second.insert(p);
      }
    }
    for (auto entry = future_.begin(); entry != future_.end();) {
      entry->second.erase(segment);
      if (!entry->second.empty()) {
        ++entry;
        continue;
      }
      unassigned_[entry->first] = 0;
      entry = future_.erase(entry);
    }
  }

  // --- The end

  bool AllRecorded() {
    size_t open = 0;
    for (const auto& [segment, next] : unassigned_) open += At(segment).log.size() - next;
    for (const ModelReader& reader : readers_) {
      for (const auto& [segment, next] : reader.next) open += At(segment).log.size() - next;
      if (reader.handed || !reader.done.empty()) ++open;
    }
    // Every segment is completed, or active and in somebody's hands.
    for (size_t s = 0; s < segments_.size(); ++s) {
      if (segments_[s].sealed && completed_.count(static_cast<int>(s)) == 0) ++open;
    }
    return open == 0 && !checkpoint_;
  }

  void Finish() {
    FinishWrites(true);
    // One write stays under way for ever, one transaction open.
    recorder_.Invoke(Tick(), writers_[0], Write{Event{writers_[0], ++sequences_[0]}, stream_, keys_[0], {}});
    if (!options_.seal) NoteFacts();
    OpId drain = recorder_.Invoke(Tick(), supervisor_, Drain{group_});
    if (options_.seal) {
      OpId op = recorder_.Invoke(Tick(), supervisor_, StreamSeal{stream_});
      for (int s : std::vector<int>(active_)) Seal(s);
      recorder_.Complete(Tick(), op, Outcome::kOk);
    }
    while (!AllRecorded()) {
      if (!checkpoint_ && Chance(5)) Initiate();
      StepReader(false);
    }
    for (ModelReader& reader : readers_) {
      if (!options_.seal) break;
      if (!reader.call) reader.call = recorder_.Invoke(Tick(), reader.name, Reading{group_});
      recorder_.Complete(Tick(), *reader.call, Outcome::kOk, ReadEnd{group_});
    }
    recorder_.Complete(Tick(), drain, Outcome::kOk);
    if (options_.seal) NoteFacts();
    for (int i = 0; i < options_.read_backs && !done_.empty(); ++i) {
      size_t pick = static_cast<size_t>(Below(static_cast<int>(done_.size())));
      BackFrom(done_[pick]);
    }
  }

  void NoteFacts() {
    for (size_t s = 0; s < segments_.size(); ++s) {
      const ModelSegment& segment = segments_[s];
      SegmentFacts facts;
      facts.segment = Name(static_cast<int>(s));
      facts.range = {segment.low, segment.high};
      for (int p : segment.predecessors) facts.predecessors.push_back(Name(p));
      for (int n : segment.successors) facts.successors.push_back(Name(n));
      facts.length = Offset(segment.length);
      facts.sealed = segment.sealed;
      recorder_.Note(Tick(), supervisor_, Box<SegmentFacts>(facts));
    }
  }

  void BackFrom(const DoneCheckpoint& checkpoint) {
    ReadBack back{group_, checkpoint.name, {}};
    for (size_t s = 0; s < segments_.size(); ++s) {
      Segment name = Name(static_cast<int>(s));
      auto entry = std::find_if(checkpoint.cut.begin(), checkpoint.cut.end(),
                                [&](const CutEntry& e) { return e.segment == name; });
      bool in_cut = entry != checkpoint.cut.end();
      if (checkpoint.completed_before.count(static_cast<int>(s)) > 0 || (in_cut && entry->finished)) continue;
      for (const StoredEvent& stored : segments_[s].log) {
        if (in_cut && Offset(stored.offset) < entry->offset) continue;
        back.events.push_back(MakeSighting(name, Offset(stored.offset), stored.size, stored.event));
      }
    }
    NameId process = recorder_.Name(StrCat("read-back-", ++features_.read_backs));
    OpId op = recorder_.Invoke(Tick(), process, ReadBack{group_, checkpoint.name, {}});
    recorder_.Complete(Tick(), op, Outcome::kOk, back);
  }

  // Makes room between ids.
  History Spread() {
    for (Operation& operation : history_.mutable_operations()) {
      operation.id = OpId(operation.id.value() * 10);
      if (FaultStrike* strike = std::get_if<FaultStrike>(&operation.details)) {
        for (OpId& op : strike->pending) op = OpId(op.value() * 10);
      }
    }
    return std::move(history_);
  }

  const MadeUpOptions options_;
  MadeUpFeatures& features_;
  uint64_t state_;
  int64_t now_ = 0;
  History history_;
  Recorder recorder_;
  NameId stream_, group_, supervisor_, txn_writer_;
  NameId writers_[kWriters];
  NameId keys_[kKeys];
  int64_t sequences_[kWriters] = {};
  uint64_t txn_count_ = 0;
  std::optional<ModelTxn> txn_;
  std::deque<std::pair<OpId, Outcome>> under_way_;

  int epoch_ = 0;
  int scales_ = 0;
  std::deque<ModelSegment> segments_;
  std::vector<int> active_;

  int reader_count_ = 0;
  int crashes_ = 0;
  std::vector<ModelReader> readers_;
  std::map<int, size_t> unassigned_;     // segment -> index of the event to read next
  std::map<int, std::set<int>> future_;  // segment -> predecessors still to be completed
  std::set<int> completed_;

  int checkpoint_count_ = 0;
  std::optional<ModelCheckpoint> checkpoint_;
  std::vector<DoneCheckpoint> done_;
};

}  // namespace

History MakeUpRun(uint64_t seed, const MadeUpOptions& options, MadeUpFeatures* features) {
  MadeUpFeatures unused;
  return Model(seed, options, features == nullptr ? unused : *features).Run();
}

}  // namespace pravega::scenarios
