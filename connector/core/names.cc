#include "connector/core/names.h"

#include <charconv>

#include "connector/core/strings.h"

namespace pravega {
namespace {

constexpr std::string_view kEpochMark = ".#epoch.";
constexpr std::string_view kTransactionMark = "#transaction.";
constexpr std::string_view kTransientMark = "#transient.";
constexpr size_t kMaxUserName = 250;  // leaves room for internal prefixes
constexpr size_t kMaxName = 255;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

absl::Status ValidateName(std::string_view name, bool underscore, size_t longest) {
  std::string_view rest = name;
  if (underscore && rest.starts_with('_')) rest.remove_prefix(1);
  if (rest.empty()) return absl::InvalidArgumentError("name is empty: expected letters, digits, '.' or '-'");
  if (name.size() > longest) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "name '", name.substr(0, 40), "...' has ", name.size(),
                      " characters: at most ", longest, " are allowed");
  }
  for (size_t i = 0; i < rest.size(); ++i) {
    if (!IsNameCharacter(rest[i])) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "name '", name, "' has a forbidden character at position ",
                        i + (name.size() - rest.size()), ": expected letters, digits, '.' or '-'");
    }
  }
  return absl::OkStatus();
}

// Digits alone: from_chars would take "-0" for a number.
std::optional<int32_t> ParseNumber(std::string_view text) {
  if (text.starts_with('-')) return std::nullopt;
  int32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

absl::Status BadSegment(std::string_view text) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "'", text,
                    "' is no segment name: expected scope/stream/NUMBER.#epoch.EPOCH");
}

}  // namespace

absl::StatusOr<ScopedStream> ScopedStream::Parse(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size() ||
      text.find('/', slash + 1) != std::string_view::npos) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "'", text, "' is no stream name: expected scope/stream");
  }
  return ScopedStream{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

std::string SegmentRef::ToString() const {
  return StrCat(stream.scope, "/", stream.stream, "/", id.number(), kEpochMark, id.epoch().value());
}

absl::StatusOr<SegmentRef> SegmentRef::Parse(std::string_view text) {
  size_t last_slash = text.rfind('/');
  if (last_slash == std::string_view::npos) return BadSegment(text);
  absl::StatusOr<ScopedStream> stream = ScopedStream::Parse(text.substr(0, last_slash));
  if (!stream.ok()) return BadSegment(text);
  std::string_view tail = text.substr(last_slash + 1);
  size_t mark = tail.find(kEpochMark);
  if (mark == std::string_view::npos) {
    // Names of the oldest streams have no epoch; they belong to epoch 0.
    std::optional<int32_t> number = ParseNumber(tail);
    if (!number) return BadSegment(text);
    return SegmentRef{*std::move(stream), SegmentId(Epoch(0), *number)};
  }
  std::optional<int32_t> number = ParseNumber(tail.substr(0, mark));
  std::optional<int32_t> epoch = ParseNumber(tail.substr(mark + kEpochMark.size()));
  if (!number || !epoch) return BadSegment(text);
  return SegmentRef{*std::move(stream), SegmentId(Epoch(*epoch), *number)};
}

absl::Status ValidateUserName(std::string_view name) { return ValidateName(name, false, kMaxUserName); }
absl::Status ValidateInternalName(std::string_view name) { return ValidateName(name, true, kMaxName); }
absl::Status ValidateScopeName(std::string_view name) { return ValidateName(name, true, kMaxName); }

std::string TransactionSegmentName(std::string_view parent_segment, TxnId txn) {
  return StrCat(parent_segment, kTransactionMark, txn.uuid.ToHex());
}

bool IsTransactionSegment(std::string_view segment) { return segment.find(kTransactionMark) != std::string_view::npos; }

std::string_view ParentSegmentName(std::string_view segment) {
  size_t at = segment.rfind(kTransactionMark);
  // A mark counts only with its 32 digits behind it; a stream cannot contain '#', so this is for odd input alone.
  if (at != std::string_view::npos && segment.size() >= at + kTransactionMark.size() + 32) return segment.substr(0, at);
  at = segment.rfind(kTransientMark);
  if (at != std::string_view::npos) return segment.substr(0, at);
  return segment;
}

std::string ReaderGroupStreamName(std::string_view group) { return StrCat("_RG", group); }
std::string MarkStreamName(std::string_view stream) { return StrCat("_MARK", stream); }

std::string_view ContainerKey(std::string_view segment) {
  std::string_view parent = ParentSegmentName(segment);
  size_t mark = parent.rfind(kEpochMark);
  return mark == std::string_view::npos ? parent : parent.substr(0, mark);
}

}  // namespace pravega
