#include "connector/client/segment_request.h"

#include <optional>

#include "connector/client/backoff.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "connector/wire/raw_client.h"

namespace pravega::client {
namespace {

void SetToken(wire::Command* command, const std::string& token) {
  std::visit(
      [&token](auto& c) {
        if constexpr (requires { c.token; }) c.token = token;
      },
      *command);
}

// Whether to look for the segment's store again and repeat.
bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsUnauthenticated(status);
}

}  // namespace

runtime::Task<absl::StatusOr<SegmentReply>> SendSegmentRequest(ClientContext& context, SegmentRef segment,
                                                               controller::AccessOperation access,
                                                               wire::Command request) {
  Backoff backoff(context.options().request_retry);
  bool maybe_repeated = false;
  while (true) {
    // The controller's client repeats its calls itself: what it could not get is final.
    absl::StatusOr<std::string> token = co_await context.Token(segment.stream, access);
    if (!token.ok()) co_return token.status();
    absl::StatusOr<runtime::Endpoint> endpoint = co_await context.controller().GetEndpoint(segment);
    if (!endpoint.ok()) co_return endpoint.status();

    SetToken(&request, *token);
    runtime::Instant deadline = context.runtime().Now() + context.options().request_timeout;
    absl::StatusOr<wire::Command> reply = co_await context.StoreAt(*endpoint).Call(request, deadline);
    absl::Status trouble = reply.status();
    if (reply.ok()) {
      trouble = wire::FailureStatus(*reply);
      if (!IsPassing(trouble)) co_return SegmentReply{*std::move(reply), maybe_repeated};
      if (absl::IsUnauthenticated(trouble)) context.ForgetToken(segment.stream);
    } else if (IsPassing(trouble)) {
      maybe_repeated = true;
    } else {
      co_return trouble;
    }
    context.controller().ForgetEndpoint(segment);
    std::optional<runtime::Duration> delay = backoff.Next();
    if (!delay.has_value()) {
      co_return Annotate(trouble, StrCat(wire::InfoOf(request).name, " of ", segment.ToString(), ": gave up after ",
                                         backoff.attempts(), " attempts"));
    }
    absl::Status slept = co_await runtime::SleepFor(context.runtime(), *delay, "another attempt of a request");
    if (!slept.ok()) co_return slept;
  }
}

}  // namespace pravega::client
