#include "connector/runtime/sync.h"

namespace pravega::runtime {

WaitQueue::~WaitQueue() {
  // When a node dies, the queue may go before the frames that wait on it: they must not come back to it.
  while (first_ != nullptr) {
    Awaiter* awaiter = first_;
    CHECK_MSG(awaiter->node_is_dead(), label_ + ": destroyed while somebody waits for it");
    awaiter->DetachIfWaiting();
  }
}

void WaitQueue::Push(Awaiter* awaiter) {
  awaiter->previous_ = last_;
  awaiter->next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = awaiter;
  last_ = awaiter;
}

void WaitQueue::Remove(Awaiter* awaiter) {
  (awaiter->previous_ != nullptr ? awaiter->previous_->next_ : first_) = awaiter->next_;
  (awaiter->next_ != nullptr ? awaiter->next_->previous_ : last_) = awaiter->previous_;
}

bool WaitQueue::WakeOne(const absl::Status& status) {
  if (first_ == nullptr) return false;
  first_->Wake(status);
  return true;
}

void WaitQueue::WakeAll(const absl::Status& status) {
  while (WakeOne(status)) {
  }
}

Task<absl::Status> Semaphore::Acquire(size_t units) {
  bool free = waiters_.empty() && available_ >= units;
  absl::Status waited = co_await waiters_.Wait(free, &units);
  if (waited.ok()) {
    if (free) available_ -= units;
  } else {
    // Whoever gives up may have been the one that the others waited behind.
    Grant();
  }
  co_return waited;
}

void Semaphore::Release(size_t units) {
  available_ += units;
  Grant();
}

void Semaphore::Grant() {
  while (!waiters_.empty()) {
    size_t wanted = *static_cast<const size_t*>(waiters_.first_deal());
    if (wanted > available_) return;
    available_ -= wanted;
    waiters_.WakeOne();
  }
}

}  // namespace pravega::runtime
