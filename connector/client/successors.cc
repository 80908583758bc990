#include "connector/client/successors.h"

#include <optional>

#include "connector/client/backoff.h"
#include "connector/controller/controller_client.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::client {

runtime::Task<absl::StatusOr<std::vector<controller::Successor>>> FindSuccessors(ClientContext& context,
                                                                                 SegmentRef segment,
                                                                                 controller::RetryPolicy retry) {
  Backoff backoff(retry);
  bool left_epoch = false;
  while (true) {
    absl::StatusOr<std::vector<controller::Successor>> successors =
        co_await context.controller().GetSuccessors(segment.stream, segment.id);
    if (!successors.ok() || !successors->empty() || left_epoch) co_return successors;
    absl::StatusOr<bool> active = co_await context.controller().IsSegmentValid(segment.stream, segment.id);
    if (absl::IsCancelled(active.status())) co_return active.status();
    // Once it has left the current epoch the list is final; the one in hand may be from before that.
    left_epoch = !active.ok() || !*active;
    if (left_epoch) continue;
    std::optional<runtime::Duration> delay = backoff.Next();
    if (!delay.has_value()) {
      co_return MakeStatus(absl::StatusCode::kUnavailable, "segment ", segment.ToString(),
                           " is sealed in its store, but for the controller it is active and has no successors");
    }
    absl::Status slept = co_await runtime::SleepFor(context.runtime(), *delay, "the controller to record a seal");
    if (!slept.ok()) co_return slept;
  }
}

}  // namespace pravega::client
