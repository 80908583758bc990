// Goal: the container says of each request what the protocol says, changes what is durable only when its record is, and
// comes back from its log as it was. Method: requests by hand; the test is the log.
#include "simulator/segmentstore/container.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/wire/attributes.h"
#include "simulator/segmentstore/chunk_list.h"
#include "simulator/segmentstore/record.h"

namespace pravega::sim {
namespace {

constexpr int64_t kNone = wire::kNullAttributeValue;
constexpr Uuid kWriter{1, 2};

class RecordingCompletion : public Completion {
 public:
  RecordingCompletion(std::string name, std::vector<std::string>* ended) : name_(std::move(name)), ended_(ended) {}
  void Complete(const RequestResult& result) override {
    ended_->push_back(name_ + "=" + std::to_string(static_cast<int>(result.outcome)));
  }

 private:
  std::string name_;
  std::vector<std::string>* ended_;
};

class RecordingWaiter : public TailWaiter {
 public:
  void Wake(Event event) override { events.push_back(event); }
  std::vector<Event> events;
};

class ContainerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Completion> Done(std::string name) {
    return std::make_unique<RecordingCompletion>(std::move(name), &ended_);
  }
  RequestResult Append(const std::string& segment, std::string data, int64_t expected, int64_t number,
                       std::optional<int64_t> offset = std::nullopt) {
    Container::AppendRequest request{.writer = kWriter,
                                     .expected_number = expected,
                                     .event_number = number,
                                     .event_count = 1,
                                     .expected_offset = offset,
                                     .data = {},
                                     .wall_ms = 7};
    request.data.push_back(Buffer(std::move(data)));
    return container_.Append(*container_.FindPending(segment), request, Done("append"));
  }
  // Everything queued becomes durable.
  void Commit() {
    container_.CompleteReady();
    while (container_.has_unsent()) {
      for (Buffer& record : container_.TakeBatch(std::numeric_limits<size_t>::max())) log_.push_back(std::move(record));
      while (container_.in_flight() > 0) container_.ApplyNext();
    }
  }
  std::string Data(const Container& container, const std::string& name) {
    std::shared_ptr<Segment> segment = container.FindDurable(name);
    if (segment == nullptr) return "none";
    std::string text;
    for (int64_t at = segment->start(); at < segment->length();) {
      Buffer piece = segment->data.Read(at, 1 << 20);
      text += piece.view();
      at += static_cast<int64_t>(piece.size());
    }
    return text;
  }
  void Recover(Container* recovered, size_t records = std::numeric_limits<size_t>::max()) {
    for (size_t i = 0; i < std::min(records, log_.size()); ++i) {
      absl::Status replayed = recovered->Replay(log_[i]);
      ASSERT_TRUE(replayed.ok()) << replayed;
    }
    recovered->FinishReplay();
  }

