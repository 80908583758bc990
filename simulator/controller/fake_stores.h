// FakeStores: segment stores for tests of the controller. They speak the wire protocol, but have one common, immortal
// memory, which tests look into and write to.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_FAKE_STORES_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_FAKE_STORES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/runtime/network.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "connector/wire/commands.h"

namespace pravega::sim {

class FakeStores {
 public:
  struct Segment {
    std::string bytes;  // from offset 0 on, also what was truncated
    int64_t start = 0;
    bool sealed = false;
    int scale_type = 0;
    int32_t target_rate = 0;
    int64_t rollover_size_bytes = 0;
  };

  // What happens to a request instead of a plain answer.
  enum class Fault { kNone, kWrongHost, kCloseBefore, kCloseAfter };

  // Serves until cancelled.
  runtime::Task<void> Serve(runtime::Runtime& runtime, runtime::Endpoint endpoint);

  std::map<std::string, Segment>& segments() { return segments_; }
  const std::map<std::string, Segment>& segments() const { return segments_; }
  bool exists(const std::string& segment) const { return segments_.contains(segment); }
  // Requests by command name so far.
  const std::map<std::string, int>& requests() const { return requests_; }
  // "CreateSegment scope/stream/0.#epoch.0" in the order of arrival.
  const std::vector<std::string>& log() const { return log_; }
  // Asked for every request, if set.
  void set_fault(std::function<Fault(std::string_view command, std::string_view segment)> fault) {
    fault_ = std::move(fault);
  }

 private:
  runtime::Task<void> Session(runtime::Runtime& runtime, std::unique_ptr<runtime::ByteStream> stream);
  // The answer; none if the connection is to be closed.
  std::optional<wire::Command> Apply(const wire::Command& request);
  wire::Command Merge(const wire::MergeSegmentsBatch& request);

  std::map<std::string, Segment> segments_;
  std::map<std::string, int> requests_;
  std::vector<std::string> log_;
  std::function<Fault(std::string_view command, std::string_view segment)> fault_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_FAKE_STORES_H_
