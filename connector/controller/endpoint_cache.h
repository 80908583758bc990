// EndpointCache: which store serves a segment, as last heard from the controller.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_ENDPOINT_CACHE_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_ENDPOINT_CACHE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "connector/runtime/network.h"
#include "connector/runtime/time.h"

namespace pravega::controller {

// Keyed by container key: all epochs of a segment number, and its transaction segments, live in the same container.
// Bounded: when it is full the oldest entry goes. Thread-compatible.
class EndpointCache {
 public:
  EndpointCache(size_t capacity, runtime::Duration time_to_live) : capacity_(capacity), time_to_live_(time_to_live) {}

  std::optional<runtime::Endpoint> Find(std::string_view key, runtime::Instant now) const;
  void Put(std::string key, runtime::Endpoint endpoint, runtime::Instant now);
  void Remove(std::string_view key);
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    runtime::Endpoint endpoint;
    runtime::Instant learnt;
    uint64_t order = 0;
  };
  const size_t capacity_;
  const runtime::Duration time_to_live_;
  uint64_t next_order_ = 0;
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<uint64_t, std::string> by_age_;
};

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_ENDPOINT_CACHE_H_
