// ServiceCall: where the answer of a durable service meets the task that waits for it.
//
// The service fills in the answer while it applies the request; the task sees it once it has been delivered to its
// node. Either may be gone by then: the call is shared, a task that is cancelled or destroyed withdraws from it, and an
// answer that nobody waits for is dropped with the last reference.
#ifndef PRAVEGA_SIMULATOR_DURABLE_SERVICE_CALL_H_
#define PRAVEGA_SIMULATOR_DURABLE_SERVICE_CALL_H_

#include <coroutine>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "connector/core/check.h"
#include "connector/runtime/scheduler.h"
#include "connector/runtime/time.h"

namespace pravega::sim {

// `Answer` is an absl::Status or absl::StatusOr. Held by std::shared_ptr. Thread-compatible.
template <typename Answer>
class ServiceCall {
 public:
  // At the service.
  void Fill(Answer answer) { answer_.emplace(std::move(answer)); }
  bool filled() const { return answer_.has_value(); }
  // How much longer the answer takes than the way alone.
  void set_slow_by(runtime::Duration slow_by) { slow_by_ = slow_by; }

  // On the caller's node: the answer, which has been filled in, has arrived.
  void Deliver() {
    CHECK(answer_.has_value());
    delivered_ = true;
    if (awaiter_ != nullptr) awaiter_->Arrived();
  }

  class Awaiter : public runtime::Waiter {
   public:
    Awaiter(ServiceCall* call, std::string_view label) : Waiter(label), call_(call) {}
    ~Awaiter() override { DetachIfWaiting(); }
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      if (RefusedByCancellation(handle.promise()) || call_->delivered_) return false;
      CHECK_MSG(call_->awaiter_ == nullptr, "a call has one caller");
      call_->awaiter_ = this;
      Suspend(handle, handle.promise());
      return true;
    }
    absl::Status await_resume() { return std::move(status()); }

   private:
    friend class ServiceCall;
    void Arrived() { Wake(); }
    void Detach() override { call_->awaiter_ = nullptr; }
    ServiceCall* call_;
  };

  // OK when the answer has been delivered, or Cancelled. The awaiting frame holds a reference to this call.
  [[nodiscard]] Awaiter Delivered(std::string_view label) { return Awaiter(this, label); }

  Answer Take() {
    CHECK(delivered_);
    return *std::move(answer_);
  }
  runtime::Duration slow_by() const { return slow_by_; }

 private:
  std::optional<Answer> answer_;
  runtime::Duration slow_by_{0};
  bool delivered_ = false;
  Awaiter* awaiter_ = nullptr;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_DURABLE_SERVICE_CALL_H_
