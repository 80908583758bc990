// ReaderGroup: a set of readers that share the segments of some streams, each segment with one reader at a time.
//
// Example:
//   ReaderGroupOptions options;
//   options.streams[{"scope", "stream"}] = {};   // from the head, without end
//   absl::StatusOr<std::unique_ptr<ReaderGroup>> group = co_await ReaderGroup::Create(context, "scope", "group",
//   options); absl::StatusOr<Checkpoint> checkpoint = co_await (*group)->TakeCheckpoint("cp-1", deadline); co_await
//   (*group)->Close();
//
// The state lives in a segment of stream "_RG<group>" in the form that Java readers understand. There is no liveness
// detection: when a reader dies, somebody must declare it offline, or its segments stall and checkpoints never
// complete.
//
// Thread-compatible; calls may overlap. Close() is awaited before destruction, unless the node dies.
#ifndef PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_READER_GROUP_H_
#define PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_READER_GROUP_H_

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/client/client_context.h"
#include "connector/core/checkpoint.h"
#include "connector/core/names.h"
#include "connector/core/position.h"
#include "connector/core/stream_cut.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::client {

struct StreamBounds {
  StreamCut from;  // unbounded: the head
  StreamCut to;    // unbounded: no end
};

struct ReaderGroupOptions {
  std::map<ScopedStream, StreamBounds> streams;  // at least one
  // How often readers make a checkpoint by themselves; none: never.
  std::optional<std::chrono::milliseconds> automatic_checkpoint_interval = std::chrono::seconds(30);
  // How old a reader's view of the group may be.
  std::chrono::milliseconds refresh_interval = std::chrono::seconds(3);
  int max_outstanding_checkpoints = 3;
};

class ReaderGroup {
 public:
  // Creates the group, or finds it: AlreadyExists if it exists with other options. Repeating after an error or a lost
  // answer is safe; a creation that stopped half way is completed.
  static runtime::Task<absl::StatusOr<std::unique_ptr<ReaderGroup>>> Create(ClientContext& context, std::string scope,
                                                                            std::string group,
                                                                            ReaderGroupOptions options);
  // NotFound: no such group.
  static runtime::Task<absl::StatusOr<std::unique_ptr<ReaderGroup>>> Open(ClientContext& context, std::string scope,
                                                                          std::string group);
  ~ReaderGroup();
  ReaderGroup(const ReaderGroup&) = delete;
  ReaderGroup& operator=(const ReaderGroup&) = delete;

  // Initiates a checkpoint and waits until every online reader has reported it. The cuts are complete also while a
  // merge is half done. ResourceExhausted: too many are under way. Aborted: a later checkpoint cleared this one first.
  // DeadlineExceeded: it is not complete yet and may still become so.
  // A name that was used before answers with the old positions.
  runtime::Task<absl::StatusOr<Checkpoint>> TakeCheckpoint(std::string name, runtime::Instant deadline);

  // Declares a reader offline, on its behalf: its segments go on at `position`, or where that lacks one, or is behind
  // what the group knows, at the offset that the group knows (of its acquisition or last checkpoint). Without a
  // position all of them go on there, so that events since then come again. OK too if the reader is not online.
  runtime::Task<absl::Status> ReaderOffline(std::string reader_id, std::optional<Position> position);

  runtime::Task<absl::StatusOr<std::set<std::string>>> OnlineReaders();

  // Where the group is, as of its last checkpoint: stale by design.
  runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> StreamCuts();
  // The same as of now, by a silent checkpoint that every online reader has to answer. Older checkpoints are cleared
  // with it, unless one of them is not complete yet.
  runtime::Task<absl::StatusOr<std::map<ScopedStream, StreamCut>>> GenerateStreamCuts(runtime::Instant deadline);

  // Deletes the group and its state at the controller. NotFound: it is gone already.
  runtime::Task<absl::Status> Delete();

  runtime::Task<void> Close();

  const std::string& name() const;

 private:
  class Impl;
  explicit ReaderGroup(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_READER_GROUP_READER_GROUP_H_
