#include "connector/client/event_writer.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "connector/client/testing/scripted_controller.h"
#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/core/routing.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/event_framing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using runtime::Task;
using std::chrono::seconds;
using Peer = std::unique_ptr<ScriptedPeer>;

// Events of an append, in order.
std::vector<std::string> EventsIn(const Buffer& data) {
  std::vector<std::string> events;
  std::string_view rest = data.view();
  while (!rest.empty()) {
    absl::StatusOr<size_t> size = wire::ParseEventHeader(rest);
    CHECK(size.ok());
    events.emplace_back(rest.substr(wire::kEventHeaderBytes, *size));
    rest.remove_prefix(wire::kEventHeaderBytes + *size);
  }
  return events;
}

wire::SegmentIsSealed Sealed(SegmentId segment, EventNumber number) {
  wire::SegmentIsSealed reply;
  reply.segment = SegName(segment);
  reply.offset = number.value();
  return reply;
}

// Keys whose positions fall into the lower and the upper half.
constexpr char kLow[] = "key-0";   // 0.392
constexpr char kHigh[] = "key-2";  // 0.562

class EventWriterTest : public testing::Test {
 public:
  EventWriterTest()
      : store(runtime, controller_endpoint()),
        controller(runtime),
        context(runtime, controller.client()),
        tasks(runtime.scheduler(), "test") {
    controller.current = {RangeOf(Seg(0), 0, 1)};
    controller.active = {Seg(0)};
  }
  static runtime::Endpoint controller_endpoint() { return {"store", 12345}; }

  Task<std::unique_ptr<EventWriter>> Open(EventWriterOptions options = {}) {
    absl::StatusOr<std::unique_ptr<EventWriter>> opened = co_await EventWriter::Open(context, kTestStream, options);
    CHECK_MSG(opened.ok(), opened.status().ToString());
    co_return *std::move(opened);
  }
  // Ends a writer whose events are all settled; its peers do not answer any more.
  Task<void> End(EventWriter* writer) {
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(closed.ok()) << closed;
    co_await context.Close();
  }
  Task<void> Settle(EventWriter* writer) {
    absl::Status flushed = co_await writer->Flush();
    EXPECT_TRUE(flushed.ok()) << flushed;
  }
  Task<Sequence> Write(EventWriter* writer, std::string key, std::string event) {
    absl::StatusOr<Sequence> taken = co_await writer->Write(std::move(key), Buffer(std::move(event)));
    CHECK_MSG(taken.ok(), taken.status().ToString());
    co_return *taken;
  }
  Task<EventResult> Acked(EventWriter* writer, Sequence sequence) {
    absl::StatusOr<EventResult> result = co_await writer->Acked(sequence);
    CHECK(result.ok());
    co_return *result;
  }

  TestRuntime runtime;
  ScriptedStore store;
  ScriptedController controller;
  ClientContext context;
  runtime::TaskGroup tasks;
};

Task<void> WriteLater(EventWriter* writer, std::string key, std::string event, bool* done) {
  absl::StatusOr<Sequence> taken = co_await writer->Write(std::move(key), Buffer(std::move(event)));
  EXPECT_TRUE(taken.ok()) << taken.status();
  *done = true;
}

