#include "connector/client/state_synchronizer.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/client/client_context.h"
#include "connector/client/revisioned_stream.h"
#include "connector/client/testing/scripted_controller.h"
#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/core/names.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/attributes.h"
#include "connector/wire/event_framing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using runtime::Task;
using Peer = std::unique_ptr<ScriptedPeer>;

std::string Framed(std::string_view event) {
  std::string bytes;
  wire::AppendFramedEvent(event, &bytes);
  return bytes;
}
std::string Bytes(std::string_view text) { return std::string(text); }

// Keeps what it was told.
class Log : public SynchronizedState {
 public:
  absl::Status Initialize(std::string_view state, const Revision& revision) override {
    lines = {StrCat("init ", state.substr(0, state.find('\0')), " ", revision.offset.value(), ":", revision.index)};
    return absl::OkStatus();
  }
  absl::Status Apply(std::string_view update, const Revision& revision) override {
    lines.push_back(StrCat(update, " ", revision.offset.value(), ":", revision.index));
    return absl::OkStatus();
  }
  std::vector<std::string> lines;
};

// Plays a store that holds `content`: answers questions about the segment and reads on one connection.
class SynchronizerTest : public testing::Test {
 public:
  SynchronizerTest() : store(runtime, {"store", 12345}), controller(runtime), context(runtime, controller.client()) {
    controller.current = {RangeOf(Seg(0), 0, 1)};
  }

  static Task<void> Serve(SynchronizerTest* t) {
    t->metadata = co_await t->store.Accept();
    while (true) {
      absl::StatusOr<wire::Command> command = co_await t->metadata->Receive();
      if (!command.ok()) co_return;
      if (const auto* info = std::get_if<wire::GetStreamSegmentInfo>(&*command)) {
        wire::StreamSegmentInfo reply;
        reply.request_id = info->request_id;
        reply.segment = info->segment;
        reply.exists = true;
        reply.write_offset = static_cast<int64_t>(t->content.size());
        reply.start_offset = t->start;
        co_await t->metadata->Send(reply);
      } else if (const auto* get = std::get_if<wire::GetSegmentAttribute>(&*command)) {
        EXPECT_EQ(get->attribute_id, wire::kRevisionStreamClientMark);
        wire::SegmentAttribute reply;
        reply.request_id = get->request_id;
        reply.value = t->mark;
        co_await t->metadata->Send(reply);
      } else if (const auto* read = std::get_if<wire::ReadSegment>(&*command)) {
        wire::SegmentRead reply;
        reply.request_id = read->request_id;
        reply.segment = read->segment;
        reply.offset = read->offset;
        // In pieces, and more than was asked for.
        size_t most = std::min<size_t>(static_cast<size_t>(read->suggested_length) + 5, 40);
        reply.data = Buffer(t->content.substr(static_cast<size_t>(read->offset), most));
        co_await t->metadata->Send(reply);
      } else {
        ADD_FAILURE() << wire::InfoOf(*command).name;
      }
    }
  }
  // The writer's connection, which only then is opened.
  Task<wire::ConditionalAppend> ExpectAppend(ScriptedPeer* peer) {
    wire::ConditionalAppend append = co_await peer->Expect<wire::ConditionalAppend>();
    co_return append;
  }
  Task<void> Ack(ScriptedPeer* peer, const wire::ConditionalAppend& append) {
    wire::DataAppended ack;
    ack.writer_id = append.writer_id;
    ack.event_number = append.event_number;
    ack.previous_event_number = EventNumber::None();
    ack.request_id = append.request_id;
    co_await peer->Send(ack);
  }

  TestRuntime runtime;
  ScriptedStore store;
  ScriptedController controller;
  ClientContext context;
  Peer metadata;
  std::string content;
  int64_t start = 0;
  int64_t mark = wire::kNullAttributeValue;
};

