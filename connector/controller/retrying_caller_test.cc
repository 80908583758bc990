// Goal: calls are repeated when and as often as the protocol's table says, and the caller learns what happened. Method:
// a channel that answers as written down, on a clock that the test moves.
#include "connector/controller/retrying_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "connector/runtime/manual_runtime.h"

namespace pravega::controller {
namespace {

using runtime::Instant;
using runtime::ManualRuntime;
using runtime::Task;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class ScriptedChannel : public runtime::RpcChannel {
 public:
  explicit ScriptedChannel(ManualRuntime& runtime) : runtime_(runtime) {}
  Task<absl::StatusOr<std::string>> Call(runtime::RpcRequest request, Instant deadline) override {
    calls.push_back((runtime_.Now() - Instant()) / milliseconds(1));
    timeouts.push_back((deadline - runtime_.Now()) / milliseconds(1));
    last_request = std::move(request);
    absl::StatusOr<std::string> answer = otherwise;
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    co_return answer;
  }

  std::deque<absl::StatusOr<std::string>> answers;
  absl::StatusOr<std::string> otherwise = absl::UnavailableError("nobody there");
  std::vector<int64_t> calls;     // times in ms
  std::vector<int64_t> timeouts;  // in ms
  runtime::RpcRequest last_request;

 private:
  ManualRuntime& runtime_;
};

class RetryingCallerTest : public testing::Test {
 public:
  RetryingCallerTest() {
    auto channel = std::make_unique<ScriptedChannel>(runtime_);
    channel_ = channel.get();
    caller_ = std::make_unique<RetryingCaller>(runtime_, std::move(channel), RetryPolicy());
  }
  ~RetryingCallerTest() override { runtime_.Die(); }

  Task<void> Run() {
    absl::StatusOr<Answer> answer = co_await caller_->Call("/method", "body", seconds(7), "createStream of a/b");
    answer_ = std::move(answer);
    done_ = true;
  }
  void Start() { runtime_.Spawn("call", Run()); }

  ManualRuntime runtime_;
  ScriptedChannel* channel_;
  std::unique_ptr<RetryingCaller> caller_;
  absl::StatusOr<Answer> answer_ = absl::UnknownError("not yet");
  bool done_ = false;
};

TEST_F(RetryingCallerTest, AnAnswerIsReturnedAtOnce) {
  channel_->answers.push_back(std::string("yes"));
  Start();
  runtime_.Run();
  ASSERT_TRUE(done_);
  ASSERT_TRUE(answer_.ok());
  EXPECT_EQ(answer_->bytes, "yes");
  EXPECT_FALSE(answer_->maybe_repeated);
  EXPECT_EQ(channel_->last_request.method, "/method");
  EXPECT_EQ(channel_->last_request.body, "body");
  EXPECT_THAT(channel_->timeouts, ElementsAre(7000));
}

TEST_F(RetryingCallerTest, DelaysGrowTenfoldUpToTwentySeconds) {
  Start();
  runtime_.Advance(seconds(1000));
  ASSERT_TRUE(done_);
  EXPECT_THAT(channel_->calls, ElementsAre(0, 1, 11, 111, 1111, 11111, 31111, 51111, 71111, 91111));
  EXPECT_EQ(answer_.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(answer_.status().ToString(),
              HasSubstr("createStream of a/b: attempt 10 of 10: nobody there; the outcome is"));
}

TEST_F(RetryingCallerTest, SomeCodesAreFinal) {
  const std::vector<std::pair<absl::StatusCode, bool>> table = {
      {absl::StatusCode::kCancelled, true},          {absl::StatusCode::kUnknown, true},
      {absl::StatusCode::kInvalidArgument, false},   {absl::StatusCode::kDeadlineExceeded, true},
      {absl::StatusCode::kNotFound, false},          {absl::StatusCode::kAlreadyExists, false},
      {absl::StatusCode::kPermissionDenied, false},  {absl::StatusCode::kResourceExhausted, true},
      {absl::StatusCode::kFailedPrecondition, true}, {absl::StatusCode::kAborted, true},
      {absl::StatusCode::kOutOfRange, false},        {absl::StatusCode::kUnimplemented, false},
      {absl::StatusCode::kInternal, true},           {absl::StatusCode::kUnavailable, true},
      {absl::StatusCode::kDataLoss, true},           {absl::StatusCode::kUnauthenticated, false}};
  for (const auto& [code, retried] : table) {
    EXPECT_EQ(IsRetried(code), retried) << absl::StatusCodeToString(code);
    channel_->calls.clear();
    channel_->answers.clear();
    channel_->answers.push_back(absl::Status(code, "no"));
    channel_->answers.push_back(std::string("yes"));
    done_ = false;
    Start();
    runtime_.Advance(seconds(1));
    ASSERT_TRUE(done_);
    EXPECT_EQ(answer_.ok(), retried) << absl::StatusCodeToString(code);
    EXPECT_EQ(channel_->calls.size(), retried ? 2u : 1u);
    // Only an attempt without an answer may have been carried out in secret.
    bool unknown = code == absl::StatusCode::kCancelled || code == absl::StatusCode::kUnavailable ||
                   code == absl::StatusCode::kDeadlineExceeded;
    if (retried) {
      EXPECT_EQ(answer_->maybe_repeated, unknown) << absl::StatusCodeToString(code);
    } else {
      EXPECT_EQ(answer_.status().code(), code);
    }
  }
}

TEST_F(RetryingCallerTest, ACancelledCallerIsNotKeptWaiting) {
  Start();
  runtime_.Advance(seconds(20));
  size_t calls = channel_->calls.size();
  ASSERT_FALSE(done_);
  runtime_.tasks().Cancel();
  runtime_.Run();
  EXPECT_TRUE(done_);
  EXPECT_EQ(channel_->calls.size(), calls);
  EXPECT_EQ(answer_.status().code(), absl::StatusCode::kCancelled);
}

// Goal: whatever code that is retried comes again and again, the caller sees Unavailable: a lost race, or a server's
// own CANCELLED, must not pass for an answer to the question, or for the cancellation of the task that asks.
TEST_F(RetryingCallerTest, ACodeThatIsRetriedIsNoVerdictInTheEnd) {
  for (int i = 1; i <= 16; ++i) {
    const auto code = static_cast<absl::StatusCode>(i);
    if (!IsRetried(code)) continue;
    channel_->calls.clear();
    channel_->otherwise = absl::Status(code, "again");
    done_ = false;
    Start();
    runtime_.Advance(seconds(1000));
    ASSERT_TRUE(done_);
    EXPECT_EQ(channel_->calls.size(), 10u);
    EXPECT_EQ(answer_.status().code(), absl::StatusCode::kUnavailable) << answer_.status();
    if (code == absl::StatusCode::kUnavailable) continue;
    EXPECT_THAT(answer_.status().ToString(), HasSubstr(absl::StatusCodeToString(code) + ": again; the outcome is"));
  }
}

}  // namespace
}  // namespace pravega::controller
