// Goal: transactions are all or nothing against real servers, across scales, lost answers and expired leases. Method:
// the script of each test writes, and reads the sealed stream back.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/client/event_writer.h"
#include "connector/client/transaction.h"
#include "connector/client/transaction_writer.h"
#include "connector/controller/types.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "simulator/cluster_tests/client_harness.h"

namespace pravega::sim {
namespace {

using client::EventWriter;
using client::Sequence;
using client::Transaction;
using client::TransactionOptions;
using client::TransactionWriter;
using controller::TransactionState;
using runtime::Runtime;
using runtime::Task;

class TransactionCluster : public ClientHarness {
 public:
  Task<std::unique_ptr<Transaction>> Begin(Client& client, TransactionOptions options = {}) {
    TransactionWriter writer(client.context, kStream, options);
    absl::StatusOr<std::unique_ptr<Transaction>> txn = co_await writer.Begin();
    CHECK_MSG(txn.ok(), txn.status().ToString());
    co_return *std::move(txn);
  }
  template <typename Writer>
  Task<void> Write(Writer& writer, std::string key, int count) {
    for (int i = 0; i < count; ++i) {
      absl::StatusOr<Sequence> taken = co_await writer.Write(key, Buffer::Copy(StrCat(key, "/", written[key]++)));
      CHECK_MSG(taken.ok(), taken.status().ToString());
    }
  }
  Task<void> Until(Client& client, Transaction& txn, TransactionState wanted) {
    while (true) {
      absl::StatusOr<TransactionState> state = co_await txn.State();
      CHECK_MSG(state.ok(), state.status().ToString());
      if (*state == wanted) break;
      co_await Sleep(client, 50);
    }
  }
  Task<void> ReadBack(Client& client) {
    faults.command.clear();
    co_await Seal(client);
    std::vector<Seen> seen = co_await ReadAll(client, StreamCut::Unbounded());
    ExpectExactly(seen, written);
  }

