#include "scenarios/runner/run.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "connector/core/strings.h"
#include "scenarios/history/recorder.h"
#include "scenarios/workloads/administration.h"
#include "scenarios/workloads/context.h"
#include "scenarios/workloads/event_writing.h"
#include "scenarios/workloads/reading.h"
#include "scenarios/workloads/row_ledger.h"
#include "scenarios/workloads/transaction_writing.h"
#include "simulator/cluster/simulated_cluster.h"
#include "simulator/durable/durable_faults.h"

namespace pravega::scenarios {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

sim::WorldOptions WorldOptionsOf(const Scenario& scenario, const RunOptions& options) {
  sim::WorldOptions world;
  const NetworkShape& network = scenario.network;
  world.link.latency_min_ns = network.latency.low.count();
  world.link.latency_jitter_ns = network.latency.high.count() - network.latency.low.count();
  world.link.slow_ppm = network.slow_per_million;
  world.link.slow_extra_ns = network.slow_extra.count();
  world.link.bytes_per_second = network.bytes_per_second;
  world.link.split_ppm = network.split_per_million;
  world.link.one_byte_chunks = network.one_byte_chunks;
  world.trace_sink = options.trace_sink;
  world.log_sink = options.log_sink;
  return world;
}

// Of records whose writer was gone any prefix survives: the schedule says how many.
class Survival : public sim::NoDurableFaults {
 public:
  explicit Survival(sim::World& world) : choices_(world.WorldStream("survivors", "log")) {}
  size_t Survivors(const sim::DurableRequest&, size_t records) override {
    // Zero, the calmest, keeps them all.
    return records - static_cast<size_t>(choices_.Below(records + 1, "lost records"));
  }

