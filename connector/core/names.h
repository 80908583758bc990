// Names of scopes, streams and segments, and how they are built and taken apart (Pravega wire protocol, "names";
// controller, "names").
#ifndef PRAVEGA_CONNECTOR_CORE_NAMES_H_
#define PRAVEGA_CONNECTOR_CORE_NAMES_H_

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/ids.h"

namespace pravega {

struct ScopedStream {
  std::string scope;
  std::string stream;
  // "scope/stream".
  std::string ToString() const { return scope + "/" + stream; }
  static absl::StatusOr<ScopedStream> Parse(std::string_view text);
  friend auto operator<=>(const ScopedStream&, const ScopedStream&) = default;
};

// A segment of a stream with its full name "scope/stream/N.#epoch.E".
struct SegmentRef {
  ScopedStream stream;
  SegmentId id;
  std::string ToString() const;
  static absl::StatusOr<SegmentRef> Parse(std::string_view text);
  friend auto operator<=>(const SegmentRef&, const SegmentRef&) = default;
};

// OK if a user may choose this name for a stream, a reader group, a reader or a writer: [A-Za-z0-9.-]+, at most 250.
absl::Status ValidateUserName(std::string_view name);
// The same with one optional leading '_', as servers accept it for internal streams; at most 255.
absl::Status ValidateInternalName(std::string_view name);
// Scope names: the user alphabet, at most 255, one optional leading '_'.
absl::Status ValidateScopeName(std::string_view name);

// "scope/stream/N.#epoch.E#transaction.<32 hex>".
std::string TransactionSegmentName(std::string_view parent_segment, TxnId txn);
bool IsTransactionSegment(std::string_view segment);
// The parent of a transaction or transient segment; any other name unchanged.
std::string_view ParentSegmentName(std::string_view segment);

// Stream that holds a reader group's state, and the mark stream that accompanies every stream.
std::string ReaderGroupStreamName(std::string_view group);
std::string MarkStreamName(std::string_view stream);

// The part of a segment name that decides its container: everything before ".#epoch." of the parent.
std::string_view ContainerKey(std::string_view segment);

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_NAMES_H_
