// From the bytes of one frame to a command.
#ifndef PRAVEGA_CONNECTOR_WIRE_DECODE_H_
#define PRAVEGA_CONNECTOR_WIRE_DECODE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "connector/core/buffer.h"

namespace pravega::wire {

struct Command;

struct DecodeOptions {
  // The peer announced a wire version below 16, so that its InvalidEventNumber has the old layout. The request id,
  // which that does not have, is then -1.
  bool invalid_event_number_before_v16 = false;
};

// Decodes the payload [payload_offset, payload_offset + payload_bytes) of `bytes`, which CHECKs to lie within, as the
// command of that code. Buffers of the command are slices of `bytes`; surplus bytes are ignored; missing trailing
// fields take their defaults. Allocates nothing on the word of a declared count or length: at most 16 times the
// payload, and that for a list of empty strings.
//
// Errors: DataLoss for an unknown code, a mandatory field that is cut short, a negative length or count, a string that
// is not modified UTF-8. The message names the command, the field and the byte within the frame, header included.
// *command is overwritten, except for an unknown code.
absl::Status Decode(int32_t code, const Buffer& bytes, size_t payload_offset, size_t payload_bytes,
                    const DecodeOptions& options, Command* command);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_DECODE_H_
