#include "scenarios/workloads/read_back.h"

#include <memory>
#include <utility>
#include <variant>

#include "connector/client/cut_reader.h"
#include "connector/core/event_pointer.h"
#include "connector/core/strings.h"

namespace pravega::scenarios {

using runtime::Task;

namespace {

Task<absl::Status> ReadAll(client::CutReader& reader, ScopedStream stream, const Rows& rows,
                           std::vector<RecordedEvent>* events) {
  while (true) {
    absl::StatusOr<client::StreamItem> item = co_await reader.Next();
    if (!item.ok()) co_return item.status();
    if (std::holds_alternative<client::StreamEnd>(*item)) co_return absl::OkStatus();
    if (std::holds_alternative<client::StreamGap>(*item)) co_return absl::DataLossError("events were truncated away");
    const auto& event = std::get<client::StreamEvent>(*item);
    EventPointer pointer{SegmentRef{stream, event.segment}, event.offset,
                         static_cast<int32_t>(event.next - event.offset)};
    events->push_back({std::move(pointer), Identify(event.data.view(), rows)});
  }
}

}  // namespace

Task<absl::StatusOr<std::vector<RecordedEvent>>> ReadFrom(client::ClientContext& client, ScopedStream stream,
                                                          StreamCut cut, const Rows& rows) {
  absl::StatusOr<std::unique_ptr<client::CutReader>> reader =
      co_await client::CutReader::Open(client, stream, std::move(cut), StreamCut::Unbounded(), {});
  if (!reader.ok()) co_return reader.status();
  std::vector<RecordedEvent> events;
  absl::Status read = co_await ReadAll(**reader, stream, rows, &events);
  co_await (*reader)->Close();
  if (!read.ok()) co_return read;
  co_return std::move(events);
}

}  // namespace pravega::scenarios
