#include "connector/wire/commands.h"

#include <array>
#include <cstddef>
#include <utility>

namespace pravega::wire {
namespace {

template <typename Variant>
struct InfoTable;
template <typename... Commands>
struct InfoTable<std::variant<Commands...>> {
  static constexpr std::array<CommandInfo, sizeof...(Commands)> kInfos = {Commands::kInfo...};
};

constexpr auto& kInfos = InfoTable<AnyCommand>::kInfos;
static_assert(kInfos.size() == 70);

constexpr bool Ascending() {
  for (size_t i = 1; i < kInfos.size(); ++i) {
    if (kInfos[i - 1].code() >= kInfos[i].code()) return false;
  }
  return true;
}
static_assert(Ascending());

// Fields that may be absent stand behind those that may not, and nothing follows one that takes the rest.
template <typename T>
constexpr bool WellFormed() {
  bool well_formed = true;
  bool trailing = false;
  bool rest = false;
  ForEachField<T>([&](const auto& field) {
    if (rest || (trailing && !field.kTrailing)) well_formed = false;
    trailing = field.kTrailing;
    rest = field.kEncoding == Encoding::kRest;
  });
  return well_formed;
}

template <size_t... kIndices>
constexpr bool AllWellFormed(std::index_sequence<kIndices...>) {
  return (WellFormed<std::variant_alternative_t<kIndices, AnyCommand>>() && ...);
}
static_assert(AllWellFormed(std::make_index_sequence<kInfos.size()>()));

constexpr int32_t kLowest = kInfos.front().code();
constexpr int32_t kHighest = kInfos.back().code();

constexpr auto kIndexByCode = [] {
  std::array<int8_t, kHighest - kLowest + 1> index{};
  index.fill(-1);
  for (size_t i = 0; i < kInfos.size(); ++i) index[kInfos[i].code() - kLowest] = static_cast<int8_t>(i);
  return index;
}();

}  // namespace

Command::Command(const Command&) = default;
Command::Command(Command&&) noexcept = default;
Command& Command::operator=(const Command&) = default;
Command& Command::operator=(Command&&) noexcept = default;
Command::~Command() = default;

std::span<const CommandInfo> AllCommands() { return kInfos; }

int IndexOfCode(int32_t code) {
  if (code < kLowest || code > kHighest) return -1;
  return kIndexByCode[code - kLowest];
}

const CommandInfo* FindCommand(int32_t code) {
  int index = IndexOfCode(code);
  return index < 0 ? nullptr : &kInfos[index];
}

const CommandInfo& InfoOf(const Command& command) { return kInfos[command.index()]; }

std::string_view CommandName(CommandType type) {
  const CommandInfo* info = FindCommand(static_cast<int32_t>(type));
  return info == nullptr ? "unknown" : info->name;
}

std::optional<RequestId> RequestIdOf(const Command& command) {
  return std::visit(
      [](const auto& c) -> std::optional<RequestId> {
        if constexpr (requires { c.request_id; }) {
          return c.request_id;
        } else {
          return std::nullopt;
        }
      },
      command);
}

std::string_view SegmentOf(const Command& command) {
  return std::visit(
      [](const auto& c) -> std::string_view {
        if constexpr (requires { c.segment; }) {
          return c.segment;
        } else if constexpr (requires { c.target; }) {
          return c.target;
        } else if constexpr (requires { c.parent_segment; }) {
          return c.parent_segment;
        } else {
          return {};
        }
      },
      command);
}

}  // namespace pravega::wire
