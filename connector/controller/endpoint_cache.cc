#include "connector/controller/endpoint_cache.h"

#include <utility>

namespace pravega::controller {

std::optional<runtime::Endpoint> EndpointCache::Find(std::string_view key, runtime::Instant now) const {
  auto found = entries_.find(key);
  if (found == entries_.end() || now - found->second.learnt >= time_to_live_) return std::nullopt;
  return found->second.endpoint;
}

void EndpointCache::Put(std::string key, runtime::Endpoint endpoint, runtime::Instant now) {
  if (capacity_ == 0) return;
  Remove(key);
  if (entries_.size() >= capacity_) {
    entries_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }
  by_age_.emplace(next_order_, key);
  entries_.emplace(std::move(key), Entry{std::move(endpoint), now, next_order_});
  ++next_order_;
}

void EndpointCache::Remove(std::string_view key) {
  auto found = entries_.find(key);
  if (found == entries_.end()) return;
  by_age_.erase(found->second.order);
  entries_.erase(found);
}

}  // namespace pravega::controller
