#include "connector/core/container_mapper.h"

#include <cmath>

#include "connector/core/check.h"
#include "connector/core/java_string.h"
#include "connector/core/murmur3.h"
#include "connector/core/names.h"

namespace pravega {

int32_t ContainerIndex(std::string_view container_key, int32_t containers) {
  CHECK(containers > 0);
  static const uint64_t kSeed = SeedOf(JavaStringHash("SegmentToContainerMapper"));
  uint64_t state = Murmur3(Utf16LittleEndian(container_key), kSeed).h1;
  // Jump consistent hash, with Guava's generator: Java and we must agree in every bit of the doubles.
  int32_t candidate = 0;
  while (true) {
    state = state * 2862933555777941757u + 1;
    // The sum wraps to a negative number once in 2^31 states, as it does in Java.
    double d = static_cast<double>(static_cast<int32_t>(static_cast<uint32_t>(state >> 33) + 1)) / 2147483648.0;
    double next = std::trunc((candidate + 1) / d);
    // The double may exceed every int32: compare before converting.
    if (!(next >= 0 && next < containers)) return candidate;
    candidate = static_cast<int32_t>(next);
  }
}

ContainerId ContainerOf(std::string_view segment_name, int32_t containers) {
  return ContainerId(ContainerIndex(ContainerKey(segment_name), containers));
}

}  // namespace pravega
