// Segment: one segment of a container, as its log says it is and as the requests on their way to the log will leave it.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_H_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "connector/core/uuid.h"
#include "connector/wire/attributes.h"
#include "simulator/segmentstore/chunk_list.h"

namespace pravega::sim {

// Somebody who waits for a segment to grow past an offset. An intrusive list, in order of arrival; destroying either
// the waiter or the list unlinks. Thread-compatible.
class TailWaiter {
 public:
  enum class Event {
    kData,    // there are bytes at the offset
    kSealed,  // there will be none
    kGone,    // the segment was deleted or merged, or its container stopped
  };

  TailWaiter() = default;
  TailWaiter(const TailWaiter&) = delete;
  TailWaiter& operator=(const TailWaiter&) = delete;
  // Called once, unlinked already; may destroy this waiter.
  virtual void Wake(Event event) = 0;

  void Unlink() {
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
  }
  bool linked() const { return next_ != this; }

 protected:
  virtual ~TailWaiter() { Unlink(); }
  int64_t waited_offset_ = 0;

 private:
  friend class TailWaiters;
  TailWaiter* next_ = this;
  TailWaiter* previous_ = this;
};

class TailWaiters {
 public:
  TailWaiters() = default;
  ~TailWaiters() {
    while (head_.linked()) head_.next_->Unlink();
  }
  void Add(TailWaiter* waiter, int64_t offset) {
    waiter->waited_offset_ = offset;
    Link(waiter, &head_);
  }
  bool empty() const { return !head_.linked(); }
  // Wakes those who wait for an offset below `length`.
  void WakeBelow(int64_t length, TailWaiter::Event event) {
    if (empty()) return;
    // Taken out first: waking may unlink others, or link new ones.
    Head woken;
    for (TailWaiter* at = head_.next_; at != &head_;) {
      TailWaiter* next = at->next_;
      if (at->waited_offset_ < length) {
        at->Unlink();
        Link(at, &woken);
      }
      at = next;
    }
    while (woken.linked()) {
      TailWaiter* first = woken.next_;
      first->Unlink();
      first->Wake(event);
    }
  }
  void WakeAll(TailWaiter::Event event) { WakeBelow(std::numeric_limits<int64_t>::max(), event); }

 private:
  struct Head final : TailWaiter {
    ~Head() override = default;
    void Wake(Event) override {}
  };
  static void Link(TailWaiter* waiter, TailWaiter* head) {
    waiter->previous_ = head->previous_;
    waiter->next_ = head;
    head->previous_->next_ = waiter;
    head->previous_ = waiter;
  }
  Head head_;
};

// An attribute that is kNullAttributeValue is not set.
struct Attribute {
  int64_t durable = wire::kNullAttributeValue;
  int64_t pending = wire::kNullAttributeValue;
};

// Written by its Container alone. Everything that is not called pending is durable.
struct Segment {
  enum class Fate { kAlive, kDeleted, kMerged };

  Segment(int64_t segment_id, std::string segment_name) : id(segment_id), name(std::move(segment_name)) {}

  const int64_t id;
  const std::string name;

  bool sealed = false;
  int64_t last_modified_ms = 0;
  ChunkList data;  // its end is the segment's length
  TailWaiters waiters;

  Fate pending_fate = Fate::kAlive;
  bool pending_sealed = false;
  int64_t pending_start = 0;
  int64_t pending_length = 0;

  std::map<Uuid, Attribute> attributes;

  int64_t start() const { return data.start(); }
  int64_t length() const { return data.end(); }
  int64_t attribute(const Uuid& id_of_attribute) const {
    auto found = attributes.find(id_of_attribute);
    return found == attributes.end() ? wire::kNullAttributeValue : found->second.durable;
  }
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_SEGMENT_H_
