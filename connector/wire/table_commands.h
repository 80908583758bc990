// Commands of table segments.
#ifndef PRAVEGA_CONNECTOR_WIRE_TABLE_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_TABLE_COMMANDS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// A key with the version that it must have (in requests) or has (in replies). Its length prefix counts the version, yet
// an empty key is written without one and is read back with kNoVersion.
struct TableKey {
  static constexpr int64_t kNoVersion = std::numeric_limits<int64_t>::min();  // unconditional
  static constexpr int64_t kNotExists = -1;                                   // must be absent; is absent
  Buffer key{};
  int64_t version = kNoVersion;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("key", &TableKey::key), Required("version", &TableKey::version));
  }
};

// A key and its value; an absent key has version kNotExists and an empty value.
struct TableEntry {
  TableKey key{};
  Buffer value{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("key", &TableEntry::key), Required<Encoding::kTableValue>("value", &TableEntry::value));
  }
};

// Bounds of an iteration. On the wire there is a fourth, obsolete field behind the token, written empty and ignored;
// when read, any of the four may be missing at the end.
struct IteratorArgs {
  Buffer continuation_token{};
  Buffer from_key{};
  Buffer to_key{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("continuationToken", &IteratorArgs::continuation_token),
                 Required("fromKey", &IteratorArgs::from_key), Required("toKey", &IteratorArgs::to_key));
  }
};

// Answered by TableSegmentInfo.
struct GetTableSegmentInfo {
  static constexpr CommandInfo kInfo{68, "GetTableSegmentInfo", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &GetTableSegmentInfo::request_id),
                 Required("segment", &GetTableSegmentInfo::segment), Required("token", &GetTableSegmentInfo::token));
  }
};

// Answers GetTableSegmentInfo.
struct TableSegmentInfo {
  static constexpr CommandInfo kInfo{69, "TableSegmentInfo", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  int64_t start_offset = 0;
  int64_t length = 0;
  int64_t entry_count = 0;  // lags behind
  int32_t key_length = 0;   // 0: hash table
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableSegmentInfo::request_id), Required("segment", &TableSegmentInfo::segment),
                 Required("startOffset", &TableSegmentInfo::start_offset),
                 Required("length", &TableSegmentInfo::length), Required("entryCount", &TableSegmentInfo::entry_count),
                 Required("keyLength", &TableSegmentInfo::key_length));
  }
};

// Answered by SegmentCreated (sic).
struct CreateTableSegment {
  static constexpr CommandInfo kInfo{70, "CreateTableSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  bool sorted_deprecated = false;  // written as false, ignored
  int32_t key_length = 0;          // 0: hash table; 1..256: keys of exactly this length
  int64_t rollover_size_bytes = 0;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &CreateTableSegment::request_id),
                 Required("segment", &CreateTableSegment::segment), Required("token", &CreateTableSegment::token),
                 Trailing("sortedDeprecated", &CreateTableSegment::sorted_deprecated),
                 Trailing("keyLength", &CreateTableSegment::key_length),
                 Trailing("rolloverSizeBytes", &CreateTableSegment::rollover_size_bytes));
  }
};

// Answered by SegmentDeleted (sic).
struct DeleteTableSegment {
  static constexpr CommandInfo kInfo{71, "DeleteTableSegment", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  bool must_be_empty = false;
  std::string token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(
        Required("requestId", &DeleteTableSegment::request_id), Required("segment", &DeleteTableSegment::segment),
        Required("mustBeEmpty", &DeleteTableSegment::must_be_empty), Required("token", &DeleteTableSegment::token));
  }
};

// All or nothing. Answered by TableEntriesUpdated, TableKeyBadVersion, TableKeyDoesNotExist, SegmentIsTruncated (the
// length is not table_segment_offset).
struct UpdateTableEntries {
  static constexpr CommandInfo kInfo{74, "UpdateTableEntries", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  std::vector<TableEntry> entries{};
  int64_t table_segment_offset = -1;  // negative: any
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &UpdateTableEntries::request_id),
                 Required("segment", &UpdateTableEntries::segment), Required("token", &UpdateTableEntries::token),
                 Required("entries", &UpdateTableEntries::entries),
                 Trailing("tableSegmentOffset", &UpdateTableEntries::table_segment_offset));
  }
};

// Answers UpdateTableEntries.
struct TableEntriesUpdated {
  static constexpr CommandInfo kInfo{75, "TableEntriesUpdated", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::vector<int64_t> updated_versions{};  // in the order of the request
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableEntriesUpdated::request_id),
                 Required("updatedVersions", &TableEntriesUpdated::updated_versions));
  }
};

