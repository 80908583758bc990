// SeededChoices: choices of a node that follow from a seed.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_SEEDED_CHOICES_H_
#define PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_SEEDED_CHOICES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "connector/runtime/choices.h"

namespace pravega::runtime {

// Each draw is a function of (seed, node, incarnation, purpose, entity, number of the draw in its stream) alone, so two
// streams never influence each other. Not for secrets. Thread-compatible; streams may outlive it.
class SeededChoices : public Choices {
 public:
  SeededChoices(uint64_t seed, std::string_view node, uint64_t incarnation);
  ChoiceStream Stream(std::string_view purpose, std::string_view entity) override;

 private:
  uint64_t key_;
  std::map<uint64_t, std::shared_ptr<uint64_t>> drawn_;  // by stream: how many draws it has made
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_INPROCESS_SEEDED_CHOICES_H_
