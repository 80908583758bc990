// The death of a node in the middle of everything: nothing of it goes on, nothing of it stays.
#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <utility>

#include "connector/core/strings.h"
#include "connector/runtime/conformance/conformance.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::IsEmpty;

constexpr uint16_t kPort = 7000;
constexpr uint16_t kRpcPort = 7001;
constexpr uint16_t kOwnPort = 7002;
// Where a channel connects and nobody speaks its language.
constexpr uint16_t kDeafRpcPort = 7003;
// Armed before the crash, due after it: longer than a busy machine takes to get every task to its wait.
constexpr Duration kOutlasting = milliseconds(4000);

// What the test keeps about the tasks of a node. Shared with their frames, some of which outlive the test's body.
struct Watch : std::enable_shared_from_this<Watch> {
  int alive = 0;      // frames that exist
  int went_on = 0;    // tasks that got past their wait
  int connected = 0;  // of the peer's connections with the victim
};

struct Alive {
  explicit Alive(Watch* w) : watch(w->shared_from_this()) { ++watch->alive; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  ~Alive() { --watch->alive; }
  std::shared_ptr<Watch> watch;
};

// What the victim's tasks wait on. Owned by the task that was spawned first, so it goes last.
struct Shared {
  explicit Shared(Scheduler& scheduler)
      : event("an event"),
        semaphore("units", 1),
        empty("an empty queue", 1),
        full("a full queue", 1),
        group(scheduler, "members") {}
  Event event;
  Semaphore semaphore;
  BoundedQueue<std::string> empty;
  BoundedQueue<std::string> full;
  TaskGroup group;
};

Task<void> SleepLong(Runtime* node, Watch* watch) {
  Alive alive(watch);
  absl::Status slept = co_await SleepFor(*node, kOutlasting, "a sleep that outlasts the node");
  ++watch->went_on;
}

Task<void> SleepForEver(Runtime* node, Watch* watch) {
  Alive alive(watch);
  absl::Status slept = co_await SleepUntil(*node, Instant::Infinite(), "for ever");
  ++watch->went_on;
}

Task<absl::Status> WaitForEvent(Shared* shared) {
  absl::Status waited = co_await shared->event.Wait();
  co_return waited;
}

Task<void> WaitWithDeadline(Runtime* node, Shared* shared, Watch* watch) {
  Alive alive(watch);
  absl::Status waited = co_await WithDeadline(*node, WaitForEvent(shared), node->Now() + kOutlasting);
  ++watch->went_on;
}

Task<void> Acquire(Shared* shared, Watch* watch) {
  Alive alive(watch);
  absl::Status acquired = co_await shared->semaphore.Acquire(2);
  ++watch->went_on;
}

Task<void> Pop(Shared* shared, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::string> item = co_await shared->empty.Pop();
  ++watch->went_on;
}

Task<void> Push(Shared* shared, Watch* watch) {
  Alive alive(watch);
  while (true) {
    absl::Status pushed = co_await shared->full.Push(std::string(100, 'x'));
    if (!pushed.ok()) break;
  }
  ++watch->went_on;
}

Task<void> Join(Shared* shared, Watch* watch) {
  Alive alive(watch);
  co_await shared->group.Join();
  ++watch->went_on;
}

Task<void> Member(Shared* shared, Watch* watch) {
  Alive alive(watch);
  absl::Status waited = co_await shared->event.Wait();
  ++watch->went_on;
}

Task<void> Accept(Runtime* node, Endpoint endpoint, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(std::move(endpoint));
  CO_ASSERT(listener.ok(), listener.status());
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await (*listener)->Accept();
  ++watch->went_on;
}

Task<void> ConnectToNobody(Runtime* node, Endpoint endpoint, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::unique_ptr<ByteStream>> stream =
      co_await node->network().Connect(std::move(endpoint), std::nullopt, node->Now() + hours(1));
  ++watch->went_on;
}

Task<void> ReadForEver(Runtime* node, Endpoint endpoint, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await ConnectSoon(node, std::move(endpoint));
  CO_ASSERT(stream.ok(), stream.status());
  absl::StatusOr<Buffer> read = co_await (*stream)->Read(10);
  ++watch->went_on;
}

Task<void> WriteForEver(Runtime* node, Endpoint endpoint, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await ConnectSoon(node, std::move(endpoint));
  CO_ASSERT(stream.ok(), stream.status());
  Buffer chunk(std::string(1024 * 1024, 'x'));
  while (true) {
    std::vector<Buffer> pieces;
    pieces.push_back(chunk);
    absl::Status written = co_await (*stream)->Write(std::move(pieces));
    if (!written.ok()) break;
  }
  ++watch->went_on;
}

Task<absl::StatusOr<std::string>> HandleForEver(Runtime* node, Watch* watch) {
  Alive alive(watch);
  absl::Status slept = co_await SleepUntil(*node, Instant::Infinite(), "a handler");
  ++watch->went_on;
  co_return slept;
}

Task<void> ServeRpc(Runtime* node, Endpoint endpoint, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::unique_ptr<RpcServer>> server = node->NewRpcServer(std::move(endpoint));
  CO_ASSERT(server.ok(), server.status());
  (*server)->Register("/wait", [node, watch](RpcRequest) { return HandleForEver(node, watch); });
  absl::Status ended = co_await (*server)->Serve();
  ++watch->went_on;
}

Task<void> CallRpc(Runtime* node, Endpoint endpoint, Instant deadline, Watch* watch) {
  Alive alive(watch);
  std::unique_ptr<RpcChannel> channel = node->OpenChannel({std::move(endpoint)});
  absl::StatusOr<std::string> reply = absl::UnavailableError("");
  while (absl::IsUnavailable(reply.status())) {
    RpcRequest request;
    request.method = "/wait";
    reply = co_await channel->Call(std::move(request), deadline);
    co_await Pause(node, milliseconds(1));
  }
  ++watch->went_on;
}

Task<void> SyncOverAndOver(Runtime* node, Watch* watch) {
  Alive alive(watch);
  absl::StatusOr<std::unique_ptr<File>> file = co_await node->files().Open("data/log", Files::Mode::kAppend);
  CO_ASSERT(file.ok(), file.status());
  while (true) {
    absl::Status appended = co_await (*file)->Append(Buffer("record"));
    CO_ASSERT(appended.ok(), appended);
    absl::Status synced = co_await (*file)->Sync();
    CO_ASSERT(synced.ok(), synced);
    co_await Pause(node, milliseconds(1));
  }
}

// The first task of the victim: makes what the others wait on, and starts them.
Task<void> StartVictim(Runtime* node, Endpoint peer, Endpoint peer_rpc, Endpoint deaf_rpc, Endpoint unreachable,
                       Endpoint own, Endpoint own_rpc, Watch* watch) {
  Alive alive(watch);
  Shared shared(node->scheduler());
  TaskGroup tasks(node->scheduler(), "victim");
  tasks.Spawn("sleep", SleepLong(node, watch));
  tasks.Spawn("sleep for ever", SleepForEver(node, watch));
  tasks.Spawn("deadline", WaitWithDeadline(node, &shared, watch));
  tasks.Spawn("acquire", Acquire(&shared, watch));
  tasks.Spawn("pop", Pop(&shared, watch));
  tasks.Spawn("push", Push(&shared, watch));
  shared.group.Spawn("member", Member(&shared, watch));
  tasks.Spawn("join", Join(&shared, watch));
  tasks.Spawn("accept", Accept(node, std::move(own), watch));
  tasks.Spawn("connect", ConnectToNobody(node, std::move(unreachable), watch));
  tasks.Spawn("read", ReadForEver(node, peer, watch));
  tasks.Spawn("write", WriteForEver(node, peer, watch));
  tasks.Spawn("serve", ServeRpc(node, std::move(own_rpc), watch));
  tasks.Spawn("call", CallRpc(node, std::move(peer_rpc), Instant::Infinite(), watch));
  tasks.Spawn("call with deadline", CallRpc(node, std::move(deaf_rpc), node->Now() + kOutlasting, watch));
  tasks.Spawn("files", SyncOverAndOver(node, watch));
  co_await tasks.Join();
  ++watch->went_on;
}

// Accepts and never reads; notes connections that end: by a reset, unless they `may_end` in order.
Task<void> HoldConnection(Runtime* node, std::unique_ptr<ByteStream> stream, const bool* over, bool may_end,
                          Watch* watch) {
  ++watch->connected;
  co_await WaitUntilSet(node, over);
  // Bytes that had arrived may come first.
  absl::StatusOr<std::string> rest = co_await ReadToEnd(stream.get());
  if (!may_end || !rest.ok()) {
    EXPECT_EQ(CodeName(rest.status()), "UNAVAILABLE");
  }
  --watch->connected;
}

Task<void> AcceptOnPeer(Runtime* node, Endpoint endpoint, const bool* over, bool may_end, Watch* watch) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(std::move(endpoint));
  CO_ASSERT(listener.ok(), listener.status());
  TaskGroup connections(node->scheduler(), "connections");
  while (true) {
    absl::StatusOr<std::unique_ptr<ByteStream>> stream = co_await (*listener)->Accept();
    if (!stream.ok()) break;
    connections.Spawn("hold", HoldConnection(node, *std::move(stream), over, may_end, watch));
  }
  co_await connections.Stop();
}

