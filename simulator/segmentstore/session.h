// Session: one connection of a segment store.
//
// Takes the peer's commands apart, asks for each whether a fault strikes it, hands it to its handler, and brings the
// replies back, in the order in which the handlers produce them. It is the only place where a session fault happens: a
// request is cut before its handler sees it, or its reply is replaced by a cut, or sent twice. Requests and replies are
// lost with their connection only.
//
// A session ends in one of two ways. Close(): what is queued still leaves, then this direction ends; that is how the
// protocol refuses. Cut(): at once; that is how faults and doubts end it.
//
// Memory is bounded: while too much is unfinished or unsent the connection is not read (SegmentStoreOptions).
// Thread-compatible; shared by its own tasks and by the requests that its container has not finished.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_SESSION_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_SESSION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"
#include "connector/wire/commands.h"
#include "connector/wire/encode.h"
#include "connector/wire/frame_parser.h"
#include "simulator/faults/session_faults.h"
#include "simulator/segmentstore/append_processor.h"
#include "simulator/segmentstore/container.h"
#include "simulator/segmentstore/request_processor.h"
#include "simulator/segmentstore/store_context.h"
#include "simulator/segmentstore/ticket.h"

namespace pravega::sim {

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(StoreContext& store, std::unique_ptr<runtime::ByteStream> stream);
  ~Session();

  // Serves until the connection has ended.
  static runtime::Task<void> Run(std::shared_ptr<Session> session);

  // ---- For handlers

  StoreContext& store() { return store_; }
  // Whether requests are taken and replies sent.
  bool open() const { return state_ == State::kOpen; }
  // Answers the request that `ticket` came with. No effect unless open().
  void Reply(Ticket ticket, const wire::Command& reply);
  void Close(std::string_view reason);
  void Cut(std::string_view reason);

  // A completion that runs `done` with the request's result, if the session is still open. Until then the request
  // counts as unfinished, with `bytes` of data. A request in doubt cuts the session instead.
  template <typename Done>
  std::unique_ptr<Completion> Expect(size_t bytes, Done done);

 private:
  enum class State {
    kOpen,
    kClosing,  // nothing is taken any more; what is queued leaves
    kBroken,
  };
  class LingerTimer;
  template <typename Done>
  class Expected;

  runtime::Task<void> ReadLoop();
  runtime::Task<void> WriteLoop();
  runtime::Task<void> FinishRequests();
  void Handle(wire::Command command);
  void HandleHello(Ticket ticket, const wire::Hello& hello);
  void Queue(const wire::Command& reply);
  void Stop(State state, std::string_view reason);
  bool Overloaded() const;
  size_t unsent_bytes() const { return frames_.bytes() + writing_bytes_; }
  void Charge(size_t bytes);
  void Credit(size_t bytes);

  StoreContext& store_;
  std::unique_ptr<runtime::ByteStream> stream_;
  const std::string peer_;
  State state_ = State::kOpen;

  wire::FrameParser parser_;
  wire::EncodedFrames frames_;
  size_t writing_bytes_ = 0;
  runtime::Event to_write_;
  runtime::Event room_;  // pulsed when less is unsent or unfinished, and when the state changes
  size_t unfinished_requests_ = 0;
  size_t unfinished_bytes_ = 0;
  std::unique_ptr<LingerTimer> linger_;

  AppendProcessor appends_;
  RequestProcessor requests_;
};

template <typename Done>
class Session::Expected : public Completion {
 public:
  Expected(std::shared_ptr<Session> session, size_t bytes, Done done)
      : session_(std::move(session)), bytes_(bytes), done_(std::move(done)) {}
  void Complete(const RequestResult& result) override {
    session_->Credit(bytes_);
    if (!session_->open()) return;
    if (result.outcome == Outcome::kInDoubt) {
      session_->Cut("the container of a request stopped");
      return;
    }
    done_(result);
  }

 private:
  std::shared_ptr<Session> session_;
  size_t bytes_;
  Done done_;
};

template <typename Done>
std::unique_ptr<Completion> Session::Expect(size_t bytes, Done done) {
  // Beside its data a request holds about this much.
  constexpr size_t kRequestBytes = 256;
  Charge(bytes + kRequestBytes);
  return std::make_unique<Expected<Done>>(shared_from_this(), bytes + kRequestBytes, std::move(done));
}

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_SESSION_H_
