#include "connector/client/segment_reader.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "connector/client/client_context.h"
#include "connector/client/testing/scripted_controller.h"
#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/event_framing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using runtime::Task;
using std::chrono::seconds;
using Peer = std::unique_ptr<ScriptedPeer>;

std::string Framed(std::string_view event) {
  std::string bytes;
  wire::AppendFramedEvent(event, &bytes);
  return bytes;
}

wire::SegmentRead Answer(const wire::ReadSegment& request, std::string data, bool end_of_segment = false) {
  wire::SegmentRead reply;
  reply.segment = request.segment;
  reply.offset = request.offset;
  reply.at_tail = !end_of_segment;
  reply.end_of_segment = end_of_segment;
  reply.data = Buffer(std::move(data));
  reply.request_id = request.request_id;
  return reply;
}

class SegmentReaderTest : public testing::Test {
 public:
  SegmentReaderTest() : store(runtime, {"store", 12345}), controller(runtime), context(runtime, controller.client()) {}

  std::unique_ptr<SegmentReader> Open(int64_t from = 0, std::optional<Offset> end = std::nullopt,
                                      SegmentReaderOptions options = {}) {
    return std::make_unique<SegmentReader>(context, SegmentRef{kTestStream, Seg(0)}, Offset(from), end, options);
  }
  Task<std::string> NextEvent(SegmentReader* reader) {
    absl::StatusOr<SegmentItem> item = co_await reader->Next();
    CHECK_MSG(item.ok(), item.status().ToString());
    const auto* event = std::get_if<SegmentEvent>(&*item);
    CHECK(event != nullptr);
    co_return event->data.ToString();
  }
  Task<void> ExpectEnd(SegmentReader* reader, int64_t at) {
    absl::StatusOr<SegmentItem> item = co_await reader->Next();
    CHECK_MSG(item.ok(), item.status().ToString());
    const auto* end = std::get_if<SegmentEnd>(&*item);
    CHECK(end != nullptr);
    EXPECT_EQ(end->at, Offset(at));
  }
  Task<void> End(SegmentReader* reader) {
    co_await reader->Close();
    co_await context.Close();
  }

  TestRuntime runtime;
  ScriptedStore store;
  ScriptedController controller;
  ClientContext context;
};

// Goal: events are put together from replies of any size, and replies that match no request are dropped.
TEST_F(SegmentReaderTest, AssemblesEventsFromPieces) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open(100);
    Peer peer = co_await t->store.Accept();
    std::string bytes = Framed("first") + Framed("") + Framed(std::string(1000, 'x'));
    for (size_t at = 0; at < bytes.size(); at += 7) {
      wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
      EXPECT_EQ(request.offset, 100 + static_cast<int64_t>(at));
      wire::ReadSegment foreign = request;
      foreign.offset += 1;
      co_await peer->Send(Answer(foreign, "nonsense"));
      foreign.offset = request.offset;
      foreign.segment = "sc/st/9.#epoch.9";
      co_await peer->Send(Answer(foreign, "nonsense"));
      co_await peer->Send(Answer(request, bytes.substr(at, 7)));
      co_await peer->Send(Answer(request, bytes.substr(at, 7)));  // twice: the second matches nothing
    }
    absl::StatusOr<SegmentItem> item = co_await reader->Next();
    const auto& first = std::get<SegmentEvent>(*item);
    EXPECT_EQ(first.data.view(), "first");
    EXPECT_EQ(first.offset, Offset(100));
    EXPECT_EQ(first.next, Offset(113));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "");
    event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, std::string(1000, 'x'));
    EXPECT_EQ(reader->offset(), Offset(100 + static_cast<int64_t>(bytes.size())));
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: at the tail the reader waits as long as the store does; an empty answer is neither an error nor an end.
TEST_F(SegmentReaderTest, WaitsAtTheTailThroughEmptyAnswers) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    for (int i = 0; i < 3; ++i) {
      wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
      EXPECT_EQ(request.offset, 0);
      runtime::Task<absl::StatusOr<wire::Command>> silence = peer->Receive();
      absl::StatusOr<wire::Command> nothing =
          co_await runtime::WithDeadline(t->runtime, std::move(silence), t->runtime.Now() + seconds(100));
      EXPECT_TRUE(absl::IsDeadlineExceeded(nothing.status()));
      co_await peer->Send(Answer(request, ""));
    }
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("late")));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "late");
    EXPECT_EQ(t->runtime.connects(), 1);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: a controller that answers CANCELLED to all attempts does not end the reading.
