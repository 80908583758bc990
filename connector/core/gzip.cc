#include "connector/core/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "absl/status/status.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"

namespace pravega {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 2^15 bytes, 16: with gzip's header and trailer
constexpr int kDefaultMemory = 8;
constexpr size_t kChunk = 16 << 10;

// zlib takes pointers to non-const and does not write through them.
Bytef* Input(std::string_view bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }

}  // namespace

std::string Gzip(std::string_view text) {
  z_stream stream = {};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kDefaultMemory, Z_DEFAULT_STRATEGY) ==
        Z_OK);
  gz_header header = {};
  header.os = 255;  // "unknown", as Java writes it
  CHECK(deflateSetHeader(&stream, &header) == Z_OK);
  CHECK(text.size() <= size_t{1} << 30);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = Input(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

absl::StatusOr<std::string> Gunzip(std::string_view compressed, size_t max_bytes) {
  if (compressed.size() > size_t{1} << 30) return absl::InvalidArgumentError("gzip: the input is too long");
  z_stream stream = {};
  CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
  stream.next_in = Input(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    size_t have = out.size();
    // One byte more than allowed tells "just fits" from "too long".
    out.resize(have + std::min(kChunk, max_bytes + 1 - have));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(out.size() - have);
    result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > max_bytes) break;
  }
  size_t left = stream.avail_in;
  inflateEnd(&stream);
  if (out.size() > max_bytes) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "gzip: more than ", max_bytes, " bytes when decompressed");
  }
  if (result != Z_STREAM_END) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "gzip: the data are ",
                      result == Z_BUF_ERROR ? std::string_view("truncated") : std::string_view("damaged"),
                      " near byte ", compressed.size() - left);
  }
  if (left != 0) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "gzip: ", left, " bytes follow the end of the data");
  }
  return out;
}

}  // namespace pravega
