// Commands with any values, drawn from RapidCheck inside a property, following the declarations of their fields.
#ifndef PRAVEGA_CONNECTOR_WIRE_GENERATORS_FOR_TEST_H_
#define PRAVEGA_CONNECTOR_WIRE_GENERATORS_FOR_TEST_H_

#include <cstddef>

#include "connector/wire/commands.h"

namespace pravega::wire {

// A command of alternative `index` of Command, whose values all survive the way through bytes. To be called inside a
// property or rc::gen::exec.
Command DrawCommand(size_t index);

// A command of any kind.
Command DrawAnyCommand();

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_GENERATORS_FOR_TEST_H_
