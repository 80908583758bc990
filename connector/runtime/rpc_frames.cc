#include "connector/runtime/rpc_frames.h"

#include <utility>

#include "connector/core/status_macros.h"
#include "connector/core/strings.h"

namespace pravega::runtime {

namespace {

enum class Kind : uint8_t { kRequest = 0, kReply = 1, kCancel = 2 };

constexpr size_t kLengthBytes = 4;
constexpr size_t kHeadBytes = 1 + 8;  // kind and call id
constexpr size_t kReadBytes = 64 * 1024;
// A buffer that one large frame has grown beyond this is not kept for the small ones that follow.
constexpr size_t kKeptBytes = 1024 * 1024;
constexpr int32_t kLastStatusCode = 16;  // kUnauthenticated

template <typename T>
void Put(std::string* out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out->push_back(static_cast<char>(value >> (8 * (sizeof(T) - 1 - i))));
}

void PutText(std::string* out, std::string_view text) {
  Put(out, static_cast<uint32_t>(text.size()));
  out->append(text);
}

// Takes fields off the front of a frame.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  absl::StatusOr<T> Take(std::string_view what) {
    if (rest().size() < sizeof(T)) return Short(what);
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | static_cast<uint8_t>(bytes_[at_++]);
    return static_cast<T>(value);
  }

  absl::StatusOr<std::string> TakeText(std::string_view what) {
    ASSIGN_OR_RETURN(int32_t length, Take<int32_t>(what));
    if (length < 0 || static_cast<size_t>(length) > rest().size()) {
      return Wrong(what, StrCat("of length ", length, " where ", rest().size(), " bytes are left"));
    }
    std::string text(rest().substr(0, static_cast<size_t>(length)));
    at_ += text.size();
    return text;
  }

  std::string_view rest() const { return bytes_.substr(at_); }

  absl::Status Wrong(std::string_view what, std::string_view how) const {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "malformed frame at offset ", at_, ": ", what, " ", how);
  }

 private:
  absl::Status Short(std::string_view what) const {
    return Wrong(what, StrCat("is cut off after ", rest().size(), " bytes"));
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

absl::StatusOr<RpcFrame> ParseRequest(Cursor cursor, int64_t call) {
  RpcRequestFrame frame;
  frame.call = call;
  ASSIGN_OR_RETURN(frame.request.method, cursor.TakeText("method"));
  ASSIGN_OR_RETURN(int32_t headers, cursor.Take<int32_t>("header count"));
  // Each header has two lengths, so a count that lies ends here and not in a reservation.
  if (headers < 0 || static_cast<uint64_t>(headers) * 8 > cursor.rest().size()) {
    return cursor.Wrong("header count", StrCat("is ", headers, " where ", cursor.rest().size(), " bytes are left"));
  }
  for (int32_t i = 0; i < headers; ++i) {
    ASSIGN_OR_RETURN(std::string key, cursor.TakeText("header"));
    ASSIGN_OR_RETURN(std::string value, cursor.TakeText("header value"));
    frame.request.metadata.emplace_back(std::move(key), std::move(value));
  }
  frame.request.body = std::string(cursor.rest());
  return RpcFrame(std::move(frame));
}

absl::StatusOr<RpcFrame> ParseReply(Cursor cursor, int64_t call) {
  ASSIGN_OR_RETURN(int32_t code, cursor.Take<int32_t>("status code"));
  if (code < 0 || code > kLastStatusCode) return cursor.Wrong("status code", StrCat("is ", code));
  ASSIGN_OR_RETURN(std::string message, cursor.TakeText("message"));
  if (code == 0) return RpcFrame(RpcReplyFrame{call, std::string(cursor.rest())});
  return RpcFrame(RpcReplyFrame{call, absl::Status(static_cast<absl::StatusCode>(code), message)});
}

absl::Status TooLong(uint64_t length) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "a frame of ", length, " bytes: at most ", kMaxRpcFrame,
                    " are allowed");
}

}  // namespace

