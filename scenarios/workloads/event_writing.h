// The program of a machine that writes its share of rows with an event writer.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_EVENT_WRITING_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_EVENT_WRITING_H_

#include <cstddef>
#include <string>

#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "scenarios/workloads/context.h"

namespace pravega::scenarios {

// Writes what is left of share `writer` (from 0) as process `process`, each row when it is due, and records each write
// with its outcome. A writer that came to its end is replaced by a new one, which goes on behind it: a row is tried
// once. Returns when everything is settled. `context` outlives it.
runtime::Task<void> WriteEvents(runtime::Runtime& runtime, WorkloadContext& context, size_t writer,
                                std::string process);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_EVENT_WRITING_H_
