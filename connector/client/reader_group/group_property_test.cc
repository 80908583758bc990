// Goal: whatever readers do in whatever order, crash and are declared offline, over whatever splits and merges: every
// event is delivered exactly once and after all events of its segment's predecessors; every rule of the group's log
// holds; the group always comes to its end; and a group that starts from any of its checkpoints delivers exactly what
// had not been read before it. Method: random streams and schedules in which every change is made by the decisions
// alone.
//
// A schedule is a list of numbers; after its end all choices are zero, the calmest ones. RapidCheck shrinks it.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/reader_group/decisions.h"
#include "connector/client/reader_group/invariants.h"
#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/serialization.h"
#include "connector/client/reader_group/state.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/client/reader_group/testing.h"
#include "connector/core/check.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/segment_position.h"
#include "connector/core/stream_cut.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::Id;
using testing::kEnd;

constexpr int64_t kEventBytes = 10;

class Choices {
 public:
  explicit Choices(std::vector<uint8_t> numbers) : numbers_(std::move(numbers)) {}
  bool more() const { return next_ < numbers_.size(); }
  size_t Below(size_t bound) { return more() && bound > 0 ? numbers_[next_++] % bound : 0; }

 private:
  std::vector<uint8_t> numbers_;
  size_t next_ = 0;
};

// What happened in the run so far, to be printed with its failure.
std::vector<std::string>& Trace() {
  static std::vector<std::string> trace;
  return trace;
}

// Ends the run; the message is the result.
[[noreturn]] void Fail(const std::string& message) { throw std::runtime_error(message); }
void Expect(bool condition, const std::string& message) {
  if (!condition) Fail(message);
}

// A stream as it is when all its scales are done.
struct Stream {
  ScopedStream name;
  SegmentHistory history;
  std::map<Epoch, std::map<SegmentId, KeyRange>> epochs;
  std::map<SegmentId, KeyRange> first;  // epoch 0
  std::map<SegmentId, KeyRange> last;   // the newest epoch
  std::map<SegmentId, int64_t> length;  // bytes of every segment
  bool bounded = false;                 // its last segments are open, and the group ends at their lengths
  bool ranges_known = false;            // the group's first state has the ranges
};

std::map<SegmentId, KeyRange> Scaled(const std::map<SegmentId, KeyRange>& before, Epoch epoch, int32_t* next_number,
                                     Choices* choices) {
  std::vector<std::pair<KeyRange, SegmentId>> sorted;
  for (const auto& [segment, range] : before) sorted.emplace_back(range, segment);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first.low < b.first.low; });
  std::map<SegmentId, KeyRange> after;
  if (choices->Below(5) == 4) {
    // As a rolling transaction does: the same ranges and numbers, other segments.
    for (const auto& [range, segment] : sorted) after[SegmentId(epoch, segment.number())] = range;
    return after;
  }
  // A run of neighbours is replaced by segments of equal ranges, which splits some and merges others.
  size_t at = choices->Below(sorted.size());
  size_t replaced = 1 + choices->Below(std::min<size_t>(3, sorted.size() - at));
  size_t parts = 1 + choices->Below(3);
  if (replaced == 1 && parts == 1) parts = 2;
  double low = sorted[at].first.low;
  double high = sorted[at + replaced - 1].first.high;
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i < at || i >= at + replaced) after[sorted[i].second] = sorted[i].first;
  }
  double part_low = low;
  for (size_t i = 0; i < parts; ++i) {
    double share = static_cast<double>(i + 1) / static_cast<double>(parts);
    double part_high = i + 1 == parts ? high : low + (high - low) * share;
    after[SegmentId(epoch, (*next_number)++)] = {part_low, part_high};
    part_low = part_high;
  }
  return after;
}

Stream MakeStream(const std::string& name, Choices* choices) {
  Stream stream;
  stream.name = {"sc", name};
  int32_t next_number = static_cast<int32_t>(1 + choices->Below(3));
  for (int32_t i = 0; i < next_number; ++i) stream.first[Id(i)] = {i * 1.0 / next_number, (i + 1) * 1.0 / next_number};
  std::map<SegmentId, KeyRange> current = stream.first;
  stream.history.AddEpoch(Epoch(0), current);
  stream.epochs[Epoch(0)] = current;
  size_t scales = choices->Below(5);
  for (size_t i = 1; i <= scales; ++i) {
    Epoch epoch(static_cast<int32_t>(i));
    for (const auto& [segment, range] : current) stream.length[segment] = 0;
    current = Scaled(current, epoch, &next_number, choices);
    stream.history.AddEpoch(epoch, current);
    stream.epochs[epoch] = current;
  }
  for (const auto& [segment, range] : current) stream.length[segment] = 0;
  stream.last = current;
  for (auto& [segment, length] : stream.length) length = kEventBytes * static_cast<int64_t>(choices->Below(4));
  stream.bounded = choices->Below(4) == 3;
  stream.ranges_known = choices->Below(2) == 1;
  return stream;
}

