#include "simulator/controller/workers.h"

#include <algorithm>
#include <utility>

#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"

namespace pravega::sim {

using runtime::Task;

Workers::Workers(runtime::Runtime& runtime, const ControllerOptions& options)
    : runtime_(runtime), options_(options), group_(runtime.scheduler(), "workflows") {}

Workers::Topic& Workers::TopicOf(const std::string& key) {
  std::unique_ptr<Topic>& topic = topics_[key];
  if (topic == nullptr) {
    topic = std::make_unique<Topic>(key);
    topic->changes = all_changes_;
  }
  return *topic;
}

void Workers::DropIfIdle(const std::string& key) {
  auto found = topics_.find(key);
  if (found != topics_.end() && !found->second->running && found->second->waiting == 0) topics_.erase(found);
}

void Workers::Start(const std::string& key, Pass pass) {
  Topic& topic = TopicOf(key);
  if (topic.running) {
    topic.again = true;
    return;
  }
  topic.running = true;
  group_.Spawn(key, Run(key, std::move(pass)));
}

bool Workers::running(const std::string& key) const {
  auto found = topics_.find(key);
  return found != topics_.end() && found->second->running;
}

Task<void> Workers::Run(std::string key, Pass pass) {
  Topic& topic = TopicOf(key);
  runtime::Duration delay = options_.first_retry;
  do {
    topic.again = false;
    absl::Status done = co_await pass();
    Changed(key);
    if (done.ok()) {
      delay = options_.first_retry;
      continue;
    }
    if (absl::IsCancelled(done)) break;
    runtime_.Log(StrCat(key, ": ", ToStd(done.message()), "; will be tried again"));
    absl::Status slept = co_await runtime::SleepFor(runtime_, delay, "before a workflow is tried again");
    if (!slept.ok()) break;
    delay = std::min(delay * 2, options_.longest_retry);
    topic.again = true;
  } while (topic.again);
  topic.running = false;
  DropIfIdle(key);
}

void Workers::Changed(const std::string& key) {
  ++all_changes_;
  auto found = topics_.find(key);
  if (found == topics_.end()) return;
  found->second->changes = all_changes_;
  found->second->changed.Pulse();
}

uint64_t Workers::changes(const std::string& key) const {
  auto found = topics_.find(key);
  return found == topics_.end() ? all_changes_ : found->second->changes;
}

Task<absl::Status> Workers::Wait(Topic* topic) {
  absl::Status waited = co_await topic->changed.Wait();
  co_return waited;
}

Task<absl::Status> Workers::WaitForChange(std::string key, uint64_t seen, runtime::Duration at_most) {
  Topic& topic = TopicOf(key);
  if (topic.changes > seen) {
    DropIfIdle(key);
    co_return absl::OkStatus();
  }
  ++topic.waiting;
  absl::Status waited = co_await runtime::WithDeadline(runtime_, Wait(&topic), runtime_.Now() + at_most);
  --topic.waiting;
  DropIfIdle(key);
  if (absl::IsDeadlineExceeded(waited)) co_return absl::OkStatus();
  co_return waited;
}

}  // namespace pravega::sim
