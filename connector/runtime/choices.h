// Choices: where every decision that is not determined by the program comes from.
//
// A stream is named by its purpose and an entity ("latency", "store-1>writer-2"), so that removing one fault or one
// client from a run leaves the draws of all others as they were. Zero always means the calmest choice: no fault, first
// in line, shortest delay. Only integers are drawn, so that every build draws the same.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_CHOICES_H_
#define PRAVEGA_CONNECTOR_RUNTIME_CHOICES_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/uuid.h"

namespace pravega::runtime {

// A sequence of draws. Thread-compatible. Never draw twice in one full expression: compilers order arguments
// differently.
class ChoiceStream {
 public:
  // The backend's part of a stream; counts its own draws.
  class Source {
   public:
    virtual ~Source() = default;
    // A value in [0, bound), bound > 0.
    virtual uint64_t Draw(uint64_t bound, std::string_view label) = 0;
    // An id that no other stream and no other draw yields, whatever the tape says: identity is no choice.
    virtual Uuid DrawUuid() = 0;
  };

  explicit ChoiceStream(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  // In [0, n); n must be positive. `label` says what is decided, for traces.
  uint64_t Below(uint64_t n, std::string_view label) {
    CHECK(n > 0);
    return n == 1 ? 0 : source_->Draw(n, label);
  }
  // True in `per_million` of a million draws; a zero draw is false.
  bool Chance(uint32_t per_million, std::string_view label) {
    if (per_million == 0) return false;
    return source_->Draw(1'000'000, label) >= 1'000'000u - per_million;
  }
  Uuid NewUuid() { return source_->DrawUuid(); }

 private:
  std::unique_ptr<Source> source_;
};

class Choices {
 public:
  virtual ~Choices() = default;
  // Opens the stream of (purpose, entity) of this node's present incarnation. Opening it again continues it.
  virtual ChoiceStream Stream(std::string_view purpose, std::string_view entity) = 0;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_CHOICES_H_
