// Goal: the durable services neither lose nor invent: what they acknowledge is there, in order, for every later owner;
// what they do not acknowledge survives as a prefix; a caller that is gone is never called back. Method: nodes of a
// simulated world as callers, faults by a script.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/task.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/memory_durable_logs.h"
#include "simulator/durable/memory_metadata_stores.h"
#include "simulator/world/world.h"

namespace pravega::sim {
namespace {

using runtime::Runtime;
using runtime::Task;

constexpr int64_t kSecond = 1'000'000'000;
constexpr ContainerId kContainer{3};

class ScriptedFaults : public DurableFaults {
 public:
  DurableDecision Decide(const DurableRequest& request) override {
    asked.push_back(StrCat(request.node, " ", request.service, " ", request.operation, " ", request.subject));
    if (decisions.empty()) return {};
    DurableDecision next = decisions.front();
    decisions.pop_front();
    return next;
  }
  size_t Survivors(const DurableRequest&, size_t records) override { return std::min(survivors, records); }

  std::deque<DurableDecision> decisions;
  size_t survivors = SIZE_MAX;
  std::vector<std::string> asked;
};

// A world of callers "a" and "b".
class MemoryTest : public ::testing::Test {
 protected:
  MemoryTest() : world_(Tape::FromSeed(7), {}), logs_(world_, faults_), metadata_(world_, faults_) {
    world_.AddMachine("a");
    world_.AddMachine("b");
  }
  // Runs a program to its end.
  void Run(const std::string& node, World::Program program) {
    if (world_.running(node)) world_.Crash(node);
    world_.Start(node, std::move(program));
    ASSERT_TRUE(world_.RunUntil([&] { return world_.finished(node); }, world_.now_ns() + 60 * kSecond));
  }
  std::string Contents() {
    std::string text;
    Run("b", [this, &text](Runtime& node) { return ReadAll(node, &text); });
    return text;
  }
  Task<void> ReadAll(Runtime& node, std::string* text) {
    std::unique_ptr<DurableLog> log = logs_.Open(node, kContainer);
    absl::Status fenced = co_await log->Fence();
    CHECK(fenced.ok());
    absl::StatusOr<std::vector<LogRecord>> records = co_await log->Read(0, SIZE_MAX);
    CHECK(records.ok());
    for (const LogRecord& record : *records) *text += StrCat(record.sequence, record.bytes.view(), " ");
  }

