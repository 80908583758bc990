#include "connector/wire/print.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/modified_utf8.h"
#include "connector/core/strings.h"
#include "connector/core/uuid.h"
#include "connector/wire/commands.h"
#include "connector/wire/fields.h"

namespace pravega::wire {
namespace {

constexpr size_t kShownBytes = 32;    // of data
constexpr size_t kShownText = 160;    // bytes of a string
constexpr size_t kShownElements = 8;  // of a list

void AppendHex(std::string_view bytes, std::string* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned char byte : bytes) {
    out->push_back(kDigits[byte >> 4]);
    out->push_back(kDigits[byte & 15]);
  }
}

void Print(const Buffer& value, std::string* out) {
  out->append(StrCat(value.size(), value.size() == 1 ? " byte" : " bytes"));
  if (value.empty()) return;
  out->push_back(' ');
  AppendHex(value.view().substr(0, kShownBytes), out);
  if (value.size() > kShownBytes) out->append("...");
}

void Print(const std::string& value, std::string* out) {
  std::string_view shown = FittingPrefix(value, kShownText);
  out->push_back('"');
  for (char c : shown) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out->append("\\x");
      AppendHex(std::string_view(&c, 1), out);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
  if (shown.size() < value.size()) out->append(StrCat("... (", value.size(), " bytes)"));
}

void Print(bool value, std::string* out) { out->append(value ? "true" : "false"); }
template <typename T>
  requires std::is_integral_v<T>
void Print(T value, std::string* out) {
  out->append(StrCat(value));
}
template <typename T>
  requires std::is_enum_v<T>
void Print(T value, std::string* out) {
  out->append(StrCat(static_cast<std::underlying_type_t<T>>(value)));
}
template <typename T>
  requires requires(T value) {
    typename T::ValueType;
    value.value();
  }
void Print(const T& value, std::string* out) {
  out->append(StrCat(value.value()));
}
void Print(const EventNumber& value, std::string* out) {
  out->append(value == EventNumber::None() ? std::string("none") : StrCat(value.value()));
}
void Print(const Uuid& value, std::string* out) { out->append(value.ToString()); }
void Print(const WriterId& value, std::string* out) { Print(value.uuid, out); }

template <WireStruct T>
void Print(const T& value, std::string* out);

template <typename T>
void Print(const std::vector<T>& values, std::string* out) {
  out->push_back('[');
  for (size_t i = 0; i < std::min(values.size(), kShownElements); ++i) {
    if (i > 0) out->append(", ");
    Print(values[i], out);
  }
  if (values.size() > kShownElements) out->append(StrCat(", ... (", values.size(), " in all)"));
  out->push_back(']');
}

template <WireStruct T>
void Print(const T& value, std::string* out) {
  bool first = true;
  out->push_back('{');
  ForEachField<T>([&](const auto& field) {
    if (!first) out->append(", ");
    first = false;
    out->append(field.name);
    out->push_back('=');
    if (std::string_view(field.name) == "token") {
      // Of no use to a reader of logs, but of use to a thief.
      if constexpr (requires { (value.*field.member).size(); }) {
        out->append(StrCat("(", (value.*field.member).size(), " bytes)"));
      }
      return;
    }
    Print(value.*field.member, out);
  });
  out->push_back('}');
}

}  // namespace

std::string ToString(const Command& command) {
  return std::visit(
      [](const auto& c) {
        std::string out = c.kInfo.name;
        Print(c, &out);
        return out;
      },
      command);
}

std::ostream& operator<<(std::ostream& out, const Command& command) { return out << ToString(command); }

}  // namespace pravega::wire
