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

bool WaitQueue::WakeOne() {
  if (first_ == nullptr) return false;
  first_->Wake();
  return true;
}

void WaitQueue::WakeAll() {
  while (WakeOne()) {
  }
}

Task<absl::Status> Semaphore::Acquire(size_t units) {
  Request request{units};
  // The request lives in this frame; whichever way the frame ends, the queue must not keep its address.
  struct Withdraw {
    Semaphore* semaphore;
    Request* request;
    ~Withdraw() {
      for (size_t i = 0; i < semaphore->requests_.size(); ++i) {
        if (semaphore->requests_[i] == request) semaphore->requests_.erase(semaphore->requests_.begin() + i--);
      }
    }
  };
  requests_.push_back(&request);
  absl::Status waited;
  {
    Withdraw withdraw{this, &request};
    Grant();
    while (!request.granted) {
      waited = co_await waiters_.Wait();
      if (!waited.ok()) break;
    }
  }
  if (!waited.ok()) {
    if (request.granted) available_ += request.units;
    Grant();
  }
  co_return waited;
}

void Semaphore::Release(size_t units) {
  available_ += units;
  Grant();
}

void Semaphore::Grant() {
  bool any = false;
  while (!requests_.empty() && requests_.front()->units <= available_) {
    Request* request = requests_.front();
    requests_.pop_front();
    available_ -= request->units;
    request->granted = true;
    any = true;
  }
  if (any) waiters_.WakeAll();
}

}  // namespace pravega::runtime
