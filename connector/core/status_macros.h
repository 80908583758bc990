// Early return of errors, for functions (RETURN_IF_ERROR) and coroutines (CO_RETURN_IF_ERROR).
//
// The expression of a CO_ macro may be a `co_await`: it initialises a named variable, the one form of await that every
// compiler we support translates correctly.
#ifndef PRAVEGA_CONNECTOR_CORE_STATUS_MACROS_H_
#define PRAVEGA_CONNECTOR_CORE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PRAVEGA_CONCAT_INNER(a, b) a##b
#define PRAVEGA_CONCAT(a, b) PRAVEGA_CONCAT_INNER(a, b)

#define PRAVEGA_RETURN_IF_ERROR_IMPL(return_word, name, expression) \
  absl::Status name = (expression);                                 \
  if (!name.ok()) return_word name

#define PRAVEGA_ASSIGN_OR_RETURN_IMPL(return_word, name, target, expression) \
  auto name = (expression);                                                  \
  if (!name.ok()) return_word std::move(name).status();                      \
  target = *std::move(name)

#define RETURN_IF_ERROR(expression) \
  PRAVEGA_RETURN_IF_ERROR_IMPL(return, PRAVEGA_CONCAT(status_at_, __LINE__), expression)
#define CO_RETURN_IF_ERROR(expression) \
  PRAVEGA_RETURN_IF_ERROR_IMPL(co_return, PRAVEGA_CONCAT(status_at_, __LINE__), expression)

#define ASSIGN_OR_RETURN(target, expression) \
  PRAVEGA_ASSIGN_OR_RETURN_IMPL(return, PRAVEGA_CONCAT(result_at_, __LINE__), target, expression)
#define CO_ASSIGN_OR_RETURN(target, expression) \
  PRAVEGA_ASSIGN_OR_RETURN_IMPL(co_return, PRAVEGA_CONCAT(result_at_, __LINE__), target, expression)

#endif  // PRAVEGA_CONNECTOR_CORE_STATUS_MACROS_H_
