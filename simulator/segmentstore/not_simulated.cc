#include "simulator/segmentstore/not_simulated.h"

namespace pravega::sim {
namespace {

constexpr std::string_view kUnsupported = "OperationUnsupported";
constexpr std::string_view kClosed = "the connection is closed";
constexpr std::string_view kTables = "no table segments";

constexpr NotSimulated kTable[] = {
    {"CreateTransientSegment", kUnsupported, "no transient segments, hence no events above 8 MiB",
     "createTransientSegment"},
    {"GetTableSegmentInfo", kUnsupported, kTables, "getTableSegmentInfo"},
    {"CreateTableSegment", kUnsupported, kTables, "createTableSegment"},
    {"DeleteTableSegment", kUnsupported, kTables, "deleteTableSegment"},
    {"UpdateTableEntries", kUnsupported, kTables, "updateTableEntries"},
    {"RemoveTableKeys", kUnsupported, kTables, "removeTableKeys"},
    {"ReadTable", kUnsupported, kTables, "readTable"},
    {"ReadTableKeys", kUnsupported, kTables, "readTableKeys"},
    {"ReadTableEntries", kUnsupported, kTables, "readTableEntries"},
    {"ReadTableEntriesDelta", kUnsupported, kTables, "readTableEntriesDelta"},
    {"LocateOffset", kClosed, "the store speaks wire version 16, which does not have it", ""},
    {"FlushToStorage", kClosed, "no administration port", ""},
    {"ListStorageChunks", kClosed, "no administration port", ""},
    {"container moves", "WrongHost", "which store serves a container is fixed", ""},
    {"delegation tokens", "every token is accepted", "no authorization", ""},
    {"long-term storage", "reads come from memory", "a container's log holds everything", ""},
    {"stack traces in failures", "empty text", "there is no Java in it", ""},
};

}  // namespace

std::span<const NotSimulated> NotSimulatedByTheStore() { return kTable; }

const NotSimulated* FindRefusal(const wire::Command& command) {
  std::string_view name = wire::InfoOf(command).name;
  for (const NotSimulated& entry : kTable) {
    if (!entry.operation.empty() && entry.what == name) return &entry;
  }
  return nullptr;
}

}  // namespace pravega::sim
