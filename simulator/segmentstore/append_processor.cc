#include "simulator/segmentstore/append_processor.h"

#include <utility>
#include <variant>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/wire/attributes.h"
#include "simulator/segmentstore/session.h"

namespace pravega::sim {

std::string_view AppendProcessor::SegmentOf(const wire::Command& command) const {
  const WriterId* writer = std::visit(
      [](const auto& c) -> const WriterId* {
        if constexpr (requires { c.writer_id; }) {
          return &c.writer_id;
        } else {
          return nullptr;
        }
      },
      command);
  if (writer == nullptr) return {};
  auto found = writers_.find(*writer);
  return found == writers_.end() ? std::string_view() : std::string_view(found->second->segment_name);
}

void AppendProcessor::Handle(Ticket ticket, wire::Command command) {
  std::optional<wire::SetupAppend> setup;
  if (const wire::SetupAppend* s = std::get_if<wire::SetupAppend>(&command)) setup = *s;
  absl::StatusOr<std::optional<wire::AssembledAppend>> append = assembler_.Feed(std::move(command));
  if (!append.ok()) {
    session_.Close(ToStd(append.status().message()));
  } else if (setup) {
    Setup(std::move(ticket), *std::move(setup));
  } else if (append->has_value()) {
    Append(std::move(ticket), **std::move(append));
  }
}

// ---- Setup

void AppendProcessor::Setup(Ticket ticket, wire::SetupAppend setup) {
  // Until it is answered there is no such writer, also if there was one.
  writers_.erase(setup.writer_id);
  const uint64_t serial = ++setups_;
  setting_up_.insert_or_assign(setup.writer_id, serial);
  ContainerRunner* runner = session_.store().RunnerOf(setup.segment);
  Container* container = runner == nullptr ? nullptr : runner->container();
  if (container == nullptr) {
    EndSetup(setup, serial);
    assembler_.Forget(setup.writer_id);
    session_.Reply(std::move(ticket), wire::WrongHost{.request_id = setup.request_id, .segment = setup.segment});
    return;
  }
  std::shared_ptr<Segment> segment = container->FindPending(setup.segment);
  // A sealed segment is no obstacle; the writer learns of it with its first append. The number is the one that holds
  // when all that is on its way to the log has arrived: appends of the writer's former connection may be among it.
  RequestResult result{Outcome::kNoSuchSegment};
  if (segment != nullptr) {
    auto number = segment->attributes.find(setup.writer_id.uuid);
    result = {Outcome::kOk, number == segment->attributes.end() ? wire::kNullAttributeValue : number->second.pending};
  }
  container->Follow(result, session_.Expect(0, [this, ticket = std::move(ticket), setup = std::move(setup), serial,
                                                runner, segment](const RequestResult& done) mutable {
    FinishSetup(std::move(ticket), setup, serial, runner, segment, done);
  }));
}

bool AppendProcessor::EndSetup(const wire::SetupAppend& setup, uint64_t serial) {
  auto found = setting_up_.find(setup.writer_id);
  if (found == setting_up_.end() || found->second != serial) return false;
  setting_up_.erase(found);
  return true;
}

void AppendProcessor::FinishSetup(Ticket ticket, const wire::SetupAppend& setup, uint64_t serial,
                                  ContainerRunner* runner, const std::shared_ptr<Segment>& segment,
                                  const RequestResult& result) {
  // What follows a later one is for the segment that the later one names, and it is not told yet whether that is there.
  const bool last_of_writer = EndSetup(setup, serial);
  if (result.outcome != Outcome::kOk) {
    if (last_of_writer) assembler_.Forget(setup.writer_id);
    session_.Reply(std::move(ticket), wire::NoSuchSegment{.request_id = setup.request_id, .segment = setup.segment});
    return;
  }
  auto writer = std::make_shared<Writer>();
  writer->id = setup.writer_id;
  writer->segment_name = setup.segment;
  writer->runner = runner;
  writer->generation = runner->generation();
  writer->segment = segment;
  writer->stored = writer->acked = result.value;
  if (last_of_writer) writers_.insert_or_assign(setup.writer_id, std::move(writer));
  int64_t last = result.value;
  // Planted: a writer that comes back is told one number too low, and sends its last event once more.
  if (PLANTED(session_.store().runtime, "append-setup-off-by-one") && last != wire::kNullAttributeValue) --last;
  session_.Reply(std::move(ticket), wire::AppendSetup{.request_id = setup.request_id,
                                                      .segment = setup.segment,
                                                      .writer_id = setup.writer_id,
                                                      .last_event_number = EventNumber(last)});
}

// ---- Appends

void AppendProcessor::Resolve(Writer& writer, Container& container) {
  if (writer.generation == writer.runner->generation()) return;
  writer.generation = writer.runner->generation();
  writer.segment = container.FindPending(writer.segment_name);
}

void AppendProcessor::Append(Ticket ticket, wire::AssembledAppend append) {
  auto found = writers_.find(append.writer_id);
  if (found == writers_.end()) {
    session_.Close(StrCat("an append of writer ", append.writer_id.uuid.ToString(), " before its AppendSetup"));
    return;
  }
  const std::shared_ptr<Writer> writer = found->second;
  if (writer->failure) return;
  const int64_t number = append.event_number.value();
  // Equal passes: the store takes a number twice, and acks it once.
  if (number < writer->stored) {
    session_.Close(
        StrCat("event number ", number, " of writer ", writer->id.uuid.ToString(), " after ", writer->stored));
    return;
  }
  Container* container = writer->runner->container();
  if (container == nullptr) {
    Fail(writer, {Outcome::kInDoubt, append.event_number, append.request_id, std::move(ticket)});
    return;
  }
  Resolve(*writer, *container);
  const bool acked_early = PLANTED(session_.store().runtime, "ack-before-durable") && !append.expected_offset;
  ++writer->in_flight;
  std::unique_ptr<Completion> done =
      session_.Expect(append.data_bytes,
                      [this, ticket = acked_early ? Ticket() : std::move(ticket), writer, event = append.event_number,
                       request_id = append.request_id](const RequestResult& result) mutable {
                        FinishAppend(std::move(ticket), writer, event, request_id, result);
                      });
  if (writer->segment == nullptr) {
    Outcome gone = container->WasMerged(writer->segment_name) ? Outcome::kMerged : Outcome::kNoSuchSegment;
    container->Follow({gone}, std::move(done));
    return;
  }
  const Container::AppendRequest request{.writer = writer->id.uuid,
                                         .expected_number = writer->stored,
                                         .event_number = number,
                                         .event_count = append.event_count,
                                         .expected_offset = append.expected_offset,
                                         .data = std::move(append.data),
                                         .wall_ms = session_.store().runtime.WallNow().millis()};
  writer->stored = number;
  RequestResult result = container->Append(*writer->segment, request, std::move(done));
  // Planted: the log does not have it yet.
  if (acked_early && result.outcome == Outcome::kOk) {
    Ack(std::move(ticket), *writer, append.event_number, append.request_id, result.value);
  }
}

void AppendProcessor::Ack(Ticket ticket, Writer& writer, EventNumber number, RequestId request_id, int64_t length) {
  const int64_t previous = writer.acked;
  if (previous >= number.value()) return;
  writer.acked = number.value();
  session_.Reply(std::move(ticket), wire::DataAppended{.writer_id = writer.id,
                                                       .event_number = number,
                                                       .previous_event_number = EventNumber(previous),
                                                       .request_id = request_id,
                                                       .current_segment_write_offset = length});
}

void AppendProcessor::FinishAppend(Ticket ticket, const std::shared_ptr<Writer>& writer, EventNumber number,
                                   RequestId request_id, const RequestResult& result) {
  --writer->in_flight;
  switch (result.outcome) {
    case Outcome::kOk:
      Ack(std::move(ticket), *writer, number, request_id, result.value);
      break;
    case Outcome::kConditionFailed:
      // The number is free again. Whatever was sent behind it expects that it was used, and will fail.
      writer->stored = writer->acked;
      session_.Reply(std::move(ticket), wire::ConditionalCheckFailed{
                                            .writer_id = writer->id, .event_number = number, .request_id = request_id});
      break;
    case Outcome::kBadAttribute:
      session_.Reply(std::move(ticket), wire::InvalidEventNumber{
                                            .writer_id = writer->id, .request_id = request_id, .event_number = number});
      session_.Close(StrCat("writer ", writer->id.uuid.ToString(), " lost track of its numbers at ", number.value()));
      return;
    case Outcome::kSealed:
    case Outcome::kNoSuchSegment:
      Fail(writer, {result.outcome, number, request_id, std::move(ticket)});
      return;
    default:
      session_.Close(StrCat("an append to ", writer->segment_name, ", which was merged"));
      return;
  }
  // A failure waited for this one.
  if (writer->failure && writer->in_flight == 0) Fail(writer, *std::exchange(writer->failure, std::nullopt));
}

void AppendProcessor::Fail(std::shared_ptr<Writer> writer, Failure failure) {
  if (writer->in_flight > 0) {
    writer->failure = std::move(failure);
    return;
  }
  Forget(*writer);
  const std::string& segment = writer->segment_name;
  switch (failure.outcome) {
    case Outcome::kSealed:
      session_.Reply(std::move(failure.ticket),
                     wire::SegmentIsSealed{
                         .request_id = failure.request_id, .segment = segment, .offset = failure.number.value()});
      return;
    case Outcome::kNoSuchSegment:
      session_.Reply(std::move(failure.ticket),
                     wire::NoSuchSegment{.request_id = failure.request_id, .segment = segment});
      return;
    default:  // the container is not running here
      session_.Reply(std::move(failure.ticket), wire::WrongHost{.request_id = failure.request_id, .segment = segment});
      return;
  }
}

void AppendProcessor::Forget(const Writer& writer) {
  auto found = writers_.find(writer.id);
  if (found == writers_.end() || found->second.get() != &writer) return;
  writers_.erase(found);
  assembler_.Forget(writer.id);
}

}  // namespace pravega::sim
