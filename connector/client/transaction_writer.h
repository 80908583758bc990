// TransactionWriter: begins transactions on a stream, and finds those that were begun.
#ifndef PRAVEGA_CONNECTOR_CLIENT_TRANSACTION_WRITER_H_
#define PRAVEGA_CONNECTOR_CLIENT_TRANSACTION_WRITER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/transaction.h"
#include "connector/controller/types.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"

namespace pravega::client {

// Holds no connection and needs no closing; its transactions live on without it. Thread-compatible.
class TransactionWriter {
 public:
  // `writer_id` names the writer for event time; empty: none. `context` outlives the writer and its transactions.
  TransactionWriter(ClientContext& context, ScopedStream stream, TransactionOptions options,
                    std::string writer_id = "");

  // NotFound: no such stream. Any other error: after a lost answer a transaction that nobody knows may be left; the
  // controller aborts it when its lease ends.
  runtime::Task<absl::StatusOr<std::unique_ptr<Transaction>>> Begin();
  // What became of a transaction, open or not; renews nothing. NotFound: the controller does not know it (any more).
  runtime::Task<absl::StatusOr<controller::TransactionState>> GetState(TxnId id);
  // A transaction begun by any writer of the stream. If it is open, events can be written and its lease is renewed;
  // otherwise only State() is of use. NotFound: the controller does not know it (any more).
  runtime::Task<absl::StatusOr<std::unique_ptr<Transaction>>> Get(TxnId id);

 private:
  absl::StatusOr<std::unique_ptr<Transaction>> Open(TxnId id, const std::vector<controller::SegmentRange>& segments);

  ClientContext& context_;
  const ScopedStream stream_;
  const TransactionOptions options_;
  const std::string writer_id_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_TRANSACTION_WRITER_H_
