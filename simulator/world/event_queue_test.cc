// Goal: events come in order of time, and those of one time in the order in which they were added, whatever was removed
// meanwhile. Method: a queue against a sorted list, under random operations.
#include "simulator/world/event_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace pravega::sim {
namespace {

class Nothing : public QueuedEvent {
 public:
  void Fire() override {}
};

TEST(EventQueueTest, InOrderOfTimeThenOfAdding) {
  EventQueue queue;
  Nothing late, early, first_of_two, second_of_two;
  queue.Add(&late, 30);
  queue.Add(&first_of_two, 20);
  queue.Add(&early, 10);
  queue.Add(&second_of_two, 20);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.next_time(), 10);
  EXPECT_EQ(queue.Pop(), &early);
  EXPECT_FALSE(early.queued());
  EXPECT_EQ(queue.Pop(), &first_of_two);
  EXPECT_EQ(queue.Pop(), &second_of_two);
  EXPECT_EQ(queue.Pop(), &late);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueueTest, WhatIsRemovedDoesNotComeAndMayBeAddedAgain) {
  EventQueue queue;
  Nothing a, b;
  queue.Add(&a, 1);
  queue.Add(&b, 1);
  queue.Remove(&a);
  queue.Remove(&a);  // no effect
  EXPECT_FALSE(a.queued());
  queue.Add(&a, 1);  // behind b now
  EXPECT_EQ(queue.Pop(), &b);
  EXPECT_EQ(queue.Pop(), &a);
  EXPECT_TRUE(queue.empty());
}

RC_GTEST_PROP(EventQueueProperty, SameAsASortedList, ()) {
  struct Expected {
    int64_t time;
    uint64_t order;
    QueuedEvent* event;
    bool operator<(const Expected& other) const { return time != other.time ? time < other.time : order < other.order; }
  };
  EventQueue queue;
  std::deque<Nothing> events;  // their addresses must not move
  std::vector<Expected> expected;
  uint64_t order = 0;
  const int steps = *rc::gen::inRange(0, 300);
  for (int step = 0; step < steps; ++step) {
    const int what = *rc::gen::inRange(0, 4);
    if (what < 2) {
      events.emplace_back();
      const int64_t time = *rc::gen::inRange(0, 8);  // few times, so that many are equal
      queue.Add(&events.back(), time);
      expected.push_back({time, order++, &events.back()});
    } else if (what == 2 && !events.empty()) {
      QueuedEvent* victim = &events[*rc::gen::inRange<size_t>(0, events.size())];
      queue.Remove(victim);
      std::erase_if(expected, [&](const Expected& e) { return e.event == victim; });
    } else if (what == 3 && !expected.empty()) {
      auto next = std::min_element(expected.begin(), expected.end());
      RC_ASSERT(queue.next_time() == next->time);
      RC_ASSERT(queue.Pop() == next->event);
      expected.erase(next);
    }
    RC_ASSERT(queue.size() == expected.size());
  }
  std::sort(expected.begin(), expected.end());
  for (const Expected& next : expected) RC_ASSERT(queue.Pop() == next.event);
  RC_ASSERT(queue.empty());
}

}  // namespace
}  // namespace pravega::sim
