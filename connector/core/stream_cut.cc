#include "connector/core/stream_cut.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "connector/core/gzip.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega {
namespace {

constexpr std::string_view kUnboundedText = "UNBOUNDED";
constexpr int kVersion = 1;

absl::Status Malformed(std::string_view what) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "malformed stream cut: ", what);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void StreamCut::Write(SerializedWriter* writer) const {
  if (unbounded_) {
    writer->Fail("an unbounded stream cut has no form as an object");
    return;
  }
  writer->WriteObject(kVersion, [&] {
    writer->WriteStream(stream_);
    writer->WriteCollection(positions_, [&](const auto& entry) {
      writer->WriteCompactLong(entry.first.value());
      writer->WriteCompactSignedLong(entry.second.number());
    });
  });
}

StreamCut StreamCut::Read(SerializedReader* reader) {
  StreamCut cut;
  cut.unbounded_ = false;
  bool complete = false;
  size_t begin = reader->offset();
  reader->ReadObject(kVersion, 1, [&](int version, int) {
    complete = true;
    cut.stream_ = reader->ReadStream();
    reader->ReadCollection([&] {
      size_t at = reader->offset();
      SegmentId segment(reader->ReadCompactLong());
      int64_t number = version == 0 ? reader->ReadCompactLong() : reader->ReadCompactSignedLong();
      std::optional<SegmentPosition> position = SegmentPosition::FromNumber(number);
      if (segment.number() < 0) {
        reader->Fail(at, "a segment has the number ", segment.number());
      } else if (!position) {
        reader->Fail(at, "segment ", segment.ToString(), " is at ", number);
      } else if (!cut.positions_.emplace(segment, *position).second) {
        reader->Fail(at, "segment ", segment.ToString(), " appears twice");
      }
    });
  });
  if (!complete) reader->Fail(begin, "a stream cut without content");
  return cut;
}

absl::StatusOr<std::string> StreamCut::ToBytes() const {
  if (unbounded_) return std::string();
  SerializedWriter writer;
  Write(&writer);
  return std::move(writer).Finish();
}

absl::StatusOr<StreamCut> StreamCut::FromBytes(std::string_view bytes) {
  if (bytes.empty()) return Unbounded();
  SerializedReader reader(bytes);
  StreamCut cut = Read(&reader);
  if (!reader.ok()) return Malformed(ToStd(reader.status().message()));
  return cut;
}

absl::StatusOr<std::string> StreamCut::ToText() const {
  if (unbounded_) return std::string(kUnboundedText);
  if (positions_.empty()) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "the stream cut of ", stream_.ToString(), " has no segments");
  }
  std::string numbers, epochs, offsets;
  for (const auto& [segment, position] : positions_) {
    std::string_view comma = numbers.empty() ? "" : ",";
    numbers += StrCat(comma, segment.number());
    epochs += StrCat(comma, segment.epoch().value());
    offsets += StrCat(comma, position.number());
  }
  std::string text = StrCat("0:", stream_.ToString(), ":", numbers, ":", epochs, ":", offsets);
  if (text.size() > kMaxTextBytes) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "the stream cut of ", stream_.ToString(), " has ",
                      positions_.size(), " segments, too many for the text form");
  }
  return absl::Base64Escape(ToAbsl(Gzip(text)));
}

absl::StatusOr<StreamCut> StreamCut::FromText(std::string_view text) {
  if (text == kUnboundedText) return Unbounded();
  std::string compressed;
  if (text.empty() || !absl::Base64Unescape(ToAbsl(text), &compressed)) {
    return Malformed("the text is neither UNBOUNDED nor Base64");
  }
  absl::StatusOr<std::string> plain = Gunzip(compressed, kMaxTextBytes);
  if (!plain.ok()) return Malformed(ToStd(plain.status().message()));
  std::vector<std::string_view> fields = Split(*plain, ':');
  if (fields.size() != 5) return Malformed(StrCat("expected 5 fields, found ", fields.size()));
  if (fields[0] != "0") return Malformed("the version of the text form is not 0");
  absl::StatusOr<ScopedStream> stream = ScopedStream::Parse(fields[1]);
  if (!stream.ok()) return Malformed(ToStd(stream.status().message()));
  std::vector<std::string_view> numbers = Split(fields[2], ',');
  std::vector<std::string_view> epochs = Split(fields[3], ',');
  std::vector<std::string_view> offsets = Split(fields[4], ',');
  if (numbers.size() != epochs.size() || numbers.size() != offsets.size()) {
    return Malformed(
        StrCat(numbers.size(), " segment numbers, ", epochs.size(), " epochs, ", offsets.size(), " offsets"));
  }
  std::map<SegmentId, SegmentPosition> positions;
  for (size_t i = 0; i < numbers.size(); ++i) {
    std::optional<int32_t> number = ParseNumber<int32_t>(numbers[i]);
    std::optional<int32_t> epoch = ParseNumber<int32_t>(epochs[i]);
    std::optional<int64_t> offset = ParseNumber<int64_t>(offsets[i]);
    if (!number || !epoch || !offset || *number < 0 || *epoch < 0) {
      return Malformed(StrCat("segment ", i, " has no proper number, epoch and offset"));
    }
    SegmentId segment(Epoch(*epoch), *number);
    std::optional<SegmentPosition> position = SegmentPosition::FromNumber(*offset);
    if (!position) return Malformed(StrCat("segment ", segment.ToString(), " is at ", *offset));
    if (!positions.emplace(segment, *position).second) {
      return Malformed(StrCat("segment ", segment.ToString(), " appears twice"));
    }
  }
  return StreamCut(*std::move(stream), std::move(positions));
}

std::string StreamCut::ToString() const {
  if (unbounded_) return std::string(kUnboundedText);
  std::string text = stream_.ToString() + "{";
  for (const auto& [segment, position] : positions_) {
    if (text.back() != '{') text += ", ";
    text += segment.ToString() + ":" + position.ToString();
  }
  return text + "}";
}

}  // namespace pravega