using World = std::vector<Stream>;
using Bytes = std::map<SegmentRef, int64_t>;

struct Reader {
  std::string name;
  bool alive = true;
  Position::Map live;
  std::optional<Position::Map> durable;  // what the application has kept with its last event
  std::string handed;                    // the checkpoint that the application has been given last
};

// A group and its readers. `delivered` are the bytes of each segment that were delivered before.
class Group {
 public:
  Group(const World& world, const SegmentPositions& starting, Bytes delivered, bool ranges)
      : world_(world), checker_(Histories(world)), delivered_(std::move(delivered)) {
    ReaderGroupConfig config;
    config.automatic_checkpoint_interval_ms = -1;
    Position::Map with_ranges;
    for (const Stream& stream : world) {
      config.starting_cuts[stream.name] = StreamCut();
      config.ending_cuts[stream.name] = StreamCut();
      if (!stream.bounded) continue;
      std::map<SegmentId, SegmentPosition> ends;
      for (const auto& [segment, range] : stream.last) ends[segment] = At(stream.length.at(segment));
      config.ending_cuts[stream.name] = StreamCut(stream.name, ends);
    }
    for (const auto& [segment, position] : starting) {
      with_ranges[segment] = {position, ranges ? Of(segment).history.RangeOf(segment.id) : std::nullopt};
    }
    absl::StatusOr<Init> init = InitialState(config, with_ranges);
    Expect(init.ok(), "no initial state");
    Observe({true, {*init}});
  }

  const ReaderGroupState& state() const { return checker_.state(); }
  const Bytes& delivered() const { return delivered_; }
  std::vector<Reader>& readers() { return readers_; }

  void Join() {
    std::string name = "r" + std::to_string(next_reader_++);
    Write(*client::Join(state(), name));
    readers_.push_back(Reader{name, true, {}, std::nullopt, ""});
  }