TEST_F(SegmentReaderTest, GoesOnWhenAServerAnswersCancelled) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    for (int i = 0; i < 10; ++i) t->controller.errors.emplace("getURI", absl::CancelledError("the server says so"));
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("event")));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "event");
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: an application that takes its time keeps its connection. While the buffer is full no more is asked for, but the
// answers to keep-alives are seen.
TEST_F(SegmentReaderTest, AFullBufferIsNoDeadConnection) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    SegmentReaderOptions options;
    options.buffer_bytes = 20;
    std::unique_ptr<SegmentReader> reader = t->Open(0, std::nullopt, options);
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("one") + Framed("two")));
    absl::StatusOr<wire::Command> nothing =
        co_await runtime::WithDeadline(t->runtime, peer->Receive(), t->runtime.Now() + seconds(600));
    EXPECT_TRUE(absl::IsDeadlineExceeded(nothing.status())) << nothing.status();
    EXPECT_GT(peer->keep_alives(), 10);
    // What nobody asked for is not kept.
    request.offset = 22;
    co_await peer->Send(Answer(request, Framed("unasked")));
    nothing = co_await runtime::WithDeadline(t->runtime, peer->Receive(), t->runtime.Now() + seconds(1));
    EXPECT_TRUE(absl::IsDeadlineExceeded(nothing.status())) << nothing.status();
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "one");
    event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "two");
    request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.offset, 22);
    co_await peer->Send(Answer(request, Framed("three")));
    event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "three");
    EXPECT_EQ(t->runtime.connects(), 1);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: where a store has answered, a lost connection is replaced without asking a controller.
TEST_F(SegmentReaderTest, ALostConnectionIsReplacedWhileNoControllerAnswers) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("one")));
    co_await peer->Expect<wire::ReadSegment>();
    for (int i = 0; i < 100; ++i) t->controller.errors.emplace("getURI", absl::UnavailableError("down"));
    peer->Reset();
    peer = co_await t->store.Accept();
    request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.offset, 11);
    EXPECT_EQ(t->controller.calls("getURI"), 1);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// A cancelled Next() loses nothing.
TEST_F(SegmentReaderTest, NextCanBeCancelled) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    absl::StatusOr<SegmentItem> item =
        co_await runtime::WithDeadline(t->runtime, reader->Next(), t->runtime.Now() + seconds(1));
    EXPECT_TRUE(absl::IsDeadlineExceeded(item.status()));
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("event")));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "event");
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// The three ways in which a store tells of the end, and the one in which it does not.

TEST_F(SegmentReaderTest, EndComesWithTheLastData) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("last"), true));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "last");
    co_await t->ExpectEnd(reader.get(), 12);
    co_await t->ExpectEnd(reader.get(), 12);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

TEST_F(SegmentReaderTest, SealWhileWaitingIsAnEnd) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("last")));
    request = co_await peer->Expect<wire::ReadSegment>();
    wire::SegmentIsSealed sealed;
    sealed.request_id = request.request_id;
    sealed.segment = request.segment;
    sealed.offset = request.offset;
    co_await peer->Send(sealed);
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "last");
    co_await t->ExpectEnd(reader.get(), 12);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

TEST_F(SegmentReaderTest, DeletedSegmentIsAGapAndAnEnd) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open(50);
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    wire::NoSuchSegment gone;
    gone.request_id = request.request_id;
    gone.segment = request.segment;
    gone.offset = request.offset;
    co_await peer->Send(gone);
    Peer other = co_await t->store.Accept();
    wire::GetStreamSegmentInfo question = co_await other->Expect<wire::GetStreamSegmentInfo>();
    gone.request_id = question.request_id;
    co_await other->Send(gone);
    absl::StatusOr<SegmentItem> item = co_await reader->Next();
    EXPECT_TRUE(std::holds_alternative<SegmentGap>(*item));
    co_await t->ExpectEnd(reader.get(), 50);
    other->Reset();
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

TEST_F(SegmentReaderTest, TruncationIsAGapAndReadingGoesOnBehindIt) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open(50);
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    wire::SegmentIsTruncated truncated;
    truncated.request_id = request.request_id;
    truncated.segment = request.segment;
    truncated.start_offset = 80;
    truncated.offset = request.offset;
    co_await peer->Send(truncated);
    Peer other = co_await t->store.Accept();
    wire::GetStreamSegmentInfo question = co_await other->Expect<wire::GetStreamSegmentInfo>();
    wire::StreamSegmentInfo info;
    info.request_id = question.request_id;
    info.segment = question.segment;
    info.exists = true;
    info.write_offset = 200;
    info.start_offset = 90;
    co_await other->Send(info);
    absl::StatusOr<SegmentItem> item = co_await reader->Next();
    const auto& gap = std::get<SegmentGap>(*item);
    EXPECT_EQ(gap.bytes, 40);
    EXPECT_EQ(gap.next, Offset(90));
    Peer again = co_await t->store.Accept();
    request = co_await again->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.offset, 90);
    co_await again->Send(Answer(request, Framed("kept")));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "kept");
    again->Reset();
    other->Reset();
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: nothing beyond the end offset is asked for or returned, also when the store sends more than was asked for; the
// end needs no answer of the store.
TEST_F(SegmentReaderTest, StopsAtTheEndOffset) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open(0, Offset(11));
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.suggested_length, 11);
    co_await peer->Send(Answer(request, Framed("one") + Framed("two")));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "one");
    co_await t->ExpectEnd(reader.get(), 11);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: an exact read up to the end does not say that it is the end, and nobody concludes that it is.
