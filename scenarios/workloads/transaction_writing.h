// The program of a machine that writes its share of rows in transactions.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_TRANSACTION_WRITING_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_TRANSACTION_WRITING_H_

#include <cstddef>
#include <string>

#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/context.h"

namespace pravega::scenarios {

// Writes what is left of share `writer` (from 0) as process `process`, in transactions of Workload::transaction_rows
// rows, one after the other in order of commit. Rows of a transaction that was aborted are written again in another
// one, as new events; rows of one whose outcome stays unknown are not. Returns when every transaction is committed.
// `context` outlives it.
runtime::Task<void> WriteTransactions(runtime::Runtime& runtime, WorkloadContext& context, size_t writer,
                                      std::string process);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_TRANSACTION_WRITING_H_
