// Trace: the hash, and on demand the text, of everything that happened in a simulated run.
//
// One record for every delivery, timer, durable write and choice: (virtual time in ns, node, kind, ordinal, payload). No
// addresses and no facts of the build go in, so equal tapes give equal hashes in every build. Text form, one line each:
//
//   TIME NODE KIND ORDINAL PAYLOAD-HEX
//
// The hash starts at 0 and takes six 64-bit words for each record, in this order: time; FNV-1a of the node's name; the
// kind's number (below); the ordinal; the payload's length; the payload's CRC-32 (as in zlib). Each word w changes the
// hash h to: h = (h xor w) * 0x9e3779b97f4a7c15 mod 2^64; h = h xor (h >> 32).
#ifndef PRAVEGA_SIMULATOR_WORLD_TRACE_H_
#define PRAVEGA_SIMULATOR_WORLD_TRACE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace pravega::sim {

enum class TraceKind : uint8_t {
  kDelivery = 1,  // bytes, an end of stream or a reset reached a node
  kTimer = 2,     // a timer fired; payload: its label
  kDurable = 3,   // a durable service or a disk applied a request; payload: the request
  kChoice = 4,    // a draw of the schedule; payload: stream key and value, 8 bytes big-endian each
  kWorld = 5,     // the world acted: start, crash, pause, link change; payload: what
};

std::string_view TraceKindName(TraceKind kind);

class Trace {
 public:
  using Sink = std::function<void(std::string_view line)>;

  // `sink`, if any, gets each record's text line without the newline.
  explicit Trace(Sink sink = nullptr) : sink_(std::move(sink)) {}

  // `node_hash` is HashText(node): nodes keep it, so that it is not computed for each record.
  void Record(int64_t time, std::string_view node, uint64_t node_hash, TraceKind kind, std::string_view payload);

  uint64_t hash() const { return hash_; }
  uint64_t records() const { return ordinal_; }

 private:
  void Add(uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9e3779b97f4a7c15u;
    hash_ ^= hash_ >> 32;
  }

  Sink sink_;
  uint64_t hash_ = 0;
  uint64_t ordinal_ = 0;  // number of this record in the run, from 0
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_WORLD_TRACE_H_
