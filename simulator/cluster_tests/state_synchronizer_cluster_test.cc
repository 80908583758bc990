// Goal: participants of a shared state agree, whoever writes when and whatever is lost. Method: machines that count
// together against a simulated cluster.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connector/client/revisioned_stream.h"
#include "connector/client/state_synchronizer.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "simulator/cluster_tests/client_harness.h"

namespace pravega::sim {
namespace {

using client::Revision;
using client::RevisionedRecord;
using client::RevisionedStream;
using client::StateSynchronizer;
using client::SynchronizedState;
using runtime::Runtime;
using runtime::Task;

// Counts for each name; an update is a name, the state "name=count," for each.
class Tally : public SynchronizedState {
 public:
  absl::Status Initialize(std::string_view state, const Revision&) override {
    counts.clear();
    ++initializations;
    while (!state.empty() && state.front() != '\0') {
      size_t equals = state.find('=');
      size_t comma = state.find(',');
      if (equals == std::string_view::npos || comma == std::string_view::npos) return absl::DataLossError("no tally");
      counts[std::string(state.substr(0, equals))] =
          std::stoi(std::string(state.substr(equals + 1, comma - equals - 1)));
      state.remove_prefix(comma + 1);
    }
    return absl::OkStatus();
  }
  absl::Status Apply(std::string_view update, const Revision& revision) override {
    EXPECT_LT(last, revision);
    last = revision;
    ++counts[std::string(update)];
    return absl::OkStatus();
  }
  Buffer ToBytes() const {
    std::string text;
    for (const auto& [name, count] : counts) text += StrCat(name, "=", count, ",");
    return Buffer(std::move(text));
  }

  std::map<std::string, int> counts;
  Revision last;
  int initializations = 0;
};

class SynchronizerCluster : public ClientHarness {
 public:
  static Task<std::unique_ptr<StateSynchronizer>> Open(Client& client, Tally* tally) {
    absl::StatusOr<std::unique_ptr<StateSynchronizer>> opened =
        co_await StateSynchronizer::Open(client.context, kStream, tally);
    CHECK_MSG(opened.ok(), opened.status().ToString());
    co_return *std::move(opened);
  }
  // Adds `name` so many times, one update record each.
  static Task<void> Count(StateSynchronizer& synchronizer, Tally& tally, std::string name, int times) {
    for (int i = 0; i < times; ++i) {
      const int goal = tally.counts[name] + 1;
      absl::StatusOr<bool> updated = co_await synchronizer.Update([&]() -> absl::StatusOr<std::vector<Buffer>> {
        std::vector<Buffer> updates;
        if (tally.counts[name] < goal) updates.push_back(Buffer::Copy(name));
        return updates;
      });
      CHECK_MSG(updated.ok(), updated.status().ToString());
      EXPECT_TRUE(*updated);
    }
  }

