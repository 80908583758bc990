// Remote calls: what comes back, and what a caller learns when something goes wrong.
#include <gmock/gmock.h>

#include <algorithm>
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
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Log = std::vector<std::string>;
using Reply = absl::StatusOr<std::string>;

constexpr uint16_t kPort = 9090;

constexpr char kEcho[] = "/test.Service/echo";
constexpr char kDescribe[] = "/test.Service/describe";
constexpr char kSleep[] = "/test.Service/sleep";
constexpr char kFail[] = "/test.Service/fail";
constexpr char kNever[] = "/test.Service/never";

Task<Reply> Echo(RpcRequest request) { co_return std::move(request.body); }

// The request as text, with the headers of one name together.
Task<Reply> Describe(RpcRequest request) {
  std::string text = StrCat(request.method, "|", request.body);
  std::stable_sort(request.metadata.begin(), request.metadata.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, value] : request.metadata) {
    // Transports may add headers of their own.
    if (key.starts_with("test-")) text += StrCat("|", key, "=", value);
  }
  co_return std::move(text);
}

// The body is a status code.
Task<Reply> Fail(RpcRequest request) {
  co_return absl::Status(static_cast<absl::StatusCode>(std::stoi(request.body)), "failed as " + request.body);
}

// The body is a number of milliseconds.
Task<Reply> SleepAsAsked(Runtime* node, RpcRequest request) {
  absl::Status slept = co_await SleepFor(*node, milliseconds(std::stoi(request.body)), "as long as asked");
  if (!slept.ok()) co_return slept;
  co_return "slept " + request.body;
}

Task<Reply> NeverAnswer(Runtime* node, int* waiting) {
  ++*waiting;
  absl::Status slept = co_await SleepUntil(*node, Instant::Infinite(), "for ever");
  co_return slept;
}

struct Served {
  int never_answered = 0;  // calls of kNever that wait
  std::string ended;       // what Serve returned
};

// Not coroutines themselves, so the closures may capture; the server keeps them.
void RegisterAll(Runtime* node, RpcServer* server, Served* served) {
  server->Register(kEcho, Echo);
  server->Register(kDescribe, Describe);
  server->Register(kFail, Fail);
  server->Register(kSleep, [node](RpcRequest request) { return SleepAsAsked(node, std::move(request)); });
  server->Register(kNever, [node, served](RpcRequest) { return NeverAnswer(node, &served->never_answered); });
}

Task<void> Serve(Runtime* node, Endpoint endpoint, RpcServer::Interceptor interceptor, Served* served) {
  absl::StatusOr<std::unique_ptr<RpcServer>> server = node->NewRpcServer(std::move(endpoint));
  CO_ASSERT(server.ok(), server.status());
  RegisterAll(node, server->get(), served);
  if (interceptor) (*server)->SetInterceptor(std::move(interceptor));
  absl::Status ended = co_await (*server)->Serve();
  served->ended = CodeName(ended);
}

Task<Reply> Call(Runtime* node, RpcChannel* channel, std::string method, std::string body) {
  RpcRequest request;
  request.method = std::move(method);
  request.body = std::move(body);
  Reply reply = co_await channel->Call(std::move(request), node->Now() + RuntimeConformance::kGenerous);
  co_return std::move(reply);
}

// Until the server is there.
Task<Reply> CallSoon(Runtime* node, RpcChannel* channel, std::string method, std::string body) {
  Instant deadline = node->Now() + RuntimeConformance::kGenerous;
  while (true) {
    Reply reply = co_await Call(node, channel, method, body);
    if (!absl::IsUnavailable(reply.status()) || node->Now() >= deadline) co_return std::move(reply);
    co_await Pause(node, milliseconds(2));
  }
}

std::string TextOrCode(const Reply& reply) { return reply.ok() ? *reply : CodeName(reply.status()); }

using Use = Task<void> (*)(Runtime*, RpcChannel*, Log*);

Task<void> WithChannel(Runtime* node, std::vector<Endpoint> endpoints, Use use, Log* log) {
  std::unique_ptr<RpcChannel> channel = node->OpenChannel(std::move(endpoints));
  Reply up = co_await CallSoon(node, channel.get(), kEcho, "up");
  EXPECT_EQ(TextOrCode(up), "up");
  co_await use(node, channel.get(), log);
}

