#include "connector/client/segment_writer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "connector/client/backoff.h"
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

WriterId NewWriterId(ClientContext& context, const std::string& segment_name) {
  runtime::ChoiceStream ids = context.runtime().choices().Stream("writer id", segment_name);
  return WriterId{ids.NewUuid()};
}

}  // namespace

SegmentWriter::SegmentWriter(ClientContext& context, SegmentRef parent, std::string segment_name,
                             const SegmentWriterOptions& options, SegmentWriterOwner* owner)
    : context_(context),
      parent_(std::move(parent)),
      segment_name_(std::move(segment_name)),
      options_(options),
      owner_(owner),
      writer_id_(NewWriterId(context, segment_name_)),
      flow_(context.NewFlow()),
      wake_sender_("events for " + segment_name_),
      tasks_(context.runtime().scheduler(), "writer of " + segment_name_) {
  CHECK(options_.max_appends_in_flight > 0);
  CHECK(options_.max_append_bytes <= kMaxUnitBytes);
}

SegmentWriter::~SegmentWriter() = default;

void SegmentWriter::Start() {
  if (started_) return;
  started_ = true;
  tasks_.Spawn("connect", Run());
  tasks_.Spawn("send", SendWhenWoken());
}

// ---- what the owner adds and takes

Append& SegmentWriter::OpenAppend(size_t bytes) {
  // An append without units is a probe, whose one event has no bytes.
  if (appends_.empty() || appends_.back().sent || appends_.back().units.empty() ||
      appends_.back().bytes.size() + bytes > options_.max_append_bytes) {
    appends_.emplace_back();
  }
  // Not sent from here: what else is written before this task waits travels in the same append.
  wake_sender_.Set();
  return appends_.back();
}

void SegmentWriter::Add(const AppendUnit& unit, std::string_view event) {
  Append& append = OpenAppend(unit.bytes);
  wire::AppendFramedEvent(event, &append.bytes);
  append.units.push_back(unit);
  append.events += unit.events;
}

void SegmentWriter::AddFramed(const AppendUnit& unit, std::string_view framed) {
  CHECK(framed.size() == unit.bytes);
  Append& append = OpenAppend(unit.bytes);
  append.bytes.append(framed);
  append.units.push_back(unit);
  append.events += unit.events;
}

void SegmentWriter::AddProbe() {
  if (!idle()) return;
  appends_.emplace_back().events = 1;
  wake_sender_.Set();
}

std::deque<Append> SegmentWriter::TakeUnacknowledged() {
  CHECK(state_ != State::kActive || closing_);
  in_flight_ = 0;
  return std::exchange(appends_, {});
}

runtime::Task<void> SegmentWriter::Close() {
  closing_ = true;
  if (connection_ != nullptr && connection_->status().ok() && !tasks_.cancelled()) {
    connection_->Finish();
    wake_sender_.Set();
  } else {
    tasks_.Cancel();
  }
  co_await tasks_.Join();
}

// ---- the connection

runtime::Task<void> SegmentWriter::Run() {
  Backoff backoff(options_.reconnect);
  while (state_ == State::kActive && !closing_) {
    absl::Status ended = co_await RunSession();
    if (state_ != State::kActive || closing_ || absl::IsCancelled(ended)) break;
    if (std::exchange(reached_store_, false)) backoff.Reset();
    std::optional<runtime::Duration> delay = backoff.Next();
    if (!delay.has_value()) {
      Become(State::kGivenUp,
             MakeStatus(absl::StatusCode::kUnavailable, "writing to ", segment_name_, ": gave up after ",
                        backoff.attempts(), " attempts to reach its store; events that were sent may or may not be in ",
                        "the stream (", ToStd(ended.message()), ")"));
      break;
    }
    absl::Status slept = co_await runtime::SleepFor(context_.runtime(), *delay, "another attempt to reach a store");
    if (!slept.ok()) break;
  }
  wake_sender_.Set();
}

