// Sweeper: finds the work that instances which may be dead have left.
//
// All work is found under prefixes of the metadata store: markers of streams and groups that have something to do, and
// the records of transactions that are not complete. The first sweep after a start takes everything over; later ones
// take what has not moved since the last look, because somebody else may well be working on what moves. Two instances
// at the same work are safe, only wasteful. Beside that, completed transactions that are forgotten are erased.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_SWEEPER_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_SWEEPER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"
#include "simulator/controller/reader_groups.h"
#include "simulator/controller/stream_workflow.h"
#include "simulator/controller/transactions.h"

namespace pravega::sim {

class Sweeper {
 public:
  // All outlive it.
  Sweeper(Context& context, StreamWorkflow& streams, ReaderGroups& groups, Transactions& transactions)
      : context_(context), streams_(streams), groups_(groups), transactions_(transactions) {}

  // Sweeps at once and then every `options.sweep_period`, until cancelled.
  runtime::Task<void> Run();

 private:
  using Versions = std::map<std::string, int64_t>;

  runtime::Task<absl::Status> Sweep();
  // Calls Found for every record under `prefix`.
  runtime::Task<absl::Status> SweepPrefix(std::string_view prefix, Versions* seen);
  void Found(const MetadataEntry& entry, bool take_over);
  // Erases the completed transactions that are forgotten, if any can be.
  runtime::Task<absl::Status> ForgetCompleted();

  Context& context_;
  StreamWorkflow& streams_;
  ReaderGroups& groups_;
  Transactions& transactions_;
  bool first_ = true;
  Versions work_;
  Versions open_;
  // Nothing is forgotten before, by the wall clock.
  int64_t next_forgotten_ms_ = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_SWEEPER_H_
