#include "connector/client/testing/test_runtime.h"

#include <algorithm>

#include "connector/core/check.h"
#include "connector/runtime/sleep.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

// A counter through a mixing function (splitmix64): plain, and the same on every machine.
class CountingSource : public runtime::ChoiceStream::Source {
 public:
  CountingSource(uint64_t* draws, uint64_t* next_uuid) : draws_(draws), next_uuid_(next_uuid) {}
  uint64_t Draw(uint64_t bound, std::string_view) override {
    uint64_t z = (++*draws_) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % bound;
  }
  Uuid DrawUuid() override { return Uuid{0xabcdef0000000000, (*next_uuid_)++}; }

 private:
  uint64_t* draws_;
  uint64_t* next_uuid_;
};

}  // namespace

// One direction of a connection, shared by its two ends.
class TestRuntime::Pipe {
 public:
  Pipe() : readable("bytes to arrive"), writable("room in a connection") {}
  std::deque<Buffer> pieces;
  size_t bytes = 0;
  bool ended = false;
  bool broken = false;
  runtime::Event readable;
  runtime::Event writable;
};

class TestRuntime::PipeEnd : public runtime::ByteStream {
 public:
  PipeEnd(TestRuntime* runtime, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, std::string peer)
      : runtime_(runtime), in_(std::move(in)), out_(std::move(out)), peer_(std::move(peer)) {}
  ~PipeEnd() override { Reset(); }

  runtime::Task<absl::StatusOr<Buffer>> Read(size_t max) override {
    std::shared_ptr<Pipe> in = in_;
    max = std::min(max, runtime_->read_limit_);
    while (in->pieces.empty() && !in->ended && !in->broken) {
      absl::Status waited = co_await in->readable.Wait();
      if (!waited.ok()) co_return waited;
    }
    if (in->broken) co_return absl::UnavailableError("connection reset");
    if (in->pieces.empty()) co_return Buffer();
    Buffer front = in->pieces.front();
    size_t size = std::min(max, front.size());
    if (size == front.size()) {
      in->pieces.pop_front();
    } else {
      in->pieces.front() = front.From(size);
    }
    in->bytes -= size;
    in->writable.Pulse();
    co_return front.Slice(0, size);
  }

  runtime::Task<absl::Status> Write(std::vector<Buffer> pieces) override {
    std::shared_ptr<Pipe> out = out_;
    for (Buffer& piece : pieces) {
      if (piece.empty()) continue;
      while (out->bytes >= runtime_->pipe_capacity_ && !out->broken) {
        absl::Status waited = co_await out->writable.Wait();
        if (!waited.ok()) co_return waited;
      }
      if (out->broken) co_return absl::UnavailableError("connection reset");
      out->bytes += piece.size();
      out->pieces.push_back(std::move(piece));
      out->readable.Pulse();
    }
    co_return absl::OkStatus();
  }

  runtime::Task<absl::Status> ShutdownWrite() override {
    if (out_->broken) co_return absl::UnavailableError("connection reset");
    out_->ended = true;
    out_->readable.Pulse();
    co_return absl::OkStatus();
  }

  void Reset() override {
    for (Pipe* pipe : {in_.get(), out_.get()}) {
      pipe->broken = true;
      pipe->readable.Pulse();
      pipe->writable.Pulse();
    }
  }

  std::string peer() const override { return peer_; }

 private:
  TestRuntime* runtime_;
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  std::string peer_;
};

class TestRuntime::TestListener : public runtime::Listener {
 public:
  TestListener(TestRuntime* runtime, runtime::Endpoint endpoint)
      : runtime_(runtime), endpoint_(std::move(endpoint)), arrived_("connections") {}
  ~TestListener() override { runtime_->listeners_.erase(endpoint_); }

  runtime::Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> Accept() override {
    while (waiting_.empty()) {
      absl::Status waited = co_await arrived_.Wait();
      if (!waited.ok()) co_return waited;
    }
    std::unique_ptr<runtime::ByteStream> stream = std::move(waiting_.front());
    waiting_.pop_front();
    co_return std::move(stream);
  }
  runtime::Endpoint endpoint() const override { return endpoint_; }

  void Arrive(std::unique_ptr<runtime::ByteStream> stream) {
    waiting_.push_back(std::move(stream));
    arrived_.Pulse();
  }

 private:
  TestRuntime* runtime_;
  runtime::Endpoint endpoint_;
  std::deque<std::unique_ptr<runtime::ByteStream>> waiting_;
  runtime::Event arrived_;
};

