// SendSegmentRequest: one request about one segment, repeated until it is answered.
//
// Finds the segment's store through the controller, follows the segment when it moves, renews an expired token, and
// waits longer before each further attempt. Only for requests that may be carried out twice.
#ifndef PRAVEGA_CONNECTOR_CLIENT_SEGMENT_REQUEST_H_
#define PRAVEGA_CONNECTOR_CLIENT_SEGMENT_REQUEST_H_

#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/controller/types.h"
#include "connector/core/names.h"
#include "connector/runtime/task.h"
#include "connector/wire/commands.h"
#include "connector/wire/replies.h"

namespace pravega::client {

struct SegmentReply {
  wire::Command command;
  // An earlier attempt ended without an answer, so that this may be the answer to a second execution.
  bool maybe_repeated = false;
};

// Sends `request`, whose token is filled in here if it has one, to the store of `segment` (for a transaction's segment:
// of its parent). Returns the reply, which may report a failure other than WrongHost and an expired token.
// Unavailable or DeadlineExceeded: no answer after all attempts of ClientOptions::request_retry; the outcome is
// unknown.
runtime::Task<absl::StatusOr<SegmentReply>> SendSegmentRequest(ClientContext& context, SegmentRef segment,
                                                               controller::AccessOperation access,
                                                               wire::Command request);

// The same for a request with one good answer; failures become errors as in wire/replies.h.
template <typename Reply>
runtime::Task<absl::StatusOr<Reply>> SendSegmentRequestFor(ClientContext& context, SegmentRef segment,
                                                           controller::AccessOperation access, wire::Command request) {
  absl::StatusOr<SegmentReply> reply =
      co_await SendSegmentRequest(context, std::move(segment), access, std::move(request));
  if (!reply.ok()) co_return reply.status();
  if (Reply* wanted = std::get_if<Reply>(&reply->command)) co_return std::move(*wanted);
  co_return wire::UnexpectedReply(reply->command);
}

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_SEGMENT_REQUEST_H_