 private:
  runtime::ChoiceStream choices_;
};

// One run, from the first machine to the verdict.
class Run {
 public:
  Run(const Scenario& scenario, const Rows& rows, const sim::Tape& tape, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        plan_(tape),
        history_(std::make_unique<History>()),
        recorder_(*history_),
        world_(std::make_unique<sim::World>(tape, WorldOptionsOf(scenario, options))),
        survival_(*world_),
        faults_(*world_, scenario, plan_, MakeHooks()),
        cluster_(*world_, ClusterOptionsOf(scenario), faults_, survival_) {
    context_.workload = &scenario_.workload;
    context_.rows = &rows;
    context_.controllers = cluster_.controllers();
    context_.recorder = &recorder_;
    context_.now_ns = [this] { return world_->now_ns(); };
    context_.shares = ShareRows(rows, scenario_.workload.writers);
    context_.ledger = std::make_unique<RowLedger>(rows.rows().size());
    context_.readers.resize(static_cast<size_t>(scenario_.workload.readers));
    AddClients();
    SetClocks();
    SetParameters();
  }

  ~Run() { world_.reset(); }  // its nodes refer to everything else

  absl::StatusOr<RunResult> Finish() {
    Drive();
    RunResult result;
    result.events = context_.events_recorded;
    result.virtual_ns = world_->now_ns();
    result.trace_hash = world_->trace().hash();
    result.world = world_->stats();
    result.faults = faults_.Reports();
    result.plan = plan_.drawn();
    for (const FaultReport& fault : result.faults) result.strikes += fault.strikes;
    if (stuck_) {
      result.verdict = RunVerdict::kStuck;
      result.reason = stuck_reason_;
      result.waits = world_->DescribeWaits();
    }
    world_.reset();  // writers that still run report what they did
    result.resends = context_.resends;
    absl::StatusOr<Report> report = CheckNamed(*history_, scenario_.checks);
    if (!report.ok()) return report.status();
    result.report = *std::move(report);
    Judge(result);
    result.history = std::move(history_);
    return result;
  }

 private:
  static sim::ClusterOptions ClusterOptionsOf(const Scenario& scenario) {
    sim::ClusterOptions options;
    options.segment_stores = scenario.cluster.segment_stores;
    options.containers = scenario.cluster.containers;
    options.controllers = scenario.cluster.controllers;
    options.controller.clock_skew = std::chrono::milliseconds(
        1 + scenario.workload.transaction_lease.count() / 1'000'000 * 2 * scenario.cluster.clock_skew_ppm / 1'000'000);
    return options;
  }

  FaultEngine::Hooks MakeHooks() {
    FaultEngine::Hooks hooks;
    hooks.scale = [this](bool up, std::function<void(std::string)> done) {
      administration_.scale_requests.push_back({up, std::move(done)});
      WakeAdmin();
    };
    hooks.struck = [this](const Fault& fault, const std::string& detail) {
      FaultStrike strike;
      strike.fault = recorder_.Name(fault.name);
      strike.target = recorder_.Name(detail);
      strike.pending = recorder_.Pending();
      recorder_.Note(world_->now_ns(), recorder_.Name("world"), std::move(strike));
    };
    return hooks;
  }

  void WakeAdmin() {
    if (world_->running("admin")) world_->Post("admin", [this] { administration_.wake(); });
  }

  std::string WriterName(int index) const { return StrCat("writer-", index + 1); }
  std::string ReaderName(int index) const { return StrCat("reader-", index + 1); }

  void AddClients() {
    world_->AddMachine("admin");
    for (int i = 0; i < scenario_.workload.writers; ++i) world_->AddMachine(WriterName(i));
    for (int i = 0; i < scenario_.workload.readers; ++i) world_->AddMachine(ReaderName(i));
    const std::set<std::string, std::less<>> bugs(scenario_.planted.begin(), scenario_.planted.end());
    for (const std::string& name : world_->machine_names()) world_->SetPlanted(name, bugs);
  }

  void SetClocks() {
    const int32_t most = scenario_.cluster.clock_skew_ppm;
    for (const std::string& name : world_->machine_names()) {
      const uint32_t draw = plan_.Below(static_cast<uint32_t>(2 * most + 1));
      // Zero is no error; then slower and faster by turns.
      const int32_t size = static_cast<int32_t>((draw + 1) / 2);
      const int32_t ppm = draw % 2 == 0 ? size : -size;
      if (ppm != 0) world_->SetClock(name, ppm, ppm);
    }
  }

  void SetParameters() {
    RunParameters& parameters = history_->parameters();
    // A lease is measured by the controller's clock; the history's may be slower or faster by the largest error.
    parameters.clock_skew_ns =
        scenario_.workload.transaction_lease.count() / 1'000'000 * 4 * scenario_.cluster.clock_skew_ppm + 10'000'000;
    parameters.facts["scenario"] = scenario_.name;
  }

  // Programs of clients are told apart by life: a machine that restarts goes on where the observer knows that it was.
  void StartWriter(int index) {
    const bool transactional = index >= scenario_.workload.writers - scenario_.workload.transactional_writers;
    const std::string name = WriterName(index);
    world_->Start(name, [this, index, name, transactional](runtime::Runtime& runtime) {
      const int life = static_cast<int>(world_->incarnation(name));
      if (life > 1) recorder_.Abandon(world_->now_ns(), recorder_.Name(ProcessName(name, life - 1)));
      const auto writer = static_cast<size_t>(index);
      return transactional ? WriteTransactions(runtime, context_, writer, ProcessName(name, life))
                           : WriteEvents(runtime, context_, writer, ProcessName(name, life));
    });
  }

  void StartReader(int index) {
    const std::string name = ReaderName(index);
    world_->Start(name, [this, index, name](runtime::Runtime& runtime) {
      return ReadEvents(runtime, context_, static_cast<size_t>(index), name);
    });
  }

  bool AllWritten() const {
    return std::all_of(context_.shares.begin(), context_.shares.end(), [](const WriterShare& s) { return s.done; });
  }
  bool AllRead() const {
    return std::all_of(context_.readers.begin(), context_.readers.end(), [](const ReaderShare& s) { return s.done; });
  }

  void Drive() {
    cluster_.Start();
    world_->Start("admin",
                  [this](runtime::Runtime& runtime) { return Administrate(runtime, context_, administration_); });
    if (!RunUntil([this] { return administration_.stage_is_set; }, "scope, stream and reader group exist")) return;
    context_.start_ns = world_->now_ns();
    for (int i = 0; i < scenario_.workload.writers; ++i) StartWriter(i);
    for (int i = 0; i < scenario_.workload.readers; ++i) StartReader(i);
    faults_.Start();
    if (!RunUntil([this] { return AllWritten(); }, "every row is written")) return;
    administration_.writers_done = true;
    WakeAdmin();
    if (!RunUntil([this] { return AllRead(); }, "every reader is at the end")) return;
    administration_.readers_done = true;
    WakeAdmin();
    RunUntil([this] { return administration_.looked; }, "the end is looked at");
  }

  // Stuck is not that nothing can run, since keep-alives and refreshes always can, but that the work gets no further
  // for a time although no fault is in the way.
  bool RunUntil(const std::function<bool()>& goal, std::string_view what) {
    int64_t progress_ns = world_->now_ns();
    uint64_t progress = Progress();
    while (true) {
      if (world_->RunUntil(goal, world_->now_ns() + kSecond)) return true;
      if (options_.progress) {
        options_.progress(world_->now_ns(), context_.events_recorded,
                          static_cast<int64_t>(context_.rows->rows().size()));
      }
      if (Progress() != progress || !faults_.Quiet()) {
        progress = Progress();
        progress_ns = world_->now_ns();
      }
      const int64_t calm_since = std::max(progress_ns, faults_.last_healed_ns());
      const bool late = world_->now_ns() > scenario_.limits.run.count();
      if (late || world_->now_ns() - calm_since > scenario_.limits.stuck_after.count()) {
        stuck_ = true;
        stuck_reason_ = StrCat("waiting until ", what, ": ", late ? "the time limit has passed" : "nothing gets on");
        if (!administration_.gave_up.empty()) stuck_reason_ += "; " + administration_.gave_up;
        return false;
      }
    }
  }

  // Grows when the work gets on. Checkpoints and other calls do not count: they go on for ever.
  uint64_t Progress() const {
    int64_t progress = context_.events_settled + context_.events_recorded;
    for (const WriterShare& share : context_.shares)
      progress += static_cast<int64_t>(share.next) + (share.done ? 1 : 0);
    for (const ReaderShare& reader : context_.readers) progress += reader.done ? 1 : 0;
    return static_cast<uint64_t>(progress);
  }

  void Judge(RunResult& result) const {
    if (const CheckerReport* failed = result.report.first_failure()) {
      result.verdict = RunVerdict::kFail;
      result.reason = StrCat(failed->name, ": ", failed->verdict.witness.words);
      return;
    }
    if (const std::optional<std::string>& twice = context_.ledger->twice()) {
      result.verdict = RunVerdict::kFail;
      result.reason = *twice;
      return;
    }
    if (stuck_) return;
    for (const FaultReport& fault : result.faults) {
      if (!fault.must_strike || fault.strikes > 0) continue;
      result.verdict = RunVerdict::kVacuous;
      result.reason = StrCat("the fault '", fault.name, "' must strike and never did");
      return;
    }
    if (result.report.judgement() == Judgement::kVacuous) {
      result.verdict = RunVerdict::kVacuous;
      result.reason = result.report.reason();
      return;
    }
    if (std::optional<std::string> undone = WhatWasNotDone(result)) {
      result.verdict = RunVerdict::kVacuous;
      result.reason = *std::move(undone);
    }
  }

  // A run that did not do its work proves nothing of it.
  std::optional<std::string> WhatWasNotDone(const RunResult& result) const {
    if (std::optional<std::string> missing = context_.ledger->Missing()) return missing;
    size_t checkpoints = 0;
    size_t read_backs = 0;
    for (const Operation& op : history_->operations()) {
      if (op.ok() && op.As<Checkpoint>() != nullptr) ++checkpoints;
      if (op.ok() && op.As<ReadBack>() != nullptr) ++read_backs;
    }
    const Workload& workload = scenario_.workload;
    const int64_t every_ns = workload.checkpoint_every.count();
    const bool due = every_ns > 0 && result.virtual_ns - context_.start_ns > 3 * every_ns;
    if (due && checkpoints == 0) return "no checkpoint was completed";
    const size_t wanted = std::min(checkpoints, static_cast<size_t>(workload.read_backs));
    if (read_backs < wanted) return StrCat(read_backs, " of ", wanted, " checkpoints were read back");
    return std::nullopt;
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  sim::PlanReader plan_;
  std::unique_ptr<History> history_;
  Recorder recorder_;
  WorkloadContext context_;
  Administration administration_;
  std::unique_ptr<sim::World> world_;
  Survival survival_;
  FaultEngine faults_;
  sim::SimulatedCluster cluster_;
  bool stuck_ = false;
  std::string stuck_reason_;
};

}  // namespace

std::string_view RunVerdictName(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::kPass:
      return "PASS";
    case RunVerdict::kFail:
      return "FAIL";
    case RunVerdict::kStuck:
      return "STUCK";
    case RunVerdict::kVacuous:
      return "VACUOUS";
  }
  return "UNKNOWN";
}

RunVerdict Worse(RunVerdict a, RunVerdict b) {
  for (RunVerdict one : {RunVerdict::kFail, RunVerdict::kStuck, RunVerdict::kVacuous}) {
    if (a == one || b == one) return one;
  }
  return RunVerdict::kPass;
}

absl::StatusOr<RunResult> RunScenario(const Scenario& scenario, const Rows& rows, const sim::Tape& tape,
                                      const RunOptions& options) {
  Run run(scenario, rows, tape, options);
  return run.Finish();
}

}  // namespace pravega::scenarios