Task<void> ListenAgain(Runtime* node, std::vector<Endpoint> endpoints) {
  for (const Endpoint& endpoint : endpoints) {
    absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(endpoint);
    EXPECT_TRUE(listener.ok()) << listener.status();
  }
  co_return;
}

TEST_P(RuntimeConformance, ACrashDuringEveryKindOfWaitLeavesNothingBehind) {
  Runtime& peer = Add("peer");
  Runtime& victim = Add("victim");
  Add("silent");
  auto watch = std::make_shared<Watch>();
  auto peer_watch = std::make_shared<Watch>();
  bool over = false;
  bool can_be_silent = world().SetUnreachable("silent", true);
  world().Spawn("peer", "accept", AcceptOnPeer(&peer, At("peer", kPort), &over, /*may_end=*/false, peer_watch.get()));
  world().Spawn("peer", "accept rpc",
                AcceptOnPeer(&peer, At("peer", kDeafRpcPort), &over, world().rpc_ends_in_order(), peer_watch.get()));
  world().Spawn("peer", "serve", ServeRpc(&peer, At("peer", kRpcPort), peer_watch.get()));
  world().Spawn("victim", "start",
                StartVictim(&victim, At("peer", kPort), At("peer", kRpcPort), At("peer", kDeafRpcPort),
                            At("silent", kPort), At("victim", kOwnPort), At("victim", kRpcPort), watch.get()));
  // The victim's own handlers are called from the peer.
  Start("peer", "call", CallRpc(&peer, At("victim", kRpcPort), peer.Now() + 2 * kOutlasting, peer_watch.get()));
  // The victim's 17 tasks and one handler; its reader, its writer and one of its channels at the peer. Where hosts
  // cannot be made unreachable, the task that connects there has been refused and has ended.
  int tasks = can_be_silent ? 18 : 17;
  ASSERT_TRUE(RunUntil([&] { return watch->alive == tasks && peer_watch->connected == 3; }))
      << watch->alive << " of " << tasks << " tasks, " << peer_watch->connected << " of 3 connections\n"
      << ::testing::PrintToString(world().DescribeWaits());
  RunFor(milliseconds(50));
  EXPECT_EQ(watch->alive, tasks);
  int before = watch->went_on;
  EXPECT_EQ(before, can_be_silent ? 0 : 1);

  world().Crash("victim");
  EXPECT_EQ(watch->alive, 0) << "frames are destroyed";
  over = true;
  ASSERT_TRUE(RunUntil([&] { return peer_watch->connected == 0; })) << "the peer sees every connection break";
  RunFor(kOutlasting + milliseconds(100));
  EXPECT_EQ(watch->went_on, before) << "nothing of a dead node runs";
  EXPECT_THAT(world().Leftovers(), IsEmpty());

  world().Restart("victim");
  Start("victim", "listen", ListenAgain(&world().node("victim"), {At("victim", kOwnPort), At("victim", kRpcPort)}));
  Finish();
}

