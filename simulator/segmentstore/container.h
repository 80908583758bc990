// Container: the state machine of a segment container, without its I/O.
//
// Requests are checked against the *pending* state, in which all requests before them leave the container, so that they
// need not wait for each other; what they change becomes a record. Whoever drives the container (container_runner.h)
// takes the records to the log, in order, and says when each is durable: only then does it change the *durable* state,
// wake readers and complete its request. So what is acknowledged is durable, and what is readable is durable. Requests
// complete in the order in which they were made, also those that change nothing and those that fail: an answer never
// depends on anything that a crash could still undo.
//
//   request -> pending state, record -> TakeBatch() -> the log -> ApplyNext() -> durable state, completion
//
// After a crash, or when the log fails, a new Container replays the log. Replay() and ApplyNext() go through the same
// code. Thread-compatible.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_CONTAINER_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_CONTAINER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connector/core/buffer.h"
#include "connector/core/uuid.h"
#include "connector/wire/segment_commands.h"
#include "simulator/segmentstore/record.h"
#include "simulator/segmentstore/segment.h"

namespace pravega::sim {

enum class Outcome {
  kOk,
  kNoSuchSegment,
  kMerged,  // the segment was merged into another
  kSegmentExists,
  kSealed,
  kBadAttribute,     // the value of an attribute is not the one expected
  kConditionFailed,  // the segment's length is not the one expected
  kBadOffset,        // a truncation out of range, or a merge of a truncated segment; `value` is the start
  kIllegal,          // a request that makes no sense
  kInDoubt,          // the container stopped: whether the request is durable only the log knows
};

struct RequestResult {
  Outcome outcome = Outcome::kOk;
  int64_t value = 0;  // length of the segment (of the target) after this request, or as said
};

// Somebody to be told how a request ended.
class Completion {
 public:
  virtual ~Completion() = default;
  // Called once, unless the container is destroyed first (its node died).
  virtual void Complete(const RequestResult& result) = 0;
};

class Container {
 public:
  // Merged segments are remembered, so that merging them again is known to have happened; only so many, the latest.
  static constexpr size_t kRememberedMerges = 10'000;

  Container() = default;
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  // ---- Requests. Each returns how it will end, which nobody may be told before `done` is; `done` may be null.

  struct AppendRequest {
    Uuid writer;
    int64_t expected_number = 0;  // the attribute `writer` before
    int64_t event_number = 0;     // and after; with the bytes and the count, all or nothing
    int32_t event_count = 0;
    std::optional<int64_t> expected_offset;  // if given, the length that the segment must have
    std::vector<Buffer> data;                // pieces; copied once, into the record
    int64_t wall_ms = 0;
  };
  RequestResult Append(Segment& segment, const AppendRequest& request, std::unique_ptr<Completion> done);
  RequestResult Create(std::string_view name, const std::vector<AttributeSetting>& attributes, int64_t wall_ms,
                       std::unique_ptr<Completion> done);
  RequestResult Seal(std::string_view name, int64_t wall_ms, std::unique_ptr<Completion> done);
  RequestResult Truncate(std::string_view name, int64_t offset, int64_t wall_ms, std::unique_ptr<Completion> done);
  RequestResult Delete(std::string_view name, int64_t wall_ms, std::unique_ptr<Completion> done);
  // Seals the source if need be, then moves it behind the target, updates the target's attributes and removes the
  // source. A source that was merged before is kOk with the target's length. kBadAttribute leaves the source sealed.
  // kSealed: the target is. kNoSuchSegment: either is missing.
  RequestResult Merge(std::string_view target, std::string_view source,
                      const std::vector<wire::AttributeUpdate>& updates, int64_t wall_ms,
                      std::unique_ptr<Completion> done);
  // Compare and set.
  RequestResult UpdateAttribute(std::string_view name, const Uuid& id, int64_t expected, int64_t value, int64_t wall_ms,
                                std::unique_ptr<Completion> done);
  RequestResult SetAttributes(std::string_view name, const std::vector<AttributeSetting>& attributes, int64_t wall_ms,
                              std::unique_ptr<Completion> done);
  // Changes nothing; completes with `result` when all requests before it have.
  RequestResult Follow(RequestResult result, std::unique_ptr<Completion> done);

  // ---- State

  // As the requests so far will leave it; null if there is none. It outlives its removal while somebody holds it.
  std::shared_ptr<Segment> FindPending(std::string_view name) const { return Find(pending_names_, name); }
  // Whether a segment of that name was, or is about to be, merged into another.
  bool WasMerged(std::string_view name) const { return pending_merged_.find(name) != pending_merged_.end(); }
  // As the log has it.
  std::shared_ptr<Segment> FindDurable(std::string_view name) const { return Find(durable_names_, name); }
  size_t segments() const { return segments_.size(); }

