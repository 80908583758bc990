// Goal: each kind of fault strikes what it says, at the time it says, as often as it says, and heals when it says.
// Method: the engine on a world of idle machines, whose trace tells what was done to them; requests at servers are
// asked by hand.
#include "scenarios/runner/fault_engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/runtime/network.h"
#include "connector/runtime/sleep.h"

namespace pravega::scenarios {
namespace {

using runtime::Endpoint;
using runtime::Instant;
using runtime::Runtime;
using runtime::Task;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kSecond = 1'000'000'000;

DurationRange Exactly(Duration duration) { return {duration, duration}; }

Task<void> Idle(Runtime& runtime) {
  absl::Status slept = co_await runtime::SleepUntil(runtime, Instant::Infinite(), "nothing");
  (void)slept;
}

// Holds one connection that a client opened.
Task<void> Serve(Runtime& runtime) {
  absl::StatusOr<std::unique_ptr<runtime::Listener>> listener = runtime.network().Listen({"store-1", 7});
  CHECK(listener.ok());
  absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await (*listener)->Accept();
  co_await Idle(runtime);
}

// Sends a byte in the middle of every second, or connects if it has no connection.
Task<void> TalkToStore(Runtime& runtime) {
  std::unique_ptr<runtime::ByteStream> stream;
  for (int64_t second = 0;; ++second) {
    if (stream == nullptr) {
      auto connecting = runtime.network().Connect({"store-1", 7}, std::nullopt, Instant::Infinite());
      absl::StatusOr<std::unique_ptr<runtime::ByteStream>> connected = co_await std::move(connecting);
      if (connected.ok()) stream = *std::move(connected);
    } else {
      std::vector<Buffer> byte = {Buffer::Copy("x")};
      absl::Status written = co_await stream->Write(std::move(byte));
      if (!written.ok()) stream = nullptr;
    }
    absl::Status slept =
        co_await runtime::SleepUntil(runtime, Instant(second * kSecond + kSecond / 2), "the next byte");
    CHECK(slept.ok());
  }
}

// What the world did: its time in ms and what.
struct Deed {
  int64_t ms;
  std::string what;
  friend bool operator==(const Deed&, const Deed&) = default;
  friend void PrintTo(const Deed& deed, std::ostream* out) { *out << deed.ms << "ms " << deed.what; }
};

class FaultEngineTest : public ::testing::Test {
 protected:
  struct Strike {
    std::string fault;
    int64_t ms;
    std::string detail;
    friend bool operator==(const Strike&, const Strike&) = default;
    friend void PrintTo(const Strike& s, std::ostream* out) { *out << s.fault << " at " << s.ms << "ms: " << s.detail; }
  };

  FaultEngineTest() {
    scenario_.workload.readers = 3;
    scenario_.workload.writers = 1;
  }

  Fault& Add(std::string name, FaultKind kind, Duration at) {
    Fault fault;
    fault.name = std::move(name);
    fault.kind = kind;
    fault.trigger.at = Exactly(at);
    scenario_.faults.push_back(std::move(fault));
    return scenario_.faults.back();
  }

  // Builds world and engine and starts the engine at 1 s, when the idle machines have started.
  void Start(sim::Tape tape = sim::Tape::Calm(), bool connected = false) {
    sim::WorldOptions options;
    options.trace_sink = [this](std::string_view line) { NoteDeed(line); };
    tape_ = std::move(tape);
    plan_.emplace(tape_);
    world_.emplace(tape_, std::move(options));
    for (const char* name : {"store-1", "store-2", "controller-1", "writer-1", "reader-1", "reader-2", "reader-3"}) {
      world_->AddMachine(name);
      const bool serves = connected && std::string_view(name) == "store-1";
      const bool connects = connected && std::string_view(name) == "writer-1";
      world_->Start(name, serves ? Serve : connects ? TalkToStore : Idle);
    }
    FaultEngine::Hooks hooks;
    hooks.scale = [this](bool up, std::function<void(std::string)> done) {
      scales_.emplace_back(up, world_->now_ns() / 1'000'000);
      if (scales_take_place_) done("split of 0@0");
    };
    hooks.struck = [this](const Fault& fault, const std::string& detail) {
      strikes_.push_back({fault.name, world_->now_ns() / 1'000'000, detail});
    };
    engine_.emplace(*world_, scenario_, *plan_, std::move(hooks));
    RunTo(1000);
    deeds_.clear();
    engine_->Start();
  }

