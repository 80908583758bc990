// DurableFaults: how the durable services misbehave. They may be slow, or refuse, or apply a request whose answer then
// gets lost; they never lose what they acknowledged.
#ifndef PRAVEGA_SIMULATOR_DURABLE_DURABLE_FAULTS_H_
#define PRAVEGA_SIMULATOR_DURABLE_DURABLE_FAULTS_H_

#include <cstddef>
#include <string_view>

#include "connector/runtime/time.h"

namespace pravega::sim {

struct DurableRequest {
  std::string_view node;       // the caller
  std::string_view service;    // "log" or "metadata"
  std::string_view operation;  // "fence", "append", "read", "truncate"; "get", "scan", "commit"
  std::string_view subject;    // the container's number; the first key, or the prefix
};

enum class DurableFault {
  kNone,
  kUnavailable,  // nothing is applied; Unavailable is answered
  kAnswerLost,   // applied; Unavailable is answered. Of the records of an append, those that Survivors() says
};

struct DurableDecision {
  DurableFault fault = DurableFault::kNone;
  // The answer, whatever it is, reaches the caller so much later. What was applied is visible to others meanwhile.
  runtime::Duration slow_by{0};
};

class DurableFaults {
 public:
  virtual ~DurableFaults() = default;
  // Asked once for each request when it has arrived at the service and could be applied.
  virtual DurableDecision Decide(const DurableRequest& request) = 0;
  // How many of the `records` of an append that will not be acknowledged (its caller is gone, or the answer gets lost)
  // become durable: any prefix may. In 0..records.
  virtual size_t Survivors(const DurableRequest& request, size_t records) = 0;
};

class NoDurableFaults : public DurableFaults {
 public:
  DurableDecision Decide(const DurableRequest&) override { return {}; }
  size_t Survivors(const DurableRequest&, size_t records) override { return records; }
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_DURABLE_FAULTS_H_