  std::map<std::string, int> written;
};

// Goal: a commit across a scale keeps the order of each key: what was written before the transaction's commit by the
// same writer comes before it, what was written after it comes behind.
TEST_F(TransactionCluster, CommitsAcrossScales) {
  auto script = [](TransactionCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    absl::StatusOr<std::unique_ptr<EventWriter>> opened = co_await EventWriter::Open(client.context, kStream, {});
    CHECK(opened.ok());
    EventWriter& writer = **opened;
    co_await t->Write(writer, "w", 10);
    std::unique_ptr<Transaction> txn = co_await t->Begin(client);
    for (const char* key : {"a", "b", "c", "d"}) co_await t->Write(*txn, key, 10);
    co_await Scale(client, {0, 1}, 4);
    co_await t->Write(writer, "w", 10);
    for (const char* key : {"a", "b", "c", "d"}) co_await t->Write(*txn, key, 10);
    absl::Status committed = co_await txn->Commit();
    EXPECT_TRUE(committed.ok()) << committed;
    // The rolling commit seals segments under the running writer.
    co_await t->Write(writer, "w", 30);
    co_await t->Until(client, *txn, TransactionState::kCommitted);
    co_await txn->Close();
    for (const char* key : {"a", "b", "c", "d", "w"}) co_await t->Write(writer, key, 10);
    absl::Status closed = co_await writer.Close();
    EXPECT_TRUE(closed.ok()) << closed;
    EXPECT_GT(writer.stats().segments_sealed, 4);
    co_await t->ReadBack(client);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: a commit and its appends survive lost answers of every kind.
TEST_F(TransactionCluster, LostAnswersToAppendsAndCommits) {
  auto script = [](TransactionCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    for (const char* command : {"AppendBlockEnd", "commitTransaction", "pingTransaction", "createTransaction"}) {
      t->faults.command = command;
      t->faults.every = 3;
      for (int round = 0; round < 6; ++round) {
        std::unique_ptr<Transaction> txn = co_await t->Begin(client);
        for (const char* key : {"a", "b", "c"}) co_await t->Write(*txn, key, 5);
        absl::Status committed = co_await txn->Commit();
        EXPECT_TRUE(committed.ok()) << committed;
        co_await txn->Close();
      }
    }
    t->faults.command.clear();
    // The order of commits is the order of reading.
    std::unique_ptr<Transaction> last = co_await t->Begin(client);
    absl::Status committed = co_await last->Commit();
    EXPECT_TRUE(committed.ok());
    co_await t->Until(client, *last, TransactionState::kCommitted);
    co_await last->Close();
    co_await t->ReadBack(client);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
  EXPECT_GT(faults.struck, 8);
}

TEST_F(TransactionCluster, AbortedEventsAreNeverRead) {
  auto script = [](TransactionCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 2);
    std::unique_ptr<Transaction> txn = co_await t->Begin(client);
    for (int i = 0; i < 20; ++i) {
      absl::StatusOr<Sequence> taken = co_await txn->Write(StrCat("k", i), Buffer::Copy(StrCat("never/", i)));
      EXPECT_TRUE(taken.ok());
    }
    absl::Status flushed = co_await txn->Flush();
    EXPECT_TRUE(flushed.ok()) << flushed;
    absl::Status aborted = co_await txn->Abort();
    EXPECT_TRUE(aborted.ok()) << aborted;
    co_await t->Until(client, *txn, TransactionState::kAborted);
    co_await txn->Close();
    co_await t->ReadBack(client);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: pings keep a transaction open beyond its lease; a writer that sleeps beyond it finds its transaction aborted.
TEST_F(TransactionCluster, LeaseIsRenewedWhileTheWriterLivesAndEndsWhenItIsPaused) {
  auto script = [](TransactionCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    TransactionOptions options;
    options.lease = std::chrono::seconds(10);
    std::unique_ptr<Transaction> kept = co_await t->Begin(client, options);
    co_await t->Write(*kept, "kept", 5);
    co_await Sleep(client, 35'000);
    absl::Status committed = co_await kept->Commit();
    EXPECT_TRUE(committed.ok()) << committed;
    co_await kept->Close();

    std::unique_ptr<Transaction> lost = co_await t->Begin(client, options);
    absl::StatusOr<Sequence> taken = co_await lost->Write("lost", Buffer::Copy("lost/0"));
    EXPECT_TRUE(taken.ok());
    absl::Status flushed = co_await lost->Flush();
    EXPECT_TRUE(flushed.ok());
    World* world = t->world.get();
    world->At(world->now_ns() + 1'000'000, "pause", [world] { world->Pause("driver"); });
    world->At(world->now_ns() + 30 * kSecond, "resume", [world] { world->Resume("driver"); });
    co_await Sleep(client, 1000);
    committed = co_await lost->Commit();
    EXPECT_TRUE(absl::IsAborted(committed)) << committed;
    co_await lost->Close();
    co_await t->ReadBack(client);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

// Goal: closing a transaction without a decision leaves it to its lease.
TEST_F(TransactionCluster, ClosedTransactionRunsIntoItsLease) {
  auto script = [](TransactionCluster* t, Runtime& runtime) -> Task<void> {
    Client client(runtime, t);
    co_await CreateStream(client, 1);
    TransactionOptions options;
    options.lease = std::chrono::seconds(10);
    std::unique_ptr<Transaction> txn = co_await t->Begin(client, options);
    co_await txn->Close();
    absl::StatusOr<TransactionState> state = co_await txn->State();
    EXPECT_EQ(*state, TransactionState::kOpen);
    co_await Sleep(client, 15'000);
    state = co_await txn->State();
    EXPECT_EQ(*state, TransactionState::kAborted);
    co_await t->ReadBack(client);
    co_await client.context.Close();
  };
  Drive([this, script](Runtime& runtime) { return script(this, runtime); });
}

}  // namespace
}  // namespace pravega::sim
