#include "simulator/durable/memory_metadata_stores.h"

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/strings.h"
#include "connector/runtime/sleep.h"
#include "simulator/durable/service_call.h"

namespace pravega::sim {
namespace {

using runtime::Task;
using State = MemoryMetadataStores::State;
using Value = MemoryMetadataStores::Value;

std::optional<MetadataEntry> GetFrom(const State& state, const std::string& key) {
  auto found = state.values.find(key);
  if (found == state.values.end()) return std::nullopt;
  return MetadataEntry{key, found->second.bytes, found->second.version};
}

std::vector<MetadataEntry> ScanFrom(const State& state, const std::string& prefix, const std::string& after,
                                    size_t limit) {
  std::vector<MetadataEntry> entries;
  auto at = after < prefix ? state.values.lower_bound(prefix) : state.values.upper_bound(after);
  for (; at != state.values.end() && entries.size() < limit && at->first.starts_with(prefix); ++at) {
    entries.push_back({at->first, at->second.bytes, at->second.version});
  }
  return entries;
}

absl::StatusOr<std::vector<int64_t>> CommitTo(State& state, std::vector<MetadataWrite>& writes) {
  for (const MetadataWrite& write : writes) {
    if (write.expected_version == MetadataWrite::kAny) continue;
    auto found = state.values.find(write.key);
    int64_t version = found == state.values.end() ? MetadataWrite::kAbsent : found->second.version;
    if (version != write.expected_version) {
      return MakeStatus(absl::StatusCode::kAborted, "key ", write.key, " has version ", version, ", not ",
                        write.expected_version);
    }
  }
  std::vector<int64_t> versions;
  versions.reserve(writes.size());
  for (MetadataWrite& write : writes) {
    ++state.revision;
    if (write.value) {
      state.values.insert_or_assign(std::move(write.key), Value{*std::move(write.value), state.revision});
      versions.push_back(state.revision);
    } else {
      state.values.erase(write.key);
      versions.push_back(0);
    }
  }
  return versions;
}

Buffer Payload(const std::vector<MetadataWrite>& writes) {
  std::string text = "commit";
  for (const MetadataWrite& write : writes) {
    text += StrCat(" ", write.key, "@", write.expected_version, "=");
    text += write.value ? StrCat(write.value->size(), ":", *write.value) : "absent";
  }
  return Buffer(std::move(text));
}

class MemoryMetadataStore : public MetadataStore {
 public:
  MemoryMetadataStore(runtime::Runtime& node, std::shared_ptr<ServicePort> port, std::shared_ptr<State> state,
                      DurableFaults& faults)
      : node_(node), port_(std::move(port)), state_(std::move(state)), faults_(faults) {}

  Task<absl::StatusOr<std::optional<MetadataEntry>>> Get(std::string key) override {
    Buffer payload = Buffer::Copy(StrCat("get ", key));
    return Call<std::optional<MetadataEntry>>("get", key, std::move(payload),
                                              [state = state_, key] { return GetFrom(*state, key); });
  }

  Task<absl::StatusOr<std::vector<MetadataEntry>>> Scan(std::string prefix, std::string after, size_t limit) override {
    Buffer payload = Buffer::Copy(StrCat("scan ", prefix, " after ", after));
    return Call<std::vector<MetadataEntry>>(
        "scan", prefix, std::move(payload),
        [state = state_, prefix, after = std::move(after), limit] { return ScanFrom(*state, prefix, after, limit); });
  }

  Task<absl::StatusOr<std::vector<int64_t>>> Commit(std::vector<MetadataWrite> writes) override {
    Buffer payload = Payload(writes);
    std::string subject = writes.empty() ? std::string() : writes.front().key;
    return Call<std::vector<int64_t>>(
        "commit", std::move(subject), std::move(payload),
        [state = state_, writes = std::move(writes)]() mutable { return CommitTo(*state, writes); });
  }

 private:
  // `operation` is a literal. `apply` runs once at the service.
  template <typename T>
  Task<absl::StatusOr<T>> Call(std::string_view operation, std::string subject, Buffer payload,
                               std::function<absl::StatusOr<T>()> apply) {
    auto call = std::make_shared<ServiceCall<absl::StatusOr<T>>>();
    port_->Send(operation, std::move(payload),
                [call, port = port_, faults = &faults_, node = node_.node_name(), operation,
                 subject = std::move(subject), apply = std::move(apply)] {
                  DurableDecision decision =
                      faults->Decide({.node = node, .service = "metadata", .operation = operation, .subject = subject});
                  call->set_slow_by(decision.slow_by);
                  absl::StatusOr<T> answer = absl::UnavailableError("the metadata store is unavailable");
                  if (decision.fault != DurableFault::kUnavailable) answer = apply();
                  if (decision.fault == DurableFault::kAnswerLost) {
                    answer = absl::UnavailableError("the answer of the metadata store was lost");
                  }
                  call->Fill(std::move(answer));
                  port->Reply("metadata answer", [call] { call->Deliver(); });
                });
    return Finish<T>(std::move(call));
  }

  template <typename T>
  Task<absl::StatusOr<T>> Finish(std::shared_ptr<ServiceCall<absl::StatusOr<T>>> call) {
    absl::Status delivered = co_await call->Delivered("the metadata store");
    if (!delivered.ok()) co_return delivered;
    if (call->slow_by() > runtime::Duration(0)) {
      absl::Status slept = co_await runtime::SleepFor(node_, call->slow_by(), "a slow metadata store");
      if (!slept.ok()) co_return slept;
    }
    co_return call->Take();
  }

  runtime::Runtime& node_;
  std::shared_ptr<ServicePort> port_;
  std::shared_ptr<State> state_;
  DurableFaults& faults_;
};

}  // namespace

std::unique_ptr<MetadataStore> MemoryMetadataStores::Open(runtime::Runtime& node) {
  return std::make_unique<MemoryMetadataStore>(node, ports_.Open(node, "metadata"), state_, faults_);
}

}  // namespace pravega::sim
