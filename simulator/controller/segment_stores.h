// SegmentStores: what a controller asks of segment stores, over the wire protocol and nothing else.
//
// Every request is idempotent: an answer that says "already so" is a success (Pravega wire protocol, "which replies the
// controller accepts"). A request is repeated with growing delays while its store cannot be reached, does not own the
// container, or does not answer; so OK means applied at least once.
//
// Errors: NotFound, FailedPrecondition and others when a store refuses in a way that repeating cannot help: the
// controller's picture is out of date, and it reads its records again. Unavailable after `give_up`. Cancelled.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_SEGMENT_STORES_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_SEGMENT_STORES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/ids.h"
#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "connector/wire/segment_commands.h"
#include "simulator/controller/options.h"

namespace pravega::wire {
class RawClient;
struct Command;
}  // namespace pravega::wire

namespace pravega::sim {

// How the segments of a stream are to be created.
struct SegmentPolicy {
  wire::ScaleType scale_type = wire::ScaleType::kFixed;
  int32_t target_rate = 0;
  int64_t rollover_size_bytes = 0;
};

class SegmentStores {
 public:
  // Both outlive it.
  SegmentStores(runtime::Runtime& runtime, const ControllerOptions& options);
  ~SegmentStores();

  // The store that serves the container of `segment`, a full name.
  const runtime::Endpoint& HostOf(std::string_view segment) const;

  runtime::Task<absl::Status> Create(std::string segment, SegmentPolicy policy,
                                     runtime::Instant give_up = runtime::Instant::Infinite());
  runtime::Task<absl::Status> Seal(std::string segment);
  // An offset that the segment cannot be truncated at counts as done: it was truncated further already.
  runtime::Task<absl::Status> Truncate(std::string segment, int64_t offset);
  runtime::Task<absl::Status> Delete(std::string segment, runtime::Instant give_up = runtime::Instant::Infinite());
  runtime::Task<absl::Status> UpdatePolicy(std::string segment, SegmentPolicy policy);
  runtime::Task<absl::StatusOr<int64_t>> Length(std::string segment);
  // Appends the sources in order; those that are not there any more were merged before.
  runtime::Task<absl::Status> Merge(std::string target, std::vector<std::string> sources);

  // Ends all connections.
  runtime::Task<void> Close();

 private:
  // The answer to `request` about `segment`, good or bad, once there is one.
  runtime::Task<absl::StatusOr<wire::Command>> Ask(std::string segment, wire::Command request,
                                                   runtime::Instant give_up);
  wire::RawClient& ClientOf(std::string_view segment);

  runtime::Runtime& runtime_;
  const ControllerOptions& options_;
  std::map<runtime::Endpoint, std::unique_ptr<wire::RawClient>> clients_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_SEGMENT_STORES_H_
