#include "simulator/world/trace.h"

#include <zlib.h>

#include "connector/core/strings.h"

namespace pravega::sim {

std::string_view TraceKindName(TraceKind kind) {
  switch (kind) {
    case TraceKind::kDelivery:
      return "delivery";
    case TraceKind::kTimer:
      return "timer";
    case TraceKind::kDurable:
      return "durable";
    case TraceKind::kChoice:
      return "choice";
    case TraceKind::kWorld:
      return "world";
  }
  return "unknown";
}

void Trace::Record(int64_t time, std::string_view node, uint64_t node_hash, TraceKind kind, std::string_view payload) {
  Add(static_cast<uint64_t>(time));
  Add(node_hash);
  Add(static_cast<uint64_t>(kind));
  Add(ordinal_);
  Add(payload.size());
  Add(crc32(0, reinterpret_cast<const Bytef*>(payload.data()), static_cast<uInt>(payload.size())));
  if (sink_) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string line = StrCat(time, " ", node, " ", TraceKindName(kind), " ", ordinal_, " ");
    for (char c : payload) {
      line.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
      line.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
    }
    sink_(line);
  }
  ++ordinal_;
}

}  // namespace pravega::sim
