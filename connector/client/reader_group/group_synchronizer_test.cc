// Goal: a participant finds the group's segment, writes nothing that others could not apply, and compacts the log so
// that whoever begins at the mark finds a state. Method: a scripted store that holds the log.
#include "connector/client/reader_group/group_synchronizer.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "connector/client/client_context.h"
#include "connector/client/reader_group/serialization.h"
#include "connector/client/reader_group/state_machine.h"
#include "connector/client/reader_group/testing.h"
#include "connector/client/testing/scripted_controller.h"
#include "connector/client/testing/scripted_store.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/core/names.h"
#include "connector/runtime/task_group.h"
#include "connector/wire/attributes.h"
#include "connector/wire/event_framing.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using runtime::Task;
using testing::At;
using testing::Segment;
using testing::With;
using Peer = std::unique_ptr<ScriptedPeer>;

std::string Framed(const Record& record) {
  std::string bytes;
  wire::AppendFramedEvent(*SerializeRecord(record), &bytes);
  return bytes;
}

Record FirstRecord() {
  Init init;
  init.config.starting_cuts[testing::kStream] = StreamCut();
  init.config.ending_cuts[testing::kStream] = StreamCut();
  init.starting = {{Segment(0), {At(0), {}}}, {Segment(1), {At(0), {}}}};
  return Record{true, {init}};
}

class GroupSynchronizerTest : public ::testing::Test {
 public:
  GroupSynchronizerTest()
      : store(runtime, {"store", 12345}),
        controller(runtime),
        context(runtime, controller.client()),
        tasks(runtime.scheduler(), "store") {
    controller.current = {RangeOf(Seg(0), 0, 1)};
    log = Framed(FirstRecord());
  }

  // Answers questions about the log on the first connection that comes.
  static Task<void> ServeQuestions(GroupSynchronizerTest* t) {
    Peer peer = co_await t->store.Accept();
    while (true) {
      absl::StatusOr<wire::Command> command = co_await peer->Receive();
      if (!command.ok()) co_return;
      if (const auto* info = std::get_if<wire::GetStreamSegmentInfo>(&*command)) {
        t->asked_about.insert(info->segment);
        wire::StreamSegmentInfo reply;
        reply.request_id = info->request_id;
        reply.segment = info->segment;
        reply.exists = true;
        reply.write_offset = static_cast<int64_t>(t->log.size());
        reply.start_offset = t->start;
        co_await peer->Send(reply);
      } else if (const auto* get = std::get_if<wire::GetSegmentAttribute>(&*command)) {
        wire::SegmentAttribute reply;
        reply.request_id = get->request_id;
        reply.value = t->mark;
        co_await peer->Send(reply);
      } else if (const auto* read = std::get_if<wire::ReadSegment>(&*command)) {
        EXPECT_GE(read->offset, t->start);
        wire::SegmentRead reply;
        reply.request_id = read->request_id;
        reply.segment = read->segment;
        reply.offset = read->offset;
        reply.data =
            Buffer(t->log.substr(static_cast<size_t>(read->offset), static_cast<size_t>(read->suggested_length)));
        co_await peer->Send(reply);
      } else if (const auto* update = std::get_if<wire::UpdateSegmentAttribute>(&*command)) {
        EXPECT_EQ(update->attribute_id, wire::kRevisionStreamClientMark);
        wire::SegmentAttributeUpdated reply;
        reply.request_id = update->request_id;
        reply.success = update->expected_value == t->mark;
        if (reply.success) t->mark = update->new_value;
        co_await peer->Send(reply);
      } else if (const auto* truncate = std::get_if<wire::TruncateSegment>(&*command)) {
        t->start = truncate->truncation_offset;
        wire::SegmentTruncated reply;
        reply.request_id = truncate->request_id;
        reply.segment = truncate->segment;
        co_await peer->Send(reply);
      } else {
        ADD_FAILURE() << wire::InfoOf(*command).name;
      }
    }
  }
  // Takes appends on the next connection.
  static Task<void> ServeAppends(GroupSynchronizerTest* t) {
    Peer peer = co_await t->store.Accept();
    wire::SetupAppend setup = co_await peer->ExpectSetup(EventNumber::None());
    EventNumber last = EventNumber::None();
    while (true) {
      absl::StatusOr<wire::Command> command = co_await peer->Receive();
      if (!command.ok()) co_return;
      const auto* append = std::get_if<wire::ConditionalAppend>(&*command);
      CHECK(append != nullptr);
      EXPECT_EQ(append->expected_offset, static_cast<int64_t>(t->log.size()));
      t->appended_at.push_back(append->expected_offset);
      wire::AppendFramedEvent(append->event.view(), &t->log);
      wire::DataAppended ack;
      ack.writer_id = append->writer_id;
      ack.event_number = append->event_number;
      ack.previous_event_number = last;
      ack.request_id = append->request_id;
      last = append->event_number;
      co_await peer->Send(ack);
    }
  }