class TestRuntime::Channel : public runtime::RpcChannel {
 public:
  explicit Channel(TestRuntime* runtime) : runtime_(runtime) {}
  runtime::Task<absl::StatusOr<std::string>> Call(runtime::RpcRequest request, runtime::Instant deadline) override {
    if (!runtime_->rpc_handler_) co_return absl::UnavailableError("no controller");
    runtime::Task<absl::StatusOr<std::string>> handling = runtime_->rpc_handler_(std::move(request));
    absl::StatusOr<std::string> answer = co_await runtime::WithDeadline(*runtime_, std::move(handling), deadline);
    co_return answer;
  }

 private:
  TestRuntime* runtime_;
};

TestRuntime::TestRuntime() : servers_(scheduler_, "servers"), main_(scheduler_, "test") {}

TestRuntime::~TestRuntime() { scheduler_.DestroyAll(); }

bool TestRuntime::FireNext(runtime::Instant until) {
  if (timers_.empty() || timers_.begin()->first.first > until.nanos()) return false;
  auto first = timers_.begin();
  runtime::Timer* timer = first->second;
  now_ = std::max(now_, runtime::Instant(first->first.first));
  timers_.erase(first);
  timer->armed = nullptr;
  timer->Fire();
  return true;
}

void TestRuntime::Run(runtime::Task<void> task, runtime::Duration patience) {
  main_.Spawn("main", std::move(task));
  runtime::Instant until = now_ + patience;
  scheduler_.Drain();
  while (main_.size() > 0 && FireNext(until)) scheduler_.Drain();
  if (main_.size() == 0) return;
  std::string waits;
  for (const std::string& line : scheduler_.DescribeWaits()) waits += "\n  " + line;
  ADD_FAILURE() << "stuck:" << waits;
}

void TestRuntime::Advance(runtime::Duration duration) {
  runtime::Instant until = now_ + duration;
  scheduler_.Drain();
  while (FireNext(until)) scheduler_.Drain();
  now_ = until;
}

void TestRuntime::Refuse(const runtime::Endpoint& endpoint, bool refuse) {
  if (refuse) {
    refusing_.insert(endpoint);
  } else {
    refusing_.erase(endpoint);
  }
}

void TestRuntime::Arm(runtime::Timer* timer, runtime::Instant when) {
  CHECK(timer->armed == nullptr);
  auto [at, inserted] = timers_.emplace(TimerKey(when.nanos(), next_timer_++), timer);
  CHECK(inserted);
  // Map nodes do not move: the key's address is the handle.
  timer->armed = const_cast<TimerKey*>(&at->first);
}

void TestRuntime::Disarm(runtime::Timer* timer) {
  CHECK(timer->armed != nullptr);
  TimerKey key = *static_cast<TimerKey*>(timer->armed);
  timer->armed = nullptr;
  timers_.erase(key);
}

runtime::Files& TestRuntime::files() {
  CHECK_MSG(false, "the client uses no files");
  __builtin_unreachable();
}

std::unique_ptr<runtime::RpcChannel> TestRuntime::OpenChannel(std::vector<runtime::Endpoint>) {
  return std::make_unique<Channel>(this);
}

absl::StatusOr<std::unique_ptr<runtime::RpcServer>> TestRuntime::NewRpcServer(runtime::Endpoint) {
  return absl::UnimplementedError("the test runtime serves no remote calls");
}

runtime::ChoiceStream TestRuntime::Stream(std::string_view, std::string_view) {
  return runtime::ChoiceStream(std::make_unique<CountingSource>(&draws_, &next_uuid_));
}

runtime::Task<absl::StatusOr<std::vector<std::string>>> TestRuntime::Resolve(std::string host) {
  co_return std::vector<std::string>{host};
}

runtime::Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> TestRuntime::Connect(
    runtime::Endpoint endpoint, std::optional<runtime::TlsOptions>, runtime::Instant) {
  ++connects_;
  auto listener = listeners_.find(endpoint);
  if (listener == listeners_.end() || refusing_.contains(endpoint)) {
    co_return absl::UnavailableError("connection refused by " + endpoint.ToString());
  }
  auto there = std::make_shared<Pipe>();
  auto back = std::make_shared<Pipe>();
  listener->second->Arrive(std::make_unique<PipeEnd>(this, there, back, "client"));
  co_return std::make_unique<PipeEnd>(this, back, there, endpoint.ToString());
}

absl::StatusOr<std::unique_ptr<runtime::Listener>> TestRuntime::Listen(runtime::Endpoint endpoint) {
  if (listeners_.contains(endpoint)) return absl::AlreadyExistsError("port in use");
  auto listener = std::make_unique<TestListener>(this, endpoint);
  listeners_[endpoint] = listener.get();
  return listener;
}

}  // namespace pravega::client
