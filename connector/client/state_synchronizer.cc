#include "connector/client/state_synchronizer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "connector/core/big_endian.h"
#include "connector/core/strings.h"

namespace pravega::client {
namespace {

constexpr int32_t kInitialState = 1;
constexpr int32_t kUpdates = 2;

void AppendInt(int32_t number, std::string* bytes) {
  char encoded[sizeof(number)];
  StoreBigEndian(number, encoded);
  bytes->append(encoded, sizeof(encoded));
}

Buffer InitialRecord(const Buffer& state) {
  std::string bytes;
  AppendInt(kInitialState, &bytes);
  bytes.append(state.view());
  return Buffer(std::move(bytes));
}

Buffer UpdateRecord(const std::vector<Buffer>& updates) {
  std::string bytes;
  AppendInt(kUpdates, &bytes);
  for (const Buffer& update : updates) {
    AppendInt(static_cast<int32_t>(update.size()), &bytes);
    bytes.append(update.view());
  }
  return Buffer(std::move(bytes));
}

// Takes an int32 from the front.
bool TakeInt(std::string_view* bytes, int32_t* number) {
  if (bytes->size() < sizeof(int32_t)) return false;
  *number = LoadBigEndian<int32_t>(bytes->data());
  bytes->remove_prefix(sizeof(int32_t));
  return true;
}

}  // namespace

StateSynchronizer::StateSynchronizer(std::unique_ptr<RevisionedStream> stream, SynchronizedState* state)
    : stream_(std::move(stream)), state_(state) {}

StateSynchronizer::~StateSynchronizer() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<StateSynchronizer>>> StateSynchronizer::Open(ClientContext& context,
                                                                                          ScopedStream stream,
                                                                                          SynchronizedState* state) {
  absl::StatusOr<std::unique_ptr<RevisionedStream>> opened =
      co_await RevisionedStream::Open(context, std::move(stream));
  if (!opened.ok()) co_return opened.status();
  co_return std::make_unique<StateSynchronizer>(*std::move(opened), state);
}

runtime::Task<absl::Status> StateSynchronizer::FindBeginning() {
  absl::StatusOr<std::optional<Revision>> mark = co_await stream_->GetMark();
  if (!mark.ok()) co_return mark.status();
  absl::StatusOr<Revision> oldest = co_await stream_->OldestRevision();
  if (!oldest.ok()) co_return oldest.status();
  next_ = std::max(mark->value_or(*oldest), *oldest);
  revision_ = next_;
  compacted_ = next_.offset;
  placed_ = true;
  initialized_ = false;
  co_return absl::OkStatus();
}

runtime::Task<absl::Status> StateSynchronizer::Fetch() {
  while (true) {
    if (!placed_) {
      absl::Status found = co_await FindBeginning();
      if (!found.ok()) co_return found;
    }
    absl::StatusOr<std::vector<RevisionedRecord>> records = co_await stream_->ReadFrom(next_);
    if (absl::IsOutOfRange(records.status())) {
      // Somebody has compacted and truncated what this copy did not come to: it begins again at the mark.
      placed_ = false;
      continue;
    }
    if (!records.ok()) co_return records.status();
    for (const RevisionedRecord& record : *records) {
      absl::Status applied = ApplyRecord(record);
      if (!applied.ok()) {
        placed_ = false;
        initialized_ = false;
        co_return Annotate(applied, StrCat("the record before ", record.after.ToString(stream_->segment())));
      }
    }
    co_return absl::OkStatus();
  }
}

absl::Status StateSynchronizer::ApplyRecord(const RevisionedRecord& record) {
  std::string_view rest = record.data.view();
  int32_t kind = 0;
  if (!TakeInt(&rest, &kind) || (kind != kInitialState && kind != kUpdates)) {
    return absl::DataLossError("neither an initial state nor updates");
  }
  next_ = record.after;
  if (kind == kInitialState) {
    absl::Status status = state_->Initialize(rest, record.after);
    if (!status.ok()) return status;
    initialized_ = true;
    revision_ = record.after;
    compacted_ = record.after.offset;
    return absl::OkStatus();
  }
  // What was there before the first initial state is nobody's.
  if (!initialized_) return absl::OkStatus();
  Revision revision = record.after;
  for (; !rest.empty(); ++revision.index) {
    int32_t size = 0;
    if (!TakeInt(&rest, &size) || size < 0 || static_cast<size_t>(size) > rest.size()) {
      return absl::DataLossError("updates are cut short");
    }
    std::string_view update = rest.substr(0, static_cast<size_t>(size));
    rest.remove_prefix(static_cast<size_t>(size));
    // The first update of the record behind an initial state has that state's successor as its revision, never less.
    if (revision <= revision_) continue;
    absl::Status status = state_->Apply(update, revision);
    if (!status.ok()) return status;
    revision_ = revision;
  }
  return absl::OkStatus();
}

runtime::Task<absl::StatusOr<bool>> StateSynchronizer::Initialize(Buffer state) {
  absl::Status fetched = co_await Fetch();
  if (!fetched.ok()) co_return fetched;
  if (initialized_) co_return false;
  // Behind whatever there is, which is nobody's: a stream without an initial state has no use yet.
  absl::StatusOr<std::optional<Revision>> written = co_await stream_->WriteConditionally(next_, InitialRecord(state));
  if (!written.ok()) co_return written.status();
  fetched = co_await Fetch();
  if (!fetched.ok()) co_return fetched;
  co_return written->has_value();
}

runtime::Task<absl::StatusOr<bool>> StateSynchronizer::Update(Decide decide) {
  absl::Status fetched = co_await Fetch();
  while (fetched.ok()) {
    if (!initialized_) {
      co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "the state in ", stream_->segment().ToString(),
                           " was never initialized");
    }
    absl::StatusOr<std::vector<Buffer>> updates = decide();
    if (!updates.ok()) co_return updates.status();
    if (updates->empty()) co_return false;
    Buffer record = UpdateRecord(*updates);
    absl::StatusOr<std::optional<Revision>> written = co_await stream_->WriteConditionally(next_, record);
    if (!written.ok()) co_return written.status();
    if (written->has_value()) {
      absl::Status applied = ApplyRecord(RevisionedRecord{record, **written});
      if (!applied.ok()) co_return applied;
      co_return true;
    }
    fetched = co_await Fetch();
  }
  co_return fetched;
}

