// ReaderGroups: the configurations of reader groups and the streams that hold their state (Pravega controller, "reader
// groups at the controller").
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_READER_GROUPS_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_READER_GROUPS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/runtime/task.h"
#include "simulator/controller/context.h"
#include "simulator/controller/streams.h"

namespace pravega::sim {

class ReaderGroups {
 public:
  // Both outlive it.
  ReaderGroups(Context& context, Streams& streams) : context_(context), streams_(streams) {}

  runtime::Task<absl::StatusOr<proto::CreateReaderGroupResponse>> Create(proto::ReaderGroupConfiguration config);
  runtime::Task<absl::StatusOr<proto::ReaderGroupConfigResponse>> Config(std::string scope, std::string group);
  runtime::Task<absl::StatusOr<proto::DeleteReaderGroupStatus>> Delete(std::string scope, std::string group,
                                                                       std::string id);

  // Has the group's creation or deletion gone on with in the background; harmless if there is none.
  void Start(const std::string& scope, const std::string& group);

 private:
  using GroupRecord = Versioned<records::ReaderGroup>;

  runtime::Task<absl::Status> Pass(std::string scope, std::string group);
  runtime::Task<absl::Status> FinishCreation(std::string scope, std::string group, GroupRecord record);
  runtime::Task<absl::Status> FinishDeletion(std::string scope, std::string group, GroupRecord record);
  // Until the group of that id is gone or in another state than `state`.
  runtime::Task<absl::Status> WaitWhile(std::string scope, std::string group, std::string id,
                                        records::ReaderGroup::State state);

  Context& context_;
  Streams& streams_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_READER_GROUPS_H_
