// Byte streams: what arrives, when a writer waits, how connections end.
#include <gmock/gmock.h>

#include <algorithm>
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
using StreamOr = absl::StatusOr<std::unique_ptr<ByteStream>>;

constexpr uint16_t kPort = 12345;

// What both sides of a connection and the test know of.
struct Notes {
  std::vector<std::string> client;
  std::vector<std::string> server;
  bool flag = false;
  bool other_flag = false;
  size_t count = 0;
};

// One side's use of its stream, which goes when it returns.
using Use = Task<void> (*)(Runtime*, ByteStream*, Notes*);

Task<void> ServeOne(Runtime* node, Endpoint endpoint, Use use, Notes* notes) {
  StreamOr stream = co_await AcceptOne(node, std::move(endpoint));
  CO_ASSERT(stream.ok(), stream.status());
  co_await use(node, stream->get(), notes);
}

Task<void> DialOne(Runtime* node, Endpoint endpoint, Use use, Notes* notes) {
  StreamOr stream = co_await ConnectSoon(node, std::move(endpoint));
  CO_ASSERT(stream.ok(), stream.status());
  co_await use(node, stream->get(), notes);
}

// Connects node "client" to node "server" and runs both sides.
void RunBothSides(RuntimeConformance& test, Use client, Use server, Notes* notes) {
  Runtime& server_node = test.Add("server");
  Runtime& client_node = test.Add("client");
  Endpoint endpoint = test.At("server", kPort);
  test.Start("server", "serve", ServeOne(&server_node, endpoint, server, notes));
  test.Start("client", "dial", DialOne(&client_node, endpoint, client, notes));
}

std::string TextOrCode(const absl::StatusOr<std::string>& text) { return text.ok() ? *text : CodeName(text.status()); }

Task<void> SendOneByteAndReadOne(Runtime*, ByteStream* stream, Notes* notes) {
  absl::Status written = co_await WriteText(stream, "a");
  EXPECT_TRUE(written.ok()) << written;
  absl::StatusOr<std::string> read = co_await ReadText(stream, 1);
  notes->client.push_back(TextOrCode(read));
}

Task<void> ReadOneByteAndSendOne(Runtime* node, ByteStream* stream, Notes* notes) {
  absl::StatusOr<std::string> read = co_await ReadText(stream, 1);
  notes->server.push_back(TextOrCode(read));
  absl::Status written = co_await WriteText(stream, "b");
  EXPECT_TRUE(written.ok()) << written;
  // The stream must not go before its peer has read.
  while (notes->client.empty()) co_await Pause(node, milliseconds(1));
}

TEST_P(RuntimeConformance, OneByteEachWay) {
  Notes notes;
  RunBothSides(*this, SendOneByteAndReadOne, ReadOneByteAndSendOne, &notes);
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("b"));
  EXPECT_THAT(notes.server, ElementsAre("a"));
}

constexpr size_t kBig = 4 * 1024 * 1024;

// In writes of many sizes, each gathering pieces, empty ones among them.
Task<absl::Status> WriteBig(ByteStream* stream, uint64_t seed) {
  Buffer all(SomeBytes(kBig, seed));
  size_t sent = 0;
  size_t size = 1;
  while (sent < all.size()) {
    std::vector<Buffer> pieces;
    for (int i = 0; i < 3 && sent < all.size(); ++i) {
      size_t length = std::min(size, all.size() - sent);
      pieces.push_back(all.Slice(sent, length));
      pieces.push_back(Buffer());
      sent += length;
      size = size * 3 % 200'003 + 1;
    }
    absl::Status written = co_await stream->Write(std::move(pieces));
    if (!written.ok()) co_return written;
  }
  absl::Status ended = co_await stream->ShutdownWrite();
  co_return ended;
}

// In reads of many sizes; each must keep to its limit.
Task<absl::StatusOr<std::string>> ReadBig(ByteStream* stream) {
  std::string all;
  size_t max = 1;
  while (true) {
    absl::StatusOr<Buffer> read = co_await stream->Read(max);
    if (!read.ok()) co_return read.status();
    if (read->size() > max) co_return MakeStatus(absl::StatusCode::kInternal, "read ", read->size(), " of ", max);
    if (read->empty()) co_return std::move(all);
    all.append(read->view());
    max = max * 5 % 150'001 + 1;
  }
}

