// Trace: the hash, and on demand the text, of everything that happened in a simulated run.
//
// One record for every delivery, timer, durable write and choice: (virtual time in ns, node, kind, ordinal, payload).
// No addresses and no facts of the build go in, so equal tapes give equal hashes in every build.
//
// The text (`pravega-sim run --trace FILE`) is one line for each record, ended by a newline, its five fields apart by
// one space:
//
//   TIME NODE KIND ORDINAL PAYLOAD
//
//   TIME     virtual time, ns since the world began, decimal
//   NODE     the machine, durable service ("log-3", "metadata") or "world" that it happened to; never has a space
//   KIND     "delivery", "timer", "durable", "choice" or "world" (see TraceKind)
//   ORDINAL  number of the record in the run, from 0, decimal
//   PAYLOAD  bytes, two lower-case hexadecimal digits each; may be empty, the line then ends with the space before it
//
// The hash starts at 0 and takes six unsigned 64-bit words for each record, in this order: TIME; FNV-1a of NODE's bytes
// (64 bits: from 0xcbf29ce484222325, for each byte: xor it, then multiply by 0x100000001b3); the number of KIND (1 to
// 5, in the order above); ORDINAL; the number of PAYLOAD's bytes; CRC-32 of PAYLOAD's bytes (as in zlib and gzip; 0 for
// none). Each word w changes the hash h to: h = (h xor w) * 0x9e3779b97f4a7c15 mod 2^64; then h = h xor (h >> 32). A
// run prints it as 16 hexadecimal digits ("trace=..."). scenarios/cli/trace_hash.py does all this in twenty lines.
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
