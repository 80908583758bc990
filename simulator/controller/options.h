// ControllerOptions: what a controller instance is told.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_OPTIONS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "connector/runtime/network.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::sim {

struct ControllerOptions {
  // Where it serves.
  runtime::Endpoint endpoint;
  // The store that serves each container; its size is the number of containers. Not empty.
  std::vector<runtime::Endpoint> container_hosts;

  // Bounds of the lease asked for at creation; a ping is held to the upper one alone. The real server's defaults.
  std::chrono::milliseconds min_lease{10'000};
  std::chrono::milliseconds max_lease{600'000};
  // How much longer than its persisted end a lease lives that may have been granted by another instance, whose wall
  // clock may be behind. Not less than twice the largest error of a clock, or leases may end too early for a client.
  std::chrono::milliseconds clock_skew{0};
  // How long completed transactions are remembered.
  std::chrono::milliseconds completed_transactions_kept = std::chrono::hours(24);
  // Transactions of one commit batch, at most.
  size_t commit_batch = 100;

  // Remote calls that wait for an operation give up after this time; the operation goes on. Between looks they wait
  // growing times, and are woken early when this instance itself makes progress.
  runtime::Duration operation_patience = std::chrono::minutes(2);
  runtime::Duration first_poll = std::chrono::milliseconds(100);
  runtime::Duration longest_poll = std::chrono::seconds(5);
  // One request to a segment store; and how long createTransaction tries to create segments.
  runtime::Duration store_request_timeout = std::chrono::seconds(30);
  runtime::Duration store_patience = std::chrono::seconds(60);
  // Delays between attempts at a store or at the metadata service.
  runtime::Duration first_retry = std::chrono::milliseconds(50);
  runtime::Duration longest_retry = std::chrono::seconds(2);
  // How long a remote call tries to reach the metadata service; workflows try for ever.
  runtime::Duration metadata_patience = std::chrono::seconds(15);
  // How often work and transactions of other instances, which may be dead, are looked for. What has not moved between
  // two looks is taken over.
  runtime::Duration sweep_period = std::chrono::seconds(5);

  // For tests that stop a controller between two steps: awaited after each write of metadata that the service
  // acknowledged and after each answered request to a store. `step` names it.
  std::function<runtime::Task<void>(std::string step)> after_step;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_OPTIONS_H_