  // In ms since the world began; the engine began at 1000.
  void RunTo(int64_t ms) {
    bool reached = false;
    world_->At(ms * 1'000'000, "", [&reached] { reached = true; });
    world_->RunUntil([&reached] { return reached; }, ms * 1'000'000);
  }

  sim::FaultPhase Ask(std::string_view node, std::string_view command, std::string_view subject = "s/e/0.#epoch.0") {
    return engine_->Decide(Request(node, command, subject));
  }
  void Struck(std::string_view node, std::string_view command, sim::FaultPhase phase,
              std::string_view subject = "s/e/0.#epoch.0") {
    engine_->Struck(Request(node, command, subject), phase);
  }
  FaultReport Report(std::string_view name) {
    for (FaultReport& report : engine_->Reports()) {
      if (report.name == name) return report;
    }
    ADD_FAILURE() << "no report of " << name;
    return {};
  }

  Scenario scenario_;
  sim::Tape tape_;
  std::optional<sim::PlanReader> plan_;
  std::optional<sim::World> world_;
  std::optional<FaultEngine> engine_;
  std::vector<Deed> deeds_;
  std::vector<Strike> strikes_;
  std::vector<std::pair<bool, int64_t>> scales_;
  bool scales_take_place_ = true;

 private:
  static sim::SessionRequest Request(std::string_view node, std::string_view command, std::string_view subject) {
    return {node, node.starts_with("store") ? "wire" : "rpc", command, subject};
  }

  // "TIME world world ORDINAL HEX".
  void NoteDeed(std::string_view line) {
    if (line.find(" world world ") == std::string_view::npos) return;
    Deed deed{std::stoll(std::string(line)) / 1'000'000, ""};
    std::string_view hex = line.substr(line.rfind(' ') + 1);
    for (; hex.size() >= 2; hex.remove_prefix(2)) {
      deed.what.push_back(static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16)));
    }
    deeds_.push_back(std::move(deed));
  }
};

TEST_F(FaultEngineTest, ACrashKillsItsMachineAndRestartsIt) {
  Fault& fault = Add("c", FaultKind::kCrash, seconds(2));
  fault.node = "store-2";
  fault.lasts = Exactly(seconds(3));
  Start();
  EXPECT_FALSE(engine_->Quiet());
  RunTo(2999);
  EXPECT_TRUE(world_->running("store-2"));
  RunTo(3001);
  EXPECT_FALSE(world_->running("store-2"));
  EXPECT_TRUE(world_->running("store-1"));
  EXPECT_FALSE(engine_->Quiet());
  EXPECT_EQ(engine_->last_healed_ns(), 6 * kSecond) << "when it will heal is known";
  RunTo(60'000);
  EXPECT_TRUE(engine_->Quiet());
  EXPECT_EQ(deeds_, (std::vector<Deed>{{3000, "crash store-2"}, {6000, "start store-2"}}));
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"c", 3000, "crash of store-2"}}));
  EXPECT_EQ(Report("c").strikes, 1);
  EXPECT_EQ(Report("c").first_strike_ns, 3 * kSecond);
  EXPECT_EQ(Report("c").first_detail, "crash of store-2");
}

