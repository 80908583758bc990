// Goal: for every command that the store serves, its connection can be cut before it is applied and after it is
// applied, and its reply can come twice. Method: a table of all of them; what was applied is looked up on another
// connection.
#include "simulator/faults/session_faults.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/wire/attributes.h"
#include "connector/wire/commands.h"
#include "simulator/segmentstore/implemented_commands.h"
#include "simulator/segmentstore/not_simulated.h"
#include "simulator/segmentstore/store_harness.h"

namespace pravega::sim {
namespace {

using Connection = StoreHarness::Connection;

const char* const kSource = "sc/st/0.#epoch.0#transaction.00000000000000010000000000000002";

struct Case {
  std::vector<wire::Command> before;  // each answered once, on the same connection
  std::vector<wire::Command> request;
  std::optional<wire::CommandType> reply;  // none: the command has no reply of its own
  // Whether it was applied, asked on another connection; empty for commands that change nothing.
  std::function<bool(Connection&)> applied;
};

int64_t Length(Connection& c) { return c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(kSegment)).write_offset; }
bool Exists(Connection& c, const std::string& segment) {
  c.Send(InfoOfSegment(segment));
  return std::holds_alternative<wire::StreamSegmentInfo>(*c.Receive());
}

std::map<wire::CommandType, Case> Cases() {
  const wire::Command create = CreateOf(kSegment);
  const wire::Command setup = SetupOf(kSegment);
  const wire::Command append = AppendOf("data", 1);
  const wire::AppendBlock block{.writer_id = kWriterId, .data = Buffer("data")};
  wire::AppendBlockEnd end = AppendOf("", 1);
  end.size_of_whole_events = 4;
  auto stored = [](Connection& c) { return Length(c) == 4; };
  std::map<wire::CommandType, Case> cases;
  cases[wire::Hello::kType] = {{}, {wire::Hello{.high_version = 16, .low_version = 5}}, wire::Hello::kType, nullptr};
  cases[wire::KeepAlive::kType] = {{}, {wire::KeepAlive{}}, wire::KeepAlive::kType, nullptr};
  cases[wire::SetupAppend::kType] = {{create}, {setup}, wire::AppendSetup::kType, nullptr};
  cases[wire::AppendBlock::kType] = {{create, setup}, {block, end}, std::nullopt, stored};
  cases[wire::AppendBlockEnd::kType] = {{create, setup}, {block, end}, wire::DataAppended::kType, stored};
  cases[wire::ConditionalAppend::kType] = {
      {create, setup},
      {wire::ConditionalAppend{.writer_id = kWriterId, .event_number = EventNumber(1), .event = Buffer("data")}},
      wire::DataAppended::kType,
      [](Connection& c) { return Length(c) == 12; }};
  cases[wire::ConditionalBlockEnd::kType] = {
      {create, setup},
      {wire::ConditionalBlockEnd{.writer_id = kWriterId, .event_number = EventNumber(1), .data = Buffer("data")}},
      wire::DataAppended::kType,
      stored};
  cases[wire::ReadSegment::kType] = {{create, setup, append}, {ReadOf(kSegment, 0)}, wire::SegmentRead::kType, nullptr};
  cases[wire::GetStreamSegmentInfo::kType] = {
      {create}, {InfoOfSegment(kSegment)}, wire::StreamSegmentInfo::kType, nullptr};
  cases[wire::CreateSegment::kType] = {
      {}, {create}, wire::SegmentCreated::kType, [](Connection& c) { return Exists(c, kSegment); }};
  cases[wire::SealSegment::kType] = {{create}, {SealOf(kSegment)}, wire::SegmentSealed::kType, [](Connection& c) {
                                       return c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(kSegment)).is_sealed;
                                     }};
  cases[wire::DeleteSegment::kType] = {
      {create}, {wire::DeleteSegment{.segment = kSegment}}, wire::SegmentDeleted::kType, [](Connection& c) {
        return !Exists(c, kSegment);
      }};
  cases[wire::UpdateSegmentPolicy::kType] = {{create},
                                             {wire::UpdateSegmentPolicy{.segment = kSegment, .target_rate = 9}},
                                             wire::SegmentPolicyUpdated::kType,
                                             [](Connection& c) {
                                               wire::GetSegmentAttribute get{.segment = kSegment,
                                                                             .attribute_id = wire::kScalePolicyRate};
                                               return c.Ask<wire::SegmentAttribute>(get).value == 9;
                                             }};
  cases[wire::GetSegmentAttribute::kType] = {
      {create}, {wire::GetSegmentAttribute{.segment = kSegment}}, wire::SegmentAttribute::kType, nullptr};
  cases[wire::UpdateSegmentAttribute::kType] = {
      {create},
      {wire::UpdateSegmentAttribute{.segment = kSegment,
                                    .attribute_id = Uuid{4, 4},
                                    .new_value = 3,
                                    .expected_value = wire::kNullAttributeValue}},
      wire::SegmentAttributeUpdated::kType,
      [](Connection& c) {
        return c.Ask<wire::SegmentAttribute>(wire::GetSegmentAttribute{.segment = kSegment, .attribute_id = Uuid{4, 4}})
                   .value == 3;
      }};
  cases[wire::TruncateSegment::kType] = {
      {create, setup, append},
      {wire::TruncateSegment{.segment = kSegment, .truncation_offset = 2}},
      wire::SegmentTruncated::kType,
      [](Connection& c) { return c.Ask<wire::StreamSegmentInfo>(InfoOfSegment(kSegment)).start_offset == 2; }};
  auto merged = [](Connection& c) { return Length(c) == 4 && !Exists(c, kSource); };
  const std::vector<wire::Command> with_source = {create, CreateOf(kSource), SetupOf(kSource), append};
  cases[wire::MergeSegments::kType] = {
      with_source, {wire::MergeSegments{.target = kSegment, .source = kSource}}, wire::SegmentsMerged::kType, merged};
  cases[wire::MergeSegmentsBatch::kType] = {with_source,
                                            {wire::MergeSegmentsBatch{.target = kSegment, .sources = {kSource}}},
                                            wire::SegmentsBatchMerged::kType,
                                            merged};
  return cases;
}