TEST_F(EventWriterTest, NumbersEventsFromOneAndSettlesThem) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Sequence sent = co_await t->Write(writer.get(), "k", "one");
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    EXPECT_EQ(setup.segment, "sc/st/0.#epoch.0");
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    EXPECT_EQ(append.number, EventNumber(1));
    EXPECT_EQ(append.writer, setup.writer_id);
    EXPECT_EQ(EventsIn(append.data), std::vector<std::string>{"one"});
    co_await peer->Ack(append, EventNumber::None());
    EventResult result = co_await t->Acked(writer.get(), sent);
    EXPECT_EQ(result.outcome, Outcome::kOk);
    EXPECT_EQ(writer->unacknowledged_bytes(), 0u);
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: the number of an append is that of its last event, not a count of appends or bytes.
TEST_F(EventWriterTest, CollectsEventsWhileAppendsAreInFlightAndCountsThem) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    EventWriterOptions options;
    options.segment.max_appends_in_flight = 1;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    co_await t->Write(writer.get(), "k", "a");
    ScriptedPeer::Append first = co_await peer->ExpectAppend();
    co_await t->Write(writer.get(), "k", "b");
    co_await t->Write(writer.get(), "k", "c");
    absl::Status slept = co_await runtime::SleepFor(t->runtime, seconds(1), "nothing");
    Sequence last = co_await t->Write(writer.get(), "k", "d");
    co_await peer->Ack(first, EventNumber::None());
    ScriptedPeer::Append second = co_await peer->ExpectAppend();
    EXPECT_EQ(second.events, 3);
    EXPECT_EQ(second.number, EventNumber(4));
    EXPECT_EQ(EventsIn(second.data), (std::vector<std::string>{"b", "c", "d"}));
    co_await peer->Ack(second, EventNumber(1));
    co_await t->Acked(writer.get(), last);
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: after a reconnect only what the store does not hold is sent, with its old numbers, and only after AppendSetup.
TEST_F(EventWriterTest, ResendsWhatAppendSetupDoesNotCover) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend first_setup = co_await peer->ExpectSetup(EventNumber::None());
    std::vector<Sequence> sent;
    for (const char* event : {"a", "b", "c"}) {
      Sequence sequence = co_await t->Write(writer.get(), "k", event);
      sent.push_back(sequence);
      ScriptedPeer::Append append = co_await peer->ExpectAppend();
      if (append.number == EventNumber(1)) co_await peer->Ack(append, EventNumber::None());
    }
    // "b" is stored, its ack is lost with the connection; "c" is not.
    peer->Reset();
    peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->Expect<wire::SetupAppend>();
    EXPECT_EQ(setup.writer_id, first_setup.writer_id);
    // Nothing may follow before the answer.
    absl::StatusOr<wire::Command> early =
        co_await runtime::WithDeadline(t->runtime, peer->Receive(), t->runtime.Now() + seconds(5));
    EXPECT_TRUE(absl::IsDeadlineExceeded(early.status())) << early.status();
    wire::AppendSetup answer;
    answer.request_id = setup.request_id;
    answer.segment = setup.segment;
    answer.writer_id = setup.writer_id;
    answer.last_event_number = EventNumber(2);
    co_await peer->Send(answer);
    ScriptedPeer::Append again = co_await peer->ExpectAppend();
    EXPECT_EQ(again.number, EventNumber(3));
    EXPECT_EQ(EventsIn(again.data), std::vector<std::string>{"c"});
    EventResult second = co_await t->Acked(writer.get(), sent[1]);
    EXPECT_EQ(second.outcome, Outcome::kOk);
    co_await peer->Ack(again, EventNumber(2));
    co_await t->Acked(writer.get(), sent[2]);
    EXPECT_EQ(writer->stats().appends_resent, 1);
    EXPECT_EQ(writer->stats().appends_acked_by_setup, 1);
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: a store that has never heard of the writer says so with the smallest number there is, which is neither an error
// nor a number to calculate with: everything is sent again, and the first ack names it as the one before.
TEST_F(EventWriterTest, AStoreThatNeverHeardOfTheWriterGetsEverything) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    co_await t->Write(writer.get(), "k", "a");
    co_await peer->ExpectAppend();
    co_await t->Write(writer.get(), "k", "b");
    co_await peer->ExpectAppend();
    // Both were lost on their way.
    peer->Reset();
    peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append a = co_await peer->ExpectAppend();
    ScriptedPeer::Append b = co_await peer->ExpectAppend();
    EXPECT_EQ(a.number, EventNumber(1));
    EXPECT_EQ(b.number, EventNumber(2));
    EXPECT_EQ(writer->settled_through(), Sequence(0));
    co_await peer->Ack(b, EventNumber::None());
    co_await t->Settle(writer.get());
    EXPECT_EQ(writer->stats().appends_acked_by_setup, 0);
    EXPECT_EQ(t->runtime.connects(), 2);
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: answers to nothing change nothing: a second AppendSetup, a second ack, a seal while nothing is under way.
TEST_F(EventWriterTest, IgnoresUnsolicitedAnswers) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    wire::AppendSetup stray;
    stray.request_id = setup.request_id;
    stray.writer_id = setup.writer_id;
    stray.segment = setup.segment;
    stray.last_event_number = EventNumber(1000);
    co_await peer->Send(Sealed(Seg(0), EventNumber(1)));
    absl::Status slept = co_await runtime::SleepFor(t->runtime, seconds(1), "nothing");
    co_await t->Write(writer.get(), "k", "a");
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    co_await peer->Send(stray);
    ScriptedPeer::Append foreign = append;
    foreign.writer = WriterId{Uuid{9, 9}};
    foreign.number = EventNumber(77);
    co_await peer->Ack(foreign, EventNumber(76));
    wire::SegmentRead read;
    co_await peer->Send(read);
    slept = co_await runtime::SleepFor(t->runtime, seconds(1), "nothing");
    EXPECT_EQ(writer->settled_through(), Sequence(0));
    co_await peer->Ack(append, EventNumber::None());
    co_await peer->Ack(append, EventNumber::None());
    Sequence second = co_await t->Write(writer.get(), "k", "b");
    append = co_await peer->ExpectAppend();
    EXPECT_EQ(append.number, EventNumber(2));
    co_await peer->Ack(append, EventNumber(1));
    co_await t->Acked(writer.get(), second);
    EXPECT_EQ(t->runtime.connects(), 1);
    EXPECT_EQ(t->controller.calls("getSegmentsImmediatelyFollowing"), 0);
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, OneAckMayCoverSeveralAppends) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append append;
    for (const char* event : {"a", "b", "c"}) {
      co_await t->Write(writer.get(), "k", event);
      append = co_await peer->ExpectAppend();
    }
    co_await peer->Ack(append, EventNumber::None());
    co_await t->Settle(writer.get());
    EXPECT_EQ(writer->settled_through(), Sequence(3));
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: an ack that shows that an earlier one was skipped ends the connection, and AppendSetup then tells the truth.
TEST_F(EventWriterTest, AckThatSkipsAnotherIsNotBelieved) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    co_await t->Write(writer.get(), "k", "a");
    co_await peer->ExpectAppend();
    co_await t->Write(writer.get(), "k", "b");
    ScriptedPeer::Append second = co_await peer->ExpectAppend();
    co_await peer->Ack(second, EventNumber(1));
    peer = co_await t->store.Accept();
    EXPECT_EQ(writer->settled_through(), Sequence(0));
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append again = co_await peer->ExpectAppend();
    EXPECT_EQ(again.number, EventNumber(1));
    co_await peer->Ack(again, EventNumber::None());
    again = co_await peer->ExpectAppend();
    co_await peer->Ack(again, EventNumber(1));
    co_await t->Settle(writer.get());
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, WrongHostAndInvalidEventNumberMeanLookAgain) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    ScriptedStore other(t->runtime, {"other", 1});
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    co_await t->Write(writer.get(), "k", "a");
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->Expect<wire::SetupAppend>();
    t->controller.endpoint = {"other", 1};
    wire::WrongHost moved;
    moved.request_id = setup.request_id;
    moved.segment = setup.segment;
    co_await peer->Send(moved);
    peer = co_await other.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    wire::InvalidEventNumber fenced;
    fenced.writer_id = append.writer;
    fenced.request_id = append.request_id;
    fenced.event_number = append.number;
    co_await peer->Send(fenced);
    peer = co_await other.Accept();
    co_await peer->ExpectSetup(EventNumber(1));
    co_await t->Settle(writer.get());
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, ExpiredTokenIsRenewedAndRefusedTokenIsTheEnd) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.token = "old";
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Sequence sent = co_await t->Write(writer.get(), "k", "a");
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->Expect<wire::SetupAppend>();
    EXPECT_EQ(setup.token, "old");
    t->controller.token = "new";
    wire::AuthTokenCheckFailed refused;
    refused.request_id = setup.request_id;
    refused.error_code = wire::AuthTokenError::kExpired;
    co_await peer->Send(refused);
    peer = co_await t->store.Accept();
    setup = co_await peer->Expect<wire::SetupAppend>();
    EXPECT_EQ(setup.token, "new");
    refused.request_id = setup.request_id;
    refused.error_code = wire::AuthTokenError::kCheckFailed;
    co_await peer->Send(refused);
    EventResult result = co_await t->Acked(writer.get(), sent);
    // It never left.
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    EXPECT_TRUE(absl::IsPermissionDenied(result.status)) << result.status;
    absl::StatusOr<Sequence> later = co_await writer->Write("k", Buffer::Copy("b"));
    EXPECT_TRUE(absl::IsPermissionDenied(later.status()));
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(absl::IsPermissionDenied(closed));
    co_await t->context.Close();
  };
  runtime.Run(test(this));
}

