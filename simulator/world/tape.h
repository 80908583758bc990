// Tape: everything about a run that the program does not determine, as one value in two parts.
//
// The *plan* is the short list of choices that make the scenario (sizes, clients, faults, times). The *schedule* is all
// the rest: a counter-based generator keyed by (seed, stream, index), plus sparse overrides. Zero is always the calmest
// choice, and what the tape does not say is zero. Every sequence of bytes is a valid tape.
#ifndef PRAVEGA_SIMULATOR_WORLD_TAPE_H_
#define PRAVEGA_SIMULATOR_WORLD_TAPE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pravega::sim {

// Mixes words into one, equal on every machine. Not cryptographic.
uint64_t MixHash(uint64_t a, uint64_t b);
uint64_t HashText(std::string_view text);

struct Tape {
  // A tape that the seed alone fills: plan and schedule are drawn from it.
  static Tape FromSeed(uint64_t seed);
  // A tape of zeros: the calmest run.
  static Tape Calm() { return Tape(); }

  // Bytes: three sections, each an int32 length (big-endian) and that many bytes, cut short where the input ends:
  // plan (int32 big-endian values), schedule (uint64 seed, then a byte: non-zero if the plan goes on from the seed;
  // empty means no generator), overrides (24 bytes each: uint64 stream, uint64 index, uint64 value). Accepts any input;
  // a trailing part of an item is read as if zeros followed.
  static Tape FromBytes(std::string_view bytes);
  std::string ToBytes() const;

  friend bool operator==(const Tape&, const Tape&) = default;

  std::vector<uint32_t> plan;
  bool plan_from_seed = false;  // values beyond `plan` come from the seed instead of being zero
  bool seeded = false;          // whether the schedule has a generator
  uint64_t seed = 0;
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> overrides;  // (stream, index) -> value

  // The schedule's value for draw `index` of `stream`, in [0, bound).
  uint64_t Draw(uint64_t stream, uint64_t index, uint64_t bound) const;
};

// Reads the plan from front to back and remembers what it drew, so that a run from a seed can be shrunk as a plan.
class PlanReader {
 public:
  explicit PlanReader(const Tape& tape) : tape_(tape) {}
  // In [0, n), n > 0.
  uint32_t Below(uint32_t n);
  const std::vector<uint32_t>& drawn() const { return drawn_; }

 private:
  const Tape& tape_;
  std::vector<uint32_t> drawn_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_WORLD_TAPE_H_
