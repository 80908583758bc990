// CHECK: invariants that stay on in every build.
//
// A failed CHECK is a programmer's error: it prints the condition, its place and an optional message to stderr and
// aborts. Errors of operation (bad input, lost connections) are absl::Status and never a CHECK. The standard assert
// is not used because `-c opt` defines NDEBUG and would silence it in the very builds that run most seeds.
#ifndef PRAVEGA_CONNECTOR_CORE_CHECK_H_
#define PRAVEGA_CONNECTOR_CORE_CHECK_H_

#include <string_view>

namespace pravega::internal {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line, std::string_view message);

}  // namespace pravega::internal

#define CHECK(condition) CHECK_MSG(condition, "")

#define CHECK_MSG(condition, message)                                              \
  do {                                                                             \
    if (!(condition)) [[unlikely]] {                                               \
      ::pravega::internal::CheckFailed(#condition, __FILE__, __LINE__, (message)); \
    }                                                                              \
  } while (false)

#endif  // PRAVEGA_CONNECTOR_CORE_CHECK_H_