// Goal: keys go to the smallest range whose upper bound is not below their position. Method: a bound that is exactly
// the position of a key.
TEST_F(EventWriterTest, KeyOnABoundBelongsToTheLowerRange) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    double bound = RoutingKeyPosition("hello");
    EXPECT_EQ(bound, 0.658716230571337);
    t->controller.current = {RangeOf(Seg(1), bound, 1), RangeOf(Seg(0), 0, bound)};  // in no order
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer one = co_await t->store.Accept();
    wire::SetupAppend of_one = co_await one->ExpectSetup(EventNumber::None());
    Peer two = co_await t->store.Accept();
    wire::SetupAppend of_two = co_await two->ExpectSetup(EventNumber::None());
    EXPECT_EQ(of_one.segment, SegName(Seg(1)));
    EXPECT_EQ(of_two.segment, SegName(Seg(0)));
    // A writer id belongs to one segment.
    EXPECT_NE(of_one.writer_id, of_two.writer_id);
    co_await t->Write(writer.get(), "hello", "on the bound");
    co_await t->Write(writer.get(), "caf\xc3\xa9", "above it");  // 0.741, if hashed as UTF-16
    ScriptedPeer::Append low = co_await two->ExpectAppend();
    EXPECT_EQ(EventsIn(low.data), std::vector<std::string>{"on the bound"});
    ScriptedPeer::Append high = co_await one->ExpectAppend();
    EXPECT_EQ(EventsIn(high.data), std::vector<std::string>{"above it"});
    co_await two->Ack(low, EventNumber::None());
    co_await one->Ack(high, EventNumber::None());
    co_await t->Settle(writer.get());
    one->Reset();
    two->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, EventsWithoutKeySpreadOverSegments) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.current = {RangeOf(Seg(0), 0, 0.5), RangeOf(Seg(1), 0.5, 1)};
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer one = co_await t->store.Accept();
    co_await one->ExpectSetup(EventNumber::None());
    Peer two = co_await t->store.Accept();
    co_await two->ExpectSetup(EventNumber::None());
    for (int i = 0; i < 40; ++i) {
      absl::StatusOr<Sequence> taken = co_await writer->WriteWithoutKey(Buffer::Copy("e"));
      EXPECT_TRUE(taken.ok());
    }
    ScriptedPeer::Append low = co_await one->ExpectAppend();
    ScriptedPeer::Append high = co_await two->ExpectAppend();
    EXPECT_EQ(low.events + high.events, 40);
    EXPECT_GT(low.events, 5);
    EXPECT_GT(high.events, 5);
    co_await one->Ack(low, EventNumber::None());
    co_await two->Ack(high, EventNumber::None());
    co_await t->Settle(writer.get());
    one->Reset();
    two->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, EventsWrittenTogetherAreOneAppend) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    EventWriterOptions options;
    options.segment.max_append_bytes = 64;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    co_await t->Write(writer.get(), "k", std::string(40, 'x'));
    std::vector<Buffer> events{Buffer::Copy("one"), Buffer::Copy("two"), Buffer(std::string(100, 'y'))};
    absl::StatusOr<Sequence> last = co_await writer->WriteTogether("k", std::move(events));
    EXPECT_EQ(*last, Sequence(4));
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append single = co_await peer->ExpectAppend();
    EXPECT_EQ(single.events, 1);
    ScriptedPeer::Append together = co_await peer->ExpectAppend();
    EXPECT_EQ(together.events, 3);
    EXPECT_EQ(together.number, EventNumber(4));
    EXPECT_EQ(EventsIn(together.data).size(), 3u);
    co_await peer->Ack(together, EventNumber::None());
    co_await t->Settle(writer.get());
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, RefusesEventsThatAreTooLarge) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    absl::StatusOr<Sequence> taken = co_await writer->Write("k", Buffer(std::string((8 << 20) + 1, 'x')));
    EXPECT_TRUE(absl::IsInvalidArgument(taken.status())) << taken.status();
    taken = co_await writer->WriteTogether("k", {});
    EXPECT_TRUE(absl::IsInvalidArgument(taken.status())) << taken.status();
    std::vector<Buffer> too_many(2, Buffer(std::string(8 << 20, 'x')));
    taken = co_await writer->WriteTogether("k", std::move(too_many));
    EXPECT_TRUE(absl::IsInvalidArgument(taken.status())) << taken.status();
    EXPECT_TRUE(writer->status().ok());
    // The largest one goes through.
    taken = co_await writer->Write("k", Buffer(std::string(8 << 20, 'x')));
    EXPECT_TRUE(taken.ok());
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    co_await peer->Ack(append, EventNumber::None());
    co_await t->Settle(writer.get());
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// ---- seals