TEST_F(FaultEngineTest, AMachineThatIsDownAlreadyIsNotStruckAgain) {
  for (const char* name : {"a", "b"}) {
    Fault& fault = Add(name, FaultKind::kCrash, seconds(2));
    fault.node = "store-2";
    fault.lasts = Exactly(seconds(3));
  }
  Start();
  RunTo(60'000);
  EXPECT_EQ(Report("a").strikes, 1);
  EXPECT_EQ(Report("b").strikes, 0);
  EXPECT_TRUE(world_->running("store-2"));
}

TEST_F(FaultEngineTest, APauseFreezesItsMachine) {
  Fault& fault = Add("p", FaultKind::kPause, milliseconds(500));
  fault.node = "controller-1";
  fault.lasts = Exactly(seconds(1));
  Start();
  RunTo(1501);
  EXPECT_TRUE(world_->paused("controller-1"));
  RunTo(60'000);
  EXPECT_FALSE(world_->paused("controller-1"));
  EXPECT_EQ(deeds_, (std::vector<Deed>{{1500, "pause controller-1"}, {2500, "resume controller-1"}}));
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"p", 1500, "pause of controller-1"}}));
}

TEST_F(FaultEngineTest, ALinkIsCutInOneDirectionOrInBoth) {
  Fault& one = Add("one", FaultKind::kCutLink, seconds(1));
  one.from = "writer-1";
  one.to = "store-1";
  one.lasts = Exactly(seconds(1));
  Fault& both = Add("both", FaultKind::kCutLink, seconds(5));
  both.from = "reader-1";
  both.to = "store-2";
  both.both_ways = true;
  both.lasts = Exactly(seconds(2));
  Start();
  RunTo(60'000);
  EXPECT_EQ(deeds_, (std::vector<Deed>{{2000, "cut writer-1>store-1"},
                                       {3000, "heal writer-1>store-1"},
                                       {6000, "cut reader-1>store-2"},
                                       {6000, "cut store-2>reader-1"},
                                       {8000, "heal reader-1>store-2"},
                                       {8000, "heal store-2>reader-1"}}));
  EXPECT_EQ(strikes_, (std::vector<Strike>())) << "nobody sends anything";
}

TEST_F(FaultEngineTest, ACutStrikesWhenItFirstHoldsSomething) {
  Fault& fault = Add("c", FaultKind::kCutLink, milliseconds(1200));
  fault.from = "store-1";
  fault.to = "writer-1";
  fault.both_ways = true;
  fault.lasts = Exactly(seconds(2));
  Start(sim::Tape::Calm(), /*connected=*/true);
  RunTo(60'000);
  EXPECT_EQ(deeds_.front(), (Deed{2200, "cut store-1>writer-1"}));
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"c", 2500, "cut of store-1 <-> writer-1"}})) << "once, though two are held";
}

TEST_F(FaultEngineTest, OnTrafficWaitsUntilSomethingIsSentAndStrikesIt) {
  Fault& cut = Add("cut", FaultKind::kCutLink, milliseconds(1200));
  cut.from = "writer-1";
  cut.to = "store-1";
  cut.trigger.on_traffic = true;
  cut.lasts = Exactly(milliseconds(200));
  Fault& silent = Add("silent", FaultKind::kCutLink, seconds(1));
  silent.from = "store-1";
  silent.to = "writer-1";
  silent.trigger.on_traffic = true;
  Fault& reset = Add("reset", FaultKind::kResetLinks, milliseconds(3700));
  reset.from = "writer-1";
  reset.to = "store-1";
  reset.trigger.on_traffic = true;
  Start(sim::Tape::Calm(), /*connected=*/true);
  RunTo(60'000);
  EXPECT_EQ(deeds_,
            (std::vector<Deed>{
                {2500, "cut writer-1>store-1"}, {2700, "heal writer-1>store-1"}, {5500, "reset writer-1-store-1"}}));
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"cut", 2500, "cut of writer-1 -> store-1"},
                                           {"reset", 5500, "reset of 1 connection between writer-1 and store-1"}}));
}

TEST_F(FaultEngineTest, OfSeveralLinksTheFirstToBeUsedIsStruck) {
  Fault& cut = Add("cut", FaultKind::kCutLink, milliseconds(1200));
  cut.from = "store-*";
  cut.to = "writer-*";
  cut.both_ways = true;
  cut.trigger.on_traffic = true;
  cut.lasts = Exactly(seconds(1));
  cut.repeat = 1;
  cut.every = seconds(5);
  Start(sim::Tape::Calm(), /*connected=*/true);
  RunTo(60'000);
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"cut", 2500, "cut of store-1 <-> writer-1"},
                                           {"cut", 7500, "cut of store-1 <-> writer-1"}}));
  EXPECT_EQ(deeds_.size(), 8u);
}

