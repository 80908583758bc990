#include "simulator/controller/keys.h"

#include <utility>

#include "absl/status/statusor.h"
#include "connector/core/strings.h"

namespace pravega::sim::keys {
namespace {

std::string Of(std::string_view kind, const ScopedStream& stream) {
  return StrCat(kind, "/", stream.scope, "/", stream.stream);
}

}  // namespace

std::string Hex(uint64_t value, int digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(static_cast<size_t>(digits), '0');
  for (size_t i = text.size(); i > 0; --i) {
    text[i - 1] = kDigits[value & 15];
    value >>= 4;
  }
  return text;
}

std::string Scope(std::string_view scope) { return StrCat("scope/", scope); }

std::string StreamsOf(std::string_view scope) { return StrCat("stream/", scope, "/"); }
std::string Stream(const ScopedStream& stream) { return Of("stream", stream); }
std::string StreamHistory(const ScopedStream& stream) { return Of("history", stream); }

std::string StreamData(const ScopedStream& stream, int64_t incarnation) {
  return StrCat(Of("data", stream), "/", Hex(static_cast<uint64_t>(incarnation), 8), "/");
}
std::string EpochSegments(const ScopedStream& stream, int64_t incarnation, Epoch epoch) {
  return StrCat(StreamData(stream, incarnation), "epoch/", Hex(static_cast<uint32_t>(epoch.value()), 8));
}
std::string SealedSegment(const ScopedStream& stream, int64_t incarnation, SegmentId segment) {
  return StrCat(StreamData(stream, incarnation), "sealed/", Hex(static_cast<uint64_t>(segment.value()), 16));
}

std::string TransactionsOf(const ScopedStream& stream) { return StrCat(Of("txn", stream), "/"); }
std::string Transaction(const ScopedStream& stream, TxnId txn) {
  return StrCat(TransactionsOf(stream), txn.uuid.ToHex());
}
std::string CompletedTransaction(const ScopedStream& stream, TxnId txn) {
  return StrCat(Of("completed", stream), "/", txn.uuid.ToHex());
}
std::string CommitsOf(const ScopedStream& stream) { return StrCat(Of("commit", stream), "/"); }
std::string Commit(const ScopedStream& stream, Epoch epoch, int64_t order) {
  return StrCat(CommitsOf(stream), Hex(static_cast<uint32_t>(epoch.value()), 8), "/",
                Hex(static_cast<uint64_t>(order), 16));
}
std::string CommitOrder(const ScopedStream& stream) { return Of("order", stream); }

std::string ReaderGroupsOf(std::string_view scope) { return StrCat("group/", scope, "/"); }
std::string ReaderGroup(std::string_view scope, std::string_view group) { return StrCat("group/", scope, "/", group); }
std::string Subscriber(const ScopedStream& stream, std::string_view scope, std::string_view group) {
  return StrCat(Of("subscriber", stream), "/", scope, "/", group);
}

std::string StreamWork(const ScopedStream& stream) { return Of("work/stream", stream); }
std::string ReaderGroupWork(std::string_view scope, std::string_view group) {
  return StrCat("work/group/", scope, "/", group);
}

std::optional<ParsedTransaction> ParseTransaction(std::string_view key) {
  if (!key.starts_with(kTransactions)) return std::nullopt;
  key.remove_prefix(kTransactions.size());
  size_t last = key.rfind('/');
  if (last == std::string_view::npos) return std::nullopt;
  absl::StatusOr<ScopedStream> stream = ScopedStream::Parse(key.substr(0, last));
  std::optional<Uuid> id = Uuid::ParseHex(key.substr(last + 1));
  if (!stream.ok() || !id) return std::nullopt;
  return ParsedTransaction{*std::move(stream), TxnId{*id}};
}

std::optional<ParsedWork> ParseWork(std::string_view key) {
  if (!key.starts_with(kWork)) return std::nullopt;
  key.remove_prefix(kWork.size());
  size_t kind_end = key.find('/');
  if (kind_end == std::string_view::npos) return std::nullopt;
  absl::StatusOr<ScopedStream> name = ScopedStream::Parse(key.substr(kind_end + 1));
  if (!name.ok()) return std::nullopt;
  return ParsedWork{key.substr(0, kind_end) == "group", *std::move(name)};
}

}  // namespace pravega::sim::keys