// Goal: records as Java writes them are understood: initial states with zeros behind them, several updates in a record,
// each with its own revision.
TEST_F(SynchronizerTest, ReadsJavasRecords) {
  content = Framed(Bytes({"\0\0\0\2\0\0\0\1x", 9})) +  // before any initial state: nobody's
            Framed(Bytes({"\0\0\0\1state\0\0\0\0\0\0\0", 16})) +
            Framed(Bytes({"\0\0\0\2\0\0\0\3one\0\0\0\0\0\0\0\5three", 24}));
  auto test = [](SynchronizerTest* t) -> Task<void> {
    runtime::TaskGroup tasks(t->runtime.scheduler(), "store");
    tasks.Spawn("serve", Serve(t));
    Log log;
    absl::StatusOr<std::unique_ptr<StateSynchronizer>> opened =
        co_await StateSynchronizer::Open(t->context, kTestStream, &log);
    CHECK(opened.ok());
    absl::Status fetched = co_await (*opened)->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    EXPECT_EQ(log.lines, (std::vector<std::string>{"init state 41:0", "one 73:0", " 73:1", "three 73:2"}));
    EXPECT_EQ((*opened)->revision(), (Revision{Offset(73), 2}));
    // With a mark, nothing before it is read.
    t->mark = 17;
    Log from_mark;
    absl::StatusOr<std::unique_ptr<StateSynchronizer>> second =
        co_await StateSynchronizer::Open(t->context, kTestStream, &from_mark);
    fetched = co_await (*second)->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    EXPECT_EQ(from_mark.lines, log.lines);
    co_await (*opened)->Close();
    co_await (*second)->Close();
    co_await t->context.Close();
    co_await tasks.Stop();
  };
  runtime.Run(test(this));
}

// Goal: what is written has Java's form, is conditional on the end of the copy, and counts as written when only its
// answer was lost: the store tells the writer's last event number.
TEST_F(SynchronizerTest, LostAnswerToAnUpdateIsNoConflict) {
  content = Framed(Bytes({"\0\0\0\1s", 5}));
  auto test = [](SynchronizerTest* t) -> Task<void> {
    runtime::TaskGroup tasks(t->runtime.scheduler(), "store");
    tasks.Spawn("serve", Serve(t));
    Log log;
    absl::StatusOr<std::unique_ptr<StateSynchronizer>> opened =
        co_await StateSynchronizer::Open(t->context, kTestStream, &log);
    StateSynchronizer* synchronizer = opened->get();
    // The connection for questions comes first, the writer's second.
    absl::Status fetched = co_await synchronizer->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    int decided = 0;
    auto update = [](StateSynchronizer* of, int* count, absl::StatusOr<bool>* result) -> Task<void> {
      *result = co_await of->Update([count]() -> absl::StatusOr<std::vector<Buffer>> {
        ++*count;
        return std::vector<Buffer>{Buffer::Copy("up"), Buffer::Copy("down")};
      });
    };
    absl::StatusOr<bool> updated = absl::UnknownError("not yet");
    tasks.Spawn("update", update(synchronizer, &decided, &updated));
    Peer writer = co_await t->store.Accept();
    co_await writer->ExpectSetup(EventNumber::None());
    wire::ConditionalAppend append = co_await t->ExpectAppend(writer.get());
    EXPECT_EQ(append.expected_offset, 13);
    EXPECT_EQ(append.event.ToString(), Bytes({"\0\0\0\2\0\0\0\2up\0\0\0\4down", 18}));
    // Stored; the answer is lost with the connection.
    t->content += Framed(append.event.view());
    writer->Reset();
    writer = co_await t->store.Accept();
    wire::SetupAppend again = co_await writer->ExpectSetup(append.event_number);
    EXPECT_EQ(again.writer_id, append.writer_id);
    absl::Status slept = co_await runtime::SleepFor(t->runtime, std::chrono::seconds(1), "nothing");
    EXPECT_TRUE(slept.ok());
    EXPECT_TRUE(updated.ok() && *updated) << updated.status();
    EXPECT_EQ(decided, 1);
    EXPECT_EQ(log.lines, (std::vector<std::string>{"init s 13:0", "up 39:0", "down 39:1"}));
    writer->Reset();
    co_await synchronizer->Close();
    co_await t->context.Close();
    co_await tasks.Stop();
  };
  runtime.Run(test(this));
}

