#include "connector/core/checkpoint.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "connector/core/strings.h"
#include "connector/core/versioned_serializer.h"

namespace pravega {
namespace {

absl::Status Malformed(std::string_view what) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "malformed checkpoint: ", what);
}

}  // namespace

absl::StatusOr<std::string> Checkpoint::ToBytes() const {
  SerializedWriter writer;
  writer.WriteObject(0, [&] {
    writer.WriteUtf(name);
    writer.WriteCollection(cuts, [&](const auto& entry) {
      const auto& [stream, cut] = entry;
      if (!cut.unbounded() && cut.stream() != stream) {
        writer.Fail("checkpoint '", name, "': the cut of ", stream.ToString(), " is one of ", cut.stream().ToString());
      }
      writer.WriteStream(stream);
      cut.Write(&writer);
    });
  });
  return std::move(writer).Finish();
}

absl::StatusOr<Checkpoint> Checkpoint::FromBytes(std::string_view bytes) {
  SerializedReader reader(bytes);
  Checkpoint checkpoint;
  bool complete = false;
  reader.ReadObject(0, 1, [&](int, int) {
    complete = true;
    checkpoint.name = reader.ReadUtf();
    reader.ReadCollection([&] {
      size_t at = reader.offset();
      ScopedStream stream = reader.ReadStream();
      StreamCut cut = StreamCut::Read(&reader);
      if (!reader.ok()) return;
      if (cut.stream() != stream) {
        reader.Fail(at, "the cut of ", stream.ToString(), " is one of ", cut.stream().ToString());
      } else if (!checkpoint.cuts.emplace(std::move(stream), std::move(cut)).second) {
        reader.Fail(at, "a stream appears twice");
      }
    });
  });
  if (!reader.ok()) return Malformed(ToStd(reader.status().message()));
  if (!complete) return Malformed("no content");
  return checkpoint;
}

}  // namespace pravega
