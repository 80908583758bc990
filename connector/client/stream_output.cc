#include "connector/client/stream_output.h"

#include <algorithm>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/wire/event_framing.h"

namespace pravega::client {
namespace {

// As finely as routing keys fall.
constexpr uint64_t kPositions = uint64_t{1} << 52;

size_t FramedBytes(std::span<const Buffer> events) {
  size_t bytes = 0;
  for (const Buffer& event : events) bytes += wire::kEventHeaderBytes + event.size();
  return bytes;
}

void Count(const SegmentWriter& writer, WriterStats* stats) {
  stats->connections += writer.stats().connections;
  stats->appends_sent += writer.stats().appends_sent;
  stats->appends_resent += writer.stats().appends_resent;
  stats->events_resent += writer.stats().events_resent;
  stats->appends_acked_by_setup += writer.stats().appends_acked_by_setup;
}

}  // namespace

StreamOutput::StreamOutput(ClientContext& context, ScopedStream stream, Options options)
    : context_(context),
      stream_(std::move(stream)),
      options_(std::move(options)),
      outcomes_("acknowledgements of " + stream_.ToString()),
      positions_(context.runtime().choices().Stream("events without routing key", stream_.ToString())),
      turn_("room to write to " + stream_.ToString()),
      seals_("seals of segments of " + stream_.ToString()),
      progress_("all appends to " + stream_.ToString()),
      tasks_(context.runtime().scheduler(), "writer of " + stream_.ToString()) {}

absl::StatusOr<std::unique_ptr<StreamOutput>> StreamOutput::Create(
    ClientContext& context, ScopedStream stream, const std::vector<controller::SegmentRange>& segments,
    Options options) {
  // Looked at before any writer exists: one that has begun to connect must be closed.
  std::vector<RoutingTable<SegmentId>::Entry> ranges;
  for (const controller::SegmentRange& segment : segments) ranges.push_back({segment.range, segment.id});
  absl::StatusOr<RoutingTable<SegmentId>> by_id = RoutingTable<SegmentId>::Create(std::move(ranges));
  if (!by_id.ok()) return Annotate(by_id.status(), StrCat("segments of ", stream.ToString()));

  std::unique_ptr<StreamOutput> output(new StreamOutput(context, std::move(stream), std::move(options)));
  std::vector<Routes::Entry> routes;
  for (const controller::SegmentRange& segment : segments) {
    routes.push_back({segment.range, output->WriterOn(segment.id)});
  }
  output->routes_ = *Routes::Create(std::move(routes));
  if (!output->options_.transaction.has_value()) output->tasks_.Spawn("follow seals", output->FollowSeals());
  return output;
}

StreamOutput::~StreamOutput() = default;

SegmentWriter* StreamOutput::WriterOn(SegmentId segment) {
  std::unique_ptr<SegmentWriter>& writer = writers_[segment];
  if (writer == nullptr) {
    SegmentRef parent{stream_, segment};
    std::string name = parent.ToString();
    if (options_.transaction.has_value()) name = TransactionSegmentName(name, *options_.transaction);
    writer = std::make_unique<SegmentWriter>(context_, std::move(parent), std::move(name), options_.segment,
                                             static_cast<SegmentWriterOwner*>(this));
    if (options_.connect_early) writer->Start();
  }
  return writer.get();
}

double StreamOutput::DrawPosition() {
  uint64_t draw = positions_.Below(kPositions, "position");
  return static_cast<double>(draw) / static_cast<double>(kPositions);
}

// ---- writing

bool StreamOutput::HasRoom(size_t bytes) const {
  if (locked_) return false;
  return unacknowledged_bytes_ == 0 || unacknowledged_bytes_ + bytes <= options_.max_unacknowledged_bytes;
}

std::optional<Sequence> StreamOutput::TryWrite(std::optional<double> position, std::span<const Buffer> events) {
  if (!status_.ok() || !turns_.empty() || !HasRoom(FramedBytes(events))) return std::nullopt;
  return Take(position, events);
}

Sequence StreamOutput::Take(std::optional<double> position, std::span<const Buffer> events) {
  size_t bytes = FramedBytes(events);
  CHECK(!events.empty() && bytes <= kMaxUnitBytes);
  AppendUnit unit;
  unit.events = static_cast<int32_t>(events.size());
  unit.bytes = static_cast<uint32_t>(bytes);
  unit.keyed = position.has_value();
  unit.position = position.has_value() ? *position : DrawPosition();
  unit.first = outcomes_.Begin(unit.events);
  unacknowledged_bytes_ += bytes;
  SegmentWriter* writer = WriterOf(unit.position);
  writer->Start();
  if (events.size() == 1) {
    writer->Add(unit, events.front().view());
  } else {
    std::string framed;
    framed.reserve(bytes);
    for (const Buffer& event : events) wire::AppendFramedEvent(event.view(), &framed);
    writer->AddFramed(unit, framed);
  }
  return unit.first + (unit.events - 1);
}

runtime::Task<absl::StatusOr<Sequence>> StreamOutput::Write(std::optional<double> position, Buffer event) {
  std::span<const Buffer> events(&event, 1);
  std::optional<Sequence> taken = TryWrite(position, events);
  if (taken.has_value()) co_return *taken;
  absl::Status turn = co_await WaitForTurn(FramedBytes(events));
  if (!turn.ok()) co_return turn;
  co_return Take(position, events);
}

runtime::Task<absl::StatusOr<Sequence>> StreamOutput::Write(std::optional<double> position,
                                                            std::vector<Buffer> events) {
  std::optional<Sequence> taken = TryWrite(position, events);
  if (taken.has_value()) co_return *taken;
  absl::Status turn = co_await WaitForTurn(FramedBytes(events));
  if (!turn.ok()) co_return turn;
  co_return Take(position, events);
}

runtime::Task<absl::Status> StreamOutput::WaitForTurn(size_t bytes) {
  uint64_t ticket = next_ticket_++;
  turns_.push_back(ticket);
  absl::Status waited;
  while (waited.ok() && status_.ok() && (turns_.front() != ticket || !HasRoom(bytes))) {
    waited = co_await turn_.Wait();
  }
  turns_.erase(std::find(turns_.begin(), turns_.end(), ticket));
  // The next in line looks again, after the caller, who runs on from here, has used its turn.
  turn_.Pulse();
  co_return waited.ok() ? status_ : waited;
}

// ---- what segment writers tell

void StreamOutput::Settle(const Append& append, Outcome outcome, const absl::Status& status) {
  for (const AppendUnit& unit : append.units) {
    outcomes_.Settle(unit.first, unit.events, outcome, status);
    unacknowledged_bytes_ -= unit.bytes;
  }
  progress_.Pulse();
  turn_.Pulse();
}

void StreamOutput::OnAppended(const Append& append) { Settle(append, Outcome::kOk, absl::OkStatus()); }

void StreamOutput::OnSealed(SegmentWriter* writer) {
  if (options_.transaction.has_value()) {
    Fail(MakeStatus(absl::StatusCode::kAborted, "transaction ", options_.transaction->uuid.ToString(), " of ",
                    stream_.ToString(), " is no longer open: it was aborted, unless somebody else has committed it; ",
                    "look at its state, then write its events again in a new one (", ToStd(writer->failure().message()),
                    ")"));
  }
  if (!status_.ok()) {
    SettleRest(writer);
    return;
  }
  locked_ = true;
  sealed_.push_back(writer);
  seals_.Set();
  progress_.Pulse();
}

void StreamOutput::OnGivenUp(SegmentWriter* writer) {
  Fail(writer->failure());
  SettleRest(writer);
}

void StreamOutput::Fail(absl::Status status) {
  if (!status_.ok()) return;
  status_ = std::move(status);
  progress_.Pulse();
  turn_.Pulse();
}

void StreamOutput::SettleRest(SegmentWriter* writer) {
  for (const Append& append : writer->TakeUnacknowledged()) {
    Settle(append, OutcomeOf(writer->state(), append), status_);
  }
}

Outcome StreamOutput::OutcomeOf(SegmentWriter::State state, const Append& append) {
  // A sealed segment alone tells for good what is in it.
  const bool in_doubt = append.sent && state != SegmentWriter::State::kSealed;
  return in_doubt ? Outcome::kUnknown : Outcome::kFailed;
}

// ---- the end

WriterStats StreamOutput::stats() const {
  WriterStats stats = retired_;
  for (const auto& [id, writer] : writers_) Count(*writer, &stats);
  return stats;
}

runtime::Task<void> StreamOutput::Retire(std::unique_ptr<SegmentWriter> writer) {
  co_await writer->Close();
  Count(*writer, &retired_);
}

runtime::Task<void> StreamOutput::Close() {
  Fail(MakeStatus(absl::StatusCode::kFailedPrecondition, "the writer of ", stream_.ToString(),
                  " was closed; events that were sent may or may not be in the stream"));
  co_await tasks_.Stop();
  for (const auto& [id, writer] : writers_) {
    co_await writer->Close();
    SettleRest(writer.get());
  }
}

}  // namespace pravega::client
