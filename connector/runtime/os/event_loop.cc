#include "connector/runtime/os/event_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/os/event_loop_impl.h"
#include "connector/runtime/os/os_node.h"
#include "connector/runtime/system_clocks.h"

namespace pravega::runtime {

namespace {

// One thread runs it, others may post.
constexpr int kOneThread = 1;

}  // namespace

EventLoop::Impl::Impl() : origin(SteadyNow()), context(kOneThread), work(boost::asio::make_work_guard(context)) {}

void EventLoop::Impl::Post(std::function<void()> what) { boost::asio::post(context, std::move(what)); }

Instant EventLoop::Impl::Now() const { return Instant() + (SteadyNow() - origin); }

std::chrono::steady_clock::time_point EventLoop::Impl::ToSteady(Instant when) const {
  return std::chrono::steady_clock::time_point(Duration((origin + Duration(when.nanos())).nanos()));
}

bool EventLoop::Impl::DrainNodes() {
  bool any = false;
  // By index: a node may be made meanwhile.
  for (size_t i = 0; i < nodes.size(); ++i) {
    Scheduler& scheduler = nodes[i]->scheduler();
    if (!scheduler.has_ready() || scheduler.stopped()) continue;
    scheduler.Drain();
    any = true;
  }
  return any;
}

Instant EventLoop::Impl::NextTimer() const {
  Instant next = Instant::Infinite();
  for (OsNode* node : nodes) next = std::min(next, node->timers().next());
  return next;
}

void EventLoop::Impl::FireDueTimers() {
  // The clock is read once: timers that are armed for now by those that fire wait for the next turn.
  const Instant now = Now();
  for (size_t i = 0; i < nodes.size(); ++i) {
    while (i < nodes.size() && nodes[i]->timers().next() <= now) {
      nodes[i]->timers().FireFirst();
      // In order, also as their tasks see it.
      nodes[i]->scheduler().Drain();
    }
  }
}

void EventLoop::Impl::Turn(Instant end) {
  // Whatever is ready comes first; then the network and the clock have their turn without waiting.
  if (!DrainNodes()) {
    const Instant wake = std::min(end, NextTimer());
    if (wake.infinite()) {
      context.run_one();
    } else {
      context.run_one_until(ToSteady(wake));
    }
  }
  context.poll();
  FireDueTimers();
}

EventLoop::EventLoop() : impl_(std::make_shared<Impl>()) {}

EventLoop::~EventLoop() { CHECK_MSG(impl_->nodes.empty(), "a loop outlives its nodes"); }

void EventLoop::Run() {
  while (!impl_->stopping.exchange(false)) impl_->Turn(Instant::Infinite());
}

bool EventLoop::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = Now() + limit;
  while (!done()) {
    if (impl_->stopping.exchange(false) || Now() >= end) return false;
    impl_->Turn(end);
  }
  return true;
}

void EventLoop::Stop() {
  impl_->stopping = true;
  impl_->Post([] {});
}

void EventLoop::Post(std::function<void()> what) { impl_->Post(std::move(what)); }

Instant EventLoop::Now() const { return impl_->Now(); }

}  // namespace pravega::runtime
