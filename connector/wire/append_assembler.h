// AppendAssembler: puts the appends of one connection together again, as a server sees them.
//
// An append arrives as AppendBlock and AppendBlockEnd, or as the end alone, or conditionally; a block may be padded, or
// end in the middle of an event that the end completes (Pravega wire protocol, "client to server message forms"). This
// class knows those forms and their errors, and nothing of segments or storage. It does no I/O and copies no data.
//
//   if (AppendAssembler::Takes(command)) {
//     absl::StatusOr<std::optional<AssembledAppend>> append = assembler.Feed(std::move(command));
//     if (!append.ok()) ...                   // close the connection without a reply
//     if (append->has_value()) Store(**append);
//   }
//
// Every command of a connection that Takes() accepts must be fed, in order; others may come in between. A SetupAppend
// is fed and then answered by the server itself.
//
// The number of an append is compared with those of the same writer on this connection only. What the store holds of
// the writer is the server's to compare: re-sending a stored number is not an error here.
// Thread-compatible.
#ifndef PRAVEGA_CONNECTOR_WIRE_APPEND_ASSEMBLER_H_
#define PRAVEGA_CONNECTOR_WIRE_APPEND_ASSEMBLER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/wire/commands.h"

namespace pravega::wire {

// One append, complete.
struct AssembledAppend {
  WriterId writer_id{};
  std::string segment{};       // of the writer's last SetupAppend
  std::vector<Buffer> data{};  // pieces to be stored, in order, without empty ones; none for an empty append
  size_t data_bytes = 0;
  int32_t event_count = 0;  // at least 1, also for an empty append
  EventNumber event_number{};
  RequestId request_id{};
  std::optional<int64_t> expected_offset;  // never negative: a negative one on the wire means no condition
};

class AppendAssembler {
 public:
  // Whether the command belongs to the append family: SetupAppend, the blocks, the conditional appends, and the records
  // that are no messages of their own.
  static bool Takes(const Command& command);

  // Takes() must hold. Returns the append that the command completes, nullopt if it completes none.
  // InvalidArgument if the connection must be closed, without a reply: a writer that is not set up, a block that is not
  // followed by its own end, an end that contradicts its block, a count of events below 1, an event number that goes
  // backwards, a record where a message belongs. Do not feed anything after that.
  absl::StatusOr<std::optional<AssembledAppend>> Feed(Command command);

  // Forgets a writer, as if it had not been set up: after SegmentIsSealed its next append closes the connection.
  void Forget(WriterId writer_id) { writers_.erase(writer_id); }

  bool block_open() const { return block_.has_value(); }

 private:
  struct Writer {
    std::string segment;
    EventNumber last;  // of its appends on this connection; 0 at first, so that negative numbers go backwards
  };

  absl::StatusOr<std::optional<AssembledAppend>> TakeEnd(AppendBlockEnd end);
  absl::StatusOr<std::optional<AssembledAppend>> Complete(const char* command, AssembledAppend append);
  static absl::Status Close(const char* command, const std::string& reason);

  std::map<WriterId, Writer> writers_;
  std::optional<AppendBlock> block_;
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_APPEND_ASSEMBLER_H_