  // Its supervisor declares a dead reader offline with the last position that was kept.
  void Bury(size_t index) {
    Reader reader = readers_[index];
    readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(index));
    Write(Leave(state(), reader.name, reader.durable));
  }

  void Close(size_t index) {
    Sync(&readers_[index]);
    Reader reader = readers_[index];
    readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(index));
    Write(Leave(state(), reader.name, reader.live));
  }

  bool Write(const Updates& updates) {
    if (updates.empty()) return false;
    Observe({false, updates});
    return true;
  }

  void Compact() {
    if (state().assigned.empty() && state().unassigned.empty()) return;
    Observe({true, {Compacted(state())}});
  }

  // One call of ReadNext. `calm` takes no chances and reads of every segment.
  void Step(Reader* reader, Choices* choices, bool calm) {
    Sync(reader);
    if (!reader->handed.empty()) {
      Write(ReportCheckpoint(state(), View(*reader), reader->handed));
      reader->handed.clear();
      if (!calm && choices->Below(8) == 7) return;
      CompleteAll(*reader);
      Sync(reader);
      std::optional<SegmentRef> segment = SegmentToRelease(state(), View(*reader));
      if (segment) Write(Release(state(), View(*reader), *segment));
      Sync(reader);
    }
    while (std::optional<std::string> pending = PendingCheckpoint(state(), reader->name)) {
      if (!IsSilent(*pending)) {
        reader->handed = *pending;
        if (choices->Below(2) == 1) reader->durable = reader->live;
        return;
      }
      Write(ReportCheckpoint(state(), View(*reader), *pending));
    }
    std::string name = HandOverCheckpointName(Uuid{1, next_hand_over_});
    if (Write(HandOverCheckpoint(state(), View(*reader), name))) {
      ++next_hand_over_;
      return;
    }
    CompleteAll(*reader);
    if (calm || choices->Below(3) != 2) Write(Acquire(state(), View(*reader)));
    Sync(reader);
    std::vector<SegmentRef> owned;
    for (const auto& [segment, entry] : reader->live) owned.push_back(segment);
    if (owned.empty()) return;
    if (calm) {
      for (const SegmentRef& segment : owned) Read(reader, segment);
    } else {
      size_t events = choices->Below(4);
      for (size_t i = 0; i < events; ++i) Read(reader, owned[choices->Below(owned.size())]);
    }
  }

  // Goes on without faults until all is read.
  void Drain() {
    Choices none({});
    for (int round = 0; round < 1000; ++round) {
      for (size_t i = readers_.size(); i-- > 0;) {
        if (!readers_[i].alive) Bury(i);
      }
      if (readers_.empty()) Join();
      if (AllDataRead(state())) break;
      for (Reader& reader : readers_) Step(&reader, &none, true);
    }
    Expect(AllDataRead(state()), "stuck: " + state().ToString());
    for (const Stream& stream : world_) {
      for (const auto& [segment, length] : stream.length) {
        SegmentRef ref{stream.name, segment};
        Expect(DeliveredOf(ref) == length, ref.ToString() + ": " + std::to_string(DeliveredOf(ref)) + " bytes of " +
                                               std::to_string(length) + " were delivered");
      }
    }
  }

 private:
  static std::map<ScopedStream, SegmentHistory> Histories(const World& world) {
    std::map<ScopedStream, SegmentHistory> histories;
    for (const Stream& stream : world) histories[stream.name] = stream.history;
    return histories;
  }

  const Stream& Of(const SegmentRef& segment) const {
    for (const Stream& stream : world_) {
      if (stream.name == segment.stream) return stream;
    }
    Fail("no such stream");
  }

  int64_t DeliveredOf(const SegmentRef& segment) const {
    auto at = delivered_.find(segment);
    return at == delivered_.end() ? 0 : at->second;
  }

  // Also shows that the record can be written and read.
  void Observe(const Record& record) {
    for (const Update& update : record.updates) Trace().push_back(ToString(update));
    absl::StatusOr<std::string> bytes = SerializeRecord(record);
    Expect(bytes.ok(), "not written: " + ToString(record.updates[0]));
    absl::StatusOr<Record> back = ParseRecord(*bytes);
    Expect(back.ok() && *back == record, "not read as it was written: " + ToString(record.updates[0]));
    for (const std::string& violation : checker_.Observe(record)) {
      Fail(violation + " by " + ToString(record.updates[0]) + " in " + state().ToString());
    }
  }

  ReaderView View(const Reader& reader) const { return ReaderView{reader.name, reader.live, 0}; }

  // The reader looks at what the group's state says it owns.
  void Sync(Reader* reader) const {
    const SegmentPositions& owned = state().assigned.at(reader->name);
    for (auto at = reader->live.begin(); at != reader->live.end();) {
      at = owned.contains(at->first) ? std::next(at) : reader->live.erase(at);
    }
    for (const auto& [segment, position] : owned) reader->live.try_emplace(segment, Position::Entry{position, {}});
  }

  void CompleteAll(const Reader& reader) {
    for (const SegmentRef& segment : CompletableSegments(state(), reader.name)) {
      std::vector<Completion> completions;
      for (const SegmentRef& together : CompletedTogether(state(), segment)) completions.push_back(Ask(together));
      absl::StatusOr<Updates> updates = CompleteSegments(state(), reader.name, completions);
      Expect(updates.ok(), updates.status().ToString());
      Write(*updates);
    }
  }

  // What the controller answers, and no more epochs than asked for.
  Completion Ask(const SegmentRef& segment) const {
    const SegmentHistory& history = Of(segment).history;
    Completion completion{segment, {}, {}};
    for (SegmentId successor : history.SuccessorsOf(segment.id)) {
      std::set<SegmentId> predecessors = history.PredecessorsOf(successor);
      completion.successors.push_back(
          {successor, history.RangeOf(successor), std::vector<SegmentId>(predecessors.begin(), predecessors.end())});
    }
    for (Epoch epoch : EpochsToFetch(state(), completion)) {
      completion.history.AddEpoch(epoch, Of(segment).epochs.at(epoch));
    }
    return completion;
  }

  // An event, or the end of the segment.
  void Read(Reader* reader, const SegmentRef& segment) {
    SegmentPosition& position = reader->live.at(segment).position;
    if (IsEnd(state(), segment, position)) return;
    const Stream& stream = Of(segment);
    int64_t length = stream.length.at(segment.id);
    int64_t offset = position.offset().value();
    Expect(offset <= length, segment.ToString() + " is read beyond its end");
    if (offset == length) {
      bool open = stream.bounded && stream.last.contains(segment.id);
      if (!open) position = kEnd;
      return;
    }
    Expect(offset == DeliveredOf(segment), segment.ToString() + " is read at " + std::to_string(offset) + " after " +
                                               std::to_string(DeliveredOf(segment)));
    for (SegmentId predecessor : stream.history.PredecessorsOf(segment.id)) {
      SegmentRef ref{segment.stream, predecessor};
      Expect(DeliveredOf(ref) == stream.length.at(predecessor),
             segment.ToString() + " is read before the end of " + ref.ToString());
    }
    delivered_[segment] = offset + kEventBytes;
    position = At(offset + kEventBytes);
    // The application keeps the event and the position in one step.
    reader->durable = reader->live;
  }

  const World& world_;
  GroupLogChecker checker_;
  Bytes delivered_;
  std::vector<Reader> readers_;
  int next_reader_ = 0;
  uint64_t next_hand_over_ = 0;
};

