#include "connector/client/reader_group/segment_fetcher.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "connector/client/backoff.h"
#include "connector/client/segment_client.h"
#include "connector/controller/types.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/commands.h"
#include "connector/wire/connection.h"
#include "connector/wire/event_framing.h"
#include "connector/wire/replies.h"

namespace pravega::client {
namespace {

// The Java client's: what a read asks for at least.
constexpr size_t kReadBytes = 256 << 10;

}  // namespace

SegmentFetcher::SegmentFetcher(ClientContext& context, SegmentRef segment, Offset from, std::optional<Offset> end,
                               size_t buffer_bytes, runtime::Event* progress)
    : context_(context),
      segment_(std::move(segment)),
      name_(segment_.ToString()),
      bound_(end),
      buffer_bytes_(buffer_bytes),
      progress_(progress),
      flow_(context.NewFlow()),
      offset_(from),
      fetched_(from),
      tasks_(context.runtime().scheduler(), "reading " + name_) {
  if (bound_ && *bound_ <= from) EndAt(from);
}

SegmentFetcher::~SegmentFetcher() = default;

void SegmentFetcher::Start() { tasks_.Spawn("fetch", Run()); }

runtime::Task<void> SegmentFetcher::Close() { co_await tasks_.Stop(); }

// ---- what was fetched

bool SegmentFetcher::Take(FetchedEvent* event) {
  if (buffered_ >= wire::kEventHeaderBytes && buffered_ >= wanted_) {
    const Buffer& front = chunks_.front();
    std::string header;
    std::string_view bytes = front.view();
    if (bytes.size() < wire::kEventHeaderBytes) {
      header = CopyOut(0, wire::kEventHeaderBytes);
      bytes = header;
    }
    absl::StatusOr<size_t> size = wire::ParseEventHeader(bytes);
    if (!size.ok()) {
      Fail(Annotate(size.status(), StrCat(name_, " at offset ", offset_.value())));
      return false;
    }
    wanted_ = wire::kEventHeaderBytes + *size;
    if (buffered_ >= wanted_) {
      event->offset = offset_;
      event->length = static_cast<int32_t>(wanted_);
      if (front.size() >= wanted_) {
        event->event = front.Slice(wire::kEventHeaderBytes, *size);
      } else {
        event->event = Buffer(CopyOut(wire::kEventHeaderBytes, *size));
      }
      Drop(wanted_);
      offset_ = offset_ + static_cast<int64_t>(wanted_);
      wanted_ = 0;
      Ask();
      return true;
    }
    Ask();
  }
  LookForEnd();
  return false;
}

void SegmentFetcher::LookForEnd() {
  if (state_ != State::kReading) return;
  // Whole events come first.
  if (buffered_ >= wire::kEventHeaderBytes && buffered_ >= wanted_) return;
  if (end_ && fetched_ >= *end_) {
    if (buffered_ == 0 || deleted_) {
      // Of a deleted segment what is left is an event whose rest went with it.
      state_ = State::kEnded;
    } else {
      Fail(MakeStatus(absl::StatusCode::kDataLoss, name_, " ends at offset ", end_->value(),
                      " in the middle of the event at ", offset_.value()));
    }
  } else if (!broken_.ok()) {
    Fail(broken_);
  }
}

std::string SegmentFetcher::CopyOut(size_t skip, size_t length) const {
  std::string out;
  out.reserve(length);
  for (const Buffer& chunk : chunks_) {
    if (skip >= chunk.size()) {
      skip -= chunk.size();
      continue;
    }
    out.append(chunk.view().substr(skip, length - out.size()));
    skip = 0;
    if (out.size() == length) break;
  }
  CHECK(out.size() == length);
  return out;
}

void SegmentFetcher::Drop(size_t bytes) {
  buffered_ -= bytes;
  while (bytes > 0) {
    Buffer& front = chunks_.front();
    if (bytes < front.size()) {
      front = front.From(bytes);
      return;
    }
    bytes -= front.size();
    chunks_.pop_front();
  }
}

int64_t SegmentFetcher::TakeGap() { return std::exchange(gap_, 0); }

bool SegmentFetcher::MayRead() const { return buffered_ < buffer_bytes_ || (wanted_ != 0 && buffered_ < wanted_); }

int32_t SegmentFetcher::SuggestedLength() const {
  size_t free = buffered_ < buffer_bytes_ ? buffer_bytes_ - buffered_ : 0;
  size_t length = std::max(std::min(kReadBytes, buffer_bytes_), free);
  if (bound_) length = std::min(length, static_cast<size_t>(*bound_ - fetched_));
  return static_cast<int32_t>(length);
}

void SegmentFetcher::OnData(Buffer data) {
  // Stores send at least eight bytes, whatever was asked for.
  if (bound_ && data.size() > static_cast<size_t>(*bound_ - fetched_)) {
    data = data.Slice(0, static_cast<size_t>(*bound_ - fetched_));
  }
  if (data.empty()) return;
  buffered_ += data.size();
  fetched_ = fetched_ + static_cast<int64_t>(data.size());
  chunks_.push_back(std::move(data));
  if (bound_ && fetched_ >= *bound_) EndAt(fetched_);
  progress_->Set();
}

void SegmentFetcher::EndAt(Offset end) {
  end_ = end;
  progress_->Set();
}

void SegmentFetcher::Fail(absl::Status failure) {
  state_ = State::kFailed;
  failure_ = std::move(failure);
  if (connection_ != nullptr) connection_->Close(failure_);
  progress_->Set();
}

// ---- the connection

runtime::Task<void> SegmentFetcher::Run() {
  Backoff backoff(context_.options().request_retry);
  while (!end_ && state_ == State::kReading && broken_.ok()) {
    absl::Status ended = co_await RunSession();
    if (absl::IsCancelled(ended) || tasks_.cancelled()) break;
    if (skipping_) {
      ended = co_await SkipWhatIsGone();
      if (absl::IsCancelled(ended)) break;
    }
    if (end_ || state_ != State::kReading) break;
    if (ended.ok()) continue;
    if (absl::IsPermissionDenied(ended) || absl::IsDataLoss(ended) || absl::IsUnimplemented(ended) ||
        absl::IsInvalidArgument(ended)) {
      broken_ = Annotate(ended, StrCat("reading ", name_));
      progress_->Set();
      break;
    }
    if (std::exchange(reached_store_, false)) backoff.Reset();
    std::optional<runtime::Duration> delay = backoff.Next();
    // A reader that cannot reach a store waits until it can: its segments are its own, and nobody else reads them.
    absl::Status slept = co_await runtime::SleepFor(
        context_.runtime(), delay.value_or(context_.options().request_retry.longest_delay), "another attempt to read");
    if (!slept.ok()) break;
  }
}

runtime::Task<absl::Status> SegmentFetcher::RunSession() {
  absl::StatusOr<std::string> token = co_await context_.Token(segment_.stream, controller::AccessOperation::kRead);
  if (!token.ok()) co_return token.status();
  absl::StatusOr<runtime::Endpoint> endpoint = co_await context_.controller().GetEndpoint(segment_);
  if (!endpoint.ok()) co_return endpoint.status();
  absl::StatusOr<std::unique_ptr<wire::WireConnection>> connected =
      co_await wire::WireConnection::Connect(context_.runtime(), *endpoint, context_.options().connection);
  if (!connected.ok()) {
    context_.controller().ForgetEndpoint(segment_);
    co_return connected.status();
  }
  wire::WireConnection& connection = **connected;
  const bool reached_before = std::exchange(reached_store_, false);
  token_ = *std::move(token);
  asked_ = false;
  connection_ = &connection;
  absl::Status ended = co_await ReadOn(connection);
  connection_ = nullptr;
  const bool reached_now = reached_store_;
  reached_store_ = reached_store_ || reached_before;
  // A read may be waiting in the store, which only the end of the connection takes back.
  if (connection.status().ok() && !ended.ok()) connection.Close(ended);
  co_await connection.Stop();
  if (!ended.ok()) {
    // A store that answered still serves the segment, as far as anybody knows; so that a lost connection can be
    // replaced while no controller answers.
    if (!reached_now) context_.controller().ForgetEndpoint(segment_);
    if (absl::IsUnauthenticated(ended)) context_.ForgetToken(segment_.stream);
  }
  co_return ended;
}

runtime::Task<absl::Status> SegmentFetcher::ReadOn(wire::WireConnection& connection) {
  Ask();
  while (!end_ && !skipping_ && state_ == State::kReading) {
    absl::StatusOr<wire::Command> reply = co_await connection.Next();
    if (!reply.ok()) co_return reply.status();
    bool answered = false;
    absl::Status status = Handle(*reply, &answered);
    if (!status.ok()) co_return status;
    if (!answered) continue;
    asked_ = false;
    reached_store_ = true;
    Ask();
  }
  co_return absl::OkStatus();
}

void SegmentFetcher::Ask() {
  if (connection_ == nullptr || asked_ || end_ || skipping_ || state_ != State::kReading || !MayRead()) return;
  wire::ReadSegment request;
  request.segment = name_;
  request.token = token_;
  request.request_id = RequestId(flow_ << 32);
  request.offset = fetched_.value();
  request.suggested_length = SuggestedLength();
  asked_ = true;
  // If the connection is lost, taking the reply tells.
  connection_->Enqueue(request).IgnoreError();
}

// Replies are matched by segment and offset; what matches nothing is an answer that came twice.
absl::Status SegmentFetcher::Handle(wire::Command& reply, bool* answered) {
  if (auto* read = std::get_if<wire::SegmentRead>(&reply)) {
    // Data that nobody asked for might come without end.
    if (!asked_ || read->segment != name_ || read->offset != fetched_.value()) return absl::OkStatus();
    *answered = true;
    const bool ended = read->end_of_segment;
    OnData(std::move(read->data));
    if (ended && !end_) EndAt(fetched_);
    return absl::OkStatus();
  }
  if (const auto* sealed = std::get_if<wire::SegmentIsSealed>(&reply)) {
    if (sealed->segment != name_) return absl::OkStatus();
    if (sealed->offset >= 0 && sealed->offset != fetched_.value()) return absl::OkStatus();
    *answered = true;
    EndAt(fetched_);
    return absl::OkStatus();
  }
  if (const auto* truncated = std::get_if<wire::SegmentIsTruncated>(&reply)) {
    if (truncated->segment != name_ || (truncated->offset >= 0 && truncated->offset != fetched_.value())) {
      return absl::OkStatus();
    }
    *answered = true;
    skipping_ = true;
    return absl::OkStatus();
  }
  if (const auto* missing = std::get_if<wire::NoSuchSegment>(&reply)) {
    if (missing->segment != name_) return absl::OkStatus();
    *answered = true;
    skipping_ = true;
    return absl::OkStatus();
  }
  if (std::holds_alternative<wire::WrongHost>(reply)) context_.controller().ForgetEndpoint(segment_);
  // An answer to nothing that was asked here, unless it reports a failure.
  return wire::FailureStatus(reply);
}

runtime::Task<absl::Status> SegmentFetcher::SkipWhatIsGone() {
  SegmentClient segment(context_, segment_);
  absl::StatusOr<SegmentInfo> info = co_await segment.GetInfo();
  if (absl::IsNotFound(info.status())) {
    // All its data are gone, so it counts as read.
    skipping_ = false;
    deleted_ = true;
    ++gap_;
    EndAt(fetched_);
    co_return absl::OkStatus();
  }
  if (!info.ok()) co_return info.status();
  skipping_ = false;
  if (info->start > fetched_) {
    // What was fetched of it is gone from the stream as well, and its last event may lack its end.
    chunks_.clear();
    buffered_ = 0;
    wanted_ = 0;
    gap_ += info->start - offset_;
    offset_ = info->start;
    fetched_ = info->start;
    if (bound_ && fetched_ >= *bound_) EndAt(fetched_);
  }
  progress_->Set();
  co_return absl::OkStatus();
}

}  // namespace pravega::client
