// The command line of pravega-sim against any words.
//
// Input: the words, one a line. Holds for every input: it is refused with a reason, or it is a command whose parts are
// what the flags promise.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/core/check.h"
#include "scenarios/cli/flags.h"

namespace pravega::scenarios {
namespace {

void Run(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find('\n'));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    words.emplace_back(word);
  }
  absl::StatusOr<CommandLine> command = ParseCommandLine(words);
  if (!command.ok()) {
    CHECK(!command.status().message().empty());
    return;
  }
  if (const auto* run = std::get_if<RunCommand>(&*command)) {
    CHECK(run->seeds.size() <= 1'000'000);
    CHECK(run->seeds.empty() == !run->tape_file.empty());
    CHECK(run->seeds.size() <= 1 || (run->history_file.empty() && run->trace_file.empty()));
  }
}

}  // namespace
}  // namespace pravega::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pravega::scenarios::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