TEST_F(FaultEngineTest, ConnectionsAreRefusedForATime) {
  Fault& fault = Add("r", FaultKind::kRefuse, seconds(1));
  fault.from = "writer-1";
  fault.to = "store-1";
  fault.lasts = Exactly(seconds(4));
  Fault& idle = Add("idle", FaultKind::kRefuse, seconds(1));
  idle.from = "reader-1";
  idle.to = "store-1";
  Fault& reset = Add("reset", FaultKind::kResetLinks, milliseconds(1200));
  reset.from = "writer-1";
  reset.to = "store-1";
  Start(sim::Tape::Calm(), /*connected=*/true);
  RunTo(60'000);
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"reset", 2200, "reset of 1 connection between writer-1 and store-1"},
                                           {"r", 3500, "refusal of connections from writer-1 to store-1"}}))
      << "the first of several that are refused: a byte that cannot be sent comes before it";
  EXPECT_EQ(Report("idle").strikes, 0);
  EXPECT_EQ(deeds_.back(), (Deed{6000, "admit writer-1>store-1"}));
}

TEST_F(FaultEngineTest, AResetStrikesOnlyIfItBreaksAConnection) {
  Fault& nothing = Add("nothing", FaultKind::kResetLinks, seconds(1));
  nothing.from = "writer-1";
  nothing.to = "store-2";
  Fault& one = Add("one", FaultKind::kResetLinks, seconds(2));
  one.from = "writer-1";
  one.to = "store-1";
  Start(sim::Tape::Calm(), /*connected=*/true);
  RunTo(60'000);
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"one", 3000, "reset of 1 connection between writer-1 and store-1"}}));
  EXPECT_EQ(Report("nothing").strikes, 0);
}

TEST_F(FaultEngineTest, AScaleStrikesWhenItTookPlace) {
  Add("up", FaultKind::kScaleUp, seconds(1));
  Add("down", FaultKind::kScaleDown, seconds(2));
  Start();
  RunTo(2500);
  scales_take_place_ = false;
  RunTo(60'000);
  EXPECT_EQ(scales_, (std::vector<std::pair<bool, int64_t>>{{true, 2000}, {false, 3000}}));
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"up", 2000, "split of 0@0"}}));
  EXPECT_EQ(Report("down").strikes, 0) << "it was asked for and refused";
}

