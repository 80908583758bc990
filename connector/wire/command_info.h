// What is known of a command apart from its fields.
#ifndef PRAVEGA_CONNECTOR_WIRE_COMMAND_INFO_H_
#define PRAVEGA_CONNECTOR_WIRE_COMMAND_INFO_H_

#include <cstdint>

namespace pravega::wire {

// The code in the header of a frame. The values are the kType of the command structs, so that a switch reads
// `case AppendBlock::kType:`.
enum class CommandType : int32_t {};

enum class Direction {
  kRequest,   // to the store
  kReply,     // from the store
  kBoth,      // either way
  kEmbedded,  // inside append blocks or segments, never an ordinary message
};

struct CommandInfo {
  constexpr CommandInfo(int32_t code, const char* the_name, Direction the_direction)
      : type(static_cast<CommandType>(code)), name(the_name), direction(the_direction) {}
  constexpr int32_t code() const { return static_cast<int32_t>(type); }

  CommandType type;
  const char* name;
  Direction direction;
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_COMMAND_INFO_H_
