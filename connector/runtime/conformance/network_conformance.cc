// Names, connecting and listening.
#include <gmock/gmock.h>

#include <optional>
#include <utility>

#include "connector/core/strings.h"
#include "connector/runtime/conformance/conformance.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using Log = std::vector<std::string>;
using StreamOr = absl::StatusOr<std::unique_ptr<ByteStream>>;

constexpr uint16_t kPort = 12345;

Task<void> ResolveHosts(Runtime* node, std::string known) {
  absl::StatusOr<std::vector<std::string>> found = co_await node->network().Resolve(known);
  CO_ASSERT(found.ok(), found.status());
  EXPECT_FALSE(found->empty());
  absl::StatusOr<std::vector<std::string>> missing = co_await node->network().Resolve("no-such-host.invalid");
  EXPECT_EQ(CodeName(missing.status()), "NOT_FOUND");
}

TEST_P(RuntimeConformance, ResolveFindsHostsAndOnlyThose) {
  Runtime& node = Add("node");
  Add("other");
  Start("node", "resolve", ResolveHosts(&node, world().Host("other")));
  Finish();
}

Task<void> ConnectAndLog(Runtime* node, Endpoint endpoint, std::optional<TlsOptions> tls, Instant deadline, Log* log) {
  StreamOr stream = co_await node->network().Connect(std::move(endpoint), std::move(tls), deadline);
  log->push_back(CodeName(stream.status()));
}

