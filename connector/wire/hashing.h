// The hashes that clients, controllers and stores must agree on, under the names of this namespace; they live in the core,
// where payload formats and checkers use them too.
#ifndef PRAVEGA_CONNECTOR_WIRE_HASHING_H_
#define PRAVEGA_CONNECTOR_WIRE_HASHING_H_

#include "connector/core/container_mapper.h"
#include "connector/core/java_string.h"
#include "connector/core/murmur3.h"
#include "connector/core/routing.h"

namespace pravega::wire {

using pravega::ContainerIndex;
using pravega::Hash128;
using pravega::JavaStringHash;
using pravega::Murmur3;
using pravega::RoutingKeyPosition;
using pravega::Utf16LittleEndian;

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_HASHING_H_
