// What a reader knows beyond the group's state, and what decisions take from it.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_READER_VIEW_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_READER_VIEW_H_

#include <cstdint>
#include <string>

#include "connector/core/position.h"

namespace pravega::client {

struct ReaderView {
  std::string reader;
  // Its live positions: the next event to be read of each segment that it owns, finished where it came to the end. They
  // are event boundaries. Segments that the state does not assign to it are left out of what it reports.
  Position::Map positions;
  int64_t distance_to_tail_ms = 0;  // see DistanceToTail
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_READER_VIEW_H_
