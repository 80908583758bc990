#include "connector/client/reader_group/event_reader.h"

#include "connector/client/reader_group/event_reader_impl.h"

namespace pravega::client {

EventReader::EventReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventReader::~EventReader() = default;

runtime::Task<absl::StatusOr<std::unique_ptr<EventReader>>> EventReader::Join(ClientContext& context, std::string scope,
                                                                              std::string group, std::string reader_id,
                                                                              EventReaderOptions options) {
  absl::StatusOr<std::unique_ptr<Impl>> impl =
      co_await Impl::Join(context, std::move(scope), std::move(group), std::move(reader_id), options);
  if (!impl.ok()) co_return impl.status();
  co_return std::unique_ptr<EventReader>(new EventReader(*std::move(impl)));
}

runtime::Task<absl::StatusOr<ReadResult>> EventReader::ReadNext(runtime::Instant deadline) {
  return impl_->ReadNext(deadline);
}
runtime::Task<absl::Status> EventReader::Close() { return impl_->Close(); }
const std::string& EventReader::id() const { return impl_->id(); }

}  // namespace pravega::client
