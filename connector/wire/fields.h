// The vocabulary in which commands are declared.
//
// A wire structure is a plain struct with a static Fields(visit), which calls visit(field...) with all its fields in
// wire order. That list is the one source of truth; encoding, decoding, printing, equality and the generators of the
// property tests are all derived from it. (It is a template so that a source that only handles commands does not pay
// for the types of the fields: with all 70 commands that is half of its compile time.) How a field is encoded follows
// from its C++ type:
//
//   bool                            1 byte, 0 or 1 (any other value is read as true)
//   int8_t and enums over it        1 byte
//   int32_t and enums over it       4 bytes, big-endian, two's complement
//   int64_t and strong ids          8 or 4 bytes, as wide as the id
//   Uuid, WriterId                  16 bytes in the order of the text form
//   std::string                     UTF-8 in memory; on the wire a 16-bit byte count and modified UTF-8
//   Buffer                          32-bit byte count and the bytes, unless Encoding says otherwise
//   std::vector<T>                  32-bit count and the elements back to back
//   a wire structure                its fields back to back (TableKey and IteratorArgs have rules of their own)
//
// Every member has an initialiser, so that a designated initialiser may leave out what does not matter to it.
#ifndef PRAVEGA_CONNECTOR_WIRE_FIELDS_H_
#define PRAVEGA_CONNECTOR_WIRE_FIELDS_H_

namespace pravega::wire {

// Encodings of a Buffer that its type cannot tell.
enum class Encoding {
  kByType,
  kRest,        // all remaining bytes of the payload
  kEventFrame,  // the framing of a stored event: int32 0, int32 count, bytes
  kTableValue,  // int32 total = 4 + count (ignored when read), int32 count, bytes
};

template <Encoding kEncodingValue, bool kTrailingValue, typename Class, typename Type>
struct Field {
  static constexpr Encoding kEncoding = kEncodingValue;
  // May be absent at the end of a payload; then it keeps the value of its member's initialiser, and all fields behind
  // it are absent too. Always written.
  static constexpr bool kTrailing = kTrailingValue;
  using ValueType = Type;

  const char* name;  // as in the protocol's description
  Type Class::* member;
};

template <Encoding kEncoding = Encoding::kByType, typename Class, typename Type>
constexpr Field<kEncoding, false, Class, Type> Required(const char* name, Type Class::* member) {
  return {name, member};
}

template <typename Class, typename Type>
constexpr Field<Encoding::kByType, true, Class, Type> Trailing(const char* name, Type Class::* member) {
  return {name, member};
}

template <typename T>
concept WireStruct = requires { T::Fields([](const auto&...) {}); };

// Calls visit(field) for each field of T in wire order.
template <WireStruct T, typename Visitor>
constexpr void ForEachField(Visitor&& visit) {
  T::Fields([&visit](const auto&... field) { (visit(field), ...); });
}

// Calls visit(field) in wire order while it returns true; returns whether all did.
template <WireStruct T, typename Visitor>
constexpr bool AllFields(Visitor&& visit) {
  return T::Fields([&visit](const auto&... field) { return (visit(field) && ...); });
}

template <WireStruct T>
constexpr bool operator==(const T& a, const T& b) {
  return AllFields<T>([&](const auto& field) { return a.*field.member == b.*field.member; });
}

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_FIELDS_H_