// Goal: events that a sealed segment does not have go to its successors, by key, in order, before anything new; the
// store is asked once more what it has before anything moves.
TEST_F(EventWriterTest, MovesToSuccessorsInOrder) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.successors[Seg(0)] = {{RangeOf(Seg(2, 1), 0.5, 1), {Seg(0)}}, {RangeOf(Seg(1, 1), 0, 0.5), {Seg(0)}}};
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer old = co_await t->store.Accept();
    co_await old->ExpectSetup(EventNumber::None());
    int number = 0;
    for (const char* key : {kLow, kHigh, kLow, kHigh}) {
      co_await t->Write(writer.get(), key, StrCat(key, "/", number++));
      co_await old->ExpectAppend();
    }
    // The first was stored, and so was the second by the time of the seal; only one SegmentIsSealed comes, for the
    // last.
    co_await old->Send(Sealed(Seg(0), EventNumber(4)));
    wire::SetupAppend again = co_await old->Expect<wire::SetupAppend>();
    wire::AppendSetup stored;
    stored.request_id = again.request_id;
    stored.segment = again.segment;
    stored.writer_id = again.writer_id;
    stored.last_event_number = EventNumber(2);
    co_await old->Send(stored);

    Peer high = co_await t->store.Accept();
    Peer low = co_await t->store.Accept();
    bool done = false;
    t->tasks.Spawn("later", WriteLater(writer.get(), kLow, "new", &done));
    wire::SetupAppend of_high = co_await high->ExpectSetup(EventNumber::None());
    wire::SetupAppend of_low = co_await low->ExpectSetup(EventNumber::None());
    EXPECT_EQ(of_high.segment, SegName(Seg(2, 1)));
    EXPECT_EQ(of_low.segment, SegName(Seg(1, 1)));
    EXPECT_NE(of_low.writer_id, again.writer_id);
    ScriptedPeer::Append to_low = co_await low->ExpectAppend();
    EXPECT_EQ(EventsIn(to_low.data), std::vector<std::string>{"key-0/2"});
    EXPECT_EQ(to_low.number, EventNumber(1));
    co_await low->Ack(to_low, EventNumber::None());
    absl::Status slept = co_await runtime::SleepFor(t->runtime, seconds(1), "nothing");
    // Nothing new before everything that is owed has arrived, in every segment.
    EXPECT_FALSE(done);
    ScriptedPeer::Append to_high = co_await high->ExpectAppend();
    EXPECT_EQ(EventsIn(to_high.data), std::vector<std::string>{"key-2/3"});
    co_await high->Ack(to_high, EventNumber::None());
    to_low = co_await low->ExpectAppend();
    EXPECT_TRUE(done);
    EXPECT_EQ(EventsIn(to_low.data), std::vector<std::string>{"new"});
    co_await low->Ack(to_low, EventNumber(1));
    co_await t->Settle(writer.get());
    EXPECT_EQ(t->controller.calls("getCurrentSegments"), 1);
    EXPECT_EQ(writer->stats().units_moved, 2);
    low->Reset();
    high->Reset();
    old->Reset();
    co_await t->tasks.Join();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: of a merge, only the sealed predecessor's keys move; the other predecessor is found out by a probe before the