Task<void> Receive(ByteStream* stream, uint64_t expected, std::vector<std::string>* log) {
  absl::StatusOr<std::string> read = co_await ReadBig(stream);
  log->push_back(!read.ok() ? read.status().ToString() : *read == SomeBytes(kBig, expected) ? "as sent" : "damaged");
}

Task<void> SendWhileReceiving(Runtime* node, ByteStream* stream, uint64_t own, uint64_t peers,
                              std::vector<std::string>* log) {
  TaskGroup receiver(node->scheduler(), "receiver");
  receiver.Spawn("receive", Receive(stream, peers, log));
  absl::Status written = co_await WriteBig(stream, own);
  EXPECT_TRUE(written.ok()) << written;
  co_await receiver.Join();
}

TEST_P(RuntimeConformance, MegabytesArriveAsTheyWereSentBothWaysAtOnce) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        co_await SendWhileReceiving(node, stream, 1, 2, &n->client);
      },
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        co_await SendWhileReceiving(node, stream, 2, 1, &n->server);
      },
      &notes);
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("as sent"));
  EXPECT_THAT(notes.server, ElementsAre("as sent"));
}

// Ends its direction first, then reads what the other one still says.
Task<void> EndFirst(ByteStream* stream, std::string text, std::vector<std::string>* log) {
  absl::Status written = co_await WriteText(stream, std::move(text));
  EXPECT_TRUE(written.ok()) << written;
  absl::Status ended = co_await stream->ShutdownWrite();
  EXPECT_TRUE(ended.ok()) << ended;
  absl::StatusOr<std::string> read = co_await ReadToEnd(stream);
  log->push_back(TextOrCode(read));
  absl::StatusOr<Buffer> again = co_await stream->Read(1);
  log->push_back(!again.ok() ? CodeName(again.status()) : again->empty() ? "end" : "more");
}

// Reads to the end, and only then writes and ends.
Task<void> EndSecond(Runtime* node, ByteStream* stream, std::string text, std::vector<std::string>* log) {
  absl::StatusOr<std::string> read = co_await ReadToEnd(stream);
  log->push_back(TextOrCode(read));
  co_await Pause(node, milliseconds(5));
  absl::Status written = co_await WriteText(stream, std::move(text));
  EXPECT_TRUE(written.ok()) << written;
  absl::Status ended = co_await stream->ShutdownWrite();
  EXPECT_TRUE(ended.ok()) << ended;
  // Both directions have ended: what goes now is no reset.
}

TEST_P(RuntimeConformance, TheClientMayEndItsDirectionFirst) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime*, ByteStream* stream, Notes* n) -> Task<void> { co_await EndFirst(stream, "ping", &n->client); },
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        co_await EndSecond(node, stream, "pong", &n->server);
      },
      &notes);
  Finish();
  EXPECT_THAT(notes.server, ElementsAre("ping"));
  EXPECT_THAT(notes.client, ElementsAre("pong", "end"));
}

TEST_P(RuntimeConformance, TheServerMayEndItsDirectionFirst) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        co_await EndSecond(node, stream, "pong", &n->client);
      },
      [](Runtime*, ByteStream* stream, Notes* n) -> Task<void> { co_await EndFirst(stream, "ping", &n->server); },
      &notes);
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("ping"));
  EXPECT_THAT(notes.server, ElementsAre("pong", "end"));
}

Task<void> ReadUntilReset(Runtime*, ByteStream* stream, Notes* notes) {
  absl::StatusOr<std::string> read = co_await ReadToEnd(stream);
  notes->server.push_back(CodeName(read.status()));
  absl::StatusOr<Buffer> again = co_await stream->Read(1);
  notes->server.push_back(CodeName(again.status()));
  absl::Status written = co_await WriteText(stream, "too late");
  notes->server.push_back(CodeName(written));
}

TEST_P(RuntimeConformance, ThePeerSeesAReset) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime*, ByteStream* stream, Notes* n) -> Task<void> {
        absl::Status written = co_await WriteText(stream, "hello");
        EXPECT_TRUE(written.ok()) << written;
        stream->Reset();
        stream->Reset();
        absl::StatusOr<Buffer> read = co_await stream->Read(1);
        n->client.push_back(CodeName(read.status()));
        absl::Status more = co_await WriteText(stream, "more");
        n->client.push_back(CodeName(more));
      },
      ReadUntilReset, &notes);
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("UNAVAILABLE", "UNAVAILABLE"));
  EXPECT_THAT(notes.server, ElementsAre("UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"));
}