// A server with the methods above on "server", and `use` with a channel to it on "client".
void RunRpc(RuntimeConformance& test, Use use, RpcServer::Interceptor interceptor, Served* served, Log* log) {
  Runtime& server_node = test.Add("server");
  Runtime& client_node = test.Add("client");
  Endpoint endpoint = test.At("server", kPort);
  test.world().Spawn("server", "serve", Serve(&server_node, endpoint, std::move(interceptor), served));
  test.Start("client", "use", WithChannel(&client_node, {endpoint}, use, log));
}

TEST_P(RuntimeConformance, ACallCarriesItsBodyAndItsMetadata) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        RpcRequest request;
        request.method = kDescribe;
        request.body = "the body";
        request.metadata = {{"test-a", "1"}, {"test-b", ""}, {"test-a", "2"}};
        Reply reply = co_await channel->Call(std::move(request), node->Now() + hours(1));
        l->push_back(TextOrCode(reply));
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_THAT(log, ElementsAre("/test.Service/describe|the body|test-a=1|test-a=2|test-b="));
}

TEST_P(RuntimeConformance, BodiesMayBeEmptyOrLargeAndHoldAnyByte) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        for (size_t size : {0u, 1u, 1000u, 1024u * 1024u}) {
          Reply reply = co_await Call(node, channel, kEcho, SomeBytes(size, size));
          l->push_back(!reply.ok() ? reply.status().ToString() : *reply == SomeBytes(size, size) ? "same" : "other");
        }
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_THAT(log, ElementsAre("same", "same", "same", "same"));
}

Task<void> CallAndLog(Runtime* node, RpcChannel* channel, std::string method, std::string body, Log* log) {
  Reply reply = co_await Call(node, channel, std::move(method), std::move(body));
  log->push_back(TextOrCode(reply));
}

TEST_P(RuntimeConformance, CallsOverlap) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        TaskGroup calls(node->scheduler(), "calls");
        // Far enough apart for a busy machine.
        for (const char* sleep : {"400", "10", "200"}) calls.Spawn(sleep, CallAndLog(node, channel, kSleep, sleep, l));
        co_await calls.Join();
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_THAT(log, ElementsAre("slept 10", "slept 200", "slept 400"));
}

TEST_P(RuntimeConformance, ManyCallsAtOnceAreAllAnswered) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        TaskGroup calls(node->scheduler(), "calls");
        for (int i = 0; i < 500; ++i) {
          calls.Spawn("call", CallAndLog(node, channel, i % 2 == 0 ? kSleep : kEcho, std::to_string(i % 5), l));
        }
        co_await calls.Join();
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_EQ(log.size(), 500u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(std::count(log.begin(), log.end(), "slept " + std::to_string(i)) +
                  std::count(log.begin(), log.end(), std::to_string(i)),
              100);
  }
}

TEST_P(RuntimeConformance, ACallEndsAtItsDeadlineAndTheChannelGoesOn) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        RpcRequest request;
        request.method = kNever;
        Instant deadline = node->Now() + milliseconds(30);
        Reply reply = co_await channel->Call(std::move(request), deadline);
        l->push_back(TextOrCode(reply));
        EXPECT_GE(node->Now(), deadline);
        Reply echo = co_await Call(node, channel, kEcho, "still here");
        l->push_back(TextOrCode(echo));
        RpcRequest late;
        late.method = kEcho;
        Reply too_late = co_await channel->Call(std::move(late), node->Now());
        l->push_back(TextOrCode(too_late));
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_THAT(log, ElementsAre("DEADLINE_EXCEEDED", "still here", "DEADLINE_EXCEEDED"));
  EXPECT_LE(served.never_answered, 1);
}

TEST_P(RuntimeConformance, ACallCanBeCancelledAndTheChannelGoesOn) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        TaskGroup calls(node->scheduler(), "calls");
        calls.Spawn("call", CallAndLog(node, channel, kNever, "", l));
        co_await Pause(node, milliseconds(20));
        co_await calls.Stop();
        Reply echo = co_await Call(node, channel, kEcho, "still here");
        l->push_back(TextOrCode(echo));
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_THAT(log, ElementsAre("CANCELLED", "still here"));
}

Task<void> CallUntil(Runtime* node, RpcChannel* channel, std::string method, Duration limit, Log* log) {
  RpcRequest request;
  request.method = std::move(method);
  Reply reply = co_await channel->Call(std::move(request), node->Now() + limit);
  log->push_back(TextOrCode(reply));
}

TEST_P(RuntimeConformance, CallsThatAreNeverAnsweredDoNotUseUpTheChannel) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        for (int round = 0; round < 3; ++round) {
          TaskGroup calls(node->scheduler(), "calls");
          for (int i = 0; i < 90; ++i) calls.Spawn("call", CallUntil(node, channel, kNever, milliseconds(200), l));
          co_await calls.Join();
        }
        Reply echo = co_await Call(node, channel, kEcho, "still here");
        EXPECT_EQ(TextOrCode(echo), "still here");
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_EQ(log.size(), 270u);
  EXPECT_THAT(log, Each("DEADLINE_EXCEEDED"));
}

