#include "connector/client/client_context.h"

#include "connector/wire/raw_client.h"

namespace pravega::client {

ClientContext::ClientContext(runtime::Runtime& runtime, controller::ControllerClient& controller, ClientOptions options)
    : runtime_(runtime), controller_(controller), options_(std::move(options)) {}

ClientContext::~ClientContext() = default;

runtime::Task<absl::StatusOr<std::string>> ClientContext::Token(ScopedStream stream,
                                                                controller::AccessOperation access) {
  auto key = std::make_pair(stream, access);
  auto known = tokens_.find(key);
  if (known != tokens_.end()) co_return known->second;
  absl::StatusOr<std::string> token = co_await controller_.GetDelegationToken(std::move(stream), access);
  if (token.ok()) tokens_[std::move(key)] = *token;
  co_return token;
}

void ClientContext::ForgetToken(const ScopedStream& stream) {
  std::erase_if(tokens_, [&stream](const auto& entry) { return entry.first.first == stream; });
}

wire::RawClient& ClientContext::StoreAt(const runtime::Endpoint& endpoint) {
  std::unique_ptr<wire::RawClient>& store = stores_[endpoint];
  if (store == nullptr) {
    int32_t flow = NewFlow();
    store = std::make_unique<wire::RawClient>(runtime_, endpoint, flow, options_.connection);
  }
  return *store;
}

runtime::Task<void> ClientContext::Close() {
  for (const auto& [endpoint, store] : stores_) co_await store->Close();
}

}  // namespace pravega::client
