// Ids are types, so that an epoch is never added to an offset and a writer is never taken for a transaction.
#ifndef PRAVEGA_CONNECTOR_CORE_IDS_H_
#define PRAVEGA_CONNECTOR_CORE_IDS_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

#include "connector/core/uuid.h"

namespace pravega {

// An integer that only meets its own kind. `Tag` is any type that names the kind.
template <typename Tag, typename T>
class StrongInt {
 public:
  using ValueType = T;
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(T value) : value_(value) {}
  constexpr T value() const { return value_; }
  friend constexpr auto operator<=>(StrongInt, StrongInt) = default;

 private:
  T value_ = 0;
};

// Generation of a stream's set of segments; grows with each scale (Pravega controller, "ids, epochs, ranges").
using Epoch = StrongInt<struct EpochTag, int32_t>;
// A container of a segment store.
using ContainerId = StrongInt<struct ContainerIdTag, int32_t>;
// Echoed by servers, unique only where the sender says so.
using RequestId = StrongInt<struct RequestIdTag, int64_t>;

// Position in a segment in bytes, never negative: "finished" and "future" are not offsets (see position.h).
class Offset : public StrongInt<struct OffsetTag, int64_t> {
 public:
  using StrongInt::StrongInt;
  constexpr Offset operator+(int64_t bytes) const { return Offset(value() + bytes); }
  constexpr int64_t operator-(Offset other) const { return value() - other.value(); }
};

// Number of a writer's event on one segment, strictly increasing. kNone is what a store answers for a writer that
// it never saw: the smallest int64, so it compares below every real number but must not be subtracted from.
class EventNumber : public StrongInt<struct EventNumberTag, int64_t> {
 public:
  using StrongInt::StrongInt;
  static constexpr int64_t kNoneValue = std::numeric_limits<int64_t>::min();
  static constexpr EventNumber None() { return EventNumber(kNoneValue); }
};

// A segment of a stream: the epoch that created it and its number within the stream. Equal numbers of different
// epochs are different segments (rolling transactions create 0@0, 0@2, 0@3).
class SegmentId {
 public:
  constexpr SegmentId() = default;
  constexpr explicit SegmentId(int64_t value) : value_(value) {}
  constexpr SegmentId(Epoch epoch, int32_t number)
      : value_(static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint32_t>(epoch.value())) << 32 |
                                    static_cast<uint32_t>(number))) {}
  constexpr int64_t value() const { return value_; }
  constexpr int32_t number() const { return static_cast<int32_t>(value_ & 0xffffffff); }
  constexpr Epoch epoch() const { return Epoch(static_cast<int32_t>(value_ >> 32)); }
  // "2@1": number 2 created in epoch 1.
  std::string ToString() const { return std::to_string(number()) + "@" + std::to_string(epoch().value()); }
  friend constexpr auto operator<=>(SegmentId, SegmentId) = default;

 private:
  int64_t value_ = 0;
};

// One writer object on one segment; names the attribute that holds its last event number.
struct WriterId {
  Uuid uuid;
  friend auto operator<=>(const WriterId&, const WriterId&) = default;
};

// A transaction. The upper 32 bits are the epoch whose segments its own segments belong to.
struct TxnId {
  Uuid uuid;
  Epoch epoch() const { return Epoch(static_cast<int32_t>(uuid.high >> 32)); }
  friend auto operator<=>(const TxnId&, const TxnId&) = default;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_IDS_H_