runtime::Task<absl::Status> StateSynchronizer::UpdateUnconditionally(std::vector<Buffer> updates) {
  if (updates.empty()) co_return absl::OkStatus();
  absl::StatusOr<Revision> written = co_await stream_->WriteUnconditionally(UpdateRecord(updates));
  co_return written.status();
}

runtime::Task<absl::StatusOr<bool>> StateSynchronizer::Compact(std::function<Buffer()> state) {
  absl::Status fetched = co_await Fetch();
  if (!fetched.ok()) co_return fetched;
  if (!initialized_) co_return false;
  const Revision at = next_;
  Buffer record = InitialRecord(state());
  absl::StatusOr<std::optional<Revision>> written = co_await stream_->WriteConditionally(at, record);
  if (!written.ok()) co_return written.status();
  if (!written->has_value()) co_return false;
  absl::Status applied = ApplyRecord(RevisionedRecord{record, **written});
  if (!applied.ok()) co_return applied;
  // The mark is the start of the record, so that whoever begins there finds a state first. What is before the mark that
  // this one replaces is truncated: somebody may just be about to read from that one.
  absl::StatusOr<std::optional<Revision>> mark = co_await stream_->GetMark();
  if (!mark.ok()) co_return mark.status();
  if (mark->has_value() && **mark >= at) co_return true;
  absl::StatusOr<bool> marked = co_await stream_->CompareAndSetMark(*mark, at);
  if (!marked.ok()) co_return marked.status();
  if (*marked && mark->has_value()) {
    absl::Status truncated = co_await stream_->TruncateTo(**mark);
    if (!truncated.ok()) co_return truncated;
  }
  co_return true;
}

runtime::Task<void> StateSynchronizer::Close() { co_await stream_->Close(); }

}  // namespace pravega::client