  ScriptedFaults faults_;
  World world_;
  MemoryDurableLogs logs_;
  MemoryMetadataStores metadata_;
};

// Not a braced list: g++ 12 refuses those in the full expression of a co_await.
template <typename... Texts>
std::vector<Buffer> Records(Texts... texts) {
  std::vector<Buffer> records;
  (records.push_back(Buffer::Copy(texts)), ...);
  return records;
}

Task<void> FenceAndAppend(Runtime& node, MemoryDurableLogs* logs, std::vector<std::string> texts,
                          absl::StatusOr<int64_t>* result) {
  std::unique_ptr<DurableLog> log = logs->Open(node, kContainer);
  absl::Status fenced = co_await log->Fence();
  CHECK(fenced.ok());
  std::vector<Buffer> records;
  for (std::string& text : texts) records.push_back(Buffer(std::move(text)));
  absl::StatusOr<int64_t> appended = co_await log->Append(std::move(records));
  *result = appended;
}

TEST_F(MemoryTest, WhatIsAcknowledgedIsReadByTheNextOwner) {
  absl::StatusOr<int64_t> appended = absl::UnknownError("");
  Run("a", [&](Runtime& node) { return FenceAndAppend(node, &logs_, {"x", "y", "z"}, &appended); });
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_EQ(*appended, 3);
  EXPECT_EQ(Contents(), "1x 2y 3z ");
  EXPECT_EQ(faults_.asked[1], "a log append 3");
}

TEST_F(MemoryTest, AnOwnerThatWasFencedAppendsNoMore) {
  absl::StatusOr<int64_t> zombie = absl::UnknownError("");
  auto program = [&](Runtime& node) -> Task<void> {
    return [](Runtime& node, MemoryDurableLogs* logs, absl::StatusOr<int64_t>* zombie) -> Task<void> {
      std::unique_ptr<DurableLog> old_owner = logs->Open(node, kContainer);
      std::unique_ptr<DurableLog> new_owner = logs->Open(node, kContainer);
      absl::StatusOr<int64_t> early = co_await old_owner->Append(Records("no"));
      CHECK(absl::IsFailedPrecondition(early.status()));
      absl::Status fenced = co_await old_owner->Fence();
      CHECK(fenced.ok());
      fenced = co_await new_owner->Fence();
      CHECK(fenced.ok());
      absl::StatusOr<int64_t> refused = co_await old_owner->Append(Records("zombie"));
      *zombie = refused;
      absl::StatusOr<int64_t> appended = co_await new_owner->Append(Records("new"));
      CHECK(appended.ok());
    }(node, &logs_, &zombie);
  };
  Run("a", program);
  EXPECT_TRUE(absl::IsFailedPrecondition(zombie.status())) << zombie.status();
  EXPECT_EQ(Contents(), "1new ");
}

TEST_F(MemoryTest, ALostAnswerLeavesAnyPrefixAndNothingBehindIt) {
  for (size_t survivors : {0, 1, 2}) {
    SCOPED_TRACE(survivors);
    MemoryDurableLogs logs(world_, faults_);
    faults_.survivors = survivors;
    faults_.decisions = {{}, {.fault = DurableFault::kAnswerLost}};
    std::vector<absl::Status> results;
    auto program = [&](Runtime& node) -> Task<void> {
      return [](Runtime& node, MemoryDurableLogs* logs, std::vector<absl::Status>* results) -> Task<void> {
        std::unique_ptr<DurableLog> log = logs->Open(node, kContainer);
        absl::Status fenced = co_await log->Fence();
        CHECK(fenced.ok());
        Task<absl::StatusOr<int64_t>> first = log->Append(Records("x", "y"));
        Task<absl::StatusOr<int64_t>> behind = log->Append(Records("behind"));
        absl::StatusOr<int64_t> result = co_await std::move(first);
        results->push_back(result.status());
        result = co_await std::move(behind);
        results->push_back(result.status());
        // The way back: fence again.
        fenced = co_await log->Fence();
        CHECK(fenced.ok());
        result = co_await log->Append(Records("again"));
        results->push_back(result.status());
      }(node, &logs, &results);
    };
    Run("a", program);
    ASSERT_EQ(results.size(), 3u);
    EXPECT_TRUE(absl::IsUnavailable(results[0]));
    EXPECT_TRUE(absl::IsUnavailable(results[1]));
    EXPECT_TRUE(results[2].ok());
    EXPECT_EQ(logs.records(kContainer), survivors + 1);
  }
}

TEST_F(MemoryTest, AnUnavailableLogHasAppliedNothing) {
  faults_.decisions = {{}, {.fault = DurableFault::kUnavailable}};
  absl::StatusOr<int64_t> appended = absl::UnknownError("");
  Run("a", [&](Runtime& node) { return FenceAndAppend(node, &logs_, {"x"}, &appended); });
  EXPECT_TRUE(absl::IsUnavailable(appended.status()));
  EXPECT_EQ(Contents(), "");
}

TEST_F(MemoryTest, OfADeadCallersAppendAnyPrefixSurvives) {
  for (size_t survivors : {0, 1, 2, 3}) {
    SCOPED_TRACE(survivors);
    MemoryDurableLogs logs(world_, faults_);
    faults_.survivors = survivors;
    bool sent = false;
    auto program = [&](Runtime& node) -> Task<void> {
      return [](Runtime& node, MemoryDurableLogs* logs, bool* sent) -> Task<void> {
        std::unique_ptr<DurableLog> log = logs->Open(node, kContainer);
        absl::Status fenced = co_await log->Fence();
        CHECK(fenced.ok());
        Task<absl::StatusOr<int64_t>> appending = log->Append(Records("x", "y", "z"));
        *sent = true;
        absl::StatusOr<int64_t> appended = co_await std::move(appending);
        CHECK_MSG(false, "the caller was to be dead");
      }(node, &logs, &sent);
    };
    world_.Start("a", program);
    ASSERT_TRUE(world_.RunUntil([&] { return sent; }, world_.now_ns() + kSecond));
    EXPECT_EQ(logs.records(kContainer), 0u);
    world_.Crash("a");
    world_.RunUntil([] { return false; }, world_.now_ns() + kSecond);
    EXPECT_EQ(logs.records(kContainer), survivors);
    EXPECT_EQ(world_.stats().attempts_after_death, 0u);
  }
}

TEST_F(MemoryTest, ASlowAnswerIsLateButWhatItTellsIsTrueAtOnce) {
  faults_.decisions = {{}, {.fault = DurableFault::kNone, .slow_by = std::chrono::seconds(5)}};
  absl::StatusOr<int64_t> appended = absl::UnknownError("");
  int64_t before = world_.now_ns();
  world_.Start("a", [&](Runtime& node) { return FenceAndAppend(node, &logs_, {"x"}, &appended); });
  world_.RunUntil([&] { return logs_.records(kContainer) == 1; }, world_.now_ns() + kSecond);
  EXPECT_EQ(logs_.records(kContainer), 1u);
  EXPECT_FALSE(appended.ok());
  ASSERT_TRUE(world_.RunUntil([&] { return world_.finished("a"); }, world_.now_ns() + 60 * kSecond));
  EXPECT_TRUE(appended.ok());
  EXPECT_GE(world_.now_ns() - before, 5 * kSecond);
}

TEST_F(MemoryTest, ACancelledCallDropsItsAnswer) {
  absl::Status cancelled;
  auto program = [&](Runtime& node) -> Task<void> {
    return [](Runtime& node, MemoryDurableLogs* logs, absl::Status* cancelled) -> Task<void> {
      std::unique_ptr<DurableLog> log = logs->Open(node, kContainer);
      Task<absl::Status> fencing =
          runtime::WithDeadline(node, log->Fence(), node.Now() + std::chrono::microseconds(10));
      absl::Status fenced = co_await std::move(fencing);
      *cancelled = fenced;
      // The late answer arrives now, and must find nobody.
      absl::Status slept = co_await runtime::SleepFor(node, std::chrono::seconds(1), "a while");
      CHECK(slept.ok());
    }(node, &logs_, &cancelled);
  };
  Run("a", program);
  EXPECT_TRUE(absl::IsDeadlineExceeded(cancelled)) << cancelled;
}

TEST_F(MemoryTest, ReadIsBoundedAndTruncateDropsThePrefix) {
  std::vector<std::string> seen;
  auto program = [&](Runtime& node) -> Task<void> {
    return [](Runtime& node, MemoryDurableLogs* logs, std::vector<std::string>* seen) -> Task<void> {
      std::unique_ptr<DurableLog> log = logs->Open(node, kContainer);
      absl::Status done = co_await log->Fence();
      CHECK(done.ok());
      absl::StatusOr<int64_t> appended = co_await log->Append(Records("aaaa", "bbbb", "cccc", "dddd"));
      CHECK(appended.ok());
      done = co_await log->Truncate(1);
      CHECK(done.ok());
      for (size_t max_bytes : {1, 8, 100}) {
        absl::StatusOr<std::vector<LogRecord>> records = co_await log->Read(0, max_bytes);
        CHECK(records.ok());
        std::string text;
        for (const LogRecord& record : *records) text += StrCat(record.sequence, record.bytes.view(), " ");
        seen->push_back(text);
      }
      absl::StatusOr<std::vector<LogRecord>> behind = co_await log->Read(5, 100);
      CHECK(behind.ok());
      seen->push_back(StrCat(behind->size()));
    }(node, &logs_, &seen);
  };
  Run("a", program);
  EXPECT_EQ(seen, (std::vector<std::string>{"2bbbb ", "2bbbb 3cccc ", "2bbbb 3cccc 4dddd ", "0"}));
  EXPECT_EQ(logs_.bytes(kContainer), 12u);
}

TEST_F(MemoryTest, CommitComparesSeveralKeysAndAppliesAllOrNothing) {
  auto program = [&](Runtime& node) -> Task<void> {
    return [](Runtime& node, MemoryMetadataStores* stores) -> Task<void> {
      std::unique_ptr<MetadataStore> store = stores->Open(node);
      std::vector<MetadataWrite> writes = {{"k/1", MetadataWrite::kAbsent, "one"}, {"k/2", MetadataWrite::kAny, "two"}};
      absl::StatusOr<std::vector<int64_t>> versions = co_await store->Commit(writes);
      CHECK(versions.ok());
      const int64_t first = (*versions)[0];
      CHECK(first != 0);
      // One condition of two fails: nothing changes.
      writes = {{"k/2", MetadataWrite::kAny, "changed"}, {"k/1", MetadataWrite::kAbsent, "changed"}};
      absl::StatusOr<std::vector<int64_t>> aborted = co_await store->Commit(writes);
      CHECK(absl::IsAborted(aborted.status()));
      absl::StatusOr<std::optional<MetadataEntry>> entry = co_await store->Get("k/2");
      CHECK(entry.ok() && entry->has_value());
      EXPECT_EQ((*entry)->value, "two");
      // Versions grow over a deletion.
      writes = {{"k/1", first, std::nullopt}};
      versions = co_await store->Commit(writes);
      CHECK(versions.ok());
      EXPECT_EQ((*versions)[0], 0);
      writes = {{"k/1", MetadataWrite::kAbsent, "again"}};
      versions = co_await store->Commit(writes);
      CHECK(versions.ok());
      EXPECT_GT((*versions)[0], first);
      entry = co_await store->Get("nothing");
      CHECK(entry.ok());
      EXPECT_FALSE(entry->has_value());
    }(node, &metadata_);
  };
  Run("a", program);
}

TEST_F(MemoryTest, ScanIsOneSortedSnapshotInPages) {
  std::vector<std::string> pages;
  auto program = [&](Runtime& node) -> Task<void> {
    return [](Runtime& node, MemoryMetadataStores* stores, std::vector<std::string>* pages) -> Task<void> {
      std::unique_ptr<MetadataStore> store = stores->Open(node);
      std::vector<MetadataWrite> writes;
      for (const char* key : {"s/b", "s/a", "s/c", "r/z", "t"}) writes.push_back({key, MetadataWrite::kAny, "v"});
      absl::StatusOr<std::vector<int64_t>> committed = co_await store->Commit(writes);
      CHECK(committed.ok());
      std::string after;
      while (true) {
        absl::StatusOr<std::vector<MetadataEntry>> page = co_await store->Scan("s/", after, 2);
        CHECK(page.ok());
        std::string text;
        for (const MetadataEntry& entry : *page) text += entry.key + " ";
        pages->push_back(text);
        if (page->empty()) break;
        after = page->back().key;
      }
    }(node, &metadata_, &pages);
  };
  Run("a", program);
  EXPECT_EQ(pages, (std::vector<std::string>{"s/a s/b ", "s/c ", ""}));
}

TEST_F(MemoryTest, MetadataFaultsLeaveTheOutcomeUnknown) {
  faults_.decisions = {{.fault = DurableFault::kUnavailable}, {.fault = DurableFault::kAnswerLost}};
  auto program = [&](Runtime& node) -> Task<void> {
    return [](Runtime& node, MemoryMetadataStores* stores) -> Task<void> {
      std::unique_ptr<MetadataStore> store = stores->Open(node);
      for (const char* key : {"not-applied", "applied"}) {
        std::vector<MetadataWrite> writes = {{key, MetadataWrite::kAbsent, "v"}};
        absl::StatusOr<std::vector<int64_t>> committed = co_await store->Commit(writes);
        EXPECT_TRUE(absl::IsUnavailable(committed.status()));
      }
    }(node, &metadata_);
  };
  Run("a", program);
  EXPECT_EQ(metadata_.values().size(), 1u);
  EXPECT_TRUE(metadata_.values().contains("applied"));
  EXPECT_EQ(faults_.asked[0], "a metadata commit not-applied");
}

}  // namespace
}  // namespace pravega::sim
