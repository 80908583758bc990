#include "simulator/world/tape.h"

#include "connector/core/check.h"

namespace pravega::sim {
namespace {

constexpr uint64_t kPlanStream = 0x706c616e;  // "plan"

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits with good avalanche.
uint64_t Finalise(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  x ^= x >> 31;
  return x;
}

// Multiplies and keeps the high half: maps 64 uniform bits to [0, bound) without a division. Zero stays zero.
uint64_t Scale(uint64_t bits, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits) * bound) >> 64);
}

void PutInt(std::string* out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

// Reads an integer; bytes beyond the end count as zero.
uint64_t TakeInt(std::string_view* in, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) {
    uint8_t byte = 0;
    if (!in->empty()) {
      byte = static_cast<uint8_t>(in->front());
      in->remove_prefix(1);
    }
    value = value << 8 | byte;
  }
  return value;
}

std::string_view TakeSection(std::string_view* in) {
  uint64_t length = TakeInt(in, 4);
  std::string_view section = in->substr(0, length);
  in->remove_prefix(section.size());
  return section;
}

void PutSection(std::string* out, const std::string& section) {
  PutInt(out, section.size(), 4);
  out->append(section);
}

}  // namespace

uint64_t MixHash(uint64_t a, uint64_t b) { return Finalise(a + 0x9e3779b97f4a7c15u * (b + 1)); }

uint64_t HashText(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

Tape Tape::FromSeed(uint64_t seed) {
  Tape tape;
  tape.seeded = true;
  tape.plan_from_seed = true;
  tape.seed = seed;
  return tape;
}

Tape Tape::FromBytes(std::string_view bytes) {
  Tape tape;
  std::string_view plan = TakeSection(&bytes);
  while (!plan.empty()) tape.plan.push_back(static_cast<uint32_t>(TakeInt(&plan, 4)));
  std::string_view schedule = TakeSection(&bytes);
  if (!schedule.empty()) {
    tape.seeded = true;
    tape.seed = TakeInt(&schedule, 8);
    tape.plan_from_seed = !schedule.empty() && schedule.front() != 0;
  }
  std::string_view overrides = TakeSection(&bytes);
  while (!overrides.empty()) {
    uint64_t stream = TakeInt(&overrides, 8);
    uint64_t index = TakeInt(&overrides, 8);
    uint64_t value = TakeInt(&overrides, 8);
    tape.overrides[{stream, index}] = value;
  }
  return tape;
}

std::string Tape::ToBytes() const {
  std::string out;
  std::string section;
  for (uint32_t value : plan) PutInt(&section, value, 4);
  PutSection(&out, section);
  section.clear();
  if (seeded) {
    PutInt(&section, seed, 8);
    section.push_back(plan_from_seed ? 1 : 0);
  }
  PutSection(&out, section);
  section.clear();
  for (const auto& [where, value] : overrides) {
    PutInt(&section, where.first, 8);
    PutInt(&section, where.second, 8);
    PutInt(&section, value, 8);
  }
  PutSection(&out, section);
  return out;
}

uint64_t Tape::Draw(uint64_t stream, uint64_t index, uint64_t bound) const {
  CHECK(bound > 0);
  if (!overrides.empty()) {
    auto found = overrides.find({stream, index});
    if (found != overrides.end()) return found->second % bound;
  }
  if (!seeded) return 0;
  return Scale(MixHash(MixHash(seed, stream), index), bound);
}

uint32_t PlanReader::Below(uint32_t n) {
  CHECK(n > 0);
  size_t index = drawn_.size();
  uint32_t value = 0;
  if (index < tape_.plan.size()) {
    value = tape_.plan[index] % n;
  } else if (tape_.plan_from_seed) {
    value = static_cast<uint32_t>(Scale(MixHash(MixHash(tape_.seed, kPlanStream), index), n));
  }
  drawn_.push_back(value);
  return value;
}

}  // namespace pravega::sim
