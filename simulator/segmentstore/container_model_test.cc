// Goal: whatever is asked of a container, and wherever its node dies, it comes back as the durable prefix of its log
// says, and nothing that was acknowledged is missing. Method: random requests against the container and against a model
// that keeps whole strings; random progress of the log; a crash that keeps any prefix of what was in flight.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/wire/attributes.h"
#include "simulator/segmentstore/container.h"

namespace pravega::sim {
namespace {

constexpr int64_t kNone = wire::kNullAttributeValue;

// What the requests mean, without records, batches or chunks.
struct Model {
  struct ModelSegment {
    std::string bytes;  // from offset 0
    int64_t start = 0;
    bool sealed = false;
    std::map<Uuid, int64_t> attributes;
    int identity = 0;
    bool operator==(const ModelSegment&) const = default;
  };
  std::map<std::string, ModelSegment> segments;
  std::map<std::string, int> merged;  // into which identity
  int next_identity = 1;

  int64_t Value(const std::string& name, Uuid id) const {
    const auto& attributes = segments.at(name).attributes;
    auto found = attributes.find(id);
    return found == attributes.end() ? kNone : found->second;
  }
};

struct Step {
  int kind = 0;
  int segment = 0;
  int other = 0;
  int size = 0;
  int64_t number = 0;
};

rc::Gen<Step> AnyStep() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::inRange(0, 14)), rc::gen::set(&Step::segment, rc::gen::inRange(0, 4)),
      rc::gen::set(&Step::other, rc::gen::inRange(0, 4)), rc::gen::set(&Step::size, rc::gen::inRange(0, 40)),
      rc::gen::set(&Step::number, rc::gen::inRange<int64_t>(0, 4)));
}

class Harness {
 public:
  Harness() : container_(std::make_unique<Container>()) { history_.push_back({}); }

  void Do(const Step& step) {
    switch (step.kind) {
      case 0:
      case 1:
        return Create(step);
      case 2:
      case 3:
      case 4:
      case 5:
        return Append(step);
      case 6:
        return Seal(step);
      case 7:
        return Truncate(step);
      case 8:
        return Delete(step);
      case 9:
        return Merge(step);
      case 10:
        return UpdateAttribute(step);
      case 11:
        return Snapshot();
      case 12:
        return Progress(step);
      default:
        return Crash(step);
    }
  }

  // Everything becomes durable, then one more crash.
  void Finish() {
    ApplyAll();
    RC_ASSERT(ended_ == asked_);
    Crash({});
  }

 private:
  // Each request knows its turn and what it must be told.
  class Expect : public Completion {
   public:
    Expect(Harness* harness, int turn, size_t records, RequestResult result)
        : harness_(harness), turn_(turn), records_(records), result_(result) {}
    void Complete(const RequestResult& result) override {
      RC_ASSERT(harness_->ended_++ == turn_);
      // Acknowledged implies durable.
      RC_ASSERT(records_ <= harness_->log_.size());
      RC_ASSERT(result.outcome == result_.outcome);
      if (result.outcome == Outcome::kOk) RC_ASSERT(result.value == result_.value);
    }

   private:
    Harness* harness_;
    int turn_;
    size_t records_;
    RequestResult result_;
  };

  static std::string Name(int segment) { return "segment-" + std::to_string(segment); }
  static Uuid Writer(int writer) { return Uuid{7, static_cast<uint64_t>(writer)}; }

  Model& now() { return history_.back(); }
  // A record of the container: the model's state after it.
  void Recorded() { history_.push_back(history_.back()); }
  // history_ has one state more than there are records, the last of which is the working copy.
  std::unique_ptr<Completion> Told(Outcome outcome, int64_t value = 0) {
    return std::make_unique<Expect>(this, asked_++, history_.size() - 1, RequestResult{outcome, value});
  }
  Model::ModelSegment* Find(const std::string& name) {
    auto found = now().segments.find(name);
    return found == now().segments.end() ? nullptr : &found->second;
  }
  static int64_t Length(const Model::ModelSegment& segment) { return static_cast<int64_t>(segment.bytes.size()); }

  void Create(const Step& step) {
    std::string name = Name(step.segment);
    if (Find(name) != nullptr) {
      container_->Create(name, {}, 0, Told(Outcome::kSegmentExists));
      return;
    }
    Recorded();
    now().segments[name].identity = now().next_identity++;
    now().segments[name].attributes[wire::kScalePolicyRate] = step.size;
    container_->Create(name, {{wire::kScalePolicyRate, step.size}}, 0, Told(Outcome::kOk));
  }

