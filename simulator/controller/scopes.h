// Scopes: created and deleted in one write each.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_SCOPES_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_SCOPES_H_

#include <string>

#include "absl/status/statusor.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"

namespace pravega::sim {

class Scopes {
 public:
  explicit Scopes(Context& context) : context_(context) {}

  runtime::Task<absl::StatusOr<proto::CreateScopeStatus::Status>> Create(std::string scope);
  runtime::Task<absl::StatusOr<proto::DeleteScopeStatus::Status>> Delete(std::string scope);
  runtime::Task<absl::StatusOr<bool>> Exists(std::string scope);

 private:
  Context& context_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_SCOPES_H_
