#include "connector/wire/append_assembler.h"

#include <array>
#include <utility>
#include <variant>

#include "connector/core/big_endian.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/wire/event_framing.h"
#include "connector/wire/limits.h"

namespace pravega::wire {
namespace {

void AddPiece(Buffer piece, AssembledAppend* append) {
  if (piece.empty()) return;
  append->data_bytes += piece.size();
  append->data.push_back(std::move(piece));
}

std::optional<int64_t> Condition(int64_t expected_offset) {
  if (expected_offset < 0) return std::nullopt;
  return expected_offset;
}

// The record behind the whole events of a block: what of an event stands there.
struct Tail {
  bool padding = false;
  Buffer partial_event;
};

// nullopt if `rest` is not exactly one PartialEvent or Padding.
std::optional<Tail> ParseTail(const Buffer& rest) {
  if (rest.size() < kFrameHeaderBytes) return std::nullopt;
  int32_t code = LoadBigEndian<int32_t>(rest.data());
  int32_t length = LoadBigEndian<int32_t>(rest.data() + 4);
  if (length < 0 || static_cast<size_t>(length) != rest.size() - kFrameHeaderBytes) return std::nullopt;
  if (code == Padding::kInfo.code()) return Tail{true, Buffer()};
  if (code == PartialEvent::kInfo.code()) return Tail{false, rest.From(kFrameHeaderBytes)};
  return std::nullopt;
}

}  // namespace

bool AppendAssembler::Takes(const Command& command) {
  switch (TypeOf(command)) {
    case SetupAppend::kType:
    case AppendBlock::kType:
    case AppendBlockEnd::kType:
    case ConditionalAppend::kType:
    case ConditionalBlockEnd::kType:
    case Padding::kType:
    case PartialEvent::kType:
    case Event::kType:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<std::optional<AssembledAppend>> AppendAssembler::Feed(Command command) {
  CHECK(Takes(command));
  const char* name = InfoOf(command).name;
  if (AppendBlockEnd* end = std::get_if<AppendBlockEnd>(&command)) return TakeEnd(std::move(*end));
  if (block_) {
    return Close(name, StrCat("between a block of writer ", block_->writer_id.uuid.ToString(), " and its end"));
  }
  if (AppendBlock* block = std::get_if<AppendBlock>(&command)) {
    if (!writers_.contains(block->writer_id)) {
      return Close(name, StrCat("writer ", block->writer_id.uuid.ToString(), " is not set up on this connection"));
    }
    block_ = std::move(*block);
    return std::nullopt;
  }
  if (SetupAppend* setup = std::get_if<SetupAppend>(&command)) {
    writers_[setup->writer_id] = Writer{std::move(setup->segment), EventNumber(0)};
    return std::nullopt;
  }
  if (ConditionalAppend* c = std::get_if<ConditionalAppend>(&command)) {
    AssembledAppend append{.writer_id = c->writer_id,
                           .segment = {},
                           .data = {},
                           .event_count = 1,
                           .event_number = c->event_number,
                           .request_id = c->request_id,
                           .expected_offset = Condition(c->expected_offset)};
    // The event is stored as it travelled: with its header.
    std::array<char, kEventHeaderBytes> header = EventHeader(c->event.size());
    AddPiece(Buffer(std::string(header.data(), header.size())), &append);
    AddPiece(std::move(c->event), &append);
    return Complete(name, std::move(append));
  }
  if (ConditionalBlockEnd* c = std::get_if<ConditionalBlockEnd>(&command)) {
    AssembledAppend append{.writer_id = c->writer_id,
                           .segment = {},
                           .data = {},
                           .event_count = 1,
                           .event_number = c->event_number,
                           .request_id = c->request_id,
                           .expected_offset = Condition(c->expected_offset)};
    AddPiece(std::move(c->data), &append);
    return Complete(name, std::move(append));
  }
  if (std::holds_alternative<Padding>(command)) return std::nullopt;
  return Close(name, "not a message of its own");
}

absl::StatusOr<std::optional<AssembledAppend>> AppendAssembler::TakeEnd(AppendBlockEnd end) {
  const char* name = AppendBlockEnd::kInfo.name;
  AssembledAppend append{.writer_id = end.writer_id,
                         .segment = {},
                         .data = {},
                         .event_count = end.num_events,
                         .event_number = end.last_event_number,
                         .request_id = end.request_id,
                         .expected_offset = {}};
  if (!block_) {
    AddPiece(std::move(end.data), &append);
    return Complete(name, std::move(append));
  }
  AppendBlock block = *std::exchange(block_, std::nullopt);
  if (block.writer_id != end.writer_id) {
    return Close(name, StrCat("of writer ", end.writer_id.uuid.ToString(), " after a block of writer ",
                              block.writer_id.uuid.ToString()));
  }
  if (end.size_of_whole_events < 0 || static_cast<size_t>(end.size_of_whole_events) > block.data.size()) {
    return Close(name, StrCat("sizeOfWholeEvents is ", end.size_of_whole_events, ", but the block has ",
                              block.data.size(), " bytes"));
  }
  const size_t whole = static_cast<size_t>(end.size_of_whole_events);
  if (whole == block.data.size()) {
    // The end's own data are dropped without a word, as the real server does.
    AddPiece(std::move(block.data), &append);
    return Complete(name, std::move(append));
  }
  std::optional<Tail> tail = ParseTail(block.data.From(whole));
  if (!tail) {
    return Close(name, StrCat("the last ", block.data.size() - whole,
                              " bytes of the block are not exactly one PartialEvent or Padding"));
  }
  if (tail->padding && !end.data.empty()) {
    return Close(name, StrCat(end.data.size(), " bytes of data after a block that ends in Padding"));
  }
  AddPiece(block.data.Slice(0, whole), &append);
  AddPiece(std::move(tail->partial_event), &append);
  AddPiece(std::move(end.data), &append);
  return Complete(name, std::move(append));
}

absl::StatusOr<std::optional<AssembledAppend>> AppendAssembler::Complete(const char* command, AssembledAppend append) {
  auto writer = writers_.find(append.writer_id);
  if (writer == writers_.end()) {
    return Close(command, StrCat("writer ", append.writer_id.uuid.ToString(), " is not set up on this connection"));
  }
  if (append.event_count <= 0) return Close(command, StrCat("numEvents is ", append.event_count));
  if (append.event_number < writer->second.last) {
    return Close(command, StrCat("event number ", append.event_number.value(), " of writer ",
                                 append.writer_id.uuid.ToString(), " after ", writer->second.last.value()));
  }
  writer->second.last = append.event_number;
  append.segment = writer->second.segment;
  return std::optional<AssembledAppend>(std::move(append));
}

absl::Status AppendAssembler::Close(const char* command, const std::string& reason) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, command, ": ", reason);
}

}  // namespace pravega::wire