// Goal: after a conflict the change is decided again on the new state.
TEST_F(SynchronizerTest, ConflictIsDecidedAgain) {
  content = Framed(Bytes({"\0\0\0\1s", 5}));
  auto test = [](SynchronizerTest* t) -> Task<void> {
    runtime::TaskGroup tasks(t->runtime.scheduler(), "store");
    tasks.Spawn("serve", Serve(t));
    Log log;
    absl::StatusOr<std::unique_ptr<StateSynchronizer>> opened =
        co_await StateSynchronizer::Open(t->context, kTestStream, &log);
    StateSynchronizer* synchronizer = opened->get();
    // The connection for questions comes first, the writer's second.
    absl::Status fetched = co_await synchronizer->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
    auto update = [](StateSynchronizer* of, Log* state, absl::StatusOr<bool>* result) -> Task<void> {
      *result = co_await of->Update([state]() -> absl::StatusOr<std::vector<Buffer>> {
        // Somebody else did it: nothing to do.
        if (state->lines.size() > 1) return std::vector<Buffer>();
        return std::vector<Buffer>{Buffer::Copy("mine")};
      });
    };
    absl::StatusOr<bool> updated = absl::UnknownError("not yet");
    tasks.Spawn("update", update(synchronizer, &log, &updated));
    Peer writer = co_await t->store.Accept();
    co_await writer->ExpectSetup(EventNumber::None());
    wire::ConditionalAppend append = co_await t->ExpectAppend(writer.get());
    t->content += Framed(Bytes({"\0\0\0\2\0\0\0\6theirs", 14}));
    wire::ConditionalCheckFailed failed;
    failed.writer_id = append.writer_id;
    failed.event_number = append.event_number;
    failed.request_id = append.request_id;
    co_await writer->Send(failed);
    absl::Status slept = co_await runtime::SleepFor(t->runtime, std::chrono::seconds(1), "nothing");
    EXPECT_TRUE(slept.ok());
    EXPECT_TRUE(updated.ok()) << updated.status();
    EXPECT_FALSE(*updated);
    EXPECT_EQ(log.lines, (std::vector<std::string>{"init s 13:0", "theirs 35:0"}));
    writer->Reset();
    co_await synchronizer->Close();
    co_await t->context.Close();
    co_await tasks.Stop();
  };
  runtime.Run(test(this));
}

TEST_F(SynchronizerTest, RecordsThatNobodyMayWriteAreAnError) {
  auto test = [](SynchronizerTest* t) -> Task<void> {
    runtime::TaskGroup tasks(t->runtime.scheduler(), "store");
    tasks.Spawn("serve", Serve(t));
    for (std::string bad : {Bytes({"\0\0\0\3x", 5}), Bytes({"\0\0", 2}), Bytes({"\0\0\0\2\0\0\0\7short", 13}),
                            Bytes({"\0\0\0\2\xff\xff\xff\xff", 8})}) {
      t->content = Framed(Bytes({"\0\0\0\1s", 5})) + Framed(bad);
      Log log;
      absl::StatusOr<std::unique_ptr<StateSynchronizer>> opened =
          co_await StateSynchronizer::Open(t->context, kTestStream, &log);
      absl::Status fetched = co_await (*opened)->Fetch();
      EXPECT_TRUE(absl::IsDataLoss(fetched)) << fetched;
      co_await (*opened)->Close();
    }
    co_await t->context.Close();
    co_await tasks.Stop();
  };
  runtime.Run(test(this));
}

}  // namespace
}  // namespace pravega::client
