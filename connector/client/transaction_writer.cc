#include "connector/client/transaction_writer.h"

#include <utility>

#include "connector/client/stream_output.h"
#include "connector/controller/controller_client.h"

namespace pravega::client {

TransactionWriter::TransactionWriter(ClientContext& context, ScopedStream stream, TransactionOptions options,
                                     std::string writer_id)
    : context_(context), stream_(std::move(stream)), options_(std::move(options)), writer_id_(std::move(writer_id)) {}

absl::StatusOr<std::unique_ptr<Transaction>> TransactionWriter::Open(
    TxnId id, const std::vector<controller::SegmentRange>& segments) {
  StreamOutput::Options output;
  output.segment = options_.segment;
  output.max_unacknowledged_bytes = options_.max_unacknowledged_bytes;
  output.transaction = id;
  // Most transactions are small and touch few segments.
  output.connect_early = false;
  absl::StatusOr<std::unique_ptr<StreamOutput>> created = StreamOutput::Create(context_, stream_, segments, output);
  if (!created.ok()) return created.status();
  return std::unique_ptr<Transaction>(
      new Transaction(context_, stream_, id, writer_id_, *std::move(created), options_));
}

runtime::Task<absl::StatusOr<std::unique_ptr<Transaction>>> TransactionWriter::Begin() {
  absl::StatusOr<controller::TransactionInfo> begun =
      co_await context_.controller().CreateTransaction(stream_, options_.lease);
  if (!begun.ok()) co_return begun.status();
  co_return Open(begun->id, begun->segments);
}

runtime::Task<absl::StatusOr<controller::TransactionState>> TransactionWriter::GetState(TxnId id) {
  absl::StatusOr<controller::TransactionState> state = co_await context_.controller().GetTransactionState(stream_, id);
  co_return state;
}

runtime::Task<absl::StatusOr<std::unique_ptr<Transaction>>> TransactionWriter::Get(TxnId id) {
  absl::StatusOr<controller::TransactionState> state = co_await context_.controller().GetTransactionState(stream_, id);
  if (!state.ok()) co_return state.status();
  if (*state != controller::TransactionState::kOpen) {
    co_return std::unique_ptr<Transaction>(new Transaction(context_, stream_, id, writer_id_, nullptr, options_));
  }
  absl::StatusOr<controller::StreamSegments> epoch =
      co_await context_.controller().GetEpochSegments(stream_, id.epoch());
  if (!epoch.ok()) co_return epoch.status();
  // A transaction's segments have the numbers of its epoch's segments, but all of them that epoch in their names
  // (Pravega controller, "createTransaction").
  std::vector<controller::SegmentRange> segments = std::move(epoch->segments);
  for (controller::SegmentRange& segment : segments) segment.id = SegmentId(id.epoch(), segment.id.number());
  co_return Open(id, segments);
}

}  // namespace pravega::client
