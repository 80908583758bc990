#include "simulator/world/event_queue.h"

#include "connector/core/check.h"

namespace pravega::sim {

void EventQueue::Add(QueuedEvent* event, int64_t time) {
  CHECK(!event->queued());
  heap_.emplace_back();
  Up(heap_.size() - 1, Item{time, added_++, event});
}

void EventQueue::Remove(QueuedEvent* event) {
  if (!event->queued()) return;
  size_t index = event->index_;
  event->index_ = QueuedEvent::kNone;
  Item last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last.Before(heap_[(index - 1) / 2])) {
    Up(index, last);
  } else {
    Down(index, last);
  }
}

QueuedEvent* EventQueue::Pop() {
  CHECK(!heap_.empty());
  QueuedEvent* event = heap_.front().event;
  Remove(event);
  return event;
}

void EventQueue::Up(size_t index, Item item) {
  while (index > 0) {
    size_t parent = (index - 1) / 2;
    if (!item.Before(heap_[parent])) break;
    Place(index, heap_[parent]);
    index = parent;
  }
  Place(index, item);
}

void EventQueue::Down(size_t index, Item item) {
  while (true) {
    size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].Before(heap_[child])) ++child;
    if (!heap_[child].Before(item)) break;
    Place(index, heap_[child]);
    index = child;
  }
  Place(index, item);
}

}  // namespace pravega::sim