class SessionFaultsTest : public ::testing::TestWithParam<wire::CommandType> {
 protected:
  // Sends what comes before and then, under the fault, the request.
  Connection& Provoke(FaultPhase phase) {
    Connection& c = harness_.Connect();
    for (const wire::Command& command : case_.before) {
      c.Send(command);
      EXPECT_TRUE(c.Receive().has_value());
    }
    harness_.faults().Plan(std::string(wire::CommandName(GetParam())), phase);
    c.SendAll(case_.request);
    return c;
  }
  std::string Strike(FaultPhase phase) {
    std::string subject(wire::SegmentOf(case_.request.back()));
    if (subject.empty() && !case_.before.empty()) subject = kSegment;
    return std::string(wire::CommandName(GetParam())) + " " + subject + " " + std::to_string(static_cast<int>(phase));
  }
  bool Applied() {
    harness_.Pass(std::chrono::milliseconds(100));
    return case_.applied(harness_.Connect());
  }

  StoreHarness harness_;
  Case case_ = Cases()[GetParam()];
};

TEST_P(SessionFaultsTest, CutBeforeItIsApplied) {
  Connection& c = Provoke(FaultPhase::kBeforeApply);
  EXPECT_TRUE(c.Closes());
  EXPECT_EQ(c.received(), 0u);
  EXPECT_EQ(harness_.faults().struck, std::vector<std::string>{Strike(FaultPhase::kBeforeApply)});
  if (case_.applied) {
    EXPECT_FALSE(Applied());
  }
}

TEST_P(SessionFaultsTest, CutAfterItIsApplied) {
  Connection& c = Provoke(FaultPhase::kAppliedNotAnswered);
  if (case_.reply) {
    EXPECT_TRUE(c.Closes());
    EXPECT_EQ(c.received(), 0u);
    EXPECT_EQ(harness_.faults().struck, std::vector<std::string>{Strike(FaultPhase::kAppliedNotAnswered)});
  } else {
    // There is no reply to lose, so the fault did not happen.
    EXPECT_TRUE(c.Receive().has_value());
    EXPECT_TRUE(harness_.faults().struck.empty());
  }
  if (case_.applied) {
    EXPECT_TRUE(Applied());
  }
}

TEST_P(SessionFaultsTest, ReplySentTwice) {
  Connection& c = Provoke(FaultPhase::kTwice);
  std::optional<wire::Command> reply = c.Receive();
  ASSERT_TRUE(reply.has_value());
  if (case_.reply) {
    EXPECT_EQ(wire::TypeOf(*reply), *case_.reply);
    EXPECT_EQ(c.Receive(), reply);
    EXPECT_EQ(harness_.faults().struck, std::vector<std::string>{Strike(FaultPhase::kTwice)});
  }
  EXPECT_TRUE(c.StaysSilent(std::chrono::milliseconds(100)));
  if (case_.applied) {
    EXPECT_TRUE(Applied());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCommand, SessionFaultsTest, ::testing::ValuesIn(kImplementedCommands),
                         [](const auto& info) { return std::string(wire::CommandName(info.param)); });

TEST(ImplementedCommandsTest, EveryRequestIsServedOrListedAsNotSimulated) {
  std::set<std::string_view> served;
  for (wire::CommandType type : kImplementedCommands) EXPECT_TRUE(served.insert(wire::CommandName(type)).second);
  std::set<std::string_view> refused;
  for (const NotSimulated& entry : NotSimulatedByTheStore()) EXPECT_TRUE(refused.insert(entry.what).second);
  for (const wire::CommandInfo& info : wire::AllCommands()) {
    bool is_request = info.direction == wire::Direction::kRequest || info.direction == wire::Direction::kBoth;
    EXPECT_EQ(static_cast<int>(is_request), static_cast<int>(served.contains(info.name) + refused.contains(info.name)))
        << info.name;
  }
  EXPECT_EQ(Cases().size(), served.size());
  // A command without a reply of its own has none to lose or to repeat.
  size_t replies = 0;
  for (const auto& [type, tested] : Cases()) replies += tested.reply.has_value() ? 1 : 0;
  std::printf(
      "%zu commands, each with its connection cut before it is applied; %zu of them have a reply, each with "
      "its connection cut after it is applied, and its reply sent twice\n",
      served.size(), replies);
}

TEST(SessionFaultsAskedTest, OnceForEachCommandWithTheSegmentItIsAbout) {
  StoreHarness harness;
  Connection& c = harness.Connect();
  c.Ask<wire::Hello>(wire::Hello{.high_version = 16, .low_version = 5});
  c.Ask<wire::SegmentCreated>(CreateOf(kSegment));
  c.Ask<wire::AppendSetup>(SetupOf(kSegment));
  c.SendAll({wire::AppendBlock{.writer_id = kWriterId, .data = Buffer("x")}, AppendOf("", 1)});
  EXPECT_TRUE(c.Closes());  // the end contradicts its block, but was asked about
  const std::string segment = kSegment;
  EXPECT_EQ(harness.faults().asked,
            (std::vector<std::string>{"Hello ", "CreateSegment " + segment, "SetupAppend " + segment,
                                      "AppendBlock " + segment, "AppendBlockEnd " + segment}));
}

}  // namespace
}  // namespace pravega::sim
