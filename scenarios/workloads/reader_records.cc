#include "scenarios/workloads/reader_records.h"

#include <charconv>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega::scenarios {
namespace {

using runtime::Task;

constexpr char kDigits[] = "0123456789abcdef";

std::string PathOf(const std::string& process) { return StrCat("records/", process); }

std::string ToHex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (char c : bytes) {
    text.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int value = 0;
    auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    size_t space = line.find(' ');
    words.push_back(line.substr(0, space));
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  return words;
}

template <typename T>
bool ParseNumber(std::string_view text, T* value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

bool ParseEvent(const std::vector<std::string_view>& words, RecordedEvent* event) {
  if (words.size() != 7) return false;
  absl::StatusOr<SegmentRef> segment = SegmentRef::Parse(words[1]);
  int64_t offset = 0;
  if (!segment.ok() || !ParseNumber(words[2], &offset) || offset < 0) return false;
  if (!ParseNumber(words[3], &event->pointer.length)) return false;
  if (!ParseNumber(words[5], &event->identity.sequence) || !ParseNumber(words[6], &event->identity.row)) return false;
  event->pointer.segment = *std::move(segment);
  event->pointer.offset = Offset(offset);
  event->identity.writer = std::string(words[4]);
  return true;
}

absl::Status Damaged(int line, std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "reader's record, line ", line, ": ", what);
}

}  // namespace

std::string ReaderRecords::PrintBatch(const std::vector<RecordedEvent>& events, const Position& position) {
  std::string text;
  for (const RecordedEvent& event : events) {
    text += StrCat("E ", event.pointer.segment.ToString(), " ", event.pointer.offset.value(), " ", event.pointer.length,
                   " ", event.identity.writer, " ", event.identity.sequence, " ", event.identity.row, "\n");
  }
  absl::StatusOr<std::string> bytes = position.ToBytes();
  CHECK_MSG(bytes.ok(), ToStd(bytes.status().message()));
  return text + StrCat("P ", events.size(), " ", ToHex(*bytes), "\n");
}

absl::StatusOr<ReaderRecords::Found> ReaderRecords::Parse(std::string_view text) {
  Found found;
  std::vector<RecordedEvent> batch;
  int number = 0;
  while (true) {
    size_t end = text.find('\n');
    if (end == std::string_view::npos) return found;  // the end, or a torn line
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    ++number;
    std::vector<std::string_view> words = Words(line);
    if (words.empty()) return Damaged(number, "an empty line");
    if (words[0] == "E") {
      RecordedEvent event;
      if (!ParseEvent(words, &event)) return Damaged(number, "expected E SEGMENT OFFSET SIZE WRITER SEQUENCE ROW");
      batch.push_back(std::move(event));
      continue;
    }
    size_t count = 0;
    if (words[0] != "P" || words.size() != 3 || !ParseNumber(words[1], &count))
      return Damaged(number, "expected P COUNT HEX");
    if (count != batch.size()) return Damaged(number, StrCat("the batch has ", batch.size(), " events, not ", count));
    std::optional<std::string> bytes = FromHex(words[2]);
    if (!bytes) return Damaged(number, "the position is no hexadecimal text");
    ASSIGN_OR_RETURN(found.position, Position::FromBytes(*bytes));
    for (RecordedEvent& event : batch) found.events.push_back(std::move(event));
    batch.clear();
  }
}

Task<absl::StatusOr<std::unique_ptr<ReaderRecords>>> ReaderRecords::Create(runtime::Runtime& runtime,
                                                                           std::string process) {
  absl::StatusOr<std::unique_ptr<runtime::File>> file =
      co_await runtime.files().Open(PathOf(process), runtime::Files::Mode::kAppend);
  if (!file.ok()) co_return file.status();
  absl::Status named = co_await runtime.files().SyncDirectory("records");
  if (!named.ok()) co_return named;
  co_return std::unique_ptr<ReaderRecords>(new ReaderRecords(*std::move(file)));
}

Task<absl::Status> ReaderRecords::Append(std::vector<RecordedEvent> events, Position position) {
  absl::Status appended = co_await file_->Append(Buffer(PrintBatch(events, position)));
  if (!appended.ok()) co_return appended;
  absl::Status synced = co_await file_->Sync();
  co_return synced;
}

Task<absl::StatusOr<ReaderRecords::Found>> ReaderRecords::Recover(runtime::Runtime& runtime, std::string process) {
  absl::StatusOr<std::vector<std::string>> names = co_await runtime.files().List("records");
  if (!names.ok()) co_return names.status();
  bool exists = false;
  for (const std::string& name : *names) exists = exists || name == process;
  if (!exists) co_return Found();
  absl::StatusOr<std::unique_ptr<runtime::File>> file =
      co_await runtime.files().Open(PathOf(process), runtime::Files::Mode::kRead);
  if (!file.ok()) co_return file.status();
  std::string text;
  while (true) {
    absl::StatusOr<Buffer> bytes = co_await (*file)->Read(static_cast<int64_t>(text.size()), 1 << 20);
    if (!bytes.ok()) co_return bytes.status();
    if (bytes->empty()) break;
    text.append(bytes->view());
  }
  co_return Parse(text);
}

}  // namespace pravega::scenarios
