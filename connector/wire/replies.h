// What a reply means for whoever sent the request: one table from the protocol's failures to errors.
//
// The code of the error is the caller's verdict:
//   Unavailable         WrongHost: find the owner of the segment again and repeat
//   NotFound            the segment (or the table key) is not there, or not any more
//   FailedPrecondition  the segment is sealed; a table or a key is not in the state that was asked for
//   AlreadyExists       of creation
//   OutOfRange          the offset is not in the segment; the message tells the one expected
//   Aborted             the writer's number in the store is not the expected one: set up again and look
//   Unimplemented       the segment is of a kind that does not have this operation
//   Unauthenticated     the token expired: get a new one and repeat
//   PermissionDenied    the token does not allow it
//   InvalidArgument     the store does not accept the arguments
#ifndef PRAVEGA_CONNECTOR_WIRE_REPLIES_H_
#define PRAVEGA_CONNECTOR_WIRE_REPLIES_H_

#include "absl/status/status.h"
#include "connector/core/ids.h"

namespace pravega::wire {

struct Command;

// Whether `reply` reports a failure.
bool IsFailure(const Command& reply);
// The error that a failure reply stands for; OK for any other command.
absl::Status FailureStatus(const Command& reply);
// For a reply that is not the one hoped for: its failure, or Internal naming the command.
absl::Status UnexpectedReply(const Command& reply);

// Sets the request id of `command`; returns whether it carries one (RequestIdOf in commands.h).
bool SetRequestId(Command* command, RequestId id);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_REPLIES_H_
