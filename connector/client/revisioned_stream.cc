#include "connector/client/revisioned_stream.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "connector/client/segment_request.h"
#include "connector/controller/controller_client.h"
#include "connector/controller/types.h"
#include "connector/core/strings.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"
#include "connector/wire/event_framing.h"

namespace pravega::client {
namespace {

// The most that a store sends at once.
constexpr int64_t kReadBytes = 2 << 20;

template <typename T>
bool ParseNumber(std::string_view text, T* number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && *number >= 0;
}

int64_t StoredBytes(const Buffer& data) { return static_cast<int64_t>(wire::kEventHeaderBytes + data.size()); }

std::optional<int64_t> ToAttribute(std::optional<Revision> revision) {
  if (!revision.has_value()) return std::nullopt;
  return revision->offset.value();
}

}  // namespace

std::string Revision::ToString(const SegmentRef& segment) const {
  return StrCat(segment.ToString(), ":", offset.value(), ":", index);
}

absl::StatusOr<Revision> Revision::Parse(std::string_view text, const SegmentRef& segment) {
  absl::Status bad = MakeStatus(absl::StatusCode::kInvalidArgument, "'", text, "' is no revision of ",
                                segment.ToString(), ": expected ", segment.ToString(), ":OFFSET:INDEX");
  std::string prefix = segment.ToString() + ":";
  if (!text.starts_with(prefix)) return bad;
  std::string_view rest = text.substr(prefix.size());
  size_t colon = rest.find(':');
  int64_t offset = 0;
  int32_t index = 0;
  if (colon == std::string_view::npos || !ParseNumber(rest.substr(0, colon), &offset) ||
      !ParseNumber(rest.substr(colon + 1), &index)) {
    return bad;
  }
  return Revision{Offset(offset), index};
}

RevisionedStream::RevisionedStream(ClientContext& context, SegmentRef segment)
    : context_(context), client_(context, segment), writer_(context, segment) {}

RevisionedStream::~RevisionedStream() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<RevisionedStream>>> RevisionedStream::Open(ClientContext& context,
                                                                                        ScopedStream stream) {
  absl::StatusOr<controller::StreamSegments> segments = co_await context.controller().GetCurrentSegments(stream);
  if (!segments.ok()) co_return segments.status();
  auto lowest = std::min_element(segments->segments.begin(), segments->segments.end(),
                                 [](const auto& a, const auto& b) { return a.range.low < b.range.low; });
  if (lowest == segments->segments.end()) {
    co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "stream ", stream.ToString(), " is sealed");
  }
  co_return std::make_unique<RevisionedStream>(context, SegmentRef{std::move(stream), lowest->id});
}

runtime::Task<absl::StatusOr<Revision>> RevisionedStream::OldestRevision() {
  absl::StatusOr<SegmentInfo> info = co_await client_.GetInfo();
  if (!info.ok()) co_return info.status();
  co_return Revision{info->start, 0};
}

runtime::Task<absl::StatusOr<Revision>> RevisionedStream::LatestRevision() {
  absl::StatusOr<SegmentInfo> info = co_await client_.GetInfo();
  if (!info.ok()) co_return info.status();
  co_return Revision{info->length, 0};
}

runtime::Task<absl::StatusOr<std::vector<RevisionedRecord>>> RevisionedStream::ReadFrom(Revision from) {
  absl::StatusOr<SegmentInfo> info = co_await client_.GetInfo();
  if (!info.ok()) co_return info.status();
  if (from.offset < info->start) {
    co_return MakeStatus(absl::StatusCode::kOutOfRange, segment().ToString(), " was truncated at ", info->start.value(),
                         ", which is behind ", from.offset.value());
  }
  std::vector<RevisionedRecord> records;
  std::string bytes;  // that are no whole record yet
  Offset next = from.offset;
  Offset fetched = from.offset;
  while (fetched < info->length) {
    wire::ReadSegment request;
    request.segment = segment().ToString();
    request.offset = fetched.value();
    request.suggested_length = static_cast<int32_t>(std::min(kReadBytes, info->length - fetched));
    absl::StatusOr<wire::SegmentRead> read = co_await SendSegmentRequestFor<wire::SegmentRead>(
        context_, segment(), controller::AccessOperation::kRead, std::move(request));
    if (!read.ok()) co_return read.status();
    // A store may send up to eight bytes more than it was asked for, and they may belong to a later record.
    bytes.append(read->data.view().substr(0, static_cast<size_t>(info->length - fetched)));
    fetched = std::min(info->length, fetched + static_cast<int64_t>(read->data.size()));
    std::string_view rest = bytes;
    while (rest.size() >= wire::kEventHeaderBytes) {
      absl::StatusOr<size_t> size = wire::ParseEventHeader(rest);
      if (!size.ok()) co_return Annotate(size.status(), StrCat(segment().ToString(), " at offset ", next.value()));
      size_t whole = wire::kEventHeaderBytes + *size;
      if (rest.size() < whole) break;
      next = next + static_cast<int64_t>(whole);
      records.push_back({Buffer::Copy(rest.substr(wire::kEventHeaderBytes, *size)), Revision{next, 0}});
      rest.remove_prefix(whole);
    }
    bytes.erase(0, bytes.size() - rest.size());
  }
  if (!bytes.empty()) {
    co_return MakeStatus(absl::StatusCode::kDataLoss, segment().ToString(), " ends inside the record at ",
                         next.value());
  }
  co_return records;
}

runtime::Task<absl::StatusOr<std::optional<Revision>>> RevisionedStream::WriteConditionally(Revision at, Buffer data) {
  Revision after{at.offset + StoredBytes(data), 0};
  absl::StatusOr<bool> written = co_await writer_.Append(std::move(data), at.offset);
  if (!written.ok()) co_return written.status();
  std::optional<Revision> result;
  if (*written) result = after;
  co_return result;
}

runtime::Task<absl::StatusOr<Revision>> RevisionedStream::WriteUnconditionally(Buffer data) {
  // On the condition that the end is where it was last seen, so that the outcome is known like that of any other write.
  // Whoever comes first each time has made progress.
  while (true) {
    absl::StatusOr<Revision> latest = co_await LatestRevision();
    if (!latest.ok()) co_return latest.status();
    absl::StatusOr<std::optional<Revision>> written = co_await WriteConditionally(*latest, data);
    if (!written.ok()) co_return written.status();
    if (written->has_value()) co_return **written;
  }
}

runtime::Task<absl::StatusOr<std::optional<Revision>>> RevisionedStream::GetMark() {
  absl::StatusOr<std::optional<int64_t>> mark = co_await client_.GetAttribute(wire::kRevisionStreamClientMark);
  if (!mark.ok()) co_return mark.status();
  std::optional<Revision> revision;
  if (mark->has_value()) revision = Revision{Offset(**mark), 0};
  co_return revision;
}

runtime::Task<absl::StatusOr<bool>> RevisionedStream::CompareAndSetMark(std::optional<Revision> expected,
                                                                        std::optional<Revision> value) {
  absl::StatusOr<bool> set = co_await client_.CompareAndSetAttribute(wire::kRevisionStreamClientMark,
                                                                     ToAttribute(value), ToAttribute(expected));
  co_return set;
}

runtime::Task<absl::Status> RevisionedStream::TruncateTo(Revision revision) {
  absl::Status truncated = co_await client_.Truncate(revision.offset);
  co_return truncated;
}

runtime::Task<void> RevisionedStream::Close() { co_await writer_.Close(); }

}  // namespace pravega::client
