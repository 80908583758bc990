// Commands of the store's administration port.
#ifndef PRAVEGA_CONNECTOR_WIRE_ADMIN_COMMANDS_H_
#define PRAVEGA_CONNECTOR_WIRE_ADMIN_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "connector/core/ids.h"
#include "connector/wire/command_info.h"
#include "connector/wire/fields.h"

namespace pravega::wire {

// One chunk of StorageChunksListed.
struct ChunkInfo {
  int64_t length_in_metadata = 0;
  int64_t length_in_storage = 0;
  int64_t start_offset = 0;
  std::string chunk_name{};
  bool exists_in_storage = false;
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("lengthInMetadata", &ChunkInfo::length_in_metadata),
                 Required("lengthInStorage", &ChunkInfo::length_in_storage),
                 Required("startOffset", &ChunkInfo::start_offset), Required("chunkName", &ChunkInfo::chunk_name),
                 Required("existsInStorage", &ChunkInfo::exists_in_storage));
  }
};

// Answered by StorageFlushed.
struct FlushToStorage {
  static constexpr CommandInfo kInfo{-3, "FlushToStorage", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  ContainerId container_id{};
  std::string token{};
  RequestId request_id{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("containerId", &FlushToStorage::container_id), Required("token", &FlushToStorage::token),
                 Required("requestId", &FlushToStorage::request_id));
  }
};

// Answers FlushToStorage.
struct StorageFlushed {
  static constexpr CommandInfo kInfo{-4, "StorageFlushed", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &StorageFlushed::request_id));
  }
};

// Answered by StorageChunksListed.
struct ListStorageChunks {
  static constexpr CommandInfo kInfo{-5, "ListStorageChunks", Direction::kRequest};
  static constexpr CommandType kType = kInfo.type;
  std::string segment{};
  std::string token{};
  RequestId request_id{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("segment", &ListStorageChunks::segment), Required("token", &ListStorageChunks::token),
                 Required("requestId", &ListStorageChunks::request_id));
  }
};

// Answers ListStorageChunks.
struct StorageChunksListed {
  static constexpr CommandInfo kInfo{-6, "StorageChunksListed", Direction::kReply};
  static constexpr CommandType kType = kInfo.type;
  RequestId request_id{};
  std::vector<ChunkInfo> chunks{};
  template <typename Visitor>
  static constexpr auto Fields(Visitor&& visit) {
    return visit(Required("requestId", &StorageChunksListed::request_id),
                 Required("chunks", &StorageChunksListed::chunks));
  }
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_ADMIN_COMMANDS_H_
