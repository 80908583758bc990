// How a reader group comes into being: its configuration at the controller, then the first record of its state.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_GROUP_SETUP_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_GROUP_SETUP_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/client/reader_group/group_synchronizer.h"
#include "connector/client/reader_group/state.h"
#include "connector/controller/types.h"
#include "connector/runtime/task.h"

namespace pravega::client {

// As the group's state holds what the controller stores.
ReaderGroupConfig FromController(const controller::ReaderGroupConfig& config);

// Brings the copy of an existing group up to date. A group whose creator stopped half way is completed. NotFound: no
// such group.
runtime::Task<absl::StatusOr<std::unique_ptr<GroupSynchronizer>>> OpenGroup(ClientContext& context, std::string scope,
                                                                            std::string group);

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_GROUP_SETUP_H_
