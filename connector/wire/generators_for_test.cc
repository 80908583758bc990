#include "connector/wire/generators_for_test.h"

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/uuid.h"
#include "connector/wire/fields.h"
#include "rapidcheck.h"

namespace pravega::wire {
namespace {

// Integers of all widths are cut from one generator, which keeps this file quick to compile; extremes are frequent.
int64_t DrawInt64() {
  static const rc::Gen<int64_t> kGen = rc::gen::oneOf(
      rc::gen::arbitrary<int64_t>(),
      rc::gen::element<int64_t>(0, -1, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
  return *kGen;
}

size_t DrawBelow(size_t bound) { return *rc::gen::inRange<size_t>(0, bound); }

void Draw(bool* out) { *out = DrawBelow(2) == 1; }
template <typename T>
  requires std::is_integral_v<T>
void Draw(T* out) {
  *out = static_cast<T>(DrawInt64());
}
template <typename T>
  requires std::is_enum_v<T>
void Draw(T* out) {
  *out = static_cast<T>(DrawInt64());
}
template <typename T>
  requires requires(T value) {
    typename T::ValueType;
    value.value();
  }
void Draw(T* out) {
  *out = T(static_cast<typename T::ValueType>(DrawInt64()));
}
void Draw(Uuid* out) {
  Draw(&out->high);
  Draw(&out->low);
}
void Draw(WriterId* out) { Draw(&out->uuid); }

// Characters of every kind that has an encoding of its own; no surrogates, for two of them may meet.
void Draw(std::string* out) {
  static const std::vector<std::string> kCharacters = {std::string(1, '\0'),
                                                       "a",
                                                       "/",
                                                       "#",
                                                       "\x7f",
                                                       "\xc2\x80",
                                                       "\xc3\xa9",
                                                       "\xe4\xb8\xad",
                                                       "\xef\xbf\xbf",
                                                       "\xf0\x90\x80\x80",
                                                       "\xf0\x9f\x98\x80"};
  size_t size = DrawBelow(12);
  for (size_t i = 0; i < size; ++i) *out += kCharacters[DrawBelow(kCharacters.size())];
}

// Small data are copied when they are encoded, large ones gathered: both sides of the border.
void Draw(Buffer* out) {
  static const rc::Gen<std::string> kGen = rc::gen::arbitrary<std::string>();
  std::string bytes = *kGen;
  if (DrawBelow(4) == 3) bytes.resize(250 + DrawBelow(10), 'x');
  *out = Buffer(std::move(bytes));
}

template <WireStruct T>
void Draw(T* out);

template <typename T>
void Draw(std::vector<T>* out) {
  out->resize(DrawBelow(5));
  for (T& value : *out) Draw(&value);
}

template <WireStruct T>
void Draw(T* out) {
  ForEachField<T>([out](const auto& field) { Draw(&(out->*field.member)); });
  if constexpr (std::is_same_v<T, TableKey>) {
    // The one value that does not come back as it was: an empty key has no version on the wire.
    if (out->key.empty()) out->version = TableKey::kNoVersion;
  }
}

template <size_t kIndex>
Command DrawAlternative() {
  Command command{std::in_place_index<kIndex>};
  Draw(&std::get<kIndex>(command));
  return command;
}

template <size_t... kIndices>
Command DrawAt(size_t index, std::index_sequence<kIndices...>) {
  static constexpr Command (*kDraw[])() = {&DrawAlternative<kIndices>...};
  return kDraw[index]();
}

}  // namespace

Command DrawCommand(size_t index) { return DrawAt(index, std::make_index_sequence<std::variant_size_v<AnyCommand>>()); }

Command DrawAnyCommand() { return DrawCommand(DrawBelow(std::variant_size_v<AnyCommand>)); }

}  // namespace pravega::wire
