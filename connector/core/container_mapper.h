// Which container of the segment stores a segment lives in (Pravega wire protocol, "segment to container").
#ifndef PRAVEGA_CONNECTOR_CORE_CONTAINER_MAPPER_H_
#define PRAVEGA_CONNECTOR_CORE_CONTAINER_MAPPER_H_

#include <cstdint>
#include <string_view>

#include "connector/core/ids.h"

namespace pravega {

// The container, 0 <= c < containers, of a segment's ContainerKey (names.h). CHECKs that there are containers.
int32_t ContainerIndex(std::string_view container_key, int32_t containers);

// The same for a full segment name: all epochs of one segment number, and their transaction and transient segments,
// live together, so that they can be merged.
ContainerId ContainerOf(std::string_view segment_name, int32_t containers);

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_CONTAINER_MAPPER_H_
