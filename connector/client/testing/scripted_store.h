// ScriptedStore: the other end of the wire in unit tests, played by the test itself.
//
// The test accepts connections, reads commands and answers what it likes, also what no real store would. Hello and
// KeepAlive are answered by themselves unless told otherwise.
#ifndef PRAVEGA_CONNECTOR_CLIENT_TESTING_SCRIPTED_STORE_H_
#define PRAVEGA_CONNECTOR_CLIENT_TESTING_SCRIPTED_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "connector/client/testing/test_runtime.h"
#include "connector/core/buffer.h"
#include "connector/core/check.h"
#include "connector/runtime/network.h"
#include "connector/runtime/task.h"
#include "connector/wire/commands.h"
#include "connector/wire/frame_parser.h"
#include "gtest/gtest.h"

namespace pravega::client {

// One accepted connection.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(std::unique_ptr<runtime::ByteStream> stream)
      : stream_(std::move(stream)), parser_(wire::FrameParser::Options::ForServer()) {}

  // The next command but Hello and KeepAlive. Unavailable when the client has ended the connection.
  runtime::Task<absl::StatusOr<wire::Command>> Receive();
  // The next command, which must be a T; a test that meets something else is over.
  template <typename T>
  runtime::Task<T> Expect() {
    absl::StatusOr<wire::Command> command = co_await Receive();
    CHECK_MSG(command.ok(), std::string(T::kInfo.name) + " expected, but " + command.status().ToString());
    T* wanted = std::get_if<T>(&*command);
    CHECK_MSG(wanted != nullptr, std::string(T::kInfo.name) + " expected, but got " + wire::InfoOf(*command).name);
    co_return std::move(*wanted);
  }
  // An append in its plain form: block and end together.
  struct Append {
    WriterId writer;
    Buffer data;
    int32_t events = 0;
    EventNumber number;
    RequestId request_id;
  };
  runtime::Task<Append> ExpectAppend();
  // SetupAppend, answered with `last`.
  runtime::Task<wire::SetupAppend> ExpectSetup(EventNumber last);

  runtime::Task<void> Send(wire::Command command);
  // Acks like a store, whose first ack of a connection names what AppendSetup named.
  runtime::Task<void> Ack(Append append, EventNumber previous);
  void Reset() { stream_->Reset(); }
  // Nothing is answered any more by itself.
  void StopAnswering() { answering_ = false; }
  void set_hello(wire::Hello hello) { hello_ = hello; }
  int keep_alives() const { return keep_alives_; }
  runtime::ByteStream& stream() { return *stream_; }

 private:
  std::unique_ptr<runtime::ByteStream> stream_;
  wire::FrameParser parser_;
  wire::Hello hello_{.high_version = 16, .low_version = 5};
  bool answering_ = true;
  int keep_alives_ = 0;
};

class ScriptedStore {
 public:
  ScriptedStore(TestRuntime& runtime, runtime::Endpoint endpoint)
      : listener_(*runtime.network().Listen(std::move(endpoint))) {}
  runtime::Task<std::unique_ptr<ScriptedPeer>> Accept();

 private:
  std::unique_ptr<runtime::Listener> listener_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_TESTING_SCRIPTED_STORE_H_
