#include "connector/runtime/inprocess/seeded_choices.h"

#include <utility>

namespace pravega::runtime {

namespace {

// The finaliser of SplitMix64: every bit of the input changes half of the output's.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

uint64_t Mix(uint64_t a, uint64_t b) { return Mix(Mix(a) ^ b); }

uint64_t MixText(uint64_t key, std::string_view text) {
  for (char c : text) key = Mix(key, static_cast<uint8_t>(c));
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  return Mix(key, text.size());
}

class SeededSource : public ChoiceStream::Source {
 public:
  SeededSource(uint64_t key, std::shared_ptr<uint64_t> drawn) : key_(key), drawn_(std::move(drawn)) {}

  uint64_t Draw(uint64_t bound, std::string_view) override {
    // The high half of the product: in [0, bound), and off uniform by less than bound / 2^64.
    unsigned __int128 product = static_cast<unsigned __int128>(Mix(key_, (*drawn_)++)) * bound;
    return static_cast<uint64_t>(product >> 64);
  }

  Uuid DrawUuid() override {
    uint64_t base = Mix(key_, (*drawn_)++);
    Uuid uuid{Mix(base, 1), Mix(base, 2)};
    // Version 4, variant 1: the form of a random UUID.
    uuid.high = (uuid.high & ~uint64_t{0xf000}) | 0x4000;
    uuid.low = (uuid.low & ~(uint64_t{3} << 62)) | uint64_t{1} << 63;
    return uuid;
  }

 private:
  uint64_t key_;
  std::shared_ptr<uint64_t> drawn_;
};

}  // namespace

SeededChoices::SeededChoices(uint64_t seed, std::string_view node, uint64_t incarnation)
    : key_(Mix(MixText(Mix(seed), node), incarnation)) {}

ChoiceStream SeededChoices::Stream(std::string_view purpose, std::string_view entity) {
  uint64_t key = MixText(MixText(key_, purpose), entity);
  std::shared_ptr<uint64_t>& drawn = drawn_[key];
  if (drawn == nullptr) drawn = std::make_shared<uint64_t>(0);
  return ChoiceStream(std::make_unique<SeededSource>(key, drawn));
}

}  // namespace pravega::runtime