// writer goes on, and its events follow to the same successor.
TEST_F(EventWriterTest, MergeTakesOverEachPredecessorWhenItIsSealed) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.current = {RangeOf(Seg(0), 0, 0.5), RangeOf(Seg(1), 0.5, 1)};
    controller::Successor merged{RangeOf(Seg(2, 1), 0, 1), {Seg(0), Seg(1)}};
    t->controller.successors[Seg(0)] = {merged};
    t->controller.successors[Seg(1)] = {merged};
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    Peer a = co_await t->store.Accept();
    co_await a->ExpectSetup(EventNumber::None());
    Peer b = co_await t->store.Accept();
    co_await b->ExpectSetup(EventNumber::None());
    co_await t->Write(writer.get(), kLow, "a1");
    co_await a->ExpectAppend();
    co_await a->Send(Sealed(Seg(0), EventNumber(1)));
    wire::SetupAppend last_look = co_await a->ExpectSetup(EventNumber::None());
    EXPECT_EQ(last_look.segment, SegName(Seg(0)));

    Peer s = co_await t->store.Accept();
    co_await s->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append a1 = co_await s->ExpectAppend();
    EXPECT_EQ(EventsIn(a1.data), std::vector<std::string>{"a1"});
    co_await s->Ack(a1, EventNumber::None());
    // The other one had nothing to say: it gets an append without bytes.
    ScriptedPeer::Append probe = co_await b->ExpectAppend();
    EXPECT_TRUE(probe.data.empty());
    EXPECT_EQ(probe.events, 1);
    bool done = false;
    t->tasks.Spawn("later", WriteLater(writer.get(), kHigh, "b1", &done));
    absl::Status slept = co_await runtime::SleepFor(t->runtime, seconds(1), "nothing");
    EXPECT_FALSE(done);
    co_await b->Ack(probe, EventNumber::None());
    // It is not sealed yet, so its keys stay with it.
    ScriptedPeer::Append b1 = co_await b->ExpectAppend();
    EXPECT_EQ(EventsIn(b1.data), std::vector<std::string>{"b1"});
    co_await b->Send(Sealed(Seg(1), EventNumber(2)));
    co_await b->ExpectSetup(EventNumber(1));
    b1 = co_await s->ExpectAppend();
    EXPECT_EQ(EventsIn(b1.data), std::vector<std::string>{"b1"});
    EXPECT_EQ(b1.number, EventNumber(2));
    co_await s->Ack(b1, EventNumber(1));
    co_await t->Settle(writer.get());
    a->Reset();
    b->Reset();
    s->Reset();
    co_await t->tasks.Join();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, SuccessorMayBeSealedAlready) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.successors[Seg(0)] = {{RangeOf(Seg(1, 1), 0, 1), {Seg(0)}}};
    t->controller.successors[Seg(1, 1)] = {{RangeOf(Seg(2, 2), 0, 1), {Seg(1, 1)}}};
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    co_await t->Write(writer.get(), "k", "a");
    co_await t->Write(writer.get(), "k", "b");
    std::vector<Peer> old;
    for (SegmentId segment : {Seg(0), Seg(1, 1)}) {
      Peer accepted = co_await t->store.Accept();
      ScriptedPeer* peer = accepted.get();
      old.push_back(std::move(accepted));
      wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
      EXPECT_EQ(setup.segment, SegName(segment));
      ScriptedPeer::Append append = co_await peer->ExpectAppend();
      co_await peer->Send(Sealed(segment, append.number));
      co_await peer->ExpectSetup(EventNumber::None());
    }
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    EXPECT_EQ(setup.segment, SegName(Seg(2, 2)));
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    EXPECT_EQ(EventsIn(append.data), (std::vector<std::string>{"a", "b"}));
    co_await peer->Ack(append, EventNumber::None());
    co_await t->Settle(writer.get());
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// A segment that is gone was truncated away: its successors take over.
TEST_F(EventWriterTest, MissingSegmentIsLikeASealedOne) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.successors[Seg(0)] = {{RangeOf(Seg(1, 1), 0, 1), {Seg(0)}}};
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    co_await t->Write(writer.get(), "k", "a");
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->Expect<wire::SetupAppend>();
    wire::NoSuchSegment gone;
    gone.request_id = setup.request_id;
    gone.segment = setup.segment;
    co_await peer->Send(gone);
    Peer next = co_await t->store.Accept();
    setup = co_await next->ExpectSetup(EventNumber::None());
    EXPECT_EQ(setup.segment, SegName(Seg(1, 1)));
    ScriptedPeer::Append append = co_await next->ExpectAppend();
    co_await next->Ack(append, EventNumber::None());
    co_await t->Settle(writer.get());
    next->Reset();
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: an empty list of successors means that the stream is sealed, but only when the controller has recorded that:
// while it takes the segment for active, the answer may still change.
TEST_F(EventWriterTest, WaitsUntilTheControllerKnowsOfTheSeal) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.on_call = [t](std::string_view rpc) {
      if (rpc == "isSegmentValid" && t->controller.calls(rpc) == 3) {
        t->controller.successors[Seg(0)] = {{RangeOf(Seg(1, 1), 0, 1), {Seg(0)}}};
      }
    };
    std::unique_ptr<EventWriter> writer = co_await t->Open();
    co_await t->Write(writer.get(), "k", "a");
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    co_await peer->Send(Sealed(Seg(0), append.number));
    co_await peer->ExpectSetup(EventNumber::None());
    Peer next = co_await t->store.Accept();
    co_await next->ExpectSetup(EventNumber::None());
    append = co_await next->ExpectAppend();
    co_await next->Ack(append, EventNumber::None());
    co_await t->Settle(writer.get());
    EXPECT_EQ(t->controller.calls("isSegmentValid"), 3);
    next->Reset();
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, SealedStreamFailsWhatItDoesNotHave) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.active = {};
    EventWriterOptions options;
    options.segment.max_appends_in_flight = 2;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    Sequence a = co_await t->Write(writer.get(), "k", "a");
    ScriptedPeer::Append stored = co_await peer->ExpectAppend();
    Sequence b = co_await t->Write(writer.get(), "k", "b");
    co_await peer->ExpectAppend();
    Sequence c = co_await t->Write(writer.get(), "k", "c");
    co_await peer->Ack(stored, EventNumber::None());
    co_await peer->Send(Sealed(Seg(0), EventNumber(2)));
    co_await peer->ExpectAppend();
    co_await peer->ExpectSetup(EventNumber(1));
    EventResult result = co_await t->Acked(writer.get(), a);
    EXPECT_EQ(result.outcome, Outcome::kOk);
    result = co_await t->Acked(writer.get(), b);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    result = co_await t->Acked(writer.get(), c);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    EXPECT_TRUE(absl::IsFailedPrecondition(result.status)) << result.status;
    absl::StatusOr<Sequence> later = co_await writer->Write("k", Buffer::Copy("d"));
    EXPECT_TRUE(absl::IsFailedPrecondition(later.status())) << later.status();
    peer->Reset();
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(absl::IsFailedPrecondition(closed)) << closed;
    co_await t->context.Close();
  };
  runtime.Run(test(this));
}