TEST_P(RuntimeConformance, DestroyingAStreamResetsIt) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime*, ByteStream* stream, Notes*) -> Task<void> {
        absl::Status written = co_await WriteText(stream, "hello");
        EXPECT_TRUE(written.ok()) << written;
      },
      ReadUntilReset, &notes);
  Finish();
  EXPECT_THAT(notes.server, ElementsAre("UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"));
}

TEST_P(RuntimeConformance, DestroyingAStreamThatHasEndedItsOwnDirectionAloneResetsIt) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime*, ByteStream* stream, Notes*) -> Task<void> {
        absl::Status ended = co_await stream->ShutdownWrite();
        EXPECT_TRUE(ended.ok()) << ended;
      },
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        // The end may be seen before the reset, which a write must find sooner or later.
        absl::Status written;
        Instant start = node->Now();
        while (written.ok() && node->Now() < start + RuntimeConformance::kGenerous) {
          co_await Pause(node, milliseconds(1));
          written = co_await WriteText(stream, "are you there");
        }
        n->server.push_back(CodeName(written));
      },
      &notes);
  Finish();
  EXPECT_THAT(notes.server, ElementsAre("UNAVAILABLE"));
}

Task<void> LogRead(ByteStream* stream, std::vector<std::string>* log) {
  absl::StatusOr<Buffer> read = co_await stream->Read(100);
  log->push_back(StrCat("read ", read.ok() ? read->ToString() : CodeName(read.status())));
}

Task<void> WriteMuch(ByteStream* stream, Notes* notes, std::vector<std::string>* log) {
  Buffer chunk(std::string(64 * 1024, 'x'));
  absl::Status written;
  // 64 MiB: more than any transport keeps for a reader that does not read.
  for (int i = 0; i < 1024 && written.ok(); ++i) {
    std::vector<Buffer> pieces;
    pieces.push_back(chunk);
    written = co_await stream->Write(std::move(pieces));
    if (written.ok()) notes->count += chunk.size();
  }
  log->push_back("write " + CodeName(written));
}

TEST_P(RuntimeConformance, ResettingEndsOperationsInProgress) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        TaskGroup group(node->scheduler(), "operations");
        group.Spawn("read", LogRead(stream, &n->client));
        group.Spawn("write", WriteMuch(stream, n, &n->client));
        co_await Pause(node, milliseconds(50));
        EXPECT_EQ(group.size(), 2u);
        stream->Reset();
        co_await group.Join();
        n->flag = true;
      },
      [](Runtime* node, ByteStream*, Notes* n) -> Task<void> { co_await WaitUntilSet(node, &n->flag); }, &notes);
  Finish();
  std::sort(notes.client.begin(), notes.client.end());
  EXPECT_THAT(notes.client, ElementsAre("read UNAVAILABLE", "write UNAVAILABLE"));
}

TEST_P(RuntimeConformance, AWriterWaitsWhileItsPeerDoesNotRead) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime*, ByteStream* stream, Notes* n) -> Task<void> {
        n->other_flag = true;
        co_await WriteMuch(stream, n, &n->client);
        absl::Status ended = co_await stream->ShutdownWrite();
        EXPECT_TRUE(ended.ok()) << ended;
        absl::StatusOr<std::string> rest = co_await ReadToEnd(stream);
        EXPECT_TRUE(rest.ok()) << rest.status();
      },
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        co_await WaitUntilSet(node, &n->flag);
        size_t total = 0;
        while (true) {
          absl::StatusOr<Buffer> read = co_await stream->Read(1024 * 1024);
          CO_ASSERT(read.ok(), read.status());
          if (read->empty()) break;
          total += read->size();
        }
        n->server.push_back(StrCat(total));
        absl::Status ended = co_await stream->ShutdownWrite();
        EXPECT_TRUE(ended.ok()) << ended;
      },
      &notes);
  ASSERT_TRUE(RunUntil([&] { return notes.other_flag; }));
  // Until nothing moves any more.
  size_t before = 0;
  do {
    before = notes.count;
    RunFor(milliseconds(100));
  } while (notes.count != before);
  EXPECT_LT(notes.count, 64u * 1024 * 1024);
  EXPECT_TRUE(notes.client.empty());
  notes.flag = true;
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("write OK"));
  EXPECT_THAT(notes.server, ElementsAre("67108864"));
}

