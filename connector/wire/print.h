// Commands as text for logs and traces.
#ifndef PRAVEGA_CONNECTOR_WIRE_PRINT_H_
#define PRAVEGA_CONNECTOR_WIRE_PRINT_H_

#include <iosfwd>
#include <string>

namespace pravega::wire {

struct Command;

// One line, of bounded length: AppendBlock{writerId=00112233-…, data=13 bytes 000000000000000568656c6c6f}. Long data,
// strings and lists are abbreviated. Tokens are printed as their length only, for they are secrets.
std::string ToString(const Command& command);

// For test frameworks.
std::ostream& operator<<(std::ostream& out, const Command& command);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_PRINT_H_
