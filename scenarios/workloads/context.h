// What the programs of one workload share: the plan of the work and the observer who writes history.
//
// The observer stands outside the simulated machines: it has the one clock of the history and remembers across crashes
// which rows were tried. Programs tell it things; nothing of what it knows reaches the system under test, except where
// a program goes on after a restart.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_CONTEXT_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/runtime/network.h"
#include "scenarios/history/recorder.h"
#include "scenarios/model/scenario.h"
#include "scenarios/workloads/row_ledger.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {

// Rows of one writer, in order, and how far it is; what a program would persist. It survives crashes of the writer.
struct WriterShare {
  std::vector<int64_t> rows;  // indexes into Rows
  size_t next = 0;            // the first that was never tried
  bool done = false;          // everything was tried and settled
  // Transactional writers: the transaction that is under way, with the places of its rows in `rows`; and those whose
  // commits were accepted.
  struct Open {
    TxnId txn;
    std::vector<size_t> places;
  };
  std::optional<Open> open;
  std::vector<TxnId> committed;
};

// What is known of one reader machine across its crashes. Each time a reader joins the group it does so under a new
// name and is a process of its own: one life.
struct ReaderShare {
  int lives = 0;
  std::set<int> settled;  // lives whose records were recovered and which were declared offline, or which left
  bool done = false;      // told that there is nothing left to read
};

// What all writers sent more than once, as their own counters say. Of no consequence for the run.
struct ResendStats {
  int64_t appends = 0;      // blocks that were sent again, because their connection broke before the answer came
  int64_t events = 0;       // in them
  int64_t found_there = 0;  // blocks whose lost answers a new connection made up for: not sent again
  int64_t moved = 0;        // events that went to the successors of a sealed segment instead
};

struct WorkloadContext {
  const Workload* workload = nullptr;
  const Rows* rows = nullptr;
  std::vector<runtime::Endpoint> controllers;
  Recorder* recorder = nullptr;
  std::function<int64_t()> now_ns;   // of the history
  int64_t start_ns = 0;              // when the first row is due
  std::vector<WriterShare> shares;   // by writer, from 0
  std::vector<ReaderShare> readers;  // by reader, from 0
  int64_t events_settled = 0;        // writes whose outcome is known, of all writers
  int64_t events_recorded = 0;       // by all readers
  ResendStats resends;
  std::unique_ptr<RowLedger> ledger;

  ScopedStream stream() const { return {workload->scope, workload->stream}; }
  std::string group() const { return "readers"; }
  // When row `row` is due, in ns after the start.
  int64_t DueAt(int64_t row) const;
};

// The rows of each writer: by hash of the key.
std::vector<WriterShare> ShareRows(const Rows& rows, int writers);

// The name of a process in history: the machine's, with the number of its life from the second on ("reader-2.3"). A
// name that a reader may have.
std::string ProcessName(const std::string& machine, int life);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_CONTEXT_H_
