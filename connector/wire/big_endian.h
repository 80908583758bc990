// Big-endian integers in memory, under the names of this namespace; they live in the core.
#ifndef PRAVEGA_CONNECTOR_WIRE_BIG_ENDIAN_H_
#define PRAVEGA_CONNECTOR_WIRE_BIG_ENDIAN_H_

#include "connector/core/big_endian.h"

namespace pravega::wire {

using pravega::LoadBigEndian;
using pravega::StoreBigEndian;

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_BIG_ENDIAN_H_
