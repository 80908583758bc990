#include "connector/client/event_writer.h"

#include <utility>

#include "connector/client/event_checks.h"
#include "connector/core/routing.h"
#include "connector/core/strings.h"

namespace pravega::client {

EventWriter::EventWriter(std::unique_ptr<StreamOutput> output) : output_(std::move(output)) {}
EventWriter::~EventWriter() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<EventWriter>>> EventWriter::Open(ClientContext& context,
                                                                              ScopedStream stream,
                                                                              EventWriterOptions options) {
  absl::StatusOr<controller::StreamSegments> segments = co_await context.controller().GetCurrentSegments(stream);
  if (!segments.ok()) co_return segments.status();
  if (segments->segments.empty()) {
    co_return MakeStatus(absl::StatusCode::kFailedPrecondition, "stream ", stream.ToString(),
                         " is sealed: no more events can be written to it");
  }
  StreamOutput::Options output;
  output.segment = options.segment;
  output.max_unacknowledged_bytes = options.max_unacknowledged_bytes;
  output.successor_retry = options.successor_retry;
  absl::StatusOr<std::unique_ptr<StreamOutput>> created =
      StreamOutput::Create(context, std::move(stream), segments->segments, output);
  if (!created.ok()) co_return created.status();
  co_return std::unique_ptr<EventWriter>(new EventWriter(*std::move(created)));
}

runtime::Task<absl::StatusOr<Sequence>> EventWriter::Write(std::string routing_key, Buffer event) {
  absl::Status valid = CheckEvent(event);
  if (!valid.ok()) co_return valid;
  double position = RoutingKeyPosition(routing_key);
  std::optional<Sequence> taken = output_->TryWrite(position, std::span<const Buffer>(&event, 1));
  if (taken.has_value()) co_return *taken;
  absl::StatusOr<Sequence> written = co_await output_->Write(position, std::move(event));
  co_return written;
}

runtime::Task<absl::StatusOr<Sequence>> EventWriter::WriteWithoutKey(Buffer event) {
  absl::Status valid = CheckEvent(event);
  if (!valid.ok()) co_return valid;
  absl::StatusOr<Sequence> written = co_await output_->Write(std::nullopt, std::move(event));
  co_return written;
}

runtime::Task<absl::StatusOr<Sequence>> EventWriter::WriteTogether(std::string routing_key,
                                                                   std::vector<Buffer> events) {
  absl::Status valid = CheckUnit(events);
  if (!valid.ok()) co_return valid;
  double position = RoutingKeyPosition(routing_key);
  absl::StatusOr<Sequence> written = co_await output_->Write(position, std::move(events));
  co_return written;
}

runtime::Task<absl::StatusOr<EventResult>> EventWriter::Acked(Sequence sequence) {
  absl::Status waited = co_await output_->outcomes().WaitFor(sequence);
  if (!waited.ok()) co_return waited;
  co_return output_->outcomes().ResultOf(sequence);
}

runtime::Task<absl::Status> EventWriter::Flush() {
  Sequence last = output_->outcomes().last();
  absl::Status waited = co_await output_->outcomes().WaitFor(last);
  if (!waited.ok()) co_return waited;
  co_return output_->outcomes().FirstTrouble(Sequence(1), last).status;
}

runtime::Task<absl::Status> EventWriter::Close() {
  absl::Status flushed = co_await Flush();
  co_await output_->Close();
  co_return flushed;
}

Sequence EventWriter::settled_through() const { return output_->outcomes().settled_through(); }

}  // namespace pravega::client
