// The program of a machine that reads with one reader of the group, and of its supervisor.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_READING_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_READING_H_

#include <cstddef>
#include <string>

#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/context.h"

namespace pravega::scenarios {

// What a machine does from its start on: as supervisor it looks for readers that died here, recovers what they
// recorded, declares them offline at the position that they recorded last, and starts another reader, which records
// each event with its position in one durable step until there is nothing left to read. `reader` counts from 0;
// `machine` is its name. `context` outlives it.
runtime::Task<void> ReadEvents(runtime::Runtime& runtime, WorkloadContext& context, size_t reader, std::string machine);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_READING_H_
