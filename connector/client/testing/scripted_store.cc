#include "connector/client/testing/scripted_store.h"

#include <optional>

#include "connector/wire/encode.h"

namespace pravega::client {

runtime::Task<absl::StatusOr<wire::Command>> ScriptedPeer::Receive() {
  while (true) {
    absl::StatusOr<std::optional<wire::Command>> next = parser_.Next();
    CHECK_MSG(next.ok(), next.status().ToString());
    if (!next->has_value()) {
      absl::StatusOr<Buffer> bytes = co_await stream_->Read(1 << 20);
      if (!bytes.ok()) co_return bytes.status();
      if (bytes->empty()) co_return absl::UnavailableError("the client ended the connection");
      parser_.Push(*std::move(bytes));
      continue;
    }
    wire::Command command = **std::move(next);
    if (std::holds_alternative<wire::Hello>(command)) {
      if (answering_) co_await Send(hello_);
    } else if (std::holds_alternative<wire::KeepAlive>(command)) {
      ++keep_alives_;
      if (answering_) co_await Send(wire::KeepAlive{});
    } else {
      co_return std::move(command);
    }
  }
}

runtime::Task<ScriptedPeer::Append> ScriptedPeer::ExpectAppend() {
  wire::AppendBlock block = co_await Expect<wire::AppendBlock>();
  wire::AppendBlockEnd end = co_await Expect<wire::AppendBlockEnd>();
  EXPECT_EQ(block.writer_id, end.writer_id);
  EXPECT_EQ(static_cast<size_t>(end.size_of_whole_events), block.data.size());
  EXPECT_TRUE(end.data.empty());
  co_return Append{block.writer_id, block.data, end.num_events, end.last_event_number, end.request_id};
}

runtime::Task<wire::SetupAppend> ScriptedPeer::ExpectSetup(EventNumber last) {
  wire::SetupAppend setup = co_await Expect<wire::SetupAppend>();
  wire::AppendSetup reply;
  reply.request_id = setup.request_id;
  reply.segment = setup.segment;
  reply.writer_id = setup.writer_id;
  reply.last_event_number = last;
  co_await Send(std::move(reply));
  co_return setup;
}

runtime::Task<void> ScriptedPeer::Send(wire::Command command) {
  wire::EncodedFrames frames;
  CHECK(wire::Encode(command, &frames).ok());
  // A client that has gone is its own business.
  absl::Status written = co_await stream_->Write(frames.Take());
  written.IgnoreError();
}

runtime::Task<void> ScriptedPeer::Ack(Append append, EventNumber previous) {
  wire::DataAppended ack;
  ack.writer_id = append.writer;
  ack.event_number = append.number;
  ack.previous_event_number = previous;
  ack.request_id = append.request_id;
  ack.current_segment_write_offset = 0;
  co_await Send(std::move(ack));
}

runtime::Task<std::unique_ptr<ScriptedPeer>> ScriptedStore::Accept() {
  absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await listener_->Accept();
  CHECK(stream.ok());
  co_return std::make_unique<ScriptedPeer>(*std::move(stream));
}

}  // namespace pravega::client
