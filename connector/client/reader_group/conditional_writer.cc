#include "connector/client/reader_group/conditional_writer.h"

#include <deque>
#include <optional>
#include <utility>
#include <variant>

#include "connector/client/backoff.h"
#include "connector/controller/types.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"
#include "connector/wire/commands.h"
#include "connector/wire/connection.h"
#include "connector/wire/replies.h"

namespace pravega::client {
namespace {

WriterId NewWriterId(ClientContext& context, const std::string& segment) {
  runtime::ChoiceStream ids = context.runtime().choices().Stream("conditional writer id", segment);
  return WriterId{ids.NewUuid()};
}

}  // namespace

// One connection, read all the time: a link that nobody reads from looks dead.
class ConditionalWriter::Session {
 public:
  Session(runtime::Runtime& runtime, std::unique_ptr<wire::WireConnection> connection, const std::string& segment)
      : runtime_(runtime),
        connection_(std::move(connection)),
        arrived_("a reply about " + segment),
        tasks_(runtime.scheduler(), "conditional writer of " + segment) {
    tasks_.Spawn("read", Read());
  }

  wire::WireConnection& connection() { return *connection_; }
  bool usable() const { return clean && connection_->status().ok(); }

  runtime::Task<absl::StatusOr<wire::Command>> Next(runtime::Instant deadline) {
    absl::StatusOr<wire::Command> reply = co_await runtime::WithDeadline(runtime_, NextReply(), deadline);
    co_return reply;
  }

  runtime::Task<void> End() {
    if (clean) {
      connection_->Finish();
    } else {
      connection_->Close(absl::UnavailableError("its writer has given this connection up"));
    }
    co_await tasks_.Join();
    co_await connection_->Stop();
  }

  // Whether no answer is owed. An append behind one whose condition may yet fail would be refused with it.
  bool clean = true;

 private:
  runtime::Task<void> Read() {
    while (true) {
      absl::StatusOr<wire::Command> reply = co_await connection_->Next();
      if (!reply.ok()) {
        ended_ = reply.status();
        arrived_.Set();
        break;
      }
      replies_.push_back(*std::move(reply));
      arrived_.Set();
    }
  }

  runtime::Task<absl::StatusOr<wire::Command>> NextReply() {
    while (replies_.empty()) {
      if (!ended_.ok()) co_return ended_;
      absl::Status woken = co_await arrived_.Wait();
      if (!woken.ok()) co_return woken;
      arrived_.Reset();
    }
    wire::Command reply = std::move(replies_.front());
    replies_.pop_front();
    co_return reply;
  }

  runtime::Runtime& runtime_;
  std::unique_ptr<wire::WireConnection> connection_;
  std::deque<wire::Command> replies_;
  absl::Status ended_;
  runtime::Event arrived_;
  // Last: its task refers to everything above.
  runtime::TaskGroup tasks_;
};

ConditionalWriter::ConditionalWriter(ClientContext& context, SegmentRef segment)
    : context_(context),
      segment_(std::move(segment)),
      name_(segment_.ToString()),
      writer_id_(NewWriterId(context, name_)),
      flow_(context.NewFlow()) {}

ConditionalWriter::~ConditionalWriter() = default;

runtime::Task<absl::StatusOr<bool>> ConditionalWriter::Append(Buffer event, Offset expected) {
  number_ = EventNumber(number_.value() + 1);
  Backoff backoff(context_.options().request_retry);
  bool sent_before = false;
  while (true) {
    absl::Status status;
    if (session_ != nullptr && !session_->usable()) co_await EndSession();
    if (session_ == nullptr) {
      absl::StatusOr<EventNumber> last = co_await OpenSession();
      status = last.status();
      if (last.ok() && sent_before && *last >= number_) co_return true;
    }
    if (status.ok()) {
      status = co_await AppendOnce(event, expected);
      if (status.ok()) co_return true;
      if (absl::IsAborted(status)) {
        if (!sent_before) co_return false;
        // The condition may have failed because an earlier attempt, which a lost connection left behind, was stored
        // after the store was asked for it. Now that the segment has grown, none of them can be stored any more.
        absl::StatusOr<EventNumber> last = co_await Announce();
        if (last.ok()) co_return *last >= number_;
        status = last.status();
      }
      sent_before = true;
    }
    if (session_ != nullptr) co_await EndSession();
    if (!absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) && !absl::IsUnauthenticated(status)) {
      co_return Annotate(status, StrCat("conditional append to ", name_));
    }
    if (absl::IsUnauthenticated(status)) context_.ForgetToken(segment_.stream);
    context_.controller().ForgetEndpoint(segment_);
    std::optional<runtime::Duration> delay = backoff.Next();
    if (!delay.has_value()) {
      co_return MakeStatus(absl::StatusCode::kUnavailable, "conditional append to ", name_, ": gave up after ",
                           backoff.attempts(), " attempts; the outcome is unknown (", ToStd(status.message()), ")");
    }
    absl::Status slept = co_await runtime::SleepFor(context_.runtime(), *delay, "another attempt to append");
    if (!slept.ok()) co_return slept;
  }
}

