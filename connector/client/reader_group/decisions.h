// All decisions of a reader group's participants: pure functions from the group's state, and what a participant knows
// beyond it, to updates. What they have in common is said in membership.h.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_DECISIONS_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_DECISIONS_H_

#include "connector/client/reader_group/assignment.h"
#include "connector/client/reader_group/checkpoints.h"
#include "connector/client/reader_group/completion.h"
#include "connector/client/reader_group/cuts.h"
#include "connector/client/reader_group/membership.h"
#include "connector/client/reader_group/reader_view.h"

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_DECISIONS_H_