absl::StatusOr<std::vector<Buffer>> EncodeRpcFrame(RpcFrame frame) {
  std::string head(kLengthBytes, '\0');
  std::string body;
  if (auto* request = std::get_if<RpcRequestFrame>(&frame)) {
    Put(&head, static_cast<uint8_t>(Kind::kRequest));
    Put(&head, static_cast<uint64_t>(request->call));
    PutText(&head, request->request.method);
    Put(&head, static_cast<uint32_t>(request->request.metadata.size()));
    for (const auto& [key, value] : request->request.metadata) {
      PutText(&head, key);
      PutText(&head, value);
    }
    body = std::move(request->request.body);
  } else if (auto* reply = std::get_if<RpcReplyFrame>(&frame)) {
    Put(&head, static_cast<uint8_t>(Kind::kReply));
    Put(&head, static_cast<uint64_t>(reply->call));
    Put(&head, static_cast<uint32_t>(reply->result.status().code()));
    PutText(&head, ToStd(reply->result.status().message()));
    if (reply->result.ok()) body = *std::move(reply->result);
  } else {
    Put(&head, static_cast<uint8_t>(Kind::kCancel));
    Put(&head, static_cast<uint64_t>(std::get<RpcCancelFrame>(frame).call));
  }
  size_t length = head.size() - kLengthBytes + body.size();
  if (length > kMaxRpcFrame) return TooLong(length);
  std::string prefix;
  Put(&prefix, static_cast<uint32_t>(length));
  head.replace(0, kLengthBytes, prefix);
  std::vector<Buffer> pieces;
  pieces.push_back(Buffer(std::move(head)));
  if (!body.empty()) pieces.push_back(Buffer(std::move(body)));
  return pieces;
}

absl::StatusOr<RpcFrame> ParseRpcFrame(std::string_view content) {
  Cursor cursor(content);
  ASSIGN_OR_RETURN(uint8_t kind, cursor.Take<uint8_t>("kind"));
  ASSIGN_OR_RETURN(int64_t call, cursor.Take<int64_t>("call id"));
  switch (static_cast<Kind>(kind)) {
    case Kind::kRequest:
      return ParseRequest(cursor, call);
    case Kind::kReply:
      return ParseReply(cursor, call);
    case Kind::kCancel:
      if (!cursor.rest().empty())
        return cursor.Wrong("cancel", StrCat("has ", cursor.rest().size(), " bytes too many"));
      return RpcFrame(RpcCancelFrame{call});
  }
  return Cursor(content).Wrong("kind", StrCat("is ", static_cast<int>(kind)));
}

absl::StatusOr<std::optional<RpcFrame>> RpcFrameReader::TakeBuffered() {
  std::string_view bytes = std::string_view(buffered_).substr(consumed_);
  if (bytes.size() < kLengthBytes) return std::optional<RpcFrame>();
  uint32_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | static_cast<uint8_t>(bytes[i]);
  if (length > kMaxRpcFrame) return TooLong(length);
  if (length < kHeadBytes) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "a frame of ", length, " bytes: at least ", kHeadBytes,
                      " are needed");
  }
  if (bytes.size() - kLengthBytes < length) return std::optional<RpcFrame>();
  ASSIGN_OR_RETURN(RpcFrame frame, ParseRpcFrame(bytes.substr(kLengthBytes, length)));
  consumed_ += kLengthBytes + length;
  return std::optional<RpcFrame>(std::move(frame));
}

Task<absl::StatusOr<std::optional<RpcFrame>>> RpcFrameReader::Next() {
  while (true) {
    absl::StatusOr<std::optional<RpcFrame>> frame = TakeBuffered();
    if (!frame.ok() || frame->has_value()) co_return std::move(frame);
    if (consumed_ == buffered_.size() && buffered_.capacity() > kKeptBytes) {
      buffered_ = std::string();
    } else {
      buffered_.erase(0, consumed_);
    }
    consumed_ = 0;
    absl::StatusOr<Buffer> more = co_await stream_->Read(kReadBytes);
    if (!more.ok()) co_return more.status();
    if (more->empty()) {
      if (buffered_.empty()) co_return std::optional<RpcFrame>();
      co_return MakeStatus(absl::StatusCode::kInvalidArgument, "the stream ended within a frame, behind ",
                           buffered_.size(), " bytes of it");
    }
    buffered_.append(more->view());
  }
}

}  // namespace pravega::runtime