TEST_P(RuntimeConformance, AnUnknownMethodIsUnimplementedAndNamed) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        Reply reply = co_await Call(node, channel, "/test.Service/missing", "");
        l->push_back(CodeName(reply.status()));
        l->push_back(std::string(ToStd(reply.status().message())));
      },
      nullptr, &served, &log);
  Finish();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0], "UNIMPLEMENTED");
  EXPECT_THAT(log[1], HasSubstr("/test.Service/missing"));
}

TEST_P(RuntimeConformance, TheServersErrorsArePassedOn) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        for (int code = 1; code <= 16; ++code) {
          Reply reply = co_await Call(node, channel, kFail, std::to_string(code));
          EXPECT_EQ(static_cast<int>(reply.status().code()), code);
          EXPECT_EQ(ToStd(reply.status().message()), StrCat("failed as ", code));
          l->push_back("failed");
        }
      },
      nullptr, &served, &log);
  Finish();
  EXPECT_EQ(log.size(), 16u);
}

TEST_P(RuntimeConformance, WithoutAServerCallsAreUnavailable) {
  Runtime& client = Add("client");
  Add("server");
  Log log;
  auto call = [](Runtime* node, Endpoint endpoint, Log* l) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = node->OpenChannel({std::move(endpoint)});
    co_await CallAndLog(node, channel.get(), kEcho, "", l);
  };
  Start("client", "call", call(&client, At("server", kPort), &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("UNAVAILABLE"));
}

TEST_P(RuntimeConformance, TheChannelUsesWhicheverServerItCanReach) {
  Runtime& first = Add("first");
  Runtime& third = Add("third");
  Runtime& client = Add("client");
  Add("second");
  Served served;
  Log log;
  auto who = [](Runtime* node, Endpoint endpoint, Served* s) -> Task<void> {
    absl::StatusOr<std::unique_ptr<RpcServer>> server = node->NewRpcServer(std::move(endpoint));
    CO_ASSERT(server.ok(), server.status());
    (*server)->Register(kEcho, [node](RpcRequest) {
      return [](std::string name) -> Task<Reply> { co_return name; }(node->node_name());
    });
    absl::Status ended = co_await (*server)->Serve();
    s->ended = CodeName(ended);
  };
  world().Spawn("first", "serve", who(&first, At("first", kPort), &served));
  world().Spawn("third", "serve", who(&third, At("third", kPort), &served));
  bool first_is_gone = false;
  auto call = [](Runtime* node, std::vector<Endpoint> endpoints, const bool* gone, Log* l) -> Task<void> {
    std::unique_ptr<RpcChannel> channel = node->OpenChannel(std::move(endpoints));
    Reply reply = co_await CallSoon(node, channel.get(), kEcho, "");
    l->push_back(TextOrCode(reply));
    co_await WaitUntilSet(node, gone);
    // The call that meets the broken connection may fail; the next ones find the other server.
    Reply next = co_await CallSoon(node, channel.get(), kEcho, "");
    l->push_back(TextOrCode(next));
  };
  Start("client", "call",
        call(&client, {At("second", kPort), At("first", kPort), At("third", kPort)}, &first_is_gone, &log));
  ASSERT_TRUE(RunUntil([&] { return !log.empty(); }));
  // "second" does not listen; which of the others is used first is the channel's business.
  std::string used = log[0];
  ASSERT_TRUE(used == "first" || used == "third") << used;
  world().Crash(used);
  first_is_gone = true;
  Finish();
  EXPECT_THAT(log, ElementsAre(used, used == "first" ? "third" : "first"));
}

TEST_P(RuntimeConformance, ACallWhoseServerDiesIsUnavailableAndTheChannelFindsTheNextOne) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        co_await CallAndLog(node, channel, kNever, "", l);
        Reply again = co_await CallSoon(node, channel, kEcho, "again");
        l->push_back(TextOrCode(again));
      },
      nullptr, &served, &log);
  ASSERT_TRUE(RunUntil([&] { return served.never_answered == 1; }));
  world().Crash("server");
  ASSERT_TRUE(RunUntil([&] { return !log.empty(); }));
  EXPECT_THAT(log, ElementsAre("UNAVAILABLE"));
  world().Restart("server");
  world().Spawn("server", "serve", Serve(&world().node("server"), At("server", kPort), nullptr, &served));
  Finish();
  EXPECT_THAT(log, ElementsAre("UNAVAILABLE", "again"));
}

