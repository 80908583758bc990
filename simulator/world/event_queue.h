// EventQueue: what will happen, in order of virtual time.
#ifndef PRAVEGA_SIMULATOR_WORLD_EVENT_QUEUE_H_
#define PRAVEGA_SIMULATOR_WORLD_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace pravega::sim {

// Something that the queue fires once. Not owned by the queue.
class QueuedEvent {
 public:
  virtual ~QueuedEvent() = default;
  virtual void Fire() = 0;
  bool queued() const { return index_ != kNone; }

 private:
  friend class EventQueue;
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();
  size_t index_ = kNone;
};

// A binary heap over (time, order of adding). Thread-compatible.
class EventQueue {
 public:
  // `event` must not be queued yet.
  void Add(QueuedEvent* event, int64_t time);
  // No effect if it is not queued.
  void Remove(QueuedEvent* event);
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  int64_t next_time() const { return heap_.front().time; }
  // Takes the next event off.
  QueuedEvent* Pop();

 private:
  struct Item {
    int64_t time;
    uint64_t order;
    QueuedEvent* event;
    bool Before(const Item& other) const { return time != other.time ? time < other.time : order < other.order; }
  };
  void Place(size_t index, const Item& item) {
    heap_[index] = item;
    item.event->index_ = index;
  }
  void Up(size_t index, Item item);
  void Down(size_t index, Item item);

  std::vector<Item> heap_;
  uint64_t added_ = 0;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_WORLD_EVENT_QUEUE_H_
