#include "simulator/controller/scopes.h"

#include <utility>
#include <vector>

#include "connector/core/status_macros.h"
#include "simulator/controller/keys.h"
#include "simulator/controller/records_util.h"

namespace pravega::sim {

using runtime::Task;

Task<absl::StatusOr<proto::CreateScopeStatus::Status>> Scopes::Create(std::string scope) {
  if (scope.empty()) co_return InternalException();
  if (!ValidateScopeName(scope).ok()) co_return proto::CreateScopeStatus::INVALID_SCOPE_NAME;
  std::string key = keys::Scope(scope);
  records::Scope created;
  created.set_creator(ToBytes(context_.ids.NewUuid()));
  for (;;) {
    CO_ASSIGN_OR_RETURN(Versioned<records::Scope> record, co_await context_.metadata.Read<records::Scope>(key));
    if (record.present()) {
      co_return record.value.creator() == created.creator() ? proto::CreateScopeStatus::SUCCESS
                                                            : proto::CreateScopeStatus::SCOPE_EXISTS;
    }
    absl::StatusOr<std::vector<int64_t>> written =
        co_await context_.metadata.Commit(Writes(Put(key, created, MetadataWrite::kAbsent)), "create scope");
    if (written.ok()) co_return proto::CreateScopeStatus::SUCCESS;
    if (!absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) co_return written.status();
  }
}

Task<absl::StatusOr<proto::DeleteScopeStatus::Status>> Scopes::Delete(std::string scope) {
  std::string key = keys::Scope(scope);
  bool maybe_deleted = false;
  for (;;) {
    // The scope before its contents: whoever adds to it writes the scope too.
    CO_ASSIGN_OR_RETURN(Versioned<records::Scope> record, co_await context_.metadata.Read<records::Scope>(key));
    if (!record.present()) {
      co_return maybe_deleted ? proto::DeleteScopeStatus::SUCCESS : proto::DeleteScopeStatus::SCOPE_NOT_FOUND;
    }
    CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> streams,
                        co_await context_.metadata.Scan(keys::StreamsOf(scope), "", 1));
    CO_ASSIGN_OR_RETURN(std::vector<MetadataEntry> groups,
                        co_await context_.metadata.Scan(keys::ReaderGroupsOf(scope), "", 1));
    if (!streams.empty() || !groups.empty()) co_return proto::DeleteScopeStatus::SCOPE_NOT_EMPTY;
    absl::StatusOr<std::vector<int64_t>> written =
        co_await context_.metadata.Commit(Writes(Erase(key, record.version)), "delete scope");
    if (written.ok()) co_return proto::DeleteScopeStatus::SUCCESS;
    if (!absl::IsAborted(written.status()) && !absl::IsUnavailable(written.status())) co_return written.status();
    maybe_deleted = maybe_deleted || absl::IsUnavailable(written.status());
  }
}

Task<absl::StatusOr<bool>> Scopes::Exists(std::string scope) {
  CO_ASSIGN_OR_RETURN(Versioned<records::Scope> record,
                      co_await context_.metadata.Read<records::Scope>(keys::Scope(scope)));
  co_return record.present();
}

}  // namespace pravega::sim