  // ---- The way to the log

  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void WorkQueued() = 0;
  };
  // Told whenever a request is queued; outlives the container, or is null.
  void set_observer(Observer* observer) { observer_ = observer; }

  // Completes what waits for no record.
  void CompleteReady();
  bool has_unsent() const { return unsent_records_ > 0; }
  size_t in_flight() const { return in_flight_; }
  // Records for the log, in order, at least one if any and at most about `max_bytes`; they are then in flight. None may
  // be in flight before.
  std::vector<Buffer> TakeBatch(size_t max_bytes);
  // The oldest record in flight is durable.
  void ApplyNext();
  // Whether records of different segments are in flight.
  bool batch_is_mixed() const;
  // The requests that have not completed end in doubt, the waiting readers are sent away. Nothing may be called
  // afterwards.
  void Abandon();

  // Puts a snapshot of the durable state before all other records; none may be in flight. Once it is durable, the log
  // before it is not needed. Taking it into effect also gathers the data in few large pieces. Returns its bytes: a
  // batch of at least so many takes it whole.
  size_t QueueSnapshot();
  // Bytes of durable records behind the last complete snapshot, and of the segments' data.
  size_t bytes_behind_snapshot() const { return bytes_behind_snapshot_; }
  size_t live_bytes() const { return live_bytes_; }

  // ---- Recovery: Replay() for each record of the log, then FinishReplay(), before anything else.

  absl::Status Replay(const Buffer& bytes);
  void FinishReplay();

  // The durable state as records of a snapshot, in one string: equal states give equal strings.
  std::string Fingerprint() const;

 private:
  using SegmentPtr = std::shared_ptr<Segment>;
  using Names = std::map<std::string, SegmentPtr, std::less<>>;
  struct Entry {
    Record record;
    Buffer bytes;  // empty if the entry has no record
    RequestResult result;
    std::unique_ptr<Completion> done;
  };

  static SegmentPtr Find(const Names& names, std::string_view name) {
    auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
  }

  RequestResult Queue(Record record, RequestResult result, std::unique_ptr<Completion> done,
                      const std::vector<Buffer>& data = {});
  RequestResult QueueSettings(Segment& segment, std::vector<AttributeSetting> settings, int64_t wall_ms,
                              std::unique_ptr<Completion> done);
  static void SetPending(Segment& segment, const std::vector<AttributeSetting>& settings);
  static Outcome Resolve(const Segment& segment, const std::vector<wire::AttributeUpdate>& updates,
                         std::vector<AttributeSetting>* settings);
  void RemovePending(Segment& segment, Segment::Fate fate);

  absl::Status Apply(Record& record, size_t bytes);
  absl::Status ApplyToSegment(const SegmentPtr& segment, Record& record);
  absl::Status ApplyMerge(Segment& target, const Record& record);
  absl::Status ApplySnapshot(Record& record);
  absl::Status InstallSnapshot();
  void ApplyCreate(Record& record);
  void ApplyAppend(Segment& segment, Record& record);
  static void SetDurable(Segment& segment, const std::vector<AttributeSetting>& settings);
  void Insert(SegmentPtr segment);
  // Takes the segment away; its readers are woken by the caller.
  void Remove(const SegmentPtr& segment);
  void RememberMerge(const std::string& source, int64_t target);
  std::vector<Entry> MakeSnapshot() const;

  Names pending_names_;
  Names durable_names_;
  std::map<int64_t, SegmentPtr> segments_;  // durable, by id
  std::map<int64_t, SegmentPtr> created_;   // not durable yet, by id
  int64_t next_segment_ = 1;
  int64_t next_durable_segment_ = 1;
  // Merged segments and what they were merged into.
  using Merges = std::map<std::string, int64_t, std::less<>>;
  Merges pending_merged_;
  Merges merged_;
  std::deque<std::string> merged_order_;  // of merged_, oldest first

  std::deque<Entry> queue_;  // in flight, then unsent
  size_t in_flight_ = 0;     // records
  size_t unsent_records_ = 0;
  size_t bytes_behind_snapshot_ = 0;
  size_t live_bytes_ = 0;

  // A snapshot that is being read; it counts when its end has been read.
  struct Snapshot {
    int64_t next_segment = 1;
    std::vector<std::pair<std::string, int64_t>> merged;
    std::map<int64_t, SegmentPtr> segments;
    std::map<int64_t, int64_t> lengths;
  };
  std::optional<Snapshot> reading_;
  Observer* observer_ = nullptr;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_CONTAINER_H_
