// Scenarios against any bytes.
//
// Input: the text of a YAML file. Holds for every input: it is refused in one line that begins with its place, or it is
// a scenario, which printed and read again is the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "scenarios/model/scenario.h"
#include "scenarios/model/yaml.h"
#include "scenarios/runner/names.h"

namespace pravega::scenarios {
namespace {

void Run(std::string_view text) {
  absl::StatusOr<Scenario> scenario = ParseScenario(text, "f.yaml", KnownNames());
  if (!scenario.ok()) {
    const std::string_view message = ToStd(scenario.status().message());
    CHECK(message.starts_with("f.yaml:"));
    CHECK(message.size() > 20);
    CHECK(message.size() < 2000);
    return;
  }
  const std::string printed = PrintScenario(*scenario);
  absl::StatusOr<Scenario> again = ParseScenario(printed, "printed.yaml", KnownNames());
  CHECK_MSG(again.ok(), std::string(again.status().message()));
  CHECK(*again == *scenario);
}

}  // namespace
}  // namespace pravega::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pravega::scenarios::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