// Goal: a segment that is gone does not tell whether it held what was sent to it, as a sealed one would.
TEST_F(EventWriterTest, WhatWasSentToASegmentThatIsGoneIsUnknown) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.active = {};
    EventWriterOptions options;
    options.segment.max_appends_in_flight = 1;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    Sequence sent = co_await t->Write(writer.get(), "k", "sent");
    co_await peer->ExpectAppend();
    Sequence kept = co_await t->Write(writer.get(), "k", "kept");
    wire::NoSuchSegment gone;
    gone.request_id = setup.request_id;
    gone.segment = setup.segment;
    co_await peer->Send(gone);
    EventResult result = co_await t->Acked(writer.get(), sent);
    EXPECT_EQ(result.outcome, Outcome::kUnknown);
    result = co_await t->Acked(writer.get(), kept);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    peer->Reset();
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(absl::IsFailedPrecondition(closed)) << closed;
    co_await t->context.Close();
  };
  runtime.Run(test(this));
}

TEST_F(EventWriterTest, SealedStreamCannotBeOpened) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    t->controller.current = {};
    absl::StatusOr<std::unique_ptr<EventWriter>> opened = co_await EventWriter::Open(t->context, kTestStream, {});
    EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
    co_await t->context.Close();
  };
  runtime.Run(test(this));
}