TEST_F(FaultEngineTest, RepeatsStrikeAgainAtTheirDistance) {
  Fault& fault = Add("c", FaultKind::kCrash, seconds(1));
  fault.node = "writer-1";
  fault.lasts = Exactly(milliseconds(100));
  fault.repeat = 2;
  fault.every = seconds(10);
  Start();
  RunTo(15'000);
  EXPECT_FALSE(engine_->Quiet()) << "it will strike once more";
  RunTo(60'000);
  EXPECT_TRUE(engine_->Quiet());
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"c", 2000, "crash of writer-1"},
                                           {"c", 12'000, "crash of writer-1"},
                                           {"c", 22'000, "crash of writer-1"}}));
}

TEST_F(FaultEngineTest, OnCommandWaitsForARequestAfterItsTime) {
  Fault& fault = Add("c", FaultKind::kCrash, seconds(5));
  fault.node = "controller-1";
  fault.trigger.on_command = "SealSegment";
  fault.trigger.skip = 1;
  fault.lasts = Exactly(seconds(1));
  Start();
  EXPECT_EQ(Ask("store-1", "SealSegment"), sim::FaultPhase::kNone);  // before its time: not even skipped
  RunTo(7000);
  EXPECT_TRUE(engine_->Quiet()) << "it may never strike";
  EXPECT_EQ(Ask("store-1", "SealSegment"), sim::FaultPhase::kNone);  // skipped
  EXPECT_EQ(Ask("store-1", "DeleteSegment"), sim::FaultPhase::kNone);
  RunTo(8000);
  EXPECT_TRUE(strikes_.empty());
  EXPECT_EQ(Ask("store-2", "SealSegment"), sim::FaultPhase::kNone) << "the request itself is not touched";
  EXPECT_FALSE(engine_->Quiet());
  RunTo(60'000);
  EXPECT_EQ(Ask("store-2", "SealSegment"), sim::FaultPhase::kNone);  // once is enough
  RunTo(61'000);
  EXPECT_EQ(deeds_, (std::vector<Deed>{{8000, "crash controller-1"}, {9000, "start controller-1"}}));
}

TEST_F(FaultEngineTest, AStoreWaitsForARequestOfItsOwn) {
  Fault& fault = Add("c", FaultKind::kCrash, seconds(0));
  fault.node = "store-2";
  fault.trigger.on_command = "AppendBlockEnd";
  Start();
  RunTo(2000);
  Ask("store-1", "AppendBlockEnd");
  RunTo(3000);
  EXPECT_TRUE(strikes_.empty());
  Ask("store-2", "AppendBlockEnd");
  RunTo(4000);
  EXPECT_EQ(strikes_.size(), 1u);
}

TEST_F(FaultEngineTest, ASessionFaultStrikesMatchingRequestsInItsPhase) {
  for (const auto& [phase, expected] :
       {std::pair(FaultPhase::kBeforeApply, sim::FaultPhase::kBeforeApply),
        std::pair(FaultPhase::kAppliedNotAnswered, sim::FaultPhase::kAppliedNotAnswered),
        std::pair(FaultPhase::kTwice, sim::FaultPhase::kTwice)}) {
    scenario_.faults.clear();
    strikes_.clear();
    engine_.reset();
    Fault& fault = Add("s", FaultKind::kSession, seconds(1));
    fault.command = "AppendBlockEnd";
    fault.node = "store-1";
    fault.subject = "epoch.1";
    fault.phase = phase;
    fault.trigger.skip = 1;
    fault.times = 2;
    Start();
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/1.#epoch.1"), sim::FaultPhase::kNone) << "before its time";
    RunTo(3000);
    EXPECT_EQ(Ask("store-2", "AppendBlockEnd", "s/e/1.#epoch.1"), sim::FaultPhase::kNone) << "another server";
    EXPECT_EQ(Ask("store-1", "SetupAppend", "s/e/1.#epoch.1"), sim::FaultPhase::kNone) << "another command";
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/0.#epoch.0"), sim::FaultPhase::kNone) << "another segment";
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/1.#epoch.1"), sim::FaultPhase::kNone) << "skipped";
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/1.#epoch.1"), expected);
    EXPECT_EQ(Report("s").strikes, 0) << "decided, but nothing has happened yet";
    Struck("store-1", "AppendBlockEnd", expected, "s/e/1.#epoch.1");
    EXPECT_EQ(strikes_, (std::vector<Strike>{{"s", 3000, "AppendBlockEnd on s/e/1.#epoch.1 at store-1"}}));
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/1.#epoch.1"), expected);
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/1.#epoch.1"), sim::FaultPhase::kNone)
        << "two at most, under way included";
    Struck("store-1", "AppendBlockEnd", expected, "s/e/1.#epoch.1");
    EXPECT_EQ(Ask("store-1", "AppendBlockEnd", "s/e/1.#epoch.1"), sim::FaultPhase::kNone);
    EXPECT_EQ(Report("s").strikes, 2);
  }
}

TEST_F(FaultEngineTest, ADecisionThatNeverStruckMakesRoomForAnotherAndStillCountsIfItStrikesLate) {
  Fault& fault = Add("s", FaultKind::kSession, seconds(0));
  fault.command = "ReadSegment";
  fault.times = 1;
  Start();
  RunTo(1001);
  const sim::FaultPhase phase = Ask("store-1", "ReadSegment");
  EXPECT_EQ(phase, sim::FaultPhase::kAppliedNotAnswered);
  RunTo(9000);
  EXPECT_EQ(Ask("store-1", "ReadSegment"), sim::FaultPhase::kNone);
  RunTo(12'000);
  EXPECT_EQ(Ask("store-1", "ReadSegment", "s/e/9.#epoch.9"), phase) << "the first has probably come to nothing";
  RunTo(20'000);
  Struck("store-1", "ReadSegment", phase);  // the answer of a read at the tail, after all
  EXPECT_EQ(Report("s").strikes, 1);
}

TEST_F(FaultEngineTest, AChanceIsDrawnFromTheFaultsOwnStream) {
  Fault& fault = Add("s", FaultKind::kSession, seconds(0));
  fault.command = "ReadSegment";
  fault.times = 1'000'000;
  fault.per_million = 250'000;
  Fault& never = Add("never", FaultKind::kSession, seconds(0));
  never.command = "ReadSegment";
  never.per_million = 0;
  Start(sim::Tape::FromSeed(1));
  RunTo(1001);
  int struck = 0;
  for (int i = 0; i < 1000; ++i) {
    if (Ask("store-1", "ReadSegment") == sim::FaultPhase::kNone) continue;
    ++struck;
    Struck("store-1", "ReadSegment", sim::FaultPhase::kAppliedNotAnswered);
  }
  EXPECT_GT(struck, 200);
  EXPECT_LT(struck, 300);
  EXPECT_EQ(Report("s").strikes, struck);
  EXPECT_EQ(Report("never").strikes, 0);
}

TEST_F(FaultEngineTest, ADisabledFaultDoesNothingAndLeavesTheOthersTheirDraws) {
  auto strikes_with = [this](bool enabled) {
    scenario_.faults.clear();
    strikes_.clear();
    engine_.reset();
    Fault& first = Add("first", FaultKind::kCrash, seconds(0));
    first.node = "reader-*";
    first.trigger.at = {seconds(1), seconds(30)};
    first.enabled = enabled;
    first.must_strike = true;
    Fault& second = Add("second", FaultKind::kPause, seconds(0));
    second.node = "reader-*";
    second.trigger.at = {seconds(31), seconds(60)};
    second.lasts = {seconds(1), seconds(5)};
    Start(sim::Tape::FromSeed(3));
    RunTo(120'000);
    return strikes_;
  };
  std::vector<Strike> both = strikes_with(true);
  EXPECT_EQ(engine_->Reports().size(), 2u);
  EXPECT_TRUE(Report("first").must_strike);
  std::vector<Strike> one = strikes_with(false);
  EXPECT_EQ(engine_->Reports().size(), 1u);
  ASSERT_EQ(both.size(), 2u);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0], both[1]);
}

TEST_F(FaultEngineTest, WhatIsLeftOpenLiesWithinItsRangeAndThePlanDecidesIt) {
  Fault& fault = Add("c", FaultKind::kCrash, seconds(0));
  fault.node = "reader-*";
  fault.trigger.at = {seconds(10), seconds(20)};
  std::set<int64_t> times;
  std::set<std::string> victims;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    strikes_.clear();
    engine_.reset();
    Start(sim::Tape::FromSeed(seed));
    RunTo(60'000);
    ASSERT_EQ(strikes_.size(), 1u);
    EXPECT_GE(strikes_[0].ms, 11'000);
    EXPECT_LE(strikes_[0].ms, 21'000);
    times.insert(strikes_[0].ms);
    victims.insert(strikes_[0].detail);
  }
  EXPECT_GT(times.size(), 15u);
  EXPECT_EQ(victims, (std::set<std::string>{"crash of reader-1", "crash of reader-2", "crash of reader-3"}));
  // Zeros are the calmest plan: the earliest time, the first reader.
  strikes_.clear();
  engine_.reset();
  Start(sim::Tape::Calm());
  RunTo(60'000);
  EXPECT_EQ(strikes_, (std::vector<Strike>{{"c", 11'000, "crash of reader-1"}}));
}

}  // namespace
}  // namespace pravega::scenarios