// Answered by TableKeysRemoved, or with errors as UpdateTableEntries.
struct RemoveTableKeys {
  static constexpr CommandInfo kInfo{76, "RemoveTableKeys", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  std::vector<TableKey> keys{};
  int64_t table_segment_offset = -1;  // negative: any
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &RemoveTableKeys::request_id), Required("segment", &RemoveTableKeys::segment),
                 Required("token", &RemoveTableKeys::token), Required("keys", &RemoveTableKeys::keys),
                 Trailing("tableSegmentOffset", &RemoveTableKeys::table_segment_offset));
  }
};

// Answers RemoveTableKeys.
struct TableKeysRemoved {
  static constexpr CommandInfo kInfo{77, "TableKeysRemoved", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableKeysRemoved::request_id), Required("segment", &TableKeysRemoved::segment));
  }
};

// Answered by TableRead.
struct ReadTable {
  static constexpr CommandInfo kInfo{78, "ReadTable", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  std::vector<TableKey> keys{};  // versions are ignored
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &ReadTable::request_id), Required("segment", &ReadTable::segment),
                 Required("token", &ReadTable::token), Required("keys", &ReadTable::keys));
  }
};

// Answers ReadTable.
struct TableRead {
  static constexpr CommandInfo kInfo{79, "TableRead", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::vector<TableEntry> entries{};  // as many as keys were asked for, in that order
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableRead::request_id), Required("segment", &TableRead::segment),
                 Required("entries", &TableRead::entries));
  }
};

// Answered by TableKeysRead.
struct ReadTableKeys {
  static constexpr CommandInfo kInfo{83, "ReadTableKeys", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  int32_t suggested_key_count = 0;
  IteratorArgs args{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &ReadTableKeys::request_id), Required("segment", &ReadTableKeys::segment),
                 Required("token", &ReadTableKeys::token),
                 Required("suggestedKeyCount", &ReadTableKeys::suggested_key_count),
                 Required("args", &ReadTableKeys::args));
  }
};

// Answers ReadTableKeys; no keys mean the end.
struct TableKeysRead {
  static constexpr CommandInfo kInfo{84, "TableKeysRead", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::vector<TableKey> keys{};
  Buffer continuation_token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableKeysRead::request_id), Required("segment", &TableKeysRead::segment),
                 Required("keys", &TableKeysRead::keys),
                 Required("continuationToken", &TableKeysRead::continuation_token));
  }
};

// Answered by TableEntriesRead.
struct ReadTableEntries {
  static constexpr CommandInfo kInfo{85, "ReadTableEntries", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  int32_t suggested_entry_count = 0;
  IteratorArgs args{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &ReadTableEntries::request_id), Required("segment", &ReadTableEntries::segment),
                 Required("token", &ReadTableEntries::token),
                 Required("suggestedEntryCount", &ReadTableEntries::suggested_entry_count),
                 Required("args", &ReadTableEntries::args));
  }
};

// Answers ReadTableEntries; no entries mean the end.
struct TableEntriesRead {
  static constexpr CommandInfo kInfo{86, "TableEntriesRead", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::vector<TableEntry> entries{};
  Buffer continuation_token{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableEntriesRead::request_id), Required("segment", &TableEntriesRead::segment),
                 Required("entries", &TableEntriesRead::entries),
                 Required("continuationToken", &TableEntriesRead::continuation_token));
  }
};

// Hash tables only. Answered by TableEntriesDeltaRead.
struct ReadTableEntriesDelta {
  static constexpr CommandInfo kInfo{88, "ReadTableEntriesDelta", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::string token{};
  int64_t from_position = 0;
  int32_t suggested_entry_count = 0;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &ReadTableEntriesDelta::request_id),
                 Required("segment", &ReadTableEntriesDelta::segment), Required("token", &ReadTableEntriesDelta::token),
                 Required("fromPosition", &ReadTableEntriesDelta::from_position),
                 Required("suggestedEntryCount", &ReadTableEntriesDelta::suggested_entry_count));
  }
};

// Answers ReadTableEntriesDelta.
struct TableEntriesDeltaRead {
  static constexpr CommandInfo kInfo{87, "TableEntriesDeltaRead", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::string segment{};
  std::vector<TableEntry> entries{};
  bool should_clear = false;
  bool reached_end = false;
  int64_t last_position = 0;  // where to go on
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &TableEntriesDeltaRead::request_id),
                 Required("segment", &TableEntriesDeltaRead::segment),
                 Required("entries", &TableEntriesDeltaRead::entries),
                 Required("shouldClear", &TableEntriesDeltaRead::should_clear),
                 Required("reachedEnd", &TableEntriesDeltaRead::reached_end),
                 Required("lastPosition", &TableEntriesDeltaRead::last_position));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_TABLE_COMMANDS_H_
