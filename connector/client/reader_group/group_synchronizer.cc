#include "connector/client/reader_group/group_synchronizer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "connector/client/reader_group/cuts.h"
#include "connector/client/reader_group/serialization.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/client/segment_request.h"
#include "connector/controller/types.h"
#include "connector/core/strings.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"
#include "connector/wire/event_framing.h"

namespace pravega::client {
namespace {

// The most that a store sends at once.
constexpr int64_t kReadBytes = 2 << 20;

}  // namespace

// Held while one call works on the copy.
class GroupSynchronizer::Turn {
 public:
  explicit Turn(GroupSynchronizer* owner) : owner_(owner), scheduler_(owner->context_.runtime().scheduler()) {}
  ~Turn() {
    // When the node dies, the owner may go first.
    if (!scheduler_.dead()) owner_->turn_.Release(1);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  GroupSynchronizer* owner_;
  runtime::Scheduler& scheduler_;
};

GroupSynchronizer::GroupSynchronizer(ClientContext& context, std::string group, SegmentRef segment)
    : context_(context),
      group_(std::move(group)),
      segment_(std::move(segment)),
      client_(context, segment_),
      writer_(context, segment_),
      choices_(context.runtime().choices().Stream("compaction", segment_.ToString())),
      turn_("turn at the state of reader group " + group_, 1) {}

GroupSynchronizer::~GroupSynchronizer() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<GroupSynchronizer>>> GroupSynchronizer::Open(ClientContext& context,
                                                                                          std::string scope,
                                                                                          std::string group) {
  ScopedStream stream{scope, ReaderGroupStreamName(group)};
  absl::StatusOr<controller::StreamSegments> segments = co_await context.controller().GetCurrentSegments(stream);
  if (!segments.ok()) co_return segments.status();
  if (segments->segments.empty()) {
    co_return MakeStatus(absl::StatusCode::kNotFound, "reader group ", scope, "/", group,
                         " was deleted: its stream is sealed");
  }
  // The one that owns the key 0. Not always number 0: a group that was deleted and created again goes on counting.
  auto lowest = std::min_element(segments->segments.begin(), segments->segments.end(),
                                 [](const auto& a, const auto& b) { return a.range.low < b.range.low; });
  SegmentRef segment{stream, lowest->id};
  co_return std::unique_ptr<GroupSynchronizer>(new GroupSynchronizer(context, std::move(group), std::move(segment)));
}

runtime::Task<absl::Status> GroupSynchronizer::Fetch() {
  absl::Status mine = co_await turn_.Acquire(1);
  if (!mine.ok()) co_return mine;
  Turn turn(this);
  absl::Status status = co_await CatchUp();
  if (status.ok() && initialized_) status = co_await CompactIfDue();
  co_return status;
}

runtime::Task<absl::Status> GroupSynchronizer::Initialize(Init init) {
  absl::Status mine = co_await turn_.Acquire(1);
  if (!mine.ok()) co_return mine;
  Turn turn(this);
  absl::Status status = co_await CatchUp();
  if (!status.ok() || initialized_) co_return status;
  absl::StatusOr<std::string> bytes = SerializeRecord(Record{true, {std::move(init)}});
  if (!bytes.ok()) co_return bytes.status();
  // If it is not the first, that of somebody else counts.
  absl::StatusOr<bool> written = co_await writer_.Append(Buffer(*std::move(bytes)), offset_);
  if (!written.ok()) co_return written.status();
  status = co_await CatchUp();
  if (status.ok() && !initialized_) {
    status = MakeStatus(absl::StatusCode::kInternal, "the first record of reader group ", group_, " is not in ",
                        segment_.ToString(), " after it was written");
  }
  co_return status;
}

runtime::Task<absl::StatusOr<bool>> GroupSynchronizer::Update(Decide decide) {
  absl::Status mine = co_await turn_.Acquire(1);
  if (!mine.ok()) co_return mine;
  Turn turn(this);
  while (true) {
    if (!initialized_) {
      absl::Status status = co_await CatchUp();
      if (!status.ok()) co_return status;
      if (!initialized_) {
        co_return MakeStatus(absl::StatusCode::kNotFound, "reader group ", group_,
                             " was not completely created: create it again");
      }
    }
    absl::StatusOr<Updates> updates = decide(state_);
    if (!updates.ok()) co_return updates.status();
    if (updates->empty()) co_return false;
    // What cannot be applied must never be written: every reader of the group would fail at it.
    absl::StatusOr<ReaderGroupState> next = After(state_, *updates);
    if (!next.ok()) co_return Annotate(next.status(), StrCat("not written to reader group ", group_));
    absl::StatusOr<std::string> bytes = SerializeRecord(Record{false, *std::move(updates)});
    if (!bytes.ok()) co_return bytes.status();
    const int64_t stored = static_cast<int64_t>(wire::kEventHeaderBytes + bytes->size());
    const Offset expected = offset_;
    absl::StatusOr<bool> written = co_await writer_.Append(Buffer(*std::move(bytes)), expected);
    if (!written.ok()) co_return written.status();
    if (*written) {
      state_ = *std::move(next);
      offset_ = expected + stored;
      co_return true;
    }
    absl::Status status = co_await CatchUp();
    if (!status.ok()) co_return status;
  }
}

runtime::Task<void> GroupSynchronizer::Close() { co_await writer_.Close(); }

runtime::Task<absl::Status> GroupSynchronizer::CatchUp() {
  while (true) {
    absl::StatusOr<SegmentInfo> info = co_await client_.GetInfo();
    if (!info.ok()) co_return Annotate(info.status(), StrCat("the state of reader group ", group_));
    if (info->sealed) {
      co_return MakeStatus(absl::StatusCode::kNotFound, "reader group ", group_, " was deleted: its stream is sealed");
    }
    if (!placed_ || offset_ < info->start) {
      absl::StatusOr<Offset> beginning = co_await FindBeginning(info->start);
      if (!beginning.ok()) co_return beginning.status();
      offset_ = *beginning;
      compacted_ = *beginning;
      placed_ = true;
      initialized_ = false;
    }
    absl::Status status = co_await ReadUpTo(info->length);
    // OutOfRange: what was to be read is gone, because somebody has compacted it meanwhile.
    if (!absl::IsOutOfRange(status)) co_return status;
  }
}

runtime::Task<absl::StatusOr<Offset>> GroupSynchronizer::FindBeginning(Offset start) {
  absl::StatusOr<std::optional<int64_t>> mark = co_await client_.GetAttribute(wire::kRevisionStreamClientMark);
  if (!mark.ok()) co_return mark.status();
  co_return std::max(start, Offset(mark->value_or(0)));
}

runtime::Task<absl::Status> GroupSynchronizer::ReadUpTo(Offset end) {
  std::string bytes;  // of the records from offset_ on
  while (offset_ + static_cast<int64_t>(bytes.size()) < end) {
    const Offset from = offset_ + static_cast<int64_t>(bytes.size());
    wire::ReadSegment request;
    request.segment = segment_.ToString();
    request.offset = from.value();
    request.suggested_length = static_cast<int32_t>(std::min(kReadBytes, end - from));
    absl::StatusOr<wire::SegmentRead> read = co_await SendSegmentRequestFor<wire::SegmentRead>(
        context_, segment_, controller::AccessOperation::kRead, std::move(request));
    if (!read.ok()) co_return read.status();
    bytes.append(read->data.view());
    std::string_view rest = bytes;
    while (rest.size() >= wire::kEventHeaderBytes) {
      absl::StatusOr<size_t> size = wire::ParseEventHeader(rest);
      if (!size.ok()) {
        co_return Annotate(size.status(), StrCat(segment_.ToString(), " at offset ", offset_.value()));
      }
      const size_t whole = wire::kEventHeaderBytes + *size;
      if (rest.size() < whole) break;
      absl::Status applied = ApplyRecord(rest.substr(wire::kEventHeaderBytes, *size));
      if (!applied.ok()) co_return applied;
      rest.remove_prefix(whole);
      offset_ = offset_ + static_cast<int64_t>(whole);
    }
    bytes.erase(0, bytes.size() - rest.size());
  }
  if (offset_ < end) {
    // Whoever went on from here would ask for an append at an end that is never the expected one, for ever.
    co_return MakeStatus(absl::StatusCode::kDataLoss, "reader group ", group_, ": ", segment_.ToString(),
                         " ends at offset ", end.value(), " in the middle of the record at ", offset_.value());
  }
  co_return absl::OkStatus();
}

absl::Status GroupSynchronizer::ApplyRecord(std::string_view bytes) {
  const auto bad = [&](const absl::Status& status) {
    return MakeStatus(absl::StatusCode::kDataLoss, "reader group ", group_, ": record at offset ", offset_.value(),
                      " of ", segment_.ToString(), ": ", ToStd(status.message()));
  };
  absl::StatusOr<Record> record = ParseRecord(bytes);
  if (!record.ok()) return bad(record.status());
  if (!initialized_ && !record->initial) return absl::OkStatus();
  if (record->initial) initialized_ = true;
  absl::StatusOr<ReaderGroupState> next = After(std::move(state_), record->updates);
  if (!next.ok()) {
    initialized_ = false;
    placed_ = false;
    return bad(next.status());
  }
  state_ = *std::move(next);
  return absl::OkStatus();
}

runtime::Task<absl::Status> GroupSynchronizer::CompactIfDue() {
  const auto due = [this] { return offset_ - compacted_ > kBytesBetweenCompactions; };
  if (!due()) co_return absl::OkStatus();
  constexpr uint64_t kParts = 1 << 20;
  const uint64_t part = choices_.Below(kParts, "compaction");
  // The least draw is the calmest choice.
  if (!ShouldCompact(offset_ - compacted_, 1.0 - static_cast<double>(part + 1) / kParts)) co_return absl::OkStatus();
  absl::StatusOr<std::optional<int64_t>> mark = co_await client_.GetAttribute(wire::kRevisionStreamClientMark);
  if (!mark.ok()) co_return mark.status();
  if (*mark) compacted_ = std::max(compacted_, Offset(**mark));
  if (!due()) co_return absl::OkStatus();

  absl::StatusOr<std::string> bytes = SerializeRecord(Record{true, {Compacted(state_)}});
  if (!bytes.ok()) co_return bytes.status();
  const int64_t stored = static_cast<int64_t>(wire::kEventHeaderBytes + bytes->size());
  const Offset at = offset_;
  absl::StatusOr<bool> written = co_await writer_.Append(Buffer(*std::move(bytes)), at);
  if (!written.ok()) co_return written.status();
  if (!*written) co_return absl::OkStatus();
  offset_ = at + stored;
  compacted_ = offset_;
  absl::StatusOr<bool> marked =
      co_await client_.CompareAndSetAttribute(wire::kRevisionStreamClientMark, at.value(), *mark);
  if (!marked.ok()) co_return marked.status();
  // Whoever reads from the mark before this one still finds it.
  if (!*marked || !*mark) co_return absl::OkStatus();
  absl::Status truncated = co_await client_.Truncate(Offset(**mark));
  co_return truncated;
}

}  // namespace pravega::client