runtime::Task<void> ConditionalWriter::Close() {
  if (session_ != nullptr) co_await EndSession();
}

runtime::Task<void> ConditionalWriter::EndSession() {
  // A cancelled caller still joins; the session stays in its place meanwhile, for the node's death.
  co_await session_->End();
  session_.reset();
}

runtime::Task<absl::StatusOr<EventNumber>> ConditionalWriter::OpenSession() {
  absl::StatusOr<std::string> token = co_await context_.Token(segment_.stream, controller::AccessOperation::kReadWrite);
  if (!token.ok()) co_return token.status();
  absl::StatusOr<runtime::Endpoint> endpoint = co_await context_.controller().GetEndpoint(segment_);
  if (!endpoint.ok()) co_return endpoint.status();
  absl::StatusOr<std::unique_ptr<wire::WireConnection>> connected =
      co_await wire::WireConnection::Connect(context_.runtime(), *endpoint, context_.options().connection);
  if (!connected.ok()) co_return connected.status();
  session_ = std::make_unique<Session>(context_.runtime(), *std::move(connected), name_);
  absl::StatusOr<EventNumber> last = co_await Announce();
  co_return last;
}

runtime::Task<absl::StatusOr<EventNumber>> ConditionalWriter::Announce() {
  absl::StatusOr<std::string> token = co_await context_.Token(segment_.stream, controller::AccessOperation::kReadWrite);
  if (!token.ok()) co_return token.status();
  wire::SetupAppend setup;
  setup.request_id = RequestId(flow_ << 32 | ++setups_);
  setup.writer_id = writer_id_;
  setup.segment = name_;
  setup.token = *token;
  session_->clean = false;
  absl::Status sent = session_->connection().Enqueue(setup);
  if (!sent.ok()) co_return sent;
  runtime::Instant deadline = context_.runtime().Now() + context_.options().request_timeout;
  while (true) {
    absl::StatusOr<wire::Command> reply = co_await session_->Next(deadline);
    if (!reply.ok()) co_return reply.status();
    if (const auto* done = std::get_if<wire::AppendSetup>(&*reply)) {
      if (done->writer_id != writer_id_ || done->request_id != setup.request_id) continue;
      session_->clean = true;
      co_return done->last_event_number;
    }
    absl::Status failure = wire::FailureStatus(*reply);
    if (!failure.ok()) co_return failure;
  }
}

runtime::Task<absl::Status> ConditionalWriter::AppendOnce(Buffer event, Offset expected) {
  wire::ConditionalAppend append;
  append.writer_id = writer_id_;
  append.event_number = number_;
  append.expected_offset = expected.value();
  append.event = std::move(event);
  append.request_id = RequestId(flow_ << 32);
  session_->clean = false;
  absl::Status sent = session_->connection().Enqueue(append);
  if (!sent.ok()) co_return sent;
  runtime::Instant deadline = context_.runtime().Now() + context_.options().request_timeout;
  while (true) {
    absl::StatusOr<wire::Command> reply = co_await session_->Next(deadline);
    if (!reply.ok()) co_return reply.status();
    if (const auto* ack = std::get_if<wire::DataAppended>(&*reply)) {
      if (ack->writer_id != writer_id_ || ack->event_number < number_) continue;
      session_->clean = true;
      co_return absl::OkStatus();
    }
    if (const auto* failed = std::get_if<wire::ConditionalCheckFailed>(&*reply)) {
      if (failed->writer_id != writer_id_ || failed->event_number != number_) continue;
      session_->clean = true;
      co_return absl::AbortedError("the segment is not as long as expected");
    }
    absl::Status failure = wire::FailureStatus(*reply);
    // The number is not the one that the store expects: an earlier attempt has been stored. Asking again tells.
    if (absl::IsAborted(failure)) co_return absl::UnavailableError("the store expects another event number");
    if (!failure.ok()) co_return failure;
  }
}

}  // namespace pravega::client