// The same at many moments, so that waits of every length are cut in their middle.
TEST_P(RuntimeConformance, CrashesAtManyMomentsLeaveNothingBehind) {
  Runtime& peer = Add("peer");
  Add("victim");
  Add("silent");
  auto watch = std::make_shared<Watch>();
  auto peer_watch = std::make_shared<Watch>();
  bool over = true;
  world().SetUnreachable("silent", true);
  world().Spawn("peer", "accept", AcceptOnPeer(&peer, At("peer", kPort), &over, /*may_end=*/false, peer_watch.get()));
  world().Spawn("peer", "accept rpc",
                AcceptOnPeer(&peer, At("peer", kDeafRpcPort), &over, world().rpc_ends_in_order(), peer_watch.get()));
  world().Spawn("peer", "serve", ServeRpc(&peer, At("peer", kRpcPort), peer_watch.get()));
  for (int i = 0; i < 60; ++i) {
    world().Spawn(
        "victim", "start",
        StartVictim(&world().node("victim"), At("peer", kPort), At("peer", kRpcPort), At("peer", kDeafRpcPort),
                    At("silent", kPort), At("victim", kOwnPort), At("victim", kRpcPort), watch.get()));
    RunFor(std::chrono::microseconds(i * i * 5));
    world().Crash("victim");
    EXPECT_EQ(watch->alive, 0);
    world().Restart("victim");
  }
  RunFor(milliseconds(50));
  EXPECT_THAT(world().Leftovers(), IsEmpty());
}

}  // namespace
}  // namespace pravega::runtime
