// All 70 commands of the segment store protocol as plain structs, and the variant that holds any of them.
//
// The structs say what a command means and how it looks on the wire (fields.h); this file only gathers them. A code
// that is not in the list, such as the retired 72 and 73, is unknown and ends the connection.
//
// Offsets are plain int64_t here: the protocol uses -1 and other negative values beside real offsets, and a peer may
// send anything. Whoever interprets a command turns them into an Offset.
//
// Thread safety: values; thread-compatible.
#ifndef PRAVEGA_CONNECTOR_WIRE_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_COMMANDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "connector/core/ids.h"
#include "connector/wire/admin_commands.h"
#include "connector/wire/append_commands.h"
#include "connector/wire/command_info.h"
#include "connector/wire/connection_commands.h"
#include "connector/wire/error_replies.h"
#include "connector/wire/read_commands.h"
#include "connector/wire/segment_commands.h"
#include "connector/wire/table_commands.h"

namespace pravega::wire {

using AnyCommand = std::variant<Hello,                    // -127
                                StorageChunksListed,      // -6
                                ListStorageChunks,        // -5
                                StorageFlushed,           // -4
                                FlushToStorage,           // -3
                                PartialEvent,             // -2
                                Padding,                  // -1
                                Event,                    // 0
                                SetupAppend,              // 1
                                AppendSetup,              // 2
                                AppendBlock,              // 3
                                AppendBlockEnd,           // 4
                                ConditionalAppend,        // 5
                                DataAppended,             // 7
                                ConditionalCheckFailed,   // 8
                                ReadSegment,              // 9
                                SegmentRead,              // 10
                                GetStreamSegmentInfo,     // 11
                                StreamSegmentInfo,        // 12
                                CreateSegment,            // 20
                                SegmentCreated,           // 21
                                SealSegment,              // 28
                                SegmentSealed,            // 29
                                DeleteSegment,            // 30
                                SegmentDeleted,           // 31
                                UpdateSegmentPolicy,      // 32
                                SegmentPolicyUpdated,     // 33
                                GetSegmentAttribute,      // 34
                                SegmentAttribute,         // 35
                                UpdateSegmentAttribute,   // 36
                                SegmentAttributeUpdated,  // 37
                                TruncateSegment,          // 38
                                SegmentTruncated,         // 39
                                CreateTransientSegment,   // 40
                                LocateOffset,             // 41
                                OffsetLocated,            // 42
                                WrongHost,                // 50
                                SegmentIsSealed,          // 51
                                SegmentAlreadyExists,     // 52
                                NoSuchSegment,            // 53
                                InvalidEventNumber,       // 55
                                SegmentIsTruncated,       // 56
                                OperationUnsupported,     // 57
                                MergeSegments,            // 58
                                SegmentsMerged,           // 59
                                AuthTokenCheckFailed,     // 60
                                ErrorMessage,             // 61
                                GetTableSegmentInfo,      // 68
                                TableSegmentInfo,         // 69
                                CreateTableSegment,       // 70
                                DeleteTableSegment,       // 71
                                UpdateTableEntries,       // 74
                                TableEntriesUpdated,      // 75
                                RemoveTableKeys,          // 76
                                TableKeysRemoved,         // 77
                                ReadTable,                // 78
                                TableRead,                // 79
                                TableSegmentNotEmpty,     // 80
                                TableKeyDoesNotExist,     // 81
                                TableKeyBadVersion,       // 82
                                ReadTableKeys,            // 83
                                TableKeysRead,            // 84
                                ReadTableEntries,         // 85
                                TableEntriesRead,         // 86
                                TableEntriesDeltaRead,    // 87
                                ReadTableEntriesDelta,    // 88
                                ConditionalBlockEnd,      // 89
                                MergeSegmentsBatch,       // 90
                                SegmentsBatchMerged,      // 91
                                KeepAlive                 // 100
                                >;

// Every command, ascending by code: a variant with a name that headers can declare without including this one.
struct Command : AnyCommand {
  // Hello.
  Command() = default;
  // std::variant's own constructor would look for a conversion to each of the 70, which costs the compiler seconds.
  template <WireStruct T>
    requires requires { T::kInfo; }
  Command(T command) : AnyCommand(std::in_place_type<T>, std::move(command)) {}
  template <size_t kIndex>
  explicit Command(std::in_place_index_t<kIndex> index) : AnyCommand(index) {}
  // Not inline, for the same reason.
  Command(const Command&);
  Command(Command&&) noexcept;
  Command& operator=(const Command&);
  Command& operator=(Command&&) noexcept;
  ~Command();
};

// All commands, ascending by code; element i describes alternative i of Command.
std::span<const CommandInfo> AllCommands();

// Position of the code in Command, or -1 if there is no such command.
int IndexOfCode(int32_t code);
// nullptr if there is no such command.
const CommandInfo* FindCommand(int32_t code);

const CommandInfo& InfoOf(const Command& command);
inline CommandType TypeOf(const Command& command) { return InfoOf(command).type; }
// "AppendBlockEnd", or "unknown".
std::string_view CommandName(CommandType type);

// The request id of the commands that carry one: all but Hello, KeepAlive, AppendBlock and the embedded records.
std::optional<RequestId> RequestIdOf(const Command& command);
// The full name of the segment that the command is about (the target of a merge, the parent of a transient segment);
// empty if it names none, as the append family does after SetupAppend. Lives as long as the command.
std::string_view SegmentOf(const Command& command);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_COMMANDS_H_
