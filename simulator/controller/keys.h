// Names of the records in the metadata store. Names of scopes, streams and groups contain no '/', so that no two
// records share a key and a prefix that ends with '/' selects exactly one owner's records.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_KEYS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connector/core/ids.h"
#include "connector/core/names.h"

namespace pravega::sim::keys {

// Fixed-width lower-case hexadecimal: byte order is numeric order.
std::string Hex(uint64_t value, int digits);

std::string Scope(std::string_view scope);

// Of every stream in a scope.
std::string StreamsOf(std::string_view scope);
std::string Stream(const ScopedStream& stream);
// Survives the deletion of the stream.
std::string StreamHistory(const ScopedStream& stream);

// Everything of one life of a stream but its main record.
std::string StreamData(const ScopedStream& stream, int64_t incarnation);
std::string EpochSegments(const ScopedStream& stream, int64_t incarnation, Epoch epoch);
std::string SealedSegment(const ScopedStream& stream, int64_t incarnation, SegmentId segment);

// Transactions that are not complete.
inline constexpr std::string_view kTransactions = "txn/";
std::string TransactionsOf(const ScopedStream& stream);
std::string Transaction(const ScopedStream& stream, TxnId txn);
inline constexpr std::string_view kCompletedTransactions = "completed/";
std::string CompletedTransaction(const ScopedStream& stream, TxnId txn);
// Transactions to be committed, lowest epoch first, then in the order in which it was asked for.
std::string CommitsOf(const ScopedStream& stream);
std::string Commit(const ScopedStream& stream, Epoch epoch, int64_t order);
std::string CommitOrder(const ScopedStream& stream);
inline constexpr std::string_view kTxnCounter = "txn-counter";

std::string ReaderGroupsOf(std::string_view scope);
std::string ReaderGroup(std::string_view scope, std::string_view group);
std::string Subscriber(const ScopedStream& stream, std::string_view scope, std::string_view group);

// Present while a stream or a group has work to be done, so that whoever comes next finds it.
inline constexpr std::string_view kWork = "work/";
std::string StreamWork(const ScopedStream& stream);
std::string ReaderGroupWork(std::string_view scope, std::string_view group);

struct ParsedTransaction {
  ScopedStream stream;
  TxnId txn;
};
// Of keys that Transaction() made.
std::optional<ParsedTransaction> ParseTransaction(std::string_view key);

struct ParsedWork {
  bool reader_group = false;
  ScopedStream name;  // of a reader group: scope and group
};
std::optional<ParsedWork> ParseWork(std::string_view key);

}  // namespace pravega::sim::keys

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_KEYS_H_