runtime::Task<absl::Status> SegmentWriter::RunSession() {
  absl::StatusOr<std::string> token = co_await context_.Token(parent_.stream, controller::AccessOperation::kWrite);
  if (!token.ok()) co_return token.status();
  absl::StatusOr<runtime::Endpoint> endpoint = co_await context_.controller().GetEndpoint(parent_);
  if (!endpoint.ok()) co_return endpoint.status();
  absl::StatusOr<std::unique_ptr<wire::WireConnection>> connected =
      co_await wire::WireConnection::Connect(context_.runtime(), *endpoint, context_.options().connection);
  if (!connected.ok()) {
    context_.controller().ForgetEndpoint(parent_);
    co_return connected.status();
  }
  connection_ = *std::move(connected);
  token_ = *std::move(token);
  in_flight_ = 0;
  AnnounceWriter();
  // The bug: what the store holds already is sent again, because nobody has asked it yet.
  if (PLANTED(context_.runtime(), "resend-before-setup") && !appends_.empty() && appends_.front().sent) SendAppends();

  absl::Status ended = co_await ReadReplies();
  // A store that took the writer still serves the segment, as far as anybody knows; so that a lost connection can be
  // replaced while no controller answers.
  if (!reached_store_) context_.controller().ForgetEndpoint(parent_);
  set_up_ = false;
  setup_pending_ = false;
  // A segment that takes no more is no reason for harshness.
  if (connection_->status().ok() && state_ != State::kSealed && state_ != State::kMissing) connection_->Close(ended);
  co_await connection_->Stop();
  connection_.reset();
  co_return ended;
}

void SegmentWriter::AnnounceWriter() {
  wire::SetupAppend setup;
  setup.request_id = RequestId(flow_ << 32 | ++setups_sent_);
  setup.writer_id = writer_id_;
  setup.segment = segment_name_;
  setup.token = token_;
  set_up_ = false;
  setup_pending_ = true;
  setup_deadline_ = context_.runtime().Now() + options_.setup_timeout;
  // If the connection is lost, reading tells.
  connection_->Enqueue(setup).IgnoreError();
}

runtime::Task<absl::Status> SegmentWriter::ReadReplies() {
  absl::Status status;
  while (status.ok() && state_ == State::kActive) {
    absl::StatusOr<wire::Command> reply = absl::UnknownError("no reply");
    if (setup_pending_) {
      reply = co_await runtime::WithDeadline(context_.runtime(), connection_->Next(), setup_deadline_);
    } else {
      reply = co_await connection_->Next();
    }
    status = reply.ok() ? Handle(*reply) : reply.status();
  }
  if (status.ok()) status = absl::UnavailableError("the segment takes no more");
  co_return status;
}

runtime::Task<void> SegmentWriter::SendWhenWoken() {
  while (state_ == State::kActive && !tasks_.cancelled()) {
    absl::Status woken = co_await wake_sender_.Wait();
    if (!woken.ok()) break;
    wake_sender_.Reset();
    if (set_up_) SendAppends();
    if (closing_ && connection_ == nullptr) break;
  }
}

void SegmentWriter::SendAppends() {
  while (in_flight_ < appends_.size() && in_flight_ < options_.max_appends_in_flight) {
    Append& append = appends_[in_flight_];
    if (append.sent) {
      ++stats_.appends_resent;
      stats_.events_resent += append.events;
    } else {
      append.data = Buffer(std::move(append.bytes));
      append.bytes.clear();
      last_number_ = EventNumber(last_number_.value() + append.events);
      append.number = last_number_;
      append.sent = true;
    }
    // Both at once: nothing of the append family may come between them.
    absl::Status block = connection_->Enqueue(wire::AppendBlock{.writer_id = writer_id_, .data = append.data});
    wire::AppendBlockEnd end;
    end.writer_id = writer_id_;
    end.size_of_whole_events = static_cast<int32_t>(append.data.size());
    end.num_events = append.events;
    end.last_event_number = append.number;
    end.request_id = RequestId(flow_ << 32);
    // If the connection is lost, reading tells, and all of it is looked at again.
    if (!block.ok() || !connection_->Enqueue(end).ok()) return;
    ++in_flight_;
    ++stats_.appends_sent;
  }
}

// ---- replies