  void Append(const Step& step) {
    std::string name = Name(step.segment);
    Model::ModelSegment* segment = Find(name);
    if (segment == nullptr) return;
    Container::AppendRequest request;
    request.writer = Writer(step.other);
    int64_t current = now().Value(name, request.writer);
    // Mostly what the store has; sometimes not.
    request.expected_number = step.number == 3 ? current + 1 : current;
    request.event_number = (current == kNone ? 0 : current) + step.number;
    request.event_count = step.size % 3 + 1;
    if (step.size % 5 == 1) request.expected_offset = Length(*segment) - step.number;
    std::string text(static_cast<size_t>(step.size), static_cast<char>('a' + step.other));
    request.data.push_back(Buffer::Copy(std::string_view(text).substr(0, text.size() / 2)));
    request.data.push_back(Buffer::Copy(std::string_view(text).substr(text.size() / 2)));
    std::shared_ptr<Segment> target = container_->FindPending(name);
    RC_ASSERT(target != nullptr);
    Outcome expected = Outcome::kOk;
    if (segment->sealed) {
      expected = Outcome::kSealed;
    } else if (step.number == 3) {
      expected = Outcome::kBadAttribute;
    } else if (request.expected_offset && step.number != 0) {
      expected = Outcome::kConditionFailed;
    }
    if (expected != Outcome::kOk) {
      container_->Append(*target, request, Told(expected));
      return;
    }
    Recorded();
    segment = Find(name);
    segment->bytes += text;
    segment->attributes[request.writer] = request.event_number;
    int64_t& events = segment->attributes.try_emplace(wire::kEventCount, 0).first->second;
    events += request.event_count;
    container_->Append(*target, request, Told(Outcome::kOk, Length(*segment)));
  }

  void Seal(const Step& step) {
    std::string name = Name(step.segment);
    Model::ModelSegment* segment = Find(name);
    if (segment == nullptr || segment->sealed) {
      container_->Seal(name, 0, Told(segment == nullptr ? Outcome::kNoSuchSegment : Outcome::kSealed));
      return;
    }
    Recorded();
    Find(name)->sealed = true;
    container_->Seal(name, 0, Told(Outcome::kOk, Length(*Find(name))));
  }

  void Truncate(const Step& step) {
    std::string name = Name(step.segment);
    Model::ModelSegment* segment = Find(name);
    int64_t offset = segment == nullptr ? 0 : segment->start + step.size - 2;
    if (segment == nullptr || offset < segment->start || offset > Length(*segment)) {
      container_->Truncate(name, offset, 0, Told(segment == nullptr ? Outcome::kNoSuchSegment : Outcome::kBadOffset));
      return;
    }
    Recorded();
    Find(name)->start = offset;
    container_->Truncate(name, offset, 0, Told(Outcome::kOk, Length(*Find(name))));
  }

  void Delete(const Step& step) {
    std::string name = Name(step.segment);
    if (Find(name) == nullptr) {
      container_->Delete(name, 0, Told(Outcome::kNoSuchSegment));
      return;
    }
    Recorded();
    now().segments.erase(name);
    container_->Delete(name, 0, Told(Outcome::kOk));
  }

  void Merge(const Step& step) {
    std::string target = Name(step.segment);
    std::string source = Name(step.other);
    Model::ModelSegment* to = Find(target);
    Model::ModelSegment* from = Find(source);
    auto failed = [&](Outcome outcome, int64_t value = 0) {
      container_->Merge(target, source, {}, 0, Told(outcome, value));
    };
    if (to == nullptr) return failed(Outcome::kNoSuchSegment);
    auto merged = now().merged.find(source);
    if (from == nullptr && merged != now().merged.end() && merged->second == to->identity) {
      return failed(Outcome::kOk, Length(*to));
    }
    if (to->sealed) return failed(Outcome::kSealed);
    if (from == nullptr) return failed(Outcome::kNoSuchSegment);
    if (source == target) return failed(Outcome::kIllegal);
    if (from->start != 0) return failed(Outcome::kBadOffset);
    wire::AttributeUpdate update{Writer(9), wire::AttributeUpdateType::kReplaceIfEquals, step.size, kNone};
    bool holds = now().Value(target, update.attribute_id) == kNone;
    if (!from->sealed) {
      Recorded();
      Find(source)->sealed = true;
    }
    if (!holds) {
      container_->Merge(target, source, {update}, 0, Told(Outcome::kBadAttribute));
      return;
    }
    Recorded();
    to = Find(target);
    from = Find(source);
    to->bytes += from->bytes;
    to->attributes[update.attribute_id] = step.size;
    auto events = from->attributes.find(wire::kEventCount);
    if (events != from->attributes.end()) {
      to->attributes.try_emplace(wire::kEventCount, 0).first->second += events->second;
    }
    now().merged[source] = to->identity;
    now().segments.erase(source);
    container_->Merge(target, source, {update}, 0, Told(Outcome::kOk, Length(*Find(target))));
  }

