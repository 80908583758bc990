#include "simulator/segmentstore/segment_store.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/network.h"
#include "connector/runtime/task_group.h"
#include "simulator/segmentstore/session.h"

namespace pravega::sim {

using runtime::Task;

SegmentStore::SegmentStore(runtime::Runtime& runtime, SegmentStoreOptions options, DurableLogs& logs,
                           SessionFaults& faults)
    : context_(runtime, std::move(options), faults) {
  for (ContainerId id : context_.options.containers) {
    CHECK(id.value() >= 0);
    CHECK(id.value() < context_.options.container_count);
    auto runner = std::make_unique<ContainerRunner>(runtime, id, logs.Open(runtime, id), context_.options.runner);
    bool added = context_.runners.emplace(id, std::move(runner)).second;
    CHECK_MSG(added, "a container is listed twice");
  }
}

int SegmentStore::running_containers() const {
  int running = 0;
  for (const auto& [id, runner] : context_.runners) running += runner->container() != nullptr;
  return running;
}

Task<absl::Status> SegmentStore::Run() {
  runtime::Runtime& runtime = context_.runtime;
  absl::StatusOr<std::unique_ptr<runtime::Listener>> listener = runtime.network().Listen(context_.options.endpoint);
  if (!listener.ok()) co_return listener.status();
  runtime::TaskGroup containers(runtime.scheduler(), "containers");
  for (const auto& [id, runner] : context_.runners) containers.Spawn(StrCat(id.value()), runner->Run());
  runtime::TaskGroup sessions(runtime.scheduler(), "sessions");
  absl::Status ended;
  while (ended.ok()) {
    absl::StatusOr<std::unique_ptr<runtime::ByteStream>> stream = co_await (*listener)->Accept();
    if (!stream.ok()) {
      ended = stream.status();
      continue;
    }
    auto session = std::make_shared<Session>(context_, *std::move(stream));
    sessions.Spawn("session", Session::Run(std::move(session)));
  }
  listener->reset();
  co_await sessions.Stop();
  co_await containers.Stop();
  co_return ended;
}

}  // namespace pravega::sim
