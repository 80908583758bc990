#include "simulator/controller/leases.h"

#include "connector/runtime/sleep.h"

namespace pravega::sim {

using runtime::Task;

Leases::Leases(runtime::Runtime& runtime, std::function<void(const std::string& key)> on_end)
    : runtime_(runtime), on_end_(std::move(on_end)), changed_("a change of leases") {}

void Leases::Track(const std::string& key, int64_t end_ms) {
  bool was_first = !order_.empty() && order_.begin()->second == key;
  Forget(key);
  ends_[key] = end_ms;
  order_.emplace(end_ms, key);
  // A later end needs no wake-up: the earlier alarm looks and sleeps on.
  if (was_first || order_.begin()->second == key) changed_.Pulse();
}

void Leases::Forget(const std::string& key) {
  auto found = ends_.find(key);
  if (found == ends_.end()) return;
  order_.erase({found->second, key});
  ends_.erase(found);
}

Task<absl::Status> Leases::Wait() {
  absl::Status waited = co_await changed_.Wait();
  co_return waited;
}

Task<void> Leases::Run() {
  for (;;) {
    int64_t now = runtime_.WallNow().millis();
    while (!order_.empty() && order_.begin()->first <= now) {
      std::string key = order_.begin()->second;
      Forget(key);
      on_end_(key);
    }
    runtime::Instant next = runtime::Instant::Infinite();
    if (!order_.empty()) next = runtime_.Now() + std::chrono::milliseconds(order_.begin()->first - now);
    absl::Status waited = co_await runtime::WithDeadline(runtime_, Wait(), next);
    if (absl::IsCancelled(waited)) co_return;
  }
}

}  // namespace pravega::sim