// What lies before a cut: a segment up to its position; nothing of what follows from the cut's segments; all of the
// rest.
Bytes Before(const World& world, const SegmentPositions& cut) {
  Bytes before;
  for (const Stream& stream : world) {
    std::set<SegmentId> reached;
    for (const auto& [segment, position] : cut) {
      if (segment.stream == stream.name) reached.insert(segment.id);
    }
    for (auto at = reached.begin(); at != reached.end(); ++at) {
      for (SegmentId successor : stream.history.SuccessorsOf(*at)) reached.insert(successor);
    }
    for (const auto& [segment, length] : stream.length) {
      SegmentRef ref{stream.name, segment};
      auto at = cut.find(ref);
      if (at != cut.end()) {
        before[ref] = at->second.finished() ? length : at->second.offset().value();
      } else {
        before[ref] = reached.contains(segment) ? 0 : length;
      }
    }
  }
  return before;
}

std::string Print(const SegmentPositions& positions) {
  std::string text;
  for (const auto& [stream, cut] : CutsOf(positions)) text += cut.ToString() + " ";
  return text;
}

// A group that starts from the checkpoint, as it is and with its holes filled, delivers what comes after it.
void CheckRestart(const World& world, const Group& group, const SegmentPositions& positions) {
  if (positions.empty()) return;
  Bytes before = Before(world, positions);
  for (const auto& [segment, bytes] : before) {
    auto at = group.delivered().find(segment);
    int64_t delivered = at == group.delivered().end() ? 0 : at->second;
    Expect(bytes <= delivered, "the checkpoint is ahead in " + segment.ToString());
  }
  Group(world, positions, before, false).Drain();

  SegmentPositions filled;
  for (const auto& [stream, cut] : CutsOf(positions)) {
    for (const Stream& s : world) {
      if (s.name != stream) continue;
      absl::StatusOr<StreamCut> whole = FillHoles(cut, s.history, group.state().end_segments);
      Expect(whole.ok(), whole.status().ToString());
      for (const auto& [segment, position] : whole->positions()) filled[{stream, segment}] = position;
    }
  }
  for (const auto& [segment, bytes] : Before(world, filled)) {
    Expect(bytes == before.at(segment), "filling the holes moves the cut in " + segment.ToString() + " from " +
                                            std::to_string(before.at(segment)) + " to " + std::to_string(bytes) + ": " +
                                            Print(positions) + " to " + Print(filled));
  }
  Group(world, filled, before, true).Drain();
}

struct Statistics {
  int checkpoints = 0;
  int holes = 0;
  int crashes = 0;
  int together = 0;  // completions that had to be written with others
};