// ---- trouble without end

// Goal: when the store cannot be reached any more, events that were sent are unknown, not failed, and the message says
// so.
TEST_F(EventWriterTest, GivesUpWithUnknownOutcome) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    EventWriterOptions options;
    options.segment.max_appends_in_flight = 1;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    Sequence sent = co_await t->Write(writer.get(), "k", "sent");
    co_await peer->ExpectAppend();
    Sequence kept = co_await t->Write(writer.get(), "k", "kept");
    t->runtime.Refuse({"store", 12345}, true);
    peer->Reset();
    runtime::Instant start = t->runtime.Now();
    EventResult result = co_await t->Acked(writer.get(), sent);
    EXPECT_EQ(result.outcome, Outcome::kUnknown);
    EXPECT_NE(result.status.message().find("may or may not"), std::string::npos) << result.status;
    // The first attempt after 1 ms, the last after the tenth failure: 1 + 10 + 100 + 1000 + 10000 + 4 x 20000 ms.
    EXPECT_EQ(t->runtime.Now() - start, std::chrono::milliseconds(91111));
    EXPECT_EQ(t->runtime.connects(), 10);
    result = co_await t->Acked(writer.get(), kept);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    absl::StatusOr<Sequence> later = co_await writer->Write("k", Buffer::Copy("later"));
    EXPECT_TRUE(absl::IsUnavailable(later.status()));
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(absl::IsUnavailable(closed));
    co_await t->context.Close();
  };
  runtime.Run(test(this));
}

