#include "connector/core/event_pointer.h"

#include <charconv>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "connector/core/strings.h"
#include "connector/core/versioned_serializer.h"

namespace pravega {
namespace {

absl::Status Malformed(std::string_view what) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "malformed event pointer: ", what);
}

// A decimal number without a sign.
bool ParseNumber(std::string_view text, int64_t* value) {
  if (text.empty() || text[0] == '-') return false;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

absl::StatusOr<std::string> EventPointer::ToBytes() const {
  SerializedWriter writer;
  writer.WriteObject(0, [&] {
    writer.WriteSegment(segment);
    writer.WriteCompactLong(offset.value());
    writer.WriteCompactInt(length);
  });
  return std::move(writer).Finish();
}

absl::StatusOr<EventPointer> EventPointer::FromBytes(std::string_view bytes) {
  SerializedReader reader(bytes);
  EventPointer pointer;
  bool complete = false;
  reader.ReadObject(0, 1, [&](int, int) {
    complete = true;
    pointer.segment = reader.ReadSegment();
    pointer.offset = Offset(reader.ReadCompactLong());
    pointer.length = reader.ReadCompactInt();
  });
  if (!reader.ok()) return Malformed(ToStd(reader.status().message()));
  if (!complete) return Malformed("no content");
  return pointer;
}

std::string EventPointer::ToString() const { return StrCat(segment.ToString(), ":", offset.value(), "-", length); }

absl::StatusOr<EventPointer> EventPointer::Parse(std::string_view text) {
  size_t colon = text.rfind(':');
  size_t dash = text.rfind('-');
  int64_t offset = 0;
  int64_t length = 0;
  if (colon == std::string_view::npos || dash == std::string_view::npos || dash < colon ||
      !ParseNumber(text.substr(colon + 1, dash - colon - 1), &offset) || !ParseNumber(text.substr(dash + 1), &length) ||
      length > std::numeric_limits<int32_t>::max()) {
    return Malformed(StrCat("'", text, "': expected SEGMENT:OFFSET-LENGTH"));
  }
  absl::StatusOr<SegmentRef> segment = SegmentRef::Parse(text.substr(0, colon));
  if (!segment.ok()) return Malformed(ToStd(segment.status().message()));
  return EventPointer{*std::move(segment), Offset(offset), static_cast<int32_t>(length)};
}

}  // namespace pravega