  Container container_;
  std::vector<Buffer> log_;
  std::vector<std::string> ended_;
};

TEST_F(ContainerTest, NothingIsReadableOrAnsweredBeforeItIsDurable) {
  container_.Create("s", {}, 1, Done("create"));
  Append("s", "hello", kNone, 1);
  EXPECT_EQ(container_.FindDurable("s"), nullptr);
  EXPECT_TRUE(ended_.empty());
  std::vector<Buffer> batch = container_.TakeBatch(1 << 20);
  ASSERT_EQ(batch.size(), 2u);
  container_.ApplyNext();
  EXPECT_EQ(ended_, (std::vector<std::string>{"create=0"}));
  EXPECT_EQ(container_.FindDurable("s")->length(), 0);
  container_.ApplyNext();
  EXPECT_EQ(ended_, (std::vector<std::string>{"create=0", "append=0"}));
  EXPECT_EQ(Data(container_, "s"), "hello");
  EXPECT_EQ(container_.FindDurable("s")->attribute(kWriter), 1);
  EXPECT_EQ(container_.FindDurable("s")->attribute(wire::kEventCount), 1);
}

TEST_F(ContainerTest, AnAnswerThatChangesNothingWaitsForWhatItDependsOn) {
  container_.Create("s", {}, 1, Done("create"));
  RequestResult again = container_.Create("s", {}, 1, Done("again"));
  EXPECT_EQ(again.outcome, Outcome::kSegmentExists);
  container_.CompleteReady();
  EXPECT_TRUE(ended_.empty());
  Commit();
  EXPECT_EQ(ended_, (std::vector<std::string>{"create=0", "again=3"}));
}

TEST_F(ContainerTest, WriterAttributeIsComparedBeforeTheOffset) {
  container_.Create("s", {}, 1, nullptr);
  EXPECT_EQ(Append("s", "abc", kNone, 5).outcome, Outcome::kOk);
  EXPECT_EQ(Append("s", "abc", 4, 6, 3).outcome, Outcome::kBadAttribute);
  EXPECT_EQ(Append("s", "abc", 4, 6, 9).outcome, Outcome::kBadAttribute);
  EXPECT_EQ(Append("s", "abc", 5, 6, 9).outcome, Outcome::kConditionFailed);
  // Appends pipeline: the second is checked against what the first will leave.
  EXPECT_EQ(Append("s", "abc", 5, 6, 3).value, 6);
  // The store does not de-duplicate: a number set to itself is no mismatch.
  EXPECT_EQ(Append("s", "abc", 6, 6).outcome, Outcome::kOk);
  Commit();
  EXPECT_EQ(Data(container_, "s"), "abcabcabc");
}

TEST_F(ContainerTest, SealedSegmentsTakeNothingButTruncation) {
  container_.Create("s", {}, 1, nullptr);
  Append("s", "abcd", kNone, 1);
  EXPECT_EQ(container_.Seal("s", 1, nullptr).outcome, Outcome::kOk);
  EXPECT_EQ(container_.Seal("s", 1, nullptr).outcome, Outcome::kSealed);
  EXPECT_EQ(Append("s", "x", 1, 2).outcome, Outcome::kSealed);
  EXPECT_EQ(container_.UpdateAttribute("s", Uuid{9, 9}, kNone, 1, 1, nullptr).outcome, Outcome::kSealed);
  EXPECT_EQ(container_.SetAttributes("s", {{wire::kScalePolicyRate, 1}}, 1, nullptr).outcome, Outcome::kSealed);
  EXPECT_EQ(container_.Truncate("s", 3, 1, nullptr).outcome, Outcome::kOk);
  Commit();
  EXPECT_EQ(Data(container_, "s"), "d");
}

TEST_F(ContainerTest, TruncationStaysWithinTheSegment) {
  container_.Create("s", {}, 1, nullptr);
  Append("s", "abcd", kNone, 1);
  EXPECT_EQ(container_.Truncate("s", 5, 1, nullptr).outcome, Outcome::kBadOffset);
  EXPECT_EQ(container_.Truncate("s", 2, 1, nullptr).outcome, Outcome::kOk);
  EXPECT_EQ(container_.Truncate("s", 2, 1, nullptr).outcome, Outcome::kOk);
  RequestResult back = container_.Truncate("s", 1, 1, nullptr);
  EXPECT_EQ(back.outcome, Outcome::kBadOffset);
  EXPECT_EQ(back.value, 2);
  Commit();
  EXPECT_EQ(Data(container_, "s"), "cd");
  EXPECT_EQ(container_.FindDurable("s")->length(), 4);
  EXPECT_EQ(container_.live_bytes(), 2u);
}

TEST_F(ContainerTest, MergeMovesDataSealsAndRemembers) {
  container_.Create("t", {}, 1, nullptr);
  container_.Create("s", {}, 1, nullptr);
  Append("t", "target", kNone, 1);
  Append("s", "source", kNone, 1);
  std::vector<wire::AttributeUpdate> condition = {{Uuid{5, 5}, wire::AttributeUpdateType::kReplaceIfEquals, 1, 0}};
  EXPECT_EQ(container_.Merge("t", "s", condition, 1, nullptr).outcome, Outcome::kBadAttribute);
  // The failed merge left the source sealed.
  EXPECT_EQ(Append("s", "more", 1, 2).outcome, Outcome::kSealed);
  condition[0].old_value = kNone;
  RequestResult merged = container_.Merge("t", "s", condition, 1, nullptr);
  EXPECT_EQ(merged.outcome, Outcome::kOk);
  EXPECT_EQ(merged.value, 12);
  EXPECT_EQ(container_.FindPending("s"), nullptr);
  // Again: it has happened, even if the target was sealed since.
  container_.Seal("t", 1, nullptr);
  EXPECT_EQ(container_.Merge("t", "s", {}, 1, nullptr).outcome, Outcome::kOk);
  EXPECT_EQ(container_.Merge("t", "never", {}, 1, nullptr).outcome, Outcome::kSealed);
  EXPECT_EQ(container_.Merge("gone", "s", {}, 1, nullptr).outcome, Outcome::kNoSuchSegment);
  Commit();
  EXPECT_EQ(Data(container_, "t"), "targetsource");
  EXPECT_EQ(container_.FindDurable("s"), nullptr);
  EXPECT_EQ(container_.FindDurable("t")->attribute(wire::kEventCount), 2);
  EXPECT_EQ(container_.FindDurable("t")->attribute(Uuid{5, 5}), 1);

  Container recovered;
  Recover(&recovered);
  EXPECT_TRUE(recovered.WasMerged("s"));
  EXPECT_EQ(recovered.Merge("t", "s", {}, 1, nullptr).outcome, Outcome::kOk);
}

TEST_F(ContainerTest, MergeUpdatesAttributesInFiveWays) {
  using Type = wire::AttributeUpdateType;
  container_.Create("t", {{Uuid{1, 1}, 10}}, 1, nullptr);
  auto merge = [&](Type type, int64_t value, int64_t old_value, Uuid id) {
    container_.Create("s", {}, 1, nullptr);
    return container_.Merge("t", "s", {{id, type, value, old_value}}, 1, nullptr).outcome;
  };
  EXPECT_EQ(merge(Type::kNone, 1, 0, Uuid{1, 1}), Outcome::kBadAttribute);  // set already
  EXPECT_EQ(merge(Type::kReplaceIfGreater, 10, 0, Uuid{1, 1}), Outcome::kBadAttribute);
  EXPECT_EQ(merge(Type::kReplaceIfEquals, 10, 9, Uuid{1, 1}), Outcome::kBadAttribute);
  EXPECT_EQ(merge(static_cast<Type>(77), 10, 9, Uuid{1, 1}), Outcome::kIllegal);
  container_.Delete("s", 1, nullptr);
  EXPECT_EQ(merge(Type::kNone, 1, 0, Uuid{2, 2}), Outcome::kOk);
  EXPECT_EQ(merge(Type::kReplaceIfGreater, 11, 0, Uuid{1, 1}), Outcome::kOk);
  EXPECT_EQ(merge(Type::kAccumulate, 5, 0, Uuid{1, 1}), Outcome::kOk);
  EXPECT_EQ(merge(Type::kReplaceIfEquals, 20, 16, Uuid{1, 1}), Outcome::kOk);
  EXPECT_EQ(merge(Type::kReplace, 3, 0, Uuid{2, 2}), Outcome::kOk);
  Commit();
  EXPECT_EQ(container_.FindDurable("t")->attribute(Uuid{1, 1}), 20);
  EXPECT_EQ(container_.FindDurable("t")->attribute(Uuid{2, 2}), 3);
}

TEST_F(ContainerTest, UpdatesOfOneMergeSeeThoseBeforeThem) {
  using Type = wire::AttributeUpdateType;
  const Uuid id{1, 1};
  container_.Create("t", {{id, 10}}, 1, nullptr);
  container_.Create("s", {}, 1, nullptr);
  const std::vector<wire::AttributeUpdate> updates = {
      {id, Type::kAccumulate, 5, 0}, {Uuid{2, 2}, Type::kNone, 1, 0}, {id, Type::kReplaceIfEquals, 20, 15}};
  EXPECT_EQ(container_.Merge("t", "s", updates, 1, nullptr).outcome, Outcome::kOk);
  Commit();
  EXPECT_EQ(container_.FindDurable("t")->attribute(id), 20);
  container_.Create("s", {}, 1, nullptr);
  const std::vector<wire::AttributeUpdate> stale = {{id, Type::kReplace, 1, 0}, {id, Type::kReplaceIfEquals, 2, 20}};
  EXPECT_EQ(container_.Merge("t", "s", stale, 1, nullptr).outcome, Outcome::kBadAttribute);
  EXPECT_EQ(container_.FindPending("t")->attributes.at(id).pending, 20);
}

// As many as fit in the largest frame. To look each up among those before it takes minutes, more than a test may.
TEST_F(ContainerTest, AMergeMayUpdateHalfAMillionAttributes) {
  constexpr uint64_t kUpdates = 500'000;
  container_.Create("t", {}, 1, nullptr);
  container_.Create("s", {}, 1, nullptr);
  std::vector<wire::AttributeUpdate> updates;
  for (uint64_t i = 0; i < kUpdates; ++i) {
    updates.push_back({Uuid{7, i}, wire::AttributeUpdateType::kReplace, static_cast<int64_t>(i), 0});
  }
  EXPECT_EQ(container_.Merge("t", "s", updates, 1, nullptr).outcome, Outcome::kOk);
  Commit();
  EXPECT_EQ(container_.FindDurable("t")->attribute(Uuid{7, kUpdates - 1}), static_cast<int64_t>(kUpdates - 1));
}

TEST_F(ContainerTest, ReservedAttributesCannotBeSetUnlessTheyAre) {
  container_.Create("s", {{wire::kScalePolicyRate, 4}}, 1, nullptr);
  EXPECT_EQ(container_.UpdateAttribute("s", wire::CoreAttribute(9), kNone, 1, 1, nullptr).outcome,
            Outcome::kBadAttribute);
  EXPECT_EQ(container_.UpdateAttribute("s", wire::kScalePolicyRate, 4, 5, 1, nullptr).outcome, Outcome::kOk);
  EXPECT_EQ(container_.UpdateAttribute("s", Uuid{3, 3}, kNone, 5, 1, nullptr).outcome, Outcome::kOk);
  EXPECT_EQ(container_.UpdateAttribute("s", Uuid{3, 3}, kNone, 6, 1, nullptr).outcome, Outcome::kBadAttribute);
  EXPECT_EQ(container_.UpdateAttribute("s", Uuid{3, 3}, 5, kNone, 1, nullptr).outcome, Outcome::kOk);
  EXPECT_EQ(container_.UpdateAttribute("s", Uuid{3, 3}, kNone, 6, 1, nullptr).outcome, Outcome::kOk);
}

TEST_F(ContainerTest, AnotherSegmentMayTakeTheNameOfADeletedOne) {
  container_.Create("s", {}, 1, nullptr);
  Append("s", "old", kNone, 1);
  std::shared_ptr<Segment> old_segment = container_.FindPending("s");
  container_.Delete("s", 1, nullptr);
  container_.Create("s", {}, 1, nullptr);
  Append("s", "new", kNone, 1);
  Container::AppendRequest late{.writer = kWriter,
                                .expected_number = 1,
                                .event_number = 2,
                                .event_count = 1,
                                .expected_offset = {},
                                .data = {},
                                .wall_ms = 0};
  EXPECT_EQ(container_.Append(*old_segment, late, nullptr).outcome, Outcome::kNoSuchSegment);
  Commit();
  EXPECT_EQ(Data(container_, "s"), "new");
  Container recovered;
  Recover(&recovered);
  EXPECT_EQ(Data(recovered, "s"), "new");
}

TEST_F(ContainerTest, ReadersAreWokenByDataSealDeletionAndStop) {
  container_.Create("s", {}, 1, nullptr);
  container_.Create("m", {}, 1, nullptr);
  Commit();
  Segment& s = *container_.FindDurable("s");
  RecordingWaiter at_tail, beyond;
  s.waiters.Add(&at_tail, 0);
  s.waiters.Add(&beyond, 4);
  Append("s", "abc", kNone, 1);
  EXPECT_TRUE(at_tail.events.empty());
  Commit();
  EXPECT_EQ(at_tail.events, (std::vector<TailWaiter::Event>{TailWaiter::Event::kData}));
  // A read beyond the tail waits until the segment grows past its offset.
  EXPECT_TRUE(beyond.events.empty());
  Append("m", "de", kNone, 1);
  container_.Merge("s", "m", {}, 1, nullptr);
  Commit();
  EXPECT_EQ(beyond.events, (std::vector<TailWaiter::Event>{TailWaiter::Event::kData}));
  RecordingWaiter sealed;
  s.waiters.Add(&sealed, 5);
  container_.Seal("s", 1, nullptr);
  Commit();
  EXPECT_EQ(sealed.events, (std::vector<TailWaiter::Event>{TailWaiter::Event::kSealed}));

  container_.Create("t", {}, 1, nullptr);
  container_.Create("u", {}, 1, nullptr);
  Commit();
  RecordingWaiter deleted, stopped;
  container_.FindDurable("t")->waiters.Add(&deleted, 0);
  container_.FindDurable("u")->waiters.Add(&stopped, 0);
  container_.Delete("t", 1, nullptr);
  Commit();
  container_.Seal("u", 1, Done("seal"));
  container_.Abandon();
  EXPECT_EQ(deleted.events, (std::vector<TailWaiter::Event>{TailWaiter::Event::kGone}));
  EXPECT_EQ(stopped.events, (std::vector<TailWaiter::Event>{TailWaiter::Event::kGone}));
  EXPECT_EQ(ended_.back(), "seal=9");
}

TEST_F(ContainerTest, EveryPrefixOfTheLogIsAStateInWhichAppendAndNumberAgree) {
  container_.Create("s", {}, 1, nullptr);
  for (int64_t i = 0; i < 5; ++i) Append("s", "x", i == 0 ? kNone : i, i + 1);
  Commit();
  for (size_t records = 1; records <= log_.size(); ++records) {
    Container recovered;
    Recover(&recovered, records);
    std::shared_ptr<Segment> segment = recovered.FindDurable("s");
    int64_t number = segment->attribute(kWriter);
    EXPECT_EQ(segment->length(), number == kNone ? 0 : number);
    EXPECT_EQ(segment->attribute(wire::kEventCount), number);
  }
}

TEST_F(ContainerTest, ASnapshotReplacesTheLogBeforeIt) {
  container_.Create("s", {}, 1, nullptr);
  container_.Create("m", {}, 1, nullptr);
  Append("m", "merged", kNone, 1);
  container_.Merge("s", "m", {}, 2, nullptr);
  for (int64_t i = 0; i < 100; ++i) Append("s", "0123456789", i == 0 ? kNone : i, i + 1);
  container_.Truncate("s", 7, 3, nullptr);
  Commit();
  const std::string before = container_.Fingerprint();
  const size_t chunks = container_.FindDurable("s")->data.chunks();
  size_t old_records = log_.size();
  container_.QueueSnapshot();
  // Requests go on meanwhile and come behind it.
  Append("s", "behind", 100, 101);
  Commit();
  EXPECT_LT(container_.FindDurable("s")->data.chunks(), chunks);
  EXPECT_LT(container_.bytes_behind_snapshot(), 100u);

  log_.erase(log_.begin(), log_.begin() + static_cast<ptrdiff_t>(old_records));
  Container only_snapshot;
  Recover(&only_snapshot, log_.size() - 1);
  EXPECT_EQ(only_snapshot.Fingerprint(), before);
  Container recovered;
  Recover(&recovered);
  EXPECT_EQ(recovered.Fingerprint(), container_.Fingerprint());
  EXPECT_TRUE(recovered.WasMerged("m"));
}

TEST_F(ContainerTest, HalfASnapshotIsIgnored) {
  container_.Create("s", {}, 1, nullptr);
  Append("s", "abc", kNone, 1);
  Commit();
  container_.QueueSnapshot();
  std::vector<Buffer> snapshot = container_.TakeBatch(1 << 20);
  ASSERT_GE(snapshot.size(), 3u);
  snapshot.pop_back();
  for (Buffer& record : snapshot) log_.push_back(std::move(record));
  Container next_owner;
  Recover(&next_owner);
  EXPECT_EQ(Data(next_owner, "s"), "abc");
  next_owner.Seal("s", 1, nullptr);
  for (Buffer& record : next_owner.TakeBatch(1 << 20)) log_.push_back(std::move(record));
  Container third_owner;
  Recover(&third_owner);
  EXPECT_TRUE(third_owner.FindDurable("s")->sealed);
  EXPECT_EQ(Data(third_owner, "s"), "abc");
}

TEST_F(ContainerTest, DamagedRecordsAreRefusedWithAReason) {
  container_.Create("s", {}, 1, nullptr);
  Append("s", "abc", kNone, 1);
  Commit();
  for (const Buffer& record : log_) {
    for (size_t size = 0; size < record.size(); ++size) {
      Container damaged;
      absl::Status replayed = damaged.Replay(record.Slice(0, size));
      // Cut inside its data an append is still a record, but of no segment.
      EXPECT_TRUE(absl::IsDataLoss(replayed)) << size;
    }
  }
  Container twice;
  EXPECT_TRUE(twice.Replay(log_[0]).ok());
  EXPECT_TRUE(absl::IsDataLoss(twice.Replay(log_[0])));
}

TEST_F(ContainerTest, RememberedMergesAreBounded) {
  container_.Create("t", {}, 1, nullptr);
  for (size_t i = 0; i < Container::kRememberedMerges + 10; ++i) {
    std::string name = "s" + std::to_string(i);
    container_.Create(name, {}, 1, nullptr);
    container_.Merge("t", name, {}, 1, nullptr);
    if (i % 1000 == 0) Commit();
  }
  Commit();
  EXPECT_FALSE(container_.WasMerged("s9"));
  EXPECT_TRUE(container_.WasMerged("s10"));
}

TEST(ChunkListTest, SmallSlicesOfBigSlabsAreCopied) {
  Buffer slab(std::string(1000, 'x'));
  ChunkList chunks;
  chunks.Append(slab.Slice(0, 249));
  chunks.Append(slab.Slice(0, 250));
  EXPECT_EQ(chunks.Read(0, 249).slab_size(), 249u);
  EXPECT_EQ(chunks.Read(249, 250).slab_size(), 1000u);
}

TEST(ChunkListTest, LargePiecesAreSlicesAndSmallOnesAreGathered) {
  ChunkList chunks;
  chunks.Append(Buffer(std::string(ChunkList::kSliceBytes, 'a')));
  for (int i = 0; i < 10; ++i) chunks.Append(Buffer("0123456789"));
  EXPECT_EQ(chunks.Read(0, 1 << 20).size(), ChunkList::kSliceBytes);
  EXPECT_EQ(chunks.Read(1, 1 << 20).size(), ChunkList::kSliceBytes - 1 + 100);
  EXPECT_EQ(chunks.Read(static_cast<int64_t>(ChunkList::kSliceBytes) + 5, 10).view(), "5678901234");
  chunks.TruncateBefore(static_cast<int64_t>(ChunkList::kSliceBytes) + 95);
  EXPECT_EQ(chunks.chunks(), 1u);
  EXPECT_EQ(chunks.Read(chunks.start(), 100).view(), "56789");
  ChunkList target;
  target.Append(Buffer("t"));
  target.Append(std::move(chunks));
  EXPECT_EQ(target.Read(0, 100).view(), "t56789");
}

}  // namespace
}  // namespace pravega::sim
