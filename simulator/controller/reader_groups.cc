#include "simulator/controller/reader_groups.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "connector/core/names.h"
#include "connector/core/status_macros.h"
#include "connector/core/uuid.h"
#include "simulator/controller/keys.h"

namespace pravega::sim {
namespace {

using runtime::Task;

// Of the stream that holds the group's state, whatever the request says.
constexpr int64_t kStateRolloverBytes = 4'194'304;

ScopedStream StateStream(const std::string& scope, const std::string& group) {
  return ScopedStream{scope, ReaderGroupStreamName(group)};
}

std::set<ScopedStream> StreamsOf(const proto::ReaderGroupConfiguration& config) {
  std::set<ScopedStream> streams;
  for (const proto::StreamCut& cut : config.startingstreamcuts()) {
    streams.insert(ScopedStream{cut.streaminfo().scope(), cut.streaminfo().stream()});
  }
  return streams;
}

bool Subscribes(const proto::ReaderGroupConfiguration& config) {
  return config.retentiontype() != proto::ReaderGroupConfiguration::NONE;
}

}  // namespace

void ReaderGroups::Start(const std::string& scope, const std::string& group) {
  context_.workers.Start(keys::ReaderGroupWork(scope, group), [this, scope, group] { return Pass(scope, group); });
}

Task<absl::Status> ReaderGroups::WaitWhile(std::string scope, std::string group, std::string id,
                                           records::ReaderGroup::State state) {
  std::string work = keys::ReaderGroupWork(scope, group);
  runtime::Instant give_up = context_.runtime.Now() + context_.options.operation_patience;
  runtime::Duration poll = context_.options.first_poll;
  for (;;) {
    uint64_t seen = context_.workers.changes(work);
    CO_ASSIGN_OR_RETURN(GroupRecord record,
                        co_await context_.metadata.Read<records::ReaderGroup>(keys::ReaderGroup(scope, group)));
    if (!record.present() || record.value.state() != state || record.value.config().readergroupid() != id) {
      co_return absl::OkStatus();
    }
    runtime::Instant now = context_.runtime.Now();
    if (now >= give_up) co_return absl::DeadlineExceededError("");
    CO_RETURN_IF_ERROR(co_await context_.workers.WaitForChange(work, seen, std::min(poll, give_up - now)));
    poll = std::min(poll * 2, context_.options.longest_poll);
  }
}

// ---- create

Task<absl::StatusOr<proto::CreateReaderGroupResponse>> ReaderGroups::Create(proto::ReaderGroupConfiguration config) {
  std::optional<Uuid> id = Uuid::Parse(config.readergroupid());
  bool readable = id.has_value() && config.startingstreamcuts_size() > 0 &&
                  config.maxoutstandingcheckpointrequest() > 0 && config.retentiontype() >= 0 &&
                  config.retentiontype() <= 2;
  if (!readable) co_return InternalException();
  std::string scope = config.scope();
  std::string group = config.readergroupname();
  proto::CreateReaderGroupResponse answer;
  if (!ValidateUserName(group).ok()) {
    answer.set_status(proto::CreateReaderGroupResponse::INVALID_RG_NAME);
    co_return std::move(answer);
  }
  if (*id == Uuid()) *id = context_.ids.NewUuid();
  config.set_readergroupid(id->ToString());
  config.set_generation(0);
  config.DiscardUnknownFields();
  std::string key = keys::ReaderGroup(scope, group);
  for (;;) {
    CO_ASSIGN_OR_RETURN(Versioned<records::Scope> owner,
                        co_await context_.metadata.Read<records::Scope>(keys::Scope(scope)));
    if (!owner.present()) {
      answer.set_status(proto::CreateReaderGroupResponse::SCOPE_NOT_FOUND);
      co_return std::move(answer);
    }
    CO_ASSIGN_OR_RETURN(GroupRecord record, co_await context_.metadata.Read<records::ReaderGroup>(key));
    if (record.present()) {
      const std::string stored_id = record.value.config().readergroupid();
      if (record.value.state() == records::ReaderGroup::DELETING) {
        Start(scope, group);
        CO_RETURN_IF_ERROR(co_await WaitWhile(scope, group, stored_id, records::ReaderGroup::DELETING));
        continue;
      }
      if (record.value.state() == records::ReaderGroup::CREATING) {
        Start(scope, group);
        CO_RETURN_IF_ERROR(co_await WaitWhile(scope, group, stored_id, records::ReaderGroup::CREATING));
      }
      *answer.mutable_config() = record.value.config();
      co_return std::move(answer);
    }
    records::ReaderGroup created;
    created.set_state(records::ReaderGroup::CREATING);
    *created.mutable_config() = config;
    absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(
        Writes(Put(keys::Scope(scope), owner.value, owner.version), Put(key, created, MetadataWrite::kAbsent),
               PutMarker(keys::ReaderGroupWork(scope, group))),
        "create reader group: accepted");
    if (!written.ok() && !absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) {
      co_return written.status();
    }
    // What is there now, own or not, is found in the next round.
  }
}

Task<absl::Status> ReaderGroups::FinishCreation(std::string scope, std::string group, GroupRecord record) {
  const proto::ReaderGroupConfiguration config = record.value.config();
  std::vector<MetadataWrite> writes;
  if (Subscribes(config)) {
    for (const ScopedStream& stream : StreamsOf(config)) {
      CO_ASSIGN_OR_RETURN(StreamRecord subscribed,
                          co_await context_.metadata.Read<records::Stream>(keys::Stream(stream)));
      // As with the real server the group waits, half made, for a stream that may never come.
      if (!subscribed.present()) {
        co_return MakeStatus(absl::StatusCode::kNotFound, "reader group ", scope, "/", group, " subscribes to ",
                             stream.ToString(), ", which does not exist");
      }
      writes.push_back(PutMarker(keys::Subscriber(stream, scope, group)));
    }
  }
  proto::StreamConfig state_config;
  state_config.mutable_scalingpolicy()->set_minnumsegments(1);
  state_config.set_rolloversizebytes(kStateRolloverBytes);
  CO_ASSIGN_OR_RETURN(proto::CreateStreamStatus::Status stream_created,
                      co_await streams_.Create(StateStream(scope, group), std::move(state_config)));
  if (stream_created != proto::CreateStreamStatus::SUCCESS &&
      stream_created != proto::CreateStreamStatus::STREAM_EXISTS) {
    co_return MakeStatus(absl::StatusCode::kInternal, "creating the stream of reader group ", scope, "/", group, ": ",
                         proto::CreateStreamStatus::Status_Name(stream_created));
  }
  records::ReaderGroup active = record.value;
  active.set_state(records::ReaderGroup::ACTIVE);
  writes.push_back(Put(keys::ReaderGroup(scope, group), active, record.version));
  absl::StatusOr<std::vector<int64_t>> written =
      co_await context_.metadata.Commit(std::move(writes), "create reader group: active");
  if (absl::IsAborted(written.status()) || absl::IsUnavailable(written.status())) co_return absl::OkStatus();
  co_return written.status();
}

// ---- configuration

Task<absl::StatusOr<proto::ReaderGroupConfigResponse>> ReaderGroups::Config(std::string scope, std::string group) {
  CO_ASSIGN_OR_RETURN(Versioned<records::Scope> owner,
                      co_await context_.metadata.Read<records::Scope>(keys::Scope(scope)));
  if (!owner.present()) co_return EntryNotFound(keys::Scope(scope));
  CO_ASSIGN_OR_RETURN(GroupRecord record,
                      co_await context_.metadata.Read<records::ReaderGroup>(keys::ReaderGroup(scope, group)));
  proto::ReaderGroupConfigResponse answer;
  answer.mutable_config();
  if (!record.present() || record.value.state() == records::ReaderGroup::DELETING) {
    answer.set_status(proto::ReaderGroupConfigResponse::RG_NOT_FOUND);
  } else {
    *answer.mutable_config() = record.value.config();
  }
  co_return std::move(answer);
}

// ---- delete

Task<absl::StatusOr<proto::DeleteReaderGroupStatus>> ReaderGroups::Delete(std::string scope, std::string group,
                                                                          std::string id) {
  std::optional<Uuid> parsed = Uuid::Parse(id);
  if (!parsed) co_return MakeStatus(absl::StatusCode::kUnknown, "Invalid UUID string: ", id);
  id = parsed->ToString();
  CO_ASSIGN_OR_RETURN(Versioned<records::Scope> owner,
                      co_await context_.metadata.Read<records::Scope>(keys::Scope(scope)));
  if (!owner.present()) co_return EntryNotFound(keys::Scope(scope));
  std::string key = keys::ReaderGroup(scope, group);
  proto::DeleteReaderGroupStatus answer;
  bool begun = false;
  for (;;) {
    CO_ASSIGN_OR_RETURN(GroupRecord record, co_await context_.metadata.Read<records::ReaderGroup>(key));
    if (!record.present() || record.value.config().readergroupid() != id) {
      // An own write whose acknowledgement was lost may have had its effect.
      if (!begun) answer.set_status(proto::DeleteReaderGroupStatus::RG_NOT_FOUND);
      co_return std::move(answer);
    }
    if (record.value.state() == records::ReaderGroup::DELETING) {
      Start(scope, group);
      CO_RETURN_IF_ERROR(co_await WaitWhile(scope, group, id, records::ReaderGroup::DELETING));
      co_return std::move(answer);
    }
    records::ReaderGroup deleting = record.value;
    deleting.set_state(records::ReaderGroup::DELETING);
    absl::StatusOr<std::vector<int64_t>> written = co_await context_.metadata.Commit(
        Writes(Put(key, deleting, record.version), PutMarker(keys::ReaderGroupWork(scope, group))),
        "delete reader group: accepted");
    if (!written.ok() && !absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) {
      co_return written.status();
    }
    begun = begun || !absl::IsAborted(written.status());
  }
}

Task<absl::Status> ReaderGroups::FinishDeletion(std::string scope, std::string group, GroupRecord record) {
  ScopedStream stream = StateStream(scope, group);
  CO_ASSIGN_OR_RETURN(proto::UpdateStreamStatus::Status sealed, co_await streams_.Seal(stream));
  if (sealed == proto::UpdateStreamStatus::SUCCESS) {
    CO_ASSIGN_OR_RETURN(proto::DeleteStreamStatus::Status deleted, co_await streams_.Delete(stream));
    (void)deleted;
  }
  std::vector<MetadataWrite> writes;
  if (Subscribes(record.value.config())) {
    for (const ScopedStream& subscribed : StreamsOf(record.value.config())) {
      writes.push_back(Erase(keys::Subscriber(subscribed, scope, group)));
    }
  }
  writes.push_back(Erase(keys::ReaderGroup(scope, group), record.version));
  absl::StatusOr<std::vector<int64_t>> written =
      co_await context_.metadata.Commit(std::move(writes), "delete reader group: gone");
  if (absl::IsAborted(written.status()) || absl::IsUnavailable(written.status())) co_return absl::OkStatus();
  co_return written.status();
}

// ---- workflow

Task<absl::Status> ReaderGroups::Pass(std::string scope, std::string group) {
  std::string work = keys::ReaderGroupWork(scope, group);
  for (;;) {
    // As with streams: the marker is read before what it stands for.
    CO_ASSIGN_OR_RETURN(std::optional<MetadataEntry> marker, co_await context_.metadata.ReadBytes(work));
    CO_ASSIGN_OR_RETURN(GroupRecord record,
                        co_await context_.metadata.Read<records::ReaderGroup>(keys::ReaderGroup(scope, group)));
    if (record.present() && record.value.state() == records::ReaderGroup::CREATING) {
      CO_RETURN_IF_ERROR(co_await FinishCreation(scope, group, std::move(record)));
    } else if (record.present() && record.value.state() == records::ReaderGroup::DELETING) {
      CO_RETURN_IF_ERROR(co_await FinishDeletion(scope, group, std::move(record)));
    } else {
      if (!marker) co_return absl::OkStatus();
      absl::StatusOr<std::vector<int64_t>> erased =
          co_await context_.metadata.Commit(Writes(Erase(work, marker->version)), "reader group is idle");
      if (erased.ok()) co_return absl::OkStatus();
      if (!absl::IsAborted(erased.status()) && !absl::IsUnavailable(erased.status())) co_return erased.status();
    }
    context_.workers.Changed(work);
  }
}

}  // namespace pravega::sim
