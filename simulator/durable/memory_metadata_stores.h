// MemoryMetadataStores: the metadata store of the controllers, as a service in the memory of the world. It belongs to
// nobody's node: it outlives crashes, and nodes reach it through ports alone.
#ifndef PRAVEGA_SIMULATOR_DURABLE_MEMORY_METADATA_STORES_H_
#define PRAVEGA_SIMULATOR_DURABLE_MEMORY_METADATA_STORES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "connector/runtime/runtime.h"
#include "simulator/durable/durable_faults.h"
#include "simulator/durable/metadata_store.h"
#include "simulator/durable/service_port.h"

namespace pravega::sim {

// Thread-compatible. `ports` and `faults` outlive the store and every request in flight.
class MemoryMetadataStores : public MetadataStores {
 public:
  MemoryMetadataStores(ServicePorts& ports, DurableFaults& faults)
      : ports_(ports), faults_(faults), state_(std::make_shared<State>()) {}

  std::unique_ptr<MetadataStore> Open(runtime::Runtime& node) override;

  struct Value {
    std::string bytes;
    int64_t version = 0;
  };
  struct State {
    std::map<std::string, Value, std::less<>> values;
    int64_t revision = 0;  // versions are drawn from it, so that a key's versions grow over its deletion too
  };
  // For tests and reports: everything that is stored now.
  const std::map<std::string, Value, std::less<>>& values() const { return state_->values; }

 private:
  ServicePorts& ports_;
  DurableFaults& faults_;
  std::shared_ptr<State> state_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_MEMORY_METADATA_STORES_H_