// Returns what went wrong, or nothing.
std::string RunSchedule(std::vector<uint8_t> numbers, Statistics* statistics) {
  Trace().clear();
  Choices choices(std::move(numbers));
  World world;
  SegmentPositions starting;
  size_t streams = 1 + choices.Below(2);
  for (size_t i = 0; i < streams; ++i) {
    world.push_back(MakeStream("st" + std::to_string(i), &choices));
    for (const auto& [segment, range] : world.back().first) starting[{world.back().name, segment}] = At(0);
  }
  try {
    Group group(world, starting, {}, world[0].ranges_known);
    group.Join();
    std::set<std::string> waited_for;
    int next_checkpoint = 0;
    while (choices.more()) {
      std::vector<Reader>& readers = group.readers();
      size_t index = choices.Below(readers.size());
      switch (choices.Below(16)) {
        case 15:
          if (readers.size() < 4) group.Join();
          break;
        case 14:
          if (!readers.empty() && readers[index].alive) {
            readers[index].alive = false;
            ++statistics->crashes;
          }
          break;
        case 13:
          if (!readers.empty() && !readers[index].alive) group.Bury(index);
          break;
        case 12: {
          std::string name = "m" + std::to_string(next_checkpoint++) + (choices.Below(2) == 1 ? "_SILENT_" : "");
          absl::StatusOr<Updates> updates =
              IsSilent(name) ? StartSilentCheckpoint(group.state(), name) : StartCheckpoint(group.state(), name);
          if (updates.ok() && group.Write(*updates)) waited_for.insert(name);
          break;
        }
        case 11:
          group.Compact();
          break;
        case 10:
          if (!readers.empty() && readers[index].alive) group.Close(index);
          break;
        default:
          if (!readers.empty() && readers[index].alive) group.Step(&readers[index], &choices, false);
      }
      std::vector<std::string> done;
      for (auto name = waited_for.begin(); name != waited_for.end();) {
        std::optional<SegmentPositions> positions = PositionsOf(group.state(), *name);
        if (positions) {
          ++statistics->checkpoints;
          for (const auto& [stream, cut] : CutsOf(*positions)) {
            for (const Stream& s : world) {
              std::map<SegmentRef, KeyRange> ranges;
              for (const auto& [segment, length] : s.length) ranges[{s.name, segment}] = *s.history.RangeOf(segment);
              if (s.name == stream && !IsWithoutHoles(cut, ranges)) ++statistics->holes;
            }
          }
          CheckRestart(world, group, *positions);
          done.push_back(*name);
        }
        // Nobody but who asked for checkpoints clears them, so none that is waited for is ever gone.
        Expect(ProgressOf(group.state(), *name) != CheckpointProgress::kGone, "checkpoint " + *name + " is gone");
        name = positions ? waited_for.erase(name) : std::next(name);
      }
      for (const std::string& name : done) {
        if (choices.Below(2) != 1) continue;
        group.Write(ClearBefore(name));
        std::erase_if(waited_for, [&](const std::string& other) {
          return ProgressOf(group.state(), other) == CheckpointProgress::kGone;
        });
      }
      for (const auto& [reader, segments] : group.state().assigned) {
        for (const auto& [segment, position] : segments) {
          if (position.finished() && CompletedTogether(group.state(), segment).size() > 1) ++statistics->together;
        }
      }
    }
    group.Drain();
  } catch (const std::runtime_error& error) {
    std::string text = error.what();
    for (const Stream& stream : world) {
      for (const auto& [segment, length] : stream.length) {
        text += "\n  " + stream.name.ToString() + " " + segment.ToString() + " " +
                stream.history.RangeOf(segment)->ToString() + " of " + std::to_string(length) + " bytes";
      }
      if (stream.bounded) text += ", bounded";
    }
    for (const std::string& line : Trace()) text += "\n  " + line;
    return text;
  }
  return "";
}

RC_GTEST_PROP(ReaderGroupProperty, EveryEventExactlyOnceAndInOrder, ()) {
  std::vector<uint8_t> numbers = *rc::gen::resize(500, rc::gen::arbitrary<std::vector<uint8_t>>());
  Statistics statistics;
  std::string error = RunSchedule(numbers, &statistics);
  if (!error.empty()) RC_FAIL(error);
}

// The same with schedules that are the same in every run. It also looks whether the interesting things happen at all.
TEST(ReaderGroupRuns, ManySchedules) {
  Statistics statistics;
  uint64_t random = 1;
  for (int run = 0; run < 1000; ++run) {
    std::vector<uint8_t> numbers(100 + static_cast<size_t>(run) % 400);
    for (uint8_t& number : numbers) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      number = static_cast<uint8_t>(random >> 56);
    }
    std::string error = RunSchedule(numbers, &statistics);
    ASSERT_EQ(error, "") << "in run " << run;
  }
  EXPECT_GT(statistics.checkpoints, 500);
  EXPECT_GT(statistics.holes, 50);
  EXPECT_GT(statistics.crashes, 500);
  EXPECT_GT(statistics.together, 50);
  RecordProperty("checkpoints", statistics.checkpoints);
  RecordProperty("holes", statistics.holes);
  RecordProperty("crashes", statistics.crashes);
  RecordProperty("completed_together", statistics.together);
}

}  // namespace
}  // namespace pravega::client