absl::Status SegmentWriter::Handle(const wire::Command& reply) {
  if (const auto* ack = std::get_if<wire::DataAppended>(&reply)) return OnDataAppended(*ack);
  if (const auto* setup = std::get_if<wire::AppendSetup>(&reply)) return OnAppendSetup(*setup);
  if (std::holds_alternative<wire::SegmentIsSealed>(reply)) return OnSegmentIsSealed();
  if (std::holds_alternative<wire::NoSuchSegment>(reply)) return OnNoSuchSegment();
  if (const auto* refused = std::get_if<wire::AuthTokenCheckFailed>(&reply)) return OnTokenRefused(*refused);
  if (std::holds_alternative<wire::OperationUnsupported>(reply)) {
    Become(State::kGivenUp, Annotate(wire::FailureStatus(reply), StrCat("writing to ", segment_name_)));
    return failure_;
  }
  if (std::holds_alternative<wire::WrongHost>(reply)) context_.controller().ForgetEndpoint(parent_);
  // InvalidEventNumber and the like: connect again and look at what the store holds.
  if (wire::IsFailure(reply)) return wire::FailureStatus(reply);
  // An answer to nothing that was asked here.
  return absl::OkStatus();
}

absl::Status SegmentWriter::OnAppendSetup(const wire::AppendSetup& setup) {
  bool awaited =
      setup_pending_ && setup.writer_id == writer_id_ && setup.request_id == RequestId(flow_ << 32 | setups_sent_);
  if (!awaited) return absl::OkStatus();
  setup_pending_ = false;
  stats_.appends_acked_by_setup += Acknowledge(setup.last_event_number);
  if (seal_seen_) {
    // A sealed segment does not change any more: what is left is not in it, not even by a request that an earlier
    // connection left behind.
    Become(State::kSealed, MakeStatus(absl::StatusCode::kFailedPrecondition, "segment ", segment_name_, " is sealed"));
    return absl::OkStatus();
  }
  set_up_ = true;
  reached_store_ = true;
  ++stats_.connections;
  SendAppends();
  return absl::OkStatus();
}

absl::Status SegmentWriter::OnDataAppended(const wire::DataAppended& ack) {
  if (!set_up_ || ack.writer_id != writer_id_ || in_flight_ == 0) return absl::OkStatus();
  EventNumber lowest = appends_.front().number;
  if (ack.event_number < lowest) return absl::OkStatus();
  if (ack.previous_event_number >= ack.event_number || ack.previous_event_number >= lowest ||
      ack.event_number > appends_[in_flight_ - 1].number) {
    return MakeStatus(absl::StatusCode::kAborted, "writing to ", segment_name_, ": acknowledgement of event ",
                      ack.event_number.value(), " after ", ack.previous_event_number.value(), " while ", lowest.value(),
                      " is the first in flight");
  }
  Acknowledge(ack.event_number);
  SendAppends();
  return absl::OkStatus();
}

absl::Status SegmentWriter::OnSegmentIsSealed() {
  // Not an answer to anything sent since the set-up, or already being dealt with.
  if (!set_up_ || in_flight_ == 0) return absl::OkStatus();
  seal_seen_ = true;
  // Other appends in flight may get no answer at all, and one that a lost connection left behind may have been stored
  // after the last look: now that nothing can be added, look once more. The store has forgotten the writer, so this is
  // also the only thing that it would accept.
  in_flight_ = 0;
  AnnounceWriter();
  return absl::OkStatus();
}

absl::Status SegmentWriter::OnNoSuchSegment() {
  if (!setup_pending_ && in_flight_ == 0) return absl::OkStatus();
  Become(State::kMissing, MakeStatus(absl::StatusCode::kNotFound, "segment ", segment_name_, " does not exist"));
  return absl::OkStatus();
}

absl::Status SegmentWriter::OnTokenRefused(const wire::AuthTokenCheckFailed& refused) {
  absl::Status status = Annotate(wire::FailureStatus(refused), StrCat("writing to ", segment_name_));
  if (refused.error_code == wire::AuthTokenError::kExpired) {
    context_.ForgetToken(parent_.stream);
  } else {
    Become(State::kGivenUp, status);
  }
  return status;
}

int64_t SegmentWriter::Acknowledge(EventNumber number) {
  int64_t count = 0;
  while (!appends_.empty() && appends_.front().sent && appends_.front().number <= number) {
    Append append = std::move(appends_.front());
    appends_.pop_front();
    if (in_flight_ > 0) --in_flight_;
    ++count;
    owner_->OnAppended(append);
  }
  return count;
}

void SegmentWriter::Become(State state, absl::Status failure) {
  if (state_ != State::kActive) return;
  state_ = state;
  failure_ = std::move(failure);
  wake_sender_.Set();
  if (state == State::kGivenUp) {
    owner_->OnGivenUp(this);
  } else {
    owner_->OnSealed(this);
  }
}

}  // namespace pravega::client
