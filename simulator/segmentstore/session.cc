#include "simulator/segmentstore/session.h"

#include <optional>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/task_group.h"
#include "connector/wire/append_assembler.h"
#include "connector/wire/version.h"

namespace pravega::sim {

using runtime::Task;

namespace {

// What the recorded server announces: everything but LocateOffset.
constexpr wire::Hello kOwnHello{.high_version = wire::kLocateOffsetAdded - 1,
                                .low_version = wire::kOldestCompatibleWireVersion};

}  // namespace

// Bounds how long a session that was closed goes on draining.
class Session::LingerTimer : public runtime::Timer {
 public:
  explicit LingerTimer(Session* session) : Timer("end of a connection"), session_(session) {
    runtime::Runtime& runtime = session->store_.runtime;
    runtime.Arm(this, runtime.Now() + session->store_.options.linger);
  }
  ~LingerTimer() override {
    if (armed != nullptr) session_->store_.runtime.Disarm(this);
  }
  void Fire() override { session_->Cut("the peer does not take what is left"); }

 private:
  Session* session_;
};

Session::Session(StoreContext& store, std::unique_ptr<runtime::ByteStream> stream)
    : store_(store),
      stream_(std::move(stream)),
      peer_(stream_->peer()),
      parser_(wire::FrameParser::Options::ForServer()),
      to_write_("replies to send to " + peer_),
      room_("room for requests of " + peer_),
      appends_(*this),
      requests_(*this) {}

Session::~Session() = default;

Task<void> Session::Run(std::shared_ptr<Session> session) {
  runtime::TaskGroup writer(session->store_.runtime.scheduler(), "session of " + session->peer_);
  writer.Spawn("write", session->WriteLoop());
  co_await session->ReadLoop();
  // Waiting reads of a peer that sends no more are abandoned; its other requests are finished and answered.
  session->requests_.AbandonReads();
  co_await session->FinishRequests();
  session->Close("ended by the peer");
  co_await writer.Join();
  // Requests that are still unfinished may hold the session for a while; the connection is over. If both directions
  // have ended, destroying it resets nothing.
  session->state_ = State::kBroken;
  session->linger_.reset();
  session->stream_.reset();
}

Task<void> Session::ReadLoop() {
  while (state_ != State::kBroken) {
    if (state_ == State::kOpen && Overloaded()) {
      absl::Status waited = co_await room_.Wait();
      if (!waited.ok()) Cut("cancelled");
      continue;
    }
    absl::StatusOr<Buffer> bytes = co_await stream_->Read(store_.options.read_bytes);
    if (!bytes.ok()) {
      Cut(ToStd(bytes.status().message()));
      co_return;
    }
    if (bytes->empty()) {
      absl::Status whole = parser_.AtEnd();
      if (open() && !whole.ok()) Close(ToStd(whole.message()));
      co_return;
    }
    // A closing session reads only to see the peer's end.
    if (!open()) continue;
    parser_.Push(*std::move(bytes));
    while (open()) {
      if (Overloaded()) {
        absl::Status waited = co_await room_.Wait();
        if (!waited.ok()) Cut("cancelled");
        continue;
      }
      absl::StatusOr<std::optional<wire::Command>> command = parser_.Next();
      if (!command.ok()) {
        Close(ToStd(command.status().message()));
      } else if (command->has_value()) {
        Handle(**std::move(command));
      } else {
        break;
      }
    }
  }
}

Task<void> Session::FinishRequests() {
  while (open() && unfinished_requests_ > 0) {
    absl::Status waited = co_await room_.Wait();
    if (!waited.ok()) Cut("cancelled");
  }
}

Task<void> Session::WriteLoop() {
  while (state_ != State::kBroken) {
    if (frames_.empty()) {
      if (state_ == State::kClosing) {
        absl::Status ended = co_await stream_->ShutdownWrite();
        if (!ended.ok()) Cut(ToStd(ended.message()));
        co_return;
      }
      to_write_.Reset();
      absl::Status waited = co_await to_write_.Wait();
      if (!waited.ok()) Cut("cancelled");
      continue;
    }
    writing_bytes_ = frames_.bytes();
    std::vector<Buffer> pieces = frames_.Take();
    absl::Status written = co_await stream_->Write(std::move(pieces));
    writing_bytes_ = 0;
    if (!written.ok()) Cut(ToStd(written.message()));
    room_.Pulse();
  }
}

bool Session::Overloaded() const {
  const SegmentStoreOptions& options = store_.options;
  if (unsent_bytes() >= options.max_unsent_bytes) return true;
  if (unfinished_bytes_ >= options.max_unfinished_bytes) return true;
  return unfinished_bytes_ > 0 && store_.unfinished_bytes >= options.max_unfinished_bytes_of_all;
}

void Session::Charge(size_t bytes) {
  ++unfinished_requests_;
  unfinished_bytes_ += bytes;
  store_.unfinished_bytes += bytes;
}

void Session::Credit(size_t bytes) {
  CHECK(unfinished_requests_ > 0);
  --unfinished_requests_;
  unfinished_bytes_ -= bytes;
  store_.unfinished_bytes -= bytes;
  room_.Pulse();
}

void Session::Handle(wire::Command command) {
  const wire::CommandInfo& info = wire::InfoOf(command);
  std::string_view subject = wire::SegmentOf(command);
  if (subject.empty()) subject = appends_.SegmentOf(command);
  const SessionRequest request{
      .node = store_.runtime.node_name(), .protocol = "wire", .command = info.name, .subject = subject};
  FaultPhase phase = store_.faults.Decide(request);
  if (phase == FaultPhase::kBeforeApply) {
    store_.faults.Struck(request, phase);
    Cut("a fault before a request");
    return;
  }
  Ticket ticket;
  if (phase != FaultPhase::kNone) {
    ticket = std::make_unique<FaultedRequest>(FaultedRequest{phase, info.name, std::string(subject)});
  }
  if (const wire::Hello* hello = std::get_if<wire::Hello>(&command)) {
    HandleHello(std::move(ticket), *hello);
  } else if (std::holds_alternative<wire::KeepAlive>(command)) {
    Reply(std::move(ticket), wire::KeepAlive{});
  } else if (wire::AppendAssembler::Takes(command)) {
    appends_.Handle(std::move(ticket), std::move(command));
  } else {
    requests_.Handle(std::move(ticket), std::move(command));
  }
}

void Session::HandleHello(Ticket ticket, const wire::Hello& hello) {
  // The answer comes first, also when it is a refusal.
  Reply(std::move(ticket), kOwnHello);
  absl::Status common = wire::CheckHello(kOwnHello, hello);
  if (!common.ok()) Close(ToStd(common.message()));
}

void Session::Reply(Ticket ticket, const wire::Command& reply) {
  if (!open()) return;
  int copies = 1;
  if (ticket != nullptr) {
    const SessionRequest request{
        .node = store_.runtime.node_name(), .protocol = "wire", .command = ticket->command, .subject = ticket->subject};
    store_.faults.Struck(request, ticket->phase);
    if (ticket->phase == FaultPhase::kAppliedNotAnswered) {
      Cut("a fault in place of a reply");
      return;
    }
    if (ticket->phase == FaultPhase::kTwice) copies = 2;
  }
  for (int i = 0; i < copies; ++i) Queue(reply);
}

void Session::Queue(const wire::Command& reply) {
  absl::Status encoded = wire::Encode(reply, &frames_);
  if (!encoded.ok()) {
    Close(ToStd(encoded.message()));
    return;
  }
  to_write_.Set();
  if (unsent_bytes() > store_.options.max_unsent_bytes_ever) Cut("the peer does not read its replies");
}

void Session::Close(std::string_view reason) {
  if (open()) Stop(State::kClosing, reason);
}

void Session::Cut(std::string_view reason) {
  if (state_ != State::kBroken) Stop(State::kBroken, reason);
}

void Session::Stop(State state, std::string_view reason) {
  if (open()) store_.runtime.Log(StrCat("session of ", peer_, ": ", reason));
  state_ = state;
  requests_.AbandonReads();
  if (state == State::kBroken) {
    stream_->Reset();
  } else {
    linger_ = std::make_unique<LingerTimer>(this);
  }
  to_write_.Set();
  room_.Pulse();
}

}  // namespace pravega::sim
