#include "simulator/segmentstore/store_harness.h"

#include <algorithm>

#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/encode.h"
#include "connector/wire/frame_parser.h"

namespace pravega::sim {

using runtime::Task;

namespace {

constexpr int64_t kPatienceNs = 10'000'000'000;

WorldOptions WithLog(WorldOptions options, std::vector<std::string>* log) {
  options.log_sink = [log](int64_t, std::string_view node, std::string_view line) {
    if (node == "store") log->emplace_back(line);
  };
  return options;
}

}  // namespace

FaultPhase PlannedSessionFaults::Decide(const SessionRequest& request) {
  asked.push_back(StrCat(request.command, " ", request.subject));
  if (!planned_ || planned_->first != request.command) return FaultPhase::kNone;
  FaultPhase phase = planned_->second;
  planned_.reset();
  return phase;
}

void PlannedSessionFaults::Struck(const SessionRequest& request, FaultPhase phase) {
  struck.push_back(StrCat(request.command, " ", request.subject, " ", static_cast<int>(phase)));
}

DurableDecision PlannedDurableFaults::Decide(const DurableRequest& request) {
  if (request.operation != "append" || appends.empty()) return {};
  DurableDecision decision = appends.front();
  appends.pop_front();
  return decision;
}

// ---- StoreHarness

StoreHarness::StoreHarness(Options options)
    : options_(std::move(options.store)),
      world_(Tape::FromSeed(options.seed), WithLog(std::move(options.world), &log_)),
      logs_(world_, durable_faults_) {
  options_.endpoint = {"store", 12345};
  if (options_.containers.empty()) options_.containers.push_back(ContainerId(0));
  world_.AddMachine("store");
  world_.AddMachine("client");
  world_.SetPlanted("store", std::move(options.planted));
  world_.Start("store", [this](runtime::Runtime& node) { return RunStore(node); });
  world_.Start("client", [this](runtime::Runtime& node) { return RunClient(node); });
  world_.RunUntil([this] { return store_ != nullptr && store_->running_containers() > 0; }, kPatienceNs);
}

StoreHarness::~StoreHarness() {
  for (const char* machine : {"client", "store"}) {
    if (world_.running(machine)) world_.Crash(machine);
  }
}

Task<void> StoreHarness::RunStore(runtime::Runtime& node) {
  SegmentStore store(node, options_, logs_, faults_);
  runtime::TaskGroup tasks(node.scheduler(), "store");
  store_ = &store;
  store_tasks_ = &tasks;
  tasks.Spawn("serve", Serve(&store, &node));
  co_await tasks.Join();
  store_ = nullptr;
}

Task<void> StoreHarness::Serve(SegmentStore* store, runtime::Runtime* node) {
  absl::Status ended = co_await store->Run();
  node->Log(ended.ToString());
}

void StoreHarness::StopStore() {
  world_.Post("store", [this] { store_tasks_->Cancel(); });
  world_.RunUntil([this] { return world_.finished("store"); }, world_.now_ns() + kPatienceNs);
}

std::unique_ptr<DurableLog> StoreHarness::FenceLog() {
  std::unique_ptr<DurableLog> log = logs_.Open(world_.node("client"), ContainerId(0));
  bool done = false;
  world_.Post("client", [&] { client_tasks_->Spawn("fence", Fence(log.get(), &done)); });
  CHECK(world_.RunUntil([&done] { return done; }, world_.now_ns() + kPatienceNs));
  return log;
}

Task<void> StoreHarness::Fence(DurableLog* log, bool* done) {
  absl::Status fenced = co_await log->Fence();
  CHECK(fenced.ok());
  *done = true;
}

Task<void> StoreHarness::RunClient(runtime::Runtime& node) {
  runtime::TaskGroup tasks(node.scheduler(), "connections");
  client_tasks_ = &tasks;
  absl::Status slept = co_await runtime::SleepUntil(node, runtime::Instant::Infinite(), "the end");
  (void)slept;
}

void StoreHarness::RestartStore() {
  store_ = nullptr;
  world_.Restart("store");
  world_.RunUntil([this] { return store_ != nullptr && store_->running_containers() > 0; },
                  world_.now_ns() + kPatienceNs);
}

StoreHarness::Connection& StoreHarness::Connect() {
  connections_.push_back(std::make_unique<Connection>(this));
  Connection* connection = connections_.back().get();
  world_.Post("client", [this, connection] {
    client_tasks_->Spawn("connection", connection->Run(world_.node("client"), options_.endpoint));
  });
  world_.RunUntil([connection] { return connection->connected_; }, world_.now_ns() + kPatienceNs);
  return *connection;
}

void StoreHarness::Pass(std::chrono::nanoseconds how_long) {
  world_.RunUntil([] { return false; }, world_.now_ns() + how_long.count());
}

// ---- Connection

Task<void> StoreHarness::Connection::Run(runtime::Runtime& node, runtime::Endpoint endpoint) {
  Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> connecting =
      node.network().Connect(std::move(endpoint), std::nullopt, node.Now() + std::chrono::seconds(5));
  absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await std::move(connecting);
  CHECK_MSG(stream.ok(), stream.status().ToString());
  stream_ = stream->get();
  connected_ = true;
  runtime::TaskGroup writer(node.scheduler(), "writer");
  writer.Spawn("write", WriteLoop());
  wire::FrameParser parser(wire::FrameParser::Options::ForClient());
  while (true) {
    while (paused_) {
      absl::Status waited = co_await resumed_.Wait();
      if (!waited.ok()) co_return;
    }
    absl::StatusOr<Buffer> bytes = co_await stream_->Read(1 << 20);
    if (!bytes.ok() || bytes->empty()) break;
    parser.Push(*std::move(bytes));
    while (true) {
      absl::StatusOr<std::optional<wire::Command>> command = parser.Next();
      CHECK_MSG(command.ok(), command.status().ToString());
      if (!command->has_value()) break;
      received_.push_back(**std::move(command));
    }
  }
  closed_ = true;
  to_send_.Set();
  co_await writer.Join();
  // The client ends its side too.
  if (!finishing_) {
    absl::Status shut = co_await stream_->ShutdownWrite();
    shut.IgnoreError();
  }
  stream_ = nullptr;
}

Task<void> StoreHarness::Connection::WriteLoop() {
  while (!closed_) {
    if (outgoing_.empty() && finishing_) {
      absl::Status shut = co_await stream_->ShutdownWrite();
      shut.IgnoreError();
      co_return;
    }
    if (outgoing_.empty()) {
      to_send_.Reset();
      absl::Status waited = co_await to_send_.Wait();
      if (!waited.ok()) co_return;
      continue;
    }
    std::vector<Buffer> pieces;
    pieces.push_back(Buffer(std::exchange(outgoing_, {})));
    absl::Status written = co_await stream_->Write(std::move(pieces));
    if (!written.ok()) co_return;
  }
}

void StoreHarness::Connection::SendBytes(std::string bytes) {
  harness_->world_.Post("client", [this, bytes = std::move(bytes)] {
    outgoing_ += bytes;
    to_send_.Set();
  });
}

void StoreHarness::Connection::SendAll(const std::vector<wire::Command>& commands) {
  std::string bytes;
  for (const wire::Command& command : commands) {
    absl::StatusOr<Buffer> frame = wire::EncodeContiguous(command);
    CHECK_MSG(frame.ok(), frame.status().ToString());
    bytes += frame->view();
  }
  SendBytes(std::move(bytes));
}

void StoreHarness::Connection::Send(const wire::Command& command) { SendAll({command}); }

std::optional<wire::Command> StoreHarness::Connection::Receive() {
  World& world = harness_->world_;
  world.RunUntil([this] { return !received_.empty() || closed_; }, world.now_ns() + kPatienceNs);
  if (received_.empty()) return std::nullopt;
  wire::Command command = std::move(received_.front());
  received_.pop_front();
  return command;
}

bool StoreHarness::Connection::Closes() {
  World& world = harness_->world_;
  return world.RunUntil([this] { return closed_; }, world.now_ns() + kPatienceNs);
}

bool StoreHarness::Connection::StaysSilent(std::chrono::milliseconds how_long) {
  World& world = harness_->world_;
  int64_t until = world.now_ns() + std::chrono::nanoseconds(how_long).count();
  return !world.RunUntil([this] { return !received_.empty() || closed_; }, until);
}

void StoreHarness::Connection::Finish() {
  harness_->world_.Post("client", [this] {
    finishing_ = true;
    to_send_.Set();
  });
}

void StoreHarness::Connection::Reset() {
  harness_->world_.Post("client", [this] {
    if (stream_ != nullptr) stream_->Reset();
  });
}

void StoreHarness::Connection::PauseReading(bool paused) {
  harness_->world_.Post("client", [this, paused] {
    paused_ = paused;
    resumed_.Pulse();
  });
}

std::string StoreHarness::Connection::Describe() const {
  std::string text = closed_ ? "the connection was closed" : "nothing came";
  for (const std::string& line : harness_->log_) text += "\n  " + line;
  return text;
}

// ---- Shorthands

wire::CreateSegment CreateOf(std::string segment) { return {.request_id = kRequest, .segment = std::move(segment)}; }

wire::SetupAppend SetupOf(std::string segment, WriterId writer) {
  return {.request_id = kRequest, .writer_id = writer, .segment = std::move(segment)};
}

wire::AppendBlockEnd AppendOf(std::string data, int64_t number, int32_t events, WriterId writer) {
  return {.writer_id = writer,
          .size_of_whole_events = 0,
          .data = Buffer(std::move(data)),
          .num_events = events,
          .last_event_number = EventNumber(number),
          .request_id = kRequest};
}

wire::ReadSegment ReadOf(std::string segment, int64_t offset, int32_t length) {
  return {.segment = std::move(segment), .offset = offset, .suggested_length = length, .request_id = kRequest};
}

wire::GetStreamSegmentInfo InfoOfSegment(std::string segment) {
  return {.request_id = kRequest, .segment = std::move(segment)};
}

wire::SealSegment SealOf(std::string segment) { return {.request_id = kRequest, .segment = std::move(segment)}; }

}  // namespace pravega::sim