  int done = 0;
};

// Goal: no update is lost and none counts twice although answers to conditional appends are lost: each writer learns
// for certain whether its own was the one.
TEST_F(SynchronizerCluster, ParticipantsAgreeWhenAnswersAreLost) {
  auto prepare = [](SynchronizerCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    Tally tally;
    std::unique_ptr<StateSynchronizer> synchronizer = co_await t->Open(client, &tally);
    absl::StatusOr<bool> initialized = co_await synchronizer->Initialize(Buffer::Copy("start=7,"));
    CHECK_MSG(initialized.ok(), initialized.status().ToString());
    EXPECT_TRUE(*initialized);
    initialized = co_await synchronizer->Initialize(Buffer::Copy("start=8,"));
    EXPECT_FALSE(*initialized);
    co_await synchronizer->Close();
    co_await client.context.Close();
  };
  Drive([this, prepare](Runtime& runtime) { return prepare(this, runtime); });
  faults.command = "ConditionalAppend";
  faults.every = 4;
  auto count = [](SynchronizerCluster* t, Runtime& runtime, std::string name) -> Task<void> {
    Client client(runtime, t);
    Tally tally;
    std::unique_ptr<StateSynchronizer> synchronizer = co_await t->Open(client, &tally);
    absl::Status fetched = co_await synchronizer->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    co_await t->Count(*synchronizer, tally, name, 40);
    EXPECT_EQ(tally.counts[name], 40);
    co_await synchronizer->Close();
    co_await client.context.Close();
    ++t->done;
  };
  for (const char* name : {"one", "two", "three"}) {
    world->AddMachine(name);
    world->Start(name, [this, count, name](Runtime& runtime) { return count(this, runtime, name); });
  }
  ASSERT_TRUE(world->RunUntil([this] { return done == 3; }, world->now_ns() + 600 * kSecond));
  EXPECT_GT(faults.struck, 20);
  faults.command.clear();
  auto look = [](SynchronizerCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    Tally tally;
    std::unique_ptr<StateSynchronizer> synchronizer = co_await t->Open(client, &tally);
    absl::Status fetched = co_await synchronizer->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    EXPECT_EQ(tally.counts, (std::map<std::string, int>{{"one", 40}, {"start", 7}, {"three", 40}, {"two", 40}}));
    co_await synchronizer->Close();
    co_await client.context.Close();
  };
  Drive([this, look](Runtime& runtime) { return look(this, runtime); });
}

// Goal: who fell behind a truncation begins again at the mark. Method: compact twice (the first mark is what the second
// truncates to), then let an old copy catch up.
TEST_F(SynchronizerCluster, CompactionTruncatesAndOldCopiesBeginAgain) {
  auto script = [](SynchronizerCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    Tally old_tally;
    std::unique_ptr<StateSynchronizer> old_copy = co_await t->Open(client, &old_tally);
    absl::StatusOr<bool> initialized = co_await old_copy->Initialize(Buffer());
    EXPECT_TRUE(*initialized);
    Tally tally;
    std::unique_ptr<StateSynchronizer> synchronizer = co_await t->Open(client, &tally);
    absl::StatusOr<std::unique_ptr<RevisionedStream>> stream = co_await RevisionedStream::Open(client.context, kStream);
    CHECK(stream.ok());
    for (int round = 0; round < 3; ++round) {
      co_await t->Count(*synchronizer, tally, StrCat("round", round), 5);
      absl::StatusOr<std::optional<Revision>> before = co_await (*stream)->GetMark();
      absl::StatusOr<Revision> at = co_await (*stream)->LatestRevision();
      absl::StatusOr<bool> compacted = co_await synchronizer->Compact([&] { return tally.ToBytes(); });
      CHECK_MSG(compacted.ok(), compacted.status().ToString());
      EXPECT_TRUE(*compacted);
      absl::StatusOr<std::optional<Revision>> mark = co_await (*stream)->GetMark();
      // The mark is where the compacted record begins, and what is truncated is what the mark before it was for.
      EXPECT_EQ(**mark, *at);
      absl::StatusOr<Revision> oldest = co_await (*stream)->OldestRevision();
      EXPECT_EQ(oldest->offset, before->has_value() ? (**before).offset : Offset(0));
    }
    absl::Status fetched = co_await old_copy->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    EXPECT_EQ(old_tally.counts, tally.counts);
    EXPECT_EQ(old_tally.counts.size(), 3u);
    co_await t->Count(*old_copy, old_tally, "more", 3);
    fetched = co_await synchronizer->Fetch();
    EXPECT_EQ(old_tally.counts, tally.counts);
    co_await synchronizer->Close();
    co_await old_copy->Close();
    co_await (*stream)->Close();
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: at one revision exactly one of several writers succeeds, and reading gives the records with the revisions
// behind them.
TEST_F(SynchronizerCluster, OneConditionalWriteSucceeds) {
  auto script = [](SynchronizerCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    absl::StatusOr<std::unique_ptr<RevisionedStream>> one = co_await RevisionedStream::Open(client.context, kStream);
    absl::StatusOr<std::unique_ptr<RevisionedStream>> two = co_await RevisionedStream::Open(client.context, kStream);
    absl::StatusOr<Revision> start = co_await (*one)->LatestRevision();
    EXPECT_EQ(*start, Revision{});
    absl::StatusOr<std::optional<Revision>> first = co_await (*one)->WriteConditionally(*start, Buffer::Copy("first"));
    EXPECT_TRUE(first->has_value());
    absl::StatusOr<std::optional<Revision>> refused = co_await (*two)->WriteConditionally(*start, Buffer::Copy("no"));
    EXPECT_FALSE(refused->has_value());
    absl::StatusOr<std::optional<Revision>> second =
        co_await (*two)->WriteConditionally(**first, Buffer::Copy("second"));
    EXPECT_TRUE(second->has_value());
    absl::StatusOr<Revision> third = co_await (*one)->WriteUnconditionally(Buffer::Copy("third"));
    EXPECT_EQ(third->offset, (*second)->offset + 13);
    absl::StatusOr<std::vector<RevisionedRecord>> records = co_await (*one)->ReadFrom(**first);
    EXPECT_EQ(records->size(), 2u);
    EXPECT_EQ((*records)[0].data.view(), "second");
    EXPECT_EQ((*records)[0].after, **second);
    EXPECT_EQ((*records)[1].data.view(), "third");
    absl::Status truncated = co_await (*one)->TruncateTo(**second);
    EXPECT_TRUE(truncated.ok()) << truncated;
    truncated = co_await (*one)->TruncateTo(**first);
    EXPECT_TRUE(truncated.ok()) << truncated;
    records = co_await (*one)->ReadFrom(**first);
    EXPECT_TRUE(absl::IsOutOfRange(records.status())) << records.status();
    absl::StatusOr<Revision> parsed = Revision::Parse((*second)->ToString((*one)->segment()), (*one)->segment());
    EXPECT_EQ(*parsed, **second);
    EXPECT_FALSE(Revision::Parse("scope/stream/0.#epoch.0:1", (*one)->segment()).ok());
    co_await Seal(client);
    refused = co_await (*two)->WriteConditionally(*third, Buffer::Copy("late"));
    EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
    co_await (*one)->Close();
    co_await (*two)->Close();
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

}  // namespace
}  // namespace pravega::sim
