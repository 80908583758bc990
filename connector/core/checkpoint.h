// Checkpoint: a place in all streams of a reader group, from which a group can be started or reset.
#ifndef PRAVEGA_CONNECTOR_CORE_CHECKPOINT_H_
#define PRAVEGA_CONNECTOR_CORE_CHECKPOINT_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/core/names.h"
#include "connector/core/stream_cut.h"

namespace pravega {

// A plain value; thread-compatible.
struct Checkpoint {
  std::string name;
  std::map<ScopedStream, StreamCut> cuts;  // each bounded and of the stream that is its key

  // Fails if a cut is unbounded or belongs to another stream.
  absl::StatusOr<std::string> ToBytes() const;
  static absl::StatusOr<Checkpoint> FromBytes(std::string_view bytes);

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_CHECKPOINT_H_
