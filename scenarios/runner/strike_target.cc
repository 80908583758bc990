#include "scenarios/runner/strike_target.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "connector/core/check.h"

namespace pravega::scenarios {
namespace {

// The words of a strike's target: "cut of writer-1 -> store-1", "AppendBlockEnd on s/e/0.#epoch.0 at store-1".
std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    words.push_back(word);
  }
  return words;
}

bool IsClient(std::string_view word) {
  return word == "admin" || word.starts_with("writer-") || word.starts_with("reader-");
}

// Processes are called as their machine, with ".N" for its later lives.
bool RunsOn(std::string_view process, std::string_view machine) {
  return process == machine || (process.starts_with(machine) && process.substr(machine.size()).starts_with("."));
}

template <typename... Kinds>
bool IsOneOf(const Operation& op) {
  return ((op.As<Kinds>() != nullptr) || ...);
}

bool IsScale(const Operation& op) { return op.AsBoxed<StreamScale>() != nullptr; }
bool IsCommit(const Operation& op) { return IsOneOf<TxnCommit>(op); }
// A reader that waits is always there: it says the least.
bool Waits(const Operation& op) { return IsOneOf<Reading, Read, ReadCheckpoint, ReadEnd>(op); }

// Whether requests called `command` are sent while the operation is under way, on its behalf.
bool Serves(std::string_view command, const Operation& op) {
  if (command.starts_with("Append") || command == "SetupAppend") return IsOneOf<Write>(op);
  if (command == "commitTransaction") return IsCommit(op);
  if (command == "createTransaction") return IsOneOf<TxnBegin>(op);
  if (command == "pingTransaction") return IsOneOf<TxnPing>(op);
  if (command == "abortTransaction") return IsOneOf<TxnAbort>(op);
  if (command == "checkTransactionState") return IsOneOf<TxnStatus>(op);
  if (command == "ReadSegment") return Waits(op) || IsOneOf<ReadBack>(op);
  return command.starts_with("scale") && IsScale(op);
}

// The last operation before `strike` that `is`; of what a server goes on with after its caller has been answered.
template <typename Is>
const Operation* LastBefore(const History& history, const Operation& strike, Is is) {
  const std::vector<Operation>& operations = history.operations();
  for (auto op = operations.rbegin(); op != operations.rend(); ++op) {
    if (op->id < strike.id && is(*op)) return &*op;
  }
  return nullptr;
}

}  // namespace

const Operation* OperationStruck(const History& history, const Operation& strike) {
  const auto* details = strike.As<FaultStrike>();
  CHECK(details != nullptr);
  const std::string_view target = history.Name(details->target);
  if (target.starts_with("split of") || target.starts_with("merge of")) return LastBefore(history, strike, IsScale);
  if (target.starts_with("MergeSegments")) return LastBefore(history, strike, IsCommit);

  std::vector<const Operation*> pending;
  for (OpId id : details->pending) {
    if (const Operation* op = history.Find(id)) pending.push_back(op);
  }
  auto first = [&pending](auto is) -> const Operation* {
    auto found = std::find_if(pending.begin(), pending.end(), [&](const Operation* op) { return is(*op); });
    return found == pending.end() ? nullptr : *found;
  };
  const std::vector<std::string_view> words = WordsOf(target);
  auto client = std::find_if(words.begin(), words.end(), IsClient);
  if (client != words.end()) {
    return first([&](const Operation& op) { return RunsOn(history.Name(op.process), *client); });
  }
  const Operation* hit = nullptr;
  if (!words.empty()) hit = first([&](const Operation& op) { return Serves(words.front(), op); });
  // A machine that crashes or is paused, links between servers.
  if (hit == nullptr && target.find("controller-") != std::string_view::npos) {
    hit = first(IsScale);
    if (hit == nullptr)
      hit = first([](const Operation& op) { return IsOneOf<TxnBegin, TxnCommit, TxnAbort, TxnPing>(op); });
  }
  if (hit == nullptr) hit = first([](const Operation& op) { return IsOneOf<Write>(op); });
  if (hit == nullptr) hit = first([](const Operation& op) { return !Waits(op); });
  return hit != nullptr ? hit : first([](const Operation&) { return true; });
}

}  // namespace pravega::scenarios
