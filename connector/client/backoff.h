// Backoff: the delays between attempts of one thing.
#ifndef PRAVEGA_CONNECTOR_CLIENT_BACKOFF_H_
#define PRAVEGA_CONNECTOR_CLIENT_BACKOFF_H_

#include <algorithm>
#include <optional>

#include "connector/controller/retrying_caller.h"
#include "connector/runtime/time.h"

namespace pravega::client {

// Says how long to wait before the next attempt, or that there is none. A plain value.
class Backoff {
 public:
  explicit Backoff(const controller::RetryPolicy& policy) : policy_(policy), delay_(policy.first_delay) {}

  // To be asked after a failed attempt; nullopt when all attempts are used up.
  std::optional<runtime::Duration> Next() {
    if (++attempts_ >= policy_.attempts) return std::nullopt;
    runtime::Duration delay = std::min(delay_, policy_.longest_delay);
    if (delay_ < policy_.longest_delay) delay_ *= policy_.factor;
    return delay;
  }
  // Something succeeded: the next failure is the first one again.
  void Reset() {
    attempts_ = 0;
    delay_ = policy_.first_delay;
  }
  int attempts() const { return attempts_; }

 private:
  controller::RetryPolicy policy_;
  runtime::Duration delay_;
  int attempts_ = 0;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_BACKOFF_H_