Task<absl::StatusOr<std::string>> ReadAtMost(ByteStream* stream, size_t max) {
  absl::StatusOr<Buffer> read = co_await stream->Read(max);
  if (!read.ok()) co_return read.status();
  co_return read->ToString();
}

TEST_P(RuntimeConformance, ACancelledReadTakesNothing) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        // Many reads are cancelled, some of them at the moment at which bytes come.
        while (n->client.size() < 3) {
          absl::StatusOr<std::string> read =
              co_await WithDeadline(*node, ReadAtMost(stream, 1), node->Now() + std::chrono::microseconds(300));
          if (!read.ok()) {
            EXPECT_EQ(CodeName(read.status()), "DEADLINE_EXCEEDED");
            n->flag = true;
            continue;
          }
          n->client.push_back(*read);
        }
        n->other_flag = true;
      },
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        for (const char* text : {"1", "2", "3"}) {
          n->flag = false;
          co_await WaitUntilSet(node, &n->flag);
          absl::Status written = co_await WriteText(stream, text);
          EXPECT_TRUE(written.ok()) << written;
        }
        co_await WaitUntilSet(node, &n->other_flag);
      },
      &notes);
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("1", "2", "3"));
}

// A scope that is cancelled is refused although the operation could be done at once: else a reader whose peer never
// stops could not be stopped.
Task<void> TryInCancelledScope(ByteStream* stream, std::vector<std::string>* log) {
  absl::StatusOr<Buffer> read = co_await stream->Read(100);
  log->push_back("read " + CodeName(read.status()));
  absl::Status written = co_await WriteText(stream, "x");
  log->push_back("write " + CodeName(written));
}

TEST_P(RuntimeConformance, ACancelledScopeNeitherReadsNorWrites) {
  Notes notes;
  RunBothSides(
      *this,
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        absl::StatusOr<std::string> first = co_await ReadText(stream, 1);
        n->client.push_back(TextOrCode(first));
        co_await Pause(node, milliseconds(50));
        TaskGroup group(node->scheduler(), "cancelled");
        group.Cancel();
        group.Spawn("try", TryInCancelledScope(stream, &n->client));
        co_await group.Join();
        absl::StatusOr<std::string> rest = co_await ReadText(stream, 2);
        n->client.push_back(TextOrCode(rest));
        n->flag = true;
      },
      [](Runtime* node, ByteStream* stream, Notes* n) -> Task<void> {
        absl::Status written = co_await WriteText(stream, "abc");
        EXPECT_TRUE(written.ok()) << written;
        co_await WaitUntilSet(node, &n->flag);
      },
      &notes);
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("a", "read CANCELLED", "write CANCELLED", "bc"));
}

Task<void> WaitForReset(Runtime*, ByteStream* stream, Notes* notes) {
  absl::StatusOr<std::string> read = co_await ReadToEnd(stream);
  notes->client.push_back(CodeName(read.status()));
}

Task<void> HoldStream(Runtime* node, ByteStream*, Notes* notes) {
  notes->flag = true;
  co_await Pause(node, hours(1000));
}

TEST_P(RuntimeConformance, TheCrashOfANodeResetsItsConnectionsAndFreesItsPorts) {
  Notes notes;
  RunBothSides(*this, WaitForReset, HoldStream, &notes);
  ASSERT_TRUE(RunUntil([&] { return notes.flag; }));
  world().Crash("server");
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("UNAVAILABLE"));
  notes = Notes();
  world().Restart("server");
  Runtime& server = world().node("server");
  Runtime& client = world().node("client");
  Start("server", "serve", ServeOne(&server, At("server", kPort), ReadOneByteAndSendOne, &notes));
  Start("client", "dial", DialOne(&client, At("server", kPort), SendOneByteAndReadOne, &notes));
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("b"));
}

TEST_P(RuntimeConformance, AWriterThatWaitsLearnsOfTheCrashOfItsPeer) {
  Notes notes;
  RunBothSides(
      *this, [](Runtime*, ByteStream* stream, Notes* n) -> Task<void> { co_await WriteMuch(stream, n, &n->client); },
      HoldStream, &notes);
  ASSERT_TRUE(RunUntil([&] { return notes.flag; }));
  RunFor(milliseconds(50));
  EXPECT_TRUE(notes.client.empty());
  world().Crash("server");
  Finish();
  EXPECT_THAT(notes.client, ElementsAre("write UNAVAILABLE"));
}

}  // namespace
}  // namespace pravega::runtime