  Task<std::unique_ptr<GroupSynchronizer>> Open() {
    absl::StatusOr<std::unique_ptr<GroupSynchronizer>> opened =
        co_await GroupSynchronizer::Open(context, "sc", "group");
    CHECK_MSG(opened.ok(), opened.status().ToString());
    co_return *std::move(opened);
  }
  Task<void> Fetch(GroupSynchronizer* synchronizer) {
    absl::Status fetched = co_await synchronizer->Fetch();
    EXPECT_TRUE(fetched.ok()) << fetched;
  }
  Task<void> End(GroupSynchronizer* synchronizer) {
    co_await synchronizer->Close();
    co_await context.Close();
    co_await tasks.Stop();
  }
  // What others have appended: nothing that matters, but much of it.
  void Grow() {
    for (int i = 0; i < 10; ++i) log += Framed(Record{false, {RemoveReader{std::string(60'000, 'x'), {}}}});
  }

  TestRuntime runtime;
  ScriptedStore store;
  ScriptedController controller;
  ClientContext context;
  runtime::TaskGroup tasks;
  std::string log;
  int64_t start = 0;
  int64_t mark = wire::kNullAttributeValue;
  std::set<std::string> asked_about;
  std::vector<int64_t> appended_at;
};

// The segment that owns the key 0, whatever its number, its epoch and its place in the controller's list.
TEST_F(GroupSynchronizerTest, FindsTheSegmentOfTheKeyZero) {
  controller.current = {RangeOf(Seg(5, 1), 0.5, 1), RangeOf(Seg(4, 1), 0, 0.5)};
  auto test = [](GroupSynchronizerTest* t) -> Task<void> {
    t->tasks.Spawn("questions", ServeQuestions(t));
    std::unique_ptr<GroupSynchronizer> synchronizer = co_await t->Open();
    co_await t->Fetch(synchronizer.get());
    EXPECT_EQ(t->asked_about, std::set<std::string>{"sc/_RGgroup/4.#epoch.1"});
    EXPECT_EQ(synchronizer->state().unassigned.size(), 2u);
    co_await t->End(synchronizer.get());
  };
  runtime.Run(test(this));
}

// The store takes any bytes: an update that cannot be applied would be there for ever, and every reader, Java's too,
// would fail at it. Also when only the last one of a record cannot.
TEST_F(GroupSynchronizerTest, WhatCannotBeAppliedIsNotWritten) {
  auto test = [](GroupSynchronizerTest* t) -> Task<void> {
    t->tasks.Spawn("questions", ServeQuestions(t));
    std::unique_ptr<GroupSynchronizer> synchronizer = co_await t->Open();
    co_await t->Fetch(synchronizer.get());
    const ReaderGroupState before = synchronizer->state();
    const std::vector<Updates> impossible = {
        Updates{AcquireSegment{"nobody", Segment(0)}},
        Updates{AddReader{"r"}, AcquireSegment{"r", Segment(0)}, AcquireSegment{"r", Segment(9)}},
        Updates{AddReader{"r"}, AddReader{"r"}},
    };
    for (const Updates& updates : impossible) {
      absl::StatusOr<bool> written =
          co_await synchronizer->Update([&updates](const ReaderGroupState&) { return updates; });
      EXPECT_TRUE(absl::IsFailedPrecondition(written.status())) << written.status();
    }
    EXPECT_EQ(synchronizer->state(), before);
    // Not even a connection to write on was opened.
    EXPECT_EQ(t->runtime.connects(), 1);
    co_await t->End(synchronizer.get());
  };
  runtime.Run(test(this));
}

// Goal: a log that ends inside a record is damaged, which fetching and writing say instead of trying for ever.
TEST_F(GroupSynchronizerTest, ALogThatEndsInsideARecordIsDamaged) {
  log += Framed(Record{false, {AddReader{"somebody"}}});
  log.pop_back();
  auto test = [](GroupSynchronizerTest* t) -> Task<void> {
    t->tasks.Spawn("questions", ServeQuestions(t));
    std::unique_ptr<GroupSynchronizer> synchronizer = co_await t->Open();
    absl::Status fetched = co_await synchronizer->Fetch();
    EXPECT_TRUE(absl::IsDataLoss(fetched)) << fetched;
    co_await t->End(synchronizer.get());
  };
  runtime.Run(test(this));
}

// Goal: the mark is where the record with the whole state begins, and what is truncated is what was before the mark
// that it replaces: whoever reads from there still finds it.
TEST_F(GroupSynchronizerTest, CompactionMarksItsBeginningAndTruncatesAtTheMarkBefore) {
  auto test = [](GroupSynchronizerTest* t) -> Task<void> {
    t->tasks.Spawn("questions", ServeQuestions(t));
    std::unique_ptr<GroupSynchronizer> synchronizer = co_await t->Open();
    co_await t->Fetch(synchronizer.get());
    t->tasks.Spawn("appends", ServeAppends(t));
    for (size_t round = 1; round <= 3; ++round) {
      t->Grow();
      const int64_t mark_before = t->mark;
      // It is one participant in twenty that does it.
      for (int i = 0; i < 1000 && t->appended_at.size() < round; ++i) co_await t->Fetch(synchronizer.get());
      EXPECT_EQ(t->appended_at.size(), round);
      EXPECT_EQ(t->mark, t->appended_at.back());
      EXPECT_EQ(t->start, round == 1 ? 0 : mark_before);
    }
    // Somebody who comes now reads from the mark on.
    std::unique_ptr<GroupSynchronizer> late = co_await t->Open();
    t->start = t->mark;
    co_await t->Fetch(late.get());
    EXPECT_TRUE(late->initialized());
    EXPECT_EQ(late->state(), synchronizer->state());
    co_await late->Close();
    co_await t->End(synchronizer.get());
  };
  runtime.Run(test(this));
}

}  // namespace
}  // namespace pravega::client