  void UpdateAttribute(const Step& step) {
    std::string name = Name(step.segment);
    Uuid id = Writer(9);
    if (Find(name) == nullptr || Find(name)->sealed) {
      container_->UpdateAttribute(name, id, kNone, 1, 0,
                                  Told(Find(name) == nullptr ? Outcome::kNoSuchSegment : Outcome::kSealed));
      return;
    }
    int64_t current = now().Value(name, id);
    if (step.number == 3) {
      container_->UpdateAttribute(name, id, current + 1, 5, 0, Told(Outcome::kBadAttribute));
      return;
    }
    int64_t value = step.number == 2 ? kNone : step.size;
    Recorded();
    if (value == kNone) {
      Find(name)->attributes.erase(id);
    } else {
      Find(name)->attributes[id] = value;
    }
    container_->UpdateAttribute(name, id, current, value, 0, Told(Outcome::kOk, Length(*Find(name))));
  }

  // The log makes some progress: part of what is in flight becomes durable, and when nothing is, the next batch leaves.
  void Progress(const Step& step) {
    container_->CompleteReady();
    if (taken_.empty()) taken_ = container_->TakeBatch(static_cast<size_t>(step.size) * 20 + 1);
    size_t count = std::min(taken_.size(), static_cast<size_t>(step.number) + 1);
    for (size_t i = 0; i < count; ++i) {
      log_.push_back(taken_.front());
      taken_.erase(taken_.begin());
      container_->ApplyNext();
      Compare(*container_, log_.size());
    }
  }

  void ApplyAll() {
    while (container_->has_unsent() || !taken_.empty()) Progress({.size = 1000, .number = 100});
    container_->CompleteReady();
  }

  // A snapshot is taken when nothing is in flight; its records change nothing and let the log before it go.
  void Snapshot() {
    ApplyAll();
    std::string before = container_->Fingerprint();
    container_->QueueSnapshot();
    std::vector<Buffer> snapshot = container_->TakeBatch(std::numeric_limits<size_t>::max());
    for (size_t i = 0; i < snapshot.size(); ++i) container_->ApplyNext();
    RC_ASSERT(container_->Fingerprint() == before);
    log_ = std::move(snapshot);
    Model state = now();
    history_.assign(log_.size() + 1, state);
    partial_ = log_.size();
  }

  // The node dies; of what was in flight, any prefix is in the log.
  void Crash(const Step& step) {
    size_t survivors = std::min(taken_.size(), static_cast<size_t>(step.size));
    for (size_t i = 0; i < survivors; ++i) log_.push_back(taken_[i]);
    bool nothing_in_doubt = survivors == 0;
    std::string before = container_->Fingerprint();
    taken_.clear();
    container_ = std::make_unique<Container>();
    for (const Buffer& record : log_) {
      absl::Status replayed = container_->Replay(record);
      RC_ASSERT(replayed.ok());
    }
    container_->FinishReplay();
    if (nothing_in_doubt) RC_ASSERT(container_->Fingerprint() == before);
    Compare(*container_, log_.size());
    history_.resize(log_.size() + 1);
    asked_ = ended_ = 0;
  }

  // The durable state is the model's after so many records.
  void Compare(const Container& container, size_t records) {
    if (records < partial_) return;
    const Model& model = history_[records];
    RC_ASSERT(container.segments() == model.segments.size());
    for (const auto& [name, expected] : model.segments) {
      std::shared_ptr<Segment> segment = container.FindDurable(name);
      RC_ASSERT(segment != nullptr);
      RC_ASSERT(segment->sealed == expected.sealed);
      RC_ASSERT(segment->start() == expected.start);
      RC_ASSERT(segment->length() == Length(expected));
      std::string bytes;
      while (segment->start() + static_cast<int64_t>(bytes.size()) < segment->length()) {
        bytes += segment->data.Read(segment->start() + static_cast<int64_t>(bytes.size()), 7).view();
      }
      RC_ASSERT(bytes == expected.bytes.substr(static_cast<size_t>(expected.start)));
      std::map<Uuid, int64_t> attributes;
      for (const auto& [id, value] : segment->attributes) {
        if (value.durable != kNone) attributes[id] = value.durable;
      }
      RC_ASSERT(attributes == expected.attributes);
    }
  }

  std::unique_ptr<Container> container_;
  std::vector<Buffer> taken_;
  std::vector<Buffer> log_;     // durable records
  std::vector<Model> history_;  // after each record
  size_t partial_ = 0;          // below so many records the log is half a snapshot
  int asked_ = 0;
  int ended_ = 0;
};

RC_GTEST_PROP(ContainerModelTest, ComesBackAsTheDurablePrefixOfItsLog, ()) {
  // Always of full size: short runs and small ranges seldom crash after something happened.
  std::vector<Step> steps = *rc::gen::resize(150, rc::gen::container<std::vector<Step>>(AnyStep()));
  Harness harness;
  for (const Step& step : steps) harness.Do(step);
  harness.Finish();
}

}  // namespace
}  // namespace pravega::sim
