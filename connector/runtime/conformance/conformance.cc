#include "connector/runtime/conformance/conformance.h"

#include <utility>

#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::runtime {

namespace {

// Also when the task's node dies.
struct Unfinished {
  explicit Unfinished(std::shared_ptr<int> c) : count(std::move(c)) { ++*count; }
  ~Unfinished() { --*count; }
  std::shared_ptr<int> count;
};

Task<void> Counted(std::unique_ptr<Unfinished>, Task<void> task) { co_await std::move(task); }

}  // namespace

Runtime& RuntimeConformance::Add(const std::string& name) {
  world_->AddNode(name);
  return world_->node(name);
}

void RuntimeConformance::Start(const std::string& node, const std::string& name, Task<void> task) {
  auto unfinished = std::make_unique<Unfinished>(unfinished_);
  world_->Spawn(node, name, Counted(std::move(unfinished), std::move(task)));
}

void RuntimeConformance::Finish() {
  if (RunUntil([this] { return *unfinished_ == 0; })) return;
  std::string waits;
  for (const std::string& line : world_->DescribeWaits()) waits += "\n  " + line;
  FAIL() << *unfinished_ << " tasks have not ended:" << waits;
}

std::string CodeName(const absl::Status& status) { return std::string(ToStd(absl::StatusCodeToString(status.code()))); }

Task<void> WaitUntilSet(Runtime* node, const bool* flag) {
  while (!*flag) {
    absl::Status slept = co_await SleepFor(*node, std::chrono::milliseconds(1), "a flag of the test");
    if (!slept.ok()) co_return;
  }
}

Task<void> Pause(Runtime* node, Duration duration) {
  absl::Status slept = co_await SleepFor(*node, duration, "a pause of the test");
  EXPECT_TRUE(slept.ok()) << slept;
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> ConnectSoon(Runtime* node, Endpoint endpoint) {
  Instant deadline = node->Now() + RuntimeConformance::kGenerous;
  while (true) {
    absl::StatusOr<std::unique_ptr<ByteStream>> stream =
        co_await node->network().Connect(endpoint, std::nullopt, deadline);
    if (stream.ok() || !absl::IsUnavailable(stream.status()) || node->Now() >= deadline) co_return std::move(stream);
    absl::Status slept = co_await SleepFor(*node, std::chrono::milliseconds(1), "the peer to listen");
    if (!slept.ok()) co_return slept;
  }
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> AcceptOne(Runtime* node, Endpoint endpoint) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(std::move(endpoint));
  if (!listener.ok()) co_return listener.status();
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await (*listener)->Accept();
  co_return std::move(stream);
}

Task<absl::Status> WriteText(ByteStream* stream, std::string text) {
  std::vector<Buffer> pieces;
  pieces.push_back(Buffer(std::move(text)));
  absl::Status written = co_await stream->Write(std::move(pieces));
  co_return written;
}

Task<absl::StatusOr<std::string>> ReadText(ByteStream* stream, size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    absl::StatusOr<Buffer> read = co_await stream->Read(bytes - text.size());
    if (!read.ok()) co_return read.status();
    if (read->empty()) co_return MakeStatus(absl::StatusCode::kOutOfRange, "the end after '", text, "'");
    text.append(read->view());
  }
  co_return std::move(text);
}

Task<absl::StatusOr<std::string>> ReadToEnd(ByteStream* stream) {
  std::string text;
  while (true) {
    absl::StatusOr<Buffer> read = co_await stream->Read(64 * 1024);
    if (!read.ok()) co_return read.status();
    if (read->empty()) co_return std::move(text);
    text.append(read->view());
  }
}

std::string SomeBytes(size_t size, uint64_t seed) {
  std::string bytes;
  bytes.reserve(size);
  uint64_t state = seed * 2 + 1;
  for (size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    bytes.push_back(static_cast<char>(state >> 56));
  }
  return bytes;
}

}  // namespace pravega::runtime