TEST_P(RuntimeConformance, ConnectingWhereNobodyListensIsRefused) {
  Runtime& node = Add("node");
  Add("server");
  Log log;
  Start("node", "connect", ConnectAndLog(&node, At("server", kPort), std::nullopt, node.Now() + hours(1), &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("UNAVAILABLE"));
}

TEST_P(RuntimeConformance, ConnectingAfterTheDeadlineFails) {
  Runtime& node = Add("node");
  Add("server");
  Log log;
  Start("node", "connect", ConnectAndLog(&node, At("server", kPort), std::nullopt, node.Now(), &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("DEADLINE_EXCEEDED"));
}

Task<void> ConnectUntilDeadline(Runtime* node, Endpoint endpoint) {
  Instant deadline = node->Now() + milliseconds(30);
  StreamOr stream = co_await node->network().Connect(std::move(endpoint), std::nullopt, deadline);
  EXPECT_EQ(CodeName(stream.status()), "DEADLINE_EXCEEDED");
  EXPECT_GE(node->Now(), deadline);
}

TEST_P(RuntimeConformance, ConnectingToAHostThatDoesNotAnswerEndsAtTheDeadline) {
  Runtime& node = Add("node");
  Add("server");
  if (!world().SetUnreachable("server", true)) GTEST_SKIP() << "this world cannot make a host unreachable";
  Start("node", "connect", ConnectUntilDeadline(&node, At("server", kPort)));
  Finish();
}

Task<void> CancelConnecting(Runtime* node, Endpoint endpoint, Log* log) {
  TaskGroup group(node->scheduler(), "connecting");
  group.Spawn("connect", ConnectAndLog(node, std::move(endpoint), std::nullopt, node->Now() + hours(1000), log));
  co_await Pause(node, milliseconds(20));
  EXPECT_EQ(group.size(), 1u);
  co_await group.Stop();
}

TEST_P(RuntimeConformance, ConnectingCanBeCancelled) {
  Runtime& node = Add("node");
  Add("server");
  if (!world().SetUnreachable("server", true)) GTEST_SKIP() << "this world cannot make a host unreachable";
  Log log;
  Start("node", "cancel", CancelConnecting(&node, At("server", kPort), &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("CANCELLED"));
}

TEST_P(RuntimeConformance, TlsIsRefusedWhereItIsNotBuilt) {
  if (world().has_tls()) GTEST_SKIP() << "this world has TLS";
  Runtime& node = Add("node");
  Log log;
  Start("node", "connect", ConnectAndLog(&node, At("node", kPort), TlsOptions(), node.Now() + hours(1), &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("UNIMPLEMENTED"));
}

Task<void> ListenTwice(Runtime* node, Endpoint endpoint) {
  {
    absl::StatusOr<std::unique_ptr<Listener>> first = node->network().Listen(endpoint);
    CO_ASSERT(first.ok(), first.status());
    EXPECT_EQ((*first)->endpoint().port, endpoint.port);
    absl::StatusOr<std::unique_ptr<Listener>> second = node->network().Listen(endpoint);
    EXPECT_EQ(CodeName(second.status()), "ALREADY_EXISTS");
  }
  absl::StatusOr<std::unique_ptr<Listener>> again = node->network().Listen(endpoint);
  EXPECT_TRUE(again.ok()) << again.status() << ": the port is free again when its listener is gone";
}

TEST_P(RuntimeConformance, APortHasOneListener) {
  Runtime& node = Add("node");
  Start("node", "listen", ListenTwice(&node, At("node", kPort)));
  Finish();
}

Task<void> ListenAnywhere(Runtime* node, Endpoint any, Endpoint* chosen, Log* log) {
  absl::StatusOr<std::unique_ptr<Listener>> first = node->network().Listen(any);
  absl::StatusOr<std::unique_ptr<Listener>> second = node->network().Listen(any);
  CO_ASSERT(first.ok(), first.status());
  CO_ASSERT(second.ok(), second.status());
  EXPECT_NE((*first)->endpoint().port, 0);
  EXPECT_NE((*first)->endpoint().port, (*second)->endpoint().port);
  *chosen = Endpoint{any.host, (*second)->endpoint().port};
  StreamOr stream = co_await (*second)->Accept();
  log->push_back(CodeName(stream.status()));
}

Task<void> ConnectToChosen(Runtime* node, const Endpoint* chosen, Log* log) {
  while (chosen->port == 0) co_await Pause(node, milliseconds(1));
  StreamOr stream = co_await node->network().Connect(*chosen, std::nullopt, node->Now() + hours(1));
  log->push_back(CodeName(stream.status()));
}

TEST_P(RuntimeConformance, PortZeroMeansAnyFreePort) {
  Runtime& server = Add("server");
  Runtime& client = Add("client");
  Endpoint chosen;
  Log accepted;
  Log connected;
  Start("server", "listen", ListenAnywhere(&server, At("server", 0), &chosen, &accepted));
  Start("client", "connect", ConnectToChosen(&client, &chosen, &connected));
  Finish();
  EXPECT_THAT(accepted, ElementsAre("OK"));
  EXPECT_THAT(connected, ElementsAre("OK"));
}

Task<void> ConnectThrice(Runtime* node, Endpoint endpoint, const bool* done) {
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (const char* name : {"1", "2", "3"}) {
    StreamOr stream = co_await ConnectSoon(node, endpoint);
    CO_ASSERT(stream.ok(), stream.status());
    streams.push_back(*std::move(stream));
    absl::Status written = co_await WriteText(streams.back().get(), name);
    EXPECT_TRUE(written.ok()) << written;
  }
  co_await WaitUntilSet(node, done);
}

Task<void> AcceptThrice(Runtime* node, Endpoint endpoint, Log* log, bool* done) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(std::move(endpoint));
  CO_ASSERT(listener.ok(), listener.status());
  // All three are waiting when the first is accepted.
  co_await Pause(node, milliseconds(50));
  for (int i = 0; i < 3; ++i) {
    StreamOr stream = co_await (*listener)->Accept();
    CO_ASSERT(stream.ok(), stream.status());
    EXPECT_FALSE((*stream)->peer().empty());
    absl::StatusOr<std::string> name = co_await ReadText(stream->get(), 1);
    log->push_back(name.ok() ? *name : CodeName(name.status()));
  }
  *done = true;
}

TEST_P(RuntimeConformance, ConnectionsAreAcceptedInTheOrderOfConnecting) {
  Runtime& server = Add("server");
  Runtime& client = Add("client");
  Log log;
  bool done = false;
  Start("server", "accept", AcceptThrice(&server, At("server", kPort), &log, &done));
  Start("client", "connect", ConnectThrice(&client, At("server", kPort), &done));
  Finish();
  EXPECT_THAT(log, ElementsAre("1", "2", "3"));
}

Task<void> LogAccept(Listener* listener, Log* log) {
  StreamOr stream = co_await listener->Accept();
  log->push_back(CodeName(stream.status()));
}

Task<void> CancelAccepting(Runtime* node, Endpoint endpoint, Log* log) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(std::move(endpoint));
  CO_ASSERT(listener.ok(), listener.status());
  TaskGroup group(node->scheduler(), "accepting");
  group.Spawn("accept", LogAccept(listener->get(), log));
  co_await Pause(node, milliseconds(5));
  co_await group.Stop();
}

TEST_P(RuntimeConformance, AcceptingCanBeCancelled) {
  Runtime& node = Add("node");
  Log log;
  Start("node", "cancel", CancelAccepting(&node, At("node", kPort), &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("CANCELLED"));
}

Task<void> ListenWithoutAccepting(Runtime* node, Endpoint endpoint, bool* listening, const bool* close) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = node->network().Listen(std::move(endpoint));
  CO_ASSERT(listener.ok(), listener.status());
  *listening = true;
  co_await WaitUntilSet(node, close);
}

Task<void> ConnectAndReadUntilReset(Runtime* node, Endpoint endpoint, bool* connected, Log* log) {
  StreamOr stream = co_await ConnectSoon(node, std::move(endpoint));
  CO_ASSERT(stream.ok(), stream.status());
  *connected = true;
  absl::StatusOr<Buffer> read = co_await (*stream)->Read(10);
  log->push_back(CodeName(read.status()));
}

TEST_P(RuntimeConformance, ConnectionsThatNobodyAcceptedAreResetWhenTheListenerGoes) {
  Runtime& server = Add("server");
  Runtime& client = Add("client");
  Log log;
  bool listening = false;
  bool connected = false;
  Start("server", "listen", ListenWithoutAccepting(&server, At("server", kPort), &listening, &connected));
  Start("client", "connect", ConnectAndReadUntilReset(&client, At("server", kPort), &connected, &log));
  Finish();
  EXPECT_THAT(log, ElementsAre("UNAVAILABLE"));
}

}  // namespace
}  // namespace pravega::runtime
