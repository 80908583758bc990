// From the client's types to the history's.
#ifndef PRAVEGA_SCENARIOS_WORKLOADS_HISTORY_TYPES_H_
#define PRAVEGA_SCENARIOS_WORKLOADS_HISTORY_TYPES_H_

#include "connector/client/outcome_log.h"
#include "connector/core/event_pointer.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/segment_position.h"
#include "connector/core/stream_cut.h"
#include "scenarios/history/recorder.h"
#include "scenarios/workloads/rows.h"

namespace pravega::scenarios {

Outcome ToHistory(client::Outcome outcome);
Segment ToHistory(Recorder& recorder, const SegmentRef& segment);
CutEntry ToHistory(Recorder& recorder, const SegmentRef& segment, SegmentPosition position);
Cut ToHistory(Recorder& recorder, const Position& position);
Cut ToHistory(Recorder& recorder, const StreamCut& cut);
Sighting ToHistory(Recorder& recorder, const EventPointer& pointer, const EventIdentity& identity);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_WORKLOADS_HISTORY_TYPES_H_
