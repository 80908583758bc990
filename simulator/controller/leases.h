// Leases: when the transactions that this instance knows of run out.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_LEASES_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_LEASES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/sync.h"
#include "connector/runtime/task.h"

namespace pravega::sim {

// Only a reminder: the persisted record decides whether a lease has ended. Thread-compatible.
class Leases {
 public:
  // `on_end` is called with the key of a transaction at about the end of its lease; it must not block.
  Leases(runtime::Runtime& runtime, std::function<void(const std::string& key)> on_end);

  // Reminds at `end_ms` of the wall clock, in place of an earlier time for that key.
  void Track(const std::string& key, int64_t end_ms);
  void Forget(const std::string& key);
  bool tracks(const std::string& key) const { return ends_.contains(key); }
  size_t size() const { return ends_.size(); }

  // Until cancelled.
  runtime::Task<void> Run();

 private:
  runtime::Task<absl::Status> Wait();

  runtime::Runtime& runtime_;
  std::function<void(const std::string& key)> on_end_;
  std::map<std::string, int64_t> ends_;
  std::set<std::pair<int64_t, std::string>> order_;
  runtime::Event changed_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_LEASES_H_
