#include "simulator/segmentstore/tail_reads.h"

#include <utility>

#include "connector/core/buffer.h"
#include "simulator/segmentstore/session.h"

namespace pravega::sim {

class TailReads::TailRead : public TailWaiter {
 public:
  TailRead(TailReads* owner, Ticket the_ticket, const ContainerRunner* the_runner, std::shared_ptr<Segment> the_segment,
           const wire::ReadSegment& the_read, size_t the_length)
      : ticket(std::move(the_ticket)),
        runner(the_runner),
        segment(std::move(the_segment)),
        read(the_read),
        length(the_length),
        owner_(owner) {}
  void Wake(Event event) override { owner_->Woken(self, event); }

  Ticket ticket;
  const ContainerRunner* runner;
  std::shared_ptr<Segment> segment;
  wire::ReadSegment read;
  size_t length;
  runtime::Instant patience_ends;
  Reads::iterator self;

 private:
  TailReads* owner_;
};

class TailReads::PatienceTimer : public runtime::Timer {
 public:
  explicit PatienceTimer(TailReads* owner) : Timer("patience of waiting reads"), owner_(owner) {}
  ~PatienceTimer() override {
    if (armed != nullptr) owner_->session_.store().runtime.Disarm(this);
  }
  void Fire() override { owner_->EndSilentReads(); }

 private:
  TailReads* owner_;
};

TailReads::TailReads(Session& session) : session_(session), timer_(std::make_unique<PatienceTimer>(this)) {}

TailReads::~TailReads() = default;

void TailReads::Add(Ticket ticket, const ContainerRunner* runner, std::shared_ptr<Segment> segment,
                    const wire::ReadSegment& read, size_t length) {
  reads_.push_back(std::make_unique<TailRead>(this, std::move(ticket), runner, std::move(segment), read, length));
  TailRead& added = *reads_.back();
  added.self = std::prev(reads_.end());
  added.patience_ends = session_.store().runtime.Now() + session_.store().options.tail_read_patience;
  added.segment->waiters.Add(&added, read.offset);
  ArmTimer();
}

void TailReads::Clear() { reads_.clear(); }

// Armed for the longest waiting. Reads come and go without touching it: it finds out when it fires.
void TailReads::ArmTimer() {
  if (timer_->armed != nullptr || reads_.empty()) return;
  session_.store().runtime.Arm(timer_.get(), reads_.front()->patience_ends);
}

void TailReads::EndSilentReads() {
  runtime::Instant now = session_.store().runtime.Now();
  while (!reads_.empty() && reads_.front()->patience_ends <= now) {
    reads_.front()->Unlink();
    Woken(reads_.begin(), TailWaiter::Event::kGone);
  }
  ArmTimer();
}

void TailReads::Woken(Reads::iterator at, TailWaiter::Event event) {
  std::unique_ptr<TailRead> read = std::move(*at);
  reads_.erase(at);
  // Planted: after a recovery, a reader whose data came with those of another segment is forgotten.
  if (PLANTED(session_.store().runtime, "lost-tail-wakeup") && event == TailWaiter::Event::kData &&
      read->runner->recovered() && read->runner->batch_is_mixed()) {
    return;
  }
  if (event == TailWaiter::Event::kSealed) {
    session_.Reply(std::move(read->ticket), wire::SegmentIsSealed{.request_id = read->read.request_id,
                                                                  .segment = std::move(read->read.segment),
                                                                  .offset = read->read.offset});
    return;
  }
  Buffer data;
  if (event == TailWaiter::Event::kData) data = read->segment->data.Read(read->read.offset, read->length);
  session_.Reply(std::move(read->ticket), wire::SegmentRead{.segment = std::move(read->read.segment),
                                                            .offset = read->read.offset,
                                                            .at_tail = true,
                                                            .end_of_segment = false,
                                                            .data = std::move(data),
                                                            .request_id = read->read.request_id});
}

}  // namespace pravega::sim
