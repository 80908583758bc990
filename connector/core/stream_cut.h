// StreamCut: a place in a stream, as a position in each of a set of segments that together serve the key space (Pravega
// wire protocol, "StreamCut").
#ifndef PRAVEGA_CONNECTOR_CORE_STREAM_CUT_H_
#define PRAVEGA_CONNECTOR_CORE_STREAM_CUT_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/ids.h"
#include "connector/core/names.h"
#include "connector/core/segment_position.h"
#include "connector/core/versioned_serializer.h"

namespace pravega {

// A plain value; thread-compatible. Nothing here checks that the segments tile the key space: the controller can tell.
class StreamCut {
 public:
  // The unbounded cut: the head of the stream where a reader starts, no end where it stops.
  StreamCut() = default;
  static StreamCut Unbounded() { return StreamCut(); }
  StreamCut(ScopedStream stream, std::map<SegmentId, SegmentPosition> positions)
      : unbounded_(false), stream_(std::move(stream)), positions_(std::move(positions)) {}

  bool unbounded() const { return unbounded_; }
  // Both empty for the unbounded cut.
  const ScopedStream& stream() const { return stream_; }
  const std::map<SegmentId, SegmentPosition>& positions() const { return positions_; }

  // The binary form; empty bytes for the unbounded cut. Fails only on names that are not UTF-8 or too long and on
  // offsets of 2^61 or more.
  absl::StatusOr<std::string> ToBytes() const;
  // Fails with the offset of what is wrong. Reads the older form without negative numbers as well.
  static absl::StatusOr<StreamCut> FromBytes(std::string_view bytes);

  // The text form that tools exchange: Base64 of gzip of "0:scope/stream:numbers:epochs:offsets", or "UNBOUNDED". Two
  // texts of one cut may differ, as compression does; compare cuts. Fails for a bounded cut without segments: what
  // reads the text form, here and in Java, cannot tell it from a damaged one.
  absl::StatusOr<std::string> ToText() const;
  // Fails if the text is damaged, or longer than kMaxTextBytes once decompressed.
  static absl::StatusOr<StreamCut> FromText(std::string_view text);
  // Room for some 100,000 segments; a cut comes from outside, and a kilobyte of gzip may claim a megabyte.
  static constexpr size_t kMaxTextBytes = 4 << 20;

  // For people: "scope/stream{0@0:10, 2@1:end}".
  std::string ToString() const;

  // The bounded cut as an object within another payload. `Write` of the unbounded cut is an error of the writer.
  void Write(SerializedWriter* writer) const;
  static StreamCut Read(SerializedReader* reader);

  friend bool operator==(const StreamCut&, const StreamCut&) = default;

 private:
  bool unbounded_ = true;
  ScopedStream stream_;
  std::map<SegmentId, SegmentPosition> positions_;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_STREAM_CUT_H_
