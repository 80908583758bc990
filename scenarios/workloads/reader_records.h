// ReaderRecords: the durable record of one reader's life: which events it has read, with its position behind them.
//
// Events and position are persisted in one step, a batch: lines "E SEGMENT OFFSET SIZE WRITER SEQUENCE ROW" and then
// one line "P COUNT HEX", the number of events and the serialised position. A batch whose last line is missing or torn
// never happened. Thread-compatible.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_READER_RECORDS_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_READER_RECORDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/event_pointer.h"
#include "connector/core/position.h"
#include "connector/runtime/files.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {

struct RecordedEvent {
  EventPointer pointer;
  EventIdentity identity;
};

class ReaderRecords {
 public:
  // Opens the record of a life that begins.
  static runtime::Task<absl::StatusOr<std::unique_ptr<ReaderRecords>>> Create(runtime::Runtime& runtime,
                                                                              std::string process);

  // Persists a batch. After an error or a crash the batch is there as a whole or not at all.
  runtime::Task<absl::Status> Append(std::vector<RecordedEvent> events, Position position);

  struct Found {
    std::vector<RecordedEvent> events;
    std::optional<Position> position;  // none if there is no batch
  };
  // What is durable of a life that ended. A life that left no file has recorded nothing.
  static runtime::Task<absl::StatusOr<Found>> Recover(runtime::Runtime& runtime, std::string process);
  // The same from the bytes of the file; a torn end is ignored, anything else that is wrong is DataLoss with its line.
  static absl::StatusOr<Found> Parse(std::string_view text);
  static std::string PrintBatch(const std::vector<RecordedEvent>& events, const Position& position);

 private:
  explicit ReaderRecords(std::unique_ptr<runtime::File> file) : file_(std::move(file)) {}
  std::unique_ptr<runtime::File> file_;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_READER_RECORDS_H_