TEST_F(SegmentReaderTest, ExactReadIsNoEnd) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    wire::SegmentRead exact = Answer(request, Framed("one"));
    exact.at_tail = false;
    co_await peer->Send(exact);
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "one");
    absl::StatusOr<SegmentItem> item =
        co_await runtime::WithDeadline(t->runtime, reader->Next(), t->runtime.Now() + seconds(5));
    EXPECT_TRUE(absl::IsDeadlineExceeded(item.status()));
    request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, "", true));
    co_await t->ExpectEnd(reader.get(), 11);
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

TEST_F(SegmentReaderTest, GoesOnAtTheSameOffsetAfterALostConnection) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    ScriptedStore moved(t->runtime, {"other", 1});
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("one") + Framed("two").substr(0, 5)));
    request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.offset, 16);
    peer->Reset();
    peer = co_await t->store.Accept();
    request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.offset, 16);
    wire::WrongHost elsewhere;
    elsewhere.request_id = request.request_id;
    elsewhere.segment = request.segment;
    t->controller.endpoint = {"other", 1};
    co_await peer->Send(elsewhere);
    peer = co_await moved.Accept();
    request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.offset, 16);
    // On a refused token the real server puts the offset where the request id belongs.
    t->controller.token = "new";
    wire::AuthTokenCheckFailed expired;
    expired.request_id = RequestId(request.offset);
    expired.error_code = wire::AuthTokenError::kExpired;
    co_await peer->Send(expired);
    peer = co_await moved.Accept();
    request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.token, "new");
    co_await peer->Send(Answer(request, Framed("two").substr(5)));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "one");
    event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "two");
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

// Goal: reads ahead stop when the buffer is full, and an event larger than the buffer comes through.
TEST_F(SegmentReaderTest, BufferIsBounded) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open(0, std::nullopt, SegmentReaderOptions{.buffer_bytes = 1024});
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    EXPECT_EQ(request.suggested_length, 1024);
    co_await peer->Send(Answer(request, Framed(std::string(1016, 'a'))));
    absl::StatusOr<wire::Command> nothing =
        co_await runtime::WithDeadline(t->runtime, peer->Receive(), t->runtime.Now() + seconds(5));
    EXPECT_TRUE(absl::IsDeadlineExceeded(nothing.status()));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event.size(), 1016u);
    std::string large = Framed(std::string(5000, 'b'));
    for (size_t at = 0; at < large.size();) {
      absl::StatusOr<SegmentItem> item =
          co_await runtime::WithDeadline(t->runtime, reader->Next(), t->runtime.Now() + seconds(1));
      EXPECT_TRUE(absl::IsDeadlineExceeded(item.status()));
      request = co_await peer->Expect<wire::ReadSegment>();
      EXPECT_EQ(request.offset, 1024 + static_cast<int64_t>(at));
      co_await peer->Send(Answer(request, large.substr(at, 1024)));
      at += 1024;
    }
    event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, std::string(5000, 'b'));
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

TEST_F(SegmentReaderTest, BytesThatAreNoEventAreAnError) {
  auto test = [](SegmentReaderTest* t) -> Task<void> {
    std::unique_ptr<SegmentReader> reader = t->Open();
    Peer peer = co_await t->store.Accept();
    wire::ReadSegment request = co_await peer->Expect<wire::ReadSegment>();
    co_await peer->Send(Answer(request, Framed("good") + std::string(20, 'x')));
    std::string event = co_await t->NextEvent(reader.get());
    EXPECT_EQ(event, "good");
    absl::StatusOr<SegmentItem> item = co_await reader->Next();
    EXPECT_TRUE(absl::IsDataLoss(item.status())) << item.status();
    peer->Reset();
    co_await t->End(reader.get());
  };
  runtime.Run(test(this));
}

}  // namespace
}  // namespace pravega::client