TEST_P(RuntimeConformance, AServerNoticesAndForgetsClientsThatDie) {
  Log log;
  Served served;
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        co_await CallAndLog(node, channel, kSleep, "60", l);
      },
      nullptr, &served, &log);
  RunFor(milliseconds(20));
  world().Crash("client");
  world().Restart("client");
  Runtime& client = world().node("client");
  Start("client", "use",
        WithChannel(
            &client, {At("server", kPort)},
            [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
              co_await CallAndLog(node, channel, kSleep, "100", l);
            },
            &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("slept 100"));
}

// How the interceptor below treats a call, by its body.
Task<Reply> Intercept(Runtime* node, RpcRequest request, const RpcHandler* handler, Served* served) {
  std::string body = request.body;
  if (body == "never") {
    Reply never = co_await NeverAnswer(node, &served->never_answered);
    co_return std::move(never);
  }
  Reply first = co_await (*handler)(request);
  if (body != "twice") co_return std::move(first);
  Reply second = co_await (*handler)(std::move(request));
  co_return StrCat(TextOrCode(first), "+", TextOrCode(second));
}

TEST_P(RuntimeConformance, AnInterceptorMayAnswerOnceTwiceOrNever) {
  Log log;
  Served served;
  Runtime* server = nullptr;
  RpcServer::Interceptor interceptor = [&server, &served](RpcRequest request, const RpcHandler& handler) {
    return Intercept(server, std::move(request), &handler, &served);
  };
  RunRpc(
      *this,
      [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
        co_await CallAndLog(node, channel, kEcho, "once", l);
        co_await CallAndLog(node, channel, kEcho, "twice", l);
        co_await CallAndLog(node, channel, kEcho, "", l);
        TaskGroup calls(node->scheduler(), "calls");
        calls.Spawn("never", CallAndLog(node, channel, kEcho, "never", l));
        co_await Pause(node, milliseconds(20));
        co_await CallAndLog(node, channel, "/test.Service/missing", "", l);
        co_await calls.Stop();
      },
      interceptor, &served, &log);
  server = &world().node("server");
  Finish();
  EXPECT_THAT(log, ElementsAre("once", "twice+twice", "", "UNIMPLEMENTED", "CANCELLED"));
  EXPECT_EQ(served.never_answered, 1);
}

Task<void> StopServing(Runtime* node, Endpoint endpoint, Served* served, const bool* stop) {
  {
    TaskGroup group(node->scheduler(), "serving");
    group.Spawn("serve", Serve(node, endpoint, nullptr, served));
    co_await WaitUntilSet(node, stop);
    co_await group.Stop();
  }
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(endpoint);
  EXPECT_TRUE(listener.ok()) << listener.status() << ": the port is free when the server is gone";
}

TEST_P(RuntimeConformance, ServingEndsWhenItIsCancelledAlsoWithCallsInProgress) {
  Runtime& server = Add("server");
  Runtime& client = Add("client");
  Served served;
  Log log;
  bool stop = false;
  Start("server", "serve", StopServing(&server, At("server", kPort), &served, &stop));
  Start("client", "use",
        WithChannel(
            &client, {At("server", kPort)},
            [](Runtime* node, RpcChannel* channel, Log* l) -> Task<void> {
              TaskGroup calls(node->scheduler(), "calls");
              for (int i = 0; i < 3; ++i) calls.Spawn("call", CallAndLog(node, channel, kNever, "", l));
              co_await calls.Join();
            },
            &log));
  ASSERT_TRUE(RunUntil([&] { return served.never_answered == 3; }));
  stop = true;
  Finish();
  EXPECT_EQ(served.ended, "CANCELLED");
  EXPECT_THAT(log, ElementsAre("UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"));
}

Task<void> TakePort(Runtime* node, Endpoint endpoint) {
  absl::StatusOr<std::unique_ptr<RpcServer>> first = node->NewRpcServer(endpoint);
  CO_ASSERT(first.ok(), first.status());
  absl::StatusOr<std::unique_ptr<RpcServer>> second = node->NewRpcServer(endpoint);
  EXPECT_EQ(CodeName(second.status()), "ALREADY_EXISTS");
}

TEST_P(RuntimeConformance, APortHasOneRpcServer) {
  Runtime& node = Add("node");
  Start("node", "listen", TakePort(&node, At("node", kPort)));
  Finish();
}

}  // namespace
}  // namespace pravega::runtime