// Goal: with a store that is paused for 60 s the writer's bytes stay within the bound, and nothing is lost.
TEST_F(EventWriterTest, PausedStoreDoesNotMakeTheWriterGrow) {
  auto write = [](EventWriter* writer, size_t* most) -> Task<void> {
    for (int i = 0; i < 2000; ++i) {
      absl::StatusOr<Sequence> taken = co_await writer->Write("k", Buffer(std::string(992, 'e')));
      CHECK(taken.ok());
      *most = std::max(*most, writer->unacknowledged_bytes());
    }
  };
  auto test = [](EventWriterTest* t, auto write) -> Task<void> {
    EventWriterOptions options;
    options.max_unacknowledged_bytes = 100'000;
    t->runtime.set_pipe_capacity(10'000);
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    size_t most = 0;
    t->tasks.Spawn("write", write(writer.get(), &most));
    absl::Status slept = co_await runtime::SleepFor(t->runtime, seconds(60), "paused store");
    EXPECT_EQ(most, 100'000u);
    int64_t stored = 0;
    // The connection may have been given up for dead: serve whatever comes.
    while (writer->settled_through() < Sequence(2000)) {
      absl::StatusOr<wire::Command> command = co_await peer->Receive();
      if (!command.ok()) {
        peer = co_await t->store.Accept();
        co_await peer->ExpectSetup(stored == 0 ? EventNumber::None() : EventNumber(stored));
        continue;
      }
      const auto* end = std::get_if<wire::AppendBlockEnd>(&*command);
      if (end == nullptr) continue;
      ScriptedPeer::Append append{end->writer_id, Buffer(), end->num_events, end->last_event_number, end->request_id};
      co_await peer->Ack(append, stored == 0 ? EventNumber::None() : EventNumber(stored));
      stored = end->last_event_number.value();
      slept = co_await runtime::SleepFor(t->runtime, std::chrono::milliseconds(1), "a store at work");
    }
    co_await t->tasks.Join();
    EXPECT_LE(most, 100'000u);
    EXPECT_EQ(stored, 2000);
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this, write));
}

// Goal: who waits for room is served in order, and cancelling one of them lets the others go on.
TEST_F(EventWriterTest, WritersWaitInOrder) {
  auto test = [](EventWriterTest* t) -> Task<void> {
    EventWriterOptions options;
    options.max_unacknowledged_bytes = 100;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    co_await t->Write(writer.get(), "k", std::string(80, '0'));
    bool done[3] = {};
    runtime::TaskGroup cancelled(t->runtime.scheduler(), "cancelled");
    t->tasks.Spawn("1", WriteLater(writer.get(), "k", std::string(70, '1'), &done[0]));
    absl::Status cancelled_write;
    auto give_up = [](EventWriter* w, absl::Status* status) -> Task<void> {
      absl::StatusOr<Sequence> taken = co_await w->Write("k", Buffer(std::string(60, '2')));
      *status = taken.status();
    };
    cancelled.Spawn("2", give_up(writer.get(), &cancelled_write));
    t->tasks.Spawn("3", WriteLater(writer.get(), "k", "3", &done[1]));
    ScriptedPeer::Append append = co_await peer->ExpectAppend();
    // "3" would have room, but is not first.
    EXPECT_FALSE(done[1]);
    co_await cancelled.Stop();
    EXPECT_TRUE(absl::IsCancelled(cancelled_write)) << cancelled_write;
    co_await peer->Ack(append, EventNumber::None());
    std::vector<std::string> got;
    EventNumber previous = append.number;
    while (got.size() < 2) {
      append = co_await peer->ExpectAppend();
      for (std::string& event : EventsIn(append.data)) got.push_back(std::move(event));
      co_await peer->Ack(append, previous);
      previous = append.number;
    }
    EXPECT_EQ(got[0], std::string(70, '1'));
    EXPECT_EQ(got[1], "3");
    co_await t->tasks.Join();
    co_await t->Settle(writer.get());
    peer->Reset();
    co_await t->End(writer.get());
  };
  runtime.Run(test(this));
}

// Goal: a cancelled Close() ends everything at once and says of each event what it can.
TEST_F(EventWriterTest, CancelledCloseSettlesEverything) {
  auto close = [](EventWriter* writer) -> Task<void> {
    absl::Status closed = co_await writer->Close();
    EXPECT_TRUE(absl::IsCancelled(closed)) << closed;
  };
  auto test = [](EventWriterTest* t, auto close) -> Task<void> {
    EventWriterOptions options;
    options.segment.max_appends_in_flight = 1;
    std::unique_ptr<EventWriter> writer = co_await t->Open(options);
    Peer peer = co_await t->store.Accept();
    co_await peer->ExpectSetup(EventNumber::None());
    Sequence sent = co_await t->Write(writer.get(), "k", "sent");
    co_await peer->ExpectAppend();
    Sequence kept = co_await t->Write(writer.get(), "k", "kept");
    t->tasks.Spawn("close", close(writer.get()));
    absl::Status slept = co_await runtime::SleepFor(t->runtime, seconds(1), "nothing");
    co_await t->tasks.Stop();
    EventResult result = co_await t->Acked(writer.get(), sent);
    EXPECT_EQ(result.outcome, Outcome::kUnknown);
    result = co_await t->Acked(writer.get(), kept);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    co_await t->context.Close();
  };
  runtime.Run(test(this, close));
}

}  // namespace
}  // namespace pravega::client
