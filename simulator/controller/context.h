// What every part of a controller instance shares, and small things that several of them do.
#ifndef PRAVEGA_SIMULATOR_CONTROLLER_CONTEXT_H_
#define PRAVEGA_SIMULATOR_CONTROLLER_CONTEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/controller/proto/controller.pb.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/strings.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/runtime.h"
#include "connector/runtime/task.h"
#include "simulator/controller/metadata.h"
#include "simulator/controller/options.h"
#include "simulator/controller/records.pb.h"
#include "simulator/controller/segment_stores.h"
#include "simulator/controller/topology.h"
#include "simulator/controller/workers.h"

namespace pravega::sim {

namespace proto = ::io::pravega::controller::stream::api::grpc::v1;

struct Context {
  runtime::Runtime& runtime;
  const ControllerOptions& options;
  Metadata& metadata;
  SegmentStores& stores;
  Workers& workers;
  // Ids of operations.
  runtime::ChoiceStream& ids;

  int64_t NowMillis() const { return runtime.WallNow().millis(); }
};

using StreamRecord = Versioned<records::Stream>;

// ---- errors as the protocol's server answers them (Pravega controller, "error model")

// A precondition or argument that the server checks before anything else.
inline absl::Status InternalException() { return absl::InternalError("Internal exception occurred"); }
inline absl::Status EntryNotFound(std::string_view key) {
  return MakeStatus(absl::StatusCode::kNotFound, "get entry: key: ", key, " table: metadata");
}
inline absl::Status IllegalState(const ScopedStream& stream, records::Stream::State state) {
  return MakeStatus(absl::StatusCode::kInternal, "Stream: ", stream.stream,
                    " State: ", records::Stream::State_Name(state));
}

// ---- reading

// The epochs from the first to the last that the cut's segments were created in, as far as they exist.
runtime::Task<absl::StatusOr<StreamHistory>> ReadHistory(Context& context, ScopedStream stream, int64_t incarnation,
                                                         Epoch first, Epoch last);
runtime::Task<absl::StatusOr<EpochTable>> ReadEpochTable(Context& context, ScopedStream stream, int64_t incarnation,
                                                         Epoch epoch);

// ---- streams

SegmentPolicy PolicyOf(const proto::StreamConfig& config);
std::string SegmentName(const ScopedStream& stream, SegmentId segment);
// Every stream has a mark stream beside it, but a mark stream has none.
bool HasMarkStream(const ScopedStream& stream);

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_CONTROLLER_CONTEXT_H_
