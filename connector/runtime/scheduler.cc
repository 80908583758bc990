#include "connector/runtime/scheduler.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/task_group.h"

namespace pravega::runtime {

void CancelScope::Cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  Waiter* waiter = root_->waiter_;
  if (waiter != nullptr && waiter->cancellable_) {
    waiter->StopWaiting();
    waiter->status_ = absl::CancelledError("cancelled");
    root_->scheduler_->MakeReady(waiter->handle_);
  }
}

bool CancelScope::cancelled() const {
  for (const CancelScope* scope = this; scope != nullptr; scope = scope->parent_) {
    if (scope->cancelled_) return true;
  }
  return false;
}

bool Waiter::RefusedByCancellation(PromiseBase& promise) {
  if (!cancellable_ || !promise.scope->cancelled()) return false;
  status_ = absl::CancelledError("cancelled");
  return true;
}

void Waiter::Suspend(std::coroutine_handle<> handle, PromiseBase& promise) {
  CHECK(!waiting_);
  root_ = promise.root;
  CHECK(root_->waiter_ == nullptr);
  handle_ = handle;
  waiting_ = true;
  root_->waiter_ = this;
}

void Waiter::Wake(absl::Status status) {
  if (!waiting_) return;
  StopWaiting();
  status_ = std::move(status);
  root_->scheduler()->MakeReady(handle_);
}

void Waiter::StopWaiting() {
  waiting_ = false;
  root_->waiter_ = nullptr;
  Detach();
}

bool Waiter::node_is_dead() const { return root_->scheduler()->dead(); }

Scheduler::~Scheduler() {
  dead_ = true;
  DestroyAll();
}

void Scheduler::Start(Root* root, std::coroutine_handle<> frame) {
  root->frame_ = frame;
  root->previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = root;
  last_ = root;
  MakeReady(frame);
}

void Scheduler::Unlink(Root* root) {
  (root->previous_ != nullptr ? root->previous_->next_ : first_) = root->next_;
  (root->next_ != nullptr ? root->next_->previous_ : last_) = root->previous_;
}

void Scheduler::Reap() {
  Root* root = std::exchange(finished_, nullptr);
  if (root == nullptr) return;
  Unlink(root);
  root->frame_.destroy();
  if (root->group_ != nullptr) root->group_->Ended();
  delete root;
}

void Scheduler::Drain() {
  CHECK_MSG(!draining_, "Drain called from inside a coroutine");
  draining_ = true;
  while (!ready_.empty() && !dead_ && !stopped()) {
    next_ = ready_.front();
    ready_.pop_front();
    while (next_ && !stopped()) {
      ++resumptions_;
      std::exchange(next_, nullptr).resume();
      Reap();
    }
  }
  draining_ = false;
}

void Scheduler::DestroyAll() {
  CHECK_MSG(!draining_, "a node cannot destroy itself from inside one of its coroutines");
  dead_ = true;
  ready_.clear();
  while (last_ != nullptr) {
    Root* root = last_;
    // Still listed while its frame goes: the frame may own the very group that it belongs to.
    root->frame_.destroy();
    Unlink(root);
    if (root->group_ != nullptr) root->group_->Ended();
    delete root;
    ready_.clear();
  }
}

std::vector<std::string> Scheduler::DescribeWaits() const {
  std::vector<std::string> lines;
  for (const Root* root = first_; root != nullptr; root = root->next_) {
    const Waiter* waiter = root->waiter_;
    lines.push_back(root->name_ +
                    (waiter == nullptr ? " is ready to run" : " waits for " + std::string(waiter->label())));
  }
  return lines;
}

}  // namespace pravega::runtime
