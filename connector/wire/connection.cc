#include "connector/wire/connection.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "connector/core/check.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/commands.h"
#include "connector/wire/version.h"

namespace pravega::wire {
namespace {

constexpr Hello kOwnHello{.high_version = kWireVersion, .low_version = kOldestCompatibleWireVersion};

}  // namespace

// Looks for silence while the connection lives, and ends the lingering when it closes.
class WireConnection::KeepAliveTimer : public runtime::Timer {
 public:
  KeepAliveTimer(runtime::Runtime& runtime, WireConnection* connection)
      : Timer("keep-alive"), runtime_(runtime), connection_(connection) {}
  ~KeepAliveTimer() { Disarm(); }
  void Arm(runtime::Duration after) {
    Disarm();
    runtime_.Arm(this, runtime_.Now() + after);
  }
  void Disarm() {
    if (armed != nullptr) runtime_.Disarm(this);
  }
  void Fire() override { connection_->OnTimer(); }

 private:
  runtime::Runtime& runtime_;
  WireConnection* connection_;
};

WireConnection::WireConnection(runtime::Runtime& runtime, std::unique_ptr<runtime::ByteStream> stream, Options options)
    : options_(std::move(options)),
      stream_(std::move(stream)),
      peer_(stream_->peer()),
      version_(kWireVersion),
      to_write_("commands to send to " + peer_),
      written_("room to send to " + peer_),
      parser_(FrameParser::Options::ForClient()),
      keep_alive_(std::make_unique<KeepAliveTimer>(runtime, this)),
      tasks_(runtime.scheduler(), "connection to " + peer_) {}

WireConnection::~WireConnection() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<WireConnection>>> WireConnection::Connect(runtime::Runtime& runtime,
                                                                                       runtime::Endpoint endpoint,
                                                                                       Options options) {
  runtime::Instant deadline = runtime.Now() + options.connect_timeout;
  std::optional<runtime::TlsOptions> tls = options.tls;
  absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream =
      co_await runtime.network().Connect(endpoint, std::move(tls), deadline);
  if (!stream.ok()) co_return stream.status();
  co_return Over(runtime, *std::move(stream), std::move(options));
}

std::unique_ptr<WireConnection> WireConnection::Over(runtime::Runtime& runtime,
                                                     std::unique_ptr<runtime::ByteStream> stream, Options options) {
  std::unique_ptr<WireConnection> connection(new WireConnection(runtime, std::move(stream), std::move(options)));
  CHECK(connection->Enqueue(kOwnHello).ok());
  connection->keep_alive_->Arm(connection->options_.first_keep_alive);
  connection->tasks_.Spawn("write", connection->WriteQueued());
  return connection;
}

absl::Status WireConnection::Lost(std::string_view what) const {
  return MakeStatus(absl::StatusCode::kUnavailable, "connection to ", peer_, ": ", what);
}

absl::Status WireConnection::Enqueue(const Command& command) {
  if (!status_.ok()) return status_;
  if (finishing_) return Lost("already finishing, takes no more commands");
  RETURN_IF_ERROR(Encode(command, &queued_));
  to_write_.Set();
  return absl::OkStatus();
}

runtime::Task<absl::Status> WireConnection::Writable() {
  while (status_.ok() && unsent_bytes() >= options_.max_unsent_bytes) {
    absl::Status waited = co_await written_.Wait();
    if (!waited.ok()) co_return waited;
  }
  co_return status_;
}

runtime::Task<absl::Status> WireConnection::Send(Command command) {
  absl::Status writable = co_await Writable();
  if (!writable.ok()) co_return writable;
  co_return Enqueue(command);
}

runtime::Task<void> WireConnection::WriteQueued() {
  while (status_.ok()) {
    if (queued_.empty()) {
      if (finishing_) {
        absl::Status ended = co_await stream_->ShutdownWrite();
        if (!ended.ok()) Close(Lost(ToStd(ended.message())));
        co_return;
      }
      to_write_.Reset();
      absl::Status waited = co_await to_write_.Wait();
      if (!waited.ok()) co_return;
      continue;
    }
    writing_bytes_ = queued_.bytes();
    absl::Status written = co_await stream_->Write(queued_.Take());
    writing_bytes_ = 0;
    written_.Pulse();
    // Half a frame may have left, so a failed write is the end, also one that was merely cancelled.
    if (!written.ok()) Close(Lost(ToStd(written.message())));
  }
}

runtime::Task<absl::StatusOr<Command>> WireConnection::Next() {
  while (true) {
    if (!status_.ok()) co_return status_;
    absl::StatusOr<std::optional<Command>> parsed = parser_.Next();
    if (!parsed.ok()) {
      Close(Annotate(parsed.status(), StrCat("connection to ", peer_)));
      co_return status_;
    }
    if (!parsed->has_value()) {
      absl::StatusOr<Buffer> bytes = co_await stream_->Read(options_.read_bytes);
      if (absl::IsCancelled(bytes.status())) co_return bytes.status();
      if (!bytes.ok()) {
        Close(Lost(ToStd(bytes.status().message())));
      } else if (bytes->empty()) {
        absl::Status between_frames = parser_.AtEnd();
        Close(between_frames.ok() ? Lost("closed by the peer")
                                  : Annotate(between_frames, StrCat("connection to ", peer_)));
      } else {
        anything_arrived_ = true;
        parser_.Push(*std::move(bytes));
      }
      continue;
    }
    Command& command = **parsed;
    if (std::holds_alternative<KeepAlive>(command)) continue;
    if (const Hello* hello = std::get_if<Hello>(&command)) {
      absl::Status common = OnHello(*hello);
      if (!common.ok()) Close(common);
      continue;
    }
    co_return std::move(command);
  }
}

absl::Status WireConnection::OnHello(const Hello& hello) {
  absl::Status common = CheckHello(kOwnHello, hello);
  if (!common.ok()) return Annotate(common, StrCat("connection to ", peer_));
  version_ = std::min(kWireVersion, hello.high_version);
  DecodeOptions decode;
  decode.invalid_event_number_before_v16 = version_ < kInvalidEventNumberReordered;
  parser_.set_decode_options(decode);
  return absl::OkStatus();
}

void WireConnection::OnTimer() {
  if (!status_.ok()) return;
  if (finishing_) {
    Close(Lost("the peer did not end its side in time"));
    return;
  }
  if (std::exchange(anything_arrived_, false)) {
    silent_looks_ = 0;
  } else if (++silent_looks_ >= options_.silent_looks_until_dead) {
    Close(Lost("nothing arrived for a long time in spite of keep-alives"));
    return;
  } else {
    CHECK(Enqueue(KeepAlive{}).ok());
  }
  keep_alive_->Arm(options_.keep_alive_period);
}

void WireConnection::Close(absl::Status reason) {
  CHECK(!reason.ok());
  if (!status_.ok()) return;
  status_ = std::move(reason);
  keep_alive_->Disarm();
  stream_->Reset();
  to_write_.Set();
  written_.Pulse();
}

void WireConnection::Finish() {
  if (finishing_ || !status_.ok()) return;
  finishing_ = true;
  to_write_.Set();
  keep_alive_->Arm(options_.linger);
}

runtime::Task<void> WireConnection::Stop() {
  Finish();
  while (status_.ok()) {
    absl::StatusOr<Command> unwanted = co_await Next();
    if (!unwanted.ok()) Close(unwanted.status());
  }
  co_await tasks_.Join();
}

}  // namespace pravega::wire
