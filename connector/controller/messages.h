// Between the protocol's messages and this library's types.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_MESSAGES_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_MESSAGES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/controller/proto/controller.pb.h"
#include "connector/controller/types.h"

namespace pravega::controller {

namespace proto = ::io::pravega::controller::stream::api::grpc::v1;

proto::StreamInfo ToMessage(const ScopedStream& stream, AccessOperation access = AccessOperation::kUnspecified);
proto::StreamConfig ToMessage(const ScopedStream& stream, const StreamConfiguration& configuration);
StreamConfiguration FromMessage(const proto::StreamConfig& message);

SegmentRange FromMessage(const proto::SegmentRange& message);

template <typename Map>
void ToMessage(const CutPositions& cut, Map* map) {
  for (const auto& [segment, position] : cut) (*map)[segment.value()] = position.number();
}
// DataLoss if an offset is below -1: it comes from a peer.
absl::StatusOr<CutPositions> FromMessage(const google::protobuf::Map<int64_t, int64_t>& map);

proto::ReaderGroupConfiguration ToMessage(std::string_view scope, std::string_view group,
                                          const ReaderGroupConfig& config);
// DataLoss if it holds no readable id or an unknown retention type.
absl::StatusOr<ReaderGroupConfig> FromMessage(const proto::ReaderGroupConfiguration& message);

proto::TxnId ToMessage(TxnId txn);
TxnId FromMessage(const proto::TxnId& message);

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_MESSAGES_H_
